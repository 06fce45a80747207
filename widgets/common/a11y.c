#include "common/a11y.h"

#include <string.h>

#include "common/i18n.h"

#define GB_TYPE_ROW_ITEM (gb_row_item_get_type ())
G_DECLARE_FINAL_TYPE (GbRowItem, gb_row_item, GB, ROW_ITEM, GObject)

struct _GbRowItem
{
  GObject parent_instance;
  char *text;
  GbPick pick;
};

G_DEFINE_FINAL_TYPE (GbRowItem, gb_row_item, G_TYPE_OBJECT)

static void
gb_row_item_finalize (GObject *object)
{
  g_free (GB_ROW_ITEM (object)->text);
  G_OBJECT_CLASS (gb_row_item_parent_class)->finalize (object);
}

static void
gb_row_item_class_init (GbRowItemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gb_row_item_finalize;
}

static void
gb_row_item_init (GbRowItem *self)
{
}

struct _GbRowList
{
  GtkWidget parent_instance;
  GtkWidget *scrolled, *list;
  GListStore *store;
  GtkSingleSelection *selection;
  gboolean filling;
};

enum
{
  CHOSEN,
  ACTIVATED,
  CLOSED,
  N_SIGNALS,
};

G_DEFINE_FINAL_TYPE (GbRowList, gb_row_list, GTK_TYPE_WIDGET)

static guint signals[N_SIGNALS];

static void
gb_row_list_dispose (GObject *object)
{
  GbRowList *self = GB_ROW_LIST (object);
  g_clear_pointer (&self->scrolled, gtk_widget_unparent);
  g_clear_object (&self->store);
  G_OBJECT_CLASS (gb_row_list_parent_class)->dispose (object);
}

static gboolean
gb_row_list_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GB_ROW_LIST (widget)->list);
}

static void
gb_row_list_class_init (GbRowListClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gb_row_list_dispose;
  GTK_WIDGET_CLASS (klass)->grab_focus = gb_row_list_grab_focus;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  signals[CHOSEN] = g_signal_new ("chosen", GB_TYPE_ROW_LIST, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 1, G_TYPE_POINTER);
  signals[ACTIVATED] = g_signal_new ("row-activated", GB_TYPE_ROW_LIST, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                     NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
  signals[CLOSED] =
      g_signal_new ("closed", GB_TYPE_ROW_LIST, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
row_setup (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  GtkWidget *label = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_list_item_set_child (item, label);
}

static void
row_bind (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  GbRowItem *row = gtk_list_item_get_item (item);
  GtkWidget *label = gtk_list_item_get_child (item);
  gtk_label_set_text (GTK_LABEL (label), row->text);
  gtk_widget_set_tooltip_text (label, row->text);
}

static void
row_selected (GbRowList *self)
{
  GbRowItem *row = gtk_single_selection_get_selected_item (self->selection);
  if (row && !self->filling)
    g_signal_emit (self, signals[CHOSEN], 0, &row->pick);
}

static void
row_activate (GbRowList *self, guint position)
{
  g_autoptr (GbRowItem) row = g_list_model_get_item (G_LIST_MODEL (self->store), position);
  if (row)
    g_signal_emit (self, signals[ACTIVATED], 0, &row->pick);
}

static gboolean
list_key (GtkEventControllerKey *keys, guint keyval, guint keycode, GdkModifierType state, GbRowList *self)
{
  if (keyval != GDK_KEY_Escape && keyval != GDK_KEY_l && keyval != GDK_KEY_L)
    return FALSE;
  g_signal_emit (self, signals[CLOSED], 0);
  return TRUE;
}

static void
name_list (GbRowList *self)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("The same picture in words"), -1);
}

static void
gb_row_list_init (GbRowList *self)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();

  self->store = g_list_store_new (GB_TYPE_ROW_ITEM);
  self->selection = gtk_single_selection_new (g_object_ref (G_LIST_MODEL (self->store)));
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  g_signal_connect (factory, "setup", G_CALLBACK (row_setup), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (row_bind), NULL);
  self->list = gtk_list_view_new (GTK_SELECTION_MODEL (self->selection), factory);
  gtk_widget_add_css_class (self->list, "navigation-sidebar");
  g_signal_connect_object (self->selection, "notify::selected-item", G_CALLBACK (row_selected), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->list, "activate", G_CALLBACK (row_activate), self, G_CONNECT_SWAPPED);
  self->scrolled = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scrolled), self->list);
  gtk_widget_set_size_request (self->scrolled, 220, -1);
  gtk_widget_set_parent (self->scrolled, GTK_WIDGET (self));
  gb_i18n_bind (self->list, "tooltip-text", N_ ("The same picture in words"));
  name_list (self);
  g_signal_connect_object (gb_i18n_get_default (), "changed", G_CALLBACK (name_list), self, G_CONNECT_SWAPPED);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (list_key), self);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
}

