#include "kernel/snapshots.h"

#include <glib-unix.h>
#include <json-c/json.h>
#include <string.h>
#include <unistd.h>

#include "kernel/frame-io.h"
#include "kernel/processes.h"

/* Channels of which no snapshot has spoken: a program could make any number. */
#define MOST_ARRIVING 4

struct _GbSnapshots
{
  GArray *list;        /* GbSnapshot, ascending */
  GPtrArray *arriving; /* Arrival */
  guint n_measured;
  void (*changed) (gpointer data);
  gpointer data;
};

/* A channel whose snapshot has not yet said who it is. */
typedef struct
{
  GbSnapshots *owner;
  TeFrameBuffer buffer;
  int channel;
  guint source;
  pid_t pid;
} Arrival;

static void
arrival_free (gpointer data)
{
  Arrival *arrival = data;
  g_clear_handle_id (&arrival->source, g_source_remove);
  if (arrival->channel >= 0)
    close (arrival->channel);
  te_frame_buffer_clear (&arrival->buffer);
  g_free (arrival);
}

/* A sleeper reads the end of its channel and goes. */
static void
end_snapshot (gpointer data)
{
  GbSnapshot *snapshot = data;
  if (snapshot->channel >= 0)
    close (snapshot->channel);
}

GbSnapshots *
gb_snapshots_new (void (*changed) (gpointer data), gpointer data)
{
  GbSnapshots *self = g_new0 (GbSnapshots, 1);
  self->list = g_array_new (FALSE, TRUE, sizeof (GbSnapshot));
  g_array_set_clear_func (self->list, end_snapshot);
  self->arriving = g_ptr_array_new_with_free_func (arrival_free);
  self->changed = changed;
  self->data = data;
  return self;
}

void
gb_snapshots_free (GbSnapshots *self)
{
  if (!self)
    return;
  g_ptr_array_unref (self->arriving);
  g_array_unref (self->list);
  g_free (self);
}

static void
tell (GbSnapshots *self)
{
  if (self->changed)
    self->changed (self->data);
}

/* ---- which to keep ---- */

/* Without a snapshot, the gap around it is one; how bad that is depends on how long ago it was. */
static double
harm_without (const GbSnapshot *at, const GbSnapshot *newest)
{
  gint64 gap = at[1].ran_usec - at[-1].ran_usec;
  gboolean is_near =
      at[1].iteration + GB_SNAPSHOTS_NEAR_STEPS > newest->iteration && newest - at < GB_SNAPSHOTS_NEAR_MOST;
  double harm = (double) gap / (double) (newest->ran_usec - at->ran_usec + 1);
  return is_near && gap > GB_SNAPSHOTS_NEAR_USEC ? harm + 1e9 : harm;
}

guint
gb_snapshots_least_missed (const GbSnapshot *list, guint n)
{
  guint least = 1;
  double least_harm = G_MAXDOUBLE;
  for (guint i = 1; i + 1 < n; i++)
    {
      double harm = harm_without (&list[i], &list[n - 1]);
      if (harm < least_harm)
        {
          least_harm = harm;
          least = i;
        }
    }
  return least;
}

/* To ask the system takes as long as a process has pages: the two newest, whose memory grows, and another
 * each time. */
static void
measure_some (GbSnapshots *self)
{
  guint n = self->list->len, some[] = { n - 1, n - 2, self->n_measured++ % n };
  for (guint i = 0; i < G_N_ELEMENTS (some); i++)
    if (some[i] < n)
      {
        GbSnapshot *snapshot = &g_array_index (self->list, GbSnapshot, some[i]);
        guint64 share;
        gb_process_memory (snapshot->pid, &snapshot->own_nbytes, &share);
      }
}

static void
thin_out (GbSnapshots *self)
{
  if (self->list->len > GB_SNAPSHOTS_MOST)
    g_array_remove_index (self->list,
                          gb_snapshots_least_missed ((const GbSnapshot *) self->list->data, self->list->len));
  guint64 total = 0;
  measure_some (self);
  for (guint i = self->list->len; i-- > 0;)
    {
      total += g_array_index (self->list, GbSnapshot, i).own_nbytes;
      if (total > GB_SNAPSHOTS_MOST_NBYTES)
        {
          g_array_remove_range (self->list, 0, i + 1);
          return;
        }
    }
}

