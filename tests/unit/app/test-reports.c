/* What is made of an interview afterwards: its report, and its replay. */
#include "interview/replay.h"
#include "interview/report.h"
#include "interview/sight.h"
#include "interviews.h"
#include "store/store.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <time.h>

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

int
main (int argc, char **argv)
{
  gb_test_interviews_init (&argc, &argv);
  g_test_add_func ("/interview/report", test_report);
  g_test_add_func ("/interview/replay/seek", test_replay);
  g_test_add_func ("/interview/replay/gaps", test_replay_gaps);
  g_test_add_func ("/interview/replay/sights", test_sights);
  g_test_add_func ("/interview/figures", test_figures);
  return g_test_run ();
}
