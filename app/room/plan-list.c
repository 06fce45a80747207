#include "room/plan-list.h"

#include <math.h>

#include "board/board-layout.h"
#include "common/i18n.h"
#include "labels.h"
#include "room/room-parts.h"

struct _GbPlanList
{
  GtkWidget parent_instance;

  GbRoom *room;
  GtkWidget *box, *list, *shares, *shortage, *replan, *tools, *softer, *harder;
  GPtrArray *parts; /* labels of the time of those that have items, borrowed */
  guint selected;
  gboolean is_filling;
};

enum
{
  SELECTED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GbPlanList, gb_plan_list, GTK_TYPE_WIDGET)

/* ---- rows ---- */

static guint
id_of (gpointer row)
{
  return GPOINTER_TO_UINT (g_object_get_data (row, "item"));
}

/* What is planned of a part, and what has been used. */
static char *
dup_part_time (GbPlanList *self, const GbPlanPart *part)
{
  const GbFacts *facts = gb_room_get_facts (self->room);
  double minutes = 0;
  gint64 spent = 0, now = gb_room_get_now (self->room);

  for (guint i = 0; i < part->items->len; i++)
    {
      const GbPlanItem *item = part->items->pdata[i];
      minutes += gb_facts_get_fate (facts, item->id) == GB_ITEM_PASSED ? 0 : item->minutes;
      spent += gb_facts_get_spent (facts, item->id, now);
    }
  g_autofree char *clock = gb_room_clock (spent);
  return spent ? g_strdup_printf (_ ("%s of %.0f min"), clock, minutes) : g_strdup_printf (_ ("%.0f min"), minutes);
}

static GtkWidget *
new_part (GbPlanList *self, const GbPlanPart *part)
{
  GtkWidget *row = gtk_list_box_row_new (), *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  g_autofree char *title = gb_plan_part_dup_title (part->id, gb_room_get_library (self->room));
  g_autofree char *time = dup_part_time (self, part);
  GtkWidget *label = gtk_label_new (title), *clock = gtk_label_new (time);

  g_ptr_array_add (self->parts, clock);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_add_css_class (label, "caption-heading");
  gtk_widget_add_css_class (clock, "caption");
  gtk_widget_add_css_class (clock, "numeric");
  gtk_widget_set_margin_top (box, 6);
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), clock);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_list_box_row_set_selectable (GTK_LIST_BOX_ROW (row), FALSE);
  return row;
}

/* A shape beside the words, so that colour is not needed. */
static const char *
mark_of (const GbFacts *facts, guint item)
{
  GbItemFate fate = gb_facts_get_fate (facts, item);
  return item == facts->now ? "▶" : fate == GB_ITEM_ASKED ? "✓" : fate == GB_ITEM_PASSED ? "–" : "○";
}

static char *
score_text (const GbFacts *facts, const GbPlanItem *item)
{
  const GbItemFacts *said = gb_facts_find (facts, item->id);
  GString *text = g_string_new (NULL);
  for (guint d = 0; said && d < GB_N_DIMENSIONS; d++)
    if (!isnan (said->scores[d]))
      g_string_append_printf (text, text->len ? " %g" : "%g", said->scores[d]);
  return g_string_free (text, FALSE);
}

static GtkWidget *
new_item (GbPlanList *self, const GbPlanItem *item)
{
  const GbFacts *facts = gb_room_get_facts (self->room);
  GtkWidget *row = gtk_list_box_row_new (), *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0),
            *mark = gtk_label_new (mark_of (facts, item->id));
  g_autofree char *title = gb_plan_item_dup_title (item, gb_room_get_library (self->room));
  g_autofree char *score = score_text (facts, item);
  g_autofree char *below = g_strdup_printf (_ ("%s · %s · %g min"), gb_board_level_name (item->level),
                                            gb_board_dimension_name (item->dimension), item->minutes);
  GtkWidget *name = gtk_label_new (title), *rest = gtk_label_new (below), *points = gtk_label_new (score);

  gtk_label_set_xalign (GTK_LABEL (name), 0);
  gtk_label_set_ellipsize (GTK_LABEL (name), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (rest), 0);
  gtk_label_set_ellipsize (GTK_LABEL (rest), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (rest, "caption");
  gtk_widget_add_css_class (rest, "dim-label");
  gtk_widget_add_css_class (points, "numeric");
  gtk_widget_set_hexpand (texts, TRUE);
  gtk_widget_set_size_request (mark, 16, -1);
  if (gb_facts_get_fate (facts, item->id) == GB_ITEM_PASSED)
    gtk_widget_add_css_class (name, "dim-label");
  gtk_box_append (GTK_BOX (texts), name);
  gtk_box_append (GTK_BOX (texts), rest);
  gtk_box_append (GTK_BOX (box), mark);
  gtk_box_append (GTK_BOX (box), texts);
  gtk_box_append (GTK_BOX (box), points);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  g_object_set_data (G_OBJECT (row), "item", GUINT_TO_POINTER (item->id));
  return row;
}

