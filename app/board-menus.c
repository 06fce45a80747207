#include "board-window-private.h"

#include "board/view-choices.h"
#include "common/i18n.h"
#include "preferences.h"

/* The board's menus, made when they open: in the current language, with the recent files and the scene's parts of
 * that moment. */

static void
make_scene_menu (GtkMenuButton *button, gpointer data)
{
  GbBoardWindow *self = data;
  g_autoptr (GMenu) menu = g_menu_new ();
  g_autoptr (GMenu) tabs = g_menu_new ();
  if (self->scene && self->scene->tabs->len > 1)
    {
      g_menu_append (tabs, _ ("Run all parts"), "win.tab::");
      for (guint i = 0; i < self->scene->tabs->len; i++)
        {
          GbSceneTab *tab = g_ptr_array_index (self->scene->tabs, i);
          g_autofree char *action = g_strdup_printf ("win.tab::%s", tab->function);
          g_autofree char *text = g_strdup_printf (_ ("Run only: %s"), gb_text_get (&tab->title));
          g_menu_append (tabs, text, action);
        }
      g_menu_append_section (menu, NULL, G_MENU_MODEL (tabs));
    }
  g_autoptr (GMenu) scenes = g_menu_new ();
  for (guint i = 0; i < gb_library_get_n_scenes (self->library); i++)
    {
      const GbScene *scene = gb_library_get_scene (self->library, i);
      g_autofree char *action = g_strdup_printf ("win.scene::%s", scene->id);
      const char *title = gb_text_get (&scene->title);
      g_autofree char *text = *title ? g_strdup_printf ("%s · %s", title, scene->id) : g_strdup (scene->id);
      g_menu_append (scenes, text, action);
    }
  g_menu_append_section (menu, NULL, G_MENU_MODEL (scenes));
  gtk_menu_button_set_menu_model (button, G_MENU_MODEL (menu));
}

static void
make_view_menu (GtkMenuButton *button, gpointer data)
{
  GbBoardWindow *self = data;
  g_autoptr (GMenuModel) menu = gb_view_choices_new (self->cursor, "win.add-view");
  gtk_menu_button_set_menu_model (button, menu);
}

static void
append_items (GMenu *menu, const char *const (*items)[2], guint n)
{
  g_autoptr (GMenu) section = g_menu_new ();
  for (guint i = 0; i < n; i++)
    g_menu_append (section, _ (items[i][0]), items[i][1]);
  g_menu_append_section (menu, NULL, G_MENU_MODEL (section));
}

static void
append_submenu (GMenu *menu, const char *title, const char *const (*items)[2], guint n)
{
  g_autoptr (GMenu) submenu = g_menu_new ();
  append_items (submenu, items, n);
  g_menu_append_submenu (menu, _ (title), G_MENU_MODEL (submenu));
}

static void
append_recent (GbBoardWindow *self, GMenu *menu)
{
  g_autoptr (GMenu) recent = g_menu_new ();
  g_auto (GStrv) paths = gb_preferences_get_recent ();
  for (guint i = 0; paths[i]; i++)
    {
      g_autofree char *name = g_path_get_basename (paths[i]);
      g_autofree char *uri = g_filename_to_uri (paths[i], NULL, NULL);
      g_autoptr (GMenuItem) item = g_menu_item_new (name, NULL);
      g_menu_item_set_action_and_target (item, "win.open-uri", "s", uri ? uri : "");
      g_menu_append_item (recent, item);
    }
  if (paths[0] && !self->is_sealed) /* what somebody worked on before is nobody else's */
    g_menu_append_submenu (menu, _ ("Recent files"), G_MENU_MODEL (recent));
}

