#include "graph/graph-draw.h"

#include "graph/graph-edges.h"
#include "graph/graph-text.h"

#include <math.h>
#include <string.h>

#include "common/i18n.h"
#include "common/number-format.h"

#define ACTIVE_LINE 2.5
#define READABLE    0.6  /* a little more than texts need */
#define FIT_MOST    1.25 /* a small graph is not blown up beyond this */
#define OVERVIEW    0.3  /* the zoom below which boxes are plain */
#define FAR         0.12 /* and only what runs is drawn */

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
  for (guint i = 0; i < node->grad_fns->len && item->sub == gb_graph_outer_fn (node, TRUE); i++)
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

/* ---- the whole ---- */

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

/* From far away: what it is and whether it has run, as plain boxes in full colour. */
static void
draw_far (const GbGraphPicture *self,
          GbTrace *trace,
          guint64 position,
          const GbDrawContext *ctx,
          GtkSnapshot *snapshot,
          const GbGraphItem *item,
          const GbGraphDetail *detail)
{
  GbGraphNode *node = item->kind == GB_GRAPH_ITEM_BRACKET ? NULL : gb_graph_node (self->graph, item->node);
  gboolean is_node = item->kind == GB_GRAPH_ITEM_NODE, tiny = detail->zoom * ctx->scale < FAR;
  GbGraphState state;
  GbRole color = GB_ROLE_FREED;
  GdkRGBA paint;
  double painted;
  if (node == NULL || item->kind == GB_GRAPH_ITEM_SAVED || (tiny && item->kind == GB_GRAPH_ITEM_LEAF))
    return;
  if (item->kind == GB_GRAPH_ITEM_LEAF)
    {
      const GbGraphLeaf *leaf = &g_array_index (node->leaves, GbGraphLeaf, item->sub);
      gboolean bar = leaf->requires_grad || leaf->kind == GB_GRAPH_LEAF_PARAMETER;
      gb_draw_fill (snapshot, role (ctx, bar ? GB_ROLE_LEAF : GB_ROLE_RULE_STRONG), item->x, item->y, item->width,
                    item->height);
      return;
    }
  state = is_node                                ? node->state
          : item->kind == GB_GRAPH_ITEM_GRAD_FN ? g_array_index (node->grad_fns, GbGraphGradFn, item->sub).state
                                                : g_array_index (node->leaves, GbGraphLeaf, item->sub).accumulated;
  if (state == GB_GRAPH_FAILED)
    color = GB_ROLE_ERROR;
  else if (state != GB_GRAPH_NOT_RUN)
    color = is_node ? GB_ROLE_FORWARD : GB_ROLE_BACKWARD;
  paint = *role (ctx, color);
  painted = is_node ? gb_graph_paint_of (node, trace, position, detail->paint) : 0;
  if (painted > 0 && detail->most > 0)
    gb_theme_map (ctx->theme, detail->paint == GB_GRAPH_PAINT_TIME ? GB_MAP_EMBER : GB_MAP_SEA,
                  sqrt (painted / detail->most), &paint);
  if (is_node && node->kind == GB_GRAPH_INPUT)
    paint = *role (ctx, GB_ROLE_RULE_STRONG);
  gb_draw_fill (snapshot, &paint, item->x, item->y, item->width, item->height);
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

/* In a window that is made smaller the camera has to come nearer. */
double
gb_graph_readable (double scale)
{
  return MIN (READABLE / MIN (scale, 1), 1);
}

double
gb_graph_fit (const GbGraphPicture *self, double width, double height, double scale)
{
  double zoom = MIN (MIN (width / self->width, height / self->height), FIT_MOST), least = gb_graph_readable (scale);
  return zoom < least ? CLAMP (height / self->height, least, 1) : zoom;
}

void
gb_graph_draw (const GbGraphPicture *self,
               GbTrace *trace,
               guint64 position,
               const GbDrawContext *ctx,
               const GbGraphDetail *detail,
               GtkSnapshot *snapshot)
{
  gboolean texts = detail->zoom * ctx->scale >= GB_GRAPH_TEXTS;
  if (!self->graph->nodes->len)
    {
      draw_ghost (ctx, snapshot);
      return;
    }
  if (!self->layout)
    {
      g_autofree char *sentence = g_strdup_printf (_ ("Laying out %u nodes…"), self->graph->nodes->len);
      gb_draw_empty (ctx, snapshot, sentence);
      return;
    }
  gb_graph_draw_edges (self, ctx, detail, snapshot);
  for (guint i = 0; i < self->items->len; i++)
    if (!gb_graph_item_is_visible (gb_graph_picture_item (self, i), &detail->clip))
      continue;
    else if (detail->zoom * ctx->scale < OVERVIEW)
      draw_far (self, trace, position, ctx, snapshot, gb_graph_picture_item (self, i), detail);
    else
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
