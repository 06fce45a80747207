/* authoring: what is wrong with the material as it is written, without running any of it: files against their
 * schemas and each other, notes and questions against what a topic owes its readers.  Running is the business
 * of `gradboard check`. */
#pragma once

#include "library/library.h"

G_BEGIN_DECLS

/* Sentences (char *, in the current language) that begin with the file's path below the data folder, then
 * line and field.  name: a scene, leaf or case id, NULL for everything; what topics share is looked for in either
 * case. */
GPtrArray *gb_authoring_check (GbLibrary *library, const char *name);

G_END_DECLS
