/* Edges and ties.  They are recorded in pixels of the screen: what cairo records in units of a picture it draws up to some
 * pixels beside its place at most scales, as its matrices are those of pixman. */
#include "graph/graph-edges.h"

#include <math.h>

#include "common/kept.h"

#define FINE       0.3 /* the least zoom at which curves and heads of edges are seen */
#define LEAST_LINE 0.8 /* pixels */

static const GdkRGBA *
role (const GbDrawContext *ctx, GbRole which)
{
  return gb_theme_role (ctx->theme, which);
}

/* The grad_fn whose stadium stands on top (that the gradient reaches), or the lowest (that sends it on). */
guint
gb_graph_outer_fn (const GbGraphNode *node, gboolean top)
{
  guint fns[GB_GRAPH_MOST_STADIUMS], n = gb_graph_stadiums (node, fns, GB_GRAPH_MOST_STADIUMS);
  return n ? fns[top ? n - 1 : 0] : 0;
}

/* With what hangs on it. */
gboolean
gb_graph_item_is_visible (const GbGraphItem *item, const graphene_rect_t *clip)
{
  graphene_rect_t box = GRAPHENE_RECT_INIT ((float) item->x - 12, (float) item->y - 12,
                                            (float) item->width + 24, (float) item->height + 24);
  return graphene_rect_intersection (&box, clip, NULL);
}

typedef struct
{
  double x[2], y[2];
} Ends;

static void
path_through (cairo_t *cr, const Ends *ends, const GbLayoutEdge *edge, double dx, double dy, gboolean fine)
{
  double x = ends->x[0], y = ends->y[0];
  cairo_move_to (cr, x, y);
  for (guint k = 1; k + 1 <= edge->n_points; k++)
    {
      gboolean last = k + 1 == edge->n_points;
      double to_x = last ? ends->x[1] : edge->points[2 * k] + dx,
             to_y = last ? ends->y[1] : edge->points[2 * k + 1] + dy;
      double half = (to_x - x) / 2;
      if (!fine || fabs (to_y - y) < 0.5)
        cairo_line_to (cr, to_x, to_y);
      else
        cairo_curve_to (cr, x + half, y, to_x - half, to_y, to_x, to_y);
      x = to_x;
      y = to_y;
    }
}

static void
set_color (cairo_t *cr, const GdkRGBA *color)
{
  cairo_set_source_rgba (cr, color->red, color->green, color->blue, color->alpha);
}

static void
arrow_head (cairo_t *cr, double x, double y, gboolean left)
{
  double size = left ? 6 : -6;
  cairo_move_to (cr, x, y);
  cairo_line_to (cr, x + size, y - 4);
  cairo_line_to (cr, x + size, y + 4);
  cairo_close_path (cr);
  cairo_fill (cr);
}

static gboolean
ends_forward (const GbGraphPicture *self, const GbGraphEdge *edge, Ends *ends)
{
  int from = gb_graph_picture_find (self, GB_GRAPH_ITEM_NODE, edge->from, 0);
  int to = gb_graph_picture_find (self, GB_GRAPH_ITEM_NODE, edge->to, 0);
  if (from < 0 || to < 0)
    return FALSE;
  const GbGraphItem *a = gb_graph_picture_item (self, (guint) from),
                    *b = gb_graph_picture_item (self, (guint) to);
  *ends = (Ends){ { a->x + a->width, b->x }, { a->y + a->height / 2, b->y + b->height / 2 } };
  return TRUE;
}

