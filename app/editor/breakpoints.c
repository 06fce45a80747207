#include "editor/breakpoints.h"

#include "common/i18n.h"
#include "labels.h"

#include <string.h>

/* Two categories of source marks, so that one can be told from the other. */
#define ALWAYS    "breakpoint"
#define CONDITION "breakpoint-condition"
#define ANYWHERE  "breakpoint-anywhere" /* data of a mark with a condition */

static GtkSourceBuffer *
get_buffer (GbCodeView *code)
{
  return GTK_SOURCE_BUFFER (gtk_text_view_get_buffer (GTK_TEXT_VIEW (code)));
}

/* Borrowed; NULL: the line has none. */
static GtkSourceMark *
find_mark (GtkSourceBuffer *buffer, guint line)
{
  static const char *const categories[] = { ALWAYS, CONDITION };
  GtkSourceMark *mark = NULL;
  for (guint i = 0; i < G_N_ELEMENTS (categories) && !mark; i++)
    {
      GSList *marks = gtk_source_buffer_get_source_marks_at_line (buffer, (int) line - 1, categories[i]);
      mark = marks ? marks->data : NULL;
      g_slist_free (marks);
    }
  return mark;
}

static const char *
condition_of (GtkSourceMark *mark)
{
  const char *condition = mark ? g_object_get_data (G_OBJECT (mark), CONDITION) : NULL;
  return condition ? condition : "";
}

static gboolean
is_anywhere (GtkSourceMark *mark)
{
  return mark && g_object_get_data (G_OBJECT (mark), ANYWHERE) != NULL;
}

static void
replace_mark (GtkSourceBuffer *buffer, guint line, const char *condition, gboolean anywhere)
{
  GtkTextIter iter;
  GtkSourceMark *old = find_mark (buffer, line);
  if (old)
    gtk_text_buffer_delete_mark (GTK_TEXT_BUFFER (buffer), GTK_TEXT_MARK (old));
  if (!condition)
    return;
  gtk_text_buffer_get_iter_at_line (GTK_TEXT_BUFFER (buffer), &iter, (int) line - 1);
  GtkSourceMark *mark =
      gtk_source_buffer_create_source_mark (buffer, NULL, *condition ? CONDITION : ALWAYS, &iter);
  g_object_set_data_full (G_OBJECT (mark), CONDITION, g_strdup (condition), g_free);
  g_object_set_data (G_OBJECT (mark), ANYWHERE, GINT_TO_POINTER (anywhere && *condition));
}

void
gb_breakpoints_toggle (GbCodeView *code, guint line)
{
  GtkSourceBuffer *buffer = get_buffer (code);
  replace_mark (buffer, line, find_mark (buffer, line) ? NULL : "", FALSE);
  g_signal_emit_by_name (code, "breakpoints-changed");
}

void
gb_breakpoints_set_condition (GbCodeView *code, guint line, const char *condition, gboolean anywhere)
{
  replace_mark (get_buffer (code), line, condition, anywhere);
  g_signal_emit_by_name (code, "breakpoints-changed");
}

static void
breakpoint_free (gpointer data)
{
  GbTextBreakpoint *breakpoint = data;
  g_free (breakpoint->condition);
  g_free (breakpoint);
}

GPtrArray *
gb_breakpoints_get (GbCodeView *code)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (breakpoint_free);
  GtkSourceBuffer *buffer = get_buffer (code);
  guint n_lines = gtk_text_buffer_get_line_count (GTK_TEXT_BUFFER (buffer));
  for (guint line = 1; line <= n_lines; line++)
    {
      GtkSourceMark *mark = find_mark (buffer, line);
      if (!mark)
        continue;
      GbTextBreakpoint *breakpoint = g_new0 (GbTextBreakpoint, 1);
      breakpoint->line = line;
      breakpoint->condition = g_strdup (condition_of (mark));
      breakpoint->anywhere = is_anywhere (mark);
      g_ptr_array_add (list, breakpoint);
    }
  return list;
}

