#include "bits/bits-view.h"

#include <string.h>

#include "bits/bits-draw.h"
#include "models/pick-follow.h"
#include "common/a11y.h"
#include "common/i18n.h"
#include "core/dtype.h"

#define MAX_WATCHED 4096

struct _GbBitsView
{
  GbView parent_instance;
  GbBitsLayout *layout;
  GbBitsOptions options;
  int row, bit; /* under the pointer, -1: none */
};

G_DEFINE_FINAL_TYPE (GbBitsView, gb_bits_view, GB_TYPE_VIEW)

static gboolean
same_element (const GbBitsLayout *a, const GbBitsLayout *b)
{
  return a && b && a->tensor == b->tensor && a->ndim == b->ndim
         && memcmp (a->index, b->index, sizeof (gint64) * (gsize) a->ndim) == 0;
}

static void
bits_update (GbView *view, const GbDrawContext *ctx, guint changes)
{
  GbBitsView *self = GB_BITS_VIEW (view);
  GbBitsLayout *layout =
      gb_bits_layout_new (gb_view_get_cursor (view), gb_view_get_selection (view), &self->options, ctx);

  /* Bits were turned over in another number. */
  if (self->options.flips && self->layout && !same_element (layout, self->layout))
    {
      self->options.flips = 0;
      gb_bits_layout_free (layout);
      layout =
          gb_bits_layout_new (gb_view_get_cursor (view), gb_view_get_selection (view), &self->options, ctx);
    }
  gb_bits_layout_free (self->layout);
  self->layout = layout;
}

static void
bits_draw (GbView *view, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  gb_bits_draw (GB_BITS_VIEW (view)->layout, ctx, snapshot);
}

static void
bits_draw_overlay (GbView *view, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  GbBitsView *self = GB_BITS_VIEW (view);
  if (self->layout)
    gb_bits_draw_overlay (self->layout, self->row, self->bit, ctx, snapshot);
}

static void
pick_number (const GbBitsLayout *layout, GbPick *pick)
{
  *pick =
      (GbPick){ .facets = GB_PICK_TENSOR | GB_PICK_ELEMENT, .tensor = layout->tensor, .ndim = layout->ndim };
  memcpy (pick->index, layout->index, sizeof (gint64) * (gsize) layout->ndim);
}

/* Everything here is about the one number, so pointing at it picks that. */
static gboolean
bits_pick (GbView *view, double x, double y, GbPick *pick)
{
  GbBitsView *self = GB_BITS_VIEW (view);
  int row = -1, bit = -1;
  gboolean here = self->layout && gb_bits_layout_at (self->layout, x, y, &row, &bit);

  if (row != self->row || bit != self->bit)
    {
      self->row = row;
      self->bit = bit;
      gb_view_invalidate_overlay (view);
    }
  if (here)
    pick_number (self->layout, pick);
  return here;
}

/* It stands at the top, and what is drawn beside it keeps its size. */
static gboolean
bits_locate (GbView *view, const GbPick *pick, graphene_rect_t *box)
{
  GbPick own;
  if (GB_BITS_VIEW (view)->layout == NULL || GB_BITS_VIEW (view)->layout->is_empty)
    return FALSE;
  pick_number (GB_BITS_VIEW (view)->layout, &own);
  graphene_rect_init (box, 0, 0, 24, 24);
  return gb_pick_names (&own, pick);
}

/* ---- turning bits ---- */

static void
flip (GbBitsView *self, int bit)
{
  if (self->layout == NULL || self->layout->is_empty || self->layout->is_unknown || bit < 0
      || bit >= self->layout->number.format.n_bits)
    return;
  self->options.flips ^= (guint64) 1 << bit;
  gb_view_invalidate (GB_VIEW (self));
}

static void
choose_row (GbBitsView *self, int row)
{
  self->options.row = row;
  gb_view_invalidate (GB_VIEW (self));
}

/* Double click: a bit of the tensor's own dtype turns over, another row is explained. */
static void
bits_activate (GbView *view, const GbPick *pick)
{
  GbBitsView *self = GB_BITS_VIEW (view);

  if (self->layout == NULL || self->layout->is_empty)
    return;
  if (self->row < 0)
    flip (self, self->options.cursor);
  else if (self->row == self->layout->own && self->bit >= 0)
    flip (self, self->bit);
  else
    choose_row (self, self->row);
}

