#include "board/view-fold.h"

#define HANDLE 8 /* px between two panes, board.css */

/* ---- shares ---- */

/* Once the size is known. */
static gboolean
on_divide (GtkWidget *paned, GdkFrameClock *clock, gpointer data)
{
  int size = gtk_orientable_get_orientation (GTK_ORIENTABLE (paned)) == GTK_ORIENTATION_HORIZONTAL
                 ? gtk_widget_get_width (paned)
                 : gtk_widget_get_height (paned);
  if (size == 0)
    return G_SOURCE_CONTINUE;
  gtk_paned_set_position (GTK_PANED (paned), size * GPOINTER_TO_INT (data) / 100);
  return G_SOURCE_REMOVE;
}

/* Where the size is known the first frame is right already. */
void
gb_view_fold_divide (GtkWidget *paned, int percent, int size)
{
  if (size > 0)
    gtk_paned_set_position (GTK_PANED (paned), size * percent / 100);
  else
    gtk_widget_add_tick_callback (paned, on_divide, GINT_TO_POINTER (percent), NULL);
}

static int
get_share (GtkWidget *paned)
{
  int size = gtk_orientable_get_orientation (GTK_ORIENTABLE (paned)) == GTK_ORIENTATION_HORIZONTAL
                 ? gtk_widget_get_width (paned)
                 : gtk_widget_get_height (paned);
  return size > 0 ? CLAMP (gtk_paned_get_position (GTK_PANED (paned)) * 100 / size, 1, 99) : 50;
}

/* ---- room ---- */

static gboolean
is_chosen (const GPtrArray *panes, GtkWidget *pane, guint chosen)
{
  guint at;
  return g_ptr_array_find ((GPtrArray *) panes, pane, &at) && (chosen & (1u << at)) != 0;
}

/* What the chosen ones below widget need; 0 × 0: none is chosen. */
static GtkRequisition
measure (GtkWidget *widget, const GPtrArray *panes, guint chosen, const GtkRequisition *least)
{
  if (!GTK_IS_PANED (widget))
    return is_chosen (panes, widget, chosen) ? *least : (GtkRequisition){ 0, 0 };
  GtkRequisition a = measure (gtk_paned_get_start_child (GTK_PANED (widget)), panes, chosen, least);
  GtkRequisition b = measure (gtk_paned_get_end_child (GTK_PANED (widget)), panes, chosen, least);
  if (a.width == 0 || b.width == 0)
    return a.width ? a : b;
  if (gtk_orientable_get_orientation (GTK_ORIENTABLE (widget)) == GTK_ORIENTATION_HORIZONTAL)
    return (GtkRequisition){ a.width + HANDLE + b.width, MAX (a.height, b.height) };
  return (GtkRequisition){ MAX (a.width, b.width), a.height + HANDLE + b.height };
}

guint
gb_view_fold_choose (GtkWidget *root,
                     const GPtrArray *panes,
                     GtkWidget *first,
                     gboolean is_alone,
                     const GtkRequisition *room,
                     const GtkRequisition *least)
{
  guint at, chosen;

  if (!g_ptr_array_find ((GPtrArray *) panes, first, &at))
    at = 0;
  chosen = 1u << at;
  for (guint i = 0; i < panes->len && !is_alone; i++)
    {
      GtkRequisition needed = measure (root, panes, chosen | (1u << i), least);
      if (needed.width <= room->width && needed.height <= room->height)
        chosen |= 1u << i;
    }
  return chosen;
}

/* ---- showing ---- */

/* Returns whether something below is shown. */
static gboolean
show (GtkWidget *widget, const GPtrArray *panes, guint chosen, gboolean *changed)
{
  gboolean is_shown, had_both;

  if (!GTK_IS_PANED (widget))
    is_shown = is_chosen (panes, widget, chosen);
  else
    {
      GtkWidget *start = gtk_paned_get_start_child (GTK_PANED (widget)), *end = gtk_paned_get_end_child (GTK_PANED (widget));
      int share = get_share (widget);
      had_both = gtk_widget_get_visible (start) && gtk_widget_get_visible (end);
      gboolean has_start = show (start, panes, chosen, changed), has_end = show (end, panes, chosen, changed);
      is_shown = has_start || has_end;
      if (had_both && !(has_start && has_end))
        g_object_set_data (G_OBJECT (widget), "gb-share", GINT_TO_POINTER (share));
      else if (!had_both && has_start && has_end && g_object_get_data (G_OBJECT (widget), "gb-share"))
        gb_view_fold_divide (widget, GPOINTER_TO_INT (g_object_get_data (G_OBJECT (widget), "gb-share")), 0);
    }
  if (is_shown != gtk_widget_get_visible (widget))
    {
      gtk_widget_set_visible (widget, is_shown);
      *changed = TRUE;
    }
  return is_shown;
}

gboolean
gb_view_fold_apply (GtkWidget *root, const GPtrArray *panes, guint chosen)
{
  gboolean changed = FALSE;
  show (root, panes, chosen, &changed);
  return changed;
}
