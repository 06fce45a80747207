#include "grid/grid-view.h"

#include <math.h>
#include <string.h>

#include "common/a11y.h"
#include "common/i18n.h"
#include "grid/grid-draw.h"
#include "models/shown-tensor.h"
#include "models/program-traits.h"

#define MAX_WATCHED 4096
#define MAX_ROWS    400

struct _GbGridView
{
  GbView parent_instance;
  GbGridLayout *layout;
  GbGridOptions options;
  guint64 shown;  /* tensor chosen when the options were made */
  GbPick operand; /* last picked on the card; pinned, it becomes the tensor that is shown */
};

G_DEFINE_FINAL_TYPE (GbGridView, gb_grid_view, GB_TYPE_VIEW)

static void
grid_update (GbView *view, const GbDrawContext *ctx, guint changes)
{
  GbGridView *self = GB_GRID_VIEW (view);
  guint64 chosen = gb_selection_get_tensor (gb_view_get_selection (view));

  if (chosen != self->shown || (changes & GB_TRACE_CHANGED_RESET))
    {
      self->options = (GbGridOptions){ .signs = self->options.signs, .no_card = self->options.no_card };
      self->shown = chosen;
    }
  gb_grid_layout_free (self->layout);
  self->layout =
      gb_grid_layout_new (gb_view_get_cursor (view), gb_view_get_selection (view), &self->options, ctx);
  self->options = self->layout->options;
}

static void
grid_draw (GbView *view, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  gb_grid_draw (GB_GRID_VIEW (view)->layout, ctx, snapshot);
}

static void
grid_draw_overlay (GbView *view, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  if (GB_GRID_VIEW (view)->layout)
    gb_grid_draw_overlay (GB_GRID_VIEW (view)->layout, gb_view_get_cursor (view),
                          gb_view_get_selection (view), ctx, snapshot);
}

static void
pick_element (const GbGridLayout *layout, const gint64 *index, GbPick *pick)
{
  const GbTensor *t = &layout->values->tensor;
  *pick = (GbPick){ .facets = GB_PICK_TENSOR | GB_PICK_ELEMENT | GB_PICK_ADDRESS,
                    .tensor = t->tensor,
                    .storage = t->storage,
                    .address = gb_tensor_address (t, index),
                    .ndim = t->ndim };
  memcpy (pick->index, index, sizeof (gint64) * t->ndim);
}

static gboolean
on_card (const GbGridLayout *layout, double x, double y)
{
  return layout->card && x >= layout->card_x && y >= layout->card_y
         && x < layout->card_x + layout->card->width && y < layout->card_y + layout->card->height;
}

static gboolean
grid_pick (GbView *view, double x, double y, GbPick *pick)
{
  GbGridView *self = GB_GRID_VIEW (view);
  const GbGridLayout *layout = self->layout;
  gint64 index[GB_VALUES_MAX_NDIM] = { 0 };

  if (layout && on_card (layout, x, y))
    {
      if (gb_derivation_card_pick (layout->card, x - layout->card_x, y - layout->card_y, pick))
        self->operand = *pick;
      else
        *pick = *gb_selection_get_pin (gb_view_get_selection (view));
      return TRUE;
    }
  if (layout == NULL || !gb_grid_layout_at (layout, x, y, index))
    return FALSE;
  pick_element (layout, index, pick);
  return TRUE;
}

/* A cell of the sheet on top, also one that is scrolled away; an element of another sheet is not there. */
static gboolean
grid_locate (GbView *view, const GbPick *pick, graphene_rect_t *box)
{
  const GbGridLayout *layout = GB_GRID_VIEW (view)->layout;
  gint64 index[GB_VALUES_MAX_NDIM] = { 0 }, corner[GB_VALUES_MAX_NDIM] = { 0 };
  double x, y;
  if (layout == NULL || layout->values == NULL || layout->values->numel == 0
      || !gb_grid_picked_index (layout, gb_trace_cursor_get_trace (gb_view_get_cursor (view)), pick, index)
      || !gb_grid_layout_index (layout, layout->options.first_row, layout->options.first_column, corner))
    return FALSE;
  if (gb_grid_layout_cell (layout, index, &x, &y))
    {
      graphene_rect_init (box, (float) x, (float) y, (float) layout->cell_width, (float) layout->cell_height);
      return TRUE;
    }
  int ndim = layout->values->tensor.ndim;
  if (layout->is_wrapped || ndim < 2 || memcmp (index, corner, sizeof (gint64) * (gsize) (ndim - 2)) != 0)
    return FALSE;
  graphene_rect_init (
      box, (float) (layout->x + (double) (index[ndim - 1] - layout->options.first_column) * layout->cell_width),
      (float) (layout->y + (double) (index[ndim - 2] - layout->options.first_row) * layout->cell_height),
      (float) layout->cell_width, (float) layout->cell_height);
  return TRUE;
}

