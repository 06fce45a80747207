#include "graph/graph-text.h"

#include "graph/graph-draw.h"

#include <math.h>
#include <string.h>

#include "common/i18n.h"
#include "common/number-format.h"
#include "models/tensor-values.h"

void
gb_graph_shape_text (const GbTensor *tensor, char *text, gsize nbytes)
{
  if (tensor->ndim)
    gb_shape_picture (tensor->ndim, tensor->sizes, text, nbytes);
  else
    g_strlcpy (text, _ ("scalar"), nbytes);
}

gboolean
gb_graph_stats_text (GbTrace *trace,
                     guint64 tensor,
                     guint64 position,
                     const char *one_format,
                     const char *rms_format,
                     char *text,
                     gsize nbytes)
{
  const TeFactStats *stats = (const TeFactStats *) gb_trace_get_fact (trace, TE_FACT_STATS, tensor, position);
  char number[32];
  *text = 0;
  if (!stats || stats->numel <= 0)
    return FALSE;
  if (stats->nans || stats->infs)
    {
      g_snprintf (text, nbytes, "%s %" G_GINT64_FORMAT, stats->nans ? "nan" : "inf",
                  stats->nans ? stats->nans : stats->infs);
      return TRUE;
    }
  gb_number_text (stats->numel == 1 ? stats->mean : stats->norm / sqrt ((double) stats->numel), 3, number,
                  sizeof number);
  g_snprintf (text, nbytes, stats->numel == 1 ? one_format : rms_format, number);
  return TRUE;
}

void
gb_graph_node_lines (const GbGraphPicture *self,
                     GbTrace *trace,
                     guint64 position,
                     GbGraphNode *node,
                     char *shape,
                     char *stat,
                     gsize nbytes)
{
  *stat = 0;
  g_strlcpy (shape, *node->shape || !node->shape_tensor ? node->shape : _ ("scalar"), nbytes);
  if (node->kind == GB_GRAPH_INPUT)
    g_strlcpy (stat, _ ("input"), nbytes);
  else if (node->tensor && node->state == GB_GRAPH_DONE)
    gb_graph_stats_text (trace, node->tensor, position, "= %s", "rms %s", stat, nbytes);
  if (!*stat && node->kind == GB_GRAPH_MODULE)
    g_snprintf (stat, nbytes, ngettext ("%u op", "%u ops", node->n_ops), node->n_ops);
  (void) self;
}

void
gb_graph_operands_text (GbTrace *trace, guint64 position, const GbGraphLeaf *leaf, char *text, gsize nbytes)
{
  char before[64] = "", arrives[64] = "";
  *text = 0;
  if (leaf->arriving)
    gb_graph_stats_text (trace, leaf->arriving, leaf->begun_seq ? leaf->begun_seq : position, "%s",
                         "rms %s", arrives, sizeof arrives);
  if (!*arrives)
    return;
  if (leaf->grad && leaf->added)
    gb_graph_stats_text (trace, leaf->grad, leaf->begun_seq, "%s", "%s", before, sizeof before);
  g_snprintf (text, nbytes, *before ? "%s += %s" : leaf->grad ? "%s= %s" : "%s← %s", before, arrives);
}

char *
gb_graph_describe (const GbGraph *graph)
{
  if (!graph->nodes->len)
    return g_strdup (_ ("Nothing here yet. Run a line that makes a tensor."));
  if (graph->failure)
    return g_strdup_printf (_ ("%u of %u ops ran, then: %s"), graph->n_done, graph->n_ops, graph->failure);
  if (!graph->n_grad_fns)
    return g_strdup_printf (_ ("%u of %u ops ran. None of them records gradients."), graph->n_done,
                            graph->n_ops);
  if (!graph->n_grad_done)
    return g_strdup_printf (_ ("forward %u of %u, backward not started"), graph->n_done, graph->n_ops);
  return g_strdup_printf (_ ("forward %u of %u, backward %u of %u"), graph->n_done, graph->n_ops,
                          graph->n_grad_done, graph->n_grad_fns);
}

static const char *
state_text (GbGraphState state)
{
  switch (state)
    {
    case GB_GRAPH_NOT_RUN:
      return _ ("not run yet");
    case GB_GRAPH_ACTIVE:
      return _ ("running now");
    case GB_GRAPH_DONE:
      return _ ("has run");
    case GB_GRAPH_FAILED:
      return _ ("failed");
    }
  return "";
}

/* Up to four numbers of a tensor as it was at seq, else its norm; "" when nothing was recorded. */
static char *
numbers_text (GbTrace *trace, guint64 tensor, guint64 seq)
{
  g_autoptr (GbTensorValues) values = gb_tensor_values_new (trace, tensor, seq);
  char number[32];
  if (values && !values->is_stale && values->values && values->numel <= 4 && values->n_known == values->numel)
    {
      GString *text = g_string_new (values->tensor.ndim ? "[" : "");
      for (gint64 i = 0; i < values->numel; i++)
        g_string_append_printf (text, "%s%s", i ? ", " : "",
                                gb_number_text (values->values[i], 4, number, sizeof number));
      return g_string_free (g_string_append (text, values->tensor.ndim ? "]" : ""), FALSE);
    }
  const TeFactStats *stats = (const TeFactStats *) gb_trace_get_fact (trace, TE_FACT_STATS, tensor, seq);
  if (!stats)
    return g_strdup (_ ("not recorded"));
  return g_strdup_printf (_ ("norm %s"), gb_number_text (stats->norm, 4, number, sizeof number));
}

