#include "bcast/bcast-view.h"

#include <string.h>

#include "bcast/bcast-draw.h"
#include "common/a11y.h"
#include "common/anim.h"
#include "common/i18n.h"

#define MAX_WATCHED 4096
#define MAX_ROWS    256
#define N_PHASES    3
#define PHASE_MSEC  300
#define NUDGE       (1 / 24.0)

struct _GbBcastView
{
  GbView parent_instance;
  GbBcastLayout *layout;
  GbAnim *anim;
  int phase;       /* that is played, from 0 */
  double t;        /* of all phases together */
  GbPick pin;      /* with which the layout was made */
  gboolean scrubs; /* the drag under way began on the bar */
};

G_DEFINE_FINAL_TYPE (GbBcastView, gb_bcast_view, GB_TYPE_VIEW)

static void
bcast_update (GbView *view, const GbDrawContext *ctx, guint changes)
{
  GbBcastView *self = GB_BCAST_VIEW (view);

  gb_bcast_layout_free (self->layout);
  self->pin = *gb_selection_get_pin (gb_view_get_selection (view));
  self->layout = gb_bcast_layout_new (gb_view_get_cursor (view), gb_view_get_selection (view), self->t, ctx);
}

static void
bcast_draw (GbView *view, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  gb_bcast_draw (GB_BCAST_VIEW (view)->layout, ctx, snapshot);
}

static void
bcast_draw_overlay (GbView *view, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  if (GB_BCAST_VIEW (view)->layout)
    gb_bcast_draw_overlay (GB_BCAST_VIEW (view)->layout, gb_view_get_selection (view), ctx, snapshot);
}

static gboolean
bcast_pick (GbView *view, double x, double y, GbPick *pick)
{
  const GbBcastLayout *layout = GB_BCAST_VIEW (view)->layout;
  return layout && layout->model && gb_bcast_layout_at (layout, x, y, pick);
}

static void
pick_of_result (const GbBroadcast *m, const gint64 *index, GbPick *pick)
{
  *pick = (GbPick){ .facets = GB_PICK_TENSOR | GB_PICK_ELEMENT | GB_PICK_ADDRESS,
                    .tensor = m->output.tensor,
                    .storage = m->output.storage,
                    .address = gb_tensor_address (&m->output, index),
                    .ndim = m->ndim };
  memcpy (pick->index, index, sizeof (gint64) * (gsize) m->ndim);
}

/* Cell by cell over the result; past the last row comes the next sheet. */
static gboolean
bcast_move (GbView *view, GbMove move, const GbPick *from, GbPick *to)
{
  const GbBcastLayout *layout = GB_BCAST_VIEW (view)->layout;
  const GbBroadcast *m = layout ? layout->model : NULL;
  gint64 index[GB_VALUES_MAX_NDIM] = { 0 };

  if (m == NULL || !m->has_output || !layout->has_elements || m->ndim == 0)
    return FALSE;
  if (!gb_bcast_layout_picked (layout, from, index))
    {
      pick_of_result (m, layout->index, to);
      return TRUE;
    }
  switch (move)
    {
    case GB_MOVE_LEFT:
      index[m->ndim - 1]--;
      break;
    case GB_MOVE_RIGHT:
      index[m->ndim - 1]++;
      break;
    case GB_MOVE_UP:
      index[MAX (m->ndim - 2, 0)]--;
      break;
    case GB_MOVE_DOWN:
      index[MAX (m->ndim - 2, 0)]++;
      break;
    case GB_MOVE_HOME:
      memset (index, 0, sizeof index);
      break;
    case GB_MOVE_END:
      for (int d = 0; d < m->ndim; d++)
        index[d] = m->sizes[d] - 1;
      break;
    }
  for (int d = m->ndim - 1; d > 0; d--)
    if (index[d] >= m->sizes[d] && index[d - 1] + 1 < m->sizes[d - 1])
      index[d] = 0, index[d - 1]++;
    else if (index[d] < 0 && index[d - 1] > 0)
      index[d] = m->sizes[d] - 1, index[d - 1]--;
  for (int d = 0; d < m->ndim; d++)
    index[d] = CLAMP (index[d], 0, m->sizes[d] - 1);
  pick_of_result (m, index, to);
  return TRUE;
}

/* ---- motion: a function of t, played phase by phase or scrubbed ---- */

static void
bcast_set_t (GbBcastView *self, double t)
{
  t = CLAMP (t, 0, 1);
  if (t == self->t)
    return;
  self->t = t;
  gb_view_invalidate (GB_VIEW (self));
}

