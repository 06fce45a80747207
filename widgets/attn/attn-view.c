#include "attn/attn-view.h"

#include "attn/attn-draw.h"
#include "common/i18n.h"

struct _GbAttnView
{
  GbView parent_instance;
  GbAttention *attention;
  GbAttnLayout *layout;
  GbPick chosen; /* the head shown large while none is pinned: chosen once, so that training does not make it
                    jump */
  guint sample;  /* of the batch */
};

G_DEFINE_FINAL_TYPE (GbAttnView, gb_attn_view, GB_TYPE_VIEW)

/* ---- shared by the widget and the export ---- */

/* The head shown large: the pinned one, else the one that looks hardest at something other than itself. */
static void
choose_head (const GbAttention *attention, const GbPick *pin, guint *layer, guint *head)
{
  double best = -1;
  *layer = *head = 0;
  for (guint i = 0; i < attention->layers->len; i++)
    {
      const GbAttentionLayer *candidate = gb_attention_layer (attention, i);
      if (pin && (pin->facets & GB_PICK_HEAD) && pin->call_key == candidate->call_key
          && pin->head < candidate->heads)
        {
          *layer = i;
          *head = pin->head;
          return;
        }
      for (guint h = 0; h < candidate->heads; h++)
        {
          GbHeadSummary summary;
          gb_attention_summarize (candidate, h, &summary);
          double sharpness = 1 / (0.1 + summary.spread) * (1 - summary.to_itself);
          if (sharpness > best)
            {
              best = sharpness;
              *layer = i;
              *head = h;
            }
        }
    }
}

/* The sample of the batch that a pick is of. */
static guint
sample_of (const GbPick *pick)
{
  return pick && (pick->facets & GB_PICK_HEAD) && (pick->facets & GB_PICK_SAMPLE) ? pick->sample : 0;
}

static void
pinned_cell (const GbPick *pin, int *query, int *key)
{
  gboolean cell = (pin->facets & GB_PICK_HEAD) && (pin->facets & GB_PICK_ELEMENT) && pin->ndim >= 2;
  *query = cell ? (int) pin->index[pin->ndim - 2] : -1;
  *key = cell ? (int) pin->index[pin->ndim - 1] : -1;
}

static void
fill_pick (const GbAttention *attention, guint layer, guint head, int query, int key, GbPick *pick)
{
  const GbAttentionLayer *shown = gb_attention_layer (attention, layer);
  *pick = (GbPick){ .facets = GB_PICK_HEAD | GB_PICK_TENSOR | GB_PICK_OP,
                    .call_key = shown->call_key,
                    .head = head,
                    .tensor = shown->tensor,
                    .call = shown->call };
  if (shown->sample > 0)
    {
      pick->facets |= GB_PICK_SAMPLE;
      pick->sample = shown->sample;
    }
  if (query >= 0)
    {
      pick->facets |= GB_PICK_ELEMENT;
      pick->ndim = 2;
      pick->index[0] = query;
      pick->index[1] = key;
    }
}

/* One further or back of what is chosen above the large map, the pinned cell kept where it fits; FALSE: there is no
 * further. */
static gboolean
step_choice (GbAttnView *self, GbAttnChoice choice, int step, GbPick *pick)
{
  const GbAttnLayout *layout = self->layout;
  int query, key, n, now;
  if (!self->attention || !self->attention->layers->len)
    return FALSE;
  const GbAttentionLayer *layer = gb_attention_layer (self->attention, layout->layer);
  now = (int) (choice == GB_ATTN_SAMPLE  ? self->sample
               : choice == GB_ATTN_LAYER ? layout->layer
                                         : layout->head);
  n = (int) (choice == GB_ATTN_SAMPLE  ? gb_attention_most_samples (self->attention)
             : choice == GB_ATTN_LAYER ? self->attention->layers->len
                                       : layer->heads);
  if (now + step < 0 || now + step >= n)
    return FALSE;
  guint row = layout->layer + (guint) (choice == GB_ATTN_LAYER ? step : 0);
  guint head = layout->head + (guint) (choice == GB_ATTN_HEAD ? step : 0);
  layer = gb_attention_layer (self->attention, row);
  pinned_cell (gb_selection_get_pin (gb_view_get_selection (GB_VIEW (self))), &query, &key);
  if (query >= (int) layer->queries || key >= (int) layer->keys)
    query = key = -1;
  fill_pick (self->attention, row, MIN (head, layer->heads - 1), query, key, pick);
  if (choice == GB_ATTN_SAMPLE)
    {
      pick->sample = (guint) (now + step);
      pick->facets = (pick->facets & ~(guint) GB_PICK_SAMPLE) | (pick->sample ? GB_PICK_SAMPLE : 0);
    }
  return TRUE;
}