/* From the first stadium of `from` (which the gradient reaches) to the last of `to` (which sends it). */
static gboolean
ends_backward (const GbGraphPicture *self, const GbGraphEdge *edge, Ends *ends)
{
  guint enters[GB_GRAPH_MOST_STADIUMS], leaves[GB_GRAPH_MOST_STADIUMS];
  guint n = gb_graph_stadiums (gb_graph_node (self->graph, edge->from), enters, GB_GRAPH_MOST_STADIUMS);
  if (!n || !gb_graph_stadiums (gb_graph_node (self->graph, edge->to), leaves, GB_GRAPH_MOST_STADIUMS))
    return FALSE;
  int a = gb_graph_picture_find (self, GB_GRAPH_ITEM_GRAD_FN, edge->from, enters[n - 1]);
  int b = gb_graph_picture_find (self, GB_GRAPH_ITEM_GRAD_FN, edge->to, leaves[0]);
  if (a < 0 || b < 0)
    return FALSE;
  const GbGraphItem *first = gb_graph_picture_item (self, (guint) a),
                    *second = gb_graph_picture_item (self, (guint) b);
  *ends = (Ends){ { first->x + first->width, second->x },
                  { first->y + first->height / 2, second->y + second->height / 2 } };
  return TRUE;
}

/* What is drawn of an edge, one way; a key of a kept part, so without padding. */
typedef struct
{
  Ends ends;
  double dy;
  gint32 backward, passed, known, n_points;
} EdgeLook;

static gboolean
edge_look (const GbGraphPicture *self, guint index, gboolean backward, EdgeLook *look)
{
  const GbGraphEdge *edge = &g_array_index (self->graph->edges, GbGraphEdge, index);
  const GbLayoutEdge *route = &gb_layout_get_edges (self->layout)[index];
  *look = (EdgeLook){ .dy = backward ? self->backward_dy : self->forward_dy,
                      .backward = backward,
                      .passed = backward ? edge->grad_done : edge->done,
                      .known = !backward || gb_graph_node (self->graph, edge->to)->state != GB_GRAPH_NOT_RUN,
                      .n_points = (gint32) route->n_points };
  return route->n_points
         && (backward ? ends_backward (self, edge, &look->ends) : ends_forward (self, edge, &look->ends));
}

static void
draw_edge (const GbDrawContext *ctx, cairo_t *cr, double zoom, const EdgeLook *look, const GbLayoutEdge *route)
{
  static const double ghost[] = { 2, 3 }, waiting[] = { 4, 3 };
  gboolean backward = look->backward;
  set_color (cr, role (ctx, look->passed              ? (backward ? GB_ROLE_BACKWARD : GB_ROLE_FORWARD)
                            : backward && look->known ? GB_ROLE_BACKWARD
                                                      : GB_ROLE_FREED));
  cairo_set_line_width (cr, MAX (look->passed ? 1.5 : 1, LEAST_LINE / zoom));
  if (look->passed || zoom < FINE)
    cairo_set_dash (cr, NULL, 0, 0);
  else
    cairo_set_dash (cr, backward ? waiting : ghost, 2, 0);
  path_through (cr, &look->ends, route, 10, look->dy, zoom >= FINE);
  cairo_stroke (cr);
  if (zoom < FINE)
    return;
  if (look->passed || (backward && look->known))
    arrow_head (cr, look->ends.x[backward ? 0 : 1], look->ends.y[backward ? 0 : 1], backward);
}

#define EDGE_ROOM 8 /* around an edge: its line and its head */

static void
widen_by_edge (graphene_rect_t *box, const EdgeLook *look, const GbLayoutEdge *route)
{
  double left = MIN (look->ends.x[0], look->ends.x[1]), right = MAX (look->ends.x[0], look->ends.x[1]),
         top = MIN (look->ends.y[0], look->ends.y[1]), bottom = MAX (look->ends.y[0], look->ends.y[1]);
  for (guint k = 1; k + 1 < route->n_points; k++)
    {
      left = MIN (left, route->points[2 * k] + 10);
      right = MAX (right, route->points[2 * k] + 10);
      top = MIN (top, route->points[2 * k + 1] + look->dy);
      bottom = MAX (bottom, route->points[2 * k + 1] + look->dy);
    }
  graphene_rect_t own = GRAPHENE_RECT_INIT ((float) left - EDGE_ROOM, (float) top - EDGE_ROOM,
                                            (float) (right - left) + 2 * EDGE_ROOM,
                                            (float) (bottom - top) + 2 * EDGE_ROOM);
  if (box->size.width > 0)
    graphene_rect_union (box, &own, box);
  else
    *box = own;
}

