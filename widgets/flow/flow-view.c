#include "flow/flow-view.h"

#include <string.h>

#include "common/a11y.h"
#include "common/i18n.h"
#include "flow/flow-draw.h"

struct _GbFlowView
{
  GbView parent_instance;
  GbFlowLayout *layout;
  GbFlowOptions options;
};

G_DEFINE_FINAL_TYPE (GbFlowView, gb_flow_view, GB_TYPE_VIEW)

static void
flow_update (GbView *view, const GbDrawContext *ctx, guint changes)
{
  GbFlowView *self = GB_FLOW_VIEW (view);

  gb_flow_layout_free (self->layout);
  self->layout = gb_flow_layout_new (gb_view_get_cursor (view), &self->options, ctx);
}

static void
flow_draw (GbView *view, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  gb_flow_draw (GB_FLOW_VIEW (view)->layout, ctx, snapshot);
}

static void
flow_draw_overlay (GbView *view, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  if (GB_FLOW_VIEW (view)->layout)
    gb_flow_draw_overlay (GB_FLOW_VIEW (view)->layout, gb_view_get_selection (view), ctx, snapshot);
}

static gboolean
flow_pick (GbView *view, double x, double y, GbPick *pick)
{
  const GbFlowLayout *layout = GB_FLOW_VIEW (view)->layout;
  int nth = layout ? gb_flow_layout_at (layout, x, y) : -1;

  if (nth >= 0)
    gb_flow_layout_pick (layout, (guint) nth, pick);
  return nth >= 0;
}

/* In the order in which the stages come. */
static gboolean
flow_move (GbView *view, GbMove move, const GbPick *from, GbPick *to)
{
  const GbFlowLayout *layout = GB_FLOW_VIEW (view)->layout;
  int nth, last;

  if (layout == NULL || layout->boxes->len == 0)
    return FALSE;
  nth = gb_flow_layout_find (layout, from);
  last = (int) layout->boxes->len - 1;
  nth = move == GB_MOVE_HOME                         ? 0
        : move == GB_MOVE_END                        ? last
        : move == GB_MOVE_LEFT || move == GB_MOVE_UP ? nth - 1
                                                     : nth + 1;
  gb_flow_layout_pick (layout, (guint) CLAMP (nth, 0, last), to);
  return TRUE;
}

/* To where the stage was entered. */
static void
flow_activate (GbView *view, const GbPick *pick)
{
  const GbFlowLayout *layout = GB_FLOW_VIEW (view)->layout;
  int nth = layout ? gb_flow_layout_find (layout, pick) : -1;
  guint64 seq = nth >= 0 ? g_array_index (layout->flow->stages, GbFlowStage, nth).seq : 0;

  if (seq)
    gb_trace_cursor_set_position (gb_view_get_cursor (view), seq);
}

static void
flow_rows (GbView *view, GArray *rows)
{
  const GbFlowLayout *layout = GB_FLOW_VIEW (view)->layout;

  for (guint i = 0; layout && i < layout->boxes->len; i++)
    {
      g_autofree char *text = gb_flow_stage_text (layout->trace, layout->flow, i);
      GbPick pick;
      gb_flow_layout_pick (layout, i, &pick);
      gb_view_rows_add (rows, &pick, "%s", text);
    }
}

static const char *const kinds[GB_N_FLOWS] = { "auto", "training", "marks", "packages" };

static void
flow_set_kind (GSimpleAction *action, GVariant *value, gpointer data)
{
  GbFlowView *self = data;

  for (guint i = 0; i < GB_N_FLOWS; i++)
    if (strcmp (kinds[i], g_variant_get_string (value, NULL)) == 0)
      self->options.kind = (GbFlowKind) i;
  g_simple_action_set_state (action, value);
  gb_view_invalidate (GB_VIEW (self));
}

