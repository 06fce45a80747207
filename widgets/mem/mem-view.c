#include "mem/mem-view.h"

#include <math.h>

#include "common/a11y.h"
#include "common/i18n.h"
#include "common/number-format.h"
#include "mem/mem-draw.h"

#define MAX_ROWS 400

struct _GbMemView
{
  GbView parent_instance;
  GbMemLayout *layout;
  GbMemOptions options;
};

G_DEFINE_FINAL_TYPE (GbMemView, gb_mem_view, GB_TYPE_VIEW)

static void
mem_update (GbView *view, const GbDrawContext *ctx, guint changes)
{
  GbMemView *self = GB_MEM_VIEW (view);

  if (changes & GB_TRACE_CHANGED_RESET)
    self->options.first_row = 0;
  gb_mem_layout_free (self->layout);
  self->layout = gb_mem_layout_new (gb_view_get_cursor (view), &self->options, ctx);
  self->options.first_row = self->layout->window.first_row;
}

static void
mem_draw (GbView *view, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  gb_mem_draw (GB_MEM_VIEW (view)->layout, ctx, snapshot);
}

static void
mem_draw_overlay (GbView *view, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  if (GB_MEM_VIEW (view)->layout)
    gb_mem_draw_overlay (GB_MEM_VIEW (view)->layout, gb_view_get_selection (view), ctx, snapshot);
}

/* A time is the op that ran then; a row is its storage. */
static gboolean
mem_pick (GbView *view, double x, double y, GbPick *pick)
{
  const GbMemLayout *layout = GB_MEM_VIEW (view)->layout;
  guint64 seq, call;
  int row;
  GbOp op;

  if (layout == NULL || layout->list == NULL)
    return FALSE;
  seq = gb_mem_layout_seq_at (layout, x, y);
  call = seq ? gb_trace_get_last_call_at (layout->trace, seq) : 0;
  if (call && gb_trace_get_op (layout->trace, call, &op))
    {
      *pick = (GbPick){ .facets = GB_PICK_OP | GB_PICK_POSITION,
                        .call = call,
                        .pos = op.record->caller_pos ? op.record->caller_pos : op.record->pos };
      return TRUE;
    }
  row = gb_row_window_at (&layout->window, y);
  if (row < 0)
    return FALSE;
  gb_mem_layout_pick (layout, (guint) row, pick);
  return TRUE;
}

static gboolean
mem_locate (GbView *view, const GbPick *pick, graphene_rect_t *box)
{
  const GbMemLayout *layout = GB_MEM_VIEW (view)->layout;
  return layout && gb_mem_layout_locate (layout, pick, box);
}

/* Up and down among the blocks, left and right from iteration to iteration. */
static gboolean
mem_move (GbView *view, GbMove move, const GbPick *from, GbPick *to)
{
  GbMemView *self = GB_MEM_VIEW (view);
  GbMemLayout *layout = self->layout;
  int row;
  guint next;

  if (layout == NULL || layout->list == NULL || layout->list->len == 0)
    return FALSE;
  row = gb_mem_layout_find (layout, from);
  next = row < 0 ? 0 : (guint) row;
  switch (move)
    {
    case GB_MOVE_UP:
      next = next ? next - 1 : 0;
      break;
    case GB_MOVE_DOWN:
      next = row < 0 ? 0 : MIN (next + 1, layout->list->len - 1);
      break;
    case GB_MOVE_HOME:
      next = 0;
      break;
    case GB_MOVE_END:
      next = layout->list->len - 1;
      break;
    case GB_MOVE_LEFT:
    case GB_MOVE_RIGHT:
      gb_trace_cursor_step (gb_view_get_cursor (view), GB_STEP_OP, move == GB_MOVE_RIGHT ? 1 : -1);
      *to = *from;
      return from->facets != 0;
    }
  if (gb_row_window_reveal (&layout->window, next))
    {
      self->options.first_row = layout->window.first_row;
      gb_view_invalidate (view);
    }
  gb_mem_layout_pick (layout, next, to);
  return TRUE;
}

