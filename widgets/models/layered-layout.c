#include "models/layered-layout.h"

#include <math.h>
#include <string.h>

#include "models/layered-private.h"

#define MOST_SHORTENING 5000000 /* edges to look at: some 10 ms */

/* Each node as far left as its edges allow, then all of them so that the edges are short. */
static void
assign_layers (GbLayout *self)
{
  guint n = self->n_nodes;
  g_autofree guint *first = g_new0 (guint, n + 1), *list = g_new (guint, self->n_edges + 1), *fill = NULL;
  for (guint i = 0; i < n; i++)
    self->nodes[i].layer = 0;
  /* edges sorted by source: indices are a topological order */
  for (guint e = 0; e < self->n_edges; e++)
    if (gb_layout_is_good_edge (self, &self->edges[e]))
      first[self->edges[e].from + 1]++;
  for (guint i = 0; i < n; i++)
    first[i + 1] += first[i];
  fill = g_memdup2 (first, sizeof (guint) * (n + 1));
  for (guint e = 0; e < self->n_edges; e++)
    if (gb_layout_is_good_edge (self, &self->edges[e]))
      list[fill[self->edges[e].from]++] = e;
  for (guint i = 0; i < n; i++)
    for (guint k = first[i]; k < first[i + 1]; k++)
      {
        guint to = self->edges[list[k]].to;
        self->nodes[to].layer = MAX (self->nodes[to].layer, self->nodes[i].layer + 1);
      }
  gb_layout_shorten_edges (self, MOST_SHORTENING);
  self->n_layers = 0;
  for (guint i = 0; i < n; i++)
    self->n_layers = MAX (self->n_layers, (guint) self->nodes[i].layer + 1);
}

static void
make_slots (GbLayout *self)
{
  guint lanes = 0, pieces = 0;
  for (guint e = 0; e < self->n_edges; e++)
    if (gb_layout_is_good_edge (self, &self->edges[e]))
      {
        guint span = (guint) (self->nodes[self->edges[e].to].layer - self->nodes[self->edges[e].from].layer);
        lanes += span - 1;
        pieces += span;
      }
  self->n_slots = self->n_nodes + lanes;
  self->slots = g_new0 (Slot, self->n_slots + 1);
  self->piece_from = g_new (guint, pieces + 1);
  self->piece_to = g_new (guint, pieces + 1);
  self->edge_first_lane = g_new0 (guint, self->n_edges + 1);
  for (guint i = 0; i < self->n_nodes; i++)
    self->slots[i] = (Slot){ .width = self->nodes[i].width,
                             .height = self->nodes[i].height,
                             .above = self->nodes[i].above > 0 ? self->nodes[i].above : self->nodes[i].height / 2,
                             .layer = self->nodes[i].layer,
                             .node = (int) i };
  guint next = self->n_nodes;
  for (guint e = 0; e < self->n_edges; e++)
    {
      const GbLayoutEdge *edge = &self->edges[e];
      if (!gb_layout_is_good_edge (self, edge))
        continue;
      guint before = edge->from;
      self->edge_first_lane[e] = next;
      for (int layer = self->nodes[edge->from].layer + 1; layer < self->nodes[edge->to].layer; layer++)
        {
          self->slots[next] = (Slot){ .layer = layer, .node = -1 };
          self->piece_from[self->n_pieces] = before;
          self->piece_to[self->n_pieces++] = next;
          before = next++;
        }
      self->piece_from[self->n_pieces] = before;
      self->piece_to[self->n_pieces++] = edge->to;
    }
}

