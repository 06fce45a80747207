#include "editor/editor-area.h"

#include "common/i18n.h"
#include "editor/editor-page.h"
#include "labels.h"
#include "preferences.h"

#include <string.h>

struct _GbEditorArea
{
  GtkWidget parent_instance;

  GtkWidget *box, *tab_bar;
  AdwTabView *tabs;
};

enum
{
  PAGE_CHANGED,
  BREAKPOINTS_CHANGED,
  CARET_MOVED,
  ADDING,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GbEditorArea, gb_editor_area, GTK_TYPE_WIDGET)

static GbEditorPage *
get_page (GbEditorArea *self)
{
  AdwTabPage *page = adw_tab_view_get_selected_page (self->tabs);
  return page ? GB_EDITOR_PAGE (adw_tab_page_get_child (page)) : NULL;
}

GbDocument *
gb_editor_area_get_document (GbEditorArea *self)
{
  return gb_editor_page_get_document (get_page (self));
}

GbCodeView *
gb_editor_area_get_code (GbEditorArea *self)
{
  return gb_editor_page_get_code (get_page (self));
}

static GbEditorPage *
get_nth (GbEditorArea *self, int nth)
{
  return GB_EDITOR_PAGE (adw_tab_page_get_child (adw_tab_view_get_nth_page (self->tabs, nth)));
}

GbCodeView *
gb_editor_area_find_code (GbEditorArea *self, const char *path)
{
  for (int i = 0; i < adw_tab_view_get_n_pages (self->tabs); i++)
    {
      GbEditorPage *page = get_nth (self, i);
      g_autofree char *own = gb_document_dup_path (gb_editor_page_get_document (page));
      if (strcmp (own, path) == 0)
        return gb_editor_page_get_code (page);
    }
  return NULL;
}

void
gb_editor_area_foreach (GbEditorArea *self,
                        void (*func) (GbDocument *document, GbCodeView *code, gpointer data),
                        gpointer data)
{
  for (int i = 0; i < adw_tab_view_get_n_pages (self->tabs); i++)
    {
      GbEditorPage *page = get_nth (self, i);
      func (gb_editor_page_get_document (page), gb_editor_page_get_code (page), data);
    }
}

void
gb_editor_area_show_notice (GbEditorArea *self, const char *text)
{
  gb_editor_page_show_notice (get_page (self), text, NULL, NULL, NULL);
}

void
gb_editor_area_show_offer (GbEditorArea *self, const char *text, const char *button, GCallback callback, gpointer data)
{
  gb_editor_page_show_notice (get_page (self), text, button, callback, data);
}

/* ---- tabs ---- */

static void
update_tab (GbDocument *document, gpointer data)
{
  AdwTabPage *tab = data;
  adw_tab_page_set_title (tab, gb_document_get_title (document));
  g_autoptr (GIcon) icon = g_themed_icon_new ("media-record-symbolic");
  gboolean modified = gb_document_is_modified (document);
  adw_tab_page_set_indicator_icon (tab, modified ? icon : NULL);
  GtkWidget *area = gtk_widget_get_ancestor (adw_tab_page_get_child (tab), GB_TYPE_EDITOR_AREA);
  if (area)
    g_signal_emit (area, signals[PAGE_CHANGED], 0);
}

static void
on_breakpoints (GbEditorArea *self)
{
  g_signal_emit (self, signals[BREAKPOINTS_CHANGED], 0);
}

static void
on_caret (GbEditorArea *self)
{
  g_signal_emit (self, signals[CARET_MOVED], 0);
}

