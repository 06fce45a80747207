#include <glib.h>

#include "ops/dispatch.h"

static bool fail_kernel;
static GString *story;

static bool
kernel (TeOpCall *call, TeError *err)
{
  g_string_append (story, "k");
  if (fail_kernel)
    return te_error_set (err, TE_ERR_VALUE, "no");
  if (!call->outs[0])
    call->outs[0] = te_tensor_alias (call->args[0].tensor, err);
  return call->outs[0] != NULL;
}

static TeOpDef def = { .schema = "f(Tensor self, Scalar alpha=2) -> Tensor", .kernel = kernel };
static TeOp op;

static bool
autograd_before (TeOpCall *call, TeError *err)
{
  g_string_append (story, "a");
  return true;
}
static bool
autograd_after (TeOpCall *call, bool ok, TeError *err)
{
  g_string_append (story, ok ? "A" : "!");
  return true;
}
static bool
trace_before (TeOpCall *call, TeError *err)
{
  g_string_append (story, "t");
  return true;
}
static bool
trace_after (TeOpCall *call, bool ok, TeError *err)
{
  g_string_append (story, ok ? "T" : "?");
  return true;
}

static void
test_order (void)
{
  TeError err;
  te_error_clear (&err);
  TeTensor *a = te_tensor_new_scalar (te_scalar_float (1), TE_FLOAT32, &err);
  story = g_string_new (NULL);
  te_dispatch_set_autograd (&(TeDispatchObserver){ autograd_before, autograd_after });
  te_dispatch_set_trace (&(TeDispatchObserver){ trace_before, trace_after });
  TeTensor *b = te_call (&op, &err, "T", a);
  g_assert_nonnull (b);
  g_assert_cmpstr (story->str, ==, "atkAT");
  g_assert_cmpint (*a->version, ==, 0);
  te_tensor_unref (b);

  g_string_truncate (story, 0);
  fail_kernel = true;
  g_assert_null (te_call (&op, &err, "Ti", a, (int64_t) 3));
  g_assert_cmpstr (story->str, ==, "atk!?");
  g_assert_cmpint (err.kind, ==, TE_ERR_VALUE);
  fail_kernel = false;
  g_assert_cmpint (a->refcount, ==, 1);

  te_dispatch_set_autograd (NULL);
  te_dispatch_set_trace (NULL);
  g_assert_true (te_call_inplace (&op, &err, "T", a));
  g_assert_cmpint (*a->version, ==, 1);
  g_assert_cmpint (a->refcount, ==, 1);
  te_tensor_unref (a);
  g_string_free (story, TRUE);
}

static void
test_interrupt (void)
{
  TeError err;
  te_error_clear (&err);
  TeTensor *a = te_tensor_new_scalar (te_scalar_float (1), TE_FLOAT32, &err);
  story = g_string_new (NULL);
  te_interrupt_set ();
  g_assert_null (te_call (&op, &err, "T", a));
  g_assert_cmpint (err.kind, ==, TE_ERR_INTERRUPT);
  te_interrupt_clear ();
  te_tensor_unref (a);
  g_string_free (story, TRUE);
}

int
main (int argc, char **argv)
{
  TeError err;
  g_test_init (&argc, &argv, NULL);
  te_op_parse (&def, &op, &err);
  g_test_add_func ("/dispatch/order", test_order);
  g_test_add_func ("/dispatch/interrupt", test_interrupt);
  int status = g_test_run ();
  te_op_parse_clear (&op);
  return status;
}
