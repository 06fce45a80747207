#include "cli/bench-layout.h"
#include "cli/bench-run.h"

#include <gio/gio.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "common/i18n.h"
#include "models/layered-layout.h"

#define MOST_FOR_DOT 1000 /* nodes: from some thousand on it takes minutes */
#define BOX_WIDTH    80
#define BOX_HEIGHT   48
#define CURVE_PARTS  6    /* straight pieces for a piece of a curve */

/* ---- graphs ---- */

/* A transformer's graph: per layer a chain with residual edges and a fan of three. */
static GArray *
transformer_edges (guint n_nodes)
{
  GArray *edges = g_array_new (FALSE, TRUE, sizeof (GbLayoutEdge));
  guint last = 0;
  static const guint8 from[] = { 0, 1, 1, 1, 2, 3, 5, 4, 6, 7, 0, 8, 9, 10, 11, 8 };
  static const guint8 to[] = { 1, 2, 3, 4, 5, 5, 6, 6, 7, 8, 8, 9, 10, 11, 12, 12 };
  for (; last + 12 < n_nodes; last += 12)
    for (guint i = 0; i < G_N_ELEMENTS (from); i++)
      {
        GbLayoutEdge edge = { .from = last + from[i], .to = last + to[i] };
        g_array_append_val (edges, edge);
      }
  return edges;
}

/* One to two edges a node, from one of the ten nodes before it. */
static GArray *
random_edges (guint n_nodes)
{
  GArray *edges = g_array_new (FALSE, TRUE, sizeof (GbLayoutEdge));
  g_autoptr (GRand) random = g_rand_new_with_seed (5);
  for (guint to = 1; to < n_nodes; to++)
    for (int k = g_rand_int_range (random, 0, 100) < 58 ? 2 : 1; k > 0; k--)
      {
        GbLayoutEdge edge = { .from = (guint) g_rand_int_range (random, MAX (0, (int) to - 10), (int) to), .to = to };
        g_array_append_val (edges, edge);
      }
  return edges;
}

/* ---- crossings: pairs of edges without a common node whose curves meet ---- */

typedef struct
{
  guint from, to, n;
  double *points; /* x, y pairs; owned */
  double left, right, top, bottom;
} Curve;

static void
curve_clear (gpointer data)
{
  g_free (((Curve *) data)->points);
}

static void
curve_measure (Curve *curve)
{
  curve->left = curve->top = INFINITY;
  curve->right = curve->bottom = -INFINITY;
  for (guint i = 0; i < curve->n; i++)
    {
      curve->left = fmin (curve->left, curve->points[2 * i]);
      curve->right = fmax (curve->right, curve->points[2 * i]);
      curve->top = fmin (curve->top, curve->points[2 * i + 1]);
      curve->bottom = fmax (curve->bottom, curve->points[2 * i + 1]);
    }
}

static double
side (const double *a, const double *b, const double *c)
{
  return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}

static gboolean
curves_meet (const Curve *a, const Curve *b)
{
  for (guint i = 0; i + 1 < a->n; i++)
    for (guint k = 0; k + 1 < b->n; k++)
      {
        const double *p = a->points + 2 * i, *q = b->points + 2 * k;
        if (side (p, p + 2, q) * side (p, p + 2, q + 2) < 0 && side (q, q + 2, p) * side (q, q + 2, p + 2) < 0)
          return TRUE;
      }
  return FALSE;
}

static int
by_left (gconstpointer a, gconstpointer b)
{
  const Curve *x = a, *y = b;
  return x->left < y->left ? -1 : x->left > y->left;
}

static guint
count_crossings (GArray *curves)
{
  guint n = 0;
  g_array_sort (curves, by_left);
  for (guint i = 0; i < curves->len; i++)
    for (guint k = i + 1; k < curves->len; k++)
      {
        const Curve *a = &g_array_index (curves, Curve, i), *b = &g_array_index (curves, Curve, k);
        if (b->left > a->right)
          break;
        if (b->top > a->bottom || b->bottom < a->top || a->from == b->from || a->from == b->to || a->to == b->from
            || a->to == b->to)
          continue;
        n += curves_meet (a, b);
      }
  return n;
}

static GArray *
new_curves (void)
{
  GArray *curves = g_array_new (FALSE, FALSE, sizeof (Curve));
  g_array_set_clear_func (curves, curve_clear);
  return curves;
}

static guint
own_crossings (const GbLayout *layout, guint n_edges)
{
  g_autoptr (GArray) curves = new_curves ();
  const GbLayoutEdge *edges = gb_layout_get_edges (layout);
  for (guint i = 0; i < n_edges; i++)
    {
      Curve curve = { edges[i].from, edges[i].to, edges[i].n_points,
                      g_memdup2 (edges[i].points, sizeof (double) * 2 * edges[i].n_points) };
      curve_measure (&curve);
      g_array_append_val (curves, curve);
    }
  return count_crossings (curves);
}

/* ---- dot ---- */

