#include "models/tensor-values.h"

#include <math.h>
#include <string.h>

#include "core/dtype.h"
#include "core/shape.h"
#include "models/record-check.h"

double
gb_element_value (int dtype, const guint8 *bytes)
{
  union
  {
    gint8 i8;
    gint16 i16;
    gint32 i32;
    gint64 i64;
    float f32;
    double f64;
    TeHalf half;
    TeBFloat16 bfloat16;
    float c64[2];
    double c128[2];
    guint8 raw[TE_DTYPE_MAX_NBYTES];
  } e = { 0 };

  memcpy (e.raw, bytes, te_dtype_nbytes (dtype));
  switch ((TeDtype) dtype)
    {
    case TE_UINT8:
    case TE_BOOL:
      return e.raw[0];
    case TE_INT8:
      return e.i8;
    case TE_INT16:
      return e.i16;
    case TE_INT32:
      return e.i32;
    case TE_INT64:
      return (double) e.i64;
    case TE_FLOAT16:
      return te_half_to_float (e.half);
    case TE_FLOAT32:
      return e.f32;
    case TE_FLOAT64:
      return e.f64;
    case TE_BFLOAT16:
      return te_bfloat16_to_float (e.bfloat16);
    case TE_COMPLEX64: /* complex elements are shown by their magnitude */
      return hypot (e.c64[0], e.c64[1]);
    case TE_COMPLEX128:
      return hypot (e.c128[0], e.c128[1]);
    case TE_DTYPE_COUNT:
    case TE_DTYPE_NONE:
      break;
    }
  return 0;
}

void
gb_element_parts (int dtype, const guint8 *bytes, double parts[2])
{
  if (dtype == TE_COMPLEX128)
    memcpy (parts, bytes, 2 * sizeof (double));
  else
    for (int i = 0; i < 2; i++)
      parts[i] = gb_element_value (TE_FLOAT32, bytes + 4 * i);
}

gint64
gb_tensor_address (const GbTensor *tensor, const gint64 *index)
{
  gint64 address = tensor->offset;
  for (int d = 0; d < tensor->ndim; d++)
    address += index[d] * tensor->strides[d];
  return address;
}

gint64
gb_tensor_last_address (const GbTensor *tensor)
{
  gint64 address = tensor->offset;
  for (int d = 0; d < tensor->ndim; d++)
    {
      if (tensor->sizes[d] == 0)
        return -1;
      address += (tensor->sizes[d] - 1) * tensor->strides[d];
    }
  return address;
}

/* Dimensions from the largest stride on: what is left after each must be reachable by the rest. */
static gboolean
find_rest (const GbTensor *tensor, const int *order, int at, gint64 rest, gint64 *index, int *budget)
{
  gint64 reach = 0, stride, most, least;

  if (at == tensor->ndim)
    return rest == 0;
  if (--*budget < 0)
    return FALSE;
  for (int k = at + 1; k < tensor->ndim; k++)
    reach += (tensor->sizes[order[k]] - 1) * tensor->strides[order[k]];
  stride = tensor->strides[order[at]];
  if (stride == 0)
    {
      index[order[at]] = 0;
      return find_rest (tensor, order, at + 1, rest, index, budget);
    }
  most = MIN (rest / stride, tensor->sizes[order[at]] - 1);
  least = rest > reach ? (rest - reach + stride - 1) / stride : 0;
  for (gint64 i = most; i >= least; i--)
    {
      index[order[at]] = i;
      if (find_rest (tensor, order, at + 1, rest - i * stride, index, budget))
        return TRUE;
    }
  return FALSE;
}