void
gb_editor_area_add_document (GbEditorArea *self, GbDocument *document)
{
  g_signal_emit (self, signals[ADDING], 0, document);
  GtkWidget *page = gb_editor_page_new (document);
  AdwTabPage *tab = adw_tab_view_append (self->tabs, page);
  g_signal_connect_object (document, "title-changed", G_CALLBACK (update_tab), tab, 0);
  g_signal_connect_object (gb_editor_page_get_code (GB_EDITOR_PAGE (page)), "breakpoints-changed",
                           G_CALLBACK (on_breakpoints), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (gb_document_get_buffer (document), "notify::cursor-position",
                           G_CALLBACK (on_caret), self, G_CONNECT_SWAPPED);
  adw_tab_view_set_selected_page (self->tabs, tab);
  update_tab (document, tab);
  /* The empty first tab has served its purpose. */
  if (adw_tab_view_get_n_pages (self->tabs) == 2 && !gb_document_is_untouched (document)
      && gb_document_is_untouched (gb_editor_page_get_document (get_nth (self, 0))))
    adw_tab_view_close_page (self->tabs, adw_tab_view_get_nth_page (self->tabs, 0));
}

void
gb_editor_area_new_tab (GbEditorArea *self)
{
  g_autoptr (GbDocument) document = gb_document_new ();
  gb_editor_area_add_document (self, document);
  gtk_widget_grab_focus (GTK_WIDGET (gb_editor_area_get_code (self)));
}

void
gb_editor_area_close_tab (GbEditorArea *self)
{
  adw_tab_view_close_page (self->tabs, adw_tab_view_get_selected_page (self->tabs));
}

typedef struct
{
  GbEditorArea *area;
  AdwTabPage *tab;
} Closing;

static void
finish_close (GbEditorArea *self, AdwTabPage *tab, gboolean close)
{
  if (close && adw_tab_view_get_n_pages (self->tabs) == 1)
    gb_editor_area_new_tab (self);
  adw_tab_view_close_page_finish (self->tabs, tab, close);
}

static void
on_saved_then_close (GObject *source, GAsyncResult *result, gpointer data)
{
  Closing *closing = data;
  g_autoptr (GError) error = NULL;
  gboolean saved = gb_document_save_finish (GB_DOCUMENT (source), result, &error);
  if (!saved)
    gb_editor_page_show_notice (GB_EDITOR_PAGE (adw_tab_page_get_child (closing->tab)), error->message, NULL,
                                NULL, NULL);
  finish_close (closing->area, closing->tab, saved);
  g_object_unref (closing->area);
  g_free (closing);
}

static void
on_close_response (AdwMessageDialog *dialog, const char *response, gpointer data)
{
  Closing *closing = data;
  GbDocument *document = gb_editor_page_get_document (GB_EDITOR_PAGE (adw_tab_page_get_child (closing->tab)));
  if (strcmp (response, "save") == 0 && gb_document_get_file (document) && !gb_document_get_scene (document))
    {
      gb_document_save_async (document, NULL, on_saved_then_close, closing);
      return;
    }
  gboolean discard = strcmp (response, "discard") == 0;
  if (discard)
    gb_document_discard (document);
  finish_close (closing->area, closing->tab, discard);
  if (strcmp (response, "save") == 0)
    gb_editor_area_save (closing->area, TRUE);
  g_object_unref (closing->area);
  g_free (closing);
}

static gboolean
on_close_page (AdwTabView *tabs, AdwTabPage *tab, gpointer data)
{
  GbEditorArea *self = data;
  GbDocument *document = gb_editor_page_get_document (GB_EDITOR_PAGE (adw_tab_page_get_child (tab)));
  if (!gb_document_is_modified (document))
    {
      finish_close (self, tab, TRUE);
      return GDK_EVENT_STOP;
    }
  Closing *closing = g_new0 (Closing, 1);
  closing->area = g_object_ref (self);
  closing->tab = tab;
  g_autofree char *heading = g_strdup_printf (_ ("%s has unsaved edits"), gb_document_get_title (document));
  GtkWidget *dialog =
      adw_message_dialog_new (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), heading, NULL);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("Keep open"), "discard",
                                    _ ("Throw away"), "save", _ ("Save"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "discard",
                                              ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "save", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "save");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_signal_connect (dialog, "response", G_CALLBACK (on_close_response), closing);
  gtk_window_present (GTK_WINDOW (dialog));
  return GDK_EVENT_STOP;
}

static void
on_selected (GbEditorArea *self)
{
  if (get_page (self))
    g_signal_emit (self, signals[PAGE_CHANGED], 0);
}

