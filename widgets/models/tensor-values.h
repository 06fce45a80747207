/* What is known of a tensor's elements at a position: its own values, else what facts about its storage or about
 * other tensors on that storage tell.  Addresses are elements of the storage. */
#pragma once

#include "models/trace.h"

G_BEGIN_DECLS

#define GB_VALUES_MAX_NDIM   8
#define GB_VALUES_MAX_STORED (1 << 18) /* addresses that an image keeps */

/* The known part of a storage. */
typedef struct
{
  guint64 storage;
  gint64 first, count; /* addresses */
  double *values;
  guint8 *known;
  gint64 extent; /* addresses that its tensors reach: [0, extent) */
  int dtype;
} GbStorageImage;

/* around: an address that must be inside when not all fits (0: the beginning). */
GbStorageImage *gb_storage_image_new (GbTrace *trace, guint64 storage, guint64 seq, gint64 around);
void gb_storage_image_free (GbStorageImage *self);
gboolean gb_storage_image_get (const GbStorageImage *self, gint64 address, double *value);

typedef struct
{
  GbTensor tensor;
  char *label; /* what to call it */
  gboolean is_float, is_bool, is_complex;
  gint64 numel;
  gint64 n_known; /* elements of its own fact; 0: none */
  gint64 starts[GB_VALUES_MAX_NDIM], extents[GB_VALUES_MAX_NDIM];
  double *values; /* of the block, row-major; NULL: none.  Complex elements by their magnitude */
  double *parts;  /* of complex elements: real and imaginary part in turns; else NULL */
  GbStorageImage *image; /* NULL: nothing is known of its storage */
  const TeFactStats *stats; /* or NULL */
  guint64 seq;        /* of the fact */
  guint32 version;    /* for which it was taken */
  gboolean is_stale;  /* the tensor has been changed since */
} GbTensorValues;

/* NULL: no such tensor at seq, or more than 8 dimensions. */
GbTensorValues *gb_tensor_values_new (GbTrace *trace, guint64 tensor, guint64 seq);
/* What is known of the numbers that a tensor had at seq: those of later are as good while nothing was written in
 * between.  May be NULL. */
GbTensorValues *gb_tensor_values_then (GbTrace *trace, const GbTensor *tensor, guint64 seq);
/* The values before those: of an earlier fact with another version; NULL: none. */
GbTensorValues *gb_tensor_values_new_before (GbTrace *trace, const GbTensorValues *of);
void gb_tensor_values_free (GbTensorValues *self);
gboolean gb_tensor_values_get (const GbTensorValues *self, const gint64 *index, double *value);
/* n values from index on along the last axis, all of them recorded; NULL: ask for them one by one. */
const double *gb_tensor_values_get_run (const GbTensorValues *self, const gint64 *index, gint64 n);
/* Real and imaginary part; FALSE: not complex, or not known but for the magnitude. */
gboolean gb_tensor_values_get_parts (const GbTensorValues *self, const gint64 *index, double parts[2]);
/* Address of an element in its storage. */
gint64 gb_tensor_address (const GbTensor *tensor, const gint64 *index);
/* Index of an element at the address; FALSE: the tensor does not reach it.  The first one in row-major order. */
gboolean gb_tensor_find_address (const GbTensor *tensor, gint64 address, gint64 *index);
gboolean gb_tensor_is_contiguous (const GbTensor *tensor);
/* Last address it reaches, -1: empty; and the number of distinct ones it can have. */
gint64 gb_tensor_last_address (const GbTensor *tensor);
double gb_element_value (int dtype, const guint8 *bytes);
void gb_element_parts (int dtype, const guint8 *bytes, double parts[2]); /* of a complex dtype */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbTensorValues, gb_tensor_values_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbStorageImage, gb_storage_image_free)

G_END_DECLS