/* ---- GbView ---- */

static void
gb_attn_view_update (GbView *view, const GbDrawContext *ctx, guint changes)
{
  GbAttnView *self = GB_ATTN_VIEW (view);
  guint layer, head;
  const GbPick *pin = gb_selection_get_pin (gb_view_get_selection (view));
  (void) changes;
  gb_attn_layout_free (self->layout);
  gb_attention_free (self->attention);
  if (pin->facets & GB_PICK_HEAD)
    self->sample = sample_of (pin);
  self->attention = gb_attention_new (gb_view_get_cursor (view), self->sample);
  self->sample = MIN (self->sample, gb_attention_most_samples (self->attention) - 1);
  choose_head (self->attention, pin->facets & GB_PICK_HEAD ? pin : &self->chosen, &layer, &head);
  if (self->attention->layers->len)
    fill_pick (self->attention, layer, head, -1, -1, &self->chosen);
  self->layout = gb_attn_layout_new (self->attention, layer, head, ctx);
}

static void
gb_attn_view_draw (GbView *view, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  GbAttnView *self = GB_ATTN_VIEW (view);
  if (self->attention)
    gb_attn_draw (self->attention, self->layout, ctx, snapshot);
}

static void
gb_attn_view_draw_overlay (GbView *view, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  GbAttnView *self = GB_ATTN_VIEW (view);
  int query, key;
  if (!self->attention || !self->attention->layers->len)
    return;
  pinned_cell (gb_selection_get_current (gb_view_get_selection (view)), &query, &key);
  gb_attn_draw_pin (self->attention, self->layout, ctx, snapshot, query, key);
}

static gboolean
gb_attn_view_pick (GbView *view, double x, double y, GbPick *pick)
{
  GbAttnView *self = GB_ATTN_VIEW (view);
  guint a, b;
  if (!self->attention || !self->attention->layers->len)
    return FALSE;
  switch (gb_attn_layout_pick (self->layout, self->attention, x, y, &a, &b))
    {
    case GB_ATTN_NOTHING:
      return FALSE;
    case GB_ATTN_SMALL:
      fill_pick (self->attention, a, b, -1, -1, pick);
      return TRUE;
    case GB_ATTN_STEP:
      return step_choice (self, (GbAttnChoice) a, b ? 1 : -1, pick);
    case GB_ATTN_CELL:
      fill_pick (self->attention, self->layout->layer, self->layout->head, (int) a, (int) b, pick);
      return TRUE;
    }
  return FALSE;
}

static gboolean
gb_attn_view_locate (GbView *view, const GbPick *pick, graphene_rect_t *box)
{
  GbAttnView *self = GB_ATTN_VIEW (view);
  return self->attention && gb_attn_layout_locate (self->layout, self->attention, pick, box);
}

