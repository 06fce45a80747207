#include "lab/case-work.h"

#include <gio/gio.h>
#include <string.h>

#define POINTS       10
#define CAUSE_POINTS 4
#define WRONG_COST   2
#define MOST_LOOKS   200

struct _GbCaseWork
{
  GObject parent_instance;
  const GbCase *which;
  char *path; /* where it is kept */
  guint n_hints, n_checks;
  gboolean is_solved, has_given_up;
  GPtrArray *looks;  /* GbLook */
  GPtrArray *claims; /* GbClaim */
};

enum
{
  CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GbCaseWork, gb_case_work, G_TYPE_OBJECT)

static void
look_free (GbLook *look)
{
  g_free (look->view);
  g_free (look);
}

static void
claim_free (GbClaim *claim)
{
  g_free (claim->cause);
  g_free (claim);
}

/* ---- keeping ---- */

static GbJson *
to_json (GbCaseWork *self)
{
  GbJson *out = json_object_new_object (), *looks = json_object_new_array (), *claims = json_object_new_array ();
  for (guint i = 0; i < self->looks->len; i++)
    {
      const GbLook *look = g_ptr_array_index (self->looks, i);
      GbJson *row = json_object_new_object ();
      json_object_object_add (row, "view", json_object_new_string (look->view));
      json_object_object_add (row, "iteration", json_object_new_int64 ((gint64) look->iteration));
      json_object_array_add (looks, row);
    }
  for (guint i = 0; i < self->claims->len; i++)
    {
      const GbClaim *claim = g_ptr_array_index (self->claims, i);
      GbJson *row = json_object_new_object ();
      json_object_object_add (row, "cause", json_object_new_string (claim->cause));
      json_object_object_add (row, "line", json_object_new_int64 (claim->line));
      json_object_object_add (row, "right", json_object_new_boolean (claim->is_right));
      json_object_object_add (row, "looks", json_object_new_int64 (claim->n_looks));
      json_object_object_add (row, "evidence", json_object_new_boolean (claim->had_evidence));
      json_object_array_add (claims, row);
    }
  json_object_object_add (out, "hints", json_object_new_int64 (self->n_hints));
  json_object_object_add (out, "checks", json_object_new_int64 (self->n_checks));
  json_object_object_add (out, "solved", json_object_new_boolean (self->is_solved));
  json_object_object_add (out, "given_up", json_object_new_boolean (self->has_given_up));
  json_object_object_add (out, "looks", looks);
  json_object_object_add (out, "claims", claims);
  return out;
}

static void
tell_changed (GbCaseWork *self)
{
  GbJson *json = to_json (self);
  g_file_set_contents (self->path, json_object_to_json_string_ext (json, JSON_C_TO_STRING_PLAIN), -1, NULL);
  json_object_put (json);
  g_signal_emit (self, signals[CHANGED], 0);
}

static guint64
get_int (GbJson *object, const char *key)
{
  return (guint64) MAX (0, json_object_get_int64 (gb_json_get (object, key, json_type_int)));
}

static gboolean
get_flag (GbJson *object, const char *key)
{
  return json_object_get_boolean (gb_json_get (object, key, json_type_boolean));
}

static void
load (GbCaseWork *self)
{
  GbJson *json = json_object_from_file (self->path);
  self->n_hints = (guint) MIN (get_int (json, "hints"), self->which->hints->len);
  self->n_checks = (guint) get_int (json, "checks");
  self->is_solved = get_flag (json, "solved");
  self->has_given_up = get_flag (json, "given_up");
  for (guint i = 0; i < gb_json_get_length (json, "looks"); i++)
    {
      GbJson *row = gb_json_get_nth (json, "looks", i);
      GbLook *look = g_new0 (GbLook, 1);
      look->view = gb_json_dup_string (row, "view");
      look->iteration = get_int (row, "iteration");
      look->view ? g_ptr_array_add (self->looks, look) : look_free (look);
    }
  for (guint i = 0; i < gb_json_get_length (json, "claims"); i++)
    {
      GbJson *row = gb_json_get_nth (json, "claims", i);
      GbClaim *claim = g_new0 (GbClaim, 1);
      claim->cause = gb_json_dup_string (row, "cause");
      claim->line = (guint) get_int (row, "line");
      claim->is_right = get_flag (row, "right");
      claim->n_looks = (guint) get_int (row, "looks");
      claim->had_evidence = get_flag (row, "evidence");
      claim->cause ? g_ptr_array_add (self->claims, claim) : claim_free (claim);
    }
  json_object_put (json);
}

