#include "board-window-private.h"

#include "board/upright.h"
#include "common/i18n.h"
#include "common/number-format.h"
#include "editor/diagnostics.h"
#include "editor/error-card.h"
#include "keys.h"
#include "labels.h"
#include "paths.h"
#include "preferences.h"
#include "trace/recording.h"
#include "view-registry.h"

#include <string.h>

#define WATCH_DELAY_MSEC 60
#define NARROW_WIDTH     1100
#define CONSOLE_ROOM     150 /* of the console above knobs and questions */

G_DEFINE_FINAL_TYPE (GbBoardWindow, gb_board_window, ADW_TYPE_APPLICATION_WINDOW)

/* ---- heads ---- */

static void
update_title (GbBoardWindow *self)
{
  GbDocument *document = gb_editor_area_get_document (self->editor);
  const char *saved = gb_document_is_modified (document) ? _ ("edited") : _ ("saved");
  g_autofree char *subtitle = NULL;
  if (self->scene)
    {
      adw_window_title_set_title (self->title, self->scene->id);
      subtitle = gb_document_is_modified (document)
                     ? g_strdup_printf ("%s · %s", gb_text_get (&self->scene->title), saved)
                     : g_strdup (gb_text_get (&self->scene->title));
    }
  else
    {
      adw_window_title_set_title (self->title, gb_document_get_title (document));
      subtitle =
          g_strdup (gb_document_get_file (document) || gb_document_is_modified (document) ? saved : "");
    }
  adw_window_title_set_subtitle (self->title, subtitle);
  gtk_label_set_label (GTK_LABEL (self->editor_title), gb_document_get_title (document));
}

static void
update_caret (GbBoardWindow *self)
{
  GbCodeView *code = gb_editor_area_get_code (self->editor);
  int n = gtk_text_buffer_get_line_count (gtk_text_view_get_buffer (GTK_TEXT_VIEW (code)));
  g_autofree char *text = g_strdup_printf (_ ("line %u of %d"), gb_code_view_get_caret_line (code), n);
  gtk_label_set_label (GTK_LABEL (self->editor_place), text);
}

static void
on_page_changed (GbBoardWindow *self)
{
  const char *id = gb_document_get_scene (gb_editor_area_get_document (self->editor));
  const GbScene *scene = id ? gb_library_find_scene (self->library, id) : NULL;
  if (scene != self->scene)
    {
      self->scene = scene;
      g_clear_pointer (&self->tab, g_free);
      gb_note_panel_set_scene (self->note, scene);
      gb_knobs_panel_set_scene (self->knobs, scene);
      gb_prediction_card_set_scene (self->prediction, scene);
    }
  if (scene && g_strcmp0 (self->laid_out_scene, scene->id) != 0)
    {
      g_free (self->laid_out_scene);
      self->laid_out_scene = g_strdup (scene->id);
      gb_view_area_set_views (self->views, (const char *const *) scene->views);
    }
  update_title (self);
  update_caret (self);
}

/* ---- menus, in the current language ---- */

static void
update_scene_menu (GbBoardWindow *self)
{
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
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (self->scene_button), G_MENU_MODEL (menu));
}

static void
update_view_menu (GbBoardWindow *self)
{
  g_autoptr (GMenu) menu = g_menu_new ();
  for (guint i = 0; i < gb_view_registry_get_n (); i++)
    {
      const GbViewDef *def = gb_view_registry_get (i);
      g_autofree char *action = g_strdup_printf ("win.add-view::%s", def->id);
      g_menu_append (menu, _ (def->title), action);
    }
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (self->view_button), G_MENU_MODEL (menu));
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
update_main_menu (GbBoardWindow *self)
{
  static const char *const files[][2] = { { N_ ("New tab"), "win.new-tab" },
                                          { N_ ("Open…"), "win.open" },
                                          { N_ ("Save"), "win.save" },
                                          { N_ ("Save as…"), "win.save-as" } };
  static const char *const edits[][2] = { { N_ ("Find"), "win.find" },
                                          { N_ ("Find and replace"), "win.replace" },
                                          { N_ ("Comment lines"), "win.comment" } };
  static const char *const themes[][2] = { { N_ ("As the system"), "app.theme::system" },
                                           { N_ ("Light"), "app.theme::light" },
                                           { N_ ("Dark"), "app.theme::dark" } };
  static const char *const last[][2] = {
    { N_ ("Larger"), "app.scale(1)" },     { N_ ("Smaller"), "app.scale(-1)" },
    { N_ ("Projector"), "win.projector" }, { N_ ("Full screen"), "win.fullscreen" },
    { N_ ("Keys"), "win.shortcuts" },      { N_ ("About Gradboard"), "win.about" }
  };
  g_autoptr (GMenu) menu = g_menu_new ();
  append_items (menu, files, G_N_ELEMENTS (files));
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
  if (paths[0])
    g_menu_append_submenu (menu, _ ("Recent files"), G_MENU_MODEL (recent));
  append_items (menu, edits, G_N_ELEMENTS (edits));
  g_autoptr (GMenu) look = g_menu_new ();
  append_items (look, themes, G_N_ELEMENTS (themes));
  g_menu_append_submenu (menu, _ ("Look"), G_MENU_MODEL (look));
  append_items (menu, last, G_N_ELEMENTS (last));
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (self->menu_button), G_MENU_MODEL (menu));
}

