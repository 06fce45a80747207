#include "room/rename-dialog.h"

#include <adwaita.h>

#include "common/i18n.h"

typedef struct
{
  GbRoom *room;
  GtkWidget *title, *candidate, *consent;
} Rename;

static void
rename_free (gpointer data, GClosure *closure)
{
  Rename *self = data;
  g_object_unref (self->room);
  g_free (self);
}

static void
on_response (AdwMessageDialog *dialog, const char *response, Rename *self)
{
  if (g_strcmp0 (response, "keep") == 0 && gb_room_get_session (self->room))
    gb_room_rename (self->room, gtk_editable_get_text (GTK_EDITABLE (self->title)),
                    gtk_editable_get_text (GTK_EDITABLE (self->candidate)),
                    gtk_check_button_get_active (GTK_CHECK_BUTTON (self->consent)));
  if (gb_room_get_session (self->room))
    gb_session_flush (gb_room_get_session (self->room), NULL); /* whoever lists them next reads the file */
}

static GtkWidget *
add_entry (GtkWidget *grid, int row, const char *text, const char *value)
{
  GtkWidget *label = gtk_label_new_with_mnemonic (text), *entry = gtk_entry_new ();
  gtk_label_set_xalign (GTK_LABEL (label), 1);
  gtk_label_set_mnemonic_widget (GTK_LABEL (label), entry);
  gtk_editable_set_text (GTK_EDITABLE (entry), value);
  gtk_entry_set_activates_default (GTK_ENTRY (entry), TRUE);
  gtk_widget_set_hexpand (entry, TRUE);
  gtk_grid_attach (GTK_GRID (grid), label, 0, row, 1, 1);
  gtk_grid_attach (GTK_GRID (grid), entry, 1, row, 1, 1);
  return entry;
}

GtkWidget *
gb_rename_dialog_present (GtkWindow *parent, GbRoom *room)
{
  const GbFacts *facts = gb_room_get_facts (room);
  GtkWidget *dialog = adw_message_dialog_new (parent, _ ("This interview"), NULL), *grid = gtk_grid_new ();
  Rename *self = g_new0 (Rename, 1);

  self->room = g_object_ref (room);
  gtk_grid_set_row_spacing (GTK_GRID (grid), 8);
  gtk_grid_set_column_spacing (GTK_GRID (grid), 12);
  self->title = add_entry (grid, 0, _ ("_Name of the interview"), facts->title);
  self->candidate = add_entry (grid, 1, _ ("_Candidate"), facts->candidate);
  self->consent = gtk_check_button_new_with_label (_ ("has agreed that the interview is recorded"));
  gtk_check_button_set_active (GTK_CHECK_BUTTON (self->consent), facts->has_consent);
  gtk_grid_attach (GTK_GRID (grid), self->consent, 1, 2, 1, 1);
  adw_message_dialog_set_extra_child (ADW_MESSAGE_DIALOG (dialog), grid);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("Cancel"), "keep", _ ("Keep"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "keep", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "keep");
  g_signal_connect_data (dialog, "response", G_CALLBACK (on_response), self, rename_free, 0);
  gtk_window_present (GTK_WINDOW (dialog));
  return dialog;
}
