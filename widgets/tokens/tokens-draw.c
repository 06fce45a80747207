#include "tokens/tokens-draw.h"

#include <math.h>
#include <string.h>

#include "common/i18n.h"
#include "common/number-format.h"

#define FAINT 0.04 /* weights below are not drawn */

static const GdkRGBA *
role (const GbDrawContext *ctx, GbRole which)
{
  return gb_theme_role (ctx->theme, which);
}

static const char *
empty_text (void)
{
  return _ ("No tokens yet: integers that go into an Embedding, or gb.show (…, view=\"tokens\").");
}

static const GbTokenChip *
chip_at (const GbTokensLayout *layout, guint nth)
{
  return &g_array_index (layout->chips, GbTokenChip, nth);
}

/* ---- words ---- */

char *
gb_tokens_row_text (const GbTokens *tokens, gint64 row, gint64 column)
{
  GString *text = g_string_new (NULL);
  char number[32];
  GbToken token;

  gb_tokens_get (tokens, row, column, &token);
  if (tokens->kind == GB_TOKENS_ALIGNMENT)
    {
      g_string_append_printf (text, "%s → %s: ", row < tokens->n_words ? tokens->words[row] : "?",
                              token.text);
      g_string_append (text, token.is_known ? gb_number_text (token.value, 3, number, sizeof number) : "?");
      return g_string_free (text, FALSE);
    }
  if (tokens->n_rows > 1)
    g_string_append_printf (text, "[%ld, %ld] %s", row, column, token.text);
  else
    g_string_append_printf (text, "[%ld] %s", column, token.text);
  if (!token.is_known)
    g_string_append (text, _ (": not recorded"));
  else if (token.is_padding)
    g_string_append_printf (text, _ (": padding, %ld"), token.id);
  else if (token.is_out)
    g_string_append (text, _ (": masked"));
  else if (tokens->kind == GB_TOKENS_TAGS)
    g_string_append_printf (text, ": %s", token.tag ? token.tag : "?");
  else if (tokens->kind == GB_TOKENS_VALUES)
    g_string_append_printf (text, ": %s", gb_number_text (token.value, 3, number, sizeof number));
  else if (tokens->kind == GB_TOKENS_IDS && tokens->words)
    g_string_append_printf (text, ": %ld", token.id);
  return g_string_free (text, FALSE);
}

char *
gb_tokens_sentence (const GbTokens *tokens)
{
  g_autofree char *size = NULL;
  gint64 all;

  if (tokens == NULL)
    return g_strdup (empty_text ());
  all = tokens->n_rows * tokens->n_columns;
  if (tokens->kind == GB_TOKENS_ALIGNMENT)
    return g_strdup_printf (_ ("%ld words look at %ld words."), tokens->n_rows, tokens->n_columns);
  size = tokens->n_rows == 1
             ? g_strdup_printf (ngettext_ ("%ld token", "%ld tokens", tokens->n_columns), tokens->n_columns)
             : g_strdup_printf (_ ("%ld sequences of %ld tokens"), tokens->n_rows, tokens->n_columns);
  if (tokens->n_padding)
    return g_strdup_printf (_ ("%s; %ld of %ld places are padding: %.1f %%."), size, tokens->n_padding, all,
                            100.0 * tokens->n_padding / MAX (all, 1));
  if (tokens->kind == GB_TOKENS_MASK)
    return g_strdup_printf (_ ("%s; %ld of %ld are masked."), size, tokens->n_out, all);
  if (tokens->kind == GB_TOKENS_VALUES && tokens->low <= tokens->high)
    {
      char low[32], high[32];
      return g_strdup_printf (_ ("%s, with values from %s to %s."), size,
                              gb_number_text (tokens->low, 3, low, sizeof low),
                              gb_number_text (tokens->high, 3, high, sizeof high));
    }
  return g_strdup_printf (_ ("%s."), size);
}

/* ---- chips ---- */

