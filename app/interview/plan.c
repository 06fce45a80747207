#include "interview/plan.h"

#include <math.h>
#include <string.h>

#define MOST_ITEMS 200

static const char *const kind_names[GB_N_PLAN_KINDS] = { "question", "case", "task", "talk" };

static void
item_free (gpointer data)
{
  GbPlanItem *self = data;
  g_free (self->what);
  g_free (self->scene);
  g_free (self);
}

static void
part_free (gpointer data)
{
  GbPlanPart *self = data;
  g_free (self->id);
  g_ptr_array_unref (self->items);
  g_free (self);
}

void
gb_plan_free (GbPlan *self)
{
  if (self == NULL)
    return;
  g_free (self->role);
  g_ptr_array_unref (self->parts);
  g_free (self);
}

static GbPlan *
plan_new (void)
{
  GbPlan *self = g_new0 (GbPlan, 1);
  self->parts = g_ptr_array_new_with_free_func (part_free);
  return self;
}

const char *
gb_plan_kind_name (GbPlanKind kind)
{
  return kind_names[kind];
}

/* ---- looking ---- */

static GbPlanPart *
part_at (const GbPlan *self, guint nth)
{
  return g_ptr_array_index (self->parts, nth);
}

static GbPlanItem *
item_at (const GbPlanPart *part, guint nth)
{
  return g_ptr_array_index (part->items, nth);
}

guint
gb_plan_get_n_items (const GbPlan *self)
{
  guint n = 0;
  for (guint p = 0; p < self->parts->len; p++)
    n += part_at (self, p)->items->len;
  return n;
}

const GbPlanItem *
gb_plan_get_item (const GbPlan *self, guint nth)
{
  for (guint p = 0; p < self->parts->len; p++)
    {
      if (nth < part_at (self, p)->items->len)
        return item_at (part_at (self, p), nth);
      nth -= part_at (self, p)->items->len;
    }
  return NULL;
}

GbPlanItem *
gb_plan_find (const GbPlan *self, guint id, guint *part, guint *nth)
{
  for (guint p = 0; p < self->parts->len; p++)
    for (guint i = 0; i < part_at (self, p)->items->len; i++)
      if (item_at (part_at (self, p), i)->id == id)
        {
          if (part)
            *part = p;
          if (nth)
            *nth = i;
          return item_at (part_at (self, p), i);
        }
  return NULL;
}

double
gb_plan_get_minutes (const GbPlan *self)
{
  double minutes = 0;
  for (guint i = 0; i < gb_plan_get_n_items (self); i++)
    minutes += gb_plan_get_item (self, i)->minutes;
  return minutes;
}

/* ---- by hand ---- */

static GbPlanPart *
ensure_part (GbPlan *self, const char *id)
{
  GbPlanPart *part;
  for (guint p = 0; p < self->parts->len; p++)
    if (strcmp (part_at (self, p)->id, id) == 0)
      return part_at (self, p);
  part = g_new0 (GbPlanPart, 1);
  part->id = g_strdup (id);
  part->items = g_ptr_array_new_with_free_func (item_free);
  g_ptr_array_add (self->parts, part);
  return part;
}

GbPlanItem *
gb_plan_add (GbPlan *self,
             const char *part,
             GbPlanKind kind,
             const char *what,
             GbLevel level,
             GbDimension dimension,
             double minutes)
{
  GbPlanItem *item = g_new0 (GbPlanItem, 1);
  item->id = ++self->last_id;
  item->kind = kind;
  item->what = g_strdup (what);
  item->level = level;
  item->dimension = dimension;
  item->minutes = minutes;
  g_ptr_array_add (ensure_part (self, part)->items, item);
  return item;
}

void
gb_plan_remove (GbPlan *self, guint id)
{
  guint part, nth;
  if (gb_plan_find (self, id, &part, &nth))
    g_ptr_array_remove_index (part_at (self, part)->items, nth);
}

