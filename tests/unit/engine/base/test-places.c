#include "base/places.h"

#include <glib.h>

#include "base/config-paths.h"

static void
check (TePlace place, const char *program, const char *wanted)
{
  char out[512];
  g_assert_cmpstr (te_place_of (place, program, out, sizeof out), ==, wanted);
}

static void
test_build_tree (void)
{
  check (TE_PLACE_BROKER, GB_BUILD_ROOT "/app/gradboard", GB_BUILD_ROOT "/engine/kernel/gradboard-kernel");
  check (TE_PLACE_DATA, GB_BUILD_ROOT "/tests/unit/any", GB_SOURCE_DATA_DIR);
  /* A folder whose name only begins like the build tree's is another one. */
  check (TE_PLACE_DATA, GB_BUILD_ROOT "-2/" GB_BINDIR "/gradboard", GB_BUILD_ROOT "-2/" GB_DATADIR "/gradboard");
}

static void
test_prefix_goes_along (void)
{
  check (TE_PLACE_DATA, "/opt/a/" GB_BINDIR "/gradboard", "/opt/a/" GB_DATADIR "/gradboard");
  check (TE_PLACE_TORCH, "/opt/a/" GB_LIBEXECDIR "/gradboard-kernel", "/opt/a/" GB_LIBEXECDIR "/python");
  check (TE_PLACE_LOCALE, "/stage" GB_PREFIX "/" GB_BINDIR "/gradboard", "/stage" GB_PREFIX "/" GB_DATADIR "/locale");
}

static void
test_elsewhere (void)
{
  check (TE_PLACE_BOARD, "/home/ann/gradboard", GB_PREFIX "/" GB_LIBEXECDIR "/board");
  check (TE_PLACE_BOARD, NULL, GB_PREFIX "/" GB_LIBEXECDIR "/board");
}

static void
test_does_not_fit (void)
{
  char out[8];
  g_assert_null (te_place_of (TE_PLACE_DATA, "/opt/a/" GB_BINDIR "/gradboard", out, sizeof out));
}

static void
test_this_program (void)
{
  g_assert_cmpstr (te_place_get (TE_PLACE_DATA), ==, GB_SOURCE_DATA_DIR);
  g_assert_true (g_file_test (te_place_get (TE_PLACE_DATA), G_FILE_TEST_IS_DIR));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/places/build-tree", test_build_tree);
  g_test_add_func ("/places/prefix-goes-along", test_prefix_goes_along);
  g_test_add_func ("/places/elsewhere", test_elsewhere);
  g_test_add_func ("/places/does-not-fit", test_does_not_fit);
  g_test_add_func ("/places/this-program", test_this_program);
  return g_test_run ();
}
