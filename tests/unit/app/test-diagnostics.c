#include "editor/diagnostics.h"

#include "common/i18n.h"
#include "models/explain.h"

static void
check (const char *language, const char *type, const char *message, const char *sentence)
{
  gb_i18n_set_language (language);
  g_autofree char *said = gb_diagnostics_explain (type, message);
  g_assert_cmpstr (said, ==, sentence);
}

static void
test_explain (void)
{
  const char *shapes =
      "The size of tensor a (3) must match the size of tensor b (4) at non-singleton dimension 0";
  check ("en", "RuntimeError", shapes,
         "These shapes meet at dimension 0: 3 and 4. Neither is 1.");
  check ("zh", "RuntimeError", shapes, "第 0 维对不上：一个是 3，一个是 4，都不是 1。");
  check ("en", "NameError", "name 'y' is not defined",
         "y has no value here: misspelt, or used before its line ran.");
  check ("en", "NotImplementedError", "torch.fft.rfft", "Not in this version: torch.fft.rfft.");
  check ("zh", "NotImplementedError", "torch.fft.rfft", "这一版还没有 torch.fft.rfft。");
  check ("en", "CustomError", "100 %s of %d", "This line raised CustomError.");
  gb_i18n_set_language ("en");
}

static void
test_way_out (void)
{
  g_autofree char *way = gb_diagnostics_way_out (
      "FileNotFoundError", "[Errno 2] No such file or directory: 'x'");
  g_assert_nonnull (way);
  g_assert_null (gb_diagnostics_way_out ("ZeroDivisionError", "division by zero"));
}

/* An examination leaves PyTorch's own words. */
static void
test_off (void)
{
  gb_explain_set_enabled (FALSE);
  check ("zh", "NameError", "name 'y' is not defined", "NameError: name 'y' is not defined");
  check ("en", "AssertionError", "", "AssertionError");
  g_assert_null (gb_diagnostics_way_out ("FileNotFoundError", "[Errno 2] No such file or directory: 'x'"));
  gb_explain_set_enabled (TRUE);
  check ("en", "NameError", "name 'y' is not defined", "y has no value here: misspelt, or used before its line ran.");
}

static void
test_ended (void)
{
  g_autofree char *memory = gb_diagnostics_ended ("memory", 9, 0);
  g_assert_cmpstr (memory, ==, "The interpreter stopped at line 9 (out of memory). Your code is safe.");
  g_autofree char *crash = gb_diagnostics_ended ("crashed", 0, 11);
  g_assert_cmpstr (crash, ==, "The interpreter stopped (signal 11, Segmentation fault). Your code is safe.");
}

static void
test_line (void)
{
  const char *text = "Traceback (most recent call last):\n  File \"/a/b.py\", line 3, in <module>\n    f()\n"
                     "  File \"/a/b.py\", line 12, in f\n  File \"/lib/c.py\", line 99, in g\n";
  g_assert_cmpuint (gb_diagnostics_find_line (text, "/a/b.py"), ==, 12);
  g_assert_cmpuint (gb_diagnostics_find_line (text, "/x.py"), ==, 0);
  g_assert_cmpuint (gb_diagnostics_find_line (NULL, "/x.py"), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gb_i18n_init (NULL);
  g_test_add_func ("/app/diagnostics/explain", test_explain);
  g_test_add_func ("/app/diagnostics/way-out", test_way_out);
  g_test_add_func ("/app/diagnostics/off", test_off);
  g_test_add_func ("/app/diagnostics/ended", test_ended);
  g_test_add_func ("/app/diagnostics/line", test_line);
  return g_test_run ();
}
