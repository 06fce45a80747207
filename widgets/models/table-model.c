#include "models/table-model.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "core/dtype.h"
#include "models/follower.h"

#define N_(text)        (text)
#define MOST_TENSORS    100000
#define MOST_UNMEASURED 4096 /* steps back to one that was measured */

static gpointer
key (guint64 id)
{
  return GSIZE_TO_POINTER (id);
}

/* ---- ops by place, and tensors with a name: collected while the run goes on ---- */
typedef struct
{
  guint32 name, pos;
  guint64 count, nsec, longest, last_call;
  gboolean is_optimizer, is_backward;
} Place;

typedef struct
{
  GArray *places;       /* Place */
  GHashTable *of_key;   /* (name, pos) -> index + 1 */
  GHashTable *running;  /* call -> index + 1, of ops that have not ended */
  GArray *named;        /* guint64 tensors in order of their first name */
  GHashTable *is_named; /* the same as a set */
} State;

static void
take_op (State *state, const TeRecordOp *op)
{
  guint64 where = (guint64) op->name << 32 | (op->caller_pos ? op->caller_pos : op->pos);
  guint at = GPOINTER_TO_UINT (g_hash_table_lookup (state->of_key, key (where)));

  if (at == 0)
    {
      Place place = { .name = op->name,
                      .pos = op->caller_pos ? op->caller_pos : op->pos,
                      .is_optimizer = (op->flags & TE_WIRE_OP_OPTIMIZER) != 0,
                      .is_backward = (op->flags & TE_WIRE_OP_BACKWARD) != 0 };
      g_array_append_val (state->places, place);
      at = state->places->len;
      g_hash_table_insert (state->of_key, key (where), GUINT_TO_POINTER (at));
    }
  g_array_index (state->places, Place, at - 1).last_call = op->call;
  /* An op whose end never came is not waited for without end. */
  if (g_hash_table_size (state->running) > 4096)
    g_hash_table_remove_all (state->running);
  g_hash_table_insert (state->running, key (op->call), GUINT_TO_POINTER (at));
}

static void
take (gpointer data, GbTrace *trace, const TeRecord *record)
{
  State *state = data;

  if (state->places == NULL)
    {
      state->places = g_array_new (FALSE, TRUE, sizeof (Place));
      state->of_key = g_hash_table_new (NULL, NULL);
      state->running = g_hash_table_new (NULL, NULL);
      state->named = g_array_new (FALSE, FALSE, sizeof (guint64));
      state->is_named = g_hash_table_new (NULL, NULL);
    }
  if (record->type == TE_RECORD_OP)
    take_op (state, (const TeRecordOp *) record);
  else if (record->type == TE_RECORD_OP_END)
    {
      const TeRecordOpEnd *end = (const TeRecordOpEnd *) record;
      guint at = GPOINTER_TO_UINT (g_hash_table_lookup (state->running, key (end->call)));
      if (at == 0)
        return;
      g_hash_table_remove (state->running, key (end->call));
      Place *place = &g_array_index (state->places, Place, at - 1);
      place->count++;
      place->nsec += end->nsec;
      place->longest = MAX (place->longest, end->nsec);
    }
  else if (record->type == TE_RECORD_NAME)
    {
      guint64 tensor = ((const TeRecordName *) record)->tensor;
      if (state->named->len < MOST_TENSORS && g_hash_table_add (state->is_named, key (tensor)))
        g_array_append_val (state->named, tensor);
    }
}

static void
clear (gpointer data)
{
  State *state = data;
  g_clear_pointer (&state->places, g_array_unref);
  g_clear_pointer (&state->of_key, g_hash_table_unref);
  g_clear_pointer (&state->running, g_hash_table_unref);
  g_clear_pointer (&state->named, g_array_unref);
  g_clear_pointer (&state->is_named, g_hash_table_unref);
}

static const GbFollowerClass follower = { "table", sizeof (State), take, clear };

