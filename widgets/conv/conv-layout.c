#include "conv/conv-layout.h"

#include <math.h>
#include <string.h>

#include "common/i18n.h"
#include "core/dtype.h"

#define PAD            16
#define HEADLINE       30
#define TITLE          34
#define GAP            40
#define LINE           17
#define CELL_MAX       36
#define CELL_MIN       3
#define KERNEL_MAX     40
#define MOST_SHOWN     64 /* rows and columns of a sheet */
#define MOST_LOOKED_AT 6000

void
gb_conv_layout_free (GbConvLayout *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < GB_CONV_N_PARTS; i++)
    {
      gb_tensor_values_free (self->values[i]);
      g_free (self->labels[i]);
      g_free (self->sheets[i].title);
      g_free (self->sheets[i].shape);
    }
  gb_tensor_values_free (self->bias);
  for (guint i = 0; i < self->n_lines; i++)
    g_free (self->lines[i]);
  g_free (self->headline);
  g_free (self);
}

/* ---- which op ---- */

static gboolean
window_of_call (GbTrace *trace, guint64 call, GbWindow *window)
{
  GbOp op;
  return call && gb_trace_get_op (trace, call, &op) && gb_window_of_op (trace, &op, window);
}

static guint64
search (GbTrace *trace, guint64 seq)
{
  guint64 pool = 0;
  guint looked_at = 0;
  const TeRecord *record;
  GbTraceIter iter;
  GbWindow window;
  GbOp op;

  gb_trace_iter_init_back (&iter, trace, seq);
  while ((record = gb_trace_iter_previous (&iter)) && looked_at++ < MOST_LOOKED_AT)
    if (record->type == TE_RECORD_OP && gb_trace_op_from_record (trace, (const TeRecordOp *) record, &op)
        && !(op.record->flags & TE_WIRE_OP_BACKWARD) && gb_window_of_op (trace, &op, &window))
      {
        if (window.has_weight)
          return op.record->call;
        pool = pool ? pool : op.record->call;
      }
  return pool;
}

/* What the program showed last for this view, behind an op; 0: nothing, or nothing that a window made. */
static guint64
shown_call (GbTrace *trace, guint64 seq, guint64 behind)
{
  GbOp op;
  GbTensor tensor;
  GbWindow window;

  for (guint i = gb_trace_get_n_shows (trace); i-- > 0;)
    {
      const GbShow *show = gb_trace_get_show (trace, i);
      if (show->seq <= seq && g_strcmp0 (show->view, "conv") == 0)
        return !(behind && gb_trace_get_op (trace, behind, &op) && op.record->head.seq > show->seq)
                       && gb_trace_get_tensor (trace, show->tensor, show->seq, &tensor)
                       && window_of_call (trace, tensor.call, &window)
                   ? tensor.call
                   : 0;
    }
  return 0;
}

guint64
gb_conv_find (GbTraceCursor *cursor, GbSelection *selection)
{
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  guint64 seq = gb_trace_cursor_get_position (cursor), chosen = gb_selection_get_tensor (selection), last, shown;
  const GbPick *pin = gb_selection_get_pin (selection);
  GbTensor tensor;
  GbWindow window;

  if ((pin->facets & GB_PICK_OP) && window_of_call (trace, pin->call, &window))
    return pin->call;
  if (chosen && gb_trace_get_tensor (trace, gb_trace_follow_tensor (trace, chosen, seq), seq, &tensor)
      && window_of_call (trace, tensor.call, &window))
    return tensor.call;
  last = gb_trace_get_last_call_at (trace, seq);
  shown = shown_call (trace, seq, last);
  if (shown)
    return shown;
  if (!gb_trace_cursor_get_following (cursor) && window_of_call (trace, last, &window))
    return last;
  shown = shown_call (trace, seq, 0);
  return shown ? shown : search (trace, seq);
}

