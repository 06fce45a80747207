#include "env/env-draw.h"

#include <math.h>

#include "common/i18n.h"
#include "common/number-format.h"

#define LIMIT_ANGLE (12 * G_PI / 180) /* where the usual pole has fallen */
#define TRAIL       3                 /* states before the one that is shown, fainter and fainter */

static const GdkRGBA *
role (const GbDrawContext *ctx, GbRole which)
{
  return gb_theme_role (ctx->theme, which);
}

static GdkRGBA
faded (const GdkRGBA *color, double alpha)
{
  GdkRGBA faint = *color;
  faint.alpha = (float) alpha;
  return faint;
}

static const char *
empty_text (void)
{
  return _ ("No environment yet: gb.log (\"env\", reward, row=…, column=…) or gb.show (…, view=\"env\").");
}

/* ---- words ---- */

static const char *
action_name (const GbEnv *env, int action)
{
  static const char *const ways[] = { N_ ("up"), N_ ("right"), N_ ("down"), N_ ("left") };

  if (env->kind == GB_ENV_CART)
    return action == 0 ? _ ("left") : action == 1 ? _ ("right") : NULL;
  return action >= 0 && action < 4 ? _ (ways[action]) : NULL;
}

char *
gb_env_step_text (const GbEnv *env, int nth)
{
  const GbEnvStep *step = gb_env_step (env, nth);
  GString *text;
  char number[32];

  if (step == NULL)
    return g_strdup ("");
  text = g_string_new (NULL);
  g_string_append_printf (text, _ ("episode %u, step %u: "), step->episode, step->nth);
  if (env->kind == GB_ENV_GRID)
    g_string_append_printf (text, _ ("row %.0f, column %.0f"), step->a, step->b);
  else
    g_string_append_printf (text, _ ("x %.2f m, angle %.1f°"), step->a, step->b * 180 / G_PI);
  if (action_name (env, step->action))
    g_string_append_printf (text, ", %s", action_name (env, step->action));
  if (isfinite (step->reward))
    g_string_append_printf (text, _ (", reward %s"), gb_number_text (step->reward, 3, number, sizeof number));
  g_string_append_printf (text, _ (", %s so far"), gb_number_text (step->total, 3, number, sizeof number));
  if (step->done)
    g_string_append (text, _ (", the episode ends"));
  return g_string_free (text, FALSE);
}

char *
gb_env_sentence (const GbEnv *env)
{
  g_autofree char *now = NULL, *all = NULL;
  char mean[32], best[32];

  if (env == NULL)
    return g_strdup (empty_text ());
  if (env->steps->len == 0)
    return g_strdup_printf (_ ("A grid of %ld by %ld cells; nobody has moved in it yet."), env->rows,
                            env->columns);
  now = gb_env_step_text (env, MAX (env->current, 0));
  if (isfinite (env->mean))
    all = g_strdup_printf (_ (" Returns so far: %s on average, %s at best."),
                           gb_number_text (env->mean, 3, mean, sizeof mean),
                           gb_number_text (env->best, 3, best, sizeof best));
  g_autofree char *sentence = g_strdup_printf (_ ("%s."), now);
  return g_strconcat (sentence, all, NULL);
}

static void
draw_header (const GbEnvLayout *layout, int shown, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbEnv *env = layout->env;
  const GbEnvStep *step = gb_env_step (env, shown);
  g_autofree char *title = NULL, *note = NULL;
  char number[32], total[32];

  if (step)
    {
      const char *action = action_name (env, step->action);
      title = g_strdup_printf (_ ("episode %u of %u, step %u"), step->episode, env->n_episodes, step->nth);
      note = g_strdup_printf (
          _ ("%s%sreward %s, %s so far"), action ? action : "", action ? ", " : "",
          isfinite (step->reward) ? gb_number_text (step->reward, 3, number, sizeof number) : "?",
          gb_number_text (step->total, 3, total, sizeof total));
    }
  else
    title = g_strdup (_ ("before the first step"));
  gb_draw_text_rgba (ctx, snapshot, GB_FACE_UI_BOLD, role (ctx, GB_ROLE_INK), title, 16, 14, GB_ALIGN_LEFT,
                     MAX (layout->width - 32, 1));
  if (note)
    gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL, role (ctx, GB_ROLE_MUTED), note, 16, 34, GB_ALIGN_LEFT,
                       MAX (layout->width - 32, 1));
}

