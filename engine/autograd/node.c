#include "autograd/autograd.h"
#include "autograd/node-private.h"
#include "autograd/observer.h"
#include "autograd/saved.h"

#include <string.h>

#include "base/mem.h"

static uint64_t last_id, last_sequence, n_alive;
static int64_t last_hook_id;
const TeAutogradObserver *te_autograd_observer;

void
te_autograd_set_observer (const TeAutogradObserver *observer)
{
  te_autograd_observer = observer;
}

/* One block holds the node and all its arrays: a scalar op costs one allocation here. */
TeNode *
te_node_new_sized (const TeNodeClass *klass, const char *name, const TeNodeRoom *room, TeError *err)
{
  size_t edges = (size_t) room->n_edges * sizeof (TeEdge), inputs = (size_t) room->n_inputs * sizeof (TeMeta),
         metas = (size_t) room->n_metas * sizeof (TeMeta), saved = (size_t) room->n_saved * sizeof (TeSaved),
         args = (size_t) room->n_args * sizeof (TeValue), tail = (room->n_tail_nbytes + 15) & ~(size_t) 15;
  size_t nbytes = sizeof (TeNode) + edges + inputs + metas + saved + args + tail;
  TeNode *self = nbytes > UINT32_MAX ? NULL : te_new_sized (nbytes);
  if (!self)
    {
      te_error_no_memory (err);
      return NULL;
    }
  char *at = (char *) (self + 1);
  self->refcount = 1;
  self->id = ++last_id;
  n_alive++;
  self->klass = klass;
  self->name = name;
  self->sequence = ++last_sequence;
  self->n_inputs = room->n_inputs;
  self->n_edges = room->n_edges;
  self->n_saved = room->n_saved;
  self->block_nbytes = (uint32_t) nbytes;
  self->edges = (TeEdge *) at, at += edges;
  self->input_metas = (TeMeta *) at, at += inputs;
  self->metas = (TeMeta *) at, at += metas;
  self->saved = (TeSaved *) at, at += saved;
  self->args = (TeValue *) at, at += args;
  self->data = room->n_tail_nbytes ? at : NULL;
  for (int i = 0; i < room->n_inputs; i++)
    self->input_metas[i].dtype = TE_DTYPE_NONE;
  return self;
}

/* te_node_new: a node of a class of one's own, all edges empty, no metas. */
TeNode *
te_node_new (const TeNodeClass *klass, const char *name, int n_inputs, int n_edges, TeError *err)
{
  return te_node_new_sized (klass, name, &(TeNodeRoom){ .n_inputs = n_inputs, .n_edges = n_edges }, err);
}

static void
hook_unref (TeHook *hook)
{
  if (--hook->refcount)
    return;
  if (hook->release)
    hook->release (hook->context);
  te_free (hook);
}

void
te_hooks_free (TeHook *hooks)
{
  while (hooks)
    {
      TeHook *next = hooks->next;
      hooks->next = NULL;
      hook_unref (hooks);
      hooks = next;
    }
}

bool
te_hooks_hold (TeHook *list, TeHeldHooks *held, TeError *err)
{
  held->n = 0;
  for (TeHook *hook = list; hook; hook = hook->next)
    held->n++;
  held->items = held->few;
  if (held->n > (int) (sizeof held->few / sizeof *held->few)
      && !(held->items = te_new_sized ((size_t) held->n * sizeof *held->items)))
    {
      te_error_no_memory (err);
      return false;
    }
  int i = 0;
  for (TeHook *hook = list; hook; hook = hook->next)
    {
      hook->refcount++;
      held->items[i++] = hook;
    }
  return true;
}

void
te_hooks_let_go (TeHeldHooks *held)
{
  for (int i = 0; i < held->n; i++)
    hook_unref (held->items[i]);
  if (held->items != held->few)
    te_free_sized (held->items, (size_t) held->n * sizeof *held->items);
}

void
te_node_release_saved (TeNode *self)
{
  if (self->saved_released || (self->op && self->op->def->flags & TE_OP_KEEPS_EXTRA))
    return;
  self->saved_released = true;
  if (self->klass->release_saved)
    self->klass->release_saved (self);
  bool any = false;
  for (int i = 0; i < self->n_saved; i++)
    {
      any |= te_saved_is_set (&self->saved[i]);
      te_saved_clear (&self->saved[i]);
    }
  if (any && __builtin_expect (te_autograd_observer && te_autograd_observer->saved_released, 0))
    te_autograd_observer->saved_released (self);
}

