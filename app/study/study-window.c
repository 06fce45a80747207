#include "study/study-window.h"

#include "common/i18n.h"
#include "keys.h"
#include "labels.h"
#include "study/outline-map.h"
#include "study/question-row.h"

#include <string.h>

#define ENOUGH 20 /* answers from which on a share says something */

struct _GbStudyWindow
{
  AdwWindow parent_instance;

  GtkWidget *stack, *due, *sure, *trouble, *menu_button;
  GbOutlineMap *map;
  GbLibrary *library;
  GbProgress *progress;
  char *leaf;
};

enum
{
  LEAF,
  ITEM,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GbStudyWindow, gb_study_window, ADW_TYPE_WINDOW)

static GtkWidget *
new_label (const char *text, const char *css_class)
{
  GtkWidget *label = g_object_new (GTK_TYPE_LABEL, "label", text, "xalign", 0.0, "wrap", TRUE, "wrap-mode",
                                   PANGO_WRAP_WORD_CHAR, NULL);
  if (css_class)
    gtk_widget_add_css_class (label, css_class);
  return label;
}

/* What stands where nothing is yet. */
static GtkWidget *
new_empty (const char *text)
{
  GtkWidget *label = new_label (text, "empty-sentence");
  g_object_set (label, "xalign", 0.5, "justify", GTK_JUSTIFY_CENTER, "vexpand", TRUE, NULL);
  return label;
}

static void
clear_box (GtkWidget *box)
{
  GtkWidget *child;
  while ((child = gtk_widget_get_first_child (box)))
    gtk_box_remove (GTK_BOX (box), child);
}

/* ---- what is due ---- */

static void
on_open (GtkWidget *button, GbStudyWindow *self)
{
  g_autofree char *name = g_strdup (g_object_get_data (G_OBJECT (button), "item"));
  gtk_window_close (GTK_WINDOW (self));
  g_signal_emit (self, signals[ITEM], 0, name);
}

/* A prediction or a case is answered where it stands. */
static GtkWidget *
new_way_there (GbStudyWindow *self, const char *name, const GbItem *item)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8),
            *button = gtk_button_new_with_label (_ ("Open"));
  g_autofree char *text =
      item->kind == GB_ITEM_CASE
          ? g_strdup_printf ("%s · %s", item->which->id, gb_item_get_title (item))
          : g_strdup_printf ("%s · %s", gb_text_get (&item->scene->title), gb_item_get_title (item));
  g_autofree char *spoken = g_strdup_printf (_ ("Open: %s"), text);
  GtkWidget *label = new_label (text, NULL);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
  g_object_set_data_full (G_OBJECT (button), "item", g_strdup (name), g_free);
  g_signal_connect_object (button, "clicked", G_CALLBACK (on_open), self, 0);
  gtk_box_append (GTK_BOX (row), label);
  gtk_box_append (GTK_BOX (row), button);
  gtk_widget_add_css_class (row, "note-question");
  return row;
}

static GtkWidget *
new_due_row (GbStudyWindow *self, const char *name)
{
  GbItem item;
  if (!gb_item_find (self->library, name, &item))
    return NULL;
  return item.kind == GB_ITEM_QUESTION
             ? gb_question_row_new (item.question, item.scene ? item.scene->id : item.leaf, self->progress)
             : new_way_there (self, name, &item);
}

static char *
describe_empty (GbStudyWindow *self)
{
  gint64 today = gb_study_today (), next = gb_progress_get_next_day (self->progress, today);
  if (next == G_MAXINT64)
    return g_strdup (_ (
        "Nothing is due. What you miss comes back here, first on the next day, then less and less often."));
  if (next == today + 1)
    return g_strdup (_ ("Nothing is due today. Something comes back tomorrow."));
  return g_strdup_printf (_ ("Nothing is due today. Something comes back in %d days."), (int) (next - today));
}