/* Enter goes to the op's time, or shows the tensor. */
static void
mem_activate (GbView *view, const GbPick *pick)
{
  GbTraceCursor *cursor = gb_view_get_cursor (view);
  GbOp op;

  if ((pick->facets & GB_PICK_OP) && gb_trace_get_op (gb_trace_cursor_get_trace (cursor), pick->call, &op))
    gb_trace_cursor_set_position (cursor, op.end ? op.end->head.seq : op.record->head.seq);
  else if (pick->facets & GB_PICK_TENSOR)
    gb_selection_set_tensor (gb_view_get_selection (view), pick->tensor);
  gb_selection_set_pin (gb_view_get_selection (view), pick);
}

static gboolean
mem_scroll (GbView *view, double dx, double dy, double x, double y, GdkModifierType state)
{
  GbMemView *self = GB_MEM_VIEW (view);

  if (self->layout == NULL || self->layout->list == NULL
      || !gb_row_window_scroll (&self->layout->window, round (dy * 3)))
    return FALSE;
  self->options.first_row = self->layout->window.first_row;
  gb_view_invalidate (view);
  return TRUE;
}

static void
mem_rows (GbView *view, GArray *rows)
{
  const GbMemLayout *layout = GB_MEM_VIEW (view)->layout;
  g_autofree char *peak = NULL, *growth = NULL;

  if (layout == NULL || layout->list == NULL)
    return;
  peak = gb_mem_peak_text (layout);
  growth = gb_mem_growth_text (&layout->growth);
  gb_view_rows_add (rows, NULL, "%s", peak);
  if (growth)
    gb_view_rows_add (rows, NULL, "%s", growth);
  for (guint r = 0; r < MIN (layout->list->len, MAX_ROWS); r++)
    {
      g_autofree char *text = gb_mem_row_text (layout, r);
      GbPick pick;
      gb_mem_layout_pick (layout, r, &pick);
      gb_view_rows_add (rows, &pick, "%s", text);
    }
}

static void
on_iteration (GSimpleAction *action, GVariant *value, gpointer data)
{
  g_simple_action_set_state (action, value);
  GB_MEM_VIEW (data)->options.only_iteration = g_variant_get_boolean (value);
  gb_view_invalidate (GB_VIEW (data));
}

/* Where it was most. */
static void
on_peak (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  const GbMemLayout *layout = GB_MEM_VIEW (data)->layout;
  if (layout && layout->list && layout->peak_seq)
    gb_trace_cursor_set_position (gb_view_get_cursor (GB_VIEW (data)), layout->peak_seq);
}

static gboolean
mem_key (GbView *view, guint keyval, GdkModifierType state)
{
  const char *name = keyval == GDK_KEY_i || keyval == GDK_KEY_I   ? "iteration"
                     : keyval == GDK_KEY_m || keyval == GDK_KEY_M ? "peak"
                                                                  : NULL;

  if (name == NULL)
    return FALSE;
  g_action_activate (g_action_map_lookup_action (gb_view_get_actions (view), name), NULL);
  return TRUE;
}

static void
mem_fill_menu (GbMemView *self)
{
  g_autoptr (GMenu) menu = g_menu_new ();
  g_menu_append (menu, _ ("This iteration alone (I)"), "view.iteration");
  g_menu_append (menu, _ ("Go to the peak (M)"), "view.peak");
  g_menu_append (menu, _ ("List in words (L)"), "view.list");
  gb_view_set_menu (GB_VIEW (self), G_MENU_MODEL (menu));
}

static void
gb_mem_view_finalize (GObject *object)
{
  gb_mem_layout_free (GB_MEM_VIEW (object)->layout);
  G_OBJECT_CLASS (gb_mem_view_parent_class)->finalize (object);
}