gboolean
gb_tensor_find_address (const GbTensor *tensor, gint64 address, gint64 *index)
{
  int order[GB_VALUES_MAX_NDIM], budget = 4096;

  if (tensor->ndim > GB_VALUES_MAX_NDIM || address < tensor->offset
      || address > gb_tensor_last_address (tensor))
    return FALSE;
  for (int d = 0; d < tensor->ndim; d++)
    {
      int k = d;
      while (k > 0 && tensor->strides[order[k - 1]] < tensor->strides[d])
        {
          order[k] = order[k - 1];
          k--;
        }
      order[k] = d;
    }
  return find_rest (tensor, order, 0, address - tensor->offset, index, &budget);
}

gboolean
gb_tensor_is_contiguous (const GbTensor *tensor)
{
  return te_shape_is_contiguous (tensor->ndim, tensor->sizes, tensor->strides);
}

/* ---- a storage's image ---- */
void
gb_storage_image_free (GbStorageImage *self)
{
  if (self == NULL)
    return;
  g_free (self->values);
  g_free (self->known);
  g_free (self);
}

static void
image_set (GbStorageImage *self, gint64 address, double value)
{
  if (address < self->first || address >= self->first + self->count)
    return;
  self->values[address - self->first] = value;
  self->known[address - self->first] = 1;
}

gboolean
gb_storage_image_get (const GbStorageImage *self, gint64 address, double *value)
{
  if (self == NULL || address < self->first || address >= self->first + self->count
      || !self->known[address - self->first])
    return FALSE;
  *value = self->values[address - self->first];
  return TRUE;
}

/* Visits the elements of a fact's block with their addresses. */
static void
image_take (GbStorageImage *self, const TeFactValues *fact)
{
  const guint8 *data = gb_values_data (fact);
  gsize nbytes = te_dtype_nbytes (fact->tensor.dtype);
  const gint64 *starts = gb_values_starts (fact), *strides = te_wire_tensor_strides (&fact->tensor);
  int ndim = fact->tensor.ndim;
  gint64 index[GB_VALUES_MAX_NDIM] = { 0 }, n = 1;

  if (fact->kind == 1)
    {
      for (gint64 i = 0; i < fact->count; i++)
        image_set (self, fact->first + i, gb_element_value (fact->tensor.dtype, data + i * nbytes));
      return;
    }
  if (ndim > GB_VALUES_MAX_NDIM)
    return;
  for (int d = 0; d < ndim; d++)
    n *= starts[ndim + d];
  for (gint64 i = 0; i < n; i++)
    {
      gint64 address = fact->tensor.offset;
      for (int d = 0; d < ndim; d++)
        address += (starts[d] + index[d]) * strides[d];
      image_set (self, address, gb_element_value (fact->tensor.dtype, data + i * nbytes));
      for (int d = ndim - 1; d >= 0 && ++index[d] == starts[ndim + d]; d--)
        index[d] = 0;
    }
}

static int
by_seq (gconstpointer a, gconstpointer b)
{
  guint64 x = (*(const TeFactValues *const *) a)->head.seq, y = (*(const TeFactValues *const *) b)->head.seq;
  return x < y ? -1 : x > y;
}

GbStorageImage *
gb_storage_image_new (GbTrace *trace, guint64 storage, guint64 seq, gint64 around)
{
  g_autoptr (GArray) owners = gb_trace_storage_owners (trace, storage, seq);
  g_autoptr (GPtrArray) facts = g_ptr_array_new ();
  const TeFactValues *own = gb_trace_get_values (trace, storage, 1, seq);
  GbStorageImage *self = g_new0 (GbStorageImage, 1);

  self->storage = storage;
  self->dtype = TE_FLOAT32;
  if (own)
    {
      g_ptr_array_add (facts, (gpointer) own);
      self->extent = own->first + own->count;
      self->dtype = own->tensor.dtype;
    }
  for (guint i = 0; i < owners->len; i++)
    {
      guint64 id = g_array_index (owners, guint64, i);
      const TeFactValues *fact = gb_trace_get_values (trace, id, 0, seq);
      GbTensor tensor;
      if (gb_trace_get_tensor (trace, id, seq, &tensor))
        {
          self->extent = MAX (self->extent, gb_tensor_last_address (&tensor) + 1);
          self->dtype = tensor.dtype;
        }
      if (fact && fact->tensor.storage == storage)
        g_ptr_array_add (facts, (gpointer) fact);
    }
  self->count = facts->len ? MIN (self->extent, GB_VALUES_MAX_STORED) : 0;
  self->first = CLAMP (around - self->count / 2, 0, MAX (self->extent - self->count, 0));
  self->values = g_new0 (double, MAX (self->count, 1));
  self->known = g_new0 (guint8, MAX (self->count, 1));
  /* Later facts know better. */
  g_ptr_array_sort (facts, by_seq);
  for (guint i = 0; i < facts->len; i++)
    image_take (self, g_ptr_array_index (facts, i));
  return self;
}

