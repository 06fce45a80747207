/* How the elements of a tensor are spread, at some of the iterations up to a position: as the interpreter
 * counted them, or counted here from the elements that were recorded. */
#pragma once

#include "models/trace.h"

G_BEGIN_DECLS

#define GB_HISTOGRAM_N_BINS 64

typedef struct
{
  guint64 iteration, seq;
  double low, high;       /* where the bins begin and end: of one value, around it */
  double least, greatest; /* of the finite elements */
  double bins[GB_HISTOGRAM_N_BINS];
  double most;                 /* the fullest bin */
  gint64 n, nans, infs, zeros; /* n: finite and not; zeros -1: not known */
  double mean, std;            /* NAN: not known */
  gboolean is_part;            /* counted from the first elements only */
} GbHistogram;

typedef struct
{
  guint64 tensor;
  char *label;
  int dtype, ndim;
  gint64 sizes[8];
  GArray *all;      /* GbHistogram, oldest first; never empty */
  double low, high; /* over all of them */
} GbHistograms;

/* The tensor that has something to show: `wanted` if it has, else a parameter or a result that does.  0:
 * none. */
guint64 gb_histograms_find (GbTrace *trace, guint64 wanted, guint64 seq);
/* At most `most` of them, the newest always; NULL: nothing is known of it. */
GbHistograms *gb_histograms_new (GbTrace *trace, guint64 tensor, guint64 seq, guint most);
void gb_histograms_free (GbHistograms *self);
static inline const GbHistogram *
gb_histograms_get (const GbHistograms *self, guint nth)
{
  return &g_array_index (self->all, GbHistogram, nth);
}
/* Bounds of a bin. */
static inline double
gb_histogram_edge (const GbHistogram *self, guint bin)
{
  return self->low + (self->high - self->low) * bin / GB_HISTOGRAM_N_BINS;
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbHistograms, gb_histograms_free)

G_END_DECLS
