#include "application.h"

#include "board-window.h"
#include "class/follow-server.h"
#include "class/presenter-window.h"
#include "class/projector.h"
#include "common/i18n.h"
#include "common/theme.h"
#include "crash-log.h"
#include "keys.h"
#include "paths.h"
#include "preferences-window.h"
#include "preferences.h"
#include "interview/report.h"
#include "interview/shelf.h"
#include "room/room-window.h"
#include "models/explain.h"

#include <gtksourceview/gtksource.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Per cent; class/projector.h has what a projector gets. */
static const int scales[] = { 75, 90, 100, 125, 150, 175, 200, 250 };

struct _GbApplication
{
  AdwApplication parent_instance;

  GtkCssProvider *colors;
  int scale; /* per cent */
  gboolean begins_with_interview, begins_with_study, begins_with_class, has_failed;
  char *subject, *address; /* of the lesson that it begins with, or NULL */
  guint16 port;
};

G_DEFINE_FINAL_TYPE (GbApplication, gb_application, ADW_TYPE_APPLICATION)

/* ---- look ---- */

static void
update_theme (GbApplication *self)
{
  AdwStyleManager *style = adw_style_manager_get_default ();
  gboolean dark = adw_style_manager_get_dark (style);
  gboolean strong = adw_style_manager_get_high_contrast (style)
                    || g_settings_get_boolean (gb_preferences_get (), "high-contrast")
                    || g_settings_get_boolean (gb_preferences_get (), "projector");
  GbThemeId id = strong ? (dark ? GB_THEME_HC_DARK : GB_THEME_HC)
                                                             : (dark ? GB_THEME_DARK : GB_THEME_LIGHT);
  g_autofree char *css = gb_theme_css (gb_theme_get (id));
  gtk_css_provider_load_from_data (self->colors, css, -1);
  gb_theme_manager_set_theme (gb_theme_manager_get_default (), id);
}

static void
follow_motion (void)
{
  gboolean animations = TRUE;
  g_object_get (gtk_settings_get_default (), "gtk-enable-animations", &animations, NULL);
  gb_theme_manager_set_reduce_motion (gb_theme_manager_get_default (), !animations);
}

/* GTK's own switch is the system's until the preference says no; follow_motion() hears of it. */
static void
update_motion (void)
{
  GtkSettings *settings = gtk_settings_get_default ();
  if (g_settings_get_boolean (gb_preferences_get (), "reduce-motion"))
    g_object_set (settings, "gtk-enable-animations", FALSE, NULL);
  else
    gtk_settings_reset_property (settings, "gtk-enable-animations");
}

/* Before a projector another size holds, and one's own comes back after it. */
static const char *
scale_key (void)
{
  return g_settings_get_boolean (gb_preferences_get (), "projector") ? "projector-scale" : "scale";
}

/* Text of widgets grows with the resolution, pictures with the theme's scale. */
static void
update_scale (GbApplication *self)
{
  int percent = g_settings_get_int (gb_preferences_get (), scale_key ());
  if (percent == 0)
    percent = gb_projector_scale (gdk_display_get_default ());
  self->scale = percent;
  g_object_set (gtk_settings_get_default (), "gtk-xft-dpi", 96 * 1024 * percent / 100, NULL);
  gb_theme_manager_set_scale (gb_theme_manager_get_default (), percent / 100.0);
  for (GList *l = gtk_application_get_windows (GTK_APPLICATION (self)); l; l = l->next)
    {
      if (percent >= 150)
        gtk_widget_add_css_class (l->data, "large");
      else
        gtk_widget_remove_css_class (l->data, "large");
    }
}

static void
on_scale (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GbApplication *self = data;
  int direction = g_variant_get_int32 (parameter), at = 2;
  for (guint i = 0; i < G_N_ELEMENTS (scales); i++)
    if (scales[i] <= self->scale)
      at = i;
  at = direction == 0 ? 2 : CLAMP (at + direction, 0, (int) G_N_ELEMENTS (scales) - 1);
  gboolean is_own = direction == 0 && strcmp (scale_key (), "projector-scale") == 0;
  g_settings_set_int (gb_preferences_get (), scale_key (), is_own ? 0 : scales[at]);
}

static void
update_color_scheme (void)
{
  /* In the order of the schema's enum. */
  static const AdwColorScheme schemes[] = { ADW_COLOR_SCHEME_DEFAULT, ADW_COLOR_SCHEME_FORCE_LIGHT,
                                            ADW_COLOR_SCHEME_FORCE_DARK };
  adw_style_manager_set_color_scheme (adw_style_manager_get_default (),
                                      schemes[g_settings_get_enum (gb_preferences_get (), "theme")]);
}

