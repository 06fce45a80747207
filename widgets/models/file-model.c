#include "models/file-model.h"

#include <json-c/json.h>
#include <string.h>

#include "core/dtype.h"
#include "models/follower.h"
#include "models/npy-head.h"
#include "models/zip-list.h"

#define MOST_FILES 256
#define MOST_LINES 5000
#define HEX_ROW    16
#define MOST_HEX   (HEX_ROW * 512)
#define MOST_MEMBERS 64

static void
entry_clear (gpointer data)
{
  GbFileEntry *entry = data;
  g_free (entry->key);
  g_free (entry->type);
  g_free (entry->shape);
  g_free (entry->place);
  g_free (entry->value);
}

static void
file_free (gpointer data)
{
  GbFile *file = data;
  g_free (file->path);
  g_free (file->format);
  g_array_unref (file->entries);
  g_strfreev (file->lines);
  g_free (file);
}

void
gb_files_free (GbFiles *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->files);
  g_free (self);
}

const char *
gb_file_name (const GbFile *file)
{
  const char *slash = strrchr (file->path, '/');
  return slash && slash[1] ? slash + 1 : file->path;
}

/* ---- where they are told ---- */

typedef struct
{
  guint64 seq;
  GbFileVerb verb;
  char *path, *format;
  guint64 nbytes;
  guint n_more;
} Mention;

typedef struct
{
  GArray *mentions; /* Mention */
  guint n_archives;
} Told;

static void
mention_clear (gpointer data)
{
  g_free (((Mention *) data)->path);
  g_free (((Mention *) data)->format);
}

static char *
dup_text (struct json_object *object)
{
  return g_utf8_make_valid (object ? json_object_get_string (object) : "", -1);
}

static struct json_object *
parse (const TeRecordNamed *record)
{
  g_autofree char *text = g_strndup ((const char *) (record + 1), record->text_nbytes);
  return json_tokener_parse (text);
}

static gboolean
read_mention (Mention *mention, GbTrace *trace, const TeRecord *record)
{
  const TeRecordNamed *named = (const TeRecordNamed *) record;
  const TeRecordFile *read = (const TeRecordFile *) record;
  const char *name = record->type == TE_RECORD_EVENT ? gb_trace_get_string (trace, named->name) : "";
  struct json_object *root, *field;

  *mention = (Mention){ .seq = record->seq, .verb = GB_FILE_READ };
  if (record->type == TE_RECORD_FILE)
    {
      mention->path = g_strdup (gb_trace_get_string (trace, read->path));
      mention->format = g_strdup ("");
      mention->nbytes = read->nbytes;
      return TRUE;
    }
  if (strcmp (name, "torch.save") != 0 && strcmp (name, "torch.load") != 0)
    return FALSE;
  root = parse (named);
  mention->verb = strcmp (name, "torch.save") == 0 ? GB_FILE_SAVED : GB_FILE_LOADED;
  mention->path = dup_text (json_object_object_get_ex (root, "path", &field) ? field : NULL);
  mention->format = dup_text (json_object_object_get_ex (root, "format", &field) ? field : NULL);
  if (json_object_object_get_ex (root, "nbytes", &field))
    mention->nbytes = (guint64) json_object_get_int64 (field);
  if (json_object_object_get_ex (root, "more", &field))
    mention->n_more = (guint) json_object_get_int (field);
  json_object_put (root);
  return TRUE;
}

static void
told_take (gpointer state, GbTrace *trace, const TeRecord *record)
{
  Told *self = state;
  Mention mention;

  if ((record->type != TE_RECORD_FILE && record->type != TE_RECORD_EVENT)
      || !read_mention (&mention, trace, record))
    return;
  if (self->mentions == NULL)
    {
      self->mentions = g_array_new (FALSE, FALSE, sizeof (Mention));
      g_array_set_clear_func (self->mentions, mention_clear);
    }
  if (self->mentions->len >= MOST_FILES)
    g_array_remove_index (self->mentions, 0);
  self->n_archives += mention.verb != GB_FILE_READ;
  g_array_append_val (self->mentions, mention);
}

