#include "graph/graph-draw.h"

#include "graph/graph-text.h"

#include <math.h>
#include <string.h>

#include "common/i18n.h"
#include "common/kept.h"
#include "common/number-format.h"

#define ACTIVE_LINE 2.5

static const GdkRGBA *
role (const GbDrawContext *ctx, GbRole which)
{
  return gb_theme_role (ctx->theme, which);
}

/* ---- boxes ---- */

static void
draw_centered (const GbDrawContext *ctx,
               GtkSnapshot *snapshot,
               GbFace face,
               const GdkRGBA *color,
               const char *text,
               const GbGraphItem *item,
               double y)
{
  if (*text)
    gb_draw_text_rgba (ctx, snapshot, face, color, text, item->x + item->width / 2, y, GB_ALIGN_CENTER,
                       item->width - 6);
}

static void
draw_failed_badge (const GbDrawContext *ctx, GtkSnapshot *snapshot, const GbGraphItem *item)
{
  double size = 16, x = item->x + item->width - size / 2, y = item->y - size / 2;
  gb_draw_box (snapshot, role (ctx, GB_ROLE_ERROR), NULL, x, y, size, size, size / 2, 0);
  gb_draw_cross (snapshot, role (ctx, GB_ROLE_SURFACE), x + 4.5, y + 4.5, size - 9, size - 9);
}

static void
draw_node (const GbGraphPicture *self,
           GbTrace *trace,
           guint64 position,
           const GbDrawContext *ctx,
           GtkSnapshot *snapshot,
           const GbGraphItem *item,
           const GbGraphDetail *detail,
           gboolean texts)
{
  GbGraphNode *node = gb_graph_node (self->graph, item->node);
  gboolean ghost = node->state == GB_GRAPH_NOT_RUN, failed = node->state == GB_GRAPH_FAILED;
  const GdkRGBA *line = role (ctx, failed ? GB_ROLE_ERROR : GB_ROLE_FORWARD);
  const GdkRGBA *ink = role (ctx, ghost ? GB_ROLE_MUTED : GB_ROLE_INK);
  char shape[96], stat[64];
  double middle = item->y + item->height / 2,
         painted = gb_graph_paint_of (node, trace, position, detail->paint);
  const GdkRGBA *quiet = role (ctx, GB_ROLE_MUTED), *fill = role (ctx, GB_ROLE_PANEL);
  GdkRGBA paint;

  if (painted > 0 && detail->most > 0)
    { /* the number stands in it as well */
      gb_theme_map (ctx->theme, detail->paint == GB_GRAPH_PAINT_TIME ? GB_MAP_EMBER : GB_MAP_SEA,
                    sqrt (painted / detail->most), &paint);
      fill = &paint;
      ink = quiet = gb_theme_digit_color (&paint);
    }
  if (ghost)
    gb_draw_dashed_box (snapshot, role (ctx, GB_ROLE_FREED), item->x, item->y, item->width, item->height, 5,
                        1);
  else if (node->kind == GB_GRAPH_MODULE)
    { /* a second sheet behind it: there is more inside */
      gb_draw_box (snapshot, fill, line, item->x + 4, item->y - 4, item->width,
                   item->height, 5, 1);
      gb_draw_box (snapshot, fill, line, item->x, item->y, item->width, item->height, 5,
                   1.5);
    }
  else
    gb_draw_box (snapshot, node->kind == GB_GRAPH_INPUT ? role (ctx, GB_ROLE_SURFACE) : fill,
                 node->kind == GB_GRAPH_INPUT ? role (ctx, GB_ROLE_RULE_STRONG) : line, item->x, item->y,
                 item->width, item->height, 5, failed ? ACTIVE_LINE : 1.5);
  if (failed)
    draw_failed_badge (ctx, snapshot, item);
  if (!texts)
    return;
  gb_graph_node_lines (self, trace, position, node, shape, stat, MIN (sizeof shape, sizeof stat));
  if (detail->paint != GB_GRAPH_PAINT_NUMBERS && node->kind != GB_GRAPH_INPUT)
    gb_graph_paint_text (detail->paint, painted, stat, sizeof stat);
  draw_centered (ctx, snapshot, GB_FACE_UI_BOLD, ink,
                 node->label && *node->label ? node->label : _ ("tensor"), item,
                 *stat    ? middle - 16
                 : *shape ? middle - 9
                          : middle);
  draw_centered (ctx, snapshot, GB_FACE_SMALL, quiet, shape, item,
                 *stat ? middle + 1 : middle + 9);
  draw_centered (ctx, snapshot, GB_FACE_SMALL, ink, stat, item, middle + 16);
}

