#include "board-window-private.h"

#include "board/upright.h"
#include "common/i18n.h"
#include "common/theme.h"
#include "labels.h"

/* Where the board's parts stand. */

#define NARROW_WIDTH 1100
#define CONSOLE_ROOM 150 /* of the console above knobs and questions */
#define NOTE_ROOM    300 /* of a note or a task, which are there to be read */

static GtkWidget *
new_head_button (GbBoardWindow *self, GtkWidget *button, const char *msgid)
{
  gb_i18n_bind (button, "label", msgid);
  gtk_widget_add_css_class (button, "head");
  return button;
}

/* Large letters leave the header no room for what has a key and a place in the menu. */
static void
fit_header (GbBoardWindow *self)
{
  gboolean large = gb_theme_manager_get_scale (gb_theme_manager_get_default ()) > 1.5;
  gtk_widget_set_visible (self->language_button, !large);
  gtk_widget_set_visible (self->ink_button, !large);
  if (self->run_button)
    gtk_orientable_set_orientation (GTK_ORIENTABLE (gtk_widget_get_parent (self->run_button)),
                                    large ? GTK_ORIENTATION_VERTICAL : GTK_ORIENTATION_HORIZONTAL);
}

static GtkWidget *
build_header (GbBoardWindow *self)
{
  GtkWidget *header = adw_header_bar_new ();
  self->topics_button = new_head_button (self, gtk_toggle_button_new (), N_ ("Topics"));
  g_object_bind_property (self->flap, "reveal-flap", self->topics_button, "active",
                          G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL);
  adw_header_bar_pack_start (ADW_HEADER_BAR (header), self->topics_button);
  self->scene_button = new_head_button (self, gtk_menu_button_new (), N_ ("Scene"));
  adw_header_bar_pack_start (ADW_HEADER_BAR (header), self->scene_button);

  adw_header_bar_pack_start (ADW_HEADER_BAR (header), gb_board_window_new_exam_badge (self));

  self->title = ADW_WINDOW_TITLE (adw_window_title_new ("", ""));
  adw_header_bar_set_title_widget (ADW_HEADER_BAR (header), GTK_WIDGET (self->title));

  self->menu_button = gtk_menu_button_new ();
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (self->menu_button), "open-menu-symbolic");
  gtk_widget_add_css_class (self->menu_button, "head");
  gb_label_tooltip (self->menu_button, N_ ("Menu"), NULL);
  adw_header_bar_pack_end (ADW_HEADER_BAR (header), self->menu_button);

  self->language_button = gtk_button_new_with_label ("中 | en");
  gtk_widget_add_css_class (self->language_button, "head");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->language_button), "app.switch-language");
  gb_label_tooltip (self->language_button, N_ ("中文 or English"), "app.switch-language");
  adw_header_bar_pack_end (ADW_HEADER_BAR (header), self->language_button);
  self->ink_button = new_head_button (self, gtk_toggle_button_new (), N_ ("Ink"));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->ink_button), "win.ink");
  self->predict_button = new_head_button (self, gtk_button_new (), N_ ("Predict"));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->predict_button), "win.predict");
  adw_header_bar_pack_end (ADW_HEADER_BAR (header), self->predict_button);
  adw_header_bar_pack_end (ADW_HEADER_BAR (header), self->ink_button);
  self->view_button = new_head_button (self, gtk_menu_button_new (), N_ ("+ View"));
  adw_header_bar_pack_end (ADW_HEADER_BAR (header), self->view_button);
  g_signal_connect_object (gb_theme_manager_get_default (), "changed", G_CALLBACK (fit_header), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (gb_theme_manager_get_default (), "changed", G_CALLBACK (gb_board_window_give_room), self,
                           G_CONNECT_SWAPPED);
  fit_header (self);
  return header;
}

static GtkWidget *
new_pane_box (void)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_add_css_class (box, "pane");
  gtk_widget_set_overflow (box, GTK_OVERFLOW_HIDDEN);
  return box;
}

