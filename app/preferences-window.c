#include "preferences-window.h"

#include "common/i18n.h"
#include "interview/shelf.h"
#include "keys.h"
#include "paths.h"
#include "preferences.h"

#include <adwaita.h>
#include <string.h>

typedef enum
{
  ROW_SWITCH,
  ROW_NUMBER,
  ROW_CHOICE,
} RowKind;

typedef struct
{
  const char *value, *title; /* as the schema spells it; a msgid */
} Choice;

typedef struct
{
  const char *group; /* msgid; NULL: the group of the row before */
  RowKind kind;
  const char *key, *title, *subtitle;
  const Choice *choices; /* ends with a NULL title */
  double least, most, step;
} Row;

static const Choice themes[] = {
  { "system", N_ ("As the system") }, { "light", N_ ("Light") }, { "dark", N_ ("Dark") }, { NULL, NULL }
};
static const Choice languages[] = {
  { "", N_ ("As the system") }, { "zh", N_ ("中文") }, { "en", N_ ("English") }, { NULL, NULL }
};

static const Row rows[] = {
  { N_ ("Look"), ROW_CHOICE, "theme", N_ ("Colours"), NULL, themes, 0, 0, 0 },
  { NULL, ROW_SWITCH, "high-contrast", N_ ("High contrast"), N_ ("Stronger lines and colours in every picture"), NULL, 0, 0, 0 },
  { NULL, ROW_SWITCH, "reduce-motion", N_ ("Less motion"), N_ ("Pictures change at once instead of moving"), NULL, 0, 0, 0 },
  { NULL, ROW_NUMBER, "scale", N_ ("Size in per cent"), N_ ("Texts and pictures; a projector has its own"), NULL, 75, 250, 25 },
  { NULL, ROW_CHOICE, "language", N_ ("Language"), NULL, languages, 0, 0, 0 },
  { N_ ("Help while you work"), ROW_SWITCH, "completion", N_ ("Complete names"),
    N_ ("With their arguments and what they do; Ctrl+Space asks at any time"), NULL, 0, 0, 0 },
  { NULL, ROW_SWITCH, "explanations", N_ ("Explanations"), N_ ("Why, and the ways out of an error; an examination goes without"),
    NULL, 0, 0, 0 },
  { N_ ("Programs"), ROW_NUMBER, "memory-limit", N_ ("Memory in MiB"),
    N_ ("A program that takes more gets a MemoryError; holds from the next start"), NULL, 256, 262144, 256 },
  { NULL, ROW_NUMBER, "time-limit", N_ ("Seconds"), N_ ("A program that runs longer is ended; 0: it may run for ever"), NULL, 0,
    86400, 10 },
};

/* ---- rows ---- */

static void
on_choice (AdwComboRow *row, GParamSpec *pspec, const Row *model)
{
  guint at = adw_combo_row_get_selected (row);
  for (guint i = 0; model->choices[i].title; i++)
    if (i == at)
      g_settings_set_string (gb_preferences_get (), model->key, model->choices[i].value);
}

static void
show_choice (AdwComboRow *row)
{
  const Row *model = g_object_get_data (G_OBJECT (row), "row");
  g_autofree char *value = g_settings_get_string (gb_preferences_get (), model->key);
  for (guint i = 0; model->choices[i].title; i++)
    if (strcmp (model->choices[i].value, value) == 0)
      adw_combo_row_set_selected (row, i);
}

/* The titles in the language of the moment; what is chosen stays. */
static void
fill_choices (AdwComboRow *row)
{
  const Row *model = g_object_get_data (G_OBJECT (row), "row");
  g_autoptr (GtkStringList) titles = gtk_string_list_new (NULL);
  for (guint i = 0; model->choices[i].title; i++)
    gtk_string_list_append (titles, _ (model->choices[i].title));
  g_signal_handlers_block_by_func (row, on_choice, (gpointer) model);
  adw_combo_row_set_model (row, G_LIST_MODEL (titles));
  show_choice (row);
  g_signal_handlers_unblock_by_func (row, on_choice, (gpointer) model);
}

