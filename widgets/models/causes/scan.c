/* What all causes know: who holds which parameter, which backward runs; and the ways through the data flow.
 */
#include <string.h>

#include "models/causes/cause.h"

#define MOST_WALKED 20000

static gpointer
key (guint64 id)
{
  return GSIZE_TO_POINTER (id);
}

/* ---- state ---- */

void
gb_scan_begin (GbScan *self, const TeRecord *record)
{
  const TeRecordBackward *backward = (const TeRecordBackward *) record;
  const TeRecordOptimizer *optimizer = (const TeRecordOptimizer *) record;

  switch (record->type)
    {
    case TE_RECORD_OP:
      self->call = ((const TeRecordOp *) record)->call;
      break;
    case TE_RECORD_BACKWARD_BEGIN:
      self->backward = backward->backward;
      self->backward_pos = backward->pos;
      self->last_root = backward->root_node;
      break;
    case TE_RECORD_NODE_BEGIN:
      self->node = ((const TeRecordNodeRun *) record)->node;
      break;
    case TE_RECORD_STEP_BEGIN:
      self->in_step = TRUE;
      break;
    case TE_RECORD_OPTIMIZER:
      {
        GArray *held = g_array_new (FALSE, FALSE, sizeof (guint64));
        g_array_append_vals (held, optimizer + 1, optimizer->n_tensors);
        g_hash_table_insert (self->held, key (optimizer->optimizer), held);
        break;
      }
    default:
      break;
    }
}

void
gb_scan_end (GbScan *self, const TeRecord *record)
{
  switch (record->type)
    {
    case TE_RECORD_BACKWARD_END:
      self->backward = self->node = 0;
      break;
    case TE_RECORD_NODE_END:
      self->node = 0;
      break;
    case TE_RECORD_STEP:
      self->in_step = FALSE;
      self->n_steps++;
      break;
    default:
      break;
    }
}

const GArray *
gb_scan_get_held (GbScan *self, guint32 optimizer)
{
  return g_hash_table_lookup (self->held, key (optimizer));
}

gboolean
gb_scan_is_held (GbScan *self, guint64 tensor)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->held);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const GArray *held = value;
      for (guint i = 0; i < held->len; i++)
        if (g_array_index (held, guint64, i) == tensor)
          return TRUE;
    }
  return FALSE;
}

/* ---- findings ---- */

GbFinding *
gb_scan_find (GbScan *self, guint64 seq, const char *subject)
{
  GbFinding *finding = g_new0 (GbFinding, 1);
  finding->cause = self->cause->id;
  finding->title = self->cause->title;
  finding->subject = g_strdup (subject);
  finding->seq = seq;
  g_ptr_array_add (self->findings, finding);
  return finding;
}

GbEvidence *
gb_finding_add (GbFinding *self, GbEvidenceKind kind, const char *text, guint32 pos, guint64 seq, ...)
{
  va_list arguments;
  GbEvidence *evidence;
  char *argument;

  self->evidence = g_renew (GbEvidence, self->evidence, self->n_evidence + 1);
  evidence = &self->evidence[self->n_evidence++];
  *evidence = (GbEvidence){ .kind = kind, .text = text, .pos = pos, .seq = seq };
  va_start (arguments, seq);
  for (guint i = 0; (argument = va_arg (arguments, char *)) != NULL; i++)
    if (i < GB_EVIDENCE_MAX_ARGS)
      evidence->args[i] = argument;
    else
      g_free (argument);
  va_end (arguments);
  return evidence;
}

void
gb_finding_free (GbFinding *self)
{
  for (guint i = 0; i < self->n_evidence; i++)
    for (guint k = 0; k < GB_EVIDENCE_MAX_ARGS; k++)
      g_free (self->evidence[i].args[k]);
  g_free (self->evidence);
  g_free (self->subject);
  g_free (self);
}

/* ---- words ---- */

guint32
gb_op_pos (const GbOp *op)
{
  return op->record->caller_pos ? op->record->caller_pos : op->record->pos;
}

gboolean
gb_op_is (GbTrace *trace, const GbOp *op, const char *const *names)
{
  return g_strv_contains (names, gb_trace_op_name (trace, op));
}

