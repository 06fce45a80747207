#include "editor/console.h"

#include "common/i18n.h"
#include "common/theme.h"
#include "editor/figure-view.h"
#include "labels.h"

#include <string.h>

#define MAX_LINES 5000
/* More than this in one batch is not shown line by line: nobody could read it, and the window must go on. */
#define MAX_BATCH_NBYTES (96 * 1024)

struct _GbConsole
{
  GtkWidget parent_instance;

  GtkWidget *box, *scroller, *view, *input_row, *prompt, *entry, *search_bar, *search_entry, *empty;
  GtkTextBuffer *buffer;
  GtkTextTag *error_tag, *echo_tag, *notice_tag, *match_tag;
  GbTrace *trace;
  guint64 next_print;
  GbFigureView *last_figure; /* when nothing was printed after it */
  double value, upper; /* of the adjustment, as last seen */
  gboolean at_end;     /* keeps showing the newest line */
};

enum
{
  INPUT,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GbConsole, gb_console, GTK_TYPE_WIDGET)

/* ---- text ---- */

static void
trim (GbConsole *self)
{
  int excess = gtk_text_buffer_get_line_count (self->buffer) - MAX_LINES;
  if (excess <= 0)
    return;
  GtkTextIter start, end;
  gtk_text_buffer_get_start_iter (self->buffer, &start);
  gtk_text_buffer_get_iter_at_line (self->buffer, &end, excess);
  gtk_text_buffer_delete (self->buffer, &start, &end);
}

/* A carriage return begins its line anew, as progress bars expect. */
static void
append_text (GbConsole *self, const char *text, gsize nbytes, GtkTextTag *tag)
{
  const char *p = text, *end = text + nbytes;
  while (p < end)
    {
      gsize n = 0;
      while (p + n < end && p[n] != '\r')
        n++;
      GtkTextIter at;
      gtk_text_buffer_get_end_iter (self->buffer, &at);
      if (n)
        {
          if (tag)
            gtk_text_buffer_insert_with_tags (self->buffer, &at, p, n, tag, NULL);
          else
            gtk_text_buffer_insert (self->buffer, &at, p, n);
        }
      p += n;
      if (p < end)
        {
          p++;
          if (p < end && *p != '\n')
            {
              GtkTextIter line = at;
              gtk_text_iter_set_line_offset (&line, 0);
              gtk_text_buffer_delete (self->buffer, &line, &at);
            }
        }
    }
}

static void
scroll_to_end (GbConsole *self)
{
  GtkTextIter end;
  gtk_text_buffer_get_end_iter (self->buffer, &end);
  GtkTextMark *mark = gtk_text_buffer_get_mark (self->buffer, "end");
  gtk_text_buffer_move_mark (self->buffer, mark, &end);
  gtk_text_view_scroll_to_mark (GTK_TEXT_VIEW (self->view), mark, 0, TRUE, 0, 1);
}

static void
after_append (GbConsole *self)
{
  trim (self);
  gtk_widget_set_visible (self->empty, gtk_text_buffer_get_char_count (self->buffer) == 0);
  if (self->at_end)
    scroll_to_end (self);
}

/* A picture on a line of its own; the same one drawn again takes the place of the one before. */
static void
append_figure (GbConsole *self, const GbFigure *figure)
{
  if (self->last_figure && gb_figure_view_update (self->last_figure, figure))
    return;
  GtkWidget *view = gb_figure_view_new (figure);
  if (!view)
    {
      gb_console_append_notice (self, _ ("The program showed a picture that cannot be read."));
      return;
    }
  GtkTextIter at;
  gtk_text_buffer_get_end_iter (self->buffer, &at);
  if (!gtk_text_iter_starts_line (&at))
    gtk_text_buffer_insert (self->buffer, &at, "\n", 1);
  GtkTextChildAnchor *anchor = gtk_text_buffer_create_child_anchor (self->buffer, &at);
  gtk_text_view_add_child_at_anchor (GTK_TEXT_VIEW (self->view), view, anchor);
  gtk_text_buffer_insert (self->buffer, &at, "\n", 1);
  g_set_weak_pointer (&self->last_figure, GB_FIGURE_VIEW (view));
}

