#include "conv/conv-view.h"

#include <string.h>

#include "common/a11y.h"
#include "common/i18n.h"
#include "conv/conv-draw.h"

#define MAX_WATCHED 65536 /* a picture of 3 × 128 × 128 */
#define MAX_ROWS    200

struct _GbConvView
{
  GbView parent_instance;
  GbConvLayout *layout;
  GbConvOptions options;
  guint64 shown; /* tensor chosen when the options were made */
  GbPick pin;    /* with which the layout was made */
};

G_DEFINE_FINAL_TYPE (GbConvView, gb_conv_view, GB_TYPE_VIEW)

static void
conv_update (GbView *view, const GbDrawContext *ctx, guint changes)
{
  GbConvView *self = GB_CONV_VIEW (view);
  guint64 chosen = gb_selection_get_tensor (gb_view_get_selection (view));

  if (chosen != self->shown || (changes & (GB_TRACE_CHANGED_RESET | GB_TRACE_CHANGED_DROPPED)))
    {
      self->options = (GbConvOptions){ 0 };
      self->shown = chosen;
    }
  gb_conv_layout_free (self->layout);
  self->pin = *gb_selection_get_pin (gb_view_get_selection (view));
  self->layout =
      gb_conv_layout_new (gb_view_get_cursor (view), gb_view_get_selection (view), &self->options, ctx);
}

static void
conv_draw (GbView *view, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  gb_conv_draw (GB_CONV_VIEW (view)->layout, ctx, snapshot);
}

static void
conv_draw_overlay (GbView *view, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  if (GB_CONV_VIEW (view)->layout)
    gb_conv_draw_overlay (GB_CONV_VIEW (view)->layout, gb_view_get_cursor (view),
                          gb_view_get_selection (view), ctx, snapshot);
}

static gboolean
conv_pick (GbView *view, double x, double y, GbPick *pick)
{
  const GbConvLayout *layout = GB_CONV_VIEW (view)->layout;
  return layout && !layout->is_empty && gb_conv_layout_at (layout, x, y, pick);
}

/* ---- the window slides from place to place, and on to the next channel ---- */

static void
pick_place (const GbConvLayout *layout, const gint64 *index, GbPick *pick)
{
  const GbTensor *t = &layout->window.output;
  *pick = (GbPick){ .facets = GB_PICK_TENSOR | GB_PICK_ELEMENT | GB_PICK_ADDRESS,
                    .tensor = t->tensor,
                    .storage = t->storage,
                    .address = gb_tensor_address (t, index),
                    .ndim = t->ndim };
  memcpy (pick->index, index, sizeof (gint64) * (gsize) t->ndim);
}

static gboolean
conv_move (GbView *view, GbMove move, const GbPick *from, GbPick *to)
{
  const GbConvLayout *layout = GB_CONV_VIEW (view)->layout;
  gint64 index[GB_VALUES_MAX_NDIM] = { 0 };
  const GbTensor *t;
  int row, column;

  if (layout == NULL || layout->is_empty)
    return FALSE;
  t = &layout->window.output;
  column = t->ndim - 1;
  row = MAX (column - 1, 0);
  if (!gb_conv_layout_place (layout, from, index))
    {
      pick_place (layout, layout->index, to);
      return TRUE;
    }
  switch (move)
    {
    case GB_MOVE_LEFT:
      index[column]--;
      break;
    case GB_MOVE_RIGHT:
      index[column]++;
      break;
    case GB_MOVE_UP:
      index[row]--;
      break;
    case GB_MOVE_DOWN:
      index[row]++;
      break;
    case GB_MOVE_HOME:
      index[column] = 0;
      break;
    case GB_MOVE_END:
      index[column] = t->sizes[column] - 1;
      break;
    }
  for (int d = column; d > 0; d--)
    if (index[d] >= t->sizes[d] && index[d - 1] + 1 < t->sizes[d - 1])
      index[d] = 0, index[d - 1]++;
    else if (index[d] < 0 && index[d - 1] > 0)
      index[d] = t->sizes[d] - 1, index[d - 1]--;
  for (int d = 0; d < t->ndim; d++)
    index[d] = CLAMP (index[d], 0, t->sizes[d] - 1);
  pick_place (layout, index, to);
  return TRUE;
}