/* A name among the tensors on a storage; *made: one of them that an op made. */
static const char *
owner_name (GbScan *self, guint64 storage, guint64 seq, guint64 *made)
{
  g_autoptr (GArray) owners = gb_trace_storage_owners (self->trace, storage, seq);
  const char *name = NULL;
  GbTensor at;

  for (guint i = 0; i < owners->len && !(name && name[0]); i++)
    {
      guint64 owner = g_array_index (owners, guint64, i);
      name = gb_trace_get_tensor_name (self->trace, owner, seq);
      if (gb_trace_get_tensor (self->trace, owner, seq, &at) && at.call)
        *made = owner;
    }
  return name;
}

char *
gb_scan_label (GbScan *self, guint64 tensor, guint64 seq)
{
  const char *name = gb_trace_get_tensor_name (self->trace, tensor, seq);
  GbTensor at;

  /* What .data gives is another tensor on the same storage: people know it by that one. */
  if (!(name && name[0]) && gb_trace_get_tensor (self->trace, tensor, seq, &at) && at.call == 0)
    name = owner_name (self, at.storage, seq, &tensor);
  return name && name[0] ? g_strdup (name) : gb_trace_dup_tensor_label (self->trace, tensor, seq);
}

char *
gb_scan_saved_label (GbScan *self, const TeWireSaved *saved, guint64 seq)
{
  guint64 tensor = saved->tensor;
  const char *name = gb_trace_get_tensor_name (self->trace, tensor, seq);

  if (!(name && name[0]))
    name = owner_name (self, saved->storage, seq, &tensor);
  return name && name[0] ? g_strdup (name) : gb_trace_dup_tensor_label (self->trace, tensor, seq);
}

char *
gb_scan_op_label (GbScan *self, const GbOp *op)
{
  return g_strdup (gb_trace_op_name (self->trace, op));
}

char *
gb_scan_count (gint64 n)
{
  return g_strdup_printf ("%" G_GINT64_FORMAT, n);
}

char *
gb_scan_shape (const GbTensor *tensor)
{
  GString *text = g_string_new ("(");
  for (int d = 0; d < tensor->ndim; d++)
    g_string_append_printf (text, d ? ", %" G_GINT64_FORMAT : "%" G_GINT64_FORMAT, tensor->sizes[d]);
  return g_string_free (g_string_append (text, tensor->ndim == 1 ? ",)" : ")"), FALSE);
}

char *
gb_scan_line (GbScan *self, guint32 pos)
{
  const GbPosition *position = gb_trace_get_position (self->trace, pos);
  const GbSource *source = position ? gb_trace_get_source (self->trace, position->file) : NULL;
  const char *at = source ? source->text : NULL, *end;

  for (guint32 line = 1; at && position && line < position->line; line++)
    {
      at = strchr (at, '\n');
      at = at ? at + 1 : NULL;
    }
  if (at == NULL)
    return g_strdup ("");
  end = strchr (at, '\n');
  return g_strstrip (end ? g_strndup (at, (gsize) (end - at)) : g_strdup (at));
}

/* ---- ops, nodes, tensors ---- */

gboolean
gb_scan_maker (GbScan *self, guint64 tensor, guint64 seq, GbOp *op)
{
  GbTensor at;
  return gb_trace_get_tensor (self->trace, tensor, seq, &at) && at.call
         && gb_trace_get_op (self->trace, at.call, op);
}

gboolean
gb_scan_node_op (GbScan *self, guint64 node, GbOp *op)
{
  GbNode at;
  return gb_trace_get_node (self->trace, node, &at) && at.record->call
         && gb_trace_get_op (self->trace, at.record->call, op);
}

guint64
gb_scan_node_tensor (GbScan *self, guint64 node)
{
  GbNode at;
  GbOp op;
  GbTensor output;

  if (gb_trace_get_node (self->trace, node, &at) && at.record->tensor)
    return at.record->tensor;
  return gb_scan_node_op (self, node, &op) && gb_trace_op_output (self->trace, &op, 0, &output)
             ? output.tensor
             : 0;
}

/* ---- walks ---- */

typedef struct
{
  guint64 tensor, seq;
  int from; /* index of the step that led here, -1: the start */
  gboolean alias; /* of the tensor there, which no op made: .data */
} Step;

/* The op that made the tensor at seq, and the tensor as it came out. */
static gboolean
made_by (GbScan *self, guint64 tensor, guint64 seq, GbOp *op, GbTensor *output)
{
  return gb_trace_get_tensor (self->trace, tensor, seq, output) && output->call
         && gb_trace_get_op (self->trace, output->call, op) && op->record->head.seq < seq;
}