/* The recent files and the scene's parts may be others since the menu was made. */
static void
on_main_popup (GtkMenuButton *button, gpointer data)
{
  update_main_menu (data);
}

static void
on_scene_popup (GtkMenuButton *button, gpointer data)
{
  update_scene_menu (data);
}

/* ---- following the trace ---- */

static void
show_current_place (GbBoardWindow *self)
{
  const GbPosition *position = gb_trace_cursor_get_source_position (self->cursor);
  GbRunState state = gb_run_control_get_state (self->control);
  /* While the program runs freely a jumping line would only distract. */
  gboolean show = position
                  && !(gb_trace_cursor_get_following (self->cursor)
                       && (state == GB_RUN_RUNNING || state == GB_RUN_ENDED || state == GB_RUN_STARTING));
  GbCodeView *shown = NULL;
  if (show)
    {
      const GbSource *source = gb_trace_get_source (self->trace, position->file);
      shown = source ? gb_editor_area_find_code (self->editor, source->path) : NULL;
    }
  GbCodeView *front = gb_editor_area_get_code (self->editor);
  if (shown != front)
    gb_code_view_set_current (front, NULL, FALSE);
  if (!shown)
    return;
  GbPlace place = { position->line, position->end_line, position->column, position->end_column };
  gb_code_view_set_current (shown, &place, TRUE);
  GbOp op;
  guint64 call = gb_trace_get_last_call_at (self->trace, gb_trace_cursor_get_position (self->cursor));
  char buffer[32];
  gboolean timed = call && gb_trace_get_op (self->trace, call, &op) && op.end;
  gb_code_view_set_current_note (shown,
                                 timed ? gb_number_duration (op.end->nsec, buffer, sizeof buffer) : NULL);
}

/* An exception belongs to the line of the person's text that it came from. */
static void
show_exceptions (GbBoardWindow *self)
{
  guint n = gb_trace_get_n_exceptions (self->trace);
  if (n <= self->n_exceptions)
    return;
  self->n_exceptions = n;
  const GbException *exception = gb_trace_get_exception (self->trace, n - 1);
  if (strcmp (exception->type_name, "KeyboardInterrupt") == 0
      || strcmp (exception->type_name, "SystemExit") == 0)
    return;
  const GbPosition *position = gb_trace_get_position (self->trace, exception->pos);
  const GbSource *source = position ? gb_trace_get_source (self->trace, position->file) : NULL;
  GbCodeView *code = source ? gb_editor_area_find_code (self->editor, source->path) : NULL;
  GbPlace place = { 0 };
  if (code)
    place = (GbPlace){ position->line, position->end_line, position->column, position->end_column };
  else
    {
      /* No op was at fault: the traceback knows the line. */
      code = gb_editor_area_get_code (self->editor);
      g_autofree char *path = gb_document_dup_path (gb_editor_area_get_document (self->editor));
      place.line = gb_diagnostics_find_line (exception->traceback, path);
    }
  guint line = place.line;
  place.line = MAX (line, 1);
  gb_code_view_set_error (
      code, &place, gb_error_card_new (exception->type_name, exception->message, exception->traceback, line));
}