/* ---- filling ---- */
static GbTableColumn *
add_column (GbTable *self, const char *title, GbCellKind kind)
{
  GbTableColumn *column = &self->columns[self->n_columns++];
  *column = (GbTableColumn){ .title = title, .kind = kind };
  if (kind == GB_CELL_TEXT)
    column->texts = g_ptr_array_new ();
  else
    column->numbers = g_array_new (FALSE, FALSE, sizeof (double));
  return column;
}

static void
put_number (GbTable *self, guint column, double value)
{
  g_array_append_val (self->columns[column].numbers, value);
}

static void
put_text (GbTable *self, guint column, const char *text)
{
  g_ptr_array_add (self->columns[column].texts,
                   text ? g_string_chunk_insert_const (self->chunk, text) : (char *) "");
}

static void
end_row (GbTable *self, guint64 pick, guint32 place)
{
  g_array_append_val (self->picks, pick);
  g_array_append_val (self->places, place);
  self->n_rows++;
}

/* A row per iteration that logged something: the logs are walked side by side, each forward only. */
static void
fill_logs (GbTable *self, GbTrace *trace, guint64 seq)
{
  guint n = MIN (gb_trace_get_n_logs (trace), GB_TABLE_MAX_COLUMNS - 1), at[GB_TABLE_MAX_COLUMNS] = { 0 };
  guint64 until = gb_trace_iteration_at (trace, seq);

  add_column (self, N_ ("iteration"), GB_CELL_COUNT);
  for (guint i = 0; i < n; i++)
    add_column (self, gb_trace_get_log (trace, i)->name, GB_CELL_NUMBER)->is_name = TRUE;
  for (;;)
    {
      guint64 next = G_MAXUINT64;
      for (guint i = 0; i < n; i++)
        {
          const GbSeries *series = gb_trace_get_log (trace, i)->series;
          if (at[i] < gb_series_get_n (series))
            next = MIN (next, gb_series_get (series, at[i])->x1);
        }
      if (next == G_MAXUINT64 || next > until)
        return;
      put_number (self, 0, (double) next);
      for (guint i = 0; i < n; i++)
        {
          const GbSeries *series = gb_trace_get_log (trace, i)->series;
          const GbBucket *bucket = at[i] < gb_series_get_n (series) ? gb_series_get (series, at[i]) : NULL;
          if (bucket && bucket->x1 == next)
            {
              put_number (self, i + 1, bucket->nonfinite == bucket->count ? NAN : bucket->last);
              at[i]++;
            }
          else
            put_number (self, i + 1, GB_TABLE_NOTHING);
        }
      end_row (self, next, 0);
    }
}

/* ---- curves: logs over an x that the program gives, or over their own count ---- */

/* What the longest curve runs over.  FALSE: logs by iteration make more rows. */
static gboolean
runs_over (GbTrace *trace, const char **over)
{
  guint most = 1;
  gboolean is_curve = FALSE;
  for (guint i = 0; i < gb_trace_get_n_logs (trace); i++)
    {
      const GbLog *log = gb_trace_get_log (trace, i);
      guint n = log->curve ? gb_curve_get_n (log->curve) : gb_series_get_n (log->series);
      if (n <= most)
        continue;
      most = n;
      is_curve = log->curve != NULL;
      *over = log->over;
    }
  return is_curve;
}

/* The curve's next point up to seq, NULL: none. */
static const GbCurvePoint *
next_point (const GbCurve *curve, guint at, guint64 seq)
{
  const GbCurvePoint *point = at < gb_curve_get_n (curve) ? gb_curve_get (curve, at) : NULL;
  return point && point->seq <= seq ? point : NULL;
}

