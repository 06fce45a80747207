#include "models/ranks-model.h"

#include <math.h>
#include <string.h>

#include "models/events.h"

void
gb_ranks_free (GbRanks *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->ranks);
  g_array_unref (self->bars);
  g_array_unref (self->meetings);
  g_free (self);
}

const GbRank *
gb_ranks_rank (const GbRanks *self, guint lane)
{
  return &g_array_index (self->ranks, GbRank, lane);
}

const GbRankBar *
gb_ranks_bar (const GbRanks *self, guint nth)
{
  return &g_array_index (self->bars, GbRankBar, nth);
}

const GbRankMeeting *
gb_ranks_meeting (const GbRanks *self, guint nth)
{
  return &g_array_index (self->meetings, GbRankMeeting, nth);
}

static GbRank *
rank_of (GbRanks *self, guint lane)
{
  return &g_array_index (self->ranks, GbRank, lane);
}

static GbRankBar *
bar_of (GbRanks *self, guint nth)
{
  return &g_array_index (self->bars, GbRankBar, nth);
}

/* ---- events ---- */

static gboolean
is_of_rank (const GbEvent *event)
{
  double rank = gb_event_number (event, "rank");
  return rank >= 0 && rank < 1e6 && rank == floor (rank);
}

static GbRankKind
kind_of (const GbEvent *event)
{
  static const char *const kinds[] = { "compute", "send", "recv", "collective", "wait", "dead" };
  static const char *const collectives[] = { "all_reduce", "all_gather", "reduce_scatter",
                                             "broadcast",  "reduce",     "gather",
                                             "scatter",    "barrier",    "all_to_all" };
  const char *kind = gb_event_text (event, "kind");

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_strcmp0 (kind ? kind : event->name, kinds[i]) == 0)
      return (GbRankKind) i;
  for (guint i = 0; i < G_N_ELEMENTS (collectives) && kind == NULL; i++)
    if (strcmp (event->name, collectives[i]) == 0)
      return GB_RANK_COLLECTIVE;
  return kind == NULL && strcmp (event->name, "isend") == 0   ? GB_RANK_SEND
         : kind == NULL && strcmp (event->name, "irecv") == 0 ? GB_RANK_RECV
                                                              : GB_RANK_COMPUTE;
}

static int
compare_ranks (gconstpointer a, gconstpointer b)
{
  return ((const GbRank *) a)->number - ((const GbRank *) b)->number;
}

/* Lanes in the order of the numbers; a rank that never speaks but is spoken to has one too. */
static void
collect_ranks (GbRanks *self, const GArray *events, guint64 seq)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < events->len; i++)
    {
      const GbEvent *event = &g_array_index (events, GbEvent, i);
      double numbers[2] = { gb_event_number (event, "rank"), gb_event_number (event, "peer") };
      if (event->seq > seq)
        break;
      for (int k = 0; k < 2 && is_of_rank (event); k++)
        if (numbers[k] >= 0 && numbers[k] < 1e6 && self->ranks->len < GB_RANKS_MOST
            && g_hash_table_add (seen, GINT_TO_POINTER ((int) numbers[k] + 1)))
          {
            GbRank rank = { .number = (int) numbers[k], .dead_at = NAN };
            g_array_append_val (self->ranks, rank);
          }
    }
  g_array_sort (self->ranks, compare_ranks);
}

static int
lane_of (const GbRanks *self, double number)
{
  guint low = 0, high = self->ranks->len;

  while (low < high)
    {
      guint middle = (low + high) / 2;
      if (gb_ranks_rank (self, middle)->number < number)
        low = middle + 1;
      else
        high = middle;
    }
  return low < self->ranks->len && gb_ranks_rank (self, low)->number == number ? (int) low : -1;
}

