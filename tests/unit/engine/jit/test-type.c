/* Types are made once; what is a kind of what; what two have in common; what a union leaves. */
#include <glib.h>

#include "jit/type.h"

#define TENSOR te_jit_type_simple (TE_JIT_TENSOR)
#define INT    te_jit_type_simple (TE_JIT_INT)
#define FLOAT  te_jit_type_simple (TE_JIT_FLOAT)
#define STR    te_jit_type_simple (TE_JIT_STR)
#define NONE   te_jit_type_simple (TE_JIT_NONE)
#define ANY    te_jit_type_simple (TE_JIT_ANY)

static void
test_made_once (void)
{
  const TeJitType *pair[] = { INT, TENSOR };
  g_assert_true (te_jit_type_list (INT) == te_jit_type_list (INT));
  g_assert_true (te_jit_type_list (INT) != te_jit_type_list (FLOAT));
  g_assert_true (te_jit_type_optional (te_jit_type_optional (INT)) == te_jit_type_optional (INT));
  g_assert_true (te_jit_type_tuple (2, pair, NULL, NULL) == te_jit_type_tuple (2, pair, NULL, NULL));
  g_assert_cmpstr (te_jit_type_list (INT)->text, ==, "int[]");
  g_assert_cmpstr (te_jit_type_list (INT)->annotation, ==, "List[int]");
  g_assert_cmpstr (te_jit_type_dict (STR, TENSOR)->text, ==, "Dict(str, Tensor)");
  g_assert_cmpstr (te_jit_type_optional (INT)->annotation, ==, "Optional[int]");
}

static void
test_is (void)
{
  g_assert_true (te_jit_type_is (INT, te_jit_type_optional (INT)));
  g_assert_true (te_jit_type_is (NONE, te_jit_type_optional (INT)));
  g_assert_false (te_jit_type_is (te_jit_type_optional (INT), INT));
  g_assert_true (te_jit_type_is (INT, te_jit_type_simple (TE_JIT_NUMBER)));
  g_assert_false (te_jit_type_is (STR, te_jit_type_simple (TE_JIT_NUMBER)));
  g_assert_true (te_jit_type_is (te_jit_type_list (STR), ANY));
  g_assert_false (te_jit_type_is (te_jit_type_list (INT), te_jit_type_list (FLOAT)));
}

static void
test_unify (void)
{
  g_assert_true (te_jit_type_unify (INT, NONE) == te_jit_type_optional (INT));
  /* As PyTorch has it: the type of the second, where only it was inferred. */
  g_assert_true (te_jit_type_unify (TENSOR, te_jit_type_inferred_tensor ()) == te_jit_type_inferred_tensor ());
  g_assert_true (te_jit_type_unify (te_jit_type_inferred_tensor (), TENSOR) == TENSOR);
  g_assert_null (te_jit_type_unify (INT, STR));
}

static void
test_unions (void)
{
  const TeJitType *members[] = { STR, INT, STR }, *optional[] = { NONE, INT }, *only[] = { INT };
  const TeJitType *both = te_jit_type_union (3, members);
  g_assert_cmpstr (both->text, ==, "Union(int, str)");
  g_assert_cmpstr (both->annotation, ==, "Union[int, str]");
  g_assert_true (te_jit_type_union (2, optional) == te_jit_type_optional (INT));
  g_assert_true (te_jit_type_union (1, only) == INT);
  g_assert_true (te_jit_type_is (INT, both) && !te_jit_type_is (FLOAT, both));
  g_assert_true (te_jit_type_without (both, 1, only) == STR);
  g_assert_true (te_jit_type_without (te_jit_type_optional (INT), 1, only) == NONE);
  g_assert_null (te_jit_type_without (both, 2, members));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/jit/type/made-once", test_made_once);
  g_test_add_func ("/jit/type/is", test_is);
  g_test_add_func ("/jit/type/unify", test_unify);
  g_test_add_func ("/jit/type/unions", test_unions);
  return g_test_run ();
}
