/* Places of the boxes and lanes: pieces of edges that go on straight, and what keeps its distance from them.
 *
 * In the gap between two layers the heaviest set of pieces that do not cross is straight (a longest increasing
 * subsequence with weights): the middle of a long edge weighs most, then a chain of boxes, then the middle one of those
 * that fork or meet at a box.  What such pieces join is a line with one y.  Lines are ordered, since they do not cross: each
 * is pushed down by what is above it in one walk and up by what is below it in another, and stands in the middle between
 * the two, which keeps all distances; a few times, pulled to where its other pieces lead.  Then each moves to the median of where its other pieces lead, as far as there is
 * room.  Sources: Brandes and Köpf 2002 (lines from inner pieces and
 * medians), Barlow et al. 1972 (pool adjacent violators, for the beginning). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/layered-private.h"

#define PLACE_SWEEPS  4
#define PULL_PASSES   12
#define LINE_PASSES   6
#define WEIGHT_LANE   8 /* between two lanes */
#define WEIGHT_CHAIN  7 /* between boxes, where nothing else leads on */
#define WEIGHT_BOXES  4 /* and one more where it is in the middle of those that fork there, or meet */
#define STEP          1024 /* of weights: below it, of equally heavy pieces the one on the longer way goes straight */
#define MOST_LENGTH   511
#define NONE          G_MAXUINT

static double
distance (const GbLayout *self, const Slot *above, const Slot *below)
{
  double gap = above->node >= 0 && below->node >= 0 ? self->options.node_gap : self->options.lane_gap;
  return above->height - above->above + gap + below->above;
}

/* ---- slot by slot, for the beginning ---- */

/* Least squares: places as close to what each slot wants as the order and the distances allow. */
static void
settle_layer (GbLayout *self, guint layer)
{
  guint n = self->layer_count[layer];
  const guint *list = self->layers[layer];
  g_autofree double *sum = g_new (double, n + 1);
  g_autofree double *weight = g_new (double, n + 1);
  g_autofree double *shift = g_new (double, n + 1);
  g_autofree guint *length = g_new (guint, n + 1);
  guint blocks = 0;
  double offset = 0;
  for (guint i = 0; i < n; i++)
    {
      Slot *slot = &self->slots[list[i]];
      if (i > 0)
        offset += distance (self, &self->slots[list[i - 1]], slot);
      shift[i] = offset;
      double w = slot->node >= 0 ? 1 : 4; /* long edges stay straight */
      sum[blocks] = w * (slot->want - offset);
      weight[blocks] = w;
      length[blocks++] = 1;
      while (blocks > 1 && sum[blocks - 2] / weight[blocks - 2] > sum[blocks - 1] / weight[blocks - 1])
        {
          sum[blocks - 2] += sum[blocks - 1];
          weight[blocks - 2] += weight[blocks - 1];
          length[blocks - 2] += length[blocks - 1];
          blocks--;
        }
    }
  guint i = 0;
  for (guint b = 0; b < blocks; b++)
    for (guint k = 0; k < length[b]; k++, i++)
      self->slots[list[i]].y = sum[b] / weight[b] + shift[i];
}

static double
mean_place (const GbLayout *self, const guint *neighbours, guint n)
{
  double sum = 0;
  for (guint i = 0; i < n; i++)
    sum += self->slots[neighbours[i]].y;
  return sum / n;
}

static void
pull_layer (GbLayout *self, guint layer, gboolean by_in)
{
  for (guint i = 0; i < self->layer_count[layer]; i++)
    {
      Slot *slot = &self->slots[self->layers[layer][i]];
      slot->want = by_in && slot->n_in    ? mean_place (self, self->in + slot->first_in, slot->n_in)
                   : !by_in && slot->n_out ? mean_place (self, self->out + slot->first_out, slot->n_out)
                                           : slot->y;
    }
  settle_layer (self, layer);
}