void
gb_console_append_notice (GbConsole *self, const char *text)
{
  GtkTextIter end;
  gtk_text_buffer_get_end_iter (self->buffer, &end);
  if (!gtk_text_iter_starts_line (&end))
    gtk_text_buffer_insert (self->buffer, &end, "\n", 1);
  g_autofree char *line = g_strconcat (text, "\n", NULL);
  append_text (self, line, strlen (line), self->notice_tag);
  after_append (self);
}

char *
gb_console_dup_tail (GbConsole *self, int most_chars)
{
  GtkTextIter start, end;
  gtk_text_buffer_get_bounds (self->buffer, &start, &end);
  gtk_text_buffer_get_iter_at_offset (self->buffer, &start, MAX (0, gtk_text_iter_get_offset (&end) - most_chars));
  return gtk_text_buffer_get_text (self->buffer, &start, &end, FALSE);
}

void
gb_console_clear (GbConsole *self)
{
  gtk_text_buffer_set_text (self->buffer, "", 0);
  self->at_end = TRUE;
  gtk_widget_set_visible (self->empty, TRUE);
}

/* First print of those that are shown of a batch that ends before `end`. */
static guint64
first_shown (GbConsole *self, guint64 first, guint64 end)
{
  gsize nbytes = 0;
  while (end > first)
    {
      const GbPrint *print = gb_trace_get_print (self->trace, end - 1);
      if (!print || nbytes + print->nbytes > MAX_BATCH_NBYTES)
        break;
      nbytes += print->nbytes;
      end--;
    }
  return end;
}

static void
on_trace_changed (GbTrace *trace, guint changes, gpointer data)
{
  GbConsole *self = data;
  if (changes & GB_TRACE_CHANGED_RESET)
    {
      self->next_print = 0;
      gb_console_clear (self);
    }
  if (!(changes & (GB_TRACE_CHANGED_TEXT | GB_TRACE_CHANGED_RESET)))
    return;
  guint64 end = gb_trace_get_n_prints (trace);
  if (self->next_print >= end)
    return;
  guint64 first = first_shown (self, MAX (self->next_print, gb_trace_get_first_print (trace)), end);
  if (first > self->next_print)
    {
      g_autofree char *text = g_strdup_printf (ngettext_ ("%u piece of output was too quick to show",
                                                          "%u pieces of output were too quick to show",
                                                          (gulong) (first - self->next_print)),
                                               (guint) (first - self->next_print));
      gb_console_append_notice (self, text);
    }
  for (guint64 i = first; i < end; i++)
    {
      const GbPrint *print = gb_trace_get_print (trace, i);
      if (!print)
        continue;
      if (print->figure)
        {
          append_figure (self, print->figure);
          continue;
        }
      g_clear_weak_pointer (&self->last_figure);
      append_text (self, print->text, print->nbytes,
                   print->stream == 2   ? self->error_tag
                   : print->stream == 3 ? self->echo_tag
                                        : NULL);
    }
  self->next_print = end;
  after_append (self);
}

/* Text that comes only moves the view down: who goes up is a person who wants to read. */
static void
on_scrolled (GbConsole *self)
{
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (self->scroller));
  double value = gtk_adjustment_get_value (adjustment), upper = gtk_adjustment_get_upper (adjustment);
  if (value >= upper - gtk_adjustment_get_page_size (adjustment) - 24)
    self->at_end = TRUE;
  else if (value < self->value - 1 && upper >= self->upper)
    self->at_end = FALSE;
  self->value = value;
}

/* More text or less room: what was at the end stays there. */
static void
on_room_changed (GbConsole *self)
{
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (self->scroller));
  self->upper = gtk_adjustment_get_upper (adjustment);
  if (self->at_end)
    scroll_to_end (self);
}

/* ---- input() ---- */

void
gb_console_set_prompt (GbConsole *self, const char *prompt)
{
  gboolean was_open = gtk_widget_get_visible (self->input_row);
  gtk_widget_set_visible (self->input_row, prompt != NULL);
  if (!prompt)
    return;
  gtk_label_set_label (GTK_LABEL (self->prompt), prompt);
  gtk_widget_set_visible (self->prompt, *prompt != '\0');
  if (!was_open)
    gtk_widget_grab_focus (self->entry);
}

static void
on_input (GbConsole *self)
{
  g_autofree char *text = g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->entry)));
  gtk_editable_set_text (GTK_EDITABLE (self->entry), "");
  gb_console_set_prompt (self, NULL);
  g_signal_emit (self, signals[INPUT], 0, text);
}

/* ---- search ---- */

