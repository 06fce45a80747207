#include "flow/flow-draw.h"

#include <math.h>

#include "common/i18n.h"
#include "common/number-format.h"

#define INSET 10
#define BAR   5

static const GdkRGBA *
role (const GbDrawContext *ctx, GbRole which)
{
  return gb_theme_role (ctx->theme, which);
}

static const GbFlowStage *
stage_at (const GbFlow *flow, guint nth)
{
  return &g_array_index (flow->stages, GbFlowStage, nth);
}

const char *
gb_flow_stage_name (const GbFlowStage *stage)
{
  static const char *const names[GB_N_STAGES] = { N_ ("data"), "zero_grad",     N_ ("forward"),
                                                  N_ ("loss"), N_ ("backward"), N_ ("clip"),
                                                  "step",      N_ ("schedule"), N_ ("validate") };
  if (stage->stage < 0)
    return stage->name;
  return stage->stage == GB_STAGE_ZERO_GRAD || stage->stage == GB_STAGE_STEP ? names[stage->stage]
                                                                             : _ (names[stage->stage]);
}

static const char *
empty_text (void)
{
  return _ ("Nothing has run yet: no training, no marks, no call of torch.");
}

/* ---- words ---- */

/* What its bar shows: each time of a part of training; all of a mark's or a package's. */
static double
time_of (const GbFlow *flow, const GbFlowStage *stage)
{
  return flow->kind == GB_FLOW_TRAINING ? (double) stage->nsec / MAX (stage->count, 1) : (double) stage->nsec;
}

static guint
line_of (GbTrace *trace, guint32 pos)
{
  const GbPosition *place = pos ? gb_trace_get_position (trace, pos) : NULL;
  return place ? place->line : 0;
}

char *
gb_flow_stage_text (GbTrace *trace, const GbFlow *flow, guint nth)
{
  const GbFlowStage *stage = stage_at (flow, nth);
  GString *text = g_string_new (gb_flow_stage_name (stage));
  char duration[32], norm[32], limit[32], count[32];
  guint line = line_of (trace, stage->pos);

  if (stage->is_aside && flow->kind == GB_FLOW_PACKAGES)
    return g_string_free (text, FALSE);
  g_string_append (text, ": ");
  if (stage->count == 0)
    g_string_append (text, flow->kind == GB_FLOW_PACKAGES ? _ ("not called") : _ ("did not happen"));
  else
    {
      gb_number_count ((gint64) stage->count, count, sizeof count);
      g_string_append_printf (text, ngettext_ ("%s time", "%s times", stage->count), count);
    }
  if (stage->nsec)
    {
      gb_number_duration ((guint64) time_of (flow, stage), duration, sizeof duration);
      g_string_append_printf (text, flow->kind == GB_FLOW_TRAINING ? _ (", %s each") : _ (", %s in all"),
                              duration);
    }
  if (stage->stage == GB_STAGE_CLIP && isfinite (flow->limit))
    {
      gb_number_text (flow->limit, 3, limit, sizeof limit);
      if (isnan (flow->norm))
        g_string_append_printf (text, _ (", values to %s"), limit);
      else
        g_string_append_printf (text, _ (", norm %s to at most %s"),
                                gb_number_text (flow->norm, 3, norm, sizeof norm), limit);
    }
  if (line)
    g_string_append_printf (text, _ (", line %u"), line);
  if (stage->state == GB_FLOW_ACTIVE)
    g_string_append (text, _ (", runs now"));
  else if (stage->state == GB_FLOW_FAILED)
    g_string_append (text, _ (", raised here"));
  return g_string_free (text, FALSE);
}

