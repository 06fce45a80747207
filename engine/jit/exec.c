#include "jit/exec.h"

#include <stdlib.h>
#include <string.h>

#define MAX_DEPTH 200 /* calls inside calls: C's own stack is bounded too */
#define MAX_ARGS  256

TeJitFailure te_jit_failure;
TeJitHost te_jit_host;

typedef struct
{
  TeJitGraph *graph;
  const TeJitFunction *function;
  TeJitAny *slots;
} Frame;

/* ---- slots: one per value ---- */
static void
number_block (TeJitBlock *block, int *n)
{
  for (int i = 0; i < block->param->n_outputs; i++)
    block->param->outputs[i]->slot = (*n)++;
  for (TeJitNode *node = te_jit_block_first (block); node != block->ret; node = node->next)
    {
      for (int i = 0; i < node->n_outputs; i++)
        node->outputs[i]->slot = (*n)++;
      for (int i = 0; i < node->n_blocks; i++)
        number_block (node->blocks[i], n);
    }
}

static void
prepare (TeJitGraph *graph)
{
  int n = 0;
  number_block (graph->top, &n);
  graph->n_slots = n + 1;
}

static void
put (Frame *frame, const TeJitVar *value, TeJitAny what)
{
  TeJitAny old = frame->slots[value->slot];
  frame->slots[value->slot] = what;
  te_jit_unref (old);
}

static TeJitAny
get (const Frame *frame, const TeJitVar *value)
{
  return frame->slots[value->slot];
}

static bool run_block (Frame *frame, TeJitBlock *block, TeError *err);

/* ---- control ---- */
static bool
run_if (Frame *frame, const TeJitNode *node, TeError *err)
{
  TeJitAny condition = get (frame, node->inputs[0]);
  TeJitBlock *block = node->blocks[te_jit_as_double (condition) != 0 ? 0 : 1];
  if (!run_block (frame, block, err))
    return false;
  for (int i = 0; i < node->n_outputs; i++)
    put (frame, node->outputs[i], te_jit_ref (get (frame, block->ret->inputs[i])));
  return true;
}

/* Inputs: trip count, start condition, carried values. */
static bool
run_loop (Frame *frame, const TeJitNode *node, TeError *err)
{
  TeJitBlock *block = node->blocks[0];
  int64_t most = get (frame, node->inputs[0]).i;
  bool go = te_jit_as_double (get (frame, node->inputs[1])) != 0;
  int n = node->n_outputs;
  TeJitAny inline_carried[16], *carried = n > 16 ? malloc ((size_t) n * sizeof *carried) : inline_carried;
  if (!carried)
    return te_error_no_memory (err);
  for (int i = 0; i < n; i++)
    carried[i] = te_jit_ref (get (frame, node->inputs[i + 2]));
  bool ok = true;
  for (int64_t trip = 0; ok && go && trip < most; trip++)
    {
      if (te_interrupted ())
        {
          ok = te_error_set (err, TE_ERR_INTERRUPT, "interrupted");
          break;
        }
      put (frame, block->param->outputs[0], te_jit_int (trip));
      for (int i = 0; i < n; i++)
        {
          put (frame, block->param->outputs[i + 1], carried[i]);
          carried[i] = te_jit_none ();
        }
      ok = run_block (frame, block, err);
      for (int i = 0; ok && i < n; i++)
        carried[i] = te_jit_ref (get (frame, block->ret->inputs[i + 1]));
      go = ok && te_jit_as_double (get (frame, block->ret->inputs[0])) != 0;
    }
  for (int i = 0; i < n; i++)
    if (ok)
      put (frame, node->outputs[i], carried[i]);
    else
      te_jit_unref (carried[i]);
  if (carried != inline_carried)
    free (carried);
  return ok;
}

/* ---- nodes without blocks ---- */
typedef bool (*NodeRun) (const TeJitNode *node, const TeJitAny *in, TeJitAny *out, TeError *err);

