/* Rules of ops that slide windows: convolutions, pools, and their gradients. */
#include "models/index-map/map-call.h"

#include <string.h>

#include "models/index-map/window.h"

#define MOST_AXES      GB_WINDOW_MOST_AXES
#define MOST_BACKWARDS 64 /* ops that a receptive field is followed through */

/* A window's geometry along its spatial axes, the last ones of its tensors. */
typedef struct
{
  int n;
  gint64 kernel[MOST_AXES], stride[MOST_AXES], padding[MOST_AXES], dilation[MOST_AXES];
} Window;

/* "same" pads so that the size stays; of an odd total the larger half lies behind. */
static void
read_padding (GbMapCall *call, Window *window)
{
  const char *start;
  gsize nbytes;
  if (gb_op_args_find (&call->args, "padding", &start, &nbytes) && nbytes > 2 && start[1] == 's')
    for (int i = 0; i < window->n; i++)
      window->padding[i] = window->dilation[i] * (window->kernel[i] - 1) / 2;
  else
    gb_op_args_per_axis (&call->args, "padding", 0, window->padding, window->n);
}

static gboolean
window_of_conv (GbMapCall *call, const GbTensor *weight, Window *window)
{
  window->n = weight->ndim - 2;
  if (window->n < 1 || window->n > MOST_AXES)
    return FALSE;
  for (int i = 0; i < window->n; i++)
    window->kernel[i] = weight->sizes[2 + i];
  gb_op_args_per_axis (&call->args, "stride", 1, window->stride, window->n);
  gb_op_args_per_axis (&call->args, "dilation", 1, window->dilation, window->n);
  read_padding (call, window);
  for (int i = 0; i < window->n; i++)
    if (window->stride[i] < 1 || window->dilation[i] < 1)
      return FALSE;
  return TRUE;
}

static gboolean
window_of_pool (GbMapCall *call, Window *window)
{
  window->n = call->param;
  gb_op_args_per_axis (&call->args, "kernel_size", 1, window->kernel, window->n);
  gb_op_args_per_axis (&call->args, "stride", 0, window->stride, window->n);
  gb_op_args_per_axis (&call->args, "padding", 0, window->padding, window->n);
  gb_op_args_per_axis (&call->args, "dilation", 1, window->dilation, window->n);
  for (int i = 0; i < window->n; i++)
    {
      if (window->stride[i] == 0)
        window->stride[i] = window->kernel[i];
      if (window->kernel[i] < 1 || window->stride[i] < 1 || window->dilation[i] < 1)
        return FALSE;
    }
  return TRUE;
}

/* Where tap `tap` of the window at `place` lies; FALSE: in the padding. */
static gboolean
tap_of (const Window *window, const gint64 *place, const gint64 *tap, const gint64 *sizes, gint64 *at)
{
  for (int i = 0; i < window->n; i++)
    {
      at[i] = place[i] * window->stride[i] - window->padding[i] + tap[i] * window->dilation[i];
      if (at[i] < 0 || at[i] >= sizes[i])
        return FALSE;
    }
  return TRUE;
}

/* The place whose tap `tap` lies at `at`; FALSE: none. */
static gboolean
place_of (const Window *window, const gint64 *at, const gint64 *tap, const gint64 *sizes, gint64 *place)
{
  for (int i = 0; i < window->n; i++)
    {
      gint64 from = at[i] + window->padding[i] - tap[i] * window->dilation[i];
      if (from < 0 || from % window->stride[i] || from / window->stride[i] >= sizes[i])
        return FALSE;
      place[i] = from / window->stride[i];
    }
  return TRUE;
}

/* Axes before the spatial ones: samples and channels; samples may be missing. */
static int
lead_of (const GbTensor *tensor, const Window *window)
{
  return tensor->ndim - window->n;
}

/* ---- convolution ---- */