static void
clear_errors (GbDocument *document, GbCodeView *code, gpointer data)
{
  gb_code_view_set_error (code, NULL, NULL);
  gb_code_view_set_current (code, NULL, FALSE);
}

static void
update_meter (GbBoardWindow *self)
{
  const TeFactMeter *meter = gb_trace_get_meter (self->trace);
  if (!meter)
    {
      gtk_label_set_label (GTK_LABEL (self->meter), "");
      return;
    }
  char memory[32];
  double seconds = meter->time_nsec / 1e9;
  gb_number_bytes (meter->rss_nbytes, memory, sizeof memory);
  /* The share of a moment says nothing. */
  g_autofree char *text = seconds < 0.5
                              ? g_strdup_printf ("%s · %.1f s", memory, seconds)
                              : g_strdup_printf ("%s · %.0f %% · %.1f s", memory,
                                                 100.0 * meter->cpu_nsec / meter->time_nsec, seconds);
  gtk_label_set_label (GTK_LABEL (self->meter), text);
}

static void
on_cursor_changed (GbBoardWindow *self, guint changes)
{
  if (changes & GB_TRACE_CHANGED_RESET)
    {
      self->n_exceptions = 0;
      gb_editor_area_foreach (self->editor, clear_errors, NULL);
    }
  if (changes & (GB_TRACE_CHANGED_TEXT | GB_TRACE_CHANGED_RESET))
    show_exceptions (self);
  if (changes & (GB_TRACE_CHANGED_SERIES | GB_TRACE_CHANGED_RESET))
    update_meter (self);
  if (gb_trace_get_last_seq (self->trace))
    gtk_stack_set_visible_child_name (GTK_STACK (self->views_stack), "views");
  show_current_place (self);
}

static gboolean
on_send_watches (gpointer data)
{
  GbBoardWindow *self = data;
  self->watch_timeout = 0;
  GArray *watches = gb_view_area_get_watches (self->views, self->cursor, self->selection);
  TeWatch meter = { .kind = TE_WATCH_METER, .period_msec = 500 };
  TeWatch names = { .kind = TE_WATCH_VALUES, .period_msec = 250, .max_elements = 8 };
  g_array_append_val (watches, meter);
  gboolean has_values = FALSE;
  for (guint i = 0; i < watches->len; i++)
    has_values = has_values
                 || (g_array_index (watches, TeWatch, i).kind == TE_WATCH_VALUES
                     && !g_array_index (watches, TeWatch, i).tensor);
  if (!has_values
      && strcmp (gtk_stack_get_visible_child_name (GTK_STACK (self->lower_stack)), "variables") == 0)
    g_array_append_val (watches, names);
  gb_run_control_set_watches (self->control, watches);
  return G_SOURCE_REMOVE;
}

static void
queue_watches (GbBoardWindow *self)
{
  if (!self->watch_timeout)
    self->watch_timeout = g_timeout_add (WATCH_DELAY_MSEC, on_send_watches, self);
}

static void
on_described (GbBoardWindow *self)
{
  gb_transport_bar_set_place (self->transport, gb_timeline_get_headline (self->timeline),
                              gb_timeline_get_detail (self->timeline));
}

/* Knobs and questions need room below; they take it from the text, which scrolls. */
static gboolean
on_give_room (gpointer data)
{
  GbBoardWindow *self = data;
  self->room_idle = 0;
  int needed, height = gtk_widget_get_height (self->left);
  GtkWidget *lower = gtk_paned_get_end_child (GTK_PANED (self->left));
  gtk_widget_measure (self->foot, GTK_ORIENTATION_VERTICAL, gtk_widget_get_width (lower), NULL, &needed, NULL,
                      NULL);
  needed += gtk_widget_get_visible (self->foot) ? CONSOLE_ROOM : 0;
  if (height > 0 && gtk_widget_get_width (lower) > 100 && gtk_widget_get_height (lower) < needed)
    gtk_paned_set_position (GTK_PANED (self->left), MAX (height * 3 / 10, height - needed));
  return G_SOURCE_REMOVE;
}

static void
give_room (GbBoardWindow *self)
{
  if (!self->room_idle)
    self->room_idle = g_timeout_add (40, on_give_room, self);
}

/* ---- the program's life ---- */

