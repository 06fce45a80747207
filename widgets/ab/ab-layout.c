#include "ab/ab-layout.h"

#include <math.h>

#include "ab/ab-text.h"
#include "common/branch-text.h"
#include "common/i18n.h"

#define PAD               12
#define LEFT              46
#define TITLE             26
#define GAP               14
#define PANEL_HEIGHT      104
#define DIFFERENCE_HEIGHT 40
#define PANEL_AXIS        34
#define MOST_PANELS       4
#define MOST_ROWS         40
#define MOST_PRINTS       24
#define CONTEXT           2   /* equal lines before the first that differs */
#define LEAST_ZOOM        0.7 /* below it what is the same is folded */
#define NODE_HEIGHT       40

void
gb_ab_layout_free (GbAbLayout *self)
{
  if (!self)
    return;
  gb_ab_free (self->ab);
  g_free (self->side[0]);
  g_free (self->side[1]);
  g_free (self->changes);
  g_free (self->verdict);
  for (guint i = 0; i < GB_AB_N_PARTS; i++)
    g_free (self->parts[i].title);
  g_array_unref (self->panels);
  g_array_unref (self->boxes);
  g_array_unref (self->wheres);
  gb_layout_free (self->graph);
  g_free (self);
}

const char *
gb_ab_part_title (GbAbPart part)
{
  switch (part)
    {
    case GB_AB_METRICS:
      return _ ("Logged values");
    case GB_AB_GRAPH:
      return _ ("Graph");
    case GB_AB_WEIGHTS:
      return _ ("Weights");
    case GB_AB_PRINTS:
      return _ ("Prints");
    case GB_AB_N_PARTS:
      break;
    }
  return _ ("Everything");
}

double
gb_ab_layout_x (const GbAbLayout *self, const GbAbPanel *panel, double iteration)
{
  return panel->x + gb_axis_place (&self->x_axis, iteration) * panel->width;
}

/* ---- metrics ---- */

static double
right_room (const GbAbLayout *self, const GbDrawContext *ctx)
{
  return MIN (gb_draw_text_width (ctx, GB_FACE_SMALL_BOLD, "B - A -0.0000") + 14, self->width * 0.3);
}

static void
scale_panel (GbAbPanel *panel)
{
  const GbSeries *series[2] = { panel->metric->a, panel->metric->b };
  double low = INFINITY, high = -INFINITY;
  for (guint s = 0; s < 2; s++)
    for (guint i = 0; i < gb_series_get_n (series[s]); i++)
      {
        const GbBucket *bucket = gb_series_get (series[s], i);
        if (bucket->count == bucket->nonfinite)
          continue;
        low = MIN (low, bucket->min);
        high = MAX (high, bucket->max);
      }
  if (!(high >= low))
    low = 0, high = 1;
  if (low > 0 && low < 0.5 * high)
    low = 0;
  panel->axis = gb_axis_linear (low, high, 3);
  for (guint i = 0; i < gb_series_get_n (panel->metric->a); i++)
    {
      const GbBucket *a = gb_series_get (panel->metric->a, i);
      int at = gb_series_find (panel->metric->b, a->x1);
      const GbBucket *b = at >= 0 ? gb_series_get (panel->metric->b, (guint) at) : NULL;
      double d = b && b->x1 >= a->x0 ? fabs (gb_bucket_mean (b) - gb_bucket_mean (a)) : 0;
      if (isfinite (d))
        panel->most = MAX (panel->most, d);
    }
}

static double
place_metrics (GbAbLayout *self, double y, const GbDrawContext *ctx)
{
  guint n = MIN (self->ab->metrics->len, MOST_PANELS);
  double width = MAX (self->width - PAD - LEFT - right_room (self, ctx), 20);
  guint64 last = MAX (MAX (self->ab->last_a, self->ab->last_b), 4);
  for (guint i = 0; i < n; i++)
    {
      const GbAbMetric *metric = &g_array_index (self->ab->metrics, GbAbMetric, i);
      GbAbPanel panel = { .metric = metric, .x = LEFT, .y = y + 16, .width = width, .height = PANEL_HEIGHT };
      panel.difference_y = panel.y + panel.height + 10;
      panel.difference_height = DIFFERENCE_HEIGHT;
      last = MAX (last, gb_series_get (metric->a, gb_series_get_n (metric->a) - 1)->x1);
      last = MAX (last, gb_series_get (metric->b, gb_series_get_n (metric->b) - 1)->x1);
      scale_panel (&panel);
      g_array_append_val (self->panels, panel);
      y += 16 + PANEL_HEIGHT + 10 + DIFFERENCE_HEIGHT + PANEL_AXIS;
    }
  self->x_axis = gb_axis_whole (0, (double) last, (guint) MAX (2, width / 80));
  return n ? y - 6 : y + GB_AB_ROW;
}

/* ---- graph ---- */

