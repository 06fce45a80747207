#include "modtree/modtree-draw.h"

#include <math.h>

#include "common/i18n.h"
#include "common/number-format.h"
#include "core/dtype.h"

#define BAR_LEAST 1e-6 /* update over parameter: what a bar of no length stands for */

static const GdkRGBA *
role (const GbDrawContext *ctx, GbRole which)
{
  return gb_theme_role (ctx->theme, which);
}

const char *
gb_modtree_empty_text (void)
{
  return _ ("Call an nn.Module once, or give it to gb.watch.");
}

static void
draw_ghost (const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  static const int depths[] = { 0, 1, 2, 2, 1, 2, 2 };
  double x = 40, y = MAX (20, (ctx->height - 7 * 26) / 2);

  gtk_snapshot_push_opacity (snapshot, 0.3);
  for (guint i = 0; i < G_N_ELEMENTS (depths); i++)
    {
      double width = MAX (MIN (180, ctx->width - 100 - 24 * depths[i]), 8);
      gb_draw_box (snapshot, NULL, role (ctx, depths[i] == 2 ? GB_ROLE_LEAF : GB_ROLE_RULE_STRONG),
                   x + 24 * depths[i], y + 26 * i, width, 18, depths[i] == 2 ? 3 : 5, 1);
    }
  gtk_snapshot_pop (snapshot);
  gb_draw_empty (ctx, snapshot, gb_modtree_empty_text ());
}

/* ---- a row ---- */
static void
draw_guides (const GbModtreeLayout *layout,
             const GbTreeNode *node,
             double y,
             const GbDrawContext *ctx,
             GtkSnapshot *snapshot)
{
  for (int d = 0; d < node->depth; d++)
    {
      GbTreeNode at = { .depth = d };
      gb_draw_vline (snapshot, role (ctx, GB_ROLE_RULE), gb_modtree_layout_name_x (layout, &at) - 8, y,
                     y + GB_ROW_HEIGHT, 1);
    }
}

/* Shape carries the kind: a triangle opens a module, a bar is a parameter (hollow: frozen), two lines a
 * buffer, a dashed square what is not registered. */
static void
draw_glyph (const GbModtreeLayout *layout,
            guint row,
            const GbModtreeOptions *options,
            double y,
            const GbDrawContext *ctx,
            GtkSnapshot *snapshot)
{
  guint nth = g_array_index (layout->rows, guint, row);
  const GbTreeNode *node = gb_modtree_layout_node (layout, row);
  double x = gb_modtree_layout_name_x (layout, node) - 12;

  switch (node->kind)
    {
    case GB_TREE_MODULE:
      if (node->end == nth + 1)
        gb_draw_box (snapshot, role (ctx, GB_ROLE_RULE_STRONG), NULL, x + 2, y - 1.5, 4, 3, 0, 0);
      else if (gb_modtree_layout_is_open (layout, nth, options))
        gb_draw_triangle (snapshot, role (ctx, GB_ROLE_MUTED), x, y - 3, 8, 6, FALSE);
      else
        gb_draw_arrow_head (snapshot, role (ctx, GB_ROLE_MUTED), x + 7, y, 0, 7);
      break;
    case GB_TREE_PARAM:
      gb_draw_box (snapshot, node->requires_grad ? role (ctx, GB_ROLE_LEAF) : NULL, role (ctx, GB_ROLE_LEAF),
                   x + 2, y - 7, 4, 14, 0, 1);
      break;
    case GB_TREE_BUFFER:
      gb_draw_vline (snapshot, role (ctx, GB_ROLE_BUFFER), x + 2, y - 7, y + 7, 1.5);
      gb_draw_vline (snapshot, role (ctx, GB_ROLE_BUFFER), x + 6, y - 7, y + 7, 1.5);
      break;
    case GB_TREE_PLAIN:
      gb_draw_dashed_box (snapshot, role (ctx, GB_ROLE_FREED), x - 1, y - 4, 9, 9, 0, 1);
      break;
    }
}

