#include "ab/ab-view.h"

#include <math.h>

#include "ab/ab-draw.h"
#include "ab/ab-text.h"
#include "common/a11y.h"
#include "common/branch-text.h"
#include "common/i18n.h"
#include "common/number-format.h"
#include "trace/wire.h"

struct _GbAbView
{
  GbView parent_instance;
  GbAbLayout *layout;
  GbAbPart only;         /* GB_AB_N_PARTS: all */
  double scroll, height; /* height: of the canvas */
};

G_DEFINE_FINAL_TYPE (GbAbView, gb_ab_view, GB_TYPE_VIEW)

static const char *const part_names[GB_AB_N_PARTS + 1] = { "metrics", "graph", "weights", "prints", "all" };

static void
ab_update (GbView *view, const GbDrawContext *ctx, guint changes)
{
  GbAbView *self = GB_AB_VIEW (view);
  gb_ab_layout_free (self->layout);
  self->layout = gb_ab_layout_new (gb_ab_new (gb_view_get_cursor (view)), self->only, ctx);
  self->height = ctx->height;
  self->scroll = CLAMP (self->scroll, 0, MAX (0, self->layout->height - ctx->height));
}

static void
ab_draw (GbView *view, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  GbAbView *self = GB_AB_VIEW (view);
  if (self->layout)
    gb_ab_draw (self->layout, self->scroll, ctx, snapshot);
}

static void
ab_draw_overlay (GbView *view, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  GbAbView *self = GB_AB_VIEW (view);
  if (self->layout)
    gb_ab_draw_overlay (self->layout, self->scroll, gb_view_get_selection (view), ctx, snapshot);
}

/* ---- input ---- */

static gboolean
pick_weight (const GbAbLayout *layout, guint nth, GbPick *pick)
{
  const char *name = g_array_index (layout->ab->weights, GbAbWeight, nth).name;
  for (guint i = 0; i < gb_trace_get_n_params (layout->ab->trace_a); i++)
    {
      const GbParam *param = gb_trace_get_param (layout->ab->trace_a, i);
      if (g_strcmp0 (param->name, name) != 0)
        continue;
      pick->facets = GB_PICK_PARAM | GB_PICK_TENSOR;
      pick->tensor = param->tensor;
      pick->param = i;
      return TRUE;
    }
  return FALSE;
}

static gboolean
ab_pick (GbView *view, double x, double y, GbPick *pick)
{
  GbAbView *self = GB_AB_VIEW (view);
  if (!self->layout || !self->layout->ab->trace_b)
    return FALSE;
  int weight = gb_ab_layout_weight_at (self->layout, x, y + self->scroll);
  if (weight >= 0)
    return pick_weight (self->layout, (guint) weight, pick);
  pick->iteration = gb_ab_layout_iteration_at (self->layout, x, y + self->scroll);
  pick->facets = pick->iteration ? GB_PICK_ITERATION : 0;
  return pick->iteration != 0;
}

/* Left and right go through iterations, up and down through the page. */
static gboolean
ab_move (GbView *view, GbMove move, const GbPick *from, GbPick *to)
{
  GbAbView *self = GB_AB_VIEW (view);
  if (!self->layout || !self->layout->ab->trace_b)
    return FALSE;
  double most = MAX (0, self->layout->height - self->height), scroll = self->scroll;
  guint64 at = from->facets & GB_PICK_ITERATION ? from->iteration : self->layout->ab->iteration;
  switch (move)
    {
    case GB_MOVE_UP:
      scroll -= 48;
      break;
    case GB_MOVE_DOWN:
      scroll += 48;
      break;
    case GB_MOVE_HOME:
      scroll = 0;
      break;
    case GB_MOVE_END:
      scroll = most;
      break;
    case GB_MOVE_LEFT:
    case GB_MOVE_RIGHT:
      if (!self->layout->panels->len)
        return FALSE;
      at = move == GB_MOVE_LEFT ? MAX (at, 2) - 1 : MIN (at + 1, (guint64) self->layout->x_axis.high);
      *to = (GbPick){ .facets = GB_PICK_ITERATION, .iteration = at };
      return TRUE;
    }
  self->scroll = CLAMP (scroll, 0, most);
  gb_view_invalidate (view);
  *to = *from;
  return FALSE;
}

static gboolean
ab_scroll (GbView *view, double dx, double dy, double x, double y, GdkModifierType state)
{
  GbAbView *self = GB_AB_VIEW (view);
  double most = self->layout ? MAX (0, self->layout->height - self->height) : 0;
  if (most == 0 || (state & GDK_CONTROL_MASK))
    return FALSE;
  self->scroll = CLAMP (self->scroll + dy * 48, 0, most);
  gb_view_invalidate (view);
  return TRUE;
}

static void
set_part (GSimpleAction *action, GVariant *value, gpointer data)
{
  GbAbView *self = data;
  for (guint part = 0; part <= GB_AB_N_PARTS; part++)
    if (g_str_equal (part_names[part], g_variant_get_string (value, NULL)))
      {
        self->only = part;
        self->scroll = 0;
        g_simple_action_set_state (action, value);
        gb_view_invalidate (GB_VIEW (self));
      }
}

