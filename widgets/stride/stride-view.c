#include "stride/stride-view.h"

#include <string.h>

#include "common/a11y.h"
#include "common/i18n.h"
#include "models/shown-tensor.h"
#include "stride/stride-draw.h"
#include "models/program-traits.h"

#define MAX_WATCHED 4096
#define MAX_ROWS    256

struct _GbStrideView
{
  GbView parent_instance;
  GbStrideLayout *layout;
  GbStridePlay play;
  int slider; /* that a drag moves, -1: none */
};

G_DEFINE_FINAL_TYPE (GbStrideView, gb_stride_view, GB_TYPE_VIEW)

static void
stride_update (GbView *view, const GbDrawContext *ctx, guint changes)
{
  GbStrideView *self = GB_STRIDE_VIEW (view);
  gb_stride_layout_free (self->layout);
  self->layout =
      gb_stride_layout_new_play (gb_view_get_cursor (view), gb_view_get_selection (view), &self->play, ctx);
}

static void
stride_draw (GbView *view, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  gb_stride_draw (GB_STRIDE_VIEW (view)->layout, gb_view_get_selection (view), ctx, snapshot);
}

static gboolean
stride_pick (GbView *view, double x, double y, GbPick *pick)
{
  const GbStrideLayout *layout = GB_STRIDE_VIEW (view)->layout;
  return layout && gb_stride_layout_at (layout, x, y, pick);
}

static gboolean
stride_move (GbView *view, GbMove move, const GbPick *from, GbPick *to)
{
  const GbStrideLayout *layout = GB_STRIDE_VIEW (view)->layout;
  const GbTensor *t;
  gint64 index[GB_VALUES_MAX_NDIM];
  int row, column;

  if (layout == NULL || layout->is_empty || layout->tensor.ndim == 0)
    return FALSE;
  t = &layout->tensor;
  memcpy (index, layout->index, sizeof index);
  row = MAX (t->ndim - 2, 0);
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
      index[row]--;
      break;
    case GB_MOVE_DOWN:
      index[row]++;
      break;
    case GB_MOVE_HOME:
      memset (index, 0, sizeof index);
      break;
    case GB_MOVE_END:
      for (int d = 0; d < t->ndim; d++)
        index[d] = t->sizes[d] - 1;
      break;
    }
  for (int d = 0; d < t->ndim; d++)
    index[d] = CLAMP (index[d], 0, t->sizes[d] - 1);
  *to = (GbPick){ .facets = GB_PICK_TENSOR | GB_PICK_ELEMENT | GB_PICK_ADDRESS,
                  .tensor = t->tensor,
                  .storage = t->storage,
                  .address = gb_tensor_address (t, index),
                  .ndim = t->ndim };
  memcpy (to->index, index, sizeof index);
  if (layout->play.on)
    to->facets = GB_PICK_ADDRESS;
  return TRUE;
}

/* Enter or a double click on another owner makes it the tensor that the view is about. */
static void
stride_activate (GbView *view, const GbPick *pick)
{
  if (pick->facets & GB_PICK_TENSOR)
    gb_selection_set_tensor (gb_view_get_selection (view), pick->tensor);
}

static void
stride_rows (GbView *view, GArray *rows)
{
  const GbStrideLayout *layout = GB_STRIDE_VIEW (view)->layout;
  const GbTensor *t;
  gint64 index[GB_VALUES_MAX_NDIM] = { 0 };

  if (layout == NULL || layout->is_empty)
    return;
  t = &layout->tensor;
  if (layout->play.on)
    {
      GbPick whole = { .facets = GB_PICK_TENSOR, .tensor = t->tensor };
      gb_view_rows_add (rows, &whole, "%s: %s", layout->call, _ (gb_stride_play_meaning (&layout->play)));
    }
  for (guint n = 0; n < MAX_ROWS; n++)
    {
      g_autoptr (GString) where = g_string_new (NULL), sharers = g_string_new (NULL);
      gint64 address = gb_tensor_address (t, index), other[GB_VALUES_MAX_NDIM];
      GbPick pick = { .facets = GB_PICK_TENSOR | GB_PICK_ELEMENT | GB_PICK_ADDRESS,
                      .tensor = t->tensor,
                      .storage = t->storage,
                      .address = address,
                      .ndim = t->ndim };
      int d;

      memcpy (pick.index, index, sizeof index);
      if (layout->play.on)
        pick.facets = GB_PICK_ADDRESS;
      for (d = 0; d < t->ndim; d++)
        g_string_append_printf (where, "%s%ld", d ? ", " : "", index[d]);
      for (guint i = 1; i < layout->n_owners; i++)
        if (gb_tensor_find_address (&layout->owners[i].tensor, address, other))
          g_string_append_printf (sharers, "%s%s", sharers->len ? ", " : "", layout->owners[i].label);
      if (sharers->len)
        gb_view_rows_add (rows, &pick, _ ("index %s reads storage %ld, shared with %s"), where->str, address,
                          sharers->str);
      else
        gb_view_rows_add (rows, &pick, _ ("index %s reads storage %ld"), where->str, address);
      for (d = t->ndim - 1; d >= 0 && ++index[d] == t->sizes[d]; d--)
        index[d] = 0;
      if (d < 0)
        break;
    }
}