static void
draw_name (const GbModtreeLayout *layout,
           const GbTreeNode *node,
           double y,
           const GbDrawContext *ctx,
           GtkSnapshot *snapshot)
{
  const GbColumn *column = &layout->columns[GB_MODTREE_NAME];
  gboolean is_root = node->kind == GB_TREE_MODULE && node->name[0] == 0;
  double x = gb_modtree_layout_name_x (layout, node), end = column->x + column->width, width;
  const GdkRGBA *ink = role (ctx, node->is_registered ? GB_ROLE_INK : GB_ROLE_FREED);
  GbFace face = node->kind == GB_TREE_MODULE ? GB_FACE_UI_BOLD : GB_FACE_UI;
  const char *name = is_root ? node->class_name : node->name;
  g_autofree char *after = NULL;

  if (node->shared_with)
    after = g_strdup_printf ("= %s", node->shared_with);
  else if (node->kind == GB_TREE_MODULE && node->n_places > 1)
    after = g_strdup_printf (_ ("%s, shared ×%u"), node->class_name, node->n_places);
  else if (node->kind == GB_TREE_MODULE && !is_root)
    after = g_strdup (node->class_name);
  width = MIN (gb_draw_text_width (ctx, face, name), end - x);
  if (width < 4)
    return;
  gb_draw_text_rgba (ctx, snapshot, face, ink, name, x, y, GB_ALIGN_LEFT, width + 1);
  if (after && end - x - width > 30)
    gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL, role (ctx, GB_ROLE_MUTED), after, x + width + 7, y + 1,
                       GB_ALIGN_LEFT, end - x - width - 7);
  if (node->is_active)
    gb_draw_box (snapshot, NULL, role (ctx, GB_ROLE_ACCENT), x - 4, y - 10, width + 8, 20, 5, 2);
}

static const char *
mode_text (const GbTreeNode *node, GbRole *color)
{
  *color = GB_ROLE_MUTED;
  if (!node->is_registered)
    return _ ("not registered");
  if (node->kind == GB_TREE_MODULE)
    {
      *color = node->is_training ? GB_ROLE_MUTED : GB_ROLE_INK;
      return node->is_training ? "train" : "eval";
    }
  if (node->kind == GB_TREE_BUFFER)
    return _ ("buffer");
  *color = node->requires_grad ? GB_ROLE_MUTED : GB_ROLE_INK;
  return node->requires_grad ? "grad" : _ ("frozen");
}

/* Length by decades, number beside it. */
static void
draw_moved (const GbModtreeLayout *layout,
            const GbTreeNode *node,
            double y,
            const GbDrawContext *ctx,
            GtkSnapshot *snapshot)
{
  const GbColumn *column = &layout->columns[GB_MODTREE_MOVED];
  GbColumn number = *column;
  char text[32];

  if (column->width <= 0 || node->kind != GB_TREE_PARAM || node->shared_with)
    return;
  number.x += 52;
  number.width -= 52;
  if (!node->is_held && node->requires_grad && layout->tree->has_optimizer)
    {
      gb_columns_draw_text (ctx, snapshot, column, GB_FACE_SMALL_BOLD, GB_ROLE_WARNING, _ ("in no optimiser"),
                            y);
      return;
    }
  switch (node->moved)
    {
    case GB_MOVED_UNKNOWN:
      break;
    case GB_MOVED_NO_GRAD:
      gb_draw_box (snapshot, NULL, role (ctx, GB_ROLE_RULE_STRONG), column->x, y - 5, 14, 10, 0, 1);
      gb_draw_diagonal (snapshot, role (ctx, GB_ROLE_RULE_STRONG), column->x, y - 5, 14, 10);
      gb_columns_draw_text (ctx, snapshot, &number, GB_FACE_CELL, GB_ROLE_MUTED, "None", y);
      break;
    case GB_MOVED_NO:
      gb_columns_draw_text (ctx, snapshot, &number, GB_FACE_CELL, GB_ROLE_MUTED, "0", y);
      break;
    case GB_MOVED_YES:
      if (node->ratio > 0 && isfinite (node->ratio))
        {
          double t = CLAMP (log10 (node->ratio / BAR_LEAST) / -log10 (BAR_LEAST), 0.04, 1);
          gb_draw_fill (snapshot, role (ctx, GB_ROLE_RULE), column->x, y + 4, 44, 1);
          gb_draw_fill (snapshot, role (ctx, GB_ROLE_BACKWARD), column->x, y - 4, 44 * t, 9);
        }
      gb_columns_draw_text (
          ctx, snapshot, &number, GB_FACE_CELL, GB_ROLE_INK,
          isnan (node->ratio) ? _ ("yes") : gb_number_text (node->ratio, 2, text, sizeof text), y);
      break;
    }
}

