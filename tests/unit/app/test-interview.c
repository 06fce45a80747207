/* Interviews without a window: plans, the facts that events make, and the file that keeps them. */
#include "common/i18n.h"
#include "interview/replay.h"
#include "interview/report.h"
#include "interview/shelf.h"
#include "interview/sight.h"
#include "interview/text-changes.h"
#include "paths.h"
#include "store/store.h"

#include <glib/gstdio.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static GbLibrary *library;

static GbPlan *
propose (GbLevel level, double minutes, guint32 seed)
{
  GbPlanWish wish = { level, "deep-learning", minutes, GB_WAY_ALL, seed };
  return gb_plan_propose (library, &wish);
}

/* Each length and level: it fits, is in the weights as far as minutes can be divided, and asks nothing twice.
 */
static void
test_plans (void)
{
  static const double lengths[] = { 20, 45, 60, 90 };

  for (guint n = 0; n < G_N_ELEMENTS (lengths); n++)
    for (int level = 0; level < GB_N_LEVELS; level++)
      for (guint32 seed = 0; seed < 5; seed++)
        {
          g_autoptr (GbPlan) plan = propose ((GbLevel) level, lengths[n], seed);
          g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
          double share[GB_N_DIMENSIONS], all = gb_plan_get_minutes (plan);
          gb_plan_share (plan, NULL, NULL, share);
          g_assert_cmpfloat (all, <=, lengths[n]);
          g_assert_cmpfloat (all, >=, lengths[n] - 5);
          for (guint d = 0; d < GB_N_DIMENSIONS; d++)
            {
              double wanted = lengths[n] * gb_dimension_weight ((GbDimension) d) / 100;
              if (fabs (share[d] - wanted) > 5)
                g_error ("%g minutes, level %d, seed %u: %g minutes of %s, not %g", lengths[n], level, seed,
                         share[d], gb_dimension_name ((GbDimension) d), wanted);
            }
          for (guint i = 0; i < gb_plan_get_n_items (plan); i++)
            g_assert_true (g_hash_table_add (seen, gb_plan_get_item (plan, i)->what));
        }
}

static guint
count_kind (const GbPlan *plan, GbPlanKind kind)
{
  guint n = 0;
  for (guint i = 0; i < gb_plan_get_n_items (plan); i++)
    n += gb_plan_get_item (plan, i)->kind == kind;
  return n;
}

static void
test_plan_order (void)
{
  g_autoptr (GbPlan) plan = propose (GB_LEVEL_MID, 60, 1), again = propose (GB_LEVEL_MID, 60, 1),
                     other = propose (GB_LEVEL_MID, 60, 2);
  GbJson *a = gb_plan_to_json (plan), *b = gb_plan_to_json (again), *c = gb_plan_to_json (other);

  g_assert_cmpstr (json_object_to_json_string (a), ==, json_object_to_json_string (b));
  g_assert_cmpstr (json_object_to_json_string (a), !=, json_object_to_json_string (c));
  g_assert_cmpuint (count_kind (plan, GB_PLAN_CASE), ==, 1);
  g_assert_cmpuint (count_kind (plan, GB_PLAN_TASK), ==, 1);
  g_assert_cmpuint (count_kind (plan, GB_PLAN_TALK), ==, 1);
  g_assert_cmpuint (count_kind (plan, GB_PLAN_QUESTION), >=, 6);
  for (guint p = 0; p < plan->parts->len; p++)
    {
      const GbPlanPart *part = g_ptr_array_index (plan->parts, p);
      for (guint i = 1; i < part->items->len; i++)
        g_assert_cmpint (((GbPlanItem *) part->items->pdata[i - 1])->level, <=,
                         ((GbPlanItem *) part->items->pdata[i])->level);
    }
  json_object_put (a);
  json_object_put (b);
  json_object_put (c);
  /* A wish without the ways of asking has nothing of them. */
  GbPlanWish bare = { GB_LEVEL_MID, "nonsense", 60, 0, 1 };
  g_autoptr (GbPlan) plain = gb_plan_propose (library, &bare);
  g_assert_cmpstr (plain->role, ==, "deep-learning");
  g_assert_cmpuint (count_kind (plain, GB_PLAN_TASK) + count_kind (plain, GB_PLAN_TALK), ==, 0);
  for (guint i = 0; i < gb_plan_get_n_items (plain); i++)
    g_assert_null (gb_plan_get_item (plain, i)->scene);
}

static void
test_plan_by_hand (void)
{
  g_autoptr (GbPlan) plan = propose (GB_LEVEL_MID, 60, 1);
  const GbPlanItem *first = gb_plan_get_item (plan, 0), *second = gb_plan_get_item (plan, 1);
  guint id = first->id, n = gb_plan_get_n_items (plan);
  g_autofree char *leaf = g_strdup (first->what);
  GbDimension dimension = first->dimension;

  gb_plan_move (plan, id, 1);
  g_assert_true (gb_plan_get_item (plan, 0) == second || gb_plan_get_item (plan, 0)->id == id);
  g_assert_true (gb_plan_exchange (plan, library, id));
  g_assert_cmpstr (gb_plan_find (plan, id, NULL, NULL)->what, !=, leaf);
  g_assert_cmpint (gb_plan_find (plan, id, NULL, NULL)->dimension, ==, dimension);
  g_assert_true (gb_plan_set_level (plan, library, id, GB_LEVEL_EXPERT));
  g_assert_cmpfloat (gb_plan_find (plan, id, NULL, NULL)->minutes, ==, 5);
  gb_plan_remove (plan, id);
  g_assert_null (gb_plan_find (plan, id, NULL, NULL));
  g_assert_cmpuint (gb_plan_get_n_items (plan), ==, n - 1);
  g_assert_cmpuint (
      gb_plan_add (plan, "s1", GB_PLAN_QUESTION, leaf, GB_LEVEL_MID, GB_DIMENSION_BASICS, 3)->id, >, n);
  /* Over the edges it stays in the plan. */
  for (guint i = 0; i < 60; i++)
    gb_plan_move (plan, 1 + i % n, i % 2 ? 1 : -1);
  g_assert_cmpuint (gb_plan_get_n_items (plan), ==, n);

  g_autoptr (GbPlan) copy = gb_plan_copy (plan);
  GbJson *a = gb_plan_to_json (plan), *b = gb_plan_to_json (copy);
  g_assert_cmpstr (json_object_to_json_string (a), ==, json_object_to_json_string (b));
  json_object_put (a);
  json_object_put (b);
}

