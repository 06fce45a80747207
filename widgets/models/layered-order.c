/* Order within the layers: sweeps by medians and means over all of them, then over a few at a time, each kept only where
 * it costs no crossing.  Of a long graph a sweep over all layers makes some places better and others worse, and what is
 * best as a whole is best nowhere.  Sources: see layered-layout.h. */
#include <stdlib.h>
#include <string.h>

#include "models/layered-private.h"

#define SWEEPS           6
#define IDLE_SWEEPS      3 /* without a better order */
#define MOST_TRANSPOSITIONS 4
#define SHORT_LAYER      48
#define MOST_WINDOW      10  /* layers */
#define TRIES            300 /* windows, and one for each layer */
#define MOST_TRIED_SLOTS 12000

static int
compare_int (const void *a, const void *b)
{
  int x = *(const int *) a, y = *(const int *) b;
  return x < y ? -1 : x > y;
}

/* Median of the neighbours' orders, or their mean; -1: no neighbours, keep the place. */
static double
median_of (const GbLayout *self, const guint *neighbours, guint n, gboolean mean, GArray *scratch)
{
  if (n == 0)
    return -1;
  if (mean)
    {
      double sum = 0;
      for (guint i = 0; i < n; i++)
        sum += self->slots[neighbours[i]].order;
      return sum / n;
    }
  g_array_set_size (scratch, 0);
  for (guint i = 0; i < n; i++)
    g_array_append_val (scratch, self->slots[neighbours[i]].order);
  int *orders = (int *) (void *) scratch->data;
  qsort (orders, n, sizeof *orders, compare_int);
  if (n % 2)
    return orders[n / 2];
  if (n == 2)
    return (orders[0] + orders[1]) / 2.0;
  double left = orders[n / 2 - 1] - orders[0], right = orders[n - 1] - orders[n / 2];
  if (left + right == 0)
    return (orders[n / 2 - 1] + orders[n / 2]) / 2.0;
  return (orders[n / 2 - 1] * right + orders[n / 2] * left) / (left + right);
}

static int
compare_median (const void *a, const void *b, gpointer slots)
{
  const Slot *x = (const Slot *) slots + *(const guint *) a, *y = (const Slot *) slots + *(const guint *) b;
  if (x->median != y->median)
    return x->median < y->median ? -1 : 1;
  return x->order - y->order;
}

/* By median, equals as they stand.  Layers are mostly short, and nearly in order. */
static void
sort_list (GbLayout *self, guint *list, guint n)
{
  if (n > SHORT_LAYER)
    {
      g_qsort_with_data (list, (int) n, sizeof *list, compare_median, self->slots);
      return;
    }
  for (guint i = 1; i < n; i++)
    {
      guint s = list[i], k = i;
      double median = self->slots[s].median;
      for (; k > 0 && self->slots[list[k - 1]].median > median; k--)
        list[k] = list[k - 1];
      list[k] = s;
    }
}

static void
sort_layer (GbLayout *self, guint layer, gboolean by_in, gboolean mean, GArray *scratch)
{
  guint *list = self->layers[layer], n = self->layer_count[layer];
  for (guint i = 0; i < n; i++)
    {
      Slot *slot = &self->slots[list[i]];
      slot->median = by_in ? median_of (self, self->in + slot->first_in, slot->n_in, mean, scratch)
                           : median_of (self, self->out + slot->first_out, slot->n_out, mean, scratch);
      if (slot->median < 0)
        slot->median = slot->order;
    }
  sort_list (self, list, n);
  for (guint i = 0; i < n; i++)
    self->slots[list[i]].order = (int) i;
}

static guint
pair_crossings (const GbLayout *self, const guint *a, guint n_a, const guint *b, guint n_b)
{
  guint count = 0;
  for (guint i = 0; i < n_a; i++)
    for (guint j = 0; j < n_b; j++)
      count += self->slots[a[i]].order > self->slots[b[j]].order;
  return count;
}

/* Swaps neighbours of a layer while that removes crossings; equals: also where it keeps their number, which leads out of
 * places that no single swap improves. */