/* Output channel `o` of the sample whose lead is in `x_lead` at `place`: all products of input and weight. */
static void
add_conv (GbMapCall *call, const Window *window, gint64 sample, gint64 o, const gint64 *place)
{
  const GbTensor *x = gb_map_input (call, 0), *w = gb_map_input (call, 1);
  gint64 groups = MAX (gb_op_args_int (&call->args, "groups", 1), 1), each = MAX (w->sizes[0] / groups, 1);
  gint64 at_x[GB_MAP_NDIM] = { 0 }, at_w[GB_MAP_NDIM] = { o }, tap[MOST_AXES];
  int lead = lead_of (x, window);
  if (lead == 2)
    at_x[0] = sample;
  for (at_w[1] = 0; at_w[1] < w->sizes[1]; at_w[1]++)
    {
      at_x[lead - 1] = o / each * w->sizes[1] + at_w[1];
      memset (tap, 0, sizeof tap);
      do
        if (tap_of (window, place, tap, x->sizes + lead, at_x + lead))
          {
            memcpy (at_w + 2, tap, sizeof (gint64) * (gsize) window->n);
            gb_map_add_product (call, 0, at_x, 1, at_w);
          }
      while (gb_map_step (call) && gb_map_next (window->n, window->kernel, tap));
    }
}

void
gb_map_conv (GbMapCall *call)
{
  const GbTensor *x = gb_map_input (call, 0), *w = gb_map_input (call, 1);
  Window window;
  if (x == NULL || w == NULL)
    return;
  if (gb_op_args_bool (&call->args, "transposed", FALSE))
    {
      gb_map_conv_transpose (call);
      return;
    }
  int lead = x->ndim - (w->ndim - 2);
  if (!window_of_conv (call, w, &window) || lead < 1 || lead > 2 || call->map->output.ndim != x->ndim)
    {
      call->broken = TRUE;
      return;
    }
  const gint64 *index = call->map->index;
  add_conv (call, &window, index[0], index[lead - 1], index + lead);
  if (gb_map_input (call, 2))
    gb_map_add (call, 2, &index[lead - 1]);
}

/* weight: input channels × output channels of a group × window; an input element is spread over the output.
 */
void
gb_map_conv_transpose (GbMapCall *call)
{
  const GbTensor *x = gb_map_input (call, 0), *w = gb_map_input (call, 1);
  gint64 at_x[GB_MAP_NDIM] = { 0 }, at_w[GB_MAP_NDIM] = { 0 }, tap[MOST_AXES];
  Window window;
  if (x == NULL || w == NULL)
    return;
  int lead = x->ndim - (w->ndim - 2);
  if (!window_of_conv (call, w, &window) || lead < 1 || lead > 2 || w->sizes[1] < 1)
    {
      call->broken = TRUE;
      return;
    }
  gint64 groups = MAX (gb_op_args_int (&call->args, "groups", 1), 1), each = w->sizes[0] / groups;
  gint64 o = call->map->index[lead - 1], group = o / w->sizes[1];
  at_w[1] = o % w->sizes[1];
  if (lead == 2)
    at_x[0] = call->map->index[0];
  for (gint64 c = group * each; c < (group + 1) * each; c++)
    {
      at_x[lead - 1] = at_w[0] = c;
      memset (tap, 0, sizeof tap);
      do
        if (place_of (&window, call->map->index + lead, tap, x->sizes + lead, at_x + lead))
          {
            memcpy (at_w + 2, tap, sizeof (gint64) * (gsize) window.n);
            gb_map_add_product (call, 0, at_x, 1, at_w);
          }
      while (gb_map_step (call) && gb_map_next (window.n, window.kernel, tap));
    }
  if (gb_map_input (call, 2))
    gb_map_add (call, 2, &o);
}

/* ---- gradients of a convolution: of its result, input, weight ---- */

typedef struct
{
  const GbTensor *grad, *x, *w;
  Window window;
  int lead;
  gint64 each; /* output channels of a group */
} ConvGrad;

