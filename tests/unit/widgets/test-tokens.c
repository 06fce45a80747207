/* Tokens: which tensor they are, what is said of each, and that pointing finds it again. */
#include <math.h>
#include <string.h>

#include "core/dtype.h"
#include "gallery.h"
#include "models/trace-builder.h"
#include "tokens/tokens-draw.h"
#include "picture-fixture.h"

static void
test_words (void)
{
  Fixture f;
  GbTokensOptions options = { 0 };
  GbToken token;

  fixture_open (&f, gb_sample_trace_new (GB_SAMPLE_WORDS), 640, 300);
  g_autoptr (GbTokensLayout) layout = gb_tokens_layout_new (f.cursor, f.selection, &options, &f.ctx);
  const GbTokens *tokens = layout->tokens;
  g_assert_cmpint (tokens->kind, ==, GB_TOKENS_IDS);
  g_assert_cmpint (tokens->n_rows, ==, 4);
  g_assert_cmpint (tokens->n_columns, ==, 10);
  /* The vocabulary is that of the table, padding what the lookup says. */
  gb_tokens_get (tokens, 0, 1, &token);
  g_assert_cmpstr (token.text, ==, "moon");
  g_assert_false (token.is_padding);
  gb_tokens_get (tokens, 1, 9, &token);
  g_assert_true (token.is_padding);
  g_assert_cmpint (tokens->n_padding, ==, 17);
  g_autofree char *sentence = gb_tokens_sentence (tokens);
  g_assert_cmpstr (sentence, ==, "4 sequences of 10 tokens; 17 of 40 places are padding: 42.5 %.");
  for (guint i = 0; i < layout->chips->len; i++)
    {
      const GbTokenChip *chip = &g_array_index (layout->chips, GbTokenChip, i);
      gint64 row, column;
      GbPick pick;
      g_assert_cmpint (gb_tokens_layout_at (layout, chip->x + 2, chip->y + 2), ==, i);
      g_assert_cmpfloat (chip->x + chip->width, <=, 640);
      gb_tokens_layout_pick (layout, chip->row, chip->column, &pick);
      g_assert_true (gb_tokens_layout_find (layout, &pick, &row, &column));
      g_assert_cmpint (gb_tokens_layout_chip (layout, row, column), ==, i);
    }
  fixture_close (&f);
}

static void
test_kinds (void)
{
  static const struct
  {
    GbSample sample;
    GbTokensKind kind;
    gint64 row, column;
    const char *text;
  } cases[] = {
    { GB_SAMPLE_TAGS, GB_TOKENS_TAGS, 0, 5, "[5] York: I-CITY" },
    { GB_SAMPLE_TAGS, GB_TOKENS_TAGS, 0, 13, "[13] <pad>: padding, -100" },
    { GB_SAMPLE_WEIGHTS, GB_TOKENS_VALUES, 0, 3, "[3] ␣: 0.0500" },
    { GB_SAMPLE_WEIGHTS, GB_TOKENS_VALUES, 0, 5, "[5] ⏎: nan" },
    { GB_SAMPLE_ALIGNMENT, GB_TOKENS_ALIGNMENT, 1, 1, "hundred → 百: 0.880" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GbTrace) trace = gb_sample_trace_new (cases[i].sample);
      g_autoptr (GbTraceCursor) cursor = gb_trace_cursor_new (trace);
      g_autoptr (GbTokens) tokens = gb_tokens_new (cursor, NULL);
      g_autofree char *text = gb_tokens_row_text (tokens, cases[i].row, cases[i].column);
      g_assert_cmpint (tokens->kind, ==, cases[i].kind);
      g_assert_cmpstr (text, ==, cases[i].text);
    }
  g_assert_true (gb_tokens_continues ("B-CITY", "I-CITY"));
  g_assert_false (gb_tokens_continues ("B-DAY", "I-CITY"));
  g_assert_false (gb_tokens_continues ("O", "I-CITY"));
  g_assert_false (gb_tokens_continues (NULL, "I-CITY"));
}