static gboolean
push (GArray *steps, GHashTable *seen, guint64 tensor, guint64 seq, int from)
{
  Step step = { tensor, seq, from, FALSE };
  if (tensor == 0 || steps->len >= MOST_WALKED)
    return FALSE;
  if (!g_hash_table_add (seen, key (tensor * 0x9e3779b97f4a7c15u ^ seq)))
    return FALSE;
  g_array_append_val (steps, step);
  return TRUE;
}

void
gb_scan_walk (GbScan *self, guint64 tensor, guint64 seq, GbWalkVisit visit, gpointer data)
{
  g_autoptr (GArray) steps = g_array_new (FALSE, FALSE, sizeof (Step));
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);

  push (steps, seen, tensor, seq, -1);
  for (guint i = 0; i < steps->len; i++)
    {
      Step step = g_array_index (steps, Step, i);
      GbOp op;
      GbTensor output;
      if (!made_by (self, step.tensor, step.seq, &op, &output)
          || !g_hash_table_add (seen, key (~op.record->call)) || !visit (self, &op, &output, data))
        continue;
      for (guint k = 0; k < op.record->n_inputs; k++)
        push (steps, seen, op.inputs[k], op.record->head.seq, (int) i);
    }
}

/* What a tensor that no op made shares its storage with, as far as an op made that: results whose .data it is. */
static void
push_aliases (GbScan *self, GArray *steps, GHashTable *seen, const GbTensor *of, guint64 seq, int from)
{
  g_autoptr (GArray) owners = gb_trace_storage_owners (self->trace, of->storage, seq);
  for (guint i = 0; i < owners->len; i++)
    {
      guint64 owner = g_array_index (owners, guint64, i);
      GbTensor at;
      if (owner != of->tensor && gb_trace_get_tensor (self->trace, owner, seq, &at) && at.call
          && (at.flags & TE_WIRE_REQUIRES_GRAD) && push (steps, seen, owner, seq, from))
        g_array_index (steps, Step, steps->len - 1).alias = TRUE;
    }
}

GArray *
gb_scan_way (GbScan *self, guint64 tensor, guint64 seq, guint64 target)
{
  g_autoptr (GArray) steps = g_array_new (FALSE, FALSE, sizeof (Step));
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  GbTensor goal, at;
  int found = -1;

  if (!gb_trace_get_tensor (self->trace, target, seq, &goal))
    return NULL;
  push (steps, seen, tensor, seq, -1);
  for (guint i = 0; i < steps->len && found < 0; i++)
    {
      Step step = g_array_index (steps, Step, i);
      GbOp op;
      GbTensor output;
      if (step.tensor == target
          || (gb_trace_get_tensor (self->trace, step.tensor, step.seq, &at) && at.call == 0
              && at.storage == goal.storage))
        found = (int) i;
      else if (made_by (self, step.tensor, step.seq, &op, &output)
               && g_hash_table_add (seen, key (~op.record->call)))
        for (guint k = 0; k < op.record->n_inputs; k++)
          push (steps, seen, op.inputs[k], op.record->head.seq, (int) i);
      else if (!step.alias && step.from >= 0 && gb_trace_get_tensor (self->trace, step.tensor, step.seq, &at)
               && at.call == 0)
        push_aliases (self, steps, seen, &at, step.seq, (int) i);
    }
  if (found < 0)
    return NULL;
  GArray *way = g_array_new (FALSE, TRUE, sizeof (GbWay));
  for (int i = found; g_array_index (steps, Step, i).from >= 0; i = g_array_index (steps, Step, i).from)
    {
      const Step *step = &g_array_index (steps, Step, i);
      const Step *above = &g_array_index (steps, Step, step->from);
      GbWay one = { .alias = step->alias || (i == found && step->tensor != target) };
      if (step->alias)
        {
          i = step->from; /* the op read the alias */
          above = &g_array_index (steps, Step, above->from);
        }
      if (!made_by (self, above->tensor, above->seq, &one.op, &one.output)
          || !gb_trace_get_tensor (self->trace, step->tensor, step->seq, &one.input))
        break;
      g_array_prepend_val (way, one);
    }
  return way;
}