static void
conv_input_grad (GbMapCall *call, const ConvGrad *self)
{
  gint64 at_grad[GB_MAP_NDIM] = { 0 }, at_w[GB_MAP_NDIM] = { 0 }, tap[MOST_AXES];
  gint64 c = call->map->index[self->lead - 1], group = c / self->w->sizes[1];
  at_w[1] = c % self->w->sizes[1];
  if (self->lead == 2)
    at_grad[0] = call->map->index[0];
  for (gint64 o = group * self->each; o < (group + 1) * self->each; o++)
    {
      at_w[0] = at_grad[self->lead - 1] = o;
      memset (tap, 0, sizeof tap);
      do
        if (place_of (&self->window, call->map->index + self->lead, tap, self->grad->sizes + self->lead,
                      at_grad + self->lead))
          {
            memcpy (at_w + 2, tap, sizeof (gint64) * (gsize) self->window.n);
            gb_map_add_product (call, 0, at_grad, 2, at_w);
          }
      while (gb_map_step (call) && gb_map_next (self->window.n, self->window.kernel, tap));
    }
}

static void
conv_weight_grad (GbMapCall *call, const ConvGrad *self)
{
  gint64 at_grad[GB_MAP_NDIM] = { 0 }, at_x[GB_MAP_NDIM] = { 0 };
  const gint64 *index = call->map->index;
  gint64 o = index[0], samples = self->lead == 2 ? self->grad->sizes[0] : 1;
  at_grad[self->lead - 1] = o;
  at_x[self->lead - 1] = o / self->each * self->w->sizes[1] + index[1];
  for (gint64 sample = 0; sample < samples; sample++)
    {
      if (self->lead == 2)
        at_grad[0] = at_x[0] = sample;
      gint64 *place = at_grad + self->lead;
      memset (place, 0, sizeof (gint64) * (gsize) self->window.n);
      do
        if (tap_of (&self->window, place, index + 2, self->x->sizes + self->lead, at_x + self->lead))
          gb_map_add_product (call, 0, at_grad, 1, at_x);
      while (gb_map_step (call) && gb_map_next (self->window.n, self->grad->sizes + self->lead, place));
    }
}

void
gb_map_conv_grad (GbMapCall *call)
{
  static const char *const needs[] = { "need_input", "need_weight", "need_bias" };
  ConvGrad self = { .grad = gb_map_input (call, 0),
                    .x = gb_map_input (call, 1),
                    .w = gb_map_input (call, 2) };
  int which = 0, nth = (int) call->output_nr;
  gint64 at[GB_MAP_NDIM] = { 0 };
  if (!self.grad || !self.x || !self.w)
    return;
  while (which < 3 && (!gb_op_args_bool (&call->args, needs[which], TRUE) || nth-- > 0))
    which++;
  self.lead = self.x->ndim - (self.w->ndim - 2);
  self.each = self.w->sizes[0] / MAX (gb_op_args_int (&call->args, "groups", 1), 1);
  if (!window_of_conv (call, self.w, &self.window) || self.lead < 1 || self.lead > 2 || self.each < 1
      || self.w->sizes[1] < 1 || self.grad->ndim != self.x->ndim || which == 3)
    call->broken = TRUE;
  else if (which == 2)
    {
      at[self.lead - 1] = call->map->index[0];
      gb_map_add_box (call, 0, at, ((1u << self.grad->ndim) - 1) & ~(1u << (self.lead - 1)), NULL);
    }
  else if (gb_op_args_bool (&call->args, "transposed", FALSE))
    {
      call->map->form = GB_INDEX_MAP_DEPENDS;
      gb_map_everything (call);
    }
  else if (which == 0)
    conv_input_grad (call, &self);
  else
    conv_weight_grad (call, &self);
}

/* ---- pools ---- */

/* What an average divides by: padding counts as elements unless it is told not to. */
static double
divisor_of (GbMapCall *call, const Window *window, const gint64 *place, const gint64 *sizes)
{
  double divisor = 1;
  if (!gb_op_args_bool (&call->args, "count_include_pad", TRUE))
    return 0;
  for (int i = 0; i < window->n; i++)
    {
      gint64 start = place[i] * window->stride[i] - window->padding[i];
      divisor *= (double) (MIN (start + window->kernel[i], sizes[i] + window->padding[i]) - start);
    }
  return gb_op_args_double (&call->args, "divisor_override", divisor);
}