static void
draw_leaf (const GbGraphPicture *self,
           const GbDrawContext *ctx,
           GtkSnapshot *snapshot,
           const GbGraphItem *item,
           gboolean texts)
{
  const GbGraphLeaf *leaf =
      &g_array_index (gb_graph_node (self->graph, item->node)->leaves, GbGraphLeaf, item->sub);
  gboolean bar = leaf->requires_grad || leaf->kind == GB_GRAPH_LEAF_PARAMETER;
  const GdkRGBA *line = role (ctx, bar                                  ? GB_ROLE_LEAF
                                   : leaf->kind == GB_GRAPH_LEAF_BUFFER ? GB_ROLE_BUFFER
                                                                        : GB_ROLE_RULE_STRONG);
  gb_draw_box (snapshot, role (ctx, GB_ROLE_SURFACE), line, item->x, item->y, item->width, item->height, 3,
               1);
  if (bar)
    gb_draw_fill (snapshot, line, item->x, item->y, 4, item->height);
  if (leaf->kind == GB_GRAPH_LEAF_BUFFER)
    gb_draw_box (snapshot, NULL, line, item->x + 2.5, item->y + 2.5, item->width - 5, item->height - 5, 2, 1);
  if (texts)
    draw_centered (ctx, snapshot, GB_FACE_SMALL, role (ctx, GB_ROLE_INK),
                   leaf->name ? leaf->name : _ ("tensor"), item, item->y + item->height / 2);
}

/* A chip with a folded corner: what waits for backward, and what became of it. */
static void
draw_saved (const GbGraphPicture *self,
            const GbDrawContext *ctx,
            GtkSnapshot *snapshot,
            const GbGraphItem *item,
            gboolean texts)
{
  GbGraphNode *node = gb_graph_node (self->graph, item->node);
  const GbGraphGradFn *fn = &g_array_index (node->grad_fns, GbGraphGradFn, item->sub);
  gboolean ghost = node->state == GB_GRAPH_NOT_RUN;
  GbRole line = fn->stale ? GB_ROLE_STALE : fn->freed ? GB_ROLE_FREED : GB_ROLE_SAVED;
  char size[48];
  double x = item->x + 6;
  if (ghost || fn->freed)
    gb_draw_dashed_box (snapshot,
                        role (ctx, fn->just_freed ? GB_ROLE_BACKWARD
                                   : fn->freed    ? GB_ROLE_FREED
                                                  : GB_ROLE_RULE_STRONG),
                        item->x, item->y, item->width, item->height, 2, fn->just_freed ? 1.5 : 1);
  else
    {
      gb_draw_box (snapshot, role (ctx, GB_ROLE_SURFACE), role (ctx, line), item->x, item->y, item->width,
                   item->height, 2, 1);
      gb_draw_corner (snapshot, role (ctx, line), item->x + item->width, item->y, 9);
    }
  if (fn->stale)
    gb_draw_hatch (snapshot, role (ctx, GB_ROLE_STALE), item->x + 1, item->y + 1, item->width - 2,
                   item->height - 2);
  if (!texts)
    return;
  if (fn->stale)
    g_snprintf (size, sizeof size, "v%u, %s v%u", fn->stale_version, _ ("saved"), fn->saved_version);
  else
    gb_number_bytes (fn->saved_nbytes, size, sizeof size);
  const GdkRGBA *ink = role (ctx, fn->freed || ghost ? GB_ROLE_FREED : GB_ROLE_INK);
  gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL, ink, fn->saved, x, item->y + 10, GB_ALIGN_LEFT,
                     item->width - 16);
  gb_draw_text_rgba (ctx, snapshot, GB_FACE_CELL, fn->just_freed ? role (ctx, GB_ROLE_BACKWARD) : ink,
                     fn->just_freed ? _ ("just freed") : fn->freed ? _ ("freed") : size, x, item->y + 24,
                     GB_ALIGN_LEFT, item->width - 8);
  if (fn->freed)
    gb_draw_hline (snapshot, role (ctx, GB_ROLE_FREED), x, x + MIN (item->width - 16, 40), item->y + 10, 1);
}

