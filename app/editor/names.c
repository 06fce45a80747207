#include "editor/names.h"

#include <gio/gio.h>
#include <json-c/json.h>
#include <string.h>

struct GbNames
{
  struct json_object *index; /* {path: {name: [kind, signature, text]}} */
};

static const char *const keywords[] = { "and", "as", "assert", "break", "class", "continue", "def", "del", "elif", "else",
                                        "except", "False", "finally", "for", "from", "global", "if", "import", "in", "is",
                                        "lambda", "None", "nonlocal", "not", "or", "pass", "raise", "return", "True", "try",
                                        "while", "with", "yield", "enumerate", "isinstance", "len", "list", "print", "range",
                                        "self", "super", "sorted", "tuple", "zip" };

GbNames *
gb_names_new (const char *file, GError **error)
{
  struct json_object *index = json_object_from_file (file);
  if (!json_object_is_type (index, json_type_object))
    {
      json_object_put (index);
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s is not the index of the torch package", file);
      return NULL;
    }
  GbNames *self = g_new0 (GbNames, 1);
  self->index = index;
  return self;
}

void
gb_names_free (GbNames *self)
{
  if (!self)
    return;
  json_object_put (self->index);
  g_free (self);
}

void
gb_name_free (GbName *name)
{
  g_free (name->name);
  g_free (name->signature);
  g_free (name->text);
  g_free (name->path);
  g_free (name);
}

/* ---- the index ---- */

static struct json_object *
get_members (GbNames *self, const char *path)
{
  struct json_object *members = NULL;
  return json_object_object_get_ex (self->index, path, &members) && json_object_is_type (members, json_type_object) ? members
                                                                                                                     : NULL;
}

static GbNameKind
parse_kind (const char *kind)
{
  return g_strcmp0 (kind, "module") == 0     ? GB_NAME_MODULE
         : g_strcmp0 (kind, "class") == 0    ? GB_NAME_CLASS
         : g_strcmp0 (kind, "function") == 0 ? GB_NAME_FUNCTION
                                             : GB_NAME_VALUE;
}

static char *
dup_entry (struct json_object *row, size_t at)
{
  const char *text = json_object_get_string (json_object_array_get_idx (row, at));
  return text && *text ? g_strdup (text) : NULL;
}

static GbName *
new_name (const char *owner, const char *name, struct json_object *row)
{
  GbName *made = g_new0 (GbName, 1);
  made->name = g_strdup (name);
  made->path = g_strconcat (owner, ".", name, NULL);
  made->kind = GB_NAME_VALUE;
  if (json_object_is_type (row, json_type_array))
    {
      made->kind = parse_kind (json_object_get_string (json_object_array_get_idx (row, 0)));
      made->signature = dup_entry (row, 1);
      made->text = dup_entry (row, 2);
    }
  return made;
}

/* A path of the index, whose last part may be a class or function in the module before it. */
static GbName *
look_up_path (GbNames *self, const char *path)
{
  const char *dot = strrchr (path, '.');
  g_autofree char *owner = dot ? g_strndup (path, (gsize) (dot - path)) : NULL;
  struct json_object *members = owner ? get_members (self, owner) : NULL, *row = NULL;
  return members && json_object_object_get_ex (members, dot + 1, &row) ? new_name (owner, dot + 1, row) : NULL;
}

/* ---- imports ---- */

static void
add_import (GHashTable *imports, const char *owner, const char *item)
{
  g_auto (GStrv) words = g_strsplit_set (item, " \t()", -1);
  g_autoptr (GPtrArray) parts = g_ptr_array_new ();
  for (guint i = 0; words[i]; i++)
    if (*words[i])
      g_ptr_array_add (parts, words[i]);
  if (parts->len == 0)
    return;
  const char *name = parts->pdata[0];
  const char *as = parts->len >= 3 && strcmp (parts->pdata[1], "as") == 0 ? parts->pdata[2] : NULL;
  if (owner)
    g_hash_table_insert (imports, g_strdup (as ? as : name), g_strconcat (owner, ".", name, NULL));
  else if (as)
    g_hash_table_insert (imports, g_strdup (as), g_strdup (name));
  else
    {
      /* import a.b.c binds a. */
      g_autofree char *first = g_strndup (name, strcspn (name, "."));
      g_hash_table_insert (imports, g_strdup (first), g_strdup (first));
    }
}

/* local name -> path, of every import statement that fits on a line. */
static GHashTable *
read_imports (const char *whole)
{
  GHashTable *imports = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_auto (GStrv) lines = g_strsplit (whole, "\n", -1);
  for (guint i = 0; lines[i]; i++)
    {
      const char *line = g_strstrip (lines[i]), *rest = NULL;
      g_autofree char *owner = NULL;
      if (g_str_has_prefix (line, "import "))
        rest = line + strlen ("import ");
      else if (g_str_has_prefix (line, "from ") && (rest = strstr (line, " import ")))
        {
          owner = g_strndup (line + strlen ("from "), (gsize) (rest - line - strlen ("from ")));
          g_strstrip (owner);
          rest += strlen (" import ");
        }
      if (!rest)
        continue;
      g_auto (GStrv) items = g_strsplit (rest, ",", -1);
      for (guint k = 0; items[k]; k++)
        add_import (imports, owner, items[k]);
    }
  return imports;
}