static void
draw_value (const GbTokensLayout *layout,
            const GbTokenChip *chip,
            const GbDrawContext *ctx,
            GtkSnapshot *snapshot)
{
  const GbTokens *tokens = layout->tokens;
  double low = MIN (tokens->low, 0), span = tokens->high - low, y = chip->y + GB_TOKENS_CHIP_H + 2;
  double share = span > 0 ? (chip->token.value - low) / span : 1;
  char number[32];
  GdkRGBA color;

  if (!chip->token.is_known)
    return;
  if (!isfinite (chip->token.value))
    {
      gb_draw_cross (snapshot, role (ctx, GB_ROLE_ERROR), chip->x, y, MIN (chip->width, 12), 6);
      gb_draw_text (ctx, snapshot, GB_FACE_GUTTER, GB_ROLE_ERROR, isnan (chip->token.value) ? "nan" : "inf",
                    chip->x + chip->width / 2, y + 13, GB_ALIGN_CENTER);
      return;
    }
  gb_theme_map (ctx->theme, GB_MAP_SEA, 0.25 + 0.6 * share, &color);
  gb_draw_fill (snapshot, role (ctx, GB_ROLE_RULE), chip->x, y, chip->width, 5);
  gb_draw_fill (snapshot, &color, chip->x, y, MAX (chip->width * share, 1), 5);
  gb_number_text (chip->token.value, 2, number, sizeof number);
  if (gb_draw_text_width (ctx, GB_FACE_GUTTER, number) <= chip->width + 2)
    gb_draw_text (ctx, snapshot, GB_FACE_GUTTER, GB_ROLE_MUTED, number, chip->x + chip->width / 2, y + 13,
                  GB_ALIGN_CENTER);
}

static gboolean
is_outside (const char *tag)
{
  return tag == NULL || strcmp (tag, "O") == 0;
}

/* A line below a span, as long as it goes on, and its name once. */
static void
draw_tag (const GbTokensLayout *layout, guint nth, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbTokenChip *chip = chip_at (layout, nth), *before = nth ? chip_at (layout, nth - 1) : NULL;
  const char *tag = chip->token.tag;
  gboolean goes_on = before && before->row == chip->row && before->y == chip->y
                     && gb_tokens_continues (before->token.tag, tag);
  double y = chip->y + GB_TOKENS_CHIP_H + 2, x = goes_on ? before->x + before->width : chip->x;

  if (is_outside (tag))
    return;
  gb_draw_fill (snapshot, role (ctx, GB_ROLE_FORWARD), x, y, chip->x + chip->width - x, 3);
  gb_draw_text_rgba (ctx, snapshot, GB_FACE_GUTTER, role (ctx, GB_ROLE_INK), tag, chip->x + chip->width / 2,
                     y + 10, GB_ALIGN_CENTER, chip->width + 2);
}

static void
draw_chip (const GbTokensLayout *layout, guint nth, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbTokenChip *chip = chip_at (layout, nth);
  gboolean grey = chip->token.is_padding || chip->token.is_out || !chip->token.is_known;
  gboolean tagged = layout->tokens->kind == GB_TOKENS_TAGS && !is_outside (chip->token.tag);
  GdkRGBA fill = *role (ctx, tagged ? GB_ROLE_SHARED : GB_ROLE_OWN);

  if (grey)
    {
      gb_draw_dashed_box (snapshot, role (ctx, GB_ROLE_FREED), chip->x, chip->y, chip->width,
                          GB_TOKENS_CHIP_H, 4, 1);
      if (chip->token.is_out)
        gb_draw_hatch (snapshot, role (ctx, GB_ROLE_RULE), chip->x + 1, chip->y + 1, chip->width - 2,
                       GB_TOKENS_CHIP_H - 2);
    }
  else
    gb_draw_box (snapshot, &fill, role (ctx, GB_ROLE_RULE), chip->x, chip->y, chip->width, GB_TOKENS_CHIP_H,
                 4, 1);
  gb_draw_text_rgba (ctx, snapshot, grey ? GB_FACE_CELL : GB_FACE_CELL_BOLD,
                     role (ctx, grey ? GB_ROLE_FREED : GB_ROLE_INK), chip->token.text,
                     chip->x + chip->width / 2, chip->y + GB_TOKENS_CHIP_H / 2, GB_ALIGN_CENTER,
                     chip->width - 6);
  if (layout->tokens->kind == GB_TOKENS_VALUES)
    draw_value (layout, chip, ctx, snapshot);
  else if (layout->tokens->kind == GB_TOKENS_TAGS)
    draw_tag (layout, nth, ctx, snapshot);
}