static bool
run_container (const TeJitNode *node, const TeJitAny *in, TeJitAny *out, TeError *err)
{
  TeJitTag tag = node->outputs[0]->type->kind == TE_JIT_LIST   ? TE_JIT_V_LIST
                 : node->outputs[0]->type->kind == TE_JIT_DICT ? TE_JIT_V_DICT
                                                               : TE_JIT_V_TUPLE;
  out[0] = te_jit_container (tag, node->outputs[0]->type);
  for (int i = 0; i < node->n_inputs; i++)
    if (tag != TE_JIT_V_DICT)
      te_jit_append (&out[0], te_jit_ref (in[i]));
    else if (i % 2)
      te_jit_dict_set (&out[0], te_jit_ref (in[i - 1]), te_jit_ref (in[i]));
  return true;
}

static bool
run_unpack (const TeJitNode *node, const TeJitAny *in, TeJitAny *out, TeError *err)
{
  if (in[0].data->n != node->n_outputs)
    return te_error_set (err, TE_ERR_RUNTIME, "Expected %d elements in a list but found %d", node->n_outputs,
                         in[0].data->n);
  for (int i = 0; i < node->n_outputs; i++)
    out[i] = te_jit_ref (in[0].data->items[i]);
  return true;
}

static bool
run_index (const TeJitNode *node, const TeJitAny *in, TeJitAny *out, TeError *err)
{
  int64_t at = in[1].i + (in[1].i < 0 ? in[0].data->n : 0);
  if (at < 0 || at >= in[0].data->n)
    return te_error_set (err, TE_ERR_INDEX, "tuple index out of range");
  out[0] = te_jit_ref (in[0].data->items[at]);
  return true;
}

static bool
run_slice (const TeJitNode *node, const TeJitAny *in, TeJitAny *out, TeError *err)
{
  int64_t n = in[0].data->n;
  int64_t from = in[1].tag == TE_JIT_V_INT ? in[1].i : 0, to = in[2].tag == TE_JIT_V_INT ? in[2].i : n;
  from = from < 0 ? from + n : from;
  to = to < 0 ? to + n : to > n ? n : to;
  out[0] = te_jit_container (TE_JIT_V_TUPLE, node->outputs[0]->type);
  for (int64_t i = from < 0 ? 0 : from; i < to; i++)
    te_jit_append (&out[0], te_jit_ref (in[0].data->items[i]));
  return true;
}

static bool
run_same (const TeJitNode *node, const TeJitAny *in, TeJitAny *out, TeError *err)
{
  if (te_jit_node_is (node, "prim::unchecked_unwrap_optional")
      || !te_jit_node_is (node, "aten::_unwrap_optional") || in[0].tag != TE_JIT_V_NONE)
    {
      out[0] = te_jit_ref (in[0]);
      return true;
    }
  return te_error_set (err, TE_ERR_RUNTIME, "Unwrapping null optional");
}

static bool
run_isinstance (const TeJitNode *node, const TeJitAny *in, TeJitAny *out, TeError *err)
{
  bool is = false;
  for (int i = 0; i < node->types->n; i++)
    is = is || te_jit_any_is (in[0], node->types->items[i]);
  out[0] = te_jit_bool (is);
  return true;
}

static bool
run_uninitialized (const TeJitNode *node, const TeJitAny *in, TeJitAny *out, TeError *err)
{
  out[0] = te_jit_none ();
  return true;
}

static bool
run_get_attr (const TeJitNode *node, const TeJitAny *in, TeJitAny *out, TeError *err)
{
  return te_jit_host.get (in[0].object, node->name, out, err);
}

static bool
run_set_attr (const TeJitNode *node, const TeJitAny *in, TeJitAny *out, TeError *err)
{
  return te_jit_host.set (in[0].object, node->name, in[1], err);
}

static bool
call (TeJitFunction *function, const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  if (function->ignored)
    return te_jit_host.call (function, in, n, out, err);
  return te_jit_run (function, in, out, err);
}

static bool
run_call_function (const TeJitNode *node, const TeJitAny *in, TeJitAny *out, TeError *err)
{
  return call (in[0].function, in + 1, node->n_inputs - 1, out, err);
}

static bool
run_call_method (const TeJitNode *node, const TeJitAny *in, TeJitAny *out, TeError *err)
{
  TeJitFunction *method = te_jit_class_method (node->inputs[0]->type->class, node->name);
  if (!method)
    return te_error_set (err, TE_ERR_RUNTIME, "method %s is not there", node->name);
  return call (method, in, node->n_inputs, out, err);
}