/* ---- a grid ---- */

static void
center_of (const GbEnvLayout *layout, double row, double column, double *x, double *y)
{
  *x = layout->x + (column + 0.5) * layout->cell;
  *y = layout->y + (row + 0.5) * layout->cell;
}

static void
draw_policy (const GbEnvLayout *layout,
             gint64 row,
             gint64 column,
             const GdkRGBA *ink,
             const GbDrawContext *ctx,
             GtkSnapshot *snapshot)
{
  static const double ways[4][2] = { { 0, -1 }, { 1, 0 }, { 0, 1 }, { -1, 0 } };
  int action = gb_env_policy (layout->env, row, column, NULL);
  double x, y, reach = layout->cell * 0.22, rise = layout->cell >= 44 ? layout->cell * 0.14 : 0;
  GdkRGBA color = faded (ink, 0.85);

  if (action < 0 || layout->cell < 14)
    return;
  center_of (layout, (double) row, (double) column, &x, &y);
  y -= rise;
  double dx = ways[action][0] * reach, dy = ways[action][1] * reach;
  if (dx != 0)
    gb_draw_hline (snapshot, &color, MIN (x - dx, x + dx), MAX (x - dx, x + dx), y, 2);
  else
    gb_draw_vline (snapshot, &color, x, MIN (y - dy, y + dy), MAX (y - dy, y + dy), 2);
  gb_draw_arrow_head (snapshot, &color, x + 1.3 * dx, y + 1.3 * dy, atan2 (dy, dx),
                      MAX (layout->cell * 0.16, 6));
}

static void
draw_cell (
    const GbEnvLayout *layout, gint64 row, gint64 column, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  double left = layout->x + column * layout->cell, top = layout->y + row * layout->cell, side = layout->cell,
         value = 0;
  GbEnvCell kind = gb_env_cell (layout->env, row, column);
  gboolean known = kind != GB_ENV_WALL && gb_env_value (layout->env, row, column, &value);
  GdkRGBA fill = *role (ctx, GB_ROLE_SURFACE);
  const GdkRGBA *ink = role (ctx, GB_ROLE_INK);
  char number[32];

  if (kind == GB_ENV_WALL)
    fill = *role (ctx, GB_ROLE_RULE_STRONG);
  else if (known && isfinite (value))
    {
      double share = layout->high > layout->low ? (value - layout->low) / (layout->high - layout->low) : 0.5;
      gb_theme_map (ctx->theme, GB_MAP_SEA, 0.75 * share, &fill);
      ink = gb_theme_digit_color (&fill);
    }
  gb_draw_fill (snapshot, &fill, left, top, side, side);
  gb_draw_box (snapshot, NULL, role (ctx, GB_ROLE_RULE), left, top, side, side, 0, 1);
  if (kind == GB_ENV_WALL)
    return;
  if (known && !isfinite (value))
    gb_draw_cross (snapshot, role (ctx, GB_ROLE_ERROR), left + 3, top + 3, side - 6, side - 6);
  if (kind == GB_ENV_GOAL || kind == GB_ENV_TRAP)
    {
      const GdkRGBA *mark = role (ctx, kind == GB_ENV_GOAL ? GB_ROLE_OK : GB_ROLE_ERROR);
      gb_draw_box (snapshot, NULL, mark, left + 2, top + 2, side - 4, side - 4, 3, 2.5);
      if (side >= 26)
        gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL_BOLD, ink, kind == GB_ENV_GOAL ? "✓" : "✕", left + 7,
                           top + 12, GB_ALIGN_LEFT, 0);
    }
  else
    draw_policy (layout, row, column, ink, ctx, snapshot);
  if (known && side >= 44)
    gb_draw_text_rgba (ctx, snapshot, GB_FACE_CELL, ink, gb_number_text (value, 2, number, sizeof number),
                       left + side / 2, top + side - 11, GB_ALIGN_CENTER, side - 4);
}

