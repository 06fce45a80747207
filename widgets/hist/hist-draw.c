#include "hist/hist-draw.h"

#include <math.h>

#include "common/i18n.h"
#include "common/number-format.h"
#include "core/dtype.h"

static const GdkRGBA *
role (const GbDrawContext *ctx, GbRole which)
{
  return gb_theme_role (ctx->theme, which);
}

const char *
gb_hist_empty_text (void)
{
  return _ ("Make a tensor, or give one to gb.watch.");
}

static void
draw_ghost (const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  double w = MAX (MIN (ctx->width - 60, 380), 20), h = MAX (MIN (ctx->height - 60, 180), 20),
         x = (ctx->width - w) / 2, y = (ctx->height - h) / 2;
  cairo_t *cr;

  gtk_snapshot_push_opacity (snapshot, 0.3);
  cr = gb_draw_cairo (snapshot, x, y, w, h);
  gdk_cairo_set_source_rgba (cr, role (ctx, GB_ROLE_INK));
  cairo_set_line_width (cr, 1);
  for (int ridge = 0; ridge < 6; ridge++)
    for (int i = 0; i <= 60; i++)
      {
        double t = (i - 30) / 9.0, px = x + w * i / 60,
               py = y + h * (0.4 + 0.1 * ridge) - h * 0.35 * exp (-t * t / 2);
        if (i == 0)
          cairo_move_to (cr, px, py);
        else
          cairo_line_to (cr, px, py);
      }
  cairo_stroke (cr);
  cairo_destroy (cr);
  gtk_snapshot_pop (snapshot);
  gb_draw_empty (ctx, snapshot, gb_hist_empty_text ());
}

static void
draw_header (const GbHistLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbHistograms *series = layout->series;
  const GbHistogram *newest = gb_hist_layout_newest (layout);
  char shape[96];
  double x = 14;

  x += gb_draw_name (ctx, snapshot, GB_FACE_UI_BOLD, series->label, x, 15, layout->width * 0.35) + 10;
  x += gb_draw_text (ctx, snapshot, GB_FACE_MONO, GB_ROLE_INK,
                     gb_shape_tuple (series->ndim, series->sizes, shape, sizeof shape), x, 15, GB_ALIGN_LEFT)
       + 10;
  x += gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_MUTED, te_dtype_name (series->dtype), x, 16,
                     GB_ALIGN_LEFT)
       + 10;
  if (newest->is_part)
    {
      char count[32];
      g_autofree char *note =
          g_strdup_printf (_ ("the first %s elements"), gb_number_count (newest->n, count, sizeof count));
      gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL, role (ctx, GB_ROLE_WARNING), note, x, 16,
                         GB_ALIGN_LEFT, MAX (layout->width - x - 14, 1));
    }
}

/* A curve through the middles of bins, down to the base at both ends. */
static void
ridge_path (const GbHistLayout *layout, guint nth, cairo_t *cr)
{
  const GbHistogram *one = gb_histograms_get (layout->series, nth);
  double base = gb_hist_layout_baseline (layout, nth),
         half = (one->high - one->low) / GB_HISTOGRAM_N_BINS / 2;

  cairo_move_to (cr, gb_hist_layout_x (layout, one->low), base);
  for (guint bin = 0; bin < GB_HISTOGRAM_N_BINS; bin++)
    cairo_line_to (cr, gb_hist_layout_x (layout, gb_histogram_edge (one, bin) + half),
                   base - gb_hist_layout_rise (layout, nth, bin));
  cairo_line_to (cr, gb_hist_layout_x (layout, one->high), base);
}