static GbItemFate
first_was_asked (guint id, gpointer data)
{
  return id == GPOINTER_TO_UINT (data) ? GB_ITEM_ASKED : GB_ITEM_TO_COME;
}

/* Half of the time is gone after the first question: what is left fits and keeps the weights. */
static void
test_cut (void)
{
  g_autoptr (GbPlan) plan = propose (GB_LEVEL_MID, 60, 3);
  gpointer first = GUINT_TO_POINTER (gb_plan_get_item (plan, 0)->id);
  g_autoptr (GArray) gone = gb_plan_cut (plan, 30, first_was_asked, first);
  double share[GB_N_DIMENSIONS], all;

  g_assert_cmpuint (gone->len, >, 0);
  for (guint i = 0; i < gone->len; i++)
    {
      g_assert_cmpuint (g_array_index (gone, guint, i), !=, GPOINTER_TO_UINT (first));
      gb_plan_remove (plan, g_array_index (gone, guint, i));
    }
  all = gb_plan_get_minutes (plan);
  g_assert_cmpfloat (all, <=, 30 + 5);
  gb_plan_share (plan, NULL, NULL, share);
  for (guint d = 0; d < GB_N_DIMENSIONS; d++)
    g_assert_cmpfloat (fabs (share[d] / all - gb_dimension_weight ((GbDimension) d) / 100.0), <, 0.12);
  g_autoptr (GArray) none = gb_plan_cut (plan, 30 + 5, first_was_asked, first);
  g_assert_cmpuint (none->len, ==, 0);
  g_autoptr (GArray) everything = gb_plan_cut (plan, 0, first_was_asked, first);
  g_assert_cmpuint (everything->len, ==, gb_plan_get_n_items (plan) - 1);
}

static void
test_broken_plans (void)
{
  static const char *const texts[] = { "[]", "3", "{}", "{\"level\": \"king\"}" };
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      GbJson *json = json_tokener_parse (texts[i]);
      g_assert_null (gb_plan_from_json (json));
      json_object_put (json);
    }
  GbJson *json = json_tokener_parse ("{\"level\": \"mid\", \"minutes\": 1e30, \"last_id\": 3, \"parts\": [4, "
                                     "{}, {\"id\": \"s1\", \"items\": ["
                                     "{\"id\": 1, \"kind\": \"question\", \"what\": \"a.b\", \"level\": "
                                     "\"mid\", \"dimension\": \"basics\", \"minutes\": -4},"
                                     "{\"id\": 1, \"kind\": \"question\", \"what\": \"twice\", \"level\": "
                                     "\"mid\", \"dimension\": \"basics\"},"
                                     "{\"id\": 9, \"kind\": \"question\", \"what\": \"later\", \"level\": "
                                     "\"mid\", \"dimension\": \"basics\"},"
                                     "{\"id\": 2, \"kind\": \"dance\", \"what\": \"a\", \"level\": \"mid\", "
                                     "\"dimension\": \"basics\"}, null]}]}");
  g_autoptr (GbPlan) plan = gb_plan_from_json (json);
  json_object_put (json);
  g_assert_nonnull (plan);
  g_assert_cmpuint (gb_plan_get_n_items (plan), ==, 1);
  g_assert_cmpfloat (gb_plan_get_minutes (plan), ==, 0);
  g_assert_cmpfloat (plan->minutes, ==, 240);
}

/* ---- facts ---- */

static void
tell (GbFacts *facts, gint64 at, const char *kind, const char *body)
{
  GbJson *json = json_tokener_parse (body);
  g_assert_nonnull (json);
  gb_facts_take (facts, at, kind, json);
  json_object_put (json);
}

static void
tell_plan (GbFacts *facts, GbPlan *plan)
{
  GbJson *json = gb_plan_to_json (plan);
  gb_facts_take (facts, facts->last_at, "plan", json);
  json_object_put (json);
}

static void
test_time (void)
{
  g_autoptr (GbFacts) facts = gb_facts_new ();
  tell (facts, 0, "made", "{\"candidate\": \"李雷\", \"consent\": true}");
  tell (facts, 500, "ask", "{\"item\": 1}"); /* before the beginning: no time runs */
  tell (facts, 1000, "begin", "{}");
  tell (facts, 3000, "pause", "{}");
  tell (facts, 9000, "resume", "{}");
  tell (facts, 10000, "ask", "{\"item\": 2, \"question\": {\"zh\": \"为何\", \"en\": \"Why\"}}");
  g_assert_cmpint (gb_facts_get_elapsed (facts, 11000), ==, 4000);
  g_assert_cmpint (gb_facts_get_spent (facts, 1, 11000), ==, 3000);
  g_assert_cmpint (gb_facts_get_spent (facts, 2, 11000), ==, 1000);
  tell (facts, 4000, "finish", "{}"); /* a clock that was set back does not make time run backwards */
  g_assert_cmpint (gb_facts_get_elapsed (facts, 99000), ==, 3000);
  g_assert_cmpuint (facts->now, ==, 0);
  g_assert_cmpstr (facts->candidate, ==, "李雷");
  g_assert_true (facts->has_consent);
  g_assert_cmpstr (gb_facts_find (facts, 2)->question.en, ==, "Why");
}

static void
test_scores (void)
{
  g_autoptr (GbFacts) facts = gb_facts_new ();
  g_autoptr (GbPlan) plan = propose (GB_LEVEL_MID, 60, 1);
  const GbPlanItem *first = gb_plan_get_item (plan, 0);
  g_autofree char *ask = g_strdup_printf ("{\"item\": %u}", first->id);
  g_autofree char *score = g_strdup_printf ("{\"item\": %u, \"dimension\": \"%s\", \"score\": 3}", first->id,
                                            gb_dimension_name (first->dimension));
  g_autofree char *other =
      g_strdup_printf ("{\"item\": %u, \"dimension\": \"innovate\", \"score\": 1}", first->id);
  g_autofree char *wrong =
      g_strdup_printf ("{\"item\": %u, \"dimension\": \"basics\", \"score\": 7}", first->id);

  tell_plan (facts, plan);
  tell (facts, 0, "begin", "{}");
  tell (facts, 0, "ask", ask);
  tell (facts, 0, "score", score);
  tell (facts, 0, "score", other);
  g_autofree char *whole = gb_facts_to_board (facts, library, 60000, TRUE),
                  *shown = gb_facts_to_board (facts, library, 0, FALSE);
  g_autoptr (GbInterview) interview = gb_interview_new (whole), board = gb_interview_new (shown);
  g_assert_cmpfloat (interview->means[first->dimension], ==, 3);
  g_assert_cmpfloat (interview->means[GB_DIMENSION_INNOVATE], ==, 1);
  g_assert_cmpfloat_with_epsilon (interview->elapsed, 1, 1e-9);
  g_assert_cmpuint (interview->questions->len, ==, gb_plan_get_n_items (plan));
  /* The board has the one that is asked, without its score. */
  g_assert_cmpuint (board->questions->len, ==, 1);
  g_assert_true (isnan (gb_interview_question (board, 0)->score));
  g_assert_true (isnan (board->points));
  g_assert_null (strstr (shown, "\"score\""));
  tell (facts, 0, "score", wrong);
  if (first->dimension == GB_DIMENSION_BASICS)
    g_assert_true (isnan (gb_facts_find (facts, first->id)->scores[GB_DIMENSION_BASICS]));
}

