/* What can be done in the board window: each action once, for keys, menus and buttons. */
#include "board-window-private.h"

#include "common/i18n.h"
#include "board/picture.h"
#include "editor/breakpoints.h"
#include "editor/completion.h"
#include "keys.h"
#include "view-registry.h"

#include <string.h>

/* ---- running ---- */

char *
gb_board_window_dup_program (GbBoardWindow *self)
{
  g_autofree char *own = gb_document_dup_text (gb_editor_area_get_document (self->editor));
  if (!self->tab)
    return *own ? g_steal_pointer (&own) : g_strdup ("\n"); /* no text at all would mean that of the file */
  /* One part of a scene: the block at its foot that runs them all is switched off in its own line, so that no
   * other line moves. */
  static const char guard[] = "if __name__ == \"__main__\":";
  char *at = strstr (own, guard);
  if (!at)
    return g_strdup_printf ("%s\n\n%s()\n", own, self->tab);
  *at = '\0';
  return g_strdup_printf ("%sif False:%s\n\n%s()\n", own, at + strlen (guard), self->tab);
}

static void
collect_breakpoints (GbDocument *document, GbCodeView *code, gpointer data)
{
  g_autofree char *path = gb_document_dup_path (document);
  g_autoptr (GPtrArray) list = gb_breakpoints_get (code);
  for (guint i = 0; i < list->len; i++)
    {
      const GbTextBreakpoint *breakpoint = g_ptr_array_index (list, i);
      gb_run_control_add_breakpoint (data, path, breakpoint->anywhere ? 0 : breakpoint->line, breakpoint->condition);
    }
}

void
gb_board_window_collect_breakpoints (GbBoardWindow *self)
{
  gb_run_control_clear_breakpoints (self->control);
  gb_editor_area_foreach (self->editor, collect_breakpoints, self->control);
}

void
gb_board_window_send_breakpoints (GbBoardWindow *self)
{
  gb_board_window_collect_breakpoints (self);
  gb_run_control_send_breakpoints (self->control);
}

void
gb_board_window_run (GbBoardWindow *self, int unit)
{
  static const char *const no_arguments[] = { NULL };
  if (gb_document_is_untouched (gb_editor_area_get_document (self->editor)))
    {
      gb_editor_area_show_notice (self->editor, _ ("There is nothing to run yet: type a program, or open one with Ctrl+O or from Topics."));
      gtk_widget_grab_focus (GTK_WIDGET (gb_editor_area_get_code (self->editor)));
      return;
    }
  g_autofree char *path = gb_document_dup_path (gb_editor_area_get_document (self->editor));
  g_autofree char *text = gb_board_window_dup_program (self);
  gb_board_window_send_breakpoints (self);
  if (unit >= 0)
    gb_run_control_start_paused (self->control, unit);
  gb_trace_cursor_follow (self->cursor);
  gb_run_control_run (self->control, path, text, no_arguments);
}

static void
on_run (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GbBoardWindow *self = data;
  GbRunState state = gb_run_control_get_state (self->control);
  if (state == GB_RUN_INPUT)
    gb_console_focus (self->console);
  else if (state == GB_RUN_ANSWER)
    gb_prediction_card_focus (self->prediction);
  else if (!gb_run_control_toggle (self->control))
    gb_board_window_run (self, -1);
}

static void
on_run_top (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gb_board_window_run (data, -1);
}

/* The selection runs by itself, on the lines where it stands; without one it is the caret's line. */
static void
on_run_selection (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GbBoardWindow *self = data;
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (gb_editor_area_get_code (self->editor)));
  GtkTextIter start, end;
  gtk_text_buffer_get_selection_bounds (buffer, &start, &end);
  gtk_text_iter_set_line_offset (&start, 0);
  if (!gtk_text_iter_ends_line (&end))
    gtk_text_iter_forward_to_line_end (&end);
  g_autofree char *text = gtk_text_buffer_get_text (buffer, &start, &end, TRUE);
  g_autofree char *above = g_strnfill (gtk_text_iter_get_line (&start), '\n');
  g_autofree char *program = g_strdup_printf ("%s%s\n", above, text);
  g_autofree char *path = gb_document_dup_path (gb_editor_area_get_document (self->editor));
  gb_trace_cursor_follow (self->cursor);
  gb_run_control_run_cell (self->control, path, program);
}