/* ---- other windows and channels ---- */

static void
go_to_window (GbConvView *self, int direction)
{
  GbTrace *trace = gb_trace_cursor_get_trace (gb_view_get_cursor (GB_VIEW (self)));
  guint64 call =
      self->layout && !self->layout->is_empty ? gb_conv_neighbour (trace, self->layout->call, direction) : 0;

  if (call == 0)
    return;
  self->options = (GbConvOptions){ .call = call };
  gb_view_invalidate (GB_VIEW (self));
}

static void
conv_next (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  go_to_window (data, 1);
}

static void
conv_previous (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  go_to_window (data, -1);
}

static void
conv_channel (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GbConvView *self = data;

  if (self->layout == NULL || self->layout->is_empty)
    return;
  self->options.channel = (self->layout->options.channel + 1) % self->layout->n_channels;
  gb_view_invalidate (GB_VIEW (self));
}

static gboolean
conv_key (GbView *view, guint keyval, GdkModifierType state)
{
  const char *name = keyval == GDK_KEY_n || keyval == GDK_KEY_N   ? "next"
                     : keyval == GDK_KEY_b || keyval == GDK_KEY_B ? "previous"
                     : keyval == GDK_KEY_c || keyval == GDK_KEY_C ? "channel"
                                                                  : NULL;

  if (name == NULL || (state & GDK_CONTROL_MASK))
    return FALSE;
  g_action_activate (g_action_map_lookup_action (gb_view_get_actions (view), name), NULL);
  return TRUE;
}

/* ---- words ---- */

static void
conv_rows (GbView *view, GArray *rows)
{
  const GbConvLayout *layout = GB_CONV_VIEW (view)->layout;
  GbTrace *trace = gb_trace_cursor_get_trace (gb_view_get_cursor (view));
  const GbConvSheet *out;
  guint n = 0;

  if (layout == NULL || layout->is_empty)
    return;
  GbPick op = { .facets = GB_PICK_OP, .call = layout->call };
  gb_view_rows_add (rows, &op, "%s", layout->headline);
  for (guint i = 0; i < layout->n_lines; i++)
    gb_view_rows_add (rows, &op, "%s", layout->lines[i]);
  out = &layout->sheets[GB_CONV_OUTPUT];
  for (gint64 r = 0; r < out->cells.rows; r++)
    for (gint64 c = 0; c < out->cells.columns && n < MAX_ROWS; c++, n++)
      {
        gint64 index[GB_VALUES_MAX_NDIM] = { 0 };
        GbPick pick;
        if (!gb_conv_sheet_index (out, r, c, index))
          continue;
        g_autofree char *text = gb_conv_place_text (layout, trace, index);
        pick_place (layout, index, &pick);
        gb_view_rows_add (rows, &pick, "%s", text);
      }
}

static void
conv_selection_changed (GbConvView *self)
{
  if (!gb_pick_equal (gb_selection_get_pin (gb_view_get_selection (GB_VIEW (self))), &self->pin))
    gb_view_invalidate (GB_VIEW (self));
}

static void
conv_fill_menu (GbConvView *self)
{
  g_autoptr (GMenu) menu = g_menu_new ();
  g_menu_append (menu, _ ("Next window of the program (N)"), "view.next");
  g_menu_append (menu, _ ("Window before it (B)"), "view.previous");
  g_menu_append (menu, _ ("Next input channel (C)"), "view.channel");
  g_menu_append (menu, _ ("Where the pinned number came from (D)"), "view.card");
  g_menu_append (menu, _ ("List in words (L)"), "view.list");
  gb_view_set_menu (GB_VIEW (self), G_MENU_MODEL (menu));
}

/* ---- object ---- */

static void
gb_conv_view_constructed (GObject *object)
{
  G_OBJECT_CLASS (gb_conv_view_parent_class)->constructed (object);
  g_signal_connect_object (gb_view_get_selection (GB_VIEW (object)), "changed",
                           G_CALLBACK (conv_selection_changed), object, G_CONNECT_SWAPPED);
}

