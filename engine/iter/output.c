#include "iter/output.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "iter/tensor-iter.h"

const TeOutRule *te_out_rule;

bool
te_out_takes (TeDtype out, TeDtype result, TeOutTakes otherwise)
{
  TeOutTakes takes = te_out_rule && te_out_rule->takes ? te_out_rule->takes : otherwise;
  return out == result || takes == TE_OUT_ANY || (takes == TE_OUT_CASTS && te_dtype_can_cast (result, out));
}

bool
te_out_refuse (TeDtype out, TeDtype result, TeOutTakes otherwise, TeError *err)
{
  TeOutTakes takes = te_out_rule && te_out_rule->takes ? te_out_rule->takes : otherwise;
  const char *words = te_out_rule && te_out_rule->words ? te_out_rule->words
                      : takes == TE_OUT_SAME ? "Expected out tensor to have dtype %r, but got %o instead"
                                             : "result type %R can't be cast to the desired output type %O";
  char text[512];
  size_t used = 0;
  for (; *words && used < sizeof text - 1; words++)
    {
      const char *name = NULL;
      if (*words == '%')
        switch (*++words)
          {
          case 'R':
            name = te_dtype_error_name (result);
            break;
          case 'r':
            name = te_dtype_c_name (result);
            break;
          case 'O':
            name = te_dtype_error_name (out);
            break;
          default:
            te_assert (*words == 'o');
            name = te_dtype_c_name (out);
          }
      if (name)
        used += (size_t) snprintf (text + used, sizeof text - used, "%s", name);
      else
        text[used++] = *words;
    }
  text[used < sizeof text ? used : sizeof text - 1] = 0;
  return te_error_set (err, TE_ERR_RUNTIME, "%s", text);
}

bool
te_out_resize (TeTensor *out, int ndim, const int64_t *sizes, const int64_t *strides, TeError *err)
{
  char had[512], wants[512];
  if (out->ndim == ndim && memcmp (out->sizes, sizes, (size_t) ndim * sizeof (int64_t)) == 0)
    return true;
  bool quiet = te_out_rule && (te_out_rule->flags & TE_OUT_QUIET);
  if (out->numel && !quiet
      && !te_warn (
          err, TE_WARN_USER,
          "An output with one or more elements was resized since it had shape %s, which does not match the "
          "required output shape %s. This behavior is deprecated, and in a future PyTorch release outputs "
          "will not be resized unless they have zero elements. You can explicitly reuse an out tensor t by "
          "resizing it, inplace, to zero elements with t.resize_(0).",
          te_shape_text (out->ndim, out->sizes, had, sizeof had),
          te_shape_text (ndim, sizes, wants, sizeof wants)))
    return false;
  return te_tensor_resize (out, ndim, sizes, err)
         && (!strides || te_tensor_set_geometry (out, ndim, sizes, strides, out->offset, err));
}

TeTensor *
te_output_new (bool meta, int ndim, const int64_t *sizes, const int64_t *strides, TeDtype dtype, TeError *err)
{
  if (meta)
    return te_tensor_new_meta (ndim, sizes, strides, dtype, err);
  return strides ? te_tensor_new_strided (ndim, sizes, strides, dtype, err)
                 : te_tensor_new (ndim, sizes, dtype, err);
}

bool
te_output (TeTensor **out,
           const TeTensor *like,
           int ndim,
           const int64_t *sizes,
           const int64_t *strides,
           TeDtype dtype,
           TeError *err)
{
  if (!*out)
    return (*out = te_output_new (like && te_tensor_is_meta (like), ndim, sizes, strides, dtype, err))
           != NULL;
  if ((*out)->dtype != dtype) /* the caller is about to write elements of that dtype into it */
    return te_out_refuse (te_tensor_dtype (*out), dtype, TE_OUT_SAME, err);
  return te_out_resize (*out, ndim, sizes, strides, err);
}