/* Edges are drawn a few at a time: what happens to one changes the node of its neighbours only. */
#define CHUNK 8

static void
draw_edge_chunk (const GbGraphPicture *self,
                 const GbDrawContext *ctx,
                 const graphene_rect_t *clip,
                 double zoom,
                 guint first,
                 GByteArray *key,
                 GtkSnapshot *snapshot)
{
  EdgeLook looks[2 * CHUNK];
  guint indices[2 * CHUNK], n = 0;
  graphene_rect_t box = { 0 };
  const GbLayoutEdge *routes = gb_layout_get_edges (self->layout);
  gconstpointer identity[2] = { draw_edge_chunk, ctx->theme };

  for (guint i = first; i < MIN (first + CHUNK, self->graph->edges->len); i++)
    for (int backward = 0; backward <= self->has_backward; backward++)
      if (edge_look (self, i, backward, &looks[n]))
        {
          widen_by_edge (&box, &looks[n], &routes[i]);
          indices[n++] = i;
        }
  if (n == 0 || !graphene_rect_intersection (&box, clip, NULL))
    return;
  g_byte_array_set_size (key, 0);
  g_byte_array_append (key, (const guint8 *) identity, sizeof identity);
  g_byte_array_append (key, (const guint8 *) &zoom, sizeof zoom);
  for (guint k = 0; k < n; k++)
    {
      const GbLayoutEdge *route = &routes[indices[k]];
      g_byte_array_append (key, (const guint8 *) &looks[k], sizeof looks[k]);
      g_byte_array_append (key, (const guint8 *) route->points, (guint) (sizeof (double) * 2 * route->n_points));
    }
  GtkSnapshot *part = gb_kept_open (snapshot, key->data, key->len);
  if (part == NULL)
    return;
  cairo_t *cr = gb_draw_cairo_zoomed (part, zoom, box.origin.x, box.origin.y, box.size.width, box.size.height);
  for (guint k = 0; k < n; k++)
    draw_edge (ctx, cr, zoom, &looks[k], &routes[indices[k]]);
  cairo_destroy (cr);
  gb_kept_close (snapshot, part, key->data, key->len, 256 * n);
}

/* A vertical tie; a key of a kept part. */
typedef struct
{
  double x, y0, y1;
  gint32 role, is_dotted;
} Tie;

static void
add_tie (GArray *ties, double x, double y0, double y1, GbRole role, gboolean is_dotted)
{
  Tie tie = { x, y0, y1, role, is_dotted };
  g_array_append_val (ties, tie);
}

/* Vertical ties of a node: leaf to box, box to chip (dotted), chip to stadium, stadium to AccumulateGrad. */
static void
add_ties (const GbGraphPicture *self, const GbGraphItem *item, gboolean single_row, GArray *ties)
{
  GbGraphNode *node;
  double x = item->x + item->width / 2, foot = item->y + item->height;
  if (item->kind == GB_GRAPH_ITEM_BRACKET)
    return;
  node = gb_graph_node (self->graph, item->node);
  if (item->kind == GB_GRAPH_ITEM_LEAF)
    add_tie (ties, x, foot, foot + 8,
             g_array_index (node->leaves, GbGraphLeaf, item->sub).requires_grad ? GB_ROLE_LEAF : GB_ROLE_RULE_STRONG,
             FALSE);
  else if (item->kind == GB_GRAPH_ITEM_SAVED)
    {
      const GbGraphGradFn *fn = &g_array_index (node->grad_fns, GbGraphGradFn, item->sub);
      GbRole color = fn->freed || node->state == GB_GRAPH_NOT_RUN ? GB_ROLE_RULE_STRONG : GB_ROLE_SAVED;
      int box = gb_graph_picture_find (self, GB_GRAPH_ITEM_NODE, item->node, 0);
      if (single_row && box >= 0 && item->sub == gb_graph_outer_fn (node, TRUE))
        add_tie (ties, x,
                 gb_graph_picture_item (self, (guint) box)->y + gb_graph_picture_item (self, (guint) box)->height,
                 item->y, color, TRUE);
      add_tie (ties, x, foot, foot + 10, color, TRUE);
    }
  else if (item->kind == GB_GRAPH_ITEM_ACCUMULATE)
    add_tie (ties, x, item->y - 8, item->y, GB_ROLE_BACKWARD, FALSE);
  else if (item->kind == GB_GRAPH_ITEM_GRAD_FN && item->sub != gb_graph_outer_fn (node, FALSE))
    add_tie (ties, x, foot, foot + 8, GB_ROLE_BACKWARD, FALSE);
}