char *
gb_flow_sentence (const GbFlow *flow)
{
  const GbFlowStage *longest = NULL, *missing = NULL;
  g_autofree char *where = NULL, *slow = NULL, *lacks = NULL;
  guint n_called = 0, n_known = 0;

  if (flow->kind == GB_FLOW_NONE)
    return g_strdup (empty_text ());
  for (guint i = 0; i < flow->stages->len; i++)
    {
      const GbFlowStage *stage = stage_at (flow, i);
      if (stage->nsec && (longest == NULL || time_of (flow, stage) > time_of (flow, longest)))
        longest = stage;
      if (stage->state == GB_FLOW_NEVER && missing == NULL)
        missing = stage;
      n_known += !stage->is_aside;
      n_called += !stage->is_aside && stage->count > 0;
    }
  if (flow->kind == GB_FLOW_PACKAGES)
    return g_strdup_printf (_ ("%u of %u packages were called; most time in %s."), n_called, n_known,
                            longest ? longest->name : "torch");
  if (flow->active >= 0)
    where = g_strdup_printf (stage_at (flow, (guint) flow->active)->state == GB_FLOW_FAILED
                                 ? _ ("It stopped in %s. ")
                                 : _ ("Now: %s. "),
                             gb_flow_stage_name (stage_at (flow, (guint) flow->active)));
  if (longest)
    slow = g_strdup_printf (_ ("%s takes longest. "), gb_flow_stage_name (longest));
  if (missing)
    lacks = g_strdup_printf (_ ("%s did not happen. "), gb_flow_stage_name (missing));
  return g_strstrip (g_strconcat (where ? where : "", lacks ? lacks : "", slow ? slow : "", NULL));
}

/* ---- boxes ---- */

static GbRole
color_of (const GbFlow *flow, const GbFlowStage *stage)
{
  switch (stage->stage)
    {
    case GB_STAGE_BACKWARD:
    case GB_STAGE_CLIP:
    case GB_STAGE_ZERO_GRAD:
      return GB_ROLE_BACKWARD;
    case GB_STAGE_FORWARD:
    case GB_STAGE_LOSS:
    case GB_STAGE_VALIDATE:
      return GB_ROLE_FORWARD;
    case GB_STAGE_STEP:
      return GB_ROLE_LEAF;
    default:
      return flow->kind == GB_FLOW_MARKS ? GB_ROLE_FORWARD : GB_ROLE_RULE_STRONG;
    }
}

/* Lower boxes: a line of numbers beside the name, and a bar. */
static void
draw_package (const GbFlowLayout *layout,
              const GbFlowBox *box,
              const GbDrawContext *ctx,
              GtkSnapshot *snapshot)
{
  const GbFlowStage *stage = stage_at (layout->flow, box->stage);
  double x = box->x + INSET, right = box->x + box->width - INSET, y = box->y + 30, wide;
  char duration[32];

  if (stage->is_aside || stage->count == 0)
    {
      gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_MUTED,
                    stage->is_aside ? _ ("your code") : _ ("not called"), x, y, GB_ALIGN_LEFT);
      return;
    }
  if (stage->nsec == 0)
    return;
  gb_number_duration (stage->nsec, duration, sizeof duration);
  wide = gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_INK, duration, x, y, GB_ALIGN_LEFT);
  right = MAX (right, x + wide + 10);
  gb_draw_fill (snapshot, role (ctx, GB_ROLE_RULE), x + wide + 8, y - 2, right - x - wide - 8, BAR);
  gb_draw_fill (snapshot, role (ctx, GB_ROLE_RULE_STRONG), x + wide + 8, y - 2,
                MAX ((right - x - wide - 8) * (double) stage->nsec / MAX (layout->most, 1), 1), BAR);
}