/* A row per x that was logged, in the order in which they came: what stands at the same x shares it. */
static void
fill_curves (GbTable *self, GbTrace *trace, guint64 seq, const char *over)
{
  const GbCurve *curves[GB_TABLE_MAX_COLUMNS];
  guint at[GB_TABLE_MAX_COLUMNS] = { 0 }, n = 0;
  self->is_curve = TRUE;
  add_column (self, over ? over : N_ ("count"), GB_CELL_NUMBER)->is_name = over != NULL;
  for (guint i = 0; i < gb_trace_get_n_logs (trace) && n < GB_TABLE_MAX_COLUMNS - 1; i++)
    {
      const GbLog *log = gb_trace_get_log (trace, i);
      if (log->curve == NULL || g_strcmp0 (log->over, over) != 0)
        continue;
      add_column (self, log->name, GB_CELL_NUMBER)->is_name = TRUE;
      curves[n++] = log->curve;
    }
  for (;;)
    {
      const GbCurvePoint *first = NULL;
      for (guint i = 0; i < n; i++)
        {
          const GbCurvePoint *point = next_point (curves[i], at[i], seq);
          if (point && (first == NULL || point->seq < first->seq))
            first = point;
        }
      if (first == NULL)
        return;
      put_number (self, 0, first->x);
      for (guint i = 0; i < n; i++)
        {
          const GbCurvePoint *point = next_point (curves[i], at[i], seq);
          gboolean is_here = point && point->x == first->x;
          put_number (self, i + 1, is_here ? point->y : GB_TABLE_NOTHING);
          at[i] += is_here;
        }
      end_row (self, first->seq, 0);
    }
}

static double
series_last (const GbSeries *series, guint64 until)
{
  int at = gb_series_find (series, until);
  const GbBucket *bucket = at >= 0 ? gb_series_get (series, (guint) at) : NULL;
  return bucket == NULL ? GB_TABLE_NOTHING : bucket->nonfinite == bucket->count ? NAN : bucket->last;
}

/* Updates are measured now and then: the latest that was. */
static double
series_measured (const GbSeries *series, guint64 until)
{
  guint looked = 0;
  for (int at = gb_series_find (series, until); at >= 0 && looked++ < MOST_UNMEASURED; at--)
    if (gb_series_get (series, (guint) at)->nonfinite < gb_series_get (series, (guint) at)->count)
      return gb_series_get (series, (guint) at)->last;
  return GB_TABLE_NOTHING;
}

static void
put_geometry (GbTable *self, guint column, const GbTensor *t)
{
  GString *shape = g_string_new ("(");
  gint64 n = 1;

  for (int d = 0; d < t->ndim; d++)
    {
      g_string_append_printf (shape, "%s%" G_GINT64_FORMAT, d ? ", " : "", t->sizes[d]);
      n *= t->sizes[d];
    }
  g_string_append (shape, t->ndim == 1 ? ",)" : ")");
  put_text (self, column, shape->str);
  put_text (self, column + 1, te_dtype_name (t->dtype));
  put_number (self, column + 2, (double) n);
  g_string_free (shape, TRUE);
}

static void
add_stats_columns (GbTable *self)
{
  add_column (self, N_ ("mean"), GB_CELL_NUMBER);
  add_column (self, N_ ("deviation"), GB_CELL_NUMBER);
  add_column (self, N_ ("least"), GB_CELL_NUMBER);
  add_column (self, N_ ("greatest"), GB_CELL_NUMBER);
}

static void
put_stats (GbTable *self, guint column, GbTrace *trace, guint64 tensor, guint64 seq)
{
  const TeFactStats *stats = (const TeFactStats *) gb_trace_get_fact (trace, TE_FACT_STATS, tensor, seq);
  put_number (self, column, stats ? stats->mean : GB_TABLE_NOTHING);
  put_number (self, column + 1, stats ? stats->std : GB_TABLE_NOTHING);
  put_number (self, column + 2, stats ? stats->min : GB_TABLE_NOTHING);
  put_number (self, column + 3, stats ? stats->max : GB_TABLE_NOTHING);
}

