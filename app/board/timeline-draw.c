#include "board/timeline-draw.h"

#include "common/i18n.h"
#include "common/number-format.h"

#include <math.h>

static double
inner_width (double width)
{
  return MAX (1, width - 2 * GB_TIMELINE_MARGIN);
}

static double
run_x (double width, double fraction)
{
  return GB_TIMELINE_MARGIN + fraction * inner_width (width);
}

double
gb_timeline_run_fraction (double width, double x)
{
  return CLAMP ((x - GB_TIMELINE_MARGIN) / inner_width (width), 0, 1);
}

double
gb_timeline_tick_x (const GbTimelineModel *model, double width, guint nth)
{
  return GB_TIMELINE_MARGIN
         + (model->ticks->len ? (double) nth / model->ticks->len : 0) * inner_width (width);
}

double
gb_timeline_shift (const GbTimelineModel *model)
{
  return model->branches->len ? model->branches->len * GB_TIMELINE_BRANCH_ROW + 2 : 0;
}

/* The middle of a branch's bar. */
static double
branch_y (int row)
{
  return GB_TIMELINE_RUN_Y + GB_TIMELINE_RUN_HEIGHT + 12 + row * GB_TIMELINE_BRANCH_ROW;
}

int
gb_timeline_row_at (const GbTimelineModel *model, double y)
{
  double first = branch_y (0) - GB_TIMELINE_BRANCH_ROW / 2.0;
  if (y < first)
    return -1;
  int row = (int) floor ((y - first) / GB_TIMELINE_BRANCH_ROW);
  return row < (int) model->branches->len                              ? row
         : y < GB_TIMELINE_ITERATION_Y + gb_timeline_shift (model) - 6 ? -1
                                                                       : -2;
}

int
gb_timeline_tick_at (const GbTimelineModel *model, double width, double x)
{
  if (!model->ticks->len)
    return -1;
  int nth = (x - GB_TIMELINE_MARGIN) / inner_width (width) * model->ticks->len;
  return CLAMP (nth, 0, (int) model->ticks->len - 1);
}

/* ---- the run ---- */

static void
draw_sparkline (const GbTimelineModel *model, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  guint n = model->loss ? gb_series_get_n (model->loss) : 0;
  double low = INFINITY, high = -INFINITY;
  for (guint i = 0; i < n; i++)
    {
      const GbBucket *bucket = gb_series_get (model->loss, i);
      if (isfinite (bucket->min))
        {
          low = MIN (low, bucket->min);
          high = MAX (high, bucket->max);
        }
    }
  if (n < 2 || !(high > low) || !model->n_run)
    return;
  /* One bar per pixel column at most, without gaps; native nodes, no path. */
  GdkRGBA ink = *gb_theme_role (ctx->theme, GB_ROLE_MUTED);
  ink.alpha = 0.35f;
  double base = GB_TIMELINE_RUN_Y + GB_TIMELINE_RUN_HEIGHT, room = GB_TIMELINE_RUN_HEIGHT - 4;
  double from = -1, sum = 0;
  guint count = 0;
  for (guint i = 0; i < n; i++)
    {
      const GbBucket *bucket = gb_series_get (model->loss, i);
      double x0 = run_x (ctx->width, (bucket->x0 ? bucket->x0 - 1 : 0) / (double) model->extent);
      double x1 = run_x (ctx->width, bucket->x1 / (double) model->extent);
      if (!isfinite (bucket->min))
        continue;
      if (from < 0)
        from = x0;
      sum += gb_bucket_mean (bucket);
      count++;
      if (x1 - from < 1 && i + 1 < n)
        continue;
      double height = MAX (1, (sum / count - low) / (high - low) * room);
      gb_draw_fill (snapshot, &ink, from, base - height, MAX (1, x1 - from), height);
      from = -1;
      sum = count = 0;
    }
}