static void
bcast_tick (double t, gpointer data)
{
  GbBcastView *self = data;

  bcast_set_t (self, (self->phase + t) / N_PHASES);
  if (t < 1 || self->phase + 1 >= N_PHASES)
    return;
  self->phase++;
  gb_anim_start (self->anim, PHASE_MSEC);
}

static void
bcast_play (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GbBcastView *self = data;
  self->phase = 0;
  gb_anim_start (self->anim, PHASE_MSEC);
}

/* By hand: what was being played stops where the hand puts it. */
static void
bcast_scrub (GbBcastView *self, double t)
{
  self->phase = N_PHASES - 1;
  gb_anim_skip (self->anim);
  bcast_set_t (self, t);
}

static gboolean
bcast_drag (GbView *view, int phase, double x, double y, double dx, double dy)
{
  GbBcastView *self = GB_BCAST_VIEW (view);
  const GbBcastLayout *layout = self->layout;

  if (phase == 0)
    self->scrubs = layout && layout->model && gb_bcast_layout_scrub_at (layout, x, y) >= 0;
  if (!self->scrubs)
    return FALSE;
  bcast_scrub (self, (x + dx - layout->scrub_x) / layout->scrub_width);
  return TRUE;
}

static gboolean
bcast_key (GbView *view, guint keyval, GdkModifierType state)
{
  GbBcastView *self = GB_BCAST_VIEW (view);

  if (keyval == GDK_KEY_a || keyval == GDK_KEY_A)
    bcast_play (NULL, NULL, self);
  else if (keyval == GDK_KEY_less)
    bcast_scrub (self, self->t - NUDGE);
  else if (keyval == GDK_KEY_greater)
    bcast_scrub (self, self->t + NUDGE);
  else
    return FALSE;
  return TRUE;
}

/* ---- words ---- */

static void
bcast_rows (GbView *view, GArray *rows)
{
  const GbBcastLayout *layout = GB_BCAST_VIEW (view)->layout;
  const GbBcastSheet *result;
  guint n = 0;

  if (layout == NULL || layout->model == NULL)
    return;
  GbPick op = { .facets = GB_PICK_OP, .call = layout->model->call };
  gb_view_rows_add (rows, &op, "%s: %s", layout->headline, layout->sentence);
  for (int axis = 0; axis < layout->shapes->ndim; axis++)
    {
      g_autofree char *text = gb_aligned_shapes_axis_text (layout->shapes, axis);
      if (text)
        gb_view_rows_add (rows, &op, "%s", text);
    }
  if (layout->n_sheets == 0 || !layout->model->has_output)
    return;
  result = &layout->sheets[layout->n_sheets - 1];
  for (gint64 r = 0; r < result->rows; r++)
    for (gint64 c = 0; c < result->columns && n < MAX_ROWS; c++, n++)
      {
        gint64 index[GB_VALUES_MAX_NDIM] = { 0 };
        g_autofree char *text = NULL;
        GbPick pick;
        gb_bcast_layout_index (layout, result, r, c, index);
        text = gb_bcast_arithmetic (layout, index);
        pick_of_result (layout->model, index, &pick);
        if (text)
          gb_view_rows_add (rows, &pick, "%s", text);
      }
}

/* Another pin: another sheet or window may have to come into sight. */
static void
bcast_selection_changed (GbBcastView *self)
{
  if (!gb_pick_equal (gb_selection_get_pin (gb_view_get_selection (GB_VIEW (self))), &self->pin))
    gb_view_invalidate (GB_VIEW (self));
}

static void
bcast_fill_menu (GbBcastView *self)
{
  g_autoptr (GMenu) menu = g_menu_new ();
  g_menu_append (menu, _ ("Stretch step by step (A)"), "view.play");
  g_menu_append (menu, _ ("Where the pinned number came from (D)"), "view.card");
  g_menu_append (menu, _ ("List in words (L)"), "view.list");
  gb_view_set_menu (GB_VIEW (self), G_MENU_MODEL (menu));
}

/* ---- object ---- */

static void
gb_bcast_view_constructed (GObject *object)
{
  G_OBJECT_CLASS (gb_bcast_view_parent_class)->constructed (object);
  g_signal_connect_object (gb_view_get_selection (GB_VIEW (object)), "changed",
                           G_CALLBACK (bcast_selection_changed), object, G_CONNECT_SWAPPED);
}

static void
gb_bcast_view_dispose (GObject *object)
{
  g_clear_pointer (&GB_BCAST_VIEW (object)->anim, gb_anim_free);
  G_OBJECT_CLASS (gb_bcast_view_parent_class)->dispose (object);
}

static void
gb_bcast_view_finalize (GObject *object)
{
  gb_bcast_layout_free (GB_BCAST_VIEW (object)->layout);
  G_OBJECT_CLASS (gb_bcast_view_parent_class)->finalize (object);
}