/* ---- alignment ---- */

static void
draw_strokes (
    const GbTokensLayout *layout, gint64 row, gint64 column, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbTokens *tokens = layout->tokens;
  gboolean all = row < 0 && column < 0;
  cairo_t *cr = gb_draw_cairo (snapshot, 0, 0, layout->width, layout->height);

  for (guint a = 0; a < layout->chips->len; a++)
    {
      const GbTokenChip *from = chip_at (layout, a);
      if (from->row < 0 || (row >= 0 && from->row != row))
        continue;
      for (guint b = 0; b < layout->chips->len; b++)
        {
          const GbTokenChip *to = chip_at (layout, b);
          double y0 = from->y + GB_TOKENS_CHIP_H, x0 = from->x + from->width / 2, x1 = to->x + to->width / 2,
                 share;
          GdkRGBA color = *role (ctx, all ? GB_ROLE_FORWARD : GB_ROLE_ACCENT);
          GbToken token;
          if (to->column < 0 || (column >= 0 && to->column != column))
            continue;
          gb_tokens_get (tokens, from->row, to->column, &token);
          share = token.is_known && tokens->high > 0 ? token.value / tokens->high : 0;
          if (!(share >= FAINT))
            continue;
          color.alpha = (float) CLAMP (0.15 + 0.85 * share, 0, 1);
          gdk_cairo_set_source_rgba (cr, &color);
          cairo_set_line_width (cr, 0.5 + 5 * share);
          cairo_move_to (cr, x0, y0);
          cairo_curve_to (cr, x0, (y0 + to->y) / 2, x1, (y0 + to->y) / 2, x1, to->y);
          cairo_stroke (cr);
        }
    }
  cairo_destroy (cr);
}

/* ---- all of it ---- */

static void
draw_header (const GbTokensLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbTokens *tokens = layout->tokens;
  g_autofree char *note = NULL;
  const GbTensor *t = &tokens->values->tensor;
  char shape[96];
  double x = 16;

  x += gb_draw_text_rgba (ctx, snapshot, GB_FACE_UI_BOLD, role (ctx, GB_ROLE_INK), tokens->values->label, x,
                          14, GB_ALIGN_LEFT, MAX (layout->width - 120, 1))
       + 10;
  gb_draw_text (ctx, snapshot, GB_FACE_MONO, GB_ROLE_INK,
                gb_shape_picture (t->ndim, t->sizes, shape, sizeof shape), x, 14, GB_ALIGN_LEFT);
  switch (tokens->kind)
    {
    case GB_TOKENS_IDS:
      note = tokens->n_padding
                 ? g_strdup_printf (_ ("dashed: padding, %.1f %% of all places"),
                                    100.0 * tokens->n_padding / MAX (tokens->n_rows * tokens->n_columns, 1))
             : tokens->words ? g_strdup_printf (_ ("words of a vocabulary of %u"), tokens->n_words)
                             : g_strdup (_ ("numbers of words; a vocabulary was not shown"));
      break;
    case GB_TOKENS_TAGS:
      note = g_strdup (_ ("below: the tag of each"));
      break;
    case GB_TOKENS_VALUES:
      note = g_strdup (_ ("below: the value of each"));
      break;
    case GB_TOKENS_MASK:
      note = g_strdup (_ ("hatched: masked"));
      break;
    case GB_TOKENS_ALIGNMENT:
      note = layout->n_more
                 ? g_strdup_printf (_ ("strokes: weights; %ld more words found no room"), layout->n_more)
                 : g_strdup (_ ("strokes: weights, thick where they are large"));
      break;
    }
  gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL, role (ctx, GB_ROLE_MUTED), note, 16, 34, GB_ALIGN_LEFT,
                     MAX (layout->width - 32, 1));
}

