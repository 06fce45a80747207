#include "room/start-page.h"

#include "board/board-layout.h"
#include "common/i18n.h"
#include "interview/shelf.h"
#include "labels.h"
#include "preferences.h"
#include "room/room-parts.h"
#include "room/shelf-list.h"

struct _GbStartPage
{
  GtkWidget parent_instance;

  GbRoom *room;
  GtkWidget *columns, *name, *consent, *role, *level, *minutes, *fault;
  GtkWidget *ways[5];
  GbShelfList *shelf;
};

G_DEFINE_FINAL_TYPE (GbStartPage, gb_start_page, GTK_TYPE_WIDGET)

/* In the order of GbWay's bits. */
static const char *const way_titles[] = {
  N_ ("Questions climb with the answers"), N_ ("A scene beside each question"), N_ ("A task to code"),
  N_ ("A talk about an own project"),      N_ ("Depth can be shifted"),
};

/* ---- a new one ---- */

static GbWay
chosen_ways (GbStartPage *self)
{
  guint ways = 0;
  for (guint i = 0; i < G_N_ELEMENTS (way_titles); i++)
    ways |= gtk_check_button_get_active (GTK_CHECK_BUTTON (self->ways[i])) ? 1u << i : 0;
  return (GbWay) ways;
}

static void
show_fault (GbStartPage *self, const GError *error)
{
  gtk_label_set_label (GTK_LABEL (self->fault), error ? error->message : "");
  gtk_widget_set_visible (self->fault, error != NULL);
}

static void
begin (GbStartPage *self)
{
  g_autoptr (GError) error = NULL;
  guint n_roles;
  const GbPlanRole *roles = gb_plan_get_roles (&n_roles);
  guint role = gtk_drop_down_get_selected (GTK_DROP_DOWN (self->role));
  GbPlanWish wish = {
    (GbLevel) MIN (gtk_drop_down_get_selected (GTK_DROP_DOWN (self->level)), GB_LEVEL_EXPERT),
    roles[MIN (role, n_roles - 1)].name, gtk_spin_button_get_value (GTK_SPIN_BUTTON (self->minutes)),
    chosen_ways (self), g_random_int ()
  };

  g_settings_set_int (gb_preferences_get (), "interview-role", (int) role);
  g_settings_set_int (gb_preferences_get (), "interview-level", (int) wish.level);
  g_settings_set_int (gb_preferences_get (), "interview-minutes", (int) wish.minutes);
  gb_room_begin_new (self->room, gb_shelf_get_folder (), gtk_editable_get_text (GTK_EDITABLE (self->name)),
                     gtk_check_button_get_active (GTK_CHECK_BUTTON (self->consent)), &wish, &error);
  show_fault (self, error);
}

static void
fill_choices (GbStartPage *self)
{
  guint n, role = gtk_drop_down_get_selected (GTK_DROP_DOWN (self->role)),
           level = gtk_drop_down_get_selected (GTK_DROP_DOWN (self->level));
  const GbPlanRole *roles = gb_plan_get_roles (&n);
  g_autoptr (GtkStringList) titles = gtk_string_list_new (NULL), levels = gtk_string_list_new (NULL);

  for (guint i = 0; i < n; i++)
    gtk_string_list_append (titles, _ (roles[i].title));
  for (guint i = 0; i < GB_N_LEVELS; i++)
    gtk_string_list_append (levels, gb_board_level_name ((GbLevel) i));
  gtk_drop_down_set_model (GTK_DROP_DOWN (self->role), G_LIST_MODEL (titles));
  gtk_drop_down_set_model (GTK_DROP_DOWN (self->level), G_LIST_MODEL (levels));
  gtk_drop_down_set_selected (GTK_DROP_DOWN (self->role),
                              role < n ? role : (guint) g_settings_get_int (gb_preferences_get (), "interview-role"));
  gtk_drop_down_set_selected (GTK_DROP_DOWN (self->level),
                              level < GB_N_LEVELS ? level
                                                  : (guint) g_settings_get_int (gb_preferences_get (), "interview-level"));
}

static void
add_row (GtkWidget *grid, int row, const char *msgid, GtkWidget *widget)
{
  GtkWidget *label = g_object_new (GTK_TYPE_LABEL, "use-underline", TRUE, NULL);
  gb_i18n_bind (label, "label", msgid);
  gtk_label_set_xalign (GTK_LABEL (label), 1);
  gtk_widget_add_css_class (label, "dim-label");
  gtk_label_set_mnemonic_widget (GTK_LABEL (label), widget);
  gtk_grid_attach (GTK_GRID (grid), label, 0, row, 1, 1);
  gtk_widget_set_hexpand (widget, TRUE);
  gtk_grid_attach (GTK_GRID (grid), widget, 1, row, 1, 1);
}