static bool
run_raise (const TeJitNode *node, const TeJitAny *in, TeJitAny *out, TeError *err)
{
  te_jit_failure.raised = true;
  te_jit_failure.exception =
      node->n_inputs > 1 && in[1].tag == TE_JIT_V_STR ? te_jit_intern (in[1].data->text) : NULL;
  return te_error_set (err, TE_ERR_RUNTIME, "%s", in[0].tag == TE_JIT_V_STR ? in[0].data->text : "");
}

bool
te_jit_print_value (TeJitText *text, TeJitAny value, TeError *err)
{
  if (value.tag == TE_JIT_V_TENSOR)
    return te_jit_host.tensor_text (value.tensor, text, err);
  if (value.tag != TE_JIT_V_LIST && value.tag != TE_JIT_V_TUPLE && value.tag != TE_JIT_V_DICT)
    {
      te_jit_text_value (text, value);
      return true;
    }
  te_jit_text_add (text, value.tag == TE_JIT_V_LIST ? "[" : value.tag == TE_JIT_V_TUPLE ? "(" : "{");
  for (int i = 0; i < value.data->n; i++)
    {
      te_jit_text_add (text, i == 0 ? "" : value.tag == TE_JIT_V_DICT && i % 2 ? ": " : ", ");
      if (!te_jit_print_value (text, value.data->items[i], err))
        return false;
    }
  if (value.tag == TE_JIT_V_TUPLE && value.data->n == 1)
    te_jit_text_add (text, ",");
  te_jit_text_add (text, value.tag == TE_JIT_V_LIST ? "]" : value.tag == TE_JIT_V_TUPLE ? ")" : "}");
  return true;
}

static bool
run_print (const TeJitNode *node, const TeJitAny *in, TeJitAny *out, TeError *err)
{
  TeJitText text = { 0 };
  bool ok = true;
  for (int i = 0; ok && i < node->n_inputs; i++)
    {
      te_jit_text_add (&text, i ? " " : "");
      ok = te_jit_print_value (&text, in[i], err);
    }
  te_jit_text_add (&text, "\n");
  ok = ok && te_jit_host.print (te_jit_text_get (&text), err);
  te_jit_text_clear (&text);
  return ok;
}

static bool
run_warn (const TeJitNode *node, const TeJitAny *in, TeJitAny *out, TeError *err)
{
  return te_jit_host.warn (in[0].tag == TE_JIT_V_STR ? in[0].data->text : "", err);
}

/* aten::format ("{} and {}", …). */
static bool
run_format (const TeJitNode *node, const TeJitAny *in, TeJitAny *out, TeError *err)
{
  TeJitText text = { 0 };
  const char *at = in[0].data->text;
  int next = 1;
  for (const char *hole; (hole = strstr (at, "{}")); at = hole + 2)
    {
      te_jit_text_add_n (&text, at, (size_t) (hole - at));
      if (next >= node->n_inputs)
        {
          te_jit_text_clear (&text);
          return te_error_set (err, TE_ERR_RUNTIME, "Too few arguments for format string: %s",
                               in[0].data->text);
        }
      if (!te_jit_print_value (&text, in[next++], err))
        return false;
    }
  te_jit_text_add (&text, at);
  out[0] = te_jit_str (te_jit_text_get (&text), text.n);
  te_jit_text_clear (&text);
  return true;
}

/* One %… of a format, with the value that it takes; at is its letter. */
static bool
add_formatted (TeJitText *text, const char *at, TeJitAny value, TeError *err)
{
  bool number = value.tag == TE_JIT_V_INT || value.tag == TE_JIT_V_FLOAT || value.tag == TE_JIT_V_BOOL;
  if (*at == 's')
    return te_jit_print_value (text, value, err);
  if (*at == 'c' && value.tag == TE_JIT_V_STR)
    {
      te_jit_text_add (text, value.data->text);
      return true;
    }
  if (!number)
    return te_error_set (err, TE_ERR_RUNTIME, "%%%c requires a number for formatting, but got %s", *at,
                         te_jit_type_of (value)->annotation);
  if (*at == 'd' || *at == 'i')
    te_jit_text_format (text, "%lld",
                        value.tag == TE_JIT_V_FLOAT ? (long long) value.f
                                                    : (long long) te_jit_as_double (value));
  else if (*at == 'c')
    te_jit_text_format (text, "%c", (int) value.i);
  else
    te_jit_text_format (text,
                        *at == 'e'   ? "%e"
                        : *at == 'E' ? "%E"
                        : *at == 'F' ? "%F"
                        : *at == 'g' ? "%g"
                                     : "%f",
                        te_jit_as_double (value));
  return true;
}

