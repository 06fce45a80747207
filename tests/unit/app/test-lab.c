/* Cases without their interpreters: edits of solutions, verdicts, and what somebody's work is worth. */
#include "checker/submission.h"
#include "checker/verdict.h"
#include "common/i18n.h"
#include "lab/case-set.h"
#include "lab/example-draw.h"
#include "paths.h"

#include <glib/gstdio.h>
#include <gtk/gtk.h>
#include <string.h>

static void
test_edits (void)
{
  static const char program[] = "a = 1\nb = 2\nif b:\n    a = 1\n";
  g_autofree char *error = NULL;
  g_autofree char *good =
      gb_submission_apply (program, "en: why\n<<<<\nb = 2\n====\nb = 3\nc = 4\n>>>>\n<<<<\na = 1\nb = 3\n====\n>>>>\n", &error);
  g_assert_cmpstr (good, ==, "c = 4\nif b:\n    a = 1\n");
  g_assert_null (gb_submission_apply (program, "<<<<\nz = 1\n====\n>>>>\n", &error));
  g_assert_cmpstr (error, ==, "“z = 1” stands 0 times in the program, not once");
  g_clear_pointer (&error, g_free);
  /* A line is a whole line: the indented one is another. */
  g_autofree char *first = gb_submission_apply (program, "<<<<\na = 1\n====\na = 5\n>>>>\n", &error);
  g_assert_cmpstr (first, ==, "a = 5\nb = 2\nif b:\n    a = 1\n");
  g_assert_null (gb_submission_apply (program, "<<<<\na = 1\n====\na = 2\n", &error));
  g_assert_cmpstr (error, ==, "“a = 1”: ==== or >>>> is missing");
}

static void
test_verdicts (void)
{
  g_autoptr (GbVerdict) verdict = gb_verdict_new ();
  gb_verdict_take_line (verdict, "nonsense");
  gb_verdict_take_line (verdict, "[1, 2]");
  gb_verdict_take_line (verdict, "{\"checks\": [\"loads\", \"values\"]}");
  gb_verdict_take_line (verdict, "{\"check\": \"loads\", \"holds\": true, \"seconds\": 0.1}");
  g_assert_false (gb_verdict_holds (verdict));
  gb_verdict_take_line (verdict, "{\"check\": \"values\", \"holds\": true}");
  g_assert_false (gb_verdict_holds (verdict)); /* not said to be done */
  gb_verdict_take_line (verdict, "{\"done\": true}");
  g_assert_true (gb_verdict_holds (verdict));
  gb_verdict_take_line (verdict, "{\"check\": \"more\", \"holds\": false, \"got\": {\"dtype\": \"float32\", \"sizes\": [2], "
                                 "\"values\": [1.5, \"nan\"]}, \"expected\": true}");
  gb_verdict_take_line (verdict, "{\"check\": \"last\", \"holds\": false, \"fault\": \"Traceback\"}");
  g_assert_false (gb_verdict_holds (verdict));
  /* What stumbles after another has found something is no fault of the check. */
  g_assert_null (gb_verdict_get_fault (verdict));
  const GbVerdictRow *row = gb_verdict_get_failure (verdict);
  g_assert_cmpstr (row->check, ==, "more");
  g_autofree char *got = gb_verdict_describe (gb_json_get (row->facts, "got", json_type_object));
  g_assert_cmpstr (got, ==, "float32 (2)[1.5 nan]");
  g_assert_false (gb_example_can_draw (row->facts));
}

static void
test_pictures (void)
{
  GbJson *facts = json_tokener_parse ("{\"expected\": {\"dtype\": \"float32\", \"sizes\": [2, 3], \"values\": [0, 1, -1, 2, \"nan\", "
                                      "\"inf\"]}, \"got\": {\"dtype\": \"float32\", \"sizes\": [2, 3], \"values\": [0, 1, -1, 2, 3, 4]}, "
                                      "\"where\": [1, 1]}");
  PangoContext *pango = gb_draw_create_pango_context ("en");
  GbTextCache *text = gb_text_cache_new (pango);
  GbDrawContext ctx = { .theme = gb_theme_get (GB_THEME_LIGHT), .language = "en", .scale = 1, .width = 400, .pango = pango,
                        .text = text, .t = 1 };
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  double beside = gb_example_draw (facts, &ctx, NULL);
  g_assert_true (gb_example_can_draw (facts));
  g_assert_cmpfloat (gb_example_draw (facts, &ctx, snapshot), ==, beside);
  GskRenderNode *node = gtk_snapshot_free_to_node (snapshot);
  g_assert_nonnull (node);
  g_autoptr (GBytes) bytes = gsk_render_node_serialize (node);
  g_assert_cmpuint (g_bytes_get_size (bytes), >, 1000);
  gsk_render_node_unref (node);
  ctx.width = 200; /* below each other */
  g_assert_cmpfloat (gb_example_draw (facts, &ctx, NULL), >, 1.8 * beside);
  gb_text_cache_free (text);
  g_object_unref (pango);
  json_object_put (facts);
}