/* Those of neighbouring items together. */
static void
draw_ties (const GbDrawContext *ctx, const GArray *ties, double zoom, GtkSnapshot *snapshot)
{
  static const double dots[] = { 1.5, 2.5 };
  gconstpointer identity[2] = { draw_ties, ctx->theme };
  g_autoptr (GByteArray) key = NULL;
  double left = G_MAXDOUBLE, right = -G_MAXDOUBLE, top = G_MAXDOUBLE, bottom = -G_MAXDOUBLE;
  if (ties->len == 0)
    return;
  key = g_byte_array_new ();
  g_byte_array_append (key, (const guint8 *) identity, sizeof identity);
  g_byte_array_append (key, (const guint8 *) &zoom, sizeof zoom);
  g_byte_array_append (key, (const guint8 *) ties->data, (guint) (ties->len * sizeof (Tie)));
  GtkSnapshot *part = gb_kept_open (snapshot, key->data, key->len);
  if (part == NULL)
    return;
  for (guint i = 0; i < ties->len; i++)
    {
      const Tie *tie = &g_array_index (ties, Tie, i);
      left = MIN (left, tie->x), right = MAX (right, tie->x);
      top = MIN (top, MIN (tie->y0, tie->y1)), bottom = MAX (bottom, MAX (tie->y0, tie->y1));
    }
  cairo_t *cr = gb_draw_cairo_zoomed (part, zoom, left - 2, top - 1, right - left + 4, bottom - top + 2);
  for (guint i = 0; i < ties->len; i++)
    {
      const Tie *tie = &g_array_index (ties, Tie, i);
      set_color (cr, role (ctx, (GbRole) tie->role));
      cairo_set_dash (cr, dots, tie->is_dotted ? 2 : 0, 0);
      cairo_set_line_width (cr, tie->is_dotted ? 1.5 : 1);
      cairo_move_to (cr, tie->x, tie->y0);
      cairo_line_to (cr, tie->x, tie->y1);
      cairo_stroke (cr);
    }
  cairo_destroy (cr);
  gb_kept_close (snapshot, part, key->data, key->len, 128 * ties->len);
}

/* Where a leaf that several ops read has its AccumulateGrad: the item's index, or -1. */
static int
find_accumulate (const GbGraphPicture *self, guint64 tensor)
{
  for (guint i = 0; i < self->items->len; i++)
    {
      const GbGraphItem *item = gb_graph_picture_item (self, i);
      if (item->kind == GB_GRAPH_ITEM_ACCUMULATE
          && g_array_index (gb_graph_node (self->graph, item->node)->leaves, GbGraphLeaf, item->sub).tensor
                 == tensor)
        return (int) i;
    }
  return -1;
}

