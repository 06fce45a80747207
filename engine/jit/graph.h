/* The graph: blocks of nodes, nodes with inputs and outputs, values with types.  Everything lies in the
 * graph's arena. Invariants: a value is used only after its node, in that node's block or inside it; uses and
 * inputs agree. */
#pragma once

#include "jit/value.h"

typedef struct TeJitGraph TeJitGraph;
typedef struct TeJitBlock TeJitBlock;
typedef struct TeJitNode TeJitNode;
typedef struct TeJitVar TeJitVar; /* a value of a graph */

typedef struct
{
  TeJitNode *node;
  int index;
} TeJitUse;

struct TeJitVar
{
  TeJitNode *node; /* whose output it is */
  int offset;
  int number;       /* shown while it has no name */
  const char *name; /* interned, or NULL */
  const TeJitType *type;
  int n_uses, uses_room;
  TeJitUse *uses;
  int slot; /* for the executor */
};

/* Where in a program a node comes from.  Lines count from 1, columns in bytes from 0. */
typedef struct
{
  const char *file;
  int file_line;                          /* line of the source's first line in the file, minus 1 */
  const char *source;                     /* the function's text; NULL for traces */
  int line, column, end_line, end_column; /* within source; of traces: line in the file */
  const char *stack;                      /* of traces: the Python frames, one a line */
} TeJitRange;

struct TeJitNode
{
  const char *kind; /* interned "aten::add" */
  TeJitGraph *graph;
  TeJitBlock *block; /* NULL while it is not in one */
  TeJitNode *prev, *next;
  int n_inputs, inputs_room;
  TeJitVar **inputs;
  int n_outputs, outputs_room;
  TeJitVar **outputs;
  int n_blocks, blocks_room;
  TeJitBlock **blocks;
  bool has_value; /* prim::Constant other than None */
  TeJitAny value;
  const char *name;       /* attribute name= of GetAttr, SetAttr, CallMethod, functions */
  const char *scope;      /* "__module.l1", or NULL */
  const TeJitType *types; /* of prim::isinstance: a tuple of those asked for */
  const TeJitRange *range;
  const TeJitSchema *schema; /* of an op, once it is known */
};

struct TeJitBlock
{
  TeJitGraph *graph;
  TeJitNode *owner; /* NULL: the graph's own */
  TeJitNode *param; /* its outputs are the block's inputs; first in the ring of nodes */
  TeJitNode *ret;   /* its inputs are the block's outputs; last */
};

struct TeJitGraph
{
  int64_t refcount;
  TeJitArena *arena;
  TeJitBlock *top;
  TeJitNode *point; /* new nodes are put before it */
  int next_number;
  const TeJitRange *range; /* given to new nodes */
  const char *scope;
  /* names in use, and the last suffix of each base */
  struct TeJitName *names;
  int n_names, names_room;
  TeJitNode **constants; /* nodes that own a value */
  int n_constants, constants_room;
  int n_slots;  /* 0: not prepared for running */
  void *keeper; /* free for who wraps graphs */
};

TeJitGraph *te_jit_graph_new (void);
TeJitGraph *te_jit_graph_ref (TeJitGraph *graph);
void te_jit_graph_unref (TeJitGraph *graph);
TeJitGraph *te_jit_graph_copy (const TeJitGraph *graph);
TeJitGraph *te_jit_graph_copy_renumbered (const TeJitGraph *graph); /* in the order of the text */

TeJitVar *te_jit_block_add_input (TeJitBlock *block, const TeJitType *type);
void te_jit_block_add_output (TeJitBlock *block, TeJitVar *value);
TeJitBlock *te_jit_node_add_block (TeJitNode *node);
#define te_jit_graph_n_inputs(graph) ((graph)->top->param->n_outputs)
#define te_jit_graph_input(graph, i) ((graph)->top->param->outputs[i])
#define te_jit_block_first(block)    ((block)->param->next) /* block->ret when there is none */

TeJitNode *te_jit_node_new (TeJitGraph *graph, const char *kind); /* not in a block yet, no outputs */
TeJitVar *te_jit_node_add_output (TeJitNode *node, const TeJitType *type);
TeJitVar *te_jit_node_insert_output (TeJitNode *node, int at, const TeJitType *type);
void te_jit_node_add_input (TeJitNode *node, TeJitVar *value);
void te_jit_node_insert_input (TeJitNode *node, int at, TeJitVar *value);
void te_jit_node_set_input (TeJitNode *node, int at, TeJitVar *value);
void te_jit_node_remove_input (TeJitNode *node, int at);
void te_jit_node_remove_output (TeJitNode *node, int at);
void te_jit_node_insert (TeJitNode *node); /* at the graph's point */
void te_jit_node_insert_before (TeJitNode *node, TeJitNode *place);
void te_jit_node_unlink (TeJitNode *node);  /* out of its block, inputs kept */
void te_jit_node_destroy (TeJitNode *node); /* its outputs must have no uses */
bool te_jit_node_is (const TeJitNode *node, const char *kind);
bool te_jit_node_is_before (const TeJitNode *node, const TeJitNode *other); /* in the program's order */

/* Makes a node at the point with one output of type (none when NULL) and up to 16 inputs. */
TeJitVar *
te_jit_emit (TeJitGraph *graph, const char *kind, const TeJitType *type, int n, TeJitVar *const *inputs);
TeJitVar *te_jit_constant (TeJitGraph *graph,
                           TeJitAny value,
                           const TeJitType *type); /* takes value; type NULL: of value */

void te_jit_var_replace (TeJitVar *old, TeJitVar *with); /* in all uses */
/* Gives value a name; another one that has it gets a suffix.  NULL or "" takes the name away. */
void te_jit_var_set_name (TeJitVar *value, const char *name);
const char *te_jit_var_base_name (const TeJitVar *value); /* without suffix ".3"; NULL without a name */
const char *te_jit_var_name (const TeJitVar *value);      /* name or number, interned */
bool te_jit_var_constant (const TeJitVar *value, TeJitAny *out); /* borrowed; None counts */

/* A place of a trace; made once, lasts as long as the process. */
const TeJitRange *te_jit_range_of_trace (const char *file, int line, const char *stack);

/* ---- text ---- */
void te_jit_graph_text (TeJitText *text, const TeJitGraph *graph);
void te_jit_node_text (TeJitText *text, const TeJitNode *node, int level);
/* The excerpt of errors: "  File …, line n\n<source>\n   ~~~ <--- HERE\n". */
void te_jit_range_text (TeJitText *text, const TeJitRange *range);