static void
fill_params (GbTable *self, GbTrace *trace, guint64 seq)
{
  guint64 until = gb_trace_iteration_at (trace, seq);

  add_column (self, N_ ("parameter"), GB_CELL_TEXT);
  add_column (self, N_ ("shape"), GB_CELL_TEXT);
  add_column (self, "dtype", GB_CELL_TEXT)->is_name = TRUE;
  add_column (self, N_ ("numbers"), GB_CELL_COUNT);
  add_column (self, N_ ("norm"), GB_CELL_NUMBER);
  add_column (self, N_ ("norm of grad"), GB_CELL_NUMBER);
  add_column (self, N_ ("update"), GB_CELL_NUMBER);
  add_stats_columns (self);
  for (guint i = 0; i < gb_trace_get_n_params (trace); i++)
    {
      const GbParam *param = gb_trace_get_param (trace, i);
      GbTensor t;
      if (!gb_trace_get_tensor (trace, param->tensor, seq, &t))
        continue;
      put_text (self, 0, param->name);
      put_geometry (self, 1, &t);
      put_number (self, 4, series_last (param->param_norm, until));
      put_number (self, 5, series_last (param->grad_norm, until));
      put_number (self, 6, series_measured (param->update_norm, until));
      put_stats (self, 7, trace, param->tensor, seq);
      end_row (self, param->tensor, i);
    }
}

static void
fill_ops (GbTable *self, GbTrace *trace)
{
  const State *state = gb_follower_of (trace, &follower);

  add_column (self, N_ ("op"), GB_CELL_TEXT);
  add_column (self, N_ ("line"), GB_CELL_COUNT);
  add_column (self, N_ ("calls"), GB_CELL_COUNT);
  add_column (self, N_ ("time"), GB_CELL_TIME);
  add_column (self, N_ ("per call"), GB_CELL_TIME);
  add_column (self, N_ ("longest"), GB_CELL_TIME);
  add_column (self, N_ ("in"), GB_CELL_TEXT);
  for (guint i = 0; state->places && i < state->places->len; i++)
    {
      const Place *place = &g_array_index (state->places, Place, i);
      const GbPosition *pos = gb_trace_get_position (trace, place->pos);
      put_text (self, 0, gb_trace_get_string (trace, place->name));
      put_number (self, 1, pos ? pos->line : GB_TABLE_NOTHING);
      put_number (self, 2, (double) place->count);
      put_number (self, 3, (double) place->nsec);
      put_number (self, 4, place->count ? (double) place->nsec / (double) place->count : GB_TABLE_NOTHING);
      put_number (self, 5, (double) place->longest);
      put_text (self, 6, place->is_optimizer ? "step" : place->is_backward ? "backward" : "forward");
      end_row (self, place->last_call, place->pos);
    }
}

static void
fill_tensors (GbTable *self, GbTrace *trace, guint64 seq)
{
  const State *state = gb_follower_of (trace, &follower);

  add_column (self, N_ ("name"), GB_CELL_TEXT);
  add_column (self, N_ ("shape"), GB_CELL_TEXT);
  add_column (self, "dtype", GB_CELL_TEXT)->is_name = TRUE;
  add_column (self, N_ ("numbers"), GB_CELL_COUNT);
  add_column (self, N_ ("memory"), GB_CELL_BYTES);
  add_column (self, "requires_grad", GB_CELL_TEXT)->is_name = TRUE;
  add_column (self, N_ ("version"), GB_CELL_COUNT);
  add_stats_columns (self);
  for (guint i = 0; state->named && i < state->named->len; i++)
    {
      guint64 tensor = g_array_index (state->named, guint64, i);
      const char *name = gb_trace_get_tensor_name (trace, tensor, seq);
      GbTensor t;
      if (name == NULL || !gb_trace_get_tensor (trace, tensor, seq, &t))
        continue;
      put_text (self, 0, name);
      put_geometry (self, 1, &t);
      put_number (self, 4,
                  g_array_index (self->columns[3].numbers, double, self->n_rows) * te_dtype_nbytes (t.dtype));
      put_text (self, 5, t.flags & TE_WIRE_REQUIRES_GRAD ? "True" : "False");
      put_number (self, 6, t.version);
      put_stats (self, 7, trace, tensor, seq);
      end_row (self, tensor, 0);
    }
}