static void
link_neighbours (GbLayout *self)
{
  self->in = g_new (guint, self->n_pieces + 1);
  self->out = g_new (guint, self->n_pieces + 1);
  for (guint p = 0; p < self->n_pieces; p++)
    {
      self->slots[self->piece_from[p]].n_out++;
      self->slots[self->piece_to[p]].n_in++;
    }
  guint in = 0, out = 0;
  for (guint s = 0; s < self->n_slots; s++)
    {
      self->slots[s].first_in = in;
      self->slots[s].first_out = out;
      in += self->slots[s].n_in;
      out += self->slots[s].n_out;
      self->slots[s].n_in = self->slots[s].n_out = 0;
    }
  for (guint p = 0; p < self->n_pieces; p++)
    {
      Slot *from = &self->slots[self->piece_from[p]], *to = &self->slots[self->piece_to[p]];
      self->out[from->first_out + from->n_out++] = self->piece_to[p];
      self->in[to->first_in + to->n_in++] = self->piece_from[p];
    }
}

static void
fill_layers (GbLayout *self)
{
  self->layers = g_new0 (guint *, self->n_layers + 1);
  self->layer_count = g_new0 (guint, self->n_layers + 1);
  for (guint s = 0; s < self->n_slots; s++)
    self->layer_count[self->slots[s].layer]++;
  for (guint l = 0; l < self->n_layers; l++)
    {
      self->layers[l] = g_new (guint, self->layer_count[l] + 1);
      self->layer_count[l] = 0;
    }
  for (guint s = 0; s < self->n_slots; s++)
    {
      Slot *slot = &self->slots[s];
      slot->order = (int) self->layer_count[slot->layer];
      self->layers[slot->layer][self->layer_count[slot->layer]++] = s;
    }
}

static void
publish (GbLayout *self)
{
  for (guint i = 0; i < self->n_nodes; i++)
    {
      self->nodes[i].x = self->slots[i].x;
      self->nodes[i].y = self->slots[i].y;
      self->nodes[i].order = self->slots[i].order;
    }
  self->points = g_new (double, 4 * (self->n_pieces + self->n_edges) + 4);
  double *at = self->points;
  for (guint e = 0; e < self->n_edges; e++)
    {
      GbLayoutEdge *edge = &self->edges[e];
      edge->points = at;
      edge->n_points = 0;
      if (!gb_layout_is_good_edge (self, edge))
        continue;
      const GbLayoutNode *from = &self->nodes[edge->from], *to = &self->nodes[edge->to];
      *at++ = from->x + from->width / 2;
      *at++ = from->y;
      edge->n_points = 2;
      for (int k = 0; k < to->layer - from->layer - 1; k++)
        {
          const Slot *lane = &self->slots[self->edge_first_lane[e] + (guint) k];
          *at++ = lane->x - lane->width / 2;
          *at++ = lane->y;
          *at++ = lane->x + lane->width / 2;
          *at++ = lane->y;
          edge->n_points += 2;
        }
      *at++ = to->x - to->width / 2;
      *at++ = to->y;
    }
}

/* All nodes are connected, or there are none. */
static GbLayout *
layout_connected (const GbLayoutNode *nodes,
                  guint n_nodes,
                  const GbLayoutEdge *edges,
                  guint n_edges,
                  const GbLayoutOptions *options)
{
  GbLayout *self = g_new0 (GbLayout, 1);
  self->nodes = n_nodes ? g_memdup2 (nodes, sizeof *nodes * n_nodes) : NULL;
  self->edges = n_edges ? g_memdup2 (edges, sizeof *edges * n_edges) : NULL;
  self->n_nodes = n_nodes;
  self->n_edges = n_edges;
  self->options = *options;
  assign_layers (self);
  make_slots (self);
  link_neighbours (self);
  fill_layers (self);
  gb_layout_order_layers (self);
  gb_layout_place (self);
  publish (self);
  self->crossings = gb_layout_all_crossings (self);
  return self;
}

/* ---- unconnected parts ---- */

static guint
find_root (guint *parent, guint i)
{
  while (parent[i] != i)
    i = parent[i] = parent[parent[i]];
  return i;
}