/* ---- language ---- */

static void
update_language (void)
{
  g_autofree char *language = g_settings_get_string (gb_preferences_get (), "language");
  gb_i18n_set_language (*language ? language : NULL);
}

static void
on_switch_language (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  const char *next = strcmp (gb_i18n_get_language (), "zh") == 0 ? "en" : "zh";
  g_settings_set_string (gb_preferences_get (), "language", next);
}

/* ---- explanations: an examination switches them off ---- */

static void
on_explanations (GSimpleAction *action, GVariant *state, gpointer data)
{
  g_settings_set_boolean (gb_preferences_get (), "explanations", g_variant_get_boolean (state));
}

/* An examination disables the action: what is preferred holds again after it. */
static void
update_explanations (GbApplication *self)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self), "explanations");
  gboolean wanted = g_settings_get_boolean (gb_preferences_get (), "explanations");
  g_simple_action_set_state (G_SIMPLE_ACTION (action), g_variant_new_boolean (wanted));
  gb_explain_set_enabled (wanted && g_action_get_enabled (action));
}

/* ---- life ---- */

static void
on_quit (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GList *windows = g_list_copy (gtk_application_get_windows (data));
  for (GList *l = windows; l; l = l->next)
    gtk_window_close (l->data);
  g_list_free (windows);
}

/* A word that names no file may name a scene, a leaf or a case. */
static void
open_on (GbBoardWindow *window, GFile *file)
{
  g_autofree char *name = g_file_get_basename (file);
  if (!g_file_query_exists (file, NULL)
      && (gb_board_window_open_scene (window, name) || gb_board_window_open_topic (window, name)
          || gb_board_window_open_case (window, name) || gb_board_window_open_set (window, name)))
    return;
  gb_board_window_open_file (window, file);
}

/* ---- interviews ---- */

static GbRoomWindow *
ensure_room (GbApplication *self)
{
  GtkWindow *window = NULL;
  for (GList *l = gtk_application_get_windows (GTK_APPLICATION (self)); l && !window; l = l->next)
    if (GB_IS_ROOM_WINDOW (l->data))
      window = l->data;
  if (!window)
    window = GTK_WINDOW (gb_room_window_new (GTK_APPLICATION (self)));
  if (self->scale >= 150)
    gtk_widget_add_css_class (GTK_WIDGET (window), "large");
  gtk_window_present (window);
  return GB_ROOM_WINDOW (window);
}

static void
on_interview (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ensure_room (data);
}

/* ---- lessons ---- */

static GbPresenterWindow *
ensure_presenter (GbApplication *self)
{
  GtkWindow *window = NULL;
  for (GList *l = gtk_application_get_windows (GTK_APPLICATION (self)); l && !window; l = l->next)
    if (GB_IS_PRESENTER_WINDOW (l->data))
      window = l->data;
  if (!window)
    window = GTK_WINDOW (gb_presenter_window_new (GTK_APPLICATION (self)));
  gtk_window_present (window);
  return GB_PRESENTER_WINDOW (window);
}

/* A lesson begins with what the board in front shows. */
static void
on_class (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GtkWindow *front = gtk_application_get_active_window (data);
  g_autofree char *shown = GB_IS_BOARD_WINDOW (front) ? gb_board_window_dup_subject (GB_BOARD_WINDOW (front)) : NULL;
  GbPresenterWindow *presenter = ensure_presenter (data);
  g_autoptr (GFile) file = shown ? g_file_new_for_commandline_arg (shown) : NULL;
  if (file)
    open_on (gb_presenter_window_get_board (presenter), file);
}

static void
on_preferences (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gb_preferences_window_present (gtk_application_get_active_window (data));
}

static const GActionEntry actions[] = {
  { "class", on_class },
  { "interview", on_interview },
  { "quit", on_quit },
  { "switch-language", on_switch_language },
  { "scale", on_scale, "i" },
  { "preferences", on_preferences },
  { "explanations", NULL, NULL, "true", on_explanations },
};

static char *
dup_log_folder (void)
{
  return g_build_filename (gb_paths_get_state_dir (), "log", NULL);
}