GbTable *
gb_table_new (GbTrace *trace, guint64 seq, GbTableKind kind)
{
  GbTable *self = g_new0 (GbTable, 1);
  const char *over;

  self->kind = kind;
  self->chunk = g_string_chunk_new (4096);
  self->picks = g_array_new (FALSE, FALSE, sizeof (guint64));
  self->places = g_array_new (FALSE, FALSE, sizeof (guint32));
  switch (kind)
    {
    case GB_TABLE_LOGS:
      if (runs_over (trace, &over))
        fill_curves (self, trace, seq, over);
      else
        fill_logs (self, trace, seq);
      break;
    case GB_TABLE_PARAMS:
      fill_params (self, trace, seq);
      break;
    case GB_TABLE_OPS:
      fill_ops (self, trace);
      break;
    case GB_TABLE_TENSORS:
      fill_tensors (self, trace, seq);
      break;
    case GB_N_TABLES:
      break;
    }
  return self;
}

void
gb_table_free (GbTable *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < self->n_columns; i++)
    {
      g_clear_pointer (&self->columns[i].numbers, g_array_unref);
      g_clear_pointer (&self->columns[i].texts, g_ptr_array_unref);
    }
  g_array_unref (self->picks);
  g_array_unref (self->places);
  g_string_chunk_free (self->chunk);
  g_free (self->order);
  g_free (self);
}

guint
gb_table_count (GbTrace *trace, GbTableKind kind)
{
  const State *state;
  guint n = 0;

  switch (kind)
    {
    case GB_TABLE_LOGS:
      for (guint i = 0; i < gb_trace_get_n_logs (trace); i++)
        {
          const GbLog *log = gb_trace_get_log (trace, i);
          n = MAX (n, log->curve ? gb_curve_get_n (log->curve) : gb_series_get_n (log->series));
        }
      return n;
    case GB_TABLE_PARAMS:
      return gb_trace_get_n_params (trace);
    case GB_TABLE_OPS:
      state = gb_follower_of (trace, &follower);
      return state->places ? state->places->len : 0;
    case GB_TABLE_TENSORS:
      state = gb_follower_of (trace, &follower);
      return state->named ? state->named->len : 0;
    case GB_N_TABLES:
      break;
    }
  return 0;
}

/* ---- order ---- */
typedef struct
{
  const GbTableColumn *column;
  gboolean descending;
} Order;

static gboolean
is_nothing (double value)
{
  return isnan (value) || value == GB_TABLE_NOTHING;
}

static int
compare_rows (gconstpointer a, gconstpointer b, gpointer data)
{
  const Order *order = data;
  guint32 i = *(const guint32 *) a, k = *(const guint32 *) b;
  int sign = 0;

  if (order->column->texts)
    sign = strcmp (g_ptr_array_index (order->column->texts, i), g_ptr_array_index (order->column->texts, k));
  else
    {
      double x = g_array_index (order->column->numbers, double, i),
             y = g_array_index (order->column->numbers, double, k);
      if (is_nothing (x) || is_nothing (y))
        return is_nothing (x) != is_nothing (y) ? (is_nothing (x) ? 1 : -1) : i < k ? -1 : i > k;
      sign = x < y ? -1 : x > y;
    }
  if (sign == 0)
    return i < k ? -1 : i > k;
  return order->descending ? -sign : sign;
}

void
gb_table_sort (GbTable *self, guint column, gboolean descending)
{
  Order order = { &self->columns[column], descending };

  if (column >= self->n_columns || self->n_rows == 0)
    return;
  if (self->order == NULL)
    self->order = g_new (guint32, self->n_rows);
  for (guint32 i = 0; i < self->n_rows; i++)
    self->order[i] = i;
  g_qsort_with_data (self->order, (gint) self->n_rows, sizeof (guint32), compare_rows, &order);
}