/* A pinned element comes into sight: its sheet on top, its row and column scrolled to. */
static void
grid_follow_pin (GbGridView *self)
{
  GbGridLayout *layout = self->layout;
  const GbPick *pin = gb_selection_get_pin (gb_view_get_selection (GB_VIEW (self)));
  gint64 index[GB_VALUES_MAX_NDIM] = { 0 };
  gboolean moved = FALSE;
  double x, y;

  /* An operand pinned on the card: one step back to where it came from in turn. */
  if (pin->facets && gb_pick_equal (pin, &self->operand))
    {
      self->operand = (GbPick){ 0 };
      gb_selection_set_tensor (gb_view_get_selection (GB_VIEW (self)), pin->tensor);
      return;
    }
  if (layout == NULL || layout->values == NULL || layout->values->numel == 0
      || !gb_grid_picked_index (layout, gb_trace_cursor_get_trace (gb_view_get_cursor (GB_VIEW (self))), pin,
                                index)
      || gb_grid_layout_cell (layout, index, &x, &y))
    return;
  for (int d = 0; d < layout->n_lead; d++)
    {
      moved |= self->options.slice[d] != index[d];
      self->options.slice[d] = index[d];
    }
  if (!layout->is_wrapped && layout->values->tensor.ndim >= 2)
    {
      gint64 row = index[layout->values->tensor.ndim - 2], column = index[layout->values->tensor.ndim - 1];
      if (row < self->options.first_row || row >= self->options.first_row + layout->shown_rows)
        self->options.first_row = MAX (row - layout->shown_rows / 2, 0), moved = TRUE;
      if (column < self->options.first_column || column >= self->options.first_column + layout->shown_columns)
        self->options.first_column = MAX (column - layout->shown_columns / 2, 0), moved = TRUE;
    }
  else if (layout->is_wrapped)
    self->options.first_row = MAX (index[0] / layout->n_columns - layout->shown_rows / 2, 0), moved = TRUE;
  if (moved)
    gb_view_invalidate (GB_VIEW (self));
}

static gboolean
grid_move (GbView *view, GbMove move, const GbPick *from, GbPick *to)
{
  const GbGridLayout *layout = GB_GRID_VIEW (view)->layout;
  gint64 index[GB_VALUES_MAX_NDIM] = { 0 };
  const GbTensor *t;
  int row, column;

  if (layout == NULL || layout->values == NULL || layout->values->numel == 0)
    return FALSE;
  t = &layout->values->tensor;
  if (!gb_grid_picked_index (layout, gb_trace_cursor_get_trace (gb_view_get_cursor (view)), from, index))
    {
      gb_grid_layout_index (layout, layout->options.first_row, layout->options.first_column, index);
      pick_element (layout, index, to);
      return TRUE;
    }
  if (t->ndim == 0)
    return FALSE;
  row = t->ndim - 2;
  column = t->ndim - 1;
  switch (move)
    {
    case GB_MOVE_LEFT:
      index[column]--;
      break;
    case GB_MOVE_RIGHT:
      index[column]++;
      break;
    case GB_MOVE_UP:
      if (row >= 0)
        index[row]--;
      else
        index[0] -= layout->n_columns;
      break;
    case GB_MOVE_DOWN:
      if (row >= 0)
        index[row]++;
      else
        index[0] += layout->n_columns;
      break;
    case GB_MOVE_HOME:
      index[column] = 0;
      break;
    case GB_MOVE_END:
      index[column] = t->sizes[column] - 1;
      break;
    }
  /* Past the last row the next sheet comes on top. */
  for (int d = t->ndim - 1; d > 0; d--)
    {
      if (index[d] >= t->sizes[d] && d <= row)
        index[d] = 0, index[d - 1]++;
      else if (index[d] < 0 && d <= row)
        index[d] = t->sizes[d] - 1, index[d - 1]--;
    }
  for (int d = 0; d < t->ndim; d++)
    index[d] = CLAMP (index[d], 0, t->sizes[d] - 1);
  pick_element (layout, index, to);
  return TRUE;
}

static gboolean
grid_scroll (GbView *view, double dx, double dy, double x, double y, GdkModifierType state)
{
  GbGridView *self = GB_GRID_VIEW (view);
  const GbGridLayout *layout = self->layout;
  gint64 row = self->options.first_row, column = self->options.first_column;

  if (layout == NULL || layout->values == NULL)
    return FALSE;
  if (state & GDK_SHIFT_MASK)
    dx = dy, dy = 0;
  self->options.first_row =
      CLAMP (row + (gint64) lround (dy * 3), 0, MAX (layout->n_rows - layout->shown_rows, 0));
  self->options.first_column =
      CLAMP (column + (gint64) lround (dx * 3), 0, MAX (layout->n_columns - layout->shown_columns, 0));
  if (row == self->options.first_row && column == self->options.first_column)
    return FALSE;
  gb_view_invalidate (view);
  return TRUE;
}