static void
collect_bars (GbRanks *self, const GArray *events, guint64 seq)
{
  g_autofree double *clock = g_new0 (double, self->ranks->len);

  for (guint i = 0; i < events->len; i++)
    {
      const GbEvent *event = &g_array_index (events, GbEvent, i);
      double at = gb_event_number (event, "at"), lasts = gb_event_number (event, "value"),
             peer = gb_event_number (event, "peer");
      int lane;
      if (event->seq > seq)
        return;
      lane = is_of_rank (event) ? lane_of (self, gb_event_number (event, "rank")) : -1;
      if (lane < 0)
        continue;
      if (self->bars->len >= GB_RANKS_MOST_BARS)
        {
          self->is_cut = TRUE;
          return;
        }
      GbRankBar bar = { .seq = event->seq,
                        .kind = kind_of (event),
                        .lane = (guint) lane,
                        .name = event->name,
                        .other = -1,
                        .meeting = -1 };
      bar.start = bar.ready = isfinite (at) ? at : clock[lane];
      bar.is_open = isinf (lasts) && lasts > 0;
      bar.end = bar.start + (isfinite (lasts) ? MAX (lasts, 0) : 0);
      bar.nbytes = gb_event_number (event, "bytes");
      bar.peer = peer >= 0 && peer < 1e6 ? (int) peer : -1;
      clock[lane] = bar.end;
      if (bar.kind == GB_RANK_DEAD && isnan (gb_ranks_rank (self, (guint) lane)->dead_at))
        rank_of (self, (guint) lane)->dead_at = bar.start;
      g_array_append_val (self->bars, bar);
    }
}

static void
find_ends (GbRanks *self)
{
  self->start = INFINITY, self->end = -INFINITY;
  for (guint i = 0; i < self->bars->len; i++)
    {
      self->start = MIN (self->start, gb_ranks_bar (self, i)->start);
      self->end = MAX (self->end, gb_ranks_bar (self, i)->end);
    }
  if (!(self->end > self->start))
    self->end = self->start + 1;
}

/* ---- who waits for whom ---- */

/* The nth send from one to another is received by the nth recv there. */
static void
match_messages (GbRanks *self)
{
  g_autoptr (GHashTable) queues = g_hash_table_new_full (
      NULL, NULL, NULL, (GDestroyNotify) g_array_unref); /* from × most + to → sends, receives */

  for (guint i = 0; i < self->bars->len; i++)
    {
      GbRankBar *bar = bar_of (self, i);
      int peer = bar->peer < 0 ? -1 : lane_of (self, bar->peer);
      gboolean sends = bar->kind == GB_RANK_SEND;
      GArray *queue;
      guint key;
      if ((!sends && bar->kind != GB_RANK_RECV) || peer < 0)
        continue;
      self->n_messages += sends;
      /* What waits in the queue is all of one kind; the first number says which. */
      key = (sends ? bar->lane * GB_RANKS_MOST + (guint) peer : (guint) peer * GB_RANKS_MOST + bar->lane) + 1;
      queue = g_hash_table_lookup (queues, GUINT_TO_POINTER (key));
      if (queue == NULL)
        g_hash_table_insert (queues, GUINT_TO_POINTER (key),
                             queue = g_array_new (FALSE, FALSE, sizeof (guint)));
      if (queue->len && gb_ranks_bar (self, g_array_index (queue, guint, 0))->kind != bar->kind)
        {
          guint other = g_array_index (queue, guint, 0);
          g_array_remove_index (queue, 0);
          bar->other = (int) other;
          bar_of (self, other)->other = (int) i;
        }
      else
        g_array_append_val (queue, i);
    }
}

/* The nth collective of every rank is one meeting; it is under way when the last has come. */
static void
match_meetings (GbRanks *self)
{
  for (guint i = 0; i < self->bars->len; i++)
    {
      GbRankBar *bar = bar_of (self, i);
      GbRankMeeting *meeting;
      guint nth;
      if (bar->kind != GB_RANK_COLLECTIVE)
        continue;
      nth = rank_of (self, bar->lane)->n_meetings++;
      if (nth >= self->meetings->len)
        {
          GbRankMeeting fresh = { .name = bar->name, .nth = nth, .ready = -INFINITY, .nbytes = NAN };
          g_array_append_val (self->meetings, fresh);
        }
      meeting = &g_array_index (self->meetings, GbRankMeeting, nth);
      meeting->n_bars++;
      meeting->is_mixed |= strcmp (meeting->name, bar->name) != 0;
      if (bar->start > meeting->ready)
        meeting->ready = bar->start, meeting->last_lane = bar->lane;
      if (isnan (meeting->nbytes))
        meeting->nbytes = bar->nbytes;
      bar->meeting = (int) nth;
    }
}