/* The way from the beginning of the episode. */
static void
draw_way (const GbEnvLayout *layout, int shown, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbEnvStep *last = gb_env_step (layout->env, shown);
  GdkRGBA color = faded (role (ctx, GB_ROLE_ACCENT), 0.55);
  cairo_t *cr;
  double x, y;

  if (last == NULL)
    return;
  cr = gb_draw_cairo (snapshot, layout->x, layout->y, layout->world_width, layout->world_height);
  gdk_cairo_set_source_rgba (cr, &color);
  cairo_set_line_width (cr, 2);
  for (int i = shown + 1 - (int) last->nth; i <= shown; i++)
    {
      const GbEnvStep *step = gb_env_step (layout->env, i);
      if (step == NULL || !isfinite (step->a) || !isfinite (step->b))
        continue;
      center_of (layout, step->a, step->b, &x, &y);
      cairo_line_to (cr, x, y);
    }
  cairo_stroke (cr);
  cairo_destroy (cr);
  if (!isfinite (last->a) || !isfinite (last->b))
    return;
  center_of (layout, last->a, last->b, &x, &y);
  double r = MAX (layout->cell * 0.2, 3);
  gb_draw_box (snapshot, role (ctx, GB_ROLE_ACCENT), role (ctx, GB_ROLE_SURFACE), x - r, y - r, 2 * r, 2 * r,
               r, 1.5);
}

/* ---- a cart ---- */

static void
draw_track (const GbEnvLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  double y = layout->y + layout->world_height - 26, middle = layout->x + layout->world_width / 2;
  double metre = layout->world_width / 2 / (layout->reach * 1.12);
  char label[32];

  gb_draw_hline (snapshot, role (ctx, GB_ROLE_RULE_STRONG), layout->x, layout->x + layout->world_width, y,
                 1.5);
  for (int at = (int) -floor (layout->reach); at <= (int) floor (layout->reach); at++)
    {
      gb_draw_vline (snapshot, role (ctx, GB_ROLE_RULE_STRONG), middle + at * metre, y, y + 5, 1);
      g_snprintf (label, sizeof label, "%d", at);
      gb_draw_text (ctx, snapshot, GB_FACE_GUTTER, GB_ROLE_MUTED, label, middle + at * metre, y + 14,
                    GB_ALIGN_CENTER);
    }
  for (int side = -1; side <= 1; side += 2)
    gb_draw_dashed_line (snapshot, role (ctx, GB_ROLE_WARNING), middle + side * 2.4 * metre, layout->y,
                         middle + side * 2.4 * metre, y, 1.5, 4, 3);
}

