/* The command line of an interpreter: what of the file system it may see, and the plan that it keeps to. */
#pragma once

#include "kernel/interpreter-process.h"

G_BEGIN_DECLS

/* NULL-terminated; bubblewrap stands before it where the plan asks for it. */
GPtrArray *gb_interpreter_command (const GbInterpreterPlan *plan);

G_END_DECLS
