#include "class/presenter-window.h"

#include "board/formula-view.h"
#include "board/markdown.h"
#include "class/answers-view.h"
#include "class/board-watch.h"
#include "class/follow-feed.h"
#include "class/follow-pane.h"
#include "class/lecture-notes.h"
#include "class/lecturer.h"
#include "class/lesson-copy.h"
#include "class/steps-list.h"
#include "common/i18n.h"
#include "common/theme.h"
#include "labels.h"
#include "paths.h"
#include "preferences.h"
#include "room/room-parts.h"

#define PICTURE_MSEC 250 /* between two pictures of the board */

struct _GbPresenterWindow
{
  AdwApplicationWindow parent_instance;

  GbBoardWindow *board; /* weak */
  GbLibrary *library;
  GbLecturer *lecturer;
  GbBoardWatch *watch;
  GbFollowServer *server;
  GbFollowFeed *feed;
  GbFollowPane *follow;
  GActionMap *actions;
  GtkCssProvider *size; /* its own, while a projector makes everything else large */
  GtkWidget *title, *clock, *toasts, *picture, *state, *next_title, *notes, *answers, *answers_head, *left;
  GbStepsList *steps;
  gint64 elapsed_usec, since_usec; /* since: 0 while the clock stands */
  guint second;
};

G_DEFINE_FINAL_TYPE (GbPresenterWindow, gb_presenter_window, ADW_TYPE_APPLICATION_WINDOW)

static void
say (GbPresenterWindow *self, const char *text)
{
  adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (self->toasts), adw_toast_new (text));
}

/* ---- time ---- */

static gboolean
on_second (gpointer data)
{
  GbPresenterWindow *self = data;
  gint64 now = self->elapsed_usec + (self->since_usec ? g_get_monotonic_time () - self->since_usec : 0);
  g_autofree char *text = gb_room_clock (now / 1000);
  gtk_label_set_label (GTK_LABEL (self->clock), text);
  return G_SOURCE_CONTINUE;
}

static void
set_clock_runs (GbPresenterWindow *self, gboolean runs)
{
  GAction *action = g_action_map_lookup_action (self->actions, "clock");
  if (self->since_usec)
    self->elapsed_usec += g_get_monotonic_time () - self->since_usec;
  self->since_usec = runs ? g_get_monotonic_time () : 0;
  g_simple_action_set_state (G_SIMPLE_ACTION (action), g_variant_new_boolean (runs));
  on_second (self);
}

/* ---- what is shown ---- */

static void
update_notes (GbPresenterWindow *self)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->notes));
  g_autofree char *text = gb_lecture_notes (gb_lecturer_get_scene (self->lecturer), gb_lecturer_get_topic (self->lecturer));
  gtk_text_buffer_set_text (buffer, "", 0);
  gb_markdown_append (buffer, text);
  gb_markdown_trim (buffer);
  gb_formula_view_fill_anchors (GTK_TEXT_VIEW (self->notes));
}

static void
update_steps (GbPresenterWindow *self)
{
  const GbLecture *lecture = gb_lecturer_get_lecture (self->lecturer);
  guint at = gb_lecture_get_at (lecture), n = gb_lecture_get_n (lecture);
  GAction *cover = g_action_map_lookup_action (self->actions, "cover");
  g_autofree char *title = at < n ? gb_lecture_step_dup_title (gb_lecture_get (lecture, at)) : g_strdup (_ ("All steps are done."));
  gb_steps_list_show (self->steps, lecture);
  gtk_label_set_label (GTK_LABEL (self->next_title), title);
  g_simple_action_set_state (G_SIMPLE_ACTION (cover), g_variant_new_boolean (gb_lecturer_is_covering (self->lecturer)));
}

