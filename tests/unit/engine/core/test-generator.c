/* The twister: published first words, and the generators' independence. */
#include <glib.h>

#include "core/generator.h"

static void
test_reference (void)
{
  TeGenerator *generator = te_generator_new (5489);
  static const uint32_t first[] = { 3499211612u, 581869302u, 3890346734u, 3586334585u, 545404204u };
  for (size_t i = 0; i < G_N_ELEMENTS (first); i++)
    g_assert_cmpuint (te_generator_random (generator), ==, first[i]);
  for (int i = 5; i < 9999; i++)
    te_generator_random (generator);
  g_assert_cmpuint (te_generator_random (generator), ==,
                    4123659995u); /* the 10000th, as the C++ standard has it */
  te_generator_unref (generator);
}

static void
test_random64 (void)
{
  TeGenerator *a = te_generator_new (3), *b = te_generator_new (3);
  uint64_t high = te_generator_random (b), low = te_generator_random (b);
  g_assert_cmpuint (te_generator_random64 (a), ==, high << 32 | low);
  te_generator_unref (a);
  te_generator_unref (b);
}

static void
test_seed_resets (void)
{
  TeGenerator *generator = te_generator_new (1);
  uint32_t first = te_generator_random (generator);
  generator->has_next_normal = true;
  te_generator_seed (generator, 1);
  g_assert_false (generator->has_next_normal);
  g_assert_cmpuint (te_generator_random (generator), ==, first);
  te_generator_unref (generator);
  g_assert_cmpuint (te_generator_default ()->seed, ==, 67280421310721u);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/generator/reference", test_reference);
  g_test_add_func ("/generator/random64", test_random64);
  g_test_add_func ("/generator/seed-resets", test_seed_resets);
  return g_test_run ();
}
