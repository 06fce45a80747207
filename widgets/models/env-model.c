#include "models/env-model.h"

#include <math.h>
#include <string.h>

#include "core/dtype.h"
#include "models/events.h"

void
gb_env_free (GbEnv *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->steps);
  gb_tensor_values_free (self->cells);
  gb_tensor_values_free (self->values);
  gb_tensor_values_free (self->worth);
  g_free (self);
}

const GbEnvStep *
gb_env_step (const GbEnv *self, int nth)
{
  return nth >= 0 && nth < (int) self->steps->len ? &g_array_index (self->steps, GbEnvStep, nth) : NULL;
}

/* ---- steps ---- */

static int
action_of (const GbEvent *event)
{
  static const char *const names[] = { "up", "right", "down", "left" };
  const char *text = gb_event_text (event, "action");
  double number = gb_event_number (event, "action");

  for (guint i = 0; text && i < G_N_ELEMENTS (names); i++)
    if (g_ascii_strcasecmp (text, names[i]) == 0)
      return (int) i;
  return isfinite (number) && number >= 0 && number < 1000 ? (int) number : -1;
}

static gboolean
is_true (double number)
{
  return isfinite (number) && number != 0;
}

static void
add_step (GbEnv *self, const GbEvent *event)
{
  const GbEnvStep *before = gb_env_step (self, (int) self->steps->len - 1);
  gboolean is_cart = !isnan (gb_event_number (event, "angle"));
  GbEnvStep step = { .seq = event->seq, .pos = event->pos, .action = action_of (event) };

  step.reward = gb_event_number (event, "value");
  step.done = is_true (gb_event_number (event, "done"));
  step.a = gb_event_number (event, is_cart ? "x" : "row");
  step.b = gb_event_number (event, is_cart ? "angle" : "column");
  if (self->steps->len == 0)
    self->kind = is_cart ? GB_ENV_CART : GB_ENV_GRID;
  if (isnan (step.a) && isnan (step.b))
    return;
  step.episode = before == NULL ? 1 : before->episode + before->done;
  step.nth = before && !before->done ? before->nth + 1 : 1;
  step.total = (before && !before->done ? before->total : 0) + (isfinite (step.reward) ? step.reward : 0);
  g_array_append_val (self->steps, step);
}

static void
read_steps (GbEnv *self, GbTraceCursor *cursor)
{
  const GArray *events = gb_events_of (gb_trace_cursor_get_trace (cursor));
  guint64 position = gb_trace_cursor_get_position (cursor);
  guint n_ended = 0;
  double sum = 0;

  self->current = -1;
  self->best = self->mean = NAN;
  for (guint i = 0; i < events->len; i++)
    if (strcmp (g_array_index (events, GbEvent, i).name, "env") == 0)
      add_step (self, &g_array_index (events, GbEvent, i));
  for (guint i = 0; i < self->steps->len; i++)
    {
      const GbEnvStep *step = gb_env_step (self, (int) i);
      if (step->seq <= position)
        self->current = (int) i;
      self->n_episodes = step->episode;
      if (self->kind == GB_ENV_GRID && isfinite (step->a) && isfinite (step->b))
        {
          self->rows = MAX (self->rows, (gint64) CLAMP (step->a, 0, GB_ENV_MOST_SIDE - 1) + 1);
          self->columns = MAX (self->columns, (gint64) CLAMP (step->b, 0, GB_ENV_MOST_SIDE - 1) + 1);
        }
      if (!step->done)
        continue;
      n_ended++;
      sum += step->total;
      self->best = isnan (self->best) ? step->total : MAX (self->best, step->total);
      self->mean = sum / n_ended;
    }
  if (self->steps->len)
    {
      guint at = (guint) MAX (self->current, 0), episode = gb_env_step (self, (int) at)->episode;
      self->first = at + 1 - gb_env_step (self, (int) at)->nth;
      for (self->n = 0; self->first + self->n < self->steps->len
                        && gb_env_step (self, (int) (self->first + self->n))->episode == episode;)
        self->n++;
    }
}

/* ---- maps ---- */

static gboolean
is_whole (int dtype)
{
  return dtype == TE_INT64 || dtype == TE_INT32 || dtype == TE_INT16 || dtype == TE_INT8 || dtype == TE_UINT8
         || dtype == TE_BOOL;
}

