#include "editor/code-indenter.h"

#include <string.h>

#define INDENT 4

struct _GbCodeIndenter
{
  GObject parent_instance;
};

/* The part of a line before its comment, without spaces at its end; *depth: brackets that it leaves open. */
static gsize
code_length (const char *line, int *depth)
{
  char quote = 0;
  gsize end = 0;
  *depth = 0;
  for (gsize i = 0; line[i]; i++)
    {
      char c = line[i];
      if (quote)
        {
          if (c == '\\' && line[i + 1])
            i++;
          else if (c == quote)
            quote = 0;
        }
      else if (c == '#')
        break;
      else if (c == '"' || c == '\'')
        quote = c;
      else if (c == '(' || c == '[' || c == '{')
        ++*depth;
      else if (c == ')' || c == ']' || c == '}')
        --*depth;
      if (!g_ascii_isspace (c))
        end = i + 1;
    }
  return end;
}

static gboolean
leaves_block (const char *code)
{
  static const char *const words[] = { "return", "raise", "pass", "break", "continue" };
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    {
      gsize n = strlen (words[i]);
      if (strncmp (code, words[i], n) == 0 && !g_ascii_isalnum (code[n]) && code[n] != '_')
        return TRUE;
    }
  return FALSE;
}

int
gb_code_indenter_next_indent (const char *line)
{
  int indent = strspn (line, " "), depth;
  gsize end = code_length (line, &depth);
  if (end == 0)
    return indent;
  if (depth > 0 || line[end - 1] == ':')
    return indent + INDENT;
  if (leaves_block (line + indent))
    return MAX (0, indent - INDENT);
  return indent;
}

char *
gb_code_toggle_comment (const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  gboolean all = TRUE, any = FALSE;
  gsize margin = G_MAXSIZE;
  for (guint i = 0; lines[i]; i++)
    {
      gsize indent = strspn (lines[i], " \t");
      if (!lines[i][indent])
        continue;
      any = TRUE;
      margin = MIN (margin, indent);
      all = all && lines[i][indent] == '#';
    }
  if (!any)
    return g_strdup (text);
  for (guint i = 0; lines[i]; i++)
    {
      gsize indent = strspn (lines[i], " \t");
      char *line = lines[i];
      if (!line[indent])
        continue;
      if (all)
        {
          const char *rest = line + indent + 1;
          lines[i] = g_strdup_printf ("%.*s%s", (int) indent, line, *rest == ' ' ? rest + 1 : rest);
        }
      else
        lines[i] = g_strdup_printf ("%.*s# %s", (int) margin, line, line + margin);
      g_free (line);
    }
  return g_strjoinv ("\n", lines);
}

static gboolean
is_trigger (GtkSourceIndenter *self,
            GtkSourceView *view,
            const GtkTextIter *location,
            GdkModifierType state,
            guint keyval)
{
  return (keyval == GDK_KEY_Return || keyval == GDK_KEY_KP_Enter)
         && !(state & (GDK_SHIFT_MASK | GDK_CONTROL_MASK));
}

static void
indent (GtkSourceIndenter *self, GtkSourceView *view, GtkTextIter *iter)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (view));
  GtkTextIter start = *iter, end;
  if (!gtk_text_iter_backward_line (&start))
    return;
  end = start;
  if (!gtk_text_iter_ends_line (&end))
    gtk_text_iter_forward_to_line_end (&end);
  g_autofree char *before = gtk_text_iter_get_slice (&start, &end);
  g_autofree char *spaces = g_strnfill (gb_code_indenter_next_indent (before), ' ');
  gtk_text_buffer_insert (buffer, iter, spaces, -1);
}

static void
init_indenter (GtkSourceIndenterInterface *iface)
{
  iface->is_trigger = is_trigger;
  iface->indent = indent;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (GbCodeIndenter,
                               gb_code_indenter,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (GTK_SOURCE_TYPE_INDENTER, init_indenter))

static void
gb_code_indenter_class_init (GbCodeIndenterClass *klass)
{
}

static void
gb_code_indenter_init (GbCodeIndenter *self)
{
}

GtkSourceIndenter *
gb_code_indenter_new (void)
{
  return g_object_new (GB_TYPE_CODE_INDENTER, NULL);
}