static void
draw_run (const GbTimelineModel *model, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  double left = run_x (ctx->width, 0), y = GB_TIMELINE_RUN_Y, h = GB_TIMELINE_RUN_HEIGHT;
  const GdkRGBA *rule = gb_theme_role (ctx->theme, GB_ROLE_RULE);
  GdkRGBA faint = *rule;
  faint.alpha = 0.45f;
  gb_draw_fill (snapshot, &faint, left, y, inner_width (ctx->width), h);
  double done = model->n_run || model->n_iterations ? (double) model->n_run / model->extent
                : model->last_seq                   ? 1
                                                    : 0;
  gb_draw_fill (snapshot, rule, left, y, done * inner_width (ctx->width), h);
  draw_sparkline (model, ctx, snapshot);

  double last_label = -1000;
  for (guint i = 0; i < model->epochs->len; i++)
    {
      double x = run_x (ctx->width, g_array_index (model->epochs, double, i));
      gb_draw_vline (snapshot, gb_theme_role (ctx->theme, GB_ROLE_SURFACE), x, y, y + h, 1);
      g_autofree char *text = g_strdup_printf (_ ("epoch %u"), i + 1);
      double width = gb_draw_text_width (ctx, GB_FACE_SMALL, text);
      double next = i + 1 < model->epochs->len
                        ? run_x (ctx->width, g_array_index (model->epochs, double, i + 1))
                        : ctx->width - GB_TIMELINE_MARGIN;
      if (x > last_label && x + width + 10 < next)
        {
          gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_INK, text, x + 6, y + h / 2, GB_ALIGN_LEFT);
          last_label = x + width + 12;
        }
    }
}

static void
draw_diamond (GtkSnapshot *snapshot, const GdkRGBA *color, double x, double y, double radius)
{
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (x, y));
  gtk_snapshot_rotate (snapshot, 45);
  double side = radius * G_SQRT2;
  gtk_snapshot_append_color (snapshot, color, &GRAPHENE_RECT_INIT (-side / 2, -side / 2, side, side));
  gtk_snapshot_restore (snapshot);
}

/* A mark of the program, or a bookmark of the person's. */
typedef struct
{
  double x; /* pixels */
  const char *text;
  guint32 type; /* TeRecordType; 0: a bookmark */
} Label;

static int
compare_labels (gconstpointer a, gconstpointer b)
{
  const Label *one = a, *other = b;
  return one->x < other->x ? -1 : one->x > other->x;
}

/* Returns up to where the row is taken. */
static double
draw_label (const GbDrawContext *ctx, GtkSnapshot *snapshot, const Label *label, double y, double free_from)
{
  gboolean bad = label->type == TE_RECORD_EXCEPTION || label->type == TE_RECORD_CHECK;
  GbRole role = bad ? GB_ROLE_ERROR : label->type ? GB_ROLE_MUTED : GB_ROLE_INK;
  double width = gb_draw_text_width (ctx, GB_FACE_SMALL, label->text);
  gboolean at_right = label->x + width + 14 > ctx->width - GB_TIMELINE_MARGIN;
  double start = at_right ? label->x - width - 10 : label->x - 5;
  if (start < free_from && !bad && label->type)
    return free_from;
  if (label->type == TE_RECORD_MARK || !label->type)
    draw_diamond (snapshot, gb_theme_role (ctx->theme, role), label->x, y, 4.5);
  else
    gb_draw_text (ctx, snapshot, GB_FACE_SMALL_BOLD, role, label->type == TE_RECORD_ASK ? "?" : "✕", label->x, y,
                  GB_ALIGN_CENTER);
  if (start < free_from)
    return free_from;
  gb_draw_text (ctx, snapshot, GB_FACE_SMALL, role, label->text, at_right ? label->x - 8 : label->x + 8, y,
                at_right ? GB_ALIGN_RIGHT : GB_ALIGN_LEFT);
  return MAX (label->x + 6, start + width + 22);
}

