#include "class/lesson-copy.h"

#include "common/i18n.h"

typedef struct
{
  GtkWindow *parent; /* weak */
  GFile *recording, *copy;
  void (*said) (gpointer data, const char *text);
  gpointer data;
} Copying;

static void
copying_free (Copying *copying)
{
  g_clear_weak_pointer (&copying->parent);
  g_clear_object (&copying->recording);
  g_clear_object (&copying->copy);
  g_free (copying);
}

static void
on_copied (GObject *source, GAsyncResult *result, gpointer data)
{
  Copying *copying = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_file_get_path (copying->copy), *text = NULL;
  if (g_file_copy_finish (G_FILE (source), result, &error))
    text = g_strdup_printf (_ ("Saved to %s"), path);
  else
    text = g_strdup_printf (_ ("Not saved: %s"), error->message);
  if (copying->parent)
    copying->said (copying->data, text);
  copying_free (copying);
}

static void
on_chosen (GtkNativeDialog *dialog, int response, gpointer data)
{
  Copying *copying = data;
  copying->copy = response == GTK_RESPONSE_ACCEPT ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog)) : NULL;
  if (copying->copy && !g_file_equal (copying->recording, copying->copy))
    g_file_copy_async (copying->recording, copying->copy, G_FILE_COPY_OVERWRITE, G_PRIORITY_DEFAULT, NULL, NULL, NULL, on_copied,
                       copying);
  else
    copying_free (copying);
  g_object_unref (dialog);
}

void
gb_lesson_copy (GtkWindow *parent, const char *recording, void (*said) (gpointer data, const char *text), gpointer data)
{
  Copying *copying = g_new0 (Copying, 1);
  g_autofree char *name = g_path_get_basename (recording);
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();
  GtkFileChooserNative *dialog =
      gtk_file_chooser_native_new (_ ("Save the lesson"), parent, GTK_FILE_CHOOSER_ACTION_SAVE, _ ("Save"), _ ("Cancel"));
  g_set_weak_pointer (&copying->parent, parent);
  copying->recording = g_file_new_for_path (recording);
  copying->said = said;
  copying->data = data;
  gtk_file_filter_set_name (filter, _ ("Recordings"));
  gtk_file_filter_add_suffix (filter, "gbt");
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), filter);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), name);
  g_signal_connect (dialog, "response", G_CALLBACK (on_chosen), copying);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}
