#include "checker/submission.h"

#include "common/i18n.h"

#include <string.h>

static void
submission_free (GbSubmission *self)
{
  g_free (self->name);
  gb_text_clear (&self->why);
  g_free (self->text);
  g_free (self->error);
  g_free (self);
}

/* The lines of text up to the marker's, which *text is then behind.  NULL: there is no such line. */
static char *
take_until (const char **text, const char *marker)
{
  gsize n = strlen (marker);
  for (const char *line = *text; *line;)
    {
      const char *end = strchr (line, '\n');
      gsize length = end ? (gsize) (end - line) : strlen (line);
      if (length == n && strncmp (line, marker, n) == 0)
        {
          char *taken = g_strndup (*text, (gsize) (line - *text));
          *text = line + length + (end != NULL);
          return taken;
        }
      line += length + (end != NULL);
    }
  return NULL;
}

/* Where `part` begins as whole lines; *n: how often it does. */
static const char *
find_lines (const char *text, const char *part, guint *n)
{
  const char *found = NULL;
  *n = 0;
  for (const char *at = strstr (text, part); at && *part; at = strstr (at + 1, part))
    if (at == text || at[-1] == '\n')
      {
        found = at;
        ++*n;
      }
  return found;
}

char *
gb_submission_apply (const char *program, const char *edits, char **error)
{
  g_autofree char *text = g_strdup (program);
  g_autofree char *head = take_until (&edits, "<<<<");
  while (head)
    {
      guint n = 0;
      g_autofree char *old = take_until (&edits, "====");
      g_autofree char *new = old ? take_until (&edits, ">>>>") : NULL;
      const char *at = new ? find_lines (text, old, &n) : NULL;
      if (n != 1)
        {
          g_autofree char *first = old ? g_strndup (old, strcspn (old, "\n")) : g_strdup ("<<<<");
          *error = !new ? g_strdup_printf (_ ("“%s”: ==== or >>>> is missing"), first)
                        : g_strdup_printf (_ ("“%s” stands %u times in the program, not once"), first, n);
          return NULL;
        }
      char *edited = g_strdup_printf ("%.*s%s%s", (int) (at - text), text, new, at + strlen (old));
      g_free (text);
      text = edited;
      g_free (head);
      head = take_until (&edits, "<<<<");
    }
  return g_steal_pointer (&text);
}

/* The rest of the first line that begins so, or NULL. */
static char *
find_why (const char *text, const char *prefix)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", 8);
  for (guint i = 0; lines[i]; i++)
    if (g_str_has_prefix (lines[i], prefix))
      return g_strstrip (g_strdup (lines[i] + strlen (prefix)));
  return NULL;
}

static GbSubmission *
read_submission (const char *folder, const char *name, const char *program)
{
  GbSubmission *self = g_new0 (GbSubmission, 1);
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *text = NULL;
  gboolean is_edit = g_str_has_suffix (name, ".edit");
  self->name = g_strdup (name);
  self->is_right = g_str_has_prefix (name, "right-");
  if (!g_file_get_contents (path, &text, NULL, NULL))
    {
      self->error = g_strdup (_ ("cannot be read"));
      return self;
    }
  self->why.en = find_why (text, is_edit ? "en: " : "# en: ");
  self->why.zh = find_why (text, is_edit ? "zh: " : "# zh: ");
  self->text = is_edit ? gb_submission_apply (program ? program : "", text, &self->error) : g_steal_pointer (&text);
  return self;
}

static int
compare_submissions (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(GbSubmission *const *) a)->name, (*(GbSubmission *const *) b)->name);
}

GPtrArray *
gb_submissions_list (const GbCase *which)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) submission_free);
  g_autofree char *folder = g_build_filename (which->folder, gb_case_get_solutions_name (which), NULL);
  g_autofree char *program = gb_case_load_program (which);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  while (dir && (name = g_dir_read_name (dir)))
    if (g_str_has_prefix (name, "right-") || g_str_has_prefix (name, "wrong-"))
      g_ptr_array_add (list, read_submission (folder, name, program));
  g_ptr_array_sort (list, compare_submissions);
  GbSubmission *given = g_new0 (GbSubmission, 1);
  given->name = g_strdup (gb_case_get_program_name (which));
  given->text = g_steal_pointer (&program);
  given->error = given->text ? NULL : g_strdup (_ ("cannot be read"));
  g_ptr_array_add (list, given);
  return list;
}