/* ---- files ---- */

typedef struct
{
  GbEditorArea *area;
  char *scene, *name;
} Opening;

static void
on_loaded (GObject *source, GAsyncResult *result, gpointer data)
{
  Opening *opening = data;
  g_autoptr (GError) error = NULL;
  if (!gb_document_load_finish (GB_DOCUMENT (source), result, &error))
    {
      gboolean is_no_text = error->domain == GTK_SOURCE_FILE_LOADER_ERROR || error->domain == G_CONVERT_ERROR;
      g_autofree char *text = g_strdup_printf (_ ("%s cannot be opened: %s"), opening->name,
                                               is_no_text ? _ ("it is no text in UTF-8") : error->message);
      gb_editor_area_show_notice (opening->area, text);
    }
  else
    {
      gb_document_set_scene (GB_DOCUMENT (source), opening->scene);
      gb_editor_area_add_document (opening->area, GB_DOCUMENT (source));
      gtk_widget_grab_focus (GTK_WIDGET (gb_editor_area_get_code (opening->area)));
      if (!opening->scene)
        {
          g_autofree char *path = gb_document_dup_path (GB_DOCUMENT (source));
          gb_preferences_add_recent (path);
        }
    }
  g_object_unref (opening->area);
  g_free (opening->scene);
  g_free (opening->name);
  g_free (opening);
}

void
gb_editor_area_open_file (GbEditorArea *self, GFile *file, const char *scene)
{
  for (int i = 0; i < adw_tab_view_get_n_pages (self->tabs); i++)
    {
      GFile *open = gb_document_get_file (gb_editor_page_get_document (get_nth (self, i)));
      if (open && g_file_equal (open, file))
        {
          adw_tab_view_set_selected_page (self->tabs, adw_tab_view_get_nth_page (self->tabs, i));
          return;
        }
    }
  Opening *opening = g_new0 (Opening, 1);
  opening->area = g_object_ref (self);
  opening->scene = g_strdup (scene);
  opening->name = g_file_get_basename (file);
  g_autoptr (GbDocument) document = gb_document_new ();
  gb_document_load_async (document, file, on_loaded, opening);
}

static GtkFileChooserNative *
new_chooser (GbEditorArea *self, const char *title, GtkFileChooserAction action, const char *accept)
{
  GtkFileChooserNative *chooser = gtk_file_chooser_native_new (
      title, GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), action, accept, _ ("Cancel"));
  g_autoptr (GtkFileFilter) python = gtk_file_filter_new ();
  gtk_file_filter_set_name (python, _ ("Programs, recordings and moments"));
  gtk_file_filter_add_suffix (python, "py");
  gtk_file_filter_add_suffix (python, "gbt");
  gtk_file_filter_add_suffix (python, "moment");
  g_autoptr (GtkFileFilter) all = gtk_file_filter_new ();
  gtk_file_filter_set_name (all, _ ("All files"));
  gtk_file_filter_add_pattern (all, "*");
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (chooser), python);
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (chooser), all);
  return chooser;
}

static void
on_open_chosen (GtkNativeDialog *dialog, int response, gpointer data)
{
  g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  if (response == GTK_RESPONSE_ACCEPT && file)
    {
      g_autofree char *uri = g_file_get_uri (file);
      /* The window decides: a recording is not a program. */
      gtk_widget_activate_action (GTK_WIDGET (data), "win.open-uri", "s", uri);
    }
  g_object_unref (dialog);
}

