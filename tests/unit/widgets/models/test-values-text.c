/* Numbers to take along. */
#include "core/dtype.h"
#include "models/trace-builder.h"
#include "models/values-text.h"

#include <math.h>
#include <string.h>

typedef struct
{
  GbTrace *trace;
  GbTraceBuilder *b;
  guint32 pos;
} Made;

static void
open_trace (Made *made)
{
  made->trace = gb_trace_new ();
  made->b = gb_trace_builder_new (made->trace);
  gb_trace_builder_source (made->b, "/home/me/program.py", "1\n2\n");
  made->pos = gb_trace_builder_pos (made->b, 1, 0, 1);
}

static void
close_trace (Made *made)
{
  gb_trace_builder_free (made->b);
  g_object_unref (made->trace);
}

/* The tensor in the form, against what is expected. */
static void
expect (int dtype, int ndim, const gint64 *sizes, const double *values, GbValuesForm form, const char *text)
{
  Made made;
  open_trace (&made);
  GbBuiltTensor t = gb_trace_builder_make (made.b, dtype, ndim, sizes);
  gb_trace_builder_op (made.b, "full", 0, made.pos, NULL, 0, NULL, &t);
  gb_trace_builder_name (made.b, &t, "w", made.pos);
  gb_trace_builder_values (made.b, &t, values);
  gb_trace_flush (made.trace);
  g_autoptr (GbTensorValues) known =
      gb_tensor_values_new (made.trace, t.id, gb_trace_get_last_seq (made.trace));
  g_autofree char *got = gb_values_text_of_tensor (known, form);
  g_assert_cmpstr (got, ==, text);
  close_trace (&made);
}

static void
test_tensor (void)
{
  const gint64 two[] = { 2, 2 }, three[] = { 2, 1, 2 }, none[] = { 0, 3 };
  const double matrix[] = { 0.1, -2, NAN, INFINITY }, counts[] = { 1, -20, 300, 4 }, bits[] = { 1, 0, 0, 1 },
               one[] = { 7 };
  expect (TE_FLOAT32, 2, two, matrix, GB_VALUES_PYTHON,
          "import torch\n\nw = torch.tensor([[0.1, -2.0],\n                  [float('nan'), float('inf')]], "
          "dtype=torch.float32)\n");
  expect (TE_FLOAT64, 2, two, (const double[]){ 0.1, 1.0 / 3, 1e-30, 0 }, GB_VALUES_CSV,
          "0.1,0.3333333333333333\r\n1e-30,0\r\n");
  expect (TE_FLOAT32, 2, two, (const double[]){ (float) 0.1, (float) (1.0 / 3), 16777216, 0 }, GB_VALUES_CSV,
          "0.1,0.33333334\r\n16777216,0\r\n");
  expect (TE_INT64, 2, two, counts, GB_VALUES_TEXT, "w  int64  (2, 2)\n  1  -20\n300    4\n");
  expect (TE_BOOL, 2, two, bits, GB_VALUES_CSV, "True,False\r\nFalse,True\r\n");
  expect (TE_INT64, 3, three, counts, GB_VALUES_CSV,
          "dim0,dim1,dim2,value\r\n0,0,0,1\r\n0,0,1,-20\r\n1,0,0,300\r\n1,0,1,4\r\n");
  expect (TE_INT64, 3, three, counts, GB_VALUES_TEXT,
          "w  int64  (2, 1, 2)\n\n[0, :, :]\n1  -20\n\n[1, :, :]\n300  4\n");
  expect (TE_INT64, 0, NULL, one, GB_VALUES_PYTHON,
          "import torch\n\nw = torch.tensor(7, dtype=torch.int64)\n");
  expect (TE_FLOAT32, 2, none, NULL, GB_VALUES_PYTHON,
          "import torch\n\nw = torch.tensor([], dtype=torch.float32).reshape(0, 3)\n");
}

static void
test_unknown (void)
{
  Made made;
  const gint64 sizes[] = { 2 };
  open_trace (&made);
  GbBuiltTensor t = gb_trace_builder_make (made.b, 0, 1, sizes);
  gb_trace_builder_op (made.b, "full", 0, made.pos, NULL, 0, NULL, &t);
  gb_trace_flush (made.trace);
  g_autoptr (GbTensorValues) known =
      gb_tensor_values_new (made.trace, t.id, gb_trace_get_last_seq (made.trace));
  g_assert_null (gb_values_text_of_tensor (known, GB_VALUES_CSV));
  g_assert_null (gb_values_text_of_tensor (NULL, GB_VALUES_CSV));
  close_trace (&made);
}

static void
test_table (void)
{
  Made made;
  const gint64 sizes[] = { 2 };
  open_trace (&made);
  GbBuiltTensor t = gb_trace_builder_make (made.b, 0, 1, sizes);
  gb_trace_builder_op (made.b, "exp", 0, made.pos, NULL, 0, NULL, &t);
  gb_trace_builder_log (made.b, "a \"loss\"", 0.25);
  gb_trace_builder_iteration (made.b);
  gb_trace_flush (made.trace);
  g_autoptr (GbTable) table = gb_table_new (made.trace, gb_trace_get_last_seq (made.trace), GB_TABLE_LOGS);
  g_autofree char *python = gb_values_text_of_table (table, GB_VALUES_PYTHON, NULL);
  g_autofree char *csv = gb_values_text_of_table (table, GB_VALUES_CSV, NULL);
  g_autofree char *text = gb_values_text_of_table (table, GB_VALUES_TEXT, NULL);
  g_assert_true (g_str_has_prefix (python, "rows = [\n    {"));
  g_assert_nonnull (strstr (python, "\"a \\\"loss\\\"\": 0.25"));
  g_assert_nonnull (strstr (csv, "\"a \"\"loss\"\"\""));
  g_assert_nonnull (strstr (text, "0.25"));
  close_trace (&made);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/values-text/tensor", test_tensor);
  g_test_add_func ("/values-text/unknown", test_unknown);
  g_test_add_func ("/values-text/table", test_table);
  return g_test_run ();
}