static void
add_css (const char *resource)
{
  g_autoptr (GtkCssProvider) provider = gtk_css_provider_new ();
  gtk_css_provider_load_from_resource (provider, resource);
  gtk_style_context_add_provider_for_display (gdk_display_get_default (), GTK_STYLE_PROVIDER (provider),
                                              GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
}

/* What follows a preference, whoever changes it: a menu, the preferences, another window or program. */
static void
connect_settings (GbApplication *self)
{
  static const struct
  {
    const char *signal;
    GCallback update;
  } followers[] = {
    { "changed::theme", G_CALLBACK (update_color_scheme) },      { "changed::language", G_CALLBACK (update_language) },
    { "changed::explanations", G_CALLBACK (update_explanations) }, { "changed::scale", G_CALLBACK (update_scale) },
    { "changed::high-contrast", G_CALLBACK (update_theme) },     { "changed::reduce-motion", G_CALLBACK (update_motion) },
    { "changed::projector", G_CALLBACK (update_scale) },         { "changed::projector-scale", G_CALLBACK (update_scale) },
    { "changed::projector", G_CALLBACK (update_theme) },
  };
  static const char *const keys[] = { "theme", "language" };
  GSettings *settings = gb_preferences_get ();
  for (guint i = 0; i < G_N_ELEMENTS (followers); i++)
    g_signal_connect_object (settings, followers[i].signal, followers[i].update, self, G_CONNECT_SWAPPED);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autoptr (GAction) action = g_settings_create_action (settings, keys[i]);
      g_action_map_add_action (G_ACTION_MAP (self), action);
    }
  update_language ();
  update_color_scheme ();
  update_explanations (self);
}

