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
      "| way | `cost` | needs $x_1$ |\n|---|---|---|\n| **one** | 2 | no |\n| two | | `yes` |\n| 3 | 4 | |\n\nAfter.\n");
  GtkTextIter start, end;
  gtk_text_buffer_get_bounds (buffer, &start, &end);
  g_autofree char *text = gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
  g_assert_nonnull (strstr (text, "Title\n"));
  g_assert_nonnull (strstr (text, "Some bold and code, x1."));
  g_assert_nonnull (strstr (text, "• one\n• two\n\n1."));
  g_assert_nonnull (strstr (text, "1. first\n2. second\n\none"));
  g_assert_nonnull (strstr (text, "\none\ncost: 2  ·  needs x1: no\ntwo\n"));
  g_assert_nonnull (strstr (text, "needs x1: yes\nway: 3\ncost: 4"));
  g_assert_true (g_str_has_suffix (text, "\n\nAfter.\n\n"));
  gb_markdown_trim (buffer);
  gtk_text_buffer_get_bounds (buffer, &start, &end);
  g_autofree char *trimmed = gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
  g_assert_true (g_str_has_suffix (trimmed, "\n\nAfter."));
  g_assert_null (strstr (text, "way: one"));
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

/* What is in the buffer from where `needle` begins. */
static GtkTextIter
iter_at (GtkTextBuffer *buffer, const char *needle)
{
  GtkTextIter start, found;
  gtk_text_buffer_get_start_iter (buffer, &start);
  g_assert_true (gtk_text_iter_forward_search (&start, needle, 0, &found, NULL, NULL));
  return found;
}

/* In a line of Han letters a formula is set lower, or it would stand above them; in others it is not.  A remark behind
 * code comes close to it, one of a line of its own stays. */
static void
test_lines (void)
{
  g_autoptr (GtkTextBuffer) buffer = gtk_text_buffer_new (NULL);
  gb_markdown_add_tags (buffer);
  gb_markdown_append (buffer, "- 第 $p_k$ 个\n\nThe $q_k$ 个\n\n```python\nf(x)         # 3\n    # alone\n```\n");
  GtkTextTagTable *tags = gtk_text_buffer_get_tag_table (buffer);
  GtkTextTag *low = gtk_text_tag_table_lookup (tags, "han-script"), *index = gtk_text_tag_table_lookup (tags, "han-script-1");
  GtkTextIter in_han = iter_at (buffer, "pk"), in_latin = iter_at (buffer, "qk"), start, end;
  g_assert_true (gtk_text_iter_has_tag (&in_han, low));
  g_assert_false (gtk_text_iter_has_tag (&in_latin, low));
  gtk_text_iter_forward_char (&in_han);
  g_assert_true (gtk_text_iter_has_tag (&in_han, index));
  gtk_text_buffer_get_bounds (buffer, &start, &end);
  g_autofree char *text = gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
  g_assert_nonnull (strstr (text, "f(x)  # 3\n    # alone\n"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gtk_init_check ();
  g_test_add_func ("/app/markdown/formulas", test_formulas);
  g_test_add_func ("/app/markdown/lines", test_lines);
  g_test_add_func ("/app/markdown/blocks", test_blocks);
  return g_test_run ();
}