static void
on_control_changed (GbBoardWindow *self)
{
  GbRunState state = gb_run_control_get_state (self->control);
  const char *sentence = gb_run_control_get_sentence (self->control);
  gtk_label_set_label (GTK_LABEL (self->sentence), sentence);
  gtk_widget_set_visible (self->sentence, *sentence != '\0');
  gtk_widget_set_visible (self->foot, *sentence != '\0' || gb_trace_get_n_knobs (self->trace) != 0);
  if (state == GB_RUN_DEAD)
    gtk_widget_add_css_class (self->sentence, "error");
  else
    gtk_widget_remove_css_class (self->sentence, "error");
  const GbStateChange *change = gb_trace_get_state (self->trace, G_MAXUINT64);
  gb_console_set_prompt (self->console,
                         state == GB_RUN_INPUT ? (change && change->text ? change->text : "") : NULL);
  give_room (self);
  show_current_place (self);
  if (state == GB_RUN_STARTING || state == GB_RUN_RUNNING)
    queue_watches (self);
}

static void
on_failed (GbBoardWindow *self, const char *message)
{
  gb_editor_area_show_notice (self->editor, message);
}

static void
on_ended (GbBoardWindow *self, const char *reason, const char *message, int signal_number)
{
  if (gb_run_control_get_state (self->control) != GB_RUN_DEAD)
    return;
  const GbPosition *position = gb_trace_cursor_get_source_position (self->cursor);
  g_autofree char *text = gb_diagnostics_ended (reason, position ? position->line : 0, signal_number);
  gb_console_append_notice (self->console, text);
}

static void
on_console_input (GbBoardWindow *self, const char *text)
{
  gb_run_control_answer (self->control, text);
}

static void
on_breakpoints_changed (GbBoardWindow *self)
{
  gb_board_window_send_breakpoints (self);
}

static void
on_scene_chosen (GbBoardWindow *self, const char *id)
{
  gb_board_window_open_scene (self, id);
  if (adw_flap_get_folded (ADW_FLAP (self->flap)))
    adw_flap_set_reveal_flap (ADW_FLAP (self->flap), FALSE);
}

/* ---- opening ---- */

void
gb_board_window_open_initial (GbBoardWindow *self)
{
  if (gb_document_is_untouched (gb_editor_area_get_document (self->editor)))
    gtk_widget_grab_focus (GTK_WIDGET (gb_editor_area_get_code (self->editor)));
}

gboolean
gb_board_window_open_scene (GbBoardWindow *self, const char *id)
{
  const GbScene *scene = gb_library_find_scene (self->library, id);
  if (!scene)
    return FALSE;
  g_autofree char *path = g_build_filename (scene->folder, "scene.py", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  gb_editor_area_open_file (self->editor, file, id);
  return TRUE;
}

static gboolean
is_recording (const char *path)
{
  char magic[8] = "";
  FILE *file = fopen (path, "rb");
  gsize n = file ? fread (magic, 1, sizeof magic, file) : 0;
  if (file)
    fclose (file);
  return n == sizeof magic && memcmp (magic, TE_RECORDING_MAGIC, sizeof magic) == 0;
}

/* What can be read of a damaged recording is shown; one that cannot be read at all leaves the trace that is
 * there. */
static void
open_recording (GbBoardWindow *self, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GbTrace) probe = gb_trace_new ();
  if (!gb_trace_load (probe, path, &error))
    {
      g_autofree char *name = g_path_get_basename (path);
      g_autofree char *text =
          g_strdup_printf (_ ("%s cannot be read as a recording: %s"), name, error->message);
      gb_editor_area_show_notice (self->editor, text);
      if (gb_trace_get_last_seq (probe) == 0)
        return;
    }
  gb_run_control_stop (self->control);
  gb_trace_reset (self->trace);
  gb_trace_load (self->trace, path, NULL);
  gb_trace_cursor_follow (self->cursor);
  const GbSource *source = gb_trace_get_n_sources (self->trace) ? gb_trace_get_source (self->trace, 1) : NULL;
  if (source && g_file_test (source->path, G_FILE_TEST_EXISTS))
    {
      g_autoptr (GFile) program = g_file_new_for_path (source->path);
      gb_editor_area_open_file (self->editor, program, NULL);
    }
  gb_preferences_add_recent (path);
}