static void
draw_stadium (const GbDrawContext *ctx,
              GtkSnapshot *snapshot,
              const GbGraphItem *item,
              GbGraphState state,
              const char *first,
              const char *second,
              const char *third,
              gboolean texts)
{
  gboolean ghost = state == GB_GRAPH_NOT_RUN;
  const GdkRGBA *line = role (ctx, state == GB_GRAPH_FAILED ? GB_ROLE_ERROR : GB_ROLE_BACKWARD);
  const GdkRGBA *ink = role (ctx, ghost                      ? GB_ROLE_MUTED
                                  : state == GB_GRAPH_FAILED ? GB_ROLE_ERROR
                                                             : GB_ROLE_BACKWARD);
  double middle = item->y + item->height / 2;
  if (ghost)
    gb_draw_dashed_box (snapshot, line, item->x, item->y, item->width, item->height, item->height / 2, 1);
  else
    gb_draw_box (snapshot, role (ctx, GB_ROLE_SURFACE), line, item->x, item->y, item->width, item->height,
                 item->height / 2, state == GB_GRAPH_DONE ? 1.5 : ACTIVE_LINE);
  if (state == GB_GRAPH_FAILED)
    draw_failed_badge (ctx, snapshot, item);
  if (!texts)
    return;
  if (*third)
    second = third;
  draw_centered (ctx, snapshot, GB_FACE_SMALL_BOLD, ink, first, item, *second ? middle - 7 : middle);
  draw_centered (ctx, snapshot, GB_FACE_SMALL, *third ? role (ctx, GB_ROLE_INK) : ink, second, item,
                 middle + 8);
}

/* The grad_fn whose stadium stands on top (that the gradient reaches), or the lowest (that sends it on). */
static guint
outer_fn (const GbGraphNode *node, gboolean top)
{
  guint fns[GB_GRAPH_MOST_STADIUMS], n = gb_graph_stadiums (node, fns, GB_GRAPH_MOST_STADIUMS);
  return n ? fns[top ? n - 1 : 0] : 0;
}

static void
draw_grad_fn (const GbGraphPicture *self,
              GbTrace *trace,
              guint64 position,
              const GbDrawContext *ctx,
              GtkSnapshot *snapshot,
              const GbGraphItem *item,
              gboolean texts)
{
  GbGraphNode *node = gb_graph_node (self->graph, item->node);
  const GbGraphGradFn *fn = &g_array_index (node->grad_fns, GbGraphGradFn, item->sub);
  g_autofree char *head = NULL;
  const char *tail;
  char stat[64] = "", nodes[64];
  guint minor = 0;
  GbGraphState state = fn->state;
  if (node->kind == GB_GRAPH_MODULE)
    {
      guint done = 0, n = node->grad_fns->len;
      for (guint i = 0; i < n; i++)
        done += g_array_index (node->grad_fns, GbGraphGradFn, i).state == GB_GRAPH_DONE;
      state = done == n ? GB_GRAPH_DONE : done ? GB_GRAPH_ACTIVE : GB_GRAPH_NOT_RUN;
      g_snprintf (nodes, sizeof nodes, ngettext ("%u node", "%u nodes", n), n);
      draw_stadium (ctx, snapshot, item, state, node->label, nodes, "", texts);
      return;
    }
  gb_graph_split_name (fn->name, &head, &tail);
  for (guint i = 0; i < node->grad_fns->len && item->sub == outer_fn (node, TRUE); i++)
    minor += g_array_index (node->grad_fns, GbGraphGradFn, i).minor;
  g_snprintf (nodes, sizeof nodes, minor ? "%s +%u" : "%s", tail, minor);
  /* It has arrived before the node runs. */
  if (fn->grad)
    gb_graph_stats_text (trace, fn->grad, position, "grad %s", "rms %s", stat, sizeof stat);
  draw_stadium (ctx, snapshot, item, state, head, nodes, stat, texts);
}

