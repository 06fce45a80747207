#include "ink/ink-keep.h"

#include "common/i18n.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <json-c/json.h>
#include <string.h>
#include <unistd.h>

#define MOST_NBYTES (64u << 20)
#define MOST_LINES  4000 /* beyond which a file is written anew when it is opened */

struct _GbInkKeep
{
  GObject parent_instance;

  GbInk *ink;
  char *folder;
  GHashTable *open; /* interned paths of programs whose marks have been read */
  gboolean failed;
};

static guint failed_signal;

G_DEFINE_FINAL_TYPE (GbInkKeep, gb_ink_keep, G_TYPE_OBJECT)

char *
gb_ink_keep_dup_path (GbInkKeep *self, const char *program)
{
  g_autofree char *sum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, program, -1);
  sum[24] = '\0';
  return g_strdup_printf ("%s/%s.ink", self->folder, sum);
}

static char *
dup_head (const char *program)
{
  struct json_object *json = json_object_new_object ();
  json_object_object_add (json, "gradboard-ink", json_object_new_int (GB_INK_FORMAT));
  json_object_object_add (json, "program", json_object_new_string (program));
  char *head = g_strdup (json_object_to_json_string_ext (json, JSON_C_TO_STRING_PLAIN));
  json_object_put (json);
  return head;
}

static gboolean
is_head (const char *line, const char *program)
{
  struct json_object *json = json_tokener_parse (line), *format = NULL, *of = NULL;
  json_object_object_get_ex (json, "gradboard-ink", &format);
  json_object_object_get_ex (json, "program", &of);
  gboolean ok =
      json_object_get_int (format) == GB_INK_FORMAT && g_strcmp0 (json_object_get_string (of), program) == 0;
  json_object_put (json);
  return ok;
}

static gboolean
write_all (int fd, const char *text)
{
  gsize left = strlen (text);
  while (left)
    {
      gssize n = write (fd, text, left);
      if (n < 0 && errno != EINTR)
        return FALSE;
      if (n > 0)
        text += n, left -= (gsize) n;
    }
  return TRUE;
}

/* Appended in one piece: whatever ends the process, earlier lines are whole. */
static void
on_logged (GbInkKeep *self, const char *program, const char *line)
{
  g_autofree char *path = gb_ink_keep_dup_path (self, program);
  gboolean is_new = !g_file_test (path, G_FILE_TEST_EXISTS);
  g_autofree char *head = is_new ? dup_head (program) : NULL;
  g_autofree char *text =
      is_new ? g_strconcat (head, "\n", line, "\n", NULL) : g_strconcat (line, "\n", NULL);
  g_mkdir_with_parents (self->folder, 0700);
  int fd = g_open (path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  gboolean ok = fd >= 0 && write_all (fd, text);
  if (!ok && !self->failed)
    {
      g_autofree char *message = g_strdup_printf (_ ("The ink is not kept: %s"), g_strerror (errno));
      self->failed = TRUE;
      g_signal_emit (self, failed_signal, 0, message);
    }
  if (fd >= 0)
    close (fd);
}

/* Undone strokes stay in the file until it has grown long. */
static void
write_anew (GbInkKeep *self, const char *program, const char *path)
{
  g_autofree char *head = dup_head (program), *line = gb_ink_dup_line (self->ink, program);
  g_autofree char *text = g_strconcat (head, "\n", line, *line ? "\n" : "", NULL);
  g_file_set_contents (path, text, -1, NULL);
}

void
gb_ink_keep_open (GbInkKeep *self, const char *program)
{
  if (!g_hash_table_add (self->open, (gpointer) g_intern_string (program)))
    return;
  g_autofree char *path = gb_ink_keep_dup_path (self, program), *text = NULL;
  gsize nbytes;
  guint n_lines = 0;
  if (!g_file_get_contents (path, &text, &nbytes, NULL) || nbytes > MOST_NBYTES)
    return;
  char *line = text;
  for (char *end; (end = strchr (line, '\n')) != NULL; line = end + 1, n_lines++)
    {
      *end = '\0';
      if (n_lines == 0 && !is_head (line, program))
        return;
      if (n_lines)
        gb_ink_replay (self->ink, program, line);
    }
  /* What comes after the last end of a line was not written to its end. */
  if (n_lines > MOST_LINES || *line)
    write_anew (self, program, path);
}

void
gb_ink_keep_drop (GbInkKeep *self, const char *program)
{
  g_autofree char *path = gb_ink_keep_dup_path (self, program);
  g_unlink (path);
}

static void
gb_ink_keep_finalize (GObject *object)
{
  GbInkKeep *self = GB_INK_KEEP (object);
  g_clear_object (&self->ink);
  g_free (self->folder);
  g_hash_table_unref (self->open);
  G_OBJECT_CLASS (gb_ink_keep_parent_class)->finalize (object);
}

static void
gb_ink_keep_class_init (GbInkKeepClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gb_ink_keep_finalize;
  failed_signal = g_signal_new ("failed", GB_TYPE_INK_KEEP, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
gb_ink_keep_init (GbInkKeep *self)
{
  self->open = g_hash_table_new (NULL, NULL);
}

GbInkKeep *
gb_ink_keep_new (GbInk *ink, const char *state_dir)
{
  GbInkKeep *self = g_object_new (GB_TYPE_INK_KEEP, NULL);
  self->ink = g_object_ref (ink);
  self->folder = g_build_filename (state_dir, "ink", NULL);
  g_signal_connect_object (ink, "logged", G_CALLBACK (on_logged), self, G_CONNECT_SWAPPED);
  return self;
}
