/* Branches: what a run was wound back from.  They form a tree: the run that goes on is its root, each branch parts
 * from the run or from another branch.
 *
 * A branch keeps its past with its records, which it shares with the run: chunks of records are counted, never
 * copied.  What only branches hold is bounded by the budget of the run's own records (96 MiB for a live one, none for
 * a recording): beyond it the oldest branch lets go of its records first and keeps its logged series, knobs, prints
 * and texts.  At most GB_BRANCHES_MOST branches are kept; the oldest goes, its children part from where it did. */
#pragma once

#include "models/trace.h"

G_BEGIN_DECLS

#define GB_BRANCHES_MOST 12

typedef struct
{
  guint id;                 /* from 1, in the order in which they were left */
  guint parent;             /* 0: the run that goes on */
  guint64 parted_iteration; /* that ran when both were last the same; 0: before the first */
  guint64 last_iteration;   /* that it completed */
  gint64 left_usec;         /* real time */
  gboolean has_records;
  GbTrace *trace; /* its texts, knobs, series and prints, of its past as well; records are found only in an opened one */
  guint64 parted_seq;
  gpointer opened; /* weak */
} GbBranch;

guint gb_trace_get_n_branches (GbTrace *self);
const GbBranch *gb_trace_get_branch (GbTrace *self, guint nth); /* oldest first */
const GbBranch *gb_trace_find_branch (GbTrace *self, guint id); /* NULL: none of that number is kept */
/* The branch as a trace of its own, with its past: every view can draw it, nothing is added to it any more.  Owned; NULL:
 * no such branch.  Opening costs what indexing its records costs; opened again while it is held, it is the same. */
GbTrace *gb_trace_open_branch (GbTrace *self, guint id);
/* The run begins again: what there is becomes a branch that parts before the first iteration.  repeats: it
 * does what it did until it pauses, and parts there.  branch, iteration: it repeats that branch until then
 * instead, so that all parts where the branch parts from it; 0: none. */
void gb_trace_begin_again (GbTrace *self, gboolean repeats, guint branch, guint64 iteration);
/* Bytes of records that branches hold and the run does not. */
gsize gb_trace_get_branches_nbytes (GbTrace *self);

/* What differs between the settings and the code of two runs. */
typedef enum
{
  GB_CHANGE_KNOB,
  GB_CHANGE_CODE,
} GbChangeKind;

typedef struct
{
  GbChangeKind kind;
  const char *name;  /* of the knob, or the path; borrowed from b */
  double from, to;   /* of the knob at the end of a, of b */
  guint64 iteration; /* during which it was last set in b, or else in a; 0: never */
  guint line;        /* of b, from 1: the first that differs */
  guint n_before, n_after; /* lines of a that differ, lines of b that stand for them */
  char *before, *after;    /* first of them, without the indentation; NULL: none */
} GbBranchChange;

/* From a to b; (element-type GbBranchChange) owned. */
GArray *gb_branch_changes (GbTrace *a, GbTrace *b);

G_END_DECLS