/* "nn.functional" -> "torch.nn.functional"; NULL: its first part was not imported. */
static char *
resolve (GHashTable *imports, const char *dotted)
{
  gsize n = strcspn (dotted, ".");
  g_autofree char *first = g_strndup (dotted, n);
  const char *path = g_hash_table_lookup (imports, first);
  return path ? g_strconcat (path, dotted + n, NULL) : NULL;
}

/* ---- the text before the caret ---- */

static gboolean
is_word (char c)
{
  return g_ascii_isalnum (c) || c == '_';
}

/* Whether the end of a line's beginning stands in a string or a comment: quotes are counted, triple ones as one. */
static gboolean
is_quoted (const char *before)
{
  const char *line = strrchr (before, '\n');
  char quote = 0;
  for (const char *c = line ? line + 1 : before; *c; c++)
    if (quote)
      {
        if (*c == '\\' && c[1])
          c++;
        else if (*c == quote)
          quote = 0;
      }
    else if (*c == '#')
      return TRUE;
    else if (*c == '"' || *c == '\'')
      quote = *c;
  return quote != 0;
}

/* The dotted word that ends where before ends, with its subscripts and calls left out ("a[0].b" gives ".b"). */
static const char *
word_before (const char *before)
{
  const char *start = before + strlen (before);
  while (start > before && (is_word (start[-1]) || start[-1] == '.'))
    start--;
  return start;
}

static void
add_members (GPtrArray *found, GbNames *self, const char *owner, const char *prefix)
{
  struct json_object *members = get_members (self, owner);
  if (!members)
    return;
  json_object_object_foreach (members, name, row)
    if (g_ascii_strncasecmp (name, prefix, strlen (prefix)) == 0)
      g_ptr_array_add (found, new_name (owner, name, row));
}

static void
add_word (GPtrArray *found, GHashTable *seen, const char *word, gsize n, const char *prefix)
{
  gsize length = strlen (prefix);
  if (n <= length || g_ascii_isdigit (*word) || g_ascii_strncasecmp (word, prefix, length) != 0)
    return;
  char *name = g_strndup (word, n);
  if (!g_hash_table_add (seen, name))
    return;
  GbName *made = g_new0 (GbName, 1);
  made->kind = GB_NAME_WORD;
  made->name = g_strdup (name);
  g_ptr_array_add (found, made);
}

/* Words of the text and of the language; of names that were imported, what the index says. */
static void
add_words (GPtrArray *found, GbNames *self, GHashTable *imports, const char *whole, const char *prefix)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GHashTableIter iter;
  gpointer local, path;
  g_hash_table_iter_init (&iter, imports);
  while (g_hash_table_iter_next (&iter, &local, &path))
    if (g_ascii_strncasecmp (local, prefix, strlen (prefix)) == 0 && g_hash_table_add (seen, g_strdup (local)))
      {
        GbName *name = look_up_path (self, path);
        if (!name)
          {
            name = g_new0 (GbName, 1);
            name->kind = GB_NAME_MODULE;
            name->path = g_strdup (path);
          }
        g_free (name->name);
        name->name = g_strdup (local);
        g_ptr_array_add (found, name);
      }
  for (const char *c = whole; *c;)
    {
      const char *start = c;
      while (is_word (*c))
        c++;
      if (c > start)
        add_word (found, seen, start, (gsize) (c - start), prefix);
      else
        c++;
    }
  for (guint i = 0; i < G_N_ELEMENTS (keywords); i++)
    add_word (found, seen, keywords[i], strlen (keywords[i]), prefix);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  const GbName *x = *(GbName *const *) a, *y = *(GbName *const *) b;
  gboolean hidden = *x->name == '_', other_hidden = *y->name == '_';
  return hidden != other_hidden ? (int) hidden - (int) other_hidden : g_ascii_strcasecmp (x->name, y->name);
}

GPtrArray *
gb_names_complete (GbNames *self, const char *before, const char *whole, char **prefix)
{
  GPtrArray *found = g_ptr_array_new_with_free_func ((GDestroyNotify) gb_name_free);
  const char *word = word_before (before), *dot = strrchr (word, '.');
  *prefix = g_strdup (dot ? dot + 1 : word);
  if (is_quoted (before) || g_ascii_isdigit (**prefix) || (dot && g_ascii_isdigit (*word)))
    return found;
  g_autoptr (GHashTable) imports = read_imports (whole);
  if (!dot)
    add_words (found, self, imports, whole, *prefix);
  else
    {
      g_autofree char *base = g_strndup (word, (gsize) (dot - word)), *path = resolve (imports, base);
      if (path && !get_members (self, path) && !look_up_path (self, path))
        return found; /* another package's: nothing is known of it */
      add_members (found, self, path ? path : strcmp (base, "self") == 0 ? "torch.nn.Module" : "torch.Tensor", *prefix);
    }
  g_ptr_array_sort (found, compare_names);
  return found;
}

GbName *
gb_names_lookup (GbNames *self, const char *whole, const char *word)
{
  g_autoptr (GHashTable) imports = read_imports (whole);
  g_autofree char *path = resolve (imports, word);
  if (path)
    return look_up_path (self, path);
  const char *dot = strrchr (word, '.');
  if (!dot)
    return NULL;
  g_autofree char *method = g_strconcat ("torch.Tensor", dot, NULL), *of_module = g_strconcat ("torch.nn.Module", dot, NULL);
  GbName *name = look_up_path (self, method);
  return name ? name : look_up_path (self, of_module);
}
