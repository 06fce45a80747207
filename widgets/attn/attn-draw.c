#include "attn/attn-draw.h"

#include <math.h>

#include "common/i18n.h"
#include "common/number-format.h"

static const GdkRGBA *
role (const GbDrawContext *ctx, GbRole which)
{
  return gb_theme_role (ctx->theme, which);
}

/* Weights in cells: ".88", "1.00", "~0", "0". */
static const char *
weight_text (double weight, char *buffer, gsize nbytes)
{
  if (weight == 0)
    return "0";
  if (isnan (weight))
    return "nan";
  if (weight < 0.005)
    return "~0";
  g_snprintf (buffer, nbytes, "%.2f", weight);
  return *buffer == '0' ? buffer + 1 : buffer;
}

static void
draw_map (const GbAttentionLayer *layer,
          guint head,
          const GbDrawContext *ctx,
          GtkSnapshot *snapshot,
          double x,
          double y,
          double width,
          double height)
{
  g_autofree guint32 *pixels = g_new (guint32, (gsize) layer->queries * layer->keys);
  const GdkRGBA *surface = role (ctx, GB_ROLE_SURFACE);
  guint32 masked = 0xff000000u | (guint32) lround (surface->red * 255) << 16
                   | (guint32) lround (surface->green * 255) << 8 | (guint32) lround (surface->blue * 255);
  for (guint query = 0; query < layer->queries; query++)
    for (guint key = 0; key < layer->keys; key++)
      {
        double weight = gb_attention_weight (layer, head, query, key);
        pixels[(gsize) query * layer->keys + key] =
            gb_attention_is_masked (layer, query, key)
                ? masked
                : gb_theme_map_argb (ctx->theme, GB_MAP_SEA, isnan (weight) ? 0 : weight);
      }
  gb_draw_pixels (snapshot, pixels, (int) layer->keys, (int) layer->queries, x, y, width, height);
}

/* Outline of what can be read: a staircase for causal maps, a box otherwise. */
static void
draw_outline (const GbAttentionLayer *layer,
              const GbDrawContext *ctx,
              GtkSnapshot *snapshot,
              double x,
              double y,
              double width,
              double height)
{
  const GdkRGBA *color = role (ctx, GB_ROLE_RULE_STRONG);
  double cell = width / layer->keys, row = height / layer->queries;
  guint shift = layer->keys >= layer->queries ? layer->keys - layer->queries : 0;
  if (!layer->is_causal || row < 2)
    {
      gb_draw_box (snapshot, NULL, color, x, y, width, height, 0, 1);
      return;
    }
  for (guint query = 0; query < layer->queries; query++)
    {
      double right = x + cell * MIN (query + shift + 1, layer->keys);
      gb_draw_vline (snapshot, color, right, y + query * row, y + (query + 1) * row, 1);
      gb_draw_hline (snapshot, color, query ? right - cell : x, right, y + query * row, 1);
    }
  gb_draw_vline (snapshot, color, x, y, y + height, 1);
  gb_draw_hline (snapshot, color, x, x + width, y + height, 1);
}

static char *
head_title (const GbAttention *attention, guint layer, guint head)
{
  return attention->layers->len > 1 ? g_strdup_printf (_ ("layer %u head %u"), layer + 1, head + 1)
                                    : g_strdup_printf (_ ("head %u"), head + 1);
}

static void
draw_small (const GbAttention *attention,
            const GbAttnLayout *layout,
            const GbAttnSmall *small,
            const GbDrawContext *ctx,
            GtkSnapshot *snapshot)
{
  const GbAttentionLayer *layer = gb_attention_layer (attention, small->layer);
  gboolean chosen = layout->has_large && small->layer == layout->layer && small->head == layout->head;
  g_autofree char *title = layout->captions ? head_title (attention, small->layer, small->head)
                                            : g_strdup_printf ("%u·%u", small->layer + 1, small->head + 1);
  double room = layout->small_width - 8, y = small->y + small->size + 14;
  char from[16], to[16], text[128];
  GbHeadSummary summary;

  gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL_BOLD, role (ctx, chosen ? GB_ROLE_ACCENT : GB_ROLE_MUTED),
                     title, small->x,
                     small->y - (layout->captions ? 12 : 8), GB_ALIGN_LEFT, room);
  draw_map (layer, small->head, ctx, snapshot, small->x, small->y, small->size, small->size);
  draw_outline (layer, ctx, snapshot, small->x, small->y, small->size, small->size);
  if (!layout->captions)
    return;
  gb_attention_summarize (layer, small->head, &summary);
  g_snprintf (text, sizeof text, _ ("most: %s → %s  %.2f"),
              gb_attention_query_label (layer, summary.best_query, from, sizeof from),
              gb_attention_key_label (layer, summary.best_key, to, sizeof to), summary.best);
  gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL, role (ctx, GB_ROLE_INK), text, small->x, y, GB_ALIGN_LEFT,
                     room);
  if (!layout->statistics)
    return;
  g_snprintf (text, sizeof text, _ ("spread %.1f bit"), summary.spread);
  gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL, role (ctx, GB_ROLE_MUTED), text, small->x, y + 16,
                     GB_ALIGN_LEFT, room);
  g_snprintf (text, sizeof text, _ ("before %.2f  itself %.2f"), summary.to_previous, summary.to_itself);
  gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL, role (ctx, GB_ROLE_MUTED), text, small->x, y + 32,
                     GB_ALIGN_LEFT, room);
}

