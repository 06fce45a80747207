#include "library/library.h"

#include "common/i18n.h"
#include "paths.h"

#include <glib/gstdio.h>

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
      " [{\"id\": \"t\", \"groups\": [{\"id\": \"g\", \"leaves\": [{\"id\": \"a.b\"}]}]}]}]}");
  g_test_add_func ("/app/library/scenes", test_scenes);
  g_test_add_func ("/app/library/outline", test_outline);
  g_test_add_func ("/app/library/predictions", test_predictions);
  g_test_add_func ("/app/library/shipped", test_shipped);
  return g_test_run ();
}