static void
draw_marks (const GbTimelineModel *model,
            const GbDrawContext *ctx,
            GtkSnapshot *snapshot,
            const GArray *bookmarks,
            GbTrace *trace)
{
  g_autoptr (GArray) labels = g_array_new (FALSE, FALSE, sizeof (Label));
  for (guint i = 0; i < model->marks->len; i++)
    {
      const GbRunMark *mark = &g_array_index (model->marks, GbRunMark, i);
      Label label = { run_x (ctx->width, mark->x), mark->text, mark->type };
      g_array_append_val (labels, label);
    }
  for (guint i = 0; i < bookmarks->len; i++)
    {
      const GbBookmark *bookmark = &g_array_index (bookmarks, GbBookmark, i);
      double x = run_x (ctx->width, gb_timeline_model_x_of (model, trace, bookmark->seq));
      Label label = { x, bookmark->note, 0 };
      g_array_append_val (labels, label);
      draw_diamond (snapshot, gb_theme_role (ctx->theme, GB_ROLE_INK), x, GB_TIMELINE_RUN_Y, 4);
    }
  g_array_sort (labels, compare_labels);
  double free_from = -1000, y = 44 + gb_timeline_shift (model);
  for (guint i = 0; i < labels->len; i++)
    free_from = draw_label (ctx, snapshot, &g_array_index (labels, Label, i), y, free_from);
}

/* ---- the iteration ---- */

static void
draw_iteration (const GbTimelineModel *model, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  double y = GB_TIMELINE_ITERATION_Y + gb_timeline_shift (model), h = GB_TIMELINE_ITERATION_HEIGHT;
  GdkRGBA faint = *gb_theme_role (ctx->theme, GB_ROLE_RULE);
  faint.alpha = 0.45f;
  gb_draw_fill (snapshot, &faint, GB_TIMELINE_MARGIN, y, inner_width (ctx->width), h);
  guint n = model->ticks->len;
  for (guint i = 0; i < n;)
    {
      GbPhase phase = g_array_index (model->ticks, GbTick, i).phase;
      guint end = i;
      gboolean ghost = g_array_index (model->ticks, GbTick, i).is_ghost;
      while (end < n && g_array_index (model->ticks, GbTick, end).phase == phase
             && g_array_index (model->ticks, GbTick, end).is_ghost == ghost)
        end++;
      double x0 = gb_timeline_tick_x (model, ctx->width, i), x1 = gb_timeline_tick_x (model, ctx->width, end);
      GdkRGBA fill = *gb_theme_role (ctx->theme, phase == GB_PHASE_BACKWARD ? GB_ROLE_BACKWARD
                                                 : phase == GB_PHASE_STEP   ? GB_ROLE_RULE_STRONG
                                                                            : GB_ROLE_FORWARD);
      fill.alpha = ghost ? 0.1f : 0.28f;
      gb_draw_fill (snapshot, &fill, x0, y, MAX (1, x1 - x0 - 1), h);
      const char *name = gb_phase_get_name (phase);
      if (gb_draw_text_width (ctx, GB_FACE_SMALL, name) + 8 < x1 - x0)
        gb_draw_text (ctx, snapshot, GB_FACE_SMALL, ghost ? GB_ROLE_MUTED : GB_ROLE_INK, name, x0 + 6,
                      y + h / 2, GB_ALIGN_LEFT);
      i = end;
    }
  if (n > 1 && inner_width (ctx->width) / n >= 4)
    for (guint i = 0; i < n; i++)
      gb_draw_vline (snapshot, gb_theme_role (ctx->theme, GB_ROLE_RULE_STRONG),
                     gb_timeline_tick_x (model, ctx->width, i), y + h, y + h + 4, 1);
  if (model->tick >= 0)
    {
      const GdkRGBA *accent = gb_theme_role (ctx->theme, GB_ROLE_ACCENT);
      double x0 = gb_timeline_tick_x (model, ctx->width, model->tick);
      double x1 = gb_timeline_tick_x (model, ctx->width, model->tick + 1);
      double x = (x0 + x1) / 2;
      gb_draw_vline (snapshot, accent, x, y - 4, y + h + 4, 2);
      const char *name = g_array_index (model->ticks, GbTick, model->tick).name;
      double width = gb_draw_text_width (ctx, GB_FACE_SMALL_BOLD, name);
      double at = CLAMP (x + 6, GB_TIMELINE_MARGIN, ctx->width - GB_TIMELINE_MARGIN - width);
      gb_draw_text (ctx, snapshot, GB_FACE_SMALL_BOLD, GB_ROLE_ACCENT, name, at, y + h + 9, GB_ALIGN_LEFT);
    }
}

