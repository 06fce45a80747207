#include "paper/paper.h"

#include <string.h>

#define BAR_CELLS 20

/* What Markdown would read as its own is said to be text; a cell is one line. */
static void
add_escaped (GString *out, const char *text, gboolean is_cell)
{
  for (const char *at = text; *at; at++)
    {
      gboolean begins = at == text || at[-1] == '\n';
      if (*at == '\n' && is_cell)
        {
          g_string_append (out, "<br>");
          continue;
        }
      if (strchr ("\\`*_[]<", *at) || (*at == '|' && is_cell) || (begins && strchr ("#>-+", *at)))
        g_string_append_c (out, '\\');
      g_string_append_c (out, *at);
    }
}

static void
add_quote (GString *out, const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i]; i++)
    {
      g_string_append (out, "> ");
      add_escaped (out, lines[i], FALSE);
      g_string_append (out, lines[i + 1] ? "  \n" : "\n");
    }
}

/* A fence that is longer than any in the text. */
static void
add_code (GString *out, const char *text)
{
  guint longest = 2, run = 0;
  for (const char *at = text; *at; at++)
    {
      run = *at == '`' ? run + 1 : 0;
      longest = MAX (longest, run);
    }
  g_autofree char *fence = g_strnfill (longest + 1, '`');
  g_string_append_printf (out, "%spython\n%s%s%s\n", fence, text, g_str_has_suffix (text, "\n") ? "" : "\n",
                          fence);
}

static void
add_link (GString *out, const char *text, const char *uri)
{
  g_string_append_c (out, '[');
  add_escaped (out, text, TRUE);
  g_string_append_printf (out, "](<%s>)", uri);
}

static void
add_row (GString *out, const GbBlock *block, guint from, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      g_string_append (out, i ? " | " : "| ");
      if (gb_block_get_uri (block, from + i))
        add_link (out, g_ptr_array_index (block->cells, from + i), gb_block_get_uri (block, from + i));
      else if (from + i < block->cells->len)
        add_escaped (out, g_ptr_array_index (block->cells, from + i), TRUE);
    }
  g_string_append (out, " |\n");
}

static void
add_table (GString *out, const GbBlock *block)
{
  for (guint i = 0; i < block->cells->len; i += block->n_columns)
    {
      add_row (out, block, i, block->n_columns);
      for (guint k = 0; i == 0 && k < block->n_columns; k++)
        g_string_append (out, k + 1 < block->n_columns ? "| --- " : "| --- |\n");
    }
}

static void
add_facts (GString *out, const GbBlock *block)
{
  for (guint i = 0; i + 1 < block->cells->len; i += 2)
    {
      g_string_append (out, "- **");
      add_escaped (out, g_ptr_array_index (block->cells, i), TRUE);
      g_string_append (out, "**: ");
      add_escaped (out, g_ptr_array_index (block->cells, i + 1), TRUE);
      g_string_append_c (out, '\n');
    }
}

static void
add_bars (GString *out, const GbBlock *block)
{
  for (guint i = 0; i + 2 < block->cells->len; i += 3)
    {
      const char *value = g_ptr_array_index (block->cells, i + 1);
      guint full = (guint) (CLAMP (g_ascii_strtod (value, NULL), 0, 1) * BAR_CELLS + 0.5);
      g_string_append (out, "- ");
      add_escaped (out, g_ptr_array_index (block->cells, i), TRUE);
      g_string_append (out, " `");
      for (guint k = 0; k < BAR_CELLS; k++)
        g_string_append (out, k < full ? "█" : "·");
      g_string_append (out, "` ");
      add_escaped (out, g_ptr_array_index (block->cells, i + 2), TRUE);
      g_string_append_c (out, '\n');
    }
}

static void
add_picture (GString *out, const GbBlock *block)
{
  gsize length;
  gconstpointer data = g_bytes_get_data (block->png, &length);
  g_autofree char *text = g_base64_encode (data, length);
  g_string_append (out, "![");
  add_escaped (out, block->text, TRUE);
  g_string_append_printf (out, "](data:image/png;base64,%s)\n", text);
}

char *
gb_paper_to_markdown (const GbPaper *self)
{
  GString *out = g_string_new ("# ");

  add_escaped (out, self->title, TRUE);
  g_string_append_c (out, '\n');
  for (guint i = 0; i < self->blocks->len; i++)
    {
      const GbBlock *block = g_ptr_array_index (self->blocks, i);
      g_string_append_c (out, '\n');
      switch (block->kind)
        {
        case GB_BLOCK_HEADING:
          for (guint k = 0; k <= block->level; k++)
            g_string_append_c (out, '#');
          g_string_append_c (out, ' ');
          add_escaped (out, block->text, TRUE);
          g_string_append_c (out, '\n');
          break;
        case GB_BLOCK_PARAGRAPH:
        case GB_BLOCK_MUTED:
          add_escaped (out, block->text, FALSE);
          g_string_append_c (out, '\n');
          break;
        case GB_BLOCK_QUOTE:
          add_quote (out, block->text);
          break;
        case GB_BLOCK_CODE:
          add_code (out, block->text);
          break;
        case GB_BLOCK_FACTS:
          add_facts (out, block);
          break;
        case GB_BLOCK_TABLE:
          add_table (out, block);
          break;
        case GB_BLOCK_BARS:
          add_bars (out, block);
          break;
        case GB_BLOCK_PICTURE:
          add_picture (out, block);
          break;
        case GB_BLOCK_LINK:
          add_link (out, block->text, gb_block_get_uri (block, 0));
          g_string_append_c (out, '\n');
          break;
        }
    }
  g_string_append_printf (out, "\n---\n\n%s\n", self->foot);
  return g_string_free (out, FALSE);
}