static void
draw_cart (const GbEnvLayout *layout,
           const GbEnvStep *step,
           double alpha,
           const GbDrawContext *ctx,
           GtkSnapshot *snapshot)
{
  double y = layout->y + layout->world_height - 26, metre = layout->world_width / 2 / (layout->reach * 1.12);
  double x = layout->x + layout->world_width / 2 + step->a * metre,
         length = (layout->world_height - 26) * 0.72;
  GdkRGBA cart = faded (role (ctx, GB_ROLE_INK), alpha), pole = faded (role (ctx, GB_ROLE_FORWARD), alpha);
  gboolean fell = fabs (step->b) > LIMIT_ANGLE;
  cairo_t *cr;

  if (!isfinite (step->a) || !isfinite (step->b))
    return;
  if (fell)
    pole = faded (role (ctx, GB_ROLE_ERROR), alpha);
  gb_draw_box (snapshot, &cart, NULL, x - 26, y - 18, 52, 18, 4, 0);
  cr = gb_draw_cairo (snapshot, layout->x, layout->y, layout->world_width, layout->world_height);
  gdk_cairo_set_source_rgba (cr, &pole);
  cairo_set_line_width (cr, alpha < 1 ? 4 : 7);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_move_to (cr, x, y - 16);
  cairo_line_to (cr, x + length * sin (step->b), y - 16 - length * cos (step->b));
  cairo_stroke (cr);
  cairo_destroy (cr);
  if (alpha < 1)
    return;
  if (step->action == 0 || step->action == 1)
    {
      double way = step->action ? 1 : -1;
      gb_draw_hline (snapshot, role (ctx, GB_ROLE_ACCENT), MIN (x + way * 30, x + way * 52),
                     MAX (x + way * 30, x + way * 52), y - 9, 3);
      gb_draw_arrow_head (snapshot, role (ctx, GB_ROLE_ACCENT), x + way * 58, y - 9, way > 0 ? 0 : G_PI, 9);
    }
}

/* How far it may lean. */
static void
draw_limits (const GbEnvLayout *layout,
             const GbEnvStep *step,
             const GbDrawContext *ctx,
             GtkSnapshot *snapshot)
{
  double y = layout->y + layout->world_height - 42, metre = layout->world_width / 2 / (layout->reach * 1.12);
  double x = layout->x + layout->world_width / 2 + step->a * metre,
         length = (layout->world_height - 26) * 0.72;

  if (!isfinite (step->a))
    return;
  for (int side = -1; side <= 1; side += 2)
    gb_draw_dashed_line (snapshot, role (ctx, GB_ROLE_RULE_STRONG), x, y,
                         x + side * length * sin (LIMIT_ANGLE), y - length * cos (LIMIT_ANGLE), 1, 3, 3);
}

/* ---- the strip ---- */

static void
draw_strip (const GbEnvLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbEnv *env = layout->env;
  double middle = layout->strip_y + 12 + (GB_ENV_STRIP_H - 12) / 2.0, half = (GB_ENV_STRIP_H - 12) / 2.0 - 2;

  gb_draw_text (ctx, snapshot, GB_FACE_GUTTER, GB_ROLE_MUTED, _ ("reward of each step"), layout->strip_x,
                layout->strip_y + 4, GB_ALIGN_LEFT);
  gb_draw_hline (snapshot, role (ctx, GB_ROLE_RULE), layout->strip_x,
                 layout->strip_x + layout->step_width * env->n, middle, 1);
  for (guint i = 0; i < env->n; i++)
    {
      const GbEnvStep *step = gb_env_step (env, (int) (env->first + i));
      double share =
          layout->most_reward > 0 && isfinite (step->reward) ? step->reward / layout->most_reward : 0;
      double x = layout->strip_x + i * layout->step_width,
             width = MAX (layout->step_width - (layout->step_width > 4), 1);
      gboolean later = (int) (env->first + i) > env->current;
      GdkRGBA color = faded (role (ctx, share < 0 ? GB_ROLE_BACKWARD : GB_ROLE_FORWARD), later ? 0.35 : 1);
      if (!isfinite (step->reward))
        gb_draw_cross (snapshot, role (ctx, GB_ROLE_ERROR), x, middle - 3, width, 6);
      else
        gb_draw_fill (snapshot, &color, x, share < 0 ? middle : middle - half * share, width,
                      MAX (half * fabs (share), 1));
    }
}

