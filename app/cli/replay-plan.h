/* What a recording says about running its program again. */
#pragma once

#include "cli/program-path.h"
#include "trace/comparison.h"

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct
{
  GbProgram *program;
  char *text;           /* of the program as it ran */
  char **argv;          /* of the program, without its own name */
  char *processor;      /* as the kernel names it, and the BLAS kernels taken */
  char *feed;           /* JSON for the interpreter: entropy, clock, knobs, files */
  GPtrArray *contents;  /* GBytes of the nth file that the feed names, gb_replay_content_name (n) */
  GQueue inputs;        /* char *, in the order of asking */
  guint64 last_seq;     /* records up to this one are compared */
  gboolean complete;    /* the recording has an end; otherwise it was cut */
  gboolean interrupted; /* last_seq is where a person interrupted it */
  gboolean had_threads; /* of Python, beside the main one */
  gboolean wound_back; /* not one run from its start to its end */
  gboolean has_hashes, has_gradients, has_training, has_files;
  gboolean has_gaps; /* structure is missing: nothing behind it can be compared */
  gboolean detail_gaps;
} GbReplayPlan;

/* gb_replay_plan_new: reads the whole recording once.  NULL with a sentence in error when it is none, or
 * holds no program. */
GbReplayPlan *gb_replay_plan_new (const char *path, GError **error);
void gb_replay_plan_free (GbReplayPlan *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbReplayPlan, gb_replay_plan_free)

char *gb_replay_content_name (guint nth); /* beside the feed */

/* "cpu, blas" of a BEGIN record; NULL when it does not say. */
char *gb_replay_processor (const TeRecordBegin *begin);

G_END_DECLS