static void
draw_digits (const GbAttentionLayer *layer,
             const GbAttnLayout *layout,
             const GbDrawContext *ctx,
             GtkSnapshot *snapshot)
{
  char buffer[16];
  for (guint query = 0; query < layer->queries; query++)
    for (guint key = 0; key < layer->keys; key++)
      {
        double weight = gb_attention_weight (layer, layout->head, query, key);
        GdkRGBA cell;
        if (gb_attention_is_masked (layer, query, key))
          continue;
        gb_theme_map (ctx->theme, GB_MAP_SEA, isnan (weight) ? 0 : weight, &cell);
        gb_draw_text_rgba (ctx, snapshot, GB_FACE_CELL, gb_theme_digit_color (&cell),
                           weight_text (weight, buffer, sizeof buffer),
                           layout->x + (key + 0.5) * layout->cell_width,
                           layout->y + (query + 0.5) * layout->cell_height, GB_ALIGN_CENTER, 0);
      }
}

static void
draw_axis_labels (const GbAttention *attention,
                  const GbAttentionLayer *layer,
                  const GbAttnLayout *layout,
                  const GbDrawContext *ctx,
                  GtkSnapshot *snapshot)
{
  guint row_step = (guint) MAX (1, ceil (13 / layout->cell_height)),
        column_step = (guint) MAX (1, ceil (20 / layout->cell_width));
  char buffer[16];
  for (guint query = 0; query < layer->queries; query += row_step)
    gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL, role (ctx, GB_ROLE_INK),
                       gb_attention_query_label (layer, query, buffer, sizeof buffer), layout->x - 8,
                       layout->y + (query + 0.5) * layout->cell_height, GB_ALIGN_RIGHT,
                       layout->label_width - 10);
  for (guint key = 0; key < layer->keys; key += column_step)
    gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL, role (ctx, GB_ROLE_INK),
                       gb_attention_key_label (layer, key, buffer, sizeof buffer),
                       layout->x + (key + 0.5) * layout->cell_width, layout->y - 12, GB_ALIGN_CENTER,
                       layout->cell_width * column_step - 2);
}

/* ◂ head 2 of 4 ▸, the arrow faint where there is no further. */
static void
draw_stepper (const GbAttnLayout *layout, const GbAttnStepper *stepper, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  g_autofree char *text = gb_attn_stepper_text (stepper);
  double size = GB_ATTN_ARROW, y = layout->stepper_y, middle = y + size / 2, end = stepper->x + stepper->width;
  for (int on = 0; on < 2; on++)
    {
      double x = on ? end - size : stepper->x;
      gboolean last = on ? stepper->now + 1 >= stepper->n : stepper->now == 0;
      gb_draw_box (snapshot, role (ctx, GB_ROLE_PANEL), role (ctx, last ? GB_ROLE_RULE : GB_ROLE_RULE_STRONG), x, y, size,
                   size, 4, 1);
      gb_draw_arrow_head (snapshot, role (ctx, last ? GB_ROLE_RULE_STRONG : GB_ROLE_INK), x + size / 2 + (on ? 4 : -4), middle,
                          on ? 0 : G_PI, 8);
    }
  gb_draw_text (ctx, snapshot, GB_FACE_SMALL_BOLD, GB_ROLE_INK, text, (stepper->x + end) / 2, middle, GB_ALIGN_CENTER);
}

static gboolean
has_stepper (const GbAttnLayout *layout, GbAttnChoice choice)
{
  for (guint i = 0; i < layout->n_steppers; i++)
    if (layout->steppers[i].choice == choice)
      return TRUE;
  return FALSE;
}

