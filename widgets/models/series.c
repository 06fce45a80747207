#include "models/series.h"

#include <math.h>

struct _GbSeries
{
  GArray *buckets; /* GbBucket */
  guint max_buckets;
  guint64 stride; /* x per bucket once merged */
};

GbSeries *
gb_series_new (guint max_buckets)
{
  GbSeries *self = g_new0 (GbSeries, 1);
  self->buckets = g_array_new (FALSE, FALSE, sizeof (GbBucket));
  self->stride = 1;
  gb_series_set_max_buckets (self, max_buckets);
  return self;
}

void
gb_series_free (GbSeries *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->buckets);
  g_free (self);
}

static void
bucket_add (GbBucket *bucket, guint64 x, double value)
{
  bucket->x1 = x;
  bucket->count++;
  if (!isfinite (value))
    {
      bucket->nonfinite++;
      return;
    }
  if (bucket->count - bucket->nonfinite == 1)
    {
      bucket->first = bucket->min = bucket->max = value;
      bucket->sum = 0;
    }
  bucket->last = value;
  bucket->min = MIN (bucket->min, value);
  bucket->max = MAX (bucket->max, value);
  bucket->sum += value;
}

static void
bucket_merge (GbBucket *a, const GbBucket *b)
{
  gboolean a_has = a->count > a->nonfinite, b_has = b->count > b->nonfinite;

  a->x1 = b->x1;
  if (a_has && b_has)
    {
      a->last = b->last;
      a->min = MIN (a->min, b->min);
      a->max = MAX (a->max, b->max);
      a->sum += b->sum;
    }
  else if (b_has)
    {
      a->first = b->first, a->last = b->last, a->min = b->min, a->max = b->max, a->sum = b->sum;
    }
  a->count += b->count;
  a->nonfinite += b->nonfinite;
}

/* Halves the number of buckets: each pair becomes one. */
static void
series_merge_pairs (GbSeries *self)
{
  guint n = self->buckets->len, kept = 0;
  GbBucket *buckets = (GbBucket *) self->buckets->data;

  for (guint i = 0; i < n; i += 2)
    {
      GbBucket merged = buckets[i];
      if (i + 1 < n)
        bucket_merge (&merged, &buckets[i + 1]);
      buckets[kept++] = merged;
    }
  g_array_set_size (self->buckets, kept);
  self->stride *= 2;
}

void
gb_series_set_max_buckets (GbSeries *self, guint max_buckets)
{
  self->max_buckets = max_buckets ? MAX (max_buckets, 4) : 0;
  while (self->max_buckets && self->buckets->len > self->max_buckets)
    series_merge_pairs (self);
}

gboolean
gb_series_append (GbSeries *self, guint64 x, double value)
{
  if (self->buckets->len)
    {
      GbBucket *last = &g_array_index (self->buckets, GbBucket, self->buckets->len - 1);
      if (x < last->x1)
        return FALSE;
      if (x == last->x1 || x - last->x0 < self->stride)
        {
          bucket_add (last, x, value);
          return TRUE;
        }
    }
  if (self->max_buckets && self->buckets->len >= self->max_buckets)
    {
      series_merge_pairs (self);
      return gb_series_append (self, x, value);
    }
  GbBucket bucket = { .x0 = x, .x1 = x, .first = NAN, .last = NAN, .min = NAN, .max = NAN };
  bucket_add (&bucket, x, value);
  g_array_append_val (self->buckets, bucket);
  return TRUE;
}

GbSeries *
gb_series_cut (GbSeries *self, guint64 x)
{
  guint kept = self->buckets->len;
  while (kept && g_array_index (self->buckets, GbBucket, kept - 1).x1 > x)
    kept--;
  if (kept == self->buckets->len)
    return NULL;
  GbSeries *rest = gb_series_new (self->max_buckets);
  rest->stride = self->stride;
  g_array_append_vals (rest->buckets, &g_array_index (self->buckets, GbBucket, kept), self->buckets->len - kept);
  g_array_set_size (self->buckets, kept);
  return rest;
}

GbSeries *
gb_series_copy (const GbSeries *self, guint max_buckets)
{
  GbSeries *copy = gb_series_new (0);
  copy->stride = self->stride;
  g_array_append_vals (copy->buckets, self->buckets->data, self->buckets->len);
  gb_series_set_max_buckets (copy, max_buckets);
  return copy;
}

guint
gb_series_parting (const GbSeries *self, const GbSeries *other)
{
  guint at = 0;
  for (; at < other->buckets->len; at++)
    {
      const GbBucket *theirs = &g_array_index (other->buckets, GbBucket, at);
      int place = gb_series_find (self, theirs->x1);
      const GbBucket *ours = place >= 0 ? &g_array_index (self->buckets, GbBucket, place) : NULL;
      if (!ours || ours->x1 != theirs->x1 || ours->nonfinite != theirs->nonfinite
          || (ours->count > ours->nonfinite && ours->last != theirs->last))
        break;
    }
  return at;
}

guint
gb_series_get_n (const GbSeries *self)
{
  return self->buckets->len;
}

const GbBucket *
gb_series_get (const GbSeries *self, guint nth)
{
  g_return_val_if_fail (nth < self->buckets->len, NULL);
  return &g_array_index (self->buckets, GbBucket, nth);
}

guint64
gb_series_get_stride (const GbSeries *self)
{
  return self->stride;
}

int
gb_series_find (const GbSeries *self, guint64 x)
{
  guint low = 0, high = self->buckets->len;

  while (low < high)
    {
      guint middle = (low + high) / 2;
      if (g_array_index (self->buckets, GbBucket, middle).x0 <= x)
        low = middle + 1;
      else
        high = middle;
    }
  return (int) low - 1;
}

double
gb_bucket_mean (const GbBucket *bucket)
{
  guint32 n = bucket->count - bucket->nonfinite;
  return n ? bucket->sum / n : NAN;
}