static gboolean
is_plain (const GbAbNode *node)
{
  return node->where == GB_AB_BOTH && !node->shapes_differ;
}

/* What is the same, but for the neighbours of what is not, becomes boxes that count it.  group receives the
 * box of each node. */
static void
fold (GbAbLayout *self, gboolean folds, guint *group)
{
  guint n = self->ab->nodes->len;
  g_autofree gboolean *keep = g_new0 (gboolean, n + 1);
  for (guint i = 0; i < n; i++)
    keep[i] = !folds || !is_plain (&g_array_index (self->ab->nodes, GbAbNode, i));
  g_autofree gboolean *differs = g_memdup2 (keep, sizeof *keep * (n + 1));
  for (guint i = 0; i < self->ab->edges->len; i++)
    {
      const GbAbEdge *edge = &g_array_index (self->ab->edges, GbAbEdge, i);
      keep[edge->from] |= differs[edge->to];
      keep[edge->to] |= differs[edge->from];
    }
  g_array_set_size (self->boxes, 0);
  for (guint i = 0; i < n; i++)
    {
      GbAbBox *last = self->boxes->len ? &g_array_index (self->boxes, GbAbBox, self->boxes->len - 1) : NULL;
      GbAbBox box = { .node = keep[i] ? &g_array_index (self->ab->nodes, GbAbNode, i) : NULL,
                      .n_folded = !keep[i] };
      if (!keep[i] && last && !last->node)
        last->n_folded++;
      else
        g_array_append_val (self->boxes, box);
      group[i] = self->boxes->len - 1;
    }
}

static double
box_width (const GbAbBox *box, const GbDrawContext *ctx)
{
  if (!box->node)
    return 72;
  double width = gb_draw_text_width (ctx, GB_FACE_SMALL_BOLD, box->node->label) + 16;
  g_autofree char *both = g_strdup_printf ("A %s", box->node->shape_a),
                  *other = g_strdup_printf ("B %s", box->node->shape_b);
  width = MAX (width, gb_draw_text_width (ctx, GB_FACE_SMALL, both) + 12);
  return MAX (MAX (width, gb_draw_text_width (ctx, GB_FACE_SMALL, other) + 12), 64);
}

static void
lay_out_graph (GbAbLayout *self, gboolean folds, const GbDrawContext *ctx)
{
  const GbLayoutOptions options = { .layer_gap = 26, .node_gap = 14, .lane_gap = 8 };
  g_autofree guint *group = g_new0 (guint, self->ab->nodes->len + 1);
  g_autoptr (GArray) edges = g_array_new (FALSE, TRUE, sizeof (GbLayoutEdge));
  fold (self, folds, group);
  g_autofree GbLayoutNode *nodes = g_new0 (GbLayoutNode, self->boxes->len + 1);
  for (guint i = 0; i < self->boxes->len; i++)
    {
      GbAbBox *box = &g_array_index (self->boxes, GbAbBox, i);
      nodes[i].width = box->width = box_width (box, ctx);
      nodes[i].height = box->height = box->node && box->node->shapes_differ ? NODE_HEIGHT + 14 : NODE_HEIGHT;
    }
  g_array_set_size (self->wheres, 0);
  for (guint i = 0; i < self->ab->edges->len; i++)
    {
      const GbAbEdge *edge = &g_array_index (self->ab->edges, GbAbEdge, i);
      GbLayoutEdge placed = { .from = group[edge->from], .to = group[edge->to] };
      gboolean known = placed.from >= placed.to;
      for (guint k = 0; k < edges->len && !known; k++)
        known = g_array_index (edges, GbLayoutEdge, k).from == placed.from
                && g_array_index (edges, GbLayoutEdge, k).to == placed.to;
      if (known)
        continue;
      g_array_append_val (edges, placed);
      g_array_append_val (self->wheres, edge->where);
    }
  gb_layout_free (self->graph);
  self->graph =
      gb_layout_new (nodes, self->boxes->len, (const GbLayoutEdge *) edges->data, edges->len, &options);
  const GbLayoutNode *out = gb_layout_get_nodes (self->graph);
  for (guint i = 0; i < self->boxes->len; i++)
    {
      GbAbBox *box = &g_array_index (self->boxes, GbAbBox, i);
      box->x = out[i].x - box->width / 2;
      box->y = out[i].y - box->height / 2;
    }
  double room = self->width - 2 * PAD;
  self->zoom = MIN (1, room / MAX (1, gb_layout_get_width (self->graph)));
}

static double
place_graph (GbAbLayout *self, double y, const GbDrawContext *ctx)
{
  if (!self->ab->nodes->len)
    return y + GB_AB_ROW;
  lay_out_graph (self, FALSE, ctx);
  if (self->zoom < LEAST_ZOOM)
    lay_out_graph (self, TRUE, ctx);
  self->graph_x = PAD;
  self->graph_y = y + 8;
  return y + 8 + gb_layout_get_height (self->graph) * self->zoom + 8;
}

