/* case: a program that somebody works on and a hidden check of it.  A broken program to diagnose, data/cases/ID with
 * case.json and program.py, or an exercise, data/exercises/ID with exercise.json and start.py; beside them check.py and
 * the right and wrong solutions (checker/submission.h), which no program ever reads. */
#pragma once

#include "library/text.h"

G_BEGIN_DECLS

typedef struct
{
  GbText text;
  double cost; /* points it takes away */
} GbCaseHint;

typedef struct
{
  char *id;
  GbText says; /* what it demands */
} GbCaseCheck;

/* What somebody may claim to be the cause, and the line where it stands. */
typedef struct
{
  char *id, *line; /* line: the text of it; NULL for a wrong one */
  GbText text;
  gboolean is_right;
} GbCaseCause;

/* Something to see in a view that speaks for the cause, or against a false lead. */
typedef struct
{
  char *view;
  GbText says;
} GbCaseEvidence;

/* A false lead, and why it is one. */
typedef struct
{
  GbText lead, why_not;
} GbFalseLead;

/* A step of the explanation: a place in the failed run, in a view. */
typedef struct
{
  char *at, *view; /* at: "iter:2", "op:40", "line:12", "end" */
  GbText says;
} GbReplayStep;

typedef struct
{
  char *id, *folder;
  gboolean is_exercise, is_sealed;
  GbText title, brief, explanation;
  char *leaf, *level;
  char *coding_task; /* of the outline, or NULL */
  char **scenes;     /* that can run beside the editor; may be NULL */
  char *ends; /* how the program as it is given ends: "ended" or "exception" */
  double seconds;
  char **views, **fixed;  /* fixed: parts of the program that stay as they are */
  GPtrArray *hints;       /* GbCaseHint */
  GPtrArray *checks;      /* GbCaseCheck */
  GPtrArray *causes;      /* GbCaseCause */
  GPtrArray *evidence;    /* GbCaseEvidence */
  GPtrArray *false_leads; /* GbFalseLead */
  GPtrArray *replay;      /* GbReplayStep */
  char *error;            /* what is wrong with its JSON, or NULL */
} GbCase;

GbCase *gb_case_read (const char *folder, const char *id, gboolean is_exercise);
void gb_case_free (GbCase *self);
/* Takes hints, evidence, explanation, false leads and replay away, and makes no cause right. */
void gb_case_seal (GbCase *self);
/* "case.json" or "exercise.json"; "program.py" or "start.py"; "fixes" or "solutions". */
const char *gb_case_get_json_name (const GbCase *self);
const char *gb_case_get_program_name (const GbCase *self);
const char *gb_case_get_solutions_name (const GbCase *self);
/* The program as it is given, or NULL.  Owned. */
char *gb_case_load_program (const GbCase *self);
/* What a check demands, in the current language; the id itself for one that is not listed. */
const char *gb_case_get_demand (const GbCase *self, const char *check);

G_END_DECLS
