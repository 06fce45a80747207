#include "room/shelf-list.h"

#include <adwaita.h>
#include <math.h>
#include <string.h>

#include "board/board-layout.h"
#include "common/i18n.h"
#include "interview/shelf.h"
#include "labels.h"
#include "preferences.h"
#include "room/rename-dialog.h"
#include "room/room-parts.h"

#define PURGE_DAYS 30 /* after which what was thrown away is erased */

static const int keep_days[] = { 0, 30, 90, 365 };

struct _GbShelfList
{
  GtkWidget parent_instance;

  GbRoom *room;
  GtkWidget *overlay, *search, *list, *empty, *fault, *place, *keep;
  char *thrown; /* the last that was thrown away */
  gboolean is_filling;
};

G_DEFINE_FINAL_TYPE (GbShelfList, gb_shelf_list, GTK_TYPE_WIDGET)

static void
show_fault (GbShelfList *self, const GError *error)
{
  gtk_label_set_label (GTK_LABEL (self->fault), error ? error->message : "");
  gtk_widget_set_visible (self->fault, error != NULL);
}

static void
say (GbShelfList *self, const char *text)
{
  adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (self->overlay), adw_toast_new (text));
}

static GtkWindow *
window_of (GbShelfList *self)
{
  return GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self)));
}

/* ---- one of them ---- */

static void
open_row (GbShelfList *self, GtkListBoxRow *row)
{
  g_autoptr (GError) error = NULL;
  gb_room_open (self->room, g_object_get_data (G_OBJECT (row), "path"), &error);
  show_fault (self, error);
}

static void
put_back (GbShelfList *self)
{
  g_autoptr (GError) error = NULL;
  if (self->thrown)
    gb_shelf_put_back (self->thrown, &error);
  g_clear_pointer (&self->thrown, g_free);
  show_fault (self, error);
  gb_shelf_list_refresh (self);
}

static void
throw_away (GtkWidget *button, GbShelfList *self)
{
  g_autofree char *path = g_strdup (g_object_get_data (G_OBJECT (button), "path"));
  g_autoptr (GError) error = NULL;
  AdwToast *toast;

  if (!gb_shelf_throw_away (path, &error))
    {
      show_fault (self, error);
      return;
    }
  g_free (self->thrown);
  self->thrown = g_steal_pointer (&path);
  toast = adw_toast_new (_ ("The interview was thrown away. It is erased in 30 days."));
  adw_toast_set_button_label (toast, _ ("Put back"));
  g_signal_connect_swapped (toast, "button-clicked", G_CALLBACK (put_back), self);
  adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (self->overlay), toast);
  gb_shelf_list_refresh (self);
}

static void
on_renamed (AdwMessageDialog *dialog, const char *response, GbShelfList *self)
{
  gb_shelf_list_refresh (self);
}

/* It is opened for as long as the dialog is. */
static void
rename_row (GtkWidget *button, GbShelfList *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GbRoom) room = gb_room_new (gb_room_get_library (self->room));

  if (gb_room_open (room, g_object_get_data (G_OBJECT (button), "path"), &error))
    g_signal_connect_object (gb_rename_dialog_present (window_of (self), room), "response", G_CALLBACK (on_renamed), self,
                             G_CONNECT_AFTER);
  show_fault (self, error);
}

static void
on_given (GtkNativeDialog *dialog, int response, GbShelfList *self)
{
  g_autoptr (GFile) file =
      response == GTK_RESPONSE_ACCEPT ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog)) : NULL;
  g_autofree char *path = file ? g_file_get_path (file) : NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GbSession) session =
      path ? gb_session_open (g_object_get_data (G_OBJECT (dialog), "path"), GB_SESSION_TO_READ, &error) : NULL;

  if (session && gb_session_export (session, path, &error))
    {
      g_autofree char *text = g_strdup_printf (_ ("Written to %s"), path);
      say (self, text);
    }
  show_fault (self, error);
  g_object_unref (dialog);
}

