#include "board/view-area.h"

#include "board/view-fold.h"
#include "common/i18n.h"
#include "common/theme.h"
#include "labels.h"
#include "trace/wire.h"
#include "view-offer.h"
#include "view-registry.h"

#include <string.h>

/* Below this a view shows little more than its head: it becomes a page of its own.  At 100 %. */
#define LEAST_WIDTH  250
#define LEAST_HEIGHT 170

struct _GbViewArea
{
  GtkWidget parent_instance;

  GtkWidget *root; /* GtkPaned or GbViewPane */
  GtkWidget *tabs, *tab_row; /* a button for each view, shown while not all views are */
  GbTraceCursor *cursor;
  GbSelection *selection;
  GbViewPane *last;      /* weak: had the focus last */
  GbViewPane *maximised; /* weak */
  gboolean automatic;    /* nobody has chosen views yet */
  gboolean applying;     /* views are changed, and not by a person */
  guint fold_tick, scroll_idle;
  int width, height; /* that there is room for was last asked of */
};

enum
{
  VIEWS_CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GbViewArea, gb_view_area, GTK_TYPE_WIDGET)

static void on_command (GbViewPane *pane, const char *command, gpointer data);

static void fold (GbViewArea *self);
static void queue_fold (GbViewArea *self);

static void
on_view_changed (GbViewArea *self)
{
  queue_fold (self); /* tabs are called as their views are */
  if (!self->applying)
    self->automatic = FALSE;
  g_signal_emit (self, signals[VIEWS_CHANGED], 0);
}

static void
on_focus_enter (GtkEventControllerFocus *controller, gpointer data)
{
  GbViewArea *self = data;
  g_set_weak_pointer (&self->last,
                      GB_VIEW_PANE (gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (controller))));
}

static GtkWidget *
new_pane (GbViewArea *self, const char *view_id)
{
  GtkWidget *pane = gb_view_pane_new (self->cursor, self->selection, view_id);
  g_signal_connect_object (pane, "view-changed", G_CALLBACK (on_view_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (pane, "command", G_CALLBACK (on_command), self, 0);
  GtkEventController *focus = gtk_event_controller_focus_new ();
  g_signal_connect_object (focus, "enter", G_CALLBACK (on_focus_enter), self, 0);
  gtk_widget_add_controller (pane, focus);
  return pane;
}

static GtkWidget *
new_paned (GtkOrientation orientation, GtkWidget *start, GtkWidget *end)
{
  return g_object_new (GTK_TYPE_PANED, "orientation", orientation, "start-child", start, "end-child", end,
                       "shrink-start-child", FALSE, "shrink-end-child", FALSE, NULL);
}

/* Puts `widget` where `old` is in the tree. */
static void
replace (GbViewArea *self, GtkWidget *old, GtkWidget *widget)
{
  GtkWidget *parent = gtk_widget_get_parent (old);
  if (old == self->root)
    {
      self->root = widget;
      gtk_widget_unparent (old);
      gtk_widget_set_parent (widget, GTK_WIDGET (self));
    }
  else if (gtk_paned_get_start_child (GTK_PANED (parent)) == old)
    gtk_paned_set_start_child (GTK_PANED (parent), widget);
  else
    gtk_paned_set_end_child (GTK_PANED (parent), widget);
}

static void
collect (GtkWidget *widget, GPtrArray *panes)
{
  if (GB_IS_VIEW_PANE (widget))
    g_ptr_array_add (panes, widget);
  else if (GTK_IS_PANED (widget))
    {
      collect (gtk_paned_get_start_child (GTK_PANED (widget)), panes);
      collect (gtk_paned_get_end_child (GTK_PANED (widget)), panes);
    }
}

GPtrArray *
gb_view_area_get_panes (GbViewArea *self)
{
  GPtrArray *panes = g_ptr_array_new ();
  if (self->root)
    collect (self->root, panes);
  return panes;
}

/* ---- what there is room for ---- */

GbViewPane *
gb_view_area_get_last (GbViewArea *self)
{
  g_autoptr (GPtrArray) panes = gb_view_area_get_panes (self);
  if (self->last && g_ptr_array_find (panes, self->last, NULL))
    return self->last;
  return g_ptr_array_index (panes, 0);
}

/* A row that is longer than the area shows the tab of the view that is shown. */
static gboolean
on_scroll (gpointer data)
{
  GbViewArea *self = data;
  GtkAdjustment *across = gtk_scrolled_window_get_hadjustment (GTK_SCROLLED_WINDOW (self->tab_row));
  graphene_rect_t at;

  self->scroll_idle = 0;
  for (GtkWidget *tab = gtk_widget_get_first_child (self->tabs); tab; tab = gtk_widget_get_next_sibling (tab))
    if (gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (tab)) && gtk_widget_compute_bounds (tab, self->tabs, &at))
      gtk_adjustment_clamp_page (across, at.origin.x, at.origin.x + at.size.width);
  return G_SOURCE_REMOVE;
}

static void
update_tabs (GbViewArea *self, const GPtrArray *panes, guint chosen)
{
  gboolean is_folded = FALSE;
  GtkWidget *button = gtk_widget_get_first_child (self->tabs);

  for (guint i = 0; i < panes->len; i++, button = gtk_widget_get_next_sibling (button))
    {
      const GbViewDef *def = gb_view_pane_get_def (g_ptr_array_index (panes, i));
      if (button == NULL)
        {
          button = gtk_toggle_button_new ();
          gtk_widget_add_css_class (button, "flat");
          gtk_widget_add_css_class (button, "pane-tab");
          gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "win.pane");
          gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "i", (gint32) i + 1);
          gtk_box_append (GTK_BOX (self->tabs), button);
        }
      gtk_button_set_label (GTK_BUTTON (button), def ? _ (def->title) : "");
      gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (button), (chosen & (1u << i)) != 0);
      is_folded |= !(chosen & (1u << i));
    }
  while (button)
    {
      GtkWidget *next = gtk_widget_get_next_sibling (button);
      gtk_box_remove (GTK_BOX (self->tabs), button);
      button = next;
    }
  gtk_widget_set_visible (self->tab_row, is_folded);
  if (is_folded && !self->scroll_idle)
    self->scroll_idle = g_idle_add (on_scroll, self); /* when the row has been laid out */
}

