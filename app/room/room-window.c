#include "room/room-window.h"

#include <math.h>
#include <string.h>

#include "board/board-layout.h"
#include "common/i18n.h"
#include "interview/report.h"
#include "interview/shelf.h"
#include "labels.h"
#include "paths.h"
#include "room/item-pane.h"
#include "room/notes-pane.h"
#include "room/plan-list.h"
#include "room/replay-bar.h"
#include "room/room-board.h"
#include "room/room-parts.h"
#include "room/room.h"
#include "room/rename-dialog.h"
#include "room/start-page.h"

struct _GbRoomWindow
{
  AdwApplicationWindow parent_instance;

  GbRoom *room;
  GbRoomBoard *board;
  GtkWidget *stack, *title, *clock, *item_clock, *back, *begin, *next, *pause, *finish, *undo, *report,
      *show_board, *replay, *more, *exam_badge, *beside;
  GtkWidget *trouble, *trouble_text, *overlay;
  GbStartPage *start;
  GbPlanList *plan;
  GbItemPane *item;
  GbNotesPane *notes;
  guint asked; /* the item that was shown because it is asked */
  guint second;
};

G_DEFINE_FINAL_TYPE (GbRoomWindow, gb_room_window, ADW_TYPE_APPLICATION_WINDOW)

static void
say (GbRoomWindow *self, const char *text)
{
  adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (self->overlay), adw_toast_new (text));
}

/* ---- what is shown ---- */

static void
update_clock (GbRoomWindow *self)
{
  const GbFacts *facts = gb_room_get_facts (self->room);
  const GbPlanItem *item = facts && facts->plan ? gb_plan_find (facts->plan, facts->now, NULL, NULL) : NULL;

  gtk_widget_set_visible (self->clock, facts && facts->begun_at >= 0);
  gtk_widget_set_visible (self->item_clock, item != NULL);
  if (facts == NULL || facts->plan == NULL)
    return;
  gint64 now = gb_room_get_now (self->room);
  g_autofree char *elapsed = gb_room_clock (gb_facts_get_elapsed (facts, now));
  g_autofree char *all = gb_room_clock ((gint64) (facts->plan->minutes * 60000));
  g_autofree char *text = g_strdup_printf ("%s / %s", elapsed, all);
  gtk_label_set_label (GTK_LABEL (self->clock), text);
  if (item)
    {
      gint64 left = (gint64) (item->minutes * 60000) - gb_facts_get_spent (facts, item->id, now);
      g_autofree char *rest = gb_room_clock (left);
      g_autofree char *below =
          g_strdup_printf (left < 0 ? _ ("question over by %s") : _ ("question: %s left"),
                           left < 0 && *rest == '\xe2' ? rest + strlen ("−") : rest);
      gtk_label_set_label (GTK_LABEL (self->item_clock), below);
      (left < 0 ? gtk_widget_add_css_class : gtk_widget_remove_css_class) (self->item_clock, "warning");
    }
  gb_plan_list_update_time (self->plan);
}

static gboolean
on_second (gpointer data)
{
  update_clock (data);
  return G_SOURCE_CONTINUE;
}

static void
update_title (GbRoomWindow *self, const GbFacts *facts)
{
  const char *name = facts == NULL       ? _ ("Interviews")
                     : *facts->title     ? facts->title
                     : *facts->candidate ? facts->candidate
                                         : _ ("No name");
  adw_window_title_set_title (ADW_WINDOW_TITLE (self->title), name);
  adw_window_title_set_subtitle (ADW_WINDOW_TITLE (self->title),
                                 facts && facts->plan ? gb_board_level_name (facts->plan->level) : "");
  g_autofree char *whole = g_strdup_printf (_ ("%s (interviewer only)"), name);
  gtk_window_set_title (GTK_WINDOW (self), whole);
}

static void
set_action (GbRoomWindow *self, const char *name, gboolean is_on)
{
  GActionGroup *group = g_object_get_data (G_OBJECT (self), "actions");
  g_simple_action_set_enabled (G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (group), name)),
                               is_on);
}

static GSimpleAction *
exam_action (GbRoomWindow *self)
{
  GActionGroup *group = g_object_get_data (G_OBJECT (self), "actions");
  return G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (group), "exam"));
}

