/* What programs write: listed by path, saved without following links, gone with the window. */
#include "board/written-files.h"

#include <glib/gstdio.h>
#include <unistd.h>

static void
write_file (GbWrittenFiles *files, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (gb_written_files_get_folder (files, NULL), name, NULL);
  g_autoptr (GError) error = NULL;
  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
  gb_written_files_note (files, name, strlen (text));
}

static char *
dup_list (GbWrittenFiles *files)
{
  GString *text = g_string_new (NULL);
  GListModel *model = gb_written_files_get_model (files);
  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (GbWrittenFile) file = g_list_model_get_item (model, i);
      g_string_append_printf (text, "%s:%" G_GUINT64_FORMAT " ", gb_written_file_get_path (file),
                              gb_written_file_get_nbytes (file));
    }
  return g_string_free (text, FALSE);
}

static void
assert_list (GbWrittenFiles *files, const char *expected)
{
  g_autofree char *text = dup_list (files);
  g_assert_cmpstr (text, ==, expected);
}

static void
on_saved (GObject *source, GAsyncResult *result, gpointer data)
{
  *(int *) data = gb_written_files_save_finish (GB_WRITTEN_FILES (source), result, NULL) ? 1 : 2;
}

/* 1: saved, 2: refused */
static int
save_first (GbWrittenFiles *files, const char *target)
{
  int outcome = 0;
  g_autoptr (GFile) to = g_file_new_for_path (target);
  g_autoptr (GbWrittenFile) file = g_list_model_get_item (gb_written_files_get_model (files), 0);
  gb_written_files_save_async (files, file, to, on_saved, &outcome);
  while (!outcome)
    g_main_context_iteration (NULL, TRUE);
  return outcome;
}

static void
test_listed (void)
{
  g_autoptr (GbWrittenFiles) files = gb_written_files_new ();
  write_file (files, "b.txt", "bb");
  write_file (files, "a.txt", "a");
  assert_list (files, "a.txt:1 b.txt:2 ");
  write_file (files, "a.txt", "longer");
  assert_list (files, "a.txt:6 b.txt:2 ");
  g_autofree char *gone = g_build_filename (gb_written_files_get_folder (files, NULL), "b.txt", NULL);
  g_unlink (gone);
  write_file (files, "c.txt", "");
  write_file (files, ".cache", "not the person's");
  gb_written_files_note (files, "runs/.cache", 1);
  assert_list (files, "a.txt:6 c.txt:0 ");
}

static void
test_saved (void)
{
  g_autoptr (GbWrittenFiles) files = gb_written_files_new ();
  g_autofree char *folder = g_dir_make_tmp ("gradboard-test-XXXXXX", NULL);
  g_autofree char *target = g_build_filename (folder, "kept.txt", NULL), *text = NULL;
  write_file (files, "a.txt", "content");
  g_assert_cmpint (save_first (files, target), ==, 1);
  g_assert_true (g_file_get_contents (target, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "content");
  /* A link in the file's place would show what the program itself may not read. */
  g_autofree char *path = g_build_filename (gb_written_files_get_folder (files, NULL), "a.txt", NULL);
  g_unlink (path);
  g_assert_cmpint (symlink ("/etc/passwd", path), ==, 0);
  g_unlink (target);
  g_assert_cmpint (save_first (files, target), ==, 2);
  g_assert_false (g_file_test (target, G_FILE_TEST_EXISTS | G_FILE_TEST_IS_SYMLINK));
  g_rmdir (folder);
}

static void
test_gone (void)
{
  GbWrittenFiles *files = gb_written_files_new ();
  g_autofree char *folder = g_strdup (gb_written_files_get_folder (files, NULL));
  g_autofree char *nested = g_build_filename (folder, "runs", NULL);
  g_mkdir (nested, 0700);
  write_file (files, "runs/a.txt", "a");
  g_assert_cmpstr (gb_written_files_get_folder (files, NULL), ==, folder);
  g_object_unref (files);
  g_assert_false (g_file_test (folder, G_FILE_TEST_EXISTS));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/written-files/listed", test_listed);
  g_test_add_func ("/written-files/saved", test_saved);
  g_test_add_func ("/written-files/gone", test_gone);
  return g_test_run ();
}