void
gb_plan_move (GbPlan *self, guint id, int by)
{
  guint part, nth;
  GbPlanItem *item;
  int to;

  if (gb_plan_find (self, id, &part, &nth) == NULL || by == 0)
    return;
  to = (int) nth + (by > 0 ? 1 : -1);
  item = g_ptr_array_steal_index (part_at (self, part)->items, nth);
  if (to < 0 && part > 0)
    g_ptr_array_add (part_at (self, part - 1)->items, item);
  else if (to > (int) part_at (self, part)->items->len && part + 1 < self->parts->len)
    g_ptr_array_insert (part_at (self, part + 1)->items, 0, item);
  else
    g_ptr_array_insert (part_at (self, part)->items, CLAMP (to, 0, (int) part_at (self, part)->items->len),
                        item);
}

/* ---- JSON ---- */

static GbJson *
item_to_json (const GbPlanItem *item)
{
  GbJson *out = json_object_new_object ();
  json_object_object_add (out, "id", json_object_new_int64 (item->id));
  json_object_object_add (out, "kind", json_object_new_string (kind_names[item->kind]));
  json_object_object_add (out, "what", json_object_new_string (item->what));
  if (item->scene)
    json_object_object_add (out, "scene", json_object_new_string (item->scene));
  json_object_object_add (out, "level", json_object_new_string (gb_level_name (item->level)));
  json_object_object_add (out, "dimension", json_object_new_string (gb_dimension_name (item->dimension)));
  json_object_object_add (out, "minutes", json_object_new_double (item->minutes));
  if (item->is_fixed)
    json_object_object_add (out, "fixed", json_object_new_boolean (TRUE));
  return out;
}

GbJson *
gb_plan_to_json (const GbPlan *self)
{
  GbJson *out = json_object_new_object (), *parts = json_object_new_array ();
  json_object_object_add (out, "level", json_object_new_string (gb_level_name (self->level)));
  json_object_object_add (out, "role", json_object_new_string (self->role));
  json_object_object_add (out, "minutes", json_object_new_double (self->minutes));
  json_object_object_add (out, "ways", json_object_new_int64 (self->ways));
  json_object_object_add (out, "seed", json_object_new_int64 (self->seed));
  json_object_object_add (out, "last_id", json_object_new_int64 (self->last_id));
  for (guint p = 0; p < self->parts->len; p++)
    {
      GbJson *part = json_object_new_object (), *items = json_object_new_array ();
      for (guint i = 0; i < part_at (self, p)->items->len; i++)
        json_object_array_add (items, item_to_json (item_at (part_at (self, p), i)));
      json_object_object_add (part, "id", json_object_new_string (part_at (self, p)->id));
      json_object_object_add (part, "items", items);
      json_object_array_add (parts, part);
    }
  json_object_object_add (out, "parts", parts);
  return out;
}

static double
get_number (GbJson *object, const char *key)
{
  GbJson *value = NULL;
  double number = json_object_object_get_ex (object, key, &value)
                          && (json_object_is_type (value, json_type_double)
                              || json_object_is_type (value, json_type_int))
                      ? json_object_get_double (value)
                      : 0;
  return isfinite (number) ? number : 0;
}

static int
get_name (GbJson *object, const char *key, int (*find) (const char *name))
{
  return find (json_object_get_string (gb_json_get (object, key, json_type_string)));
}

static int
kind_from_name (const char *name)
{
  for (int i = 0; name && i < GB_N_PLAN_KINDS; i++)
    if (strcmp (name, kind_names[i]) == 0)
      return i;
  return -1;
}