static void
place_slots (GbLayout *self)
{
  for (guint l = 0; l < self->n_layers; l++)
    {
      double y = 0;
      for (guint i = 0; i < self->layer_count[l]; i++)
        {
          Slot *slot = &self->slots[self->layers[l][i]];
          if (i > 0)
            y += distance (self, &self->slots[self->layers[l][i - 1]], slot);
          slot->y = y;
        }
    }
  for (int sweep = 0; sweep < PLACE_SWEEPS; sweep++)
    {
      for (guint l = 1; l < self->n_layers; l++)
        pull_layer (self, l, TRUE);
      for (guint l = self->n_layers; l-- > 0;)
        pull_layer (self, l, FALSE);
    }
}

/* ---- which pieces are straight ---- */

static gboolean
is_middle (const GbLayout *self, const guint *neighbours, guint n, guint which)
{
  guint before = 0;
  for (guint i = 0; i < n; i++)
    before += self->slots[neighbours[i]].order < self->slots[which].order;
  return 2 * before + 1 == n || 2 * before + 2 == n || 2 * before == n;
}

/* 0: it goes straight only where there is room.  Were all pieces rigid that can be, a long graph would climb from line to
 * line. */
static guint
piece_weight (const GbLayout *self, guint from, guint to)
{
  const Slot *a = &self->slots[from], *b = &self->slots[to];
  if (a->node < 0 && b->node < 0)
    return WEIGHT_LANE;
  if (a->node < 0 || b->node < 0)
    return 0;
  if (a->n_out == 1 && b->n_in == 1)
    return WEIGHT_CHAIN;
  guint middle = (guint) is_middle (self, self->out + a->first_out, a->n_out, to)
                 + (guint) is_middle (self, self->in + b->first_in, b->n_in, from);
  return middle ? WEIGHT_BOXES + middle : 0;
}

typedef struct
{
  guint from, to, weight, before; /* before: the piece that is straight above it, or NONE */
} Piece;

/* The heaviest set of pieces of a gap that ends before each order of the right layer: a binary indexed tree of maxima. */
static guint
heaviest_before (const Piece *pieces, const guint *tree, guint order)
{
  guint best = NONE;
  for (guint j = order; j > 0; j -= j & -j)
    if (tree[j] != NONE && (best == NONE || pieces[tree[j]].weight > pieces[best].weight))
      best = tree[j];
  return best;
}

static void
offer (const Piece *pieces, guint *tree, guint n, guint order, guint piece)
{
  for (guint j = order + 1; j <= n; j += j & -j)
    if (tree[j] == NONE || pieces[piece].weight > pieces[tree[j]].weight)
      tree[j] = piece;
}

/* How many layers each slot's longest way goes on for. */
static guint *
find_ways (const GbLayout *self)
{
  guint *ahead = g_new0 (guint, self->n_slots + 1);
  for (guint l = self->n_layers; l-- > 0;)
    for (guint i = 0; i < self->layer_count[l]; i++)
      {
        const Slot *slot = &self->slots[self->layers[l][i]];
        for (guint k = 0; k < slot->n_out; k++)
          ahead[self->layers[l][i]] = MAX (ahead[self->layers[l][i]], ahead[self->out[slot->first_out + k]] + 1);
      }
  return ahead;
}

/* Joins the slots of the gap right of a layer by the straight pieces: next[slot] is where its line goes on, length[slot] how
 * many slots it has had, ahead[slot] how far it can go. */
