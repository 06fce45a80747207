#include "board/outline-sidebar.h"

#include "common/i18n.h"
#include "labels.h"

#include <string.h>

struct _GbOutlineSidebar
{
  GtkWidget parent_instance;

  GtkWidget *box, *scenes, *tasks, *cases, *tree, *fault;
  GbLibrary *library;
};

enum
{
  SCENE_CHOSEN,
  TOPIC_CHOSEN,
  CASE_CHOSEN,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GbOutlineSidebar, gb_outline_sidebar, GTK_TYPE_WIDGET)

/* ---- scenes ---- */

static void
fill_scenes (GbOutlineSidebar *self)
{
  GtkWidget *child;
  while ((child = gtk_widget_get_first_child (self->scenes)))
    gtk_list_box_remove (GTK_LIST_BOX (self->scenes), child);
  for (guint i = 0; i < gb_library_get_n_scenes (self->library); i++)
    {
      const GbScene *scene = gb_library_get_scene (self->library, i);
      GtkWidget *row = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
      gtk_widget_add_css_class (row, "scene-row");
      const char *title = gb_text_get (&scene->title);
      GtkWidget *label = g_object_new (GTK_TYPE_LABEL, "label", *title ? title : scene->id, "xalign", 0.0,
                                       "wrap", TRUE, NULL);
      gtk_widget_add_css_class (label, "pane-title");
      gtk_box_append (GTK_BOX (row), label);
      const char *text = scene->error ? scene->error : gb_text_get (&scene->summary);
      GtkWidget *below = g_object_new (GTK_TYPE_LABEL, "label", text, "xalign", 0.0, "wrap", TRUE, NULL);
      gtk_widget_add_css_class (below, scene->error ? "error" : "muted");
      gtk_box_append (GTK_BOX (row), below);
      gtk_list_box_append (GTK_LIST_BOX (self->scenes), row);
      gtk_accessible_update_property (GTK_ACCESSIBLE (gtk_widget_get_parent (row)),
                                      GTK_ACCESSIBLE_PROPERTY_LABEL, *title ? title : scene->id, -1);
    }
}

static void
add_case_row (GtkWidget *list, const GbCase *which)
{
  g_autofree char *text =
      g_strdup_printf ("%s · %s", which->id, which->error ? which->error : gb_text_get (&which->title));
  GtkWidget *label = g_object_new (GTK_TYPE_LABEL, "label", text, "xalign", 0.0, "wrap", TRUE, NULL);
  gtk_widget_add_css_class (label, "scene-row");
  gtk_list_box_append (GTK_LIST_BOX (list), label);
  GtkWidget *row = gtk_widget_get_parent (label);
  g_object_set_data_full (G_OBJECT (row), "case", g_strdup (which->id), g_free);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
}

/* Is there something to open for a leaf? */
static gboolean
is_there (GbOutlineSidebar *self, GbOutlineItem *item)
{
  const char *leaf = gb_outline_item_get_id (item);
  return !gb_outline_item_get_children (item)
         && (g_strv_contains (gb_library_get_leaves (self->library), leaf)
             || gb_library_find_scene_of_leaf (self->library, leaf));
}

/* Each of the outline's coding tasks with the exercises that make it up. */
static void
fill_tasks (GbOutlineSidebar *self)
{
  GListModel *tasks = gb_library_get_coding_tasks (self->library);
  GtkWidget *child;
  while ((child = gtk_widget_get_first_child (self->tasks)))
    gtk_list_box_remove (GTK_LIST_BOX (self->tasks), child);
  for (guint i = 0; i < g_list_model_get_n_items (tasks); i++)
    {
      g_autoptr (GbOutlineItem) task = g_list_model_get_item (tasks, i);
      GtkWidget *label = g_object_new (GTK_TYPE_LABEL, "label", gb_outline_item_get_title (task), "xalign", 0.0, "wrap",
                                       TRUE, NULL);
      gtk_widget_add_css_class (label, "scene-row");
      gtk_widget_add_css_class (label, "pane-title");
      gtk_list_box_append (GTK_LIST_BOX (self->tasks), label);
      GtkWidget *row = gtk_widget_get_parent (label);
      if (is_there (self, task))
        {
          g_object_set_data_full (G_OBJECT (row), "leaf", g_strdup (gb_outline_item_get_id (task)), g_free);
          gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                          gb_outline_item_get_title (task), -1);
        }
      else
        {
          gtk_widget_add_css_class (label, "muted");
          g_object_set (row, "activatable", FALSE, "focusable", FALSE, NULL);
        }
      for (guint k = 0; k < gb_library_get_n_cases (self->library); k++)
        {
          const GbCase *which = gb_library_get_case (self->library, k);
          if (g_strcmp0 (which->coding_task, gb_outline_item_get_id (task)) == 0)
            add_case_row (self->tasks, which);
        }
    }
}

