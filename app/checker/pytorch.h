/* Debian's PyTorch, for those who write scenes and checks: one process imports it, which takes a second, and forks for every
 * file that is run on it. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Is python3-torch installed? */
gboolean gb_pytorch_is_installed (void);
/* Runs data/python/SCRIPT and waits for its end; not to be called from several threads.  folder: where it runs, or NULL; args: its
 * arguments, up to NULL; input: for it to read, or NULL.  TRUE: it ended well; *output and *errors, both owned, are what it
 * wrote, or "".  FALSE with an error: there was no process to run it. */
gboolean gb_pytorch_run (const char *script,
                         const char *folder,
                         const char *const *args,
                         const char *input,
                         char **output,
                         char **errors,
                         GError **error);

G_END_DECLS
