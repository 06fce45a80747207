/* What the window asks of a running program: pause, steps, knobs, answers, watches, breakpoints.  The thread
 * that answers frames writes it, the main thread looks at `attention` between ops, lines and nodes and parks
 * here.  Plain malloc and pthreads: both threads use it, and the door to memory (base/mem) belongs to the
 * main one. */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/frames.h"
#include "trace/wire.h"

typedef struct TeKnobSetting
{
  struct TeKnobSetting *next;
  char *name;
  char *text; /* a choice by its text, or NULL */
  double value;
} TeKnobSetting;

/* A replay's setting: the nth call (from 1) of a knob takes the value. */
typedef struct
{
  char *name;
  uint32_t nth;
  double value;
} TeKnobFeed;

typedef struct TeAnswer
{
  struct TeAnswer *next;
  char *text;
  size_t nbytes;
} TeAnswer;

typedef struct
{
  char *path, *condition; /* condition "" or an expression */
  uint32_t line;          /* 0: its condition is asked at every line */
  bool held;              /* such a condition, when it was asked last */
} TeBreakpoint;

typedef enum
{
  TE_MODE_RUN,
  TE_MODE_PAUSE, /* stop at the next point of any kind */
  TE_MODE_STEP,  /* stop at the count-th point of step_unit */
  TE_MODE_UNTIL, /* stop at the first point behind until_call, until_steps and until_lines, or before the next
                    op */
  TE_MODE_QUIT,  /* the interpreter is to end */
} TeMode;

typedef struct TeControl
{
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  volatile uint32_t attention; /* non-zero: the main thread must call te_control_point */
  TeMode mode;
  TeStepUnit step_unit;
  uint32_t step_count;
  uint64_t until_call;
  uint32_t until_steps,
      until_lines;      /* TE_MODE_UNTIL: so many steps (te_record_is_step) and lines after the call */
  uint64_t lines_since; /* op call from which on lines are told; UINT64_MAX: they are not */
  bool parked;
  uint64_t waited_nsec; /* while parked and for answers, by the clock; the main thread's own */
  TeKnobSetting *knobs; /* latest first; one per name */
  uint32_t knob_version;
  TeKnobFeed *knob_feed; /* the main thread's own */
  size_t n_knob_feed;
  TeAnswer *answers, *last_answer;
  TeWatch *watches;
  size_t n_watches;
  uint32_t watch_version;
  TeBreakpoint *breakpoints;
  size_t n_breakpoints;
  uint32_t breakpoint_version;
  /* Tells the broker of a state; called by the main thread without the lock. */
  void (*tell_state) (struct TeControl *self, TeState state, const char *text);
  /* A step boundary: an iteration ended.  Called by the main thread with the GIL; may be NULL. */
  void (*boundary) (struct TeControl *self);
  void *owner;
} TeControl;

void te_control_init (TeControl *self);
void te_control_clear (TeControl *self);

/* ---- from the thread that answers frames ---- */
void te_control_pause (TeControl *self);
void te_control_continue (TeControl *self);
void te_control_step (TeControl *self, TeStepUnit unit, uint32_t count);
void te_control_until (TeControl *self, uint64_t call);
void te_control_quit (TeControl *self);
bool te_control_set_knob (TeControl *self, const char *name, double value, const char *text);
bool te_control_answer (TeControl *self, const char *text, size_t nbytes);
bool te_control_set_watches (TeControl *self, const TeWatch *watches, size_t n);
void te_control_take_breakpoints (TeControl *self, TeBreakpoint *breakpoints, size_t n); /* takes over */
void te_breakpoints_free (TeBreakpoint *breakpoints, size_t n);

/* ---- from the main thread ---- */

/* A point of the given kind was reached: true when the program must park here. */
bool te_control_point (TeControl *self, TeStepUnit unit);
/* Waits while parked.  still_fine is asked every 20 ms and ends the wait with false (an interrupt). */
bool te_control_park (TeControl *self, bool (*still_fine) (void *), void *ctx);
/* The next answer; waits as te_control_park does.  Owned text, or NULL when the wait was ended. */
char *te_control_take_answer (TeControl *self, size_t *nbytes, bool (*still_fine) (void *), void *ctx);
void te_control_drop_answers (TeControl *self);
void te_control_take_knob_feed (TeControl *self, TeKnobFeed *feed, size_t n); /* takes over */
bool te_control_fed_knob (const TeControl *self, const char *name, uint32_t nth, double *value);
