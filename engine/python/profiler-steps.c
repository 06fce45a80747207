/* What PyTorch's operators call inside, as its profiles list it.  Where the engine computes such a step at once with the rest,
 * the step is listed without time of its own, and the one that does the work bears what was measured. */
#include "python/profiler.h"

#include <stdio.h>
#include <string.h>

/* NAME(inner inner): rows without time.  NAME*: the row that the work is done in; it comes last. */
#define CONVERTED "to(_to_copy(empty_strided copy_))"
static const char *const table[][2] = {
  /* views */
  { "t", "transpose(as_strided)" },
  { "transpose", "as_strided" },
  { "expand", "as_strided" },
  { "permute", "as_strided" },
  { "select", "as_strided" },
  { "slice", "as_strided" },
  { "unsqueeze", "as_strided" },
  { "squeeze", "as_strided" },
  { "unfold", "as_strided" },
  { "diagonal", "as_strided" },
  { "detach", "=detach" },
  /* copies and creation */
  { "contiguous>clone", "empty_like(empty) copy_*" },
  { "reshape>clone", "empty_like(empty) copy_*" },
  { "clone", "empty_strided copy_*" },
  { "_to_copy", "empty_strided copy_*" },
  { "ones", "empty fill_*" },
  { "zeros", "empty zero_*" },
  { "full", "empty fill_*" },
  { "rand", "empty uniform_*" },
  { "randn", "empty normal_*" },
  { "randint", "empty random_*" },
  { "arange", "empty arange*(resize_)" },
  { "eye", "empty eye*(resize_ zero_)" },
  { "linspace", "empty linspace*" },
  { "ones_like", "empty_like(empty_strided) fill_*" },
  { "zeros_like", "empty_like(empty_strided) zero_*" },
  { "full_like", "empty_like(empty_strided) fill_*" },
  { "rand_like", "empty_like(empty_strided) uniform_*" },
  { "randn_like", "empty_like(empty_strided) normal_*" },
  { "empty_like", "empty_strided*" },
  { "new_zeros", "new_empty(empty) zero_*" },
  /* pointwise */
  { "relu", "clamp_min*" },
  { "relu_", "clamp_min_*" },
  { "abs", "empty abs*" },
  { "clamp", "to" },
  { "clamp_", "to" },
  { "pow", "result_type to" },
  { "isnan", "ne*" },
  { "where", "empty" },
  { "masked_fill", "clone(empty_like(empty) copy_) masked_fill_*" },
  /* reductions, joins, indices */
  { "AddmmBackward0>sum", "fill_" },
  { "sum", "as_strided fill_" },
  { "adaptive_avg_pool2d>mean", "div_(" CONVERTED ") sum*(fill_)" },
  { "mean", "div_(" CONVERTED ") sum*(as_strided fill_)" },
  { "argmax", "as_strided" },
  { "argmin", "as_strided" },
  { "stack", "view cat*" },
  { "index", "as_strided reshape(_reshape_alias)" },
  { "index_select", "empty select(as_strided) select(as_strided)" },
  { "nonzero", "empty as_strided_" },
  { "cumsum", "to" },
  { "select_backward", "zeros(empty zero_) select(as_strided) copy_*" },
  { "slice_backward", "zeros(empty zero_) slice(as_strided) copy_*" },
  /* products */
  { "bmm", "resolve_conj resolve_conj" },
  { "mv", "empty addmv_*" },
  { "dot", "empty fill_" },
  /* layers */
  { "conv1d", "convolution*(_convolution*(unsqueeze(as_strided) unsqueeze(as_strided) squeeze(as_strided) "
              "mkldnn_convolution*(empty empty as_strided_)))" },
  { "conv2d", "convolution*(_convolution*(mkldnn_convolution*(empty empty as_strided_)))" },
  { "convolution_backward", "empty as_strided_ empty as_strided_" },
  { "max_pool2d", "max_pool2d_with_indices*" },
  { "max_pool2d_with_indices_backward", "zero_" },
  { "_adaptive_avg_pool2d", "empty resize_" },
  { "layer_norm", "native_layer_norm*(empty empty empty view view)" },
  { "group_norm", "native_group_norm*(empty empty empty)" },
  { "embedding", "index_select*(empty select(as_strided) select(as_strided))" },
  { "embedding_dense_backward", "zeros(empty zero_) view" },
  /* softmax and losses */
  { "softmax", "_softmax*" },
  { "cross_entropy_loss>log_softmax", "to _log_softmax*" },
  { "log_softmax", "_log_softmax*" },
  { "nll_loss", "nll_loss_forward*" },
  { "nll_loss_backward", "zero_" },
  { "mse_loss", "resize_ empty" },
  { "smooth_l1_loss", "resize_ empty" },
  { "mse_loss_backward", "zeros_like(empty_like(empty) zero_) mse_loss_backward*" },
  { "binary_cross_entropy_with_logits",
    "neg clamp_min_ empty_like(empty_strided) fill_ sub_ mul_ add_ neg exp_ neg sub exp_ add_ log_ add_" },
};

