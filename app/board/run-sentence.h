/* One sentence about a run: what the matter is. */
#pragma once

#include "board/run-control.h"

G_BEGIN_DECLS

typedef struct
{
  GbRunState state;
  gboolean is_winding; /* on its way back to an earlier place */
  GbTrace *trace;
  GbTraceCursor *cursor;
  const char *end_reason; /* of the last end, or NULL */
  int end_signal;
} GbRunSentence;

/* In the current language: "Paused at conv2, line 13"; "" when there is nothing to say.  Owned. */
char *gb_run_sentence (const GbRunSentence *self);

G_END_DECLS
