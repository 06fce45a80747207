#include "board/scrub.h"

#include "common/theme.h"

static void
tell (GtkGestureDrag *gesture, double x, double y, gboolean begins)
{
  GbScrubFunc at = g_object_get_data (G_OBJECT (gesture), "at");
  double scale = gb_theme_manager_get_scale (gb_theme_manager_get_default ());
  at (gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (gesture)), x / scale, y / scale, begins);
}

static void
on_drag_begin (GtkGestureDrag *gesture, double x, double y)
{
  gtk_widget_grab_focus (gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (gesture)));
  tell (gesture, x, y, TRUE);
}

static void
on_drag_update (GtkGestureDrag *gesture, double dx, double dy)
{
  double x, y;
  gtk_gesture_drag_get_start_point (gesture, &x, &y);
  tell (gesture, x + dx, y + dy, FALSE);
}

void
gb_scrub_install (GtkWidget *widget, GbScrubFunc at)
{
  GtkGesture *drag = gtk_gesture_drag_new ();
  g_object_set_data (G_OBJECT (drag), "at", at);
  g_signal_connect (drag, "drag-begin", G_CALLBACK (on_drag_begin), NULL);
  g_signal_connect (drag, "drag-update", G_CALLBACK (on_drag_update), NULL);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (drag));
}
