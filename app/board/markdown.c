#include "board/markdown.h"

#include "common/formula.h"
#include "common/i18n.h"
#include "library/topic.h"

#include <md4c.h>
#include <string.h>

typedef struct
{
  GtkTextBuffer *buffer;
  GPtrArray *tags;    /* names of the open tags */
  GArray *list_marks; /* int: next number of each open list, -1: bullets */
  gboolean in_formula, item_begins;
  GString *formula;
  GPtrArray *heads; /* char *: of the table's columns */
  GString *head;    /* that is being read, or NULL */
  guint column;     /* of a table row */
  gboolean cell_begins;
} Writer;

static const char *const script_tags[] = { "script-3", "script-2", "script-1", NULL, "script1", "script2", "script3" };
/* Pango sets runs of a line that begins with Han letters on their baseline as each font has it; STIX has none, and
 * what is assumed for it would raise a formula above the words beside it. */
static const char *const han_script_tags[] = { "han-script-3", "han-script-2", "han-script-1", "han-script",
                                               "han-script1",  "han-script2",  "han-script3" };
#define HAN_RISE (-3) /* pixels */

void
gb_markdown_add_tags (GtkTextBuffer *buffer)
{
  gtk_text_buffer_create_tag (buffer, "h1", "weight", PANGO_WEIGHT_BOLD, "scale", 1.3, "pixels-above-lines",
                              8, "pixels-below-lines", 4, NULL);
  gtk_text_buffer_create_tag (buffer, "h2", "weight", PANGO_WEIGHT_BOLD, "scale", 1.12, "pixels-above-lines",
                              8, "pixels-below-lines", 3, NULL);
  gtk_text_buffer_create_tag (buffer, "strong", "weight", PANGO_WEIGHT_BOLD, NULL);
  /* No italics: Han letters have none. */
  gtk_text_buffer_create_tag (buffer, "em", "underline", PANGO_UNDERLINE_LOW, NULL);
  gtk_text_buffer_create_tag (buffer, "code", "family", "Noto Sans Mono CJK SC", NULL);
  /* A line of code that is too long for the pane goes on in the next row, further in: cut off it could not be read. */
  gtk_text_buffer_create_tag (buffer, "block", "family", "Noto Sans Mono CJK SC", "left-margin", 24, "indent", -28, NULL);
  gtk_text_buffer_create_tag (buffer, "formula", "family", "STIXGeneral, Noto Serif CJK SC", "scale", 1.1, NULL);
  gtk_text_buffer_create_tag (buffer, "variable", "style", PANGO_STYLE_ITALIC, NULL);
  for (int script = -3; script <= 3; script++)
    {
      static const int rises[] = { -1, -5, -3, 0, 5, 8, 2 }; /* pixels */
      double scale = ABS (script) == 1 ? 0.8 : 0.68;
      int rise = rises[script + 3] * PANGO_SCALE, han_rise = rise + HAN_RISE * PANGO_SCALE;
      if (script)
        gtk_text_buffer_create_tag (buffer, script_tags[script + 3], "rise", rise, "scale", scale, NULL);
      if (script)
        gtk_text_buffer_create_tag (buffer, han_script_tags[script + 3], "rise", han_rise, "scale", scale, NULL);
      else
        gtk_text_buffer_create_tag (buffer, han_script_tags[script + 3], "rise", han_rise, NULL);
    }
  gtk_text_buffer_create_tag (buffer, "display", "left-margin", 24, "pixels-above-lines", 4, "pixels-below-lines", 4, NULL);
  gtk_text_buffer_create_tag (buffer, "item", "left-margin", 30, "indent", -14, NULL);
  gtk_text_buffer_create_tag (buffer, "quote", "left-margin", 24, NULL);
  gtk_text_buffer_create_tag (buffer, "cells", "left-margin", 24, "pixels-below-lines", 4, NULL);
}

/* ---- md4c's events ---- */

