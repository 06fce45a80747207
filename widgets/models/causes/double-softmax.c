/* Double softmax: a loss that normalises its input was given something normalised already. */
#include <string.h>

#include "models/causes/cause.h"

/* Ops that hand elements on as they are. */
static const char *const passing[] = { "view",      "reshape",    "squeeze", "unsqueeze",    "flatten",
                                       "transpose", "permute",    "t",       "select",       "slice",
                                       "index",     "contiguous", "clone",   "to",           "_to_copy",
                                       "alias",     "unflatten",  "narrow",  "index_select", NULL };

static const struct
{
  const char *loss;
  const char *made[3];
  const char *text;
} rules[] = {
  { "cross_entropy_loss",
    { "softmax", "log_softmax" },
    N_ ("{0} takes the log-softmax of its input, which {1} had normalised already.") },
  { "log_softmax", { "softmax" }, N_ ("{0} normalises its input, which {1} had normalised already.") },
  { "softmax", { "softmax" }, N_ ("{0} normalises its input, which {1} had normalised already.") },
  { "binary_cross_entropy_with_logits",
    { "sigmoid" },
    N_ ("{0} takes the sigmoid of its input, to which {1} had applied it already.") },
};

/* The op behind `tensor`, past those that only pass elements on. */
static gboolean
real_maker (GbScan *scan, guint64 tensor, guint64 seq, GbOp *op)
{
  for (int n = 0; n < 16; n++)
    {
      if (!gb_scan_maker (scan, tensor, seq, op))
        return FALSE;
      if (!gb_op_is (scan->trace, op, passing) || op->record->n_inputs == 0)
        return TRUE;
      tensor = op->inputs[0];
      seq = op->record->head.seq;
    }
  return FALSE;
}

static void
take (GbScan *scan, gpointer state, const TeRecord *record)
{
  const TeRecordOp *op = (const TeRecordOp *) record;
  const char *name;
  GbOp loss, maker;
  g_autofree char *subject = NULL;
  GbFinding *finding;

  if (record->type != TE_RECORD_OP || op->parent || scan->backward || op->n_inputs == 0)
    return;
  name = gb_trace_get_string (scan->trace, op->name);
  for (guint i = 0; i < G_N_ELEMENTS (rules); i++)
    {
      if (strcmp (rules[i].loss, name) != 0 || !gb_trace_get_op (scan->trace, op->call, &loss)
          || !real_maker (scan, loss.inputs[0], record->seq, &maker)
          || !g_strv_contains (rules[i].made, gb_trace_op_name (scan->trace, &maker)))
        continue;
      subject = g_strdup_printf ("%u", gb_op_pos (&loss));
      for (guint k = 0; k < scan->findings->len; k++)
        {
          const GbFinding *other = g_ptr_array_index (scan->findings, k);
          if (other->cause == scan->cause->id && strcmp (other->subject, subject) == 0)
            return;
        }
      finding = gb_scan_find (scan, record->seq, subject);
      gb_finding_add (finding, GB_EVIDENCE_FORWARD, N_ ("{0} normalised its input here."), gb_op_pos (&maker),
                      maker.record->head.seq, gb_scan_op_label (scan, &maker), NULL)
          ->tensor = loss.inputs[0];
      gb_finding_add (finding, GB_EVIDENCE_CHANGED, rules[i].text, gb_op_pos (&loss), record->seq,
                      gb_scan_op_label (scan, &loss), gb_scan_op_label (scan, &maker), NULL);
      return;
    }
}

const GbCause gb_cause_double_softmax = {
  .id = "double-softmax",
  .title = N_ ("Normalised twice"),
  .take = take,
};