static void
fold (GbViewArea *self)
{
  g_autoptr (GPtrArray) panes = gb_view_area_get_panes (self);
  double scale = gb_theme_manager_get_scale (gb_theme_manager_get_default ());
  GtkRequisition least = { (int) (LEAST_WIDTH * scale), (int) (LEAST_HEIGHT * scale) };
  GtkRequisition room = { gtk_widget_get_width (GTK_WIDGET (self)), gtk_widget_get_height (GTK_WIDGET (self)) };
  GtkWidget *first = GTK_WIDGET (self->maximised ? self->maximised : gb_view_area_get_last (self));
  guint chosen;

  if (room.width == 0 || room.height == 0) /* not known yet: all of them */
    room = (GtkRequisition){ G_MAXINT, G_MAXINT };
  chosen = gb_view_fold_choose (self->root, panes, first, self->maximised != NULL, &room, &least);
  gb_view_fold_apply (self->root, panes, chosen);
  update_tabs (self, panes, chosen);
}

static gboolean
on_fold (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  GB_VIEW_AREA (widget)->fold_tick = 0;
  fold (GB_VIEW_AREA (widget));
  return G_SOURCE_REMOVE;
}

/* While sizes are given nothing may be shown or hidden: in the next frame. */
static void
queue_fold (GbViewArea *self)
{
  if (!self->fold_tick)
    self->fold_tick = gtk_widget_add_tick_callback (GTK_WIDGET (self), on_fold, NULL, NULL);
}

/* Turns to a pane that may be a page of its own. */
static void
turn_to (GbViewArea *self, GbViewPane *pane)
{
  g_set_weak_pointer (&self->last, pane);
  if (self->maximised)
    g_set_weak_pointer (&self->maximised, pane);
  fold (self);
}

static void
restore (GbViewArea *self)
{
  g_clear_weak_pointer (&self->maximised);
}

static void
maximise (GbViewArea *self, GbViewPane *pane)
{
  gboolean was = self->maximised == pane;
  restore (self);
  if (!was)
    g_set_weak_pointer (&self->maximised, pane);
  fold (self);
}

void
gb_view_area_toggle_maximised (GbViewArea *self)
{
  maximise (self, gb_view_area_get_last (self));
}

/* ---- split, close ---- */

/* A view that is not shown yet, in the registry's order. */
static const char *
next_view_id (GbViewArea *self)
{
  g_autoptr (GPtrArray) panes = gb_view_area_get_panes (self);
  for (guint i = 0; i < gb_view_registry_get_n (); i++)
    {
      gboolean shown = FALSE;
      for (guint p = 0; p < panes->len; p++)
        shown = shown || gb_view_pane_get_def (g_ptr_array_index (panes, p)) == gb_view_registry_get (i);
      if (!shown)
        return gb_view_registry_get (i)->id;
    }
  return gb_view_registry_get (0)->id;
}