static void
draw_ghost (const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  static const double widths[] = { 44, 26, 62, 34, 50, 26 };
  double x = MAX ((ctx->width - 272) / 2, 4), y = MAX (ctx->height / 2 - 60, 6);

  gtk_snapshot_push_opacity (snapshot, 0.3);
  for (guint i = 0; i < G_N_ELEMENTS (widths); i++)
    {
      gb_draw_box (snapshot, NULL, role (ctx, GB_ROLE_RULE_STRONG), x, y, widths[i], 24, 4, 1);
      gb_draw_fill (snapshot, role (ctx, GB_ROLE_RULE_STRONG), x, y + 27,
                    widths[i] * (0.3 + 0.13 * (i * 7 % 5)), 5);
      x += widths[i] + 6;
    }
  gtk_snapshot_pop (snapshot);
  gb_draw_empty (ctx, snapshot, empty_text ());
}

void
gb_tokens_draw (const GbTokensLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  gint64 row = -1;

  if (layout->tokens == NULL)
    {
      draw_ghost (ctx, snapshot);
      return;
    }
  draw_header (layout, ctx, snapshot);
  if (layout->tokens->kind == GB_TOKENS_ALIGNMENT)
    draw_strokes (layout, -1, -1, ctx, snapshot);
  for (guint i = 0; i < layout->chips->len; i++)
    {
      const GbTokenChip *chip = chip_at (layout, i);
      if (layout->tokens->n_rows > 1 && layout->tokens->kind != GB_TOKENS_ALIGNMENT && chip->row != row)
        {
          char number[32];
          g_snprintf (number, sizeof number, "%" G_GINT64_FORMAT, chip->row);
          gb_draw_text (ctx, snapshot, GB_FACE_GUTTER, GB_ROLE_MUTED, number, layout->row_x - 10,
                        chip->y + GB_TOKENS_CHIP_H / 2, GB_ALIGN_RIGHT);
        }
      row = chip->row;
      draw_chip (layout, i, ctx, snapshot);
    }
}

/* ---- overlay ---- */

static void
draw_frame (const GbTokensLayout *layout,
            const GbPick *pick,
            gboolean strong,
            const GbDrawContext *ctx,
            GtkSnapshot *snapshot)
{
  gint64 row, column;
  int nth;

  if (!gb_tokens_layout_find (layout, pick, &row, &column))
    return;
  if (layout->tokens->kind == GB_TOKENS_ALIGNMENT)
    {
      draw_strokes (layout, row, strong ? -1 : column, ctx, snapshot);
      nth = gb_tokens_layout_chip (layout, row, -1);
    }
  else
    nth = gb_tokens_layout_chip (layout, row, column);
  if (nth < 0)
    return;
  const GbTokenChip *chip = chip_at (layout, (guint) nth);
  gb_draw_box (snapshot, NULL, role (ctx, strong ? GB_ROLE_ACCENT : GB_ROLE_RULE_STRONG), chip->x - 2,
               chip->y - 2, chip->width + 4, GB_TOKENS_CHIP_H + 4, 5, strong ? 2 : 1);
}

void
gb_tokens_draw_overlay (const GbTokensLayout *layout,
                        GbSelection *selection,
                        const GbDrawContext *ctx,
                        GtkSnapshot *snapshot)
{
  const GbPick *hover = gb_selection_get_hover (selection);
  gint64 row, column;
  int nth;

  if (layout->tokens == NULL)
    return;
  draw_frame (layout, gb_selection_get_pin (selection), TRUE, ctx, snapshot);
  draw_frame (layout, hover, FALSE, ctx, snapshot);
  if ((ctx->options & GB_DRAW_STATIC) || !gb_tokens_layout_find (layout, hover, &row, &column))
    return;
  nth = gb_tokens_layout_chip (layout, row, layout->tokens->kind == GB_TOKENS_ALIGNMENT ? -1 : column);
  if (nth >= 0)
    {
      g_autofree char *text = gb_tokens_row_text (layout->tokens, row, column);
      const char *lines[] = { text };
      gb_draw_tip (ctx, snapshot, chip_at (layout, (guint) nth)->x + 12,
                   chip_at (layout, (guint) nth)->y + GB_TOKENS_CHIP_H, lines, 1);
    }
}