/* Two right in a row: one level up; two wrong: one down. */
static void
test_ladder (void)
{
  static const struct
  {
    double scores[3];
    GbLevel next;
  } rows[] = { { { 4, NAN, NAN }, GB_LEVEL_MID },
               { { 4, 3, NAN }, GB_LEVEL_SENIOR },
               { { 1, 0, NAN }, GB_LEVEL_JUNIOR },
               { { 4, 2, 4 }, GB_LEVEL_MID } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GbFacts) facts = gb_facts_new ();
      GbJson *json = json_tokener_parse ("{\"level\": \"mid\"}");
      g_autoptr (GbPlan) plan = gb_plan_from_json (json);
      json_object_put (json);
      for (guint k = 0; k < 3; k++)
        gb_plan_add (plan, "s1", GB_PLAN_QUESTION, "tensor.backward", GB_LEVEL_MID, GB_DIMENSION_BASICS, 3);
      tell_plan (facts, plan);
      for (guint k = 0; k < 3; k++)
        {
          g_autofree char *text = g_strdup_printf ("{\"item\": %u, \"dimension\": \"basics\", \"score\": %g}",
                                                   k + 1, rows[i].scores[k]);
          if (!isnan (rows[i].scores[k]))
            tell (facts, 0, "score", text);
        }
      g_assert_cmpint (gb_facts_next_level (facts, library), ==, rows[i].next);
    }
}

static void
test_typing (void)
{
  g_autoptr (GbFacts) facts = gb_facts_new ();
  const GbInterviewText *text;
  tell (facts, 0, "text", "{\"file\": \"a.py\", \"text\": \"甲 = 1\\n\"}");
  tell (facts, 1, "type", "{\"file\": \"a.py\", \"offset\": 4, \"removed\": 1, \"inserted\": \"二\\n\"}");
  tell (facts, 2, "type", "{\"file\": \"a.py\", \"offset\": 99, \"removed\": 1, \"inserted\": \"x\"}");
  tell (facts, 3, "type", "{\"file\": \"a.py\", \"offset\": 0, \"removed\": 99, \"inserted\": \"x\"}");
  text = gb_facts_find_text (facts, "a.py");
  g_assert_cmpstr (text->text->str, ==, "甲 = 二\n\n");
  g_assert_cmpuint (text->n_edits, ==, 1);
  tell (facts, 4, "run", "{\"file\": \"a.py\"}");
  tell (facts, 5, "run", "{\"file\": \"a.py\"}");
  g_assert_cmpuint (text->versions->len, ==, 3); /* empty, as given, as it ran */
  g_assert_cmpuint (facts->evidence->len, ==, 2);
}

/* ---- the file ---- */

static char *
file_path (const char *name)
{
  static char *folder;
  if (folder == NULL)
    folder = g_dir_make_tmp ("gb-interview-XXXXXX", NULL);
  return g_build_filename (folder, name, NULL);
}

