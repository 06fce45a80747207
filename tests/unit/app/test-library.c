#include "library/authoring.h"
#include "library/json-schema.h"
#include "library/library.h"

#include "common/i18n.h"
#include "paths.h"

#include <glib/gstdio.h>
#include <string.h>

static char *data_dir;

static void
write_file (const char *path, const char *text)
{
  g_autofree char *full = g_build_filename (data_dir, path, NULL);
  g_autofree char *folder = g_path_get_dirname (full);
  g_mkdir_with_parents (folder, 0700);
  g_assert_true (g_file_set_contents (full, text, -1, NULL));
}

static void
test_scenes (void)
{
  g_autoptr (GbLibrary) library = gb_library_new (data_dir);
  g_assert_cmpuint (gb_library_get_n_scenes (library), ==, 2);
  const GbScene *good = gb_library_find_scene (library, "good");
  g_assert_nonnull (good);
  g_assert_null (good->error);
  gb_i18n_set_language ("zh");
  g_assert_cmpstr (gb_text_get (&good->title), ==, "好");
  g_assert_cmpstr (gb_scene_knob_label (good, "lr"), ==, "学习率");
  gb_i18n_set_language ("en");
  g_assert_cmpstr (gb_text_get (&good->title), ==, "Good");
  g_assert_cmpstr (gb_scene_knob_label (good, "other"), ==, "other");
  g_assert_cmpuint (good->tabs->len, ==, 1);

  /* A broken one stays in the list and says where it is broken. */
  const GbScene *bad = gb_library_find_scene (library, "bad");
  g_assert_nonnull (bad);
  g_assert_nonnull (bad->error);
  g_assert_true (g_str_has_prefix (bad->error, "scene.json:2:"));
}

static void
test_outline (void)
{
  g_autoptr (GbLibrary) library = gb_library_new (data_dir);
  g_assert_null (gb_library_get_error (library));
  GListModel *sections = gb_library_get_outline (library);
  g_assert_cmpuint (g_list_model_get_n_items (sections), ==, 1);
  g_autoptr (GbOutlineItem) section = g_list_model_get_item (sections, 0);
  g_assert_cmpstr (gb_outline_item_get_title (section), ==, "One");
  g_autoptr (GbOutlineItem) sub = g_list_model_get_item (gb_outline_item_get_children (section), 0);
  g_autoptr (GbOutlineItem) group = g_list_model_get_item (gb_outline_item_get_children (sub), 0);
  g_autoptr (GbOutlineItem) leaf = g_list_model_get_item (gb_outline_item_get_children (group), 0);
  g_assert_null (gb_outline_item_get_children (leaf));
  g_assert_cmpstr (gb_library_find_scene_of_leaf (library, gb_outline_item_get_id (leaf))->id, ==, "good");
}

/* What candidates are judged by, levels, ways of asking and coding tasks have leaves as the sections have. */
static void
test_assessment (void)
{
  g_autoptr (GbLibrary) library = gb_library_new (data_dir);
  GListModel *roots = gb_library_get_assessment (library);
  g_assert_cmpuint (g_list_model_get_n_items (roots), ==, 4);
  g_autoptr (GbOutlineItem) judged = g_list_model_get_item (roots, 0);
  g_assert_cmpstr (gb_outline_item_get_title (judged), ==, "Judged by");
  g_assert_cmpstr (gb_outline_item_get_title (gb_library_find_leaf (library, "e.a.b")), ==, "Reasons");
  g_assert_nonnull (gb_library_find_leaf (library, "l.high"));
  g_assert_nonnull (gb_library_find_leaf (library, "k.first"));
  g_assert_null (gb_library_find_leaf (library, "e.group"));
  g_assert_cmpuint (g_list_model_get_n_items (gb_library_get_coding_tasks (library)), ==, 1);

  /* A topic of one lies in the folder of its first word, and what is said of it is not that the outline lacks it. */
  write_file ("topics/e/a.b/topic.json", "{\"leaf\": \"e.a.b\", \"scene\": \"none\", \"tab\": \"f\", \"questions\": []}");
  g_autoptr (GbLibrary) again = gb_library_new (data_dir);
  g_assert_cmpstr (gb_library_find_topic (again, "e.a.b")->leaf, ==, "e.a.b");
  g_autoptr (GPtrArray) faults = gb_authoring_check (again, "e.a.b");
  for (guint i = 0; i < faults->len; i++)
    {
      g_assert_null (strstr (g_ptr_array_index (faults, i), "the outline has no leaf"));
      g_assert_null (strstr (g_ptr_array_index (faults, i), "is not the folder's name"));
    }
  g_autofree char *path = g_build_filename (data_dir, "topics/e/a.b/topic.json", NULL), *folder = g_path_get_dirname (path),
                  *above = g_path_get_dirname (folder);
  g_assert_cmpint (g_unlink (path) | g_rmdir (folder) | g_rmdir (above), ==, 0);
}