/* ---- a tensor's values ---- */
GbTensorValues *
gb_tensor_values_then (GbTrace *trace, const GbTensor *tensor, guint64 seq)
{
  GbTensorValues *values = gb_tensor_values_new (trace, tensor->tensor, seq);
  if (values && values->n_known)
    return values;
  GbTensorValues *later = gb_tensor_values_new (trace, tensor->tensor, G_MAXUINT64);
  if (later == NULL || later->n_known == 0 || later->version != tensor->version || later->is_stale)
    {
      gb_tensor_values_free (later);
      return values;
    }
  gb_tensor_values_free (values);
  return later;
}

void
gb_tensor_values_free (GbTensorValues *self)
{
  if (self == NULL)
    return;
  gb_storage_image_free (self->image);
  g_free (self->values);
  g_free (self->parts);
  g_free (self->label);
  g_free (self);
}

/* The type of nearly all tensors without asking for it at every element. */
static void
elements_value (int dtype, const guint8 *bytes, gint64 n, double *values)
{
  gsize nbytes = te_dtype_nbytes (dtype);

  if (dtype == TE_FLOAT32)
    for (gint64 i = 0; i < n; i++)
      {
        float value;
        memcpy (&value, bytes + i * sizeof value, sizeof value);
        values[i] = value;
      }
  else
    for (gint64 i = 0; i < n; i++)
      values[i] = gb_element_value (dtype, bytes + i * nbytes);
}

static void
values_take (GbTensorValues *self, const TeFactValues *fact)
{
  int ndim = fact->tensor.ndim;
  const gint64 *starts = gb_values_starts (fact);
  const guint8 *data = gb_values_data (fact);
  gsize nbytes = te_dtype_nbytes (fact->tensor.dtype);
  gint64 n = 1;

  for (int d = 0; d < ndim; d++)
    {
      self->starts[d] = starts[d];
      self->extents[d] = starts[ndim + d];
      n *= starts[ndim + d];
    }
  self->values = g_new (double, MAX (n, 1));
  elements_value (fact->tensor.dtype, data, n, self->values);
  if (self->is_complex)
    {
      self->parts = g_new (double, MAX (2 * n, 2));
      for (gint64 i = 0; i < n; i++)
        gb_element_parts (fact->tensor.dtype, data + i * nbytes, &self->parts[2 * i]);
    }
  self->n_known = n;
  self->seq = fact->head.seq;
  self->version = fact->tensor.version;
  /* What an optimiser wrote is told by no record of its own: numbers may be of a later version than the geometry. */
  self->is_stale = self->version < self->tensor.version;
}

static gboolean
same_shape (const GbTensor *tensor, const TeFactValues *fact)
{
  return fact->tensor.ndim == tensor->ndim
         && memcmp (te_wire_tensor_sizes (&fact->tensor), tensor->sizes, sizeof (gint64) * tensor->ndim) == 0;
}