static void
gb_mem_view_class_init (GbMemViewClass *klass)
{
  GbViewClass *view_class = GB_VIEW_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = gb_mem_view_finalize;
  view_class->update = mem_update;
  view_class->draw = mem_draw;
  view_class->draw_overlay = mem_draw_overlay;
  view_class->pick = mem_pick;
  view_class->locate = mem_locate;
  view_class->move = mem_move;
  view_class->activate = mem_activate;
  view_class->scroll = mem_scroll;
  view_class->key = mem_key;
  view_class->rows = mem_rows;
}

static void
gb_mem_view_init (GbMemView *self)
{
  static const GActionEntry entries[] = {
    { .name = "iteration", .state = "false", .change_state = on_iteration },
    { .name = "peak", .activate = on_peak },
  };

  g_action_map_add_action_entries (gb_view_get_actions (GB_VIEW (self)), entries, G_N_ELEMENTS (entries),
                                   self);
  mem_fill_menu (self);
  g_signal_connect_object (gb_i18n_get_default (), "changed", G_CALLBACK (mem_fill_menu), self,
                           G_CONNECT_SWAPPED);
}

/* ---- definition ---- */
static int
mem_relevance (GbTraceCursor *cursor)
{
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  const GbMemory *memory = gb_memory_of (trace);

  if (memory->blocks == NULL || memory->blocks->len == 0)
    return 0;
  return gb_memory_growth (memory, trace, gb_trace_cursor_get_position (cursor)).position ? 62 : 20;
}

static GtkWidget *
mem_new_widget (GbTraceCursor *cursor, GbSelection *selection)
{
  return gb_view_new (GB_TYPE_MEM_VIEW, &gb_mem_view_def, cursor, selection);
}

static void
mem_natural_size (
    GbTraceCursor *cursor, GbSelection *selection, const GbDrawContext *ctx, double *width, double *height)
{
  *width = 640;
  *height = 400;
}

static void
mem_draw_static (GbTraceCursor *cursor,
                 GbSelection *selection,
                 const GbDrawContext *ctx,
                 GtkSnapshot *snapshot)
{
  GbMemOptions options = { 0 };
  g_autoptr (GbMemLayout) layout = gb_mem_layout_new (cursor, &options, ctx);

  gb_mem_draw (layout, ctx, snapshot);
  gb_mem_draw_overlay (layout, selection, ctx, snapshot);
}

static char *
mem_describe (GbTraceCursor *cursor, GbSelection *selection)
{
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  const GbMemory *memory = gb_memory_of (trace);
  guint64 seq = gb_trace_cursor_get_position (cursor), at, most;
  const GbMemorySample *now = gb_memory_at (memory, seq);
  const GbPosition *position;
  g_autoptr (GArray) list = NULL;
  GbMemorySample sum;
  GbMemoryGrowth growing;
  g_autofree char *growth = NULL;
  char bytes[32], peak[32];

  if (now == NULL)
    return g_strdup (gb_mem_empty_text ());
  growing = gb_memory_growth (memory, trace, seq);
  growth = gb_mem_growth_text (&growing);
  most = gb_memory_peak (memory, trace, seq, &at, &position);
  list = gb_memory_list (memory, seq);
  sum = memory->forgot ? *now : gb_memory_sum (memory, list, seq);
  gb_number_bytes (gb_memory_total (&sum), bytes, sizeof bytes);
  gb_number_bytes (most, peak, sizeof peak);
  if (growth)
    return g_strdup_printf (_ ("Tensors hold %s: %s."), bytes, growth);
  if (position)
    return g_strdup_printf (_ ("Tensors hold %s; the peak was %s, in line %u."), bytes, peak, position->line);
  return g_strdup_printf (_ ("Tensors hold %s; the peak was %s."), bytes, peak);
}

const GbViewDef gb_mem_view_def = {
  .id = "mem",
  .title = N_ ("Memory"),
  .summary = N_ ("What holds how many bytes over time, and the line that made the peak."),
  .icon_name = "drive-harddisk-symbolic",
  .missing = N_ ("Nothing allocated. Make a tensor."),
  .relevance = mem_relevance,
  .new_widget = mem_new_widget,
  .natural_size = mem_natural_size,
  .draw = mem_draw_static,
  .describe = mem_describe,
};