void
gb_map_pool (GbMapCall *call)
{
  const GbTensor *x = gb_map_input (call, 0);
  Window window;
  gint64 at[GB_MAP_NDIM], tap[MOST_AXES] = { 0 };
  if (x == NULL)
    return;
  if (!window_of_pool (call, &window) || x->ndim < window.n || call->map->output.ndim != x->ndim)
    {
      call->broken = TRUE;
      return;
    }
  if (call->output_nr > 0)
    call->map->form = GB_INDEX_MAP_DEPENDS;
  int lead = lead_of (x, &window);
  call->map->divisor = divisor_of (call, &window, call->map->index + lead, x->sizes + lead);
  memcpy (at, call->map->index, sizeof at);
  do
    if (tap_of (&window, call->map->index + lead, tap, x->sizes + lead, at + lead))
      gb_map_add (call, 0, at);
  while (gb_map_step (call) && gb_map_next (window.n, window.kernel, tap));
}

void
gb_map_adaptive_pool (GbMapCall *call)
{
  const GbTensor *x = gb_map_input (call, 0), *output = &call->map->output;
  gint64 at[GB_MAP_NDIM], first[MOST_AXES], sizes[MOST_AXES], tap[MOST_AXES] = { 0 };
  if (x == NULL)
    return;
  int n = call->param, lead = x->ndim - n;
  if (lead < 0 || output->ndim != x->ndim)
    {
      call->broken = TRUE;
      return;
    }
  if (call->output_nr > 0)
    call->map->form = GB_INDEX_MAP_DEPENDS;
  for (int i = 0; i < n; i++)
    {
      gint64 in = x->sizes[lead + i], out = output->sizes[lead + i], o = call->map->index[lead + i];
      first[i] = o * in / out;
      sizes[i] = ((o + 1) * in + out - 1) / out - first[i];
    }
  memcpy (at, call->map->index, sizeof at);
  do
    {
      for (int i = 0; i < n; i++)
        at[lead + i] = first[i] + tap[i];
      gb_map_add (call, 0, at);
    }
  while (gb_map_step (call) && gb_map_next (n, sizes, tap));
}

/* Gradient of an average: of every window that has this element. */
void
gb_map_pool_spread (GbMapCall *call)
{
  const GbTensor *grad = gb_map_input (call, 0);
  gint64 at[GB_MAP_NDIM], tap[MOST_AXES] = { 0 };
  Window window;
  if (grad == NULL)
    return;
  call->param = (int) CLAMP (gb_op_args_int (&call->args, "nd", 2), 1, MOST_AXES);
  if (!window_of_pool (call, &window) || grad->ndim != call->map->output.ndim || grad->ndim < window.n)
    {
      call->broken = TRUE;
      return;
    }
  int lead = lead_of (grad, &window);
  memcpy (at, call->map->index, sizeof at);
  do
    if (place_of (&window, call->map->index + lead, tap, grad->sizes + lead, at + lead))
      gb_map_add (call, 0, at);
  while (gb_map_step (call) && gb_map_next (window.n, window.kernel, tap));
}

/* Gradient, input, indices of the winners within their plane: of every window that this element won, or,
 * where the winners are not recorded, of any window there is. */
void
gb_map_max_pool_spread (GbMapCall *call)
{
  const GbTensor *grad = gb_map_input (call, 0), *x = &call->map->output;
  gint64 at[GB_MAP_NDIM], won, own = 0;
  int n = (int) CLAMP (gb_op_args_int (&call->args, "nd", 2), 1, MOST_AXES);
  if (grad == NULL || grad->ndim != x->ndim || grad->ndim < n || !gb_map_input (call, 2))
    {
      call->broken = grad != NULL;
      return;
    }
  int lead = grad->ndim - n;
  for (int i = 0; i < n; i++)
    own = own * x->sizes[lead + i] + call->map->index[lead + i];
  memcpy (at, call->map->index, sizeof at);
  memset (at + lead, 0, sizeof (gint64) * (gsize) n);
  do
    if (!gb_map_look_up (call, 2, at, &won) || won == own)
      gb_map_add (call, 0, at);
  while (gb_map_step (call) && gb_map_next (n, grad->sizes + lead, at + lead));
  if (call->map->untold)
    call->map->form = GB_INDEX_MAP_DEPENDS;
}

