/* A batch of pictures among the tensors of a run: found by its shape, or because it was chosen or shown; with
 * what the program guessed about it, where a loss was made of that. */
#pragma once

#include "models/selection.h"
#include "models/tensor-values.h"
#include "models/trace-cursor.h"

G_BEGIN_DECLS

typedef struct
{
  guint nth;       /* in the batch */
  int label, best; /* classes; -1: not known */
  double share;    /* that the label was given, in [0, 1]; NaN: not known */
} GbImage;

typedef struct
{
  GbTensorValues *values;
  GArray *images; /* GbImage, those of which elements are known; the most wrong first */
  gint64 n, channels, height, width;
  double low, high; /* of the known elements that are finite */
  gboolean judged;  /* labels and guesses are known */
} GbImages;

/* NULL: there is no batch of pictures whose elements are known. */
GbImages *gb_images_new (GbTraceCursor *cursor, GbSelection *selection);
void gb_images_free (GbImages *self);
/* 0: none; cheap. */
guint64 gb_images_find (GbTraceCursor *cursor, GbSelection *selection);
/* An element of a picture; FALSE: not known. */
gboolean gb_images_get (const GbImages *self, guint nth, gint64 channel, gint64 y, gint64 x, double *value);
/* Its index in the tensor; returns the number of dimensions. */
int gb_images_index (const GbImages *self, guint nth, gint64 channel, gint64 y, gint64 x, gint64 *index);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbImages, gb_images_free)

G_END_DECLS