/* aten::percentFormat ("%d of %s", (1, "a")). */
static bool
run_percent_format (const TeJitNode *node, const TeJitAny *in, TeJitAny *out, TeError *err)
{
  TeJitText text = { 0 };
  bool many = in[1].tag == TE_JIT_V_TUPLE, ok = true;
  int n = many ? in[1].data->n : 1, next = 0;
  for (const char *at = in[0].data->text; ok && *at; at++)
    {
      if (*at != '%' || at[1] == '%')
        {
          te_jit_text_add_n (&text, at, 1);
          at += *at == '%';
          continue;
        }
      if (!strchr ("sdicfFeEg", *++at) || !*at)
        ok = te_error_set (err, TE_ERR_RUNTIME,
                           "The specifier %%%c is not supported in TorchScript format strings", *at);
      else if (next == n)
        ok = te_error_set (err, TE_ERR_RUNTIME, "Too few arguments for format string");
      else
        ok = add_formatted (&text, at, many ? in[1].data->items[next] : in[1], err);
      next++;
    }
  if (ok && next < n)
    ok = te_error_set (err, TE_ERR_RUNTIME, "Too many arguments for format string");
  if (ok)
    out[0] = te_jit_str (te_jit_text_get (&text), text.n);
  te_jit_text_clear (&text);
  return ok;
}

static const struct
{
  const char *kind;
  NodeRun run;
} kinds[] = { { "prim::ListConstruct", run_container },
              { "prim::TupleConstruct", run_container },
              { "prim::DictConstruct", run_container },
              { "prim::ListUnpack", run_unpack },
              { "prim::TupleUnpack", run_unpack },
              { "prim::TupleIndex", run_index },
              { "prim::TupleSlice", run_slice },
              { "prim::unchecked_cast", run_same },
              { "aten::_unwrap_optional", run_same },
              { "prim::unchecked_unwrap_optional", run_same },
              { "prim::isinstance", run_isinstance },
              { "prim::Uninitialized", run_uninitialized },
              { "prim::GetAttr", run_get_attr },
              { "prim::SetAttr", run_set_attr },
              { "prim::CallFunction", run_call_function },
              { "prim::CallMethod", run_call_method },
              { "prim::RaiseException", run_raise },
              { "prim::Print", run_print },
              { "aten::warn", run_warn },
              { "aten::format", run_format },
              { "aten::percentFormat", run_percent_format } };

static const TeJitSchema *
choose_schema (const TeJitNode *node, const TeJitAny *in, TeError *err)
{
  int n;
  const TeJitSchema *const *schemas = te_jit_schemas_find (node->kind, &n);
  for (int exact = 1; exact >= 0;
       exact--) /* tensors take numbers too, but numbers have overloads of their own */
    for (int i = 0; i < n; i++)
      {
        bool fits = te_jit_schema_takes (schemas[i], in, node->n_inputs);
        for (int k = 0; exact && fits && k < node->n_inputs; k++)
          fits = te_jit_any_is (in[k], schemas[i]->args[k].type);
        if (fits)
          return schemas[i];
      }
  if (n)
    te_error_set (err, TE_ERR_RUNTIME, "%s does not take these arguments", node->kind);
  else
    te_error_set (err, TE_ERR_NOT_IMPLEMENTED, "%s in a TorchScript graph", node->kind);
  return NULL;
}

