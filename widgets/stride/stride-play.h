/* The playground: a view of a live tensor's storage whose offset, sizes and strides a hand sets.  Whatever is
 * set, no number outside the storage is read: each slider ends where the next step would. */
#pragma once

#include "models/tensor-values.h"

G_BEGIN_DECLS

#define GB_PLAY_MOST_AXES 4
#define GB_PLAY_MOST_SIZE 64 /* of an axis that is read again and again */

typedef struct
{
  gboolean on;
  guint64 tensor; /* that was dropped in */
  int ndim;
  gint64 sizes[GB_PLAY_MOST_AXES], strides[GB_PLAY_MOST_AXES], offset;
  int chosen; /* slider that keys move */
} GbStridePlay;

/* As the tensor is read: the start of every game. */
void gb_stride_play_take (GbStridePlay *self, const GbTensor *tensor);
/* Sliders: 0 the offset, then size and stride of each axis in turns. */
int gb_stride_play_n_sliders (const GbStridePlay *self);
gint64 gb_stride_play_get (const GbStridePlay *self, int slider);
/* The least and the largest value that keep every address within `extent`. */
void gb_stride_play_limits (const GbStridePlay *self, gint64 extent, int slider, gint64 *least, gint64 *most);
/* Sets what is asked for, or the nearest legal value. */
void gb_stride_play_set (GbStridePlay *self, gint64 extent, int slider, gint64 value);
/* One axis more (of size 1) or one less. FALSE: no room. */
gboolean gb_stride_play_add_axis (GbStridePlay *self);
gboolean gb_stride_play_remove_axis (GbStridePlay *self);
gint64 gb_stride_play_last_address (const GbStridePlay *self);
/* "offset", "size[1]", "stride[0]".  Owned. */
char *gb_stride_play_name (int slider);
/* "torch.as_strided(x, (3, 4), (4, 1), 0)".  Owned. */
char *gb_stride_play_call (const GbStridePlay *self, const char *label);
/* What such a view is: a msgid of one sentence. */
const char *gb_stride_play_meaning (const GbStridePlay *self);

G_END_DECLS