/* Older ones behind and paler; the newest in ink. */
static void
draw_ridges (const GbHistLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  guint n = layout->series->all->len;
  GdkRGBA fill = *role (ctx, GB_ROLE_SURFACE);
  cairo_t *cr;

  if (n < 2)
    return;
  fill.alpha = 0.85f;
  cr = gb_draw_cairo (snapshot, layout->x - 2, layout->ridge_y - 4, layout->plot_width + 4,
                      layout->ridge_height + 8);
  /* Two dozen curves: bevelled joins cost a third of round ones, and at one pixel nobody sees which they are. */
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_BEVEL);
  cairo_set_antialias (cr, CAIRO_ANTIALIAS_FAST);
  for (guint i = 0; i < n; i++)
    {
      gboolean newest = i + 1 == n;
      GdkRGBA line = *role (ctx, newest ? GB_ROLE_INK : GB_ROLE_FORWARD);
      line.alpha = newest ? 1 : 0.35f + 0.55f * (float) i / (float) n;
      ridge_path (layout, i, cr);
      gdk_cairo_set_source_rgba (cr, &fill);
      cairo_fill_preserve (cr);
      gdk_cairo_set_source_rgba (cr, &line);
      cairo_set_line_width (cr, newest ? 2 : 1);
      cairo_stroke (cr);
    }
  cairo_destroy (cr);
  double last_y = -100;
  for (guint i = n; i > 0; i--)
    {
      double y = gb_hist_layout_baseline (layout, i - 1);
      char text[32];
      if (i < n && (fabs (y - last_y) < 16 || (i > 1 && y - gb_hist_layout_baseline (layout, 0) < 14)))
        continue;
      g_snprintf (text, sizeof text, "%lu", gb_histograms_get (layout->series, i - 1)->iteration);
      gb_draw_text (ctx, snapshot, GB_FACE_GUTTER, i == n ? GB_ROLE_INK : GB_ROLE_MUTED, text, layout->x - 8,
                    y - 3, GB_ALIGN_RIGHT);
      last_y = y;
    }
}

static void
draw_axis (const GbHistLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  double y = layout->bars_y + layout->bars_height, last_x = -100;
  char text[48];

  gb_draw_hline (snapshot, role (ctx, GB_ROLE_RULE_STRONG), layout->x, layout->x + layout->plot_width, y, 1);
  for (guint i = 0; i < layout->axis.n_ticks; i++)
    {
      double value = gb_axis_tick (&layout->axis, i), x = gb_hist_layout_x (layout, value), half;
      if (value < layout->axis.low || value > layout->axis.high)
        continue;
      gb_axis_label (&layout->axis, value, text, sizeof text);
      half = gb_draw_text_width (ctx, GB_FACE_GUTTER, text) / 2;
      gb_draw_vline (snapshot, role (ctx, GB_ROLE_RULE), x, layout->ridge_y, y, 1);
      gb_draw_vline (snapshot, role (ctx, GB_ROLE_RULE_STRONG), x, y, y + 4, 1);
      if (x - half < last_x + 6)
        continue;
      gb_draw_text (ctx, snapshot, GB_FACE_GUTTER, GB_ROLE_MUTED, text, x, y + 12, GB_ALIGN_CENTER);
      last_x = x + half;
    }
}

static void
draw_bars (const GbHistLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbHistogram *one = gb_hist_layout_newest (layout);
  double bottom = layout->bars_y + layout->bars_height;
  char text[48], count[32];

  for (guint bin = 0; bin < GB_HISTOGRAM_N_BINS; bin++)
    {
      double x0 = gb_hist_layout_x (layout, gb_histogram_edge (one, bin)),
             x1 = gb_hist_layout_x (layout, gb_histogram_edge (one, bin + 1)),
             height = gb_hist_layout_bar (layout, bin);
      /* One element among a million is still seen. */
      if (one->bins[bin] > 0)
        gb_draw_fill (snapshot, role (ctx, GB_ROLE_FORWARD), x0, bottom - MAX (height, 1),
                      MAX (x1 - x0 - (x1 - x0 > 4 ? 1 : 0), 0.5), MAX (height, 1));
    }
  gb_number_count ((gint64) one->most, count, sizeof count);
  g_snprintf (text, sizeof text, "%s", count);
  if (layout->series->all->len > 1)
    gb_draw_text (ctx, snapshot, GB_FACE_GUTTER, GB_ROLE_MUTED, text, layout->x - 8, layout->bars_y + 5,
                  GB_ALIGN_RIGHT);
  if (isfinite (one->mean) && one->mean >= layout->axis.low && one->mean <= layout->axis.high)
    gb_draw_dashed_line (snapshot, role (ctx, GB_ROLE_INK), gb_hist_layout_x (layout, one->mean),
                         layout->bars_y - 6, gb_hist_layout_x (layout, one->mean), bottom, 1, 2, 2);
}

typedef struct
{
  const char *name;
  char text[64];
  GbRole color;
  double share; /* a bar, < 0: none */
} Line;