static void
gb_conv_view_finalize (GObject *object)
{
  gb_conv_layout_free (GB_CONV_VIEW (object)->layout);
  G_OBJECT_CLASS (gb_conv_view_parent_class)->finalize (object);
}

static void
gb_conv_view_class_init (GbConvViewClass *klass)
{
  GbViewClass *view_class = GB_VIEW_CLASS (klass);

  G_OBJECT_CLASS (klass)->constructed = gb_conv_view_constructed;
  G_OBJECT_CLASS (klass)->finalize = gb_conv_view_finalize;
  view_class->update = conv_update;
  view_class->draw = conv_draw;
  view_class->draw_overlay = conv_draw_overlay;
  view_class->pick = conv_pick;
  view_class->move = conv_move;
  view_class->key = conv_key;
  view_class->rows = conv_rows;
}

static void
gb_conv_view_init (GbConvView *self)
{
  static const GActionEntry entries[] = {
    { .name = "next", .activate = conv_next },
    { .name = "previous", .activate = conv_previous },
    { .name = "channel", .activate = conv_channel },
  };

  g_action_map_add_action_entries (gb_view_get_actions (GB_VIEW (self)), entries, G_N_ELEMENTS (entries),
                                   self);
  conv_fill_menu (self);
  g_signal_connect_object (gb_i18n_get_default (), "changed", G_CALLBACK (conv_fill_menu), self,
                           G_CONNECT_SWAPPED);
}

/* ---- definition ---- */
static int
conv_relevance (GbTraceCursor *cursor)
{
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  g_autoptr (GbSelection) selection = gb_selection_new ();
  guint n = gb_trace_get_n_shows (trace);

  if (n && g_strcmp0 (gb_trace_get_show (trace, n - 1)->view, "conv") == 0)
    return 90;
  return gb_conv_find (cursor, selection) ? 38 : 0;
}

static GtkWidget *
conv_new_widget (GbTraceCursor *cursor, GbSelection *selection)
{
  return gb_view_new (GB_TYPE_CONV_VIEW, &gb_conv_view_def, cursor, selection);
}

static void
conv_natural_size (
    GbTraceCursor *cursor, GbSelection *selection, const GbDrawContext *ctx, double *width, double *height)
{
  *width = 840;
  *height = 420;
}

static void
conv_draw_static (GbTraceCursor *cursor,
                  GbSelection *selection,
                  const GbDrawContext *ctx,
                  GtkSnapshot *snapshot)
{
  GbConvOptions options = { 0 };
  g_autoptr (GbConvLayout) layout = gb_conv_layout_new (cursor, selection, &options, ctx);

  gb_conv_draw (layout, ctx, snapshot);
  gb_conv_draw_overlay (layout, cursor, selection, ctx, snapshot);
}

static char *
conv_describe (GbTraceCursor *cursor, GbSelection *selection)
{
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  guint64 call = gb_conv_find (cursor, selection);
  char from[96], to[96];
  GbWindow w;
  GbOp op;

  if (call == 0 || !gb_trace_get_op (trace, call, &op) || !gb_window_of_op (trace, &op, &w))
    return g_strdup (_ ("Run a convolution or a pool."));
  gb_shape_tuple (w.input.ndim, w.input.sizes, from, sizeof from);
  gb_shape_tuple (w.output.ndim, w.output.sizes, to, sizeof to);
  return g_strdup_printf (_ ("%s makes %s of %s."), gb_trace_op_name (trace, &op), to, from);
}

static void
conv_watches (GbTraceCursor *cursor, GbSelection *selection, GArray *watches)
{
  static const TeWatch wanted = { .kind = TE_WATCH_VALUES, .period_msec = 100, .max_elements = MAX_WATCHED };
  g_array_append_val (watches, wanted);
}

const GbViewDef gb_conv_view_def = {
  .id = "conv",
  .title = N_ ("Convolution"),
  .summary = N_ (
      "The window of a convolution or a pool: what it reads, how sizes come about, how far one number sees."),
  .icon_name = "view-conv-symbolic",
  .relevance = conv_relevance,
  .new_widget = conv_new_widget,
  .natural_size = conv_natural_size,
  .draw = conv_draw_static,
  .describe = conv_describe,
  .watches = conv_watches,
};
