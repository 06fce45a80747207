/* Ink in the window: the tool in hand, whose marks are shown where, and keeping them. */
#include "board-window-private.h"

#include "common/i18n.h"
#include "ink/ink-code.h"
#include "ink/ink-keep.h"
#include "ink/ink-strip.h"
#include "ink/ink-view.h"
#include "ink/ink-words.h"

#include <string.h>

#define NAMELESS "untitled.py" /* all texts without a file share their ink */

/* ---- whose marks are shown ---- */
static void
open_program_of_run (GbBoardWindow *self)
{
  const char *program = gb_ink_program_of (self->trace);
  if (program)
    gb_ink_keep_open (self->ink_keep, program);
}

static void
follow_document (GbDocument *document, GbCodeView *code, gpointer data)
{
  GbBoardWindow *self = data;
  GbInkHand *hand = gb_ink_code_attach (code, self->ink);
  if (gb_document_is_loading (document) || gb_document_is_untouched (document))
    return;
  g_autofree char *path = gb_document_dup_path (document);
  const char *was = gb_ink_hand_get_program (hand);
  gb_ink_keep_open (self->ink_keep, path);
  if (g_strcmp0 (was, NAMELESS) == 0 && strcmp (path, NAMELESS) != 0)
    {
      gb_ink_rename (gb_ink_kit_get_ink (self->ink), was, path);
      gb_ink_keep_drop (self->ink_keep, NAMELESS);
    }
  gb_ink_hand_set_program (hand, path);
}

void
gb_board_window_ink_pages (GbBoardWindow *self)
{
  gb_editor_area_foreach (self->editor, follow_document, self);
}

static void
attach_views (GbBoardWindow *self)
{
  g_autoptr (GPtrArray) panes = gb_view_area_get_panes (self->views);
  for (guint i = 0; i < panes->len; i++)
    {
      GbView *view = gb_view_pane_get_view (g_ptr_array_index (panes, i));
      if (view && !gb_ink_view_get_hand (view))
        gb_ink_view_attach (view, self->ink);
    }
}

/* ---- actions ---- */
static GAction *
action_of (GbBoardWindow *self, const char *name)
{
  return g_action_map_lookup_action (G_ACTION_MAP (self), name);
}

static void
update_actions (GbBoardWindow *self)
{
  static const char *const only_active[] = { "ink-undo", "ink-redo", "ink-place", "ink-clear", "ink-leave" };
  GbInk *ink = gb_ink_kit_get_ink (self->ink);
  gboolean active = gb_ink_kit_is_active (self->ink);
  for (guint i = 0; i < G_N_ELEMENTS (only_active); i++)
    {
      gboolean can = i == 0   ? gb_ink_can_undo (ink)
                     : i == 1 ? gb_ink_can_redo (ink)
                     : i == 3 ? gb_ink_get_n (ink) > 0
                              : TRUE;
      g_simple_action_set_enabled (G_SIMPLE_ACTION (action_of (self, only_active[i])), active && can);
    }
  g_simple_action_set_state (G_SIMPLE_ACTION (action_of (self, "ink")), g_variant_new_boolean (active));
  g_simple_action_set_state (G_SIMPLE_ACTION (action_of (self, "ink-tool")),
                             g_variant_new_string (gb_ink_tool_id (gb_ink_kit_get_tool (self->ink))));
  g_simple_action_set_state (G_SIMPLE_ACTION (action_of (self, "ink-color")),
                             g_variant_new_int32 ((gint32) gb_ink_kit_get_color (self->ink)));
}

static void
on_ink (GSimpleAction *action, GVariant *state, gpointer data)
{
  gb_ink_kit_set_active (GB_BOARD_WINDOW (data)->ink, g_variant_get_boolean (state));
}

static void
on_tool (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GbBoardWindow *self = data;
  gb_ink_kit_set_tool (self->ink, gb_ink_tool_from_id (g_variant_get_string (parameter, NULL)));
  gb_ink_kit_set_active (self->ink, TRUE);
}

static void
on_color (GSimpleAction *action, GVariant *state, gpointer data)
{
  gb_ink_kit_set_color (GB_BOARD_WINDOW (data)->ink,
                        (GbInkColor) CLAMP (g_variant_get_int32 (state), 0, GB_INK_N_COLORS - 1));
}