static guint
number_lines (const GbHistogram *one, Line *lines)
{
  char number[48];
  guint n = 0;
  const struct
  {
    const char *name;
    double value;
  } numbers[] = { { _ ("mean"), one->mean },
                  { _ ("deviation"), one->std },
                  { _ ("least"), one->least },
                  { _ ("greatest"), one->greatest } };
  const struct
  {
    const char *name;
    gint64 count;
    GbRole color;
  } counts[] = { { _ ("zeros"), one->zeros, GB_ROLE_INK },
                 { "NaN", one->nans, GB_ROLE_ERROR },
                 { "Inf", one->infs, GB_ROLE_ERROR } };

  lines[n] = (Line){ .name = _ ("elements"), .color = GB_ROLE_INK, .share = -1 };
  gb_number_count (one->n, lines[n++].text, sizeof lines[0].text);
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    if (isfinite (numbers[i].value))
      {
        lines[n] = (Line){ .name = numbers[i].name, .color = GB_ROLE_INK, .share = -1 };
        g_strlcpy (lines[n++].text, gb_number_text (numbers[i].value, 4, number, sizeof number),
                   sizeof lines[0].text);
      }
  for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
    if (counts[i].count >= 0)
      {
        lines[n] = (Line){ .name = counts[i].name,
                           .color = counts[i].count ? counts[i].color : GB_ROLE_MUTED,
                           .share = one->n ? (double) counts[i].count / (double) one->n : 0 };
        gb_number_count (counts[i].count, lines[n++].text, sizeof lines[0].text);
      }
  return n;
}

static void
draw_numbers (const GbHistLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  Line lines[16];
  const GbHistogram *one = gb_hist_layout_newest (layout);
  guint n = number_lines (one, lines);
  double x = layout->numbers_x, end = layout->width - 14, y = layout->ridge_y + 10;

  if (x <= 0)
    {
      g_autofree char *text = gb_hist_numbers_text (one);
      gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL,
                         role (ctx, one->nans || one->infs ? GB_ROLE_ERROR : GB_ROLE_INK), text, 14,
                         layout->height - 9, GB_ALIGN_LEFT, layout->width - 28);
      return;
    }
  for (guint i = 0; i < n && y < layout->height - 10; i++, y += 20)
    {
      gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_MUTED, lines[i].name, x, y, GB_ALIGN_LEFT);
      gb_draw_text (ctx, snapshot, GB_FACE_CELL, lines[i].color, lines[i].text, end, y, GB_ALIGN_RIGHT);
      if (lines[i].share < 0)
        continue;
      gb_draw_fill (snapshot, role (ctx, GB_ROLE_RULE), x, y + 8, end - x, 2);
      if (lines[i].share > 0)
        gb_draw_fill (snapshot, role (ctx, lines[i].color), x, y + 7, MAX ((end - x) * lines[i].share, 2), 4);
      y += 6;
    }
  if (layout->options.log_y && y < layout->height - 10)
    gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_MUTED, _ ("counts: logarithmic"), x, y,
                  GB_ALIGN_LEFT);
}

void
gb_hist_draw (const GbHistLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  if (layout->series == NULL)
    {
      draw_ghost (ctx, snapshot);
      return;
    }
  draw_header (layout, ctx, snapshot);
  draw_axis (layout, ctx, snapshot);
  draw_ridges (layout, ctx, snapshot);
  draw_bars (layout, ctx, snapshot);
  draw_numbers (layout, ctx, snapshot);
}

/* ---- words ---- */
char *
gb_hist_numbers_text (const GbHistogram *one)
{
  GString *out = g_string_new (NULL);
  Line lines[16];
  guint n = number_lines (one, lines);

  /* What is zero times there is not worth a word, and what is wrong comes first: a narrow pane cuts the end. */
  for (int wrong = 1; wrong >= 0; wrong--)
    for (guint i = 1; i < n; i++)
      if (lines[i].share != 0 && (lines[i].color == GB_ROLE_ERROR) == wrong)
        g_string_append_printf (out, "%s%s %s", out->len ? ", " : "", lines[i].name, lines[i].text);
  return g_string_free (out, FALSE);
}

char *
gb_hist_bin_text (const GbHistogram *one, guint bin)
{
  char low[32], high[32], count[32], all[32];

  gb_number_text (gb_histogram_edge (one, bin), 3, low, sizeof low);
  gb_number_text (gb_histogram_edge (one, bin + 1), 3, high, sizeof high);
  gb_number_count ((gint64) one->bins[bin], count, sizeof count);
  gb_number_count (one->n, all, sizeof all);
  return g_strdup_printf (_ ("%s to %s: %s of %s"), low, high, count, all);
}