/* A copy in one file. */
static void
give_row (GtkWidget *button, GbShelfList *self)
{
  const char *path = g_object_get_data (G_OBJECT (button), "path");
  g_autofree char *name = g_path_get_basename (path);
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (_ ("Keep a copy"), window_of (self),
                                                              GTK_FILE_CHOOSER_ACTION_SAVE, NULL, NULL);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), name);
  g_object_set_data_full (G_OBJECT (dialog), "path", g_strdup (path), g_free);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_given), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static char *
describe_row (const GbShelfRow *row)
{
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (row->made / 1000);
  g_autoptr (GDateTime) made = g_date_time_to_local (utc);
  g_autofree char *day = g_date_time_format (made, "%Y-%m-%d %H:%M"), *clock = gb_room_clock (row->elapsed);

  if (row->error)
    return g_strdup (row->error);
  if (!row->is_begun)
    return g_strdup_printf (_ ("%s · %s · planned"), day, gb_board_level_name (row->level));
  if (!row->is_finished)
    return g_strdup_printf (_ ("%s · %s · stands at %s"), day, gb_board_level_name (row->level), clock);
  if (isnan (row->points))
    return g_strdup_printf (_ ("%s · %s · %s, no score"), day, gb_board_level_name (row->level), clock);
  return g_strdup_printf (_ ("%s · %s · %s, %.0f of 100"), day, gb_board_level_name (row->level), clock,
                          row->points);
}

static void
add_tool (GbShelfList *self, GtkWidget *box, const GbShelfRow *row, const char *icon, const char *msgid, GCallback func)
{
  GtkWidget *button = gb_label_button (icon, msgid, NULL);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  g_object_set_data_full (G_OBJECT (button), "path", g_strdup (row->path), g_free);
  g_signal_connect (button, "clicked", func, self);
  gtk_box_append (GTK_BOX (box), button);
}

static GtkWidget *
new_row (GbShelfList *self, const GbShelfRow *row)
{
  GtkWidget *line = gtk_list_box_row_new (), *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  g_autofree char *text = describe_row (row);
  g_autofree char *both = *row->title && *row->candidate ? g_strdup_printf ("%s · %s", row->title, row->candidate) : NULL;
  GtkWidget *title = gtk_label_new (both              ? both
                                    : *row->title     ? row->title
                                    : *row->candidate ? row->candidate
                                                      : _ ("No name"));
  GtkWidget *below = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_label_set_ellipsize (GTK_LABEL (title), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (below), 0);
  gtk_label_set_ellipsize (GTK_LABEL (below), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (below, row->error ? "error" : "dim-label");
  gtk_widget_add_css_class (below, "caption");
  gtk_box_append (GTK_BOX (texts), title);
  gtk_box_append (GTK_BOX (texts), below);
  gtk_widget_set_hexpand (texts, TRUE);
  g_object_set (box, "margin-start", 10, "margin-end", 4, "margin-top", 2, "margin-bottom", 2, NULL);
  gtk_box_append (GTK_BOX (box), texts);
  if (row->error == NULL)
    {
      add_tool (self, box, row, "document-edit-symbolic", N_ ("Name, candidate, consent…"), G_CALLBACK (rename_row));
      add_tool (self, box, row, "document-save-as-symbolic", N_ ("A copy of the interview…"), G_CALLBACK (give_row));
    }
  add_tool (self, box, row, "user-trash-symbolic", N_ ("Throw away"), G_CALLBACK (throw_away));
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (line), box);
  g_object_set_data_full (G_OBJECT (line), "path", g_strdup (row->path), g_free);
  return line;
}

void
gb_shelf_list_refresh (GbShelfList *self)
{
  const char *words = gtk_editable_get_text (GTK_EDITABLE (self->search));
  g_autoptr (GPtrArray) rows =
      gb_shelf_list (gb_shelf_get_folder (), gb_room_get_library (self->room), words);

  g_autofree char *place = gb_shelf_display_folder ();

  gtk_label_set_label (GTK_LABEL (self->place), place);
  gb_room_clear (self->list);
  for (guint i = 0; i < rows->len; i++)
    gtk_list_box_append (GTK_LIST_BOX (self->list), new_row (self, rows->pdata[i]));
  gtk_widget_set_visible (self->list, rows->len > 0);
  gtk_widget_set_visible (self->empty, rows->len == 0);
  gtk_label_set_label (GTK_LABEL (self->empty), *words
                                                    ? _ ("No interview has these words.")
                                                    : _ ("Interviews that were held or planned stand here."));
}