void
gb_env_tensors (GbTraceCursor *cursor, guint64 *cells, guint64 *values, guint64 *worth)
{
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  guint64 seq = gb_trace_cursor_get_position (cursor);

  *cells = *values = *worth = 0;
  for (guint i = gb_trace_get_n_shows (trace); i-- > 0;)
    {
      const GbShow *show = gb_trace_get_show (trace, i);
      GbTensor tensor;
      if (show->seq > seq || g_strcmp0 (show->view, "env") != 0
          || !gb_trace_get_tensor (trace, show->tensor, seq, &tensor))
        continue;
      if (tensor.ndim == 3 && *worth == 0)
        *worth = show->tensor;
      else if (tensor.ndim == 2 && is_whole (tensor.dtype) && *cells == 0)
        *cells = show->tensor;
      else if (tensor.ndim == 2 && !is_whole (tensor.dtype) && *values == 0)
        *values = show->tensor;
    }
}

static void
take_map (GbEnv *self, GbTrace *trace, guint64 tensor, guint64 seq, GbTensorValues **to)
{
  *to = tensor ? gb_tensor_values_new (trace, tensor, seq) : NULL;
  if (*to == NULL)
    return;
  self->rows = MIN (MAX (self->rows, (*to)->tensor.sizes[0]), GB_ENV_MOST_SIDE);
  self->columns = MIN (MAX (self->columns, (*to)->tensor.sizes[1]), GB_ENV_MOST_SIDE);
}

GbEnv *
gb_env_new (GbTraceCursor *cursor)
{
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  guint64 seq = gb_trace_cursor_get_position (cursor), cells, values, worth;
  GbEnv *self = g_new0 (GbEnv, 1);

  self->steps = g_array_new (FALSE, TRUE, sizeof (GbEnvStep));
  read_steps (self, cursor);
  gb_env_tensors (cursor, &cells, &values, &worth);
  take_map (self, trace, cells, seq, &self->cells);
  take_map (self, trace, values, seq, &self->values);
  take_map (self, trace, worth, seq, &self->worth);
  self->n_actions = self->worth ? (guint) MIN (self->worth->tensor.sizes[2], 4) : 0;
  if (self->steps->len == 0 && (self->rows == 0 || self->columns == 0))
    {
      gb_env_free (self);
      return NULL;
    }
  return self;
}

gboolean
gb_env_exists (GbTraceCursor *cursor)
{
  const GArray *events = gb_events_of (gb_trace_cursor_get_trace (cursor));
  guint64 cells, values, worth;

  for (guint i = 0; i < events->len; i++)
    if (strcmp (g_array_index (events, GbEvent, i).name, "env") == 0)
      return TRUE;
  gb_env_tensors (cursor, &cells, &values, &worth);
  return cells || values || worth;
}

static gboolean
number_at (const GbTensorValues *values, gint64 row, gint64 column, gint64 depth, double *number)
{
  gint64 index[GB_VALUES_MAX_NDIM] = { row, column, depth };

  return values && row < values->tensor.sizes[0] && column < values->tensor.sizes[1]
         && gb_tensor_values_get (values, index, number);
}

GbEnvCell
gb_env_cell (const GbEnv *self, gint64 row, gint64 column)
{
  double number;

  if (!number_at (self->cells, row, column, 0, &number) || number < 0 || number > GB_ENV_TRAP)
    return GB_ENV_FREE;
  return (GbEnvCell) number;
}

int
gb_env_policy (const GbEnv *self, gint64 row, gint64 column, double *worth)
{
  double number, most = -INFINITY, least = INFINITY;
  int best = -1;

  for (guint action = 0; action < self->n_actions; action++)
    {
      if (!number_at (self->worth, row, column, action, &number))
        return -1;
      if (worth)
        worth[action] = number;
      least = MIN (least, number);
      if (number > most)
        {
          most = number;
          best = (int) action;
        }
    }
  return best >= 0 && most > least ? best : -1;
}

gboolean
gb_env_value (const GbEnv *self, gint64 row, gint64 column, double *value)
{
  gboolean known = FALSE;

  if (number_at (self->values, row, column, 0, value))
    return TRUE;
  *value = -INFINITY;
  for (guint action = 0; action < self->n_actions; action++)
    {
      double number;
      if (!number_at (self->worth, row, column, action, &number))
        return FALSE;
      if (isnan (number))
        {
          *value = number;
          return TRUE;
        }
      *value = MAX (*value, number);
      known = TRUE;
    }
  return known;
}