/* ---- what is done ---- */

void
gb_case_work_set_case (GbCaseWork *self, const GbCase *which)
{
  self->which = which;
  g_signal_emit (self, signals[CHANGED], 0);
}

const GbCase *
gb_case_work_get_case (GbCaseWork *self)
{
  return self->which;
}

guint
gb_case_work_get_n_hints (GbCaseWork *self)
{
  return self->n_hints;
}

void
gb_case_work_take_hint (GbCaseWork *self)
{
  if (self->n_hints >= self->which->hints->len)
    return;
  self->n_hints++;
  tell_changed (self);
}

void
gb_case_work_look (GbCaseWork *self, const char *view, guint64 iteration)
{
  if (self->looks->len >= MOST_LOOKS)
    return;
  for (guint i = 0; i < self->looks->len; i++)
    {
      const GbLook *look = g_ptr_array_index (self->looks, i);
      if (strcmp (look->view, view) == 0 && look->iteration == iteration)
        return;
    }
  GbLook *look = g_new0 (GbLook, 1);
  look->view = g_strdup (view);
  look->iteration = iteration;
  g_ptr_array_add (self->looks, look);
  tell_changed (self);
}

guint
gb_case_work_get_n_looks (GbCaseWork *self)
{
  return self->looks->len;
}

const GbLook *
gb_case_work_get_look (GbCaseWork *self, guint nth)
{
  return g_ptr_array_index (self->looks, nth);
}

static gboolean
has_looked_at_evidence (GbCaseWork *self)
{
  for (guint i = 0; i < self->which->evidence->len; i++)
    for (guint k = 0; k < self->looks->len; k++)
      if (g_strcmp0 (((GbCaseEvidence *) g_ptr_array_index (self->which->evidence, i))->view,
                     ((GbLook *) g_ptr_array_index (self->looks, k))->view)
          == 0)
        return TRUE;
  return FALSE;
}

/* A right cause with its line: the text that stands there decides, since lines move. */
static gboolean
is_right_claim (const GbCase *which, const char *cause, const char *text)
{
  g_autofree char *stripped = g_strstrip (g_strdup (text));
  for (guint i = 0; i < which->causes->len; i++)
    {
      const GbCaseCause *at = g_ptr_array_index (which->causes, i);
      if (at->is_right && g_strcmp0 (at->id, cause) == 0 && g_strcmp0 (at->line, stripped) == 0)
        return TRUE;
    }
  return FALSE;
}

void
gb_case_work_claim (GbCaseWork *self, const char *cause, guint line, const char *text)
{
  GbClaim *claim = g_new0 (GbClaim, 1);
  claim->cause = g_strdup (cause);
  claim->line = line;
  claim->is_right = is_right_claim (self->which, cause, text);
  claim->n_looks = self->looks->len;
  claim->had_evidence = has_looked_at_evidence (self);
  g_ptr_array_add (self->claims, claim);
  tell_changed (self);
}

guint
gb_case_work_get_n_claims (GbCaseWork *self)
{
  return self->claims->len;
}

const GbClaim *
gb_case_work_get_claim (GbCaseWork *self, guint nth)
{
  return g_ptr_array_index (self->claims, nth);
}

static const GbClaim *
find_right_claim (GbCaseWork *self, guint *n_wrong)
{
  *n_wrong = 0;
  for (guint i = 0; i < self->claims->len; i++)
    {
      const GbClaim *claim = g_ptr_array_index (self->claims, i);
      if (claim->is_right)
        return claim;
      ++*n_wrong;
    }
  return NULL;
}

gboolean
gb_case_work_is_diagnosed (GbCaseWork *self)
{
  guint n_wrong;
  return self->which->is_exercise || find_right_claim (self, &n_wrong);
}