static void
update (GbRoomWindow *self)
{
  const GbFacts *facts = gb_room_get_facts (self->room);
  gboolean is_begun = facts && facts->begun_at >= 0, is_finished = facts && facts->finished_at >= 0;
  gboolean is_replay = gb_room_get_replay (self->room) != NULL;
  gboolean runs = is_begun && !is_finished && !is_replay;

  update_title (self, facts);
  gtk_widget_set_visible (self->begin, facts && !is_begun && !is_replay);
  gtk_widget_set_visible (self->next, runs);
  gtk_widget_set_visible (self->pause, runs);
  gtk_widget_set_visible (self->finish, runs);
  gtk_widget_set_visible (self->report, is_begun && !is_replay);
  gtk_widget_set_visible (self->replay, gb_room_can_replay (self->room) && !is_replay);
  gtk_widget_set_visible (self->more, facts != NULL && !is_replay);
  gtk_widget_set_visible (self->exam_badge, facts && facts->is_exam);
  gtk_widget_set_visible (self->back, facts != NULL);
  gtk_widget_set_visible (self->undo, facts != NULL && !is_replay);
  gtk_widget_set_visible (self->show_board, facts != NULL && (!is_finished || is_replay));
  if (runs)
    gtk_button_set_label (GTK_BUTTON (self->pause), facts->is_paused ? _ ("Go on") : _ ("Pause"));
  set_action (self, "begin", facts && !is_begun && !is_replay);
  set_action (self, "next", runs && gb_facts_next_item (facts) != 0);
  set_action (self, "pause", runs);
  set_action (self, "finish", runs);
  set_action (self, "reveal", runs && facts->now != 0);
  set_action (self, "undo", gb_room_can_undo (self->room));
  set_action (self, "hint", runs && facts->now != 0);
  set_action (self, "picture", runs);
  set_action (self, "moment", runs);
  set_action (self, "exam", facts && !is_finished && !is_replay);
  set_action (self, "replay", gb_room_can_replay (self->room) && !is_replay);
  set_action (self, "rename", facts && !is_replay);
  set_action (self, "board", facts != NULL);
  set_action (self, "report", is_begun && !is_replay);
  g_simple_action_set_state (exam_action (self), g_variant_new_boolean (facts && facts->is_exam));
  update_clock (self);
  if (facts && facts->now && facts->now != self->asked)
    {
      self->asked = facts->now;
      gb_plan_list_select (self->plan, facts->now);
    }
}

static void
on_opened (GbRoomWindow *self)
{
  GbSession *session = gb_room_get_session (self->room);
  self->asked = 0;
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), session ? "work" : "start");
  gb_item_pane_show (self->item, 0);
  if (session == NULL)
    {
      gb_start_page_refresh (self->start);
      gb_start_page_focus (self->start);
      return;
    }
  const GbPlan *plan = gb_room_get_plan (self->room);
  if (plan && gb_plan_get_n_items (plan))
    gb_plan_list_select (self->plan, gb_plan_get_item (plan, 0)->id);
}

static void
on_selected (GbRoomWindow *self, guint item)
{
  gb_item_pane_show (self->item, item);
}

static void
on_trouble (GbRoomWindow *self)
{
  GbSession *session = gb_room_get_session (self->room);
  const char *why = session ? gb_session_get_trouble (session) : NULL;
  g_autofree char *text = g_strdup_printf (
      _ ("The interview cannot be written: %s. Nothing is lost while this window is open; it is tried again "
         "every two seconds, and a copy can be kept elsewhere."),
      why ? why : "");
  gtk_label_set_label (GTK_LABEL (self->trouble_text), why ? text : ""); /* what is not shown is not read aloud */
  gtk_info_bar_set_revealed (GTK_INFO_BAR (self->trouble), why != NULL);
}

/* ---- files ---- */

