/* interview: planning, running, keeping and reporting interviews.
 *
 * plan: what is to be asked, in which order and for how many minutes: questions of the outline's topics with
 * the scenes that show them, a case to diagnose, a task to code and an open talk.  Minutes are divided among
 * the outline's four dimensions by their weights, 25, 30, 25 and 20.  Pure: the same wish, library and seed
 * give the same plan. */
#pragma once

#include "library/library.h"
#include "models/interview-model.h"

G_BEGIN_DECLS

typedef enum
{
  GB_PLAN_QUESTION, /* what: a leaf */
  GB_PLAN_CASE,     /* what: a case's id */
  GB_PLAN_TASK,     /* what: an exercise's id */
  GB_PLAN_TALK,     /* about the candidate's own work; what: "" */
  GB_N_PLAN_KINDS,
} GbPlanKind;

typedef struct
{
  guint id; /* from 1, never given twice in a plan */
  GbPlanKind kind;
  char *what;
  char *scene; /* shown with it, or NULL */
  GbLevel level;
  GbDimension dimension;
  double minutes;
  gboolean is_fixed; /* its level was chosen by hand: the ladder leaves it */
} GbPlanItem;

/* A section of the outline ("s1"), or "case", "task", "talk". */
typedef struct
{
  char *id;
  GPtrArray *items; /* GbPlanItem */
} GbPlanPart;

/* The ways of asking that the outline advises, as behaviour. */
typedef enum
{
  GB_WAY_PROGRESSIVE = 1 << 0, /* the level of the next question follows from the last scores */
  GB_WAY_PAIRED = 1 << 1,      /* a question comes with the scene that shows it */
  GB_WAY_LIVE_CODE = 1 << 2,   /* a task to code */
  GB_WAY_OPEN = 1 << 3,        /* a talk about the candidate's own work */
  GB_WAY_DEPTH = 1 << 4,       /* what is still to come can be made harder or easier */
  GB_WAY_ALL = (1 << 5) - 1,
} GbWay;

typedef struct
{
  GbLevel level;
  const char *role; /* a name of gb_plan_get_role */
  double minutes;
  GbWay ways;
  guint32 seed; /* another one: other questions */
} GbPlanWish;

typedef struct
{
  GbLevel level;
  char *role;
  double minutes;
  GbWay ways;
  guint32 seed;
  guint last_id;
  GPtrArray *parts; /* GbPlanPart, in their order */
} GbPlan;

/* What somebody is to be hired as: what the outline's sections weigh for them. */
typedef struct
{
  const char *name;  /* "algorithm" */
  const char *title; /* msgid */
  double weights[6]; /* of the sections; 1: as the outline has it */
} GbPlanRole;

const GbPlanRole *gb_plan_get_roles (guint *n_roles);

/* A plan that fits in the minutes (5 to 240).  What the library has no material for is left out. */
GbPlan *gb_plan_propose (GbLibrary *library, const GbPlanWish *wish);
/* As JSON and back; NULL: it is no plan.  Owned. */
GbJson *gb_plan_to_json (const GbPlan *self);
GbPlan *gb_plan_from_json (GbJson *json);
GbPlan *gb_plan_copy (const GbPlan *self);
void gb_plan_free (GbPlan *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbPlan, gb_plan_free)

double gb_plan_get_minutes (const GbPlan *self); /* of all items */
/* NULL: there is none; part, nth: where it stands, or NULL. */
GbPlanItem *gb_plan_find (const GbPlan *self, guint id, guint *part, guint *nth);
guint gb_plan_get_n_items (const GbPlan *self);
const GbPlanItem *gb_plan_get_item (const GbPlan *self, guint nth); /* in the order of the interview */

/* By hand.  Items keep their ids. */
GbPlanItem *gb_plan_add (GbPlan *self,
                         const char *part,
                         GbPlanKind kind,
                         const char *what,
                         GbLevel level,
                         GbDimension dimension,
                         double minutes);
void gb_plan_remove (GbPlan *self, guint id);
void gb_plan_move (GbPlan *self, guint id, int by); /* within its part, or over its edge into the next one */
/* Another question of the same dimension that the plan has not yet.  FALSE: there is none. */
gboolean gb_plan_exchange (GbPlan *self, GbLibrary *library, guint id);
/* Makes a question one of its topic's of another level; its minutes and dimension follow.  FALSE: it has
 * none. */
gboolean gb_plan_set_level (GbPlan *self, GbLibrary *library, guint id, GbLevel level);

/* Which of the items that are still to come (ids, guint) must go so that the rest takes at most minutes,
 * chosen so that what was done and what is left stay as near to the weights as can be.  is_settled: asked, or
 * passed over.  Owned. */
typedef enum
{
  GB_ITEM_TO_COME,
  GB_ITEM_ASKED,
  GB_ITEM_PASSED
} GbItemFate;
typedef GbItemFate (*GbItemFateFunc) (guint id, gpointer data);
GArray *gb_plan_cut (const GbPlan *self, double minutes, GbItemFateFunc fate, gpointer data);
/* Minutes of what is asked or to come in each dimension, of those minutes. */
void gb_plan_share (const GbPlan *self, GbItemFateFunc fate, gpointer data, double minutes[GB_N_DIMENSIONS]);

const char *gb_plan_kind_name (GbPlanKind kind); /* "question", "case", "task", "talk" */
/* The question of a topic at a level, or NULL. */
const GbQuestion *gb_plan_question (GbLibrary *library, const char *leaf, GbLevel level);

G_END_DECLS