/* The way of a gradient to an AccumulateGrad that stands at another op; a key of a kept part. */
static void
draw_way_to_leaf (const GbDrawContext *ctx,
                  const GbGraphItem *a,
                  const GbGraphItem *b,
                  gboolean passed,
                  double zoom,
                  GtkSnapshot *snapshot)
{
  static const double waiting[] = { 4, 3 };
  struct
  {
    gconstpointer who, theme;
    double x, y, end_x, end_y, passed, zoom;
  } key = { draw_way_to_leaf,         ctx->theme,           a->x + a->width / 2, a->y + a->height,
            b->x + b->width, b->y + b->height / 2, passed, zoom };
  GtkSnapshot *part = gb_kept_open (snapshot, &key, sizeof key);
  if (part == NULL)
    return;
  double left = MIN (key.x, key.end_x) - EDGE_ROOM, top = MIN (key.y, key.end_y) - EDGE_ROOM;
  cairo_t *cr = gb_draw_cairo_zoomed (part, zoom, left, top, MAX (key.x, key.end_x) + EDGE_ROOM - left,
                                      MAX (key.y, key.end_y) + EDGE_ROOM - top);
  set_color (cr, role (ctx, GB_ROLE_BACKWARD));
  cairo_set_line_width (cr, passed ? 1.5 : 1);
  cairo_set_dash (cr, waiting, passed ? 0 : 2, 0);
  cairo_move_to (cr, key.x, key.y);
  cairo_curve_to (cr, key.x, key.end_y, key.x, key.end_y, key.end_x, key.end_y);
  cairo_stroke (cr);
  arrow_head (cr, key.end_x, key.end_y, TRUE);
  cairo_destroy (cr);
  gb_kept_close (snapshot, part, &key, sizeof key, 0);
}

/* Gradients that reach an AccumulateGrad from the other ops that read its leaf. */
static void
draw_shared_leaves (const GbGraphPicture *self, const GbDrawContext *ctx, double zoom, GtkSnapshot *snapshot)
{
  for (guint i = 0; i < self->graph->nodes->len && self->shows_accumulate; i++)
    {
      GbGraphNode *node = gb_graph_node (self->graph, i);
      int from = gb_graph_picture_find (self, GB_GRAPH_ITEM_GRAD_FN, i, gb_graph_outer_fn (node, FALSE));
      for (guint k = 0; k < node->leaves->len && from >= 0; k++)
        {
          const GbGraphLeaf *leaf = &g_array_index (node->leaves, GbGraphLeaf, k);
          int to = leaf->requires_grad && !leaf->accumulates ? find_accumulate (self, leaf->tensor) : -1;
          if (to >= 0)
            draw_way_to_leaf (ctx, gb_graph_picture_item (self, (guint) from), gb_graph_picture_item (self, (guint) to),
                              g_array_index (node->grad_fns, GbGraphGradFn, 0).state == GB_GRAPH_DONE, zoom, snapshot);
        }
    }
}

static gboolean
single_row (const GbGraphPicture *self)
{
  const GbLayoutNode *nodes = gb_layout_get_nodes (self->layout);
  for (guint i = 0; i < self->graph->nodes->len; i++)
    if (nodes[i].order > 0)
      return FALSE;
  return TRUE;
}

void
gb_graph_draw_edges (const GbGraphPicture *self,
                     const GbDrawContext *ctx,
                     const GbGraphDetail *detail,
                     GtkSnapshot *snapshot)
{
  double zoom = detail->zoom * ctx->scale;
  const graphene_rect_t *clip = &detail->clip;
  g_autoptr (GByteArray) key = g_byte_array_new ();
  g_autoptr (GArray) ties = g_array_new (FALSE, FALSE, sizeof (Tie));
  gboolean in_a_row = single_row (self);
  for (guint i = 0; i < self->graph->edges->len; i += CHUNK)
    draw_edge_chunk (self, ctx, clip, zoom, i, key, snapshot);
  if (zoom < FINE)
    return; /* ties are shorter than a few pixels */
  draw_shared_leaves (self, ctx, zoom, snapshot);
  for (guint i = 0; i < self->items->len; i++)
    {
      if (gb_graph_item_is_visible (gb_graph_picture_item (self, i), clip))
        add_ties (self, gb_graph_picture_item (self, i), in_a_row, ties);
      if (i % (4 * CHUNK) == 4 * CHUNK - 1 || i + 1 == self->items->len)
        {
          draw_ties (ctx, ties, zoom, snapshot);
          g_array_set_size (ties, 0);
        }
    }
}
