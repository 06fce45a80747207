/* ops: what can be computed.  One const TeOpDef row per op, at the foot of its family's file; registry.c joins
 * the families; dispatch.c runs a row.  Dispatch, the Python callable, autograd, the trace, the docs and the
 * tests read the same row: adding an op touches one place.  `ops` knows neither autograd nor trace nor Python:
 * they observe dispatch. */
#pragma once

#include "base/err.h"
#include "core/generator.h"
#include "core/tensor.h"
#include "iter/output.h"

#define TE_OP_MAX_ARGS 16
#define TE_OP_INLINE_OUTS 4
#define TE_OP_MAX_EXTRA 4

/* ---- values: what an argument can be ---- */
typedef enum
{
  TE_VALUE_NONE = 0, /* None, or an optional argument that was not given */
  TE_VALUE_TENSOR,
  TE_VALUE_TENSOR_LIST, /* entries may be NULL where the schema says Tensor?[] (indices) */
  TE_VALUE_SCALAR,
  TE_VALUE_INT,
  TE_VALUE_FLOAT,
  TE_VALUE_BOOL,
  TE_VALUE_INT_LIST,
  TE_VALUE_FLOAT_LIST,
  TE_VALUE_DTYPE,
  TE_VALUE_STRING,
  TE_VALUE_GENERATOR,
  TE_VALUE_DEVICE, /* i: 0 cpu, 1 meta */
  TE_VALUE_LAYOUT, /* i: memory format, TeMemoryFormat */
} TeValueKind;

typedef enum
{
  TE_MEMORY_CONTIGUOUS,
  TE_MEMORY_PRESERVE,
  TE_MEMORY_CHANNELS_LAST,
  TE_MEMORY_CHANNELS_LAST_3D,
} TeMemoryFormat;

typedef struct
{
  TeValueKind kind;
  int32_t count; /* of a list */
  union
  {
    TeTensor *tensor; /* borrowed, as everything in a value */
    TeTensor *const *tensors;
    TeScalar scalar;
    int64_t i;
    double f;
    bool b;
    const int64_t *ints;
    const double *floats;
    TeDtype dtype;
    const char *string;
    TeGenerator *generator;
  };
} TeValue;

/* ---- flags of a row ---- */
typedef enum
{
  TE_OP_METHOD = 1 << 0,   /* Tensor.name */
  TE_OP_FUNCTION = 1 << 1, /* torch.name */
  TE_OP_NN = 1 << 2,       /* torch._C._nn.name, used by nn.functional */
  TE_OP_SPECIAL = 1 << 3,  /* torch.special.name */
  TE_OP_LINALG = 1 << 4,   /* torch.linalg.name (the schema's name starts with linalg_) */
  TE_OP_INPLACE = 1 << 5,  /* the row also serves `name_`: kernel writes into call->outs[0] (== args[0]) */
  TE_OP_OUT = 1 << 6,      /* the row also serves out=: kernel writes into call->outs[i] that are given */
  TE_OP_INPLACE_ONLY = 1 << 7, /* the schema's own name ends in _ : always writes into args[0], returns it */
  TE_OP_VIEW = 1 << 8,         /* outputs look at args[0]'s storage */
  TE_OP_NONDIFF = 1 << 9,      /* never recorded; result needs no gradient */
  TE_OP_COMPOSITE = 1 << 10,   /* kernel is written in other ops: autograd records those, not this */
  TE_OP_RANDOM = 1 << 11,      /* draws from a generator */
  TE_OP_LIST_OUT = 1 << 12,    /* returns a list (split, unbind) of call->n_outs tensors */
  TE_OP_LIST_AS_TUPLE = 1 << 13, /* Python gets a tuple rather than a list */
  /* The backward rule knows complex gradients.  All other rules are those of analytic functions, J^T g:
   * autograd runs them between two conjugations where the gradient is complex, which gives PyTorch's J^H g; those of views
   * (TE_OP_VIEW), which only move numbers, need none.
   */
  TE_OP_CONJ_RULE = 1 << 15,
  TE_OP_FFT = 1 << 22,          /* torch.fft.name (the schema's name starts with fft_) */
  TE_OP_UNFILLED = 1 << 23,     /* leaves what was in memory: the same call need not give the same numbers */
  TE_OP_LAZY = 1 << 19,         /* the kernel handles TE_TENSOR_LAZY bits itself: see ops/lazy.h */
  TE_OP_WIDENS = 1 << 20,       /* bfloat16 arguments run as float32: see widen.h */
  TE_OP_WIDENS_MIXED = 1 << 21, /* the same, and float32 arguments may stand beside bfloat16 ones */
  TE_OP_WIDENS_HALF = 1 << 24,  /* float16 arguments run as float32 */
  TE_OP_WIDENS_INTEGERS = 1 << 25, /* integers run as float64, where all tensors have the one dtype */
  TE_OP_KEEPS_EXTRA =
      1 << 26, /* what it saves is plain data: its rule runs again after the graph was freed */
  /* Roles that the data flow looks for (attention is found by them, never by names). */
  TE_OP_ROLE_SOFTMAX = 1 << 16, /* normalises along argument `dim` */
  TE_OP_ROLE_PRODUCT = 1 << 17, /* contracts: matmul, bmm, einsum's inner step … */
  TE_OP_ROLE_PASS = 1 << 18,    /* same values seen otherwise: views, dropout, casts, copies, masks */
} TeOpFlags;

