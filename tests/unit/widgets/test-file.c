/* Files: what the trace tells of them, beside the net that they meet. */
#include <string.h>

#include "core/dtype.h"
#include "file/file-draw.h"
#include "gallery.h"
#include "models/npy-head.h"
#include "models/trace-builder.h"
#include "models/zip-list.h"
#include "picture-fixture.h"

static const GbFileEntry *
entry_at (const GbFile *file, guint row)
{
  return &g_array_index (file->entries, GbFileEntry, row);
}

static GByteArray *
npy (const char *dict, guint version)
{
  GByteArray *bytes = g_byte_array_new ();
  const guint8 head[] = { 0x93, 'N', 'U', 'M', 'P', 'Y', (guint8) version, 0, (guint8) strlen (dict), 0, 0, 0 };
  g_byte_array_append (bytes, head, version == 1 ? 10 : 12);
  g_byte_array_append (bytes, (const guint8 *) dict, (guint) strlen (dict));
  return bytes;
}

/* Heads of npy files: what they say, whatever numpy's version wrote; and no bytes whatsoever lead astray. */
static void
test_npy_head (void)
{
  static const char *const good = "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }";
  GbNpyHead head;
  const char *why;
  for (guint version = 1; version <= 3; version++)
    {
      g_autoptr (GByteArray) bytes = npy (good, version);
      g_assert_true (gb_npy_head_read (&head, bytes->data, bytes->len, &why));
      g_assert_cmpstr (head.type, ==, "float32");
      g_assert_cmpuint (head.item_nbytes, ==, 4);
      g_assert_true (head.is_fortran && !head.is_swapped);
      g_assert_cmpint (head.ndim, ==, 2);
      g_assert_cmpint (head.sizes[1], ==, 3);
      g_assert_cmpuint (head.begin, ==, bytes->len);
    }
  static const char *const bad[] = { "", "{'descr': '<f4'}", "{'descr': '<f4', 'fortran_order': False, 'shape': (2, -3)}",
                                     "{'descr': '<f4', 'fortran_order': False, 'shape': (2, x)}",
                                     "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,)}",
                                     "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999999,)}" };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GByteArray) bytes = npy (bad[i], 1);
      g_assert_false (gb_npy_head_read (&head, bytes->data, bytes->len, &why));
      g_assert_nonnull (why);
    }
  g_autoptr (GByteArray) scalar = npy ("{'descr': '>i8', 'fortran_order': False, 'shape': ()}", 1);
  g_assert_true (gb_npy_head_read (&head, scalar->data, scalar->len, &why));
  g_assert_true (head.is_swapped && head.ndim == 0);
  /* Any prefix and any byte changed: each in memory of exactly its size. */
  g_autoptr (GByteArray) whole = npy (good, 2);
  for (guint n = 0; n <= whole->len; n++)
    {
      g_autofree guint8 *part = g_memdup2 (whole->data, n);
      gboolean read = gb_npy_head_read (&head, part, n, &why);
      g_assert_true (read == (n == whole->len));
    }
  for (guint round = 0; round < 20000; round++)
    {
      guint n = (guint) g_test_rand_int_range (1, (gint32) whole->len + 1);
      g_autofree guint8 *part = g_memdup2 (whole->data, n);
      for (int k = g_test_rand_int_range (1, 5); k > 0; k--)
        part[g_test_rand_int_range (0, (gint32) n)] = (guint8) g_test_rand_int_range (0, 256);
      if (gb_npy_head_read (&head, part, n, &why))
        g_assert_true (head.ndim <= GB_NPY_MOST_NDIM && head.begin <= n);
    }
}

