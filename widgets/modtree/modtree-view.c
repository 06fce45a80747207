#include "modtree/modtree-view.h"

#include <math.h>

#include "common/a11y.h"
#include "common/i18n.h"
#include "common/number-format.h"
#include "modtree/modtree-draw.h"

#define MAX_ROWS 400

struct _GbModtreeView
{
  GbView parent_instance;
  GbModtreeLayout *layout;
  GbModtreeOptions options;
};

G_DEFINE_FINAL_TYPE (GbModtreeView, gb_modtree_view, GB_TYPE_VIEW)

static void
modtree_update (GbView *view, const GbDrawContext *ctx, guint changes)
{
  GbModtreeView *self = GB_MODTREE_VIEW (view);

  if (changes & GB_TRACE_CHANGED_RESET)
    {
      g_hash_table_remove_all (self->options.toggled);
      self->options.first_row = 0;
    }
  gb_modtree_layout_free (self->layout);
  self->layout = gb_modtree_layout_new (gb_view_get_cursor (view), &self->options, ctx);
  self->options.first_row = self->layout->window.first_row;
}

static void
modtree_draw (GbView *view, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  gb_modtree_draw (GB_MODTREE_VIEW (view)->layout, &GB_MODTREE_VIEW (view)->options, ctx, snapshot);
}

static void
modtree_draw_overlay (GbView *view, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  if (GB_MODTREE_VIEW (view)->layout)
    gb_modtree_draw_overlay (GB_MODTREE_VIEW (view)->layout, gb_view_get_selection (view), ctx, snapshot);
}

static gboolean
modtree_pick (GbView *view, double x, double y, GbPick *pick)
{
  const GbModtreeLayout *layout = GB_MODTREE_VIEW (view)->layout;
  int row = layout ? gb_row_window_at (&layout->window, y) : -1;

  if (row < 0)
    return FALSE;
  gb_modtree_layout_pick (layout, (guint) row, pick);
  return TRUE;
}

static void
toggle (GbModtreeView *self, guint32 module)
{
  if (!g_hash_table_remove (self->options.toggled, GUINT_TO_POINTER (module)))
    g_hash_table_add (self->options.toggled, GUINT_TO_POINTER (module));
  gb_view_invalidate (GB_VIEW (self));
}

/* Left closes or goes to the parent, Right opens or goes to the first that is held. */
static gboolean
move_sideways (GbModtreeView *self, guint row, gboolean right, guint *to)
{
  const GbModtreeLayout *layout = self->layout;
  guint nth = g_array_index (layout->rows, guint, row);
  const GbTreeNode *node = gb_modtree_layout_node (layout, row);
  gboolean has_inside = node->kind == GB_TREE_MODULE && node->end > nth + 1;
  gboolean is_open = has_inside && gb_modtree_layout_is_open (layout, nth, &self->options);

  *to = row;
  if (right && is_open)
    *to = row + 1;
  else if (has_inside && is_open != right)
    toggle (self, node->module);
  else if (!right)
    while (*to > 0 && (int) g_array_index (layout->rows, guint, *to) != node->parent)
      (*to)--;
  return *to != row || has_inside;
}

static gboolean
modtree_locate (GbView *view, const GbPick *pick, graphene_rect_t *box)
{
  const GbModtreeLayout *layout = GB_MODTREE_VIEW (view)->layout;
  int row = layout ? gb_modtree_layout_find (layout, pick) : -1;

  if (row < 0)
    return FALSE;
  graphene_rect_init (box, 0, (float) gb_row_window_y (&layout->window, (guint) row), (float) layout->width,
                      GB_ROW_HEIGHT);
  return TRUE;
}

static gboolean
modtree_move (GbView *view, GbMove move, const GbPick *from, GbPick *to)
{
  GbModtreeView *self = GB_MODTREE_VIEW (view);
  GbModtreeLayout *layout = self->layout;
  int row = layout ? gb_modtree_layout_find (layout, from) : -1;
  guint last, next;

  if (layout == NULL || layout->rows->len == 0)
    return FALSE;
  last = layout->rows->len - 1;
  next = row < 0 ? 0 : (guint) row;
  switch (move)
    {
    case GB_MOVE_UP:
      next = next ? next - 1 : 0;
      break;
    case GB_MOVE_DOWN:
      next = row < 0 ? 0 : MIN (next + 1, last);
      break;
    case GB_MOVE_LEFT:
    case GB_MOVE_RIGHT:
      if (row >= 0 && !move_sideways (self, (guint) row, move == GB_MOVE_RIGHT, &next))
        return FALSE;
      break;
    case GB_MOVE_HOME:
      next = 0;
      break;
    case GB_MOVE_END:
      next = last;
      break;
    }
  if (gb_row_window_reveal (&layout->window, next))
    {
      self->options.first_row = layout->window.first_row;
      gb_view_invalidate (view);
    }
  gb_modtree_layout_pick (layout, next, to);
  return TRUE;
}