/* ---- a call ---- */
typedef struct TeOp TeOp;
typedef struct TeOpDef TeOpDef;

typedef struct TeOpCall
{
  const TeOp *op;
  const TeValue *args; /* op->n_args of them in schema order, defaults filled in; borrowed */
  /* Results.  In-place: outs[0] is args[0] (borrowed by the caller's rule: dispatch takes a reference before the
   * kernel).  out=: given outputs are set.  Otherwise NULL; the kernel stores new references.  All entries are
   * owned by the call when the kernel returns. */
  TeTensor **outs;
  int n_outs;
  TeTensor *inline_outs[TE_OP_INLINE_OUTS];
  /* What the kernel computed on the way and backward wants (masks, indices, statistics): owned references.
   * Filled only when wants_grad.  The last entry belongs to autograd (the old value of a
   * tensor that is changed in place). */
  TeTensor *extra[TE_OP_MAX_EXTRA];
  bool wants_grad; /* autograd will record this call */
  bool inplace;    /* called as name_ */
  bool has_out;    /* called with out= */
  uint64_t trace_call; /* the trace's number for this call */
  const char *node;    /* a kernel may name the recorded node otherwise than its row does; a constant */
} TeOpCall;

bool te_op_call_reserve (TeOpCall *call, int n_outs, TeError *err); /* for TE_OP_LIST_OUT: room for n_outs, all NULL */

/* ---- backward ---- */
/* Sizes and dtype of a tensor input, kept without keeping its memory. */
typedef struct
{
  int64_t inline_sizes[TE_INLINE_NDIM];
  int64_t *sizes; /* inline_sizes, or memory of its own: a meta does not move */
  int8_t dtype; /* TE_DTYPE_NONE: the argument was None */
  uint8_t ndim;
} TeMeta;

/* What a backward rule sees.  "Flat inputs" are the tensor arguments in schema order with lists spelled out,
 * None arguments included.  The rule computes with dispatched ops (so that create_graph works) and stores an
 * owned reference in results[i] for each flat input i with needs[i]; leaving NULL means "no gradient". */
typedef struct TeBackward
{
  const TeOp *op;
  const TeValue *args;     /* as called; tensors that were not saved are NULL in it */
  int n_inputs;            /* flat */
  TeTensor *const *inputs; /* flat; NULL where not saved */
  const TeMeta *metas;     /* flat */
  const bool *needs;       /* flat */
  int n_outs;
  TeTensor *const *outs;   /* saved results, NULL where not saved */
  const TeMeta *out_metas;
  TeTensor *const *extra;  /* saved call->extra */
  TeTensor *const *grads;  /* per output; NULL where no gradient arrived */
  TeTensor **results;      /* per flat input */
  bool create_graph; /* what the rule computes is recorded in turn: compose, rather than call fused kernels */
} TeBackward;

typedef bool (*TeKernel) (TeOpCall *call, TeError *err);
typedef bool (*TeBackwardRule) (TeBackward *ctx, TeError *err);

/* Bits for TeOpDef.saves: flat-argument i (schema index), or output i. */
#define TE_SAVE_ARG(i) (1u << (i))
#define TE_SAVE_OUT(i) (1u << (16 + (i)))