/* Arrows walk over the bits and the dtypes. */
static gboolean
bits_move (GbView *view, GbMove move, const GbPick *from, GbPick *to)
{
  GbBitsView *self = GB_BITS_VIEW (view);
  const GbBitsLayout *layout = self->layout;
  int last;

  if (layout == NULL || layout->is_empty || layout->is_unknown)
    return FALSE;
  last = layout->number.format.n_bits - 1;
  self->row = self->bit = -1;
  switch (move)
    {
    case GB_MOVE_LEFT:
      self->options.cursor = MIN (self->options.cursor + 1, last);
      break;
    case GB_MOVE_RIGHT:
      self->options.cursor = self->options.cursor < 0 ? last : MAX (self->options.cursor - 1, 0);
      break;
    case GB_MOVE_HOME:
      self->options.cursor = last;
      break;
    case GB_MOVE_END:
      self->options.cursor = 0;
      break;
    case GB_MOVE_UP:
      choose_row (self, MAX (layout->chosen - 1, 0));
      break;
    case GB_MOVE_DOWN:
      choose_row (self, MIN (layout->chosen + 1, (int) layout->n_rows - 1));
      break;
    }
  gb_view_invalidate (view);
  pick_number (layout, to);
  return TRUE;
}

static void
bits_flip (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GbBitsView *self = data;
  flip (self,
        self->layout && self->bit >= 0 && self->row == self->layout->own ? self->bit : self->options.cursor);
}

static void
bits_reset (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GbBitsView *self = data;
  self->options = (GbBitsOptions){ .row = -1, .cursor = self->options.cursor };
  gb_view_invalidate (GB_VIEW (self));
}

static gboolean
bits_key (GbView *view, guint keyval, GdkModifierType state)
{
  const char *name = keyval == GDK_KEY_f || keyval == GDK_KEY_F ? "flip"
                     : keyval == GDK_KEY_0                      ? "reset"
                                                                : NULL;

  if (name == NULL || (state & GDK_CONTROL_MASK))
    return FALSE;
  g_action_activate (g_action_map_lookup_action (gb_view_get_actions (view), name), NULL);
  return TRUE;
}

/* ---- words ---- */

static void
bits_rows (GbView *view, GArray *rows)
{
  const GbBitsLayout *layout = GB_BITS_VIEW (view)->layout;
  GbPick pick;

  if (layout == NULL || layout->is_empty || layout->is_unknown)
    return;
  pick_number (layout, &pick);
  gb_view_rows_add (rows, &pick, "%s: %s", layout->element, layout->formula);
  for (guint i = 0; i < layout->n_rows; i++)
    {
      const GbBitNumber *n = &layout->rows[i].number;
      g_autoptr (GString) digits = g_string_new (NULL);
      for (int bit = n->format.n_bits - 1; bit >= 0; bit--)
        {
          g_string_append_c (digits, n->bits >> bit & 1 ? '1' : '0');
          if (n->format.is_float && (bit == n->format.n_bits - 1 || bit == n->format.mantissa_bits))
            g_string_append_c (digits, ' ');
        }
      gb_view_rows_add (rows, &pick, layout->rows[i].fate[0] ? "%s: %s = %s, %s" : "%s: %s = %s%s",
                        te_dtype_name ((TeDtype) n->format.dtype), digits->str, layout->rows[i].text,
                        layout->rows[i].fate);
    }
}

/* The number that is looked at anywhere. */
static void
bits_selection_changed (GbBitsView *self)
{
  gb_view_invalidate (GB_VIEW (self));
}

static void
bits_fill_menu (GbBitsView *self)
{
  g_autoptr (GMenu) menu = g_menu_new ();
  g_menu_append (menu, _ ("Turn the bit over (F)"), "view.flip");
  g_menu_append (menu, _ ("As it is in the program (0)"), "view.reset");
  g_menu_append (menu, _ ("Where the pinned number came from (D)"), "view.card");
  g_menu_append (menu, _ ("List in words (L)"), "view.list");
  gb_view_set_menu (GB_VIEW (self), G_MENU_MODEL (menu));
}

/* ---- object ---- */

static void
gb_bits_view_constructed (GObject *object)
{
  G_OBJECT_CLASS (gb_bits_view_parent_class)->constructed (object);
  g_signal_connect_object (gb_view_get_selection (GB_VIEW (object)), "changed",
                           G_CALLBACK (bits_selection_changed), object, G_CONNECT_SWAPPED);
}

static void
gb_bits_view_finalize (GObject *object)
{
  gb_bits_layout_free (GB_BITS_VIEW (object)->layout);
  G_OBJECT_CLASS (gb_bits_view_parent_class)->finalize (object);
}

