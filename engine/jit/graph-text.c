/* Graphs and source excerpts as text. */
#include "jit/graph.h"

#include <string.h>

#include "jit/number-text.h"

static void
add_typed (TeJitText *text, const TeJitVar *value)
{
  te_jit_text_format (text, "%%%s : ", te_jit_var_name (value));
  te_jit_text_add (text, value->type->text);
}

static void
add_range (TeJitText *text, const TeJitRange *range)
{
  if (range && range->file)
    te_jit_text_format (text, " # %s:%d:%d", range->file, range->file_line + range->line, range->column);
}

static void
add_attributes (TeJitText *text, const TeJitNode *node)
{
  if (node->name)
    te_jit_text_format (text, "[name=\"%s\"]", node->name);
  for (int i = 0; node->types && i < node->types->n; i++)
    te_jit_text_format (text, "%s%s%s", i ? ", " : "[types=[", node->types->items[i]->text,
                        i + 1 == node->types->n ? "]]" : "");
  if (!node->has_value || node->value.tag == TE_JIT_V_FUNCTION)
    return;
  te_jit_text_add (text, "[value=");
  switch (node->value.tag)
    {
    case TE_JIT_V_FLOAT:
      te_jit_text_float_exact (text, node->value.f);
      break;
    case TE_JIT_V_BOOL:
      te_jit_text_add (text, node->value.b ? "1" : "0");
      break;
    case TE_JIT_V_STR:
      te_jit_text_quoted (text, node->value.data->text, (size_t) node->value.data->n);
      break;
    case TE_JIT_V_DEVICE:
      te_jit_text_format (text, "\"%s\"", node->value.i ? "meta" : "cpu");
      break;
    case TE_JIT_V_TENSOR:
      te_jit_text_tensor (text, node->value.tensor);
      break;
    case TE_JIT_V_LIST:
      if (!node->value.data->n)
        te_jit_text_format (text, "annotate(%s, [])", node->outputs[0]->type->annotation);
      else
        te_jit_text_value (text, node->value);
      break;
    case TE_JIT_V_INT:
    case TE_JIT_V_TUPLE:
    case TE_JIT_V_DICT:
    case TE_JIT_V_OBJECT:
    case TE_JIT_V_FUNCTION:
    case TE_JIT_V_NONE:
      te_jit_text_value (text, node->value);
      break;
    }
  te_jit_text_add (text, "]");
}

static void
add_block (TeJitText *text, const TeJitBlock *block, int index, int level)
{
  te_jit_text_spaces (text, level * 2);
  te_jit_text_format (text, "block%d(", index);
  for (int i = 0; i < block->param->n_outputs; i++)
    {
      te_jit_text_add (text, i ? ", " : "");
      add_typed (text, block->param->outputs[i]);
    }
  te_jit_text_add (text, "):\n");
  for (const TeJitNode *node = te_jit_block_first (block); node != block->ret; node = node->next)
    te_jit_node_text (text, node, level + 1);
  te_jit_text_spaces (text, (level + 1) * 2);
  te_jit_text_add (text, "-> (");
  for (int i = 0; i < block->ret->n_inputs; i++)
    te_jit_text_format (text, "%s%%%s", i ? ", " : "", te_jit_var_name (block->ret->inputs[i]));
  te_jit_text_add (text, ")\n");
}

/* te_jit_node_text: one line, and the node's blocks below it. */
void
te_jit_node_text (TeJitText *text, const TeJitNode *node, int level)
{
  te_jit_text_spaces (text, level * 2);
  for (int i = 0; i < node->n_outputs; i++)
    {
      te_jit_text_add (text, i ? ", " : "");
      add_typed (text, node->outputs[i]);
    }
  te_jit_text_format (text, " = %s", node->kind);
  add_attributes (text, node);
  te_jit_text_add (text, "(");
  for (int i = 0; i < node->n_inputs; i++)
    te_jit_text_format (text, "%s%%%s", i ? ", " : "", te_jit_var_name (node->inputs[i]));
  te_jit_text_add (text, ")");
  if (node->scope && *node->scope)
    te_jit_text_format (text, ", scope: %s", node->scope);
  add_range (text, node->range);
  te_jit_text_add (text, "\n");
  for (int i = 0; i < node->n_blocks; i++)
    add_block (text, node->blocks[i], i, level + 1);
}

void
te_jit_graph_text (TeJitText *text, const TeJitGraph *graph)
{
  te_jit_text_add (text, "graph(");
  for (int i = 0; i < te_jit_graph_n_inputs (graph); i++)
    {
      te_jit_text_add (text, i ? ",\n      " : "");
      add_typed (text, te_jit_graph_input (graph, i));
    }
  te_jit_text_add (text, "):\n");
  const TeJitBlock *top = graph->top;
  for (const TeJitNode *node = te_jit_block_first (top); node != top->ret; node = node->next)
    te_jit_node_text (text, node, 1);
  te_jit_text_add (text, "  return (");
  for (int i = 0; i < top->ret->n_inputs; i++)
    te_jit_text_format (text, "%s%%%s", i ? ", " : "", te_jit_var_name (top->ret->inputs[i]));
  te_jit_text_add (text, ")\n");
}

/* ---- excerpts ---- */
#define CONTEXT_LINES 2 /* shown before and after the marked ones */

static const char *
line_start (const char *source, int line)
{
  for (; line > 1 && source; line--)
    {
      source = strchr (source, '\n');
      source = source ? source + 1 : NULL;
    }
  return source && *source ? source : NULL;
}

static void
add_marks (TeJitText *text, const char *start, int n, const TeJitRange *range, int line)
{
  int from = line == range->line ? range->column : (int) strspn (start, " ");
  int to = line == range->end_line ? range->end_column : n;
  if (to <= from)
    to = from + 1;
  te_jit_text_spaces (text, from);
  for (int i = from; i < to; i++)
    te_jit_text_add (text, "~");
}

void
te_jit_range_text (TeJitText *text, const TeJitRange *range)
{
  if (!range || !range->source)
    {
      if (range && range->stack)
        te_jit_text_add (text, range->stack);
      return;
    }
  if (range->file)
    te_jit_text_format (text, "  File \"%s\", line %d\n", range->file, range->file_line + range->line);
  int first = range->line - CONTEXT_LINES > 1 ? range->line - CONTEXT_LINES : 1;
  for (int line = first; line <= range->end_line + CONTEXT_LINES; line++)
    {
      const char *start = line_start (range->source, line);
      if (!start)
        break;
      int n = (int) strcspn (start, "\n");
      te_jit_text_add_n (text, start, (size_t) n);
      te_jit_text_add (text, "\n");
      if (line < range->line || line > range->end_line)
        continue;
      if (range->line == range->end_line && range->column == range->end_column)
        continue; /* a place between two letters */
      add_marks (text, start, n, range, line);
      te_jit_text_add (text, line == range->end_line ? " <--- HERE\n" : "\n");
    }
}
