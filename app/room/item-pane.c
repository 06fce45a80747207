#include "room/item-pane.h"

#include <math.h>

#include "board/board-layout.h"
#include "common/i18n.h"
#include "labels.h"
#include "room/room-parts.h"

struct _GbItemPane
{
  GtkWidget parent_instance;

  GbRoom *room;
  GtkWidget *scroller, *box;
  guint shown;
};

G_DEFINE_FINAL_TYPE (GbItemPane, gb_item_pane, GTK_TYPE_WIDGET)

guint
gb_item_pane_get_shown (GbItemPane *self)
{
  return self->shown;
}

static const GbPlanItem *
item_shown (GbItemPane *self)
{
  const GbPlan *plan = gb_room_get_plan (self->room);
  return plan ? gb_plan_find (plan, self->shown, NULL, NULL) : NULL;
}

/* ---- texts ---- */

static void
add_part (GbItemPane *self, const char *heading, const char *text, const char *css_class)
{
  GtkWidget *label;
  if (text == NULL || *text == '\0')
    return;
  if (heading)
    {
      label = gb_room_text (heading, "caption-heading");
      gtk_widget_set_margin_top (label, 6);
      gtk_box_append (GTK_BOX (self->box), label);
    }
  gtk_box_append (GTK_BOX (self->box), gb_room_text (text, css_class));
}

static void
add_anchors (GbItemPane *self, const GbQuestion *question)
{
  for (guint i = 0; i < question->anchors->len; i++)
    {
      const GbAnchors *anchors = question->anchors->pdata[i];
      const GbText *texts[] = { &anchors->none, &anchors->fair, &anchors->full };
      int dimension = gb_dimension_from_name (anchors->dimension);
      g_autoptr (GString) text = g_string_new (NULL);
      g_autofree char *heading =
          g_strdup_printf (_ ("What a score means: %s"),
                           dimension < 0 ? "" : gb_board_dimension_name ((GbDimension) dimension));
      for (int k = 0; k < 3; k++)
        g_string_append_printf (text, "%s%d  %s", k ? "\n" : "", 2 * k, gb_text_get (texts[k]));
      add_part (self, heading, text->str, NULL);
    }
}

static void
add_question (GbItemPane *self, const GbPlanItem *item)
{
  const GbQuestion *question = gb_plan_question (gb_room_get_library (self->room), item->what, item->level);
  if (question == NULL)
    {
      add_part (self, NULL, _ ("The library has no such question any more. Put another one in its place."),
                "warning");
      return;
    }
  add_part (self, NULL, gb_text_get (&question->question), "title-4");
  add_part (self, _ ("A good answer"), gb_text_get (&question->answer), NULL);
  add_part (self, _ ("Then ask"), gb_text_get (&question->follow_up), NULL);
  add_part (self, _ ("The commonest wrong answer"), gb_text_get (&question->wrong), NULL);
  add_part (self, _ ("What it reveals"), gb_text_get (&question->reveals), NULL);
  add_anchors (self, question);
}

static void
add_case (GbItemPane *self, const GbPlanItem *item)
{
  const GbCase *which = gb_library_find_case (gb_room_get_library (self->room), item->what);
  g_autoptr (GString) causes = g_string_new (NULL), hints = g_string_new (NULL), checks = g_string_new (NULL);

  if (which == NULL)
    {
      add_part (self, NULL, _ ("The library has no such program any more. Put another one in its place."),
                "warning");
      return;
    }
  for (guint i = 0; i < which->causes->len; i++)
    {
      const GbCaseCause *cause = which->causes->pdata[i];
      if (cause->is_right)
        g_string_append_printf (causes, "%s%s", causes->len ? "\n" : "", gb_text_get (&cause->text));
    }
  for (guint i = 0; i < which->hints->len; i++)
    {
      const GbCaseHint *hint = which->hints->pdata[i];
      g_string_append_printf (hints, _ ("%s%u. %s (costs %g)"), hints->len ? "\n" : "", i + 1,
                              gb_text_get (&hint->text), hint->cost);
    }
  for (guint i = 0; i < which->checks->len; i++)
    g_string_append_printf (checks, "%s· %s", checks->len ? "\n" : "",
                            gb_text_get (&((GbCaseCheck *) which->checks->pdata[i])->says));
  add_part (self, NULL, gb_text_get (&which->brief), "title-4");
  add_part (self, _ ("What is wrong with it"), causes->str, NULL);
  add_part (self, _ ("What the check demands"), checks->str, NULL);
  add_part (self, _ ("Hints"), hints->str, NULL);
  add_part (self, _ ("Explanation"), gb_text_get (&which->explanation), NULL);
}