/* An item that is not whole is left out: a plan of another version is still one. */
static void
take_item (GbPlan *self, const char *part, GbJson *from)
{
  int kind = get_name (from, "kind", kind_from_name), level = get_name (from, "level", gb_level_from_name),
      dimension = get_name (from, "dimension", gb_dimension_from_name);
  double id = get_number (from, "id"), minutes = get_number (from, "minutes");
  g_autofree char *what = gb_json_dup_string (from, "what");
  GbPlanItem *item;

  if (kind < 0 || level < 0 || dimension < 0 || what == NULL || !(id >= 1 && id <= self->last_id)
      || gb_plan_find (self, (guint) id, NULL, NULL) || gb_plan_get_n_items (self) >= MOST_ITEMS)
    return;
  item = gb_plan_add (self, part, (GbPlanKind) kind, what, (GbLevel) level, (GbDimension) dimension,
                      minutes >= 0 && minutes <= 240 ? minutes : 0);
  self->last_id--;
  item->id = (guint) id;
  item->scene = gb_json_dup_string (from, "scene");
  item->is_fixed = json_object_get_boolean (gb_json_get (from, "fixed", json_type_boolean));
}

GbPlan *
gb_plan_from_json (GbJson *json)
{
  int level = get_name (json, "level", gb_level_from_name);
  GbPlan *self;

  if (!json_object_is_type (json, json_type_object) || level < 0)
    return NULL;
  self = plan_new ();
  self->level = (GbLevel) level;
  self->role = gb_json_dup_string (json, "role");
  if (self->role == NULL)
    self->role = g_strdup ("");
  self->minutes = CLAMP (get_number (json, "minutes"), 0, 240);
  self->ways = (GbWay) ((guint) CLAMP (get_number (json, "ways"), 0, GB_WAY_ALL));
  self->seed = (guint32) CLAMP (get_number (json, "seed"), 0, G_MAXUINT32);
  self->last_id = (guint) CLAMP (get_number (json, "last_id"), 0, 1e6);
  for (guint p = 0; p < gb_json_get_length (json, "parts"); p++)
    {
      GbJson *part = gb_json_get_nth (json, "parts", p);
      g_autofree char *id = gb_json_dup_string (part, "id");
      if (id && self->parts->len < MOST_ITEMS)
        ensure_part (self, id);
      for (guint i = 0; id && i < gb_json_get_length (part, "items"); i++)
        take_item (self, id, gb_json_get_nth (part, "items", i));
    }
  return self;
}

GbPlan *
gb_plan_copy (const GbPlan *self)
{
  GbJson *json = gb_plan_to_json (self);
  GbPlan *copy = gb_plan_from_json (json);
  json_object_put (json);
  return copy;
}

/* ---- when time runs short ---- */

void
gb_plan_share (const GbPlan *self, GbItemFateFunc fate, gpointer data, double minutes[GB_N_DIMENSIONS])
{
  memset (minutes, 0, sizeof (double) * GB_N_DIMENSIONS);
  for (guint i = 0; i < gb_plan_get_n_items (self); i++)
    {
      const GbPlanItem *item = gb_plan_get_item (self, i);
      if (fate == NULL || fate (item->id, data) != GB_ITEM_PASSED)
        minutes[item->dimension] += item->minutes;
    }
}

/* How far minutes are from the weights: the sum of squares of the shares' differences. */
static double
distance (const double minutes[GB_N_DIMENSIONS])
{
  double all = 0, sum = 0;
  for (guint d = 0; d < GB_N_DIMENSIONS; d++)
    all += minutes[d];
  for (guint d = 0; all > 0 && d < GB_N_DIMENSIONS; d++)
    {
      double off = minutes[d] / all - gb_dimension_weight ((GbDimension) d) / 100.0;
      sum += off * off;
    }
  return sum;
}

/* What is left of a plan while it is cut. */
typedef struct
{
  double minutes, share[GB_N_DIMENSIONS];
  double wanted;   /* minutes of what is to come */
  GPtrArray *left; /* GbPlanItem, to come */
  GPtrArray *gone;
} Cut;

