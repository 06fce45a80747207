/* checker: a person's program against a hidden check.  Two interpreters, each sandboxed and with a broker of its own:
 * the program in one, the check in the other, which calls the program through a socket between the two
 * (data/python/gradboard_check.py).  The check's text goes to its own interpreter only. */
#pragma once

#include <gio/gio.h>

#include "checker/verdict.h"

G_BEGIN_DECLS

/* One check of one program.  Signal "row" (): the verdict has another row, or knows how many there will be. */
#define GB_TYPE_HIDDEN_CHECK (gb_hidden_check_get_type ())
G_DECLARE_FINAL_TYPE (GbHiddenCheck, gb_hidden_check, GB, HIDDEN_CHECK, GObject)

/* text: the program; path: what it is called, in errors; seed: of the check's random inputs. */
GbHiddenCheck *gb_hidden_check_new (const GbCase *which, const char *path, const char *text, guint seed);
/* Without bubblewrap, even where there is one. */
void gb_hidden_check_set_no_bubblewrap (GbHiddenCheck *self);
void gb_hidden_check_run_async (GbHiddenCheck *self,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer data);
/* FALSE: cancelled, or no interpreter, or this machine cannot keep the check from the program. */
gboolean gb_hidden_check_run_finish (GbHiddenCheck *self, GAsyncResult *result, GError **error);
const GbVerdict *gb_hidden_check_get_verdict (GbHiddenCheck *self);

/* The same with a main loop of its own; never NULL. */
GbVerdict *gb_hidden_check_run (const GbCase *which, const char *path, const char *text, guint seed);
/* The verdicts (GbVerdict) on programs (char *), in their order, on Debian's PyTorch, for those who write checks: without
 * a sandbox; PyTorch is started once for all. */
GPtrArray *
gb_hidden_check_run_on_pytorch (const GbCase *which, const char *path, GPtrArray *texts, guint seed);
/* What the check's process is told; owned.  NULL: check.py cannot be read. */
char *gb_hidden_check_request (const GbCase *which, const char *path, const char *text, guint seed);

G_END_DECLS