static void
on_laser (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GbBoardWindow *self = data;
  gboolean lit = gb_ink_kit_is_active (self->ink) && gb_ink_kit_get_tool (self->ink) == GB_INK_TOOL_LASER;
  gb_ink_kit_set_tool (self->ink, lit ? GB_INK_TOOL_PEN : GB_INK_TOOL_LASER);
  gb_ink_kit_set_active (self->ink, !lit);
}

static void
on_undo (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gb_ink_undo (gb_ink_kit_get_ink (GB_BOARD_WINDOW (data)->ink));
}

static void
on_redo (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gb_ink_redo (gb_ink_kit_get_ink (GB_BOARD_WINDOW (data)->ink));
}

/* All that can be seen now: of the text in front and of the run. */
static void
on_clear (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GbBoardWindow *self = data;
  GbInk *ink = gb_ink_kit_get_ink (self->ink);
  g_autofree char *path = gb_document_dup_path (gb_editor_area_get_document (self->editor));
  const char *run = gb_ink_program_of (self->trace);
  g_autoptr (GPtrArray) marks = g_ptr_array_new ();
  for (guint i = 0; i < gb_ink_get_n (ink); i++)
    {
      GbInkMark *mark = gb_ink_get (ink, i);
      if (strcmp (mark->program, path) == 0 || g_strcmp0 (mark->program, run) == 0)
        g_ptr_array_add (marks, mark);
    }
  gb_ink_remove (ink, marks);
}

/* Where the focus was last: in a view, else in the text. */
static void
on_place (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GbBoardWindow *self = data;
  GbViewPane *pane = self->ink_in_views ? gb_view_area_get_last (self->views) : NULL;
  GbInkHand *hand = pane ? gb_ink_view_get_hand (gb_view_pane_get_view (pane))
                         : gb_ink_code_get_hand (gb_editor_area_get_code (self->editor));
  if (!hand || !gb_ink_hand_place (hand))
    gb_editor_area_show_notice (self->editor,
                                _ ("Nothing is selected there to draw at: pin a node or a cell first."));
}

static void
on_leave (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GbBoardWindow *self = data;
  if (gb_ink_kit_get_waiting (self->ink))
    gb_ink_kit_give_words (self->ink, "");
  else
    gb_ink_kit_set_active (self->ink, FALSE);
}

static const GActionEntry actions[] = {
  { "ink", NULL, NULL, "false", on_ink },
  { "ink-tool", on_tool, "s", "'pen'" },
  { "ink-color", NULL, "i", "1", on_color },
  { "laser", on_laser },
  { "ink-undo", on_undo },
  { "ink-redo", on_redo },
  { "ink-clear", on_clear },
  { "ink-place", on_place },
  { "ink-leave", on_leave },
};

/* ---- putting together ---- */
static void
on_focus (GbBoardWindow *self)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self));
  if (focus && gtk_widget_is_ancestor (focus, GTK_WIDGET (self->views)))
    self->ink_in_views = TRUE;
  else if (focus && gtk_widget_is_ancestor (focus, GTK_WIDGET (self->editor)))
    self->ink_in_views = FALSE;
}

static void
on_failed (GbBoardWindow *self, const char *message)
{
  gb_editor_area_show_notice (self->editor, message);
}

void
gb_board_window_set_up_ink (GbBoardWindow *self)
{
  g_autofree char *folder = gb_board_window_dup_state_folder (self);
  self->ink = gb_ink_kit_new ();
  self->ink_keep = gb_ink_keep_new (gb_ink_kit_get_ink (self->ink), folder);
  self->ink_strip = gb_ink_strip_new (self->ink, self->cursor);
}

void
gb_board_window_connect_ink (GbBoardWindow *self, gboolean has_nameless)
{
  if (!has_nameless)
    gb_ink_keep_drop (self->ink_keep, NAMELESS);
  g_action_map_add_action_entries (G_ACTION_MAP (self), actions, G_N_ELEMENTS (actions), self);
  g_signal_connect_object (self->ink, "changed", G_CALLBACK (update_actions), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (gb_ink_kit_get_ink (self->ink), "changed", G_CALLBACK (update_actions), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->ink_keep, "failed", G_CALLBACK (on_failed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->cursor, "changed", G_CALLBACK (open_program_of_run), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->views, "views-changed", G_CALLBACK (attach_views), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self, "notify::focus-widget", G_CALLBACK (on_focus), self, G_CONNECT_SWAPPED);
  attach_views (self);
  gb_board_window_ink_pages (self);
  update_actions (self);
}
