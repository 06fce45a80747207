#include "models/ab-model.h"

#include <math.h>
#include <string.h>

#include "models/graph-model.h"
#include "models/tensor-values.h"
#include "models/trace-branches.h"

#define MOST_NODES  60
#define MOST_PRINTS 200

static void
node_clear (gpointer data)
{
  g_free (((GbAbNode *) data)->label);
}

void
gb_ab_free (GbAb *self)
{
  if (!self)
    return;
  g_array_unref (self->changes);
  g_array_unref (self->metrics);
  g_array_unref (self->nodes);
  g_array_unref (self->edges);
  g_array_unref (self->weights);
  g_array_unref (self->prints);
  g_clear_object (&self->trace_a);
  g_clear_object (&self->trace_b);
  g_free (self);
}

static guint64
last_iteration (GbTrace *trace)
{
  guint n = gb_trace_get_n_iterations (trace);
  return n ? gb_trace_get_iteration (trace, n - 1)->iteration : 0;
}

/* The end of an iteration; of a run without any, its end. */
static guint64
seq_of (GbTrace *trace, guint64 iteration)
{
  const GbIteration *it = iteration ? gb_trace_find_iteration (trace, iteration) : NULL;
  return it ? it->last_seq : gb_trace_get_last_seq (trace);
}

/* ---- metrics ---- */

static const GbBucket *
bucket_at (const GbSeries *series, guint64 x)
{
  int at = gb_series_find (series, x);
  return at >= 0 ? gb_series_get (series, (guint) at) : NULL;
}

static void
compare_metric (GbAb *self, const GbLog *a, const GbLog *b)
{
  GbAbMetric metric = { .name = a->name, .a = a->series, .b = b->series, .mean_a = NAN, .mean_b = NAN };
  guint n_a = gb_series_get_n (a->series), n_b = gb_series_get_n (b->series);
  if (n_a == 0 || n_b == 0)
    return;
  guint64 end = MIN (gb_series_get (a->series, n_a - 1)->x1, gb_series_get (b->series, n_b - 1)->x1);
  if (self->iteration)
    end = MIN (end, self->iteration);
  metric.last_shared = end;
  guint parting = gb_series_parting (a->series, b->series);
  if (parting < n_b && gb_series_get (b->series, parting)->x0 <= end)
    metric.first_different = gb_series_get (b->series, parting)->x0;
  guint64 begin = MAX (metric.first_different, end >= GB_AB_WINDOW ? end - GB_AB_WINDOW + 1 : 1);
  double sum_a = 0, sum_b = 0;
  for (guint i = 0; metric.first_different && i < n_a; i++)
    {
      const GbBucket *x = gb_series_get (a->series, i), *y = bucket_at (b->series, x->x1);
      if (x->x1 < begin || x->x1 > end || !y || y->x1 < x->x0 || x->nonfinite || y->nonfinite)
        continue;
      metric.from = metric.n++ ? metric.from : x->x0;
      metric.to = x->x1;
      sum_a += gb_bucket_mean (x);
      sum_b += gb_bucket_mean (y);
    }
  if (metric.n)
    {
      metric.mean_a = sum_a / metric.n;
      metric.mean_b = sum_b / metric.n;
    }
  if (metric.first_different && (!self->parted || metric.first_different < self->parted))
    self->parted = metric.first_different;
  /* The loss is what one looks at first. */
  if (strcmp (metric.name, "loss") == 0)
    g_array_prepend_val (self->metrics, metric);
  else
    g_array_append_val (self->metrics, metric);
}

static void
compare_metrics (GbAb *self)
{
  for (guint i = 0; i < gb_trace_get_n_logs (self->trace_a); i++)
    for (guint k = 0; k < gb_trace_get_n_logs (self->trace_b); k++)
      if (strcmp (gb_trace_get_log (self->trace_a, i)->name, gb_trace_get_log (self->trace_b, k)->name) == 0)
        compare_metric (self, gb_trace_get_log (self->trace_a, i), gb_trace_get_log (self->trace_b, k));
}

