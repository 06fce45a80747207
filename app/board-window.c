#include "board-window-private.h"

#include "board/bookmarks.h"
#include "board/moment.h"
#include "common/i18n.h"
#include "editor/diagnostics.h"
#include "keys.h"
#include "labels.h"
#include "models/explain.h"
#include "paths.h"
#include "crash-page.h"
#include "preferences.h"
#include "trace/recording.h"

#include <string.h>

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
  gb_case_panel_update_line (self->case_panel);
}

/* The note and questions of the leaf that was chosen, or what the scene has to say by itself. */
static void
show_topic (GbBoardWindow *self)
{
  const GbTopic *topic = self->leaf ? gb_library_find_topic (self->library, self->leaf) : NULL;
  if (!topic && self->scene)
    topic = gb_library_find_topic_of_scene (self->library, self->scene);
  gb_note_panel_set_topic (self->note, self->scene, topic);
  gb_board_window_lesson_changed (self);
}

/* A leaf is chosen before its scene's program has been read. */
static void
take_wanted_leaf (GbBoardWindow *self)
{
  g_autofree char *wanted = g_steal_pointer (&self->wanted_leaf);
  const GbTopic *topic = NULL;
  g_clear_pointer (&self->leaf, g_free);
  g_clear_pointer (&self->tab, g_free);
  if (self->scene && wanted && gb_library_find_scene_of_leaf (self->library, wanted) == self->scene)
    {
      topic = gb_library_find_topic (self->library, wanted);
      self->leaf = g_steal_pointer (&wanted);
      gtk_widget_activate_action (GTK_WIDGET (self), "win.lower", "s", "note");
    }
  if (topic && gb_scene_find_tab (self->scene, topic->tab))
    self->tab = g_strdup (topic->tab);
  show_topic (self);
}

/* A program that no scene lays out: views open by themselves, until somebody chooses. */
static void
offer_views_to_program (GbBoardWindow *self)
{
  g_autofree char *path =
      self->scene ? NULL : gb_document_dup_path (gb_editor_area_get_document (self->editor));
  if (path && g_strcmp0 (path, self->offered_path) != 0)
    {
      gb_view_area_set_automatic (self->views, TRUE);
      g_free (self->offered_path);
      self->offered_path = g_steal_pointer (&path);
    }
}

static void
on_page_changed (GbBoardWindow *self)
{
  const char *id = gb_document_get_scene (gb_editor_area_get_document (self->editor));
  const GbScene *scene = gb_library_find_scene (self->library, id);
  if (scene != self->scene)
    {
      gboolean is_other = !scene || !self->scene || strcmp (scene->id, self->scene->id) != 0;
      self->scene = scene;
      if (is_other)
        take_wanted_leaf (self);
      else
        show_topic (self); /* the same one, read again */
      gb_knobs_panel_set_scene (self->knobs, scene);
      gb_prediction_card_set_scene (self->prediction, scene);
      if (scene && scene->error)
        gb_editor_area_show_notice (self->editor, scene->error);
    }
  gb_board_window_take_case (self);
  gb_board_window_notice_texts (self);
  if (scene && g_strcmp0 (self->laid_out_scene, scene->id) != 0)
    {
      g_free (self->laid_out_scene);
      self->laid_out_scene = g_strdup (scene->id);
      gb_view_area_set_views (self->views, (const char *const *) scene->views);
    }
  offer_views_to_program (self);
  gtk_widget_set_visible (self->run_button, !gb_document_is_untouched (gb_editor_area_get_document (self->editor)));
  gb_board_window_ink_pages (self);
  update_title (self);
  update_caret (self);
}

/* ---- the program's life ---- */

static void
on_control_changed (GbBoardWindow *self)
{
  gb_board_window_caret_reached (self);
  gb_board_window_notice_run (self);
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
  gb_board_window_give_room (self);
  gb_board_window_show_place (self);
  if (state == GB_RUN_PAUSED)
    gb_board_window_looked_at_all (self);
  if (state == GB_RUN_STARTING || state == GB_RUN_RUNNING)
    {
      g_clear_pointer (&self->recording, g_free);
      gb_board_window_queue_watches (self);
    }
}