static void
gb_bcast_view_class_init (GbBcastViewClass *klass)
{
  GbViewClass *view_class = GB_VIEW_CLASS (klass);

  G_OBJECT_CLASS (klass)->constructed = gb_bcast_view_constructed;
  G_OBJECT_CLASS (klass)->dispose = gb_bcast_view_dispose;
  G_OBJECT_CLASS (klass)->finalize = gb_bcast_view_finalize;
  view_class->update = bcast_update;
  view_class->draw = bcast_draw;
  view_class->draw_overlay = bcast_draw_overlay;
  view_class->pick = bcast_pick;
  view_class->move = bcast_move;
  view_class->drag = bcast_drag;
  view_class->key = bcast_key;
  view_class->rows = bcast_rows;
}

static void
gb_bcast_view_init (GbBcastView *self)
{
  static const GActionEntry entries[] = { { .name = "play", .activate = bcast_play } };

  self->t = 1;
  self->phase = N_PHASES - 1;
  self->anim = gb_anim_new (GTK_WIDGET (self), bcast_tick, self);
  g_action_map_add_action_entries (gb_view_get_actions (GB_VIEW (self)), entries, G_N_ELEMENTS (entries),
                                   self);
  bcast_fill_menu (self);
  g_signal_connect_object (gb_i18n_get_default (), "changed", G_CALLBACK (bcast_fill_menu), self,
                           G_CONNECT_SWAPPED);
}

/* ---- definition ---- */
static int
bcast_relevance (GbTraceCursor *cursor)
{
  static const int by_kind[] = { [GB_BROADCAST_EQUAL] = 5,
                                 [GB_BROADCAST_SCALAR] = 10,
                                 [GB_BROADCAST_STRETCHED] = 35,
                                 [GB_BROADCAST_FAILED] = 85 };
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  guint n = gb_trace_get_n_shows (trace);
  int kind;

  if (n && g_strcmp0 (gb_trace_get_show (trace, n - 1)->view, "bcast") == 0)
    return 90;
  kind = gb_broadcast_peek (cursor);
  return kind < 0 ? 0 : by_kind[kind];
}

static GtkWidget *
bcast_new_widget (GbTraceCursor *cursor, GbSelection *selection)
{
  return gb_view_new (GB_TYPE_BCAST_VIEW, &gb_bcast_view_def, cursor, selection);
}

static void
bcast_natural_size (
    GbTraceCursor *cursor, GbSelection *selection, const GbDrawContext *ctx, double *width, double *height)
{
  *width = 860;
  *height = 340;
}

static void
bcast_draw_static (GbTraceCursor *cursor,
                   GbSelection *selection,
                   const GbDrawContext *ctx,
                   GtkSnapshot *snapshot)
{
  g_autoptr (GbBcastLayout) layout = gb_bcast_layout_new (cursor, selection, ctx->t, ctx);

  gb_bcast_draw (layout, ctx, snapshot);
  gb_bcast_draw_overlay (layout, selection, ctx, snapshot);
}

static char *
bcast_describe (GbTraceCursor *cursor, GbSelection *selection)
{
  g_autoptr (GbBroadcast) m = gb_broadcast_new (cursor, selection);
  char text[128];

  if (m == NULL)
    return g_strdup (_ ("Add two tensors."));
  if (m->kind == GB_BROADCAST_FAILED)
    return g_strdup_printf (_ ("%s: the shapes do not meet at axis %d."), m->op_name, m->failing_axis);
  gb_shape_tuple (m->ndim, m->sizes, text, sizeof text);
  if (m->kind == GB_BROADCAST_EQUAL)
    return g_strdup_printf (_ ("%s has shape %s, as its operands have."), m->output_label, text);
  return g_strdup_printf (_ ("%s has shape %s: operands were stretched to it, nothing was copied."),
                          m->output_label, text);
}

static void
bcast_watches (GbTraceCursor *cursor, GbSelection *selection, GArray *watches)
{
  static const TeWatch wanted = { .kind = TE_WATCH_VALUES, .period_msec = 100, .max_elements = MAX_WATCHED };
  g_array_append_val (watches, wanted);
}

const GbViewDef gb_bcast_view_def = {
  .id = "bcast",
  .title = N_ ("Broadcasting"),
  .summary =
      N_ ("How shapes meet: aligned on the right, stretched where a length is 1, or where they cannot."),
  .icon_name = "view-bcast-symbolic",
  .missing = N_ ("Add two tensors."),
  .relevance = bcast_relevance,
  .new_widget = bcast_new_widget,
  .natural_size = bcast_natural_size,
  .draw = bcast_draw_static,
  .describe = bcast_describe,
  .watches = bcast_watches,
};
