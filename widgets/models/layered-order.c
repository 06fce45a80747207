/* Order within the layers: medians and means by turns, with transpositions.  Sources: see layered-layout.h. */
#include <stdlib.h>
#include <string.h>

#include "models/layered-private.h"

#define SWEEPS           12
#define IDLE_SWEEPS      6    /* without a better order */
#define FEW_CROSSINGS    8    /* that nobody minds */
#define MOST_SLOTS_TWICE 3000
#define MANY_SLOTS       20000

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

static const Slot *sort_slots; /* qsort has no user data; layouts are made by one thread at a time per call */

static int
compare_median (const void *a, const void *b)
{
  const Slot *x = &sort_slots[*(const guint *) a], *y = &sort_slots[*(const guint *) b];
  if (x->median != y->median)
    return x->median < y->median ? -1 : 1;
  return x->order - y->order;
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
  sort_slots = self->slots;
  qsort (list, n, sizeof *list, compare_median);
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

guint64
gb_layout_all_crossings (const GbLayout *self)
{
  guint most = 0;
  guint64 count = 0;
  for (guint l = 0; l < self->n_layers; l++)
    most = MAX (most, self->layer_count[l]);
  guint *tree = g_new (guint, most + 2);
  for (guint l = 0; l + 1 < self->n_layers; l++)
    count += layer_crossings (self, l, tree);
  g_free (tree);
  return count;
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
      for (int pass = 0; pass < (self->n_slots > MANY_SLOTS ? 3 : 10); pass++)
        {
          gboolean improved = FALSE;
          for (guint l = 0; l < self->n_layers; l++)
            improved |= transpose_layer (self, l, pass == 0 && sweep % 2 == 1);
          if (!improved)
            break;
        }
      guint64 now = gb_layout_all_crossings (self);
      idle = now < least ? 0 : idle + 1;
      least = MIN (least, now);
      if (now < *fewest)
        {
          *fewest = now;
          for (guint s = 0; s < self->n_slots; s++)
            best[s] = self->slots[s].order;
        }
    }
}

/* Layers in the order in which a walk from the last slots back along the edges comes by: what is read together stands
 * together. */
static void
fill_by_walk (GbLayout *self)
{
  g_autofree guint *stack = g_new (guint, self->n_slots + self->n_pieces + 1);
  g_autofree gboolean *seen = g_new0 (gboolean, self->n_slots + 1);
  guint depth = 0;
  for (guint l = 0; l < self->n_layers; l++)
    self->layer_count[l] = 0;
  for (guint start = self->n_slots; start-- > 0;)
    {
      stack[depth++] = start;
      while (depth)
        {
          guint s = stack[--depth];
          Slot *slot = &self->slots[s];
          if (seen[s])
            continue;
          seen[s] = TRUE;
          slot->order = (int) self->layer_count[slot->layer];
          self->layers[slot->layer][self->layer_count[slot->layer]++] = s;
          for (guint k = slot->n_in; k-- > 0;)
            if (!seen[self->in[slot->first_in + k]]) /* at most once for each piece */
              stack[depth++] = self->in[slot->first_in + k];
        }
    }
}

void
gb_layout_order_layers (GbLayout *self)
{
  GArray *scratch = g_array_new (FALSE, FALSE, sizeof (int));
  int *best = g_new (int, self->n_slots + 1);
  guint64 fewest = gb_layout_all_crossings (self), at_first;
  for (guint s = 0; s < self->n_slots; s++)
    best[s] = self->slots[s].order;
  sweep_layers (self, SWEEPS, best, &fewest, scratch);
  at_first = fewest;
  /* In the order in which nodes came a graph that grows keeps its places.  Another beginning has to be worth a jump. */
  if (fewest > FEW_CROSSINGS && self->n_slots <= MOST_SLOTS_TWICE)
    {
      g_autofree int *other = g_memdup2 (best, sizeof (int) * (self->n_slots + 1));
      fill_by_walk (self);
      sweep_layers (self, SWEEPS, other, &fewest, scratch);
      if (fewest < at_first * 0.85)
        memcpy (best, other, sizeof (int) * self->n_slots);
    }
  for (guint s = 0; s < self->n_slots; s++)
    {
      self->slots[s].order = best[s];
      self->layers[self->slots[s].layer][best[s]] = s;
    }
  g_free (best);
  g_array_unref (scratch);
}