static void
update_due (GbStudyWindow *self)
{
  g_autoptr (GPtrArray) due = gb_progress_list_due (self->progress, gb_study_today ());
  guint n = 0;
  clear_box (self->due);
  for (guint i = 0; i < due->len; i++)
    {
      GtkWidget *row = new_due_row (self, g_ptr_array_index (due, i));
      if (!row)
        continue;
      gtk_box_append (GTK_BOX (self->due), row);
      n++;
    }
  g_autofree char *text =
      n ? g_strdup_printf (ngettext_ ("%u is due.", "%u are due.", n), n) : describe_empty (self);
  GtkWidget *head = n ? new_label (text, "pane-title") : new_empty (text);
  gtk_box_prepend (GTK_BOX (self->due), head);
}

/* ---- how sure ---- */

static void
add_cell (GtkWidget *grid, const char *text, int column, int row, const char *css_class)
{
  GtkWidget *label = new_label (text, css_class);
  gtk_widget_add_css_class (label, "numeric");
  gtk_grid_attach (GTK_GRID (grid), label, column, row, 1, 1);
}

static GtkWidget *
new_calibration_table (const GbCalibration rows[GB_N_CONFIDENCES])
{
  GtkWidget *grid = g_object_new (GTK_TYPE_GRID, "column-spacing", 24, "row-spacing", 8, NULL);
  add_cell (grid, _ ("You said"), 0, 0, "muted");
  add_cell (grid, _ ("Answered right"), 1, 0, "muted");
  add_cell (grid, _ ("That is"), 2, 0, "muted");
  for (int i = 0; i < GB_N_CONFIDENCES; i++)
    {
      g_autofree char *said = g_strdup_printf ("%d %%", gb_confidences[i]);
      g_autofree char *right =
          rows[i].n ? g_strdup_printf (_ ("%u of %u"), rows[i].n_right, rows[i].n) : g_strdup ("–");
      double share = rows[i].n ? (double) rows[i].n_right / rows[i].n : 0;
      g_autofree char *part = rows[i].n ? g_strdup_printf ("%.0f %%", 100 * share) : g_strdup ("–");
      add_cell (grid, said, 0, i + 1, NULL);
      add_cell (grid, right, 1, i + 1, NULL);
      add_cell (grid, part, 2, i + 1, NULL);
      GtkWidget *bar = gtk_level_bar_new ();
      gtk_level_bar_set_value (GTK_LEVEL_BAR (bar), share);
      g_object_set (bar, "hexpand", TRUE, "valign", GTK_ALIGN_CENTER, NULL);
      /* The figures beside it say the same. */
      gtk_accessible_update_state (GTK_ACCESSIBLE (bar), GTK_ACCESSIBLE_STATE_HIDDEN, TRUE, -1);
      gtk_grid_attach (GTK_GRID (grid), bar, 3, i + 1, 1, 1);
    }
  return grid;
}

/* Too sure, not sure enough, or about right: by the mean of what was said against what was right. */
static char *
describe_calibration (const GbCalibration rows[GB_N_CONFIDENCES])
{
  guint n = 0;
  double said = 0, right = 0;
  for (guint i = 0; i < GB_N_CONFIDENCES; i++)
    {
      n += rows[i].n;
      said += rows[i].n * gb_confidences[i];
      right += 100.0 * rows[i].n_right;
    }
  if (n < ENOUGH)
    return g_strdup_printf (_ ("%u answers so far; from about %d on the shares begin to say something."), n,
                            ENOUGH);
  double gap = (said - right) / n;
  if (gap > 10)
    return g_strdup_printf (_ ("Over %u answers you were surer than right: %.0f %% said, %.0f %% right."), n,
                            said / n, right / n);
  if (gap < -10)
    return g_strdup_printf (_ ("Over %u answers you knew more than you said: %.0f %% said, %.0f %% right."),
                            n, said / n, right / n);
  return g_strdup_printf (_ ("Over %u answers you were about as sure as right: %.0f %% said, %.0f %% right."),
                          n, said / n, right / n);
}