/* A leaf's topic brings its own scene and note; what is wrong with one is told when it is opened. */
static void
test_topics (void)
{
  write_file ("topics/a/b/topic.json",
              "{\"leaf\": \"a.b\", \"scene\": \"good\", \"tab\": \"f\", \"questions\":"
              " [{\"level\": \"junior\", \"answer\": {\"en\": \"Yes\"},"
              " \"anchors\": [{\"dimension\": \"basics\", \"4\": {\"en\": \"All\"}}]}]}");
  write_file ("topics/a/b/note.en.md", "# B\n");
  write_file ("topics/a/broken/topic.json", "{\n");
  g_autoptr (GbLibrary) library = gb_library_new (data_dir);
  g_assert_cmpuint (g_strv_length ((char **) gb_library_get_leaves (library)), ==, 2);
  const GbTopic *topic = gb_library_find_topic (library, "a.b");
  g_assert_cmpstr (topic->tab, ==, "f");
  g_assert_null (topic->error);
  const GbQuestion *question = g_ptr_array_index (topic->questions, 0);
  const GbAnchors *anchors = g_ptr_array_index (question->anchors, 0);
  g_assert_cmpstr (anchors->full.en, ==, "All");
  g_assert_true (gb_library_find_topic (library, "a.b") == topic);
  g_autofree char *note = gb_topic_load_note (topic, "en");
  g_assert_cmpstr (note, ==, "# B\n");
  g_assert_null (gb_topic_load_note (topic, "zh"));
  g_assert_cmpstr (gb_library_find_scene_of_leaf (library, "a.b")->id, ==, "good");
  g_assert_true (g_str_has_prefix (gb_library_find_topic (library, "a.broken")->error, "topic.json:2:"));
  g_assert_null (gb_library_find_topic (library, "a.none"));
  g_assert_null (gb_library_find_scene_of_leaf (library, "none"));
}

static void
on_changed (gboolean *changed)
{
  *changed = TRUE;
}

/* What is written while the library is open is there a moment later; what was handed out stays. */
static void
test_watch (void)
{
  g_autoptr (GbLibrary) library = gb_library_new (data_dir);
  const GbScene *before = gb_library_find_scene (library, "good");
  gboolean changed = FALSE;
  gb_library_watch (library);
  g_signal_connect_swapped (library, "changed", G_CALLBACK (on_changed), &changed);
  for (guint round = 0; round < 2; round++)
    {
      /* The second one lies in a folder that was not there when watching began. */
      write_file (round ? "topics/new/leaf/note.zh.md" : "topics/new/leaf/topic.json", "{}");
      changed = FALSE;
      for (gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;
           !changed && g_get_monotonic_time () < end;)
        g_main_context_iteration (NULL, FALSE);
      g_assert_true (changed);
      g_assert_nonnull (gb_library_find_topic (library, "new.leaf"));
    }
  g_assert_true (gb_library_find_scene (library, "good") != before);
  g_assert_cmpstr (before->id, ==, "good");
}