static void
grid_rows (GbView *view, GArray *rows)
{
  const GbGridLayout *layout = GB_GRID_VIEW (view)->layout;
  gint64 index[GB_VALUES_MAX_NDIM] = { 0 };
  guint n = 0;

  if (layout == NULL || layout->values == NULL || layout->values->numel == 0)
    return;
  if (layout->card)
    gb_view_rows_add (rows, gb_selection_get_pin (gb_view_get_selection (view)), "%s: %s", layout->card->title,
                      layout->card->arithmetic ? layout->card->arithmetic : layout->card->note);
  for (gint64 r = layout->options.first_row; r < layout->options.first_row + layout->shown_rows; r++)
    for (gint64 c = layout->options.first_column; c < layout->options.first_column + layout->shown_columns;
         c++)
      {
        double value;
        char text[96];
        GbPick pick;

        if (n >= MAX_ROWS || !gb_grid_layout_index (layout, r, c, index)
            || !gb_tensor_values_get (layout->values, index, &value))
          continue;
        n++;
        pick_element (layout, index, &pick);
        gb_grid_layout_text (layout, index, value, text, sizeof text);
        if (layout->values->tensor.ndim >= 2)
          gb_view_rows_add (rows, &pick, _ ("row %ld, column %ld: %s"), r, c, text);
        else
          gb_view_rows_add (rows, &pick, _ ("element %ld: %s"), index[0], text);
      }
}

static void
grid_set_signs (GSimpleAction *action, GVariant *value, gpointer data)
{
  g_simple_action_set_state (action, value);
  GB_GRID_VIEW (data)->options.signs = g_variant_get_boolean (value);
  gb_view_invalidate (GB_VIEW (data));
}

static void
grid_set_card (GSimpleAction *action, GVariant *value, gpointer data)
{
  g_simple_action_set_state (action, value);
  GB_GRID_VIEW (data)->options.no_card = !g_variant_get_boolean (value);
  gb_view_invalidate (GB_VIEW (data));
}

static void
grid_fit (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GbGridView *self = GB_GRID_VIEW (data);
  self->options.limit = 0;
  self->options.first_row = self->options.first_column = 0;
  gb_view_invalidate (GB_VIEW (self));
}

static gboolean
grid_key (GbView *view, guint keyval, GdkModifierType state)
{
  const char *name = keyval == GDK_KEY_s || keyval == GDK_KEY_S   ? "signs"
                     : keyval == GDK_KEY_d || keyval == GDK_KEY_D ? "card"
                     : keyval == GDK_KEY_0                        ? "fit"
                                                                  : NULL;

  if (name == NULL)
    return FALSE;
  g_action_activate (g_action_map_lookup_action (gb_view_get_actions (view), name), NULL);
  return TRUE;
}

static void
grid_fill_menu (GbGridView *self)
{
  g_autoptr (GMenu) menu = g_menu_new ();
  g_menu_append (menu, _ ("Signs in cells (S)"), "view.signs");
  g_menu_append (menu, _ ("Where the pinned number came from (D)"), "view.card");
  g_menu_append (menu, _ ("Fit (0)"), "view.fit");
  g_menu_append (menu, _ ("List in words (L)"), "view.list");
  gb_view_set_menu (GB_VIEW (self), G_MENU_MODEL (menu));
}

static void
gb_grid_view_constructed (GObject *object)
{
  G_OBJECT_CLASS (gb_grid_view_parent_class)->constructed (object);
  g_signal_connect_object (gb_view_get_selection (GB_VIEW (object)), "changed", G_CALLBACK (grid_follow_pin),
                           object, G_CONNECT_SWAPPED);
}

static void
gb_grid_view_finalize (GObject *object)
{
  gb_grid_layout_free (GB_GRID_VIEW (object)->layout);
  G_OBJECT_CLASS (gb_grid_view_parent_class)->finalize (object);
}

static void
gb_grid_view_class_init (GbGridViewClass *klass)
{
  GbViewClass *view_class = GB_VIEW_CLASS (klass);

  G_OBJECT_CLASS (klass)->constructed = gb_grid_view_constructed;
  G_OBJECT_CLASS (klass)->finalize = gb_grid_view_finalize;
  view_class->update = grid_update;
  view_class->draw = grid_draw;
  view_class->draw_overlay = grid_draw_overlay;
  view_class->pick = grid_pick;
  view_class->locate = grid_locate;
  view_class->move = grid_move;
  view_class->scroll = grid_scroll;
  view_class->key = grid_key;
  view_class->rows = grid_rows;
}