guint64
gb_conv_neighbour (GbTrace *trace, guint64 call, int direction)
{
  GbTraceIter iter;
  const TeRecord *record;
  guint looked_at = 0;
  GbWindow window;
  GbOp op;

  if (!gb_trace_get_op (trace, call, &op))
    return 0;
  if (direction > 0)
    gb_trace_iter_init (&iter, trace, op.record->head.seq + 1);
  else
    gb_trace_iter_init_back (&iter, trace, op.record->head.seq - 1);
  while ((record = direction > 0 ? gb_trace_iter_next (&iter) : gb_trace_iter_previous (&iter))
         && looked_at++ < MOST_LOOKED_AT)
    if (record->type == TE_RECORD_OP && gb_trace_op_from_record (trace, (const TeRecordOp *) record, &op)
        && !(op.record->flags & TE_WIRE_OP_BACKWARD) && gb_window_of_op (trace, &op, &window))
      return op.record->call;
  return 0;
}

/* ---- words ---- */

char *
gb_conv_size_text (const GbWindow *w, int axis)
{
  gint64 in = w->input.sizes[w->lead + axis], out = w->output.sizes[w->lead + axis];
  gint64 k = w->kernel[axis], s = w->stride[axis], p = w->padding[axis], d = w->dilation[axis];
  const char *name = axis == w->n - 1 ? _ ("columns") : axis == w->n - 2 ? _ ("rows") : _ ("layers");

  if (w->is_adaptive)
    return g_strdup_printf (_ ("%s: %ld windows share out %ld elements"), name, out, in);
  if (w->is_same)
    return g_strdup_printf (_ ("%s: padded so that %ld stay %ld"), name, in, out);
  if (w->kind == GB_WINDOW_TRANSPOSED)
    {
      gint64 more = out - ((in - 1) * s - 2 * p + d * (k - 1) + 1);
      if (more)
        return g_strdup_printf ("%s: (%ld - 1)·%ld - 2·%ld + %ld·(%ld - 1) + %ld + 1 = %ld", name, in, s, p,
                                d, k, more, out);
      return g_strdup_printf ("%s: (%ld - 1)·%ld - 2·%ld + %ld·(%ld - 1) + 1 = %ld", name, in, s, p, d, k,
                              out);
    }
  return g_strdup_printf (w->rounds_up ? "%s: ⌈(%ld + 2·%ld - %ld·(%ld - 1) - 1) / %ld⌉ + 1 = %ld"
                                       : "%s: ⌊(%ld + 2·%ld - %ld·(%ld - 1) - 1) / %ld⌋ + 1 = %ld",
                          name, in, p, d, k, s, out);
}

static void
add_line (GbConvLayout *self, char *text)
{
  if (self->n_lines < GB_CONV_MOST_LINES)
    self->lines[self->n_lines++] = text;
  else
    g_free (text);
}

static void
add_parameters (GbConvLayout *self)
{
  const GbWindow *w = &self->window;
  char shape[96];
  gint64 numel = 1;

  if (!w->has_weight)
    {
      if (w->kind == GB_WINDOW_LARGEST)
        add_line (self, g_strdup (_ ("No weights: the largest of a window is taken, and its gradient goes "
                                     "back to that one alone.")));
      else
        add_line (self,
                  g_strdup (_ (
                      "No weights: the mean of a window is taken, and its gradient is shared out evenly.")));
      return;
    }
  for (int d = 0; d < w->weight.ndim; d++)
    numel *= w->weight.sizes[d];
  gb_shape_picture (w->weight.ndim, w->weight.sizes, shape, sizeof shape);
  if (w->groups > 1)
    add_line (self, g_strdup_printf (_ ("weights %s = %ld, bias %ld; %ld groups: a channel sees %ld of %ld"),
                                     shape, numel, w->has_bias ? w->bias.sizes[0] : 0, w->groups,
                                     self->n_channels, w->input.sizes[w->lead - 1]));
  else
    add_line (self, g_strdup_printf (_ ("weights %s = %ld, bias %ld; every channel sees all %ld"), shape,
                                     numel, w->has_bias ? w->bias.sizes[0] : 0, self->n_channels));
}

