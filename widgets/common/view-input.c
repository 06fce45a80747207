#include "common/view-private.h"

/* Pointer and keys of a view's canvas: hover, pin, drag, scroll, menu, moves. */

static void
to_picture (double *x, double *y)
{
  double scale = gb_theme_manager_get_scale (gb_theme_manager_get_default ());
  *x /= scale;
  *y /= scale;
}

static gboolean
view_pick (GbView *self, double x, double y, GbPick *pick)
{
  to_picture (&x, &y);
  return gb_view_pick_card (self, x, y, pick) || gb_view_pick_at (self, x, y, pick);
}

static void
canvas_motion (GtkEventControllerMotion *motion, double x, double y, GbView *self)
{
  GbPick pick;
  gb_frame_budget_set_pointer (PRIV (self)->budget, TRUE);
  if (PRIV (self)->dragging)
    return;
  gboolean is_thing = view_pick (self, x, y, &pick);
  PRIV (self)->pointed = is_thing ? pick : (GbPick){ 0 };
  gb_selection_set_hover (PRIV (self)->selection, is_thing ? &pick : NULL);
}

static void
canvas_leave (GtkEventControllerMotion *motion, GbView *self)
{
  gb_frame_budget_set_pointer (PRIV (self)->budget, FALSE);
  gb_selection_set_hover (PRIV (self)->selection, NULL);
}

void
gb_view_pin (GbView *self, const GbPick *pick)
{
  PRIV (self)->picked = *pick;
  gb_selection_set_pin (PRIV (self)->selection, pick);
}

void
gb_view_activate (GbView *self, const GbPick *pick)
{
  if (GB_VIEW_GET_CLASS (self)->activate)
    GB_VIEW_GET_CLASS (self)->activate (self, pick);
  else
    gb_view_pin (self, pick);
}

static void
canvas_released (GtkGestureClick *click, int n_press, double x, double y, GbView *self)
{
  GbViewPrivate *priv = PRIV (self);
  GbPick pick;

  gtk_widget_grab_focus (GTK_WIDGET (priv->canvas));
  if (priv->dragging)
    return;
  if (!view_pick (self, x, y, &pick))
    {
      gb_selection_set_pin (priv->selection, NULL);
      return;
    }
  if (n_press >= 2)
    gb_view_activate (self, &pick);
  else if (gb_pick_equal (&pick, gb_selection_get_pin (priv->selection)))
    gb_selection_set_pin (priv->selection, NULL);
  else
    gb_view_pin (self, &pick);
}

static void
show_menu (GbView *self, double x, double y)
{
  GbViewPrivate *priv = PRIV (self);

  if (priv->popover == NULL)
    {
      priv->popover = gtk_popover_menu_new_from_model (gb_view_get_menu (self));
      gtk_popover_set_has_arrow (GTK_POPOVER (priv->popover), FALSE);
      gtk_widget_set_halign (priv->popover, GTK_ALIGN_START);
      gtk_widget_set_parent (priv->popover, GTK_WIDGET (self));
    }
  gtk_popover_set_pointing_to (GTK_POPOVER (priv->popover), &(GdkRectangle){ (int) x, (int) y, 1, 1 });
  gtk_popover_popup (GTK_POPOVER (priv->popover));
}

static void
canvas_menu (GtkGestureClick *click, int n_press, double x, double y, GbView *self)
{
  show_menu (self, x, y);
}

/* By the menu key: at what is pinned, else in the middle. */
static void
show_menu_at_pin (GbView *self)
{
  GtkWidget *canvas = GTK_WIDGET (PRIV (self)->canvas);
  double width = gtk_widget_get_width (canvas), height = gtk_widget_get_height (canvas), x = width / 2, y = height / 2;
  double scale = gb_theme_manager_get_scale (gb_theme_manager_get_default ());
  const GbPick *pin = gb_selection_get_pin (PRIV (self)->selection);
  graphene_rect_t box;

  if (pin->facets && gb_view_locate (self, pin, &box))
    {
      x = CLAMP ((box.origin.x + box.size.width / 2) * scale, 0, width);
      y = CLAMP ((box.origin.y + box.size.height) * scale, 0, height);
    }
  show_menu (self, x, y);
}