static void
straighten_gap (
    GbLayout *self, guint layer, GArray *gap, guint *tree, guint *next, guint *length, const guint *ahead)
{
  guint n_right = self->layer_count[layer + 1], best = NONE;
  g_array_set_size (gap, 0);
  for (guint j = 0; j <= n_right; j++)
    tree[j] = NONE;
  for (guint i = 0; i < self->layer_count[layer]; i++)
    {
      guint from = self->layers[layer][i], begin = gap->len;
      const Slot *slot = &self->slots[from];
      for (guint k = 0; k < slot->n_out; k++)
        {
          Piece piece = { from, self->out[slot->first_out + k], 0, NONE };
          guint weight = piece_weight (self, from, piece.to);
          if (weight == 0)
            continue;
          piece.before = heaviest_before ((Piece *) (void *) gap->data, tree, (guint) self->slots[piece.to].order);
          piece.weight = STEP * weight + MIN (length[from], MOST_LENGTH) + MIN (ahead[piece.to], MOST_LENGTH)
                         + (piece.before == NONE ? 0 : g_array_index (gap, Piece, piece.before).weight);
          g_array_append_val (gap, piece);
        }
      for (guint k = begin; k < gap->len; k++)
        offer ((Piece *) (void *) gap->data, tree, n_right,
               (guint) self->slots[g_array_index (gap, Piece, k).to].order, k);
    }
  best = heaviest_before ((Piece *) (void *) gap->data, tree, n_right);
  for (; best != NONE; best = g_array_index (gap, Piece, best).before)
    {
      const Piece *piece = &g_array_index (gap, Piece, best);
      next[piece->from] = piece->to;
      length[piece->to] = length[piece->from] + 1;
    }
}

/* ---- lines ---- */

typedef struct
{
  guint n;
  guint *of;         /* per slot: its line */
  guint *order;      /* lines from above to below */
  double *y, *want, *down, *best;
  guint *first, *slots; /* per line: its slots */
} Lines;

static void
find_lines (GbLayout *self, Lines *lines)
{
  g_autofree guint *next = g_new (guint, self->n_slots + 1), *length = g_new0 (guint, self->n_slots + 1);
  g_autofree guint *tree = NULL, *fill = NULL, *ahead = find_ways (self);
  g_autoptr (GArray) gap = g_array_new (FALSE, FALSE, sizeof (Piece));
  guint most = 0;
  for (guint l = 0; l < self->n_layers; l++)
    most = MAX (most, self->layer_count[l]);
  tree = g_new (guint, most + 2);
  for (guint s = 0; s < self->n_slots; s++)
    {
      next[s] = NONE;
      lines->of[s] = NONE;
    }
  for (guint l = 0; l + 1 < self->n_layers; l++)
    straighten_gap (self, l, gap, tree, next, length, ahead);
  for (guint l = 0; l < self->n_layers; l++)
    for (guint i = 0; i < self->layer_count[l]; i++)
      {
        guint s = self->layers[l][i];
        if (lines->of[s] == NONE)
          {
            lines->of[s] = lines->n++;
            for (guint t = next[s]; t != NONE; t = next[t])
              lines->of[t] = lines->of[s];
          }
      }
  lines->first = g_new0 (guint, lines->n + 1);
  lines->slots = g_new (guint, self->n_slots + 1);
  for (guint s = 0; s < self->n_slots; s++)
    lines->first[lines->of[s] + 1]++;
  for (guint k = 0; k < lines->n; k++)
    lines->first[k + 1] += lines->first[k];
  fill = g_memdup2 (lines->first, sizeof (guint) * (lines->n + 1));
  for (guint s = 0; s < self->n_slots; s++)
    lines->slots[fill[lines->of[s]]++] = s;
}

/* The slot below s in its layer, or NONE. */
static inline guint
slot_below (const GbLayout *self, guint s)
{
  const Slot *slot = &self->slots[s];
  guint at = (guint) slot->order + 1;
  return at < self->layer_count[slot->layer] ? self->layers[slot->layer][at] : NONE;
}