static void
draw_row (const GbModtreeLayout *layout,
          guint row,
          const GbModtreeOptions *options,
          const GbDrawContext *ctx,
          GtkSnapshot *snapshot)
{
  const GbTreeNode *node = gb_modtree_layout_node (layout, row);
  double top = gb_row_window_y (&layout->window, row), y = top + GB_ROW_HEIGHT / 2.0;
  char text[96];
  GbRole color;

  draw_guides (layout, node, top, ctx, snapshot);
  draw_glyph (layout, row, options, y, ctx, snapshot);
  draw_name (layout, node, y, ctx, snapshot);
  if (node->kind != GB_TREE_MODULE)
    gb_columns_draw_text (
        ctx, snapshot, &layout->columns[GB_MODTREE_SHAPE], GB_FACE_CELL,
        node->is_registered ? GB_ROLE_INK : GB_ROLE_FREED,
        node->ndim ? gb_shape_picture (node->ndim, node->sizes, text, sizeof text) : _ ("scalar"), y);
  /* A buffer's numbers are no parameters: they stand in the sum of none. */
  gb_columns_draw_text (
      ctx, snapshot, &layout->columns[GB_MODTREE_COUNT],
      node->kind == GB_TREE_MODULE ? GB_FACE_CELL_BOLD : GB_FACE_CELL,
      node->is_registered && !node->shared_with && node->kind != GB_TREE_BUFFER ? GB_ROLE_INK : GB_ROLE_FREED,
      node->shared_with ? "=" : gb_number_count (node->n, text, sizeof text), y);
  gb_columns_draw_text (ctx, snapshot, &layout->columns[GB_MODTREE_MODE], GB_FACE_SMALL, color,
                        mode_text (node, &color), y);
  draw_moved (layout, node, y, ctx, snapshot);
}

static void
draw_sum (const GbModtreeLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbModuleTree *tree = layout->tree;
  g_autoptr (GString) note = g_string_new (NULL);
  g_autofree char *sum = NULL;
  char count[48];
  double x = 14;

  sum = g_strdup_printf (ngettext_ ("%s parameter", "%s parameters", tree->n_params),
                         gb_number_count (tree->n_params, count, sizeof count));
  x += gb_draw_text (ctx, snapshot, GB_FACE_UI_BOLD, GB_ROLE_INK, sum, x, 14, GB_ALIGN_LEFT) + 12;
  if (tree->n_frozen)
    g_string_append_printf (note, _ ("%s frozen"), gb_number_count (tree->n_frozen, count, sizeof count));
  if (tree->n_shared)
    g_string_append_printf (note,
                            ngettext_ ("%s%u shared tensor, counted once",
                                       "%s%u shared tensors, each counted once", tree->n_shared),
                            note->len ? "  ·  " : "", tree->n_shared);
  if (tree->n_unregistered)
    g_string_append_printf (
        note, ngettext_ ("%s%u entry not registered", "%s%u entries not registered", tree->n_unregistered),
        note->len ? "  ·  " : "", tree->n_unregistered);
  if (note->len && layout->width - x > 40)
    gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL,
                       role (ctx, tree->n_unregistered ? GB_ROLE_WARNING : GB_ROLE_MUTED), note->str, x, 15,
                       GB_ALIGN_LEFT, layout->width - x - 14);
}

