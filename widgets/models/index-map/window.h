/* The window that a convolution or a pool slides over its input: how large it is, how far it steps, what it
 * reads at a place, and how much of an earlier tensor one number of its result sees. */
#pragma once

#include "models/tensor-values.h"

G_BEGIN_DECLS

#define GB_WINDOW_MOST_AXES 3

typedef enum
{
  GB_WINDOW_CONV,
  GB_WINDOW_TRANSPOSED, /* a convolution's gradient as an op of its own: it spreads */
  GB_WINDOW_LARGEST,
  GB_WINDOW_MEAN,
} GbWindowKind;

typedef struct
{
  GbWindowKind kind;
  gboolean is_adaptive; /* sizes of windows differ from place to place */
  gboolean is_same;     /* padding='same' */
  gboolean rounds_up;   /* ceil_mode */
  int n, lead;          /* spatial axes, and axes before them */
  gint64 kernel[GB_WINDOW_MOST_AXES], stride[GB_WINDOW_MOST_AXES], padding[GB_WINDOW_MOST_AXES],
      dilation[GB_WINDOW_MOST_AXES];
  gint64 groups;
  GbTensor input, output;
  gboolean has_weight, has_bias;
  GbTensor weight, bias;
} GbWindow;

/* FALSE: the op slides no window, or was not recorded whole. */
gboolean gb_window_of_op (GbTrace *trace, const GbOp *op, GbWindow *window);
/* What the window at `place` of the result reads along one spatial axis: `count` elements, `step` apart, from
 * `first` on (which may lie in the padding). */
void
gb_window_span (const GbWindow *self, int axis, gint64 place, gint64 *first, gint64 *count, gint64 *step);
/* Places of the result whose windows read element `at` along one axis: from first to last, in between every
 * one that gb_window_reads says. */
gboolean gb_window_reads (const GbWindow *self, int axis, gint64 place, gint64 at);
/* How many elements along each of the last spatial axes of an earlier tensor one element of the result sees,
 * back through windows and ops that keep places.  Returns that tensor (the input of the first window). */
guint64 gb_window_receptive_field (GbTrace *trace, const GbOp *op, gint64 *sizes);

G_END_DECLS