static void
update_sure (GbStudyWindow *self)
{
  GbCalibration rows[GB_N_CONFIDENCES];
  guint n = 0;
  clear_box (self->sure);
  gb_progress_get_calibration (self->progress, rows);
  for (guint i = 0; i < GB_N_CONFIDENCES; i++)
    n += rows[i].n;
  if (!n)
    {
      gtk_box_append (
          GTK_BOX (self->sure),
          new_empty (_ ("Say how sure you are before the truth is shown. Here you then see how often you were right.")));
      return;
    }
  g_autofree char *text = describe_calibration (rows);
  gtk_box_append (GTK_BOX (self->sure), new_label (text, "pane-title"));
  gtk_box_append (GTK_BOX (self->sure), new_calibration_table (rows));
  g_autofree char *score = g_strdup_printf (_ ("Brier score %.2f: 0 is to know it all and to know that; always saying 50 %% makes 0.25."),
                                            gb_calibration_score (rows));
  gtk_box_append (GTK_BOX (self->sure), new_label (score, NULL));
  gtk_box_append (GTK_BOX (self->sure),
                  new_label (_ ("Of each question only the first answer of a day counts."), "muted"));
}

/* ---- taking back ---- */

static void
update_all (GbStudyWindow *self)
{
  const char *trouble = gb_progress_get_trouble (self->progress);
  update_due (self);
  update_sure (self);
  gb_outline_map_update (self->map);
  gtk_label_set_label (GTK_LABEL (self->trouble), trouble ? trouble : "");
  gtk_widget_set_visible (self->trouble, trouble != NULL);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "study.undo",
                                 gb_progress_get_last (self->progress) != NULL);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "study.erase-leaf", self->leaf != NULL);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "study.erase-all",
                                 gb_progress_get_n_answers (self->progress) != 0);
}

static void
on_undo (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GbStudyWindow *self = GB_STUDY_WINDOW (widget);
  gb_progress_undo (self->progress);
  update_all (self);
}

static void
on_erase_answered (AdwMessageDialog *dialog, const char *answer, GbStudyWindow *self)
{
  gboolean only_leaf = g_object_get_data (G_OBJECT (dialog), "leaf") != NULL;
  g_autoptr (GPtrArray) items = only_leaf && self->leaf ? gb_items_of_leaf (self->library, self->leaf) : NULL;
  if (strcmp (answer, "erase") != 0)
    return;
  gb_progress_erase (self->progress, items);
  update_all (self);
}

static void
ask_to_erase (GbStudyWindow *self, const char *heading, gboolean only_leaf)
{
  GtkWidget *dialog = adw_message_dialog_new (
      GTK_WINDOW (self), heading, _ ("Its answers and dates are gone then; this cannot be taken back."));
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("Keep it"), "erase",
                                    _ ("Erase it"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "erase", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  if (only_leaf)
    g_object_set_data (G_OBJECT (dialog), "leaf", self);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_erase_answered), self, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
on_erase_leaf (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GbStudyWindow *self = GB_STUDY_WINDOW (widget);
  GbOutlineItem *item = gb_library_find_leaf (self->library, self->leaf);
  g_autofree char *heading = g_strdup_printf (_ ("Erase your progress in “%s”?"),
                                              item ? gb_outline_item_get_title (item) : self->leaf);
  ask_to_erase (self, heading, TRUE);
}

static void
on_erase_all (GtkWidget *widget, const char *action, GVariant *parameter)
{
  ask_to_erase (GB_STUDY_WINDOW (widget), _ ("Erase all your progress?"), FALSE);
}

/* ---- life ---- */

static void
on_leaf (GbStudyWindow *self, const char *leaf)
{
  g_autofree char *id = g_strdup (leaf);
  gtk_window_close (GTK_WINDOW (self));
  g_signal_emit (self, signals[LEAF], 0, id);
}

static void
update_language (GbStudyWindow *self)
{
  GtkStack *stack = GTK_STACK (self->stack);
  static const char *const titles[][2] = { { "due", N_ ("Due") },
                                           { "map", N_ ("Map") },
                                           { "sure", N_ ("How sure") } };
  for (guint i = 0; i < G_N_ELEMENTS (titles); i++)
    {
      GtkWidget *page = gtk_stack_get_child_by_name (stack, titles[i][0]);
      gtk_stack_page_set_title (gtk_stack_get_page (stack, page), _ (titles[i][1]));
    }
  g_autoptr (GMenu) menu = g_menu_new ();
  g_menu_append (menu, _ ("Take the last answer back"), "study.undo");
  g_menu_append (menu, _ ("Erase the progress of this topic…"), "study.erase-leaf");
  g_menu_append (menu, _ ("Erase all progress…"), "study.erase-all");
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (self->menu_button), G_MENU_MODEL (menu));
  gtk_window_set_title (GTK_WINDOW (self), _ ("Study"));
  update_all (self);
}

