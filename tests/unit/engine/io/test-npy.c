/* npy and npz files: those that numpy writes byte for byte, there and back, damaged, and without memory. */
#include <glib.h>
#include <string.h>

#include "base/mem.h"
#include "io/npy.h"

/* numpy.save of a header's text: the magic number, version 1.0, 118 bytes of text and spaces, a newline. */
static GByteArray *
file (const char *text, const void *elements, gsize n)
{
  GByteArray *bytes = g_byte_array_new ();
  char header[128];
  memset (header, ' ', sizeof header);
  memcpy (header, "\x93NUMPY\x01\x00\x76\x00", 10);
  memcpy (header + 10, text, strlen (text));
  header[127] = '\n';
  g_byte_array_append (bytes, (guint8 *) header, sizeof header);
  g_byte_array_append (bytes, elements, (guint) n);
  return bytes;
}

static TeTensor *
read_ok (GByteArray *bytes)
{
  TeError err = { 0 };
  TeTensor *tensor = te_npy_read (bytes->data, bytes->len, &err);
  g_assert_cmpstr (err.text, ==, "");
  g_assert_nonnull (tensor);
  g_byte_array_unref (bytes);
  return tensor;
}

static void
assert_written (const TeTensor *tensor, GByteArray *bytes)
{
  TeError err = { 0 };
  TeIoBuffer out = { NULL };
  g_assert_true (te_npy_write (&out, tensor, &err));
  g_assert_cmpmem (out.data, out.n, bytes->data, bytes->len);
  te_io_buffer_clear (&out);
  g_byte_array_unref (bytes);
}

static void
test_orders (void)
{
  const gint16 values[] = { 0, 1, 2, 3, 4, 5 };
  const char *c = "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 3), }",
             *f = "{'descr': '<i2', 'fortran_order': True, 'shape': (2, 3), }";
  TeTensor *t = read_ok (file (c, values, sizeof values));
  g_assert_true (te_tensor_dtype (t) == TE_INT16 && t->ndim == 2 && t->sizes[1] == 3 && t->strides[0] == 3);
  assert_written (t, file (c, values, sizeof values));
  te_tensor_unref (t);
  t = read_ok (file (f, values, sizeof values));
  g_assert_true (t->strides[0] == 1 && t->strides[1] == 2);
  assert_written (t, file (f, values, sizeof values));
  te_tensor_unref (t);
}

static void
test_byte_order (void)
{
  const guint8 big[] = { 0x3f, 0x80, 0, 0, 0xc0, 0, 0, 0 }; /* 1, -2 */
  TeTensor *t = read_ok (file ("{'descr': '>f4', 'fortran_order': False, 'shape': (2,), }", big, sizeof big));
  g_assert_true (((float *) te_tensor_data (t))[0] == 1 && ((float *) te_tensor_data (t))[1] == -2);
  te_tensor_unref (t);
  t = read_ok (file ("{'descr': '>c8', 'fortran_order': False, 'shape': (), }", big, sizeof big));
  g_assert_true (t->ndim == 0 && *(TeComplex64 *) te_tensor_data (t) == 1 - 2 * (TeComplex64) __builtin_complex (0.f, 1.f));
  const float little[] = { 1, -2 };
  assert_written (t, file ("{'descr': '<c8', 'fortran_order': False, 'shape': (), }", little, sizeof little));
  te_tensor_unref (t);
}

static void
test_bool_and_empty (void)
{
  const guint8 odd[] = { 0, 1, 255 }, plain[] = { 0, 1, 1 };
  const char *bools = "{'descr': '|b1', 'fortran_order': False, 'shape': (3,), }",
             *none = "{'descr': '<c16', 'fortran_order': False, 'shape': (2, 0, 4), }";
  TeTensor *t = read_ok (file (bools, odd, sizeof odd));
  assert_written (t, file (bools, plain, sizeof plain));
  te_tensor_unref (t);
  t = read_ok (file (none, NULL, 0));
  g_assert_true (t->numel == 0 && t->strides[0] == 4);
  assert_written (t, file (none, NULL, 0));
  te_tensor_unref (t);
}