static void
find (GbConsole *self, gboolean forward, gboolean from_here)
{
  GtkTextIter first, last, start, end;
  gtk_text_buffer_get_bounds (self->buffer, &first, &last);
  gtk_text_buffer_remove_tag (self->buffer, self->match_tag, &first, &last);
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->search_entry));
  gtk_widget_remove_css_class (self->search_entry, "error");
  if (!*text)
    return;
  GtkTextIter from;
  gtk_text_buffer_get_selection_bounds (self->buffer, &start, &end);
  from = from_here ? start : forward ? end : start;
  gboolean found =
      forward
          ? gtk_text_iter_forward_search (&from, text, GTK_TEXT_SEARCH_CASE_INSENSITIVE, &start, &end, NULL)
          : gtk_text_iter_backward_search (&from, text, GTK_TEXT_SEARCH_CASE_INSENSITIVE, &start, &end, NULL);
  if (!found)
    found = forward ? gtk_text_iter_forward_search (&first, text, GTK_TEXT_SEARCH_CASE_INSENSITIVE, &start,
                                                    &end, NULL)
                    : gtk_text_iter_backward_search (&last, text, GTK_TEXT_SEARCH_CASE_INSENSITIVE, &start,
                                                     &end, NULL);
  if (!found)
    {
      gtk_widget_add_css_class (self->search_entry, "error");
      return;
    }
  gtk_text_buffer_select_range (self->buffer, &start, &end);
  gtk_text_buffer_apply_tag (self->buffer, self->match_tag, &start, &end);
  gtk_text_view_scroll_to_iter (GTK_TEXT_VIEW (self->view), &start, 0.1, FALSE, 0, 0);
}

static void
on_search_changed (GbConsole *self)
{
  find (self, TRUE, TRUE);
}

static void
on_search_next (GbConsole *self)
{
  find (self, TRUE, FALSE);
}

static void
on_search_previous (GbConsole *self)
{
  find (self, FALSE, FALSE);
}

void
gb_console_open_search (GbConsole *self)
{
  gtk_search_bar_set_search_mode (GTK_SEARCH_BAR (self->search_bar), TRUE);
  gtk_widget_grab_focus (self->search_entry);
}

void
gb_console_focus (GbConsole *self)
{
  gtk_widget_grab_focus (gtk_widget_get_visible (self->input_row) ? self->entry : self->view);
}

gboolean
gb_console_has_focus (GbConsole *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkWidget *focus = root ? gtk_root_get_focus (root) : NULL;
  return focus && gtk_widget_is_ancestor (focus, GTK_WIDGET (self));
}

/* ---- life ---- */

static void
update_colors (GbConsole *self)
{
  const GbTheme *theme = gb_theme_manager_get_theme (gb_theme_manager_get_default ());
  g_object_set (self->error_tag, "foreground-rgba", gb_theme_role (theme, GB_ROLE_ERROR), NULL);
  g_object_set (self->echo_tag, "foreground-rgba", gb_theme_role (theme, GB_ROLE_FORWARD), NULL);
  g_object_set (self->notice_tag, "foreground-rgba", gb_theme_role (theme, GB_ROLE_MUTED), NULL);
  g_object_set (self->match_tag, "background-rgba", gb_theme_role (theme, GB_ROLE_SELECTION), NULL);
}

static void
gb_console_dispose (GObject *object)
{
  GbConsole *self = GB_CONSOLE (object);
  g_clear_weak_pointer (&self->last_figure);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->trace);
  G_OBJECT_CLASS (gb_console_parent_class)->dispose (object);
}