static void
draw_numbers (const GbFlowLayout *layout,
              const GbFlowBox *box,
              const GbDrawContext *ctx,
              GtkSnapshot *snapshot)
{
  const GbFlow *flow = layout->flow;
  const GbFlowStage *stage = stage_at (flow, box->stage);
  double x = box->x + INSET, right = box->x + box->width - INSET, each = time_of (flow, stage);
  char duration[32], number[32];
  g_autofree char *count = NULL, *line = NULL;
  gboolean low = box->height < 60;
  guint at = low ? 0 : line_of (layout->trace, stage->pos);
  double wide = 0, middle = box->y + (low ? 29 : 32), bar = box->y + (low ? 38 : 42);

  if (flow->kind == GB_FLOW_PACKAGES)
    {
      draw_package (layout, box, ctx, snapshot);
      return;
    }
  if (stage->state == GB_FLOW_NEVER)
    {
      gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_MUTED, _ ("did not happen"), x,
                    low ? middle : box->y + 40, GB_ALIGN_LEFT);
      return;
    }
  count = g_strdup_printf ("×%s", gb_number_count ((gint64) stage->count, number, sizeof number));
  wide = gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_MUTED, count, right, middle, GB_ALIGN_RIGHT);
  if (each > 0)
    gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL, role (ctx, GB_ROLE_INK),
                       gb_number_duration ((guint64) each, duration, sizeof duration), x, middle,
                       GB_ALIGN_LEFT, MAX (right - x - wide - 6, 1));
  gb_draw_fill (snapshot, role (ctx, GB_ROLE_RULE), x, bar, right - x, BAR);
  if (layout->most > 0 && each > 0)
    gb_draw_fill (snapshot, role (ctx, color_of (flow, stage)), x, bar,
                  MAX ((right - x) * each / layout->most, 1), BAR);
  if (at)
    {
      line = g_strdup_printf (_ ("line %u"), at);
      gb_draw_text (ctx, snapshot, GB_FACE_GUTTER, GB_ROLE_MUTED, line, x, box->y + 56, GB_ALIGN_LEFT);
    }
  if (!low && flow->kind == GB_FLOW_TRAINING && stage->round_count > 1)
    {
      g_autofree char *again = g_strdup_printf (_ ("×%lu here"), stage->round_count);
      gb_draw_text (ctx, snapshot, GB_FACE_GUTTER, GB_ROLE_MUTED, again, right, box->y + 56, GB_ALIGN_RIGHT);
    }
}

static void
draw_box (const GbFlowLayout *layout, const GbFlowBox *box, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbFlow *flow = layout->flow;
  const GbFlowStage *stage = stage_at (flow, box->stage);
  gboolean lit = stage->state == GB_FLOW_ACTIVE, failed = stage->state == GB_FLOW_FAILED;
  gboolean rests = stage->state == GB_FLOW_AHEAD || stage->state == GB_FLOW_NEVER;
  double radius = stage->stage == GB_STAGE_BACKWARD || stage->stage == GB_STAGE_CLIP ? box->height / 2 : 5;
  const GdkRGBA *border = role (ctx, lit      ? GB_ROLE_ACCENT
                                     : failed ? GB_ROLE_ERROR
                                     : rests  ? GB_ROLE_FREED
                                              : color_of (flow, stage));

  radius = MIN (radius, 12);
  gb_draw_box (snapshot, role (ctx, lit ? GB_ROLE_SELECTION : GB_ROLE_SURFACE), rests ? NULL : border, box->x,
               box->y, box->width, box->height, radius, lit || failed ? 2.5 : 1.5);
  if (rests)
    gb_draw_dashed_box (snapshot, border, box->x, box->y, box->width, box->height, radius, 1);
  gb_draw_text_rgba (ctx, snapshot, GB_FACE_UI_BOLD, role (ctx, rests ? GB_ROLE_MUTED : GB_ROLE_INK),
                     gb_flow_stage_name (stage), box->x + INSET, box->y + 14, GB_ALIGN_LEFT,
                     box->width - 2 * INSET - (lit || failed ? 16 : 0));
  if (lit || failed)
    gb_draw_text (ctx, snapshot, GB_FACE_SMALL_BOLD, lit ? GB_ROLE_ACCENT : GB_ROLE_ERROR, lit ? "▶" : "✕",
                  box->x + box->width - INSET, box->y + 14, GB_ALIGN_RIGHT);
  draw_numbers (layout, box, ctx, snapshot);
}

/* ---- arrows ---- */