static void
on_file_chosen (GtkNativeDialog *dialog, int response, GbRoomWindow *self)
{
  GbReportReader reader = (GbReportReader) GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (dialog), "reader"));
  gboolean is_copy = g_object_get_data (G_OBJECT (dialog), "copy") != NULL;
  g_autoptr (GFile) file =
      response == GTK_RESPONSE_ACCEPT ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog)) : NULL;
  g_autofree char *path = file ? g_file_get_path (file) : NULL;
  GbSession *session = gb_room_get_session (self->room);
  g_autoptr (GError) error = NULL;

  if (path && session)
    {
      gboolean ok = is_copy
                        ? gb_session_export (session, path, &error)
                        : gb_report_write (session, gb_room_get_library (self->room), reader, path, &error);
      g_autofree char *text = g_strdup_printf (_ ("Written to %s"), path);
      say (self, ok ? text : error->message);
    }
  g_object_unref (dialog);
}

static void
choose_file (GbRoomWindow *self, const char *ending, GbReportReader reader, gboolean is_copy)
{
  const GbFacts *facts = gb_room_get_facts (self->room);
  g_autofree char *stem =
      g_strdelimit (g_strdup (*facts->candidate ? facts->candidate : "interview"), "/\\ ", '-');
  g_autofree char *name = g_strconcat (stem, ".", ending, NULL);
  GtkFileChooserNative *dialog =
      gtk_file_chooser_native_new (is_copy ? _ ("Keep a copy") : _ ("Write the report"), GTK_WINDOW (self),
                                   GTK_FILE_CHOOSER_ACTION_SAVE, NULL, NULL);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), name);
  g_object_set_data (G_OBJECT (dialog), "reader", GUINT_TO_POINTER (reader));
  g_object_set_data (G_OBJECT (dialog), "copy", is_copy ? self : NULL);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_file_chosen), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

/* Parameter: "internal pdf", "candidate html", "copy". */
static void
on_report (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  g_auto (GStrv) words = g_strsplit (g_variant_get_string (parameter, NULL), " ", 2);
  if (strcmp (words[0], "copy") == 0)
    choose_file (data, "interview", GB_REPORT_INTERNAL, TRUE);
  else
    choose_file (data, words[1],
                 strcmp (words[0], "candidate") == 0 ? GB_REPORT_CANDIDATE : GB_REPORT_INTERNAL, FALSE);
}

static void
fill_report_menu (GbRoomWindow *self)
{
  static const char *const endings[] = { "pdf", "html", "md", "json" };
  static const char *const names[] = { "PDF", "HTML", "Markdown", "JSON" };
  g_autoptr (GMenu) menu = g_menu_new (), internal = g_menu_new (), candidate = g_menu_new (),
                    copy = g_menu_new ();

  for (guint i = 0; i < G_N_ELEMENTS (endings); i++)
    {
      g_autofree char *a = g_strdup_printf ("room.report::internal %s", endings[i]);
      g_autofree char *b = g_strdup_printf ("room.report::candidate %s", endings[i]);
      g_menu_append (internal, names[i], a);
      g_menu_append (candidate, names[i], b);
    }
  g_menu_append (copy, _ ("A copy of the interview…"), "room.report::copy");
  g_menu_append_section (menu, _ ("For the company"), G_MENU_MODEL (internal));
  g_menu_append_section (menu, _ ("For the candidate"), G_MENU_MODEL (candidate));
  g_menu_append_section (menu, NULL, G_MENU_MODEL (copy));
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (self->report), G_MENU_MODEL (menu));
}

/* ---- actions ---- */

static void
on_begin (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GbRoomWindow *self = data;
  gb_room_board_present (self->board);
  gb_room_begin (self->room);
}

static void
on_next (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gb_room_ask_next (((GbRoomWindow *) data)->room);
}

static void
on_pause (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gb_room_toggle_pause (((GbRoomWindow *) data)->room);
}

static void
on_finish (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gb_room_finish (((GbRoomWindow *) data)->room);
}

static void
on_reveal (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GbRoomWindow *self = data;
  gb_room_board_present (self->board);
  gb_room_reveal (self->room);
}

static void
on_undo (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gb_room_undo (((GbRoomWindow *) data)->room);
}

static void
on_hint (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GbRoomWindow *self = data;
  if (gb_room_hint (self->room) == NULL)
    say (self, _ ("There is no further hint."));
}