/* Columns of windows: (samples, channels × taps, places). */
void
gb_map_im2col (GbMapCall *call)
{
  const GbTensor *x = gb_map_input (call, 0), *output = &call->map->output;
  gint64 at[GB_MAP_NDIM] = { 0 }, place[2], tap[2], across;
  Window window;
  call->param = 2;
  if (x == NULL)
    return;
  int lead = x->ndim - 2, row = output->ndim - 2;
  if (!window_of_pool (call, &window) || lead < 1 || lead > 2 || row < 0)
    {
      call->broken = TRUE;
      return;
    }
  gb_op_args_per_axis (&call->args, "stride", 1, window.stride, 2);
  if (window.stride[0] < 1 || window.stride[1] < 1)
    {
      call->broken = TRUE;
      return;
    }
  across = (x->sizes[lead + 1] + 2 * window.padding[1] - window.dilation[1] * (window.kernel[1] - 1) - 1)
               / window.stride[1]
           + 1;
  gint64 taps = window.kernel[0] * window.kernel[1], r = call->map->index[row];
  if (lead == 2)
    at[0] = call->map->index[0];
  at[lead - 1] = r / taps;
  tap[0] = r % taps / window.kernel[1];
  tap[1] = r % window.kernel[1];
  place[0] = call->map->index[row + 1] / MAX (across, 1);
  place[1] = call->map->index[row + 1] % MAX (across, 1);
  if (tap_of (&window, place, tap, x->sizes + lead, at + lead))
    gb_map_add (call, 0, at);
  else
    call->map->form = GB_INDEX_MAP_NOTHING;
}

/* ---- for views ---- */

gboolean
gb_window_of_op (GbTrace *trace, const GbOp *op, GbWindow *window)
{
  const GbMapRow *row = gb_map_find_row (gb_trace_op_name (trace, op));
  GbMapCall call = { .args = { op->text, op->record->text_nbytes }, .param = row ? row->param : 0 };
  const char *start;
  gsize nbytes;
  Window own = { 0 };
  gboolean is_conv = row && (row->rule == gb_map_conv || row->rule == gb_map_conv_transpose);
  GbTensor *tensors[] = { &window->input, &window->weight, &window->bias };

  *window = (GbWindow){ 0 };
  if (row == NULL || op->record->n_inputs < 1
      || !(is_conv || row->rule == gb_map_pool || row->rule == gb_map_adaptive_pool))
    return FALSE;
  for (guint i = 0; i < (is_conv ? MIN (op->record->n_inputs, 3u) : 1); i++)
    if (op->inputs[i] && !gb_trace_get_tensor (trace, op->inputs[i], op->record->head.seq, tensors[i]))
      return FALSE;
  if (!gb_trace_op_output (trace, op, 0, &window->output) || window->input.tensor == 0
      || window->input.ndim > GB_VALUES_MAX_NDIM)
    return FALSE;
  window->has_weight = is_conv;
  window->has_bias = window->bias.tensor != 0;
  if (is_conv ? !window->weight.tensor || !window_of_conv (&call, &window->weight, &own)
              : row->rule == gb_map_pool && !window_of_pool (&call, &own))
    return FALSE;
  window->n = is_conv ? own.n : row->param;
  window->lead = window->input.ndim - window->n;
  if (window->lead < 0 || window->lead > 2 || (is_conv && window->lead < 1)
      || window->output.ndim != window->input.ndim)
    return FALSE;
  memcpy (window->kernel, own.kernel, sizeof own.kernel);
  memcpy (window->stride, own.stride, sizeof own.stride);
  memcpy (window->padding, own.padding, sizeof own.padding);
  memcpy (window->dilation, own.dilation, sizeof own.dilation);
  window->groups = MAX (gb_op_args_int (&call.args, "groups", 1), 1);
  window->rounds_up = gb_op_args_bool (&call.args, "ceil_mode", FALSE);
  window->is_adaptive = row->rule == gb_map_adaptive_pool;
  window->is_same = gb_op_args_find (&call.args, "padding", &start, &nbytes) && nbytes > 2 && start[1] == 's';
  window->kind = row->rule == gb_map_conv_transpose || gb_op_args_bool (&call.args, "transposed", FALSE)
                     ? GB_WINDOW_TRANSPOSED
                 : is_conv                                ? GB_WINDOW_CONV
                 : row->form == GB_INDEX_MAP_LARGEST      ? GB_WINDOW_LARGEST
                                                          : GB_WINDOW_MEAN;
  return TRUE;
}