static gboolean
split (GbViewArea *self, GbViewPane *pane, GtkOrientation orientation, const char *view_id)
{
  g_autoptr (GPtrArray) panes = gb_view_area_get_panes (self);
  if (panes->len >= GB_VIEW_AREA_MAX)
    return FALSE;
  restore (self);
  g_autoptr (GtkWidget) keep = g_object_ref (GTK_WIDGET (pane));
  int size = orientation == GTK_ORIENTATION_HORIZONTAL ? gtk_widget_get_width (keep) : gtk_widget_get_height (keep);
  GtkWidget *hole = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *added = new_pane (self, view_id);
  replace (self, keep, hole);
  GtkWidget *paned = new_paned (orientation, keep, added);
  replace (self, hole, paned);
  gb_view_fold_divide (paned, 50, size);
  fold (self);
  if (!gtk_widget_get_visible (added)) /* what was asked for is seen */
    turn_to (self, GB_VIEW_PANE (added));
  on_view_changed (self);
  return TRUE;
}

static void
close_pane (GbViewArea *self, GbViewPane *pane)
{
  if (GTK_WIDGET (pane) == self->root)
    return;
  restore (self);
  GtkPaned *parent = GTK_PANED (gtk_widget_get_parent (GTK_WIDGET (pane)));
  GtkWidget *other = gtk_paned_get_start_child (parent) == GTK_WIDGET (pane)
                         ? gtk_paned_get_end_child (parent)
                         : gtk_paned_get_start_child (parent);
  g_autoptr (GtkWidget) keep = g_object_ref (other);
  gtk_paned_set_start_child (parent, NULL);
  gtk_paned_set_end_child (parent, NULL);
  replace (self, GTK_WIDGET (parent), keep);
  fold (self);
  on_view_changed (self);
}

static void
on_command (GbViewPane *pane, const char *command, gpointer data)
{
  GbViewArea *self = data;
  if (strcmp (command, "split-right") == 0)
    split (self, pane, GTK_ORIENTATION_HORIZONTAL, next_view_id (self));
  else if (strcmp (command, "split-down") == 0)
    split (self, pane, GTK_ORIENTATION_VERTICAL, next_view_id (self));
  else if (strcmp (command, "maximise") == 0)
    maximise (self, pane);
  else if (strcmp (command, "close") == 0)
    close_pane (self, pane);
}

gboolean
gb_view_area_add (GbViewArea *self, const char *view_id)
{
  g_autoptr (GPtrArray) panes = gb_view_area_get_panes (self);
  GbViewPane *largest = NULL;
  int area = -1;
  for (guint i = 0; i < panes->len; i++)
    {
      GtkWidget *pane = g_ptr_array_index (panes, i);
      int own = gtk_widget_get_width (pane) * gtk_widget_get_height (pane);
      if (own > area)
        {
          area = own;
          largest = GB_VIEW_PANE (pane);
        }
    }
  gboolean wide =
      gtk_widget_get_width (GTK_WIDGET (largest)) > 1.3 * gtk_widget_get_height (GTK_WIDGET (largest));
  return split (self, largest, wide ? GTK_ORIENTATION_HORIZONTAL : GTK_ORIENTATION_VERTICAL, view_id);
}

void
gb_view_area_show (GbViewArea *self, const char *view_id)
{
  g_autoptr (GPtrArray) panes = gb_view_area_get_panes (self);
  for (guint i = 0; i < panes->len; i++)
    if (strcmp (gb_view_pane_get_view_id (g_ptr_array_index (panes, i)), view_id) == 0)
      {
        turn_to (self, g_ptr_array_index (panes, i));
        gb_view_pane_focus (g_ptr_array_index (panes, i));
        return;
      }
  gb_view_pane_set_view_id (gb_view_area_get_last (self), view_id);
}

/* ---- layout ---- */

/* A row of panes of one width each, together as wide as width, if that is known. */
static GtkWidget *
new_row (GtkWidget *const *panes, guint n, int width)
{
  if (n == 1)
    return panes[0];
  int rest = width * (100 - 100 / (int) n) / 100;
  GtkWidget *row = new_paned (GTK_ORIENTATION_HORIZONTAL, panes[0], new_row (panes + 1, n - 1, rest));
  gb_view_fold_divide (row, 100 / (int) n, width);
  return row;
}

/* One view is alone, two stand above each other, of more the first rows take the smaller half: the first view is
 * the one that the scene is about, and has the room. */