/* ---- graph ---- */

static char *
node_key (GbTrace *trace, const GbGraphNode *node)
{
  const GbModule *module = node->module ? gb_trace_get_module (trace, node->module) : NULL;
  return g_strdup_printf ("%d %s %s", node->kind == GB_GRAPH_INPUT, module ? module->name : "",
                          node->label ? node->label : "");
}

static char **
node_keys (GbTrace *trace, GbGraph *graph)
{
  char **keys = g_new0 (char *, graph->nodes->len + 1);
  for (guint i = 0; i < graph->nodes->len; i++)
    keys[i] = node_key (trace, gb_graph_node (graph, i));
  return keys;
}

static void
add_node (GbAb *self, GbAbWhere where, const GbGraphNode *a, const GbGraphNode *b)
{
  const GbGraphNode *any = a ? a : b;
  GbAbNode node = { .where = where, .label = g_strdup (any->label ? any->label : "") };
  if (a)
    g_strlcpy (node.shape_a, a->shape, sizeof node.shape_a);
  if (b)
    g_strlcpy (node.shape_b, b->shape, sizeof node.shape_b);
  node.shapes_differ = where == GB_AB_BOTH && strcmp (node.shape_a, node.shape_b) != 0;
  self->n_both += where == GB_AB_BOTH;
  self->n_only_a += where == GB_AB_ONLY_A;
  self->n_only_b += where == GB_AB_ONLY_B;
  self->n_shapes += node.shapes_differ;
  g_array_append_val (self->nodes, node);
}

/* The longest common run of nodes, in order, is what both have (Hunt, McIlroy 1976); map_a and map_b receive
 * the place of each node in the union. */
static void
unite_nodes (GbAb *self, GbGraph *a, GbGraph *b, guint *map_a, guint *map_b)
{
  guint n = a->nodes->len, m = b->nodes->len, i = 0, k = 0;
  g_auto (GStrv) keys_a = node_keys (self->trace_a, a), keys_b = node_keys (self->trace_b, b);
  g_autofree guint *length = g_new0 (guint, (gsize) (n + 1) * (m + 1));
#define LENGTH(x, y) length[(gsize) (x) * (m + 1) + (y)]
  for (guint x = n; x-- > 0;)
    for (guint y = m; y-- > 0;)
      LENGTH (x, y) = strcmp (keys_a[x], keys_b[y]) == 0 ? LENGTH (x + 1, y + 1) + 1
                                                         : MAX (LENGTH (x + 1, y), LENGTH (x, y + 1));
  while (i < n || k < m)
    {
      guint place = self->nodes->len;
      if (i < n && k < m && strcmp (keys_a[i], keys_b[k]) == 0)
        {
          add_node (self, GB_AB_BOTH, gb_graph_node (a, i), gb_graph_node (b, k));
          map_a[i++] = map_b[k++] = place;
        }
      else if (k == m || (i < n && LENGTH (i + 1, k) >= LENGTH (i, k + 1)))
        {
          add_node (self, GB_AB_ONLY_A, gb_graph_node (a, i), NULL);
          map_a[i++] = place;
        }
      else
        {
          add_node (self, GB_AB_ONLY_B, NULL, gb_graph_node (b, k));
          map_b[k++] = place;
        }
    }
#undef LENGTH
}

static void
unite_edges (GbAb *self, GbGraph *graph, const guint *map, GbAbWhere where)
{
  for (guint i = 0; i < graph->edges->len; i++)
    {
      const GbGraphEdge *edge = &g_array_index (graph->edges, GbGraphEdge, i);
      GbAbEdge united = { map[edge->from], map[edge->to], where };
      gboolean known = FALSE;
      for (guint k = 0; k < self->edges->len && !known; k++)
        {
          GbAbEdge *other = &g_array_index (self->edges, GbAbEdge, k);
          known = other->from == united.from && other->to == united.to;
          if (known && other->where != where)
            other->where = GB_AB_BOTH;
        }
      if (!known)
        g_array_append_val (self->edges, united);
    }
}

