#include "room/notes-pane.h"

#include "common/i18n.h"
#include "interview/report.h"
#include "labels.h"
#include "room/room-parts.h"

struct _GbNotesPane
{
  GtkWidget parent_instance;

  GbRoom *room;
  GtkWidget *box, *entry, *list, *empty;
};

G_DEFINE_FINAL_TYPE (GbNotesPane, gb_notes_pane, GTK_TYPE_WIDGET)

static void
on_note (GbNotesPane *self)
{
  g_autofree char *text = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->entry))));
  if (*text == '\0' || gb_room_get_session (self->room) == NULL)
    return;
  gtk_editable_set_text (GTK_EDITABLE (self->entry), "");
  gb_room_note (self->room, text);
}

static GtkWidget *
new_line (GbNotesPane *self, gint64 at, const char *text, const char *css_class)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8), *label = gb_room_text (text, css_class);
  g_autofree char *clock = gb_report_dup_clock (gb_room_get_facts (self->room), at);
  GtkWidget *when = gtk_label_new (clock);

  gtk_widget_add_css_class (when, "caption");
  gtk_widget_add_css_class (when, "dim-label");
  gtk_widget_add_css_class (when, "numeric");
  gtk_widget_set_valign (when, GTK_ALIGN_START);
  gtk_widget_set_size_request (when, 44, -1);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_box_append (GTK_BOX (box), when);
  gtk_box_append (GTK_BOX (box), label);
  return box;
}

/* Both kinds are in the order of time; the newest stand first. */
static void
fill (GbNotesPane *self)
{
  const GbFacts *facts = gb_room_get_facts (self->room);
  guint n = facts ? facts->notes->len : 0, e = facts ? facts->evidence->len : 0;
  gboolean is_empty = TRUE;

  gb_room_clear (self->list);
  while (n || e)
    {
      const GbInterviewNote *note = n ? facts->notes->pdata[n - 1] : NULL;
      const GbNoticed *evidence = e ? facts->evidence->pdata[e - 1] : NULL;
      if (note && (evidence == NULL || note->at >= evidence->at))
        {
          n--;
          if (note->is_unsaid)
            continue;
          gtk_box_append (GTK_BOX (self->list), new_line (self, note->at, note->text, NULL));
        }
      else
        {
          g_autofree char *text = gb_noticed_describe (evidence);
          e--;
          gtk_box_append (GTK_BOX (self->list), new_line (self, evidence->at, text, "dim-label"));
        }
      is_empty = FALSE;
    }
  gtk_widget_set_visible (self->empty, is_empty);
}

void
gb_notes_pane_focus (GbNotesPane *self)
{
  gtk_widget_grab_focus (self->entry);
}

static void
gb_notes_pane_dispose (GObject *object)
{
  GbNotesPane *self = GB_NOTES_PANE (object);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  G_OBJECT_CLASS (gb_notes_pane_parent_class)->dispose (object);
}

static void
gb_notes_pane_class_init (GbNotesPaneClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gb_notes_pane_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
gb_notes_pane_init (GbNotesPane *self)
{
}

GtkWidget *
gb_notes_pane_new (GbRoom *room)
{
  GbNotesPane *self = g_object_new (GB_TYPE_NOTES_PANE, NULL);

  self->room = room;
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  g_object_set (self->box, "margin-start", 12, "margin-end", 12, "margin-top", 12, "margin-bottom", 12, NULL);
  self->entry = gtk_entry_new ();
  gb_i18n_bind (self->entry, "placeholder-text", N_ ("A note, kept with its time"));
  gb_label_accessible (self->entry, N_ ("Note"));
  g_signal_connect_swapped (self->entry, "activate", G_CALLBACK (on_note), self);
  self->list = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  self->empty = gb_room_text ("", "dim-label");
  gb_i18n_bind (self->empty, "label",
                N_ ("Notes, and what is run, looked at, claimed and checked on the board, come here."));
  gtk_box_append (GTK_BOX (self->box), gb_room_heading (N_ ("Notes and evidence")));
  gtk_box_append (GTK_BOX (self->box), self->entry);
  gtk_box_append (GTK_BOX (self->box), self->empty);
  gtk_box_append (GTK_BOX (self->box), gb_room_scroller (self->list));
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  g_signal_connect_object (room, "changed", G_CALLBACK (fill), self, G_CONNECT_SWAPPED);
  gb_label_on_language (self, G_CALLBACK (fill));
  return GTK_WIDGET (self);
}