/* Number of each node's part, parts in order of their first node. */
static guint
number_parts (const GbLayoutEdge *edges, guint n_edges, guint n_nodes, guint *part)
{
  g_autofree guint *parent = g_new (guint, n_nodes + 1);
  g_autofree guint *number = g_new0 (guint, n_nodes + 1);
  guint count = 0;
  for (guint i = 0; i < n_nodes; i++)
    parent[i] = i;
  for (guint e = 0; e < n_edges; e++)
    if (edges[e].from < edges[e].to && edges[e].to < n_nodes)
      {
        guint a = find_root (parent, edges[e].from), b = find_root (parent, edges[e].to);
        parent[MAX (a, b)] = MIN (a, b);
      }
  for (guint i = 0; i < n_nodes; i++)
    {
      guint root = find_root (parent, i);
      if (root == i)
        number[i] = count++;
      part[i] = number[root];
    }
  return count;
}

typedef struct
{
  GbLayout *layout;
  GArray *node_of, *edge_of; /* guint: index in the whole */
} Part;

static Part *
lay_out_parts (const GbLayoutNode *nodes,
               guint n_nodes,
               const GbLayoutEdge *edges,
               guint n_edges,
               const guint *part_of,
               guint n_parts,
               const GbLayoutOptions *options)
{
  Part *parts = g_new0 (Part, n_parts);
  g_autofree guint *local = g_new (guint, n_nodes + 1);
  for (guint p = 0; p < n_parts; p++)
    {
      parts[p].node_of = g_array_new (FALSE, FALSE, sizeof (guint));
      parts[p].edge_of = g_array_new (FALSE, FALSE, sizeof (guint));
    }
  for (guint i = 0; i < n_nodes; i++)
    {
      local[i] = parts[part_of[i]].node_of->len;
      g_array_append_val (parts[part_of[i]].node_of, i);
    }
  for (guint e = 0; e < n_edges; e++)
    if (edges[e].from < edges[e].to && edges[e].to < n_nodes)
      g_array_append_val (parts[part_of[edges[e].from]].edge_of, e);
  for (guint p = 0; p < n_parts; p++)
    {
      guint n = parts[p].node_of->len, m = parts[p].edge_of->len;
      g_autofree GbLayoutNode *own_nodes = g_new (GbLayoutNode, n + 1);
      g_autofree GbLayoutEdge *own_edges = g_new0 (GbLayoutEdge, m + 1);
      for (guint i = 0; i < n; i++)
        own_nodes[i] = nodes[g_array_index (parts[p].node_of, guint, i)];
      for (guint e = 0; e < m; e++)
        {
          const GbLayoutEdge *edge = &edges[g_array_index (parts[p].edge_of, guint, e)];
          own_edges[e] = (GbLayoutEdge){ .from = local[edge->from], .to = local[edge->to] };
        }
      parts[p].layout = layout_connected (own_nodes, n, own_edges, m, options);
    }
  return parts;
}

/* A picture about 2.4 times as wide as high, and at least as wide as its widest part. */
static double
row_width_for (const Part *parts, guint n_parts, const GbLayoutOptions *options)
{
  double area = 0, widest = 0;
  for (guint p = 0; p < n_parts; p++)
    {
      double width = parts[p].layout->width + options->layer_gap,
             height = parts[p].layout->height + options->node_gap;
      area += width * height;
      widest = MAX (widest, width);
    }
  return MAX (widest, options->row_width > 0 ? options->row_width : sqrt (area * 2.4));
}

static void
take_part (GbLayout *self, const Part *part, double dx, double dy, guint first_order, double **at)
{
  for (guint i = 0; i < part->node_of->len; i++)
    {
      GbLayoutNode node = part->layout->nodes[i];
      node.x += dx;
      node.y += dy;
      node.order += (int) first_order;
      self->nodes[g_array_index (part->node_of, guint, i)] = node;
    }
  for (guint e = 0; e < part->edge_of->len; e++)
    {
      const GbLayoutEdge *from = &part->layout->edges[e];
      GbLayoutEdge *to = &self->edges[g_array_index (part->edge_of, guint, e)];
      to->points = *at;
      to->n_points = from->n_points;
      for (guint k = 0; k < from->n_points; k++)
        {
          *(*at)++ = from->points[2 * k] + dx;
          *(*at)++ = from->points[2 * k + 1] + dy;
        }
    }
  self->n_layers = MAX (self->n_layers, part->layout->n_layers);
  self->crossings += part->layout->crossings;
}