static void
draw_ghost (const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  double side = 34, x = (ctx->width - 4 * side) / 2, y = MAX (ctx->height / 2 - 3.7 * side, 4);

  gtk_snapshot_push_opacity (snapshot, 0.3);
  for (int i = 0; i < 12; i++)
    gb_draw_box (snapshot, i == 6 ? role (ctx, GB_ROLE_RULE_STRONG) : NULL, role (ctx, GB_ROLE_RULE_STRONG),
                 x + i % 4 * side, y + i / 4 * side, side, side, 0, 1);
  gb_draw_box (snapshot, role (ctx, GB_ROLE_RULE_STRONG), NULL, x + 10, y + 10, 14, 14, 7, 0);
  gtk_snapshot_pop (snapshot);
  gb_draw_empty (ctx, snapshot, empty_text ());
}

void
gb_env_draw (const GbEnvLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbEnv *env = layout->env;

  if (env == NULL)
    {
      draw_ghost (ctx, snapshot);
      return;
    }
  if (env->kind == GB_ENV_GRID)
    for (gint64 row = 0; row < env->rows; row++)
      for (gint64 column = 0; column < env->columns; column++)
        draw_cell (layout, row, column, ctx, snapshot);
  else
    draw_track (layout, ctx, snapshot);
  if (env->n)
    draw_strip (layout, ctx, snapshot);
}

/* ---- overlay ---- */

static void
draw_pointed (const GbEnvLayout *layout,
              const GbPick *pick,
              GbRole color,
              double line,
              gboolean tip,
              const GbDrawContext *ctx,
              GtkSnapshot *snapshot)
{
  gint64 row, column;
  double value;

  if (!gb_env_layout_find_cell (layout, pick, &row, &column))
    return;
  gb_draw_box (snapshot, NULL, role (ctx, color), layout->x + column * layout->cell,
               layout->y + row * layout->cell, layout->cell, layout->cell, 0, line);
  if (!tip)
    return;
  g_autofree char *place = g_strdup_printf (_ ("row %.0f, column %.0f"), (double) row, (double) column);
  g_autofree char *worth = NULL;
  const char *lines[2] = { place, NULL };
  char number[32];
  if (gb_env_value (layout->env, row, column, &value))
    lines[1] = worth = g_strdup_printf (_ ("value\t%s"), gb_number_text (value, 4, number, sizeof number));
  gb_draw_tip (ctx, snapshot, layout->x + (column + 1) * layout->cell, layout->y + (row + 1) * layout->cell,
               lines, worth ? 2 : 1);
}

void
gb_env_draw_overlay (const GbEnvLayout *layout,
                     GbSelection *selection,
                     const GbDrawContext *ctx,
                     GtkSnapshot *snapshot)
{
  const GbEnv *env = layout->env;
  const GbEnvStep *step;
  int shown;

  if (env == NULL)
    return;
  shown = gb_env_layout_shown (layout, selection);
  step = gb_env_step (env, shown);
  draw_header (layout, shown, ctx, snapshot);
  if (env->kind == GB_ENV_GRID)
    draw_way (layout, shown, ctx, snapshot);
  else if (step)
    {
      draw_limits (layout, step, ctx, snapshot);
      for (int back = TRAIL; back > 0; back--)
        if (step->nth > (guint) back)
          draw_cart (layout, gb_env_step (env, shown - back), 0.3 / back, ctx, snapshot);
      draw_cart (layout, step, 1, ctx, snapshot);
    }
  if (step && shown >= (int) env->first && shown < (int) (env->first + env->n))
    gb_draw_box (snapshot, NULL, role (ctx, GB_ROLE_ACCENT),
                 layout->strip_x + (shown - (int) env->first) * layout->step_width - 1, layout->strip_y + 10,
                 MAX (layout->step_width, 3) + 1, GB_ENV_STRIP_H - 10, 2, 2);
  draw_pointed (layout, gb_selection_get_pin (selection), GB_ROLE_ACCENT, 2, FALSE, ctx, snapshot);
  draw_pointed (layout, gb_selection_get_hover (selection), GB_ROLE_INK, 1, !(ctx->options & GB_DRAW_STATIC),
                ctx, snapshot);
}