/* ---- asking for a condition ---- */

/* What people wait for; the expression is theirs to change. */
static const struct
{
  const char *name, *expression;
} suggestions[] = {
  { N_ ("the loss is not finite"), "not torch.isfinite(loss)" },
  { N_ ("a layer's gradient is large"), "grad_norm(model[0]) > 10" },
  { N_ ("a shape changes"), "changed(x.shape)" },
  { N_ ("something writes into a tensor"), "changed(x._version)" },
  { N_ ("every hundredth step"), "step % 100 == 0" },
};

typedef struct
{
  GbCodeView *code;
  guint line;
  GtkWidget *popover, *entry, *anywhere;
} Editor;

static gboolean
unparent_popover (gpointer popover)
{
  if (gtk_widget_get_parent (popover)) /* its page may have been closed meanwhile */
    gtk_widget_unparent (popover);
  return G_SOURCE_REMOVE;
}

static void
on_closed (GtkWidget *popover, Editor *editor)
{
  gtk_widget_grab_focus (GTK_WIDGET (editor->code));
  g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, unparent_popover, g_object_ref (popover), g_object_unref);
}

static void
on_activate (Editor *editor)
{
  g_autofree char *text = g_strdup (gtk_editable_get_text (GTK_EDITABLE (editor->entry)));
  gb_breakpoints_set_condition (editor->code, editor->line, g_strstrip (text),
                                gtk_check_button_get_active (GTK_CHECK_BUTTON (editor->anywhere)));
  gtk_popover_popdown (GTK_POPOVER (editor->popover));
}

static void
on_suggestion (GtkWidget *button, Editor *editor)
{
  gtk_editable_set_text (GTK_EDITABLE (editor->entry), g_object_get_data (G_OBJECT (button), "expression"));
  gtk_widget_grab_focus (editor->entry);
  gtk_editable_set_position (GTK_EDITABLE (editor->entry), -1);
}

static GtkWidget *
suggestion_buttons (Editor *editor)
{
  GtkWidget *grid = gtk_grid_new ();
  gtk_grid_set_column_spacing (GTK_GRID (grid), 4);
  gtk_grid_set_row_spacing (GTK_GRID (grid), 4);
  for (guint i = 0; i < G_N_ELEMENTS (suggestions); i++)
    {
      GtkWidget *button = gtk_button_new_with_label (_ (suggestions[i].name));
      gtk_widget_add_css_class (button, "small");
      gtk_widget_set_hexpand (button, TRUE);
      gtk_widget_set_tooltip_text (button, suggestions[i].expression);
      g_object_set_data (G_OBJECT (button), "expression", (gpointer) suggestions[i].expression);
      g_signal_connect (button, "clicked", G_CALLBACK (on_suggestion), editor);
      gtk_grid_attach (GTK_GRID (grid), button, (int) i % 2, (int) i / 2, 1, 1);
    }
  return grid;
}

static GtkWidget *
editor_content (Editor *editor, const char *condition, gboolean anywhere)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8),
            *words = gtk_label_new (_ ("Stop only when"));
  g_object_set (box, "margin-start", 6, "margin-end", 6, "margin-top", 6, "margin-bottom", 6, NULL);
  gtk_label_set_xalign (GTK_LABEL (words), 0);
  gtk_widget_add_css_class (words, "pane-title");
  editor->entry = gtk_entry_new ();
  gtk_widget_add_css_class (editor->entry, "monospace");
  gtk_editable_set_text (GTK_EDITABLE (editor->entry), condition);
  gtk_editable_set_width_chars (GTK_EDITABLE (editor->entry), 34);
  gtk_entry_set_placeholder_text (GTK_ENTRY (editor->entry), _ ("an expression of Python; empty: always"));
  gb_label_accessible (editor->entry, N_ ("Condition of the breakpoint"));
  g_signal_connect_swapped (editor->entry, "activate", G_CALLBACK (on_activate), editor);
  gtk_box_append (GTK_BOX (box), words);
  editor->anywhere = gtk_check_button_new_with_label (_ ("at any line, as soon as it holds"));
  gtk_check_button_set_active (GTK_CHECK_BUTTON (editor->anywhere), anywhere);
  gtk_box_append (GTK_BOX (box), editor->entry);
  gtk_box_append (GTK_BOX (box), editor->anywhere);
  gtk_box_append (GTK_BOX (box), suggestion_buttons (editor));
  return box;
}