static GtkWidget *
build_editor (GbBoardWindow *self)
{
  GtkWidget *pane = new_pane_box ();
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  gtk_widget_add_css_class (head, "pane-head");
  self->editor_title = g_object_new (GTK_TYPE_LABEL, "xalign", 0.0, "hexpand", TRUE, "ellipsize",
                                     PANGO_ELLIPSIZE_MIDDLE, NULL);
  gtk_widget_add_css_class (self->editor_title, "pane-title");
  self->editor_place = gtk_label_new ("");
  gtk_widget_add_css_class (self->editor_place, "muted");
  gtk_widget_add_css_class (self->editor_place, "numeric");
  gtk_box_append (GTK_BOX (head), self->editor_title);
  gtk_box_append (GTK_BOX (head), self->editor_place);
  gtk_box_append (GTK_BOX (pane), head);
  gtk_widget_set_vexpand (GTK_WIDGET (self->editor), TRUE);
  gtk_box_append (GTK_BOX (pane), GTK_WIDGET (self->editor));
  return pane;
}

static GtkWidget *
add_stack_page (GbBoardWindow *self,
                GtkWidget *head,
                GtkWidget *page,
                const char *id,
                const char *msgid,
                GtkWidget *group)
{
  GtkWidget *button = gtk_toggle_button_new ();
  gb_i18n_bind (button, "label", msgid);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "pane-tab");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "win.lower");
  gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "s", id);
  gtk_box_append (GTK_BOX (head), button);
  gtk_stack_add_named (GTK_STACK (self->lower_stack), page, id);
  return button;
}

static GtkWidget *
build_lower (GbBoardWindow *self)
{
  GtkWidget *pane = new_pane_box ();
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  gtk_widget_add_css_class (head, "pane-head");
  self->lower_stack = gtk_stack_new ();
  gtk_stack_set_vhomogeneous (GTK_STACK (self->lower_stack), FALSE);
  gtk_widget_set_vexpand (self->lower_stack, TRUE);
  add_stack_page (self, head, GTK_WIDGET (self->console), "console", N_ ("Console"), NULL);
  add_stack_page (self, head, GTK_WIDGET (self->inspector), "variables", N_ ("Variables"), NULL);
  add_stack_page (self, head, self->files, "files", N_ ("Files"), NULL);
  add_stack_page (self, head, GTK_WIDGET (self->note), "note", N_ ("Note"), NULL);
  self->case_tab = add_stack_page (self, head, GTK_WIDGET (self->case_panel), "case", N_ ("Task"), NULL);
  gtk_widget_set_visible (self->case_tab, FALSE);
  self->meter =
      g_object_new (GTK_TYPE_LABEL, "hexpand", TRUE, "xalign", 1.0, "ellipsize", PANGO_ELLIPSIZE_END, NULL);
  gtk_widget_add_css_class (self->meter, "muted");
  gtk_widget_add_css_class (self->meter, "numeric");
  gtk_box_append (GTK_BOX (head), self->meter);
  gtk_box_append (GTK_BOX (pane), head);
  gtk_box_append (GTK_BOX (pane), self->lower_stack);

  GtkWidget *foot = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  gtk_widget_add_css_class (foot, "pane-foot");
  self->sentence = g_object_new (GTK_TYPE_LABEL, "xalign", 0.0, "wrap", TRUE, "selectable", TRUE, NULL);
  gtk_widget_add_css_class (self->sentence, "sentence");
  gtk_box_append (GTK_BOX (foot), self->sentence);
  gtk_box_append (GTK_BOX (foot), GTK_WIDGET (self->prediction));
  gtk_box_append (GTK_BOX (foot), GTK_WIDGET (self->knobs));
  self->foot = gb_upright_new (foot);
  gtk_box_append (GTK_BOX (pane), self->foot);
  return pane;
}