static void
make_lines (GbConvLayout *self, GbTrace *trace, const GbOp *op)
{
  gint64 sizes[GB_WINDOW_MOST_AXES];
  guint64 seen = gb_window_receptive_field (trace, op, sizes);

  for (int axis = 0; axis < self->window.n; axis++)
    add_line (self, gb_conv_size_text (&self->window, axis));
  add_parameters (self);
  if (seen && seen != self->window.input.tensor)
    {
      g_autofree char *label = gb_trace_dup_tensor_label (trace, seen, op->record->head.seq);
      char shape[64];
      gb_shape_picture (self->window.n, sizes, shape, sizeof shape);
      add_line (self, g_strdup_printf (_ ("receptive field: one number sees %s of %s"), shape, label));
    }
}

/* ---- sheets ---- */

/* Rows and columns are the last two spatial axes; one axis alone is a row. */
static int
row_axis (const GbConvSheet *sheet)
{
  return sheet->layout->window.n >= 2 ? sheet->layout->window.n - 2 : -1;
}

/* Axes before the spatial ones in the sheet's own tensor. */
static int
lead_of (const GbConvSheet *sheet)
{
  return sheet->part == GB_CONV_WEIGHT ? 2 : sheet->layout->window.lead;
}

static const GbTensor *
tensor_of (const GbConvSheet *sheet)
{
  const GbWindow *w = &sheet->layout->window;
  return sheet->part == GB_CONV_INPUT ? &w->input : sheet->part == GB_CONV_WEIGHT ? &w->weight : &w->output;
}

gboolean
gb_conv_sheet_index (const GbConvSheet *self, gint64 row, gint64 column, gint64 *index)
{
  const GbTensor *t = tensor_of (self);
  int n = self->layout->window.n, lead = lead_of (self), r = row_axis (self);

  memcpy (index, self->index, sizeof self->index);
  if (r >= 0)
    index[lead + r] = self->first_row + row;
  index[lead + n - 1] = self->first_column + column;
  for (int d = lead; d < t->ndim; d++)
    if (index[d] < 0 || index[d] >= t->sizes[d])
      return FALSE;
  return TRUE;
}

gboolean
gb_conv_sheet_cell (const GbConvSheet *self, const gint64 *index, gint64 *row, gint64 *column)
{
  int n = self->layout->window.n, lead = lead_of (self), r = row_axis (self);

  for (int d = 0; d < lead + n - 1; d++)
    if (d != lead + r && index[d] != self->index[d])
      return FALSE;
  *row = r >= 0 ? index[lead + r] - self->first_row : 0;
  *column = index[lead + n - 1] - self->first_column;
  return *row >= 0 && *column >= 0 && *row < self->cells.rows && *column < self->cells.columns;
}

static GbCellKind
cell_value (gconstpointer data, gint64 row, gint64 column, double *value)
{
  const GbConvSheet *sheet = data;
  gint64 index[GB_VALUES_MAX_NDIM];

  if (!gb_conv_sheet_index (sheet, row, column, index))
    return GB_CELL_PADDING;
  return sheet->values && gb_tensor_values_get (sheet->values, index, value) ? GB_CELL_NUMBER
                                                                             : GB_CELL_UNKNOWN;
}

/* The shown part along one axis: the whole with its padding, or a part around the place at hand. */
static void
choose_part (const GbConvSheet *sheet, int axis, gint64 around, gint64 *first, gint64 *count)
{
  const GbWindow *w = &sheet->layout->window;
  gint64 size = tensor_of (sheet)->sizes[lead_of (sheet) + axis];
  gint64 padding = sheet->part == GB_CONV_INPUT && w->kind != GB_WINDOW_TRANSPOSED
                       ? MIN (w->padding[axis], MOST_SHOWN / 4)
                       : 0;

  if (padding && w->is_same)
    padding = MAX (padding, w->dilation[axis] * (w->kernel[axis] - 1) - padding);
  *count = MIN (size + 2 * padding, MOST_SHOWN);
  *first = CLAMP (around - *count / 2, -padding, size + padding - *count);
}

