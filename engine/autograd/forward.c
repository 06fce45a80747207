#include "autograd/forward.h"

#include "autograd/backward.h"
#include "autograd/node-private.h"
#include "autograd/saved.h"
#include "base/mem.h"
#include "ops/dispatch.h"

uint64_t te_forward_level;
static uint64_t last_level;

void
te_forward_enter (void)
{
  te_forward_level = ++last_level;
}

bool
te_tensor_set_tangent (TeTensor *self, TeTensor *tangent, TeError *err)
{
  TeAutogradMeta *meta = te_tensor_autograd_meta (self, err);
  if (!meta)
    return false;
  TeTensor *before = meta->tangent;
  meta->tangent = te_tensor_ref (tangent);
  meta->tangent_level = te_forward_level;
  te_tensor_unref (before);
  return true;
}

bool
te_forward_concerns (const TeOpCall *call)
{
  for (int i = 0; i < call->op->n_args; i++)
    {
      const TeValue *value = &call->args[i];
      if (value->kind == TE_VALUE_TENSOR && te_has_tangent (value->tensor))
        return true;
      for (int k = 0; value->kind == TE_VALUE_TENSOR_LIST && k < value->count; k++)
        if (te_has_tangent (value->tensors[k]))
          return true;
    }
  return false;
}

/* Where the edges of a node lead that only says for which inputs its rule is asked. */
static bool
nothing (TeNode *self, TeTensor *const *grads, TeTensor **results, TeError *err)
{
  return true;
}

static TeNode *
nowhere (TeError *err)
{
  static const TeNodeClass klass = { .apply = nothing };
  static TeNode *node;
  if (!node)
    node = te_node_new (&klass, "Nowhere", 1, 0, err);
  return node;
}

/* Everything that one call's tangents are made of; arrays of n_inputs or n_outs, owned. */
typedef struct
{
  TeFlat flat;
  bool *needs;
  TeTensor **tangents, **results; /* of the inputs; what the rule gives for them */
  TeTensor **arriving, **made;    /* stand-ins for the results' gradients; the results' tangents */
  int n_outs;
} Forward;

static TeTensor **
list_of (int n)
{
  size_t nbytes = (size_t) (n + 1) * sizeof (TeTensor *);
  TeTensor **list = te_new_sized (nbytes);
  for (int i = 0; list && i <= n; i++)
    list[i] = NULL;
  return list;
}

static void
list_free (TeTensor **list, int n)
{
  for (int i = 0; list && i < n; i++)
    te_tensor_unref (list[i]);
  te_free_sized (list, (size_t) (n + 1) * sizeof (TeTensor *));
}

static void
forward_clear (Forward *self)
{
  list_free (self->tangents, self->flat.count);
  list_free (self->results, self->flat.count);
  list_free (self->arriving, self->n_outs);
  list_free (self->made, self->n_outs);
  te_free_sized (self->needs, (size_t) self->flat.count + 1);
  te_flat_clear (&self->flat);
}

/* Takes the tangents of the inputs, while their level is open.  *graph: is anything of it to be differentiated? */
static bool
forward_open (Forward *self, const TeOpCall *call, bool *graph, TeError *err)
{
  *self = (Forward){ .n_outs = call->n_outs };
  if (!te_flat_collect (&self->flat, call->op, call->args, err))
    return false;
  int n = self->flat.count;
  self->needs = te_new_sized ((size_t) n + 1);
  self->tangents = list_of (n);
  self->results = list_of (n);
  self->arriving = list_of (call->n_outs);
  self->made = list_of (call->n_outs);
  if (!self->needs || !self->tangents || !self->results || !self->arriving || !self->made)
    return te_error_no_memory (err);
  for (int i = 0; i < n; i++)
    {
      TeTensor *tensor = self->flat.tensors[i], *tangent = tensor ? te_tensor_tangent (tensor) : NULL;
      self->needs[i] = tangent != NULL;
      self->tangents[i] = tangent ? te_tensor_ref (tangent) : NULL;
      *graph = *graph || (tensor && te_tensor_requires_grad (tensor))
               || (tangent && te_tensor_requires_grad (tangent));
    }
  return true;
}