static void
told_clear (gpointer state)
{
  g_clear_pointer (&((Told *) state)->mentions, g_array_unref);
}

static const GbFollowerClass told_class = {
  .id = "gb-files", .nbytes = sizeof (Told), .take = told_take, .clear = told_clear
};

guint
gb_files_count (GbTraceCursor *cursor, guint *n_archives)
{
  const Told *told = gb_follower_of (gb_trace_cursor_get_trace (cursor), &told_class);

  if (n_archives)
    *n_archives = told->n_archives;
  return told->mentions ? told->mentions->len : 0;
}

/* ---- entries ---- */

static struct json_object *
item (struct json_object *array, guint nth)
{
  return nth < json_object_array_length (array) ? json_object_array_get_idx (array, nth) : NULL;
}

static int
dtype_nbytes (const char *name)
{
  for (int dtype = 0; dtype < TE_DTYPE_COUNT; dtype++)
    if (strcmp (te_dtype_name ((TeDtype) dtype), name) == 0)
      return (int) te_dtype_nbytes ((TeDtype) dtype);
  return 0;
}

static void
read_tensor (GbFile *file, GbFileEntry *entry, struct json_object *array, GHashTable *seen)
{
  struct json_object *sizes = item (array, 2);
  GString *shape = g_string_new (NULL);
  gint64 numel = 1;

  for (guint d = 0; d < json_object_array_length (sizes); d++)
    {
      gint64 size = json_object_get_int64 (item (sizes, d));
      g_string_append_printf (shape, "%s%" G_GINT64_FORMAT, d ? "×" : "", size);
      numel = size >= 0 && (numel == 0 || size <= G_MAXINT64 / 16 / MAX (numel, 1)) ? numel * size : 0;
    }
  entry->shape = g_string_free (shape, FALSE);
  entry->nbytes = numel * dtype_nbytes (entry->type);
  entry->storage = json_object_get_int (item (array, 3));
  entry->storage_nbytes = json_object_get_int64 (item (array, 5));
  entry->place = dup_text (item (array, 6));
  entry->is_far = strcmp (entry->place, "cpu") != 0;
  entry->is_shared = !g_hash_table_add (seen, GINT_TO_POINTER (entry->storage));
  if (!entry->is_shared)
    file->tensor_nbytes += entry->storage_nbytes;
  file->n_tensors++;
}

static void
read_entries (GbFile *file, struct json_object *entries)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);

  for (guint i = 0; json_object_is_type (entries, json_type_array) && i < json_object_array_length (entries);
       i++)
    {
      struct json_object *array = item (entries, i);
      GbFileEntry entry = { .storage = -1 };
      if (!json_object_is_type (array, json_type_array) || json_object_array_length (array) < 3)
        continue;
      entry.key = dup_text (item (array, 0));
      entry.type = dup_text (item (array, 1));
      if (json_object_is_type (item (array, 2), json_type_array) && json_object_array_length (array) >= 7)
        read_tensor (file, &entry, array, seen);
      else
        entry.value = dup_text (item (array, 2));
      g_array_append_val (file->entries, entry);
    }
}

/* ---- what it meets ---- */

static const char *
last_part (const char *key)
{
  const char *at = g_strrstr (key, " / ");
  return at ? at + 3 : key;
}

static gboolean
is_member (GbTrace *trace, guint nth, guint64 seq)
{
  const GbParam *param = gb_trace_get_param (trace, nth);
  const GbModule *module = gb_trace_get_module (trace, param->module);
  GbTensor tensor;

  return module && param->name && gb_trace_get_tensor (trace, param->tensor, seq, &tensor);
}

/* A loaded file beside the net of the program, when they have some name in common: what is in one of them
 * only. */