/* Frees one node whose count is zero.  Whatever it drops that dies in turn is queued by te_node_unref. */
static void
node_free (TeNode *self)
{
  for (int i = 0; i < self->n_saved; i++)
    te_saved_clear (&self->saved[i]);
  if (self->klass->finalize)
    self->klass->finalize (self);
  te_hooks_free (self->pre_hooks);
  te_hooks_free (self->post_hooks);
  for (int i = 0; i < self->n_edges; i++)
    {
      te_node_unref (self->edges[i].node);
      if (self->op)
        te_meta_clear (&self->metas[i]);
    }
  for (int i = 0; i < self->n_inputs; i++)
    te_meta_clear (&self->input_metas[i]);
  n_alive--;
  te_free_sized (self, self->block_nbytes);
}

uint64_t
te_node_last_id (void)
{
  return last_id;
}

uint64_t
te_node_count (void)
{
  return n_alive;
}

/* Dropping the last reference to a chain must not recurse: the first call drains a list that the inner calls
 * (through edges, and through saved tensors' grad_fn) only add to.  The list is linked through `walk`'s
 * neighbour `python`, which a dead node no longer needs. */
void
te_node_unref (TeNode *self)
{
  static TeNode *dead;
  static bool draining;
  if (!self || --self->refcount > 0)
    return;
  self->python = dead;
  dead = self;
  if (draining)
    return;
  draining = true;
  while (dead)
    {
      TeNode *node = dead;
      dead = node->python;
      node->python = NULL;
      node_free (node);
    }
  draining = false;
}

/* te_meta_set: keeps sizes and dtype of tensor (NULL: an argument that was None). */
bool
te_meta_set (TeMeta *meta, const TeTensor *tensor, TeError *err)
{
  if (!tensor)
    {
      meta->dtype = TE_DTYPE_NONE;
      return true;
    }
  int64_t *place = meta->sizes = meta->inline_sizes;
  if (tensor->ndim > TE_INLINE_NDIM)
    {
      place = meta->sizes = te_new_sized (tensor->ndim * sizeof (int64_t));
      if (!place)
        return te_error_no_memory (err);
    }
  for (int i = 0; i < tensor->ndim; i++)
    place[i] = tensor->sizes[i];
  meta->dtype = tensor->dtype;
  meta->ndim = tensor->ndim;
  return true;
}

void
te_meta_clear (TeMeta *meta)
{
  if (meta->sizes && meta->sizes != meta->inline_sizes)
    te_free_sized (meta->sizes, meta->ndim * sizeof (int64_t));
  meta->sizes = NULL;
}

bool
te_node_set_input_meta (TeNode *self, int index, const TeTensor *tensor, TeError *err)
{
  te_meta_clear (&self->input_metas[index]);
  return te_meta_set (&self->input_metas[index], tensor, err);
}

bool
te_node_set_edge (TeNode *self, int index, TeTensor *tensor, TeError *err)
{
  TeEdge edge = { NULL, 0 };
  if (tensor && !te_tensor_gradient_edge (tensor, &edge, err))
    return false;
  te_node_unref (self->edges[index].node);
  self->edges[index] = edge;
  return true;
}

bool
te_node_refuse_freed (TeError *err)
{
  return te_error_set (
      err, TE_ERR_RUNTIME,
      "Trying to backward through the graph a second time (or directly access saved tensors after "
      "they have already been freed). Saved intermediate values of the graph are freed when you call "
      ".backward() or autograd.grad(). Specify retain_graph=True if you need to backward through the "
      "graph a second time or if you need to access saved tensors after calling backward.");
}

TeTensor *
te_node_unpack (TeNode *self, int index, TeError *err)
{
  if (!self->saved_released)
    return te_saved_unpack (&self->saved[index], self, err);
  te_node_refuse_freed (err);
  return NULL;
}

int64_t
te_hook_list_add (TeHook **list, TeHookKind kind, const TeHook *hook, TeError *err)
{
  TeHook *copy = te_new (TeHook);
  if (!copy)
    {
      te_error_no_memory (err);
      return 0;
    }
  *copy = *hook;
  copy->kind = kind;
  copy->next = NULL;
  copy->refcount = 1;
  copy->id = ++last_hook_id;
  while (*list)
    list = &(*list)->next;
  *list = copy;
  return copy->id;
}

void
te_hook_list_remove (TeHook **list, int64_t id)
{
  for (; *list; list = &(*list)->next)
    if ((*list)->id == id)
      {
        TeHook *hook = *list;
        *list = hook->next;
        hook->next = NULL;
        te_hooks_free (hook);
        return;
      }
}

int64_t
te_node_add_hook (TeNode *self, TeHookKind kind, const TeHook *hook, TeError *err)
{
  return te_hook_list_add (kind == TE_HOOK_NODE ? &self->post_hooks : &self->pre_hooks, kind, hook, err);
}

void
te_node_remove_hook (TeNode *self, int64_t id)
{
  te_hook_list_remove (&self->pre_hooks, id);
  te_hook_list_remove (&self->post_hooks, id);
}
