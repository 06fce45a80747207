#include "board/files-panel.h"

#include "common/i18n.h"
#include "common/number-format.h"
#include "labels.h"

struct _GbFilesPanel
{
  GtkWidget parent_instance;

  GbWrittenFiles *files;
  GtkWidget *stack, *list;
};

G_DEFINE_FINAL_TYPE (GbFilesPanel, gb_files_panel, GTK_TYPE_WIDGET)

enum
{
  FAILED,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

static void
on_saved (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GbFilesPanel) self = data;
  g_autoptr (GError) error = NULL;
  if (gb_written_files_save_finish (GB_WRITTEN_FILES (source), result, &error))
    return;
  g_autofree char *text = g_strdup_printf (_ ("Not saved: %s"), error->message);
  g_signal_emit (self, signals[FAILED], 0, text);
}

static void
on_place_chosen (GtkNativeDialog *dialog, int response, gpointer data)
{
  GbFilesPanel *self = data;
  GbWrittenFile *file = g_object_get_data (G_OBJECT (dialog), "written-file");
  g_autoptr (GFile) target = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  if (response == GTK_RESPONSE_ACCEPT && target)
    gb_written_files_save_async (self->files, file, target, on_saved, g_object_ref (self));
  g_object_unref (dialog);
}

static void
save_as (GbFilesPanel *self, GbWrittenFile *file)
{
  GtkFileChooserNative *chooser = gtk_file_chooser_native_new (
      _ ("Save as"), GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), GTK_FILE_CHOOSER_ACTION_SAVE,
      _ ("Save"), _ ("Cancel"));
  g_autofree char *name = g_path_get_basename (gb_written_file_get_path (file));
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (chooser), name);
  g_object_set_data_full (G_OBJECT (chooser), "written-file", g_object_ref (file), g_object_unref);
  g_signal_connect_object (chooser, "response", G_CALLBACK (on_place_chosen), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

static void
on_row_activated (GbFilesPanel *self, GtkListBoxRow *row)
{
  g_autoptr (GbWrittenFile) file = g_list_model_get_item (gb_written_files_get_model (self->files),
                                                          (guint) gtk_list_box_row_get_index (row));
  if (file)
    save_as (self, file);
}

static void
on_button (GtkButton *button, gpointer data)
{
  GtkWidget *row = gtk_widget_get_ancestor (GTK_WIDGET (button), GTK_TYPE_LIST_BOX_ROW);
  on_row_activated (data, GTK_LIST_BOX_ROW (row));
}

static GtkWidget *
create_row (gpointer item, gpointer data)
{
  GbWrittenFile *file = item;
  char size[32];
  gb_number_bytes (gb_written_file_get_nbytes (file), size, sizeof size);
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *name = g_object_new (GTK_TYPE_LABEL, "label", gb_written_file_get_path (file), "xalign", 0.0,
                                  "hexpand", TRUE, "ellipsize", PANGO_ELLIPSIZE_MIDDLE, NULL);
  gtk_widget_add_css_class (name, "mono");
  GtkWidget *nbytes = gtk_label_new (size);
  gtk_widget_add_css_class (nbytes, "muted");
  gtk_widget_add_css_class (nbytes, "numeric");
  GtkWidget *button = gtk_button_new ();
  gb_i18n_bind (button, "label", N_ ("Save as…"));
  g_signal_connect_object (button, "clicked", G_CALLBACK (on_button), data, 0);
  gtk_box_append (GTK_BOX (row), name);
  gtk_box_append (GTK_BOX (row), nbytes);
  gtk_box_append (GTK_BOX (row), button);
  return row;
}

static void
update_page (GbFilesPanel *self)
{
  gboolean any = g_list_model_get_n_items (gb_written_files_get_model (self->files)) != 0;
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), any ? "list" : "empty");
}

static void
gb_files_panel_dispose (GObject *object)
{
  GbFilesPanel *self = GB_FILES_PANEL (object);
  g_clear_pointer (&self->stack, gtk_widget_unparent);
  g_clear_object (&self->files);
  G_OBJECT_CLASS (gb_files_panel_parent_class)->dispose (object);
}

static void
gb_files_panel_class_init (GbFilesPanelClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gb_files_panel_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  signals[FAILED] = g_signal_new ("failed", GB_TYPE_FILES_PANEL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
gb_files_panel_init (GbFilesPanel *self)
{
  self->stack = gtk_stack_new ();
  gtk_widget_set_parent (self->stack, GTK_WIDGET (self));
  GtkWidget *empty = g_object_new (GTK_TYPE_LABEL, "xalign", 0.0, "yalign", 0.0, "wrap", TRUE, "margin-start", 12,
                                   "margin-top", 4, "margin-end", 12, NULL);
  gb_i18n_bind (empty, "label", N_ ("What the program writes to a relative path is listed here."));
  gtk_widget_add_css_class (empty, "muted");
  self->list = gtk_list_box_new ();
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (self->list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (self->list, "files");
  gb_label_accessible (self->list, N_ ("Files that the program wrote"));
  g_signal_connect_object (self->list, "row-activated", G_CALLBACK (on_row_activated), self, G_CONNECT_SWAPPED);
  GtkWidget *scroller = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), self->list);
  gtk_stack_add_named (GTK_STACK (self->stack), empty, "empty");
  gtk_stack_add_named (GTK_STACK (self->stack), scroller, "list");
}

GtkWidget *
gb_files_panel_new (GbWrittenFiles *files)
{
  GbFilesPanel *self = g_object_new (GB_TYPE_FILES_PANEL, NULL);
  self->files = g_object_ref (files);
  GListModel *model = gb_written_files_get_model (files);
  gtk_list_box_bind_model (GTK_LIST_BOX (self->list), model, create_row, self, NULL);
  g_signal_connect_object (model, "items-changed", G_CALLBACK (update_page), self, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}