/* From above to below: straight pieces do not cross, so there is such an order. */
static void
sort_lines (const GbLayout *self, Lines *lines)
{
  g_autofree guint *above = g_new0 (guint, lines->n + 1);
  guint n = 0, below;
  for (guint s = 0; s < self->n_slots; s++)
    if ((below = slot_below (self, s)) != NONE)
      above[lines->of[below]]++;
  for (guint k = 0; k < lines->n; k++)
    if (above[k] == 0)
      lines->order[n++] = k;
  for (guint i = 0; i < n; i++)
    for (guint k = lines->first[lines->order[i]]; k < lines->first[lines->order[i] + 1]; k++)
      if ((below = slot_below (self, lines->slots[k])) != NONE && --above[lines->of[below]] == 0)
        lines->order[n++] = lines->of[below];
  g_assert (n == lines->n);
}

/* Distances are kept: pushed down from what each wants, pushed up from it, and the middle of both. */
static void
settle_lines (const GbLayout *self, Lines *lines)
{
  for (guint k = 0; k < lines->n; k++)
    lines->down[k] = lines->y[k] = lines->want[k];
  for (guint i = 0; i < lines->n; i++)
    {
      guint line = lines->order[i], below;
      for (guint k = lines->first[line]; k < lines->first[line + 1]; k++)
        if ((below = slot_below (self, lines->slots[k])) != NONE)
          {
            guint other = lines->of[below];
            double least = lines->down[line] + distance (self, &self->slots[lines->slots[k]], &self->slots[below]);
            lines->down[other] = MAX (lines->down[other], least);
          }
    }
  for (guint i = lines->n; i-- > 0;)
    {
      guint line = lines->order[i], below;
      for (guint k = lines->first[line]; k < lines->first[line + 1]; k++)
        if ((below = slot_below (self, lines->slots[k])) != NONE)
          {
            double most = lines->y[lines->of[below]]
                          - distance (self, &self->slots[lines->slots[k]], &self->slots[below]);
            lines->y[line] = MIN (lines->y[line], most);
          }
    }
  for (guint k = 0; k < lines->n; k++)
    lines->y[k] = (lines->y[k] + lines->down[k]) / 2;
}

/* Where the pieces of a line that are not straight lead, half way. */
static void
pull_lines (const GbLayout *self, Lines *lines)
{
  for (guint line = 0; line < lines->n; line++)
    {
      double sum = 0, weight = 0;
      for (guint k = lines->first[line]; k < lines->first[line + 1]; k++)
        {
          const Slot *slot = &self->slots[lines->slots[k]];
          for (guint i = 0; i < slot->n_in + slot->n_out; i++)
            {
              guint t = i < slot->n_in ? self->in[slot->first_in + i] : self->out[slot->first_out + i - slot->n_in];
              if (lines->of[t] == line)
                continue;
              sum += lines->y[lines->of[t]];
              weight++;
            }
        }
      lines->want[line] = weight > 0 ? (lines->y[line] + sum / weight) / 2 : lines->y[line];
    }
}

static int
compare_double (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;
  return x < y ? -1 : x > y;
}

/* The nearest to the median of where its pieces that are not straight lead, as far as its neighbours leave room: each move
 * makes the edges more even. */
static void
relax_line (const GbLayout *self, Lines *lines, guint line, GArray *wants)
{
  double low = -G_MAXDOUBLE, high = G_MAXDOUBLE, want = lines->y[line];
  g_array_set_size (wants, 0);
  for (guint k = lines->first[line]; k < lines->first[line + 1]; k++)
    {
      const Slot *slot = &self->slots[lines->slots[k]];
      const guint *layer = self->layers[slot->layer];
      guint at = (guint) slot->order;
      if (at > 0)
        low = MAX (low, lines->y[lines->of[layer[at - 1]]] + distance (self, &self->slots[layer[at - 1]], slot));
      if (at + 1 < self->layer_count[slot->layer])
        high = MIN (high, lines->y[lines->of[layer[at + 1]]] - distance (self, slot, &self->slots[layer[at + 1]]));
      for (guint i = 0; i < slot->n_in + slot->n_out; i++)
        {
          guint t = i < slot->n_in ? self->in[slot->first_in + i] : self->out[slot->first_out + i - slot->n_in];
          if (lines->of[t] != line)
            g_array_append_val (wants, lines->y[lines->of[t]]);
        }
    }
  if (wants->len == 0)
    return;
  double *sorted = (double *) (void *) wants->data;
  qsort (sorted, wants->len, sizeof *sorted, compare_double);
  double above = sorted[(wants->len - 1) / 2], below = sorted[wants->len / 2], other;
  /* Between two medians all places are as even: at one of them a piece is straight. */
  want = CLAMP (want, above, below);
  other = want - above < below - want ? below : above;
  want = above + below - other;
  if (want < low || want > high)
    want = other;
  if (low <= high)
    lines->y[line] = CLAMP (want, low, high);
}