static void
test_points (void)
{
  g_autoptr (GbLibrary) library = gb_library_new (gb_paths_get_data_dir ());
  const GbCase *which = gb_library_find_case (library, "B08"), *exercise = gb_library_find_case (library, "C01");
  g_autofree char *folder = g_dir_make_tmp ("gradboard-lab-XXXXXX", NULL);
  g_assert_nonnull (which);
  {
    g_autoptr (GbCaseWork) work = gb_case_work_new (which, folder);
    g_assert_cmpfloat (gb_case_work_get_points (work), ==, 0);
    gb_case_work_claim (work, "step", 12, "optimizer.step()");          /* wrong */
    gb_case_work_claim (work, "saved-output", 20, "    y = x.exp()");    /* the wrong line */
    g_assert_false (gb_case_work_is_diagnosed (work));
    gb_case_work_look (work, "graph", 1);
    gb_case_work_look (work, "graph", 1);
    g_assert_cmpuint (gb_case_work_get_n_looks (work), ==, 1);
    gb_case_work_claim (work, "saved-output", 21, "    y.add_(1)  ");
    g_assert_true (gb_case_work_is_diagnosed (work));
    g_assert_true (gb_case_work_get_claim (work, 2)->had_evidence);
    g_assert_cmpfloat (gb_case_work_get_points (work), ==, 0); /* 4 - 2 x 2 */
    gb_case_work_checked (work, FALSE);
    gb_case_work_take_hint (work);
    gb_case_work_checked (work, TRUE);
    g_assert_cmpfloat (gb_case_work_get_points (work), ==, 5); /* 6 - the hint */
  }
  g_autoptr (GbCaseWork) again = gb_case_work_new (which, folder);
  g_assert_true (gb_case_work_is_solved (again));
  g_assert_cmpuint (gb_case_work_get_n_claims (again), ==, 3);
  g_assert_cmpuint (gb_case_work_get_n_checks (again), ==, 2);
  g_assert_cmpfloat (gb_case_work_get_points (again), ==, 5);
  gb_case_work_forget (again);
  gb_case_work_claim (again, "saved-output", 21, "y.add_(1)"); /* a guess */
  g_assert_cmpfloat (gb_case_work_get_points (again), ==, 2);
  gb_case_work_give_up (again);
  gb_case_work_checked (again, TRUE);
  g_assert_cmpfloat (gb_case_work_get_points (again), ==, 2);
  g_autoptr (GbCaseWork) written = gb_case_work_new (exercise, folder);
  gb_case_work_checked (written, TRUE);
  g_assert_cmpfloat (gb_case_work_get_points (written), ==, 10);
}

static void
test_files (void)
{
  g_autoptr (GbLibrary) library = gb_library_new (gb_paths_get_data_dir ());
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("gradboard-lab-XXXXXX", NULL);
  const GbCase *which = gb_library_find_case (library, "B01");
  g_autofree char *path = gb_case_work_prepare_file (which, folder, &error);
  g_assert_no_error (error);
  g_autofree char *given = gb_case_load_program (which), *kept = NULL;
  g_assert_true (g_file_set_contents (path, "mine\n", -1, NULL));
  g_autofree char *same = gb_case_work_prepare_file (which, folder, &error);
  g_assert_cmpstr (same, ==, path);
  g_assert_true (g_file_get_contents (path, &kept, NULL, NULL));
  g_assert_cmpstr (kept, ==, "mine\n"); /* what somebody wrote stays */
  g_assert_true (gb_case_work_find_case (library, folder, path) == which);
  g_assert_null (gb_case_work_find_case (library, folder, "/tmp/B01.py"));
  g_assert_null (gb_case_work_find_case (library, folder, NULL));
}

static void
test_sets (void)
{
  g_autofree char *folder = g_dir_make_tmp ("gb-set-XXXXXX", NULL);
  g_autoptr (GbLibrary) library = gb_library_new (gb_paths_get_data_dir ());
  g_autoptr (GbCaseSet) set = gb_case_set_new (folder);
  static const char *const wrong[] = { "", "B01", "B01+B01", "B01+C01", "B01+Z99", "B01+B02+B03+B04", "B01+" };
  g_assert_cmpuint (gb_case_set_get_n (set), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    g_assert_false (gb_case_set_take (set, library, wrong[i]));
  g_assert_true (gb_case_set_take (set, library, "B02+B01"));
  g_assert_true (gb_case_set_has (set, "B01"));
  g_assert_false (gb_case_set_has (set, "B03"));
  /* It is there again, with what was done about each. */
  g_autoptr (GbCaseWork) work = gb_case_set_load_work (set, library, 0);
  gb_case_work_checked (work, TRUE);
  g_autoptr (GbCaseSet) again = gb_case_set_new (folder);
  g_assert_cmpstr (gb_case_set_get_id (again, 0), ==, "B02");
  g_autoptr (GbCaseWork) kept = gb_case_set_load_work (again, library, 0);
  g_assert_true (gb_case_work_is_solved (kept));
  /* By chance: of different leaves, none of them solved. */
  for (guint32 seed = 0; seed < 20; seed++)
    {
      g_assert_true (gb_case_set_compose (set, library, 3, seed));
      g_assert_cmpuint (gb_case_set_get_n (set), ==, 3);
      g_assert_false (gb_case_set_has (set, "B02"));
      for (guint i = 0; i < 3; i++)
        for (guint k = 0; k < i; k++)
          g_assert_cmpstr (gb_library_find_case (library, gb_case_set_get_id (set, i))->leaf, !=,
                           gb_library_find_case (library, gb_case_set_get_id (set, k))->leaf);
    }
  g_assert_false (gb_case_set_compose (set, library, 1, 1));
  gb_case_set_end (set);
  g_assert_cmpuint (gb_case_set_get_n (set), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gb_i18n_init (g_getenv ("GB_LOCALE_DIR"));
  gtk_init_check ();
  g_test_add_func ("/app/lab/edits", test_edits);
  g_test_add_func ("/app/lab/verdicts", test_verdicts);
  g_test_add_func ("/app/lab/pictures", test_pictures);
  g_test_add_func ("/app/lab/points", test_points);
  g_test_add_func ("/app/lab/files", test_files);
  g_test_add_func ("/lab/sets", test_sets);
  return g_test_run ();
}
