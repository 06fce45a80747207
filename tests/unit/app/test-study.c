/* What was answered: kept through a kill, undone, erased, back when it is due; the store below it. */
#include "common/i18n.h"
#include "paths.h"
#include "store/store.h"
#include "study/items.h"

#include <glib/gstdio.h>
#include <locale.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#include <math.h>

#define DAY  86400
#define NOON 1700049600 /* of some day */

static char *
new_path (void)
{
  g_autofree char *folder = g_dir_make_tmp ("gb-study-XXXXXX", NULL);
  return g_build_filename (folder, "progress.db", NULL);
}

/* ---- the store ---- */

static void
take_text (GbRow *row, gpointer data)
{
  g_string_append_printf (data, "%d:%s:%g:%d ", (int) gb_row_get_int (row, 0), gb_row_get_text (row, 1),
                          gb_row_get_double (row, 2), gb_row_is_null (row, 3));
}

static void
test_steps (void)
{
  static const char *const first[] = {
    "CREATE TABLE a (x, y, z, w); INSERT INTO a VALUES (1, 'one', 0.5, NULL)", NULL
  };
  static const char *const both[] = { first[0], "UPDATE a SET y = 'uno'; ALTER TABLE a ADD COLUMN more",
                                      NULL };
  static const char *const wrong[] = { first[0], both[1], "UPDATE a SET y = 'x'; NONSENSE", NULL };
  g_autofree char *path = new_path ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  gb_store_close (gb_store_open (path, first, NULL, &error));
  g_assert_no_error (error);
  GbStore *store = gb_store_open (path, both, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (gb_store_run (store, &error, "INSERT INTO a (x, y, z, w) VALUES (?, ?, ?, ?)", "isdn",
                               (gint64) 2, "zwei", 1.5));
  /* All or nothing. */
  g_assert_true (gb_store_begin (store, NULL));
  g_assert_true (gb_store_run (store, NULL, "DELETE FROM a", ""));
  gb_store_roll_back (store);
  g_assert_false (gb_store_run (store, &error, "INSERT INTO b VALUES (1)", ""));
  g_assert_error (error, GB_STORE_ERROR, GB_STORE_ERROR_FAILED);
  g_clear_error (&error);
  gb_store_close (store);
  /* A step that fails leaves the version before it. */
  g_assert_null (gb_store_open (path, wrong, NULL, &error));
  g_clear_error (&error);
  store = gb_store_open (path, both, NULL, &error);
  g_assert_true (gb_store_read (store, take_text, text, &error, "SELECT x, y, z, w FROM a ORDER BY x", ""));
  g_assert_cmpstr (text->str, ==, "1:uno:0.5:1 2:zwei:1.5:1 ");
  gb_store_close (store);
  /* A later version's file is left as it is. */
  g_assert_null (gb_store_open (path, first, NULL, &error));
  g_assert_error (error, GB_STORE_ERROR, GB_STORE_ERROR_NEWER);
}

static void
test_damaged (void)
{
  static const char *const steps[] = { "CREATE TABLE a (x)", NULL };
  g_autofree char *path = new_path (), *aside = NULL, *kept = NULL;
  g_autoptr (GError) error = NULL;
  g_file_set_contents (path, "this is no database, but somebody may want to look at it", -1, NULL);
  g_autoptr (GbStore) store = gb_store_open (path, steps, &aside, &error);
  g_assert_no_error (error);
  g_assert_nonnull (store);
  g_assert_nonnull (aside);
  g_assert_true (g_file_get_contents (aside, &kept, NULL, NULL));
  g_assert_true (g_str_has_prefix (kept, "this is no database"));
}

/* ---- progress ---- */

static void
test_coming_back (void)
{
  g_autofree char *path = new_path ();
  g_autoptr (GbProgress) progress = gb_progress_new (path);
  gint64 day = gb_study_day (NOON);
  g_assert_cmpint (gb_study_day (NOON + DAY), ==, day + 1);
  g_assert_null (gb_progress_get_trouble (progress));
  g_assert_null (gb_progress_get_last (progress));
  gb_progress_undo (progress); /* of nothing */
  gb_progress_add (progress, "case:B01", GB_RATING_GOOD, 0, NULL, NOON);
  gb_progress_add (progress, "question:a.b/mid", GB_RATING_AGAIN, 75, NULL, NOON);
  gb_progress_add (progress, "question:a.b/junior", GB_RATING_HARD, 0, "12", NOON - DAY);
  /* What was right at the first try does not come back; what was missed does, the next day. */
  g_assert_cmpint (gb_progress_get_item (progress, "case:B01").due_day, ==, G_MAXINT64);
  g_assert_cmpint (gb_progress_get_item (progress, "question:a.b/mid").due_day, ==, day + 1);
  g_assert_cmpint (gb_progress_get_item (progress, "never").due_day, ==, G_MAXINT64);
  g_autoptr (GPtrArray) today = gb_progress_list_due (progress, day);
  g_assert_cmpuint (today->len, ==, 1);
  g_assert_cmpstr (g_ptr_array_index (today, 0), ==, "question:a.b/junior");
  g_assert_cmpint (gb_progress_get_next_day (progress, day), ==, day + 1);
  g_autoptr (GPtrArray) tomorrow = gb_progress_list_due (progress, day + 1);
  g_assert_cmpuint (tomorrow->len, ==, 2);
  /* Right the next day: it stays away for longer, and comes back all the same. */
  gb_progress_add (progress, "question:a.b/mid", GB_RATING_GOOD, 50, NULL, NOON + DAY);
  gint64 next = gb_progress_get_item (progress, "question:a.b/mid").due_day;
  g_assert_cmpint (next, >, day + 2);
  gb_progress_undo (progress);
  g_assert_cmpint (gb_progress_get_item (progress, "question:a.b/mid").due_day, ==, day + 1);
}

static void
test_calibration (void)
{
  g_autofree char *path = new_path ();
  g_autoptr (GbProgress) progress = gb_progress_new (path);
  GbCalibration rows[GB_N_CONFIDENCES];
  gb_progress_add (progress, "prediction:s/a", GB_RATING_AGAIN, 95, "3", NOON);
  gb_progress_add (progress, "prediction:s/a", GB_RATING_GOOD, 95, "4",
                   NOON + 60); /* it has just been told */
  gb_progress_add (progress, "prediction:s/a", GB_RATING_GOOD, 95, "4", NOON + DAY);
  gb_progress_add (progress, "prediction:s/b", GB_RATING_GOOD, 25, "4", NOON);
  gb_progress_add (progress, "prediction:s/c", GB_RATING_GOOD, 0, "4", NOON);
  gb_progress_get_calibration (progress, rows);
  g_assert_cmpuint (rows[0].n, ==, 1);
  g_assert_cmpuint (rows[0].n_right, ==, 1);
  g_assert_cmpuint (rows[1].n + rows[2].n, ==, 0);
  g_assert_cmpuint (rows[3].n, ==, 2);
  g_assert_cmpuint (rows[3].n_right, ==, 1);
  /* 0.75² for the one that was right at 25 %, 0.95² and 0.05² for the two at 95 %. */
  g_assert_cmpfloat_with_epsilon (gb_calibration_score (rows), (0.5625 + 0.9025 + 0.0025) / 3, 1e-12);
  const GbCalibration none[GB_N_CONFIDENCES] = { { 0 } };
  g_assert_true (isnan (gb_calibration_score (none)));
}

/* Another process answers and is killed at once: all of it is there, and nothing else is. */
static void
test_killed (void)
{
  g_autofree char *path = new_path ();
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  const char *argv[] = { self, "--answer-and-die", path, NULL };
  int status;
  g_assert_true (
      g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, &status, NULL));
  g_assert_true (WIFSIGNALED (status) && WTERMSIG (status) == SIGKILL);
  g_autoptr (GbProgress) progress = gb_progress_new (path);
  g_assert_null (gb_progress_get_trouble (progress));
  g_assert_cmpuint (gb_progress_get_n_answers (progress), ==, 20);
  g_autoptr (GPtrArray) some = g_ptr_array_new ();
  g_ptr_array_add (some, "case:B03");
  g_ptr_array_add (some, "case:B04");
  gb_progress_erase (progress, some);
  g_assert_cmpuint (gb_progress_get_n_answers (progress), ==, 18);
  g_autoptr (GbProgress) again = gb_progress_new (path); /* two windows */
  g_assert_cmpuint (gb_progress_get_n_answers (again), ==, 18);
  g_assert_true (gb_progress_add (again, "case:B03", GB_RATING_GOOD, 0, NULL, NOON));
  gb_progress_erase (progress, NULL);
  g_autoptr (GbProgress) last = gb_progress_new (path);
  g_assert_cmpuint (gb_progress_get_n_answers (last), ==, 0);
}

