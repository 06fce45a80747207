/* What no program may read, wherever it lies: the checks of the cases and exercises, with what is right and wrong of
 * them.  A repository keeps the same in its history. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Real paths of those that exist, NULL at the end.  Owned. */
char **gb_hidden_paths_list (void);

G_END_DECLS