bool
te_jit_run_node (const TeJitNode *node, const TeJitAny *in, TeJitAny *out, TeError *err)
{
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (te_jit_node_is (node, kinds[i].kind))
      return kinds[i].run (node, in, out, err);
  const TeJitSchema *schema = node->schema;
  if (!schema || (!schema->op && !schema->run)
      || (schema->op && !te_jit_schema_takes (schema, in, node->n_inputs)))
    schema = choose_schema (node, in, err);
  if (!schema)
    return false;
  if (schema->run)
    {
      for (int i = 0; i < node->n_outputs; i++)
        out[i] = te_jit_none ();
      return schema->run (in, node->n_inputs, out, err);
    }
  return te_jit_schema_call (schema, in, node->n_inputs, out, node->n_outputs, err);
}

static void
note_failure (const Frame *frame, const TeJitNode *node)
{
  TeJitFailure *failure = &te_jit_failure;
  if (failure->n_frames < TE_JIT_MAX_FRAMES)
    failure->frames[failure->n_frames++] = (TeJitFrame){ node->range, frame->function };
}

static bool
run_one (Frame *frame, const TeJitNode *node, TeError *err)
{
  if (node->kind[0] == 'p')
    {
      if (te_jit_node_is (node, "prim::Constant"))
        {
          put (frame, node->outputs[0], te_jit_ref (node->value));
          return true;
        }
      if (te_jit_node_is (node, "prim::If"))
        return run_if (frame, node, err);
      if (te_jit_node_is (node, "prim::Loop"))
        return run_loop (frame, node, err);
    }
  TeJitAny in[MAX_ARGS], out[MAX_ARGS], *more = NULL;
  int n = node->n_inputs;
  if (node->n_outputs > MAX_ARGS)
    return te_error_set (err, TE_ERR_RUNTIME, "more than %d results in one node", MAX_ARGS);
  if (n > MAX_ARGS && !(more = malloc ((size_t) n * sizeof *more)))
    return te_error_no_memory (err);
  TeJitAny *values = more ? more : in;
  for (int i = 0; i < n; i++)
    values[i] = get (frame, node->inputs[i]);
  bool ok = te_jit_run_node (node, values, out, err);
  free (more);
  if (!ok)
    {
      note_failure (frame, node);
      return false;
    }
  for (int i = 0; i < node->n_outputs; i++)
    put (frame, node->outputs[i], out[i]);
  return true;
}

static bool
run_block (Frame *frame, TeJitBlock *block, TeError *err)
{
  for (TeJitNode *node = te_jit_block_first (block); node != block->ret; node = node->next)
    if (!run_one (frame, node, err))
      return false;
  return true;
}

static bool
run_frame (
    TeJitGraph *graph, const TeJitFunction *function, const TeJitAny *args, TeJitAny *results, TeError *err)
{
  static int depth;
  if (depth == 0)
    te_jit_failure.n_frames = 0, te_jit_failure.raised = false, te_jit_failure.exception = NULL;
  if (depth >= MAX_DEPTH)
    return te_error_set (err, TE_ERR_RUNTIME, "calls are nested more than %d deep", MAX_DEPTH);
  if (!graph->n_slots)
    prepare (graph);
  Frame frame = { graph, function, calloc ((size_t) graph->n_slots, sizeof *frame.slots) };
  if (!frame.slots)
    return te_error_no_memory (err);
  depth++;
  for (int i = 0; i < te_jit_graph_n_inputs (graph); i++)
    put (&frame, te_jit_graph_input (graph, i), te_jit_ref (args[i]));
  bool ok = run_block (&frame, graph->top, err);
  for (int i = 0; ok && i < graph->top->ret->n_inputs; i++)
    results[i] = te_jit_ref (get (&frame, graph->top->ret->inputs[i]));
  depth--;
  for (int i = 0; i < graph->n_slots; i++)
    te_jit_unref (frame.slots[i]);
  free (frame.slots);
  return ok;
}

bool
te_jit_run_graph (TeJitGraph *graph, const TeJitAny *args, TeJitAny *results, TeError *err)
{
  return run_frame (graph, NULL, args, results, err);
}

bool
te_jit_run (TeJitFunction *function, const TeJitAny *args, TeJitAny *result, TeError *err)
{
  *result = te_jit_none ();
  if (!function->graph)
    return te_error_set (err, TE_ERR_RUNTIME, "%s is not compiled", function->qualified);
  return run_frame (function->graph, function, args, result, err);
}