static GtkWidget *
new_check (const char *msgid, gboolean is_on)
{
  GtkWidget *check = gtk_check_button_new ();
  gb_i18n_bind (check, "label", msgid);
  gtk_check_button_set_active (GTK_CHECK_BUTTON (check), is_on);
  return check;
}

static GtkWidget *
new_form (GbStartPage *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12), *grid = gtk_grid_new ();
  GtkWidget *ways = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2),
            *button = gb_room_button (N_ ("Plan the interview"), NULL);

  self->name = gtk_entry_new ();
  self->consent = new_check (N_ ("has agreed that the interview is recorded"), FALSE);
  self->role = gtk_drop_down_new (NULL, NULL);
  self->level = gtk_drop_down_new (NULL, NULL);
  self->minutes = gtk_spin_button_new_with_range (15, 180, 5);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (self->minutes),
                             g_settings_get_int (gb_preferences_get (), "interview-minutes"));
  gtk_entry_set_activates_default (GTK_ENTRY (self->name), TRUE);
  g_signal_connect_swapped (self->name, "activate", G_CALLBACK (begin), self);
  gtk_grid_set_row_spacing (GTK_GRID (grid), 8);
  gtk_grid_set_column_spacing (GTK_GRID (grid), 12);
  add_row (grid, 0, N_ ("_Candidate"), self->name);
  gtk_grid_attach (GTK_GRID (grid), self->consent, 1, 1, 1, 1);
  add_row (grid, 2, N_ ("_Position"), self->role);
  add_row (grid, 3, N_ ("_Level"), self->level);
  add_row (grid, 4, N_ ("_Minutes"), self->minutes);
  for (guint i = 0; i < G_N_ELEMENTS (way_titles); i++)
    gtk_box_append (GTK_BOX (ways), self->ways[i] = new_check (way_titles[i], TRUE));
  gtk_grid_attach (GTK_GRID (grid), ways, 1, 5, 1, 1);
  gtk_widget_add_css_class (button, "suggested-action");
  gtk_widget_set_halign (button, GTK_ALIGN_END);
  g_signal_connect_swapped (button, "clicked", G_CALLBACK (begin), self);
  self->fault = gb_room_text ("", "error");
  gtk_widget_set_visible (self->fault, FALSE);
  gtk_box_append (GTK_BOX (box), gb_room_heading (N_ ("New interview")));
  gtk_box_append (GTK_BOX (box), grid);
  gtk_box_append (GTK_BOX (box), self->fault);
  gtk_box_append (GTK_BOX (box), button);
  return box;
}

void
gb_start_page_refresh (GbStartPage *self)
{
  gb_shelf_list_refresh (self->shelf);
}

void
gb_start_page_focus (GbStartPage *self)
{
  gtk_widget_grab_focus (self->name);
}

/* ---- the object ---- */

static void
gb_start_page_dispose (GObject *object)
{
  GbStartPage *self = GB_START_PAGE (object);
  g_clear_pointer (&self->columns, gtk_widget_unparent);
  G_OBJECT_CLASS (gb_start_page_parent_class)->dispose (object);
}

static void
gb_start_page_class_init (GbStartPageClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gb_start_page_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
gb_start_page_init (GbStartPage *self)
{
}

GtkWidget *
gb_start_page_new (GbRoom *room)
{
  GbStartPage *self = g_object_new (GB_TYPE_START_PAGE, NULL);
  GtkWidget *columns = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 36), *form;

  self->room = room;
  self->columns = columns;
  self->shelf = GB_SHELF_LIST (gb_shelf_list_new (room));
  form = new_form (self);
  gtk_widget_set_valign (form, GTK_ALIGN_START);
  gtk_box_append (GTK_BOX (columns), form);
  gtk_box_append (GTK_BOX (columns), GTK_WIDGET (self->shelf));
  gtk_box_set_homogeneous (GTK_BOX (columns), TRUE);
  g_object_set (columns, "margin-start", 36, "margin-end", 36, "margin-top", 30, "margin-bottom", 24, NULL);
  gtk_widget_set_parent (columns, GTK_WIDGET (self));
  gb_label_on_language (self, G_CALLBACK (fill_choices));
  return GTK_WIDGET (self);
}
