#include "models/follower.h"

typedef struct
{
  const GbFollowerClass *klass;
  guint64 next_seq;
  gpointer state;
} Follower;

static void
follower_clear (Follower *self)
{
  if (self->klass->clear)
    self->klass->clear (self->state);
  memset (self->state, 0, self->klass->nbytes);
  self->next_seq = 0;
}

static void
follower_free (gpointer data)
{
  Follower *self = data;
  follower_clear (self);
  g_free (self->state);
  g_free (self);
}

static void
on_changed (GbTrace *trace, guint changes, Follower *self)
{
  if (changes & GB_TRACE_CHANGED_RESET)
    follower_clear (self);
}

gpointer
gb_follower_of (GbTrace *trace, const GbFollowerClass *klass)
{
  Follower *self = g_object_get_data (G_OBJECT (trace), klass->id);
  GbTraceIter iter;
  const TeRecord *record;

  if (self == NULL)
    {
      self = g_new0 (Follower, 1);
      self->klass = klass;
      self->state = g_malloc0 (klass->nbytes);
      g_object_set_data_full (G_OBJECT (trace), klass->id, self, follower_free);
      g_signal_connect (trace, "changed", G_CALLBACK (on_changed), self);
    }
  gb_trace_iter_init (&iter, trace, self->next_seq);
  while ((record = gb_trace_iter_next (&iter)) != NULL)
    {
      self->next_seq = record->seq + 1;
      klass->take (self->state, trace, record);
    }
  return self->state;
}
