#include "models/explain.h"

#include <string.h>

#include "models/causes/cause.h"

/* One row per cause, in the order in which lists name them. */
static const GbCause *const causes[] = {
  &gb_cause_inplace,     &gb_cause_second_backward, &gb_cause_no_gradient,    &gb_cause_nonfinite,
  &gb_cause_held_graph,  &gb_cause_zero_grad,       &gb_cause_double_softmax, &gb_cause_training_mode,
  &gb_cause_loss_shapes, &gb_cause_unheld,          &gb_cause_scheduler,
};

#define MOST_FINDINGS 4096

struct _GbExplain
{
  GbScan scan;
  gpointer states[G_N_ELEMENTS (causes)];
  guint64 next_seq;
};

static void
make_states (GbExplain *self)
{
  self->scan.findings = g_ptr_array_new_with_free_func ((GDestroyNotify) gb_finding_free);
  self->scan.held = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_array_unref);
  for (guint i = 0; i < G_N_ELEMENTS (causes); i++)
    self->states[i] = g_malloc0 (MAX (causes[i]->state_nbytes, 1));
  self->next_seq = 0;
}

static void
drop_states (GbExplain *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (causes); i++)
    {
      if (causes[i]->clear)
        causes[i]->clear (self->states[i]);
      g_free (self->states[i]);
    }
  g_ptr_array_unref (self->scan.findings);
  g_hash_table_unref (self->scan.held);
}

static void
explain_free (gpointer data)
{
  drop_states (data);
  g_free (data);
}

static void
on_changed (GbTrace *trace, guint changes, GbExplain *self)
{
  if (!(changes & GB_TRACE_CHANGED_RESET))
    return;
  drop_states (self);
  memset (&self->scan, 0, sizeof self->scan);
  self->scan.trace = trace;
  make_states (self);
}

GbExplain *
gb_explain_of (GbTrace *trace)
{
  GbExplain *self = g_object_get_data (G_OBJECT (trace), "explain");

  if (self)
    return self;
  self = g_new0 (GbExplain, 1);
  self->scan.trace = trace;
  make_states (self);
  g_object_set_data_full (G_OBJECT (trace), "explain", self, explain_free);
  g_signal_connect (trace, "changed", G_CALLBACK (on_changed), self);
  return self;
}

gboolean
gb_explain_update (GbExplain *self, guint most)
{
  GbTraceIter iter;
  const TeRecord *record;
  guint n = 0;

  gb_trace_iter_init (&iter, self->scan.trace, self->next_seq);
  while ((record = gb_trace_iter_next (&iter)) != NULL)
    {
      if (most && n++ == most)
        return TRUE;
      self->next_seq = record->seq + 1;
      gb_scan_begin (&self->scan, record);
      for (guint i = 0; i < G_N_ELEMENTS (causes) && self->scan.findings->len < MOST_FINDINGS; i++)
        {
          self->scan.cause = causes[i];
          causes[i]->take (&self->scan, self->states[i], record);
        }
      gb_scan_end (&self->scan, record);
    }
  return FALSE;
}

GPtrArray *
gb_explain_list (GbExplain *self, guint64 seq)
{
  GPtrArray *list = g_ptr_array_new ();

  for (guint i = 0; i < self->scan.findings->len; i++)
    {
      GbFinding *finding = g_ptr_array_index (self->scan.findings, i);
      guint k = 0;
      if (finding->seq > seq)
        continue;
      for (; k < list->len; k++)
        {
          const GbFinding *other = g_ptr_array_index (list, k);
          if (strcmp (other->cause, finding->cause) == 0 && strcmp (other->subject, finding->subject) == 0)
            break;
        }
      if (k < list->len)
        list->pdata[k] = finding;
      else
        g_ptr_array_add (list, finding);
    }
  return list;
}

guint
gb_explain_get_n_causes (void)
{
  return G_N_ELEMENTS (causes);
}

const char *
gb_explain_get_cause_id (guint nth)
{
  return nth < G_N_ELEMENTS (causes) ? causes[nth]->id : NULL;
}

const char *
gb_explain_get_cause_title (guint nth)
{
  return nth < G_N_ELEMENTS (causes) ? causes[nth]->title : NULL;
}

/* ---- the switch ---- */

typedef struct
{
  gpointer object;
  void (*changed) (gpointer object);
} Follower;

static gboolean is_off;
static const char *hold; /* msgid */
static GSList *followers; /* Follower */

static void
forget_follower (gpointer data, GObject *where_it_was)
{
  followers = g_slist_remove (followers, data);
  g_free (data);
}

void
gb_explain_follow_switch (GObject *object, void (*changed) (gpointer object))
{
  Follower *follower = g_new0 (Follower, 1);

  follower->object = object;
  follower->changed = changed;
  followers = g_slist_prepend (followers, follower);
  g_object_weak_ref (object, forget_follower, follower);
}

gboolean
gb_explain_get_enabled (void)
{
  return !is_off && hold == NULL;
}

gboolean
gb_explain_is_off (void)
{
  return is_off;
}

const char *
gb_explain_get_hold (void)
{
  return hold;
}

const char *
gb_explain_get_off_sentence (void)
{
  return hold ? hold : N_ ("Explanations are switched off.");
}

static void
tell_followers (void)
{
  for (GSList *l = followers; l; l = l->next)
    ((Follower *) l->data)->changed (((Follower *) l->data)->object);
}

void
gb_explain_set_enabled (gboolean enabled)
{
  if (is_off == !enabled)
    return;
  is_off = !enabled;
  tell_followers ();
}

void
gb_explain_hold (const char *sentence)
{
  if (hold == sentence)
    return;
  hold = sentence;
  tell_followers ();
}
