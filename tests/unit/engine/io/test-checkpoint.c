/* Checkpoints there and back, with every byte damaged, and with memory running out at every allocation. */
#include <glib.h>
#include <string.h>

#include "base/mem.h"
#include "io/checkpoint.h"

static const TeCheckpointOptions everything = { 0 };

static TeIoValue *
text (TeIoDocument *doc, const char *string)
{
  return te_io_bytes (doc, TE_IO_STR, string, strlen (string));
}

/* {"shared": [t, t[1]], "rest": (7, -2.5, None, b"\xff"), "weight": Parameter} in a buffer. */
static bool
save (TeIoBuffer *out, TeError *err)
{
  const int64_t sizes[] = { 2, 3 };
  TeIoDocument *doc = te_io_document_new (err);
  TeTensor *t = doc ? te_tensor_new (2, sizes, TE_FLOAT32, err) : NULL;
  TeTensor *row =
      t ? te_tensor_new_view (t->storage, TE_FLOAT32, 1, sizes + 1, t->strides + 1, 3, err) : NULL;
  bool ok = row != NULL;
  if (ok)
    {
      for (int i = 0; i < 6; i++)
        ((float *) te_tensor_data (t))[i] = (float) i;
      TeIoValue *root = te_io_container (doc, TE_IO_DICT), *list = te_io_container (doc, TE_IO_LIST);
      TeIoValue *rest = te_io_container (doc, TE_IO_TUPLE);
      ok = root && list && rest && te_io_append (doc, &list->items, te_io_tensor (doc, t, false, false))
           && te_io_append (doc, &list->items, te_io_tensor (doc, row, false, false))
           && te_io_append (doc, &rest->items, te_io_int (doc, 7))
           && te_io_append (doc, &rest->items, te_io_float (doc, -2.5))
           && te_io_append (doc, &rest->items, te_io_none (doc))
           && te_io_append (doc, &rest->items, te_io_bytes (doc, TE_IO_BYTES, "\xff", 1))
           && te_io_append (doc, &root->items, text (doc, "shared")) && te_io_append (doc, &root->items, list)
           && te_io_append (doc, &root->items, text (doc, "rest")) && te_io_append (doc, &root->items, rest)
           && te_io_append (doc, &root->items, text (doc, "weight"))
           && te_io_append (doc, &root->items, te_io_tensor (doc, t, true, true));
      ok = ok && te_checkpoint_write (out, root, "archive", err);
    }
  te_tensor_unref (row);
  te_tensor_unref (t);
  te_io_document_free (doc);
  return ok;
}

static void
check (const char *data, size_t n)
{
  TeError err = { 0 };
  TeIoDocument *doc = te_io_document_new (&err);
  TeIoValue *root = te_checkpoint_read (doc, data, n, &everything, &err);
  g_assert_nonnull (root);
  g_assert_cmpint (root->kind, ==, TE_IO_DICT);
  g_assert_cmpuint (root->items.n, ==, 6);
  TeIoValue *list = root->items.at[1], *rest = root->items.at[3], *weight = root->items.at[5];
  TeTensor *t = list->items.at[0]->tensor.tensor, *row = list->items.at[1]->tensor.tensor;
  g_assert_true (t->storage == row->storage);
  g_assert_cmpint (row->offset, ==, 3);
  g_assert_cmpfloat (((float *) te_tensor_data (row))[2], ==, 5);
  g_assert_cmpint (rest->items.at[0]->i, ==, 7);
  g_assert_cmpfloat (rest->items.at[1]->f, ==, -2.5);
  g_assert_cmpint (rest->items.at[2]->kind, ==, TE_IO_NONE);
  g_assert_true (te_io_is_global (rest->items.at[3]->object.callable, "_codecs", "encode"));
  g_assert_true (weight->tensor.parameter && weight->tensor.requires_grad);
  g_assert_true (weight->tensor.tensor->storage == t->storage);
  te_io_document_free (doc);
}

static void
test_there_and_back (void)
{
  TeError err = { 0 };
  TeIoBuffer out = { NULL }, again = { NULL };
  uint64_t live = te_mem_stats ().live_nbytes;
  g_assert_true (save (&out, &err));
  g_assert_true (save (&again, &err));
  g_assert_cmpmem (out.data, out.n, again.data, again.n); /* the same bytes for the same content */
  check (out.data, out.n);
  te_io_buffer_clear (&out);
  te_io_buffer_clear (&again);
  g_assert_cmpuint (te_mem_stats ().live_nbytes, ==, live);
}