static void
fill_cases (GbOutlineSidebar *self)
{
  GtkWidget *child;
  while ((child = gtk_widget_get_first_child (self->cases)))
    gtk_list_box_remove (GTK_LIST_BOX (self->cases), child);
  for (guint i = 0; i < gb_library_get_n_cases (self->library); i++)
    add_case_row (self->cases, gb_library_get_case (self->library, i));
}

/* A task's own row leads to its topic. */
static void
on_case_row (GbOutlineSidebar *self, GtkListBoxRow *row)
{
  const char *leaf = g_object_get_data (G_OBJECT (row), "leaf");
  if (leaf)
    g_signal_emit (self, signals[TOPIC_CHOSEN], 0, leaf);
  else
    g_signal_emit (self, signals[CASE_CHOSEN], 0, g_object_get_data (G_OBJECT (row), "case"));
}

static void
on_scene_row (GbOutlineSidebar *self, GtkListBoxRow *row)
{
  const GbScene *scene = gb_library_get_scene (self->library, gtk_list_box_row_get_index (row));
  g_signal_emit (self, signals[SCENE_CHOSEN], 0, scene->id);
}

/* ---- outline ---- */

static GListModel *
get_children (gpointer item, gpointer data)
{
  GListModel *children = gb_outline_item_get_children (item);
  return children ? g_object_ref (children) : NULL;
}

static void
on_setup (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
  GtkWidget *expander = gtk_tree_expander_new ();
  GtkWidget *label = g_object_new (GTK_TYPE_LABEL, "xalign", 0.0, "wrap", TRUE, "max-width-chars", 34, NULL);
  gtk_tree_expander_set_child (GTK_TREE_EXPANDER (expander), label);
  gtk_list_item_set_child (item, expander);
}

static void
on_bind (GtkSignalListItemFactory *factory, GtkListItem *list_item, gpointer data)
{
  GbOutlineSidebar *self = data;
  GtkTreeListRow *row = gtk_list_item_get_item (list_item);
  GtkTreeExpander *expander = GTK_TREE_EXPANDER (gtk_list_item_get_child (list_item));
  g_autoptr (GbOutlineItem) item = gtk_tree_list_row_get_item (row);
  GtkWidget *label = gtk_tree_expander_get_child (expander);
  gtk_tree_expander_set_list_row (expander, row);
  gboolean is_shown = is_there (self, item);
  /* The outline numbers its sections in Chinese; in English they are counted. */
  const char *given = gb_outline_item_get_number (item);
  gboolean count = !g_str_is_ascii (given) && strcmp (gb_i18n_get_language (), "en") == 0;
  g_autofree char *counted = g_strdup_printf ("%u", gtk_tree_list_row_get_position (row) + 1);
  if (count)
    {
      g_autoptr (GtkTreeListRow) parent = gtk_tree_list_row_get_parent (row);
      for (guint i = 0; !parent; i++)
        {
          g_autoptr (GbOutlineItem) root = g_list_model_get_item (gb_library_get_outline (self->library), i);
          if (!root || root == item)
            {
              g_free (counted);
              counted = g_strdup_printf ("%u", i + 1);
              break;
            }
        }
    }
  const char *number = count ? counted : given;
  g_autofree char *text = gb_outline_item_get_children (item)
                              ? g_strdup_printf ("%s%s%s", number, *number ? "  " : "", gb_outline_item_get_title (item))
                          : is_shown ? g_strdup_printf ("▸ %s", gb_outline_item_get_title (item))
                                     : g_strdup (gb_outline_item_get_title (item));
  gtk_label_set_label (GTK_LABEL (label), text);
  if (gb_outline_item_get_children (item) || is_shown)
    gtk_widget_remove_css_class (label, "muted");
  else
    gtk_widget_add_css_class (label, "muted");
  gtk_widget_set_tooltip_text (label, is_shown                              ? gb_outline_item_get_id (item)
                                      : gb_outline_item_get_children (item) ? NULL
                                                                            : _ ("No scene shows this yet."));
}