static void
write_text (Writer *w, const char *text, gssize nbytes)
{
  GtkTextIter end, start;
  if (w->head)
    {
      g_string_append_len (w->head, text, nbytes);
      return;
    }
  gtk_text_buffer_get_end_iter (w->buffer, &end);
  int offset = gtk_text_iter_get_offset (&end);
  gtk_text_buffer_insert (w->buffer, &end, text, nbytes);
  gtk_text_buffer_get_iter_at_offset (w->buffer, &start, offset);
  for (guint i = 0; i < w->tags->len; i++)
    gtk_text_buffer_apply_tag_by_name (w->buffer, g_ptr_array_index (w->tags, i), &start, &end);
}

static void
new_line (Writer *w)
{
  GtkTextIter end;
  gtk_text_buffer_get_end_iter (w->buffer, &end);
  if (!gtk_text_iter_starts_line (&end))
    gtk_text_buffer_insert (w->buffer, &end, "\n", 1);
}

static void
push (Writer *w, const char *tag)
{
  g_ptr_array_add (w->tags, (gpointer) tag);
}

static void
pop (Writer *w)
{
  g_ptr_array_set_size (w->tags, w->tags->len - 1);
}

static const char *
block_tag (MD_BLOCKTYPE type, void *detail)
{
  switch (type)
    {
    case MD_BLOCK_H:
      return ((MD_BLOCK_H_DETAIL *) detail)->level == 1 ? "h1" : "h2";
    case MD_BLOCK_CODE:
      return "block";
    case MD_BLOCK_LI:
      return "item";
    case MD_BLOCK_QUOTE:
      return "quote";
    default:
      return NULL;
    }
}

/* A table is read row by row, since columns beside each other have no room in a narrow pane: the first cell,
 * and below it the others, each behind the name of its column; the first too where it is a mere number. */
static void
begin_cell (Writer *w)
{
  const char *head = w->column < w->heads->len ? g_ptr_array_index (w->heads, w->column) : "";
  gboolean is_zh = strcmp (gb_i18n_get_language (), "zh") == 0;
  if (w->column == 1)
    new_line (w);
  push (w, w->column ? "cells" : "strong");
  w->cell_begins = w->column == 0;
  if (w->column > 1)
    write_text (w, "  ·  ", -1);
  if (w->column && *head)
    {
      write_text (w, head, -1);
      write_text (w, is_zh ? "：" : ": ", -1);
    }
  w->column++;
}

/* Parts of a table, which have no tags or lines of their own. */
static gboolean
enter_table_part (Writer *w, MD_BLOCKTYPE type)
{
  if (type == MD_BLOCK_TABLE)
    g_ptr_array_set_size (w->heads, 0);
  else if (type == MD_BLOCK_TH)
    w->head = g_string_new (NULL);
  else if (type == MD_BLOCK_TD)
    begin_cell (w);
  else if (type == MD_BLOCK_TR)
    w->column = 0;
  else if (type != MD_BLOCK_THEAD && type != MD_BLOCK_TBODY)
    return FALSE;
  if (type != MD_BLOCK_TH && type != MD_BLOCK_TD)
    new_line (w);
  return TRUE;
}

static gboolean
leave_table_part (Writer *w, MD_BLOCKTYPE type)
{
  if (type == MD_BLOCK_TH)
    {
      g_ptr_array_add (w->heads, g_string_free (g_steal_pointer (&w->head), FALSE));
      return TRUE;
    }
  if (type == MD_BLOCK_TD)
    pop (w);
  return type == MD_BLOCK_TD || type == MD_BLOCK_TR || type == MD_BLOCK_THEAD || type == MD_BLOCK_TBODY;
}

