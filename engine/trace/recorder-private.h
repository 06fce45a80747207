/* What the recorder's files share: recorder.c writes the rings and the records, recorder-tables.c numbers what records
 * refer to. */
#pragma once

#include <string.h>

#include "trace/recorder.h"

#define TEXT_MAX_NBYTES (256u << 10) /* longer texts are cut: a record must fit the ring */

static inline size_t
te_recorder_cut (size_t nbytes)
{
  return nbytes > TEXT_MAX_NBYTES ? TEXT_MAX_NBYTES : nbytes;
}

static inline size_t
te_recorder_cut_text (const char *text)
{
  return text ? te_recorder_cut (strlen (text)) : 0;
}

void te_recorder_tables_clear (TeRecorder *self);
