#include "editor/code-indenter.h"

static void
test_indent (void)
{
  g_assert_cmpint (gb_code_indenter_next_indent (""), ==, 0);
  g_assert_cmpint (gb_code_indenter_next_indent ("x = 1"), ==, 0);
  g_assert_cmpint (gb_code_indenter_next_indent ("for x in y:"), ==, 4);
  g_assert_cmpint (gb_code_indenter_next_indent ("    if x:  # why: because"), ==, 8);
  g_assert_cmpint (gb_code_indenter_next_indent ("    x = f(a,"), ==, 8);
  g_assert_cmpint (gb_code_indenter_next_indent ("    x = {'a': 1}"), ==, 4);
  g_assert_cmpint (gb_code_indenter_next_indent ("    x = '('"), ==, 4);
  g_assert_cmpint (gb_code_indenter_next_indent ("        return x"), ==, 4);
  g_assert_cmpint (gb_code_indenter_next_indent ("    returned = 1"), ==, 4);
  g_assert_cmpint (gb_code_indenter_next_indent ("pass"), ==, 0);
}

static void
check_toggle (const char *before, const char *after)
{
  g_autofree char *toggled = gb_code_toggle_comment (before);
  g_assert_cmpstr (toggled, ==, after);
  g_autofree char *back = gb_code_toggle_comment (toggled);
  g_assert_cmpstr (back, ==, before);
}

static void
test_comment (void)
{
  check_toggle ("x = 1", "# x = 1");
  check_toggle ("    if x:\n        y = 2\n\n    z", "    # if x:\n    #     y = 2\n\n    # z");
  g_autofree char *mixed = gb_code_toggle_comment ("# a\nb");
  g_assert_cmpstr (mixed, ==, "# # a\n# b");
  g_autofree char *blank = gb_code_toggle_comment ("\n  \n");
  g_assert_cmpstr (blank, ==, "\n  \n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/app/editing/indent", test_indent);
  g_test_add_func ("/app/editing/comment", test_comment);
  return g_test_run ();
}
