/* A tensor: dtype, sizes, strides (in elements), storage offset, over a storage; plus what autograd and
 * Python hang on it.  Counted by references, not atomically. */
#pragma once

#include "core/dtype.h"
#include "core/scalar.h"
#include "core/shape.h"
#include "core/storage.h"

#define TE_INLINE_NDIM 5

typedef struct TeTensor TeTensor;
typedef struct TeAutogradMeta TeAutogradMeta; /* defined by `autograd` */

typedef enum
{
  TE_TENSOR_REQUIRES_GRAD = 1 << 0,  /* set on leaves by the person, on results by autograd */
  TE_TENSOR_WRAPPED_NUMBER = 1 << 1, /* a Python number: weaker in dtype promotion */
  TE_TENSOR_PARAMETER = 1 << 2,      /* nn.Parameter */
  TE_TENSOR_INFERENCE = 1 << 3,      /* made in inference_mode */
  TE_TENSOR_CONTIGUOUS = 1 << 4,     /* cached by te_tensor_set_geometry */
  TE_TENSOR_UNDEFINED = 1 << 5,
  TE_TENSOR_CONJ = 1 << 6, /* complex: the elements are the conjugates of what the storage holds */
  TE_TENSOR_NEG = 1 << 7,  /* the elements are the negatives of what the storage holds */
  TE_TENSOR_LAZY = TE_TENSOR_CONJ | TE_TENSOR_NEG, /* only `dispatch` and views meet these: see ops/lazy.c */
  TE_TENSOR_VIEW = 1 << 8,                         /* autograd knows its base */
  TE_TENSOR_OLD_COUNTER =
      1 << 9, /* counts versions in a storage that it left, and holds: te_tensor_set_data */
  TE_TENSOR_BATCHED = 1 << 10, /* of one call among those of a vmap: see ops/batch-marks.h */
} TeTensorFlags;

struct TeTensor
{
  int64_t refcount;
  uint64_t id; /* never reused; names the tensor in the trace */
  TeStorage *storage;
  int64_t *sizes;   /* ndim entries; inline up to TE_INLINE_NDIM */
  int64_t *strides; /* in elements */
  int64_t offset;   /* in elements */
  int64_t numel;
  uint32_t *version; /* &storage->version, or another counter: te_tensor_own_version, te_tensor_set_data */
  uint32_t flags;
  int8_t dtype; /* TeDtype */
  uint8_t ndim;
  uint16_t reserved;
  uint32_t trace_role; /* what the data flow says of it: see python/trace-adapter */
  uint32_t trace_detail;
  TeAutogradMeta *autograd; /* NULL until needed; freed through te_tensor_autograd_release */
  void *python;             /* borrowed PyObject that wraps this tensor, or NULL */
  int64_t inline_geometry[2 * TE_INLINE_NDIM];
};

/* Set once a complex tensor was made: until then nobody asks whether an op takes one. */
extern bool te_tensor_complex_in_use;
/* How autograd's part of a tensor is freed; set once by `autograd`. */
extern void (*te_tensor_autograd_release) (TeTensor *tensor);
/* Whether the base of a view (TE_TENSOR_VIEW) requires grad: then the view does. */
extern bool (*te_tensor_view_requires_grad) (const TeTensor *view);

TeTensor *te_tensor_new (int ndim,
                         const int64_t *sizes,
                         TeDtype dtype,
                         TeError *err); /* contiguous, undefined contents */
TeTensor *
te_tensor_new_strided (int ndim, const int64_t *sizes, const int64_t *strides, TeDtype dtype, TeError *err);
TeTensor *
te_tensor_new_meta (int ndim, const int64_t *sizes, const int64_t *strides, TeDtype dtype, TeError *err);
/* Looks at `storage` (a new reference is taken).  Shares the storage's version counter. */
TeTensor *te_tensor_new_view (TeStorage *storage,
                              TeDtype dtype,
                              int ndim,
                              const int64_t *sizes,
                              const int64_t *strides,
                              int64_t offset,
                              TeError *err);
TeTensor *te_tensor_alias (TeTensor *self,
                           TeError *err); /* same geometry, storage and version, no autograd: detach() */
/* self leaves its storage's version counter for one of its own, which its later views share. */
bool te_tensor_own_version (TeTensor *self, uint32_t version, TeError *err);
/* self, which looks at of's memory, counts with it from now on. */
void te_tensor_share_version (TeTensor *self, const TeTensor *of);
/* A complex tensor seen as its parts, in a last dimension of size 2: shares storage and version. */
TeTensor *te_tensor_parts (const TeTensor *self, TeError *err);
TeTensor *te_tensor_new_scalar (TeScalar value, TeDtype dtype, TeError *err); /* 0-dim */
TeTensor *te_tensor_new_number (TeScalar value, TeError *err); /* 0-dim wrapped Python number */
bool te_tensor_set_geometry (
    TeTensor *self, int ndim, const int64_t *sizes, const int64_t *strides, int64_t offset, TeError *err);
bool te_tensor_resize (TeTensor *self,
                       int ndim,
                       const int64_t *sizes,
                       TeError *err); /* resize_: contiguous, storage grows */
/* Makes self look at what other looks at (x.data = y, set_): geometry, dtype and storage, not autograd. */
bool te_tensor_set_data (TeTensor *self, TeTensor *other, TeError *err);

static inline TeTensor *
te_tensor_ref (TeTensor *self)
{
  self->refcount++;
  return self;
}
void te_tensor_free (TeTensor *self);
static inline void
te_tensor_unref (TeTensor *self) /* NULL is fine */
{
  if (self && --self->refcount == 0)
    te_tensor_free (self);
}
#define te_tensor_clear(place)                                                                               \
  do                                                                                                         \
    {                                                                                                        \
      te_tensor_unref (*(place));                                                                            \
      *(place) = NULL;                                                                                       \
    }                                                                                                        \
  while (0)

static inline void *
te_tensor_data (const TeTensor *self) /* address of element 0; NULL on meta */
{
  return self->storage->data
             ? (char *) self->storage->data + self->offset * (int64_t) te_dtype_nbytes ((TeDtype) self->dtype)
             : NULL;
}
static inline bool
te_tensor_is_meta (const TeTensor *self)
{
  return self->storage->meta;
}
static inline bool
te_tensor_is_contiguous (const TeTensor *self)
{
  return self->flags & TE_TENSOR_CONTIGUOUS;
}
static inline bool
te_tensor_requires_grad (const TeTensor *self)
{
  return (self->flags & TE_TENSOR_REQUIRES_GRAD)
         || ((self->flags & TE_TENSOR_VIEW) && te_tensor_view_requires_grad (self));
}
static inline TeDtype
te_tensor_dtype (const TeTensor *self)
{
  return (TeDtype) self->dtype;
}
static inline void
te_tensor_bump_version (TeTensor *self)
{
  ++*self->version;
}
/* The first element as a number, lazy conjugation and negation done. */
TeScalar te_tensor_first (const TeTensor *self);
bool te_tensor_same_sizes (const TeTensor *a, const TeTensor *b);
/* The same, but dtypes younger than the classes of tensors have no class: "CPUBoolType". */
const char *te_tensor_kind_name (const TeTensor *self);
const char *te_tensor_type_name (const TeTensor *self); /* "torch.FloatTensor", as errors name it */
