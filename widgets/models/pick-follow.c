#include "models/pick-follow.h"

#include <string.h>

void
gb_pick_follow (GbTrace *trace, const GbPick *pick, guint64 seq, GbPick *now)
{
  GbTensor then, there;
  guint64 tensor = pick->facets & (GB_PICK_TENSOR | GB_PICK_ELEMENT) ? pick->tensor : 0, followed;
  GbOp op;

  *now = *pick;
  if ((pick->facets & GB_PICK_OP) && gb_trace_get_op (trace, pick->call, &op)
      && gb_trace_op_output (trace, &op, 0, &then))
    tensor = then.tensor;
  if (tensor == 0 || (pick->facets & (GB_PICK_ITERATION | GB_PICK_PARAM))
      || (followed = gb_trace_follow_tensor (trace, tensor, seq)) == tensor
      || !gb_trace_get_tensor (trace, followed, seq, &there))
    return;
  if (pick->facets & GB_PICK_TENSOR)
    now->tensor = there.tensor;
  if (pick->facets & GB_PICK_ADDRESS)
    now->storage = there.storage;
  if (pick->facets & GB_PICK_OP)
    now->call = there.call;
  if ((pick->facets & GB_PICK_NODE) && gb_trace_get_tensor (trace, tensor, G_MAXUINT64, &then)
      && then.node == pick->node)
    now->node = there.node;
}

gboolean
gb_pick_names (const GbPick *found, const GbPick *wanted)
{
  const guint facets = wanted->facets;
  return facets && (found->facets & facets) == facets
         && (!(facets & (GB_PICK_TENSOR | GB_PICK_ELEMENT)) || found->tensor == wanted->tensor)
         && (!(facets & GB_PICK_ADDRESS) || (facets & GB_PICK_ELEMENT) || found->address == wanted->address)
         && (!(facets & GB_PICK_OP) || found->call == wanted->call)
         && (!(facets & GB_PICK_NODE) || found->node == wanted->node)
         && (!(facets & GB_PICK_POSITION) || found->pos == wanted->pos)
         && (!(facets & GB_PICK_ITERATION) || found->iteration == wanted->iteration)
         && (!(facets & GB_PICK_PARAM) || found->param == wanted->param)
         && (!(facets & GB_PICK_SERIES) || found->series == wanted->series)
         && (!(facets & GB_PICK_HEAD) || (found->head == wanted->head && found->call_key == wanted->call_key))
         && (!(facets & GB_PICK_MODULE) || found->module == wanted->module)
         && (!(facets & GB_PICK_STORAGE) || found->storage == wanted->storage)
         && (!(facets & GB_PICK_PART) || found->part == wanted->part)
         && (!(facets & GB_PICK_SAMPLE) || found->sample == wanted->sample)
         && (!(facets & (GB_PICK_ELEMENT | GB_PICK_HEAD))
             || (found->ndim == wanted->ndim
                 && memcmp (found->index, wanted->index, sizeof (gint64) * (gsize) wanted->ndim) == 0));
}