void
gb_study_window_show (GbStudyWindow *self, const char *page, const char *leaf)
{
  g_free (self->leaf);
  self->leaf = g_strdup (leaf);
  update_all (self);
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), page);
  gtk_window_present (GTK_WINDOW (self));
}

static void
gb_study_window_dispose (GObject *object)
{
  GbStudyWindow *self = GB_STUDY_WINDOW (object);
  g_clear_object (&self->library);
  g_clear_object (&self->progress);
  g_clear_pointer (&self->leaf, g_free);
  G_OBJECT_CLASS (gb_study_window_parent_class)->dispose (object);
}

static void
gb_study_window_class_init (GbStudyWindowClass *klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = gb_study_window_dispose;
  signals[LEAF] =
      g_signal_new ("leaf", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[ITEM] =
      g_signal_new ("item", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  gtk_widget_class_install_action (widget_class, "study.undo", NULL, on_undo);
  gtk_widget_class_install_action (widget_class, "study.erase-leaf", NULL, on_erase_leaf);
  gtk_widget_class_install_action (widget_class, "study.erase-all", NULL, on_erase_all);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static GtkWidget *
add_page (GbStudyWindow *self, const char *id)
{
  GtkWidget *scroller = g_object_new (GTK_TYPE_SCROLLED_WINDOW, "hscrollbar-policy", GTK_POLICY_NEVER, NULL);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  gtk_widget_add_css_class (box, "study-page");
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), box);
  gtk_stack_add_titled (GTK_STACK (self->stack), scroller, id, id);
  return box;
}

static void
gb_study_window_init (GbStudyWindow *self)
{
  gtk_widget_add_css_class (GTK_WIDGET (self), "board");
  gtk_widget_add_css_class (GTK_WIDGET (self), "study");
  gtk_window_set_default_size (GTK_WINDOW (self), 960, 680);
  gtk_window_set_hide_on_close (GTK_WINDOW (self), TRUE);
  self->stack = gtk_stack_new ();
  gtk_widget_set_vexpand (self->stack, TRUE);
  GtkWidget *header = adw_header_bar_new (), *switcher = gtk_stack_switcher_new ();
  gtk_stack_switcher_set_stack (GTK_STACK_SWITCHER (switcher), GTK_STACK (self->stack));
  adw_header_bar_set_title_widget (ADW_HEADER_BAR (header), switcher);
  self->menu_button = gtk_menu_button_new ();
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (self->menu_button), "open-menu-symbolic");
  gb_label_tooltip (self->menu_button, N_ ("Take back or erase"), NULL);
  adw_header_bar_pack_end (ADW_HEADER_BAR (header), self->menu_button);
  self->trouble = new_label ("", "notice");
  GtkWidget *all = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_box_append (GTK_BOX (all), header);
  gtk_box_append (GTK_BOX (all), self->trouble);
  gtk_box_append (GTK_BOX (all), self->stack);
  adw_window_set_content (ADW_WINDOW (self), all);
  gb_keys_share (GTK_WIDGET (self));
}

GbStudyWindow *
gb_study_window_new (GtkWindow *parent, GbLibrary *library, GbProgress *progress)
{
  GbStudyWindow *self =
      g_object_new (GB_TYPE_STUDY_WINDOW, "transient-for", parent, "destroy-with-parent", TRUE, NULL);
  self->library = g_object_ref (library);
  self->progress = g_object_ref (progress);
  self->due = add_page (self, "due");
  self->map = GB_OUTLINE_MAP (gb_outline_map_new (library, progress));
  gtk_stack_add_titled (GTK_STACK (self->stack), GTK_WIDGET (self->map), "map", "map");
  self->sure = add_page (self, "sure");
  g_signal_connect_object (self->map, "leaf", G_CALLBACK (on_leaf), self, G_CONNECT_SWAPPED);
  gb_label_on_language (self, G_CALLBACK (update_language));
  return self;
}