void
gb_editor_area_choose_file (GbEditorArea *self)
{
  GtkFileChooserNative *chooser = new_chooser (self, _ ("Open"), GTK_FILE_CHOOSER_ACTION_OPEN, _ ("Open"));
  g_signal_connect_object (chooser, "response", G_CALLBACK (on_open_chosen), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

static void
on_saved (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GbEditorArea) self = data;
  g_autoptr (GError) error = NULL;
  if (!gb_document_save_finish (GB_DOCUMENT (source), result, &error))
    {
      g_autofree char *text = g_strdup_printf (_ ("Not saved: %s"), error->message);
      gb_editor_area_show_notice (self, text);
      return;
    }
  g_autofree char *path = gb_document_dup_path (GB_DOCUMENT (source));
  gb_preferences_add_recent (path);
}

static void
on_save_chosen (GtkNativeDialog *dialog, int response, gpointer data)
{
  GbEditorArea *self = data;
  g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  if (response == GTK_RESPONSE_ACCEPT && file)
    gb_document_save_async (gb_editor_area_get_document (self), file, on_saved, g_object_ref (self));
  g_object_unref (dialog);
}

void
gb_editor_area_save (GbEditorArea *self, gboolean ask_name)
{
  GbDocument *document = gb_editor_area_get_document (self);
  /* What is shown of a covered one must not take the place of the whole. */
  if (!ask_name && gb_document_get_file (document) && !gb_document_get_scene (document) && !gb_document_is_covered (document))
    {
      gb_document_save_async (document, NULL, on_saved, g_object_ref (self));
      return;
    }
  GtkFileChooserNative *chooser = new_chooser (self, _ ("Save as"), GTK_FILE_CHOOSER_ACTION_SAVE, _ ("Save"));
  g_autofree char *name = gb_document_get_scene (document)
                              ? g_strdup_printf ("%s.py", gb_document_get_scene (document))
                              : g_strdup (gb_document_get_title (document));
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (chooser), name);
  g_signal_connect_object (chooser, "response", G_CALLBACK (on_save_chosen), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

void
gb_editor_area_find (GbEditorArea *self, gboolean replace)
{
  gb_find_bar_open (gb_editor_page_get_find_bar (get_page (self)), replace);
}

void
gb_editor_area_find_next (GbEditorArea *self)
{
  gb_find_bar_next (gb_editor_page_get_find_bar (get_page (self)));
}

static void
update_language (GbEditorArea *self)
{
  for (int i = 0; i < adw_tab_view_get_n_pages (self->tabs); i++)
    update_tab (gb_editor_page_get_document (get_nth (self, i)), adw_tab_view_get_nth_page (self->tabs, i));
}

static void
gb_editor_area_dispose (GObject *object)
{
  g_clear_pointer (&GB_EDITOR_AREA (object)->box, gtk_widget_unparent);
  G_OBJECT_CLASS (gb_editor_area_parent_class)->dispose (object);
}

static void
gb_editor_area_class_init (GbEditorAreaClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gb_editor_area_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  static const char *const names[ADDING] = { "page-changed", "breakpoints-changed", "caret-moved" };
  for (guint i = 0; i < ADDING; i++)
    signals[i] =
        g_signal_new (names[i], GB_TYPE_EDITOR_AREA, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[ADDING] = g_signal_new ("adding", GB_TYPE_EDITOR_AREA, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                  GB_TYPE_DOCUMENT);
}

static void
gb_editor_area_init (GbEditorArea *self)
{
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  self->tabs = ADW_TAB_VIEW (adw_tab_view_new ());
  self->tab_bar = GTK_WIDGET (adw_tab_bar_new ());
  adw_tab_bar_set_view (ADW_TAB_BAR (self->tab_bar), self->tabs);
  gtk_widget_add_css_class (self->tab_bar, "inline");
  gtk_widget_set_vexpand (GTK_WIDGET (self->tabs), TRUE);
  gtk_box_append (GTK_BOX (self->box), self->tab_bar);
  gtk_box_append (GTK_BOX (self->box), GTK_WIDGET (self->tabs));
  g_signal_connect_object (self->tabs, "close-page", G_CALLBACK (on_close_page), self, 0);
  g_signal_connect_object (self->tabs, "notify::selected-page", G_CALLBACK (on_selected), self,
                           G_CONNECT_SWAPPED);
  g_autoptr (GbDocument) document = gb_document_new ();
  gb_editor_area_add_document (self, document);
  gb_label_on_language (self, G_CALLBACK (update_language));
}

GtkWidget *
gb_editor_area_new (void)
{
  return g_object_new (GB_TYPE_EDITOR_AREA, NULL);
}