static void
draw_arrow (const GbFlowLayout *layout,
            const GbFlowArrow *arrow,
            const GbDrawContext *ctx,
            GtkSnapshot *snapshot)
{
  const GbFlow *flow = layout->flow;
  const GbFlowEdge *edge = &g_array_index (flow->edges, GbFlowEdge, arrow->edge);
  const GbFlowStage *to = stage_at (flow, edge->to), *from = stage_at (flow, edge->from);
  gboolean active = to->state == GB_FLOW_ACTIVE && edge->from < edge->to;
  gboolean ghost = to->state == GB_FLOW_NEVER || from->state == GB_FLOW_NEVER;
  const GdkRGBA *color = role (ctx, active ? GB_ROLE_ACCENT : ghost ? GB_ROLE_RULE : GB_ROLE_RULE_STRONG);
  double low_x = G_MAXDOUBLE, low_y = G_MAXDOUBLE, high_x = -G_MAXDOUBLE, high_y = -G_MAXDOUBLE, angle;
  const double *tip, *before;
  cairo_t *cr;

  if (arrow->n_points < 2)
    return;
  for (guint i = 0; i < arrow->n_points; i++)
    {
      low_x = MIN (low_x, arrow->points[i][0]);
      low_y = MIN (low_y, arrow->points[i][1]);
      high_x = MAX (high_x, arrow->points[i][0]);
      high_y = MAX (high_y, arrow->points[i][1]);
    }
  tip = arrow->points[arrow->n_points - 1];
  before = arrow->points[arrow->n_points - 2];
  angle = atan2 (tip[1] - before[1], tip[0] - before[0]);
  cr = gb_draw_cairo (snapshot, low_x - 4, low_y - 4, high_x - low_x + 8, high_y - low_y + 8);
  gdk_cairo_set_source_rgba (cr, color);
  cairo_set_line_width (cr, active ? 3 : 1.5);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  for (guint i = 0; i + 1 < arrow->n_points; i++)
    cairo_line_to (cr, arrow->points[i][0], arrow->points[i][1]);
  cairo_line_to (cr, tip[0] - 5 * cos (angle), tip[1] - 5 * sin (angle));
  cairo_stroke (cr);
  cairo_destroy (cr);
  gb_draw_arrow_head (snapshot, color, tip[0], tip[1], angle, active ? 9 : 7);
}

/* How often, in a gap of the line. */
static void
draw_count (const GbFlowLayout *layout,
            const GbFlowArrow *arrow,
            const GbDrawContext *ctx,
            GtkSnapshot *snapshot)
{
  const GbFlowEdge *edge = &g_array_index (layout->flow->edges, GbFlowEdge, arrow->edge);
  char number[32];
  g_autofree char *text = NULL;
  double width;

  if (edge->count < 2 || arrow->n_points < 2)
    return;
  text = g_strdup_printf ("×%s", gb_number_count ((gint64) edge->count, number, sizeof number));
  width = gb_draw_text_width (ctx, GB_FACE_SMALL, text);
  gb_draw_fill (snapshot, role (ctx, GB_ROLE_SURFACE), arrow->label_x - width / 2 - 3, arrow->label_y - 8,
                width + 6, 16);
  gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_MUTED, text, arrow->label_x, arrow->label_y,
                GB_ALIGN_CENTER);
}

static void
draw_header (const GbFlowLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbFlow *flow = layout->flow;
  g_autofree char *title = NULL, *note = NULL;
  char duration[32];
  double x = 18;

  if (flow->kind == GB_FLOW_TRAINING)
    {
      title = flow->n_rounds && flow->round <= flow->n_rounds
                  ? g_strdup_printf (_ ("iteration %lu of %lu"), flow->round, flow->n_rounds)
                  : g_strdup_printf (_ ("iteration %lu"), flow->round);
      if (flow->round_nsec)
        note = g_strdup_printf (_ ("%s in these parts; bars: each time, on average"),
                                gb_number_duration (flow->round_nsec, duration, sizeof duration));
    }
  else if (flow->kind == GB_FLOW_MARKS)
    {
      title = g_strdup (_ ("marks of the program"));
      note = g_strdup (_ ("bars: time of the operations behind each, in all"));
    }
  else
    {
      title = g_strdup (_ ("packages of the library"));
      note = g_strdup (_ ("dashed: not called; bars: time of the operations"));
    }
  x += gb_draw_text (ctx, snapshot, GB_FACE_UI_BOLD, GB_ROLE_INK, title, x, 18, GB_ALIGN_LEFT) + 12;
  if (note)
    gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL, role (ctx, GB_ROLE_MUTED), note, x, 19, GB_ALIGN_LEFT,
                       MAX (layout->width - x - 12, 1));
}

