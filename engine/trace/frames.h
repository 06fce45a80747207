/* Broker to interpreter: fixed-size heads with a payload over a stream socketpair.  No GLib on either path, so that
 * an interpreter can fork.  Requests carry an id that the reply repeats. */
#pragma once

#include <stdint.h>

typedef struct
{
  uint32_t magic; /* TE_FRAME_MAGIC */
  uint32_t type;  /* TeFrameType */
  uint32_t id;
  uint32_t nbytes; /* of the payload, at most TE_FRAME_MAX */
} TeFrame;

#define TE_FRAME_MAGIC 0x52464447u
#define TE_FRAME_MAX (16u << 20)

typedef enum
{
  /* to the interpreter */
  TE_FRAME_EXECUTE = 1,   /* JSON {"path":…, "text":…, "argv":[…], "seed":…, "mode":"main"|"cell"} */
  TE_FRAME_CONTINUE = 2,
  TE_FRAME_STEP = 3,      /* uint32 TeStepUnit, uint32 count */
  TE_FRAME_SET_KNOB = 4,  /* JSON {"name":…, "value":…} */
  TE_FRAME_ANSWER = 5,    /* text for input(), or a prediction as JSON */
  TE_FRAME_WATCH = 6,     /* TeWatch[] : replaces the whole subscription */
  TE_FRAME_BREAKPOINTS = 7, /* JSON [{"path":…, "line":…, "condition":…}] */
  TE_FRAME_INSPECT = 8,   /* JSON {"what":"names"|"tensor"|"complete", …}; reply JSON */
  TE_FRAME_QUIT = 9,
  TE_FRAME_PAUSE = 10,
  TE_FRAME_REWIND = 11,   /* to a snapshot: JSON: a feed (kernel/pins.h) and {"until": op call}: go on */
  /* from the interpreter */
  TE_FRAME_READY = 64,    /* JSON {"pid":…, "version":…, "sandbox":{…}} */
  TE_FRAME_REPLY = 65,    /* same id */
  TE_FRAME_ERROR = 66,    /* same id; text */
  TE_FRAME_STATE = 67,    /* uint32 TeState, then text */
  /* From the interpreter, with the channel of a new snapshot; from the snapshot, on its channel: JSON {"seq":…,
   * "call":…, "iteration":…, "execute": id of the execution it is of} */
  TE_FRAME_SNAPSHOT = 68,
} TeFrameType;

typedef enum
{
  TE_STEP_LINE = 1,
  TE_STEP_OP = 2,
  TE_STEP_NODE = 3,
  TE_STEP_ITERATION = 4,
  TE_STEP_MODULE = 5, /* the next module that is called from where it stands has returned, or the one where it stands */
  TE_STEP_INTO = 6,   /* at the first line, or op, of the next module's forward */
} TeStepUnit;
