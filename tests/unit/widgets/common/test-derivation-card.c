/* Where a number came from: the arithmetic in words, and the card that shows it. */
#include <math.h>
#include <string.h>

#include "common/derivation-card.h"
#include "common/i18n.h"
#include "core/dtype.h"
#include "models/trace-builder.h"

typedef struct
{
  GbTrace *trace;
  GbTraceBuilder *builder;
  GbBuiltTensor a, b, c;
} Product;

/* c = a @ b, (2, 3) × (3, 2); b's numbers are recorded when told so. */
static void
product_init (Product *self, gboolean records_b)
{
  static const double a[] = { 1, 2, 3, 4, 5, 6 }, b[] = { 0.5, -1, 2, 0, -0.25, 1 },
                      c[] = { 3.75, 2, 10.5, 2 };
  self->trace = gb_trace_new ();
  gb_trace_set_open_ended (self->trace, FALSE);
  self->builder = gb_trace_builder_new (self->trace);
  gb_trace_builder_source (self->builder, "p.py", "c = a @ b\n");
  guint32 pos = gb_trace_builder_pos (self->builder, 1, 4, 9);
  self->a = gb_trace_builder_make (self->builder, TE_FLOAT32, 2, (gint64[]){ 2, 3 });
  self->b = gb_trace_builder_make (self->builder, TE_FLOAT32, 2, (gint64[]){ 3, 2 });
  self->c = gb_trace_builder_make (self->builder, TE_FLOAT32, 2, (gint64[]){ 2, 2 });
  gb_trace_builder_leaf (self->builder, &self->a, pos);
  gb_trace_builder_leaf (self->builder, &self->b, pos);
  gb_trace_builder_name (self->builder, &self->a, "a", pos);
  gb_trace_builder_name (self->builder, &self->b, "b", pos);
  gb_trace_builder_values (self->builder, &self->a, a);
  if (records_b)
    gb_trace_builder_values (self->builder, &self->b, b);
  gb_trace_builder_op (self->builder, "mm", 0, pos, (guint64[]){ self->a.id, self->b.id }, 2, "", &self->c);
  gb_trace_builder_leaf (self->builder, &self->c, pos); /* told once more, by no op */
  gb_trace_builder_name (self->builder, &self->c, "c", pos);
  gb_trace_builder_values (self->builder, &self->c, c);
  gb_trace_flush (self->trace);
}

static void
product_clear (Product *self)
{
  gb_trace_builder_free (self->builder);
  g_object_unref (self->trace);
}

static GbDerivation *
derive (const Product *self, gint64 row, gint64 column)
{
  const char *why;
  GbDerivation *derivation = gb_derivation_new (self->trace, self->c.id, gb_trace_get_last_seq (self->trace),
                                                (gint64[]){ row, column }, &why);
  g_assert_nonnull (derivation);
  return derivation;
}

static void
test_arithmetic (void)
{
  Product product;
  double value;
  product_init (&product, TRUE);
  g_autoptr (GbDerivation) derivation = derive (&product, 0, 1);
  g_autofree char *line = gb_derivation_arithmetic (derivation, product.trace, 9);
  g_assert_cmpstr (line, ==, "1 × (−1) + 2 × 0 + 3 × 1 = 2");
  g_autofree char *short_line = gb_derivation_arithmetic (derivation, product.trace, 2);
  g_assert_cmpstr (short_line, ==, "1 × (−1) + … + 3 × 1 = 2");
  g_assert_true (gb_derivation_evaluate (derivation, &value));
  g_assert_cmpfloat (value, ==, 2);
  g_autoptr (GbDerivation) other = derive (&product, 0, 0);
  g_autofree char *minus = gb_derivation_arithmetic (other, product.trace, 9);
  g_assert_cmpstr (minus, ==, "1 × 0.5 + 2 × 2 + 3 × (−0.25) = 3.75");
  product_clear (&product);
}

