/* Every record that arrives is looked at here once; what passes may be read without further checks. */
#pragma once

#include <glib.h>

#include "trace/record.h"
#include "trace/wire.h"

G_BEGIN_DECLS

/* te_record_check and more: no tensor reaches beyond what 64 bits count, so that pictures may do sums freely. */
gboolean gb_record_check (const TeRecord *record, gsize nbytes);

/* The parts of checked records. */
const TeWireTensor *gb_record_output (const TeRecordOpEnd *end, guint nth); /* NULL: out of range */
const guint8 *gb_values_data (const TeFactValues *values);
/* kind 0: starts (ndim) then extents (ndim). */
const gint64 *gb_values_starts (const TeFactValues *values);

G_END_DECLS