void
gb_view_area_set_views (GbViewArea *self, const char *const *view_ids)
{
  restore (self);
  if (self->root)
    g_clear_pointer (&self->root, gtk_widget_unparent);
  g_autoptr (GPtrArray) panes = g_ptr_array_new ();
  for (guint i = 0; view_ids[i]; i++)
    if (gb_view_registry_find (view_ids[i]))
      g_ptr_array_add (panes, new_pane (self, view_ids[i]));
  if (!panes->len)
    g_ptr_array_add (panes, new_pane (self, ""));
  GtkWidget *const *pane = (GtkWidget *const *) panes->pdata;
  guint above = panes->len == 1 ? 1 : panes->len / 2;
  int width = gtk_widget_get_width (GTK_WIDGET (self));
  self->root = new_row (pane, above, width);
  if (panes->len > above)
    {
      GtkWidget *below = new_row (pane + above, panes->len - above, width);
      self->root = new_paned (GTK_ORIENTATION_VERTICAL, self->root, below);
      gb_view_fold_divide (self->root, 50, gtk_widget_get_height (GTK_WIDGET (self)));
    }
  gtk_widget_set_parent (self->root, GTK_WIDGET (self));
  fold (self);
  on_view_changed (self);
}

/* ---- what opens by itself ---- */

void
gb_view_area_set_automatic (GbViewArea *self, gboolean automatic)
{
  self->automatic = automatic;
}

/* TRUE: exactly these, in their order, are open. */
static gboolean
shows (const GPtrArray *open, char **ids)
{
  for (guint i = 0; open->pdata[i] || ids[i]; i++)
    if (open->pdata[i] == NULL || ids[i] == NULL || strcmp (open->pdata[i], ids[i]) != 0)
      return FALSE;
  return TRUE;
}

void
gb_view_area_offer (GbViewArea *self)
{
  g_autoptr (GPtrArray) panes = gb_view_area_get_panes (self);
  g_autoptr (GPtrArray) open = g_ptr_array_new ();

  /* Whoever works in a pane keeps it. */
  if (!self->automatic || self->maximised
      || (gtk_widget_get_state_flags (GTK_WIDGET (self)) & GTK_STATE_FLAG_FOCUS_WITHIN))
    return;
  for (guint i = 0; i < panes->len; i++)
    g_ptr_array_add (open, (gpointer) gb_view_pane_get_view_id (g_ptr_array_index (panes, i)));
  g_ptr_array_add (open, NULL);
  g_auto (GStrv) ids = gb_view_offer_choose (self->cursor, (const char *const *) open->pdata, GB_OFFER_PANES);
  if (ids[0] == NULL || shows (open, ids))
    return;
  self->applying = TRUE;
  gb_view_area_set_views (self, (const char *const *) ids);
  self->applying = FALSE;
}

void
gb_view_area_focus (GbViewArea *self, guint nth)
{
  g_autoptr (GPtrArray) panes = gb_view_area_get_panes (self);
  guint at = 0;
  if (nth == 0 && self->last && g_ptr_array_find (panes, self->last, &at))
    nth = (at + 1) % panes->len + 1;
  nth = MAX (nth, 1);
  if (nth <= panes->len)
    {
      turn_to (self, g_ptr_array_index (panes, nth - 1));
      gb_view_pane_focus (self->last);
    }
}

GArray *
gb_view_area_get_watches (GbViewArea *self, GbTraceCursor *cursor, GbSelection *selection)
{
  GArray *all = g_array_new (FALSE, FALSE, sizeof (TeWatch));
  g_autoptr (GPtrArray) panes = gb_view_area_get_panes (self);
  for (guint i = 0; i < panes->len; i++)
    {
      g_autoptr (GArray) own = g_array_new (FALSE, FALSE, sizeof (TeWatch));
      const GbViewDef *def = gb_view_pane_get_def (g_ptr_array_index (panes, i));
      if (def && def->watches)
        def->watches (cursor, selection, own);
      for (guint w = 0; w < own->len; w++)
        {
          const TeWatch *watch = &g_array_index (own, TeWatch, w);
          gboolean merged = FALSE;
          for (guint a = 0; a < all->len && !merged; a++)
            {
              TeWatch *have = &g_array_index (all, TeWatch, a);
              if (have->kind == watch->kind && have->tensor == watch->tensor)
                {
                  have->period_msec = MIN (have->period_msec, watch->period_msec);
                  have->max_elements = MAX (have->max_elements, watch->max_elements);
                  merged = TRUE;
                }
            }
          if (!merged)
            g_array_append_vals (all, watch, 1);
        }
    }
  return all;
}

