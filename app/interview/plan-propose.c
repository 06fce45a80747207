/* A plan from a wish: how the minutes are divided, and which questions take them. */
#include "interview/plan.h"

#include "common/i18n.h"
#include <math.h>
#include <string.h>

#define LEAST_MINUTES 5.0
#define MOST_MINUTES  240.0
#define TALK_MINUTES  6.0
#define LONG_ENOUGH   25.0 /* minutes from which a case, a task or a talk finds room */

/* Minutes that an item of a level takes. */
static const double question_minutes[GB_N_LEVELS] = { 2, 3, 4, 5 };
static const double case_minutes[GB_N_LEVELS] = { 8, 10, 12, 12 };
static const double task_minutes[GB_N_LEVELS] = { 10, 12, 15, 15 };

/* What a question costs that is not quite what was wanted; the least is taken. */
#define COST_LEVEL   2.0 /* for each level between */
#define COST_SAME    1.5 /* for each question on the same subsection */
#define COST_SECTION 1.5 /* for a section that has had its share, in its shares */
#define GAIN_SCENE   0.5
#define COST_CHANCE  1.0

const GbPlanRole *
gb_plan_get_roles (guint *n_roles)
{
  static const GbPlanRole roles[] = {
    { "deep-learning", N_ ("Deep-learning engineer"), { 1, 1, 1, 1, 1, 1 } },
    { "algorithm", N_ ("Algorithm engineer"), { 0.9, 1.2, 0.7, 1.4, 0.9, 1.1 } },
    { "platform", N_ ("Training and serving platform engineer"), { 1.1, 0.8, 1.5, 0.6, 1.3, 0.8 } },
    { "research", N_ ("Research engineer"), { 0.8, 1.1, 0.6, 1.4, 0.8, 1.6 } },
  };
  *n_roles = G_N_ELEMENTS (roles);
  return roles;
}

static const GbPlanRole *
find_role (const char *name)
{
  guint n;
  const GbPlanRole *roles = gb_plan_get_roles (&n);
  for (guint i = 0; i < n; i++)
    if (g_strcmp0 (roles[i].name, name) == 0)
      return &roles[i];
  return &roles[0];
}

const GbQuestion *
gb_plan_question (GbLibrary *library, const char *leaf, GbLevel level)
{
  const GbTopic *topic = gb_library_find_topic (library, leaf);
  for (guint i = 0; topic && i < topic->questions->len; i++)
    {
      const GbQuestion *question = g_ptr_array_index (topic->questions, i);
      if (g_strcmp0 (question->level, gb_level_name (level)) == 0)
        return question;
    }
  return NULL;
}

/* The dimension that a question measures first; -1: it says none. */
static int
dimension_of (const GbQuestion *question)
{
  const GbAnchors *anchors = question->anchors->len ? g_ptr_array_index (question->anchors, 0) : NULL;
  return anchors ? gb_dimension_from_name (anchors->dimension) : -1;
}

/* ---- candidates ---- */

typedef struct
{
  const char *leaf, *section, *subsection;
  const char *scene;
  guint nth_section;
  GbLevel level;
  GbDimension dimension;
  gboolean taken;
} Candidate;

typedef struct
{
  GbLibrary *library;
  const GbPlanWish *wish;
  GbPlan *plan;
  GArray *candidates;
  GHashTable *per_subsection; /* questions that were taken */
  double per_section[6];      /* minutes that were taken, over the role's weight */
  double left[GB_N_DIMENSIONS];
} Proposal;

static void
list_leaf (Proposal *self, Candidate candidate, const char *leaf)
{
  const GbTopic *topic = gb_library_find_topic (self->library, leaf);
  candidate.leaf = leaf;
  candidate.scene = topic ? topic->scene : NULL;
  for (int level = 0; topic && !topic->error && level < GB_N_LEVELS; level++)
    {
      const GbQuestion *question = gb_plan_question (self->library, leaf, (GbLevel) level);
      int dimension = question ? dimension_of (question) : -1;
      if (dimension < 0)
        continue;
      candidate.level = (GbLevel) level;
      candidate.dimension = (GbDimension) dimension;
      g_array_append_val (self->candidates, candidate);
    }
}