static void
on_activate (GbOutlineSidebar *self, guint position)
{
  GListModel *model = G_LIST_MODEL (gtk_list_view_get_model (GTK_LIST_VIEW (self->tree)));
  g_autoptr (GtkTreeListRow) row = g_list_model_get_item (model, position);
  g_autoptr (GbOutlineItem) item = gtk_tree_list_row_get_item (row);
  if (is_there (self, item))
    g_signal_emit (self, signals[TOPIC_CHOSEN], 0, gb_outline_item_get_id (item));
  else if (gb_outline_item_get_children (item))
    gtk_tree_list_row_set_expanded (row, !gtk_tree_list_row_get_expanded (row));
}

static void
fill_outline (GbOutlineSidebar *self)
{
  const char *fault = gb_library_get_error (self->library);
  g_autoptr (GListStore) parts = g_list_store_new (G_TYPE_LIST_MODEL);
  g_list_store_append (parts, gb_library_get_outline (self->library));
  g_list_store_append (parts, gb_library_get_assessment (self->library));
  GListModel *roots = G_LIST_MODEL (gtk_flatten_list_model_new (G_LIST_MODEL (g_steal_pointer (&parts))));
  GtkTreeListModel *tree = gtk_tree_list_model_new (roots, FALSE, FALSE, get_children, NULL, NULL);
  g_autoptr (GtkSingleSelection) rows = gtk_single_selection_new (G_LIST_MODEL (tree));
  gtk_list_view_set_model (GTK_LIST_VIEW (self->tree), GTK_SELECTION_MODEL (rows));
  gtk_label_set_label (GTK_LABEL (self->fault), fault ? fault : "");
  gtk_widget_set_visible (self->fault, fault != NULL);
}

/* A new factory binds every row again. */
static void
update_language (GbOutlineSidebar *self)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  g_signal_connect (factory, "setup", G_CALLBACK (on_setup), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (on_bind), self);
  gtk_list_view_set_factory (GTK_LIST_VIEW (self->tree), factory);
  g_object_unref (factory);
  fill_scenes (self);
  fill_tasks (self);
  fill_cases (self);
}

static void
on_library_changed (GbOutlineSidebar *self)
{
  fill_outline (self);
  fill_scenes (self);
  fill_tasks (self);
  fill_cases (self);
}

void
gb_outline_sidebar_focus (GbOutlineSidebar *self)
{
  GtkListBoxRow *row = gtk_list_box_get_row_at_index (GTK_LIST_BOX (self->scenes), 0);
  gtk_widget_grab_focus (row ? GTK_WIDGET (row) : self->tree);
}

/* ---- life ---- */

static GtkWidget *
new_heading (const char *msgid)
{
  GtkWidget *label = gtk_label_new (NULL);
  gb_i18n_bind (label, "label", msgid);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "sidebar-heading");
  return label;
}

/* What leads elsewhere than the lists below. */
static GtkWidget *
new_ways (const char *const ways[][2], guint n)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  gtk_widget_add_css_class (row, "sidebar-ways");
  for (guint i = 0; i < n; i++)
    {
      GtkWidget *button = gtk_button_new ();
      gb_i18n_bind (button, "label", ways[i][0]);
      gtk_actionable_set_detailed_action_name (GTK_ACTIONABLE (button), ways[i][1]);
      gtk_widget_set_hexpand (button, TRUE);
      gtk_box_append (GTK_BOX (row), button);
    }
  return row;
}