void
gb_board_window_open_file (GbBoardWindow *self, GFile *file)
{
  g_autofree char *path = g_file_get_path (file);
  if (path && (is_recording (path) || g_str_has_suffix (path, ".gbt")))
    open_recording (self, path);
  else
    gb_editor_area_open_file (self->editor, file, NULL);
}

static gboolean
on_drop (GtkDropTarget *target, const GValue *value, double x, double y, gpointer data)
{
  GSList *files = g_value_get_boxed (value);
  for (GSList *l = files; l; l = l->next)
    gb_board_window_open_file (data, l->data);
  return files != NULL;
}

/* ---- building ---- */

static GtkWidget *
new_head_button (GbBoardWindow *self, GtkWidget *button, const char *msgid)
{
  gb_i18n_bind (button, "label", msgid);
  gtk_widget_add_css_class (button, "head");
  return button;
}

static GtkWidget *
build_header (GbBoardWindow *self)
{
  GtkWidget *header = adw_header_bar_new ();
  self->topics_button = new_head_button (self, gtk_toggle_button_new (), N_ ("Topics"));
  g_object_bind_property (self->flap, "reveal-flap", self->topics_button, "active",
                          G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL);
  adw_header_bar_pack_start (ADW_HEADER_BAR (header), self->topics_button);
  self->scene_button = new_head_button (self, gtk_menu_button_new (), N_ ("Scene"));
  gtk_menu_button_set_create_popup_func (GTK_MENU_BUTTON (self->scene_button), on_scene_popup, self, NULL);
  adw_header_bar_pack_start (ADW_HEADER_BAR (header), self->scene_button);

  self->title = ADW_WINDOW_TITLE (adw_window_title_new ("", ""));
  adw_header_bar_set_title_widget (ADW_HEADER_BAR (header), GTK_WIDGET (self->title));

  self->menu_button = gtk_menu_button_new ();
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (self->menu_button), "open-menu-symbolic");
  gtk_widget_add_css_class (self->menu_button, "head");
  gb_label_tooltip (self->menu_button, N_ ("Menu"), NULL);
  gtk_menu_button_set_create_popup_func (GTK_MENU_BUTTON (self->menu_button), on_main_popup, self, NULL);
  adw_header_bar_pack_end (ADW_HEADER_BAR (header), self->menu_button);

  self->language_button = gtk_button_new_with_label ("中 | en");
  gtk_widget_add_css_class (self->language_button, "head");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->language_button), "app.switch-language");
  gb_label_tooltip (self->language_button, N_ ("中文 or English"), "app.switch-language");
  adw_header_bar_pack_end (ADW_HEADER_BAR (header), self->language_button);
  self->predict_button = new_head_button (self, gtk_button_new (), N_ ("Predict"));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->predict_button), "win.predict");
  adw_header_bar_pack_end (ADW_HEADER_BAR (header), self->predict_button);
  self->view_button = new_head_button (self, gtk_menu_button_new (), N_ ("+ View"));
  adw_header_bar_pack_end (ADW_HEADER_BAR (header), self->view_button);
  return header;
}

static GtkWidget *
new_pane_box (void)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_add_css_class (box, "pane");
  gtk_widget_set_overflow (box, GTK_OVERFLOW_HIDDEN);
  return box;
}

static GtkWidget *
build_editor (GbBoardWindow *self)
{
  GtkWidget *pane = new_pane_box ();
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  gtk_widget_add_css_class (head, "pane-head");
  self->editor_title = g_object_new (GTK_TYPE_LABEL, "xalign", 0.0, "hexpand", TRUE, "ellipsize",
                                     PANGO_ELLIPSIZE_MIDDLE, NULL);
  gtk_widget_add_css_class (self->editor_title, "pane-title");
  self->editor_place = gtk_label_new ("");
  gtk_widget_add_css_class (self->editor_place, "muted");
  gtk_widget_add_css_class (self->editor_place, "numeric");
  gtk_box_append (GTK_BOX (head), self->editor_title);
  gtk_box_append (GTK_BOX (head), self->editor_place);
  gtk_box_append (GTK_BOX (pane), head);
  gtk_widget_set_vexpand (GTK_WIDGET (self->editor), TRUE);
  gtk_box_append (GTK_BOX (pane), GTK_WIDGET (self->editor));
  return pane;
}