static void
compare_graphs (GbAb *self, guint64 seq_a, guint64 seq_b)
{
  GbGraphOptions options = { .most_nodes = MOST_NODES };
  g_autoptr (GbTraceCursor) at_a = gb_trace_cursor_new (self->trace_a),
                            at_b = gb_trace_cursor_new (self->trace_b);
  gb_trace_cursor_set_position (at_a, seq_a);
  gb_trace_cursor_set_position (at_b, seq_b);
  g_autoptr (GbGraph) a = gb_graph_new (at_a, &options);
  g_autoptr (GbGraph) b = gb_graph_new (at_b, &options);
  g_autofree guint *map_a = g_new0 (guint, a->nodes->len + 1), *map_b = g_new0 (guint, b->nodes->len + 1);
  self->n_ops_a = a->n_ops;
  self->n_ops_b = b->n_ops;
  unite_nodes (self, a, b, map_a, map_b);
  unite_edges (self, a, map_a, GB_AB_ONLY_A);
  unite_edges (self, b, map_b, GB_AB_ONLY_B);
}

/* ---- weights ---- */

static double
norm_at (const GbParam *param, guint64 iteration)
{
  const GbBucket *bucket = bucket_at (param->param_norm, iteration ? iteration : G_MAXUINT64);
  return bucket ? bucket->last : NAN;
}

static gboolean
knows_all (const GbTensorValues *values)
{
  return values && values->values && values->numel > 0 && values->n_known == values->numel;
}

static void
compare_values (GbAbWeight *weight, const GbTensorValues *a, const GbTensorValues *b)
{
  double sum = 0, sum_a = 0, largest = 0;
  gint64 at = 0;
  for (gint64 i = 0; i < a->numel; i++)
    {
      double d = b->values[i] - a->values[i];
      sum += d * d;
      sum_a += a->values[i] * a->values[i];
      if (fabs (d) > fabs (largest))
        {
          largest = d;
          at = i;
        }
    }
  weight->has_values = TRUE;
  weight->difference = sqrt (sum);
  weight->relative = sum_a > 0 ? sqrt (sum / sum_a) : sum > 0 ? INFINITY : 0;
  weight->largest = largest;
  weight->is_same = largest == 0 && sum == 0;
  for (int d = a->tensor.ndim; d-- > 0; at /= a->tensor.sizes[d])
    weight->index[d] = at % a->tensor.sizes[d];
}