void
gb_window_span (const GbWindow *self, int axis, gint64 place, gint64 *first, gint64 *count, gint64 *step)
{
  gint64 in = self->input.sizes[self->lead + axis], out = MAX (self->output.sizes[self->lead + axis], 1);
  gint64 k = self->kernel[axis], d = self->dilation[axis], s = self->stride[axis], p = self->padding[axis];

  *step = 1;
  if (self->is_adaptive)
    {
      *first = place * in / out;
      *count = ((place + 1) * in + out - 1) / out - *first;
      return;
    }
  *count = k;
  *step = d;
  *first = place * s - p;
  if (self->kind != GB_WINDOW_TRANSPOSED)
    return;
  /* Input elements i with i·s - p + tap·d = place. */
  *count = 0;
  for (gint64 tap = k - 1; tap >= 0; tap--)
    {
      gint64 from = place + p - tap * d;
      if (from < 0 || from % s || from / s >= in)
        continue;
      if ((*count)++ == 0)
        *first = from / s;
      else if (*count == 2)
        *step = MAX (from / s - *first, 1);
    }
}

gboolean
gb_window_reads (const GbWindow *self, int axis, gint64 place, gint64 at)
{
  gint64 first, count, step;
  gb_window_span (self, axis, place, &first, &count, &step);
  return at >= first && at <= first + (count - 1) * step && (at - first) % step == 0 && count > 0;
}

static gboolean
keeps_places (const char *op_name)
{
  const GbMapRow *row = gb_map_find_row (op_name);
  return row && (row->rule == gb_map_pointwise || row->rule == gb_map_same_place || row->rule == gb_map_batch_norm);
}

guint64
gb_window_receptive_field (GbTrace *trace, const GbOp *op, gint64 *sizes)
{
  GbWindow window;
  GbOp at = *op;
  GbTensor input;
  guint64 tensor = 0;

  for (int axis = 0; axis < MOST_AXES; axis++)
    sizes[axis] = 1;
  for (guint i = 0; i < MOST_BACKWARDS && at.record->n_inputs; i++)
    {
      if (gb_window_of_op (trace, &at, &window))
        {
          if (window.kind == GB_WINDOW_TRANSPOSED)
            break;
          tensor = window.input.tensor;
          for (int axis = 0; axis < window.n; axis++)
            {
              gint64 in = window.input.sizes[window.lead + axis];
              sizes[axis] = window.is_adaptive ? in
                                               : (sizes[axis] - 1) * window.stride[axis]
                                                     + window.dilation[axis] * (window.kernel[axis] - 1) + 1;
              sizes[axis] = MIN (sizes[axis], in);
            }
        }
      /* Ops that keep places are walked through; what mixes them ends the way. */
      else if (!keeps_places (gb_trace_op_name (trace, &at)))
        break;
      if (!gb_trace_get_tensor (trace, at.inputs[0], at.record->head.seq, &input) || input.call == 0
          || input.call >= at.record->call || !gb_trace_get_op (trace, input.call, &at))
        break;
    }
  return tensor;
}