/* Arithmetic with a number: as a tensor of its own dtype it is first brought to the other's. */
static bool
converts_number (const char *name, const TeOpCall *call)
{
  static const char *const names[] = { "add", "sub", "mul", "div", "gt", "lt", "ge", "le", "eq", "ne", "rsub" };
  const TeValue *args = call->args;
  if (call->op->n_args < 2 || args[0].kind != TE_VALUE_TENSOR)
    return false;
  bool tensor = args[1].kind == TE_VALUE_TENSOR && (args[1].tensor->flags & TE_TENSOR_WRAPPED_NUMBER);
  if (!tensor && args[1].kind != TE_VALUE_SCALAR)
    return false;
  size_t length = strlen (name);
  length -= length && name[length - 1] == '_';
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (strlen (names[i]) == length && strncmp (names[i], name, length) == 0)
      {
        TeCategory number = tensor ? te_dtype_info[te_tensor_dtype (args[1].tensor)].category : args[1].scalar.category;
        TeDtype wrapped = number == TE_CATEGORY_FLOAT ? TE_FLOAT64 : number == TE_CATEGORY_INT ? TE_INT64 : TE_BOOL;
        return te_tensor_dtype (call->args[0].tensor) != wrapped;
      }
  return false;
}

static bool
rows_dense (const TeTensor *matrix)
{
  return matrix->ndim == 2 && (matrix->strides[1] == 1 || matrix->sizes[1] == 1)
         && matrix->strides[0] >= (matrix->sizes[1] > 1 ? matrix->sizes[1] : 1);
}

static bool
columns_dense (const TeTensor *matrix)
{
  return matrix->ndim == 2 && (matrix->strides[0] == 1 || matrix->sizes[0] == 1)
         && matrix->strides[1] >= (matrix->sizes[0] > 1 ? matrix->sizes[0] : 1);
}

/* How a factor comes to BLAS: rows are taken as they are, columns need no look at conjugation, others are copied. */
static const char *
factor_steps (const TeValue *value, const char *rows)
{
  const TeTensor *matrix = value->kind == TE_VALUE_TENSOR ? value->tensor : NULL;
  return !matrix || rows_dense (matrix) ? rows
         : columns_dense (matrix)       ? ""
                                        : " clone(empty_like(empty) copy_)";
}

static void
repeated (char *text, size_t room, const char *step, int64_t n)
{
  size_t at = 0, length = strlen (step);
  for (int64_t i = 0; i < n && at + length + 2 < room; i++, at += length + 1)
    snprintf (text + at, room - at, "%s ", step);
}