static void
gb_outline_sidebar_dispose (GObject *object)
{
  GbOutlineSidebar *self = GB_OUTLINE_SIDEBAR (object);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->library);
  G_OBJECT_CLASS (gb_outline_sidebar_parent_class)->dispose (object);
}

static void
gb_outline_sidebar_class_init (GbOutlineSidebarClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gb_outline_sidebar_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  signals[SCENE_CHOSEN] = g_signal_new ("scene-chosen", GB_TYPE_OUTLINE_SIDEBAR, G_SIGNAL_RUN_LAST, 0, NULL,
                                        NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[CASE_CHOSEN] = g_signal_new ("case-chosen", GB_TYPE_OUTLINE_SIDEBAR, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                       NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[TOPIC_CHOSEN] = g_signal_new ("topic-chosen", GB_TYPE_OUTLINE_SIDEBAR, G_SIGNAL_RUN_LAST, 0, NULL,
                                        NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
gb_outline_sidebar_init (GbOutlineSidebar *self)
{
}

GtkWidget *
gb_outline_sidebar_new (GbLibrary *library)
{
  GbOutlineSidebar *self = g_object_new (GB_TYPE_OUTLINE_SIDEBAR, NULL);
  self->library = g_object_ref (library);
  self->box = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->box), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_widget_set_size_request (self->box, 300, -1);
  gtk_widget_add_css_class (self->box, "sidebar");
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->box), column);

  static const char *const ways[][2] = { { N_ ("Search"), "win.search" },
                                         { N_ ("Due"), "win.study::due" },
                                         { N_ ("Map"), "win.study::map" } };
  static const char *const sets[][2] = { { N_ ("A set of two"), "win.mixed-set(2)" },
                                         { N_ ("A set of three"), "win.mixed-set(3)" } };
  gtk_box_append (GTK_BOX (column), new_ways (ways, G_N_ELEMENTS (ways)));
  gtk_box_append (GTK_BOX (column), new_heading (N_ ("Common coding tasks")));
  self->tasks = gtk_list_box_new ();
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (self->tasks), GTK_SELECTION_NONE);
  gb_label_accessible (self->tasks, N_ ("Common coding tasks"));
  g_signal_connect_object (self->tasks, "row-activated", G_CALLBACK (on_case_row), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (column), self->tasks);

  gtk_box_append (GTK_BOX (column), new_heading (N_ ("Cases and exercises")));
  gtk_box_append (GTK_BOX (column), new_ways (sets, G_N_ELEMENTS (sets)));
  self->cases = gtk_list_box_new ();
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (self->cases), GTK_SELECTION_NONE);
  gb_label_accessible (self->cases, N_ ("Cases and exercises"));
  g_signal_connect_object (self->cases, "row-activated", G_CALLBACK (on_case_row), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (column), self->cases);

  gtk_box_append (GTK_BOX (column), new_heading (N_ ("Scenes")));
  self->scenes = gtk_list_box_new ();
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (self->scenes), GTK_SELECTION_NONE);
  gb_label_accessible (self->scenes, N_ ("Scenes"));
  g_signal_connect_object (self->scenes, "row-activated", G_CALLBACK (on_scene_row), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (column), self->scenes);

  gtk_box_append (GTK_BOX (column), new_heading (N_ ("Outline")));
  self->fault = g_object_new (GTK_TYPE_LABEL, "wrap", TRUE, "xalign", 0.0, NULL);
  gtk_widget_add_css_class (self->fault, "error");
  gtk_box_append (GTK_BOX (column), self->fault);
  self->tree = gtk_list_view_new (NULL, NULL);
  gtk_list_view_set_single_click_activate (GTK_LIST_VIEW (self->tree), TRUE);
  gb_label_accessible (self->tree, N_ ("Outline"));
  g_signal_connect_object (self->tree, "activate", G_CALLBACK (on_activate), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (column), self->tree);
  fill_outline (self);
  gb_label_on_language (self, G_CALLBACK (update_language));
  g_signal_connect_object (library, "changed", G_CALLBACK (on_library_changed), self, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}