/* ---- playground ---- */

static void
move_slider (GbStrideView *self, int slider, gint64 value)
{
  if (self->layout == NULL || self->layout->is_empty || !self->layout->play.on)
    return;
  self->play.chosen = slider;
  gb_stride_play_set (&self->play, self->layout->image->extent, slider, value);
  gb_view_invalidate (GB_VIEW (self));
}

static gboolean
stride_drag (GbView *view, int phase, double x, double y, double dx, double dy)
{
  GbStrideView *self = GB_STRIDE_VIEW (view);

  if (phase == 0)
    self->slider = self->layout ? gb_stride_layout_slider_at (self->layout, x, y) : -1;
  if (self->slider < 0)
    return FALSE;
  move_slider (self, self->slider, gb_stride_layout_slider_value (self->layout, self->slider, x + dx));
  return TRUE;
}

static void
stride_set_play (GSimpleAction *action, GVariant *value, gpointer data)
{
  GbStrideView *self = data;
  g_simple_action_set_state (action, value);
  self->play = (GbStridePlay){ .on = g_variant_get_boolean (value) };
  gb_view_invalidate (GB_VIEW (self));
}

static gboolean
play_key (GbStrideView *self, guint keyval)
{
  int n = gb_stride_play_n_sliders (&self->play), chosen = self->play.chosen;
  gint64 value = gb_stride_play_get (&self->play, chosen);

  if (keyval == GDK_KEY_s)
    self->play.chosen = (chosen + 1) % n;
  else if (keyval == GDK_KEY_S)
    self->play.chosen = (chosen + n - 1) % n;
  else if (keyval == GDK_KEY_plus || keyval == GDK_KEY_KP_Add || keyval == GDK_KEY_equal)
    move_slider (self, chosen, value + 1);
  else if (keyval == GDK_KEY_minus || keyval == GDK_KEY_KP_Subtract)
    move_slider (self, chosen, value - 1);
  else if (keyval == GDK_KEY_Insert)
    gb_stride_play_add_axis (&self->play);
  else if (keyval == GDK_KEY_Delete)
    gb_stride_play_remove_axis (&self->play);
  else if (keyval == GDK_KEY_0)
    self->play.tensor = 0;
  else
    return FALSE;
  gb_view_invalidate (GB_VIEW (self));
  return TRUE;
}

static gboolean
stride_key (GbView *view, guint keyval, GdkModifierType state)
{
  GbStrideView *self = GB_STRIDE_VIEW (view);

  if (state & GDK_CONTROL_MASK)
    return FALSE;
  if (keyval == GDK_KEY_e || keyval == GDK_KEY_E)
    {
      g_action_activate (g_action_map_lookup_action (gb_view_get_actions (view), "play"), NULL);
      return TRUE;
    }
  return self->play.on && play_key (self, keyval);
}

static void
stride_fill_menu (GbStrideView *self)
{
  g_autoptr (GMenu) menu = g_menu_new ();
  g_menu_append (menu, _ ("Playground: set sizes and strides by hand (E)"), "view.play");
  g_menu_append (menu, _ ("Where the pinned number came from (D)"), "view.card");
  g_menu_append (menu, _ ("List in words (L)"), "view.list");
  gb_view_set_menu (GB_VIEW (self), G_MENU_MODEL (menu));
}

/* The picture is about the looked-at element, so a hover draws it anew. */
static void
stride_selection_changed (GbStrideView *self)
{
  const GbStrideLayout *layout = self->layout;
  const GbPick *pick = gb_selection_get_current (gb_view_get_selection (GB_VIEW (self)));

  if (layout == NULL || layout->is_empty)
    return;
  if (pick->facets == 0 || (pick->facets & (GB_PICK_ELEMENT | GB_PICK_ADDRESS)))
    gb_view_invalidate (GB_VIEW (self));
}

static void
gb_stride_view_constructed (GObject *object)
{
  G_OBJECT_CLASS (gb_stride_view_parent_class)->constructed (object);
  g_signal_connect_object (gb_view_get_selection (GB_VIEW (object)), "changed",
                           G_CALLBACK (stride_selection_changed), object, G_CONNECT_SWAPPED);
}