static void
update_answers (GbPresenterWindow *self)
{
  const GbAnswers *answers = gb_lecturer_get_answers (self->lecturer);
  const GbPrediction *prediction;
  const char *open = gb_lecturer_get_open (self->lecturer, &prediction);
  gb_answers_view_show (GB_ANSWERS_VIEW (self->answers), answers);
  gtk_label_set_label (GTK_LABEL (self->answers_head), prediction ? gb_text_get (&prediction->prompt)
                                                       : open     ? open
                                                       : answers  ? _ ("The last question")
                                                                  : _ ("The program has asked nothing yet."));
}

static void
update_state (GbPresenterWindow *self)
{
  const GbScene *scene = gb_lecturer_get_scene (self->lecturer);
  adw_window_title_set_title (ADW_WINDOW_TITLE (self->title), _ ("Presenter (the class does not see this)"));
  adw_window_title_set_subtitle (ADW_WINDOW_TITLE (self->title), scene ? gb_text_get (&scene->title) : "");
  gtk_label_set_label (GTK_LABEL (self->state), self->board ? gb_board_window_get_sentence (self->board) : "");
}

static void
update_all (GbPresenterWindow *self)
{
  gtk_window_set_title (GTK_WINDOW (self), _ ("Presenter (the class does not see this)"));
  update_notes (self);
  update_steps (self);
  update_answers (self);
  update_state (self);
}

/* ---- actions ---- */

static void
on_next (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GbPresenterWindow *self = data;
  if (!self->since_usec && !self->elapsed_usec)
    set_clock_runs (self, TRUE);
  gb_lecturer_next (self->lecturer);
}

static void
on_back (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gb_lecturer_back (((GbPresenterWindow *) data)->lecturer);
}

static void
on_line (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gb_lecturer_next_line (((GbPresenterWindow *) data)->lecturer);
}

static void
on_cover (GSimpleAction *action, GVariant *state, gpointer data)
{
  g_settings_set_boolean (gb_preferences_get (), "class-parts", g_variant_get_boolean (state));
  gb_lecturer_set_covering (((GbPresenterWindow *) data)->lecturer, g_variant_get_boolean (state));
}

static void
on_clock (GSimpleAction *action, GVariant *state, gpointer data)
{
  set_clock_runs (data, g_variant_get_boolean (state));
}

static void
on_clock_zero (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GbPresenterWindow *self = data;
  self->elapsed_usec = 0;
  self->since_usec = self->since_usec ? g_get_monotonic_time () : 0;
  on_second (self);
}

static void
on_blank (GSimpleAction *action, GVariant *state, gpointer data)
{
  GbPresenterWindow *self = data;
  if (self->board)
    gb_board_window_set_blank (self->board, g_variant_get_boolean (state));
  g_simple_action_set_state (action, state);
}

static void
on_board (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GbPresenterWindow *self = data;
  if (self->board)
    gtk_window_present (GTK_WINDOW (self->board));
}

/* "win.laser" and the like: what the board does anyway, asked from here. */
static void
on_tool (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GbPresenterWindow *self = data;
  const char *name = g_variant_get_string (parameter, NULL);
  if (!self->board)
    return;
  gtk_widget_activate_action (GTK_WIDGET (self->board), name, NULL);
  gtk_window_present (GTK_WINDOW (self->board));
}

static void
on_record (GSimpleAction *action, GVariant *state, gpointer data)
{
  GbPresenterWindow *self = data;
  if (self->board)
    g_action_group_change_action_state (G_ACTION_GROUP (self->board), "record", state);
  g_simple_action_set_state (action, state);
  if (g_variant_get_boolean (state))
    say (self, _ ("From the next run on, the lesson is written to a file that students open: the run, and each step as a bookmark."));
}

static void
on_copied (gpointer self, const char *text)
{
  say (self, text);
}

static void
on_save (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GbPresenterWindow *self = data;
  const char *recording = self->board ? gb_board_window_get_recording (self->board) : NULL;
  if (recording)
    gb_lesson_copy (GTK_WINDOW (self), recording, on_copied, self);
  else
    say (self, _ ("No run is recorded to its end yet: press “Record the lesson” before it begins."));
}

