/* GbCaseSet: two or three cases that are solved together: one brief, one score.
 *
 * Each keeps its own program, check and hints.  Cases are programs that really train and fail, written apart
 * from each other: putting their faults into one text would make another program, whose failure nobody has
 * shown and whose check nobody has proved.  The set is kept in the state folder.  Signal "changed". */
#pragma once

#include "lab/case-work.h"

G_BEGIN_DECLS

#define GB_CASE_SET_MOST 3

#define GB_TYPE_CASE_SET (gb_case_set_get_type ())
G_DECLARE_FINAL_TYPE (GbCaseSet, gb_case_set, GB, CASE_SET, GObject)

/* The one that was kept in the folder, or an empty one. */
GbCaseSet *gb_case_set_new (const char *folder);
/* ids: "B01+B06+B25", two or three cases, each once; FALSE, and nothing changes, for anything else. */
gboolean gb_case_set_take (GbCaseSet *self, GbLibrary *library, const char *ids);
/* Chooses n of those that are not solved or given up, of different leaves, by chance; of all when too few are
 * left. */
gboolean gb_case_set_compose (GbCaseSet *self, GbLibrary *library, guint n, guint32 seed);
void gb_case_set_end (GbCaseSet *self);

guint gb_case_set_get_n (GbCaseSet *self); /* 0: there is none */
const char *gb_case_set_get_id (GbCaseSet *self, guint nth);
gboolean gb_case_set_has (GbCaseSet *self, const char *id);
/* How far somebody is with the nth, as it is kept.  Owned. */
GbCaseWork *gb_case_set_load_work (GbCaseSet *self, GbLibrary *library, guint nth);

G_END_DECLS
