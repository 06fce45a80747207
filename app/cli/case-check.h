/* case-check: cases and exercises on the command line: whether a check tells their right solutions from the wrong ones,
 * and what it says of somebody's. */
#pragma once

#include "cli/tally.h"
#include "library/case.h"

G_BEGIN_DECLS

/* The program as it is given runs and ends as case.json says; right solutions pass, wrong ones and the given program do
 * not. */
void gb_case_check (GbTally *tally, const GbCase *which, gboolean with_pytorch, guint seed);
/* Checks the program in a file and says what holds, as JSON or in words.  Exit status. */
int gb_case_check_file (const GbCase *which, const char *path, guint seed, gboolean json);

G_END_DECLS