static void
on_stop (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gb_run_control_stop (GB_BOARD_WINDOW (data)->control);
}

static void
on_restart (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gb_run_control_restart (GB_BOARD_WINDOW (data)->control);
}

static void
on_record (GSimpleAction *action, GVariant *state, gpointer data)
{
  gb_run_control_set_recording (GB_BOARD_WINDOW (data)->control, g_variant_get_boolean (state));
  g_simple_action_set_state (action, state);
}

static void
on_step (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GbBoardWindow *self = data;
  GbStepUnit unit = gb_step_unit_from_id (g_variant_get_string (parameter, NULL));
  if (!gb_run_control_step (self->control, unit))
    gb_board_window_run (self, unit);
}

static void
on_back (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gb_run_control_back (GB_BOARD_WINDOW (data)->control,
                       gb_step_unit_from_id (g_variant_get_string (parameter, NULL)));
}

static void
on_rewind (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gb_board_window_go_on (data);
}

static void
on_branch (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gb_trace_cursor_show_branch (GB_BOARD_WINDOW (data)->cursor, (guint) g_variant_get_int32 (parameter));
}

static void
on_compare (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gb_board_window_compare (data, (guint) g_variant_get_int32 (parameter));
}

static void
on_compare_file (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gb_board_window_choose_comparison (data);
}

static void
on_to_start (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GbBoardWindow *self = data;
  GbTrace *trace = gb_trace_cursor_get_trace (self->cursor);
  if (gb_trace_get_last_seq (trace))
    gb_trace_cursor_set_position (self->cursor, gb_trace_get_first_seq (trace));
}

static void
on_to_end (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gb_trace_cursor_follow (GB_BOARD_WINDOW (data)->cursor);
}

static void
on_breakpoint (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GbCodeView *code = gb_editor_area_get_code (GB_BOARD_WINDOW (data)->editor);
  gb_breakpoints_toggle (code, gb_code_view_get_caret_line (code));
}

static void
on_breakpoint_condition (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GbCodeView *code = gb_editor_area_get_code (GB_BOARD_WINDOW (data)->editor);
  gb_breakpoints_edit (code, gb_code_view_get_caret_line (code));
}

static void
on_run_to_caret (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gb_board_window_run_to_caret (data);
}

static void
on_back_to_caret (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gb_board_window_back_to_caret (data);
}

static void
on_bookmark (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gb_board_window_bookmark (data);
}

static void
on_go_to_bookmark (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gb_board_window_go_to_bookmark (data, g_variant_get_int32 (parameter));
}

static void
on_go_to_mark (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gb_board_window_go_to_mark (data, g_variant_get_int32 (parameter));
}

static void
on_go_to (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gb_board_window_go_to (data);
}

static void
on_keep_moment (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gb_board_window_keep_moment (data);
}

static void
on_copy_moment (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gb_board_window_copy_moment (data);
}

static void
on_paste_moment (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gb_board_window_paste_moment (data);
}

static void
on_predict (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gb_prediction_card_focus (GB_BOARD_WINDOW (data)->prediction);
}

/* ---- files and text ---- */

static void
on_new_tab (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gb_editor_area_new_tab (GB_BOARD_WINDOW (data)->editor);
}

static void
on_open (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gb_editor_area_choose_file (GB_BOARD_WINDOW (data)->editor);
}

static void
on_open_uri (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  g_autoptr (GFile) file = g_file_new_for_uri (g_variant_get_string (parameter, NULL));
  gb_board_window_open_file (data, file);
}

static void
on_save (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gb_editor_area_save (GB_BOARD_WINDOW (data)->editor, FALSE);
}

static void
on_save_as (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gb_editor_area_save (GB_BOARD_WINDOW (data)->editor, TRUE);
}

static void
on_close_tab (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gb_editor_area_close_tab (GB_BOARD_WINDOW (data)->editor);
}

static void
on_find (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GbBoardWindow *self = data;
  if (gb_console_has_focus (self->console))
    gb_console_open_search (self->console);
  else
    gb_editor_area_find (self->editor, FALSE);
}

static void
on_replace (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gb_editor_area_find (GB_BOARD_WINDOW (data)->editor, TRUE);
}

static void
on_find_next (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gb_editor_area_find_next (GB_BOARD_WINDOW (data)->editor);
}