static GtkWidget *
add_stack_page (GbBoardWindow *self,
                GtkWidget *head,
                GtkWidget *page,
                const char *id,
                const char *msgid,
                GtkWidget *group)
{
  GtkWidget *button = gtk_toggle_button_new ();
  gb_i18n_bind (button, "label", msgid);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "pane-tab");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "win.lower");
  gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "s", id);
  gtk_box_append (GTK_BOX (head), button);
  gtk_stack_add_named (GTK_STACK (self->lower_stack), page, id);
  return button;
}

static GtkWidget *
build_lower (GbBoardWindow *self)
{
  GtkWidget *pane = new_pane_box ();
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  gtk_widget_add_css_class (head, "pane-head");
  self->lower_stack = gtk_stack_new ();
  gtk_stack_set_vhomogeneous (GTK_STACK (self->lower_stack), FALSE);
  gtk_widget_set_vexpand (self->lower_stack, TRUE);
  add_stack_page (self, head, GTK_WIDGET (self->console), "console", N_ ("Console"), NULL);
  add_stack_page (self, head, GTK_WIDGET (self->inspector), "variables", N_ ("Variables"), NULL);
  add_stack_page (self, head, GTK_WIDGET (self->note), "note", N_ ("Note"), NULL);
  self->meter =
      g_object_new (GTK_TYPE_LABEL, "hexpand", TRUE, "xalign", 1.0, "ellipsize", PANGO_ELLIPSIZE_END, NULL);
  gtk_widget_add_css_class (self->meter, "muted");
  gtk_widget_add_css_class (self->meter, "numeric");
  gtk_box_append (GTK_BOX (head), self->meter);
  gtk_box_append (GTK_BOX (pane), head);
  gtk_box_append (GTK_BOX (pane), self->lower_stack);

  GtkWidget *foot = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  gtk_widget_add_css_class (foot, "pane-foot");
  self->sentence = g_object_new (GTK_TYPE_LABEL, "xalign", 0.0, "wrap", TRUE, "selectable", TRUE, NULL);
  gtk_widget_add_css_class (self->sentence, "sentence");
  gtk_box_append (GTK_BOX (foot), self->sentence);
  gtk_box_append (GTK_BOX (foot), GTK_WIDGET (self->prediction));
  gtk_box_append (GTK_BOX (foot), GTK_WIDGET (self->knobs));
  self->foot = gb_upright_new (foot);
  gtk_box_append (GTK_BOX (pane), self->foot);
  return pane;
}

static GtkWidget *
build_empty (GbBoardWindow *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 16);
  g_object_set (box, "valign", GTK_ALIGN_CENTER, "halign", GTK_ALIGN_CENTER, NULL);
  GtkWidget *sentence = g_object_new (GTK_TYPE_LABEL, "wrap", TRUE, "justify", GTK_JUSTIFY_CENTER, NULL);
  gtk_widget_add_css_class (sentence, "empty-sentence");
  gb_i18n_bind (sentence, "label", N_ ("Nothing here yet. Run a line that makes a tensor."));
  gtk_box_append (GTK_BOX (box), sentence);
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  gtk_widget_set_halign (row, GTK_ALIGN_CENTER);
  static const struct
  {
    const char *title, *action;
  } verbs[] = { { N_ ("Type"), "win.focus::editor" },
                { N_ ("Open a file"), "win.open" },
                { N_ ("Choose a scene"), "win.topics" } };
  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    {
      GtkWidget *button = gtk_button_new ();
      gb_i18n_bind (button, "label", verbs[i].title);
      gtk_actionable_set_detailed_action_name (GTK_ACTIONABLE (button), verbs[i].action);
      gtk_widget_add_css_class (button, "pill");
      gtk_box_append (GTK_BOX (row), button);
    }
  gtk_box_append (GTK_BOX (box), row);
  GtkWidget *pane = new_pane_box ();
  gtk_widget_set_vexpand (box, TRUE);
  gtk_box_append (GTK_BOX (pane), box);
  return pane;
}

