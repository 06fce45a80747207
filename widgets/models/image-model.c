#include "models/image-model.h"

#include <math.h>
#include <string.h>

#include "core/dtype.h"

#define LEAST_SIDE    5
#define MOST_PICTURES 256
#define MOST_CLASSES  4096
#define LOOKS_BACK    20000 /* records */

/* ---- finding ---- */
/* (pictures, 1 or 3, height, width), and nothing that is trained or came out of a layer with as few channels.
 */
static gboolean
is_batch (const GbTensor *t)
{
  return t->ndim == 4 && (t->sizes[1] == 1 || t->sizes[1] == 3) && t->sizes[0] > 0
         && t->sizes[2] >= LEAST_SIDE && t->sizes[3] >= LEAST_SIDE
         && !(t->flags & (TE_WIRE_PARAMETER | TE_WIRE_BUFFER | TE_WIRE_REQUIRES_GRAD))
         && !te_dtype_is_complex (t->dtype);
}

/* Asked for by name, pictures without a dimension of channels count as well. */
static gboolean
can_be_batch (const GbTensor *t)
{
  return is_batch (t)
         || (t->ndim == 3 && t->sizes[0] > 0 && t->sizes[1] >= LEAST_SIDE && t->sizes[2] >= LEAST_SIDE
             && !te_dtype_is_complex (t->dtype));
}

static guint64
find_told (GbTrace *trace, guint64 seq)
{
  g_autoptr (GArray) ids = gb_trace_list_fact_ids (trace, TE_FACT_VALUES);
  guint64 unnamed = 0;
  GbTensor t;

  for (guint i = ids->len, looked = 0; i > 0 && looked < 4096; i--, looked++)
    {
      guint64 id = g_array_index (ids, guint64, i - 1);
      if (!gb_trace_get_tensor (trace, id, seq, &t) || !is_batch (&t)
          || !gb_trace_get_values (trace, id, 0, seq))
        continue;
      if (gb_trace_get_tensor_name (trace, id, seq))
        return id;
      unnamed = unnamed ? unnamed : id;
    }
  return unnamed;
}

guint64
gb_images_find (GbTraceCursor *cursor, GbSelection *selection)
{
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  guint64 seq = gb_trace_cursor_get_position (cursor),
          chosen = selection ? gb_selection_get_tensor (selection) : 0;
  guint n = gb_trace_get_n_shows (trace);
  GbTensor t;

  chosen = chosen ? gb_trace_follow_tensor (trace, chosen, seq) : 0;
  if (chosen && gb_trace_get_tensor (trace, chosen, seq, &t) && can_be_batch (&t))
    return chosen;
  for (guint i = n; i > 0 && i + 64 > n; i--)
    {
      const GbShow *show = gb_trace_get_show (trace, i - 1);
      if (show->seq <= seq && strcmp (show->view, "imgs") == 0
          && gb_trace_get_tensor (trace, show->tensor, seq, &t) && can_be_batch (&t))
        return show->tensor;
    }
  return find_told (trace, seq);
}

/* ---- elements ---- */
int
gb_images_index (const GbImages *self, guint nth, gint64 channel, gint64 y, gint64 x, gint64 *index)
{
  int d = 0;

  index[d++] = nth;
  if (self->values->tensor.ndim == 4)
    index[d++] = channel;
  index[d++] = y;
  index[d++] = x;
  return d;
}

gboolean
gb_images_get (const GbImages *self, guint nth, gint64 channel, gint64 y, gint64 x, double *value)
{
  gint64 index[GB_VALUES_MAX_NDIM];

  gb_images_index (self, nth, channel, y, x, index);
  return gb_tensor_values_get (self->values, index, value);
}

static gboolean
is_known (const GbImages *self, guint nth)
{
  double value;
  return gb_images_get (self, nth, 0, 0, 0, &value)
         && gb_images_get (self, nth, self->channels - 1, self->height - 1, self->width - 1, &value);
}

static void
find_range (GbImages *self)
{
  double value;

  self->low = INFINITY;
  self->high = -INFINITY;
  for (guint i = 0; i < self->images->len; i++)
    for (gint64 c = 0; c < self->channels; c++)
      for (gint64 y = 0; y < self->height; y++)
        for (gint64 x = 0; x < self->width; x++)
          if (gb_images_get (self, g_array_index (self->images, GbImage, i).nth, c, y, x, &value)
              && isfinite (value))
            {
              self->low = MIN (self->low, value);
              self->high = MAX (self->high, value);
            }
  if (!(self->low <= self->high))
    self->low = 0, self->high = 1;
}

/* ---- what was guessed ---- */
/* TRUE: a loss over classes with as many rows as there are pictures. */
static gboolean
is_loss (GbTrace *trace, guint64 seq, const GbOp *op, gint64 n, GbTensor *scores, GbTensor *labels)
{
  const char *name = gb_trace_op_name (trace, op);

  return (strcmp (name, "cross_entropy_loss") == 0 || strcmp (name, "nll_loss") == 0)
         && op->record->n_inputs >= 2 && gb_trace_get_tensor (trace, op->inputs[0], seq, scores)
         && gb_trace_get_tensor (trace, op->inputs[1], seq, labels) && scores->ndim == 2 && labels->ndim == 1
         && scores->sizes[0] == n && labels->sizes[0] == n && scores->sizes[1] <= MOST_CLASSES;
}