static void
test_session (void)
{
  g_autofree char *path = file_path ("one.interview"), *copy = file_path ("copy.interview");
  g_autoptr (GError) error = NULL;
  g_autoptr (GbSession) session = gb_session_create (path, &error);

  g_assert_no_error (error);
  gb_session_tell (session, "made", json_tokener_parse ("{\"candidate\": \"韩梅梅\"}"));
  gb_session_tell (session, "begin", NULL);
  gb_session_tell (session, "note", json_tokener_parse ("{\"text\": \"clear\"}"));
  g_assert_true (gb_session_flush (session, &error));
  /* It is open here: elsewhere it can be read. */
  g_assert_null (gb_session_open (path, GB_SESSION_TO_GO_ON, &error));
  g_assert_nonnull (strstr (error->message, "another window"));
  g_clear_error (&error);
  g_autoptr (GbSession) reader = gb_session_open (path, GB_SESSION_TO_READ, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (gb_session_get_n_events (reader), ==, 3);
  g_assert_true (gb_session_export (session, copy, &error));
  g_clear_object (&session);
  g_assert_null (gb_session_create (path, &error));
  g_clear_error (&error);

  /* It ran when it was left: it stands, and goes on. */
  session = gb_session_open (path, GB_SESSION_TO_GO_ON, &error);
  g_assert_no_error (error);
  const GbFacts *facts = gb_session_get_facts (session);
  g_assert_cmpstr (facts->candidate, ==, "韩梅梅");
  g_assert_true (facts->is_paused);
  g_assert_cmpint (gb_facts_get_elapsed (facts, 1000000), <, 1000000);
  gb_session_tell (session, "resume", NULL);
  g_assert_true (gb_session_flush (session, &error));
  g_autoptr (GbFacts) then = gb_session_facts_at (session, -1);
  g_assert_cmpstr (then->candidate, ==, "");

  g_autoptr (GbSession) other = gb_session_open (copy, GB_SESSION_TO_GO_ON, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (gb_session_get_n_events (other), ==, 4); /* with the pause */
  g_assert_cmpint (gb_session_get_made (other), ==, gb_session_get_made (session));
}

/* ---- trouble ---- */

static void
count_call (gpointer object, guint *n)
{
  (*n)++;
}

/* The file may not grow: nothing is lost, the reason is told, a copy can be kept elsewhere, and when there is room again all of
 * it is written. */
static void
test_full_disk (void)
{
  g_autofree char *path = file_path ("full.interview"), *copy = file_path ("rescued.interview");
  g_autofree char *long_text = g_strnfill (200000, 'x'), *body = g_strdup_printf ("{\"text\": \"%s\"}", long_text);
  g_autoptr (GError) error = NULL;
  g_autoptr (GbSession) session = gb_session_create (path, &error);
  struct rlimit before, small;
  guint n_told = 0;

  g_assert_no_error (error);
  g_signal_connect (session, "trouble", G_CALLBACK (count_call), &n_told);
  gb_session_tell (session, "note", json_tokener_parse ("{\"text\": \"first\"}"));
  g_assert_true (gb_session_flush (session, NULL));
  signal (SIGXFSZ, SIG_IGN);
  getrlimit (RLIMIT_FSIZE, &before);
  small = before;
  small.rlim_cur = 65536;
  setrlimit (RLIMIT_FSIZE, &small);
  gb_session_tell (session, "note", json_tokener_parse (body));
  g_assert_false (gb_session_flush (session, &error));
  g_assert_nonnull (strstr (error->message, "full"));
  while (n_told == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_nonnull (gb_session_get_trouble (session));
  g_assert_cmpuint (gb_session_get_facts (session)->notes->len, ==, 2);
  setrlimit (RLIMIT_FSIZE, &before);
  g_clear_error (&error);
  g_assert_true (gb_session_export (session, copy, &error));
  g_assert_true (gb_session_flush (session, &error));
  while (n_told == 1)
    g_main_context_iteration (NULL, TRUE);
  g_assert_null (gb_session_get_trouble (session));
  g_clear_object (&session);
  session = gb_session_open (path, GB_SESSION_TO_READ, &error);
  g_assert_cmpuint (gb_session_get_n_events (session), ==, 2);
}

static void
test_locked (void)
{
  g_autofree char *path = file_path ("locked.interview");
  g_autoptr (GError) error = NULL;
  g_autoptr (GbSession) session = gb_session_create (path, &error);
  g_autoptr (GbStore) other = gb_store_open_as_is (path, (const char *const[]){ "", NULL }, FALSE, &error);

  g_assert_no_error (error);
  g_assert_true (gb_store_begin (other, &error));
  gb_session_tell (session, "note", json_tokener_parse ("{\"text\": \"waits\"}"));
  g_assert_false (gb_session_flush (session, &error));
  g_assert_nonnull (strstr (error->message, "locked"));
  g_assert_cmpuint (gb_session_get_facts (session)->notes->len, ==, 1);
  gb_store_roll_back (other);
  g_clear_error (&error);
  g_assert_true (gb_session_flush (session, &error));
}

/* A place in which nothing can be made, whoever asks: it is named, and another one is taken. */
static void
test_read_only (void)
{
  g_autofree char *file = file_path ("a-file"), *place = g_build_filename (file, "interviews", NULL),
                  *path = g_build_filename (place, "x.interview", NULL), *better = file_path ("better");
  g_autoptr (GError) error = NULL;

  g_file_set_contents (file, "", -1, NULL);
  g_assert_null (gb_session_create (path, &error));
  g_assert_nonnull (strstr (error->message, "Choose another place"));
  g_clear_error (&error);
  g_assert_false (gb_shelf_set_folder (place, &error));
  g_assert_nonnull (strstr (error->message, place));
  g_clear_error (&error);
  g_assert_true (gb_shelf_set_folder (better, &error));
  g_assert_cmpstr (gb_shelf_get_folder (), ==, better);
}

/* ---- of another program ---- */

static GBytes *
read_bytes (const char *path)
{
  char *data = NULL;
  gsize n = 0;
  g_assert_true (g_file_get_contents (path, &data, &n, NULL));
  return g_bytes_new_take (data, n);
}

/* A file that only has the name of an interview is told of, and not one byte of it is changed, whatever it is opened for. */
static void
test_foreign (void)
{
  static const char *const steps[] = { "CREATE TABLE diary (day TEXT); INSERT INTO diary VALUES ('mine');", NULL };
  g_autofree char *numbered = file_path ("numbered.interview"), *plain = file_path ("plain.interview"),
                  *empty = file_path ("empty.interview");
  const char *paths[] = { numbered, plain, empty };
  for (guint i = 0; i < 2; i++)
    {
      GbStore *store = gb_store_open (paths[i], steps, NULL, NULL);
      g_assert_true (gb_store_run (store, NULL, "PRAGMA journal_mode = DELETE", ""));
      g_assert_true (i == 0 || gb_store_run (store, NULL, "PRAGMA user_version = 0", ""));
      gb_store_close (store);
    }
  g_file_set_contents (empty, "", 0, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    for (int use = 0; use < 3; use++)
      {
        g_autoptr (GError) error = NULL;
        g_autoptr (GBytes) before = read_bytes (paths[i]);
        g_assert_null (gb_session_open (paths[i], (GbSessionUse) use, &error));
        g_assert_nonnull (error);
        g_autoptr (GBytes) after = read_bytes (paths[i]);
        g_assert_true (g_bytes_equal (before, after));
      }
}

static void
nothing (GbRow *row, gpointer data)
{
}

/* ---- killed ---- */

/* Tells an event every few milliseconds, and says after each that it was told, and when. */
static int
tell_until_killed (const char *path)
{
  g_autoptr (GbSession) session = g_file_test (path, G_FILE_TEST_EXISTS) ? gb_session_open (path, GB_SESSION_TO_GO_ON, NULL)
                                                                        : gb_session_create (path, NULL);
  g_autoptr (GRand) random = g_rand_new ();
  if (session == NULL)
    return 3;
  for (guint nth = gb_session_get_n_events (session);; nth++)
    {
      g_autofree char *body = g_strdup_printf ("{\"file\": \"a.py\", \"offset\": 0, \"inserted\": \"%u \"}", nth);
      gint64 said[2];
      gb_session_tell (session, "type", json_tokener_parse (body));
      said[0] = gb_session_get_n_events (session);
      said[1] = g_get_monotonic_time ();
      if (write (STDOUT_FILENO, said, sizeof said) != sizeof said)
        return 4;
      g_usleep ((gulong) g_rand_int_range (random, 0, 4000));
    }
}

static void
test_killed (void)
{
  const char *wanted = g_getenv ("GB_KILL_ROUNDS");
  guint n_rounds = wanted ? (guint) g_ascii_strtoull (wanted, NULL, 10) : 20;
  g_autofree char *path = file_path ("killed.interview"), *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autoptr (GRand) random = g_rand_new_with_seed (20);
  gint64 worst = 0;

  for (guint round = 0; round < n_rounds; round++)
    {
      char *argv[] = { self, "--tell", path, NULL };
      g_autoptr (GArray) told = g_array_new (FALSE, FALSE, 2 * sizeof (gint64));
      g_autoptr (GError) error = NULL;
      GPid child;
      int out;
      gint64 said[2], last_lost = 0, killed;
      g_assert_true (g_spawn_async_with_pipes (NULL, argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &child, NULL, &out, NULL, NULL));
      g_assert_cmpint (read (out, said, sizeof said), ==, sizeof said); /* it has begun */
      g_array_append_val (told, said);
      g_usleep ((gulong) g_rand_int_range (random, 0, 150000));
      kill (child, SIGKILL);
      killed = g_get_monotonic_time ();
      waitpid (child, NULL, 0);
      while (read (out, said, sizeof said) == sizeof said)
        g_array_append_val (told, said);
      close (out);
      g_autoptr (GbSession) session = gb_session_open (path, GB_SESSION_TO_READ, &error);
      g_assert_no_error (error);
      gint64 kept = gb_session_get_n_events (session);
      for (guint i = told->len; i-- > 0;)
        {
          gint64 *event = &g_array_index (told, gint64, 2 * i);
          if (event[0] > kept)
            last_lost = killed - event[1];
        }
      worst = MAX (worst, last_lost);
      /* One after the other, none missing in between. */
      for (gint64 i = 0; i < kept; i++)
        g_assert_cmpstr (gb_session_get_event (session, (guint) i)->kind, ==, "type");
    }
  g_test_message ("killed %u times: the oldest event that was lost had been told %.0f ms before", n_rounds, (double) worst / 1000);
  g_assert_cmpint (worst, <, 1000000);
}

static void
test_changes (void)
{
  static const char before[] = "import torch\nx = 1\ny = 2\nz = 3\nw = 4\nv = 5\n";
  g_autofree char *same = gb_text_changes (before, before);
  g_autofree char *other =
      gb_text_changes (before, "import torch\nx = 1\ny = 7\nz = 3\nw = 4\nv = 5\nu = 6\n");
  g_assert_cmpstr (same, ==, "");
  g_assert_cmpstr (other, ==, "  x = 1\n- y = 2\n+ y = 7\n  z = 3\n…\n  v = 5\n+ u = 6\n");
}

/* What the board has to draw from: nothing in it answers anything. */
static void
test_sealed (void)
{
  g_autoptr (GbLibrary) sealed = gb_library_new_sealed (gb_paths_get_data_dir ());
  const char *const *leaves = gb_library_get_leaves (sealed);
  guint n_causes = 0;

  g_assert_cmpuint (gb_library_get_n_cases (sealed), ==, gb_library_get_n_cases (library));
  for (guint i = 0; leaves[i]; i++)
    {
      const GbTopic *topic = gb_library_find_topic (sealed, leaves[i]);
      g_assert_cmpuint (gb_library_find_topic (library, leaves[i])->questions->len, >, 0);
      g_assert_cmpuint (topic->questions->len, ==, 0);
      g_assert_null (gb_topic_load_note (topic, "zh"));
    }
  for (guint i = 0; i < gb_library_get_n_cases (sealed); i++)
    {
      const GbCase *which = gb_library_get_case (sealed, i);
      g_assert_cmpuint (
          which->hints->len + which->evidence->len + which->false_leads->len + which->replay->len, ==, 0);
      g_assert_null (which->explanation.zh);
      n_causes += which->causes->len;
      for (guint k = 0; k < which->causes->len; k++)
        {
          g_assert_false (((GbCaseCause *) which->causes->pdata[k])->is_right);
          g_assert_null (((GbCaseCause *) which->causes->pdata[k])->line);
        }
    }
  for (guint i = 0; i < gb_library_get_n_scenes (sealed); i++)
    g_assert_null (gb_library_get_scene (sealed, i)->own);
  g_assert_cmpuint (n_causes, >, 10);
}

/* An interview of some minutes, told as the windows tell it. */
static GbSession *
make_interview (const char *path)
{
  g_autoptr (GError) error = NULL;
  GbSession *session = gb_session_create (path, &error);
  g_autoptr (GbPlan) plan = propose (GB_LEVEL_MID, 60, 1);

  g_assert_no_error (error);
  gb_session_tell (session, "made",
                   json_tokener_parse ("{\"candidate\": \"李雷 & <b>Lei</b> | *x*\", \"consent\": true}"));
  gb_session_tell (session, "plan", gb_plan_to_json (plan));
  gb_session_tell (session, "begin", NULL);
  for (guint i = 0; i < 4; i++)
    {
      const GbPlanItem *item = gb_plan_get_item (plan, i);
      const GbQuestion *question = gb_plan_question (library, item->what, item->level);
      GbJson *ask = json_object_new_object (), *text = json_object_new_object (),
             *score = json_object_new_object ();
      if (question == NULL)
        {
          json_object_put (ask);
          json_object_put (text);
          json_object_put (score);
          continue;
        }
      json_object_object_add (text, "zh", json_object_new_string (question->question.zh));
      json_object_object_add (text, "en", json_object_new_string (question->question.en));
      json_object_object_add (ask, "item", json_object_new_int64 (item->id));
      json_object_object_add (ask, "question", text);
      gb_session_tell (session, "ask", ask);
      json_object_object_add (score, "item", json_object_new_int64 (item->id));
      json_object_object_add (score, "dimension",
                              json_object_new_string (gb_dimension_name (item->dimension)));
      json_object_object_add (score, "score", json_object_new_int64 (4 - i));
      gb_session_tell (session, "score", score);
      gb_session_tell (session, "note",
                       json_tokener_parse (i ? "{\"item\": 0, \"text\": \"asks back\"}"
                                             : "{\"item\": 99, \"text\": \"of nothing\"}"));
      gb_session_tell (session, "look", json_tokener_parse ("{\"view\": \"graph\", \"place\": \"iter:2\"}"));
      gb_session_tell (
          session, "guess",
          json_tokener_parse ("{\"prediction\": \"w.grad\", \"answer\": \"0.84\", \"sure\": 0.8, "
                              "\"right\": true}"));
    }
  gb_session_tell (session, "text",
                   json_tokener_parse ("{\"file\": \"linear.py\", \"text\": \"import torch\\n\"}"));
  gb_session_tell (
      session, "type",
      json_tokener_parse ("{\"file\": \"linear.py\", \"offset\": 13, \"inserted\": \"x = 1\\n```\\n\"}"));
  gb_session_tell (session, "check", json_tokener_parse ("{\"what\": \"C01\", \"holds\": false}"));
  gb_session_tell (session, "finish", NULL);
  return session;
}

static char *
report_text (GbSession *session, GbReportReader reader, const char *ending)
{
  g_autofree char *name = g_strconcat ("report.", ending, NULL);
  g_autofree char *path = file_path (name);
  g_autoptr (GError) error = NULL;
  char *text = NULL;
  g_assert_true (gb_report_write (session, library, reader, path, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return text;
}

/* The numbers of the report, worked out from the events alone: 4, 3, 2, 1 in the questions' dimensions. */
static void
test_report (void)
{
  static const char *const endings[] = { "md", "html", "json" };
  g_autofree char *path = file_path ("report.interview");
  g_autoptr (GbSession) session = make_interview (path);
  const GbPlan *plan = gb_session_get_facts (session)->plan;
  double sums[GB_N_DIMENSIONS] = { 0 }, n[GB_N_DIMENSIONS] = { 0 }, points = 0, weight = 0;
  g_autofree char *json = report_text (session, GB_REPORT_INTERNAL, "json");
  GbJson *root = json_tokener_parse (json), *value = NULL;

  for (guint i = 0; i < 4; i++)
    if (gb_plan_get_item (plan, i)->kind == GB_PLAN_QUESTION)
      {
        sums[gb_plan_get_item (plan, i)->dimension] += 4 - i;
        n[gb_plan_get_item (plan, i)->dimension]++;
      }
  for (guint d = 0; d < GB_N_DIMENSIONS; d++)
    if (n[d] > 0)
      {
        points += gb_dimension_weight ((GbDimension) d) * sums[d] / n[d] / 4;
        weight += gb_dimension_weight ((GbDimension) d);
      }
  g_assert_true (json_object_object_get_ex (root, "points", &value));
  g_assert_cmpfloat_with_epsilon (json_object_get_double (value), 100 * points / weight, 1e-9);
  json_object_put (root);
  /* What is for others does not come into the candidate's. */
  for (guint i = 0; i < G_N_ELEMENTS (endings); i++)
    {
      g_autofree char *internal = report_text (session, GB_REPORT_INTERNAL, endings[i]);
      g_autofree char *shown = report_text (session, GB_REPORT_CANDIDATE, endings[i]);
      g_assert_nonnull (strstr (internal, "asks back"));
      g_assert_nonnull (strstr (internal, "w.grad"));
      g_assert_true (i == 2 || strstr (internal, "interview:report.interview?at="));
      g_assert_null (strstr (shown, "interview:report"));
      g_assert_null (strstr (shown, "asks back"));
      g_assert_null (strstr (shown, "w.grad"));
      g_assert_null (strstr (shown, "means: "));
      g_assert_null (strstr (internal, i == 1 ? "<b>Lei" : "\n| *x*"));
    }
  g_autofree char *pdf = report_text (session, GB_REPORT_INTERNAL, "pdf");
  g_assert_true (g_str_has_prefix (pdf, "%PDF"));
  g_assert_false (gb_report_write (session, library, GB_REPORT_INTERNAL, "/tmp/report.doc", NULL));
}

/* ---- looked at again ---- */

/* What the facts are at each event, told from the beginning: what a seek has to give from wherever it comes. */
static char *
digest (const GbFacts *facts)
{
  g_autofree char *board = gb_facts_to_board (facts, library, facts->last_at, TRUE);
  GString *out = g_string_new (board);
  for (guint i = 0; i < facts->texts->len; i++)
    {
      const GbInterviewText *text = facts->texts->pdata[i];
      g_string_append_printf (out, "|%s %s %u %u", text->file, text->text->str, text->versions->len, text->n_edits);
    }
  g_string_append_printf (out, "|%u %u %u %s %s", facts->notes->len, facts->evidence->len, facts->pictures->len,
                          facts->front, facts->state.moment);
  return g_string_free (out, FALSE);
}

static GbSession *
make_long (const char *path, guint n_events)
{
  GbSession *session = make_interview (path);
  for (guint i = 0; i < n_events; i++)
    {
      g_autofree char *body = g_strdup_printf ("{\"file\": \"linear.py\", \"offset\": %u, \"removed\": %u, \"inserted\": \"%s\"}",
                                               i % 7, i % 5 == 4, i % 5 == 4 ? "" : i % 40 ? "x" : "\\n");
      gb_session_tell (session, "type", json_tokener_parse (body));
      if (i % 97 == 0)
        gb_session_tell (session, "run", json_tokener_parse ("{\"file\": \"linear.py\"}"));
      if (i % 211 == 0)
        gb_session_tell (session, "front", json_tokener_parse (i % 2 ? "{\"file\": \"linear.py\"}" : "{\"file\": \"a.py\"}"));
    }
  return session;
}

static void
test_replay (void)
{
  g_autofree char *path = file_path ("replay.interview");
  g_autoptr (GbSession) session = make_long (path, 2300);
  g_autoptr (GbReplay) replay = gb_replay_new (session);
  g_autoptr (GRand) random = g_rand_new_with_seed (7);
  guint n = gb_session_get_n_events (session);
  g_autoptr (GPtrArray) told = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GbFacts) facts = gb_facts_new ();

  for (guint i = 0; i < n; i++)
    {
      const GbFact *fact = gb_session_get_event (session, i);
      gb_facts_take (facts, fact->at, fact->kind, fact->body);
      g_ptr_array_add (told, digest (facts));
    }
  for (guint k = 0; k < 60; k++)
    {
      guint nth = k == 0 ? n - 1 : (guint) g_rand_int_range (random, 0, (gint32) n);
      g_autofree char *found = NULL;
      gb_replay_seek_event (replay, nth);
      found = digest (gb_replay_get_facts (replay));
      g_assert_cmpstr (found, ==, told->pdata[nth]);
    }
  gb_replay_seek_event (replay, 100);
  gb_replay_move_event (replay, 1);
  g_autofree char *next = digest (gb_replay_get_facts (replay));
  g_assert_cmpstr (next, ==, told->pdata[101]);
  gb_replay_move_event (replay, -2);
  g_autofree char *before = digest (gb_replay_get_facts (replay));
  g_assert_cmpstr (before, ==, told->pdata[99]);
  gb_replay_seek (replay, G_MAXINT64);
  g_assert_cmpint (gb_replay_get_nth_mark (replay), ==, (int) gb_replay_get_n_marks (replay) - 1);
  /* Edits of one go are one mark, and each mark says what it is. */
  g_assert_cmpuint (gb_replay_get_n_marks (replay), <, 100);
  for (guint i = 0; i < gb_replay_get_n_marks (replay); i++)
    {
      g_autofree char *says = gb_replay_describe (replay, i, library);
      g_assert_cmpstr (says, !=, "");
    }
}

/* A night between two events takes no time, and a time of the session is found where it was. */
static void
test_replay_gaps (void)
{
  g_autofree char *path = file_path ("gaps.interview");
  g_autoptr (GError) error = NULL;
  g_autoptr (GbSession) session = gb_session_create (path, &error);
  gint64 first, night = 9 * 3600 * 1000;
  gb_session_tell (session, "begin", NULL);
  first = gb_session_get_facts (session)->last_at;
  g_assert_true (gb_session_flush (session, NULL));
  g_clear_object (&session);
  {
    g_autofree char *sql = g_strdup_printf ("INSERT INTO event VALUES (2, %" G_GINT64_FORMAT ", 'resume', '{}')", first + night);
    g_autoptr (GbStore) store = gb_store_open_as_is (path, (const char *const[]){ "", NULL }, FALSE, &error);
    g_assert_no_error (error);
    g_assert_true (gb_store_run (store, &error, sql, ""));
  }
  session = gb_session_open (path, GB_SESSION_TO_READ, &error);
  g_assert_no_error (error);
  g_autoptr (GbReplay) replay = gb_replay_new (session);
  g_assert_cmpint (gb_replay_get_length (replay), ==, 10000);
  g_assert_cmpint (gb_replay_find (replay, first + night), ==, 10000);
  g_assert_cmpint (gb_replay_find (replay, first + 4000), ==, 4000);
  g_assert_cmpint (gb_replay_find (replay, first + night / 2), ==, 10000);
  gb_replay_seek (replay, 4000);
  g_assert_cmpint (gb_replay_get_at (replay), ==, first + 4000);
}

/* What is given to the board at any time holds no answer, no note, no score. */
static void
test_sights (void)
{
  g_autofree char *path = file_path ("sights.interview");
  g_autoptr (GbSession) session = make_interview (path);
  g_autoptr (GbReplay) replay = gb_replay_new (session);
  guint n_plans = 0;

  for (guint i = 0; i < gb_session_get_n_events (session); i++)
    {
      gb_replay_seek_event (replay, i);
      const GbFacts *facts = gb_replay_get_facts (replay);
      g_autoptr (GbSight) sight = gb_sight_new (facts, library, gb_replay_get_at (replay));
      g_autoptr (GbInterview) interview = gb_interview_new (sight->interview);
      g_assert_null (strstr (sight->interview, "asks back"));
      for (guint q = 0; q < interview->questions->len; q++)
        g_assert_true (isnan (gb_interview_question (interview, q)->score));
      for (guint k = 0; facts->plan && k < gb_plan_get_n_items (facts->plan); k++)
        {
          const GbPlanItem *item = gb_plan_get_item (facts->plan, k);
          const GbQuestion *question = gb_plan_question (library, item->what, item->level);
          g_autofree char *answer = question ? g_strndup (gb_text_get (&question->answer), 30) : NULL;
          g_assert_true (answer == NULL || strstr (sight->interview, answer) == NULL);
          n_plans++;
        }
      if (!*sight->said)
        continue;
      g_assert_nonnull (strstr (sight->said, "0.84"));
    }
  g_assert_cmpuint (n_plans, >, 50);
}

/* ---- figures ---- */

static double
seconds_used (void)
{
  return (double) clock () / CLOCKS_PER_SEC;
}

/* Three hours of events: 30 000 edits, 300 runs, pictures. */
static void
test_figures (void)
{
  g_autofree char *path = file_path ("long.interview"), *pdf = file_path ("long.pdf"), *html = file_path ("long.html");
  g_autoptr (GError) error = NULL;
  g_autoptr (GbSession) session = make_long (path, 30000);
  double from, told = 0;

  from = seconds_used ();
  for (guint i = 0; i < 1000; i++)
    gb_session_tell (session, "type", json_tokener_parse ("{\"file\": \"linear.py\", \"offset\": 0, \"inserted\": \"y\"}"));
  told = (seconds_used () - from) / 1000;
  g_assert_true (gb_session_flush (session, NULL));
  g_clear_object (&session);
  from = seconds_used ();
  session = gb_session_open (path, GB_SESSION_TO_GO_ON, &error);
  double opened = seconds_used () - from;
  g_assert_no_error (error);
  from = seconds_used ();
  g_assert_true (gb_report_write (session, library, GB_REPORT_INTERNAL, pdf, &error));
  double written = seconds_used () - from;
  from = seconds_used ();
  g_assert_true (gb_report_write (session, library, GB_REPORT_INTERNAL, html, &error));
  double page = seconds_used () - from;
  g_autoptr (GbReplay) replay = gb_replay_new (session);
  gb_replay_seek (replay, G_MAXINT64);
  double worst = 0;
  for (gint64 i = 0; i < 40; i++)
    {
      from = seconds_used ();
      gb_replay_seek_event (replay, (guint) (i * 7919 % gb_session_get_n_events (session)));
      worst = MAX (worst, seconds_used () - from);
    }
  g_test_message ("%u events: opened in %.2f s, report as PDF %.2f s, as HTML %.2f s, slowest seek %.1f ms, an event told in %.1f us "
                  "(processor time)",
                  gb_session_get_n_events (session), opened, written, page, 1000 * worst, 1e6 * told);
  /* The figures are for who reads them; what counts here is that nothing of so much is lost. */
  g_assert_cmpuint (gb_session_get_n_events (session), >, 31000);
  for (guint i = 0; i < 2; i++)
    {
      GStatBuf about;
      g_assert_cmpint (g_stat (i ? html : pdf, &about), ==, 0);
      g_assert_cmpint (about.st_size, >, 10000);
    }
}

/* Times at the ends of their type, and values that are none, are read as some. */
static void
test_odd_times (void)
{
  g_autofree char *path = file_path ("odd-times.interview");
  g_autoptr (GError) error = NULL;
  g_autoptr (GbSession) session = make_interview (path);
  g_assert_true (gb_session_flush (session, &error));
  g_clear_object (&session);
  GbStore *store = gb_store_open_as_is (path, (const char *const[]){ "", NULL }, FALSE, &error);
  g_assert_no_error (error);
  g_assert_true (gb_store_run (store, &error, "UPDATE about SET value = '-9223372036854775808'", ""));
  g_assert_true (gb_store_run (store, &error, "UPDATE event SET at = 9223372036854775807 WHERE seq % 2 = 0", ""));
  g_assert_true (gb_store_run (store, &error, "UPDATE event SET at = -9223372036854775808 WHERE seq % 3 = 0", ""));
  g_assert_true (gb_store_run (store, &error,
                               "UPDATE event SET body = '{\"level\": \"junior\", \"minutes\": NaN, \"ways\": NaN, \"last_id\": "
                               "Infinity}' WHERE kind = 'plan'",
                               ""));
  g_assert_true (gb_store_read (store, nothing, NULL, &error, "PRAGMA journal_mode = DELETE", ""));
  gb_store_close (store);
  session = gb_session_open (path, GB_SESSION_TO_READ, &error);
  g_assert_no_error (error);
  g_assert_cmpint (gb_session_get_now (session), >=, 0);
  g_assert_true (isfinite (gb_session_get_facts (session)->plan->minutes));
  g_autoptr (GbReplay) replay = gb_replay_new (session);
  gb_replay_seek (replay, G_MAXINT64);
  g_assert_cmpint (gb_replay_get_at (replay), >=, 0);
}

static void
test_shelf (void)
{
  g_autofree char *folder = g_dir_make_tmp ("gb-shelf-XXXXXX", NULL);
  g_autofree char *path = gb_shelf_new_path (folder), *odd = g_build_filename (folder, "odd.interview", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GbSession) session = make_interview (path);

  g_assert_true (gb_session_flush (session, NULL));
  g_file_set_contents (odd, "no interview at all, not even one that is damaged", -1, NULL);
  g_autoptr (GPtrArray) all = gb_shelf_list (folder, library, NULL),
                        some = gb_shelf_list (folder, library, "ASKS"),
                        none = gb_shelf_list (folder, library, "nothing of the kind");
  g_assert_cmpuint (all->len, ==, 2);
  g_assert_nonnull (((GbShelfRow *) all->pdata[1])->error);
  g_assert_true (((GbShelfRow *) all->pdata[0])->is_finished);
  g_assert_cmpuint (some->len, ==, 2); /* one that cannot be read is never hidden */
  g_assert_cmpuint (none->len, ==, 1);
  g_assert_false (gb_shelf_throw_away (path, &error)); /* it is open */
  g_clear_error (&error);
  g_clear_object (&session);
  g_assert_true (gb_shelf_throw_away (path, &error));
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  g_assert_true (gb_shelf_put_back (path, &error));
  g_assert_true (gb_shelf_throw_away (path, &error));
  g_assert_true (g_file_set_contents (path, "another one", -1, NULL));
  g_assert_false (gb_shelf_put_back (path, &error)); /* it would take the other's place */
  g_clear_error (&error);
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_true (gb_shelf_put_back (path, &error));
  g_autofree char *copy = gb_shelf_import (folder, path, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (copy, !=, path);
  g_assert_null (gb_shelf_import (folder, odd, &error));
  g_assert_true (g_file_test (odd, G_FILE_TEST_EXISTS));
  g_clear_error (&error);
  /* One that ended long ago goes by itself, and what was written on its board with it. */
  g_autofree char *name = g_path_get_basename (path), *board = g_build_filename (gb_paths_get_state_dir (), "boards", name, NULL);
  g_autofree char *written = g_build_filename (board, "untitled.py", NULL);
  g_mkdir_with_parents (board, 0700);
  g_assert_true (g_file_set_contents (written, "x = 1", -1, NULL));
  gb_shelf_expire (folder, 30);
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
  /* What has the ending alone is not ours, and no name leads out of the boards' folder. */
  g_autofree char *state = g_build_filename (gb_paths_get_state_dir (), "kept", NULL);
  g_assert_true (g_file_set_contents (state, "kept", -1, NULL));
  static const char *const others[] = { ".thrown-away", "..thrown-away", "...thrown-away", "letter.thrown-away" };
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autofree char *other = g_build_filename (folder, others[i], NULL);
      g_assert_true (g_file_set_contents (other, "", 0, NULL));
    }
  gb_shelf_empty (folder, 0);
  g_assert_true (g_file_test (board, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (state, G_FILE_TEST_EXISTS));
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autofree char *other = g_build_filename (folder, others[i], NULL);
      g_assert_cmpint (g_unlink (other), ==, 0);
    }
  g_assert_true (gb_shelf_erase_all (folder, &error));
  g_assert_false (g_file_test (board, G_FILE_TEST_EXISTS));
  g_assert_no_error (error);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

int
main (int argc, char **argv)
{
  if (argc == 3 && strcmp (argv[1], "--tell") == 0)
    return tell_until_killed (argv[2]);
  g_test_init (&argc, &argv, NULL);
  /* Nothing of whoever runs it is touched. */
  g_autofree char *home = g_dir_make_tmp ("gb-interview-home-XXXXXX", NULL);
  g_setenv ("XDG_STATE_HOME", home, TRUE);
  g_setenv ("XDG_CONFIG_HOME", home, TRUE);
  gb_i18n_init (g_getenv ("GB_LOCALE_DIR"));
  library = gb_library_new (gb_paths_get_data_dir ());
  g_test_add_func ("/interview/plan/weights", test_plans);
  g_test_add_func ("/interview/plan/order", test_plan_order);
  g_test_add_func ("/interview/plan/by-hand", test_plan_by_hand);
  g_test_add_func ("/interview/plan/cut", test_cut);
  g_test_add_func ("/interview/plan/broken", test_broken_plans);
  g_test_add_func ("/interview/facts/time", test_time);
  g_test_add_func ("/interview/facts/scores", test_scores);
  g_test_add_func ("/interview/facts/ladder", test_ladder);
  g_test_add_func ("/interview/facts/typing", test_typing);
  g_test_add_func ("/interview/session/kept", test_session);
  g_test_add_func ("/interview/session/full-disk", test_full_disk);
  g_test_add_func ("/interview/session/locked", test_locked);
  g_test_add_func ("/interview/session/read-only", test_read_only);
  g_test_add_func ("/interview/session/foreign", test_foreign);
  g_test_add_func ("/interview/session/odd-times", test_odd_times);
  g_test_add_func ("/interview/session/killed", test_killed);
  g_test_add_func ("/interview/changes", test_changes);
  g_test_add_func ("/interview/sealed", test_sealed);
  g_test_add_func ("/interview/report", test_report);
  g_test_add_func ("/interview/replay/seek", test_replay);
  g_test_add_func ("/interview/replay/gaps", test_replay_gaps);
  g_test_add_func ("/interview/replay/sights", test_sights);
  g_test_add_func ("/interview/figures", test_figures);
  g_test_add_func ("/interview/shelf", test_shelf);
  return g_test_run ();
}
