#include "class/projector.h"

int
gb_projector_scale_for (int height_px)
{
  return height_px >= 1000 ? 175 : height_px >= 850 ? 150 : 125;
}

int
gb_projector_scale (GdkDisplay *display)
{
  GListModel *monitors = gdk_display_get_monitors (display);
  int lowest = G_MAXINT;
  for (guint i = 0; i < g_list_model_get_n_items (monitors); i++)
    {
      g_autoptr (GdkMonitor) monitor = g_list_model_get_item (monitors, i);
      GdkRectangle area;
      gdk_monitor_get_geometry (monitor, &area);
      lowest = MIN (lowest, area.height);
    }
  return gb_projector_scale_for (lowest);
}