/* Steps that depend on the arguments; NULL: none of its kind. */
static const char *
steps_of_arguments (const char *name, const TeOpCall *call, char *text, size_t room)
{
  const TeValue *args = call->args;
  *text = 0;
  if (strcmp (name, "mm") == 0)
    snprintf (text, room, "resolve_conj%s%s", factor_steps (&args[1], " resolve_conj#1"), factor_steps (&args[0], " resolve_conj#0"));
  else if (strcmp (name, "addmm") == 0)
    snprintf (text, room, "%scopy_#o resolve_conj#o%s%s", args[0].kind == TE_VALUE_TENSOR && args[0].tensor->ndim < 2 ? "expand#0(as_strided#0) " : "",
              factor_steps (&args[2], " resolve_conj#2"), factor_steps (&args[1], " resolve_conj#1"));
  else if (strcmp (name, "batch_norm") == 0)
    {
      bool training = false;
      for (int i = 0; i < call->op->n_args; i++)
        if (strcmp (call->op->args[i].name, "training") == 0)
          training = args[i].kind == TE_VALUE_BOOL && args[i].b;
      snprintf (text, room, "_batch_norm_impl_index*(empty native_batch_norm*(empty empty%s empty_like(empty) empty empty))",
                training ? " empty empty" : "");
    }
  else if (strcmp (name, "dropout") == 0)
    {
      if (call->op->n_args > 2 && args[2].kind == TE_VALUE_BOOL && args[2].b)
        snprintf (text, room, "empty_like(empty) div_(" CONVERTED ")");
    }
  else if ((strcmp (name, "max") == 0 || strcmp (name, "min") == 0) && call->op->n_args == 1)
    snprintf (text, room, "empty fill_");
  else if (strcmp (name, "unbind") == 0 && args[0].kind == TE_VALUE_TENSOR && args[1].kind == TE_VALUE_INT)
    {
      int64_t dim = args[1].i + (args[1].i < 0 ? args[0].tensor->ndim : 0);
      if (dim >= 0 && dim < args[0].tensor->ndim)
        repeated (text, room, "select(as_strided)", args[0].tensor->sizes[dim]);
    }
  else if (strcmp (name, "split") == 0 && args[0].kind == TE_VALUE_TENSOR && args[1].kind == TE_VALUE_INT
           && call->op->n_args > 2 && args[2].kind == TE_VALUE_INT && args[1].i > 0)
    {
      int64_t dim = args[2].i + (args[2].i < 0 ? args[0].tensor->ndim : 0);
      if (dim >= 0 && dim < args[0].tensor->ndim)
        repeated (text, room, "narrow(slice(as_strided))", (args[0].tensor->sizes[dim] + args[1].i - 1) / args[1].i);
    }
  else if (strcmp (name, "rsub") == 0 || strcmp (name, "rsub_") == 0)
    snprintf (text, room, converts_number (name, call) ? "sub*(" CONVERTED ")" : "sub*");
  else if (converts_number (name, call))
    snprintf (text, room, CONVERTED);
  else
    return NULL;
  return text;
}

static bool
is_within (const char *key, const char *parent, const char *name)
{
  const char *mark = strchr (key, '>');
  return mark && strlen (parent) == (size_t) (mark - key) && strncmp (parent, key, (size_t) (mark - key)) == 0
         && strcmp (mark + 1, name) == 0;
}

const char *
te_profile_steps (const char *name, const char *parent, const TeOpCall *call, char *text, size_t room)
{
  const char *made = steps_of_arguments (name, call, text, room);
  if (made)
    return made;
  if (strncmp (parent, "aten::", 6) == 0)
    parent += 6;
  for (size_t i = 0; i < sizeof table / sizeof *table; i++)
    if (strcmp (table[i][0], name) == 0 || is_within (table[i][0], parent, name))
      return table[i][1];
  return "";
}

int
te_profile_step_arguments (const char *name, size_t length, int *n_tensors)
{
  static const struct
  {
    const char *name;
    int n_tensors, n_others;
  } calls[] = { { "as_strided", 1, 3 }, { "transpose", 1, 2 }, { "expand", 1, 2 },  { "clamp_min", 1, 1 },
                { "copy_", 2, 1 },      { "empty", 0, 6 },     { "zeros", 0, 5 },   { "fill_", 1, 1 },
                { "_to_copy", 1, 6 },   { "_softmax", 1, 2 },  { "_log_softmax", 1, 2 } };
  *n_tensors = 1;
  for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
    if (strlen (calls[i].name) == length && strncmp (calls[i].name, name, length) == 0)
      {
        *n_tensors = calls[i].n_tensors;
        return calls[i].n_others;
      }
  return 0;
}