/* Arrows walk over the cells of the large map; Home and End go to the head before and after. */
static gboolean
gb_attn_view_move (GbView *view, GbMove move, const GbPick *from, GbPick *to)
{
  GbAttnView *self = GB_ATTN_VIEW (view);
  int query, key, step = move == GB_MOVE_HOME ? -1 : 1;
  if (!self->attention || !self->attention->layers->len)
    return FALSE;
  const GbAttentionLayer *layer = gb_attention_layer (self->attention, self->layout->layer);
  guint head = self->layout->head, row = self->layout->layer;
  pinned_cell (from, &query, &key);
  if (move == GB_MOVE_HOME || move == GB_MOVE_END)
    {
      int next = (int) head + step;
      if (next < 0 || next >= (int) layer->heads)
        {
          if ((int) row + step < 0 || (int) row + step >= (int) self->attention->layers->len)
            return FALSE;
          row = (guint) ((int) row + step);
          next = step > 0 ? 0 : (int) gb_attention_layer (self->attention, row)->heads - 1;
        }
      fill_pick (self->attention, row, (guint) next, -1, -1, to);
      return TRUE;
    }
  if (query < 0)
    query = key = 0;
  else
    {
      query += move == GB_MOVE_DOWN ? 1 : move == GB_MOVE_UP ? -1 : 0;
      key += move == GB_MOVE_RIGHT ? 1 : move == GB_MOVE_LEFT ? -1 : 0;
    }
  if (query < 0 || key < 0 || query >= (int) layer->queries || key >= (int) layer->keys)
    return FALSE;
  fill_pick (self->attention, row, head, query, key, to);
  return TRUE;
}

static void
gb_attn_view_rows (GbView *view, GArray *rows)
{
  GbAttnView *self = GB_ATTN_VIEW (view);
  char from[16], to[16];
  for (guint i = 0; self->attention && i < self->attention->layers->len; i++)
    for (guint head = 0; head < gb_attention_layer (self->attention, i)->heads; head++)
      {
        const GbAttentionLayer *layer = gb_attention_layer (self->attention, i);
        GbHeadSummary summary;
        GbViewRow row = { 0 };
        gb_attention_summarize (layer, head, &summary);
        row.text = g_strdup_printf (
            _ ("layer %u head %u, query %s attends %s %.2f"), i + 1, head + 1,
            gb_attention_query_label (layer, summary.best_query, from, sizeof from),
            gb_attention_key_label (layer, summary.best_key, to, sizeof to), summary.best);
        fill_pick (self->attention, i, head, -1, -1, &row.pick);
        g_array_append_val (rows, row);
      }
  for (guint sample = 0; self->attention && sample < gb_attention_most_samples (self->attention)
                         && gb_attention_most_samples (self->attention) > 1;
       sample++)
    {
      GbAttnStepper of = { GB_ATTN_SAMPLE, sample, gb_attention_most_samples (self->attention), 0, 0 };
      GbViewRow row = { .text = gb_attn_stepper_text (&of) };
      if (sample != self->sample && step_choice (self, GB_ATTN_SAMPLE, (int) sample - (int) self->sample, &row.pick))
        g_array_append_val (rows, row);
      else
        g_free (row.text);
    }
}

static gboolean
gb_attn_view_key (GbView *view, guint keyval, GdkModifierType state)
{
  const char *name = keyval == GDK_KEY_n || keyval == GDK_KEY_N                  ? "next-sample"
                     : keyval == GDK_KEY_b || keyval == GDK_KEY_B                ? "previous-sample"
                     : keyval == GDK_KEY_Page_Down || keyval == GDK_KEY_KP_Page_Down ? "next-layer"
                     : keyval == GDK_KEY_Page_Up || keyval == GDK_KEY_KP_Page_Up     ? "previous-layer"
                                                                                 : NULL;
  if (name == NULL || (state & GDK_CONTROL_MASK))
    return FALSE;
  g_action_activate (g_action_map_lookup_action (gb_view_get_actions (view), name), NULL);
  return TRUE;
}

static void
step_activated (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  static const char *const things[GB_ATTN_N_CHOICES] = { "sample", "layer", "head" };
  const char *name = g_action_get_name (G_ACTION (action));
  GbPick pick;
  (void) parameter;
  for (guint i = 0; i < GB_ATTN_N_CHOICES; i++)
    if (g_str_has_suffix (name, things[i])
        && step_choice (data, (GbAttnChoice) i, g_str_has_prefix (name, "next") ? 1 : -1, &pick))
      gb_selection_set_pin (gb_view_get_selection (data), &pick);
}

