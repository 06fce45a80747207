/* check-jobs: several scenes and cases checked at once, each in a `gradboard check ID` of its own, told in
 * their order. */
#pragma once

#include "cli/tally.h"

G_BEGIN_DECLS

/* ids: (element-type char *).  Prints the lines of each as soon as all before it are told, and counts them.
 */
void gb_check_jobs_run (GbTally *tally, GPtrArray *ids, guint n_at_once, const char *seed);

G_END_DECLS