static void
on_end (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gtk_window_close (data);
}

/* With one screen the board is in front, and what one holds in the hand speaks to it. */
static void
on_turn_page (GbPresenterWindow *self, int direction)
{
  g_action_group_activate_action (G_ACTION_GROUP (self->actions), direction > 0 ? "next" : "back", NULL);
}

static const GActionEntry entries[] = {
  { "next", on_next },
  { "back", on_back },
  { "line", on_line },
  { "cover", NULL, NULL, "false", on_cover },
  { "clock", NULL, NULL, "false", on_clock },
  { "clock-zero", on_clock_zero },
  { "blank", NULL, NULL, "false", on_blank },
  { "board", on_board },
  { "tool", on_tool, "s" },
  { "record", NULL, NULL, "false", on_record },
  { "save", on_save },
  { "end", on_end },
};

/* What a presenter in the hand sends, and single letters; nothing is typed in this window. */
static void
add_keys (GbPresenterWindow *self)
{
  static const struct
  {
    guint key;
    const char *action;
  } keys[] = {
    { GDK_KEY_Page_Down, "class.next" }, { GDK_KEY_Page_Up, "class.back" },  { GDK_KEY_Right, "class.next" },
    { GDK_KEY_Left, "class.back" },      { GDK_KEY_Down, "class.line" },     { GDK_KEY_b, "class.blank" },
    { GDK_KEY_period, "class.blank" },   { GDK_KEY_t, "class.clock" },       { GDK_KEY_w, "class.board" },
  };
  GtkEventController *controller = gtk_shortcut_controller_new ();
  gtk_event_controller_set_propagation_phase (controller, GTK_PHASE_CAPTURE);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_shortcut_controller_add_shortcut (
        GTK_SHORTCUT_CONTROLLER (controller),
        gtk_shortcut_new (gtk_keyval_trigger_new (keys[i].key, 0), gtk_named_action_new (keys[i].action)));
  gtk_widget_add_controller (GTK_WIDGET (self), controller);
}

/* ---- parts ---- */

static GtkWidget *
new_button (const char *msgid, const char *action, gboolean is_toggle)
{
  GtkWidget *button = is_toggle ? gtk_toggle_button_new () : gtk_button_new ();
  gb_i18n_bind (button, "label", msgid);
  gtk_actionable_set_detailed_action_name (GTK_ACTIONABLE (button), action);
  return button;
}

static GtkWidget *
new_header (GbPresenterWindow *self)
{
  GtkWidget *bar = adw_header_bar_new (), *zero = gb_label_button ("view-refresh-symbolic", N_ ("Clock to zero"), NULL);
  GtkWidget *runs = gtk_toggle_button_new ();
  self->title = adw_window_title_new ("", "");
  self->clock = g_object_new (GTK_TYPE_LABEL, "label", "0:00", "valign", GTK_ALIGN_CENTER, NULL);
  gtk_widget_add_css_class (self->clock, "presenter-clock");
  gtk_widget_add_css_class (self->clock, "numeric");
  gtk_button_set_icon_name (GTK_BUTTON (runs), "media-playback-start-symbolic");
  gb_label_tooltip (runs, N_ ("The clock runs"), NULL);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (runs), "class.clock");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (zero), "class.clock-zero");
  adw_header_bar_set_title_widget (ADW_HEADER_BAR (bar), self->title);
  adw_header_bar_pack_start (ADW_HEADER_BAR (bar), self->clock);
  adw_header_bar_pack_start (ADW_HEADER_BAR (bar), runs);
  adw_header_bar_pack_start (ADW_HEADER_BAR (bar), zero);
  adw_header_bar_pack_end (ADW_HEADER_BAR (bar), new_button (N_ ("End the lesson"), "class.end", FALSE));
  adw_header_bar_pack_end (ADW_HEADER_BAR (bar), new_button (N_ ("Show the board"), "class.board", FALSE));
  return bar;
}