static void
test_not_recorded (void)
{
  Product product;
  double value;
  product_init (&product, FALSE);
  g_autoptr (GbDerivation) derivation = derive (&product, 1, 0);
  g_autofree char *line = gb_derivation_arithmetic (derivation, product.trace, 9);
  g_assert_cmpstr (line, ==, "4 × b[0, 0] + 5 × b[1, 0] + 6 × b[2, 0] = 10.5");
  g_assert_false (gb_derivation_evaluate (derivation, &value));
  product_clear (&product);
}

static void
test_outside (void)
{
  Product product;
  const char *why;
  product_init (&product, TRUE);
  guint64 seq = gb_trace_get_last_seq (product.trace);
  g_assert_null (gb_derivation_new (product.trace, product.c.id, seq, (gint64[]){ 2, 0 }, &why));
  g_assert_nonnull (why);
  g_assert_null (gb_derivation_new (product.trace, product.a.id, seq, (gint64[]){ 0, 0 }, &why));
  g_assert_nonnull (why);
  g_assert_null (gb_derivation_new (product.trace, 999, seq, (gint64[]){ 0, 0 }, &why));
  g_assert_nonnull (why);
  product_clear (&product);
}

/* Everything on the card lies in it, sheets do not overlap, and each used element can be picked where it is
 * drawn. */
static void
check_card (const Product *product, double width, double height, const char *language)
{
  PangoContext *pango = gb_draw_create_pango_context (language);
  GbTextCache *text = gb_text_cache_new (pango);
  GbDrawContext ctx = { .theme = gb_theme_get (GB_THEME_LIGHT),
                        .language = language,
                        .scale = 1,
                        .width = width,
                        .height = height,
                        .pango = pango,
                        .text = text,
                        .t = 1 };
  g_autoptr (GbDerivation) derivation = derive (product, 1, 1);
  gb_i18n_set_language (language);
  g_autoptr (GbDerivationCard) card =
      gb_derivation_card_new (product->trace, derivation, "c[1, 1]", NULL, &ctx, width, height);
  g_assert_cmpuint (card->n_sheets, ==, 2);
  for (guint i = 0; i < card->n_sheets; i++)
    {
      const GbCardSheet *sheet = &card->sheets[i];
      GbPick pick;
      g_assert_cmpfloat (sheet->x + sheet->width, <=, card->width);
      g_assert_cmpfloat (sheet->y + sheet->height, <=, card->height);
      if (i)
        g_assert_cmpfloat (sheet->x, >=, card->sheets[i - 1].x + card->sheets[i - 1].width);
      g_assert_true (
          gb_derivation_card_pick (card, sheet->x + 1.5 * sheet->cell, sheet->y + 0.5 * sheet->cell, &pick));
      g_assert_cmpuint (pick.tensor, ==, i ? product->b.id : product->a.id);
      g_assert_cmpint (pick.index[0], ==, 0);
      g_assert_cmpint (pick.index[1], ==, 1);
      g_assert_cmpint (pick.address, ==, 1);
    }
  gb_text_cache_free (text);
  g_object_unref (pango);
}

static void
test_card (void)
{
  static const char *const languages[] = { "en", "zh" };
  Product product;
  product_init (&product, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (languages); i++)
    {
      check_card (&product, 560, 300, languages[i]);
      check_card (&product, 260, 200, languages[i]);
      check_card (&product, 560, 110, languages[i]); /* beside the words */
    }
  gb_i18n_set_language ("en");
  product_clear (&product);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gb_i18n_init (g_getenv ("GRADBOARD_TEST_LOCALE"));
  g_test_add_func ("/derivation/arithmetic", test_arithmetic);
  g_test_add_func ("/derivation/not-recorded", test_not_recorded);
  g_test_add_func ("/derivation/outside", test_outside);
  g_test_add_func ("/derivation/card", test_card);
  return g_test_run ();
}