/* iteration: the one that begins there. */
static double
snapshot_x (const GbTimelineModel *model, const GbDrawContext *ctx, guint64 iteration)
{
  return run_x (ctx->width, CLAMP ((iteration ? iteration - 1.0 : 0) / (double) MAX (1, model->extent), 0, 1));
}

/* Short strokes under the run: from there a way back has the least to run again. */
static void
draw_snapshots (const GbTimelineModel *model, const GbDrawContext *ctx, GtkSnapshot *snapshot, const GArray *iterations)
{
  double y = GB_TIMELINE_RUN_Y + GB_TIMELINE_RUN_HEIGHT + 2;
  for (guint i = 0; model->last_seq && i < iterations->len; i++)
    gb_draw_fill (snapshot, gb_theme_role (ctx->theme, GB_ROLE_MUTED),
                  round (snapshot_x (model, ctx, g_array_index (iterations, guint64, i))) - 1, y, 3, 3);
}

/* A thin row each, joined where it parts; the letter says with which of them the run is compared. */
static void
draw_branches (const GbTimelineModel *model, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  for (guint i = 0; i < model->branches->len; i++)
    {
      const GbTimelineBranch *branch = &g_array_index (model->branches, GbTimelineBranch, i);
      double y = branch_y (branch->row), x0 = round (run_x (ctx->width, branch->x0)),
             x1 = run_x (ctx->width, branch->x1);
      double top =
          branch->parent < 0 ? GB_TIMELINE_RUN_Y + GB_TIMELINE_RUN_HEIGHT : branch_y (branch->parent) + 3;
      const GdkRGBA *line = gb_theme_role (ctx->theme, GB_ROLE_RULE_STRONG);
      GdkRGBA fill = *line;
      fill.alpha = branch->is_shown ? 0.8f : 0.45f;
      gb_draw_vline (snapshot, line, x0 + 0.5, MIN (top, y), MAX (top, y), 1.5);
      gb_draw_fill (snapshot, &fill, x0, y - 3, MAX (3, x1 - x0), 6);
      g_autofree char *text = g_strdup_printf (branch->is_beside ? "%u B" : "%u", branch->id);
      double width = gb_draw_text_width (ctx, GB_FACE_GUTTER, text);
      gboolean fits = MAX (x0 + 3, x1) + 6 + width < ctx->width;
      gb_draw_text (ctx, snapshot, GB_FACE_GUTTER, branch->is_shown ? GB_ROLE_INK : GB_ROLE_MUTED, text,
                    fits ? MAX (x0 + 3, x1) + 5 : x0 - 5, y, fits ? GB_ALIGN_LEFT : GB_ALIGN_RIGHT);
    }
  guint hidden = model->n_branches - model->branches->len;
  if (hidden)
    {
      g_autofree char *text = g_strdup_printf ("+%u", hidden);
      gb_draw_text (ctx, snapshot, GB_FACE_GUTTER, GB_ROLE_MUTED, text, GB_TIMELINE_MARGIN,
                    branch_y ((int) model->branches->len - 1), GB_ALIGN_LEFT);
    }
}

static void
draw_playhead (const GbTimelineModel *model, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  if (!model->last_seq)
    return;
  const GdkRGBA *accent = gb_theme_role (ctx->theme, GB_ROLE_ACCENT);
  double x = run_x (ctx->width, model->playhead);
  int row = gb_timeline_model_shown_row (model);
  if (row >= 0)
    {
      double y = branch_y (row);
      gb_draw_arrow_head (snapshot, accent, x, y - 3, G_PI_2, 7);
      gb_draw_vline (snapshot, accent, x, y - 6, y + 6, 2);
      return;
    }
  gb_draw_arrow_head (snapshot, accent, x, GB_TIMELINE_RUN_Y, G_PI_2, 9);
  gb_draw_vline (snapshot, accent, x, GB_TIMELINE_RUN_Y - 2, GB_TIMELINE_RUN_Y + GB_TIMELINE_RUN_HEIGHT + 3,
                 2);
}