/* Nothing, one, and more than any pane holds; places are looked up after words and are not taken for them. */
static void
test_sizes (void)
{
  static const gint64 words[] = { 512, 1000 }, places[] = { 1000 }, table[] = { 50000, 4 }, none[] = { 0, 5 };
  g_autofree double *ids = g_new0 (double, 512000);
  GbTrace *trace = gb_trace_new ();
  g_autoptr (GbTraceBuilder) b = gb_trace_builder_new (trace);
  GbBuiltTensor weight = gb_trace_builder_make (b, TE_FLOAT32, 2, table), batch, place, out;
  GtkSnapshot *snapshot;
  Fixture f;
  GbTokensOptions options = { .first_row = 500 };
  gint64 start;

  fixture_open (&f, trace, 1280, 800);
  g_assert_null (gb_tokens_new (f.cursor, NULL));
  batch = gb_trace_builder_make (b, TE_INT64, 2, words);
  place = gb_trace_builder_make (b, TE_INT64, 1, places);
  out = gb_trace_builder_make (b, TE_FLOAT32, 2, table);
  for (guint i = 0; i < 512000; i++)
    ids[i] = i % 50000;
  gb_trace_builder_leaf (b, &batch, 0);
  gb_trace_builder_leaf (b, &place, 0);
  gb_trace_builder_leaf (b, &weight, 0);
  gb_trace_builder_values (b, &place, ids);
  gb_trace_builder_op (b, "embedding", 0, 0, (guint64[]){ weight.id, batch.id }, 2, "", &out);
  gb_trace_builder_op (b, "embedding", 0, 0, (guint64[]){ weight.id, place.id }, 2, "", &out);
  gb_trace_flush (trace);
  g_assert_cmpuint (gb_tokens_find (f.cursor, NULL), ==, batch.id);
  g_assert_null (gb_tokens_new (f.cursor, NULL)); /* its numbers were not told */
  gb_trace_builder_values (b, &batch, ids);
  gb_trace_flush (trace);
  for (int pass = 0; pass < 2; pass++)
    {
      start = g_get_monotonic_time ();
      g_autoptr (GbTokensLayout) layout = gb_tokens_layout_new (f.cursor, f.selection, &options, &f.ctx);
      snapshot = gtk_snapshot_new ();
      gb_tokens_draw (layout, &f.ctx, snapshot);
      gsk_render_node_unref (gtk_snapshot_free_to_node (snapshot));
      g_test_message ("512 by 1 000 tokens: %.2f ms", (g_get_monotonic_time () - start) / 1e3);
      g_assert_cmpuint (layout->chips->len, >, 100);
      g_assert_cmpint (g_array_index (layout->chips, GbTokenChip, 0).row, ==, 500);
    }
  batch = gb_trace_builder_make (b, TE_INT64, 2, none);
  gb_trace_builder_leaf (b, &batch, 0);
  gb_trace_builder_values (b, &batch, ids);
  gb_trace_builder_show (b, &batch, "tokens", "nothing", "");
  gb_trace_flush (trace);
  g_autoptr (GbTokens) empty = gb_tokens_new (f.cursor, NULL);
  g_autofree char *sentence = gb_tokens_sentence (empty);
  g_assert_nonnull (sentence);
  fixture_close (&f);
}

/* Words for every place of a row are those of the row when they cannot be a vocabulary. */
static void
test_words_of_a_row (void)
{
  static const gint64 sizes[] = { 3 };
  for (int large = 0; large < 2; large++)
    {
      Fixture f;
      const double ids[] = { 0, large ? 17 : 2, 1 };
      GbToken token;
      fixture_open (&f, gb_trace_new (), 640, 300);
      g_autoptr (GbTraceBuilder) b = gb_trace_builder_new (f.trace);
      GbBuiltTensor t = gb_trace_builder_make (b, TE_INT64, 1, sizes);
      gb_trace_builder_leaf (b, &t, 0);
      gb_trace_builder_values (b, &t, ids);
      gb_trace_builder_show (b, &t, "tokens", "t", "[[\"one\",\"two\",\"three\"]]");
      gb_trace_flush (f.trace);
      gb_trace_cursor_set_position (f.cursor, gb_trace_get_last_seq (f.trace));
      g_autoptr (GbTokens) tokens = gb_tokens_new (f.cursor, f.selection);
      g_assert_nonnull (tokens);
      gb_tokens_get (tokens, 0, 1, &token);
      g_assert_cmpstr (token.text, ==, large ? "two" : "three");
      fixture_close (&f);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gb_export_init ();
  g_test_add_func ("/tokens/words", test_words);
  g_test_add_func ("/tokens/kinds", test_kinds);
  g_test_add_func ("/tokens/sizes", test_sizes);
  g_test_add_func ("/tokens/words-of-a-row", test_words_of_a_row);
  return g_test_run ();
}
