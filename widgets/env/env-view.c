#include "env/env-view.h"

#include "common/a11y.h"
#include "common/i18n.h"
#include "env/env-draw.h"

#define MOST_WATCHED (GB_ENV_MOST_SIDE * GB_ENV_MOST_SIDE * 4)
#define MOST_ROWS    2000 /* of the list */

struct _GbEnvView
{
  GbView parent_instance;
  GbEnvLayout *layout;
};

G_DEFINE_FINAL_TYPE (GbEnvView, gb_env_view, GB_TYPE_VIEW)

static void
env_update (GbView *view, const GbDrawContext *ctx, guint changes)
{
  GbEnvView *self = GB_ENV_VIEW (view);

  gb_env_layout_free (self->layout);
  self->layout = gb_env_layout_new (gb_view_get_cursor (view), ctx);
}

static void
env_draw (GbView *view, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  gb_env_draw (GB_ENV_VIEW (view)->layout, ctx, snapshot);
}

static void
env_draw_overlay (GbView *view, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  if (GB_ENV_VIEW (view)->layout)
    gb_env_draw_overlay (GB_ENV_VIEW (view)->layout, gb_view_get_selection (view), ctx, snapshot);
}

static gboolean
env_pick (GbView *view, double x, double y, GbPick *pick)
{
  const GbEnvLayout *layout = GB_ENV_VIEW (view)->layout;
  int step = layout && layout->env ? gb_env_layout_step_at (layout, x, y) : -1;
  gint64 row, column;

  if (step >= 0)
    gb_env_layout_pick_step (layout, step, pick);
  else if (layout == NULL || !gb_env_layout_cell_at (layout, x, y, &row, &column))
    return FALSE;
  else
    return gb_env_layout_pick_cell (layout, row, column, pick);
  return TRUE;
}

/* Left and right play step by step; on cells all four lead to the neighbours. */
static gboolean
env_move (GbView *view, GbMove move, const GbPick *from, GbPick *to)
{
  const GbEnvLayout *layout = GB_ENV_VIEW (view)->layout;
  gint64 row, column;
  int step;

  if (layout == NULL || layout->env == NULL)
    return FALSE;
  if (gb_env_layout_find_cell (layout, from, &row, &column))
    {
      row += move == GB_MOVE_UP ? -1 : move == GB_MOVE_DOWN ? 1 : 0;
      column += move == GB_MOVE_LEFT ? -1 : move == GB_MOVE_RIGHT ? 1 : 0;
      return gb_env_layout_pick_cell (layout, CLAMP (row, 0, layout->env->rows - 1),
                                      CLAMP (column, 0, layout->env->columns - 1), to);
    }
  if (layout->env->n == 0)
    return gb_env_layout_pick_cell (layout, 0, 0, to);
  step =
      (from->facets & GB_PICK_PART) ? (int) from->part : MAX (layout->env->current, (int) layout->env->first);
  step = move == GB_MOVE_HOME                         ? (int) layout->env->first
         : move == GB_MOVE_END                        ? (int) (layout->env->first + layout->env->n) - 1
         : move == GB_MOVE_LEFT || move == GB_MOVE_UP ? step - 1
                                                      : step + 1;
  step = CLAMP (step, (int) layout->env->first, (int) (layout->env->first + layout->env->n) - 1);
  gb_env_layout_pick_step (layout, step, to);
  return TRUE;
}

/* To where the step was told. */
static void
env_activate (GbView *view, const GbPick *pick)
{
  const GbEnvLayout *layout = GB_ENV_VIEW (view)->layout;
  const GbEnvStep *step = layout && layout->env && (pick->facets & GB_PICK_PART)
                              ? gb_env_step (layout->env, (int) pick->part)
                              : NULL;

  if (step)
    gb_trace_cursor_set_position (gb_view_get_cursor (view), step->seq);
}