static GtkWidget *
new_tools (void)
{
  GtkWidget *row = gtk_flow_box_new ();
  static const struct
  {
    const char *title, *action;
    gboolean is_toggle;
  } tools[] = { { N_ ("Projector"), "class.tool::win.projector", FALSE }, { N_ ("Laser"), "class.tool::win.laser", FALSE },
                { N_ ("Ink"), "class.tool::win.ink", FALSE },             { N_ ("Black screen (B)"), "class.blank", TRUE },
                { N_ ("Record the lesson"), "class.record", TRUE },       { N_ ("Save the lesson…"), "class.save", FALSE } };
  g_object_set (row, "selection-mode", GTK_SELECTION_NONE, "column-spacing", 6, "row-spacing", 6, "max-children-per-line", 5, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tools); i++)
    {
      GtkWidget *button = new_button (tools[i].title, tools[i].action, tools[i].is_toggle);
      gtk_flow_box_append (GTK_FLOW_BOX (row), button);
      gtk_widget_set_focusable (gtk_widget_get_parent (button), FALSE);
    }
  return row;
}

static GtkWidget *
new_left (GbPresenterWindow *self)
{
  GtkWidget *answers = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  self->left = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  self->picture = gtk_picture_new_for_paintable (GDK_PAINTABLE (self->watch));
  gtk_picture_set_can_shrink (GTK_PICTURE (self->picture), TRUE);
  gtk_widget_set_size_request (self->picture, 320, 200);
  gb_label_accessible (self->picture, N_ ("What the class sees"));
  self->state = gb_room_text ("", "muted");
  self->answers_head = gb_room_text ("", NULL);
  self->answers = gb_answers_view_new ();
  gtk_box_append (GTK_BOX (answers), gb_room_heading (N_ ("What the class predicts")));
  gtk_box_append (GTK_BOX (answers), self->answers_head);
  gtk_box_append (GTK_BOX (answers), self->answers);
  gtk_box_append (GTK_BOX (self->left), gb_room_heading (N_ ("What the class sees")));
  gtk_box_append (GTK_BOX (self->left), self->picture);
  gtk_box_append (GTK_BOX (self->left), self->state);
  gtk_box_append (GTK_BOX (self->left), new_tools ());
  gtk_box_append (GTK_BOX (self->left), answers);
  self->follow = GB_FOLLOW_PANE (gb_follow_pane_new (self->server));
  gtk_box_append (GTK_BOX (self->left), gb_room_heading (N_ ("In their browsers")));
  gtk_box_append (GTK_BOX (self->left), GTK_WIDGET (self->follow));
  gtk_widget_add_css_class (self->left, "presenter-side");
  return self->left;
}

static GtkWidget *
new_steps (GbPresenterWindow *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6), *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *next = new_button (N_ ("Next step"), "class.next", FALSE), *cover = new_button (N_ ("Show programs part by part"), "class.cover", TRUE);
  gtk_widget_add_css_class (next, "suggested-action");
  gtk_widget_set_hexpand (next, TRUE);
  gtk_widget_set_halign (cover, GTK_ALIGN_START);
  gb_i18n_bind (cover, "tooltip-text", N_ ("Of this program and of those that are opened from now on, in later lessons too, the class gets no line before its step."));
  gtk_box_append (GTK_BOX (row), new_button (N_ ("Back"), "class.back", FALSE));
  gtk_box_append (GTK_BOX (row), next);
  gtk_box_append (GTK_BOX (row), new_button (N_ ("One line"), "class.line", FALSE));
  self->next_title = gb_room_text ("", "presenter-next");
  self->steps = GB_STEPS_LIST (gb_steps_list_new ());
  gtk_widget_set_vexpand (GTK_WIDGET (self->steps), TRUE);
  gtk_box_append (GTK_BOX (box), gb_room_heading (N_ ("Next on the board")));
  gtk_box_append (GTK_BOX (box), self->next_title);
  gtk_box_append (GTK_BOX (box), row);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->steps));
  gtk_box_append (GTK_BOX (box), cover);
  gtk_widget_add_css_class (box, "presenter-side");
  return box;
}

