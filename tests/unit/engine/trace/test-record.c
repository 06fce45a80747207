/* What makes a record well formed: every length is checked against the record's own end. */
#include <glib.h>
#include <string.h>

#include "trace/record.h"

static gboolean
check (gconstpointer bytes, gsize nbytes)
{
  TeError err;
  te_error_clear (&err);
  gboolean ok = te_record_check (bytes, nbytes, &err);
  g_assert_true (ok == (err.kind == TE_ERR_NONE));
  return ok;
}

static void
test_op (void)
{
  struct
  {
    TeRecordOp op;
    guint64 inputs[2];
    char text[8];
  } r = { .op = { .head = { sizeof r, TE_RECORD_OP, 0, 1 }, .n_inputs = 2, .text_nbytes = 5 } };
  g_assert_true (check (&r, sizeof r));
  g_assert_false (check (&r, sizeof r - 8));
  r.op.n_inputs = 3;
  g_assert_false (check (&r, sizeof r));
  r.op.n_inputs = 2;
  r.op.text_nbytes = 9;
  g_assert_false (check (&r, sizeof r));
  r.op.text_nbytes = G_MAXUINT32;
  g_assert_false (check (&r, sizeof r));
  r.op.text_nbytes = 5;
  r.op.head.nbytes = 12;
  g_assert_false (check (&r, sizeof r));
  r.op.head.nbytes = sizeof r;
  r.op.head.type = 99;
  g_assert_false (check (&r, sizeof r));
}

static void
test_values (void)
{
  struct
  {
    TeFactValues fact;
    gint64 sizes[2], strides[2], starts[2], extents[2];
    float data[6];
  } r = { .fact = { .head = { sizeof r, TE_FACT_VALUES, 0, 1 },
                    .data_nbytes = 24,
                    .tensor = { .dtype = 6, .ndim = 2 } },
          .sizes = { 4, 3 },
          .extents = { 2, 3 } };
  g_assert_true (check (&r, sizeof r));
  r.starts[0] = 3; /* 3 + 2 > 4 */
  g_assert_false (check (&r, sizeof r));
  r.starts[0] = 2;
  g_assert_true (check (&r, sizeof r));
  r.extents[1] = G_MAXINT64;
  g_assert_false (check (&r, sizeof r));
  r.extents[1] = 3;
  r.sizes[0] = -1;
  g_assert_false (check (&r, sizeof r));
  r.sizes[0] = 4;
  r.fact.tensor.ndim = 200;
  g_assert_false (check (&r, sizeof r));
  r.fact.tensor.ndim = 2;
  r.fact.tensor.dtype = TE_WIRE_DTYPES;
  g_assert_false (check (&r, sizeof r));
}

static void
test_figure (void)
{
  struct
  {
    TeRecordFigure figure;
    guint8 part[16];
  } r = { .figure = { .head = { sizeof r, TE_RECORD_FIGURE, 0, 1 },
                      .number = 1,
                      .width = 4,
                      .height = 4,
                      .png_nbytes = 40,
                      .at_nbyte = 24,
                      .part_nbytes = 16 } };
  g_assert_true (check (&r, sizeof r));
  r.figure.part_nbytes = 17; /* beyond the record */
  g_assert_false (check (&r, sizeof r));
  r.figure.part_nbytes = 16;
  r.figure.at_nbyte = 25; /* beyond the file */
  g_assert_false (check (&r, sizeof r));
  r.figure.at_nbyte = 24;
  r.figure.width = r.figure.height = 0xffff; /* more pixels than a window could hold */
  g_assert_false (check (&r, sizeof r));
  r.figure.width = r.figure.height = 4;
  r.figure.png_nbytes = TE_FIGURE_MOST_NBYTES + 1;
  g_assert_false (check (&r, sizeof r));
}

static void
test_all_types (void)
{
  /* Random fixed parts never read outside: the bytes end where the heap block ends (sanitizers look). */
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);
  for (int round = 0; round < 20000; round++)
    {
      gsize nbytes = 16 + 8 * g_rand_int_range (rand, 0, 24);
      g_autofree guint8 *bytes = g_malloc (nbytes);
      for (gsize i = 0; i < nbytes; i++)
        bytes[i] = (guint8) g_rand_int_range (rand, 0, round % 3 ? 4 : 256);
      TeRecord *record = (TeRecord *) bytes;
      record->nbytes = (guint32) nbytes;
      record->type = (guint16) (round % 128);
      TeError err;
      te_record_check (bytes, nbytes, &err);
    }
}

static void
test_rings (void)
{
  g_assert_true (te_record_is_detail (TE_FACT_VALUES));
  g_assert_true (te_record_is_detail (TE_RECORD_LINE));
  g_assert_false (te_record_is_detail (TE_RECORD_OP));
  g_assert_false (te_record_is_detail (0));
  g_assert_null (te_record_type_name (60000));
  g_assert_cmpstr (te_record_type_name (TE_RECORD_OP_END), ==, "op-end");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/trace/record/op", test_op);
  g_test_add_func ("/trace/record/values", test_values);
  g_test_add_func ("/trace/record/figure", test_figure);
  g_test_add_func ("/trace/record/all-types", test_all_types);
  g_test_add_func ("/trace/record/rings", test_rings);
  return g_test_run ();
}