static void
on_picture (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GbRoomWindow *self = data;
  say (self, gb_room_board_take_picture (self->board) ? _ ("What the board shows is kept for the report.")
                                                      : _ ("There is no board to take a picture of."));
}

static void
on_moment (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GbRoomWindow *self = data;
  say (self, gb_room_board_keep_moment (self->board) ? _ ("Where the program stands is kept for the report.")
                                                     : _ ("Nothing has run on the board yet."));
}

static void
on_exam (GSimpleAction *action, GVariant *state, gpointer data)
{
  gb_room_set_exam (((GbRoomWindow *) data)->room, g_variant_get_boolean (state));
}

static void
on_replay_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gb_room_begin_replay (((GbRoomWindow *) data)->room, 0);
}

static void
on_rename (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gb_rename_dialog_present (GTK_WINDOW (data), ((GbRoomWindow *) data)->room);
}

/* 0 to 4: of the question that is shown, in its own dimension. */
static void
score_shown (GbRoomWindow *self, guint score)
{
  const GbFacts *facts = gb_room_get_facts (self->room);
  guint shown = gb_item_pane_get_shown (self->item);
  const GbPlanItem *item = facts && facts->plan ? gb_plan_find (facts->plan, shown, NULL, NULL) : NULL;
  if (item && facts->begun_at >= 0)
    gb_room_score (self->room, shown, item->dimension, score);
}

static void
on_score (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  score_shown (data, (guint) CLAMP (g_variant_get_int32 (parameter), 0, GB_INTERVIEW_MOST_SCORE));
}

static void
on_note (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gb_notes_pane_focus (((GbRoomWindow *) data)->notes);
}

static void
on_back (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gb_room_close (((GbRoomWindow *) data)->room);
}

static void
on_board (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gb_room_board_present (((GbRoomWindow *) data)->board);
}

/* A digit scores; where text is written it is text. */
static gboolean
on_key (GtkEventControllerKey *controller, guint key, guint code, GdkModifierType state, GbRoomWindow *self)
{
  guint32 digit = gdk_keyval_to_unicode (key);
  if (state & (GDK_CONTROL_MASK | GDK_ALT_MASK) || digit < '0' || digit > '4' || gb_room_get_session (self->room) == NULL
      || gb_room_get_replay (self->room))
    return FALSE;
  score_shown (self, digit - '0');
  return TRUE;
}

/* Also while a note is written. */
static void
add_keys (GbRoomWindow *self)
{
  static const struct
  {
    guint key;
    GdkModifierType state;
    const char *action;
  } keys[] = {
    { GDK_KEY_Page_Down, GDK_ALT_MASK, "room.next" },
    { GDK_KEY_h, GDK_CONTROL_MASK, "room.hint" },
    { GDK_KEY_R, GDK_CONTROL_MASK | GDK_SHIFT_MASK, "room.reveal" },
    { GDK_KEY_n, GDK_CONTROL_MASK, "room.note" },
    { GDK_KEY_p, GDK_CONTROL_MASK, "room.picture" },
    { GDK_KEY_d, GDK_CONTROL_MASK, "room.moment" },
    { GDK_KEY_e, GDK_CONTROL_MASK, "room.exam" },
    { GDK_KEY_r, GDK_CONTROL_MASK, "room.replay" },
    { GDK_KEY_space, GDK_CONTROL_MASK | GDK_SHIFT_MASK, "room.pause" },
  };
  GtkEventController *controller = gtk_shortcut_controller_new ();

  gtk_event_controller_set_propagation_phase (controller, GTK_PHASE_CAPTURE);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_shortcut_controller_add_shortcut (
        GTK_SHORTCUT_CONTROLLER (controller),
        gtk_shortcut_new (gtk_keyval_trigger_new (keys[i].key, keys[i].state), gtk_named_action_new (keys[i].action)));
  for (int score = 0; score <= GB_INTERVIEW_MOST_SCORE; score++)
    {
      GtkShortcut *shortcut = gtk_shortcut_new (gtk_keyval_trigger_new ((guint) (GDK_KEY_0 + score), GDK_ALT_MASK),
                                                gtk_named_action_new ("room.score"));
      gtk_shortcut_set_arguments (shortcut, g_variant_new_int32 (score));
      gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (controller), shortcut);
    }
  gtk_widget_add_controller (GTK_WIDGET (self), controller);
}