static gboolean
transpose_layer (GbLayout *self, guint layer, gboolean equals)
{
  gboolean improved = FALSE;
  guint *list = self->layers[layer];
  for (guint i = 0; i + 1 < self->layer_count[layer]; i++)
    {
      Slot *a = &self->slots[list[i]], *b = &self->slots[list[i + 1]];
      guint now =
          pair_crossings (self, self->in + a->first_in, a->n_in, self->in + b->first_in, b->n_in)
          + pair_crossings (self, self->out + a->first_out, a->n_out, self->out + b->first_out, b->n_out);
      if (now == 0)
        continue;
      guint swapped =
          pair_crossings (self, self->in + b->first_in, b->n_in, self->in + a->first_in, a->n_in)
          + pair_crossings (self, self->out + b->first_out, b->n_out, self->out + a->first_out, a->n_out);
      if (swapped < now || (equals && swapped == now))
        {
          guint keep = list[i];
          list[i] = list[i + 1];
          list[i + 1] = keep;
          a->order++;
          b->order--;
          improved |= swapped < now;
        }
    }
  return improved;
}

static void
transpose_layers (GbLayout *self, guint first, guint last, gboolean equals, int most)
{
  gboolean improved = TRUE;
  for (int pass = 0; pass < most && improved; pass++)
    {
      improved = FALSE;
      for (guint l = first; l <= last; l++)
        improved |= transpose_layer (self, l, equals && pass == 0);
    }
}

/* Crossings between layer l and l + 1: inversions, counted with a binary indexed tree. */
static guint64
layer_crossings (const GbLayout *self, guint layer, guint *tree)
{
  guint n_right = self->layer_count[layer + 1];
  guint64 count = 0, seen = 0;
  memset (tree, 0, sizeof *tree * (n_right + 1));
  for (guint i = 0; i < self->layer_count[layer]; i++)
    {
      const Slot *slot = &self->slots[self->layers[layer][i]];
      for (guint k = 0; k < slot->n_out; k++)
        {
          guint at = (guint) self->slots[self->out[slot->first_out + k]].order + 1, not_after = 0;
          for (guint j = at; j > 0; j -= j & -j)
            not_after += tree[j];
          count += seen - not_after;
        }
      for (guint k = 0; k < slot->n_out; k++)
        {
          for (guint j = (guint) self->slots[self->out[slot->first_out + k]].order + 1; j <= n_right;
               j += j & -j)
            tree[j]++;
          seen++;
        }
    }
  return count;
}

static guint
widest_layer (const GbLayout *self)
{
  guint most = 0;
  for (guint l = 0; l < self->n_layers; l++)
    most = MAX (most, self->layer_count[l]);
  return most;
}

guint64
gb_layout_all_crossings (const GbLayout *self)
{
  guint64 count = 0;
  guint *tree = g_new (guint, widest_layer (self) + 2);
  for (guint l = 0; l + 1 < self->n_layers; l++)
    count += layer_crossings (self, l, tree);
  g_free (tree);
  return count;
}

static void
put_slot (GbLayout *self, guint layer, guint at, guint slot)
{
  self->layers[layer][at] = slot;
  self->slots[slot].order = (int) at;
}

static void
keep_order (const GbLayout *self, int *order)
{
  for (guint s = 0; s < self->n_slots; s++)
    order[s] = self->slots[s].order;
}

static void
take_order (GbLayout *self, const int *order)
{
  for (guint s = 0; s < self->n_slots; s++)
    put_slot (self, (guint) self->slots[s].layer, (guint) order[s], s);
}

/* Sweeps from the order that the layers have; best and fewest are those of the best so far. */
static void
sweep_layers (GbLayout *self, int most, int *best, guint64 *fewest, GArray *scratch)
{
  guint64 least = gb_layout_all_crossings (self);
  int idle = 0;
  for (int sweep = 0; sweep < most && *fewest > 0 && idle < IDLE_SWEEPS; sweep++)
    {
      gboolean mean = sweep % 4 >= 2;
      if (sweep % 2 == 0)
        for (guint l = 1; l < self->n_layers; l++)
          sort_layer (self, l, TRUE, mean, scratch);
      else
        for (guint l = self->n_layers - 1; l-- > 0;)
          sort_layer (self, l, FALSE, mean, scratch);
      transpose_layers (self, 0, self->n_layers - 1, sweep % 2 == 1,
                        MOST_TRANSPOSITIONS);
      guint64 now = gb_layout_all_crossings (self);
      idle = now < least ? 0 : idle + 1;
      least = MIN (least, now);
      if (now < *fewest)
        {
          *fewest = now;
          keep_order (self, best);
        }
    }
}