/* The outline's rows live as long as the library, so their ids are borrowed. */
static void
list_candidates (Proposal *self, GListModel *rows, guint depth, Candidate candidate)
{
  for (guint i = 0; i < g_list_model_get_n_items (rows); i++)
    {
      g_autoptr (GbOutlineItem) row = g_list_model_get_item (rows, i);
      GListModel *children = gb_outline_item_get_children (row);
      if (depth == 0)
        {
          candidate.section = gb_outline_item_get_id (row);
          candidate.nth_section = MIN (i, 5);
        }
      else if (depth == 1)
        candidate.subsection = gb_outline_item_get_id (row);
      if (children)
        list_candidates (self, children, depth + 1, candidate);
      else
        list_leaf (self, candidate, gb_outline_item_get_id (row));
    }
}

/* The same for the same seed and question, from 0 to 1. */
static double
chance (guint32 seed, const char *leaf, int level)
{
  g_autofree char *key = g_strdup_printf ("%u %s %d", seed, leaf, level);
  guint hash = g_str_hash (key);
  hash = (hash ^ (hash >> 15)) * 0x2c1b3c6du;
  hash = (hash ^ (hash >> 12)) * 0x297a2d39u;
  return (hash ^ (hash >> 15)) / 4294967296.0;
}

static double
cost_of (Proposal *self, const Candidate *candidate)
{
  guint same = GPOINTER_TO_UINT (g_hash_table_lookup (self->per_subsection, candidate->subsection));
  double share = self->per_section[candidate->nth_section] / MAX (self->wish->minutes, 1);

  return COST_LEVEL * abs ((int) candidate->level - (int) self->wish->level) + COST_SAME * same
         + COST_SECTION * 6 * share - (candidate->scene ? GAIN_SCENE : 0)
         + COST_CHANCE * chance (self->wish->seed, candidate->leaf, (int) candidate->level);
}

static Candidate *
cheapest (Proposal *self, GbDimension dimension, double minutes)
{
  Candidate *best = NULL;
  double least = G_MAXDOUBLE;
  for (guint i = 0; i < self->candidates->len; i++)
    {
      Candidate *candidate = &g_array_index (self->candidates, Candidate, i);
      double cost;
      if (candidate->taken || candidate->dimension != dimension
          || question_minutes[candidate->level] > minutes)
        continue;
      cost = cost_of (self, candidate);
      if (cost < least)
        {
          least = cost;
          best = candidate;
        }
    }
  return best;
}

/* A topic is asked about once. */
static void
take_leaf (Proposal *self, const char *leaf)
{
  for (guint i = 0; i < self->candidates->len; i++)
    {
      Candidate *candidate = &g_array_index (self->candidates, Candidate, i);
      if (strcmp (candidate->leaf, leaf) == 0)
        candidate->taken = TRUE;
    }
}

static void
take (Proposal *self, const Candidate *candidate)
{
  double minutes = question_minutes[candidate->level];
  guint same = GPOINTER_TO_UINT (g_hash_table_lookup (self->per_subsection, candidate->subsection));
  double weight = find_role (self->wish->role)->weights[candidate->nth_section];
  GbPlanItem *item = gb_plan_add (self->plan, candidate->section, GB_PLAN_QUESTION, candidate->leaf,
                                  candidate->level, candidate->dimension, minutes);

  item->scene = self->wish->ways & GB_WAY_PAIRED ? g_strdup (candidate->scene) : NULL;
  g_hash_table_insert (self->per_subsection, (gpointer) candidate->subsection, GUINT_TO_POINTER (same + 1));
  self->per_section[candidate->nth_section] += minutes / weight;
  self->left[candidate->dimension] -= minutes;
  take_leaf (self, candidate->leaf);
}

/* ---- what is no question ---- */