static void
draw_accumulate (const GbGraphPicture *self,
                 GbTrace *trace,
                 guint64 position,
                 const GbDrawContext *ctx,
                 GtkSnapshot *snapshot,
                 const GbGraphItem *item,
                 gboolean texts)
{
  const GbGraphLeaf *leaf =
      &g_array_index (gb_graph_node (self->graph, item->node)->leaves, GbGraphLeaf, item->sub);
  g_autofree char *grad = g_strdup_printf ("%s.grad", leaf->name ? leaf->name : "leaf");
  char operands[160];
  gb_graph_operands_text (trace, position, leaf, operands, sizeof operands);
  if (!*operands)
    {
      draw_stadium (ctx, snapshot, item, leaf->accumulated, "AccumulateGrad", grad, "", texts);
      return;
    }
  /* The name of the leaf says more than the node's: all of them are called so. */
  draw_stadium (ctx, snapshot, item, leaf->accumulated, grad, "", operands, texts);
}

static void
draw_bracket (const GbGraphPicture *self,
              const GbDrawContext *ctx,
              GtkSnapshot *snapshot,
              const GbGraphItem *item,
              gboolean texts)
{
  const GbGraphBracket *bracket = &g_array_index (self->graph->brackets, GbGraphBracket, item->node);
  const GdkRGBA *color = role (ctx, GB_ROLE_RULE_STRONG);
  double y = item->y + item->height - 4;
  gb_draw_hline (snapshot, color, item->x, item->x + item->width, y, 1);
  gb_draw_vline (snapshot, color, item->x, y, y + 4, 1);
  gb_draw_vline (snapshot, color, item->x + item->width, y, y + 4, 1);
  if (texts)
    gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL, role (ctx, GB_ROLE_MUTED), bracket->label, item->x + 2,
                       item->y + 7, GB_ALIGN_LEFT, item->width - 4);
}

/* ---- edges ---- */

typedef struct
{
  double x[2], y[2];
} Ends;