/* Enter opens or closes a module, and shows a tensor's numbers in the views that show one. */
static void
modtree_activate (GbView *view, const GbPick *pick)
{
  if (pick->facets & GB_PICK_TENSOR)
    gb_selection_set_tensor (gb_view_get_selection (view), pick->tensor);
  else if (pick->facets & GB_PICK_MODULE)
    toggle (GB_MODTREE_VIEW (view), pick->module);
  gb_selection_set_pin (gb_view_get_selection (view), pick);
}

static gboolean
modtree_scroll (GbView *view, double dx, double dy, double x, double y, GdkModifierType state)
{
  GbModtreeView *self = GB_MODTREE_VIEW (view);

  if (self->layout == NULL || !gb_row_window_scroll (&self->layout->window, round (dy * 3)))
    return FALSE;
  self->options.first_row = self->layout->window.first_row;
  gb_view_invalidate (view);
  return TRUE;
}

static void
modtree_rows (GbView *view, GArray *rows)
{
  const GbModtreeLayout *layout = GB_MODTREE_VIEW (view)->layout;

  for (guint r = 0; layout && r < MIN (layout->rows->len, MAX_ROWS); r++)
    {
      g_autofree char *text = gb_modtree_row_text (layout, r);
      GbPick pick;
      gb_modtree_layout_pick (layout, r, &pick);
      gb_view_rows_add (rows, &pick, "%s", text);
    }
}

static void
open_all (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GbModtreeView *self = GB_MODTREE_VIEW (data);
  gboolean open = g_strcmp0 (g_action_get_name (G_ACTION (action)), "open") == 0;
  const GbModtreeLayout *layout = self->layout;

  for (guint i = 0; layout && i < layout->tree->nodes->len; i++)
    {
      const GbTreeNode *node = &g_array_index (layout->tree->nodes, GbTreeNode, i);
      if (node->kind != GB_TREE_MODULE || (!open && node->depth == 0))
        continue;
      if (gb_modtree_layout_is_open (layout, i, &self->options) != open
          && !g_hash_table_remove (self->options.toggled, GUINT_TO_POINTER (node->module)))
        g_hash_table_add (self->options.toggled, GUINT_TO_POINTER (node->module));
    }
  gb_view_invalidate (GB_VIEW (self));
}

static gboolean
modtree_key (GbView *view, guint keyval, GdkModifierType state)
{
  const char *name = keyval == GDK_KEY_asterisk || keyval == GDK_KEY_KP_Multiply ? "open"
                     : keyval == GDK_KEY_minus || keyval == GDK_KEY_KP_Subtract  ? "close"
                                                                                 : NULL;

  if (name == NULL)
    return FALSE;
  g_action_activate (g_action_map_lookup_action (gb_view_get_actions (view), name), NULL);
  return TRUE;
}

static void
modtree_fill_menu (GbModtreeView *self)
{
  g_autoptr (GMenu) menu = g_menu_new ();
  g_menu_append (menu, _ ("Open all modules (*)"), "view.open");
  g_menu_append (menu, _ ("Close all modules (-)"), "view.close");
  g_menu_append (menu, _ ("List in words (L)"), "view.list");
  gb_view_set_menu (GB_VIEW (self), G_MENU_MODEL (menu));
}

static void
gb_modtree_view_finalize (GObject *object)
{
  gb_modtree_layout_free (GB_MODTREE_VIEW (object)->layout);
  g_hash_table_unref (GB_MODTREE_VIEW (object)->options.toggled);
  G_OBJECT_CLASS (gb_modtree_view_parent_class)->finalize (object);
}

static void
gb_modtree_view_class_init (GbModtreeViewClass *klass)
{
  GbViewClass *view_class = GB_VIEW_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = gb_modtree_view_finalize;
  view_class->update = modtree_update;
  view_class->draw = modtree_draw;
  view_class->draw_overlay = modtree_draw_overlay;
  view_class->pick = modtree_pick;
  view_class->locate = modtree_locate;
  view_class->move = modtree_move;
  view_class->activate = modtree_activate;
  view_class->scroll = modtree_scroll;
  view_class->key = modtree_key;
  view_class->rows = modtree_rows;
}