static void
gb_application_startup (GApplication *application)
{
  GbApplication *self = GB_APPLICATION (application);
  G_APPLICATION_CLASS (gb_application_parent_class)->startup (application);

  g_autofree char *log = dup_log_folder ();
  gb_crash_log_begin (log);
  gtk_source_init ();
  g_autofree char *styles = g_build_filename (gb_paths_get_data_dir (), "styles", NULL);
  gtk_source_style_scheme_manager_append_search_path (gtk_source_style_scheme_manager_get_default (), styles);
  gtk_window_set_default_icon_name ("org.gradboard.Board");
  self->colors = gtk_css_provider_new ();
  gtk_style_context_add_provider_for_display (gdk_display_get_default (), GTK_STYLE_PROVIDER (self->colors),
                                              GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
  add_css ("/org/gradboard/ui/board.css");

  g_action_map_add_action_entries (G_ACTION_MAP (self), actions, G_N_ELEMENTS (actions), self);
  connect_settings (self);
  gb_keys_apply (GTK_APPLICATION (self));

  AdwStyleManager *style = adw_style_manager_get_default ();
  g_signal_connect_object (style, "notify::dark", G_CALLBACK (update_theme), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (style, "notify::high-contrast", G_CALLBACK (update_theme), self,
                           G_CONNECT_SWAPPED);
  update_theme (self);
  GtkSettings *settings = gtk_settings_get_default ();
  /* Menus and dialogs are roots of their own: the face comes from here, not from the window's style. */
  g_object_set (settings, "gtk-font-name", "Cantarell,Adwaita Sans,Noto Sans CJK SC 9.75", NULL);
  g_signal_connect (settings, "notify::gtk-enable-animations", G_CALLBACK (follow_motion), NULL);
  update_motion ();
  follow_motion ();
  update_scale (self);
}

/* The board that was in front last; the interviewer's window and what is shared with a candidate are none. */
static GtkWindow *
find_window (GbApplication *self)
{
  for (GList *l = gtk_application_get_windows (GTK_APPLICATION (self)); l; l = l->next)
    if (GB_IS_BOARD_WINDOW (l->data) && !gb_board_window_is_sealed (l->data))
      return l->data;
  return NULL;
}

static GbBoardWindow *
ensure_window (GbApplication *self)
{
  GtkWindow *window = find_window (self);
  if (!window)
    {
      window = GTK_WINDOW (gb_board_window_new (GTK_APPLICATION (self)));
      if (self->scale >= 150)
        gtk_widget_add_css_class (GTK_WIDGET (window), "large");
      g_autofree char *folder = dup_log_folder (), *crash = gb_crash_log_take (folder);
      if (crash)
        gb_board_window_tell_of_crash (GB_BOARD_WINDOW (window), crash);
    }
  gtk_window_present (window);
  return GB_BOARD_WINDOW (window);
}

static void
begin_class (GbApplication *self)
{
  GbPresenterWindow *presenter = ensure_presenter (self);
  g_autoptr (GFile) file = self->subject ? g_file_new_for_commandline_arg (self->subject) : NULL;
  g_autoptr (GError) error = NULL;
  if (file)
    open_on (gb_presenter_window_get_board (presenter), file);
  if (!self->address)
    return;
  if (gb_presenter_window_serve (presenter, self->address, self->port, &error))
    {
      g_print ("%s\n", gb_follow_server_get_link (gb_presenter_window_get_server (presenter)));
      fflush (stdout); /* whoever waits for the link waits at a pipe */
      return;
    }
  g_printerr ("gradboard: %s\n", error->message);
  self->has_failed = TRUE;
  gtk_window_close (GTK_WINDOW (presenter));
}

void
gb_application_begin_with_class (GbApplication *self, const char *subject, const char *address, guint16 port)
{
  self->begins_with_class = TRUE;
  self->subject = g_strdup (subject);
  self->address = g_strdup (address);
  self->port = port;
}

gboolean
gb_application_has_failed (GbApplication *self)
{
  return self->has_failed;
}

static void
gb_application_activate (GApplication *application)
{
  GbApplication *self = GB_APPLICATION (application);
  if (self->begins_with_class)
    {
      begin_class (self);
      return;
    }
  if (self->begins_with_interview)
    {
      ensure_room (self);
      return;
    }
  GbBoardWindow *window = ensure_window (self);
  gb_board_window_open_initial (window);
  if (self->begins_with_study)
    gtk_widget_activate_action (GTK_WIDGET (window), "win.study", "s", "due");
}

static int
gb_application_handle_local_options (GApplication *application, GVariantDict *options)
{
  GbApplication *self = GB_APPLICATION (application);
  self->begins_with_interview = g_variant_dict_contains (options, "interview");
  self->begins_with_study = g_variant_dict_contains (options, "study");
  return -1;
}

/* "interview:FILE?at=MSEC", as reports have it: one of the interviews that are kept. */
static void
open_interview_link (GbApplication *self, const char *uri)
{
  g_auto (GStrv) parts = g_strsplit (uri + strlen (GB_INTERVIEW_SCHEME), "?at=", 2);
  g_autofree char *name = g_uri_unescape_string (parts[0], NULL), *base = name ? g_path_get_basename (name) : NULL;
  g_autofree char *path = base ? g_build_filename (gb_shelf_get_folder (), base, NULL) : NULL;
  if (path)
    gb_room_window_replay (ensure_room (self), path, parts[1] ? g_ascii_strtoll (parts[1], NULL, 10) : 0);
}

static void
gb_application_open (GApplication *application, GFile **files, int n_files, const char *hint)
{
  for (int i = 0; i < n_files; i++)
    {
      g_autofree char *path = g_file_get_path (files[i]), *uri = g_file_get_uri (files[i]);
      if (uri && g_str_has_prefix (uri, GB_INTERVIEW_SCHEME))
        {
          open_interview_link (GB_APPLICATION (application), uri);
          continue;
        }
      if (path && g_str_has_suffix (path, ".interview"))
        {
          gb_room_window_open (ensure_room (GB_APPLICATION (application)), path);
          continue;
        }
      open_on (ensure_window (GB_APPLICATION (application)), files[i]);
    }
}

static void
gb_application_shutdown (GApplication *application)
{
  G_APPLICATION_CLASS (gb_application_parent_class)->shutdown (application);
  gb_follow_server_wait_for_last_words ();
  gb_crash_log_end ();
}

static void
gb_application_dispose (GObject *object)
{
  g_clear_object (&GB_APPLICATION (object)->colors);
  g_clear_pointer (&GB_APPLICATION (object)->subject, g_free);
  g_clear_pointer (&GB_APPLICATION (object)->address, g_free);
  G_OBJECT_CLASS (gb_application_parent_class)->dispose (object);
}

static void
gb_application_class_init (GbApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);
  application_class->startup = gb_application_startup;
  application_class->activate = gb_application_activate;
  application_class->open = gb_application_open;
  application_class->shutdown = gb_application_shutdown;
  application_class->handle_local_options = gb_application_handle_local_options;
  G_OBJECT_CLASS (klass)->dispose = gb_application_dispose;
}

static void
gb_application_init (GbApplication *self)
{
  static const GOptionEntry options[] = { { "interview", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Begin with interviews"), NULL },
                                          { "study", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Begin with what is due"), NULL },
                                          { NULL } };
  self->scale = 100;
  g_application_add_main_option_entries (G_APPLICATION (self), options);
}

GbApplication *
gb_application_new (void)
{
  return g_object_new (GB_TYPE_APPLICATION, "application-id", "org.gradboard.Board", "flags",
                       G_APPLICATION_HANDLES_OPEN | G_APPLICATION_NON_UNIQUE, "resource-base-path",
                       "/org/gradboard", NULL);
}