static gboolean
ab_key (GbView *view, guint keyval, GdkModifierType state)
{
  guint part = keyval >= GDK_KEY_1 && keyval <= GDK_KEY_4 ? keyval - GDK_KEY_1
               : keyval == GDK_KEY_0                      ? GB_AB_N_PARTS
                                                          : 99;
  if (part > GB_AB_N_PARTS)
    return FALSE;
  g_action_group_change_action_state (G_ACTION_GROUP (gb_view_get_actions (view)), "part",
                                      g_variant_new_string (part_names[part]));
  return TRUE;
}

/* ---- in words ---- */

/* What both logged in the pinned iteration: rows that the pin has. */
static void
add_rows_at (GArray *rows, const GbAb *ab, const GbPick *pin)
{
  for (guint i = 0; i < ab->metrics->len; i++)
    {
      const GbAbMetric *metric = &g_array_index (ab->metrics, GbAbMetric, i);
      char value[2][32];
      for (guint side = 0; side < 2; side++)
        {
          const GbSeries *series = side ? metric->b : metric->a;
          int at = series ? gb_series_find (series, pin->iteration) : -1;
          const GbBucket *bucket = at >= 0 ? gb_series_get (series, (guint) at) : NULL;
          if (bucket && bucket->x1 >= pin->iteration)
            gb_number_text (bucket->last, 4, value[side], sizeof value[side]);
          else
            g_strlcpy (value[side], "—", sizeof value[side]);
        }
      gb_view_rows_add (rows, pin, _ ("%s, iteration %lu: %s in A, %s in B"), metric->name, pin->iteration, value[0],
                        value[1]);
    }
}

static void
add_weight_row (GArray *rows, const GbPick *pick, const GbAbWeight *weight)
{
  char a[32], b[32], relative[32];
  gb_number_text (weight->norm_a, 3, a, sizeof a);
  gb_number_text (weight->norm_b, 3, b, sizeof b);
  gb_number_text (weight->relative, 3, relative, sizeof relative);
  if (weight->where != GB_AB_BOTH)
    gb_view_rows_add (rows, pick, weight->where == GB_AB_ONLY_A ? _ ("%s: only in A") : _ ("%s: only in B"),
                      weight->name);
  else if (weight->shapes_differ)
    gb_view_rows_add (rows, pick, _ ("%s: another shape in B; norms %s and %s"), weight->name, a, b);
  else if (weight->is_same)
    gb_view_rows_add (rows, pick, _ ("%s: the same, norm %s"), weight->name, a);
  else if (weight->has_values)
    gb_view_rows_add (
        rows, pick,
        _ ("%s: differs by %s of its norm, largest %+.3g; norms %s and %s; values of iterations %lu and %lu"),
        weight->name, relative, weight->largest, a, b, weight->values_a, weight->values_b);
  else if (!isnan (weight->relative))
    gb_view_rows_add (rows, pick, _ ("%s: norms %s and %s; the elements are not recorded of both"),
                      weight->name, a, b);
  else
    gb_view_rows_add (rows, pick, _ ("%s: not recorded"), weight->name);
}

static void
ab_rows (GbView *view, GArray *rows)
{
  const GbAbLayout *layout = GB_AB_VIEW (view)->layout;
  const GbPick *pin = gb_selection_get_pin (gb_view_get_selection (view));
  if (!layout)
    return;
  const GbAb *ab = layout->ab;
  gb_view_rows_add (rows, NULL, "%s", layout->verdict);
  if (!ab->trace_b)
    return;
  gb_view_rows_add (rows, NULL, "%s", layout->side[0]);
  gb_view_rows_add (rows, NULL, "%s", layout->side[1]);
  if (layout->changes)
    gb_view_rows_add (rows, NULL, "%s", layout->changes);
  if (pin->facets & GB_PICK_ITERATION)
    add_rows_at (rows, ab, pin);
  for (guint i = 1; i < ab->metrics->len; i++)
    {
      g_autofree char *said = gb_ab_metric_sentence (ab, &g_array_index (ab->metrics, GbAbMetric, i));
      gb_view_rows_add (rows, NULL, "%s", said);
    }
  for (guint i = 0; i < ab->nodes->len; i++)
    {
      const GbAbNode *node = &g_array_index (ab->nodes, GbAbNode, i);
      if (node->where != GB_AB_BOTH)
        gb_view_rows_add (rows, NULL, node->where == GB_AB_ONLY_A ? _ ("%s, only in A") : _ ("%s, only in B"),
                          node->label);
      else if (node->shapes_differ)
        gb_view_rows_add (rows, NULL, _ ("%s: %s in A, %s in B"), node->label, node->shape_a, node->shape_b);
    }
  for (guint i = 0; i < ab->weights->len; i++)
    {
      GbPick pick = { 0 };
      gboolean known = pick_weight (layout, i, &pick);
      add_weight_row (rows, known ? &pick : NULL, &g_array_index (ab->weights, GbAbWeight, i));
    }
  if (ab->prints->len)
    gb_view_rows_add (rows, NULL, _ ("%u of %u printed lines differ"), ab->n_prints_different,
                      ab->prints->len);
}