static void
draw_legend (const GbModtreeLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  double x = 14, y = layout->height - 12;

  gb_draw_box (snapshot, role (ctx, GB_ROLE_LEAF), NULL, x, y - 6, 4, 12, 0, 0);
  x += 10
       + gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_MUTED, _ ("parameter"), x + 9, y, GB_ALIGN_LEFT)
       + 12;
  gb_draw_vline (snapshot, role (ctx, GB_ROLE_BUFFER), x, y - 6, y + 6, 1.5);
  gb_draw_vline (snapshot, role (ctx, GB_ROLE_BUFFER), x + 4, y - 6, y + 6, 1.5);
  x += 10 + gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_MUTED, _ ("buffer"), x + 10, y, GB_ALIGN_LEFT)
       + 12;
  if (layout->tree->n_unregistered)
    {
      gb_draw_dashed_box (snapshot, role (ctx, GB_ROLE_FREED), x, y - 5, 10, 10, 0, 1);
      x += 14
           + gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_MUTED, _ ("not registered"), x + 14, y,
                           GB_ALIGN_LEFT)
           + 12;
    }
  if (layout->columns[GB_MODTREE_MOVED].width > 0)
    {
      g_autofree char *text =
          g_strdup_printf (_ ("moved by: update / weight at step %lu"), layout->tree->iteration);
      if (gb_draw_text_width (ctx, GB_FACE_SMALL, text) < layout->width - 14 - x)
        gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_MUTED, text, layout->width - 14, y,
                      GB_ALIGN_RIGHT);
    }
}

void
gb_modtree_draw (const GbModtreeLayout *layout,
                 const GbModtreeOptions *options,
                 const GbDrawContext *ctx,
                 GtkSnapshot *snapshot)
{
  const GbRowWindow *window = &layout->window;

  if (layout->rows->len == 0)
    {
      draw_ghost (ctx, snapshot);
      return;
    }
  draw_sum (layout, ctx, snapshot);
  gb_columns_draw_head (ctx, snapshot, layout->columns, GB_MODTREE_N_COLUMNS, 31, -1, FALSE);
  gtk_snapshot_push_clip (snapshot, &GRAPHENE_RECT_INIT (0, (float) window->y, (float) layout->width,
                                                         (float) MAX (window->height, 0)));
  for (guint i = 0; i < window->shown; i++)
    draw_row (layout, window->first_row + i, options, ctx, snapshot);
  gtk_snapshot_pop (snapshot);
  gb_row_window_draw_bar (window, ctx, snapshot);
  draw_legend (layout, ctx, snapshot);
}

char *
gb_modtree_row_text (const GbModtreeLayout *layout, guint row)
{
  const GbTreeNode *node = gb_modtree_layout_node (layout, row);
  g_autofree char *path = gb_module_tree_dup_path (layout->tree, g_array_index (layout->rows, guint, row));
  char count[48], shape[96];

  gb_number_count (node->n, count, sizeof count);
  gb_shape_tuple (node->ndim, node->sizes, shape, sizeof shape);
  if (node->kind == GB_TREE_MODULE)
    {
      const char *name = path[0] ? path : node->class_name;
      if (!node->is_registered)
        return g_strdup_printf (_ ("%s, %s, not registered"), name, node->class_name);
      if (node->shared_with)
        return g_strdup_printf (_ ("%s, %s, the same module as %s"), name, node->class_name, node->shared_with);
      if (node->n_places > 1)
        return g_strdup_printf (_ ("%s, %s, %s parameters, shared by %u places"), name, node->class_name, count,
                                node->n_places);
      return g_strdup_printf (node->is_training ? _ ("%s, %s, %s parameters, training")
                                                : _ ("%s, %s, %s parameters, evaluating"),
                              name, node->class_name, count);
    }
  if (node->shared_with)
    return g_strdup_printf (_ ("%s, %s, the same tensor as %s"), path, shape, node->shared_with);
  if (node->kind == GB_TREE_PLAIN)
    return g_strdup_printf (_ ("%s, %s, a tensor that is not registered"), path, shape);
  if (node->kind == GB_TREE_BUFFER)
    return g_strdup_printf (_ ("%s, %s, buffer"), path, shape);
  return g_strdup_printf (node->requires_grad ? _ ("%s, %s, %s numbers") : _ ("%s, %s, %s numbers, frozen"),
                          path, shape, count);
}

/* ---- overlay ---- */
#define MOST_PLACES 8