struct TeOpDef
{
  /* "name.overload(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor", ATen's grammar:
   * types Tensor Tensor? Tensor[] Tensor?[] Scalar Scalar? int int? int[] int[]? int[N] float float? float[]
   * bool bool? ScalarType ScalarType? str str? Generator? Device? MemoryFormat?; defaults: numbers, True/False,
   * None, [], [0, 1], "text" for str.  Returns: Tensor, (Tensor values, Tensor indices), Tensor[], "Tensor(a!)".
   * Named returns become a named tuple torch.return_types.name. */
  const char *schema;
  uint32_t flags;
  TeKernel kernel;
  TeBackwardRule backward; /* NULL with TE_OP_NONDIFF, TE_OP_COMPOSITE, or a named "not differentiable" error */
  const char *node;        /* grad_fn's name without index: "AddBackward" gives AddBackward0 */
  uint32_t saves;          /* what backward needs: TE_SAVE_ARG / TE_SAVE_OUT */
  const char *doc;         /* one or more lines: shapes, what it does */
  /* Optional: bit i is set where output i is floating, yet has no gradient (permutations, residuals). */
  uint32_t constant_outs;
  /* Optional: PyTorch's name for in-place node differs only by this; NULL: same */
  const char *inplace_node;
  /* When the inputs that need gradients are few, some args need not be saved: returns the bits to keep. NULL: all. */
  uint32_t (*saves_for) (const TeOpCall *call, const bool *needs);
  /* The same results written in other ops, for rules that are not: used where gradients are differentiated
   * again, or always when there is no rule.  Needs every tensor argument saved that it reads. */
  TeKernel twin;
  uint32_t grad_version; /* of a gradient that backward made: how often PyTorch's formula writes to it in place */
  /* Optional: bit i is set where argument i has no derivative: a tensor there may not require gradients. */
  uint32_t constant_args;
};

/* What an op says of the narrow floating dtypes that it has no loops for: see low-precision.h. */
typedef struct
{
  uint32_t dtypes; /* bits by TeDtype */
  const char *says; /* as TeOp.refuses_complex */
  const char *without_second, *without_third; /* where that argument is None; NULL: the same */
} TeLowPrecision;

/* A registered op: its row and the parsed schema. */
typedef enum
{
  TE_ARG_TENSOR,
  TE_ARG_TENSOR_LIST,
  TE_ARG_OPTIONAL_TENSOR_LIST, /* Tensor?[] */
  TE_ARG_SCALAR,
  TE_ARG_INT,
  TE_ARG_FLOAT,
  TE_ARG_BOOL,
  TE_ARG_INT_LIST,
  TE_ARG_FLOAT_LIST,
  TE_ARG_DTYPE,
  TE_ARG_STRING,
  TE_ARG_GENERATOR,
  TE_ARG_DEVICE,
  TE_ARG_LAYOUT,
} TeArgType;

typedef struct
{
  const char *name;
  TeArgType type;
  bool optional;     /* type? : None is allowed */
  bool has_default;
  bool keyword_only; /* after * */
  int16_t list_size; /* int[2]: a single int stands for [x, x] ; 0: any length */
  TeValue default_value;
} TeArg;

struct TeOp
{
  const TeOpDef *def;
  char *name;     /* "add" */
  char *overload; /* "Tensor" or "" */
  int index;      /* in the registry: dense, stable within a run */
  int n_args;
  int n_positional;
  int n_returns;   /* 1 for a list */
  bool returns_list;
  char *return_names[TE_OP_INLINE_OUTS]; /* NULL when unnamed */
  TeArg args[TE_OP_MAX_ARGS];
  char *node_name;         /* "AddBackward0"; NULL without def->node */
  char *inplace_node_name; /* the same as node_name unless def->inplace_node says otherwise */
  uint8_t autocast;        /* TeAutocastPolicy; set once somebody switches autocast on */
  const char *refuses_complex; /* NULL: takes complex numbers; see complex/refusals.h */
  uint32_t
      constant_args; /* bit i: argument i has no derivative; the row's own and those whose names say so */
  const TeOutRule *out_rule; /* NULL: nothing to add to the general rule of out=; see out-rules.h */
  const TeLowPrecision *low_precision; /* NULL: takes float16 and bfloat16; see low-precision.h */
  bool on_meta;                        /* its kernel computes sizes without data (device meta) */
  bool on_meta_as_zeros;               /* its kernel runs on zeros there: see meta-run.h */
  uint64_t trace_string; /* free for the trace: id of the interned name */
};