static void
make_sheet (GbConvLayout *self, GbConvPart part, const gint64 *index)
{
  GbConvSheet *sheet = &self->sheets[part];
  const GbTensor *t;
  char shape[96];
  int r, n = self->window.n, lead;
  GString *title = g_string_new (self->labels[part]);

  sheet->layout = self;
  sheet->part = part;
  sheet->values = self->values[part];
  memcpy (sheet->index, index, sizeof sheet->index);
  t = tensor_of (sheet);
  lead = lead_of (sheet);
  r = row_axis (sheet);
  sheet->cells.rows = 1;
  if (r >= 0)
    choose_part (sheet, r, index[lead + r], &sheet->first_row, &sheet->cells.rows);
  choose_part (sheet, n - 1, index[lead + n - 1], &sheet->first_column, &sheet->cells.columns);
  for (int d = 0; d < t->ndim; d++)
    {
      g_string_append (title, d ? ", " : "[");
      if (d < lead || (n == 3 && d == lead))
        g_string_append_printf (title, "%ld", index[d]);
      else
        g_string_append_c (title, ':');
    }
  sheet->title = g_string_free (g_string_append_c (title, ']'), FALSE);
  sheet->shape = g_strdup (gb_shape_picture (t->ndim, t->sizes, shape, sizeof shape));
  sheet->cells.func = cell_value;
  sheet->cells.data = sheet;
}

/* Sheets for the place at hand: its sample and channels. */
static void
make_sheets (GbConvLayout *self)
{
  const GbWindow *w = &self->window;
  gint64 input[GB_VALUES_MAX_NDIM] = { 0 }, weight[GB_VALUES_MAX_NDIM] = { 0 };
  gint64 o = w->lead ? self->index[w->lead - 1] : 0, first, count, step;

  memcpy (input, self->index, sizeof input);
  for (int axis = 0; axis < w->n; axis++)
    {
      gb_window_span (w, axis, self->index[w->lead + axis], &first, &count, &step);
      input[w->lead + axis] =
          CLAMP (first + (count - 1) * step / 2, 0, MAX (w->input.sizes[w->lead + axis] - 1, 0));
      weight[2 + axis] = w->n == 3 && axis == 0 ? w->kernel[0] / 2 : 0;
    }
  if (w->has_weight)
    {
      gint64 each = MAX (w->output.sizes[w->lead - 1] / w->groups, 1), group = o / each;
      input[w->lead - 1] = group * self->n_channels + self->options.channel;
      weight[0] = w->kind == GB_WINDOW_TRANSPOSED ? input[w->lead - 1] : o;
      weight[1] = w->kind == GB_WINDOW_TRANSPOSED ? o % each : self->options.channel;
    }
  make_sheet (self, GB_CONV_INPUT, input);
  if (w->has_weight)
    make_sheet (self, GB_CONV_WEIGHT, weight);
  make_sheet (self, GB_CONV_OUTPUT, self->index);
}

static double
sheet_width (const GbConvSheet *sheet, const GbDrawContext *ctx)
{
  return MAX (sheet->cells.columns * sheet->cells.cell,
              MIN (gb_draw_text_width (ctx, GB_FACE_MONO_BOLD, sheet->title), ctx->width / 3));
}

static void
place_sheets (GbConvLayout *self, const GbDrawContext *ctx)
{
  GbCellMatrix *in = &self->sheets[GB_CONV_INPUT].cells, *out = &self->sheets[GB_CONV_OUTPUT].cells,
               *kernel = &self->sheets[GB_CONV_WEIGHT].cells;
  guint n_gaps = self->window.has_weight ? 2 : 1;
  double top = HEADLINE + TITLE, room_y = self->lines_y - top - 14,
         room_x = self->width - 2 * PAD - n_gaps * GAP, x = PAD;
  double wanted = CLAMP (room_x * 0.25 / (double) MAX (kernel->columns, 1), 10, KERNEL_MAX);

  if (self->window.has_weight)
    {
      kernel->cell = floor (MAX (MIN (wanted, room_y / (double) kernel->rows), CELL_MIN));
      room_x -= MAX (kernel->columns * kernel->cell, 70);
    }
  in->cell =
      MIN (room_x / (double) (in->columns + out->columns), room_y / (double) MAX (in->rows, out->rows));
  in->cell = CLAMP (in->cell, CELL_MIN, CELL_MAX);
  in->cell = in->cell > 8 ? floor (in->cell) : in->cell;
  out->cell = in->cell;
  for (guint i = 0; i < GB_CONV_N_PARTS; i++)
    {
      GbConvSheet *sheet = &self->sheets[i];
      if (sheet->layout == NULL)
        continue;
      int dtype = tensor_of (sheet)->dtype;
      sheet->cells.x = x;
      sheet->cells.y = top;
      x += sheet_width (sheet, ctx) + GAP;
      gb_cell_matrix_prepare (&sheet->cells, !te_dtype_is_floating ((TeDtype) dtype), dtype == TE_BOOL, ctx);
    }
}

