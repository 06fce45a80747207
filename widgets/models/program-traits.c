#include "models/program-traits.h"

#include "models/follower.h"
#include "models/record-check.h"

typedef struct
{
  GbProgramTraits told;
  guint64 call; /* the person's op that runs now */
} Traits;

static gboolean
is_read_in_jumps (const TeWireTensor *tensor)
{
  const gint64 *sizes = (const gint64 *) (tensor + 1), *strides = sizes + tensor->ndim;
  gint64 expected = 1;

  for (int d = tensor->ndim - 1; d >= 0; d--)
    {
      if (sizes[d] > 1 && strides[d] != expected)
        return TRUE;
      expected *= MAX (sizes[d], 1);
    }
  return FALSE;
}

static void
take (gpointer data, GbTrace *trace, const TeRecord *record)
{
  Traits *self = data;

  switch (record->type)
    {
    case TE_RECORD_OP:
      {
        const TeRecordOp *op = (const TeRecordOp *) record;
        if (op->parent || (op->flags & (TE_WIRE_OP_BACKWARD | TE_WIRE_OP_OPTIMIZER)))
          break;
        self->told.n_ops++;
        self->call = (op->flags & TE_WIRE_OP_VIEW) && op->module_call == 0 ? op->call : 0;
        break;
      }
    case TE_RECORD_OP_END:
      {
        const TeRecordOpEnd *end = (const TeRecordOpEnd *) record;
        const TeWireTensor *output = self->call && end->call == self->call ? gb_record_output (end, 0) : NULL;
        if (output && is_read_in_jumps (output))
          self->told.n_jumps++;
        break;
      }
    case TE_RECORD_NODE:
      self->told.n_nodes++;
      break;
    case TE_RECORD_BACKWARD_BEGIN:
      self->told.n_backward++;
      break;
    case TE_RECORD_STEP:
      self->told.n_steps++;
      break;
    default:
      break;
    }
}

static const GbFollowerClass follower = { "program-traits", sizeof (Traits), take, NULL };

const GbProgramTraits *
gb_program_traits_of (GbTrace *trace)
{
  return &((Traits *) gb_follower_of (trace, &follower))->told;
}
