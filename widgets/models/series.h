/* A series of numbers over iterations that never grows beyond its bound: neighbouring buckets are merged in pairs
 * when it is full, and a bucket remembers first, last, least, greatest and mean of what it stands for. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _GbSeries GbSeries;

typedef struct
{
  guint64 x0, x1; /* first and last x of the bucket */
  double first, last, min, max, sum; /* over finite values; NAN when there are none */
  guint32 count;     /* values, finite or not */
  guint32 nonfinite; /* of them NaN or infinite */
} GbBucket;

/* max_buckets 0: unbounded. */
GbSeries *gb_series_new (guint max_buckets);
void gb_series_free (GbSeries *self);
void gb_series_set_max_buckets (GbSeries *self, guint max_buckets);
/* x must not fall; equal x goes into the same bucket. Smaller x is ignored and FALSE returned. */
gboolean gb_series_append (GbSeries *self, guint64 x, double value);
/* Takes away what lies beyond x; of merged points, all that were merged with one beyond it.  What was taken away,
 * owned; NULL: nothing. */
GbSeries *gb_series_cut (GbSeries *self, guint64 x);
/* Owned; max_buckets as for a new one. */
GbSeries *gb_series_copy (const GbSeries *self, guint max_buckets);
/* Index in `other` of the first point that is not the same in self: another value, or none. */
guint gb_series_parting (const GbSeries *self, const GbSeries *other);
guint gb_series_get_n (const GbSeries *self);
const GbBucket *gb_series_get (const GbSeries *self, guint nth);
guint64 gb_series_get_stride (const GbSeries *self); /* iterations per bucket, at least 1 */
/* Index of the last bucket with x0 <= x, or -1. */
int gb_series_find (const GbSeries *self, guint64 x);
double gb_bucket_mean (const GbBucket *bucket);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbSeries, gb_series_free)

G_END_DECLS