/* Where a field stands, and what a schema has against it. */
static void
test_faults (void)
{
  write_file ("faults.json",
              "{\n  \"name\": \"a } \\\" b\",\n  \"list\": [1, {\"deep\": [],\n    \"x\": 2}],\n"
              "  \"more\": true\n}\n");
  write_file (
      "rules.json",
      "{\"type\": \"object\", \"required\": [\"gone\"], \"additionalProperties\": false, \"properties\": {"
      "\"name\": {\"type\": \"string\", \"pattern\": \"^[a-z]+$\"}, \"list\": {\"minItems\": 3, \"items\":"
      " {\"$ref\": \"#/definitions/thing\"}}}, \"definitions\": {\"thing\": {\"type\": \"object\","
      " \"properties\": {\"x\": {\"enum\": [1, 3]}, \"deep\": {\"type\": \"string\"}}}}}");
  g_autofree char *path = g_build_filename (data_dir, "faults.json", NULL);
  g_autofree char *rules_path = g_build_filename (data_dir, "rules.json", NULL);
  g_autofree char *fault = NULL;
  g_autoptr (GbJsonFile) file = gb_json_file_read (path, &fault);
  g_autoptr (GbJsonFile) rules = gb_json_file_read (rules_path, &fault);
  g_assert_null (fault);
  g_assert_cmpuint (gb_json_file_get_line (file, ""), ==, 1);
  g_assert_cmpuint (gb_json_file_get_line (file, "name"), ==, 2);
  g_assert_cmpuint (gb_json_file_get_line (file, "list[1].deep"), ==, 3);
  g_assert_cmpuint (gb_json_file_get_line (file, "list[1].x"), ==, 4);
  g_assert_cmpuint (gb_json_file_get_line (file, "list[1].none"), ==, 3);
  g_assert_cmpuint (gb_json_file_get_line (file, "more"), ==, 5);
  static const char *const expected[] = {
    "faults.json:1: “gone” is missing",
    "faults.json:2: name: “a } \" b” does not have the form ^[a-z]+$",
    "faults.json:3: list: has 2 entries, at least 3 are needed",
    "faults.json:3: list[0]: is not of the type object",
    "faults.json:3: list[1].deep: is not of the type string",
    "faults.json:4: list[1].x: 2 is not one of [ 1, 3 ]",
    "faults.json:5: more: is not a field that is known here",
  };
  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
  gb_i18n_set_language ("en");
  gb_json_schema_check (file, rules->root, problems);
  g_assert_cmpuint (problems->len, ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < problems->len; i++)
    g_assert_cmpstr (g_ptr_array_index (problems, i), ==, expected[i]);
}

static gboolean
says (GPtrArray *problems, const char *text)
{
  for (guint i = 0; i < problems->len; i++)
    if (strstr (g_ptr_array_index (problems, i), text))
      return TRUE;
  return FALSE;
}

