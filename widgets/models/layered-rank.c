/* Layers that make all edges together as short as can be: network simplex (Gansner et al. 1993).
 *
 * A tree of edges that are no longer than one layer spans the nodes.  The cut value of such an edge is how many edges go
 * its way between the two parts into which the tree falls without it, less those that go the other way.  Where it is
 * negative the whole gets shorter by pulling the parts apart until another edge between them is tight, which takes its
 * place.  Each state on the way is a good assignment, so the search may end when it has cost enough. */
#include <string.h>

#include "models/layered-private.h"

#define NONE          G_MAXUINT
#define MOST_LOOKED_AT 30 /* edges with a negative cut value, of which the most negative leaves */

typedef struct
{
  guint n, m;
  guint *from, *to;
  int *rank;
  guint *first, *list; /* edges at node v: list[first[v]] … list[first[v + 1] - 1] */
  gboolean *in_tree;   /* per edge */
  int *cut;            /* per edge of the tree */
  guint *parent;       /* per node: the edge towards the root, or NONE */
  guint *low, *lim;    /* the subtree of v are the nodes by_lim[low[v]] … by_lim[lim[v]] */
  guint *by_lim;
  guint *stack, *walk; /* scratch, n each */
  guint64 work;        /* edges looked at */
} Rank;

static inline int
slack (const Rank *r, guint e)
{
  return r->rank[r->to[e]] - r->rank[r->from[e]] - 1;
}

static inline guint
other_end (const Rank *r, guint e, guint v)
{
  return r->from[e] == v ? r->to[e] : r->from[e];
}

static void
link_edges (Rank *r)
{
  g_autofree guint *fill = NULL;
  r->first = g_new0 (guint, r->n + 1);
  r->list = g_new (guint, 2 * r->m + 1);
  for (guint e = 0; e < r->m; e++)
    r->first[r->from[e] + 1]++, r->first[r->to[e] + 1]++;
  for (guint v = 0; v < r->n; v++)
    r->first[v + 1] += r->first[v];
  fill = g_memdup2 (r->first, sizeof *fill * (r->n + 1));
  for (guint e = 0; e < r->m; e++)
    {
      r->list[fill[r->from[e]]++] = e;
      r->list[fill[r->to[e]]++] = e;
    }
}

/* ---- a tight tree ---- */

static guint
find_tree (guint *tree, guint v)
{
  while (tree[v] != v)
    v = tree[v] = tree[tree[v]];
  return v;
}

/* Disjoint sets of nodes, each of which an equally tight tree spans; the nodes of one form a ring. */
typedef struct
{
  guint *tree, *next, *size;
} Trees;

/* Returns the set that both belong to now. */
static guint
unite (Trees *t, guint a, guint b)
{
  guint large = t->size[a] > t->size[b] ? a : b, keep = t->next[a];
  t->next[a] = t->next[b]; /* the two rings become one */
  t->next[b] = keep;
  t->size[large] = t->size[a] + t->size[b];
  return t->tree[a] = t->tree[b] = t->tree[large] = large;
}

/* The shortest edge from a tree to another one, or NONE when it has all nodes. */
static guint
find_shortest_out (const Rank *r, Trees *t, guint root)
{
  guint best = NONE, v = root;
  int least = G_MAXINT;
  do
    for (guint k = r->first[v]; k < r->first[v + 1]; k++)
      {
        guint e = r->list[k];
        if (slack (r, e) < least && find_tree (t->tree, other_end (r, e, v)) != root)
          {
            least = slack (r, e);
            best = e;
          }
      }
  while ((v = t->next[v]) != root);
  return best;
}

/* What is tight already is taken first.  Then round by round each tree moves until its shortest edge to another one is
 * tight too, unless one has come to it in this round. */