/* ---- arriving ---- */

static guint64
number_member (struct json_object *object, const char *name)
{
  struct json_object *member;
  return json_object_object_get_ex (object, name, &member) ? (guint64) json_object_get_int64 (member) : 0;
}

static void
take_about (Arrival *arrival, const char *text)
{
  GbSnapshots *self = arrival->owner;
  struct json_object *about = json_tokener_parse (text);
  GbSnapshot snapshot = { .channel = arrival->channel,
                          .pid = arrival->pid,
                          .execute_id = (guint32) number_member (about, "execute"),
                          .seq = number_member (about, "seq"),
                          .call = number_member (about, "call"),
                          .iteration = number_member (about, "iteration"),
                          .ran_usec = (gint64) number_member (about, "ran") };
  json_object_put (about);
  guint at = self->list->len;
  while (at && g_array_index (self->list, GbSnapshot, at - 1).call > snapshot.call)
    at--;
  arrival->channel = -1;
  g_array_insert_val (self->list, at, snapshot);
  thin_out (self);
}

static gboolean
on_arrival (gint fd, GIOCondition condition, gpointer data)
{
  Arrival *arrival = data;
  GbSnapshots *self = arrival->owner;
  TeFrame frame;
  const char *payload;
  gsize consumed;
  int passed = -1, got;
  pid_t pid = 0;
  gboolean open = te_frame_buffer_read (&arrival->buffer, fd, &pid, &passed);
  if (passed >= 0)
    close (passed);
  if (pid > 0)
    arrival->pid = pid;
  got = te_frame_buffer_next (&arrival->buffer, &frame, &payload, &consumed);
  if (got == 0 && open)
    return G_SOURCE_CONTINUE;
  arrival->source = 0;
  if (got > 0 && frame.type == TE_FRAME_SNAPSHOT && arrival->pid > 0)
    {
      g_autofree char *text = g_strndup (payload, frame.nbytes);
      take_about (arrival, text);
    }
  g_ptr_array_remove (self->arriving, arrival);
  tell (self);
  return G_SOURCE_REMOVE;
}

void
gb_snapshots_take (GbSnapshots *self, int channel)
{
  if (self->arriving->len >= MOST_ARRIVING)
    {
      close (channel);
      return;
    }
  Arrival *arrival = g_new0 (Arrival, 1);
  arrival->owner = self;
  arrival->channel = channel;
  arrival->source = g_unix_fd_add (channel, G_IO_IN | G_IO_HUP | G_IO_ERR, on_arrival, arrival);
  g_ptr_array_add (self->arriving, arrival);
}

/* ---- using them ---- */

gboolean
gb_snapshots_wake (GbSnapshots *self, guint64 call, GbSnapshot *out)
{
  guint n = self->list->len;
  while (n && g_array_index (self->list, GbSnapshot, n - 1).call > call)
    n--;
  if (!n)
    return FALSE;
  GbSnapshot *found = &g_array_index (self->list, GbSnapshot, n - 1);
  *out = *found;
  found->channel = -1;
  g_array_set_size (self->list, n - 1);
  g_ptr_array_set_size (self->arriving, 0);
  tell (self);
  return TRUE;
}

gboolean
gb_snapshots_is_awaiting (GbSnapshots *self)
{
  return self->arriving->len != 0;
}

void
gb_snapshots_clear (GbSnapshots *self)
{
  g_ptr_array_set_size (self->arriving, 0);
  g_array_set_size (self->list, 0);
  tell (self);
}

guint
gb_snapshots_get_n (GbSnapshots *self)
{
  return self->list->len;
}

const GbSnapshot *
gb_snapshots_get (GbSnapshots *self, guint nth)
{
  return &g_array_index (self->list, GbSnapshot, nth);
}