GbTensorValues *
gb_tensor_values_new (GbTrace *trace, guint64 tensor, guint64 seq)
{
  GbTensorValues *self;
  const TeFactValues *fact;
  GbTensor t;
  int64_t numel = 0;

  if (!gb_trace_get_tensor (trace, tensor, seq, &t) || t.ndim > GB_VALUES_MAX_NDIM)
    return NULL;
  self = g_new0 (GbTensorValues, 1);
  self->tensor = t;
  self->label = gb_trace_dup_tensor_label (trace, tensor, seq);
  self->is_complex = t.dtype == TE_COMPLEX64 || t.dtype == TE_COMPLEX128;
  self->is_float = te_dtype_is_floating (t.dtype) || self->is_complex;
  self->is_bool = t.dtype == TE_BOOL;
  te_shape_numel (t.ndim, t.sizes, &numel);
  self->numel = numel;
  self->stats = (const TeFactStats *) gb_trace_get_fact (trace, TE_FACT_STATS, tensor, seq);
  fact = gb_trace_get_values (trace, tensor, 0, seq);
  if (fact && same_shape (&t, fact))
    values_take (self, fact);
  if (self->values == NULL || self->is_stale || self->n_known < self->numel)
    self->image = gb_storage_image_new (trace, t.storage, seq, t.offset);
  return self;
}

GbTensorValues *
gb_tensor_values_new_before (GbTrace *trace, const GbTensorValues *of)
{
  const TeFactValues *fact;
  GbTensorValues *self;

  if (of->values == NULL || of->seq == 0)
    return NULL;
  fact = gb_trace_get_values (trace, of->tensor.tensor, 0, of->seq - 1);
  if (fact == NULL || fact->tensor.version == of->version || !same_shape (&of->tensor, fact))
    return NULL;
  self = g_new0 (GbTensorValues, 1);
  self->tensor = of->tensor;
  self->numel = of->numel;
  values_take (self, fact);
  return self;
}

gboolean
gb_tensor_values_get (const GbTensorValues *self, const gint64 *index, double *value)
{
  gint64 at = 0;
  gboolean inside = self->values != NULL && !self->is_stale;

  for (int d = 0; inside && d < self->tensor.ndim; d++)
    {
      gint64 i = index[d] - self->starts[d];
      inside = i >= 0 && i < self->extents[d];
      at = at * self->extents[d] + i;
    }
  if (inside)
    {
      *value = self->values[at];
      return TRUE;
    }
  if (gb_storage_image_get (self->image, gb_tensor_address (&self->tensor, index), value))
    return TRUE;
  if (self->values == NULL || !self->is_stale)
    return FALSE;
  /* Older values are better than none; the caller sees is_stale. */
  at = 0;
  for (int d = 0; d < self->tensor.ndim; d++)
    {
      gint64 i = index[d] - self->starts[d];
      if (i < 0 || i >= self->extents[d])
        return FALSE;
      at = at * self->extents[d] + i;
    }
  *value = self->values[at];
  return TRUE;
}

const double *
gb_tensor_values_get_run (const GbTensorValues *self, const gint64 *index, gint64 n)
{
  gint64 at = 0;

  if (self->values == NULL || self->is_stale || self->tensor.ndim == 0)
    return NULL;
  for (int d = 0; d < self->tensor.ndim; d++)
    {
      gint64 i = index[d] - self->starts[d];
      if (i < 0 || i + (d + 1 == self->tensor.ndim ? n - 1 : 0) >= self->extents[d])
        return NULL;
      at = at * self->extents[d] + i;
    }
  return self->values + at;
}

gboolean
gb_tensor_values_get_parts (const GbTensorValues *self, const gint64 *index, double parts[2])
{
  gint64 at = 0;

  if (self->parts == NULL)
    return FALSE;
  for (int d = 0; d < self->tensor.ndim; d++)
    {
      gint64 i = index[d] - self->starts[d];
      if (i < 0 || i >= self->extents[d])
        return FALSE;
      at = at * self->extents[d] + i;
    }
  parts[0] = self->parts[2 * at];
  parts[1] = self->parts[2 * at + 1];
  return TRUE;
}
