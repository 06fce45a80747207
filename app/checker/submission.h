/* submission: the solutions that stand beside a case, right and wrong ones, by which its check is proved: files
 * right-NAME and wrong-NAME in fixes/ or solutions/, each a whole program (.py) or edits of the given one (.edit):
 *
 *     en: why it is right or wrong
 *     zh: 为什么
 *     <<<<
 *     lines of the program, which stand there once
 *     ====
 *     lines in their place
 *     >>>>
 *
 * A .py says why in comments at its top ("# en: …", "# zh: …"). */
#pragma once

#include "library/case.h"

G_BEGIN_DECLS

typedef struct
{
  char *name; /* of the file */
  gboolean is_right;
  GbText why;
  char *text;  /* the whole program, or NULL */
  char *error; /* why it cannot be had, or NULL */
} GbSubmission;

/* Of a case, by name; after them, as a wrong one, the program as it is given. */
GPtrArray *gb_submissions_list (const GbCase *which);
/* The program with the edits in it.  NULL with *error (owned): one of them does not fit. */
char *gb_submission_apply (const char *program, const char *edits, char **error);

G_END_DECLS