static void
read_damaged (const char *data, size_t n)
{
  TeError err = { 0 };
  TeIoDocument *doc = te_io_document_new (&err);
  if (!te_checkpoint_read (doc, data, n, &everything, &err))
    {
      g_assert_cmpint (err.kind, !=, TE_ERR_NONE);
      g_assert_cmpint (err.text[0], !=, 0);
    }
  te_io_document_free (doc);
}

static void
test_damage (void)
{
  TeError err = { 0 };
  TeIoBuffer out = { NULL };
  g_assert_true (save (&out, &err));
  for (size_t i = 0; i < out.n; i++)
    {
      out.data[i] ^= 0x41;
      read_damaged (out.data, out.n);
      out.data[i] ^= 0x41;
      read_damaged (out.data, i);
    }
  check (out.data, out.n);
  te_io_buffer_clear (&out);
}

/* Pickles that lie about sizes, nest without end or ask for what is not there. */
static void
test_hostile_pickles (void)
{
  static const struct
  {
    const char *bytes;
    size_t n;
  } cases[] = {
#define PICKLE(text) { text, sizeof text - 1 }
    PICKLE (""),
    PICKLE ("."),
    PICKLE ("\x80\x02"),
    PICKLE ("X\xff\xff\xff\xff"),
    PICKLE ("\x8d\xff\xff\xff\xff\xff\xff\xff\xffx."),
    PICKLE ("\x8b\xff\xff\xff\x7f."),
    PICKLE ("tt."),
    PICKLE ("e."),
    PICKLE ("]e."),
    PICKLE ("u."),
    PICKLE ("j\xff\xff\xff\xff."),
    PICKLE ("]r\xff\xff\xff\x7f."),
    PICKLE ("cos\nsystem\n"),
    PICKLE ("NNR."),
    PICKLE ("NN\x81."),
    PICKLE ("K\x01Q."),
    PICKLE ("\x80\xff."),
    PICKLE ("\x93."),
    PICKLE ("I99999999999999999999999999\n"),
  };
  const TePickleHooks hooks = { NULL };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      TeError err = { 0 };
      TeIoDocument *doc = te_io_document_new (&err);
      g_assert_null (te_pickle_read (doc, cases[i].bytes, cases[i].n, &hooks, NULL, &err));
      g_assert_cmpint (err.text[0], !=, 0);
      te_io_document_free (doc);
    }
}

/* What holds itself is freed all the same. */
static void
test_cycle (void)
{
  TeError err = { 0 };
  const TePickleHooks hooks = { NULL };
  TeIoDocument *doc = te_io_document_new (&err);
  TeIoValue *list = te_pickle_read (doc, "]q\0h\0a.", 7, &hooks, NULL, &err);
  g_assert_nonnull (list);
  g_assert_true (list->items.at[0] == list);
  TeIoBuffer out = { NULL };
  g_assert_true (te_pickle_write (&out, list, NULL, NULL, false, &err));
  te_io_buffer_clear (&out);
  te_io_document_free (doc);
}

static void
test_out_of_memory (void)
{
  TeError err = { 0 };
  TeIoBuffer whole = { NULL };
  g_assert_true (save (&whole, &err));
  bool saved = false, loaded = false;
  for (int64_t n = 1; !saved || !loaded; n++)
    {
      TeIoBuffer out = { NULL };
      g_assert_cmpint (n, <, 5000);
      err.kind = TE_ERR_NONE;
      te_mem_fail_after (n);
      saved = save (&out, &err);
      te_mem_fail_after (0);
      te_io_buffer_clear (&out);
      te_mem_fail_after (n);
      TeIoDocument *doc = te_io_document_new (&err);
      loaded = doc && te_checkpoint_read (doc, whole.data, whole.n, &everything, &err);
      te_mem_fail_after (0);
      te_io_document_free (doc);
    }
  te_io_buffer_clear (&whole);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/io/checkpoint/there-and-back", test_there_and_back);
  g_test_add_func ("/io/checkpoint/damage", test_damage);
  g_test_add_func ("/io/checkpoint/hostile-pickles", test_hostile_pickles);
  g_test_add_func ("/io/checkpoint/cycle", test_cycle);
  g_test_add_func ("/io/checkpoint/out-of-memory", test_out_of_memory);
  return g_test_run ();
}