/* The case or exercise nearest to the level, by chance among equals. */
static const GbCase *
choose_case (Proposal *self, gboolean is_exercise)
{
  const GbCase *best = NULL;
  double least = G_MAXDOUBLE;
  for (guint i = 0; i < gb_library_get_n_cases (self->library); i++)
    {
      const GbCase *which = gb_library_get_case (self->library, i);
      int level = gb_level_from_name (which->level);
      double cost;
      if (which->is_exercise != is_exercise || which->error || level < 0)
        continue;
      cost = COST_LEVEL * abs (level - (int) self->wish->level) + chance (self->wish->seed, which->id, level);
      if (cost < least)
        {
          least = cost;
          best = which;
        }
    }
  return best;
}

static void
add_work (Proposal *self, double *minutes)
{
  const GbCase *broken = choose_case (self, FALSE);
  const GbCase *task = self->wish->ways & GB_WAY_LIVE_CODE ? choose_case (self, TRUE) : NULL;

  if (broken && *minutes >= LONG_ENOUGH)
    {
      GbLevel level = (GbLevel) gb_level_from_name (broken->level);
      gb_plan_add (self->plan, "case", GB_PLAN_CASE, broken->id, level, GB_DIMENSION_OPTIMISE,
                   case_minutes[level]);
      self->left[GB_DIMENSION_OPTIMISE] -= case_minutes[level];
      *minutes -= case_minutes[level];
    }
  if (task && *minutes >= LONG_ENOUGH)
    {
      GbLevel level = (GbLevel) gb_level_from_name (task->level);
      gb_plan_add (self->plan, "task", GB_PLAN_TASK, task->id, level, GB_DIMENSION_PRACTICE,
                   task_minutes[level]);
      self->left[GB_DIMENSION_PRACTICE] -= task_minutes[level];
      *minutes -= task_minutes[level];
    }
  if (self->wish->ways & GB_WAY_OPEN && *minutes >= LONG_ENOUGH / 2)
    {
      gb_plan_add (self->plan, "talk", GB_PLAN_TALK, "", self->wish->level, GB_DIMENSION_INNOVATE,
                   TALK_MINUTES);
      self->left[GB_DIMENSION_INNOVATE] -= TALK_MINUTES;
      *minutes -= TALK_MINUTES;
    }
}

/* The dimension that lacks most takes the next question; one for which there is none is passed over. */
static void
add_questions (Proposal *self, double minutes)
{
  gboolean is_dry[GB_N_DIMENSIONS] = { FALSE };
  for (;;)
    {
      int wanted = -1;
      const Candidate *candidate;
      for (int d = 0; d < GB_N_DIMENSIONS; d++)
        if (!is_dry[d] && (wanted < 0 || self->left[d] > self->left[wanted]))
          wanted = d;
      if (wanted < 0)
        return;
      candidate = cheapest (self, (GbDimension) wanted, minutes);
      if (candidate == NULL)
        {
          is_dry[wanted] = TRUE;
          continue;
        }
      minutes -= question_minutes[candidate->level];
      take (self, candidate);
    }
}

/* ---- order ---- */

static int
compare_levels (gconstpointer a, gconstpointer b)
{
  const GbPlanItem *x = *(GbPlanItem *const *) a, *y = *(GbPlanItem *const *) b;
  return x->level != y->level ? (int) x->level - (int) y->level : (int) x->id - (int) y->id;
}

static int
rank_of (const GbPlanPart *part)
{
  static const char *const last[] = { "case", "task", "talk" };
  for (int i = 0; i < (int) G_N_ELEMENTS (last); i++)
    if (strcmp (part->id, last[i]) == 0)
      return 100 + i;
  return part->id[0] == 's' ? atoi (part->id + 1) : 99;
}

static int
compare_parts (gconstpointer a, gconstpointer b)
{
  return rank_of (*(GbPlanPart *const *) a) - rank_of (*(GbPlanPart *const *) b);
}