/* ---- the whole ---- */

static void
choose_place (GbConvLayout *self, GbSelection *selection)
{
  const GbWindow *w = &self->window;
  gint64 index[GB_VALUES_MAX_NDIM] = { 0 };

  for (int d = w->lead; d < w->output.ndim; d++)
    self->index[d] = MIN (1, MAX (w->output.sizes[d] - 1, 0));
  if (gb_conv_layout_place (self, gb_selection_get_pin (selection), index))
    memcpy (self->index, index, sizeof index);
}

static void
take_op (GbConvLayout *self, GbTraceCursor *cursor, const GbOp *op)
{
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  guint64 seq = op->record->head.seq, now = MAX (gb_trace_cursor_get_position (cursor), seq);
  const GbTensor *tensors[] = { &self->window.input, &self->window.weight, &self->window.output };
  const GbPosition *pos =
      gb_trace_get_position (trace, op->record->caller_pos ? op->record->caller_pos : op->record->pos);
  g_autofree char *line = pos && pos->line ? g_strdup_printf (_ (", line %u"), pos->line) : g_strdup ("");

  for (guint i = 0; i < GB_CONV_N_PARTS; i++)
    {
      if (i == GB_CONV_WEIGHT && !self->window.has_weight)
        continue;
      self->labels[i] = gb_trace_dup_tensor_label (trace, tensors[i]->tensor, now);
      self->values[i] =
          gb_tensor_values_then (trace, tensors[i], i == GB_CONV_OUTPUT ? op->end->head.seq : seq);
    }
  if (self->window.has_bias)
    self->bias = gb_tensor_values_then (trace, &self->window.bias, seq);
  self->headline = g_strdup_printf ("%s = %s (%s)%s", self->labels[GB_CONV_OUTPUT],
                                    gb_trace_op_name (trace, op), self->labels[GB_CONV_INPUT], line);
}

GbConvLayout *
gb_conv_layout_new (GbTraceCursor *cursor,
                    GbSelection *selection,
                    const GbConvOptions *options,
                    const GbDrawContext *ctx)
{
  GbConvLayout *self = g_new0 (GbConvLayout, 1);
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  guint64 call = options->call ? options->call : gb_conv_find (cursor, selection);
  GbOp op;

  self->width = ctx->width;
  self->height = ctx->height;
  self->is_empty = TRUE;
  self->options = *options;
  if (call == 0 || !gb_trace_get_op (trace, call, &op) || !gb_window_of_op (trace, &op, &self->window))
    return self;
  for (int d = 0; d < self->window.output.ndim; d++)
    if (self->window.output.sizes[d] < 1)
      return self;
  for (int d = 0; d < self->window.input.ndim; d++)
    if (self->window.input.sizes[d] < 1)
      return self;
  self->is_empty = FALSE;
  self->call = call;
  self->n_channels = !self->window.has_weight ? 1
                     : self->window.kind == GB_WINDOW_TRANSPOSED
                         ? MAX (self->window.weight.sizes[0] / self->window.groups, 1)
                         : MAX (self->window.weight.sizes[1], 1);
  self->options.channel = CLAMP (options->channel, 0, self->n_channels - 1);
  take_op (self, cursor, &op);
  choose_place (self, selection);
  make_lines (self, trace, &op);
  self->line_y = ctx->height - 14;
  self->lines_y = MAX (self->line_y - 12 - self->n_lines * LINE, HEADLINE + TITLE + 40);
  make_sheets (self);
  place_sheets (self, ctx);
  return self;
}