static void
drop (Cut *self, guint nth)
{
  GbPlanItem *item = g_ptr_array_steal_index (self->left, nth);
  self->share[item->dimension] -= item->minutes;
  self->wanted -= item->minutes;
  g_ptr_array_add (self->gone, item);
}

static void
give_back (Cut *self, guint nth)
{
  GbPlanItem *item = g_ptr_array_steal_index (self->gone, nth);
  self->share[item->dimension] += item->minutes;
  self->wanted += item->minutes;
  g_ptr_array_add (self->left, item);
}

static double
distance_with (const Cut *self, const GbPlanItem *item, double sign)
{
  double share[GB_N_DIMENSIONS];
  memcpy (share, self->share, sizeof share);
  share[item->dimension] += sign * item->minutes;
  return distance (share);
}

/* Of equals the last one goes: what comes first was thought more of. */
static void
drop_best (Cut *self)
{
  guint best = 0;
  double least = G_MAXDOUBLE;
  for (guint i = 0; i < self->left->len; i++)
    {
      double off = distance_with (self, self->left->pdata[i], -1);
      if (off > least)
        continue;
      least = off;
      best = i;
    }
  drop (self, best);
}

/* What has gone, but for one (or NULL), comes back as long as it finds room and brings the rest nearer to the
 * weights. */
static void
refill (Cut *self, const GbPlanItem *but)
{
  for (;;)
    {
      int best = -1;
      double least = distance (self->share) - 1e-9;
      for (guint i = 0; i < self->gone->len; i++)
        {
          const GbPlanItem *item = self->gone->pdata[i];
          double off = distance_with (self, item, 1);
          if (item == but || self->wanted + item->minutes > self->minutes || off >= least)
            continue;
          least = off;
          best = (int) i;
        }
      if (best < 0)
        return;
      give_back (self, (guint) best);
    }
}

static void
copy_cut (Cut *to, const Cut *from)
{
  *to = *from;
  to->left = g_ptr_array_copy (from->left, NULL, NULL);
  to->gone = g_ptr_array_copy (from->gone, NULL, NULL);
}

static void
clear_cut (Cut *self)
{
  g_ptr_array_unref (self->left);
  g_ptr_array_unref (self->gone);
}

/* One goes and what then finds room comes back, where that is nearer to the weights: a long task may stand in
 * the way of three questions.  FALSE: nothing is nearer. */
static gboolean
improve (Cut *self)
{
  for (guint k = 0; k < self->left->len; k++)
    {
      Cut other;
      copy_cut (&other, self);
      drop (&other, k);
      refill (&other, self->left->pdata[k]);
      if (distance (other.share) < distance (self->share) - 1e-9)
        {
          clear_cut (self);
          *self = other;
          return TRUE;
        }
      clear_cut (&other);
    }
  return FALSE;
}

GArray *
gb_plan_cut (const GbPlan *self, double minutes, GbItemFateFunc fate, gpointer data)
{
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (guint));
  Cut cut = { .minutes = minutes + 1e-6, .left = g_ptr_array_new (), .gone = g_ptr_array_new () };

  gb_plan_share (self, fate, data, cut.share);
  for (guint i = 0; i < gb_plan_get_n_items (self); i++)
    {
      const GbPlanItem *item = gb_plan_get_item (self, i);
      if (fate (item->id, data) != GB_ITEM_TO_COME)
        continue;
      g_ptr_array_add (cut.left, (gpointer) item);
      cut.wanted += item->minutes;
    }
  while (cut.left->len && cut.wanted > cut.minutes)
    drop_best (&cut);
  refill (&cut, NULL);
  for (guint i = 0; cut.gone->len && i < MOST_ITEMS && improve (&cut); i++)
    ;
  for (guint i = 0; i < cut.gone->len; i++)
    g_array_append_val (ids, ((GbPlanItem *) cut.gone->pdata[i])->id);
  clear_cut (&cut);
  return ids;
}
