/* Has the ways out of an error tried where the program failed: what came of them is in the trace afterwards.
 */
#pragma once

#include "kernel/kernel-client.h"
#include "models/trace.h"

G_BEGIN_DECLS

/* gb_lesson_trial_async: of the last exception of trace, into which the client's source is drained; nothing
 * to try is no error.  The callback may come at once. */
void gb_lesson_trial_async (GbKernelClient *client,
                            GbTrace *trace,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer data);
gboolean gb_lesson_trial_finish (GAsyncResult *result, GError **error);

G_END_DECLS