static GtkWidget *
new_notes (GbPresenterWindow *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  self->notes = g_object_new (GTK_TYPE_TEXT_VIEW, "editable", FALSE, "cursor-visible", FALSE, "wrap-mode", GTK_WRAP_WORD_CHAR, NULL);
  gb_label_accessible (self->notes, N_ ("Notes for who teaches"));
  gb_markdown_add_tags (gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->notes)));
  gtk_box_append (GTK_BOX (box), gb_room_heading (N_ ("Notes for who teaches")));
  gtk_box_append (GTK_BOX (box), gb_room_scroller (self->notes));
  gtk_widget_add_css_class (box, "presenter-side");
  gtk_widget_add_css_class (box, "note");
  return box;
}

static GtkWidget *
new_paned (GtkOrientation orientation, GtkWidget *start, GtkWidget *end, int position)
{
  return g_object_new (GTK_TYPE_PANED, "orientation", orientation, "start-child", start, "end-child", end, "shrink-start-child",
                       FALSE, "shrink-end-child", FALSE, "position", position, NULL);
}

/* ---- the windows ---- */

/* This window is read from near: a projector's size is the board's alone. */
static void
update_size (GbPresenterWindow *self)
{
  GSettings *settings = gb_preferences_get ();
  gboolean is_projector = g_settings_get_boolean (settings, "projector");
  g_autofree char *css = g_strdup_printf ("window.presenter, window.presenter * { font-size: %.1fpx; }",
                                          13.0 * g_settings_get_int (settings, "scale") / 100);
  gtk_css_provider_load_from_data (self->size, is_projector ? css : "", -1);
}

/* The board goes to another screen where there is one. */
static void
place_board (GbPresenterWindow *self)
{
  GListModel *monitors = gdk_display_get_monitors (gdk_display_get_default ());
  gtk_window_present (GTK_WINDOW (self->board));
  if (g_list_model_get_n_items (monitors) > 1)
    {
      g_autoptr (GdkMonitor) second = g_list_model_get_item (monitors, 1);
      gtk_window_fullscreen_on_monitor (GTK_WINDOW (self->board), second);
    }
  gtk_window_present (GTK_WINDOW (self));
}

static void
on_board_closed (GbPresenterWindow *self)
{
  gtk_window_destroy (GTK_WINDOW (self));
}

static gboolean
on_close (GbPresenterWindow *self)
{
  if (self->board)
    {
      g_signal_handlers_disconnect_by_func (self->board, on_board_closed, self);
      gtk_window_destroy (GTK_WINDOW (self->board));
    }
  return FALSE;
}

