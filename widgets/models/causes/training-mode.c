/* Missing eval(): dropout or batch normalisation ran as in training, and what came out was judged.
 *
 * Judged: an accuracy (argmax, ==), or a loss that nobody differentiates.  Under no_grad() that is known at
 * once; without it only at the end of the run, when no backward() came.  Before the first step there is
 * nothing to judge. */
#include <string.h>

#include "models/causes/cause.h"

#define MOST_WAITING 256
#define MOST_WALKS   2048 /* a program that only ever evaluates is walked so often */

typedef struct
{
  guint64 call; /* op that ran as in training */
  guint64 node; /* that it made, 0: none */
  guint64 judge, seq;
} Waiting;

typedef struct
{
  GArray *waiting;       /* Waiting */
  GHashTable *told;      /* position of the judge */
  guint64 last_training; /* call of the last dropout or batch_norm in training mode after a step */
  guint n_walks;
  guint32 mode_pos;
  gboolean mode_training, has_mode;
  guint64 mode_seq;
} State;

static const char *const judges[] = { "argmax",
                                      "topk",
                                      "eq",
                                      "max",
                                      "cross_entropy_loss",
                                      "nll_loss",
                                      "nll_loss_nd",
                                      "mse_loss",
                                      "l1_loss",
                                      "smooth_l1_loss",
                                      "huber_loss",
                                      "binary_cross_entropy",
                                      "binary_cross_entropy_with_logits",
                                      NULL };

static gpointer
key (guint64 id)
{
  return GSIZE_TO_POINTER (id);
}

static gboolean
runs_as_in_training (GbTrace *trace, const GbOp *op)
{
  const char *name = gb_trace_op_name (trace, op);
  gboolean is_norm = strcmp (name, "batch_norm") == 0;
  g_autofree char *text = NULL;

  if (!is_norm && strstr (name, "dropout") == NULL)
    return FALSE;
  text = g_strndup (op->text, op->record->text_nbytes);
  if (is_norm)
    return strstr (text, "training=True") != NULL;
  return strstr (text, "train=True") != NULL && strstr (text, "p=0.0") != text
         && !g_str_has_prefix (text, "p=0,");
}

static gpointer
line_key (GbScan *scan, guint32 pos)
{
  const GbPosition *position = gb_trace_get_position (scan->trace, pos);
  return position ? key ((guint64) position->file << 32 | position->line) : NULL;
}

/* ---- what is judged ---- */

typedef struct
{
  guint64 oldest, call, node;
} Found;

static gboolean
visit (GbScan *scan, const GbOp *op, const GbTensor *output, gpointer data)
{
  Found *found = data;

  if (found->call || op->record->call < found->oldest)
    return FALSE;
  if (op->record->module_call && runs_as_in_training (scan->trace, op))
    {
      found->call = op->record->call;
      found->node = output->node;
    }
  return found->call == 0;
}

static void
explain (GbScan *scan, State *state, guint64 training, guint64 judge, guint64 seq)
{
  GbOp op, judging;
  GbFinding *finding;
  g_autofree char *subject = NULL;

  if (!gb_trace_get_op (scan->trace, training, &op) || !gb_trace_get_op (scan->trace, judge, &judging)
      || !g_hash_table_add (state->told, line_key (scan, gb_op_pos (&judging))))
    return;
  subject = g_strdup_printf ("%u", gb_op_pos (&judging));
  finding = gb_scan_find (scan, seq, subject);
  if (state->has_mode)
    gb_finding_add (finding, GB_EVIDENCE_NUMBER,
                    state->mode_training
                        ? N_ ("The mode was set last here, by train().")
                        : N_ ("The mode was set last here, by eval(), but not for this module."),
                    state->mode_pos, state->mode_seq, NULL);
  else
    gb_finding_add (finding, GB_EVIDENCE_NUMBER,
                    N_ ("Last eval(): line –. A new module is in training mode."), 0, 0, NULL);
  gb_finding_add (finding, GB_EVIDENCE_CHANGED, N_ ("{0} ran as in training here."), gb_op_pos (&op),
                  op.record->head.seq, gb_scan_op_label (scan, &op), NULL);
  gb_finding_add (finding, GB_EVIDENCE_FORWARD, N_ ("What came out was judged here, by {0}."),
                  gb_op_pos (&judging), judging.record->head.seq, gb_scan_op_label (scan, &judging), NULL);
}