/* Two members, one of them not packed, as numpy.savez writes them; every prefix and many changed bytes. */
static void
test_zip_list (void)
{
  static const guint8 archive[] = {
    'P', 'K', 3, 4, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 3, 0, 0, 0, 3, 0, 0, 0, 5, 0, 0, 0, 'a', '.', 'n', 'p', 'y',
    'x', 'y', 'z', /* 38 */
    'P', 'K', 1, 2, 20, 3, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 3, 0, 0, 0, 3, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 'a', '.', 'n', 'p', 'y', /* 89 */
    'P', 'K', 1, 2, 20, 3, 20, 0, 0, 0, 8, 0, 0, 0, 0, 0, 1, 2, 3, 4, 2, 0, 0, 0, 9, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 'b', /* 136 */
    'P', 'K', 5, 6, 0, 0, 0, 0, 2, 0, 2, 0, 98, 0, 0, 0, 38, 0, 0, 0, 0, 0 };
  const char *why;
  g_autoptr (GArray) members = gb_zip_list_new (archive, sizeof archive, 10, &why);
  g_assert_nonnull (members);
  g_assert_cmpuint (members->len, ==, 2);
  const GbZipMember *a = &g_array_index (members, GbZipMember, 0), *b = &g_array_index (members, GbZipMember, 1);
  g_assert_cmpstr (a->name, ==, "a.npy");
  g_assert_true (a->is_stored && a->nbytes == 3 && memcmp (a->data, "xyz", 3) == 0);
  g_assert_cmpstr (b->name, ==, "b");
  g_assert_true (!b->is_stored && b->nbytes == 9 && b->data == NULL);
  for (gsize n = 0; n < sizeof archive; n++)
    {
      g_autofree guint8 *part = g_memdup2 (archive, n);
      g_assert_null (gb_zip_list_new (part, n, 10, &why));
      g_assert_true ((why != NULL) == (n >= 4));
    }
  for (guint round = 0; round < 20000; round++)
    {
      g_autofree guint8 *part = g_memdup2 (archive, sizeof archive);
      for (int k = g_test_rand_int_range (1, 6); k > 0; k--)
        part[g_test_rand_int_range (0, (gint32) sizeof archive)] = (guint8) g_test_rand_int_range (0, 256);
      g_autoptr (GArray) some = gb_zip_list_new (part, sizeof archive, 10, &why);
      for (guint i = 0; some && i < some->len; i++)
        {
          const GbZipMember *member = &g_array_index (some, GbZipMember, i);
          g_assert_true (g_utf8_validate (member->name, -1, NULL));
          g_assert_true (member->data == NULL
                         || (member->data >= part && member->data + member->nbytes <= part + sizeof archive));
        }
    }
}

static void
test_archive (void)
{
  g_autoptr (GbTrace) trace = gb_sample_trace_new (GB_SAMPLE_FILES);
  g_autoptr (GbTraceCursor) cursor = gb_trace_cursor_new (trace);
  g_autoptr (GbFiles) files = gb_files_new (cursor, 1);
  const GbFile *file = g_ptr_array_index (files->files, 1);
  guint n_archives;

  g_assert_cmpuint (files->files->len, ==, 3);
  g_assert_cmpuint (gb_files_count (cursor, &n_archives), ==, 3);
  g_assert_cmpuint (n_archives, ==, 2);
  g_assert_cmpint (file->verb, ==, GB_FILE_SAVED);
  g_assert_cmpstr (gb_file_name (file), ==, "last.pt");
  g_assert_cmpuint (file->n_tensors, ==, 5);
  /* A storage that two entries share is there once. */
  g_assert_cmpint (file->tensor_nbytes, ==, 128 + 32 + 4000000 + 4);
  g_assert_true (entry_at (file, 2)->is_shared);
  g_assert_cmpint (entry_at (file, 3)->nbytes, ==, 8);
  g_autofree char *view = gb_file_row_text (file, 3), *scalar = gb_file_row_text (file, 4),
                  *value = gb_file_row_text (file, 5);
  g_assert_cmpstr (view, ==, "sample: float32, 2, 8 B, ▲ its whole storage: 3.81 MiB");
  g_assert_cmpstr (scalar, ==, "step: float32, scalar, 4 B");
  g_assert_cmpstr (value, ==, "epoch: int, 12");
}

static void
test_keys (void)
{
  g_autoptr (GbTrace) trace = gb_sample_trace_new (GB_SAMPLE_FILES);
  g_autoptr (GbTraceCursor) cursor = gb_trace_cursor_new (trace);
  g_autoptr (GbFiles) files = gb_files_new (cursor, -1);
  const GbFile *file = g_ptr_array_index (files->files, 2);

  g_assert_cmpuint (file->n_unexpected, ==, 2);
  g_assert_cmpuint (file->n_missing, ==, 1);
  g_assert_true (entry_at (file, 0)->is_far);
  g_assert_cmpint (entry_at (file, 0)->state, ==, GB_KEY_PLAIN);
  g_assert_cmpint (entry_at (file, 1)->state, ==, GB_KEY_UNEXPECTED);
  g_assert_cmpstr (entry_at (file, 3)->key, ==, "fc.bias");
  g_assert_cmpint (entry_at (file, 3)->state, ==, GB_KEY_MISSING);
  g_autofree char *sentence = gb_file_sentence (file);
  g_assert_nonnull (strstr (sentence, "Beside the net: 1 keys missing, 2 unexpected."));
}

