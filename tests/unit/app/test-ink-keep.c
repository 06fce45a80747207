/* Ink on disk: written as it happens, whole up to where the process ended. */
#include "ink/ink-keep.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

static GbInkMark *
new_mark (const char *program, const char *words)
{
  GbInkMark *mark = gb_ink_mark_new (GB_INK_TEXT, program, "graph");
  gb_ink_mark_take_anchor (mark, &(GbInkAnchor){ .kind = GB_INK_ON_WHOLE, .unit = 1 });
  gb_ink_mark_add_point (mark, 1, 2, 0.5);
  mark->width = 13;
  mark->text = g_strdup (words);
  return mark;
}

static guint
n_kept (const char *folder, const char *program)
{
  g_autoptr (GbInk) ink = gb_ink_new ();
  g_autoptr (GbInkKeep) keep = gb_ink_keep_new (ink, folder);
  gb_ink_keep_open (keep, program);
  gb_ink_keep_open (keep, program);
  return gb_ink_get_n (ink);
}

static void
test_keep (void)
{
  g_autofree char *folder = g_dir_make_tmp ("gradboard-ink-XXXXXX", NULL);
  g_autoptr (GbInk) ink = gb_ink_new ();
  g_autoptr (GbInkKeep) keep = gb_ink_keep_new (ink, folder);
  gb_ink_keep_open (keep, "/a.py");
  for (int i = 0; i < 3; i++)
    gb_ink_add (ink, new_mark ("/a.py", "一"));
  gb_ink_add (ink, new_mark ("/b.py", "2"));
  g_assert_cmpuint (n_kept (folder, "/a.py"), ==, 3);
  g_assert_cmpuint (n_kept (folder, "/b.py"), ==, 1);
  gb_ink_undo (ink);
  gb_ink_undo (ink);
  g_assert_cmpuint (n_kept (folder, "/a.py"), ==, 2);
  g_assert_cmpuint (n_kept (folder, "/b.py"), ==, 0);
  /* A line that was cut off takes nothing with it, and what is written next is read again. */
  g_autofree char *path = gb_ink_keep_dup_path (keep, "/a.py"), *text = NULL;
  gsize nbytes;
  g_assert_true (g_file_get_contents (path, &text, &nbytes, NULL));
  g_assert_cmpint (truncate (path, (off_t) nbytes - 9), ==, 0);
  g_assert_cmpuint (n_kept (folder, "/a.py"), ==, 3); /* the last undo */
  gb_ink_add (ink, new_mark ("/a.py", "more"));
  g_assert_cmpuint (n_kept (folder, "/a.py"), ==, 4);
  /* A file of another program or version is no ink of this one. */
  g_assert_true (g_file_set_contents (path, "{\"gradboard-ink\":99,\"program\":\"/a.py\"}\n", -1, NULL));
  g_assert_cmpuint (n_kept (folder, "/a.py"), ==, 0);
  gb_ink_keep_drop (keep, "/b.py");
  g_autofree char *other = gb_ink_keep_dup_path (keep, "/b.py"),
                  *inner = g_build_filename (folder, "ink", NULL);
  g_assert_false (g_file_test (other, G_FILE_TEST_EXISTS));
  g_unlink (path);
  g_rmdir (inner);
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ink-keep/keep", test_keep);
  return g_test_run ();
}