static void
draw_large (const GbAttention *attention,
            const GbAttnLayout *layout,
            const GbDrawContext *ctx,
            GtkSnapshot *snapshot)
{
  const GbAttentionLayer *layer = gb_attention_layer (attention, layout->layer);
  g_autofree char *title = head_title (attention, layout->layer, layout->head);
  double width = layout->cell_width * layer->keys, height = layout->cell_height * layer->queries;
  char from[16], to[16];
  GbHeadSummary summary;

  double x = layout->title_x;
  if (!has_stepper (layout, GB_ATTN_HEAD) && x + gb_draw_text_width (ctx, GB_FACE_UI_BOLD, title) < ctx->width)
    {
      gb_draw_text (ctx, snapshot, GB_FACE_UI_BOLD, GB_ROLE_INK, title, x, 14 + 8, GB_ALIGN_LEFT);
      x += gb_draw_text_width (ctx, GB_FACE_UI_BOLD, title) + 12;
    }
  if (layer->name && x + 40 < ctx->width)
    {
      gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL, role (ctx, GB_ROLE_MUTED), layer->name, x, 14 + 8, GB_ALIGN_LEFT,
                         MAX (ctx->width - x - 8, 1));
    }
  draw_map (layer, layout->head, ctx, snapshot, layout->x, layout->y, width, height);
  draw_outline (layer, ctx, snapshot, layout->x, layout->y, width, height);
  draw_axis_labels (attention, layer, layout, ctx, snapshot);
  if (layout->large_digits)
    draw_digits (layer, layout, ctx, snapshot);
  gb_attention_summarize (layer, layout->head, &summary);
  g_autofree char *note =
      g_strdup_printf (_ ("Strongest: %s reads %s with weight %.2f. Weights say where a head reads, not why "
                          "the model answers."),
                       gb_attention_query_label (layer, summary.best_query, from, sizeof from),
                       gb_attention_key_label (layer, summary.best_key, to, sizeof to), summary.best);
  gb_draw_paragraph (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_MUTED, note, layout->x - layout->label_width + 12,
                     layout->note_y, ctx->width - layout->x + layout->label_width - 24);
}

static void
draw_legend (const GbAttention *attention,
             const GbAttnLayout *layout,
             const GbDrawContext *ctx,
             GtkSnapshot *snapshot)
{
  static const double ticks[] = { 0, 0.5, 1 };
  static const char *const labels[] = { "0", ".5", "1" };
  gboolean causal = FALSE;
  double x = layout->legend_x + 190, end = layout->has_large    ? layout->x - layout->label_width
                                             : layout->n_steppers ? layout->steppers[0].x
                                                                  : ctx->width;
  for (guint i = 0; i < attention->layers->len; i++)
    causal |= gb_attention_layer (attention, i)->is_causal;
  gb_draw_map_legend (ctx, snapshot, GB_MAP_SEA, layout->legend_x, layout->legend_y, 120, ticks, labels, 3);
  gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_MUTED, _ ("weight"), layout->legend_x + 132,
                layout->legend_y + 6, GB_ALIGN_LEFT);
  if (!causal || x + 22 + gb_draw_text_width (ctx, GB_FACE_SMALL, _ ("masked: not read")) > end)
    return;
  gb_draw_box (snapshot, role (ctx, GB_ROLE_SURFACE), role (ctx, GB_ROLE_RULE_STRONG), x, layout->legend_y,
               12, 12, 0, 1);
  gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_MUTED, _ ("masked: not read"), x + 18,
                layout->legend_y + 6, GB_ALIGN_LEFT);
}

/* Each word looks at those before it. */
static void
draw_ghost (const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  double cell = CLAMP (MIN (ctx->width, ctx->height) / 12, 6, 26), x = ctx->width / 2 - 4 * cell,
         y = ctx->height / 2 - 4 * cell;

  gtk_snapshot_push_opacity (snapshot, 0.3);
  for (int r = 0; r < 8; r++)
    for (int c = 0; c <= r; c++)
      {
        GdkRGBA color;
        gb_theme_map (ctx->theme, GB_MAP_SEA, 0.15 + 0.6 * ((r * 5 + c * 3) % 7) / 7, &color);
        gb_draw_fill (snapshot, &color, x + c * cell, y + r * cell, cell - 1, cell - 1);
      }
  gtk_snapshot_pop (snapshot);
  gb_draw_empty (ctx, snapshot, _ ("No softmax over keys yet."));
}

void
gb_attn_draw (const GbAttention *attention,
              const GbAttnLayout *layout,
              const GbDrawContext *ctx,
              GtkSnapshot *snapshot)
{
  if (!attention->layers->len)
    {
      draw_ghost (ctx, snapshot);
      return;
    }
  for (guint i = 0; i < layout->small->len; i++)
    draw_small (attention, layout, &g_array_index (layout->small, GbAttnSmall, i), ctx, snapshot);
  draw_legend (attention, layout, ctx, snapshot);
  if (layout->has_large)
    draw_large (attention, layout, ctx, snapshot);
  for (guint i = 0; i < layout->n_steppers; i++)
    draw_stepper (layout, &layout->steppers[i], ctx, snapshot);
}

