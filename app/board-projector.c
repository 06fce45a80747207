/* The board before many people: its bars are gone, letters are large, contrast is strong, and controls that nobody uses
 * step back.  Size and contrast are the whole program's (application.c); the bars are this window's. */
#include "board-window-private.h"

#include "class/projector.h"
#include "common/i18n.h"
#include "preferences.h"

#define FADE_MSEC  4000
#define MOST_PANES 2

void
gb_board_window_toast (GbBoardWindow *self, const char *text)
{
  AdwToast *toast = adw_toast_new (text);
  adw_toast_set_timeout (toast, 4);
  adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (self->toasts), toast);
}

/* ---- controls step back ---- */

static gboolean
on_fade (gpointer data)
{
  GbBoardWindow *self = data;
  self->fade_timeout = 0;
  gtk_widget_add_css_class (self->timeline_box, "faded");
  return G_SOURCE_REMOVE;
}

static void
wake (GbBoardWindow *self)
{
  g_clear_handle_id (&self->fade_timeout, g_source_remove);
  gtk_widget_remove_css_class (self->timeline_box, "faded");
  if (self->is_projector)
    self->fade_timeout = g_timeout_add (FADE_MSEC, on_fade, self);
}

static void
on_motion (GtkEventControllerMotion *controller, double x, double y, GbBoardWindow *self)
{
  if (self->is_projector)
    wake (self);
}

/* ---- on and off ---- */

static void
show_one_view (GbBoardWindow *self, gboolean is_on)
{
  g_autoptr (GPtrArray) panes = gb_view_area_get_panes (self->views);
  if (is_on ? panes->len <= MOST_PANES : !self->made_one)
    return;
  self->made_one = is_on;
  gb_view_area_toggle_maximised (self->views);
}

static void
fill_screen (GbBoardWindow *self, gboolean is_on)
{
  if (is_on ? gtk_window_is_fullscreen (GTK_WINDOW (self)) : !self->made_full)
    return;
  self->made_full = is_on;
  if (is_on)
    gtk_window_fullscreen (GTK_WINDOW (self));
  else
    gtk_window_unfullscreen (GTK_WINDOW (self));
}

static void
apply (GbBoardWindow *self, gboolean is_projector)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self), "projector");
  if (self->is_projector == is_projector)
    return;
  self->is_projector = is_projector;
  g_simple_action_set_state (G_SIMPLE_ACTION (action), g_variant_new_boolean (is_projector));
  gtk_widget_set_visible (self->header, !is_projector);
  (is_projector ? gtk_widget_add_css_class : gtk_widget_remove_css_class) (GTK_WIDGET (self), "projector");
  fill_screen (self, is_projector);
  show_one_view (self, is_projector);
  wake (self);
}

void
gb_board_window_set_projector (GbBoardWindow *self, gboolean is_projector)
{
  if (is_projector && !self->is_projector)
    gb_board_window_toast (self, _ ("Projector: Esc or Ctrl+Shift+P goes back."));
  apply (self, is_projector);
  g_settings_set_boolean (gb_preferences_get (), "projector", is_projector);
}

/* Another window may have ended it. */
static void
on_setting (GbBoardWindow *self)
{
  if (!g_settings_get_boolean (gb_preferences_get (), "projector"))
    apply (self, FALSE);
}

/* Names that are offered to be completed. */
static gboolean
has_popover (GtkWidget *widget)
{
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child; child = gtk_widget_get_next_sibling (child))
    if (GTK_IS_POPOVER (child) && gtk_widget_get_visible (child))
      return TRUE;
  return FALSE;
}

/* Before a class Page Down and Page Up are a presenter's.  Ink, what is pinned and what is being completed take Escape first.  A text without any of them would swallow it, so there
 * it is taken before. */
static gboolean
on_key (GtkEventControllerKey *controller, guint key, guint code, GdkModifierType state, GbBoardWindow *self)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self));
  gboolean is_next = key == GDK_KEY_Page_Down, is_back = key == GDK_KEY_Page_Up;
  gboolean before = gtk_event_controller_get_propagation_phase (GTK_EVENT_CONTROLLER (controller)) == GTK_PHASE_CAPTURE;
  if (self->is_class && self->is_projector && before && (is_next || is_back) && !(state & GDK_CONTROL_MASK))
    {
      g_signal_emit_by_name (self, "turn-page", is_next ? 1 : -1);
      return TRUE;
    }
  if (!self->is_projector || key != GDK_KEY_Escape || gb_ink_kit_is_active (self->ink))
    return FALSE;
  if (before && (!GB_IS_CODE_VIEW (focus) || has_popover (focus)))
    return FALSE;
  gb_board_window_set_projector (self, FALSE);
  return TRUE;
}

static void
add_keys (GbBoardWindow *self, GtkPropagationPhase phase)
{
  GtkEventController *keys = gtk_event_controller_key_new ();
  gtk_event_controller_set_propagation_phase (keys, phase);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (on_key), self);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
}

void
gb_board_window_set_up_projector (GbBoardWindow *self)
{
  GtkEventController *motion = gtk_event_controller_motion_new ();
  add_keys (self, GTK_PHASE_CAPTURE);
  add_keys (self, GTK_PHASE_BUBBLE);
  gtk_event_controller_set_propagation_phase (motion, GTK_PHASE_CAPTURE);
  g_signal_connect (motion, "motion", G_CALLBACK (on_motion), self);
  gtk_widget_add_controller (GTK_WIDGET (self), motion);
  g_signal_connect_object (gb_preferences_get (), "changed::projector", G_CALLBACK (on_setting), self, G_CONNECT_SWAPPED);
  if (!self->is_replay && g_settings_get_boolean (gb_preferences_get (), "projector"))
    gb_board_window_set_projector (self, TRUE);
}