static void
compare_weight (GbAb *self, const GbParam *a, const GbParam *b, guint64 seq_a, guint64 seq_b)
{
  GbAbWeight weight = { .name = a->name, .where = GB_AB_BOTH };
  g_autoptr (GbTensorValues) x = gb_tensor_values_new (self->trace_a, a->tensor, seq_a);
  g_autoptr (GbTensorValues) y = gb_tensor_values_new (self->trace_b, b->tensor, seq_b);
  weight.norm_a = norm_at (a, self->iteration);
  weight.norm_b = norm_at (b, self->iteration);
  guint parting = gb_series_parting (a->param_norm, b->param_norm);
  if (parting < gb_series_get_n (b->param_norm)
      && (!self->iteration || gb_series_get (b->param_norm, parting)->x0 <= self->iteration)
      && bucket_at (a->param_norm, gb_series_get (b->param_norm, parting)->x0))
    weight.first_different = gb_series_get (b->param_norm, parting)->x0;
  weight.is_same = !(isnan (weight.norm_a) || isnan (weight.norm_b)) && weight.norm_a == weight.norm_b
                   && !weight.first_different;
  weight.difference = weight.relative = NAN;
  if (x && x->tensor.ndim <= 8)
    {
      weight.ndim = x->tensor.ndim;
      g_autoptr (GString) shape = g_string_new (NULL);
      for (int d = 0; d < weight.ndim; d++)
        g_string_append_printf (shape, "%s%" G_GINT64_FORMAT, d ? "×" : "", x->tensor.sizes[d]);
      g_strlcpy (weight.shape, shape->str, sizeof weight.shape);
    }
  weight.shapes_differ =
      x && y
      && (x->tensor.ndim != y->tensor.ndim
          || memcmp (x->tensor.sizes, y->tensor.sizes, sizeof (gint64) * (gsize) x->tensor.ndim) != 0);
  if (weight.shapes_differ)
    weight.is_same = FALSE;
  else if (knows_all (x) && knows_all (y))
    {
      compare_values (&weight, x, y);
      weight.values_a = gb_trace_iteration_at (self->trace_a, x->seq);
      weight.values_b = gb_trace_iteration_at (self->trace_b, y->seq);
    }
  else if (!isnan (weight.norm_a) && !isnan (weight.norm_b))
    weight.relative = weight.norm_a > 0 ? fabs (weight.norm_b - weight.norm_a) / weight.norm_a : 0;
  gboolean known =
      weight.has_values || weight.shapes_differ || !(isnan (weight.norm_a) || isnan (weight.norm_b));
  self->n_weights_known += known;
  self->n_weights_different += known && !weight.is_same;
  if (weight.first_different && (!self->first_weight || weight.first_different < self->first_weight))
    self->first_weight = weight.first_different;
  g_array_append_val (self->weights, weight);
}

static double
weight_order (const GbAbWeight *weight)
{
  return weight->shapes_differ ? G_MAXDOUBLE : isnan (weight->relative) ? -1 : MIN (weight->relative, 1e300);
}

static int
by_difference (gconstpointer a, gconstpointer b)
{
  const GbAbWeight *x = a, *y = b;
  double d = weight_order (y) - weight_order (x);
  return d < 0 ? -1 : d > 0 ? 1 : strcmp (x->name, y->name);
}

static const GbParam *
find_param (GbTrace *trace, const char *name)
{
  for (guint i = 0; i < gb_trace_get_n_params (trace); i++)
    if (strcmp (gb_trace_get_param (trace, i)->name, name) == 0)
      return gb_trace_get_param (trace, i);
  return NULL;
}

static void
add_lone (GbAb *self, GbTrace *trace, GbTrace *other, GbAbWhere where)
{
  for (guint i = 0; i < gb_trace_get_n_params (trace); i++)
    {
      const GbParam *param = gb_trace_get_param (trace, i);
      if (param->is_buffer || find_param (other, param->name))
        continue;
      GbAbWeight weight = {
        .name = param->name, .where = where, .norm_a = NAN, .norm_b = NAN, .difference = NAN, .relative = NAN
      };
      *(where == GB_AB_ONLY_A ? &weight.norm_a : &weight.norm_b) = norm_at (param, self->iteration);
      g_array_append_val (self->weights, weight);
    }
}

static void
compare_weights (GbAb *self, guint64 seq_a, guint64 seq_b)
{
  for (guint i = 0; i < gb_trace_get_n_params (self->trace_a); i++)
    {
      const GbParam *a = gb_trace_get_param (self->trace_a, i), *b = find_param (self->trace_b, a->name);
      if (b && !a->is_buffer)
        compare_weight (self, a, b, seq_a, seq_b);
    }
  g_array_sort (self->weights, by_difference);
  add_lone (self, self->trace_a, self->trace_b, GB_AB_ONLY_A);
  add_lone (self, self->trace_b, self->trace_a, GB_AB_ONLY_B);
  if (self->first_weight && (!self->parted || self->first_weight < self->parted))
    self->parted = self->first_weight;
}

/* ---- prints ---- */

typedef struct
{
  const char *text;
  gsize nbytes;
} Line;