static void
draw_row (const GbAttention *attention,
          const GbAttnLayout *layout,
          const GbDrawContext *ctx,
          GtkSnapshot *snapshot,
          guint query,
          int key)
{
  const GbAttentionLayer *layer = gb_attention_layer (attention, layout->layer);
  double sum = 0, best = -1, y = layout->y + query * layout->cell_height;
  guint best_key = 0, seen = layer->keys;
  char buffer[16], text[96];
  for (guint k = 0; k < layer->keys; k++)
    {
      double weight = gb_attention_weight (layer, layout->head, query, k);
      sum += weight;
      if (weight > best)
        {
          best = weight;
          best_key = k;
        }
    }
  while (seen > 1 && gb_attention_is_masked (layer, query, seen - 1))
    seen--;
  gb_draw_box (snapshot, NULL, role (ctx, GB_ROLE_ACCENT), layout->x - 2, y - 1,
               seen * layout->cell_width + 4, layout->cell_height + 2, 2, 2);
  if (key >= 0)
    gb_draw_selection (ctx, snapshot, layout->x + key * layout->cell_width, y, layout->cell_width,
                       layout->cell_height);
  if (key >= 0)
    {
      best_key = (guint) key;
      best = gb_attention_weight (layer, layout->head, query, best_key);
    }
  double x = layout->x + seen * layout->cell_width + 10;
  gboolean beside = x + 120 < ctx->width;
  double text_y = beside ? y + layout->cell_height / 2 : layout->note_y + 44;
  if (!beside)
    x = layout->x;
  g_snprintf (text, sizeof text, _ ("row sum %.2f"), sum);
  gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_MUTED, text, x, text_y - 7, GB_ALIGN_LEFT);
  g_snprintf (text, sizeof text, _ ("reads %s  %.4g"),
              gb_attention_key_label (layer, best_key, buffer, sizeof buffer), best);
  gb_draw_text (ctx, snapshot, GB_FACE_SMALL_BOLD, GB_ROLE_ACCENT, text, x, text_y + 8, GB_ALIGN_LEFT);
}

void
gb_attn_draw_pin (const GbAttention *attention,
                  const GbAttnLayout *layout,
                  const GbDrawContext *ctx,
                  GtkSnapshot *snapshot,
                  int query,
                  int key)
{
  for (guint i = 0; i < layout->small->len && layout->has_large; i++)
    {
      const GbAttnSmall *small = &g_array_index (layout->small, GbAttnSmall, i);
      if (small->layer == layout->layer && small->head == layout->head)
        gb_draw_box (snapshot, NULL, role (ctx, GB_ROLE_ACCENT), small->x - 4, small->y - 4, small->size + 8,
                     small->size + 8, 3, 2);
    }
  if (layout->has_large && query >= 0
      && (guint) query < gb_attention_layer (attention, layout->layer)->queries)
    draw_row (attention, layout, ctx, snapshot, (guint) query, key);
}

char *
gb_attn_describe (const GbAttention *attention, int layer, int head)
{
  char from[16], to[16];
  GbHeadSummary summary;
  if (!attention->layers->len)
    return g_strdup (_ ("No softmax over keys yet."));
  const GbAttentionLayer *shown = gb_attention_layer (attention, CLAMP (layer, 0, (int) attention->layers->len - 1));
  if (layer < 0)
    return g_strdup_printf (_ ("%u maps of %u places at iteration %" G_GUINT64_FORMAT ", query down, key across"),
                            attention->n_heads, attention->layers->len, shown->iteration);
  head = CLAMP (head, 0, (int) shown->heads - 1);
  gb_attention_summarize (shown, (guint) head, &summary);
  g_autofree char *text = g_strdup_printf (_ ("%u maps of %u places at iteration %" G_GUINT64_FORMAT ". Layer %d head %d reads from %s to %s most, %.2f."),
                          attention->n_heads, attention->layers->len, shown->iteration, layer + 1, head + 1,
                          gb_attention_query_label (shown, summary.best_query, from, sizeof from),
                          gb_attention_key_label (shown, summary.best_key, to, sizeof to), summary.best);
  if (shown->sample == 0)
    return g_steal_pointer (&text);
  GbAttnStepper of = { GB_ATTN_SAMPLE, shown->sample, shown->samples, 0, 0 };
  g_autofree char *sample = gb_attn_stepper_text (&of);
  return g_strdup_printf ("%s: %s", sample, text);
}