static GbLayout *
layout_of_parts (const GbLayoutNode *nodes,
                 guint n_nodes,
                 const GbLayoutEdge *edges,
                 guint n_edges,
                 const guint *part_of,
                 guint n_parts,
                 const GbLayoutOptions *options)
{
  Part *parts = lay_out_parts (nodes, n_nodes, edges, n_edges, part_of, n_parts, options);
  double row_width = row_width_for (parts, n_parts, options), x = 0, y = 0, row_height = 0;
  GbLayout *self = g_new0 (GbLayout, 1);
  guint n_points = 0, row = 0;
  self->nodes = g_memdup2 (nodes, sizeof *nodes * n_nodes);
  self->edges = n_edges ? g_memdup2 (edges, sizeof *edges * n_edges) : NULL;
  for (guint e = 0; e < n_edges; e++)
    self->edges[e].n_points = 0;
  self->n_nodes = n_nodes;
  self->n_edges = n_edges;
  self->options = *options;
  for (guint p = 0; p < n_parts; p++)
    for (guint e = 0; e < parts[p].edge_of->len; e++)
      n_points += parts[p].layout->edges[e].n_points;
  double *at = self->points = g_new (double, 2 * n_points + 2);
  for (guint p = 0; p < n_parts; p++)
    {
      if (x > 0 && x + parts[p].layout->width > row_width)
        {
          x = 0;
          y += row_height + options->node_gap;
          row_height = 0;
          row++;
        }
      take_part (self, &parts[p], x, y, row, &at);
      self->width = MAX (self->width, x + parts[p].layout->width);
      x += parts[p].layout->width + options->layer_gap;
      row_height = MAX (row_height, parts[p].layout->height);
      gb_layout_free (parts[p].layout);
      g_array_unref (parts[p].node_of);
      g_array_unref (parts[p].edge_of);
    }
  self->height = y + row_height;
  g_free (parts);
  return self;
}

GbLayout *
gb_layout_new (const GbLayoutNode *nodes,
               guint n_nodes,
               const GbLayoutEdge *edges,
               guint n_edges,
               const GbLayoutOptions *options)
{
  g_autofree guint *part_of = g_new (guint, n_nodes + 1);
  guint n_parts = number_parts (edges, n_edges, n_nodes, part_of);
  if (n_parts < 2)
    return layout_connected (nodes, n_nodes, edges, n_edges, options);
  return layout_of_parts (nodes, n_nodes, edges, n_edges, part_of, n_parts, options);
}

void
gb_layout_free (GbLayout *self)
{
  if (!self)
    return;
  for (guint l = 0; self->layers && l < self->n_layers; l++)
    g_free (self->layers[l]);
  g_free (self->layers);
  g_free (self->layer_count);
  g_free (self->slots);
  g_free (self->in);
  g_free (self->out);
  g_free (self->piece_from);
  g_free (self->piece_to);
  g_free (self->edge_first_lane);
  g_free (self->points);
  g_free (self->nodes);
  g_free (self->edges);
  g_free (self);
}

const GbLayoutNode *
gb_layout_get_nodes (const GbLayout *self)
{
  return self->nodes;
}

const GbLayoutEdge *
gb_layout_get_edges (const GbLayout *self)
{
  return self->edges;
}

guint
gb_layout_get_n_layers (const GbLayout *self)
{
  return self->n_layers;
}

double
gb_layout_get_width (const GbLayout *self)
{
  return self->width;
}

double
gb_layout_get_height (const GbLayout *self)
{
  return self->height;
}

guint
gb_layout_count_crossings (const GbLayout *self)
{
  return (guint) self->crossings;
}