static void
open_board (GbPresenterWindow *self, GtkApplication *application)
{
  g_set_weak_pointer (&self->board, gb_board_window_new_class (application));
  self->lecturer = gb_lecturer_new (self->board, self->library);
  /* Before a program is opened: of one that is shown part by part the board must never have the rest. */
  gb_lecturer_set_covering (self->lecturer, g_settings_get_boolean (gb_preferences_get (), "class-parts"));
  self->watch = gb_board_watch_new (gb_board_window_get_content (self->board), PICTURE_MSEC);
  g_autofree char *pages = g_build_filename (gb_paths_get_data_dir (), "class", NULL);
  self->server = gb_follow_server_new (pages);
  self->feed = gb_follow_feed_new (self->server, self->board, self->lecturer, self->watch);
  g_signal_connect_object (self->board, "turn-page", G_CALLBACK (on_turn_page), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->board, "destroy", G_CALLBACK (on_board_closed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->board, "lesson-changed", G_CALLBACK (update_state), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->board, "lesson-changed", G_CALLBACK (update_answers), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->lecturer, "subject-changed", G_CALLBACK (update_all), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->lecturer, "changed", G_CALLBACK (update_steps), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->lecturer, "answers-changed", G_CALLBACK (update_answers), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->lecturer, "said", G_CALLBACK (say), self, G_CONNECT_SWAPPED);
}

static void
gb_presenter_window_dispose (GObject *object)
{
  GbPresenterWindow *self = GB_PRESENTER_WINDOW (object);
  g_clear_handle_id (&self->second, g_source_remove);
  if (self->size)
    gtk_style_context_remove_provider_for_display (gdk_display_get_default (), GTK_STYLE_PROVIDER (self->size));
  g_clear_object (&self->size);
  if (self->server)
    gb_follow_server_stop (self->server);
  g_clear_object (&self->feed);
  g_clear_object (&self->server);
  g_clear_object (&self->watch);
  g_clear_object (&self->lecturer);
  g_clear_object (&self->library);
  g_clear_object (&self->actions);
  g_clear_weak_pointer (&self->board);
  G_OBJECT_CLASS (gb_presenter_window_parent_class)->dispose (object);
}

static void
gb_presenter_window_class_init (GbPresenterWindowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gb_presenter_window_dispose;
}

static void
gb_presenter_window_init (GbPresenterWindow *self)
{
  self->library = gb_library_new (gb_paths_get_data_dir ());
  self->actions = G_ACTION_MAP (g_simple_action_group_new ());
  g_action_map_add_action_entries (self->actions, entries, G_N_ELEMENTS (entries), self);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "class", G_ACTION_GROUP (self->actions));
  gtk_widget_add_css_class (GTK_WIDGET (self), "presenter");
  gtk_window_set_default_size (GTK_WINDOW (self), 1180, 760);
  gtk_widget_set_size_request (GTK_WIDGET (self), 720, 480);
  self->size = gtk_css_provider_new ();
  gtk_style_context_add_provider_for_display (gdk_display_get_default (), GTK_STYLE_PROVIDER (self->size),
                                              GTK_STYLE_PROVIDER_PRIORITY_USER);
  g_signal_connect_object (gb_preferences_get (), "changed", G_CALLBACK (update_size), self, G_CONNECT_SWAPPED);
  g_signal_connect (self, "close-request", G_CALLBACK (on_close), NULL);
  self->second = g_timeout_add_seconds (1, on_second, self);
}

GbPresenterWindow *
gb_presenter_window_new (GtkApplication *application)
{
  GbPresenterWindow *self = g_object_new (GB_TYPE_PRESENTER_WINDOW, "application", application, NULL);
  GtkWidget *all = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  open_board (self, application);
  GtkWidget *right = new_paned (GTK_ORIENTATION_VERTICAL, new_steps (self), new_notes (self), 330);
  GtkWidget *body = new_paned (GTK_ORIENTATION_HORIZONTAL, new_left (self), right, 560);
  self->toasts = adw_toast_overlay_new ();
  adw_toast_overlay_set_child (ADW_TOAST_OVERLAY (self->toasts), body);
  gtk_widget_set_vexpand (self->toasts, TRUE);
  gtk_box_append (GTK_BOX (all), new_header (self));
  gtk_box_append (GTK_BOX (all), self->toasts);
  adw_application_window_set_content (ADW_APPLICATION_WINDOW (self), all);
  add_keys (self);
  update_size (self);
  gb_label_on_language (self, G_CALLBACK (update_all));
  place_board (self);
  return self;
}

gboolean
gb_presenter_window_serve (GbPresenterWindow *self, const char *address, guint16 port, GError **error)
{
  return gb_follow_pane_start (self->follow, address, port, error);
}

GbFollowServer *
gb_presenter_window_get_server (GbPresenterWindow *self)
{
  return self->server;
}

GbBoardWindow *
gb_presenter_window_get_board (GbPresenterWindow *self)
{
  return self->board;
}