static void
on_comment (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gb_code_view_toggle_comment (gb_editor_area_get_code (GB_BOARD_WINDOW (data)->editor));
}

static void
on_way_out (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gb_board_window_next_way_out (data);
}

/* There is one error at most in a text that ran: the one that ended it. */
static void
on_problem (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GbCodeView *code = gb_editor_area_get_code (GB_BOARD_WINDOW (data)->editor);
  if (gb_code_view_has_error (code))
    gb_code_view_show_error (code);
}

/* ---- scenes and views ---- */

static void
on_scene (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gb_board_window_open_scene (data, g_variant_get_string (parameter, NULL));
}

static void
on_tab (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GbBoardWindow *self = data;
  const char *function = g_variant_get_string (parameter, NULL);
  g_free (self->tab);
  self->tab = *function ? g_strdup (function) : NULL;
  gb_board_window_run (self, -1);
}

static void
on_add_view (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GbBoardWindow *self = data;
  const char *id = g_variant_get_string (parameter, NULL);
  gtk_stack_set_visible_child_name (GTK_STACK (self->views_stack), "views");
  if (!gb_view_area_add (self->views, id))
    gb_view_area_show (self->views, id);
  gb_board_window_looked (self, id);
}

static void
on_show_view (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gb_view_area_show (GB_BOARD_WINDOW (data)->views, g_variant_get_string (parameter, NULL));
  gb_board_window_looked (data, g_variant_get_string (parameter, NULL));
}

static void
on_pane (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GbBoardWindow *self = data;
  gb_view_area_focus (self->views, g_variant_get_int32 (parameter));
  gb_board_window_looked (self, gb_view_pane_get_view_id (gb_view_area_get_last (self->views)));
}

static void
on_next_pane (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gb_view_area_focus (GB_BOARD_WINDOW (data)->views, 0);
}

static void
on_maximise (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gb_view_area_toggle_maximised (GB_BOARD_WINDOW (data)->views);
}

static void
on_lower (GSimpleAction *action, GVariant *state, gpointer data)
{
  gtk_stack_set_visible_child_name (GTK_STACK (GB_BOARD_WINDOW (data)->lower_stack),
                                    g_variant_get_string (state, NULL));
  g_simple_action_set_state (action, state);
  gb_board_window_give_room_now (GB_BOARD_WINDOW (data));
}

static void
on_focus (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GbBoardWindow *self = data;
  const char *place = g_variant_get_string (parameter, NULL);
  if (strcmp (place, "editor") == 0)
    gtk_widget_grab_focus (GTK_WIDGET (gb_editor_area_get_code (self->editor)));
  else if (strcmp (place, "timeline") == 0)
    gtk_widget_grab_focus (GTK_WIDGET (self->timeline));
  else
    {
      g_action_group_change_action_state (G_ACTION_GROUP (self), "lower", g_variant_new_string ("console"));
      gb_console_focus (self->console);
    }
}

static void
on_note (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GbCodeView *code = gb_editor_area_get_code (GB_BOARD_WINDOW (data)->editor);
  if (gtk_widget_has_focus (GTK_WIDGET (code)) && gb_completion_show_help (code))
    return;
  g_action_group_change_action_state (data, "lower", g_variant_new_string ("note"));
}

/* ---- the window ---- */

static void
on_topics (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GbBoardWindow *self = data;
  gboolean open = !adw_flap_get_reveal_flap (ADW_FLAP (self->flap));
  adw_flap_set_reveal_flap (ADW_FLAP (self->flap), open);
  if (open)
    gb_outline_sidebar_focus (self->outline);
}

static void
on_study (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gb_board_window_show_study (data, g_variant_get_string (parameter, NULL));
}

static void
on_search (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gb_board_window_show_search (data);
}

static void
on_mixed_set (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gb_board_window_compose_set (data, (guint) g_variant_get_int32 (parameter));
}

static void
on_menu (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gtk_menu_button_popup (GTK_MENU_BUTTON (GB_BOARD_WINDOW (data)->menu_button));
}

static void
on_fullscreen (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  if (gtk_window_is_fullscreen (data))
    gtk_window_unfullscreen (data);
  else
    gtk_window_fullscreen (data);
}

