/* Passes: each changes a graph in place and leaves its meaning as it was. */
#pragma once

#include "jit/function.h"

void te_jit_pass_dce (TeJitGraph *graph); /* nodes that nothing needs */
bool te_jit_pass_cse (TeJitGraph *graph); /* equal pure nodes become one */
bool te_jit_pass_constant_propagation (TeJitGraph *graph, bool immutable_only);
void te_jit_pass_constant_pooling (TeJitGraph *graph); /* equal constants become one, all stand at the top */
void te_jit_pass_peephole (TeJitGraph *graph);         /* small identities */
void te_jit_pass_inline (TeJitGraph *graph);           /* bodies in place of calls */
void te_jit_pass_canonicalize_outputs (
    TeJitGraph *graph); /* outputs of If and Loop in order of use, unused ones gone */
void te_jit_pass_lower_simple_tuples (TeJitGraph *graph); /* a tuple that is made to be taken apart */
void te_jit_pass_normalize_ops (TeJitGraph *graph);       /* aten::absolute is aten::abs */
void te_jit_pass_fuse_linear_relu (TeJitGraph *graph);    /* relu (linear (…)) as gradboard::linear_relu */
bool te_jit_pass_lint (const TeJitGraph *graph, TeError *err); /* are the graph's invariants kept? */
TeJitGraph *te_jit_graph_canonicalize (const TeJitGraph *graph,
                                       bool keep_names); /* a copy with values numbered anew */
void te_jit_pass_erase_shapes (TeJitGraph *graph);       /* tensors without what a trace saw of them */

/* What the compiler emitted becomes a graph: local variables are values, early exits are conditions, and it
 * is tidy. */
void te_jit_pass_finish (TeJitGraph *graph);
void te_jit_pass_exits (TeJitGraph *graph);
/* The nodes of block once more, at the graph's point; its first output there. */
TeJitVar *te_jit_clone_block (const TeJitBlock *block);
/* The nodes of block once more at the end of to, a block of owner, with to's outputs for owner's; their
 * results become more outputs of to. */
void te_jit_clone_block_into (const TeJitBlock *block, TeJitBlock *to, const TeJitNode *owner);

bool te_jit_node_has_effects (const TeJitNode *node); /* it or what is in it must stay */
bool te_jit_same_constant (const TeJitNode *a, const TeJitNode *b);
bool te_jit_node_is_random (const TeJitNode *node);
/* Does the graph change a value in place that value may be? */
bool te_jit_node_may_mutate (const TeJitNode *node);
