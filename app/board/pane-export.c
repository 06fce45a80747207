#include "board/pane-export.h"

#include "board/picture.h"
#include "common/i18n.h"

#include <string.h>

#define MOST_FRAMES 500

static void
say (const char *sentence, gpointer pane)
{
  gb_view_pane_say (pane, sentence);
}

static GtkWindow *
window_of (gpointer pane)
{
  return GTK_WINDOW (gtk_widget_get_root (pane));
}

/* ---- pictures ---- */
static void
on_copy (GSimpleAction *action, GVariant *parameter, gpointer pane)
{
  g_autoptr (GbPicture) picture = gb_picture_new_shown (gb_view_pane_get_view (pane), NULL);
  gb_picture_copy (picture, gtk_widget_get_clipboard (pane));
  say (_ ("The picture is copied."), pane);
}

static void
on_save (GSimpleAction *action, GVariant *parameter, gpointer pane)
{
  g_autoptr (GbPicture) picture = gb_picture_new_shown (gb_view_pane_get_view (pane), NULL);
  gb_picture_ask_and_save (picture, window_of (pane), say, pane);
}

static void
on_save_whole (GSimpleAction *action, GVariant *parameter, gpointer pane)
{
  g_autoptr (GbPicture) picture = gb_picture_new_whole (gb_view_pane_get_view (pane));
  gb_picture_ask_and_save (picture, window_of (pane), say, pane);
}

static void
on_print (GSimpleAction *action, GVariant *parameter, gpointer pane)
{
  /* Paper is white, whatever the window is. */
  g_autoptr (GbPicture) picture =
      gb_picture_new_shown (gb_view_pane_get_view (pane), gb_theme_get (GB_THEME_LIGHT));
  gb_picture_print (picture, window_of (pane), say, pane);
}

/* ---- a series over time ---- */
typedef struct
{
  GWeakRef pane;
  const GbViewDef *def;
  GbTraceCursor *cursor; /* of its own: the board stays where it is */
  GbSelection *selection;
  GbExportOptions options;
  char *path; /* "…/graph.png" */
  guint at, n, n_iterations;
} Frames;

static void
frames_free (gpointer data)
{
  Frames *self = data;
  g_weak_ref_clear (&self->pane);
  g_object_unref (self->cursor);
  g_object_unref (self->selection);
  g_free (self->path);
  g_free (self);
}

/* One picture, then the window has its turn. */
static gboolean
on_frame (gpointer data)
{
  Frames *self = data;
  g_autoptr (GObject) pane = g_weak_ref_get (&self->pane);
  g_autoptr (GError) error = NULL;
  g_autofree char *sentence = NULL;
  GbTrace *trace = gb_trace_cursor_get_trace (self->cursor);
  if (!pane)
    return G_SOURCE_REMOVE;
  guint nth = self->n > 1 ? (guint) ((guint64) self->at * (self->n_iterations - 1) / (self->n - 1)) : 0;
  const GbIteration *iteration = gb_trace_get_iteration (trace, nth);
  g_autofree char *path = gb_export_frame_path (self->path, self->at + 1, self->n);
  if (iteration == NULL) /* the trace has begun anew */
    return G_SOURCE_REMOVE;
  gb_trace_cursor_set_position (self->cursor, iteration->last_seq);
  gboolean ok = gb_view_export (self->def, self->cursor, self->selection, path, &self->options, &error);
  self->at++;
  if (!ok)
    sentence = g_strdup_printf (_ ("Not saved: %s"), error->message);
  else if (self->at == self->n)
    {
      g_autofree char *folder = g_path_get_dirname (self->path);
      sentence = g_strdup_printf (_ ("%u pictures are in %s"), self->n, folder);
    }
  else
    sentence = g_strdup_printf (_ ("Picture %u of %u"), self->at, self->n);
  say (sentence, pane);
  return ok && self->at < self->n;
}

static void
begin_frames (GbViewPane *pane, const char *folder)
{
  GbView *view = gb_view_pane_get_view (pane);
  GbTrace *trace = gb_trace_cursor_get_trace (gb_view_get_cursor (view));
  guint n = gb_trace_get_n_iterations (trace);
  GbDrawContext ctx;
  if (n == 0)
    {
      say (_ ("There are no iterations yet."), pane);
      return;
    }
  Frames *self = g_new0 (Frames, 1);
  g_autofree char *base = g_strdup_printf ("%s.png", gb_view_get_def (view)->id);
  g_weak_ref_init (&self->pane, pane);
  self->def = gb_view_get_def (view);
  self->cursor = gb_trace_cursor_new (trace);
  self->selection = gb_selection_new ();
  gb_selection_set_tensor (self->selection, gb_selection_get_tensor (gb_view_get_selection (view)));
  gb_selection_set_pin (self->selection, gb_selection_get_pin (gb_view_get_selection (view)));
  gb_view_get_context (view, &ctx);
  /* All of one size, or they would not be a film. */
  self->options = (GbExportOptions){ .theme = ctx.theme->id,
                                     .scale = 2,
                                     .width = ctx.width,
                                     .height = ctx.height + 60,
                                     .frame = TRUE,
                                     .options = GB_DRAW_STATIC };
  self->path = g_build_filename (folder, base, NULL);
  self->n_iterations = n;
  self->n = MIN (n, MOST_FRAMES);
  g_idle_add_full (G_PRIORITY_LOW, on_frame, self, frames_free);
}

