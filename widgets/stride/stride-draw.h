#pragma once

#include "stride/stride-layout.h"

G_BEGIN_DECLS

/* Everything depends on the element that is looked at, so there is no overlay. */
void gb_stride_draw (const GbStrideLayout *layout, GbSelection *selection, const GbDrawContext *ctx,
                     GtkSnapshot *snapshot);
/* "y[2, 1]" */
char *gb_stride_element_text (const GbStrideOwner *owner);
/* "0 + 2·1 + 1·4 = 6" */
char *gb_stride_sum_text (const GbTensor *tensor, const gint64 *index);

G_END_DECLS