/* All places of a module, the first of them too. */
static void
add_places (const GbModtreeLayout *layout, const GbTreeNode *node, GPtrArray *lines)
{
  guint n = 0;

  for (guint i = 0; i < layout->tree->nodes->len; i++)
    {
      const GbTreeNode *other = &g_array_index (layout->tree->nodes, GbTreeNode, i);
      if (other->kind != GB_TREE_MODULE || other->module != node->module || n++ >= MOST_PLACES)
        continue;
      g_autofree char *path = gb_module_tree_dup_path (layout->tree, i);
      g_ptr_array_add (lines, g_strdup_printf ("%s\t%s", n == 1 ? _ ("places") : "", path));
    }
  if (n > MOST_PLACES)
    g_ptr_array_add (lines, g_strdup ("\t…"));
}

static void
draw_row_tip (const GbModtreeLayout *layout, guint row, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbTreeNode *node = gb_modtree_layout_node (layout, row);
  g_autofree char *path = gb_module_tree_dup_path (layout->tree, g_array_index (layout->rows, guint, row));
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  char text[96];

  g_ptr_array_add (lines, g_strdup (path[0] ? path : node->class_name));
  if (node->kind == GB_TREE_MODULE)
    {
      g_ptr_array_add (lines, g_strdup_printf ("%s\t%s", _ ("class"), node->class_name));
      if (node->shared_with)
        g_ptr_array_add (lines, g_strdup_printf ("%s\t%s", _ ("same module as"), node->shared_with));
      else if (node->n_places > 1)
        add_places (layout, node, lines);
      g_ptr_array_add (
          lines, g_strdup_printf ("%s\t%s", _ ("parameters"), gb_number_count (node->n, text, sizeof text)));
      if (node->n_frozen)
        g_ptr_array_add (lines, g_strdup_printf ("%s\t%s", _ ("frozen"),
                                                 gb_number_count (node->n_frozen, text, sizeof text)));
    }
  else
    {
      g_ptr_array_add (lines, g_strdup_printf ("%s\t%s", _ ("shape"),
                                               gb_shape_tuple (node->ndim, node->sizes, text, sizeof text)));
      g_ptr_array_add (lines, g_strdup_printf ("dtype\t%s", te_dtype_name (node->dtype)));
      g_ptr_array_add (lines, g_strdup_printf ("requires_grad\t%s", node->requires_grad ? "True" : "False"));
      if (node->shared_with)
        g_ptr_array_add (lines, g_strdup_printf ("%s\t%s", _ ("same tensor as"), node->shared_with));
    }
  g_ptr_array_add (
      lines, g_strdup_printf ("%s\t%s", _ ("memory"), gb_number_bytes (node->nbytes, text, sizeof text)));
  gb_draw_tip (ctx, snapshot, layout->columns[GB_MODTREE_NAME].x + layout->columns[GB_MODTREE_NAME].width,
               gb_row_window_y (&layout->window, row) + GB_ROW_HEIGHT / 2.0,
               (const char *const *) lines->pdata, lines->len);
}

static gboolean
in_sight (const GbModtreeLayout *layout, int row)
{
  return row >= (int) layout->window.first_row
         && row < (int) (layout->window.first_row + layout->window.shown);
}

void
gb_modtree_draw_overlay (const GbModtreeLayout *layout,
                         GbSelection *selection,
                         const GbDrawContext *ctx,
                         GtkSnapshot *snapshot)
{
  int pinned = gb_modtree_layout_find (layout, gb_selection_get_pin (selection));
  int hovered = gb_modtree_layout_find (layout, gb_selection_get_hover (selection));

  if (in_sight (layout, pinned))
    gb_draw_box (snapshot, NULL, role (ctx, GB_ROLE_ACCENT), 4,
                 gb_row_window_y (&layout->window, (guint) pinned), layout->width - 14, GB_ROW_HEIGHT, 4, 2);
  if (!in_sight (layout, hovered))
    return;
  gb_draw_box (snapshot, NULL, role (ctx, GB_ROLE_RULE_STRONG), 4,
               gb_row_window_y (&layout->window, (guint) hovered), layout->width - 14, GB_ROW_HEIGHT, 4, 1);
  if (!(ctx->options & GB_DRAW_STATIC))
    draw_row_tip (layout, (guint) hovered, ctx, snapshot);
}