/* ---- overlay ---- */
static void
draw_bin (const GbHistLayout *layout, guint bin, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbHistogram *one = gb_hist_layout_newest (layout);
  double x0 = gb_hist_layout_x (layout, gb_histogram_edge (one, bin)),
         x1 = gb_hist_layout_x (layout, gb_histogram_edge (one, bin + 1)), share = 0, below = 0;
  g_autofree char *range = NULL, *count_line = NULL, *share_line = NULL, *below_line = NULL;
  char low[32], high[32], count[32];
  const char *lines[4];

  gb_draw_selection (ctx, snapshot, x0, layout->bars_y, MAX (x1 - x0, 3), layout->bars_height);
  if (ctx->options & GB_DRAW_STATIC)
    return;
  for (guint i = 0; i <= bin; i++)
    below += one->bins[i];
  if (one->n > 0)
    {
      share = one->bins[bin] / (double) one->n;
      below /= (double) one->n;
    }
  gb_number_text (gb_histogram_edge (one, bin), 3, low, sizeof low);
  gb_number_text (gb_histogram_edge (one, bin + 1), 3, high, sizeof high);
  lines[0] = range = g_strdup_printf ("%s … %s", low, high);
  lines[1] = count_line = g_strdup_printf ("%s\t%s", _ ("elements"),
                                           gb_number_count ((gint64) one->bins[bin], count, sizeof count));
  lines[2] = share_line = g_strdup_printf ("%s\t%.3g %%", _ ("share"), share * 100);
  lines[3] = below_line = g_strdup_printf ("%s\t%.3g %%", _ ("up to here"), below * 100);
  gb_draw_tip (ctx, snapshot, x1, layout->bars_y + layout->bars_height / 2, lines, G_N_ELEMENTS (lines));
}

static int
ridge_of (const GbHistLayout *layout, const GbPick *pick)
{
  int found = -1;
  if (!(pick->facets & GB_PICK_ITERATION))
    return -1;
  for (guint i = 0; i < layout->series->all->len; i++)
    if (gb_histograms_get (layout->series, i)->iteration <= pick->iteration)
      found = (int) i;
  return layout->series->all->len > 1 ? found : -1;
}

static void
draw_ridge (
    const GbHistLayout *layout, guint nth, gboolean with_tip, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbHistogram *one = gb_histograms_get (layout->series, nth);
  double base = gb_hist_layout_baseline (layout, nth);
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  Line lines[16];
  guint n = number_lines (one, lines);
  cairo_t *cr = gb_draw_cairo (snapshot, layout->x - 2, layout->ridge_y - 4, layout->plot_width + 4,
                               layout->ridge_height + 8);

  gdk_cairo_set_source_rgba (cr, role (ctx, GB_ROLE_ACCENT));
  cairo_set_line_width (cr, 2);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  ridge_path (layout, nth, cr);
  cairo_stroke (cr);
  cairo_destroy (cr);
  if (!with_tip)
    return;
  g_ptr_array_add (texts, g_strdup_printf (_ ("iteration %lu"), one->iteration));
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (texts, g_strdup_printf ("%s\t%s", lines[i].name, lines[i].text));
  gb_draw_tip (ctx, snapshot, layout->x + layout->plot_width * 0.6, base, (const char *const *) texts->pdata,
               texts->len);
}

void
gb_hist_draw_overlay (const GbHistLayout *layout,
                      GbSelection *selection,
                      const GbDrawContext *ctx,
                      GtkSnapshot *snapshot)
{
  const GbPick *hover = gb_selection_get_hover (selection), *pin = gb_selection_get_pin (selection);
  const GbPick *current = gb_selection_get_current (selection);
  gboolean tips = !(ctx->options & GB_DRAW_STATIC);
  int ridge;

  if (layout->series == NULL)
    return;
  if ((ridge = ridge_of (layout, pin)) >= 0)
    draw_ridge (layout, (guint) ridge, tips && hover->facets == 0, ctx, snapshot);
  if ((ridge = ridge_of (layout, hover)) >= 0)
    draw_ridge (layout, (guint) ridge, tips, ctx, snapshot);
  if ((current->facets & GB_PICK_PART) && (current->facets & GB_PICK_TENSOR)
      && current->tensor == layout->series->tensor && current->part < GB_HISTOGRAM_N_BINS)
    draw_bin (layout, current->part, ctx, snapshot);
}