static gboolean
on_first_size (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  GbBoardWindow *self = data;
  int width = gtk_widget_get_width (self->columns), height = gtk_widget_get_height (self->left);
  if (width == 0 || height == 0)
    return G_SOURCE_CONTINUE;
  gtk_paned_set_position (GTK_PANED (self->columns),
                          width < NARROW_WIDTH ? width * 44 / 100 : width * 35 / 100);
  gtk_paned_set_position (GTK_PANED (self->left), height * 64 / 100);
  return G_SOURCE_REMOVE;
}

static void
build_body (GbBoardWindow *self)
{
  self->left = gtk_paned_new (GTK_ORIENTATION_VERTICAL);
  gtk_paned_set_start_child (GTK_PANED (self->left), build_editor (self));
  gtk_paned_set_end_child (GTK_PANED (self->left), build_lower (self));
  gtk_paned_set_shrink_start_child (GTK_PANED (self->left), FALSE);
  gtk_paned_set_shrink_end_child (GTK_PANED (self->left), FALSE);
  gtk_widget_set_size_request (self->left, 260, -1);

  self->views_stack = gtk_stack_new ();
  gtk_stack_add_named (GTK_STACK (self->views_stack), build_empty (self), "empty");
  gtk_stack_add_named (GTK_STACK (self->views_stack), GTK_WIDGET (self->views), "views");

  self->columns = gtk_paned_new (GTK_ORIENTATION_HORIZONTAL);
  gtk_paned_set_start_child (GTK_PANED (self->columns), self->left);
  gtk_paned_set_end_child (GTK_PANED (self->columns), self->views_stack);
  gtk_paned_set_resize_start_child (GTK_PANED (self->columns), FALSE);
  gtk_paned_set_shrink_start_child (GTK_PANED (self->columns), FALSE);
  gtk_paned_set_shrink_end_child (GTK_PANED (self->columns), FALSE);
  gtk_widget_add_css_class (self->columns, "columns");
  gtk_widget_add_tick_callback (self->columns, on_first_size, self, NULL);
}

static void
build (GbBoardWindow *self)
{
  build_body (self);
  self->flap = adw_flap_new ();
  adw_flap_set_flap (ADW_FLAP (self->flap), GTK_WIDGET (self->outline));
  adw_flap_set_content (ADW_FLAP (self->flap), self->columns);
  adw_flap_set_reveal_flap (ADW_FLAP (self->flap), FALSE);
  adw_flap_set_fold_policy (ADW_FLAP (self->flap), ADW_FLAP_FOLD_POLICY_ALWAYS);
  adw_flap_set_separator (ADW_FLAP (self->flap), gtk_separator_new (GTK_ORIENTATION_VERTICAL));
  gtk_widget_set_vexpand (self->flap, TRUE);

  self->timeline_box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  gtk_widget_add_css_class (self->timeline_box, "time");
  gtk_box_append (GTK_BOX (self->timeline_box), GTK_WIDGET (self->transport));
  gtk_widget_set_hexpand (GTK_WIDGET (self->timeline), TRUE);
  gtk_box_append (GTK_BOX (self->timeline_box), GTK_WIDGET (self->timeline));

  GtkWidget *all = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_box_append (GTK_BOX (all), build_header (self));
  gtk_box_append (GTK_BOX (all), self->flap);
  gtk_box_append (GTK_BOX (all), self->timeline_box);
  adw_application_window_set_content (ADW_APPLICATION_WINDOW (self), all);

  GtkDropTarget *drop = gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);
  g_signal_connect (drop, "drop", G_CALLBACK (on_drop), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drop));
}

static void
connect_parts (GbBoardWindow *self)
{
  const struct
  {
    gpointer from;
    const char *signal;
    GCallback callback;
  } wires[] = {
    { self->editor, "page-changed", G_CALLBACK (on_page_changed) },
    { self->editor, "caret-moved", G_CALLBACK (update_caret) },
    { self->editor, "breakpoints-changed", G_CALLBACK (on_breakpoints_changed) },
    { self->console, "input", G_CALLBACK (on_console_input) },
    { self->outline, "scene-chosen", G_CALLBACK (on_scene_chosen) },
    { self->views, "views-changed", G_CALLBACK (queue_watches) },
    { self->selection, "changed", G_CALLBACK (queue_watches) },
    { self->lower_stack, "notify::visible-child", G_CALLBACK (queue_watches) },
    { self->knobs, "notify::visible", G_CALLBACK (give_room) },
    { self->prediction, "notify::visible", G_CALLBACK (give_room) },
    { self->timeline, "described", G_CALLBACK (on_described) },
    { self->cursor, "changed", G_CALLBACK (on_cursor_changed) },
    { self->control, "changed", G_CALLBACK (on_control_changed) },
    { self->control, "failed", G_CALLBACK (on_failed) },
    { self->control, "ended", G_CALLBACK (on_ended) },
  };
  for (guint i = 0; i < G_N_ELEMENTS (wires); i++)
    g_signal_connect_object (wires[i].from, wires[i].signal, wires[i].callback, self, G_CONNECT_SWAPPED);
}