GbPlan *
gb_plan_propose (GbLibrary *library, const GbPlanWish *wish)
{
  Proposal self = { .library = library, .wish = wish };
  double minutes = CLAMP (wish->minutes, LEAST_MINUTES, MOST_MINUTES);
  GbJson *empty = json_tokener_parse ("{\"level\": \"junior\"}");

  self.plan = gb_plan_from_json (empty);
  json_object_put (empty);
  self.plan->level = wish->level;
  g_free (self.plan->role);
  self.plan->role = g_strdup (find_role (wish->role)->name);
  self.plan->minutes = minutes;
  self.plan->ways = wish->ways;
  self.plan->seed = wish->seed;
  self.candidates = g_array_new (FALSE, FALSE, sizeof (Candidate));
  self.per_subsection = g_hash_table_new (g_str_hash, g_str_equal);
  list_candidates (&self, gb_library_get_outline (library), 0, (Candidate){ NULL });
  for (guint d = 0; d < GB_N_DIMENSIONS; d++)
    self.left[d] = minutes * gb_dimension_weight ((GbDimension) d) / 100;
  add_work (&self, &minutes);
  add_questions (&self, minutes);
  for (guint p = 0; p < self.plan->parts->len; p++)
    g_ptr_array_sort (((GbPlanPart *) g_ptr_array_index (self.plan->parts, p))->items, compare_levels);
  g_ptr_array_sort (self.plan->parts, compare_parts);
  g_array_unref (self.candidates);
  g_hash_table_unref (self.per_subsection);
  return self.plan;
}

/* ---- changed by hand ---- */

gboolean
gb_plan_set_level (GbPlan *self, GbLibrary *library, guint id, GbLevel level)
{
  GbPlanItem *item = gb_plan_find (self, id, NULL, NULL);
  const GbQuestion *question =
      item && item->kind == GB_PLAN_QUESTION ? gb_plan_question (library, item->what, level) : NULL;
  int dimension = question ? dimension_of (question) : -1;

  if (dimension < 0)
    return FALSE;
  item->level = level;
  item->dimension = (GbDimension) dimension;
  item->minutes = question_minutes[level];
  return TRUE;
}

static gboolean
has_leaf (const GbPlan *self, const char *leaf)
{
  for (guint i = 0; i < gb_plan_get_n_items (self); i++)
    if (strcmp (gb_plan_get_item (self, i)->what, leaf) == 0)
      return TRUE;
  return FALSE;
}

/* Walks round from the leaf it has, so that asking again and again shows all there are. */
static gboolean
exchange_question (GbPlan *self, GbLibrary *library, GbPlanItem *item)
{
  const char *const *leaves = gb_library_get_leaves (library);
  guint n = g_strv_length ((char **) leaves), from = 0;

  while (from < n && strcmp (leaves[from], item->what) != 0)
    from++;
  for (guint i = 1; i < n; i++)
    {
      const char *leaf = leaves[(from + i) % n];
      const GbQuestion *question = gb_plan_question (library, leaf, item->level);
      if (question == NULL || dimension_of (question) != (int) item->dimension || has_leaf (self, leaf))
        continue;
      g_free (item->what);
      item->what = g_strdup (leaf);
      if (item->scene)
        {
          g_free (item->scene);
          item->scene = g_strdup (gb_library_find_topic (library, leaf)->scene);
        }
      return TRUE;
    }
  return FALSE;
}

gboolean
gb_plan_exchange (GbPlan *self, GbLibrary *library, guint id)
{
  GbPlanItem *item = gb_plan_find (self, id, NULL, NULL);
  guint n = gb_library_get_n_cases (library), from = 0;

  if (item == NULL || item->kind == GB_PLAN_TALK)
    return FALSE;
  if (item->kind == GB_PLAN_QUESTION)
    return exchange_question (self, library, item);
  while (from < n && strcmp (gb_library_get_case (library, from)->id, item->what) != 0)
    from++;
  for (guint i = 1; i < n; i++)
    {
      const GbCase *which = gb_library_get_case (library, (from + i) % n);
      int level = gb_level_from_name (which->level);
      if (which->is_exercise != (item->kind == GB_PLAN_TASK) || which->error || level < 0
          || has_leaf (self, which->id))
        continue;
      g_free (item->what);
      item->what = g_strdup (which->id);
      item->level = (GbLevel) level;
      item->minutes = which->is_exercise ? task_minutes[level] : case_minutes[level];
      return TRUE;
    }
  return FALSE;
}