static void
gb_console_class_init (GbConsoleClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gb_console_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  signals[INPUT] = g_signal_new ("input", GB_TYPE_CONSOLE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
build_search_bar (GbConsole *self)
{
  self->search_bar = gtk_search_bar_new ();
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4);
  self->search_entry = gtk_search_entry_new ();
  gtk_widget_set_hexpand (self->search_entry, TRUE);
  gb_i18n_bind (self->search_entry, "placeholder-text", N_ ("Find in the output"));
  gb_label_accessible (self->search_entry, N_ ("Find in the output"));
  GtkWidget *previous = gb_label_button ("go-up-symbolic", N_ ("Find the one before"), NULL);
  GtkWidget *next = gb_label_button ("go-down-symbolic", N_ ("Find the next"), NULL);
  g_signal_connect_object (self->search_entry, "search-changed", G_CALLBACK (on_search_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->search_entry, "activate", G_CALLBACK (on_search_next), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (previous, "clicked", G_CALLBACK (on_search_previous), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (next, "clicked", G_CALLBACK (on_search_next), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (row), self->search_entry);
  gtk_box_append (GTK_BOX (row), previous);
  gtk_box_append (GTK_BOX (row), next);
  gtk_search_bar_set_child (GTK_SEARCH_BAR (self->search_bar), row);
  gtk_search_bar_connect_entry (GTK_SEARCH_BAR (self->search_bar), GTK_EDITABLE (self->search_entry));
  gtk_box_append (GTK_BOX (self->box), self->search_bar);
}

static void
gb_console_init (GbConsole *self)
{
  self->at_end = TRUE;
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  build_search_bar (self);

  self->view = g_object_new (GTK_TYPE_TEXT_VIEW, "editable", FALSE, "cursor-visible", FALSE, "accepts-tab", FALSE, "monospace",
                             TRUE, "wrap-mode", GTK_WRAP_WORD_CHAR, "left-margin", 12, "right-margin", 12,
                             "top-margin", 4, "bottom-margin", 4, NULL);
  gtk_widget_add_css_class (self->view, "console");
  gb_label_even_columns (GTK_TEXT_VIEW (self->view));
  gb_label_accessible (self->view, N_ ("Output of the program"));
  self->buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->view));
  self->error_tag = gtk_text_buffer_create_tag (self->buffer, NULL, NULL);
  self->echo_tag = gtk_text_buffer_create_tag (self->buffer, NULL, NULL);
  self->notice_tag = gtk_text_buffer_create_tag (self->buffer, NULL, NULL);
  self->match_tag = gtk_text_buffer_create_tag (self->buffer, NULL, NULL);
  GtkTextIter end;
  gtk_text_buffer_get_end_iter (self->buffer, &end);
  gtk_text_buffer_create_mark (self->buffer, "end", &end, FALSE);

  GtkWidget *overlay = gtk_overlay_new ();
  gtk_widget_set_vexpand (overlay, TRUE);
  self->scroller = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroller), self->view);
  gtk_overlay_set_child (GTK_OVERLAY (overlay), self->scroller);
  self->empty = gtk_label_new (NULL);
  gb_i18n_bind (self->empty, "label", N_ ("(no output yet)"));
  gtk_widget_add_css_class (self->empty, "muted");
  g_object_set (self->empty, "halign", GTK_ALIGN_START, "valign", GTK_ALIGN_START, "margin-start", 12,
                "margin-top", 4, "can-target", FALSE, NULL);
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), self->empty);
  gtk_box_append (GTK_BOX (self->box), overlay);
  g_signal_connect_object (gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (self->scroller)),
                           "changed", G_CALLBACK (on_room_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (self->scroller)),
                           "changed", G_CALLBACK (on_room_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (self->scroller)),
                           "value-changed", G_CALLBACK (on_scrolled), self, G_CONNECT_SWAPPED);

  self->input_row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  gtk_widget_add_css_class (self->input_row, "input-row");
  self->prompt = gtk_label_new ("");
  self->entry = gtk_entry_new ();
  gtk_widget_set_hexpand (self->entry, TRUE);
  gb_i18n_bind (self->entry, "placeholder-text", N_ ("The program waits for a line"));
  gb_label_accessible (self->entry, N_ ("Line for the program"));
  g_signal_connect_object (self->entry, "activate", G_CALLBACK (on_input), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (self->input_row), self->prompt);
  gtk_box_append (GTK_BOX (self->input_row), self->entry);
  gtk_widget_set_visible (self->input_row, FALSE);
  gtk_box_append (GTK_BOX (self->box), self->input_row);

  g_signal_connect_object (gb_theme_manager_get_default (), "changed", G_CALLBACK (update_colors), self,
                           G_CONNECT_SWAPPED);
  update_colors (self);
}

GtkWidget *
gb_console_new (GbTrace *trace)
{
  GbConsole *self = g_object_new (GB_TYPE_CONSOLE, NULL);
  self->trace = g_object_ref (trace);
  g_signal_connect_object (trace, "changed", G_CALLBACK (on_trace_changed), self, 0);
  on_trace_changed (trace, GB_TRACE_CHANGED_RESET, self);
  return GTK_WIDGET (self);
}
