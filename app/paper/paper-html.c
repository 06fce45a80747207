#include "paper/paper.h"

#include <string.h>

/* Calm, printable, and without anything from elsewhere. */
static const char style[] =
    ":root{color-scheme:light "
    "dark;--ink:#241f31;--muted:#6f6b78;--line:#dcdae0;--paper:#fff;--soft:#f4f3f6;--look:#1c71d8}"
    "@media "
    "(prefers-color-scheme:dark){:root{--ink:#f2f1f4;--muted:#a5a1ad;--line:#413d48;--paper:#1e1c22;--soft:#"
    "2a2730;"
    "--look:#78aeed}}"
    "body{font:16px/1.55 Cantarell,'Noto Sans','Noto Sans CJK SC',system-ui,sans-serif;color:var(--ink);"
    "background:var(--paper);max-width:46em;margin:3em auto;padding:0 1.2em}"
    "h1{font-size:1.9em;line-height:1.2;margin:0 0 .4em}h2{font-size:1.3em;margin:2em 0 "
    ".5em;padding-bottom:.2em;"
    "border-bottom:1px solid var(--line)}h3{font-size:1.05em;margin:1.6em 0 .3em}h4{margin:1em 0 .3em}"
    "p{margin:.5em 0}a{color:var(--look)}.muted{color:var(--muted)}blockquote{margin:.5em 0;padding:.1em 1em;border-left:3px "
    "solid var(--line)}"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:.2em 1.2em;margin:1em "
    "0}dt{color:var(--muted)}dd{margin:0}"
    "table{border-collapse:collapse;width:100%;margin:1em "
    "0;font-size:.93em}th{text-align:left;color:var(--muted);"
    "font-weight:600}th,td{padding:.35em .7em .35em 0;border-bottom:1px solid var(--line);vertical-align:top}"
    "td,dd,.n{font-variant-numeric:tabular-nums}.bars{display:grid;grid-template-columns:max-content 1fr "
    "max-content;"
    "gap:.5em 1em;align-items:center;margin:1em "
    "0}.bar{height:.75em;background:var(--soft);border-radius:.4em;"
    "overflow:hidden;border:1px solid var(--line)}.bar i{display:block;height:100%;background:var(--look)}"
    "pre{background:var(--soft);padding:.9em 1.1em;border-radius:.5em;overflow-x:auto;font:13px/1.45 "
    "'JetBrains Mono',"
    "'DejaVu Sans Mono','Noto Sans Mono CJK SC',monospace}figure{margin:1em 0}img{max-width:100%;border:1px "
    "solid "
    "var(--line);border-radius:.4em}figcaption{color:var(--muted);font-size:.9em}footer{margin-top:3em;"
    "padding-top:.7em;"
    "border-top:1px solid var(--line);color:var(--muted);font-size:.85em}"
    "@media "
    "print{body{margin:0;max-width:none;font-size:11pt}h2,h3{break-after:avoid}tr,pre,figure{break-inside:"
    "avoid}}";

/* Lines stay lines. */
static void
add_escaped (GString *out, const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i]; i++)
    {
      g_autofree char *escaped = g_markup_escape_text (lines[i], -1);
      g_string_append (out, escaped);
      if (lines[i + 1])
        g_string_append (out, "<br>");
    }
}

static void
add_element (GString *out, const char *tag, const char *attributes, const char *text)
{
  g_string_append_printf (out, "<%s%s>", tag, attributes);
  add_escaped (out, text);
  g_string_append_printf (out, "</%s>\n", tag);
}

static void
add_link (GString *out, const char *text, const char *uri)
{
  g_autofree char *escaped = g_markup_escape_text (uri, -1);
  g_string_append_printf (out, "<a href=\"%s\">", escaped);
  add_escaped (out, text);
  g_string_append (out, "</a>");
}

