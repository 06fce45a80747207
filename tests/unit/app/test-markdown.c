#include "board/markdown.h"

#include <string.h>

static void
check (const char *tex, const char *readable)
{
  g_autofree char *text = gb_markdown_formula (tex, strlen (tex));
  g_assert_cmpstr (text, ==, readable);
}

static void
test_formula (void)
{
  check ("x^2", "x²");
  check ("\\alpha + \\beta_{12}", "α + β₁₂");
  check ("\\frac{a}{b}", "a / b");
  check ("\\frac{a+b}{2}", "(a+b) / 2");
  check ("\\sqrt{d_k}", "√d_k");
  check ("QK^\\top", "QKᵀ");
  check ("\\frac{\\partial L}{\\partial w}", "(∂ L) / (∂ w)");
  check ("\\unknown{x}", "unknownx");
  /* Unfinished input ends, it does not run on. */
  check ("\\frac{a", "a / ");
  check ("x^", "x^()");
  check ("\\", "");
}

static void
test_blocks (void)
{
  g_autoptr (GtkTextBuffer) buffer = gtk_text_buffer_new (NULL);
  gb_markdown_add_tags (buffer);
  gb_markdown_append (
      buffer,
      "# Title\n\nSome **bold** and `code`, $x_1$.\n\n- one\n- two\n\n1. first\n2. second\n\n"
      "| way | `cost` | needs $x_1$ |\n|---|---|---|\n| **one** | 2 | no |\n| two | | `yes` |\n\nAfter.\n");
  GtkTextIter start, end;
  gtk_text_buffer_get_bounds (buffer, &start, &end);
  g_autofree char *text = gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
  g_assert_nonnull (strstr (text, "Title\n"));
  g_assert_nonnull (strstr (text, "Some bold and code, x₁."));
  g_assert_nonnull (strstr (text, "• one\n• two"));
  g_assert_nonnull (strstr (text, "1. first\n2. second"));
  g_assert_nonnull (strstr (text, "\none\ncost: 2  ·  needs x₁: no\ntwo\n"));
  g_assert_nonnull (strstr (text, "needs x₁: yes\n\nAfter."));
  g_assert_null (strstr (text, "way"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/app/markdown/formula", test_formula);
  gtk_init_check ();
  g_test_add_func ("/app/markdown/blocks", test_blocks);
  return g_test_run ();
}