static void
on_folder (GtkNativeDialog *dialog, int response, gpointer pane)
{
  g_autoptr (GFile) folder = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  g_autofree char *path = folder ? g_file_get_path (folder) : NULL;
  if (response == GTK_RESPONSE_ACCEPT && path)
    begin_frames (pane, path);
  g_object_unref (dialog);
}

static void
on_save_series (GSimpleAction *action, GVariant *parameter, gpointer pane)
{
  GtkFileChooserNative *chooser =
      gtk_file_chooser_native_new (_ ("A picture of every iteration, into a folder"), window_of (pane),
                                   GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, _ ("Save"), _ ("Cancel"));
  g_signal_connect_object (chooser, "response", G_CALLBACK (on_folder), pane, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

/* ---- numbers ---- */
static GbValuesForm
form_of (GVariant *parameter)
{
  int form = 0;
  while (form + 1 < GB_N_VALUES_FORMS
         && strcmp (gb_values_suffix[form], g_variant_get_string (parameter, NULL)) != 0)
    form++;
  return (GbValuesForm) form;
}

static void
on_copy_values (GSimpleAction *action, GVariant *parameter, gpointer pane)
{
  g_autofree char *name = NULL;
  g_autofree char *text = gb_view_dup_values (gb_view_pane_get_view (pane), form_of (parameter), &name);
  g_autofree char *sentence = text ? g_strdup_printf (_ ("The numbers of %s are copied."), name) : NULL;
  if (text)
    gdk_clipboard_set_text (gtk_widget_get_clipboard (pane), text);
  say (sentence ? sentence : _ ("None of its numbers are known here."), pane);
}

static void
on_values_chosen (GtkNativeDialog *dialog, int response, gpointer pane)
{
  const char *text = g_object_get_data (G_OBJECT (dialog), "text");
  g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  g_autofree char *path = file ? g_file_get_path (file) : NULL, *sentence = NULL;
  g_autoptr (GError) error = NULL;
  if (response == GTK_RESPONSE_ACCEPT && path)
    {
      sentence = g_file_set_contents (path, text, -1, &error)
                     ? g_strdup_printf (_ ("Saved to %s"), path)
                     : g_strdup_printf (_ ("Not saved: %s"), error->message);
      say (sentence, pane);
    }
  g_object_unref (dialog);
}

static void
on_save_values (GSimpleAction *action, GVariant *parameter, gpointer pane)
{
  g_autofree char *name = NULL;
  GbValuesForm form = form_of (parameter);
  g_autofree char *text = gb_view_dup_values (gb_view_pane_get_view (pane), form, &name);
  if (!text)
    {
      say (_ ("None of its numbers are known here."), pane);
      return;
    }
  GtkFileChooserNative *chooser = gtk_file_chooser_native_new (
      _ ("Save the numbers"), window_of (pane), GTK_FILE_CHOOSER_ACTION_SAVE, _ ("Save"), _ ("Cancel"));
  g_autofree char *file = g_strdup_printf ("%s.%s", name, gb_values_suffix[form]);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (chooser), g_strdelimit (file, "/", '-'));
  g_object_set_data_full (G_OBJECT (chooser), "text", g_steal_pointer (&text), g_free);
  g_signal_connect_object (chooser, "response", G_CALLBACK (on_values_chosen), pane, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

/* ---- all of them ---- */
void
gb_pane_export_add_actions (GbViewPane *pane, GActionMap *actions)
{
  static const GActionEntry entries[] = {
    { "copy-picture", on_copy },
    { "save-picture", on_save },
    { "save-whole", on_save_whole },
    { "save-series", on_save_series },
    { "print", on_print },
    { "copy-values", on_copy_values, "s" },
    { "save-values", on_save_values, "s" },
  };
  g_action_map_add_action_entries (actions, entries, G_N_ELEMENTS (entries), pane);
}

void
gb_pane_export_add_menu (GMenu *menu)
{
  g_autoptr (GMenu) pictures = g_menu_new (), numbers = g_menu_new (), copies = g_menu_new (),
                    files = g_menu_new ();
  g_menu_append (pictures, _ ("Copy the picture"), "pane.copy-picture");
  g_menu_append (pictures, _ ("Save the picture…"), "pane.save-picture");
  g_menu_append (pictures, _ ("Save the whole picture…"), "pane.save-whole");
  g_menu_append (pictures, _ ("Save every iteration…"), "pane.save-series");
  g_menu_append (pictures, _ ("Print…"), "pane.print");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (pictures));
  g_menu_append (copies, _ ("Copy as Python"), "pane.copy-values::py");
  g_menu_append (copies, _ ("Copy as CSV"), "pane.copy-values::csv");
  g_menu_append (copies, _ ("Copy as text"), "pane.copy-values::txt");
  g_menu_append_section (numbers, NULL, G_MENU_MODEL (copies));
  g_menu_append (files, _ ("Save as Python…"), "pane.save-values::py");
  g_menu_append (files, _ ("Save as CSV…"), "pane.save-values::csv");
  g_menu_append (files, _ ("Save as text…"), "pane.save-values::txt");
  g_menu_append_section (numbers, NULL, G_MENU_MODEL (files));
  g_menu_append_submenu (menu, _ ("Numbers"), G_MENU_MODEL (numbers));
}