static void
on_failed (GbBoardWindow *self, const char *message)
{
  gb_editor_area_show_notice (self->editor, message);
}

static void
on_ended (GbBoardWindow *self, const char *reason, const char *message, int signal_number)
{
  gb_board_window_taught (self);
  gb_board_window_replayed (self);
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
on_snapshots (GbBoardWindow *self)
{
  gb_timeline_set_snapshots (self->timeline, gb_run_control_get_snapshots (self->control));
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

static void
on_case_chosen (GbBoardWindow *self, const char *id)
{
  gb_board_window_open_case (self, id);
  if (adw_flap_get_folded (ADW_FLAP (self->flap)))
    adw_flap_set_reveal_flap (ADW_FLAP (self->flap), FALSE);
}

static void
on_topic_chosen (GbBoardWindow *self, const char *leaf)
{
  gb_board_window_open_topic (self, leaf);
  if (adw_flap_get_folded (ADW_FLAP (self->flap)))
    adw_flap_set_reveal_flap (ADW_FLAP (self->flap), FALSE);
}

/* ---- opening ---- */

void
gb_board_window_open_initial (GbBoardWindow *self)
{
  if (gb_document_is_untouched (gb_editor_area_get_document (self->editor)))
    gtk_widget_grab_focus (GTK_WIDGET (gb_editor_area_get_code (self->editor)));
  /* A candidate's board has somebody beside it who explains. */
  if (!gb_board_window_is_sealed (self) && !g_settings_get_boolean (gb_preferences_get (), "tour-seen"))
    gb_tour_start (GB_TOUR (self->tour));
}

static void
show_crash (GbBoardWindow *self)
{
  gb_crash_page_present (GTK_WINDOW (self), g_object_get_data (G_OBJECT (self), "crash-report"));
}

static void
offer_crash (GbBoardWindow *self)
{
  g_signal_handlers_disconnect_by_func (self->editor, offer_crash, self);
  gb_editor_area_show_offer (self->editor, _ ("Gradboard crashed last time. Your edits are kept; what happened stands in a report."),
                             N_ ("Show the report"), G_CALLBACK (show_crash), self);
}

void
gb_board_window_tell_of_crash (GbBoardWindow *self, const char *path)
{
  g_object_set_data_full (G_OBJECT (self), "crash-report", g_strdup (path), g_free);
  offer_crash (self);
  /* A file that is being opened takes the place of the empty tab, and would take the offer with it. */
  g_signal_connect_object (self->editor, "page-changed", G_CALLBACK (offer_crash), self, G_CONNECT_SWAPPED | G_CONNECT_AFTER);
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

gboolean
gb_board_window_open_topic (GbBoardWindow *self, const char *leaf)
{
  const GbScene *scene = gb_library_find_scene_of_leaf (self->library, leaf);
  if (!scene)
    return FALSE;
  g_free (self->wanted_leaf);
  self->wanted_leaf = g_strdup (leaf);
  if (scene == self->scene)
    take_wanted_leaf (self);
  else
    gb_board_window_open_scene (self, scene->id);
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

static gboolean
has_records (const char *path, GError **error)
{
  TeError err;
  gsize nbytes = 0;
  te_error_clear (&err);
  TeRecording *recording = te_recording_open (path, &err);
  gboolean any = recording && te_recording_read (recording, &nbytes, &err);
  te_recording_free (recording);
  if (!any)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, err.text);
  return any;
}

static void
tell_damage (GbBoardWindow *self, const char *path, const GError *error)
{
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *text = g_strdup_printf (_ ("%s cannot be read as a recording: %s"), name, error->message);
  gb_editor_area_show_notice (self->editor, text);
}

/* The program as it ran.  On another computer its file is not there: the recording has its text. */
static void
open_program_of_recording (GbBoardWindow *self)
{
  const GbSource *source = gb_trace_get_source (self->trace, 1);
  if (source && g_file_test (source->path, G_FILE_TEST_EXISTS))
    {
      g_autoptr (GFile) program = g_file_new_for_path (source->path);
      gb_editor_area_open_file (self->editor, program, NULL);
    }
  else if (source && source->text && *source->text)
    {
      g_autofree char *title = g_path_get_basename (source->path), *uri = g_filename_to_uri (source->path, NULL, NULL);
      GbDraft draft = { uri, NULL, title, (char *) source->text, 0 };
      g_autoptr (GbDocument) document = gb_document_new_for_draft (&draft);
      gb_editor_area_add_document (self->editor, document);
    }
}

/* What can be read of a damaged recording is shown; one that cannot be read at all leaves the trace that is
 * there. */
static void
open_recording (GbBoardWindow *self, const char *path)
{
  g_autoptr (GError) error = NULL;
  if (!has_records (path, &error))
    {
      tell_damage (self, path, error);
      return;
    }
  gb_run_control_stop (self->control);
  gb_trace_reset (self->trace);
  if (!gb_trace_load (self->trace, path, &error))
    tell_damage (self, path, error);
  gb_trace_cursor_follow (self->cursor);
  gb_timeline_take_bookmarks (self->timeline, gb_bookmarks_load (path));
  g_free (self->recording);
  self->recording = g_strdup (path);
  open_program_of_recording (self);
  gb_preferences_add_recent (path);
}

void
gb_board_window_open_file (GbBoardWindow *self, GFile *file)
{
  g_autofree char *path = g_file_get_path (file), *uri = g_file_get_uri (file);
  if (uri && g_str_has_prefix (uri, GB_MOMENT_SCHEME))
    gb_board_window_open_moment (self, uri);
  else if (path && (is_recording (path) || g_str_has_suffix (path, ".gbt")))
    open_recording (self, path);
  else if (path && g_str_has_suffix (path, GB_MOMENT_SUFFIX))
    gb_board_window_open_moment (self, path);
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

/* ---- putting together ---- */

static void
on_described (GbBoardWindow *self)
{
  gb_transport_bar_set_place (self->transport, gb_timeline_get_headline (self->timeline),
                              gb_timeline_get_detail (self->timeline));
}

static void
connect_parts (GbBoardWindow *self)
{
  GtkDropTarget *drop = gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);
  g_signal_connect (drop, "drop", G_CALLBACK (on_drop), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drop));

  const struct
  {
    gpointer from;
    const char *signal;
    GCallback callback;
  } wires[] = {
    { self->editor, "page-changed", G_CALLBACK (on_page_changed) },
    { self->editor, "caret-moved", G_CALLBACK (update_caret) },
    { self->editor, "breakpoints-changed", G_CALLBACK (on_breakpoints_changed) },
    { self->files, "failed", G_CALLBACK (on_failed) },
    { self->console, "input", G_CALLBACK (on_console_input) },
    { self->outline, "scene-chosen", G_CALLBACK (on_scene_chosen) },
    { self->outline, "topic-chosen", G_CALLBACK (on_topic_chosen) },
    { self->outline, "case-chosen", G_CALLBACK (on_case_chosen) },
    { self->case_panel, "replay", G_CALLBACK (gb_board_window_replay) },
    { self->case_panel, "beside", G_CALLBACK (gb_board_window_run_beside) },
    { self->case_panel, "begin-again", G_CALLBACK (gb_board_window_begin_case_again) },
    { self->views, "views-changed", G_CALLBACK (gb_board_window_queue_watches) },
    { self->selection, "changed", G_CALLBACK (gb_board_window_queue_watches) },
    { self->lower_stack, "notify::visible-child", G_CALLBACK (gb_board_window_queue_watches) },
    { self->knobs, "notify::visible", G_CALLBACK (gb_board_window_give_room) },
    { self->prediction, "notify::visible", G_CALLBACK (gb_board_window_give_room) },
    { self->timeline, "described", G_CALLBACK (on_described) },
    { self->cursor, "changed", G_CALLBACK (gb_board_window_follow) },
    { self->control, "changed", G_CALLBACK (on_control_changed) },
    { self->control, "snapshots", G_CALLBACK (on_snapshots) },
    { self->control, "failed", G_CALLBACK (on_failed) },
    { self->control, "ended", G_CALLBACK (on_ended) },
  };
  for (guint i = 0; i < G_N_ELEMENTS (wires); i++)
    g_signal_connect_object (wires[i].from, wires[i].signal, wires[i].callback, self, G_CONNECT_SWAPPED);
}

static void
update_language (GbBoardWindow *self)
{
  update_title (self);
  update_caret (self);
  on_described (self);
  on_control_changed (self);
}

/* TRUE: one of them is of a text without a file. */
static gboolean
restore_drafts (GbBoardWindow *self)
{
  gboolean has_nameless = FALSE;
  g_autoptr (GPtrArray) drafts = gb_journal_take_orphans (gb_paths_get_state_dir ());
  for (guint i = 0; i < drafts->len; i++)
    {
      g_autoptr (GbDocument) document = gb_document_new_for_draft (g_ptr_array_index (drafts, i));
      gb_editor_area_add_document (self->editor, document);
      has_nameless |= ((GbDraft *) g_ptr_array_index (drafts, i))->uri == NULL;
    }
  if (drafts->len)
    gb_editor_area_show_notice (self->editor,
                                _ ("These edits were not saved last time. They are back as they were."));
  return has_nameless;
}

static void
gb_board_window_dispose (GObject *object)
{
  GbBoardWindow *self = GB_BOARD_WINDOW (object);
  g_clear_handle_id (&self->watch_timeout, g_source_remove);
  g_clear_handle_id (&self->offer_timeout, g_source_remove);
  g_clear_handle_id (&self->room_idle, g_source_remove);
  g_clear_handle_id (&self->fade_timeout, g_source_remove);
  g_clear_handle_id (&self->lesson_timeout, g_source_remove);
  if (self->control)
    gb_run_control_stop (self->control);
  g_clear_object (&self->control);
  g_clear_object (&self->ink);
  g_clear_object (&self->ink_keep);
  g_clear_object (&self->cursor);
  g_clear_object (&self->selection);
  g_clear_object (&self->trace);
  g_clear_object (&self->library);
  g_clear_object (&self->progress);
  g_clear_object (&self->work);
  g_clear_object (&self->set);
  gb_explain_hold (NULL);
  g_clear_pointer (&self->replay_at, g_free);
  g_clear_pointer (&self->laid_out_scene, g_free);
  g_clear_pointer (&self->offered_path, g_free);
  g_clear_pointer (&self->recording, g_free);
  g_clear_pointer (&self->tab, g_free);
  g_clear_pointer (&self->leaf, g_free);
  g_clear_pointer (&self->wanted_leaf, g_free);
  gb_board_window_forget_interview (self);
  g_clear_weak_pointer (&self->taught);
  G_OBJECT_CLASS (gb_board_window_parent_class)->dispose (object);
}

enum
{
  PROP_SEALED = 1, /* the name of its folder, NULL: not sealed */
  PROP_REPLAY,
  PROP_CLASS,
};

static void
gb_board_window_set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  GbBoardWindow *self = GB_BOARD_WINDOW (object);
  if (id == PROP_REPLAY)
    self->is_replay = g_value_get_boolean (value);
  else if (id == PROP_CLASS)
    self->is_class = g_value_get_boolean (value);
  else if (g_value_get_string (value))
    {
      self->is_sealed = TRUE;
      self->sealed_folder = g_build_filename (gb_paths_get_state_dir (), "boards", g_value_get_string (value), NULL);
      g_mkdir_with_parents (self->sealed_folder, 0700);
    }
}

static void
gb_board_window_constructed (GObject *object)
{
  GbBoardWindow *self = GB_BOARD_WINDOW (object);
  G_OBJECT_CLASS (gb_board_window_parent_class)->constructed (object);
  gtk_widget_add_css_class (GTK_WIDGET (self), "board");
  gtk_window_set_title (GTK_WINDOW (self), "Gradboard");
  gtk_window_set_default_size (GTK_WINDOW (self), 1280, 800);
  gtk_widget_set_size_request (GTK_WIDGET (self), 800, 560);
  self->trace = gb_trace_new ();
  self->cursor = gb_trace_cursor_new (self->trace);
  self->selection = gb_selection_new ();
  self->control = gb_run_control_new (self->trace, self->cursor);
  self->library = self->is_sealed ? gb_library_new_sealed (gb_paths_get_data_dir ()) : gb_library_new (gb_paths_get_data_dir ());
  gb_library_watch (self->library);
  gb_board_window_set_up_study (self);
  g_signal_connect_object (self->library, "changed", G_CALLBACK (on_page_changed), self, G_CONNECT_SWAPPED);

  self->editor = GB_EDITOR_AREA (gb_editor_area_new ());
  self->console = GB_CONSOLE (gb_console_new (self->trace));
  self->inspector = GB_INSPECTOR (gb_inspector_new (self->cursor, self->selection));
  self->files = gb_files_panel_new (gb_run_control_get_files (self->control));
  self->note = GB_NOTE_PANEL (gb_note_panel_new (self->progress));
  gb_board_window_set_up_set (self);
  self->case_panel = GB_CASE_PANEL (gb_case_panel_new (self->set_strip, gb_board_window_dup_case_text, self));
  self->knobs = GB_KNOBS_PANEL (gb_knobs_panel_new (self->trace, self->control));
  self->prediction = GB_PREDICTION_CARD (gb_prediction_card_new (self->trace, self->control, self->progress));
  self->outline = GB_OUTLINE_SIDEBAR (gb_outline_sidebar_new (self->library));
  self->views = GB_VIEW_AREA (gb_view_area_new (self->cursor, self->selection));
  self->timeline = GB_TIMELINE (gb_timeline_new (self->cursor));
  self->transport = GB_TRANSPORT_BAR (gb_transport_bar_new (self->control));
  gb_board_window_set_up_ink (self);
  gb_board_window_lay_out (self);
  gb_board_window_connect_menus (self);
  gb_board_window_add_actions (self);
  gb_keys_capture (GTK_WIDGET (self));
  connect_parts (self);
  gb_label_on_language (self, G_CALLBACK (update_language));
  gb_board_window_connect_ink (self, !self->is_sealed && restore_drafts (self));
  if (gb_progress_get_trouble (self->progress))
    gb_editor_area_show_notice (self->editor, gb_progress_get_trouble (self->progress));
  gb_board_window_set_up_interview (self);
  gb_board_window_set_up_class (self);
  gb_board_window_set_up_projector (self);
  on_page_changed (self);
  /* The first program may have ended before a list that waits for it to run arrives. */
  gb_board_window_send_watches (self);
}

static void
gb_board_window_class_init (GbBoardWindowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  object_class->dispose = gb_board_window_dispose;
  object_class->constructed = gb_board_window_constructed;
  object_class->set_property = gb_board_window_set_property;
  g_object_class_install_property (object_class, PROP_SEALED,
                                   g_param_spec_string ("sealed", NULL, NULL, NULL,
                                                        G_PARAM_WRITABLE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS));
  g_object_class_install_property (object_class, PROP_REPLAY,
                                   g_param_spec_boolean ("replay", NULL, NULL, FALSE,
                                                         G_PARAM_WRITABLE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS));
  g_object_class_install_property (object_class, PROP_CLASS,
                                   g_param_spec_boolean ("class", NULL, NULL, FALSE,
                                                         G_PARAM_WRITABLE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS));
  g_signal_new ("turn-page", GB_TYPE_BOARD_WINDOW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_INT);
  g_signal_new ("covered", GB_TYPE_BOARD_WINDOW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
  g_signal_new ("lesson-changed", GB_TYPE_BOARD_WINDOW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  g_signal_new ("noticed", GB_TYPE_BOARD_WINDOW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING,
                G_TYPE_POINTER);
}

static void
gb_board_window_init (GbBoardWindow *self)
{
}

GbBoardWindow *
gb_board_window_new (GtkApplication *application)
{
  return g_object_new (GB_TYPE_BOARD_WINDOW, "application", application, NULL);
}