static void
gb_bits_view_class_init (GbBitsViewClass *klass)
{
  GbViewClass *view_class = GB_VIEW_CLASS (klass);

  G_OBJECT_CLASS (klass)->constructed = gb_bits_view_constructed;
  G_OBJECT_CLASS (klass)->finalize = gb_bits_view_finalize;
  view_class->update = bits_update;
  view_class->draw = bits_draw;
  view_class->draw_overlay = bits_draw_overlay;
  view_class->pick = bits_pick;
  view_class->locate = bits_locate;
  view_class->move = bits_move;
  view_class->activate = bits_activate;
  view_class->key = bits_key;
  view_class->rows = bits_rows;
}

static void
gb_bits_view_init (GbBitsView *self)
{
  static const GActionEntry entries[] = {
    { .name = "flip", .activate = bits_flip },
    { .name = "reset", .activate = bits_reset },
  };

  self->options = (GbBitsOptions){ .row = -1, .cursor = -1 };
  self->row = self->bit = -1;
  g_action_map_add_action_entries (gb_view_get_actions (GB_VIEW (self)), entries, G_N_ELEMENTS (entries),
                                   self);
  bits_fill_menu (self);
  g_signal_connect_object (gb_i18n_get_default (), "changed", G_CALLBACK (bits_fill_menu), self,
                           G_CONNECT_SWAPPED);
}

/* ---- definition ---- */
static int
bits_relevance (GbTraceCursor *cursor)
{
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  g_autoptr (GbSelection) selection = gb_selection_new ();
  guint n = gb_trace_get_n_shows (trace);
  gint64 index[GB_VALUES_MAX_NDIM];
  GbBitNumber number;
  GbTensor tensor;
  gboolean known;

  if (n && g_strcmp0 (gb_trace_get_show (trace, n - 1)->view, "bits") == 0)
    return 90;
  if (!gb_bits_find_number (cursor, selection, &number, &tensor, index, &known))
    return 0;
  return tensor.dtype == TE_FLOAT16 || tensor.dtype == TE_BFLOAT16 ? 32 : 8;
}

static GtkWidget *
bits_new_widget (GbTraceCursor *cursor, GbSelection *selection)
{
  return gb_view_new (GB_TYPE_BITS_VIEW, &gb_bits_view_def, cursor, selection);
}

static void
bits_natural_size (
    GbTraceCursor *cursor, GbSelection *selection, const GbDrawContext *ctx, double *width, double *height)
{
  *width = 960;
  *height = 440;
}

static void
bits_draw_static (GbTraceCursor *cursor,
                  GbSelection *selection,
                  const GbDrawContext *ctx,
                  GtkSnapshot *snapshot)
{
  GbBitsOptions options = { .row = -1, .cursor = -1 };
  g_autoptr (GbBitsLayout) layout = gb_bits_layout_new (cursor, selection, &options, ctx);

  gb_bits_draw (layout, ctx, snapshot);
}

static char *
bits_describe (GbTraceCursor *cursor, GbSelection *selection)
{
  gint64 index[GB_VALUES_MAX_NDIM];
  GbBitNumber number;
  GbTensor tensor;
  gboolean known;
  char text[64];

  if (!gb_bits_find_number (cursor, selection, &number, &tensor, index, &known))
    return g_strdup (_ ("Point at a number of any tensor."));
  if (!known)
    return g_strdup (_ ("Its numbers were not recorded here. Pause or step to see them."));
  return g_strdup_printf (
      ngettext_ ("%s as %s: %d bit.", "%s as %s: %d bits.", (gulong) number.format.n_bits),
      gb_bit_number_text (&number, text, sizeof text), te_dtype_name ((TeDtype) number.format.dtype),
      number.format.n_bits);
}

static void
bits_watches (GbTraceCursor *cursor, GbSelection *selection, GArray *watches)
{
  static const TeWatch wanted = { .kind = TE_WATCH_VALUES, .period_msec = 100, .max_elements = MAX_WATCHED };
  g_array_append_val (watches, wanted);
}

const GbViewDef gb_bits_view_def = {
  .id = "bits",
  .title = N_ ("Bits"),
  .summary = N_ ("The anatomy of a number: its bits, its neighbours, and what becomes of it in every dtype."),
  .icon_name = "view-bits-symbolic",
  .relevance = bits_relevance,
  .new_widget = bits_new_widget,
  .natural_size = bits_natural_size,
  .draw = bits_draw_static,
  .describe = bits_describe,
  .watches = bits_watches,
};