/* A line of its plain output: edge TAIL HEAD N x1 y1 … xN yN …, the points of a curve of cubic pieces. */
static void
take_edge (GArray *curves, char **word)
{
  guint n = (guint) g_ascii_strtoull (word[3], NULL, 10), pieces = (n - 1) / 3;
  if (n < 4 || g_strv_length (word) < 4 + 2 * n)
    return;
  Curve curve = { (guint) g_ascii_strtoull (word[1] + 1, NULL, 10), (guint) g_ascii_strtoull (word[2] + 1, NULL, 10),
                  pieces * CURVE_PARTS + 1, g_new0 (double, 2 * (pieces * CURVE_PARTS + 1)) };
  for (guint i = 0; i < curve.n; i++)
    for (int axis = 0; axis < 2; axis++)
      {
        guint piece = MIN (i / CURVE_PARTS, pieces - 1);
        double t = (double) (i - piece * CURVE_PARTS) / CURVE_PARTS, p[4];
        for (guint k = 0; k < 4; k++)
          p[k] = g_ascii_strtod (word[4 + 2 * (3 * piece + k) + (guint) axis], NULL);
        curve.points[2 * i + (guint) axis] = (1 - t) * (1 - t) * (1 - t) * p[0] + 3 * t * (1 - t) * (1 - t) * p[1]
                                             + 3 * t * t * (1 - t) * p[2] + t * t * t * p[3];
      }
  curve_measure (&curve);
  g_array_append_val (curves, curve);
}

