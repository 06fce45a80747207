/* Builtins of texts, numbers and slices at their edges. */
#include <string.h>

#include "graphs.h"

/* Runs the first overload of name that takes these values; consumes them. */
static TeJitAny
call (const char *name, int n, TeJitAny *in)
{
  int count;
  TeError err;
  TeJitAny out = te_jit_none ();
  te_error_clear (&err);
  const TeJitSchema *const *schemas = te_jit_schemas_find (te_jit_intern (name), &count);
  for (int i = 0; i < count; i++)
    if (schemas[i]->run && te_jit_schema_takes (schemas[i], in, n))
      {
        g_assert_true (schemas[i]->run (in, n, &out, &err));
        break;
      }
  for (int i = 0; i < n; i++)
    te_jit_unref (in[i]);
  return out;
}

static TeJitAny
text (const char *value)
{
  return te_jit_str (value, strlen (value));
}

static void
assert_text (TeJitAny value, const char *wanted)
{
  g_assert_cmpint (value.tag, ==, TE_JIT_V_STR);
  g_assert_cmpstr (value.data->text, ==, wanted);
  te_jit_unref (value);
}

static void
test_texts (void)
{
  assert_text (call ("aten::strip", 1, (TeJitAny[]){ text (" note\n") }), "note");
  assert_text (call ("aten::title", 1, (TeJitAny[]){ text ("ab cD") }), "Ab Cd");
  assert_text (call ("aten::zfill", 2, (TeJitAny[]){ text ("-7"), te_jit_int (4) }), "-007");
  assert_text (call ("aten::center", 2, (TeJitAny[]){ text ("ab"), te_jit_int (5) }), " ab  ");
  assert_text (
      call ("aten::replace", 4, (TeJitAny[]){ text ("aaa"), text ("a"), text ("b"), te_jit_int (2) }), "bba");
  g_assert_cmpint (call ("aten::count", 2, (TeJitAny[]){ text ("aaaa"), text ("aa") }).i, ==, 2);
  g_assert_cmpint (call ("aten::rfind", 2, (TeJitAny[]){ text ("abab"), text ("ab") }).i, ==, 2);
  g_assert_false (call ("aten::endswith", 2, (TeJitAny[]){ text ("a"), text ("long") }).b);
  assert_text (call ("aten::capitalize", 1, (TeJitAny[]){ text ("") }), "");
}

static void
test_slices (void)
{
  const TeJitAny none = te_jit_none ();
  assert_text (call ("aten::slice", 4, (TeJitAny[]){ text ("abcd"), none, none, te_jit_int (-1) }), "dcba");
  assert_text (call ("aten::slice", 4,
                     (TeJitAny[]){ text ("abcd"), te_jit_int (-3), te_jit_int (100), te_jit_int (2) }),
               "bd");
  TeError err;
  TeJitSlice part;
  te_error_clear (&err);
  const TeJitAny least[] = { none, none, te_jit_int (INT64_MIN) }, zero[] = { none, none, te_jit_int (0) };
  g_assert_true (te_jit_slice_of (least, 4, &part, &err));
  g_assert_cmpint (part.n, ==, 1);
  g_assert_true (te_jit_slice_of (least, 0, &part, &err));
  g_assert_cmpint (part.n, ==, 0);
  g_assert_false (te_jit_slice_of (zero, 4, &part, &err));
}

static void
test_numbers (void)
{
  g_assert_cmpint (call ("aten::floordiv", 2, (TeJitAny[]){ te_jit_int (-7), te_jit_int (2) }).i, ==, -4);
  g_assert_cmpint (call ("aten::remainder", 2, (TeJitAny[]){ te_jit_int (-7), te_jit_int (2) }).i, ==, 1);
  g_assert_cmpint (call ("aten::floordiv", 2, (TeJitAny[]){ te_jit_int (INT64_MIN), te_jit_int (-1) }).i, ==,
                   INT64_MIN);
  g_assert_cmpfloat (call ("aten::fmod", 2, (TeJitAny[]){ te_jit_float (7.5), te_jit_int (2) }).f, ==, 1.5);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  graphs_start ();
  g_test_add_func ("/jit/builtins/texts", test_texts);
  g_test_add_func ("/jit/builtins/slices", test_slices);
  g_test_add_func ("/jit/builtins/numbers", test_numbers);
  return g_test_run ();
}