static void
make_tight_tree (Rank *r)
{
  Trees t = { g_new (guint, r->n), g_new (guint, r->n), g_new (guint, r->n) };
  g_autofree guint *roots = g_new (guint, r->n);
  g_autofree guint *grown = g_new0 (guint, r->n); /* round in which it has */
  guint n_roots = 0;
  for (guint v = 0; v < r->n; v++)
    t.tree[v] = t.next[v] = v, t.size[v] = 1;
  for (guint e = 0; e < r->m; e++)
    {
      guint a = find_tree (t.tree, r->from[e]), b = find_tree (t.tree, r->to[e]);
      if (slack (r, e) || a == b)
        continue;
      r->in_tree[e] = TRUE;
      unite (&t, a, b);
    }
  for (guint v = 0; v < r->n; v++)
    if (t.tree[v] == v)
      roots[n_roots++] = v;
  for (guint round = 1; n_roots > 1; round++)
    {
      guint n = 0;
      for (guint i = 0; i < n_roots; i++)
        {
          guint root = roots[i], e;
          if (t.tree[root] != root || grown[root] == round || (e = find_shortest_out (r, &t, root)) == NONE)
            continue;
          int by = find_tree (t.tree, r->from[e]) == root ? slack (r, e) : -slack (r, e);
          for (guint v = t.next[root];; v = t.next[v])
            {
              r->rank[v] += by;
              if (v == root)
                break;
            }
          r->in_tree[e] = TRUE;
          grown[unite (&t, root, find_tree (t.tree, by > 0 ? r->to[e] : r->from[e]))] = round;
        }
      for (guint i = 0; i < n_roots; i++)
        if (t.tree[roots[i]] == roots[i])
          roots[n++] = roots[i];
      n_roots = n;
    }
  g_free (t.tree);
  g_free (t.next);
  g_free (t.size);
}

/* Numbers the subtree of v from `number` on, and links its nodes to their parents. */
static void
number_subtree (Rank *r, guint v, guint parent, guint number)
{
  guint depth = 0;
  r->parent[v] = parent;
  r->low[v] = number;
  r->walk[0] = r->first[v];
  r->stack[depth++] = v;
  while (depth)
    {
      guint at = r->stack[depth - 1], k = r->walk[depth - 1];
      while (k < r->first[at + 1] && (!r->in_tree[r->list[k]] || r->list[k] == r->parent[at]))
        k++;
      r->work += k + 1 - r->walk[depth - 1];
      if (k == r->first[at + 1])
        {
          r->by_lim[number] = at;
          r->lim[at] = number++;
          depth--;
          continue;
        }
      guint child = other_end (r, r->list[k], at);
      r->walk[depth - 1] = k + 1;
      r->parent[child] = r->list[k];
      r->low[child] = number;
      r->walk[depth] = r->first[child];
      r->stack[depth++] = child;
    }
}

/* What leaves a subtree less what enters it is the sum over its nodes: edges within it count for nothing. */
static void
count_cut_values (Rank *r)
{
  g_autofree int *net = g_new0 (int, r->n);
  for (guint e = 0; e < r->m; e++)
    {
      net[r->from[e]]++;
      net[r->to[e]]--;
    }
  for (guint i = 0; i + 1 < r->n; i++)
    {
      guint v = r->by_lim[i], e = r->parent[v];
      r->cut[e] = r->from[e] == v ? net[v] : -net[v];
      net[other_end (r, e, v)] += net[v];
    }
}

/* ---- pivots ---- */

/* A node whose edge towards the root has a negative cut value, or NONE; *at goes round. */
static guint
find_leaving (Rank *r, guint *at)
{
  guint best = NONE, found = 0;
  for (guint i = 0; i < r->n && found < MOST_LOOKED_AT; i++)
    {
      guint v = (*at + i) % r->n;
      if (r->parent[v] == NONE || r->cut[r->parent[v]] >= 0)
        continue;
      found++;
      if (best == NONE || r->cut[r->parent[v]] < r->cut[r->parent[best]])
        best = v;
    }
  if (best != NONE)
    *at = (best + 1) % r->n;
  r->work++;
  return best;
}

static inline gboolean
is_in_subtree (const Rank *r, guint v, guint root)
{
  return r->low[root] <= r->lim[v] && r->lim[v] <= r->lim[root];
}

/* The shortest edge between the subtree of v and the rest that goes against v's edge. */
static guint
find_entering (Rank *r, guint v)
{
  gboolean is_tail = r->from[r->parent[v]] == v;
  guint best = NONE;
  for (guint i = r->low[v]; i <= r->lim[v]; i++)
    {
      guint u = r->by_lim[i];
      for (guint k = r->first[u]; k < r->first[u + 1]; k++)
        {
          guint e = r->list[k];
          if ((is_tail ? r->to[e] : r->from[e]) == u && !is_in_subtree (r, other_end (r, e, u), v)
              && (best == NONE || slack (r, e) < slack (r, best)))
            best = e;
        }
      r->work += r->first[u + 1] - r->first[u];
    }
  return best;
}