static void
env_rows (GbView *view, GArray *rows)
{
  const GbEnvLayout *layout = GB_ENV_VIEW (view)->layout;

  for (guint i = 0; layout && layout->env && i < MIN (layout->env->n, MOST_ROWS); i++)
    {
      int step = (int) (layout->env->first + i);
      g_autofree char *text = gb_env_step_text (layout->env, step);
      GbPick pick;
      gb_env_layout_pick_step (layout, step, &pick);
      gb_view_rows_add (rows, &pick, "%s", text);
    }
}

static void
env_fill_menu (GbEnvView *self)
{
  g_autoptr (GMenu) menu = g_menu_new ();
  g_menu_append (menu, _ ("Where the pinned number came from (D)"), "view.card");
  g_menu_append (menu, _ ("List in words (L)"), "view.list");
  gb_view_set_menu (GB_VIEW (self), G_MENU_MODEL (menu));
}

static void
gb_env_view_finalize (GObject *object)
{
  gb_env_layout_free (GB_ENV_VIEW (object)->layout);
  G_OBJECT_CLASS (gb_env_view_parent_class)->finalize (object);
}

static void
gb_env_view_class_init (GbEnvViewClass *klass)
{
  GbViewClass *view_class = GB_VIEW_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = gb_env_view_finalize;
  view_class->update = env_update;
  view_class->draw = env_draw;
  view_class->draw_overlay = env_draw_overlay;
  view_class->pick = env_pick;
  view_class->move = env_move;
  view_class->activate = env_activate;
  view_class->rows = env_rows;
}

static void
gb_env_view_init (GbEnvView *self)
{
  env_fill_menu (self);
  g_signal_connect_object (gb_i18n_get_default (), "changed", G_CALLBACK (env_fill_menu), self,
                           G_CONNECT_SWAPPED);
}

/* ---- definition ---- */
static int
env_relevance (GbTraceCursor *cursor)
{
  return gb_env_exists (cursor) ? 75 : 0;
}

static GtkWidget *
env_new_widget (GbTraceCursor *cursor, GbSelection *selection)
{
  return gb_view_new (GB_TYPE_ENV_VIEW, &gb_env_view_def, cursor, selection);
}

static void
env_natural_size (
    GbTraceCursor *cursor, GbSelection *selection, const GbDrawContext *ctx, double *width, double *height)
{
  g_autoptr (GbEnv) env = gb_env_new (cursor);

  *width = 640;
  *height = env && env->kind == GB_ENV_GRID ? CLAMP (130 + 62 * (double) env->rows, 240, 520) : 360;
}

static void
env_draw_static (GbTraceCursor *cursor,
                 GbSelection *selection,
                 const GbDrawContext *ctx,
                 GtkSnapshot *snapshot)
{
  g_autoptr (GbEnvLayout) layout = gb_env_layout_new (cursor, ctx);

  gb_env_draw (layout, ctx, snapshot);
  gb_env_draw_overlay (layout, selection, ctx, snapshot);
}

static char *
env_describe (GbTraceCursor *cursor, GbSelection *selection)
{
  g_autoptr (GbEnv) env = gb_env_new (cursor);
  return gb_env_sentence (env);
}

static void
env_watches (GbTraceCursor *cursor, GbSelection *selection, GArray *watches)
{
  guint64 tensors[3];

  gb_env_tensors (cursor, &tensors[0], &tensors[1], &tensors[2]);
  for (guint i = 0; i < G_N_ELEMENTS (tensors); i++)
    if (tensors[i])
      g_array_append_val (watches, ((TeWatch){ .kind = TE_WATCH_VALUES,
                                               .period_msec = 100,
                                               .max_elements = MOST_WATCHED,
                                               .tensor = tensors[i] }));
}

const GbViewDef gb_env_view_def = {
  .id = "env",
  .title = N_ ("Environment"),
  .summary =
      N_ ("A grid world or a cart with a pole, step by step, with what each cell is worth and the policy."),
  .icon_name = "applications-games-symbolic",
  .missing =
      N_ ("No environment yet: gb.log (\"env\", reward, row=…, column=…) or gb.show (…, view=\"env\")."),
  .relevance = env_relevance,
  .new_widget = env_new_widget,
  .natural_size = env_natural_size,
  .draw = env_draw_static,
  .describe = env_describe,
  .watches = env_watches,
};
