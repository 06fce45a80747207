#include "editor/document.h"

#include "paths.h"

#include <glib/gstdio.h>
#include <string.h>

static char *state;

static void
spin (guint msec)
{
  gint64 end = g_get_monotonic_time () + msec * 1000;
  while (g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, FALSE);
}

static guint
count_drafts (char **name)
{
  g_autofree char *folder = g_build_filename (gb_paths_get_state_dir (), "journal", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *entry;
  guint n = 0;
  while (dir && (entry = g_dir_read_name (dir)))
    if (g_str_has_suffix (entry, ".draft"))
      {
        n++;
        if (name)
          *name = g_build_filename (folder, entry, NULL);
      }
  return n;
}

/* Pretends that the program which wrote the draft is gone. */
static void
orphan (const char *path)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_assert_true (g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, NULL));
  g_key_file_set_integer (file, "draft", "pid", 0);
  g_assert_true (g_key_file_save_to_file (file, path, NULL));
}

static void
test_survives (void)
{
  const char *text = "print('数')\n\tx = \"\\n\"\n; [draft]\n";
  GbDocument *document = gb_document_new ();
  g_assert_true (gb_document_is_untouched (document));
  gtk_text_buffer_insert_at_cursor (GTK_TEXT_BUFFER (gb_document_get_buffer (document)), text, -1);
  g_assert_true (gb_document_is_modified (document));
  spin (800);
  g_autofree char *path = NULL;
  g_assert_cmpuint (count_drafts (&path), ==, 1);

  /* As after a crash: the file is all there is. */
  orphan (path);
  g_autoptr (GPtrArray) drafts = gb_journal_take_orphans (gb_paths_get_state_dir ());
  g_assert_cmpuint (drafts->len, ==, 1);
  g_autoptr (GbDocument) back = gb_document_new_for_draft (g_ptr_array_index (drafts, 0));
  g_autofree char *restored = gb_document_dup_text (back);
  g_assert_cmpstr (restored, ==, text);
  g_assert_true (gb_document_is_modified (back));
  g_assert_cmpuint (count_drafts (NULL), ==, 1); /* whatever ends the program now */
  gb_document_discard (document);
  g_assert_cmpuint (count_drafts (NULL), ==, 1);
  g_object_unref (document);
  gb_document_discard (back);
  spin (100);
  g_assert_cmpuint (count_drafts (NULL), ==, 0);
}

static void
on_saved (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_assert_true (gb_document_save_finish (GB_DOCUMENT (source), result, &error));
  *(gboolean *) data = TRUE;
}

static void
test_save_clears (void)
{
  g_autoptr (GbDocument) document = gb_document_new ();
  gtk_text_buffer_insert_at_cursor (GTK_TEXT_BUFFER (gb_document_get_buffer (document)), "x = 1", -1);
  spin (700);
  g_assert_cmpuint (count_drafts (NULL), ==, 1);
  g_autofree char *path = g_build_filename (state, "saved.py", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  gboolean saved = FALSE;
  gb_document_save_async (document, file, on_saved, &saved);
  for (guint i = 0; i < 100 && !saved; i++)
    spin (10);
  g_assert_true (saved);
  spin (100);
  g_assert_cmpuint (count_drafts (NULL), ==, 0);
  g_autofree char *text = NULL;
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "x = 1\n");
  g_assert_cmpstr (gb_document_get_title (document), ==, "saved.py");
}

static void
test_damaged (void)
{
  g_autofree char *path = g_build_filename (gb_paths_get_state_dir (), "journal", "1-1-1.draft", NULL);
  g_assert_true (g_file_set_contents (path, "\x01\x02 nonsense", -1, NULL));
  g_autoptr (GPtrArray) drafts = gb_journal_take_orphans (gb_paths_get_state_dir ());
  g_assert_cmpuint (drafts->len, ==, 0);
  g_unlink (path);
}

int
main (int argc, char **argv)
{
  state = g_dir_make_tmp ("gradboard-state-XXXXXX", NULL);
  g_setenv ("XDG_STATE_HOME", state, TRUE);
  g_test_init (&argc, &argv, NULL);
  gtk_init_check ();
  gtk_source_init ();
  g_test_add_func ("/app/journal/survives", test_survives);
  g_test_add_func ("/app/journal/save-clears", test_save_clears);
  g_test_add_func ("/app/journal/damaged", test_damaged);
  return g_test_run ();
}