/* The rules that no schema can hold, each broken once. */
static void
test_authoring (void)
{
  const char *schemas[] = { "scene", "topic" };
  for (guint i = 0; i < G_N_ELEMENTS (schemas); i++)
    {
      g_autofree char *name = g_strdup_printf ("schemas/%s.schema.json", schemas[i]);
      g_autofree char *path = g_build_filename (gb_paths_get_data_dir (), name, NULL);
      g_autofree char *text = NULL;
      g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
      write_file (name, text);
    }
  write_file ("scenes/good/scene.py", "def g():\n    gb.knob('lr', 1)\n    gb.ask(\"why\")\n");
  write_file ("topics/a/b/topic.json",
              "{\"leaf\": \"a.b\", \"scene\": \"good\", \"tab\": \"f\", \"questions\":"
              " [{\"level\": \"junior\", \"answer\": {\"en\": \"Yes, **so**\", \"zh\": \"要**超过**它\"},"
              " \"wrong\": {\"en\": \"(1-p)**gamma * q**2\"},"
              " \"anchors\": [{\"dimension\": \"basics\", \"4\": {\"en\": \"All\"}}]}]}");
  write_file ("topics/a/b/note.en.md", "Too short. The very same sentence stands here.\n");
  write_file ("topics/a/c/topic.json", "{\"leaf\": \"a.d\", \"scene\": \"none\", \"tab\": \"f\"}");
  write_file ("topics/a/c/note.en.md",
              "# C\nThe very same sentence stands here!\n```python\nimport torch\n```\n"
              "Some **strong and `code.\n\nA [link](nowhere), [half](https://x.y\n\n$\\frac{1$ costs $5.\n\n"
              "Fine: `a ** b`, **so**, [this](https://pytorch.org), $x$.\n\n```python\n");
  g_autoptr (GbLibrary) library = gb_library_new (data_dir);
  gb_i18n_set_language ("en");
  g_autoptr (GPtrArray) problems = gb_authoring_check (library, NULL);
  static const char *const expected[] = {
    "scenes/bad/scene.json:2:",
    "scenes/good/scene.json:1: “summary” is missing",
    "scenes/good/scene.json: tabs[0]: scene.py has no function f",
    "scenes/good/scene.py: gb.ask (\"why\") is not listed in scene.json under predictions",
    "topics/a/b/topic.json:1: questions: has 1 entries, at least 4 are needed",
    "topics/a/b/topic.json: questions[1].level: should be mid",
    "topics/a/b/note.zh.md: is missing",
    "topics/a/b/note.en.md: has 8 words; a note has 150 to 650",
    "topics/a/b/note.en.md: does not begin with a heading",
    "topics/a/b/note.en.md: has no ```python snippet",
    "topics/a/c/topic.json: leaf: the outline has no leaf a.d",
    "topics/a/c/topic.json: leaf: is not the folder's name",
    "topics/a/c/topic.json: scene: there is no scene none",
    "topics/a/c: the two notes do not have the same number of snippets",
    "topics/a/c/note.en.md:6: stray **: strong letters are not closed",
    "topics/a/c/note.en.md:6: a stray `: code is not closed",
    "topics/a/c/note.en.md:8: the link to “nowhere” leads nowhere",
    "topics/a/c/note.en.md:8: stray ](: the link is not whole",
    "topics/a/c/note.en.md:10: a stray $: the formula is not closed",
    "topics/a/c/note.en.md:10: the formula \\frac{1: ",
    "topics/a/c/note.en.md:14: the ``` fence is not closed",
    "topics/a/c: shares a sentence with topics/a/b: “The very same sentence stands here”",
  };
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    if (!says (problems, expected[i]))
      g_error ("nobody says: %s", expected[i]);
  g_assert_false (says (problems, "lr"));
  g_assert_false (says (problems, "note.en.md:12: "));
  guint n_plain = 0;
  for (guint i = 0; i < problems->len; i++)
    n_plain += strstr (g_ptr_array_index (problems, i), "questions[0].answer: has marks of Markdown") != NULL;
  g_assert_cmpuint (n_plain, ==, 2);
  g_assert_false (says (problems, "questions[0].wrong: has marks"));
  g_autoptr (GPtrArray) one = gb_authoring_check (library, "bad");
  g_assert_cmpuint (one->len, ==, 2); /* and the sentence that is shared */
}

/* What is shipped has no fault. */
static void
test_shipped_authoring (void)
{
  g_autoptr (GbLibrary) library = gb_library_new (gb_paths_get_data_dir ());
  g_autoptr (GPtrArray) problems = gb_authoring_check (library, NULL);
  for (guint i = 0; i < problems->len; i++)
    g_test_message ("%s", (char *) g_ptr_array_index (problems, i));
  g_assert_cmpuint (problems->len, ==, 0);
}

/* What authors begin with has the form that is asked of what they end with. */
static void
test_templates (void)
{
  static const char *const kinds[] = { "scene", "topic", "case", "exercise" };
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *rules_name = g_strdup_printf ("schemas/%s.schema.json", kinds[i]);
      g_autofree char *rules_path = g_build_filename (gb_paths_get_data_dir (), rules_name, NULL);
      g_autofree char *name = g_strdup_printf ("templates/%s/%s.json", kinds[i], kinds[i]);
      g_autofree char *path = g_build_filename (gb_paths_get_data_dir (), name, NULL);
      g_autofree char *fault = NULL;
      g_autoptr (GbJsonFile) file = gb_json_file_read (path, &fault);
      g_autoptr (GbJsonFile) rules = gb_json_file_read (rules_path, &fault);
      g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
      g_assert_null (fault);
      gb_json_schema_check (file, rules->root, problems);
      g_assert_cmpuint (problems->len, ==, 0);
    }
}