static GtkWidget *
new_choice_row (const Row *model)
{
  GtkWidget *row = adw_combo_row_new ();
  g_autofree char *changed = g_strconcat ("changed::", model->key, NULL);
  g_object_set_data (G_OBJECT (row), "row", (gpointer) model);
  g_signal_connect (row, "notify::selected", G_CALLBACK (on_choice), (gpointer) model);
  fill_choices (ADW_COMBO_ROW (row));
  g_signal_connect_object (gb_preferences_get (), changed, G_CALLBACK (show_choice), row, G_CONNECT_SWAPPED);
  g_signal_connect_object (gb_i18n_get_default (), "changed", G_CALLBACK (fill_choices), row, G_CONNECT_SWAPPED);
  return row;
}

static GtkWidget *
new_switch_row (const Row *model)
{
  GtkWidget *row = adw_action_row_new (), *toggle = gtk_switch_new ();
  gtk_widget_set_valign (toggle, GTK_ALIGN_CENTER);
  g_settings_bind (gb_preferences_get (), model->key, toggle, "active", G_SETTINGS_BIND_DEFAULT);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), toggle);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), toggle);
  return row;
}

static GtkWidget *
new_number_row (const Row *model)
{
  GtkWidget *row = adw_action_row_new (), *spin = gtk_spin_button_new_with_range (model->least, model->most, model->step);
  gtk_widget_set_valign (spin, GTK_ALIGN_CENTER);
  g_settings_bind (gb_preferences_get (), model->key, spin, "value", G_SETTINGS_BIND_DEFAULT);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), spin);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), spin);
  return row;
}

static GtkWidget *
new_row (const Row *model)
{
  GtkWidget *row = model->kind == ROW_CHOICE   ? new_choice_row (model)
                   : model->kind == ROW_SWITCH ? new_switch_row (model)
                                               : new_number_row (model);
  gb_i18n_bind (row, "title", model->title);
  if (model->subtitle)
    gb_i18n_bind (row, "subtitle", model->subtitle);
  return row;
}

/* ---- where things are kept ---- */

static void
on_show_folder (GtkButton *button, gpointer data)
{
  const char *path = g_object_get_data (G_OBJECT (button), "path");
  g_autofree char *uri = g_filename_to_uri (path, NULL, NULL);
  g_mkdir_with_parents (path, 0700);
  gtk_show_uri (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (button))), uri, GDK_CURRENT_TIME);
}

static void
add_folder (AdwPreferencesGroup *group, const char *title, const char *path)
{
  GtkWidget *row = adw_action_row_new (), *button = gtk_button_new_from_icon_name ("folder-open-symbolic");
  gb_i18n_bind (row, "title", title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), path);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  gb_i18n_bind (button, "tooltip-text", N_ ("Show the folder"));
  g_object_set_data_full (G_OBJECT (button), "path", g_strdup (path), g_free);
  g_signal_connect (button, "clicked", G_CALLBACK (on_show_folder), NULL);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  adw_preferences_group_add (group, row);
}

static AdwPreferencesGroup *
add_group (AdwPreferencesPage *page, const char *title)
{
  AdwPreferencesGroup *group = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());
  gb_i18n_bind (group, "title", title);
  adw_preferences_page_add (page, group);
  return group;
}

static GtkWidget *
new_window (GtkWindow *parent)
{
  GtkWidget *window = adw_preferences_window_new ();
  AdwPreferencesPage *page = ADW_PREFERENCES_PAGE (adw_preferences_page_new ());
  AdwPreferencesGroup *group = NULL;
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      if (rows[i].group)
        group = add_group (page, rows[i].group);
      adw_preferences_group_add (group, new_row (&rows[i]));
    }
  group = add_group (page, N_ ("Where things are kept"));
  add_folder (group, N_ ("Interviews"), gb_shelf_get_folder ());
  add_folder (group, N_ ("Unsaved edits, answers, runs"), gb_paths_get_state_dir ());
  adw_preferences_window_add (ADW_PREFERENCES_WINDOW (window), page);
  adw_preferences_window_set_search_enabled (ADW_PREFERENCES_WINDOW (window), FALSE);
  gtk_window_set_default_size (GTK_WINDOW (window), 560, 700);
  gb_i18n_bind (window, "title", N_ ("Preferences"));
  gtk_window_set_transient_for (GTK_WINDOW (window), parent);
  gtk_window_set_modal (GTK_WINDOW (window), parent != NULL);
  gb_keys_share (window);
  return window;
}

void
gb_preferences_window_present (GtkWindow *parent)
{
  static GtkWidget *window = NULL;
  if (!window)
    {
      window = new_window (parent);
      g_object_add_weak_pointer (G_OBJECT (window), (gpointer *) &window);
    }
  gtk_window_present (GTK_WINDOW (window));
}