static void
compare (GbFile *file, GbTrace *trace)
{
  g_autoptr (GHashTable) in_file = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) in_net = g_hash_table_new (g_str_hash, g_str_equal);
  guint n_common = 0, n = file->entries->len;

  for (guint i = 0; i < n; i++)
    {
      const GbFileEntry *entry = &g_array_index (file->entries, GbFileEntry, i);
      if (entry->shape)
        g_hash_table_add (in_file, (gpointer) last_part (entry->key));
    }
  for (guint i = 0; i < gb_trace_get_n_params (trace); i++)
    if (is_member (trace, i, file->seq))
      g_hash_table_add (in_net, (gpointer) gb_trace_get_param (trace, i)->name);
  for (guint i = 0; i < n; i++)
    {
      GbFileEntry *entry = &g_array_index (file->entries, GbFileEntry, i);
      n_common += entry->shape && g_hash_table_contains (in_net, last_part (entry->key));
    }
  if (n_common == 0)
    return;
  for (guint i = 0; i < n; i++)
    {
      GbFileEntry *entry = &g_array_index (file->entries, GbFileEntry, i);
      if (entry->shape && !g_hash_table_contains (in_net, last_part (entry->key)))
        {
          entry->state = GB_KEY_UNEXPECTED;
          file->n_unexpected++;
        }
    }
  for (guint i = 0; i < gb_trace_get_n_params (trace); i++)
    {
      const GbParam *param = gb_trace_get_param (trace, i);
      GbFileEntry entry = { .state = GB_KEY_MISSING, .storage = -1 };
      if (!g_hash_table_remove (in_net, param->name) || g_hash_table_contains (in_file, param->name))
        continue;
      entry.key = g_strdup (param->name);
      entry.type = g_strdup (param->is_buffer ? "buffer" : "parameter");
      g_array_append_val (file->entries, entry);
      file->n_missing++;
    }
}

/* ---- files ---- */

static GbFile *
new_file (const Mention *mention)
{
  GbFile *file = g_new0 (GbFile, 1);

  file->entries = g_array_new (FALSE, TRUE, sizeof (GbFileEntry));
  g_array_set_clear_func (file->entries, entry_clear);
  file->seq = mention->seq;
  file->verb = mention->verb;
  file->path = g_strdup (mention->path);
  file->format = g_strdup (mention->format);
  file->nbytes = mention->nbytes;
  file->n_more = mention->n_more;
  return file;
}

static void
read_archive (GbFile *file, GbTrace *trace, const TeRecordNamed *record)
{
  struct json_object *root = parse (record), *entries;

  file->pos = record->pos;
  if (json_object_object_get_ex (root, "entries", &entries))
    read_entries (file, entries);
  json_object_put (root);
  if (file->verb == GB_FILE_LOADED)
    compare (file, trace);
}

/* "00000080  00 00 80 3f …  ...?" */
static char *
hex_row (const guint8 *bytes, gsize at, gsize n)
{
  GString *row = g_string_new (NULL);
  g_string_append_printf (row, "%08" G_GSIZE_MODIFIER "x ", at);
  for (gsize i = 0; i < HEX_ROW; i++)
    {
      g_string_append (row, i == HEX_ROW / 2 ? "  " : " ");
      if (i < n)
        g_string_append_printf (row, "%02x", bytes[at + i]);
      else
        g_string_append (row, "  ");
    }
  g_string_append (row, "  ");
  for (gsize i = 0; i < n; i++)
    g_string_append_c (row, g_ascii_isprint (bytes[at + i]) ? (char) bytes[at + i] : '.');
  return g_string_free (row, FALSE);
}

/* What the head of an npy file says: "float32 3×4, column by column; elements from byte 128 on". */
static void
add_npy_head (GPtrArray *lines, const char *name, const GbNpyHead *head, gsize nbytes)
{
  GString *text = g_string_new (name);
  g_string_append (text, head->type);
  double expected = head->item_nbytes;
  for (int d = 0; d < head->ndim; d++)
    {
      g_string_append_printf (text, "%s%" G_GINT64_FORMAT, d ? "×" : " ", head->sizes[d]);
      expected *= (double) head->sizes[d];
    }
  g_string_append_printf (text, "  fortran_order=%s  byteorder=%s  begin=%" G_GSIZE_FORMAT, head->is_fortran ? "True" : "False",
                          head->is_swapped ? "swapped" : "native", head->begin);
  if (head->item_nbytes && expected != (double) (nbytes - head->begin))
    g_string_append_printf (text, "  !  %.0f ≠ %" G_GSIZE_FORMAT, expected, nbytes - head->begin);
  g_ptr_array_add (lines, g_string_free (text, FALSE));
}