GtkWidget *
gb_row_list_new (void)
{
  return g_object_new (GB_TYPE_ROW_LIST, NULL);
}

guint
gb_row_list_get_n (GbRowList *self)
{
  return g_list_model_get_n_items (G_LIST_MODEL (self->store));
}

void
gb_row_list_take_rows (GbRowList *self, GArray *rows)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);
  guint n = gb_row_list_get_n (self), selected = gtk_single_selection_get_selected (self->selection),
        keep = 0, tail = 0;

  for (guint i = 0; i < rows->len; i++)
    {
      GbViewRow *row = &g_array_index (rows, GbViewRow, i);
      GbRowItem *item = g_object_new (GB_TYPE_ROW_ITEM, NULL);
      item->text = g_steal_pointer (&row->text);
      item->pick = row->pick;
      g_ptr_array_add (items, item);
    }
  /* Only what differs is spliced, so that focus and scrolling stay where they are. */
  while (keep < n && keep < items->len)
    {
      g_autoptr (GbRowItem) old = g_list_model_get_item (G_LIST_MODEL (self->store), keep);
      GbRowItem *new = g_ptr_array_index (items, keep);
      if (strcmp (old->text, new->text) != 0)
        break;
      old->pick = new->pick;
      keep++;
    }
  while (tail < n - keep && tail < items->len - keep)
    {
      g_autoptr (GbRowItem) old = g_list_model_get_item (G_LIST_MODEL (self->store), n - 1 - tail);
      GbRowItem *new = g_ptr_array_index (items, items->len - 1 - tail);
      if (strcmp (old->text, new->text) != 0)
        break;
      old->pick = new->pick;
      tail++;
    }
  self->filling = TRUE;
  if (keep + tail < n || keep + tail < items->len)
    g_list_store_splice (self->store, keep, n - keep - tail, items->pdata + keep, items->len - keep - tail);
  if (selected != GTK_INVALID_LIST_POSITION && selected < items->len)
    gtk_single_selection_set_selected (self->selection, selected);
  self->filling = FALSE;
}

/* A list without a size, as before it is shown, would put the row at the top of nothing and show no other. */
static gboolean
scroll_to_chosen (GtkWidget *list, GdkFrameClock *clock, gpointer data)
{
  guint at = gtk_single_selection_get_selected (GB_ROW_LIST (data)->selection);
  if (gtk_widget_get_height (list) <= 0)
    return G_SOURCE_CONTINUE;
  if (at != GTK_INVALID_LIST_POSITION)
    gtk_widget_activate_action (list, "list.scroll-to-item", "u", at);
  return G_SOURCE_REMOVE;
}

void
gb_row_list_choose (GbRowList *self, const GbPick *pick)
{
  guint n = gb_row_list_get_n (self), at = gtk_single_selection_get_selected (self->selection);
  g_autoptr (GbRowItem) chosen = at < n ? g_list_model_get_item (G_LIST_MODEL (self->store), at) : NULL;

  /* Several rows may speak of one thing: the one that was chosen stays. */
  if (chosen && gb_pick_equal (&chosen->pick, pick))
    return;
  at = GTK_INVALID_LIST_POSITION;
  for (int same_thing = 0; same_thing < 2 && pick->facets && at == GTK_INVALID_LIST_POSITION; same_thing++)
    for (guint i = 0; i < n && at == GTK_INVALID_LIST_POSITION; i++)
      {
        g_autoptr (GbRowItem) row = g_list_model_get_item (G_LIST_MODEL (self->store), i);
        if (same_thing ? gb_pick_same_thing (&row->pick, pick) : gb_pick_equal (&row->pick, pick))
          at = i;
      }
  self->filling = TRUE;
  gtk_single_selection_set_selected (self->selection, at);
  self->filling = FALSE;
  if (scroll_to_chosen (self->list, NULL, self) == G_SOURCE_CONTINUE && at != GTK_INVALID_LIST_POSITION)
    gtk_widget_add_tick_callback (self->list, scroll_to_chosen, self, NULL);
}

const GbPick *
gb_row_list_get_chosen (GbRowList *self)
{
  GbRowItem *row = gtk_single_selection_get_selected_item (self->selection);
  return row ? &row->pick : NULL;
}

void
gb_view_rows_add (GArray *rows, const GbPick *pick, const char *format, ...)
{
  GbViewRow row = { 0 };
  va_list args;

  va_start (args, format);
  row.text = g_strdup_vprintf (format, args);
  va_end (args);
  if (pick)
    row.pick = *pick;
  g_array_append_val (rows, row);
}