/* ---- picks ---- */

static void
pick_of (const GbTensor *t, const gint64 *index, GbPick *pick)
{
  *pick = (GbPick){ .facets = GB_PICK_TENSOR | GB_PICK_ELEMENT | GB_PICK_ADDRESS,
                    .tensor = t->tensor,
                    .storage = t->storage,
                    .address = gb_tensor_address (t, index),
                    .ndim = t->ndim };
  memcpy (pick->index, index, sizeof (gint64) * (gsize) t->ndim);
}

gboolean
gb_conv_layout_at (const GbConvLayout *self, double x, double y, GbPick *pick)
{
  gint64 row, column, index[GB_VALUES_MAX_NDIM];

  for (guint i = 0; i < GB_CONV_N_PARTS; i++)
    {
      const GbConvSheet *sheet = &self->sheets[i];
      if (sheet->layout == NULL || !gb_cell_matrix_at (&sheet->cells, x, y, &row, &column))
        continue;
      if (!gb_conv_sheet_index (sheet, row, column, index))
        return FALSE;
      pick_of (tensor_of (sheet), index, pick);
      return TRUE;
    }
  return FALSE;
}

static gboolean
picks (const GbTensor *t, const GbPick *pick, gint64 *index)
{
  if (!(pick->facets & GB_PICK_ELEMENT) || pick->tensor != t->tensor || pick->ndim != t->ndim)
    return FALSE;
  for (int d = 0; d < t->ndim; d++)
    if (pick->index[d] < 0 || pick->index[d] >= t->sizes[d])
      return FALSE;
  memcpy (index, pick->index, sizeof (gint64) * (gsize) t->ndim);
  return TRUE;
}

gboolean
gb_conv_layout_place (const GbConvLayout *self, const GbPick *pick, gint64 *index)
{
  return picks (&self->window.output, pick, index);
}

gboolean
gb_conv_layout_source (const GbConvLayout *self, const GbPick *pick, gint64 *index)
{
  return self->window.input.tensor != self->window.output.tensor && picks (&self->window.input, pick, index);
}

/* The next tap in row-major order; FALSE after the last. */
static gboolean
next_tap (int n, const gint64 *count, gint64 *tap)
{
  for (int axis = n - 1; axis >= 0; axis--)
    {
      if (++tap[axis] < count[axis])
        return TRUE;
      tap[axis] = 0;
    }
  return FALSE;
}

gboolean
gb_conv_winner (const GbConvLayout *self, const gint64 *place, gint64 *winner, double *value)
{
  const GbWindow *w = &self->window;
  gint64 first[GB_WINDOW_MOST_AXES], count[GB_WINDOW_MOST_AXES], step[GB_WINDOW_MOST_AXES],
      tap[GB_WINDOW_MOST_AXES] = { 0 };
  gint64 at[GB_VALUES_MAX_NDIM];
  gboolean found = FALSE;

  if (w->kind != GB_WINDOW_LARGEST || self->values[GB_CONV_INPUT] == NULL)
    return FALSE;
  memcpy (at, place, sizeof at);
  for (int axis = 0; axis < w->n; axis++)
    {
      gb_window_span (w, axis, place[w->lead + axis], &first[axis], &count[axis], &step[axis]);
      if (count[axis] > 256)
        return FALSE;
    }
  do
    {
      gboolean inside = TRUE;
      double this;
      for (int axis = 0; axis < w->n; axis++)
        {
          at[w->lead + axis] = first[axis] + tap[axis] * step[axis];
          inside = inside && at[w->lead + axis] >= 0 && at[w->lead + axis] < w->input.sizes[w->lead + axis];
        }
      if (!inside)
        continue;
      if (!gb_tensor_values_get (self->values[GB_CONV_INPUT], at, &this))
        return FALSE;
      /* The first of equals wins, and a NaN wins over all. */
      if (!found || this > *value || (isnan (this) && !isnan (*value)))
        {
          memcpy (winner, at, sizeof at);
          *value = this;
          found = TRUE;
        }
    }
  while (next_tap (w->n, count, tap));
  return found;
}
