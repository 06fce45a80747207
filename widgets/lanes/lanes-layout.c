#include "lanes/lanes-layout.h"

#include <math.h>

#include "common/i18n.h"
#include "common/number-format.h"

#define PAD      16
#define LEFT     128 /* names and shares */
#define TOP      34
#define BOTTOM   46
#define LANE_GAP 14
#define BAR_MAX  26
#define BAR_MIN  8

void
gb_lanes_layout_free (GbLanesLayout *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->bars);
  g_free (self);
}

const char *
gb_lane_name (GbLane lane)
{
  switch (lane)
    {
    case GB_LANE_FORWARD:
      return _ ("forward");
    case GB_LANE_BACKWARD:
      return _ ("backward");
    case GB_LANE_OPTIMIZER:
      return _ ("optimizer");
    case GB_N_LANES:
      break;
    }
  return "";
}

/* ---- bars ---- */

typedef struct
{
  guint64 call, end_nsec; /* where what runs inside it has got to */
  guint8 depth;
} Open;

static GbLane
lane_of (const GbOp *op)
{
  return op->record->flags & TE_WIRE_OP_OPTIMIZER  ? GB_LANE_OPTIMIZER
         : op->record->flags & TE_WIRE_OP_BACKWARD ? GB_LANE_BACKWARD
                                                   : GB_LANE_FORWARD;
}

/* Ops come parents first, so that a stack of open ones tells where each begins. */
static void
add_bar (GbLanesLayout *self, const GbOp *op, GArray *open)
{
  GbLaneBar bar = { .call = op->record->call,
                    .nsec = op->end ? op->end->nsec : 0,
                    .lane = lane_of (op),
                    .failed = op->end == NULL || op->end->status != 0 };
  Open *parent;

  while (open->len && g_array_index (open, Open, open->len - 1).call != op->record->parent)
    g_array_set_size (open, open->len - 1);
  parent = open->len ? &g_array_index (open, Open, open->len - 1) : NULL;
  if (parent)
    {
      bar.depth = parent->depth + 1;
      bar.start_nsec = parent->end_nsec;
      parent->end_nsec += bar.nsec;
    }
  else
    {
      bar.start_nsec = self->total_nsec;
      self->total_nsec += bar.nsec;
      self->lane_nsec[bar.lane] += bar.nsec;
    }
  g_array_append_val (open, ((Open){ bar.call, bar.start_nsec, bar.depth }));
  self->n_ops[bar.lane]++;
  if (bar.depth >= GB_LANES_MOST_DEPTH)
    return;
  self->depths[bar.lane] = MAX (self->depths[bar.lane], bar.depth + 1u);
  g_array_append_val (self->bars, bar);
}

/* The ops of the iteration at the position; one that has just begun shows the one before it. */
static void
collect (GbLanesLayout *self, GbTraceCursor *cursor)
{
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  guint64 seq = gb_trace_cursor_get_position (cursor), first, last = seq;
  g_autoptr (GArray) open = g_array_new (FALSE, FALSE, sizeof (Open));
  const GbIteration *iteration;
  const TeRecord *record;
  GbTraceIter iter;
  GbOp op;

  self->iteration = gb_trace_get_n_iterations (trace) ? gb_trace_iteration_at (trace, seq) : 0;
  first = self->iteration ? gb_trace_iteration_first_seq (trace, self->iteration) : 0;
  for (int pass = 0; pass < 2; pass++)
    {
      if (self->iteration && (iteration = gb_trace_find_iteration (trace, self->iteration))
          && iteration->iteration == self->iteration)
        {
          const GbIteration *before = gb_trace_find_iteration (trace, self->iteration - 1);
          last = iteration->last_seq;
          self->clock_nsec = before && before->iteration + 1 == iteration->iteration
                                     && iteration->time_nsec > before->time_nsec
                                 ? iteration->time_nsec - before->time_nsec
                                 : 0;
        }
      gb_trace_iter_init (&iter, trace, first);
      while ((record = gb_trace_iter_next (&iter)) && record->seq <= last)
        {
          if (record->type != TE_RECORD_OP
              || !gb_trace_op_from_record (trace, (const TeRecordOp *) record, &op))
            continue;
          self->is_cut = self->bars->len >= GB_LANES_MOST_BARS;
          if (self->is_cut)
            break;
          add_bar (self, &op, open);
        }
      if (self->bars->len || self->iteration < 2)
        return;
      self->iteration--;
      first = gb_trace_iteration_first_seq (trace, self->iteration);
    }
}

