/* A lesson without its windows: steps in their order, answers counted, notes for who teaches, a projector's size. */
#include "class/answers.h"
#include "class/lecture-notes.h"
#include "class/lecture.h"
#include "class/projector.h"
#include "common/i18n.h"

#include <glib/gstdio.h>

/* ---- material ---- */

static GbScene *
new_scene (const char *json)
{
  g_autofree char *folder = g_dir_make_tmp ("class-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "scene.json", NULL);
  g_file_set_contents (path, json, -1, NULL);
  GbScene *scene = gb_scene_read (folder, "lesson");
  g_assert_cmpstr (scene->error, ==, NULL);
  g_unlink (path);
  g_rmdir (folder);
  return scene;
}

static GbScene *
new_three (void)
{
  return new_scene ("{\"id\": \"lesson\", \"title\": {\"zh\": \"课\", \"en\": \"A lesson\"}, \"summary\": {\"zh\": \"z\", \"en\": \"Short.\"},"
                    " \"tabs\": [{\"function\": \"a\", \"title\": {\"zh\": \"a\", \"en\": \"a\"}}], \"views\": [],"
                    " \"predictions\": ["
                    "  {\"id\": \"n\", \"tab\": \"a\", \"kind\": \"number\", \"tolerance\": 0.5, \"prompt\": {\"zh\": \"几\", \"en\": \"How many?\"}},"
                    "  {\"id\": \"s\", \"tab\": \"b\", \"kind\": \"shape\", \"prompt\": {\"zh\": \"形\", \"en\": \"What shape?\"}},"
                    "  {\"id\": \"c\", \"tab\": \"a\", \"kind\": \"choice\", \"prompt\": {\"zh\": \"哪\", \"en\": \"Which?\"},"
                    "   \"choices\": [{\"value\": \"yes\", \"label\": {\"zh\": \"是\", \"en\": \"Yes\"}},"
                    "               {\"value\": \"no\", \"label\": {\"zh\": \"否\", \"en\": \"No\"}}]}]}");
}

static char *
titles (GbLecture *lecture)
{
  GString *all = g_string_new (NULL);
  for (guint i = 0; i < gb_lecture_get_n (lecture); i++)
    {
      g_autofree char *title = gb_lecture_step_dup_title (gb_lecture_get (lecture, i));
      g_string_append_printf (all, "%s|", title);
    }
  return g_string_free (all, FALSE);
}

/* ---- steps ---- */

static void
test_steps (void)
{
  GbScene *scene = new_three ();
  g_autoptr (GbLecture) all = gb_lecture_new (scene, NULL, NULL, NULL), one = gb_lecture_new (scene, "a", NULL, NULL),
                        none = gb_lecture_new (NULL, NULL, NULL, NULL);
  g_autofree char *of_all = titles (all), *of_one = titles (one), *of_none = titles (none);
  g_assert_cmpstr (of_all, ==, "Run the program|What the class predicts: How many?|The truth, and on with the run (n)|"
                               "What the class predicts: What shape?|The truth, and on with the run (s)|"
                               "What the class predicts: Which?|The truth, and on with the run (c)|");
  g_assert_cmpstr (of_one, ==, "Run the program|What the class predicts: How many?|The truth, and on with the run (n)|"
                               "What the class predicts: Which?|The truth, and on with the run (c)|");
  g_assert_cmpstr (of_none, ==, "Run the program|");
  g_assert_cmpint (gb_lecture_next (none)->kind, ==, GB_LECTURE_RUN);
  g_assert_null (gb_lecture_next (none));
  g_assert_cmpint (gb_lecture_back (none)->kind, ==, GB_LECTURE_RUN);
  g_assert_null (gb_lecture_back (none));
  gb_scene_free (scene);
}

static void
test_questions (void)
{
  GbQuestion question = { .question = { (char *) "问", (char *) "Why?" }, .answer = { (char *) "答", (char *) "Because." },
                          .wrong = { (char *) "错", (char *) "No reason." } };
  GbTopic topic = { .questions = g_ptr_array_new () };
  g_ptr_array_add (topic.questions, &question);
  g_autoptr (GbLecture) lecture = gb_lecture_new (NULL, NULL, &topic, NULL);
  g_autofree char *all = titles (lecture), *notes = gb_lecture_notes (NULL, &topic);
  g_assert_cmpstr (all, ==, "Run the program|Question: Why?|Answer: Because.|");
  g_assert_nonnull (strstr (notes, "## Why?"));
  g_assert_nonnull (strstr (notes, "Because."));
  g_assert_nonnull (strstr (notes, "No reason."));
  g_ptr_array_unref (topic.questions);
}

static void
test_parts (void)
{
  static const char program[] = "import torch\n\ndef f(x):\n    y = x\n\n    return y\n\n\nprint(f(1))\n\n";
  g_autoptr (GbLecture) lecture = gb_lecture_new (NULL, NULL, NULL, program);
  const guint ends[] = { 2, 8, 9 };
  g_assert_cmpuint (gb_lecture_get_n (lecture), ==, G_N_ELEMENTS (ends) + 1);
  g_assert_cmpuint (gb_lecture_get_n_lines (lecture), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      g_assert_cmpint (gb_lecture_next (lecture)->kind, ==, GB_LECTURE_CODE);
      g_assert_cmpuint (gb_lecture_get_n_lines (lecture), ==, ends[i]);
    }
  gb_lecture_back (lecture);
  gb_lecture_back (lecture);
  g_assert_cmpuint (gb_lecture_get_n_lines (lecture), ==, 2);
  /* Line by line: 3 to 8, and the part is done. */
  for (guint line = 3; line <= 8; line++)
    {
      g_assert_true (gb_lecture_next_line (lecture));
      g_assert_cmpuint (gb_lecture_get_n_lines (lecture), ==, line);
    }
  g_assert_cmpuint (gb_lecture_get_at (lecture), ==, 2);
  g_assert_true (gb_lecture_next_line (lecture));
  g_assert_false (gb_lecture_next_line (lecture)); /* what comes next is no part of the program */
  g_autofree char *two = gb_lecture_dup_lines (program, 2), *many = gb_lecture_dup_lines (program, 99), *zero = gb_lecture_dup_lines (program, 0);
  g_assert_cmpstr (two, ==, "import torch\n\n");
  g_assert_cmpstr (many, ==, program);
  g_assert_cmpstr (zero, ==, "");
}

/* ---- answers ---- */

static char *
show (const GbAnswers *answers)
{
  GString *all = g_string_new (NULL);
  g_autoptr (GPtrArray) bars = gb_answers_get_bars (answers);
  for (guint i = 0; i < bars->len; i++)
    {
      const GbAnswerBar *bar = g_ptr_array_index (bars, i);
      g_string_append_printf (all, "%s%s=%u ", bar->is_right ? "*" : "", bar->label, bar->n);
    }
  return g_string_free (all, FALSE);
}

static void
expect (const GbAnswers *answers, const char *wanted)
{
  g_autofree char *shown = show (answers);
  g_assert_cmpstr (shown, ==, wanted);
}

static void
test_numbers (void)
{
  GbScene *scene = new_three ();
  g_autoptr (GbAnswers) answers = gb_answers_new ("n", gb_scene_find_prediction (scene, "n"));
  g_assert_true (gb_answers_add (answers, 1, "61584"));
  g_assert_true (gb_answers_add (answers, 2, " 61 584 "));
  g_assert_true (gb_answers_add (answers, 3, "61_584.0"));
  g_assert_true (gb_answers_add (answers, 4, "6e1"));
  g_assert_false (gb_answers_add (answers, 5, "many"));
  g_assert_false (gb_answers_add (answers, 5, "12 pieces"));
  g_assert_false (gb_answers_add (answers, 5, "nan"));
  g_assert_false (gb_answers_add (answers, 5, ""));
  expect (answers, "61584=3 60=1 ");
  g_assert_true (gb_answers_add (answers, 4, "61584")); /* thinks again */
  expect (answers, "61584=4 ");
  g_assert_cmpuint (gb_answers_get_n (answers), ==, 4);
  g_assert_true (gb_answers_set_truth (answers, "61584.2"));
  g_assert_false (gb_answers_set_truth (answers, "61584.2"));
  expect (answers, "*61584=4 ");
  gb_scene_free (scene);
}

static void
test_choices (void)
{
  GbScene *scene = new_three ();
  g_autoptr (GbAnswers) answers = gb_answers_new ("c", gb_scene_find_prediction (scene, "c"));
  g_assert_false (gb_answers_add (answers, 1, "perhaps"));
  g_assert_true (gb_answers_add (answers, 1, "no"));
  expect (answers, "Yes=0 No=1 ");
  gb_answers_set_truth (answers, "\"no\"");
  expect (answers, "Yes=0 *No=1 ");
  GbJson *json = gb_answers_to_json (answers);
  g_assert_cmpstr (json_object_to_json_string_ext (json, JSON_C_TO_STRING_PLAIN), ==,
                   "[{\"label\":\"Yes\",\"n\":0,\"right\":false},{\"label\":\"No\",\"n\":1,\"right\":true}]");
  json_object_put (json);
  gb_scene_free (scene);
}

static void
test_shapes_and_texts (void)
{
  GbScene *scene = new_three ();
  g_autoptr (GbAnswers) shapes = gb_answers_new ("s", gb_scene_find_prediction (scene, "s")), texts = gb_answers_new ("t", NULL);
  g_autofree char *huge = g_strnfill (GB_ANSWERS_MOST_NBYTES + 1, 'a');
  g_assert_true (gb_answers_add (shapes, 1, "(64, 2,2)"));
  g_assert_true (gb_answers_add (shapes, 2, "64x2x2"));
  g_assert_true (gb_answers_add (shapes, 3, "[5]"));
  g_assert_true (gb_answers_add (shapes, 4, "()"));
  g_assert_false (gb_answers_add (shapes, 5, "flat"));
  expect (shapes, "(64, 2, 2)=2 ()=1 (5,)=1 ");
  g_assert_false (gb_answers_add (texts, 1, huge));
  g_assert_false (gb_answers_add (texts, 1, "\xff\xfe"));
  g_assert_false (gb_answers_add (texts, 1, " \t\n "));
  g_assert_true (gb_answers_add (texts, 1, "a\x01" "b<script>"));
  expect (texts, "a b<script>=1 ");
  for (guint64 who = 0; who < 20; who++)
    {
      g_autofree char *own = g_strdup_printf ("answer %02u", (guint) who);
      g_assert_true (gb_answers_add (texts, who, own));
    }
  g_autoptr (GPtrArray) bars = gb_answers_get_bars (texts);
  g_assert_cmpuint (bars->len, ==, GB_ANSWERS_MOST_BARS);
  g_assert_cmpuint (((GbAnswerBar *) g_ptr_array_index (bars, bars->len - 1))->n, ==, 13);
  gb_scene_free (scene);
}

static void
test_many_people (void)
{
  g_autoptr (GbAnswers) answers = gb_answers_new ("t", NULL);
  for (guint64 who = 0; who < 5000; who++)
    gb_answers_add (answers, who, "same");
  g_assert_cmpuint (gb_answers_get_n (answers), ==, 2000);
  g_assert_true (gb_answers_add (answers, 7, "other")); /* who is counted may still change */
  expect (answers, "same=1999 other=1 ");
}

static void
test_projector (void)
{
  g_assert_cmpint (gb_projector_scale_for (720), ==, 125);
  g_assert_cmpint (gb_projector_scale_for (900), ==, 150);
  g_assert_cmpint (gb_projector_scale_for (1080), ==, 175);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gb_i18n_init (NULL);
  g_test_add_func ("/class/steps", test_steps);
  g_test_add_func ("/class/questions", test_questions);
  g_test_add_func ("/class/parts", test_parts);
  g_test_add_func ("/class/numbers", test_numbers);
  g_test_add_func ("/class/choices", test_choices);
  g_test_add_func ("/class/shapes-and-texts", test_shapes_and_texts);
  g_test_add_func ("/class/many-people", test_many_people);
  g_test_add_func ("/class/projector", test_projector);
  return g_test_run ();
}