/* Adds to the cut values from v up to what w is below as well, and returns that. */
static guint
add_on_way_up (Rank *r, guint v, guint w, int value)
{
  while (!is_in_subtree (r, w, v))
    {
      guint e = r->parent[v];
      r->cut[e] += r->from[e] == v ? value : -value;
      v = other_end (r, e, v);
      r->work++;
    }
  return v;
}

static void
pivot (Rank *r, guint v, guint entering)
{
  guint leaving = r->parent[v];
  int by = slack (r, entering), value = r->cut[leaving];
  if (r->from[leaving] == v)
    by = -by;
  for (guint i = r->low[v]; by && i <= r->lim[v]; i++)
    r->rank[r->by_lim[i]] += by;
  guint meet = add_on_way_up (r, r->from[entering], r->to[entering], value);
  add_on_way_up (r, r->to[entering], r->from[entering], -value);
  r->cut[entering] = -value;
  r->in_tree[leaving] = FALSE;
  r->in_tree[entering] = TRUE;
  number_subtree (r, meet, r->parent[meet], r->low[meet]);
}

/* Where as much leads to a node as away from it no layer of its room is better than another: it stands close to what it
 * reads, as the rest of a chain does.  Nodes are in an order of the edges' direction. */
static void
close_up (Rank *r)
{
  int least = G_MAXINT;
  for (guint v = 0; v < r->n; v++)
    least = MIN (least, r->rank[v]);
  for (guint v = 0; v < r->n; v++)
    {
      int low = 0, n_in = 0, n_out = 0;
      r->rank[v] -= least;
      for (guint k = r->first[v]; k < r->first[v + 1]; k++)
        if (r->to[r->list[k]] == v)
          low = MAX (low, r->rank[r->from[r->list[k]]] + 1), n_in++;
        else
          n_out++;
      if (n_in == n_out)
        r->rank[v] = low;
    }
}

gboolean
gb_layout_shorten_edges (GbLayout *self, guint64 most_work)
{
  Rank r = { .n = self->n_nodes };
  guint at = 0, v = NONE;
  if (r.n < 3)
    return TRUE;
  r.from = g_new (guint, self->n_edges + 1);
  r.to = g_new (guint, self->n_edges + 1);
  r.rank = g_new (int, r.n);
  for (guint e = 0; e < self->n_edges; e++)
    if (gb_layout_is_good_edge (self, &self->edges[e]))
      {
        r.from[r.m] = self->edges[e].from;
        r.to[r.m++] = self->edges[e].to;
      }
  for (guint i = 0; i < r.n; i++)
    r.rank[i] = self->nodes[i].layer;
  r.in_tree = g_new0 (gboolean, r.m + 1);
  r.cut = g_new0 (int, r.m + 1);
  r.parent = g_new (guint, r.n);
  r.low = g_new (guint, r.n);
  r.lim = g_new (guint, r.n);
  r.by_lim = g_new (guint, r.n);
  r.stack = g_new (guint, r.n);
  r.walk = g_new (guint, r.n);
  link_edges (&r);
  make_tight_tree (&r);
  number_subtree (&r, 0, NONE, 0);
  count_cut_values (&r);
  while (r.work < most_work && (v = find_leaving (&r, &at)) != NONE)
    {
      guint entering = find_entering (&r, v);
      if (entering == NONE)
        break; /* cannot be while a cut value is negative */
      pivot (&r, v, entering);
    }
  close_up (&r);
  for (guint i = 0; i < r.n; i++)
    self->nodes[i].layer = r.rank[i];
  g_free (r.from), g_free (r.to), g_free (r.rank), g_free (r.first), g_free (r.list), g_free (r.in_tree);
  g_free (r.cut), g_free (r.parent), g_free (r.low), g_free (r.lim), g_free (r.by_lim), g_free (r.stack), g_free (r.walk);
  return v == NONE;
}
