/* Interviews without a window: the facts that events make, the file that keeps them, and the shelf of files. */
#include "interview/replay.h"
#include "interview/shelf.h"
#include "interview/text-changes.h"
#include "interviews.h"
#include "paths.h"
#include "store/store.h"

#include <glib/gstdio.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

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
  gb_test_interviews_init (&argc, &argv);
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
  g_test_add_func ("/interview/shelf", test_shelf);
  return g_test_run ();
}