static void
answer_and_die (const char *path)
{
  GbProgress *progress = gb_progress_new (path);
  for (guint i = 0; i < 20; i++)
    {
      g_autofree char *item = g_strdup_printf ("case:B%02u", i);
      gb_progress_add (progress, item, GB_RATING_AGAIN, 50, "x", NOON + i);
    }
  kill (getpid (), SIGKILL);
}

/* A place that cannot be written: it is said, and the rest goes on. */
static void
test_no_place (void)
{
  g_autoptr (GbProgress) progress = gb_progress_new ("/proc/none/progress.db");
  g_assert_true (g_str_has_prefix (gb_progress_get_trouble (progress), "Your progress is not kept: "));
  gb_progress_add (progress, "case:B01", GB_RATING_AGAIN, 0, NULL, NOON);
  g_assert_cmpuint (gb_progress_get_item (progress, "case:B01").n_answers, ==, 1);
}

/* ---- leaves ---- */

static void
test_leaves (void)
{
  g_autofree char *path = new_path ();
  g_autoptr (GbProgress) progress = gb_progress_new (path);
  g_autoptr (GbLibrary) library = gb_library_new (gb_paths_get_data_dir ());
  static const char leaf[] = "tensor.broadcasting";
  gint64 day = gb_study_day (NOON);
  GbItem item;
  g_autoptr (GPtrArray) names = gb_items_of_leaf (library, leaf);
  g_assert_cmpuint (names->len, >=, 6); /* four questions, predictions, B02 */
  g_assert_true (g_ptr_array_find_with_equal_func (names, "case:B02", g_str_equal, NULL));
  g_assert_cmpint (gb_leaf_get_progress (library, progress, leaf, day).state, ==, GB_LEAF_NEW);
  g_assert_cmpint (gb_leaf_get_progress (library, progress, "no.such-leaf", day).state, ==, GB_LEAF_EMPTY);
  gb_progress_add (progress, "case:B02", GB_RATING_GOOD, 0, NULL, NOON);
  g_assert_cmpint (gb_leaf_get_progress (library, progress, leaf, day).state, ==, GB_LEAF_BEGUN);
  gb_progress_add (progress, "question:tensor.broadcasting/mid", GB_RATING_HARD, 0, NULL, NOON);
  g_assert_cmpint (gb_leaf_get_progress (library, progress, leaf, day).state, ==, GB_LEAF_WEAK);
  g_assert_cmpint (gb_leaf_get_progress (library, progress, leaf, day + 1).state, ==, GB_LEAF_DUE);
  for (guint i = 0; i < names->len; i++)
    {
      g_assert_true (gb_item_find (library, g_ptr_array_index (names, i), &item));
      g_assert_cmpstr (gb_item_get_title (&item), !=, "");
      g_assert_nonnull (item.leaf);
      gb_progress_add (progress, g_ptr_array_index (names, i), GB_RATING_GOOD, 0, NULL, NOON);
    }
  GbLeafProgress done = gb_leaf_get_progress (library, progress, leaf, day);
  g_assert_cmpint (done.state, ==, GB_LEAF_DONE);
  g_assert_cmpuint (done.n_right, ==, names->len);
  static const char *const strange[] = { "",
                                         "case:",
                                         "case:Z99",
                                         "question:",
                                         "question:x",
                                         "question:x/mid",
                                         "question:tensor.broadcasting/none",
                                         "prediction:broadcast/none",
                                         "other:a/b" };
  for (guint i = 0; i < G_N_ELEMENTS (strange); i++)
    g_assert_false (gb_item_find (library, strange[i], &item));
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  if (argc == 3 && g_str_equal (argv[1], "--answer-and-die"))
    answer_and_die (argv[2]);
  g_test_init (&argc, &argv, NULL);
  gb_i18n_set_language ("en");
  g_test_add_func ("/study/steps", test_steps);
  g_test_add_func ("/study/damaged", test_damaged);
  g_test_add_func ("/study/coming-back", test_coming_back);
  g_test_add_func ("/study/calibration", test_calibration);
  g_test_add_func ("/study/killed", test_killed);
  g_test_add_func ("/study/no-place", test_no_place);
  g_test_add_func ("/study/leaves", test_leaves);
  return g_test_run ();
}