static void
on_projector (GSimpleAction *action, GVariant *state, gpointer data)
{
  gb_board_window_set_projector (data, g_variant_get_boolean (state));
}

static void
say (const char *sentence, gpointer data)
{
  gb_editor_area_show_notice (GB_BOARD_WINDOW (data)->editor, sentence);
}

static void
save_board (GbPicture *picture, gpointer data)
{
  gb_picture_ask_and_save (picture, data, say, data);
}

static void
print_board (GbPicture *picture, gpointer data)
{
  gb_picture_print (picture, data, say, data);
}

static void
copy_board (GbPicture *picture, gpointer data)
{
  gb_picture_copy (picture, gtk_widget_get_clipboard (data));
  say (_ ("The picture is copied."), data);
}

/* All that the window shows. */
static void
on_picture (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  const char *what = g_variant_get_string (parameter, NULL);
  gb_picture_take (adw_application_window_get_content (data), "gradboard",
                   strcmp (what, "save") == 0    ? save_board
                   : strcmp (what, "print") == 0 ? print_board
                                                 : copy_board,
                   data);
}

static void
on_shortcuts (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gtk_window_present (GTK_WINDOW (gb_keys_new_window (data)));
}

static void
on_tour (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gb_tour_start (GB_TOUR (GB_BOARD_WINDOW (data)->tour));
}

static void
on_about (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  adw_show_about_window (data, "application-name", "Gradboard", "application-icon", "org.gradboard.Board",
                         "version", GRADBOARD_VERSION, "license-type", GTK_LICENSE_GPL_3_0, "comments",
                         _ ("A whiteboard on which PyTorch code runs and shows what it does."), NULL);
}

static const GActionEntry actions[] = {
  { "run", on_run },
  { "run-top", on_run_top },
  { "run-selection", on_run_selection },
  { "run-to-cursor", on_run_to_caret },
  { "back-to-cursor", on_back_to_caret },
  { "stop", on_stop },
  { "restart", on_restart },
  { "record", NULL, NULL, "false", on_record },
  { "step", on_step, "s" },
  { "back", on_back, "s" },
  { "rewind", on_rewind },
  { "branch", on_branch, "i" },
  { "compare", on_compare, "i" },
  { "compare-file", on_compare_file },
  { "to-start", on_to_start },
  { "to-end", on_to_end },
  { "breakpoint", on_breakpoint },
  { "breakpoint-condition", on_breakpoint_condition },
  { "bookmark", on_bookmark },
  { "go-to-bookmark", on_go_to_bookmark, "i" },
  { "go-to-mark", on_go_to_mark, "i" },
  { "go-to", on_go_to },
  { "keep-moment", on_keep_moment },
  { "copy-moment", on_copy_moment },
  { "paste-moment", on_paste_moment },
  { "predict", on_predict },
  { "new-tab", on_new_tab },
  { "open", on_open },
  { "open-uri", on_open_uri, "s" },
  { "save", on_save },
  { "save-as", on_save_as },
  { "close-tab", on_close_tab },
  { "find", on_find },
  { "replace", on_replace },
  { "find-next", on_find_next },
  { "comment", on_comment },
  { "next-problem", on_problem },
  { "way-out", on_way_out },
  { "previous-problem", on_problem },
  { "scene", on_scene, "s" },
  { "tab", on_tab, "s" },
  { "add-view", on_add_view, "s" },
  { "show-view", on_show_view, "s" },
  { "pane", on_pane, "i" },
  { "next-pane", on_next_pane },
  { "maximise-pane", on_maximise },
  { "lower", NULL, "s", "'console'", on_lower },
  { "focus", on_focus, "s" },
  { "note", on_note },
  { "topics", on_topics },
  { "study", on_study, "s" },
  { "search", on_search },
  { "mixed-set", on_mixed_set, "i" },
  { "menu", on_menu },
  { "fullscreen", on_fullscreen },
  { "projector", NULL, NULL, "false", on_projector },
  { "picture", on_picture, "s" },
  { "shortcuts", on_shortcuts },
  { "tour", on_tour },
  { "about", on_about },
};

void
gb_board_window_add_actions (GbBoardWindow *self)
{
  g_action_map_add_action_entries (G_ACTION_MAP (self), actions, G_N_ELEMENTS (actions), self);
  g_simple_action_set_enabled (G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (self), "rewind")), FALSE);
}