static double
uneven (const GbLayout *self, const Lines *lines)
{
  double sum = 0;
  for (guint p = 0; p < self->n_pieces; p++)
    sum += fabs (lines->y[lines->of[self->piece_from[p]]] - lines->y[lines->of[self->piece_to[p]]]);
  return sum;
}

static void
place_lines (GbLayout *self)
{
  guint n = self->n_slots + 1;
  g_autoptr (GArray) wants = g_array_new (FALSE, FALSE, sizeof (double));
  Lines lines = { .of = g_new (guint, n), .order = g_new (guint, n),       .y = g_new0 (double, n),
                  .want = g_new0 (double, n), .down = g_new (double, n), .best = g_new (double, n) };
  double least = G_MAXDOUBLE;
  find_lines (self, &lines);
  sort_lines (self, &lines);
  for (guint s = 0; s < self->n_slots; s++)
    lines.want[lines.of[s]] += self->slots[s].y / (lines.first[lines.of[s] + 1] - lines.first[lines.of[s]]);
  for (int pass = 0; pass < PULL_PASSES; pass++)
    {
      settle_lines (self, &lines);
      double now = uneven (self, &lines);
      if (now < least)
        {
          least = now;
          memcpy (lines.best, lines.y, sizeof (double) * lines.n);
        }
      pull_lines (self, &lines);
    }
  memcpy (lines.y, lines.best, sizeof (double) * lines.n);
  for (int pass = 0; pass < LINE_PASSES; pass++)
    for (guint i = 0; i < lines.n; i++)
      relax_line (self, &lines, lines.order[pass % 2 ? lines.n - 1 - i : i], wants);
  for (guint s = 0; s < self->n_slots; s++)
    self->slots[s].y = lines.y[lines.of[s]];
  g_free (lines.of), g_free (lines.order), g_free (lines.y), g_free (lines.want), g_free (lines.down);
  g_free (lines.best), g_free (lines.first), g_free (lines.slots);
}

/* Layers from left to right, each as wide as its widest box. */
static void
place_layers (GbLayout *self)
{
  double x = 0, top = G_MAXDOUBLE, bottom = -G_MAXDOUBLE;
  for (guint l = 0; l < self->n_layers; l++)
    {
      double width = 0;
      for (guint i = 0; i < self->layer_count[l]; i++)
        width = MAX (width, self->slots[self->layers[l][i]].width);
      for (guint i = 0; i < self->layer_count[l]; i++)
        {
          Slot *slot = &self->slots[self->layers[l][i]];
          slot->x = x + width / 2;
          slot->width = slot->node >= 0 ? slot->width : width;
          top = MIN (top, slot->y - slot->above);
          bottom = MAX (bottom, slot->y - slot->above + slot->height);
        }
      x += width + self->options.layer_gap;
    }
  self->width = self->n_layers ? x - self->options.layer_gap : 0;
  self->height = self->n_slots ? bottom - top : 0;
  for (guint s = 0; s < self->n_slots; s++)
    self->slots[s].y -= top;
}

void
gb_layout_place (GbLayout *self)
{
  place_slots (self);
  place_lines (self);
  place_layers (self);
}