static void
path_through (cairo_t *cr, const Ends *ends, const GbLayoutEdge *edge, double dx, double dy)
{
  double x = ends->x[0], y = ends->y[0];
  cairo_move_to (cr, x, y);
  for (guint k = 1; k + 1 <= edge->n_points; k++)
    {
      gboolean last = k + 1 == edge->n_points;
      double to_x = last ? ends->x[1] : edge->points[2 * k] + dx,
             to_y = last ? ends->y[1] : edge->points[2 * k + 1] + dy;
      double half = (to_x - x) / 2;
      if (fabs (to_y - y) < 0.5)
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
draw_edge (const GbDrawContext *ctx, cairo_t *cr, const EdgeLook *look, const GbLayoutEdge *route)
{
  static const double ghost[] = { 2, 3 }, waiting[] = { 4, 3 };
  gboolean backward = look->backward;
  set_color (cr, role (ctx, look->passed              ? (backward ? GB_ROLE_BACKWARD : GB_ROLE_FORWARD)
                            : backward && look->known ? GB_ROLE_BACKWARD
                                                      : GB_ROLE_FREED));
  cairo_set_line_width (cr, look->passed ? 1.5 : 1);
  if (look->passed)
    cairo_set_dash (cr, NULL, 0, 0);
  else
    cairo_set_dash (cr, backward ? waiting : ghost, 2, 0);
  path_through (cr, &look->ends, route, 10, look->dy);
  cairo_stroke (cr);
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
  for (guint k = 0; k < n; k++)
    {
      const GbLayoutEdge *route = &routes[indices[k]];
      g_byte_array_append (key, (const guint8 *) &looks[k], sizeof looks[k]);
      g_byte_array_append (key, (const guint8 *) route->points, (guint) (sizeof (double) * 2 * route->n_points));
    }
  GtkSnapshot *part = gb_kept_open (snapshot, key->data, key->len);
  if (part == NULL)
    return;
  cairo_t *cr = gb_draw_cairo (part, box.origin.x, box.origin.y, box.size.width, box.size.height);
  for (guint k = 0; k < n; k++)
    draw_edge (ctx, cr, &looks[k], &routes[indices[k]]);
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
      if (single_row && box >= 0 && item->sub == outer_fn (node, TRUE))
        add_tie (ties, x,
                 gb_graph_picture_item (self, (guint) box)->y + gb_graph_picture_item (self, (guint) box)->height,
                 item->y, color, TRUE);
      add_tie (ties, x, foot, foot + 10, color, TRUE);
    }
  else if (item->kind == GB_GRAPH_ITEM_ACCUMULATE)
    add_tie (ties, x, item->y - 8, item->y, GB_ROLE_BACKWARD, FALSE);
  else if (item->kind == GB_GRAPH_ITEM_GRAD_FN && item->sub != outer_fn (node, FALSE))
    add_tie (ties, x, foot, foot + 8, GB_ROLE_BACKWARD, FALSE);
}

/* Those of neighbouring items together. */
static void
draw_ties (const GbDrawContext *ctx, const GArray *ties, GtkSnapshot *snapshot)
{
  static const double dots[] = { 1.5, 2.5 };
  gconstpointer identity[2] = { draw_ties, ctx->theme };
  g_autoptr (GByteArray) key = NULL;
  double left = G_MAXDOUBLE, right = -G_MAXDOUBLE, top = G_MAXDOUBLE, bottom = -G_MAXDOUBLE;
  if (ties->len == 0)
    return;
  key = g_byte_array_new ();
  g_byte_array_append (key, (const guint8 *) identity, sizeof identity);
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
  cairo_t *cr = gb_draw_cairo (part, left - 2, top - 1, right - left + 4, bottom - top + 2);
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
draw_way_to_leaf (const GbDrawContext *ctx, const GbGraphItem *a, const GbGraphItem *b, gboolean passed, GtkSnapshot *snapshot)
{
  static const double waiting[] = { 4, 3 };
  struct
  {
    gconstpointer who, theme;
    double x, y, end_x, end_y, passed;
  } key = { draw_way_to_leaf,         ctx->theme,           a->x + a->width / 2, a->y + a->height,
            b->x + b->width, b->y + b->height / 2, passed };
  GtkSnapshot *part = gb_kept_open (snapshot, &key, sizeof key);
  if (part == NULL)
    return;
  double left = MIN (key.x, key.end_x) - EDGE_ROOM, top = MIN (key.y, key.end_y) - EDGE_ROOM;
  cairo_t *cr = gb_draw_cairo (part, left, top, MAX (key.x, key.end_x) + EDGE_ROOM - left,
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
draw_shared_leaves (const GbGraphPicture *self, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  for (guint i = 0; i < self->graph->nodes->len && self->shows_accumulate; i++)
    {
      GbGraphNode *node = gb_graph_node (self->graph, i);
      int from = gb_graph_picture_find (self, GB_GRAPH_ITEM_GRAD_FN, i, outer_fn (node, FALSE));
      for (guint k = 0; k < node->leaves->len && from >= 0; k++)
        {
          const GbGraphLeaf *leaf = &g_array_index (node->leaves, GbGraphLeaf, k);
          int to = leaf->requires_grad && !leaf->accumulates ? find_accumulate (self, leaf->tensor) : -1;
          if (to >= 0)
            draw_way_to_leaf (ctx, gb_graph_picture_item (self, (guint) from), gb_graph_picture_item (self, (guint) to),
                              g_array_index (node->grad_fns, GbGraphGradFn, 0).state == GB_GRAPH_DONE, snapshot);
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

static gboolean is_visible (const GbGraphItem *item, const graphene_rect_t *clip);

static void
draw_edges (const GbGraphPicture *self,
            const GbDrawContext *ctx,
            const graphene_rect_t *clip,
            GtkSnapshot *snapshot)
{
  g_autoptr (GByteArray) key = g_byte_array_new ();
  g_autoptr (GArray) ties = g_array_new (FALSE, FALSE, sizeof (Tie));
  gboolean in_a_row = single_row (self);
  for (guint i = 0; i < self->graph->edges->len; i += CHUNK)
    draw_edge_chunk (self, ctx, clip, i, key, snapshot);
  draw_shared_leaves (self, ctx, snapshot);
  for (guint i = 0; i < self->items->len; i++)
    {
      if (is_visible (gb_graph_picture_item (self, i), clip))
        add_ties (self, gb_graph_picture_item (self, i), in_a_row, ties);
      if (i % (4 * CHUNK) == 4 * CHUNK - 1 || i + 1 == self->items->len)
        {
          draw_ties (ctx, ties, snapshot);
          g_array_set_size (ties, 0);
        }
    }
}

/* ---- the whole ---- */

/* With what hangs on it. */
static gboolean
is_visible (const GbGraphItem *item, const graphene_rect_t *clip)
{
  graphene_rect_t box = GRAPHENE_RECT_INIT ((float) item->x - 12, (float) item->y - 12,
                                            (float) item->width + 24, (float) item->height + 24);
  return graphene_rect_intersection (&box, clip, NULL);
}

static void
draw_item (const GbGraphPicture *self,
           GbTrace *trace,
           guint64 position,
           const GbDrawContext *ctx,
           GtkSnapshot *snapshot,
           const GbGraphItem *item,
           const GbGraphDetail *detail,
           gboolean texts)
{
  switch (item->kind)
    {
    case GB_GRAPH_ITEM_NODE:
      draw_node (self, trace, position, ctx, snapshot, item, detail, texts);
      break;
    case GB_GRAPH_ITEM_LEAF:
      draw_leaf (self, ctx, snapshot, item, texts);
      break;
    case GB_GRAPH_ITEM_SAVED:
      draw_saved (self, ctx, snapshot, item, texts);
      break;
    case GB_GRAPH_ITEM_GRAD_FN:
      draw_grad_fn (self, trace, position, ctx, snapshot, item, texts);
      break;
    case GB_GRAPH_ITEM_ACCUMULATE:
      draw_accumulate (self, trace, position, ctx, snapshot, item, texts);
      break;
    case GB_GRAPH_ITEM_BRACKET:
      draw_bracket (self, ctx, snapshot, item, texts);
      break;
    }
}

static void
draw_captions (const GbGraphPicture *self, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  gb_draw_text (ctx, snapshot, GB_FACE_UI_BOLD, GB_ROLE_FORWARD, _ ("forward →"), 12, self->label_y[0],
                GB_ALIGN_LEFT);
  if (!self->has_backward)
    return;
  gb_draw_text (ctx, snapshot, GB_FACE_UI_BOLD, GB_ROLE_BACKWARD, _ ("← backward"), 12, self->label_y[1],
                GB_ALIGN_LEFT);
  if (self->graph->template_used && self->graph->n_done < self->graph->n_ops)
    {
      g_autofree char *text = g_strdup_printf (_ ("dashed: not run yet, as in iteration %" G_GUINT64_FORMAT),
                                               self->graph->iteration - 1);
      gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_MUTED, text,
                    28 + gb_draw_text_width (ctx, GB_FACE_UI_BOLD, _ ("← backward")), self->label_y[1],
                    GB_ALIGN_LEFT);
    }
}

/* A row forward, a row backward. */
static void
draw_ghost (const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  double step = MIN ((ctx->width - 40) / 4, 110), width = step * 0.7, x = (ctx->width - 3 * step - width) / 2,
         y = ctx->height / 2;

  gtk_snapshot_push_opacity (snapshot, 0.3);
  for (int i = 0; i < 4; i++)
    {
      double left = x + i * step, gap = left + width, end = left + step;
      gb_draw_box (snapshot, NULL, role (ctx, GB_ROLE_FORWARD), left, y - 68, width, 32, 5, 1.5);
      gb_draw_box (snapshot, NULL, role (ctx, GB_ROLE_BACKWARD), left, y + 36, width, 28, 14, 1.5);
      if (i == 3)
        break;
      gb_draw_hline (snapshot, role (ctx, GB_ROLE_FORWARD), gap, end - 4, y - 52, 1.5);
      gb_draw_arrow_head (snapshot, role (ctx, GB_ROLE_FORWARD), end, y - 52, 0, 6);
      gb_draw_hline (snapshot, role (ctx, GB_ROLE_BACKWARD), gap + 4, end, y + 50, 1.5);
      gb_draw_arrow_head (snapshot, role (ctx, GB_ROLE_BACKWARD), gap, y + 50, G_PI, 6);
    }
  gtk_snapshot_pop (snapshot);
  gb_draw_empty (ctx, snapshot, _ ("Run a line that makes a tensor."));
}

void
gb_graph_draw (const GbGraphPicture *self,
               GbTrace *trace,
               guint64 position,
               const GbDrawContext *ctx,
               const GbGraphDetail *detail,
               GtkSnapshot *snapshot)
{
  gboolean texts = detail->zoom * ctx->scale >= 0.55;
  if (!self->graph->nodes->len)
    {
      draw_ghost (ctx, snapshot);
      return;
    }
  if (detail->zoom * ctx->scale >= 0.25)
    draw_edges (self, ctx, &detail->clip, snapshot);
  for (guint i = 0; i < self->items->len; i++)
    if (is_visible (gb_graph_picture_item (self, i), &detail->clip))
      draw_item (self, trace, position, ctx, snapshot, gb_graph_picture_item (self, i), detail, texts);
  if (texts)
    draw_captions (self, ctx, snapshot);
}

void
gb_graph_draw_mark (const GbGraphPicture *self,
                    const GbDrawContext *ctx,
                    GtkSnapshot *snapshot,
                    guint index,
                    gboolean accent,
                    const char *caption)
{
  const GbGraphItem *item = gb_graph_picture_item (self, index);
  gboolean round = item->kind == GB_GRAPH_ITEM_GRAD_FN || item->kind == GB_GRAPH_ITEM_ACCUMULATE;
  double radius = round ? item->height / 2 : item->kind == GB_GRAPH_ITEM_NODE ? 5 : 3;
  GdkRGBA halo = *role (ctx, GB_ROLE_SELECTION);
  if (accent)
    gb_draw_box (snapshot, NULL, &halo, item->x - 4, item->y - 4, item->width + 8, item->height + 8,
                 radius + 4, 4);
  gb_draw_box (snapshot, NULL, role (ctx, accent ? GB_ROLE_ACCENT : GB_ROLE_INK), item->x - 0.5,
               item->y - 0.5, item->width + 1, item->height + 1, radius, accent ? ACTIVE_LINE : 1.5);
  if (caption)
    {
      double width = gb_draw_text_width (ctx, GB_FACE_SMALL_BOLD, caption);
      double y = item->y + item->height + 12;
      gb_draw_fill (snapshot, role (ctx, GB_ROLE_SURFACE), item->x + item->width / 2 - width / 2 - 3, y - 7,
                    width + 6, 14);
      gb_draw_text (ctx, snapshot, GB_FACE_SMALL_BOLD, GB_ROLE_ACCENT, caption, item->x + item->width / 2, y,
                    GB_ALIGN_CENTER);
    }
}