static void
test_refused (void)
{
  static const struct
  {
    const char *text;
    TeErrKind kind;
  } cases[] = {
    { "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", TE_ERR_VALUE },
    { "{'descr': '<u2', 'fortran_order': False, 'shape': (1,), }", TE_ERR_TYPE },
    { "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", TE_ERR_TYPE },
    { "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }", TE_ERR_VALUE },
    { "{'descr': '<f4', 'fortran_order': False, 'shape': (0, 4611686018427387904, 4), }", TE_ERR_VALUE },
    { "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4), }", TE_ERR_VALUE },
    { "{'descr': '<f4', 'fortran_order': __import__, 'shape': (1,), }", TE_ERR_VALUE },
    { "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), } + 1", TE_ERR_VALUE },
    { "{'descr': '<f4', 'fortran_order': False}", TE_ERR_VALUE },
  };
  const guint8 zeros[8] = { 0 };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      TeError err = { 0 };
      g_autoptr (GByteArray) bytes = file (cases[i].text, zeros, sizeof zeros);
      g_assert_null (te_npy_read (bytes->data, bytes->len, &err));
      g_assert_cmpint (err.kind, ==, cases[i].kind);
      g_assert_cmpint (err.text[0], !=, 0);
    }
}

/* {"x": 2 × 3, "y": its transpose} */
static bool
save (TeIoBuffer *out, TeError *err)
{
  const int64_t sizes[] = { 2, 3 }, flipped[] = { 3, 2 }, strides[] = { 1, 3 };
  TeIoDocument *doc = te_io_document_new (err);
  TeTensor *x = doc ? te_tensor_new (2, sizes, TE_FLOAT64, err) : NULL;
  TeTensor *y = x ? te_tensor_new_view (x->storage, TE_FLOAT64, 2, flipped, strides, 0, err) : NULL;
  TeIoValue *dict = y ? te_io_container (doc, TE_IO_DICT) : NULL;
  for (int i = 0; y && i < 6; i++)
    ((double *) te_tensor_data (x))[i] = i;
  bool ok = dict && te_io_append (doc, &dict->items, te_io_bytes (doc, TE_IO_STR, "x", 1))
            && te_io_append (doc, &dict->items, te_io_tensor (doc, x, false, false))
            && te_io_append (doc, &dict->items, te_io_bytes (doc, TE_IO_STR, "y", 1))
            && te_io_append (doc, &dict->items, te_io_tensor (doc, y, false, false)) && te_npz_write (out, dict, err);
  te_tensor_unref (x);
  te_tensor_unref (y);
  te_io_document_free (doc);
  return ok;
}

static void
test_archive (void)
{
  TeError err = { 0 };
  TeIoBuffer out = { NULL };
  uint64_t live = te_mem_stats ().live_nbytes;
  g_assert_true (save (&out, &err));
  TeIoDocument *doc = te_io_document_new (&err);
  TeIoValue *dict = te_npz_read (doc, out.data, out.n, &err);
  g_assert_nonnull (dict);
  g_assert_cmpuint (dict->items.n, ==, 4);
  g_assert_cmpstr (dict->items.at[2]->bytes.data, ==, "y");
  const TeTensor *y = dict->items.at[3]->tensor.tensor;
  g_assert_true (y->sizes[0] == 3 && y->strides[1] == 3 && ((double *) te_tensor_data (y))[4] == 4);
  te_io_document_free (doc);
  for (size_t i = 0; i < out.n; i++)
    {
      out.data[i] ^= 0x41;
      doc = te_io_document_new (&err);
      g_assert_true (te_npz_read (doc, out.data, out.n, &err) || err.text[0]);
      te_io_document_free (doc);
      out.data[i] ^= 0x41;
    }
  te_io_buffer_clear (&out);
  g_assert_cmpuint (te_mem_stats ().live_nbytes, ==, live);
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
      g_assert_cmpint (n, <, 1000);
      te_mem_fail_after (n);
      saved = save (&out, &err);
      te_mem_fail_after (0);
      te_io_buffer_clear (&out);
      te_mem_fail_after (n);
      TeIoDocument *doc = te_io_document_new (&err);
      loaded = doc && te_npz_read (doc, whole.data, whole.n, &err);
      te_mem_fail_after (0);
      te_io_document_free (doc);
    }
  te_io_buffer_clear (&whole);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/io/npy/orders", test_orders);
  g_test_add_func ("/io/npy/byte-order", test_byte_order);
  g_test_add_func ("/io/npy/bool-and-empty", test_bool_and_empty);
  g_test_add_func ("/io/npy/refused", test_refused);
  g_test_add_func ("/io/npy/archive", test_archive);
  g_test_add_func ("/io/npy/out-of-memory", test_out_of_memory);
  return g_test_run ();
}