static void
add_talk (GbItemPane *self)
{
  add_part (self, NULL,
            _ ("Let the candidate draw the pipeline of a project of their own on the board, and pin "
               "questions to it."),
            "title-4");
  add_part (self, _ ("Then ask"),
            _ ("Which number of this project did you decide by measuring? What would you do otherwise today? "
               "What would break "
               "first with ten times the data?"),
            NULL);
  add_part (self, _ ("What a score means: Innovation"),
            _ ("0  Tells what tools were used\n2  Gives reasons for the design and names one mistake\n4  "
               "Weighs alternatives with "
               "numbers, says what was learnt and what it would change"),
            NULL);
}

/* ---- what can be done ---- */

static void
ask (GbItemPane *self)
{
  gb_room_ask (self->room, self->shown);
}

static void
on_level (GtkDropDown *level, GParamSpec *property, GbItemPane *self)
{
  GbPlan *plan = gb_plan_copy (gb_room_get_plan (self->room));
  if (gb_plan_set_level (plan, gb_room_get_library (self->room), self->shown,
                         (GbLevel) gtk_drop_down_get_selected (level)))
    {
      gb_plan_find (plan, self->shown, NULL, NULL)->is_fixed = TRUE;
      gb_room_set_plan (self->room, plan);
    }
  else
    gb_plan_free (plan);
}

static GtkWidget *
new_level (GbItemPane *self, const GbPlanItem *item)
{
  g_autoptr (GtkStringList) levels = gtk_string_list_new (NULL);
  GtkWidget *drop;
  for (guint i = 0; i < GB_N_LEVELS; i++)
    gtk_string_list_append (levels, gb_board_level_name ((GbLevel) i));
  drop = gtk_drop_down_new (G_LIST_MODEL (g_steal_pointer (&levels)), NULL);
  gtk_drop_down_set_selected (GTK_DROP_DOWN (drop), item->level);
  gtk_widget_set_tooltip_text (drop, _ ("The question of this topic at another level"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (drop), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Level"), -1);
  g_signal_connect (drop, "notify::selected", G_CALLBACK (on_level), self);
  return drop;
}

static GtkWidget *
add_button (
    GbItemPane *self, GtkWidget *box, const char *text, void (*func) (GbItemPane *self), const char *action)
{
  GtkWidget *button = gtk_button_new_with_label (text);
  if (action)
    gtk_actionable_set_detailed_action_name (GTK_ACTIONABLE (button), action);
  else
    g_signal_connect_swapped (button, "clicked", G_CALLBACK (func), self);
  gtk_box_append (GTK_BOX (box), button);
  return button;
}

static void
add_head (GbItemPane *self, const GbPlanItem *item)
{
  const GbFacts *facts = gb_room_get_facts (self->room);
  const GbItemFacts *said = gb_facts_find (facts, item->id);
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8),
            *buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  g_autofree char *title = gb_plan_item_dup_title (item, gb_room_get_library (self->room));
  GtkWidget *name = gb_room_text (title, "dim-label");

  gtk_widget_set_hexpand (name, TRUE);
  gtk_box_append (GTK_BOX (head), name);
  if (item->kind == GB_PLAN_QUESTION && gb_facts_get_fate (facts, item->id) == GB_ITEM_TO_COME
      && gb_room_get_replay (self->room) == NULL)
    gtk_box_append (GTK_BOX (head), new_level (self, item));
  gtk_box_append (GTK_BOX (self->box), head);
  if (facts->begun_at < 0 || facts->finished_at >= 0 || gb_room_get_replay (self->room))
    return;
  if (item->id != facts->now)
    add_button (self, buttons, _ ("Ask this now"), ask, NULL);
  else
    {
      GtkWidget *send = add_button (
          self, buttons, said && said->is_revealed ? _ ("Send to board again") : _ ("Send to board"), NULL,
          "room.reveal");
      gtk_widget_add_css_class (send, "suggested-action");
      if (item->kind == GB_PLAN_CASE || item->kind == GB_PLAN_TASK)
        add_button (self, buttons, _ ("Give the next hint"), NULL, "room.hint");
    }
  gtk_box_append (GTK_BOX (self->box), buttons);
}

/* ---- scores ---- */

static void
on_score (GtkToggleButton *button, GbItemPane *self)
{
  GbDimension dimension = (GbDimension) GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (button), "dimension"));
  double score = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (button), "score"));
  gb_room_score (self->room, self->shown, dimension, gtk_toggle_button_get_active (button) ? score : NAN);
}