static GtkWidget *
build_empty (GbBoardWindow *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 16);
  g_object_set (box, "valign", GTK_ALIGN_CENTER, "halign", GTK_ALIGN_CENTER, NULL);
  GtkWidget *sentence = g_object_new (GTK_TYPE_LABEL, "wrap", TRUE, "justify", GTK_JUSTIFY_CENTER, NULL);
  gtk_widget_add_css_class (sentence, "empty-sentence");
  gb_i18n_bind (sentence, "label", N_ ("Nothing here yet. Run a line that makes a tensor."));
  gtk_box_append (GTK_BOX (box), sentence);
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  gtk_widget_set_halign (row, GTK_ALIGN_CENTER);
  static const struct
  {
    const char *title, *action;
  } verbs[] = { { N_ ("Run the program"), "win.run" }, /* while there is one */
                { N_ ("Type"), "win.focus::editor" },
                { N_ ("Open a file"), "win.open" },
                { N_ ("Choose a scene"), "win.topics" } };
  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    {
      GtkWidget *button = gtk_button_new ();
      gb_i18n_bind (button, "label", verbs[i].title);
      gtk_actionable_set_detailed_action_name (GTK_ACTIONABLE (button), verbs[i].action);
      gtk_widget_add_css_class (button, "pill");
      gtk_box_append (GTK_BOX (row), button);
      if (i == 0)
        self->run_button = button;
    }
  gtk_widget_add_css_class (self->run_button, "suggested-action");
  gtk_box_append (GTK_BOX (box), row);
  GtkWidget *pane = new_pane_box ();
  gtk_widget_set_vexpand (box, TRUE);
  gtk_box_append (GTK_BOX (pane), box);
  return pane;
}

static gboolean
on_columns (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  GbBoardWindow *self = data;
  int width = gtk_widget_get_width (self->columns), percent = width < NARROW_WIDTH ? 44 : 35;
  gtk_paned_set_position (GTK_PANED (self->columns), width * (self->text_percent ? self->text_percent : percent) / 100);
  return G_SOURCE_REMOVE;
}

/* Large letters push the columns' border; when they are small again it goes back to where it was put. */
static void
on_scale (GbBoardWindow *self)
{
  if (gtk_widget_get_width (self->columns) > 0)
    gtk_widget_add_tick_callback (self->columns, on_columns, self, NULL);
}

static void
on_border_moved (GbBoardWindow *self)
{
  GdkSurface *surface = gtk_native_get_surface (GTK_NATIVE (self));
  GdkDevice *pointer = gdk_seat_get_pointer (gdk_display_get_default_seat (gtk_widget_get_display (GTK_WIDGET (self))));
  int width = gtk_widget_get_width (self->columns);
  GdkModifierType held = 0;

  if (surface && pointer && width > 0 && gdk_surface_get_device_position (surface, pointer, NULL, NULL, &held)
      && (held & GDK_BUTTON1_MASK))
    self->text_percent = gtk_paned_get_position (GTK_PANED (self->columns)) * 100 / width;
}

static gboolean
on_first_size (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  GbBoardWindow *self = data;
  int width = gtk_widget_get_width (self->columns), height = gtk_widget_get_height (self->left);
  if (width == 0 || height == 0)
    return G_SOURCE_CONTINUE;
  on_columns (widget, clock, data);
  gtk_paned_set_position (GTK_PANED (self->left), height * 64 / 100);
  gb_board_window_give_room (self);
  return G_SOURCE_REMOVE;
}