/* ---- life ---- */

static void
gb_view_area_measure (GtkWidget *widget,
                      GtkOrientation orientation,
                      int for_size,
                      int *minimum,
                      int *natural,
                      int *minimum_baseline,
                      int *natural_baseline)
{
  GbViewArea *self = GB_VIEW_AREA (widget);
  g_autoptr (GPtrArray) panes = gb_view_area_get_panes (self);
  int least = 0;

  /* One view alone is the least; side by side they would make the window larger than the display. */
  gtk_widget_measure (self->root, orientation, -1, NULL, natural, NULL, NULL);
  *minimum = 0;
  for (guint i = 0; i < panes->len; i++)
    {
      gtk_widget_measure (g_ptr_array_index (panes, i), orientation, -1, &least, NULL, NULL, NULL);
      *minimum = MAX (*minimum, least);
    }
  gtk_widget_measure (self->tab_row, orientation, -1, &least, NULL, NULL, NULL);
  if (orientation == GTK_ORIENTATION_VERTICAL)
    {
      *minimum += least;
      *natural += least;
    }
  *natural = MAX (*natural, *minimum);
}

static void
gb_view_area_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  GbViewArea *self = GB_VIEW_AREA (widget);
  int above = 0, least_width, least_height;

  if (gtk_widget_get_visible (self->tab_row))
    {
      gtk_widget_measure (self->tab_row, GTK_ORIENTATION_VERTICAL, -1, &above, NULL, NULL, NULL);
      gtk_widget_size_allocate (self->tab_row, &(GtkAllocation){ 0, 0, width, above }, -1);
    }
  /* Until those without room are hidden, in the next frame, the others are cut off. */
  gtk_widget_measure (self->root, GTK_ORIENTATION_HORIZONTAL, -1, &least_width, NULL, NULL, NULL);
  gtk_widget_measure (self->root, GTK_ORIENTATION_VERTICAL, -1, &least_height, NULL, NULL, NULL);
  gtk_widget_size_allocate (
      self->root, &(GtkAllocation){ 0, above, MAX (width, least_width), MAX (height - above, least_height) }, -1);
  if (width != self->width || height != self->height)
    {
      self->width = width;
      self->height = height;
      queue_fold (self);
    }
}

static void
gb_view_area_dispose (GObject *object)
{
  GbViewArea *self = GB_VIEW_AREA (object);
  g_clear_handle_id (&self->scroll_idle, g_source_remove);
  g_clear_pointer (&self->tab_row, gtk_widget_unparent);
  g_clear_weak_pointer (&self->last);
  g_clear_weak_pointer (&self->maximised);
  g_clear_pointer (&self->root, gtk_widget_unparent);
  g_clear_object (&self->cursor);
  g_clear_object (&self->selection);
  G_OBJECT_CLASS (gb_view_area_parent_class)->dispose (object);
}

static void
gb_view_area_class_init (GbViewAreaClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gb_view_area_dispose;
  GTK_WIDGET_CLASS (klass)->measure = gb_view_area_measure;
  GTK_WIDGET_CLASS (klass)->size_allocate = gb_view_area_size_allocate;
  signals[VIEWS_CHANGED] = g_signal_new ("views-changed", GB_TYPE_VIEW_AREA, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                         NULL, G_TYPE_NONE, 0);
}

static void
gb_view_area_init (GbViewArea *self)
{
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  self->tabs = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  gtk_widget_add_css_class (self->tabs, "view-tabs");
  self->tab_row = g_object_new (GTK_TYPE_SCROLLED_WINDOW, "vscrollbar-policy", GTK_POLICY_NEVER, "child", self->tabs,
                                "visible", FALSE, NULL);
  gb_label_accessible (self->tab_row, N_ ("Views that are open"));
  gtk_widget_set_parent (self->tab_row, GTK_WIDGET (self));
  g_signal_connect_object (gb_theme_manager_get_default (), "changed", G_CALLBACK (queue_fold), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (gb_i18n_get_default (), "changed", G_CALLBACK (queue_fold), self, G_CONNECT_SWAPPED);
}

GtkWidget *
gb_view_area_new (GbTraceCursor *cursor, GbSelection *selection)
{
  static const char *const views[] = { "graph", "gradflow", "chart", NULL };
  GbViewArea *self = g_object_new (GB_TYPE_VIEW_AREA, NULL);
  self->cursor = g_object_ref (cursor);
  self->selection = g_object_ref (selection);
  gb_view_area_set_views (self, views);
  self->automatic = TRUE;
  return GTK_WIDGET (self);
}