guint
gb_ranks_missing (const GbRanks *self, guint nth)
{
  return gb_ranks_meeting (self, nth)->n_missing;
}

static void
count_missing (GbRanks *self)
{
  for (guint i = 0; i < self->meetings->len; i++)
    {
      GbRankMeeting *meeting = &g_array_index (self->meetings, GbRankMeeting, i);
      for (guint lane = 0; lane < self->ranks->len; lane++)
        meeting->n_missing += gb_ranks_rank (self, lane)->n_meetings <= i;
    }
}

static void
find_waits (GbRanks *self)
{
  for (guint i = 0; i < self->bars->len; i++)
    {
      GbRankBar *bar = bar_of (self, i);
      if (bar->kind == GB_RANK_COLLECTIVE)
        {
          const GbRankMeeting *meeting = gb_ranks_meeting (self, (guint) bar->meeting);
          if (bar->is_open)
            bar->ready = bar->end = self->end;
          else
            bar->ready = CLAMP (meeting->ready, bar->start, MAX (bar->end, bar->start));
          rank_of (self, meeting->last_lane)->waited_for += bar->ready - bar->start;
        }
      else if (bar->kind == GB_RANK_RECV && bar->other >= 0)
        {
          const GbRankBar *send = gb_ranks_bar (self, (guint) bar->other);
          bar->ready = CLAMP (send->start, bar->start, bar->end);
          rank_of (self, send->lane)->waited_for += bar->ready - bar->start;
        }
      else if (bar->kind == GB_RANK_WAIT || bar->is_open)
        bar->ready = bar->end = bar->is_open ? self->end : bar->end;
    }
}

static void
add_up (GbRanks *self)
{
  for (guint i = 0; i < self->bars->len; i++)
    {
      const GbRankBar *bar = gb_ranks_bar (self, i);
      GbRank *rank = rank_of (self, bar->lane);
      double lasts = bar->end - bar->start, waits = bar->ready - bar->start,
             nbytes = isnan (bar->nbytes) ? 0 : bar->nbytes;
      rank->waited += waits;
      rank->computed += bar->kind == GB_RANK_COMPUTE ? lasts - waits : 0;
      rank->moved += bar->kind == GB_RANK_COMPUTE ? 0 : lasts - waits;
      rank->sent += bar->kind == GB_RANK_SEND ? nbytes : 0;
      rank->received += bar->kind == GB_RANK_RECV ? nbytes : 0;
      self->n_lost += bar->kind == GB_RANK_SEND && bar->other < 0;
    }
}

GbRanks *
gb_ranks_new (GbTraceCursor *cursor)
{
  const GArray *events = gb_events_of (gb_trace_cursor_get_trace (cursor));
  guint64 seq = gb_trace_cursor_get_position (cursor);
  GbRanks *self = g_new0 (GbRanks, 1);

  self->ranks = g_array_new (FALSE, FALSE, sizeof (GbRank));
  self->bars = g_array_new (FALSE, FALSE, sizeof (GbRankBar));
  self->meetings = g_array_new (FALSE, FALSE, sizeof (GbRankMeeting));
  collect_ranks (self, events, seq);
  collect_bars (self, events, seq);
  if (self->bars->len == 0)
    {
      gb_ranks_free (self);
      return NULL;
    }
  find_ends (self);
  match_messages (self);
  match_meetings (self);
  count_missing (self);
  find_waits (self);
  add_up (self);
  return self;
}

gboolean
gb_ranks_peek (GbTraceCursor *cursor)
{
  const GArray *events = gb_events_of (gb_trace_cursor_get_trace (cursor));
  guint64 seq = gb_trace_cursor_get_position (cursor);

  for (guint i = 0; i < events->len && g_array_index (events, GbEvent, i).seq <= seq; i++)
    if (is_of_rank (&g_array_index (events, GbEvent, i)))
      return TRUE;
  return FALSE;
}

double
gb_ranks_efficiency (const GbRanks *self)
{
  double computed = 0;

  for (guint i = 0; i < self->ranks->len; i++)
    computed += gb_ranks_rank (self, i)->computed;
  return computed / ((self->end - self->start) * self->ranks->len);
}