static void
update_language (GbBoardWindow *self)
{
  update_scene_menu (self);
  update_view_menu (self);
  update_main_menu (self);
  update_title (self);
  update_caret (self);
  on_described (self);
  on_control_changed (self);
}

static void
restore_drafts (GbBoardWindow *self)
{
  g_autoptr (GPtrArray) drafts = gb_journal_take_orphans (gb_paths_get_state_dir ());
  for (guint i = 0; i < drafts->len; i++)
    {
      g_autoptr (GbDocument) document = gb_document_new_for_draft (g_ptr_array_index (drafts, i));
      gb_editor_area_add_document (self->editor, document);
    }
  if (drafts->len)
    gb_editor_area_show_notice (self->editor,
                                _ ("These edits were not saved last time. They are back as they were."));
}

static void
gb_board_window_dispose (GObject *object)
{
  GbBoardWindow *self = GB_BOARD_WINDOW (object);
  g_clear_handle_id (&self->watch_timeout, g_source_remove);
  g_clear_handle_id (&self->room_idle, g_source_remove);
  if (self->control)
    gb_run_control_stop (self->control);
  g_clear_object (&self->control);
  g_clear_object (&self->cursor);
  g_clear_object (&self->selection);
  g_clear_object (&self->trace);
  g_clear_object (&self->library);
  g_clear_pointer (&self->laid_out_scene, g_free);
  g_clear_pointer (&self->tab, g_free);
  G_OBJECT_CLASS (gb_board_window_parent_class)->dispose (object);
}

static void
gb_board_window_class_init (GbBoardWindowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gb_board_window_dispose;
}

static void
gb_board_window_init (GbBoardWindow *self)
{
  gtk_widget_add_css_class (GTK_WIDGET (self), "board");
  gtk_window_set_title (GTK_WINDOW (self), "Gradboard");
  gtk_window_set_default_size (GTK_WINDOW (self), 1280, 800);
  gtk_widget_set_size_request (GTK_WIDGET (self), 800, 560);
  self->trace = gb_trace_new ();
  self->cursor = gb_trace_cursor_new (self->trace);
  self->selection = gb_selection_new ();
  self->control = gb_run_control_new (self->trace, self->cursor);
  self->library = gb_library_new (gb_paths_get_data_dir ());

  self->editor = GB_EDITOR_AREA (gb_editor_area_new ());
  self->console = GB_CONSOLE (gb_console_new (self->trace));
  self->inspector = GB_INSPECTOR (gb_inspector_new (self->cursor, self->selection));
  self->note = GB_NOTE_PANEL (gb_note_panel_new ());
  self->knobs = GB_KNOBS_PANEL (gb_knobs_panel_new (self->trace, self->control));
  self->prediction = GB_PREDICTION_CARD (gb_prediction_card_new (self->trace, self->control));
  self->outline = GB_OUTLINE_SIDEBAR (gb_outline_sidebar_new (self->library));
  self->views = GB_VIEW_AREA (gb_view_area_new (self->cursor, self->selection));
  self->timeline = GB_TIMELINE (gb_timeline_new (self->cursor));
  self->transport = GB_TRANSPORT_BAR (gb_transport_bar_new (self->control));
  build (self);
  gb_board_window_add_actions (self);
  gb_keys_capture (GTK_WIDGET (self));
  connect_parts (self);
  gb_label_on_language (self, G_CALLBACK (update_language));
  restore_drafts (self);
  on_page_changed (self);
}

GbBoardWindow *
gb_board_window_new (GtkApplication *application)
{
  return g_object_new (GB_TYPE_BOARD_WINDOW, "application", application, NULL);
}