static void
add_score_row (GbItemPane *self, GtkWidget *grid, int row, const GbItemFacts *said, GbDimension dimension)
{
  GtkWidget *label = gtk_label_new (gb_board_dimension_name (dimension)),
            *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (box, "linked");
  for (guint score = 0; score <= GB_INTERVIEW_MOST_SCORE; score++)
    {
      g_autofree char *text = g_strdup_printf ("%u", score);
      g_autofree char *name = g_strdup_printf (_ ("%s: %u of 4"), gb_board_dimension_name (dimension), score);
      GtkWidget *button = gtk_toggle_button_new_with_label (text);
      gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (button), said && said->scores[dimension] == score);
      gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
      g_object_set_data (G_OBJECT (button), "dimension", GUINT_TO_POINTER (dimension));
      g_object_set_data (G_OBJECT (button), "score", GUINT_TO_POINTER (score));
      g_signal_connect (button, "toggled", G_CALLBACK (on_score), self);
      gtk_box_append (GTK_BOX (box), button);
    }
  gtk_grid_attach (GTK_GRID (grid), label, 0, row, 1, 1);
  gtk_grid_attach (GTK_GRID (grid), box, 1, row, 1, 1);
}

/* The item's own dimension, those that its anchors name, and those that have a score. */
static gboolean
is_measured (GbItemPane *self, const GbPlanItem *item, const GbItemFacts *said, GbDimension dimension)
{
  const GbQuestion *question =
      item->kind == GB_PLAN_QUESTION
          ? gb_plan_question (gb_room_get_library (self->room), item->what, item->level)
          : NULL;
  if (dimension == item->dimension || (said && !isnan (said->scores[dimension]))
      || item->kind == GB_PLAN_TALK)
    return TRUE;
  for (guint i = 0; question && i < question->anchors->len; i++)
    if (gb_dimension_from_name (((GbAnchors *) question->anchors->pdata[i])->dimension) == (int) dimension)
      return TRUE;
  return FALSE;
}

static void
add_scores (GbItemPane *self, const GbPlanItem *item)
{
  const GbFacts *facts = gb_room_get_facts (self->room);
  const GbItemFacts *said = gb_facts_find (facts, item->id);
  GtkWidget *grid;
  int row = 0;

  if (facts->begun_at < 0)
    return;
  grid = gtk_grid_new ();
  gtk_grid_set_row_spacing (GTK_GRID (grid), 6);
  gtk_grid_set_column_spacing (GTK_GRID (grid), 12);
  gtk_widget_set_margin_top (grid, 6);
  add_score_row (self, grid, row++, said, item->dimension);
  for (guint d = 0; d < GB_N_DIMENSIONS; d++)
    if (d != item->dimension && is_measured (self, item, said, (GbDimension) d))
      add_score_row (self, grid, row++, said, (GbDimension) d);
  gtk_widget_set_sensitive (grid, gb_room_get_replay (self->room) == NULL);
  gtk_box_append (GTK_BOX (self->box), grid);
}

/* ---- all of it ---- */

static void
fill (GbItemPane *self)
{
  const GbPlanItem *item = item_shown (self);

  gb_room_clear (self->box);
  if (item == NULL)
    {
      add_part (self, NULL, _ ("Choose a question on the left to see what goes with it."), "dim-label");
      return;
    }
  add_head (self, item);
  add_scores (self, item);
  if (item->kind == GB_PLAN_QUESTION)
    add_question (self, item);
  else if (item->kind == GB_PLAN_TALK)
    add_talk (self);
  else
    add_case (self, item);
}

void
gb_item_pane_show (GbItemPane *self, guint item)
{
  self->shown = item;
  fill (self);
}

static void
gb_item_pane_dispose (GObject *object)
{
  GbItemPane *self = GB_ITEM_PANE (object);
  g_clear_pointer (&self->scroller, gtk_widget_unparent);
  G_OBJECT_CLASS (gb_item_pane_parent_class)->dispose (object);
}

static void
gb_item_pane_class_init (GbItemPaneClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gb_item_pane_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
gb_item_pane_init (GbItemPane *self)
{
}

GtkWidget *
gb_item_pane_new (GbRoom *room)
{
  GbItemPane *self = g_object_new (GB_TYPE_ITEM_PANE, NULL);

  self->room = room;
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  g_object_set (self->box, "margin-start", 18, "margin-end", 18, "margin-top", 12, "margin-bottom", 18, NULL);
  self->scroller = gb_room_scroller (self->box);
  gtk_widget_set_parent (self->scroller, GTK_WIDGET (self));
  g_signal_connect_object (room, "changed", G_CALLBACK (fill), self, G_CONNECT_SWAPPED);
  gb_label_on_language (self, G_CALLBACK (fill));
  return GTK_WIDGET (self);
}