/* What a branch is: where it parted, how far it came, what was changed, and what its loss was beside the
 * run's. */
static void
draw_branch_tip (const GbTimelineModel *model,
                 const GbTimelineBranch *branch,
                 const GbDrawContext *ctx,
                 GtkSnapshot *snapshot,
                 double x)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  char own[32], runs[32];
  g_ptr_array_add (lines, g_strdup_printf (_ ("branch %u\tread only"), branch->id));
  g_ptr_array_add (lines, g_strdup_printf (_ ("parts in iteration\t%lu"), branch->parted_iteration));
  g_ptr_array_add (
      lines, g_strdup_printf (_ ("iterations\t%lu, the run %lu"), branch->last_iteration, model->n_run));
  if (isfinite (branch->loss) && model->loss && gb_series_get_n (model->loss))
    {
      gb_number_text (branch->loss, 3, own, sizeof own);
      gb_number_text (gb_series_get (model->loss, gb_series_get_n (model->loss) - 1)->last, 3, runs,
                      sizeof runs);
      g_ptr_array_add (lines,
                       g_strdup_printf (_ ("%s at the end\t%s, the run %s"), model->loss_name, own, runs));
    }
  if (branch->changes)
    g_ptr_array_add (lines, g_strdup (branch->changes));
  gb_draw_tip (ctx, snapshot, x, GB_TIMELINE_RUN_Y, (const char *const *) lines->pdata, lines->len);
}

static void
draw_hover (const GbTimelineModel *model, const GbDrawContext *ctx, GtkSnapshot *snapshot, const GbTimelineNotes *notes)
{
  double x = notes->hover_x;
  int row = gb_timeline_row_at (model, notes->hover_y);
  if (row >= 0)
    {
      draw_branch_tip (model, &g_array_index (model->branches, GbTimelineBranch, row), ctx, snapshot, x);
      return;
    }
  double fraction = gb_timeline_run_fraction (ctx->width, x);
  guint64 iteration = fraction * model->extent + 1;
  if (!model->n_run || iteration > model->n_run)
    return;
  gb_draw_vline (snapshot, gb_theme_role (ctx->theme, GB_ROLE_INK), x, GB_TIMELINE_RUN_Y,
                 GB_TIMELINE_RUN_Y + GB_TIMELINE_RUN_HEIGHT, 1);
  g_autofree char *first = g_strdup_printf ("%s\t%" G_GUINT64_FORMAT, _ ("iteration"), iteration);
  g_autofree char *second = NULL;
  int at = model->loss ? gb_series_find (model->loss, iteration) : -1;
  if (at >= 0)
    second = g_strdup_printf ("%s\t%.4g", model->loss_name, gb_bucket_mean (gb_series_get (model->loss, at)));
  const char *lines[3] = { first };
  guint n = 1;
  if (second)
    lines[n++] = second;
  for (guint i = 0; i < notes->snapshots->len; i++)
    if (fabs (snapshot_x (model, ctx, g_array_index (notes->snapshots, guint64, i)) - x) < 4)
      {
        lines[n++] = _ ("snapshot");
        break;
      }
  gb_draw_tip (ctx, snapshot, x, GB_TIMELINE_RUN_Y + 8, lines, n);
}

void
gb_timeline_draw (const GbTimelineModel *model,
                  const GbDrawContext *ctx,
                  GtkSnapshot *snapshot,
                  const GbTimelineNotes *notes,
                  GbTrace *trace)
{
  draw_run (model, ctx, snapshot);
  draw_branches (model, ctx, snapshot);
  draw_iteration (model, ctx, snapshot);
  draw_marks (model, ctx, snapshot, notes->bookmarks, trace);
  draw_snapshots (model, ctx, snapshot, notes->snapshots);
  draw_playhead (model, ctx, snapshot);
  if (notes->hover_x >= 0)
    draw_hover (model, ctx, snapshot, notes);
}