static gboolean
reads (const GbOp *op, guint64 tensor)
{
  for (guint i = 0; i < op->record->n_inputs; i++)
    if (op->inputs[i] == tensor)
      return TRUE;
  return FALSE;
}

/* The latest loss in whose iteration these very pictures were read: that of another batch judges others. */
static gboolean
find_loss (GbTrace *trace, guint64 seq, const GbTensor *pictures, GbTensor *scores, GbTensor *labels)
{
  GbTraceIter iter;
  const TeRecord *record;
  gboolean found = FALSE;

  gb_trace_iter_init_back (&iter, trace, seq);
  for (guint looked = 0; looked < LOOKS_BACK && (record = gb_trace_iter_previous (&iter)) != NULL; looked++)
    {
      GbOp op;
      if (record->type == TE_RECORD_ITERATION)
        found = FALSE;
      if (record->type != TE_RECORD_OP || !gb_trace_op_from_record (trace, (const TeRecordOp *) record, &op))
        continue;
      if (found && reads (&op, pictures->tensor))
        return TRUE;
      if (!found)
        found = is_loss (trace, seq, &op, pictures->sizes[0], scores, labels);
    }
  return FALSE;
}

/* softmax of a row of scores; of log-probabilities it gives the probabilities back. */
static void
judge (GbImage *image, const GbTensorValues *scores, const GbTensorValues *labels)
{
  gint64 at[2] = { image->nth, 0 };
  double most = -INFINITY, sum = 0, value, own = NAN;

  if (!gb_tensor_values_get (labels, at, &value))
    return;
  for (at[1] = 0; at[1] < scores->tensor.sizes[1]; at[1]++)
    {
      double score;
      if (!gb_tensor_values_get (scores, at, &score))
        return;
      if (score > most)
        most = score, image->best = (int) at[1];
      if (at[1] == (gint64) value)
        own = score;
    }
  image->label = (int) value;
  for (at[1] = 0; at[1] < scores->tensor.sizes[1]; at[1]++)
    {
      double score = 0;
      gb_tensor_values_get (scores, at, &score);
      sum += exp (score - most);
    }
  image->share = exp (own - most) / sum;
}

static int
compare_images (gconstpointer a, gconstpointer b)
{
  const GbImage *x = a, *y = b;
  double s = isnan (x->share) ? 2 : x->share, t = isnan (y->share) ? 2 : y->share;
  return s < t ? -1 : s > t ? 1 : (int) x->nth - (int) y->nth;
}

static void
judge_all (GbImages *self, GbTrace *trace, guint64 seq)
{
  GbTensor scores, labels;
  g_autoptr (GbTensorValues) score_values = NULL;
  g_autoptr (GbTensorValues) label_values = NULL;

  if (!find_loss (trace, seq, &self->values->tensor, &scores, &labels))
    return;
  score_values = gb_tensor_values_new (trace, scores.tensor, seq);
  label_values = gb_tensor_values_new (trace, labels.tensor, seq);
  if (score_values == NULL || label_values == NULL)
    return;
  for (guint i = 0; i < self->images->len; i++)
    {
      GbImage *image = &g_array_index (self->images, GbImage, i);
      judge (image, score_values, label_values);
      self->judged = self->judged || image->label >= 0;
    }
  if (self->judged)
    g_array_sort (self->images, compare_images);
}

GbImages *
gb_images_new (GbTraceCursor *cursor, GbSelection *selection)
{
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  guint64 seq = gb_trace_cursor_get_position (cursor), tensor = gb_images_find (cursor, selection);
  GbTensorValues *values = tensor ? gb_tensor_values_new (trace, tensor, seq) : NULL;
  GbImages *self;
  int first;

  if (values == NULL)
    return NULL;
  self = g_new0 (GbImages, 1);
  self->values = values;
  self->images = g_array_new (FALSE, FALSE, sizeof (GbImage));
  first = values->tensor.ndim == 4 ? 2 : 1;
  self->n = values->tensor.sizes[0];
  self->channels = values->tensor.ndim == 4 ? values->tensor.sizes[1] : 1;
  self->height = values->tensor.sizes[first];
  self->width = values->tensor.sizes[first + 1];
  for (guint i = 0; i < MIN (self->n, MOST_PICTURES) && is_known (self, i); i++)
    {
      GbImage image = { .nth = i, .label = -1, .best = -1, .share = NAN };
      g_array_append_val (self->images, image);
    }
  if (self->images->len == 0)
    {
      gb_images_free (self);
      return NULL;
    }
  find_range (self);
  judge_all (self, trace, seq);
  return self;
}

void
gb_images_free (GbImages *self)
{
  if (self == NULL)
    return;
  gb_tensor_values_free (self->values);
  g_array_unref (self->images);
  g_free (self);
}