static void
update_shares (GbPlanList *self)
{
  const GbFacts *facts = gb_room_get_facts (self->room);
  double share[GB_N_DIMENSIONS] = { 0 }, all = 0;
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < gb_plan_get_n_items (facts->plan); i++)
    {
      const GbPlanItem *item = gb_plan_get_item (facts->plan, i);
      if (gb_facts_get_fate (facts, item->id) == GB_ITEM_PASSED)
        continue;
      share[item->dimension] += item->minutes;
      all += item->minutes;
    }
  for (guint d = 0; d < GB_N_DIMENSIONS; d++)
    g_string_append_printf (text, _ ("%s%s %.0f %% (of %u)"), d ? "\n" : "",
                            gb_board_dimension_name ((GbDimension) d), all > 0 ? 100 * share[d] / all : 0,
                            gb_dimension_weight ((GbDimension) d));
  gtk_label_set_label (GTK_LABEL (self->shares), text->str);
  g_string_free (text, TRUE);
}

void
gb_plan_list_update_time (GbPlanList *self)
{
  const GbFacts *facts = gb_room_get_facts (self->room);
  double shortage = facts && facts->plan && facts->finished_at < 0 && !gb_room_get_replay (self->room) ? gb_room_get_shortage (self->room) : 0;
  gboolean is_short = shortage > 0.5;
  g_autofree char *text =
      g_strdup_printf (_ ("What is to come takes %.0f min more than are left."), ceil (shortage));

  for (guint i = 0, p = 0; facts && facts->plan && p < facts->plan->parts->len && i < self->parts->len; p++)
    {
      const GbPlanPart *part = facts->plan->parts->pdata[p];
      g_autofree char *head = part->items->len ? dup_part_time (self, part) : NULL;
      if (head)
        gtk_label_set_label (g_ptr_array_index (self->parts, i++), head);
    }
  gtk_label_set_label (GTK_LABEL (self->shortage), text);
  gtk_widget_set_visible (self->shortage, is_short);
  gtk_widget_set_visible (self->replan, is_short);
}

static void
update_tools (GbPlanList *self)
{
  const GbFacts *facts = gb_room_get_facts (self->room);
  gtk_widget_set_visible (self->tools, facts->finished_at < 0 && !gb_room_get_replay (self->room));
  gtk_widget_set_sensitive (self->tools, self->selected != 0);
  gtk_widget_set_visible (self->softer, (facts->plan->ways & GB_WAY_DEPTH) != 0);
  gtk_widget_set_visible (self->harder, (facts->plan->ways & GB_WAY_DEPTH) != 0);
}

static void
fill (GbPlanList *self)
{
  const GbPlan *plan = gb_room_get_plan (self->room);
  GtkWidget *chosen = NULL;

  if (plan == NULL)
    return;
  self->is_filling = TRUE;
  gb_room_clear (self->list);
  g_ptr_array_set_size (self->parts, 0);
  for (guint p = 0; p < plan->parts->len; p++)
    {
      const GbPlanPart *part = plan->parts->pdata[p];
      if (part->items->len == 0)
        continue;
      gtk_list_box_append (GTK_LIST_BOX (self->list), new_part (self, part));
      for (guint i = 0; i < part->items->len; i++)
        {
          GtkWidget *row = new_item (self, part->items->pdata[i]);
          gtk_list_box_append (GTK_LIST_BOX (self->list), row);
          if (id_of (row) == self->selected)
            chosen = row;
        }
    }
  if (chosen == NULL)
    self->selected = 0;
  gtk_list_box_select_row (GTK_LIST_BOX (self->list), GTK_LIST_BOX_ROW (chosen));
  self->is_filling = FALSE;
  update_shares (self);
  update_tools (self);
  gb_plan_list_update_time (self);
}

static void
on_row (GbPlanList *self, GtkListBoxRow *row)
{
  if (self->is_filling)
    return;
  self->selected = row ? id_of (row) : 0;
  update_tools (self);
  g_signal_emit (self, signals[SELECTED], 0, self->selected);
}

void
gb_plan_list_select (GbPlanList *self, guint item)
{
  if (self->selected == item)
    return;
  self->selected = item;
  fill (self);
  g_signal_emit (self, signals[SELECTED], 0, item);
}

