/* Damaged checkpoints of both forms, read whole and as weights only, and damaged safetensors, npy and npz files: the
 * reader ends with an error or with a document, in bounded time, and never crashes. */
#include <glib.h>
#include <string.h>
#include <time.h>

#include "fuzz.h"
#include "io/checkpoint.h"
#include "io/npy.h"
#include "io/safetensors.h"

static TeIoBuffer zip, legacy, safe, npy, npz;

/* {"weights": [t, its second row], "more": {"n": 3, "deep": ((…))}} */
static TeIoValue *
document (TeIoDocument *doc)
{
  const int64_t sizes[] = { 2, 3 };
  TeError err;
  te_error_clear (&err);
  TeTensor *t = te_tensor_new (2, sizes, TE_FLOAT32, &err);
  TeTensor *row = te_tensor_new_view (t->storage, TE_FLOAT32, 1, sizes + 1, t->strides + 1, 3, &err);
  TeIoValue *root = te_io_container (doc, TE_IO_DICT), *list = te_io_container (doc, TE_IO_LIST), *deep = te_io_int (doc, 3);
  for (int i = 0; i < 20; i++)
    {
      TeIoValue *tuple = te_io_container (doc, TE_IO_TUPLE);
      te_io_append (doc, &tuple->items, deep);
      deep = tuple;
    }
  memset (te_tensor_data (t), 0, 24);
  te_io_append (doc, &list->items, te_io_tensor (doc, t, false, true));
  te_io_append (doc, &list->items, te_io_tensor (doc, row, true, false));
  te_io_append (doc, &root->items, te_io_bytes (doc, TE_IO_STR, "weights", 7));
  te_io_append (doc, &root->items, list);
  te_io_append (doc, &root->items, te_io_bytes (doc, TE_IO_STR, "more", 4));
  te_io_append (doc, &root->items, deep);
  te_tensor_unref (row);
  te_tensor_unref (t);
  return root;
}

typedef enum
{
  ZIP,
  LEGACY,
  SAFETENSORS,
  NPY,
  NPZ,
} Form;

static TeIoValue *
read_npy (TeIoDocument *doc, const char *data, gsize n, TeError *err)
{
  TeTensor *tensor = te_npy_read (data, n, err);
  TeIoValue *value = tensor ? te_io_tensor (doc, tensor, false, false) : NULL;
  te_tensor_unref (tensor);
  return value;
}

static void
read_one (const char *data, gsize n, Form form, gboolean weights_only)
{
  const TeCheckpointOptions options = { .weights_only = weights_only };
  TeError err;
  te_error_clear (&err);
  TeIoDocument *doc = te_io_document_new (&err);
  gsize used;
  TeIoValue *metadata, *root = form == ZIP      ? te_checkpoint_read (doc, data, n, &options, &err)
                               : form == LEGACY ? te_checkpoint_read_legacy (doc, data, n, &options, &used, &err)
                               : form == NPY    ? read_npy (doc, data, n, &err)
                               : form == NPZ    ? te_npz_read (doc, data, n, &err)
                                                : te_safetensors_read (doc, data, n, &metadata, &err);
  g_assert_true (root || err.text[0]);
  te_io_document_free (doc);
}

static void
damage (const TeIoBuffer *good, Form form)
{
  g_autoptr (GRand) rand = fuzz_rand ();
  guint rounds = fuzz_rounds (3000);
  clock_t begin = clock ();
  for (guint i = 0; i < rounds; i++)
    {
      gsize n = i % 4 ? good->n : (gsize) g_rand_int_range (rand, 0, (gint32) good->n);
      g_autofree guint8 *bytes = g_malloc (MAX (n, 1)); /* ends where the bytes end: sanitizers look */
      memcpy (bytes, good->data, n);
      fuzz_mutate (rand, bytes, n);
      read_one ((char *) bytes, n, form, i % 2);
    }
  g_assert_cmpint ((clock () - begin) / rounds, <, CLOCKS_PER_SEC / 100); /* of the processor's time, per file */
}

static void
test_zip (void)
{
  damage (&zip, ZIP);
}

static void
test_legacy (void)
{
  damage (&legacy, LEGACY);
}

static void
test_safetensors (void)
{
  damage (&safe, SAFETENSORS);
}

static void
test_npy (void)
{
  damage (&npy, NPY);
}

static void
test_npz (void)
{
  damage (&npz, NPZ);
}

/* {"w": 2 × 3 float32, "flags": 4 bools}, {"format": "pt"}, in the forms that hold nothing but tensors */
static void
make_named (void)
{
  const int64_t sizes[] = { 2, 3 }, four = 4;
  TeError err;
  te_error_clear (&err);
  TeIoDocument *doc = te_io_document_new (&err);
  TeIoValue *tensors = te_io_container (doc, TE_IO_DICT), *metadata = te_io_container (doc, TE_IO_DICT);
  TeTensor *w = te_tensor_new (2, sizes, TE_FLOAT32, &err), *flags = te_tensor_new (1, &four, TE_BOOL, &err);
  memset (te_tensor_data (w), 0, 24);
  memset (te_tensor_data (flags), 1, 4);
  te_io_append (doc, &tensors->items, te_io_bytes (doc, TE_IO_STR, "w", 1));
  te_io_append (doc, &tensors->items, te_io_tensor (doc, w, false, false));
  te_io_append (doc, &tensors->items, te_io_bytes (doc, TE_IO_STR, "flags", 5));
  te_io_append (doc, &tensors->items, te_io_tensor (doc, flags, false, false));
  te_io_append (doc, &metadata->items, te_io_bytes (doc, TE_IO_STR, "format", 6));
  te_io_append (doc, &metadata->items, te_io_bytes (doc, TE_IO_STR, "pt", 2));
  g_assert_true (te_safetensors_write (&safe, tensors, metadata, &err));
  g_assert_true (te_npy_write (&npy, w, &err));
  g_assert_true (te_npz_write (&npz, tensors, &err));
  te_tensor_unref (w);
  te_tensor_unref (flags);
  te_io_document_free (doc);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  TeError err;
  te_error_clear (&err);
  TeIoDocument *doc = te_io_document_new (&err), *again = te_io_document_new (&err);
  g_assert_true (te_checkpoint_write (&zip, document (doc), "archive", &err));
  g_assert_true (te_checkpoint_write_legacy (&legacy, document (again), &err));
  te_io_document_free (again);
  te_io_document_free (doc);
  make_named ();
  g_test_add_func ("/fuzz/checkpoint/zip", test_zip);
  g_test_add_func ("/fuzz/checkpoint/legacy", test_legacy);
  g_test_add_func ("/fuzz/checkpoint/safetensors", test_safetensors);
  g_test_add_func ("/fuzz/checkpoint/npy", test_npy);
  g_test_add_func ("/fuzz/checkpoint/npz", test_npz);
  int status = g_test_run ();
  te_io_buffer_clear (&zip);
  te_io_buffer_clear (&legacy);
  te_io_buffer_clear (&safe);
  te_io_buffer_clear (&npy);
  te_io_buffer_clear (&npz);
  return status;
}