/* ---- all of them ---- */

static void
on_taken_in (GtkNativeDialog *dialog, int response, GbShelfList *self)
{
  g_autoptr (GFile) file =
      response == GTK_RESPONSE_ACCEPT ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog)) : NULL;
  g_autofree char *path = file ? g_file_get_path (file) : NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *taken = path ? gb_shelf_import (gb_shelf_get_folder (), path, &error) : NULL;

  show_fault (self, error);
  if (taken)
    gb_shelf_list_refresh (self);
  g_object_unref (dialog);
}

static void
take_in (GbShelfList *self)
{
  GtkFileChooserNative *dialog =
      gtk_file_chooser_native_new (_ ("Take an interview in"), window_of (self), GTK_FILE_CHOOSER_ACTION_OPEN, NULL, NULL);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_taken_in), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static void
on_place (GtkNativeDialog *dialog, int response, GbShelfList *self)
{
  g_autoptr (GFile) file =
      response == GTK_RESPONSE_ACCEPT ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog)) : NULL;
  g_autofree char *path = file ? g_file_get_path (file) : NULL;
  g_autoptr (GError) error = NULL;

  if (path && gb_shelf_set_folder (path, &error))
    gb_shelf_list_refresh (self);
  show_fault (self, error);
  g_object_unref (dialog);
}

static void
choose_place (GbShelfList *self)
{
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (_ ("Where interviews are kept"), window_of (self),
                                                              GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, NULL, NULL);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_place), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static void
on_erase (AdwMessageDialog *dialog, const char *response, GbShelfList *self)
{
  g_autoptr (GError) error = NULL;
  if (g_strcmp0 (response, "erase") != 0)
    return;
  if (gb_shelf_erase_all (gb_shelf_get_folder (), &error))
    say (self, _ ("All interviews are erased."));
  show_fault (self, error);
  gb_shelf_list_refresh (self);
}

static void
erase_all (GbShelfList *self)
{
  GtkWidget *dialog = adw_message_dialog_new (
      window_of (self), _ ("Erase all interviews?"),
      _ ("Those that were thrown away too, with what candidates wrote on the board. This cannot be taken back; copies that were "
         "kept elsewhere stay."));
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("Cancel"), "erase", _ ("Erase all"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "erase", ADW_RESPONSE_DESTRUCTIVE);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_erase), self, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
on_keep (GbShelfList *self)
{
  guint nth = gtk_drop_down_get_selected (GTK_DROP_DOWN (self->keep));
  if (self->is_filling || nth >= G_N_ELEMENTS (keep_days))
    return;
  g_settings_set_int (gb_preferences_get (), "interview-keep-days", keep_days[nth]);
  gb_shelf_expire (gb_shelf_get_folder (), (guint) keep_days[nth]);
  gb_shelf_list_refresh (self);
}

static void
fill_keep (GbShelfList *self)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);
  int days = g_settings_get_int (gb_preferences_get (), "interview-keep-days");

  self->is_filling = TRUE;
  gtk_string_list_append (names, _ ("until they are thrown away"));
  for (guint i = 1; i < G_N_ELEMENTS (keep_days); i++)
    {
      g_autofree char *name = g_strdup_printf (_ ("for %d days after their end"), keep_days[i]);
      gtk_string_list_append (names, name);
    }
  gtk_drop_down_set_model (GTK_DROP_DOWN (self->keep), G_LIST_MODEL (names));
  for (guint i = 0; i < G_N_ELEMENTS (keep_days); i++)
    if (keep_days[i] == days)
      gtk_drop_down_set_selected (GTK_DROP_DOWN (self->keep), i);
  self->is_filling = FALSE;
}