static void
add_actions (GbRoomWindow *self)
{
  static const GActionEntry entries[] = {
    { "begin", on_begin }, { "next", on_next },          { "pause", on_pause }, { "finish", on_finish },
    { "undo", on_undo },   { "reveal", on_reveal },      { "note", on_note },   { "back", on_back },
    { "board", on_board }, { "report", on_report, "s" }, { "hint", on_hint },   { "picture", on_picture },
    { "moment", on_moment }, { "exam", NULL, NULL, "false", on_exam },          { "replay", on_replay_action },
    { "rename", on_rename }, { "score", on_score, "i" },
  };
  GSimpleActionGroup *group = g_simple_action_group_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();

  g_action_map_add_action_entries (G_ACTION_MAP (group), entries, G_N_ELEMENTS (entries), self);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "room", G_ACTION_GROUP (group));
  g_object_set_data_full (G_OBJECT (self), "actions", group, g_object_unref);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (on_key), self);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
  add_keys (self);
}

/* ---- parts ---- */

static GtkWidget *
new_clock (const char *css_class)
{
  GtkWidget *label = gtk_label_new ("");
  gtk_widget_add_css_class (label, css_class);
  gtk_widget_add_css_class (label, "numeric");
  gtk_widget_set_valign (label, GTK_ALIGN_CENTER);
  return label;
}

static GtkWidget *
new_header (GbRoomWindow *self)
{
  GtkWidget *bar = adw_header_bar_new ();

  self->title = adw_window_title_new ("", "");
  adw_header_bar_set_title_widget (ADW_HEADER_BAR (bar), self->title);
  self->back = gb_label_button ("go-previous-symbolic", N_ ("All interviews"), "room.back");
  self->undo = gb_label_button ("edit-undo-symbolic", N_ ("Undo"), "room.undo");
  self->clock = new_clock ("title-4");
  self->item_clock = new_clock ("dim-label");
  self->begin = gb_room_button (N_ ("Begin"), "room.begin");
  self->next = gb_room_button (N_ ("Next"), "room.next");
  self->pause = gtk_button_new_with_label ("");
  gtk_actionable_set_detailed_action_name (GTK_ACTIONABLE (self->pause), "room.pause");
  self->finish = gb_room_button (N_ ("Finish"), "room.finish");
  self->show_board = gb_room_button (N_ ("Board"), "room.board");
  self->report = gtk_menu_button_new ();
  gb_i18n_bind (self->report, "label", N_ ("Report"));
  self->replay = gb_room_button (N_ ("Replay"), "room.replay");
  self->more = gtk_menu_button_new ();
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (self->more), "view-more-symbolic");
  gb_label_tooltip (self->more, N_ ("More"), NULL);
  self->exam_badge = gtk_label_new (NULL);
  gb_i18n_bind (self->exam_badge, "label", N_ ("Exam"));
  gtk_widget_add_css_class (self->exam_badge, "exam-badge");
  gtk_widget_set_valign (self->exam_badge, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (self->begin, "suggested-action");
  gtk_widget_add_css_class (self->next, "suggested-action");
  adw_header_bar_pack_start (ADW_HEADER_BAR (bar), self->back);
  adw_header_bar_pack_start (ADW_HEADER_BAR (bar), self->undo);
  adw_header_bar_pack_start (ADW_HEADER_BAR (bar), self->clock);
  adw_header_bar_pack_start (ADW_HEADER_BAR (bar), self->item_clock);
  adw_header_bar_pack_start (ADW_HEADER_BAR (bar), self->exam_badge);
  adw_header_bar_pack_end (ADW_HEADER_BAR (bar), self->more);
  adw_header_bar_pack_end (ADW_HEADER_BAR (bar), self->begin);
  adw_header_bar_pack_end (ADW_HEADER_BAR (bar), self->next);
  adw_header_bar_pack_end (ADW_HEADER_BAR (bar), self->pause);
  adw_header_bar_pack_end (ADW_HEADER_BAR (bar), self->finish);
  adw_header_bar_pack_end (ADW_HEADER_BAR (bar), self->report);
  adw_header_bar_pack_end (ADW_HEADER_BAR (bar), self->replay);
  adw_header_bar_pack_end (ADW_HEADER_BAR (bar), self->show_board);
  return bar;
}