/* The rule, asked about zeros that it can be differentiated by. */
static bool
run_rule (Forward *self, TeOpCall *call, TeError *err)
{
  for (int k = 0; k < self->n_outs; k++)
    if (call->outs[k] && te_dtype_is_inexact (te_tensor_dtype (call->outs[k])))
      {
        TeTensor *plain = te_tensor_alias (call->outs[k], err);
        self->arriving[k] = plain ? te_zeros_like (plain, err) : NULL;
        te_tensor_unref (plain);
        if (!self->arriving[k] || !te_tensor_set_requires_grad (self->arriving[k], true, err))
          return false;
      }
  const TeSavedHooks *hooks = te_saved_hooks;
  te_saved_hooks = NULL; /* nothing of this is kept */
  TeNode *end = nowhere (err), *node = end ? te_record_apart (call, &self->flat, self->needs, end, err) : NULL;
  te_saved_hooks = hooks;
  bool ok = node && node->klass->apply (node, self->arriving, self->results, err);
  te_node_unref (node);
  if (!ok && err->kind == TE_ERR_NOT_IMPLEMENTED)
    return te_error_set (err, TE_ERR_NOT_IMPLEMENTED,
                         "Trying to use forward AD with %s that does not support it because it has not been "
                         "implemented yet.",
                         call->op->name);
  return ok;
}

static bool
differentiate (Forward *self, bool graph, TeError *err)
{
  int n = 0, n_places = 0;
  TeTensor **roots = list_of (self->flat.count), **vectors = list_of (self->flat.count),
           **places = list_of (self->n_outs), **captures = list_of (self->n_outs);
  bool ok = (roots && vectors && places && captures) || te_error_no_memory (err);
  for (int i = 0; ok && i < self->flat.count; i++)
    if (self->needs[i] && self->results[i] && te_tensor_requires_grad (self->results[i]))
      {
        roots[n] = self->results[i];
        vectors[n++] = self->tangents[i];
      }
  for (int k = 0; ok && k < self->n_outs; k++)
    if (self->arriving[k])
      places[n_places++] = self->arriving[k];
  if (ok && n && n_places)
    {
      TeBackwardRequest request = { .roots = roots, .root_grads = vectors, .n_roots = n, .create_graph = graph,
                                    .retain_graph = graph, .inputs = places, .n_inputs = n_places,
                                    .captures = captures, .allow_unused = true };
      ok = te_backward (&request, err);
    }
  for (int k = 0, at = 0; ok && k < self->n_outs; k++)
    if (self->arriving[k])
      {
        self->made[k] = captures[at] ? te_tensor_ref (captures[at]) : te_tensor_alias (self->arriving[k], err);
        ok = self->made[k] != NULL;
        at++;
      }
  list_free (captures, self->n_outs);
  te_free_sized (roots, (size_t) (self->flat.count + 1) * sizeof *roots);
  te_free_sized (vectors, (size_t) (self->flat.count + 1) * sizeof *vectors);
  te_free_sized (places, (size_t) (self->n_outs + 1) * sizeof *places);
  return ok;
}

/* What the result's own node keeps of it is an alias, which a walk at this level is to see with the tangent too. */
static bool
hand_on (TeTensor *out, int output_nr, TeTensor *tangent, TeError *err)
{
  TeNode *node = out->autograd ? out->autograd->grad_fn : NULL;
  if (!node || !te_node_is_recorded_op (node) || node->n_saved <= node->n_edges + output_nr)
    return true;
  TeSaved *kept = &node->saved[node->n_edges + output_nr];
  return !kept->is_output || !kept->tensor || te_tensor_set_tangent (kept->tensor, tangent, err);
}

bool
te_forward_apply (TeOpCall *call, TeError *err)
{
  Forward self;
  bool graph = false, mode = te_grad_mode_set (true);
  bool ok = forward_open (&self, call, &graph, err);
  uint64_t level = te_forward_pause ();
  ok = ok && run_rule (&self, call, err) && differentiate (&self, graph && mode, err);
  te_forward_level = level;
  te_grad_mode_set (mode);
  for (int k = 0; ok && k < self.n_outs; k++)
    if (self.made[k])
      ok = te_tensor_set_tangent (call->outs[k], self.made[k], err) && hand_on (call->outs[k], k, self.made[k], err);
  forward_clear (&self);
  return ok;
}