static void
test_predictions (void)
{
  GbPrediction number = { .kind = "number", .tolerance = 0.01 }, shape = { .kind = "shape" },
               choice = { .kind = "choice" };
  g_assert_true (gb_prediction_agrees (&number, "2.3", "2.3026"));
  g_assert_false (gb_prediction_agrees (&number, "2.4", "2.3026"));
  g_assert_false (gb_prediction_agrees (&number, "two", "0"));
  g_assert_true (gb_prediction_agrees (&shape, "(3, 4)", "[3, 4]"));
  g_assert_true (gb_prediction_agrees (&shape, "3x4", "\"3x4\""));
  g_assert_false (gb_prediction_agrees (&shape, "34", "[3, 4]"));
  g_assert_true (gb_prediction_agrees (&choice, "view", "\"view\""));
  g_assert_false (gb_prediction_agrees (&choice, "", "\"view\""));
}

/* The scenes that are shipped are all sound. */
static void
test_shipped (void)
{
  g_autoptr (GbLibrary) library = gb_library_new (gb_paths_get_data_dir ());
  g_assert_null (gb_library_get_error (library));
  for (guint i = 0; i < gb_library_get_n_scenes (library); i++)
    {
      const GbScene *scene = gb_library_get_scene (library, i);
      g_test_message ("%s", scene->id);
      g_assert_null (scene->error);
      g_assert_nonnull (scene->title.zh);
      g_assert_nonnull (scene->title.en);
      g_assert_cmpuint (g_strv_length (scene->views), >, 0);
      for (guint p = 0; p < scene->predictions->len; p++)
        {
          GbPrediction *prediction = g_ptr_array_index (scene->predictions, p);
          g_assert_nonnull (prediction->prompt.zh);
          g_assert_nonnull (prediction->prompt.en);
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gb_i18n_init (NULL);
  data_dir = g_dir_make_tmp ("gradboard-library-XXXXXX", NULL);
  write_file ("scenes/good/scene.py", "");
  write_file ("scenes/good/scene.json",
              "{\"id\": \"good\", \"title\": {\"zh\": \"好\", \"en\": \"Good\"}, \"leaves\": [\"a.b\"], "
              "\"views\": [\"graph\"],"
              " \"tabs\": [{\"function\": \"f\", \"title\": {\"zh\": \"一\", \"en\": \"One\"}, \"default\": "
              "true}, 3],"
              " \"knobs\": [{\"name\": \"lr\", \"label\": {\"zh\": \"学习率\", \"en\": \"Rate\"}}]}");
  write_file ("scenes/good/questions.json", "{\"questions\": [{\"level\": \"junior\"}]}");
  write_file ("scenes/bad/scene.py", "");
  write_file ("scenes/bad/scene.json", "{\"id\":\n  nonsense}");
  write_file (
      "outline.json",
      "{\"sections\": [{\"id\": \"s\", \"num\": \"1\", \"zh\": \"一\", \"en\": \"One\", \"subsections\":"
      " [{\"id\": \"t\", \"groups\": [{\"id\": \"g\", \"leaves\": [{\"id\": \"a.b\"}]}]}]}],"
      " \"evaluation\": {\"dimensions\": {\"id\": \"e\", \"en\": \"Judged by\", \"items\":"
      " [{\"id\": \"e.group\", \"leaves\": [{\"id\": \"e.a.b\", \"en\": \"Reasons\"}]}]},"
      " \"levels\": {\"id\": \"l\", \"items\": [{\"id\": \"l.high\"}]}, \"strategies\": {\"id\": \"y\", \"items\": []},"
      " \"coding_tasks\": {\"id\": \"k\", \"items\": [{\"id\": \"k.first\"}]}}}");
  g_test_add_func ("/app/library/scenes", test_scenes);
  g_test_add_func ("/app/library/outline", test_outline);
  g_test_add_func ("/app/library/assessment", test_assessment);
  g_test_add_func ("/app/library/topics", test_topics);
  g_test_add_func ("/app/library/watch", test_watch);
  g_test_add_func ("/app/library/faults", test_faults);
  g_test_add_func ("/app/library/authoring", test_authoring);
  g_test_add_func ("/app/library/templates", test_templates);
  g_test_add_func ("/app/library/shipped-authoring", test_shipped_authoring);
  g_test_add_func ("/app/library/predictions", test_predictions);
  g_test_add_func ("/app/library/shipped", test_shipped);
  return g_test_run ();
}