static void
gb_modtree_view_init (GbModtreeView *self)
{
  static const GActionEntry entries[] = {
    { .name = "open", .activate = open_all },
    { .name = "close", .activate = open_all },
  };

  self->options.toggled = g_hash_table_new (NULL, NULL);
  g_action_map_add_action_entries (gb_view_get_actions (GB_VIEW (self)), entries, G_N_ELEMENTS (entries),
                                   self);
  modtree_fill_menu (self);
  g_signal_connect_object (gb_i18n_get_default (), "changed", G_CALLBACK (modtree_fill_menu), self,
                           G_CONNECT_SWAPPED);
}

/* ---- definition ---- */
/* Several modules are a tree to look at; while it trains, curves and gradients say more. */
static int
modtree_relevance (GbTraceCursor *cursor)
{
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  guint n = gb_trace_get_n_modules (trace);
  return n > 1 ? (gb_trace_get_n_iterations (trace) ? 35 : 55) : n ? 30 : 0;
}

static GtkWidget *
modtree_new_widget (GbTraceCursor *cursor, GbSelection *selection)
{
  return gb_view_new (GB_TYPE_MODTREE_VIEW, &gb_modtree_view_def, cursor, selection);
}

static void
modtree_natural_size (
    GbTraceCursor *cursor, GbSelection *selection, const GbDrawContext *ctx, double *width, double *height)
{
  GbDrawContext wide = *ctx;
  GbModtreeOptions options = { 0 };

  wide.width = 640;
  wide.height = 400;
  g_autoptr (GbModtreeLayout) layout = gb_modtree_layout_new (cursor, &options, &wide);
  *width = 640;
  *height = CLAMP (44 + 24 + layout->rows->len * GB_ROW_HEIGHT, 240, 1600);
}

static void
modtree_draw_static (GbTraceCursor *cursor,
                     GbSelection *selection,
                     const GbDrawContext *ctx,
                     GtkSnapshot *snapshot)
{
  GbModtreeOptions options = { 0 };
  g_autoptr (GbModtreeLayout) layout = gb_modtree_layout_new (cursor, &options, ctx);

  gb_modtree_draw (layout, &options, ctx, snapshot);
  gb_modtree_draw_overlay (layout, selection, ctx, snapshot);
}

static char *
modtree_describe (GbTraceCursor *cursor, GbSelection *selection)
{
  g_autoptr (GbModuleTree) tree =
      gb_module_tree_new (gb_trace_cursor_get_trace (cursor), gb_trace_cursor_get_position (cursor));
  char count[48], frozen[48];
  guint n_eval = 0;

  if (tree->nodes->len == 0)
    return g_strdup (gb_modtree_empty_text ());
  gb_number_count (tree->n_params, count, sizeof count);
  gb_number_count (tree->n_frozen, frozen, sizeof frozen);
  for (guint i = 0; i < tree->nodes->len; i++)
    n_eval += g_array_index (tree->nodes, GbTreeNode, i).kind == GB_TREE_MODULE
              && !g_array_index (tree->nodes, GbTreeNode, i).is_training;
  if (tree->n_unregistered)
    return g_strdup_printf (
        ngettext_ ("%s parameters; %u entry is not registered: no optimiser will be given it.",
                   "%s parameters; %u entries are not registered: no optimiser will be given them.",
                   tree->n_unregistered),
        count, tree->n_unregistered);
  if (tree->n_frozen)
    return g_strdup_printf (_ ("%s parameters, %s of them frozen; %u of %u modules evaluate."), count, frozen,
                            n_eval, tree->n_modules);
  return g_strdup_printf (_ ("%s parameters; %u of %u modules evaluate."), count, n_eval, tree->n_modules);
}

/* What moved is measured only while somebody looks. */
static void
modtree_watches (GbTraceCursor *cursor, GbSelection *selection, GArray *watches)
{
  static const TeWatch wanted = { .kind = TE_WATCH_GRADIENTS };
  g_array_append_val (watches, wanted);
}

const GbViewDef gb_modtree_view_def = {
  .id = "modtree",
  .title = N_ ("Modules"),
  .summary = N_ ("Modules with their parameters: shapes, counts, modes, and what the last step moved."),
  .icon_name = "view-list-symbolic",
  .missing = N_ ("Call an nn.Module once, or give it to gb.watch."),
  .relevance = modtree_relevance,
  .new_widget = modtree_new_widget,
  .natural_size = modtree_natural_size,
  .draw = modtree_draw_static,
  .describe = modtree_describe,
  .watches = modtree_watches,
};
