/* What is kept of a program that an exception ended: the place, and the variables that could be seen there.
 * From that the operands of the expression are told, and other wordings of its statement are tried
 * (kernel/trial.h). */
#pragma once

#include "kernel/interpreter.h"

/* After EXCEPTION was written: keeps the place and tells its operands. */
void te_failure_keep (const TeJob *job, PyObject *traceback);
void te_failure_drop (void);
/* The question "try": {"edits": [[line, end_line, column, end_column, text, again], …], "most": n}: tells
 * TRIED of each, in order, until `most` have succeeded.  again: the whole program is run from its beginning,
 * for edits elsewhere.  Owned JSON, or NULL with *error set (static). */
char *te_failure_try (const char *question_json, const char **error);
