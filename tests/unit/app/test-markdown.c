#include "board/markdown.h"

#include <string.h>

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
  g_assert_nonnull (strstr (text, "Some bold and code, x1."));
  g_assert_nonnull (strstr (text, "• one\n• two"));
  g_assert_nonnull (strstr (text, "1. first\n2. second"));
  g_assert_nonnull (strstr (text, "\none\ncost: 2  ·  needs x1: no\ntwo\n"));
  g_assert_nonnull (strstr (text, "needs x1: yes\n\nAfter."));
  g_assert_null (strstr (text, "way"));
}

/* A formula within the line is text that is set by tags; a display has an anchor with the formula; and what is no formula
 * is shown as it stands. */
static void
test_formulas (void)
{
  g_autoptr (GtkTextBuffer) buffer = gtk_text_buffer_new (NULL);
  gb_markdown_add_tags (buffer);
  gb_markdown_append (buffer, "Here $x_1^2$, then\n\n$$\\frac{a}{b}$$\n\nand $\\what$.\n");
  GtkTextTagTable *tags = gtk_text_buffer_get_tag_table (buffer);
  GtkTextIter start, end, iter;
  gtk_text_buffer_get_bounds (buffer, &start, &end);
  g_autofree char *text = gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
  g_assert_nonnull (strstr (text, "Here x12, then\n"));
  g_assert_nonnull (strstr (text, "and \\what."));
  gtk_text_buffer_get_iter_at_offset (buffer, &iter, 5);
  g_assert_true (gtk_text_iter_has_tag (&iter, gtk_text_tag_table_lookup (tags, "variable")));
  gtk_text_iter_forward_char (&iter);
  g_assert_true (gtk_text_iter_has_tag (&iter, gtk_text_tag_table_lookup (tags, "script-1")));
  gtk_text_iter_forward_char (&iter);
  g_assert_true (gtk_text_iter_has_tag (&iter, gtk_text_tag_table_lookup (tags, "script1")));
  guint n = 0;
  for (iter = start; !gtk_text_iter_is_end (&iter); gtk_text_iter_forward_char (&iter))
    {
      GtkTextChildAnchor *anchor = gtk_text_iter_get_child_anchor (&iter);
      n += anchor && g_object_get_data (G_OBJECT (anchor), GB_MARKDOWN_FORMULA);
    }
  g_assert_cmpuint (n, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gtk_init_check ();
  g_test_add_func ("/app/markdown/formulas", test_formulas);
  g_test_add_func ("/app/markdown/blocks", test_blocks);
  return g_test_run ();
}