static void
test_text (void)
{
  Fixture f;
  GbFileOptions options = { .file = 0 };

  fixture_open (&f, gb_sample_trace_new (GB_SAMPLE_FILES), 700, 320);
  g_autoptr (GbFileLayout) layout = gb_file_layout_new (f.cursor, &options, &f.ctx);
  g_assert_cmpint (layout->nth, ==, 0);
  g_assert_cmpstr (layout->file->lines[2], ==, "7.0,3.2,1");
  for (int i = 0; i < 3; i++)
    {
      int file, row;
      GbPick pick;
      g_assert_cmpint (gb_file_layout_file_at (layout, 40, gb_row_window_y (&layout->list, (guint) i) + 3),
                       ==, i);
      g_assert_cmpint (
          gb_file_layout_row_at (layout, layout->x + 9, gb_row_window_y (&layout->rows, (guint) i) + 3), ==,
          i);
      gb_file_layout_pick (layout, 2, i - 1, &pick);
      g_assert_true (gb_file_layout_find (layout, &pick, &file, &row));
      g_assert_cmpint (file, ==, 2);
      g_assert_cmpint (row, ==, i - 1);
    }
  fixture_close (&f);
}

/* What no program of ours would write, and more than anybody reads. */
static void
test_odd (void)
{
  static const char *const told[] = {
    "",
    "[]",
    "{\"path\": 3}",
    "{\"entries\": [3, [], [\"a\"], [\"a\", \"b\"], [\"a\", \"float32\", [-1, 9223372036854775807, 4], 0, 0, "
    "4, \"cpu\"], "
    "[\"b\", \"float32\", [\"x\"], \"y\", 0, \"z\", 4], [\"c\", \"nothing\", [2, 2]], [\"d\", \"int\", "
    "null]]}",
  };
  GbTrace *trace = gb_trace_new ();
  g_autoptr (GbTraceBuilder) b = gb_trace_builder_new (trace);
  g_autoptr (GString) many = g_string_new ("{\"path\": \"big.pt\", \"entries\": [");
  GbFileOptions options = { .file = -1 };
  Fixture f;

  fixture_open (&f, trace, 1280, 800);
  for (guint i = 0; i < G_N_ELEMENTS (told); i++)
    {
      gb_trace_builder_event (b, "torch.load", told[i]);
      gb_trace_flush (trace);
      g_autoptr (GbFiles) files = gb_files_new (f.cursor, -1);
      g_autofree char *sentence = gb_file_sentence (g_ptr_array_index (files->files, files->files->len - 1));
      g_assert_nonnull (sentence);
    }
  for (int i = 0; i < 900; i++)
    g_string_append_printf (many, "%s[\"layers.%d.weight\", \"float32\", [64, 64], %d, 0, 16384, \"cpu\"]",
                            i ? ", " : "", i, i);
  g_string_append (many, "], \"more\": 100}");
  gb_trace_builder_event (b, "torch.save", many->str);
  gb_trace_flush (trace);
  for (int pass = 0; pass < 3; pass++)
    {
      GtkSnapshot *snapshot = gtk_snapshot_new ();
      gint64 start = g_get_monotonic_time ();
      g_autoptr (GbFileLayout) layout = gb_file_layout_new (f.cursor, &options, &f.ctx);
      gb_file_draw (layout, &f.ctx, snapshot);
      gsk_render_node_unref (gtk_snapshot_free_to_node (snapshot));
      g_test_message ("900 entries: %.2f ms", (g_get_monotonic_time () - start) / 1e3);
      g_assert_cmpuint (layout->rows.n_rows, ==, 900);
    }
  fixture_close (&f);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gb_export_init ();
  g_test_add_func ("/file/npy-head", test_npy_head);
  g_test_add_func ("/file/zip-list", test_zip_list);
  g_test_add_func ("/file/archive", test_archive);
  g_test_add_func ("/file/keys", test_keys);
  g_test_add_func ("/file/text", test_text);
  g_test_add_func ("/file/odd", test_odd);
  return g_test_run ();
}
