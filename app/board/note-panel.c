#include "board/note-panel.h"

#include "board/formula-view.h"
#include "board/markdown.h"
#include "common/i18n.h"
#include "labels.h"
#include "study/question-row.h"

struct _GbNotePanel
{
  GtkWidget parent_instance;

  GtkWidget *scroller, *box, *text;
  const GbScene *scene;
  const GbTopic *topic;
  GbProgress *progress;
};

G_DEFINE_FINAL_TYPE (GbNotePanel, gb_note_panel, GTK_TYPE_WIDGET)

static void
update (GbNotePanel *self)
{
  GtkWidget *child = gtk_widget_get_next_sibling (self->text);
  while (child)
    {
      GtkWidget *next = gtk_widget_get_next_sibling (child);
      gtk_box_remove (GTK_BOX (self->box), child);
      child = next;
    }
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->text));
  gtk_text_buffer_set_text (buffer, "", 0);
  if (!self->scene && !self->topic)
    {
      gb_markdown_append (buffer, _ ("A scene brings a note and questions. Choose one above."));
      return;
    }
  g_autofree char *note = self->topic ? gb_topic_load_note (self->topic, gb_i18n_get_language ()) : NULL;
  if (self->topic && self->topic->error)
    gb_markdown_append (buffer, self->topic->error);
  if (self->scene && self->scene->error)
    gb_markdown_append (buffer, self->scene->error);
  if (note)
    gb_markdown_append (buffer, note);
  else if (self->scene)
    {
      g_autofree char *text = g_strdup_printf ("# %s\n\n%s\n", gb_text_get (&self->scene->title),
                                               gb_text_get (&self->scene->summary));
      gb_markdown_append (buffer, text);
    }
  gb_markdown_trim (buffer);
  gb_formula_view_fill_anchors (GTK_TEXT_VIEW (self->text));
  for (guint i = 0; self->topic && i < self->topic->questions->len; i++)
    gtk_box_append (GTK_BOX (self->box), gb_question_row_new (g_ptr_array_index (self->topic->questions, i),
                                                              self->topic->leaf ? self->topic->leaf : self->scene->id, self->progress));
}

void
gb_note_panel_set_topic (GbNotePanel *self, const GbScene *scene, const GbTopic *topic)
{
  if (scene == self->scene && topic == self->topic)
    return;
  self->scene = scene;
  self->topic = topic;
  update (self);
}

static void
gb_note_panel_dispose (GObject *object)
{
  g_clear_pointer (&GB_NOTE_PANEL (object)->scroller, gtk_widget_unparent);
  g_clear_object (&GB_NOTE_PANEL (object)->progress);
  G_OBJECT_CLASS (gb_note_panel_parent_class)->dispose (object);
}

static void
gb_note_panel_class_init (GbNotePanelClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gb_note_panel_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
gb_note_panel_init (GbNotePanel *self)
{
  self->scroller = gtk_scrolled_window_new ();
  gtk_widget_set_parent (self->scroller, GTK_WIDGET (self));
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  gtk_widget_add_css_class (self->box, "note");
  self->text = g_object_new (GTK_TYPE_TEXT_VIEW, "editable", FALSE, "cursor-visible", FALSE, "wrap-mode",
                             GTK_WRAP_WORD_CHAR, NULL);
  gb_label_accessible (self->text, N_ ("Note"));
  gb_markdown_add_tags (gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->text)));
  gtk_box_append (GTK_BOX (self->box), self->text);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroller), self->box);
  gb_label_on_language (self, G_CALLBACK (update));
}

GtkWidget *
gb_note_panel_new (GbProgress *progress)
{
  GbNotePanel *self = g_object_new (GB_TYPE_NOTE_PANEL, NULL);
  self->progress = g_object_ref (progress);
  return GTK_WIDGET (self);
}