void
gb_case_work_checked (GbCaseWork *self, gboolean holds)
{
  self->n_checks++;
  self->is_solved |= holds;
  tell_changed (self);
}

guint
gb_case_work_get_n_checks (GbCaseWork *self)
{
  return self->n_checks;
}

gboolean
gb_case_work_is_solved (GbCaseWork *self)
{
  return self->is_solved;
}

void
gb_case_work_give_up (GbCaseWork *self)
{
  self->has_given_up |= !self->is_solved;
  tell_changed (self);
}

gboolean
gb_case_work_is_open (GbCaseWork *self)
{
  return self->is_solved || self->has_given_up;
}

double
gb_case_work_get_points (GbCaseWork *self)
{
  guint n_wrong = 0;
  const GbClaim *claim = find_right_claim (self, &n_wrong);
  double cause = claim ? CAUSE_POINTS - WRONG_COST * (double) n_wrong - (claim->had_evidence ? 0 : WRONG_COST) : 0;
  double points = self->which->is_exercise ? 0 : MAX (0, cause);
  if (self->is_solved && !self->has_given_up)
    points += self->which->is_exercise ? POINTS : POINTS - CAUSE_POINTS;
  for (guint i = 0; i < self->n_hints && i < self->which->hints->len; i++)
    points -= ((GbCaseHint *) g_ptr_array_index (self->which->hints, i))->cost;
  return MAX (0, points);
}

void
gb_case_work_forget (GbCaseWork *self)
{
  self->n_hints = self->n_checks = 0;
  self->is_solved = self->has_given_up = FALSE;
  g_ptr_array_set_size (self->looks, 0);
  g_ptr_array_set_size (self->claims, 0);
  tell_changed (self);
}

/* ---- the file ---- */

static char *
file_path (const GbCase *which, const char *folder)
{
  g_autofree char *name = g_strdup_printf ("%s.py", which->id);
  return g_build_filename (folder, "programs", name, NULL);
}

char *
gb_case_work_prepare_file (const GbCase *which, const char *folder, GError **error)
{
  g_autofree char *path = file_path (which, folder), *parent = g_path_get_dirname (path);
  g_autofree char *program = gb_case_load_program (which);
  if (g_file_test (path, G_FILE_TEST_EXISTS))
    return g_steal_pointer (&path);
  g_mkdir_with_parents (parent, 0755);
  if (!program)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "%s: %s", which->id, gb_case_get_program_name (which));
      return NULL;
    }
  return g_file_set_contents (path, program, -1, error) ? g_steal_pointer (&path) : NULL;
}

const GbCase *
gb_case_work_find_case (GbLibrary *library, const char *folder, const char *path)
{
  for (guint i = 0; path && i < gb_library_get_n_cases (library); i++)
    {
      const GbCase *which = gb_library_get_case (library, i);
      g_autofree char *own = file_path (which, folder);
      if (strcmp (own, path) == 0)
        return which;
    }
  return NULL;
}

/* ---- life ---- */

GbCaseWork *
gb_case_work_new (const GbCase *which, const char *folder)
{
  GbCaseWork *self = g_object_new (GB_TYPE_CASE_WORK, NULL);
  g_autofree char *name = g_strdup_printf ("%s.json", which->id);
  self->which = which;
  self->path = g_build_filename (folder, name, NULL);
  g_mkdir_with_parents (folder, 0700);
  load (self);
  return self;
}

static void
gb_case_work_finalize (GObject *object)
{
  GbCaseWork *self = GB_CASE_WORK (object);
  g_ptr_array_unref (self->looks);
  g_ptr_array_unref (self->claims);
  g_free (self->path);
  G_OBJECT_CLASS (gb_case_work_parent_class)->finalize (object);
}

static void
gb_case_work_class_init (GbCaseWorkClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gb_case_work_finalize;
  signals[CHANGED] =
      g_signal_new ("changed", GB_TYPE_CASE_WORK, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
gb_case_work_init (GbCaseWork *self)
{
  self->looks = g_ptr_array_new_with_free_func ((GDestroyNotify) look_free);
  self->claims = g_ptr_array_new_with_free_func ((GDestroyNotify) claim_free);
}