static void
drag_call (GbView *self, int phase, double dx, double dy)
{
  GbViewPrivate *priv = PRIV (self);
  double x = priv->drag_x, y = priv->drag_y;

  to_picture (&x, &y);
  to_picture (&dx, &dy);
  GB_VIEW_GET_CLASS (self)->drag (self, phase, x, y, dx, dy);
}

static void
drag_begin (GtkGestureDrag *drag, double x, double y, GbView *self)
{
  PRIV (self)->drag_x = x;
  PRIV (self)->drag_y = y;
}

static void
drag_update (GtkGestureDrag *drag, double dx, double dy, GbView *self)
{
  GbViewPrivate *priv = PRIV (self);

  if (GB_VIEW_GET_CLASS (self)->drag == NULL)
    return;
  if (!priv->dragging)
    {
      if (dx * dx + dy * dy < 25)
        return;
      priv->dragging = TRUE;
      drag_call (self, 0, 0, 0);
    }
  drag_call (self, 1, dx, dy);
}

static gboolean
drag_over (gpointer data)
{
  PRIV (GB_VIEW (data))->dragging = FALSE;
  g_object_unref (data);
  return G_SOURCE_REMOVE;
}

static void
drag_end (GtkGestureDrag *drag, double dx, double dy, GbView *self)
{
  if (!PRIV (self)->dragging)
    return;
  drag_call (self, 2, dx, dy);
  /* The release of a drag is no click: let that handler see it first. */
  g_idle_add (drag_over, g_object_ref (self));
}

static gboolean
canvas_scroll (GtkEventControllerScroll *scroll, double dx, double dy, GbView *self)
{
  GdkEvent *event = gtk_event_controller_get_current_event (GTK_EVENT_CONTROLLER (scroll));
  double x = 0, y = 0;
  graphene_point_t at = { 0 };

  if (GB_VIEW_GET_CLASS (self)->scroll == NULL)
    return FALSE;
  if (event && gdk_event_get_position (event, &x, &y))
    {
      GtkNative *native = gtk_widget_get_native (GTK_WIDGET (self));
      double native_x, native_y;
      gtk_native_get_surface_transform (native, &native_x, &native_y);
      if (!gtk_widget_compute_point (GTK_WIDGET (native), GTK_WIDGET (PRIV (self)->canvas),
                                     &GRAPHENE_POINT_INIT ((float) (x - native_x), (float) (y - native_y)),
                                     &at))
        return FALSE;
    }
  x = at.x, y = at.y;
  to_picture (&x, &y);
  return GB_VIEW_GET_CLASS (self)->scroll (
      self, dx, dy, x, y, gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (scroll)));
}

static gboolean
view_move (GbView *self, guint keyval)
{
  static const struct
  {
    guint key, keypad;
    GbMove move;
  } moves[] = {
    { GDK_KEY_Left, GDK_KEY_KP_Left, GB_MOVE_LEFT }, { GDK_KEY_Right, GDK_KEY_KP_Right, GB_MOVE_RIGHT },
    { GDK_KEY_Up, GDK_KEY_KP_Up, GB_MOVE_UP },       { GDK_KEY_Down, GDK_KEY_KP_Down, GB_MOVE_DOWN },
    { GDK_KEY_Home, GDK_KEY_KP_Home, GB_MOVE_HOME }, { GDK_KEY_End, GDK_KEY_KP_End, GB_MOVE_END },
  };
  GbViewPrivate *priv = PRIV (self);
  GbPick to = { 0 };

  if (priv->stale)
    gb_view_refresh (self);
  for (guint i = 0; i < G_N_ELEMENTS (moves); i++)
    if (keyval == moves[i].key || keyval == moves[i].keypad)
      {
        if (GB_VIEW_GET_CLASS (self)->move == NULL
            || !GB_VIEW_GET_CLASS (self)->move (self, moves[i].move,
                                                gb_selection_get_current (priv->selection), &to))
          return FALSE;
        gb_selection_set_hover (priv->selection, NULL);
        gb_view_pin (self, &to);
        return TRUE;
      }
  return FALSE;
}