static void
fill_menu (GbAttnView *self)
{
  g_autoptr (GMenu) menu = g_menu_new ();
  g_menu_append (menu, _ ("Next sample of the batch (N)"), "view.next-sample");
  g_menu_append (menu, _ ("Sample before it (B)"), "view.previous-sample");
  g_menu_append (menu, _ ("Next layer (Page Down)"), "view.next-layer");
  g_menu_append (menu, _ ("Layer before it (Page Up)"), "view.previous-layer");
  g_menu_append (menu, _ ("Next head (End)"), "view.next-head");
  g_menu_append (menu, _ ("Head before it (Home)"), "view.previous-head");
  g_menu_append (menu, _ ("Where the pinned number came from (D)"), "view.card");
  g_menu_append (menu, _ ("List in words (L)"), "view.list");
  gb_view_set_menu (GB_VIEW (self), G_MENU_MODEL (menu));
}

static void
gb_attn_view_finalize (GObject *object)
{
  GbAttnView *self = GB_ATTN_VIEW (object);
  gb_attn_layout_free (self->layout);
  gb_attention_free (self->attention);
  G_OBJECT_CLASS (gb_attn_view_parent_class)->finalize (object);
}

/* Another head, layer or sample is another picture; another cell of the same is not. */
static void
selection_changed (GbAttnView *self)
{
  const GbPick *pin = gb_selection_get_pin (gb_view_get_selection (GB_VIEW (self)));
  if ((pin->facets & GB_PICK_HEAD)
      && (pin->call_key != self->chosen.call_key || pin->head != self->chosen.head || sample_of (pin) != self->sample))
    gb_view_invalidate (GB_VIEW (self));
}

static void
gb_attn_view_constructed (GObject *object)
{
  G_OBJECT_CLASS (gb_attn_view_parent_class)->constructed (object);
  g_signal_connect_object (gb_view_get_selection (GB_VIEW (object)), "changed", G_CALLBACK (selection_changed), object,
                           G_CONNECT_SWAPPED);
}

static void
gb_attn_view_class_init (GbAttnViewClass *klass)
{
  GbViewClass *view_class = GB_VIEW_CLASS (klass);
  G_OBJECT_CLASS (klass)->constructed = gb_attn_view_constructed;
  G_OBJECT_CLASS (klass)->finalize = gb_attn_view_finalize;
  view_class->update = gb_attn_view_update;
  view_class->draw = gb_attn_view_draw;
  view_class->draw_overlay = gb_attn_view_draw_overlay;
  view_class->pick = gb_attn_view_pick;
  view_class->locate = gb_attn_view_locate;
  view_class->move = gb_attn_view_move;
  view_class->key = gb_attn_view_key;
  view_class->rows = gb_attn_view_rows;
}

static void
gb_attn_view_init (GbAttnView *self)
{
  static const GActionEntry entries[] = {
    { .name = "next-sample", .activate = step_activated }, { .name = "previous-sample", .activate = step_activated },
    { .name = "next-layer", .activate = step_activated },  { .name = "previous-layer", .activate = step_activated },
    { .name = "next-head", .activate = step_activated },   { .name = "previous-head", .activate = step_activated },
  };
  g_action_map_add_action_entries (gb_view_get_actions (GB_VIEW (self)), entries, G_N_ELEMENTS (entries), self);
  fill_menu (self);
  g_signal_connect_object (gb_i18n_get_default (), "changed", G_CALLBACK (fill_menu), self, G_CONNECT_SWAPPED);
}

/* ---- the row of the registry ---- */

static GtkWidget *
new_widget (GbTraceCursor *cursor, GbSelection *selection)
{
  return gb_view_new (GB_TYPE_ATTN_VIEW, &gb_attn_view_def, cursor, selection);
}