static void
ab_fill_menu (GbAbView *self)
{
  static const char *const keys[] = { "1", "2", "3", "4", "0" };
  g_autoptr (GMenu) menu = g_menu_new ();
  for (guint part = 0; part <= GB_AB_N_PARTS; part++)
    {
      g_autofree char *action = g_strdup_printf ("view.part::%s", part_names[part]);
      g_autofree char *label = g_strdup_printf ("%s (%s)", gb_ab_part_title (part), keys[part]);
      g_menu_append (menu, label, action);
    }
  g_menu_append (menu, _ ("List in words (L)"), "view.list");
  gb_view_set_menu (GB_VIEW (self), G_MENU_MODEL (menu));
}

static void
gb_ab_view_finalize (GObject *object)
{
  gb_ab_layout_free (GB_AB_VIEW (object)->layout);
  G_OBJECT_CLASS (gb_ab_view_parent_class)->finalize (object);
}

static void
gb_ab_view_class_init (GbAbViewClass *klass)
{
  GbViewClass *view_class = GB_VIEW_CLASS (klass);
  G_OBJECT_CLASS (klass)->finalize = gb_ab_view_finalize;
  view_class->update = ab_update;
  view_class->draw = ab_draw;
  view_class->draw_overlay = ab_draw_overlay;
  view_class->pick = ab_pick;
  view_class->move = ab_move;
  view_class->scroll = ab_scroll;
  view_class->key = ab_key;
  view_class->rows = ab_rows;
}

static void
gb_ab_view_init (GbAbView *self)
{
  static const GActionEntry entries[] = { { "part", NULL, "s", "'all'", set_part } };
  self->only = GB_AB_N_PARTS;
  g_action_map_add_action_entries (gb_view_get_actions (GB_VIEW (self)), entries, G_N_ELEMENTS (entries),
                                   self);
  ab_fill_menu (self);
  g_signal_connect_object (gb_i18n_get_default (), "changed", G_CALLBACK (ab_fill_menu), self,
                           G_CONNECT_SWAPPED);
}

/* ---- definition ---- */

static int
ab_relevance (GbTraceCursor *cursor)
{
  return gb_trace_cursor_has_beside (cursor) ? 55 : 0;
}

static GtkWidget *
ab_new_widget (GbTraceCursor *cursor, GbSelection *selection)
{
  return gb_view_new (GB_TYPE_AB_VIEW, &gb_ab_view_def, cursor, selection);
}

static void
ab_natural_size (
    GbTraceCursor *cursor, GbSelection *selection, const GbDrawContext *ctx, double *width, double *height)
{
  GbDrawContext page = *ctx;
  page.width = *width > 0 ? *width : 720;
  page.height = 280;
  g_autoptr (GbAbLayout) layout = gb_ab_layout_new (gb_ab_new (cursor), GB_AB_N_PARTS, &page);
  *width = page.width;
  *height = ceil (layout->height);
}

static void
ab_draw_static (GbTraceCursor *cursor,
                GbSelection *selection,
                const GbDrawContext *ctx,
                GtkSnapshot *snapshot)
{
  g_autoptr (GbAbLayout) layout = gb_ab_layout_new (gb_ab_new (cursor), GB_AB_N_PARTS, ctx);
  gb_ab_draw (layout, 0, ctx, snapshot);
  gb_ab_draw_overlay (layout, 0, selection, ctx, snapshot);
}

static char *
ab_describe (GbTraceCursor *cursor, GbSelection *selection)
{
  g_autoptr (GbAb) ab = gb_ab_new (cursor);
  return gb_ab_verdict (ab);
}

/* The elements of the parameters, so that they can be compared; of both runs, if it was shown in both. */
static void
ab_watches (GbTraceCursor *cursor, GbSelection *selection, GArray *watches)
{
  GbTrace *run = gb_trace_cursor_get_run (cursor);
  const TeWatch gradients = { .kind = TE_WATCH_GRADIENTS };
  g_array_append_val (watches, gradients);
  for (guint i = 0; i < gb_trace_get_n_params (run) && i < 32; i++)
    {
      const TeWatch values = { .kind = TE_WATCH_VALUES,
                               .period_msec = 500,
                               .tensor = gb_trace_get_param (run, i)->tensor,
                               .max_elements = 16384 };
      g_array_append_val (watches, values);
    }
}

const GbViewDef gb_ab_view_def = {
  .id = "ab",
  .title = N_ ("Side by side"),
  .summary = N_ ("This run beside a branch of it, or beside a recording: what differs, with figures."),
  .icon_name = "view-dual-symbolic",
  .missing = N_ ("Compare with a recording, or go back and on another way."),
  .relevance = ab_relevance,
  .new_widget = ab_new_widget,
  .natural_size = ab_natural_size,
  .draw = ab_draw_static,
  .describe = ab_describe,
  .watches = ab_watches,
};
