#include "lesson-trial.h"

#include "models/lesson.h"

static void
tried (GObject *object, GAsyncResult *result, gpointer data)
{
  GbKernelClient *client = GB_KERNEL_CLIENT (object);
  g_autoptr (GTask) task = data;
  GError *error = NULL;
  g_autofree char *answer = gb_kernel_client_inspect_finish (client, result, &error);

  if (gb_kernel_client_get_source (client))
    gb_trace_source_drain (gb_kernel_client_get_source (client));
  gb_trace_flush (g_task_get_task_data (task));
  if (answer)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
gb_lesson_trial_async (GbKernelClient *client,
                       GbTrace *trace,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer data)
{
  GTask *task = g_task_new (client, cancellable, callback, data);
  guint n = gb_trace_get_n_exceptions (trace);
  g_autoptr (GbLesson) lesson = n ? gb_lesson_new (trace, n - 1) : NULL;

  g_task_set_task_data (task, g_object_ref (trace), g_object_unref);
  if (lesson == NULL || !gb_lesson_wants_trial (lesson) || !gb_kernel_client_has_interpreter (client))
    {
      g_task_return_boolean (task, TRUE);
      g_object_unref (task);
      return;
    }
  g_autofree char *question = gb_lesson_dup_question (lesson);
  gb_kernel_client_inspect_async (client, "try", question, cancellable, tried, task);
}

gboolean
gb_lesson_trial_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