static void
save_elsewhere (GtkInfoBar *bar, int response, GbRoomWindow *self)
{
  choose_file (self, "interview", GB_REPORT_INTERNAL, TRUE);
}

static GtkWidget *
new_trouble (GbRoomWindow *self)
{
  self->trouble = gtk_info_bar_new_with_buttons (_ ("Keep a copy elsewhere…"), 1, NULL);
  gtk_info_bar_set_message_type (GTK_INFO_BAR (self->trouble), GTK_MESSAGE_WARNING);
  self->trouble_text = gb_room_text ("", NULL);
  gtk_widget_set_hexpand (self->trouble_text, TRUE);
  gtk_info_bar_add_child (GTK_INFO_BAR (self->trouble), self->trouble_text);
  gtk_info_bar_set_revealed (GTK_INFO_BAR (self->trouble), FALSE);
  g_signal_connect (self->trouble, "response", G_CALLBACK (save_elsewhere), self);
  return self->trouble;
}

static GtkWidget *
new_work (GbRoomWindow *self)
{
  GtkWidget *left = gtk_paned_new (GTK_ORIENTATION_HORIZONTAL),
            *right = gtk_paned_new (GTK_ORIENTATION_HORIZONTAL);

  self->plan = GB_PLAN_LIST (gb_plan_list_new (self->room));
  self->item = GB_ITEM_PANE (gb_item_pane_new (self->room));
  self->notes = GB_NOTES_PANE (gb_notes_pane_new (self->room));
  g_signal_connect_swapped (self->plan, "selected", G_CALLBACK (on_selected), self);
  g_object_set (self->plan, "margin-start", 12, "margin-end", 12, "margin-bottom", 12, NULL);
  gtk_widget_set_size_request (GTK_WIDGET (self->plan), 240, -1);
  gtk_widget_set_size_request (GTK_WIDGET (self->item), 320, -1);
  gtk_widget_set_size_request (GTK_WIDGET (self->notes), 220, -1);
  gtk_paned_set_start_child (GTK_PANED (right), GTK_WIDGET (self->item));
  self->beside = gtk_stack_new ();
  gtk_stack_add_named (GTK_STACK (self->beside), GTK_WIDGET (self->notes), "notes");
  gtk_stack_add_named (GTK_STACK (self->beside), gb_replay_list_new (self->room), "replay");
  gtk_paned_set_end_child (GTK_PANED (right), self->beside);
  gtk_paned_set_shrink_start_child (GTK_PANED (right), FALSE);
  gtk_paned_set_shrink_end_child (GTK_PANED (right), FALSE);
  gtk_paned_set_resize_end_child (GTK_PANED (right), FALSE);
  gtk_paned_set_position (GTK_PANED (right), 620);
  gtk_paned_set_start_child (GTK_PANED (left), GTK_WIDGET (self->plan));
  gtk_paned_set_end_child (GTK_PANED (left), right);
  gtk_paned_set_shrink_start_child (GTK_PANED (left), FALSE);
  gtk_paned_set_shrink_end_child (GTK_PANED (left), FALSE);
  gtk_paned_set_resize_start_child (GTK_PANED (left), FALSE);
  gtk_paned_set_position (GTK_PANED (left), 340);
  return left;
}

static void
fill_more_menu (GbRoomWindow *self)
{
  g_autoptr (GMenu) menu = g_menu_new (), board = g_menu_new (), whole = g_menu_new ();
  g_menu_append (board, _ ("Keep a picture of the board"), "room.picture");
  g_menu_append (board, _ ("Keep where the program stands"), "room.moment");
  g_menu_append (board, _ ("Exam mode: nothing on the board explains"), "room.exam");
  g_menu_append (whole, _ ("Name, candidate, consent…"), "room.rename");
  g_menu_append (whole, _ ("Replay"), "room.replay");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (board));
  g_menu_append_section (menu, NULL, G_MENU_MODEL (whole));
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (self->more), G_MENU_MODEL (menu));
}