static GtkWidget *
new_foot (GbShelfList *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6), *first = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6),
            *second = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6), *label = gtk_label_new (NULL);
  GtkWidget *in = gb_room_button (N_ ("Take a file in…"), NULL), *place = gb_room_button (N_ ("Another place…"), NULL),
            *erase = gb_room_button (N_ ("Erase all…"), NULL);

  gb_i18n_bind (label, "label", N_ ("Interviews are kept"));
  self->keep = gtk_drop_down_new (NULL, NULL);
  gb_label_accessible (self->keep, N_ ("How long interviews are kept"));
  g_signal_connect_swapped (self->keep, "notify::selected", G_CALLBACK (on_keep), self);
  self->place = gb_room_text ("", "caption");
  gtk_widget_add_css_class (self->place, "dim-label");
  g_signal_connect_swapped (in, "clicked", G_CALLBACK (take_in), self);
  g_signal_connect_swapped (place, "clicked", G_CALLBACK (choose_place), self);
  g_signal_connect_swapped (erase, "clicked", G_CALLBACK (erase_all), self);
  gtk_box_append (GTK_BOX (first), label);
  gtk_box_append (GTK_BOX (first), self->keep);
  gtk_box_append (GTK_BOX (second), in);
  gtk_box_append (GTK_BOX (second), place);
  gtk_box_append (GTK_BOX (second), erase);
  gtk_box_append (GTK_BOX (box), first);
  gtk_box_append (GTK_BOX (box), self->place);
  gtk_box_append (GTK_BOX (box), second);
  return box;
}

static GtkWidget *
new_shelf (GbShelfList *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);

  self->search = gtk_search_entry_new ();
  gb_i18n_bind (self->search, "placeholder-text", N_ ("Search names, notes and questions"));
  gb_label_accessible (self->search, N_ ("Search interviews"));
  g_signal_connect_swapped (self->search, "search-changed", G_CALLBACK (gb_shelf_list_refresh), self);
  self->list = gtk_list_box_new ();
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (self->list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (self->list, "boxed-list");
  gtk_widget_set_valign (self->list, GTK_ALIGN_START);
  gb_label_accessible (self->list, N_ ("Interviews"));
  g_signal_connect_swapped (self->list, "row-activated", G_CALLBACK (open_row), self);
  self->empty = gb_room_text ("", "dim-label");
  self->fault = gb_room_text ("", "error");
  gtk_widget_set_visible (self->fault, FALSE);
  gtk_box_append (GTK_BOX (box), gb_room_heading (N_ ("Interviews")));
  gtk_box_append (GTK_BOX (box), self->search);
  gtk_box_append (GTK_BOX (box), self->empty);
  gtk_box_append (GTK_BOX (box), self->fault);
  gtk_box_append (GTK_BOX (box), gb_room_scroller (self->list));
  gtk_box_append (GTK_BOX (box), new_foot (self));
  return box;
}

/* ---- the object ---- */

static void
on_language (GbShelfList *self)
{
  fill_keep (self);
  gb_shelf_list_refresh (self);
}

static void
gb_shelf_list_dispose (GObject *object)
{
  GbShelfList *self = GB_SHELF_LIST (object);
  g_clear_pointer (&self->overlay, gtk_widget_unparent);
  g_clear_pointer (&self->thrown, g_free);
  G_OBJECT_CLASS (gb_shelf_list_parent_class)->dispose (object);
}

static void
gb_shelf_list_class_init (GbShelfListClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gb_shelf_list_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
gb_shelf_list_init (GbShelfList *self)
{
}

GtkWidget *
gb_shelf_list_new (GbRoom *room)
{
  GbShelfList *self = g_object_new (GB_TYPE_SHELF_LIST, NULL);

  self->room = room;
  self->overlay = adw_toast_overlay_new ();
  adw_toast_overlay_set_child (ADW_TOAST_OVERLAY (self->overlay), new_shelf (self));
  gtk_widget_set_parent (self->overlay, GTK_WIDGET (self));
  gb_shelf_expire (gb_shelf_get_folder (), (guint) g_settings_get_int (gb_preferences_get (), "interview-keep-days"));
  gb_shelf_empty (gb_shelf_get_folder (), PURGE_DAYS);
  gb_label_on_language (self, G_CALLBACK (on_language));
  return GTK_WIDGET (self);
}
