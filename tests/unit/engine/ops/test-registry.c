#include <glib.h>

#include "ops/registry.h"

static void
parse (const char *schema, TeOp *op, TeOpDef *def)
{
  TeError err;
  te_error_clear (&err);
  *def = (TeOpDef){ .schema = schema };
  bool ok = te_op_parse (def, op, &err);
  if (!ok)
    g_test_message ("%s", err.text);
  g_assert_true (ok);
}

static void
test_types_and_defaults (void)
{
  TeOp op;
  TeOpDef def;
  parse ("f.Tensor(Tensor(a!) self, Tensor? other, Tensor?[] indices, Scalar alpha=1, int[2] stride=1, *, "
         "bool keepdim=False, float eps=1e-05, ScalarType? dtype=None, str mode=\"mean\", int[] dims=[0, "
         "-1]) -> Tensor",
         &op, &def);
  g_assert_cmpstr (op.name, ==, "f");
  g_assert_cmpstr (op.overload, ==, "Tensor");
  g_assert_cmpint (op.n_args, ==, 10);
  g_assert_cmpint (op.n_positional, ==, 5);
  g_assert_cmpint (op.args[0].type, ==, TE_ARG_TENSOR);
  g_assert_true (op.args[1].optional && !op.args[0].optional);
  g_assert_cmpint (op.args[2].type, ==, TE_ARG_OPTIONAL_TENSOR_LIST);
  g_assert_cmpint (op.args[3].default_value.scalar.i, ==, 1);
  g_assert_cmpint (op.args[4].list_size, ==, 2);
  g_assert_cmpint (op.args[4].default_value.count, ==, 2);
  g_assert_cmpint (op.args[4].default_value.ints[1], ==, 1);
  g_assert_true (op.args[5].keyword_only && op.args[5].has_default && !op.args[5].default_value.b);
  g_assert_cmpfloat (op.args[6].default_value.f, ==, 1e-05);
  g_assert_true (op.args[7].optional && op.args[7].default_value.kind == TE_VALUE_NONE);
  g_assert_cmpstr (op.args[8].default_value.string, ==, "mean");
  g_assert_cmpint (op.args[9].default_value.ints[1], ==, -1);
  g_assert_cmpint (op.n_returns, ==, 1);
  te_op_parse_clear (&op);
}

static void
test_returns (void)
{
  TeOp op;
  TeOpDef def;
  parse ("max.dim(Tensor self, int dim, bool keepdim=False) -> (Tensor values, Tensor indices)", &op, &def);
  g_assert_cmpint (op.n_returns, ==, 2);
  g_assert_cmpstr (op.return_names[1], ==, "indices");
  te_op_parse_clear (&op);
  parse ("unbind.int(Tensor(a) self, int dim=0) -> Tensor(a)[]", &op, &def);
  g_assert_true (op.returns_list);
  te_op_parse_clear (&op);
}

static void
test_malformed (void)
{
  static const char *const bad[] = { "",
                                     "f",
                                     "f(",
                                     "f(Tensor) -> Tensor",
                                     "f(Thing x) -> Tensor",
                                     "f(Tensor x)",
                                     "f(Tensor x=3) -> Tensor",
                                     "f(str s=\"a) -> Tensor",
                                     "f(int[2 x) -> Tensor",
                                     "f() -> Tensor and more" };
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      TeOp op;
      TeError err;
      TeOpDef def = { .schema = bad[i] };
      te_error_clear (&err);
      g_assert_false (te_op_parse (&def, &op, &err));
      g_assert_cmpint (err.kind, ==, TE_ERR_RUNTIME);
      te_op_parse_clear (&op);
    }
}

/* Every row of every family parses, is found by its full name, and sits among its overloads. */
static void
test_all_rows (void)
{
  TeError err;
  te_error_clear (&err);
  bool ok = te_registry_init (&err);
  if (!ok)
    g_test_message ("%s", err.text);
  g_assert_true (ok);
  for (int i = 0; i < te_registry_count (); i++)
    {
      const TeOp *op = te_registry_get (i);
      g_autofree char *full = g_strdup_printf ("%s.%s", op->name, op->overload);
      int count = 0;
      bool among = false;
      const TeOp *const *overloads = te_registry_overloads (op->name, &count);
      for (int k = 0; k < count; k++)
        among = among || overloads[k] == op;
      g_assert_true (among);
      g_assert_true (te_registry_find (op->name) == overloads[0]);
      if (te_registry_find (full) != op)
        g_error ("two rows are named %s", full);
      g_assert_nonnull (op->def->kernel);
      if (!(op->def->flags & (TE_OP_NONDIFF | TE_OP_COMPOSITE)) && op->def->backward && !op->def->node)
        g_error ("%s has a backward rule and no node name", full);
    }
  g_assert_null (te_registry_find ("no_such_op"));
  g_assert_null (te_registry_find ("no_such_op.Tensor"));
  g_assert_null (te_registry_get (-1));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/registry/types-and-defaults", test_types_and_defaults);
  g_test_add_func ("/registry/returns", test_returns);
  g_test_add_func ("/registry/malformed", test_malformed);
  g_test_add_func ("/registry/all-rows", test_all_rows);
  return g_test_run ();
}