static gboolean
canvas_key (GtkEventControllerKey *keys, guint keyval, guint keycode, GdkModifierType state, GbView *self)
{
  GbViewPrivate *priv = PRIV (self);
  const GbPick *current = gb_selection_get_current (priv->selection);

  if (state & (GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SUPER_MASK))
    return FALSE;
  if (keyval == GDK_KEY_Menu || (keyval == GDK_KEY_F10 && (state & GDK_SHIFT_MASK)))
    {
      show_menu_at_pin (self);
      return TRUE;
    }
  if (GB_VIEW_GET_CLASS (self)->type && GB_VIEW_GET_CLASS (self)->type (self, keyval))
    return TRUE;
  if (view_move (self, keyval))
    return TRUE;
  switch (keyval)
    {
    case GDK_KEY_Escape:
      if (gb_selection_get_pin (priv->selection)->facets == 0)
        return FALSE;
      gb_selection_set_pin (priv->selection, NULL);
      return TRUE;
    case GDK_KEY_Return:
    case GDK_KEY_KP_Enter:
      if (current->facets == 0)
        return FALSE;
      gb_view_activate (self, current);
      return TRUE;
    case GDK_KEY_p:
    case GDK_KEY_P:
      gb_view_pin (self, current);
      return TRUE;
    case GDK_KEY_k:
    case GDK_KEY_K:
      gb_selection_set_compare (priv->selection, current);
      return TRUE;
    case GDK_KEY_l:
    case GDK_KEY_L:
      gb_view_set_show_list (self, priv->list == NULL || !gtk_widget_get_visible (priv->list));
      if (gtk_widget_get_visible (priv->list))
        gtk_widget_grab_focus (priv->list);
      return TRUE;
    default:
      if (GB_VIEW_GET_CLASS (self)->key && GB_VIEW_GET_CLASS (self)->key (self, keyval, state))
        return TRUE;
      if (keyval != GDK_KEY_d && keyval != GDK_KEY_D)
        return FALSE;
      g_action_group_activate_action (G_ACTION_GROUP (priv->actions), "card", NULL);
      return TRUE;
    }
}

static void
add_controller (GbView *self, GtkEventController *controller)
{
  gtk_widget_add_controller (GTK_WIDGET (PRIV (self)->canvas), controller);
}

void
gb_view_add_controllers (GbView *self)
{
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkEventController *scroll = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);
  GtkGesture *click = gtk_gesture_click_new (), *menu = gtk_gesture_click_new (),
             *drag = gtk_gesture_drag_new ();

  g_signal_connect (motion, "enter", G_CALLBACK (canvas_motion), self);
  g_signal_connect (motion, "motion", G_CALLBACK (canvas_motion), self);
  g_signal_connect (motion, "leave", G_CALLBACK (canvas_leave), self);
  add_controller (self, motion);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (canvas_key), self);
  add_controller (self, keys);
  g_signal_connect (scroll, "scroll", G_CALLBACK (canvas_scroll), self);
  add_controller (self, scroll);
  g_signal_connect (click, "released", G_CALLBACK (canvas_released), self);
  add_controller (self, GTK_EVENT_CONTROLLER (click));
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (menu), GDK_BUTTON_SECONDARY);
  g_signal_connect (menu, "pressed", G_CALLBACK (canvas_menu), self);
  add_controller (self, GTK_EVENT_CONTROLLER (menu));
  g_signal_connect (drag, "drag-begin", G_CALLBACK (drag_begin), self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (drag_update), self);
  g_signal_connect (drag, "drag-end", G_CALLBACK (drag_end), self);
  add_controller (self, GTK_EVENT_CONTROLLER (drag));
}