static void
on_replay (GbRoomWindow *self)
{
  gboolean is_on = gb_room_get_replay (self->room) != NULL;
  self->asked = 0;
  gtk_stack_set_visible_child_name (GTK_STACK (self->beside), is_on ? "replay" : "notes");
}

static void
on_language (GbRoomWindow *self)
{
  fill_report_menu (self);
  fill_more_menu (self);
  update (self);
  on_trouble (self);
}

static gboolean
open_file (GbRoomWindow *self, const char *path)
{
  g_autoptr (GError) error = NULL;
  if (!gb_room_open (self->room, path, &error))
    say (self, error->message);
  return error == NULL;
}

void
gb_room_window_open (GbRoomWindow *self, const char *path)
{
  open_file (self, path);
}

void
gb_room_window_replay (GbRoomWindow *self, const char *path, gint64 at)
{
  if (!open_file (self, path))
    return;
  gb_room_end_replay (self->room);
  gb_room_begin_replay (self->room, at);
}

/* ---- the object ---- */

static void
gb_room_window_dispose (GObject *object)
{
  GbRoomWindow *self = GB_ROOM_WINDOW (object);
  g_clear_handle_id (&self->second, g_source_remove);
  if (self->room)
    g_signal_handlers_disconnect_by_data (self->room, self);
  g_clear_pointer (&self->board, gb_room_board_free);
  G_OBJECT_CLASS (gb_room_window_parent_class)->dispose (object);
}

static void
gb_room_window_finalize (GObject *object)
{
  g_clear_object (&GB_ROOM_WINDOW (object)->room);
  G_OBJECT_CLASS (gb_room_window_parent_class)->finalize (object);
}

static void
gb_room_window_class_init (GbRoomWindowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gb_room_window_dispose;
  G_OBJECT_CLASS (klass)->finalize = gb_room_window_finalize;
}

static void
gb_room_window_init (GbRoomWindow *self)
{
  g_autoptr (GbLibrary) library = gb_library_new (gb_paths_get_data_dir ());
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  gtk_widget_add_css_class (GTK_WIDGET (self), "room");
  gtk_window_set_default_size (GTK_WINDOW (self), 1280, 800);
  gtk_widget_set_size_request (GTK_WIDGET (self), 820, 520);
  self->room = gb_room_new (library);
  self->stack = gtk_stack_new ();
  self->start = GB_START_PAGE (gb_start_page_new (self->room));
  gtk_stack_add_named (GTK_STACK (self->stack), GTK_WIDGET (self->start), "start");
  gtk_stack_add_named (GTK_STACK (self->stack), new_work (self), "work");
  self->overlay = adw_toast_overlay_new ();
  adw_toast_overlay_set_child (ADW_TOAST_OVERLAY (self->overlay), self->stack);
  gtk_widget_set_vexpand (self->overlay, TRUE);
  gtk_box_append (GTK_BOX (box), new_header (self));
  gtk_box_append (GTK_BOX (box), new_trouble (self));
  gtk_box_append (GTK_BOX (box), self->overlay);
  gtk_box_append (GTK_BOX (box), gb_replay_bar_new (self->room));
  adw_application_window_set_content (ADW_APPLICATION_WINDOW (self), box);
  add_actions (self);
  self->board = gb_room_board_new (self->room, GTK_WINDOW (self));
  g_signal_connect_swapped (self->room, "changed", G_CALLBACK (update), self);
  g_signal_connect_swapped (self->room, "opened", G_CALLBACK (on_opened), self);
  g_signal_connect_swapped (self->room, "trouble", G_CALLBACK (on_trouble), self);
  g_signal_connect_swapped (self->room, "replay", G_CALLBACK (on_replay), self);
  g_signal_connect_swapped (self->room, "moved", G_CALLBACK (update_clock), self);
  gb_label_on_language (self, G_CALLBACK (on_language));
  self->second = g_timeout_add_seconds (1, on_second, self);
  on_opened (self);
}

GbRoomWindow *
gb_room_window_new (GtkApplication *application)
{
  return g_object_new (GB_TYPE_ROOM_WINDOW, "application", application, NULL);
}