static void
build_body (GbBoardWindow *self)
{
  self->left = gtk_paned_new (GTK_ORIENTATION_VERTICAL);
  gtk_paned_set_start_child (GTK_PANED (self->left), build_editor (self));
  gtk_paned_set_end_child (GTK_PANED (self->left), build_lower (self));
  gtk_paned_set_shrink_start_child (GTK_PANED (self->left), FALSE);
  gtk_paned_set_shrink_end_child (GTK_PANED (self->left), FALSE);
  gtk_widget_set_size_request (self->left, 260, -1);

  self->views_stack = gtk_stack_new ();
  gtk_stack_set_hhomogeneous (GTK_STACK (self->views_stack), FALSE); /* verbs in large letters need not make views wide */
  gtk_stack_add_named (GTK_STACK (self->views_stack), build_empty (self), "empty");
  gtk_stack_add_named (GTK_STACK (self->views_stack), GTK_WIDGET (self->views), "views");

  self->columns = gtk_paned_new (GTK_ORIENTATION_HORIZONTAL);
  gtk_paned_set_start_child (GTK_PANED (self->columns), self->left);
  gtk_paned_set_end_child (GTK_PANED (self->columns), self->views_stack);
  gtk_paned_set_resize_start_child (GTK_PANED (self->columns), FALSE);
  gtk_paned_set_shrink_start_child (GTK_PANED (self->columns), FALSE);
  gtk_paned_set_shrink_end_child (GTK_PANED (self->columns), FALSE);
  gtk_widget_add_css_class (self->columns, "columns");
  gtk_widget_add_tick_callback (self->columns, on_first_size, self, NULL);
  g_signal_connect_object (self->columns, "notify::position", G_CALLBACK (on_border_moved), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (gb_theme_manager_get_default (), "changed", G_CALLBACK (on_scale), self, G_CONNECT_SWAPPED);
}

void
gb_board_window_lay_out (GbBoardWindow *self)
{
  build_body (self);
  self->flap = adw_flap_new ();
  adw_flap_set_flap (ADW_FLAP (self->flap), GTK_WIDGET (self->outline));
  adw_flap_set_content (ADW_FLAP (self->flap), self->columns);
  adw_flap_set_reveal_flap (ADW_FLAP (self->flap), FALSE);
  adw_flap_set_fold_policy (ADW_FLAP (self->flap), ADW_FLAP_FOLD_POLICY_ALWAYS);
  adw_flap_set_separator (ADW_FLAP (self->flap), gtk_separator_new (GTK_ORIENTATION_VERTICAL));
  gtk_widget_set_vexpand (self->flap, TRUE);

  self->timeline_box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  gtk_widget_add_css_class (self->timeline_box, "time");
  gtk_box_append (GTK_BOX (self->timeline_box), GTK_WIDGET (self->transport));
  gtk_widget_set_hexpand (GTK_WIDGET (self->timeline), TRUE);
  gtk_box_append (GTK_BOX (self->timeline_box), GTK_WIDGET (self->timeline));

  GtkWidget *all = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  self->header = build_header (self);
  gtk_box_append (GTK_BOX (all), self->header);
  self->tour = gb_tour_new ((GtkWidget *[]){ gtk_paned_get_start_child (GTK_PANED (self->left)),
                                             GTK_WIDGET (self->transport), self->views_stack, GTK_WIDGET (self->timeline) });
  gtk_box_append (GTK_BOX (all), self->tour);
  gtk_box_append (GTK_BOX (all), gb_board_window_new_question_bar (self));
  gtk_box_append (GTK_BOX (all), self->ink_strip);
  gtk_box_append (GTK_BOX (all), self->flap);
  gtk_box_append (GTK_BOX (all), self->timeline_box);
  self->toasts = adw_toast_overlay_new ();
  GtkWidget *overlay = gtk_overlay_new ();
  gtk_overlay_set_child (GTK_OVERLAY (overlay), all);
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), gb_board_window_new_blank (self));
  adw_toast_overlay_set_child (ADW_TOAST_OVERLAY (self->toasts), overlay);
  adw_application_window_set_content (ADW_APPLICATION_WINDOW (self), self->toasts);
}

/* A note, knobs and questions need room below; they take it from the text, which scrolls. */
static gboolean
on_give_room (gpointer data)
{
  GbBoardWindow *self = data;
  self->room_idle = 0;
  int needed, height = gtk_widget_get_height (self->left);
  GtkWidget *lower = gtk_paned_get_end_child (GTK_PANED (self->left));
  gtk_widget_measure (self->foot, GTK_ORIENTATION_VERTICAL, gtk_widget_get_width (lower), NULL, &needed, NULL,
                      NULL);
  const char *page = gtk_stack_get_visible_child_name (GTK_STACK (self->lower_stack));
  if (g_strcmp0 (page, "note") == 0 || g_strcmp0 (page, "case") == 0)
    needed += NOTE_ROOM;
  else
    needed += gtk_widget_get_visible (self->foot) ? CONSOLE_ROOM : 0;
  if (height > 0 && gtk_widget_get_width (lower) > 100 && gtk_widget_get_height (lower) < needed)
    gtk_paned_set_position (GTK_PANED (self->left), MAX (height * 3 / 10, height - needed));
  return G_SOURCE_REMOVE;
}

void
gb_board_window_give_room_now (GbBoardWindow *self)
{
  g_clear_handle_id (&self->room_idle, g_source_remove);
  on_give_room (self);
}

void
gb_board_window_give_room (GbBoardWindow *self)
{
  if (!self->room_idle)
    self->room_idle = g_timeout_add (40, on_give_room, self);
}