/* Short enough for a small screen: what is used at every sitting stands open, the rest one level down. */
static void
make_main_menu (GtkMenuButton *button, gpointer data)
{
  GbBoardWindow *self = data;
  static const char *const files[][2] = { { N_ ("New tab"), "win.new-tab" },
                                          { N_ ("Open…"), "win.open" },
                                          { N_ ("Save"), "win.save" },
                                          { N_ ("Save as…"), "win.save-as" } };
  static const char *const edits[][2] = { { N_ ("Find"), "win.find" },
                                          { N_ ("Find and replace"), "win.replace" },
                                          { N_ ("Comment lines"), "win.comment" } };
  static const char *const ways[][2] = { { N_ ("Run to the caret"), "win.run-to-cursor" },
                                         { N_ ("Back to the caret"), "win.back-to-cursor" },
                                         { N_ ("Go to an iteration, or to a value"), "win.go-to" },
                                         { N_ ("Over the next module, or out of this one"), "win.step::module" },
                                         { N_ ("Into the next module"), "win.step::into" },
                                         { N_ ("Module before, or where this one began"), "win.back::module" } };
  static const char *const moments[][2] = { { N_ ("Bookmark this moment"), "win.bookmark" },
                                            { N_ ("Keep this moment as a file"), "win.keep-moment" },
                                            { N_ ("Copy this moment as text"), "win.copy-moment" },
                                            { N_ ("Open the moment on the clipboard"), "win.paste-moment" },
                                            { N_ ("Compare with a recording…"), "win.compare-file" } };
  static const char *const study[][2] = { { N_ ("Search everything"), "win.search" },
                                          { N_ ("Study: what is due"), "win.study::due" },
                                          { N_ ("Study: the map of the outline"), "win.study::map" } };
  static const char *const interview[][2] = { { N_ ("Interviews"), "app.interview" },
                                              { N_ ("Teach a class"), "app.class" } };
  static const char *const pictures[][2] = { { N_ ("Copy the picture"), "win.picture::copy" },
                                             { N_ ("Save the picture…"), "win.picture::save" },
                                             { N_ ("Print…"), "win.picture::print" } };
  static const char *const themes[][2] = { { N_ ("As the system"), "app.theme::system" },
                                           { N_ ("Light"), "app.theme::light" },
                                           { N_ ("Dark"), "app.theme::dark" } };
  static const char *const sizes[][2] = { { N_ ("Larger"), "app.scale(1)" },
                                          { N_ ("Smaller"), "app.scale(-1)" },
                                          { N_ ("Projector"), "win.projector" },
                                          { N_ ("Full screen"), "win.fullscreen" } };
  static const char *const last[][2] = { { N_ ("Explanations"), "app.explanations" },
                                         { N_ ("Preferences"), "app.preferences" },
                                         { N_ ("Keys"), "win.shortcuts" },
                                         { N_ ("Tour"), "win.tour" },
                                         { N_ ("About Gradboard"), "win.about" } };
  g_autoptr (GMenu) menu = g_menu_new ();
  append_items (menu, files, G_N_ELEMENTS (files));
  g_autoptr (GMenu) work = g_menu_new ();
  append_recent (self, work);
  append_submenu (work, N_ ("Edit"), edits, G_N_ELEMENTS (edits));
  append_submenu (work, N_ ("Go to"), ways, G_N_ELEMENTS (ways));
  append_submenu (work, N_ ("Moments"), moments, G_N_ELEMENTS (moments));
  append_submenu (work, N_ ("Picture of the board"), pictures, G_N_ELEMENTS (pictures));
  g_menu_append_section (menu, NULL, G_MENU_MODEL (work));
  append_items (menu, study, G_N_ELEMENTS (study));
  if (!self->is_sealed)
    append_items (menu, interview, G_N_ELEMENTS (interview));
  g_autoptr (GMenu) look = g_menu_new ();
  append_items (look, themes, G_N_ELEMENTS (themes));
  append_items (look, sizes, G_N_ELEMENTS (sizes));
  g_autoptr (GMenu) end = g_menu_new ();
  g_menu_append_submenu (end, _ ("Look"), G_MENU_MODEL (look));
  g_menu_append_section (menu, NULL, G_MENU_MODEL (end));
  append_items (menu, last, G_N_ELEMENTS (last));
  gtk_menu_button_set_menu_model (button, G_MENU_MODEL (menu));
}

void
gb_board_window_connect_menus (GbBoardWindow *self)
{
  gtk_menu_button_set_create_popup_func (GTK_MENU_BUTTON (self->scene_button), make_scene_menu, self, NULL);
  gtk_menu_button_set_create_popup_func (GTK_MENU_BUTTON (self->view_button), make_view_menu, self, NULL);
  gtk_menu_button_set_create_popup_func (GTK_MENU_BUTTON (self->menu_button), make_main_menu, self, NULL);
}
