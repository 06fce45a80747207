#include "board/markdown.h"

#include "common/i18n.h"

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
} Writer;

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
  gtk_text_buffer_create_tag (buffer, "block", "family", "Noto Sans Mono CJK SC", "left-margin", 24,
                              "wrap-mode", GTK_WRAP_NONE, NULL);
  gtk_text_buffer_create_tag (buffer, "formula", "family", "Noto Serif CJK SC", "scale", 1.1, NULL);
  gtk_text_buffer_create_tag (buffer, "item", "left-margin", 30, "indent", -14, NULL);
  gtk_text_buffer_create_tag (buffer, "quote", "left-margin", 24, NULL);
  gtk_text_buffer_create_tag (buffer, "cells", "left-margin", 24, "pixels-below-lines", 4, NULL);
}

/* ---- formulas ---- */

static const struct
{
  const char *word, *sign;
} signs[] = {
  { "alpha", "α" },
  { "beta", "β" },
  { "gamma", "γ" },
  { "delta", "δ" },
  { "epsilon", "ε" },
  { "eta", "η" },
  { "theta", "θ" },
  { "lambda", "λ" },
  { "mu", "μ" },
  { "pi", "π" },
  { "rho", "ρ" },
  { "sigma", "σ" },
  { "tau", "τ" },
  { "phi", "φ" },
  { "omega", "ω" },
  { "Delta", "Δ" },
  { "Sigma", "Σ" },
  { "Omega", "Ω" },
  { "nabla", "∇" },
  { "partial", "∂" },
  { "sum", "Σ" },
  { "prod", "Π" },
  { "int", "∫" },
  { "infty", "∞" },
  { "cdot", "·" },
  { "times", "×" },
  { "pm", "±" },
  { "le", "≤" },
  { "leq", "≤" },
  { "ge", "≥" },
  { "geq", "≥" },
  { "neq", "≠" },
  { "ne", "≠" },
  { "approx", "≈" },
  { "to", "→" },
  { "rightarrow", "→" },
  { "leftarrow", "←" },
  { "in", "∈" },
  { "odot", "⊙" },
  { "top", "ᵀ" },
  { "ldots", "…" },
  { "dots", "…" },
  { "cdots", "…" },
  { "quad", "  " },
  { "left", "" },
  { "right", "" },
  { "mathrm", "" },
  { "mathbf", "" },
  { "text", "" },
  { "operatorname", "" },
  { "hat", "^" },
  { "bar", "‾" },
  { "mathbb", "" },
  { "log", "log" },
  { "exp", "exp" },
  { "max", "max" },
  { "min", "min" },
  { "tanh", "tanh" },
  { "sin", "sin" },
  { "cos", "cos" },
  { "softmax", "softmax" },
  { "lfloor", "⌊" },
  { "rfloor", "⌋" },
  { "lceil", "⌈" },
  { "rceil", "⌉" },
};

static const char *const superscripts[] = { "⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹" };
static const char *const subscripts[] = { "₀", "₁", "₂", "₃", "₄", "₅", "₆", "₇", "₈", "₉" };

static void write_formula (GString *out, const char *p, const char *end);

/* The group {…} or the single letter at p; *next is set behind it. */
static char *
read_group (const char *p, const char *end, const char **next)
{
  while (p < end && *p == ' ')
    p++;
  if (p >= end)
    {
      *next = end;
      return g_strdup ("");
    }
  if (*p != '{')
    {
      const char *stop = *p == '\\' ? p + 1 : g_utf8_next_char (p);
      while (*p == '\\' && stop < end && g_ascii_isalpha (*stop))
        stop++;
      *next = MIN (stop, end);
      return g_strndup (p, *next - p);
    }
  int depth = 0;
  const char *q = p;
  for (; q < end; q++)
    if (*q == '{')
      depth++;
    else if (*q == '}' && --depth == 0)
      break;
  *next = MIN (q + 1, end);
  return g_strndup (p + 1, MAX (0, q - p - 1));
}

static void
write_script (GString *out, const char *group, const char *const *digits, const char *mark)
{
  g_autoptr (GString) inner = g_string_new (NULL);
  write_formula (inner, group, group + strlen (group));
  gboolean all_digits = inner->len > 0;
  for (gsize i = 0; i < inner->len; i++)
    all_digits = all_digits && g_ascii_isdigit (inner->str[i]);
  for (gsize i = 0; all_digits && i < inner->len; i++)
    g_string_append (out, digits[inner->str[i] - '0']);
  if (all_digits)
    return;
  if (strcmp (inner->str, "ᵀ") == 0 || strcmp (inner->str, "T") == 0)
    g_string_append (out, *mark == '^' ? "ᵀ" : "_T");
  else if (g_utf8_strlen (inner->str, -1) == 1)
    g_string_append_printf (out, "%s%s", mark, inner->str);
  else
    g_string_append_printf (out, "%s(%s)", mark, inner->str);
}