static double
msec_of_children (void)
{
  struct rusage used;
  getrusage (RUSAGE_CHILDREN, &used);
  return (double) (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e3
         + (double) (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e3;
}

/* FALSE: it did not run. */
static gboolean
run_dot (GArray *edges, double *msec, guint *crossings)
{
  g_autoptr (GString) text = g_string_new ("digraph { rankdir=LR; node [shape=box];\n");
  g_autoptr (GArray) curves = new_curves ();
  g_autofree char *output = NULL;
  double before = msec_of_children ();
  for (guint i = 0; i < edges->len; i++)
    {
      const GbLayoutEdge *edge = &g_array_index (edges, GbLayoutEdge, i);
      g_string_append_printf (text, "n%u -> n%u;\n", edge->from, edge->to);
    }
  g_string_append (text, "}\n");
  g_autoptr (GSubprocess) dot = g_subprocess_new (
      G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, NULL, "dot", "-Tplain", NULL);
  if (!dot || !g_subprocess_communicate_utf8 (dot, text->str, NULL, &output, NULL, NULL)
      || !g_subprocess_get_successful (dot))
    return FALSE;
  *msec = msec_of_children () - before;
  g_auto (GStrv) lines = g_strsplit (output, "\n", -1);
  for (char **line = lines; *line; line++)
    {
      g_auto (GStrv) word = g_strsplit (*line, " ", -1);
      if (g_str_has_prefix (*line, "edge ") && g_strv_length (word) > 4)
        take_edge (curves, word);
    }
  *crossings = count_crossings (curves);
  return TRUE;
}

/* ---- the figures ---- */

static double
processor_msec (void)
{
  struct timespec now;
  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return (double) now.tv_sec * 1e3 + (double) now.tv_nsec / 1e6;
}

static GbLayout *
lay_out (guint n_nodes, const GArray *edges)
{
  static const GbLayoutOptions options = { .layer_gap = 26, .node_gap = 20, .lane_gap = 10 };
  g_autofree GbLayoutNode *nodes = g_new0 (GbLayoutNode, n_nodes);
  for (guint k = 0; k < n_nodes; k++)
    nodes[k] = (GbLayoutNode){ .width = BOX_WIDTH, .height = BOX_HEIGHT };
  return gb_layout_new (nodes, n_nodes, (GbLayoutEdge *) (void *) edges->data, edges->len, &options);
}

static guint
bench_graph (const char *family, guint n_nodes, GArray *edges, gboolean has_dot)
{
  g_autofree char *name = g_strdup_printf ("%s %u", family, n_nodes);
  double msec = INFINITY, theirs = NAN, limit = n_nodes == 1000 ? 10 : n_nodes == 10000 ? 100 : NAN;
  guint crossings = 0, of_dot = 0, over = 0;
  for (int round = 0; round < 3; round++)
    {
      double begin = processor_msec ();
      GbLayout *layout = lay_out (n_nodes, edges);
      msec = fmin (msec, processor_msec () - begin);
      if (round == 0)
        crossings = own_crossings (layout, edges->len);
      gb_layout_free (layout);
    }
  gboolean beside = has_dot && n_nodes <= MOST_FOR_DOT && run_dot (edges, &theirs, &of_dot);
  double most = fmax (1.2 * of_dot, of_dot + 3);
  g_print ("%-22s %10.3g", name, msec);
  if (isnan (limit))
    g_print (" %8s", "");
  else
    g_print (" %8.0f", limit);
  if (beside)
    g_print (" %10.3g %9u %9u %9.0f", theirs, crossings, of_dot, most);
  else
    g_print (" %10s %9u %9s %9s", "", crossings, "", "");
  over += (!isnan (limit) && msec > limit) + (beside && crossings > most);
  g_print ("  %s\n", over ? _ ("OVER") : _ ("holds"));
  return over;
}

/* ---- a graph that grows ---- */

/* How far the nodes of before have moved against each other, in heights of a box: what all of them move together, the camera
 * goes along with. */
static void
measure_moves (const GbLayout *before, const GbLayout *after, guint n, double *moved)
{
  const GbLayoutNode *a = gb_layout_get_nodes (before), *b = gb_layout_get_nodes (after);
  g_autofree double *dx = g_new (double, n), *dy = g_new (double, n);
  for (guint i = 0; i < n; i++)
    {
      dx[i] = b[i].x - a[i].x;
      dy[i] = b[i].y - a[i].y;
    }
  double x = gb_bench_quantile (dx, n, 0.5), y = gb_bench_quantile (dy, n, 0.5);
  for (guint i = 0; i < n; i++)
    moved[i] = hypot (b[i].x - a[i].x - x, b[i].y - a[i].y - y) / BOX_HEIGHT;
}

static guint
n_edges_within (GArray *edges, guint n_nodes)
{
  guint n = 0;
  while (n < edges->len && g_array_index (edges, GbLayoutEdge, n).to < n_nodes)
    n++;
  return n;
}

/* From first to last nodes, each time by a percentage, or by one node where that is 0.  edges in order of their ends. */
static guint
bench_growth (const char *family, GArray *edges, guint first, guint last, guint percent, gboolean has_dot)
{
  g_autofree char *name = g_strdup_printf (percent ? "%s %u–%u, +%u %%" : "%s %u–%u, +1", family, first, last, percent);
  g_autofree double *moved = g_new (double, last), *median = g_new (double, last), *far = g_new (double, last);
  double worst = 0, theirs;
  guint n_steps = 0, n_before = 0, most = 0, limit = 0;
  GbLayout *before = NULL;
  for (guint n = first; n <= last; n += MAX (1, n * percent / 100))
    {
      g_autoptr (GArray) part = g_array_new (FALSE, FALSE, sizeof (GbLayoutEdge));
      g_array_append_vals (part, edges->data, n_edges_within (edges, n));
      GbLayout *layout = lay_out (n, part);
      guint crossings = own_crossings (layout, part->len), of_dot = 0;
      if (has_dot && run_dot (part, &theirs, &of_dot))
        {
          double may = 2 * fmax (1.2 * of_dot, of_dot + 3);
          if (crossings / may >= worst)
            {
              worst = crossings / may;
              most = crossings;
              limit = (guint) may;
            }
        }
      if (before)
        {
          measure_moves (before, layout, n_before, moved);
          median[n_steps] = gb_bench_quantile (moved, n_before, 0.5);
          far[n_steps++] = gb_bench_quantile (moved, n_before, 0.95);
        }
      g_clear_pointer (&before, gb_layout_free);
      before = layout;
      n_before = n;
    }
  gb_layout_free (before);
  g_print ("%-28s %6u %10.3g %10.3g", name, n_steps, gb_bench_quantile (median, n_steps, 0.5), gb_bench_quantile (far, n_steps, 0.5));
  if (has_dot)
    g_print (" %9u %9u  %s", most, limit, worst > 1 ? _ ("OVER") : _ ("holds"));
  g_print ("\n");
  return worst > 1;
}

static guint
bench_growths (gboolean has_dot)
{
  g_autoptr (GArray) any = random_edges (1000), transformer = transformer_edges (1000);
  guint over = 0;
  /* Moves in heights of a box, of the nodes that stay: the median of all steps.  Crossings: those that come nearest to the limit. */
  g_print ("\n%-28s %6s %10s %10s %9s %9s\n", _ ("layout of a graph that grows"), _ ("steps"), _ ("moves, p50"),
           _ ("p95"), has_dot ? _ ("crossings") : "", has_dot ? _ ("limit") : "");
  over += bench_growth (_ ("transformer"), transformer, 100, 1000, 10, has_dot);
  over += bench_growth (_ ("random"), any, 100, 1000, 10, has_dot);
  over += bench_growth (_ ("random"), any, 200, 240, 0, has_dot);
  return over;
}

guint
gb_bench_layout (void)
{
  static const guint sizes[] = { 100, 1000, 10000 };
  g_autofree char *dot = g_find_program_in_path ("dot");
  guint over = 0;
  g_print ("\n%-22s %10s %8s %10s %9s %9s %9s\n", _ ("layout, nodes"), _ ("ms"), _ ("limit"), dot ? _ ("dot, ms") : "",
           _ ("crossings"), dot ? "dot" : "", dot ? _ ("limit") : "");
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (GArray) transformer = transformer_edges (sizes[i]);
      over += bench_graph (_ ("transformer"), sizes[i], transformer, dot != NULL);
    }
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (GArray) any = random_edges (sizes[i]);
      over += bench_graph (_ ("random"), sizes[i], any, dot != NULL);
    }
  over += bench_growths (dot != NULL);
  if (!dot)
    g_print ("%s\n", _ ("Graphviz is not installed: nothing to compare the crossings with."));
  return over;
}
