#include "graph/graph-later.h"

/* The thread has the plan and nothing else.  The task drops it where it ends, so all else is taken out of it before. */
typedef struct
{
  GbGraphPlan *plan;
  GbGraphLater *owner;     /* NULL: is gone */
  GbGraphPicture *picture; /* that will have the places: the newest of its structure */
} Job;

struct _GbGraphLater
{
  void (*ready) (gpointer data);
  gpointer data;
  Job *job;                  /* in the thread, or NULL; the task's */
  GCancellable *cancellable; /* of the job: cancelled when another picture is wanted */
  GbGraphPicture *done;      /* gets this layout when somebody asks for a picture */
  GbLayout *layout;
  gboolean waits;            /* a picture without places is wanted */
};

GbGraphLater *
gb_graph_later_new (void (*ready) (gpointer data), gpointer data)
{
  GbGraphLater *self = g_new0 (GbGraphLater, 1);
  self->ready = ready;
  self->data = data;
  return self;
}

static void
job_free (gpointer data)
{
  Job *job = data;
  gb_graph_plan_free (job->plan);
  g_free (job);
}

static void
lay_out (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  if (!g_task_return_error_if_cancelled (task))
    g_task_return_pointer (task, gb_graph_plan_lay_out (((Job *) data)->plan), (GDestroyNotify) gb_layout_free);
}

static void
on_laid_out (GObject *source, GAsyncResult *result, gpointer data)
{
  Job *job = g_task_get_task_data (G_TASK (result));
  GbLayout *layout = g_task_propagate_pointer (G_TASK (result), NULL);
  GbGraphLater *self = job->owner;
  g_autoptr (GbGraphPicture) picture = g_steal_pointer (&job->picture);
  if (!self)
    return; /* the layout of one who went is cancelled: it is not handed out */
  self->job = NULL;
  g_clear_object (&self->cancellable);
  if (layout)
    {
      self->done = g_steal_pointer (&picture);
      self->layout = layout;
    }
  if (self->waits)
    self->ready (self->data);
}

/* What is being made is not wanted any more. */
static void
forget (GbGraphLater *self)
{
  self->waits = FALSE;
  g_cancellable_cancel (self->cancellable);
  g_clear_pointer (&self->done, gb_graph_picture_unref);
  g_clear_pointer (&self->layout, gb_layout_free);
}

static void
wait_for (GbGraphLater *self, GbGraphPicture *picture, gboolean is_news, const GbDrawContext *ctx)
{
  self->waits = TRUE;
  if (self->job && !g_cancellable_is_cancelled (self->cancellable))
    {
      if (gb_graph_picture_is_alike (self->job->picture, picture))
        {
          gb_graph_picture_unref (self->job->picture);
          self->job->picture = gb_graph_picture_ref (picture);
        }
      else if (!is_news)
        g_cancellable_cancel (self->cancellable);
    }
  if (self->job)
    return; /* when it ends it is asked again */
  self->job = g_new0 (Job, 1);
  self->job->plan = gb_graph_plan_new (picture, ctx);
  self->job->owner = self;
  self->job->picture = gb_graph_picture_ref (picture);
  self->cancellable = g_cancellable_new ();
  g_autoptr (GTask) task = g_task_new (NULL, self->cancellable, on_laid_out, NULL);
  g_task_set_task_data (task, self->job, job_free);
  g_task_run_in_thread (task, lay_out);
}

GbGraphPicture *
gb_graph_later_picture (
    GbGraphLater *self, GbGraph *graph, GbGraphPicture *shown, guint changes, const GbDrawContext *ctx)
{
  g_autoptr (GbGraphPicture) picture = gb_graph_picture_new_unplaced (graph), before = shown,
                             done = g_steal_pointer (&self->done);
  if (done)
    done->layout = g_steal_pointer (&self->layout);
  if (graph->nodes->len == 0 || (done && gb_graph_picture_borrow (picture, done, ctx))
      || (before && gb_graph_picture_borrow (picture, before, ctx)))
    {
      forget (self);
      return g_steal_pointer (&picture);
    }
  if (graph->nodes->len < GB_GRAPH_LARGE)
    {
      gb_graph_later_settle (self, picture, ctx);
      return g_steal_pointer (&picture);
    }
  if (done)
    {
      gb_graph_picture_place (done, g_steal_pointer (&done->layout), ctx);
      gb_graph_picture_unref (before);
      before = g_steal_pointer (&done);
    }
  gb_graph_picture_list (picture, ctx);
  gboolean is_other = (changes & GB_TRACE_CHANGED_RESET) != 0;
  wait_for (self, picture, changes != 0 && !is_other, ctx);
  return before && before->layout && !is_other ? g_steal_pointer (&before) : g_steal_pointer (&picture);
}

void
gb_graph_later_settle (GbGraphLater *self, GbGraphPicture *picture, const GbDrawContext *ctx)
{
  GbGraphPlan *plan = gb_graph_plan_new (picture, ctx);
  forget (self);
  gb_graph_picture_place (picture, gb_graph_plan_lay_out (plan), ctx);
  gb_graph_plan_free (plan);
}

void
gb_graph_later_free (GbGraphLater *self)
{
  forget (self);
  if (self->job)
    {
      g_clear_pointer (&self->job->picture, gb_graph_picture_unref);
      self->job->owner = NULL;
    }
  g_clear_object (&self->cancellable);
  g_free (self);
}