static void
flow_fill_menu (GbFlowView *self)
{
  g_autoptr (GMenu) menu = g_menu_new ();

  g_menu_append (menu, _ ("What there is most of"), "view.kind::auto");
  g_menu_append (menu, _ ("Parts of training"), "view.kind::training");
  g_menu_append (menu, _ ("Marks of the program"), "view.kind::marks");
  g_menu_append (menu, _ ("Packages of the library"), "view.kind::packages");
  g_menu_append (menu, _ ("List in words (L)"), "view.list");
  gb_view_set_menu (GB_VIEW (self), G_MENU_MODEL (menu));
}

static void
gb_flow_view_finalize (GObject *object)
{
  gb_flow_layout_free (GB_FLOW_VIEW (object)->layout);
  G_OBJECT_CLASS (gb_flow_view_parent_class)->finalize (object);
}

static void
gb_flow_view_class_init (GbFlowViewClass *klass)
{
  GbViewClass *view_class = GB_VIEW_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = gb_flow_view_finalize;
  view_class->update = flow_update;
  view_class->draw = flow_draw;
  view_class->draw_overlay = flow_draw_overlay;
  view_class->pick = flow_pick;
  view_class->move = flow_move;
  view_class->activate = flow_activate;
  view_class->rows = flow_rows;
}

static void
gb_flow_view_init (GbFlowView *self)
{
  static const GActionEntry entries[] = { { "kind", NULL, "s", "'auto'", flow_set_kind } };

  g_action_map_add_action_entries (gb_view_get_actions (GB_VIEW (self)), entries, G_N_ELEMENTS (entries),
                                   self);
  flow_fill_menu (self);
  g_signal_connect_object (gb_i18n_get_default (), "changed", G_CALLBACK (flow_fill_menu), self,
                           G_CONNECT_SWAPPED);
}

/* ---- definition ---- */
static int
flow_relevance (GbTraceCursor *cursor)
{
  guint n_marks;

  switch (gb_flow_find (cursor, &n_marks))
    {
    case GB_FLOW_TRAINING:
      return 52;
    case GB_FLOW_MARKS:
      return 64;
    case GB_FLOW_PACKAGES:
      return 6;
    case GB_FLOW_NONE:
    case GB_N_FLOWS:
      break;
    }
  return 0;
}

static GtkWidget *
flow_new_widget (GbTraceCursor *cursor, GbSelection *selection)
{
  return gb_view_new (GB_TYPE_FLOW_VIEW, &gb_flow_view_def, cursor, selection);
}

static void
flow_natural_size (
    GbTraceCursor *cursor, GbSelection *selection, const GbDrawContext *ctx, double *width, double *height)
{
  gb_flow_natural_size (cursor, width, height);
}

static void
flow_draw_static (GbTraceCursor *cursor,
                  GbSelection *selection,
                  const GbDrawContext *ctx,
                  GtkSnapshot *snapshot)
{
  GbFlowOptions options = { 0 };
  g_autoptr (GbFlowLayout) layout = gb_flow_layout_new (cursor, &options, ctx);

  gb_flow_draw (layout, ctx, snapshot);
  gb_flow_draw_overlay (layout, selection, ctx, snapshot);
}

static char *
flow_describe (GbTraceCursor *cursor, GbSelection *selection)
{
  g_autoptr (GbFlow) flow = gb_flow_new (cursor, GB_FLOW_NONE);
  return gb_flow_sentence (flow);
}

const GbViewDef gb_flow_view_def = {
  .id = "flow",
  .title = N_ ("Stages"),
  .summary =
      N_ ("What comes after what: the parts of training, marks or packages, with how often and how long."),
  .icon_name = "media-playlist-repeat-symbolic",
  .missing = N_ ("Nothing has run yet: no training, no marks, no call of torch."),
  .relevance = flow_relevance,
  .new_widget = flow_new_widget,
  .natural_size = flow_natural_size,
  .draw = flow_draw_static,
  .describe = flow_describe,
};
