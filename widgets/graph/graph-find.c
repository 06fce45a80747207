#include "graph/graph-find.h"

#include <string.h>

#include "common/number-format.h"
#include "core/dtype.h"

static gboolean
has (const char *text, const char *wanted)
{
  g_autofree char *folded = text ? g_utf8_casefold (text, -1) : NULL;
  return folded && strstr (folded, wanted) != NULL;
}

static gboolean
item_has (const GbGraphPicture *self, GbTrace *trace, const GbGraphItem *item, const char *wanted)
{
  const GbGraphNode *node;
  const GbModule *module;
  if (item->kind == GB_GRAPH_ITEM_BRACKET)
    return has (g_array_index (self->graph->brackets, GbGraphBracket, item->node).label, wanted);
  node = gb_graph_node (self->graph, item->node);
  switch (item->kind)
    {
    case GB_GRAPH_ITEM_NODE:
      module = node->module ? gb_trace_get_module (trace, node->module) : NULL;
      return has (node->label, wanted) || has (node->name, wanted)
             || (node->kind == GB_GRAPH_MODULE && module && (has (module->name, wanted) || has (module->class_name, wanted)));
    case GB_GRAPH_ITEM_LEAF:
      return has (g_array_index (node->leaves, GbGraphLeaf, item->sub).name, wanted);
    case GB_GRAPH_ITEM_GRAD_FN:
      return has (g_array_index (node->grad_fns, GbGraphGradFn, item->sub).name, wanted);
    default:
      return FALSE;
    }
}

GArray *
gb_graph_find_items (const GbGraphPicture *self, GbTrace *trace, const char *text)
{
  GArray *found = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autofree char *wanted = g_utf8_casefold (text, -1);
  guint last = G_MAXUINT;
  for (guint i = 0; *wanted && i < self->items->len; i++)
    {
      const GbGraphItem *item = gb_graph_picture_item (self, i);
      gboolean bracket = item->kind == GB_GRAPH_ITEM_BRACKET;
      if ((!bracket && item->node == last) || !item_has (self, trace, item, wanted))
        continue;
      g_array_append_val (found, i);
      last = bracket ? last : item->node;
    }
  return found;
}

/* ---- paint ---- */

static double
result_nbytes (const GbGraphNode *node, GbTrace *trace, guint64 position)
{
  GbTensor t;
  double n = 1;
  if (!node->tensor || !gb_trace_get_tensor (trace, node->tensor, position, &t) || t.base)
    return 0;
  for (int d = 0; d < t.ndim; d++)
    n *= (double) t.sizes[d];
  return n * (double) te_dtype_nbytes ((TeDtype) t.dtype);
}

double
gb_graph_paint_of (const GbGraphNode *node, GbTrace *trace, guint64 position, GbGraphPaint paint)
{
  double sum = 0;
  if (node->kind == GB_GRAPH_INPUT || node->state == GB_GRAPH_NOT_RUN || paint == GB_GRAPH_PAINT_NUMBERS)
    return 0;
  if (paint == GB_GRAPH_PAINT_TIME)
    return node->nsec;
  for (guint i = 0; i < node->grad_fns->len; i++)
    {
      const GbGraphGradFn *fn = &g_array_index (node->grad_fns, GbGraphGradFn, i);
      sum += fn->freed ? 0 : (double) fn->saved_nbytes;
    }
  return sum + result_nbytes (node, trace, position);
}

double
gb_graph_paint_most (const GbGraphPicture *self, GbTrace *trace, guint64 position, GbGraphPaint paint, double *sum)
{
  double most = 0;
  *sum = 0;
  for (guint i = 0; paint != GB_GRAPH_PAINT_NUMBERS && i < self->graph->nodes->len; i++)
    {
      double value = gb_graph_paint_of (gb_graph_node (self->graph, i), trace, position, paint);
      most = MAX (most, value);
      *sum += value;
    }
  return most;
}

const char *
gb_graph_paint_text (GbGraphPaint paint, double value, char *buffer, gsize nbytes)
{
  *buffer = 0;
  if (value > 0)
    return paint == GB_GRAPH_PAINT_TIME ? gb_number_duration ((guint64) value, buffer, nbytes)
                                        : gb_number_bytes ((guint64) value, buffer, nbytes);
  return buffer;
}