static void
gb_grid_view_init (GbGridView *self)
{
  static const GActionEntry entries[] = {
    { .name = "signs", .state = "false", .change_state = grid_set_signs },
    { .name = "card", .state = "true", .change_state = grid_set_card },
    { .name = "fit", .activate = grid_fit },
  };

  g_action_map_add_action_entries (gb_view_get_actions (GB_VIEW (self)), entries, G_N_ELEMENTS (entries),
                                   self);
  grid_fill_menu (self);
  g_signal_connect_object (gb_i18n_get_default (), "changed", G_CALLBACK (grid_fill_menu), self,
                           G_CONNECT_SWAPPED);
}

/* ---- definition ---- */
static int
grid_relevance (GbTraceCursor *cursor)
{
  g_autoptr (GbSelection) selection = gb_selection_new ();
  if (gb_shown_tensor (cursor, selection) == 0)
    return 0;
  /* The smaller the program, the more its numbers are what it is about. */
  return gb_program_traits_of (gb_trace_cursor_get_trace (cursor))->n_steps ? 25 : 65;
}

static GtkWidget *
grid_new_widget (GbTraceCursor *cursor, GbSelection *selection)
{
  return gb_view_new (GB_TYPE_GRID_VIEW, &gb_grid_view_def, cursor, selection);
}

static void
grid_natural_size (
    GbTraceCursor *cursor, GbSelection *selection, const GbDrawContext *ctx, double *width, double *height)
{
  *width = 640;
  *height = 360;
}

static void
grid_draw_static (GbTraceCursor *cursor,
                  GbSelection *selection,
                  const GbDrawContext *ctx,
                  GtkSnapshot *snapshot)
{
  GbGridOptions options = { 0 };
  const GbPick *pin = gb_selection_get_pin (selection);
  /* The sheet that the pinned element lies on. */
  if ((pin->facets & GB_PICK_ELEMENT) && pin->tensor == gb_shown_tensor (cursor, selection))
    for (int d = 0; d < pin->ndim - 2; d++)
      options.slice[d] = pin->index[d];
  g_autoptr (GbGridLayout) layout = gb_grid_layout_new (cursor, selection, &options, ctx);

  gb_grid_draw (layout, ctx, snapshot);
  gb_grid_draw_overlay (layout, cursor, selection, ctx, snapshot);
}

static char *
grid_describe (GbTraceCursor *cursor, GbSelection *selection)
{
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  guint64 tensor = gb_shown_tensor (cursor, selection);
  g_autoptr (GbTensorValues) values =
      tensor ? gb_tensor_values_new (trace, tensor, gb_trace_cursor_get_position (cursor)) : NULL;
  char shape[128], count[32];
  gint64 nans = 0, infs = 0;

  if (values == NULL)
    return g_strdup (_ ("Choose a tensor."));
  gb_shape_tuple (values->tensor.ndim, values->tensor.sizes, shape, sizeof shape);
  for (gint64 i = 0; i < values->n_known; i++)
    {
      nans += isnan (values->values[i]);
      infs += isinf (values->values[i]) != 0;
    }
  gb_number_count (values->numel, count, sizeof count);
  if (nans || infs)
    return g_strdup_printf (_ ("%s has shape %s, %s elements; %ld NaN, %ld infinite."), values->label, shape,
                            count, nans, infs);
  return g_strdup_printf (
      ngettext_ ("%s has shape %s, %s element.", "%s has shape %s, %s elements.", values->numel),
      values->label, shape, count);
}

/* All tensors, from the start: the one that is looked at may be made before anybody knows its id, and the
 * interpreter spends no more than its share on all of them. */
static void
grid_watches (GbTraceCursor *cursor, GbSelection *selection, GArray *watches)
{
  static const TeWatch wanted[] = {
    { .kind = TE_WATCH_VALUES, .period_msec = 100, .max_elements = MAX_WATCHED },
    { .kind = TE_WATCH_STATS, .period_msec = 100 },
  };
  g_array_append_vals (watches, wanted, G_N_ELEMENTS (wanted));
}

const GbViewDef gb_grid_view_def = {
  .id = "grid",
  .title = N_ ("Numbers"),
  .summary = N_ ("A tensor's shape and its numbers in cells."),
  .icon_name = "view-grid-symbolic",
  .missing = N_ ("Make a tensor."),
  .relevance = grid_relevance,
  .new_widget = grid_new_widget,
  .natural_size = grid_natural_size,
  .draw = grid_draw_static,
  .describe = grid_describe,
  .watches = grid_watches,
  .has_card = TRUE,
};
