/* What branches are called and what was changed in them, in the current language. */
#pragma once

#include "models/trace-branches.h"

G_BEGIN_DECLS

/* "this run" or "branch 2"; owned. */
char *gb_branch_name (guint id);
/* "lr 0.1 → 0.02, set in iteration 31", "line 13: x = f(x) → x = g(x)"; owned. */
char *gb_branch_change_text (const GbBranchChange *change);
/* All of them; NULL: nothing that is known was changed. */
char *gb_branch_changes_text (const GArray *changes);

G_END_DECLS