static void
gb_stride_view_finalize (GObject *object)
{
  gb_stride_layout_free (GB_STRIDE_VIEW (object)->layout);
  G_OBJECT_CLASS (gb_stride_view_parent_class)->finalize (object);
}

static void
gb_stride_view_class_init (GbStrideViewClass *klass)
{
  GbViewClass *view_class = GB_VIEW_CLASS (klass);

  G_OBJECT_CLASS (klass)->constructed = gb_stride_view_constructed;
  G_OBJECT_CLASS (klass)->finalize = gb_stride_view_finalize;
  view_class->update = stride_update;
  view_class->draw = stride_draw;
  view_class->pick = stride_pick;
  view_class->move = stride_move;
  view_class->activate = stride_activate;
  view_class->rows = stride_rows;
  view_class->drag = stride_drag;
  view_class->key = stride_key;
}

static void
gb_stride_view_init (GbStrideView *self)
{
  static const GActionEntry entries[] = { { .name = "play", .state = "false", .change_state = stride_set_play } };

  self->slider = -1;
  g_action_map_add_action_entries (gb_view_get_actions (GB_VIEW (self)), entries, G_N_ELEMENTS (entries), self);
  stride_fill_menu (self);
  g_signal_connect_object (gb_i18n_get_default (), "changed", G_CALLBACK (stride_fill_menu), self, G_CONNECT_SWAPPED);
}

/* ---- definition ---- */
static int
stride_relevance (GbTraceCursor *cursor)
{
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  g_autoptr (GbSelection) selection = gb_selection_new ();
  guint n = gb_trace_get_n_shows (trace);

  if (n && g_strcmp0 (gb_trace_get_show (trace, n - 1)->view, "stride") == 0)
    return 90;
  if (gb_shown_tensor (cursor, selection) == 0)
    return 0;
  return gb_program_traits_of (trace)->n_steps || gb_program_traits_of (trace)->n_jumps == 0 ? 20 : 55;
}

static GtkWidget *
stride_new_widget (GbTraceCursor *cursor, GbSelection *selection)
{
  return gb_view_new (GB_TYPE_STRIDE_VIEW, &gb_stride_view_def, cursor, selection);
}

static void
stride_natural_size (
    GbTraceCursor *cursor, GbSelection *selection, const GbDrawContext *ctx, double *width, double *height)
{
  *width = 840;
  *height = 360;
}

static void
stride_draw_static (GbTraceCursor *cursor,
                    GbSelection *selection,
                    const GbDrawContext *ctx,
                    GtkSnapshot *snapshot)
{
  g_autoptr (GbStrideLayout) layout = gb_stride_layout_new (cursor, selection, ctx);
  gb_stride_draw (layout, selection, ctx, snapshot);
}

static char *
stride_describe (GbTraceCursor *cursor, GbSelection *selection)
{
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  guint64 seq = gb_trace_cursor_get_position (cursor), tensor = gb_shown_tensor (cursor, selection);
  GbTensor t;
  char shape[96], strides[96];
  g_autofree char *label = NULL;

  if (tensor == 0 || !gb_trace_get_tensor (trace, tensor, seq, &t))
    return g_strdup (_ ("Choose a tensor."));
  label = gb_trace_dup_tensor_label (trace, tensor, seq);
  gb_shape_tuple (t.ndim, t.sizes, shape, sizeof shape);
  gb_shape_tuple (t.ndim, t.strides, strides, sizeof strides);
  if (gb_tensor_is_contiguous (&t))
    return g_strdup_printf (_ ("%s has shape %s and strides %s: one run of memory."), label, shape, strides);
  return g_strdup_printf (_ ("%s has shape %s and strides %s: it reads its storage in jumps."), label, shape,
                          strides);
}

static void
stride_watches (GbTraceCursor *cursor, GbSelection *selection, GArray *watches)
{
  static const TeWatch wanted = { .kind = TE_WATCH_STORAGE, .period_msec = 100, .max_elements = MAX_WATCHED };
  g_array_append_val (watches, wanted);
}

const GbViewDef gb_stride_view_def = {
  .id = "stride",
  .title = N_ ("Memory layout"),
  .summary = N_ ("One storage and the tensors that read it, with the way to every element."),
  .icon_name = "view-stride-symbolic",
  .missing = N_ ("Make a tensor."),
  .relevance = stride_relevance,
  .new_widget = stride_new_widget,
  .natural_size = stride_natural_size,
  .draw = stride_draw_static,
  .describe = stride_describe,
  .watches = stride_watches,
};