/* ---- windows: a few layers at a time ---- */

typedef struct
{
  guint32 random;
  guint *tree;     /* for counting */
  GArray *scratch; /* for medians */
  GArray *kept;    /* guint: the slots as they stood */
  guint64 slots;   /* handled so far */
} Window;

/* Xorshift (Marsaglia 2003): the same numbers for every layout. */
static guint
draw_number (guint32 *state, guint below)
{
  *state ^= *state << 13;
  *state ^= *state >> 17;
  *state ^= *state << 5;
  return *state % below;
}

static guint64
window_crossings (const GbLayout *self, guint first, guint last, guint *tree)
{
  guint64 n = 0;
  for (guint l = first ? first - 1 : 0; l <= last && l + 1 < self->n_layers; l++)
    n += layer_crossings (self, l, tree);
  return n;
}

/* Three pairs of a layer change places. */
static void
shake_layer (GbLayout *self, guint layer, guint32 *random)
{
  guint n = self->layer_count[layer];
  for (int k = 0; k < 3 && n > 1; k++)
    {
      guint i = draw_number (random, n), j = draw_number (random, n), slot = self->layers[layer][i];
      put_slot (self, layer, i, self->layers[layer][j]);
      put_slot (self, layer, j, slot);
    }
}

static void
sweep_window (GbLayout *self, Window *w, guint first, guint last, gboolean forward, gboolean mean)
{
  if (forward)
    for (guint l = MAX (first, 1); l <= last; l++)
      sort_layer (self, l, TRUE, mean, w->scratch);
  else
    for (guint l = MIN (last + 1, self->n_layers - 1); l-- > first;)
      sort_layer (self, l, FALSE, mean, w->scratch);
}

/* A sweep to and fro, by medians or means, half of the times after a shake.  What costs crossings is taken back; what costs
 * none stays, which leads out of places that nothing small improves. */
static void
try_window (GbLayout *self, Window *w, guint first, guint last)
{
  guint64 before = window_crossings (self, first, last, w->tree);
  guint how = draw_number (&w->random, 8), at = 0;
  if (before == 0)
    return;
  g_array_set_size (w->kept, 0);
  for (guint l = first; l <= last; l++)
    g_array_append_vals (w->kept, self->layers[l], self->layer_count[l]);
  w->slots += w->kept->len;
  if (how & 4)
    shake_layer (self, first + draw_number (&w->random, last - first + 1), &w->random);
  for (int sweep = 0; sweep < 2; sweep++)
    {
      sweep_window (self, w, first, last, (sweep ^ how) & 1, how & 2);
      transpose_layers (self, first, last, sweep == 0, MOST_TRANSPOSITIONS);
      if (window_crossings (self, first, last, w->tree) <= before)
        return;
    }
  for (guint l = first; l <= last; l++)
    for (guint i = 0; i < self->layer_count[l]; i++)
      put_slot (self, l, i, g_array_index (w->kept, guint, at++));
}

static void
try_windows (GbLayout *self)
{
  Window w = { .random = 2463534242u };
  guint n_tries = TRIES + self->n_layers;
  guint64 most_slots = MOST_TRIED_SLOTS + 4 * (guint64) self->n_slots;
  w.tree = g_new (guint, widest_layer (self) + 2);
  w.scratch = g_array_new (FALSE, FALSE, sizeof (int));
  w.kept = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint i = 0; i < n_tries && w.slots < most_slots; i++)
    {
      guint n = 1 + draw_number (&w.random, MOST_WINDOW), first = draw_number (&w.random, self->n_layers);
      try_window (self, &w, first, MIN (first + n, self->n_layers) - 1);
    }
  g_free (w.tree);
  g_array_unref (w.scratch);
  g_array_unref (w.kept);
}

void
gb_layout_order_layers (GbLayout *self)
{
  GArray *scratch = g_array_new (FALSE, FALSE, sizeof (int));
  int *best = g_new (int, self->n_slots + 1);
  guint64 fewest = gb_layout_all_crossings (self);
  keep_order (self, best);
  sweep_layers (self, SWEEPS, best, &fewest, scratch);
  take_order (self, best);
  if (fewest > 0)
    {
      try_windows (self);
      if (gb_layout_all_crossings (self) >= fewest)
        take_order (self, best); /* what is no better is not worth a jump of a graph that grows */
    }
  g_free (best);
  g_array_unref (scratch);
}