/* Members of an npz archive, one a line; of those that are not packed what their heads say. */
static gboolean
add_members (GPtrArray *lines, const guint8 *bytes, gsize nbytes, const char **why)
{
  g_autoptr (GArray) members = gb_zip_list_new (bytes, nbytes, MOST_MEMBERS, why);
  for (guint i = 0; members && i < members->len; i++)
    {
      const GbZipMember *member = &g_array_index (members, GbZipMember, i);
      g_autofree char *name = g_strdup_printf ("%s  ", member->name);
      const char *no_npy;
      GbNpyHead head;
      if (member->data && gb_npy_head_read (&head, member->data, member->nbytes, &no_npy))
        add_npy_head (lines, name, &head, member->nbytes);
      else
        g_ptr_array_add (lines, g_strdup_printf ("%s%" G_GUINT64_FORMAT " B%s", name, member->nbytes,
                                                 member->is_stored ? "" : "  deflated"));
    }
  return members != NULL;
}

/* Bytes as they are, below what they say of themselves. */
static void
read_bytes (GbFile *file, const guint8 *bytes, gsize nbytes)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new ();
  GbNpyHead head;
  const char *why;

  if (gb_npy_head_read (&head, bytes, nbytes, &why))
    {
      g_free (file->format);
      file->format = g_strdup_printf ("npy %u", head.version);
      add_npy_head (lines, "", &head, nbytes);
      g_ptr_array_add (lines, g_strdup (""));
    }
  else if (why == NULL && add_members (lines, bytes, nbytes, &why))
    {
      g_free (file->format);
      file->format = g_strdup ("zip");
      g_ptr_array_add (lines, g_strdup (""));
    }
  file->why = why;
  for (gsize at = 0; at < MIN (nbytes, MOST_HEX); at += HEX_ROW)
    g_ptr_array_add (lines, hex_row (bytes, at, MIN (nbytes - at, HEX_ROW)));
  if (nbytes > MOST_HEX)
    g_ptr_array_add (lines, g_strdup ("…"));
  g_ptr_array_add (lines, NULL);
  file->lines = (char **) g_ptr_array_free (g_steal_pointer (&lines), FALSE);
}

static void
read_text (GbFile *file, const TeRecordFile *record)
{
  const char *content = (const char *) (record + 1);

  if (record->content_nbytes == 0)
    return;
  if (memchr (content, '\0', record->content_nbytes) || !g_utf8_validate (content, record->content_nbytes, NULL))
    {
      read_bytes (file, (const guint8 *) content, record->content_nbytes);
      return;
    }
  g_autofree char *text = g_strndup (content, record->content_nbytes);
  file->lines = g_strsplit (text, "\n", MOST_LINES);
}

GbFiles *
gb_files_new (GbTraceCursor *cursor, int of)
{
  GbFiles *self = g_new0 (GbFiles, 1);
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  guint64 position = gb_trace_cursor_get_position (cursor);
  const Told *told = gb_follower_of (trace, &told_class);
  const TeRecord *record;

  self->files = g_ptr_array_new_with_free_func (file_free);
  for (guint i = 0; told->mentions && i < told->mentions->len; i++)
    if (g_array_index (told->mentions, Mention, i).seq <= position)
      g_ptr_array_add (self->files, new_file (&g_array_index (told->mentions, Mention, i)));
  if (self->files->len == 0)
    return self;
  if (of < 0 || of >= (int) self->files->len)
    of = (int) self->files->len - 1;
  GbFile *file = g_ptr_array_index (self->files, of);
  record = gb_trace_get_record (trace, file->seq);
  if (record && record->type == TE_RECORD_FILE)
    read_text (file, (const TeRecordFile *) record);
  else if (record)
    read_archive (file, trace, (const TeRecordNamed *) record);
  return self;
}