static char *
accumulate_text (GbTrace *trace, guint64 position, const GbGraphLeaf *leaf)
{
  GString *text = g_string_new (NULL);
  guint64 then = leaf->begun_seq ? leaf->begun_seq : position;
  g_string_append_printf (text, "AccumulateGrad\t%s.grad\n\t%s", leaf->name ? leaf->name : "leaf",
                          state_text (leaf->accumulated));
  if (leaf->grad)
    {
      g_autofree char *before = leaf->added ? numbers_text (trace, leaf->grad, then) : g_strdup ("None");
      g_string_append_printf (text, "\n%s\t%s", _ (".grad before"), before);
    }
  if (leaf->arriving)
    {
      g_autofree char *arrives = numbers_text (trace, leaf->arriving, then);
      g_string_append_printf (text, "\n%s\t%s", leaf->grad && leaf->added ? _ ("+= arrives") : _ ("arrives"),
                              arrives);
    }
  if (leaf->grad)
    {
      g_autofree char *after = numbers_text (trace, leaf->grad, position);
      g_string_append_printf (text, "\n%s\t%s", _ (".grad now"), after);
    }
  return g_string_free (text, FALSE);
}

static char *
grad_fn_text (GbTrace *trace, guint64 position, const GbGraphGradFn *fn)
{
  GString *text = g_string_new (NULL);
  g_string_append_printf (text, "%s\t%s\n%s\t%s", fn->name, state_text (fn->state), _ ("saved"),
                          fn->saved ? fn->saved : _ ("nothing"));
  if (fn->grad)
    {
      g_autofree char *arrives = numbers_text (trace, fn->grad, position);
      g_string_append_printf (text, "\n%s\t%s", _ ("arrives"), arrives);
    }
  return g_string_free (text, FALSE);
}

char *
gb_graph_item_text (const GbGraphPicture *self, GbTrace *trace, guint64 position, guint index)
{
  const GbGraphItem *item = gb_graph_picture_item (self, index);
  char shape[96], stat[64], size[48];
  GbGraphNode *node;
  if (item->kind == GB_GRAPH_ITEM_BRACKET)
    {
      const GbGraphBracket *bracket = &g_array_index (self->graph->brackets, GbGraphBracket, item->node);
      return bracket->loop ? g_strdup_printf ("%s\t%s", _ ("loop"), bracket->label) : g_strdup (bracket->label);
    }
  node = gb_graph_node (self->graph, item->node);
  if (item->kind == GB_GRAPH_ITEM_LEAF || item->kind == GB_GRAPH_ITEM_ACCUMULATE)
    {
      const GbGraphLeaf *leaf = &g_array_index (node->leaves, GbGraphLeaf, item->sub);
      GbTensor tensor;
      *shape = 0;
      if (gb_trace_get_tensor (trace, leaf->tensor, position, &tensor))
        gb_graph_shape_text (&tensor, shape, sizeof shape);
      if (item->kind == GB_GRAPH_ITEM_LEAF)
        return g_strdup_printf ("%s\t%s", leaf->name ? leaf->name : _ ("tensor"), shape);
      return accumulate_text (trace, position, leaf);
    }
  if (item->kind == GB_GRAPH_ITEM_NODE)
    {
      gb_graph_node_lines (self, trace, position, node, shape, stat, MIN (sizeof shape, sizeof stat));
      if (node->loop)
        {
          gb_number_duration (node->nsec, size, sizeof size);
          return g_strdup_printf ("%s\t%s\n%s\t%s\n%s\t%s", _ ("the same again"), node->label,
                                  state_text (node->state), size, _ ("ops in all"),
                                  gb_number_count (node->n_ops, stat, sizeof stat));
        }
      if (node->kind != GB_GRAPH_OP || !node->nsec)
        return g_strdup_printf ("%s\t%s\n%s\t%s", node->label ? node->label : "", shape,
                                node->name ? node->name : "",
                                node->kind == GB_GRAPH_INPUT ? "" : state_text (node->state));
      gb_number_duration (node->nsec, size, sizeof size);
      return g_strdup_printf ("%s\t%s\n%s\t%s\n%s\t%s", node->label, shape,
                              node->name ? node->name : _ ("result"), stat, state_text (node->state), size);
    }
  const GbGraphGradFn *fn = &g_array_index (node->grad_fns, GbGraphGradFn, item->sub);
  gb_number_bytes (fn->saved_nbytes, size, sizeof size);
  if (item->kind == GB_GRAPH_ITEM_SAVED)
    return g_strdup_printf ("%s\t%s\n%s\t%s", _ ("saved"), fn->saved,
                            fn->just_freed ? _ ("just freed")
                            : fn->freed    ? _ ("freed")
                                           : _ ("held for backward"),
                            size);
  return grad_fn_text (trace, position, fn);
}
