/* lab: working on cases and exercises.
 *
 * GbCaseWork: what somebody has done about one of them: hints taken, what was looked at and claimed, in that order, and
 * what the check said.  It is kept in the state folder as it happens.  Signal "changed". */
#pragma once

#include <glib-object.h>

#include "library/library.h"

G_BEGIN_DECLS

/* A view that was looked at while the run stood somewhere. */
typedef struct
{
  char *view;
  guint64 iteration; /* 0: none */
} GbLook;

typedef struct
{
  char *cause;
  guint line;
  gboolean is_right;
  guint n_looks;      /* that were made before */
  gboolean had_evidence; /* one of them was at evidence */
} GbClaim;

#define GB_TYPE_CASE_WORK (gb_case_work_get_type ())
G_DECLARE_FINAL_TYPE (GbCaseWork, gb_case_work, GB, CASE_WORK, GObject)

/* folder: where it is kept. */
GbCaseWork *gb_case_work_new (const GbCase *which, const char *folder);
/* The library was read again. */
void gb_case_work_set_case (GbCaseWork *self, const GbCase *which);
const GbCase *gb_case_work_get_case (GbCaseWork *self);

guint gb_case_work_get_n_hints (GbCaseWork *self); /* taken */
void gb_case_work_take_hint (GbCaseWork *self);
/* The same view at the same place counts once. */
void gb_case_work_look (GbCaseWork *self, const char *view, guint64 iteration);
guint gb_case_work_get_n_looks (GbCaseWork *self);
const GbLook *gb_case_work_get_look (GbCaseWork *self, guint nth);
/* line: its number; text: what stands there. */
void gb_case_work_claim (GbCaseWork *self, const char *cause, guint line, const char *text);
guint gb_case_work_get_n_claims (GbCaseWork *self);
const GbClaim *gb_case_work_get_claim (GbCaseWork *self, guint nth);
gboolean gb_case_work_is_diagnosed (GbCaseWork *self); /* a claim was right, or none is asked for */
void gb_case_work_checked (GbCaseWork *self, gboolean holds);
guint gb_case_work_get_n_checks (GbCaseWork *self);
gboolean gb_case_work_is_solved (GbCaseWork *self);
/* The explanation is shown before it was solved. */
void gb_case_work_give_up (GbCaseWork *self);
gboolean gb_case_work_is_open (GbCaseWork *self); /* solved or given up: the explanation may be read */

/* Of 10.  The mended program is worth 6 (an exercise 10), the cause 4: each wrong claim before it takes 2 of them away, and
 * so does a claim without a look at any evidence; hints cost what they say. */
double gb_case_work_get_points (GbCaseWork *self);
/* Begins anew. */
void gb_case_work_forget (GbCaseWork *self);

/* The file in which somebody works, in the folder; it is made of the program as it is given.  Owned; NULL with error. */
char *gb_case_work_prepare_file (const GbCase *which, const char *folder, GError **error);
/* The case whose file that is, or NULL. */
const GbCase *gb_case_work_find_case (GbLibrary *library, const char *folder, const char *path);

G_END_DECLS