static void
take_judge (GbScan *scan, State *state, const TeRecordOp *record, gboolean is_learned)
{
  Found found = { .oldest = state->last_training > 4096 ? state->last_training - 4096 : 0 };
  Waiting waiting = { .judge = record->call, .seq = record->head.seq };

  if (state->n_walks >= MOST_WALKS)
    return;
  state->n_walks++;
  for (guint i = 0; i < record->n_inputs && found.call == 0; i++)
    gb_scan_walk (scan, ((const guint64 *) (record + 1))[i], record->head.seq, visit, &found);
  if (found.call == 0 || (found.node == 0 && is_learned))
    return;
  waiting.call = found.call;
  waiting.node = found.node;
  if (found.node == 0)
    explain (scan, state, found.call, record->call, record->head.seq);
  else if (state->waiting->len < MOST_WAITING)
    g_array_append_val (state->waiting, waiting);
}

static void
take_op_end (GbScan *scan, State *state, const TeRecordOpEnd *end)
{
  const TeWireTensor *wire = gb_record_output (end, 0);
  GbOp op;

  if (wire == NULL || !gb_trace_get_op (scan->trace, end->call, &op))
    return;
  if (op.record->module_call && runs_as_in_training (scan->trace, &op))
    state->last_training = op.record->call;
  else if (state->last_training && op.record->parent == 0 && op.record->call - state->last_training < 4096
           && gb_op_is (scan->trace, &op, judges))
    take_judge (scan, state, op.record, (wire->flags & TE_WIRE_REQUIRES_GRAD) != 0);
}

/* Its graph was walked: it was training. */
static void
take_node (State *state, guint64 node)
{
  for (guint i = state->waiting->len; i-- > 0;)
    if (g_array_index (state->waiting, Waiting, i).node == node)
      g_array_remove_index_fast (state->waiting, i);
}

static void
take_end (GbScan *scan, State *state, guint64 seq)
{
  for (guint i = 0; i < state->waiting->len; i++)
    {
      Waiting waiting = g_array_index (state->waiting, Waiting, i);
      explain (scan, state, waiting.call, waiting.judge, seq);
    }
  g_array_set_size (state->waiting, 0);
}

static void
take (GbScan *scan, gpointer data, const TeRecord *record)
{
  State *state = data;
  const TeRecordMode *mode = (const TeRecordMode *) record;

  if (state->waiting == NULL)
    {
      state->waiting = g_array_new (FALSE, FALSE, sizeof (Waiting));
      state->told = g_hash_table_new (NULL, NULL);
    }
  switch (record->type)
    {
    case TE_RECORD_MODE:
      state->has_mode = TRUE;
      state->mode_pos = mode->pos;
      state->mode_training = mode->training != 0;
      state->mode_seq = record->seq;
      break;
    case TE_RECORD_OP_END:
      if (scan->n_steps && scan->backward == 0 && !scan->in_step)
        take_op_end (scan, state, (const TeRecordOpEnd *) record);
      break;
    case TE_RECORD_NODE_BEGIN:
      if (state->waiting->len)
        take_node (state, ((const TeRecordNodeRun *) record)->node);
      break;
    case TE_RECORD_END:
      take_end (scan, state, record->seq);
      break;
    default:
      break;
    }
}

static void
clear (gpointer data)
{
  State *state = data;
  g_clear_pointer (&state->waiting, g_array_unref);
  g_clear_pointer (&state->told, g_hash_table_unref);
}

const GbCause gb_cause_training_mode = {
  .id = "training-mode",
  .title = N_ ("Judged in training mode"),
  .state_nbytes = sizeof (State),
  .take = take,
  .clear = clear,
};