static void
write_wrapped (GString *out, const char *group)
{
  g_autoptr (GString) inner = g_string_new (NULL);
  write_formula (inner, group, group + strlen (group));
  if (strpbrk (inner->str, " +-·×/"))
    g_string_append_printf (out, "(%s)", inner->str);
  else
    g_string_append (out, inner->str);
}

static const char *
write_command (GString *out, const char *p, const char *end)
{
  const char *stop = p;
  while (stop < end && g_ascii_isalpha (*stop))
    stop++;
  g_autofree char *word = g_strndup (p, stop - p);
  if (strcmp (word, "frac") == 0)
    {
      g_autofree char *above = read_group (stop, end, &stop);
      g_autofree char *below = read_group (stop, end, &stop);
      write_wrapped (out, above);
      g_string_append (out, " / ");
      write_wrapped (out, below);
      return stop;
    }
  if (strcmp (word, "sqrt") == 0)
    {
      g_autofree char *group = read_group (stop, end, &stop);
      g_string_append (out, "√");
      write_wrapped (out, group);
      return stop;
    }
  for (guint i = 0; i < G_N_ELEMENTS (signs); i++)
    if (strcmp (signs[i].word, word) == 0)
      {
        g_string_append (out, signs[i].sign);
        return stop;
      }
  if (stop == p && p < end)
    {
      /* An escaped sign, or a small space. */
      if (!strchr (",;!: ", *p))
        g_string_append_c (out, *p);
      else
        g_string_append_c (out, ' ');
      return p + 1;
    }
  g_string_append (out, word);
  return stop;
}

static void
write_formula (GString *out, const char *p, const char *end)
{
  while (p < end)
    {
      if (*p == '\\')
        p = write_command (out, p + 1, end);
      else if (*p == '^' || *p == '_')
        {
          gboolean above = *p == '^';
          g_autofree char *group = read_group (p + 1, end, &p);
          write_script (out, group, above ? superscripts : subscripts, above ? "^" : "_");
        }
      else if (*p == '{' || *p == '}')
        p++;
      else
        {
          const char *next = g_utf8_next_char (p);
          g_string_append_len (out, p, MIN (next, end) - p);
          p = next;
        }
    }
}

char *
gb_markdown_formula (const char *tex, gsize nbytes)
{
  g_autofree char *copy = g_strndup (tex, nbytes);
  GString *out = g_string_new (NULL);
  write_formula (out, copy, copy + strlen (copy));
  return g_string_free (out, FALSE);
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
 * and below it the others, each behind the name of its column. */
static void
begin_cell (Writer *w)
{
  const char *head = w->column < w->heads->len ? g_ptr_array_index (w->heads, w->column) : "";
  gboolean is_zh = strcmp (gb_i18n_get_language (), "zh") == 0;
  if (w->column == 1)
    new_line (w);
  push (w, w->column ? "cells" : "strong");
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
  if (type == MD_BLOCK_UL || type == MD_BLOCK_OL)
    g_array_set_size (w->list_marks, w->list_marks->len - 1);
  w->item_begins = FALSE;
  if (type == MD_BLOCK_P || type == MD_BLOCK_CODE || type == MD_BLOCK_TABLE)
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

static int
leave_span (MD_SPANTYPE type, void *detail, void *data)
{
  Writer *w = data;
  if (span_tag (type))
    pop (w);
  if (type == MD_SPAN_LATEXMATH || type == MD_SPAN_LATEXMATH_DISPLAY)
    {
      g_autofree char *text = gb_markdown_formula (w->formula->str, w->formula->len);
      w->in_formula = FALSE;
      push (w, "formula");
      write_text (w, text, -1);
      pop (w);
    }
  return 0;
}

static int
on_text (MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE nbytes, void *data)
{
  Writer *w = data;
  w->item_begins = FALSE;
  if (w->in_formula)
    g_string_append_len (w->formula, text, nbytes);
  else if (type == MD_TEXT_SOFTBR)
    write_text (w, " ", 1);
  else if (type == MD_TEXT_BR)
    write_text (w, "\n", 1);
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
  MD_PARSER parser = { .flags = MD_FLAG_TABLES | MD_FLAG_LATEXMATHSPANS | MD_FLAG_NOHTML,
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