static int
enter_block (MD_BLOCKTYPE type, void *detail, void *data)
{
  Writer *w = data;
  int number = type == MD_BLOCK_OL ? (int) ((MD_BLOCK_OL_DETAIL *) detail)->start : -1;
  const char *tag = block_tag (type, detail);
  if (enter_table_part (w, type))
    return 0;
  if (type == MD_BLOCK_UL || type == MD_BLOCK_OL)
    g_array_append_val (w->list_marks, number);
  if (type != MD_BLOCK_P || !w->item_begins)
    new_line (w);
  if (tag)
    push (w, tag);
  if (type == MD_BLOCK_LI && w->list_marks->len)
    {
      int *mark = &g_array_index (w->list_marks, int, w->list_marks->len - 1);
      g_autofree char *text = *mark >= 0 ? g_strdup_printf ("%d. ", (*mark)++) : g_strdup ("• ");
      write_text (w, text, -1);
      w->item_begins = TRUE;
    }
  if (type == MD_BLOCK_HR)
    write_text (w, "―――\n", -1);
  return 0;
}

static int
leave_block (MD_BLOCKTYPE type, void *detail, void *data)
{
  Writer *w = data;
  if (leave_table_part (w, type))
    return 0;
  if (block_tag (type, detail))
    pop (w);
  gboolean is_list = type == MD_BLOCK_UL || type == MD_BLOCK_OL;
  if (is_list)
    g_array_set_size (w->list_marks, w->list_marks->len - 1);
  w->item_begins = FALSE;
  if (is_list || type == MD_BLOCK_P || type == MD_BLOCK_CODE || type == MD_BLOCK_TABLE)
    {
      new_line (w);
      if (!w->list_marks->len)
        write_text (w, "\n", 1);
    }
  return 0;
}

static const char *
span_tag (MD_SPANTYPE type)
{
  return type == MD_SPAN_STRONG ? "strong" : type == MD_SPAN_EM ? "em" : type == MD_SPAN_CODE ? "code" : NULL;
}

static int
enter_span (MD_SPANTYPE type, void *detail, void *data)
{
  Writer *w = data;
  if (span_tag (type))
    push (w, span_tag (type));
  if (type == MD_SPAN_LATEXMATH || type == MD_SPAN_LATEXMATH_DISPLAY)
    {
      w->in_formula = TRUE;
      g_string_truncate (w->formula, 0);
    }
  return 0;
}

/* Does the line that is being written begin with Han letters? */
static gboolean
is_han_line (Writer *w)
{
  GtkTextIter iter;
  gtk_text_buffer_get_end_iter (w->buffer, &iter);
  gtk_text_iter_set_line_offset (&iter, 0);
  while (!gtk_text_iter_is_end (&iter) && !g_unichar_isalpha (gtk_text_iter_get_char (&iter)))
    gtk_text_iter_forward_char (&iter);
  return g_unichar_get_script (gtk_text_iter_get_char (&iter)) == G_UNICODE_SCRIPT_HAN;
}

/* Within the line: its runs, each with the tags that set it. */
static void
write_runs (Writer *w, const GbFormula *formula)
{
  g_autoptr (GArray) runs = gb_formula_to_runs (formula);
  const char *const *scripts = is_han_line (w) ? han_script_tags : script_tags;
  for (guint i = 0; i < runs->len; i++)
    {
      const GbFormulaRun *run = &g_array_index (runs, GbFormulaRun, i);
      guint n_tags = w->tags->len;
      push (w, "formula");
      if (run->is_slanted)
        push (w, "variable");
      if (scripts[run->script + 3])
        push (w, scripts[run->script + 3]);
      write_text (w, run->text->str, -1);
      g_ptr_array_set_size (w->tags, n_tags);
    }
}

/* A display has a line and a place of its own, for a widget that sets it; what cannot be read is shown as it stands. */
static void
write_formula (Writer *w, gboolean is_display)
{
  GbFormula *formula = gb_formula_parse (w->formula->str, NULL);
  if (formula == NULL)
    {
      push (w, "code");
      write_text (w, w->formula->str, -1);
      pop (w);
      return;
    }
  if (!is_display || w->head)
    {
      write_runs (w, formula);
      gb_formula_free (formula);
      return;
    }
  GtkTextIter end, start;
  new_line (w);
  gtk_text_buffer_get_end_iter (w->buffer, &end);
  int offset = gtk_text_iter_get_offset (&end);
  GtkTextChildAnchor *anchor = gtk_text_buffer_create_child_anchor (w->buffer, &end);
  g_object_set_data_full (G_OBJECT (anchor), GB_MARKDOWN_FORMULA, formula, (GDestroyNotify) gb_formula_free);
  gtk_text_buffer_get_iter_at_offset (w->buffer, &start, offset);
  gtk_text_buffer_get_end_iter (w->buffer, &end);
  gtk_text_buffer_apply_tag_by_name (w->buffer, "display", &start, &end);
}