static GArray *
read_lines (GbTrace *trace, guint64 seq)
{
  GArray *lines = g_array_new (FALSE, FALSE, sizeof (Line));
  gboolean open = FALSE;
  for (guint64 i = gb_trace_get_first_print (trace); i < gb_trace_get_n_prints (trace); i++)
    {
      const GbPrint *print = gb_trace_get_print (trace, i);
      if (!print || print->seq > seq)
        break;
      for (const char *at = print->text, *end; *at; at = end)
        {
          const char *newline = strchr (at, '\n');
          end = newline ? newline + 1 : at + strlen (at);
          Line line = { at, (gsize) (newline ? newline - at : end - at) };
          if (open && line.nbytes && !(newline && line.nbytes == 0))
            g_array_append_val (lines, line); /* pieces of one line, written apart, stand below each other */
          else if (!open)
            g_array_append_val (lines, line);
          open = newline == NULL;
        }
    }
  return lines;
}

static void
compare_prints (GbAb *self, guint64 seq_a, guint64 seq_b)
{
  g_autoptr (GArray) a = read_lines (self->trace_a, seq_a), b = read_lines (self->trace_b, seq_b);
  guint n = MAX (a->len, b->len);
  for (guint i = n > MOST_PRINTS ? n - MOST_PRINTS : 0; i < n; i++)
    {
      const Line *x = i < a->len ? &g_array_index (a, Line, i) : NULL,
                 *y = i < b->len ? &g_array_index (b, Line, i) : NULL;
      GbAbPrint print = { x ? x->text : NULL, y ? y->text : NULL, x ? x->nbytes : 0, y ? y->nbytes : 0,
                          FALSE };
      print.is_same = x && y && x->nbytes == y->nbytes && memcmp (x->text, y->text, x->nbytes) == 0;
      self->n_prints_different += !print.is_same;
      g_array_append_val (self->prints, print);
    }
}

/* ---- all ---- */

GbAb *
gb_ab_new (GbTraceCursor *cursor)
{
  GbAb *self = g_new0 (GbAb, 1);
  self->metrics = g_array_new (FALSE, FALSE, sizeof (GbAbMetric));
  self->nodes = g_array_new (FALSE, FALSE, sizeof (GbAbNode));
  g_array_set_clear_func (self->nodes, node_clear);
  self->edges = g_array_new (FALSE, FALSE, sizeof (GbAbEdge));
  self->weights = g_array_new (FALSE, FALSE, sizeof (GbAbWeight));
  self->prints = g_array_new (FALSE, FALSE, sizeof (GbAbPrint));
  self->trace_a = g_object_ref (gb_trace_cursor_get_trace (cursor));
  GbTrace *beside = gb_trace_cursor_get_beside (cursor, &self->branch_b, &self->name_b);
  self->branch_a = gb_trace_cursor_get_branch (cursor);
  if (!beside)
    {
      self->changes = g_array_new (FALSE, FALSE, sizeof (GbBranchChange));
      return self;
    }
  self->trace_b = g_object_ref (beside);
  self->changes = gb_branch_changes (self->trace_a, self->trace_b);
  self->last_a = last_iteration (self->trace_a);
  self->last_b = last_iteration (self->trace_b);
  self->iteration = MIN (MIN (gb_trace_cursor_get_iteration (cursor), self->last_a), self->last_b);
  guint64 seq_a = seq_of (self->trace_a, self->iteration), seq_b = seq_of (self->trace_b, self->iteration);
  if (!self->iteration)
    seq_a = gb_trace_cursor_get_position (cursor);
  compare_metrics (self);
  compare_graphs (self, seq_a, seq_b);
  compare_weights (self, seq_a, seq_b);
  /* Behind its last iteration the run is over, and so is what it printed last. */
  guint64 position = gb_trace_cursor_get_position (cursor);
  gboolean is_over = gb_trace_get_end (self->trace_a) && position > seq_of (self->trace_a, self->last_a);
  compare_prints (self, is_over ? position : seq_a, is_over ? gb_trace_get_last_seq (self->trace_b) : seq_b);
  return self;
}