static void
draw_ghost (const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  double width = 86, gap = 26, x = (ctx->width - 4 * width - 3 * gap) / 2, y = MAX (ctx->height / 2 - 66, 8);

  gtk_snapshot_push_opacity (snapshot, 0.3);
  for (int i = 0; i < 4; i++)
    {
      double left = x + i * (width + gap);
      gb_draw_box (snapshot, NULL, role (ctx, GB_ROLE_RULE_STRONG), left, y, width, 38, 5, 1.5);
      gb_draw_fill (snapshot, role (ctx, GB_ROLE_RULE), left + 10, y + 24, 24 + 12 * (i % 3), 5);
      if (i < 3)
        {
          gb_draw_hline (snapshot, role (ctx, GB_ROLE_RULE_STRONG), left + width, left + width + gap - 5,
                         y + 19, 1.5);
          gb_draw_arrow_head (snapshot, role (ctx, GB_ROLE_RULE_STRONG), left + width + gap, y + 19, 0, 7);
        }
    }
  gtk_snapshot_pop (snapshot);
  gb_draw_empty (ctx, snapshot, empty_text ());
}

void
gb_flow_draw (const GbFlowLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  if (layout->flow->kind == GB_FLOW_NONE)
    {
      draw_ghost (ctx, snapshot);
      return;
    }
  draw_header (layout, ctx, snapshot);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (0, GB_FLOW_TOP));
  gtk_snapshot_scale (snapshot, (float) layout->zoom, (float) layout->zoom);
  for (guint i = 0; i < layout->arrows->len; i++)
    draw_arrow (layout, &g_array_index (layout->arrows, GbFlowArrow, i), ctx, snapshot);
  for (guint i = 0; i < layout->arrows->len; i++)
    draw_count (layout, &g_array_index (layout->arrows, GbFlowArrow, i), ctx, snapshot);
  for (guint i = 0; i < layout->boxes->len; i++)
    draw_box (layout, &g_array_index (layout->boxes, GbFlowBox, i), ctx, snapshot);
  gtk_snapshot_restore (snapshot);
}

/* ---- overlay ---- */

static void
draw_frame (const GbFlowLayout *layout,
            int nth,
            GbRole color,
            double line,
            const GbDrawContext *ctx,
            GtkSnapshot *snapshot)
{
  const GbFlowBox *box;

  if (nth < 0)
    return;
  box = &g_array_index (layout->boxes, GbFlowBox, nth);
  gb_draw_box (snapshot, NULL, role (ctx, color), box->x * layout->zoom - 4,
               GB_FLOW_TOP + box->y * layout->zoom - 4, box->width * layout->zoom + 8,
               box->height * layout->zoom + 8, 8, line);
}

static void
draw_tip (const GbFlowLayout *layout, guint nth, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbFlowBox *box = &g_array_index (layout->boxes, GbFlowBox, nth);
  g_autofree char *text = gb_flow_stage_text (layout->trace, layout->flow, nth);
  const GbFlowStage *stage = stage_at (layout->flow, nth);
  g_autofree char *round = NULL;
  const char *lines[2] = { text, NULL };
  char duration[32];

  if (layout->flow->kind == GB_FLOW_TRAINING && stage->round_count && stage->round_nsec)
    lines[1] = round = g_strdup_printf (_ ("in this iteration\t%s"),
                                        gb_number_duration (stage->round_nsec, duration, sizeof duration));
  gb_draw_tip (ctx, snapshot, (box->x + box->width / 2) * layout->zoom,
               GB_FLOW_TOP + (box->y + box->height) * layout->zoom, lines, lines[1] ? 2 : 1);
}

void
gb_flow_draw_overlay (const GbFlowLayout *layout,
                      GbSelection *selection,
                      const GbDrawContext *ctx,
                      GtkSnapshot *snapshot)
{
  int hover = gb_flow_layout_find (layout, gb_selection_get_hover (selection));

  draw_frame (layout, gb_flow_layout_find (layout, gb_selection_get_pin (selection)), GB_ROLE_ACCENT, 2, ctx,
              snapshot);
  draw_frame (layout, hover, GB_ROLE_RULE_STRONG, 1, ctx, snapshot);
  if (hover >= 0 && !(ctx->options & GB_DRAW_STATIC))
    draw_tip (layout, (guint) hover, ctx, snapshot);
}