static int
leave_span (MD_SPANTYPE type, void *detail, void *data)
{
  Writer *w = data;
  if (span_tag (type))
    pop (w);
  if (type == MD_SPAN_LATEXMATH || type == MD_SPAN_LATEXMATH_DISPLAY)
    {
      w->in_formula = FALSE;
      write_formula (w, type == MD_SPAN_LATEXMATH_DISPLAY);
    }
  return 0;
}

/* A remark that stands in a column of its own, far to the right, comes close: a pane is narrow. */
static void
write_code (Writer *w, const char *text, gsize nbytes)
{
  const char *mark = nbytes ? g_strstr_len (text, (gssize) nbytes, "   #") : NULL;
  if (mark == NULL || mark == text)
    {
      write_text (w, text, (gssize) nbytes);
      return;
    }
  const char *code_end = mark;
  while (code_end > text && code_end[-1] == ' ')
    code_end--;
  write_text (w, text, code_end - text);
  if (code_end > text)
    write_text (w, "  ", 2);
  write_text (w, mark + 3, (gssize) nbytes - (mark + 3 - text));
}

static int
on_text (MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE nbytes, void *data)
{
  Writer *w = data;
  w->item_begins = FALSE;
  if (w->cell_begins && !w->head && w->heads->len && nbytes && g_ascii_isdigit (*text))
    {
      const char *head = g_ptr_array_index (w->heads, 0);
      write_text (w, head, -1);
      if (*head)
        write_text (w, strcmp (gb_i18n_get_language (), "zh") == 0 ? "：" : ": ", -1);
    }
  w->cell_begins = FALSE;
  if (w->in_formula)
    g_string_append_len (w->formula, text, nbytes);
  else if (type == MD_TEXT_SOFTBR)
    write_text (w, " ", 1);
  else if (type == MD_TEXT_BR)
    write_text (w, "\n", 1);
  else if (type == MD_TEXT_CODE && g_utf8_validate (text, nbytes, NULL))
    write_code (w, text, nbytes);
  else if (g_utf8_validate (text, nbytes, NULL))
    write_text (w, text, nbytes);
  return 0;
}

void
gb_markdown_append (GtkTextBuffer *buffer, const char *text)
{
  Writer writer = { .buffer = buffer,
                    .tags = g_ptr_array_new (),
                    .list_marks = g_array_new (FALSE, FALSE, sizeof (int)),
                    .formula = g_string_new (NULL),
                    .heads = g_ptr_array_new_with_free_func (g_free) };
  MD_PARSER parser = { .flags = GB_NOTE_DIALECT,
                       .enter_block = enter_block,
                       .leave_block = leave_block,
                       .enter_span = enter_span,
                       .leave_span = leave_span,
                       .text = on_text };
  md_parse (text, strlen (text), &parser, &writer);
  g_ptr_array_unref (writer.tags);
  g_array_unref (writer.list_marks);
  g_ptr_array_unref (writer.heads);
  g_string_free (writer.formula, TRUE);
}

void
gb_markdown_trim (GtkTextBuffer *buffer)
{
  GtkTextIter start, end;
  gtk_text_buffer_get_end_iter (buffer, &end);
  start = end;
  while (gtk_text_iter_backward_char (&start) && gtk_text_iter_get_char (&start) == '\n')
    ;
  if (!gtk_text_iter_is_start (&start) && gtk_text_iter_forward_char (&start))
    gtk_text_buffer_delete (buffer, &start, &end);
}