/* ---- rows ---- */

static double
place_weights (GbAbLayout *self, double y)
{
  self->n_weights = MIN (self->ab->weights->len, MOST_ROWS);
  self->weights_y = y + GB_AB_ROW;
  return y + GB_AB_ROW * (1 + self->n_weights + (self->n_weights < self->ab->weights->len));
}

/* From a little before the first line that differs on. */
static double
place_prints (GbAbLayout *self, double y)
{
  guint n = self->ab->prints->len, first = 0;
  while (first < n && g_array_index (self->ab->prints, GbAbPrint, first).is_same)
    first++;
  if (first == n)
    first = n > MOST_PRINTS ? n - MOST_PRINTS : 0;
  else
    first = first > CONTEXT ? first - CONTEXT : 0;
  self->first_print = first;
  self->n_prints = MIN (n - first, MOST_PRINTS);
  self->prints_y = y + 4;
  return y + 4 + GB_AB_PRINT_ROW * MAX (1, self->n_prints) + 4;
}

static double
place_part (GbAbLayout *self, GbAbPart part, double y, const GbDrawContext *ctx)
{
  GbAbFrame *frame = &self->parts[part];
  double end = y + TITLE;
  switch (part)
    {
    case GB_AB_METRICS:
      end = place_metrics (self, end, ctx);
      break;
    case GB_AB_GRAPH:
      end = place_graph (self, end, ctx);
      break;
    case GB_AB_WEIGHTS:
      end = place_weights (self, end);
      break;
    case GB_AB_PRINTS:
      end = place_prints (self, end);
      break;
    case GB_AB_N_PARTS:
      break;
    }
  frame->title = g_strdup (gb_ab_part_title (part));
  frame->y = y;
  frame->height = end - y;
  return end + GAP;
}

GbAbLayout *
gb_ab_layout_new (GbAb *ab, GbAbPart only, const GbDrawContext *ctx)
{
  GbAbLayout *self = g_new0 (GbAbLayout, 1);
  self->ab = ab;
  self->width = ctx->width;
  self->height = ctx->height;
  self->panels = g_array_new (FALSE, FALSE, sizeof (GbAbPanel));
  self->boxes = g_array_new (FALSE, FALSE, sizeof (GbAbBox));
  self->wheres = g_array_new (FALSE, FALSE, sizeof (GbAbWhere));
  self->zoom = 1;
  self->verdict = gb_ab_verdict (ab);
  if (!ab->trace_b)
    return self;
  double y = PAD + 6, room = self->width - 2 * PAD;
  double widths[2];
  for (guint side = 0; side < 2; side++)
    {
      self->side[side] = gb_ab_side_text (ab, side);
      widths[side] = gb_draw_text_width (ctx, GB_FACE_SMALL_BOLD, self->side[side]) + 34;
    }
  gboolean one_line = widths[0] + widths[1] + 20 < room;
  self->side_y[0] = y;
  self->side_y[1] = one_line ? y : y + 18;
  y = self->side_y[1] + 14;
  g_autofree char *changes = gb_branch_changes_text (ab->changes);
  self->changes = changes ? g_strdup_printf (_ ("From A to B: %s"), changes) : NULL;
  self->changes_y = y;
  if (self->changes)
    y += gb_draw_paragraph (ctx, NULL, GB_FACE_SMALL, GB_ROLE_MUTED, self->changes, PAD, y, room) + 4;
  self->verdict_y = y;
  y += gb_draw_paragraph (ctx, NULL, GB_FACE_UI, GB_ROLE_INK, self->verdict, PAD, y, room) + GAP;
  for (guint part = 0; part < GB_AB_N_PARTS; part++)
    if (only == GB_AB_N_PARTS || only == part)
      y = place_part (self, part, y, ctx);
  self->height = y;
  return self;
}

guint64
gb_ab_layout_iteration_at (const GbAbLayout *self, double x, double y)
{
  for (guint i = 0; i < self->panels->len; i++)
    {
      const GbAbPanel *panel = &g_array_index (self->panels, GbAbPanel, i);
      if (x < panel->x - 4 || x > panel->x + panel->width + 4 || y < panel->y - 8
          || y > panel->difference_y + panel->difference_height + 8)
        continue;
      double at = gb_axis_value (&self->x_axis, (x - panel->x) / panel->width);
      return (guint64) MAX (1, round (MIN (at, self->x_axis.high)));
    }
  return 0;
}

int
gb_ab_layout_weight_at (const GbAbLayout *self, double x, double y)
{
  double at = (y - self->weights_y) / GB_AB_ROW;
  return self->parts[GB_AB_WEIGHTS].height > 0 && at >= 0 && at < self->n_weights ? (int) at : -1;
}