/* ---- cells ---- */
const char *
gb_table_text (const GbTable *self, guint row, guint column)
{
  return self->columns[column].texts ? g_ptr_array_index (self->columns[column].texts, row) : NULL;
}

double
gb_table_number (const GbTable *self, guint row, guint column)
{
  return self->columns[column].numbers ? g_array_index (self->columns[column].numbers, double, row)
                                       : GB_TABLE_NOTHING;
}

void
gb_table_pick (const GbTable *self, guint row, GbPick *pick)
{
  guint64 id = g_array_index (self->picks, guint64, row);

  switch (self->kind)
    {
    case GB_TABLE_LOGS:
      if (self->is_curve)
        *pick = (GbPick){ .facets = GB_PICK_EVENT, .event = id };
      else
        *pick = (GbPick){ .facets = GB_PICK_ITERATION, .iteration = id };
      break;
    case GB_TABLE_PARAMS:
      *pick = (GbPick){ .facets = GB_PICK_TENSOR | GB_PICK_PARAM,
                        .tensor = id,
                        .param = g_array_index (self->places, guint32, row) };
      break;
    case GB_TABLE_OPS:
      *pick = (GbPick){ .facets = GB_PICK_OP | GB_PICK_POSITION,
                        .call = id,
                        .pos = g_array_index (self->places, guint32, row) };
      break;
    case GB_TABLE_TENSORS:
    case GB_N_TABLES:
      *pick = (GbPick){ .facets = GB_PICK_TENSOR, .tensor = id };
      break;
    }
}

int
gb_table_find (const GbTable *self, const GbPick *pick)
{
  static const guint wanted[GB_N_TABLES] = { GB_PICK_ITERATION, GB_PICK_TENSOR | GB_PICK_PARAM, GB_PICK_OP,
                                             GB_PICK_TENSOR };
  guint64 id = self->is_curve               ? pick->event
               : self->kind == GB_TABLE_LOGS ? pick->iteration
               : self->kind == GB_TABLE_OPS  ? pick->call
                                             : pick->tensor;

  if (!(pick->facets & (self->is_curve ? GB_PICK_EVENT : wanted[self->kind])))
    return -1;
  for (guint i = 0; i < self->n_rows; i++)
    if (g_array_index (self->picks, guint64, gb_table_row (self, i)) == id)
      return (int) i;
  return -1;
}

static void
append_field (GString *out, const char *text)
{
  if (strpbrk (text, ",\"\r\n") == NULL)
    {
      g_string_append (out, text);
      return;
    }
  g_string_append_c (out, '"');
  for (; *text; text++)
    {
      if (*text == '"')
        g_string_append_c (out, '"');
      g_string_append_c (out, *text);
    }
  g_string_append_c (out, '"');
}

/* Digits that a program reads back as the same number. */
static const char *
field_text (const GbTable *self, guint row, guint column, char *buffer, gsize nbytes)
{
  double value = gb_table_number (self, row, column);

  if (self->columns[column].texts)
    return gb_table_text (self, row, column);
  return value == GB_TABLE_NOTHING ? "" : g_ascii_dtostr (buffer, (gint) nbytes, value);
}

char *
gb_table_dup_csv (const GbTable *self, const char *(*translate) (const char *msgid))
{
  GString *out = g_string_new (NULL);
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  for (guint c = 0; c < self->n_columns; c++)
    {
      const char *title = self->columns[c].title;
      if (c)
        g_string_append_c (out, ',');
      append_field (out, translate && !self->columns[c].is_name ? translate (title) : title);
    }
  g_string_append (out, "\r\n");
  for (guint i = 0; i < self->n_rows; i++)
    {
      for (guint c = 0; c < self->n_columns; c++)
        {
          if (c)
            g_string_append_c (out, ',');
          append_field (out, field_text (self, gb_table_row (self, i), c, buffer, sizeof buffer));
        }
      g_string_append (out, "\r\n");
    }
  return g_string_free (out, FALSE);
}