void
gb_breakpoints_edit (GbCodeView *code, guint line)
{
  GtkTextIter iter;
  GdkRectangle at;
  GtkSourceMark *mark = find_mark (get_buffer (code), line);
  Editor *editor = g_new0 (Editor, 1);
  editor->code = code;
  editor->line = line;
  editor->popover = gtk_popover_new ();
  g_object_set_data_full (G_OBJECT (editor->popover), "editor", editor, g_free);
  gtk_popover_set_child (GTK_POPOVER (editor->popover),
                         editor_content (editor, condition_of (mark), is_anywhere (mark)));
  gtk_text_buffer_get_iter_at_line (GTK_TEXT_BUFFER (get_buffer (code)), &iter, (int) line - 1);
  gtk_text_view_get_iter_location (GTK_TEXT_VIEW (code), &iter, &at);
  gtk_text_view_buffer_to_window_coords (GTK_TEXT_VIEW (code), GTK_TEXT_WINDOW_WIDGET, at.x, at.y, &at.x,
                                         &at.y);
  at.width = 1;
  gtk_widget_set_parent (editor->popover, GTK_WIDGET (code));
  gtk_popover_set_position (GTK_POPOVER (editor->popover), GTK_POS_BOTTOM);
  gtk_popover_set_pointing_to (GTK_POPOVER (editor->popover), &at);
  g_signal_connect (editor->popover, "closed", G_CALLBACK (on_closed), editor);
  gtk_popover_popup (GTK_POPOVER (editor->popover));
  gtk_widget_grab_focus (editor->entry);
}

/* ---- the gutter ---- */

static void
on_line_mark (GbCodeView *code,
              const GtkTextIter *iter,
              guint button,
              GdkModifierType state,
              int n_presses,
              gpointer data)
{
  guint line = gtk_text_iter_get_line (iter) + 1;
  if (button == GDK_BUTTON_PRIMARY)
    gb_breakpoints_toggle (code, line);
  else if (button == GDK_BUTTON_SECONDARY)
    gb_breakpoints_edit (code, line);
}

static char *
tooltip_of (GtkSourceMarkAttributes *attributes, GtkSourceMark *mark, gpointer data)
{
  return g_strdup_printf (is_anywhere (mark) ? _ ("Stops at any line when %s") : _ ("Stops when %s"),
                          condition_of (mark));
}

void
gb_breakpoints_install (GbCodeView *code)
{
  g_autoptr (GtkSourceMarkAttributes) always = gtk_source_mark_attributes_new ();
  g_autoptr (GtkSourceMarkAttributes) condition = gtk_source_mark_attributes_new ();
  gtk_source_mark_attributes_set_icon_name (always, "media-record-symbolic");
  gtk_source_mark_attributes_set_icon_name (condition, "dialog-question-symbolic");
  g_signal_connect (condition, "query-tooltip-text", G_CALLBACK (tooltip_of), NULL);
  gtk_source_view_set_mark_attributes (GTK_SOURCE_VIEW (code), ALWAYS, always, 1);
  gtk_source_view_set_mark_attributes (GTK_SOURCE_VIEW (code), CONDITION, condition, 1);
  g_signal_connect (code, "line-mark-activated", G_CALLBACK (on_line_mark), NULL);
}