/* ---- geometry ---- */

GbLanesLayout *
gb_lanes_layout_new (GbTraceCursor *cursor, const GbDrawContext *ctx)
{
  GbLanesLayout *self = g_new0 (GbLanesLayout, 1);
  guint rows = 0, lanes = 0; /* a phase without operations has none */
  double y;

  self->width = ctx->width;
  self->height = ctx->height;
  self->bars = g_array_new (FALSE, FALSE, sizeof (GbLaneBar));
  collect (self, cursor);
  self->is_empty = self->bars->len == 0;
  if (self->is_empty)
    return self;
  for (guint i = 0; i < GB_N_LANES; i++)
    {
      rows += self->depths[i];
      lanes += self->depths[i] > 0;
    }
  self->bar_height =
      CLAMP ((ctx->height - TOP - BOTTOM - lanes * LANE_GAP) / MAX (rows, 1), BAR_MIN, BAR_MAX);
  y = TOP;
  for (guint i = 0; i < GB_N_LANES; i++)
    {
      self->lane_y[i] = y;
      y += self->depths[i] ? self->depths[i] * self->bar_height + LANE_GAP : 0;
    }
  self->x = ctx->width >= 320 ? LEFT : 8;
  self->plot_width = MAX (ctx->width - self->x - PAD, 10);
  self->unit_nsec = self->total_nsec < 2000000 ? 1e3 : 1e6;
  self->axis = gb_axis_linear (0, MAX ((double) self->total_nsec, 1) / self->unit_nsec,
                               (guint) MAX (self->plot_width / 110, 2));
  return self;
}

void
gb_lanes_layout_place (const GbLanesLayout *self, const GbLaneBar *bar, double *x, double *y, double *width)
{
  double scale = self->plot_width / MAX ((double) self->total_nsec, 1);

  *x = self->x + (double) bar->start_nsec * scale;
  *width = (double) bar->nsec * scale;
  *y = self->lane_y[bar->lane] + bar->depth * self->bar_height;
}

int
gb_lanes_layout_at (const GbLanesLayout *self, double x, double y)
{
  int nearest = -1;
  double best = 3;

  for (guint i = 0; i < self->bars->len; i++)
    {
      double left, top, width, off;
      gb_lanes_layout_place (self, &g_array_index (self->bars, GbLaneBar, i), &left, &top, &width);
      if (y < top || y >= top + self->bar_height)
        continue;
      off = x < left ? left - x : x > left + width ? x - left - width : 0;
      if (off < best || (off == 0 && best > 0))
        best = off, nearest = (int) i;
    }
  return nearest;
}

int
gb_lanes_layout_find (const GbLanesLayout *self, guint64 call)
{
  for (guint i = 0; i < self->bars->len; i++)
    if (g_array_index (self->bars, GbLaneBar, i).call == call)
      return (int) i;
  return -1;
}

gboolean
gb_lanes_layout_locate (const GbLanesLayout *self, const GbPick *pick, graphene_rect_t *box)
{
  double x, y, width;
  int nth = !self->is_empty && (pick->facets & GB_PICK_OP) ? gb_lanes_layout_find (self, pick->call) : -1;
  if (nth < 0)
    return FALSE;
  gb_lanes_layout_place (self, &g_array_index (self->bars, GbLaneBar, nth), &x, &y, &width);
  graphene_rect_init (box, (float) x, (float) y, (float) MAX (width, 1), (float) self->bar_height);
  return TRUE;
}

char *
gb_lanes_bar_text (GbTrace *trace, const GbLaneBar *bar)
{
  const GbPosition *pos;
  char duration[32];
  GbOp op;

  if (!gb_trace_get_op (trace, bar->call, &op))
    return g_strdup ("");
  pos = gb_trace_get_position (trace, op.record->caller_pos ? op.record->caller_pos : op.record->pos);
  if (bar->failed)
    g_strlcpy (duration, op.end ? _ ("raised") : _ ("still running"), sizeof duration);
  else
    gb_number_duration (bar->nsec, duration, sizeof duration);
  return pos && pos->line
             ? g_strdup_printf (_ ("%s, %s, line %u"), gb_trace_op_name (trace, &op), duration, pos->line)
             : g_strdup_printf ("%s, %s", gb_trace_op_name (trace, &op), duration);
}