static int
relevance (GbTraceCursor *cursor)
{
  return gb_attention_exists (gb_trace_cursor_get_trace (cursor)) ? 85 : 0;
}

static void
natural_size (
    GbTraceCursor *cursor, GbSelection *selection, const GbDrawContext *ctx, double *width, double *height)
{
  g_autoptr (GbAttention) attention = gb_attention_new (cursor, 0);
  (void) selection;
  (void) ctx;
  gb_attn_natural_size (attention, width, height);
}

static void
draw (GbTraceCursor *cursor, GbSelection *selection, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbPick *pin = selection ? gb_selection_get_pin (selection) : NULL;
  g_autoptr (GbAttention) attention = gb_attention_new (cursor, sample_of (pin));
  guint layer, head;
  int query = -1, key = -1;
  choose_head (attention, pin, &layer, &head);
  g_autoptr (GbAttnLayout) layout = gb_attn_layout_new (attention, layer, head, ctx);
  gb_attn_draw (attention, layout, ctx, snapshot);
  if (!attention->layers->len)
    return;
  if (pin)
    pinned_cell (pin, &query, &key);
  gb_attn_draw_pin (attention, layout, ctx, snapshot, query, key);
}

static char *
describe (GbTraceCursor *cursor, GbSelection *selection)
{
  const GbPick *pin = selection ? gb_selection_get_pin (selection) : NULL;
  g_autoptr (GbAttention) attention = gb_attention_new (cursor, sample_of (pin));
  guint layer, head;
  if (!pin || !(pin->facets & GB_PICK_HEAD))
    return gb_attn_describe (attention, -1, -1);
  choose_head (attention, pin, &layer, &head);
  return gb_attn_describe (attention, (int) layer, (int) head);
}

static void
watches (GbTraceCursor *cursor, GbSelection *selection, GArray *list)
{
  TeWatch attention = { .kind = TE_WATCH_ATTENTION, .period_msec = 100 };
  (void) cursor;
  (void) selection;
  g_array_append_val (list, attention);
}

/* (query, key) of a head of a sample is an element of the softmax's result, in which samples come before heads. */
static gboolean
element (GbTraceCursor *cursor, const GbPick *pick, GbPick *element)
{
  GbTensor t;
  gint64 head = pick->head;
  const TeFactAttention *fact;
  if (!(pick->facets & GB_PICK_HEAD) || !(pick->facets & GB_PICK_ELEMENT) || pick->ndim != 2
      || !gb_trace_get_tensor (gb_trace_cursor_get_trace (cursor), pick->tensor,
                               gb_trace_cursor_get_position (cursor), &t)
      || t.ndim < 2 || t.ndim > GB_PICK_MAX_NDIM)
    return FALSE;
  if ((pick->facets & GB_PICK_SAMPLE)
      && (fact = (const TeFactAttention *) gb_trace_get_fact (gb_trace_cursor_get_trace (cursor), TE_FACT_ATTENTION,
                                                              pick->call_key, gb_trace_cursor_get_position (cursor))))
    head += (gint64) pick->sample * fact->heads;
  *element = (GbPick){ .facets = GB_PICK_TENSOR | GB_PICK_ELEMENT, .tensor = t.tensor, .ndim = t.ndim };
  element->index[t.ndim - 2] = pick->index[0];
  element->index[t.ndim - 1] = pick->index[1];
  for (int d = t.ndim - 3; d >= 0 && t.sizes[d] > 0; d--)
    {
      element->index[d] = head % t.sizes[d];
      head /= t.sizes[d];
    }
  return TRUE;
}

const GbViewDef gb_attn_view_def = {
  .id = "attn",
  .title = N_ ("Attention"),
  .summary = N_ ("Where each head reads: all maps at once, one of them with its numbers."),
  .icon_name = "gb-attn-symbolic",
  .missing = N_ ("No softmax over keys yet."),
  .relevance = relevance,
  .new_widget = new_widget,
  .natural_size = natural_size,
  .draw = draw,
  .describe = describe,
  .watches = watches,
  .element = element,
};