static void
add_table (GString *out, const GbBlock *block)
{
  g_string_append (out, "<table>\n");
  for (guint i = 0; i < block->cells->len; i += block->n_columns)
    {
      g_string_append (out, i == 0 ? "<thead><tr>" : "<tr>");
      for (guint k = 0; k < block->n_columns && i + k < block->cells->len; k++)
        if (gb_block_get_uri (block, i + k))
          {
            g_string_append (out, "<td>");
            add_link (out, g_ptr_array_index (block->cells, i + k), gb_block_get_uri (block, i + k));
            g_string_append (out, "</td>");
          }
        else
          add_element (out, i == 0 ? "th" : "td", i == 0 ? " scope=\"col\"" : "",
                       g_ptr_array_index (block->cells, i + k));
      g_string_append (out, i == 0 ? "</tr></thead>\n" : "</tr>\n");
    }
  g_string_append (out, "</table>\n");
}

static void
add_facts (GString *out, const GbBlock *block)
{
  g_string_append (out, "<dl>\n");
  for (guint i = 0; i < block->cells->len; i++)
    add_element (out, i % 2 ? "dd" : "dt", "", g_ptr_array_index (block->cells, i));
  g_string_append (out, "</dl>\n");
}

static void
add_bars (GString *out, const GbBlock *block)
{
  g_string_append (out, "<div class=\"bars\">\n");
  for (guint i = 0; i + 2 < block->cells->len; i += 3)
    {
      double value = CLAMP (g_ascii_strtod (g_ptr_array_index (block->cells, i + 1), NULL), 0, 1);
      add_element (out, "span", "", g_ptr_array_index (block->cells, i));
      g_string_append_printf (out, "<span class=\"bar\"><i style=\"width:%d%%\"></i></span>",
                              (int) (value * 100 + 0.5));
      add_element (out, "span", " class=\"n\"", g_ptr_array_index (block->cells, i + 2));
    }
  g_string_append (out, "</div>\n");
}

static void
add_picture (GString *out, const GbBlock *block)
{
  gsize length;
  gconstpointer data = g_bytes_get_data (block->png, &length);
  g_autofree char *text = g_base64_encode (data, length);
  g_autofree char *alt = g_markup_escape_text (block->text, -1);
  g_string_append_printf (out, "<figure><img alt=\"%s\" src=\"data:image/png;base64,%s\">", alt, text);
  add_element (out, "figcaption", "", block->text);
  g_string_append (out, "</figure>\n");
}

static void
add_block (GString *out, const GbBlock *block)
{
  static const char *const headings[] = { "h1", "h2", "h3", "h4" };

  switch (block->kind)
    {
    case GB_BLOCK_HEADING:
      add_element (out, headings[MIN (block->level, 3)], "", block->text);
      break;
    case GB_BLOCK_PARAGRAPH:
      add_element (out, "p", "", block->text);
      break;
    case GB_BLOCK_MUTED:
      add_element (out, "p", " class=\"muted\"", block->text);
      break;
    case GB_BLOCK_QUOTE:
      add_element (out, "blockquote", "", block->text);
      break;
    case GB_BLOCK_CODE:
      {
        g_autofree char *escaped = g_markup_escape_text (block->text, -1);
        g_string_append_printf (out, "<pre><code>%s</code></pre>\n", escaped);
      }
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
      g_string_append (out, "<p>");
      add_link (out, block->text, gb_block_get_uri (block, 0));
      g_string_append (out, "</p>\n");
      break;
    }
}

char *
gb_paper_to_html (const GbPaper *self)
{
  GString *out = g_string_new ("<!DOCTYPE html>\n");
  g_autofree char *title = g_markup_escape_text (self->title, -1);

  g_string_append_printf (
      out,
      "<html lang=\"%s\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width, initial-scale=1\"><title>%s</title>\n<style>%s</style></head>\n"
      "<body>\n<h1>%s</h1>\n",
      strcmp (self->language, "zh") == 0 ? "zh-CN" : self->language, title, style, title);
  for (guint i = 0; i < self->blocks->len; i++)
    add_block (out, g_ptr_array_index (self->blocks, i));
  add_element (out, "footer", "", self->foot);
  g_string_append (out, "</body></html>\n");
  return g_string_free (out, FALSE);
}