/* ---- by hand ---- */

static void
move_up (GbPlanList *self)
{
  GbPlan *plan = gb_plan_copy (gb_room_get_plan (self->room));
  gb_plan_move (plan, self->selected, -1);
  gb_room_set_plan (self->room, plan);
}

static void
move_down (GbPlanList *self)
{
  GbPlan *plan = gb_plan_copy (gb_room_get_plan (self->room));
  gb_plan_move (plan, self->selected, 1);
  gb_room_set_plan (self->room, plan);
}

static void
exchange (GbPlanList *self)
{
  GbPlan *plan = gb_plan_copy (gb_room_get_plan (self->room));
  if (gb_facts_get_fate (gb_room_get_facts (self->room), self->selected) == GB_ITEM_TO_COME
      && gb_plan_exchange (plan, gb_room_get_library (self->room), self->selected))
    {
      gb_room_set_plan (self->room, plan);
      g_signal_emit (self, signals[SELECTED], 0, self->selected);
    }
  else
    gb_plan_free (plan);
}

static void
pass (GbPlanList *self)
{
  gb_room_pass (self->room, self->selected);
}

static void
replan (GbPlanList *self)
{
  gb_room_replan (self->room);
}

static void
softer (GbPlanList *self)
{
  gb_room_shift_depth (self->room, -1);
}

static void
harder (GbPlanList *self)
{
  gb_room_shift_depth (self->room, 1);
}

static GtkWidget *
add_tool (
    GbPlanList *self, GtkWidget *box, const char *icon, const char *msgid, void (*func) (GbPlanList *self))
{
  GtkWidget *button = gb_label_button (icon, msgid, NULL);
  gtk_widget_add_css_class (button, "flat");
  g_signal_connect_swapped (button, "clicked", G_CALLBACK (func), self);
  gtk_box_append (GTK_BOX (box), button);
  return button;
}

/* ---- the object ---- */

static void
gb_plan_list_dispose (GObject *object)
{
  GbPlanList *self = GB_PLAN_LIST (object);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_pointer (&self->parts, g_ptr_array_unref);
  G_OBJECT_CLASS (gb_plan_list_parent_class)->dispose (object);
}

static void
gb_plan_list_class_init (GbPlanListClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gb_plan_list_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  signals[SELECTED] = g_signal_new ("selected", GB_TYPE_PLAN_LIST, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                    G_TYPE_NONE, 1, G_TYPE_UINT);
}

static void
gb_plan_list_init (GbPlanList *self)
{
  self->parts = g_ptr_array_new ();
}

GtkWidget *
gb_plan_list_new (GbRoom *room)
{
  GbPlanList *self = g_object_new (GB_TYPE_PLAN_LIST, NULL);

  self->room = room;
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  self->list = gtk_list_box_new ();
  gtk_widget_add_css_class (self->list, "navigation-sidebar");
  gb_label_accessible (self->list, N_ ("Plan"));
  g_signal_connect_swapped (self->list, "row-selected", G_CALLBACK (on_row), self);
  self->tools = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  add_tool (self, self->tools, "go-up-symbolic", N_ ("Earlier"), move_up);
  add_tool (self, self->tools, "go-down-symbolic", N_ ("Later"), move_down);
  add_tool (self, self->tools, "view-refresh-symbolic", N_ ("Another one in its place"), exchange);
  add_tool (self, self->tools, "edit-clear-symbolic", N_ ("Pass over it, or fetch it back"), pass);
  self->softer =
      add_tool (self, self->tools, "list-remove-symbolic", N_ ("All that is to come: easier"), softer);
  self->harder =
      add_tool (self, self->tools, "list-add-symbolic", N_ ("All that is to come: harder"), harder);
  self->shares = gb_room_text ("", "caption");
  gtk_widget_add_css_class (self->shares, "dim-label");
  self->shortage = gb_room_text ("", "warning");
  self->replan = gb_room_button (N_ ("Make it fit by the weights"), NULL);
  g_signal_connect_swapped (self->replan, "clicked", G_CALLBACK (replan), self);
  gtk_box_append (GTK_BOX (self->box), gb_room_scroller (self->list));
  gtk_box_append (GTK_BOX (self->box), self->tools);
  gtk_box_append (GTK_BOX (self->box), self->shortage);
  gtk_box_append (GTK_BOX (self->box), self->replan);
  gtk_box_append (GTK_BOX (self->box), self->shares);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  g_signal_connect_object (room, "changed", G_CALLBACK (fill), self, G_CONNECT_SWAPPED);
  gb_label_on_language (self, G_CALLBACK (fill));
  return GTK_WIDGET (self);
}
