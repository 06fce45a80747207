#include "graph/graph-layout.h"

#include <string.h>

#define STADIUM_MAX_WIDTH 104 /* longer names are cut: the columns belong to the ops */
#define BOX_HEIGHT                 52
#define BOX_MIN_WIDTH              72
#define BOX_MAX_WIDTH              150
#define LEAF_HEIGHT                22
#define LEAF_GAP                   8
#define CHIP_HEIGHT                34
#define CHIP_GAP                   10
#define STADIUM_HEIGHT             38
#define STADIUM_GAP                8
#define ACCUMULATE_HEIGHT          36
#define LAYER_GAP                  22
#define NODE_GAP                   22
#define HALVES_GAP                 26
#define LANE_ROOM                  4 /* around an edge */
#define MARGIN                     10
#define HEADER                     26
#define BRACKET_HEIGHT             20
#define MOST_LEAVES                3
#define MOST_NODES_WITH_ACCUMULATE 16

void
gb_graph_split_name (const char *name, char **head, const char **tail)
{
  const char *backward = strstr (name, "Backward");
  *tail = backward && backward > name ? backward : "";
  *head = **tail ? g_strndup (name, (gsize) (backward - name)) : g_strdup (name);
}

static guint
n_leaves_shown (const GbGraphNode *node)
{
  return MIN (node->leaves->len, MOST_LEAVES);
}

static guint
n_accumulators (const GbGraphPicture *self, const GbGraphNode *node)
{
  guint count = 0;
  for (guint i = 0; self->shows_accumulate && i < n_leaves_shown (node); i++)
    count += g_array_index (node->leaves, GbGraphLeaf, i).accumulates;
  return count;
}

guint
gb_graph_stadiums (const GbGraphNode *node, guint *fns, guint room)
{
  guint n = 0;
  if (node->kind == GB_GRAPH_MODULE)
    {
      if (node->grad_fns->len)
        fns[n++] = 0;
      return n;
    }
  for (guint i = 0; i < node->grad_fns->len && n < room; i++)
    if (!g_array_index (node->grad_fns, GbGraphGradFn, i).minor)
      fns[n++] = i;
  return n;
}

static gboolean
has_chip (const GbGraphNode *node, guint grad_fn)
{
  return node->kind == GB_GRAPH_OP && g_array_index (node->grad_fns, GbGraphGradFn, grad_fn).saved != NULL;
}

/* Above and below the lane of the gradient, on which the first stadium stands. */
static double
backward_above (const GbGraphNode *node)
{
  guint fns[GB_GRAPH_MOST_STADIUMS], n = gb_graph_stadiums (node, fns, GB_GRAPH_MOST_STADIUMS);
  return n ? STADIUM_HEIGHT / 2 + (has_chip (node, fns[n - 1]) ? CHIP_HEIGHT + CHIP_GAP : 0) : 0;
}

static double
backward_below (const GbGraphPicture *self, const GbGraphNode *node)
{
  guint fns[GB_GRAPH_MOST_STADIUMS], n = gb_graph_stadiums (node, fns, GB_GRAPH_MOST_STADIUMS);
  double height = STADIUM_HEIGHT / 2;
  for (guint i = 0; i + 1 < n; i++)
    height += STADIUM_HEIGHT + STADIUM_GAP + (has_chip (node, fns[i]) ? CHIP_HEIGHT + CHIP_GAP : 0);
  return height + n_accumulators (self, node) * (ACCUMULATE_HEIGHT + STADIUM_GAP);
}

static double
forward_above (const GbGraphNode *node)
{
  return BOX_HEIGHT / 2 + n_leaves_shown (node) * (LEAF_HEIGHT + LEAF_GAP);
}

static double
node_width (const GbGraphPicture *self, const GbGraphNode *node, const GbDrawContext *ctx)
{
  double width = gb_draw_text_width (ctx, GB_FACE_UI_BOLD, node->label ? node->label : "") + 16;
  width = MAX (width, gb_draw_text_width (ctx, GB_FACE_SMALL, node->shape) + 14);
  for (guint i = 0; i < n_leaves_shown (node); i++)
    {
      const char *name = g_array_index (node->leaves, GbGraphLeaf, i).name;
      width = MAX (width, gb_draw_text_width (ctx, GB_FACE_SMALL, name ? name : "tensor") + 20);
    }
  guint fns[GB_GRAPH_MOST_STADIUMS], n = gb_graph_stadiums (node, fns, GB_GRAPH_MOST_STADIUMS);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *head = NULL;
      const char *tail;
      gb_graph_split_name (g_array_index (node->grad_fns, GbGraphGradFn, fns[i]).name, &head, &tail);
      width = MAX (width, MIN (gb_draw_text_width (ctx, GB_FACE_SMALL_BOLD, head) + 26, STADIUM_MAX_WIDTH));
    }
  if (n_accumulators (self, node))
    width = MAX (width, gb_draw_text_width (ctx, GB_FACE_SMALL_BOLD, "AccumulateGrad") + 26);
  return CLAMP (width, BOX_MIN_WIDTH, BOX_MAX_WIDTH);
}

static void
add_item (GbGraphPicture *self,
          GbGraphItemKind kind,
          guint node,
          guint sub,
          double x,
          double y,
          double width,
          double height)
{
  GbGraphItem item = { kind, node, sub, x - width / 2, y, width, height };
  g_array_append_val (self->items, item);
}

static double
leaf_width (const GbGraphNode *node, guint leaf, double most, const GbDrawContext *ctx)
{
  const char *name = g_array_index (node->leaves, GbGraphLeaf, leaf).name;
  return CLAMP (gb_draw_text_width (ctx, GB_FACE_SMALL, name ? name : "tensor") + 22, MIN (44, most), most);
}

static void
add_forward_items (GbGraphPicture *self, guint index, const GbLayoutNode *at, const GbDrawContext *ctx)
{
  GbGraphNode *node = gb_graph_node (self->graph, index);
  double y = at->y + self->forward_dy;
  guint shown = n_leaves_shown (node);
  add_item (self, GB_GRAPH_ITEM_NODE, index, 0, at->x, y - BOX_HEIGHT / 2, at->width, BOX_HEIGHT);
  for (guint i = 0; i < shown; i++)
    add_item (self, GB_GRAPH_ITEM_LEAF, index, i, at->x,
              y - BOX_HEIGHT / 2 - (shown - i) * (LEAF_HEIGHT + LEAF_GAP),
              leaf_width (node, i, at->width, ctx), LEAF_HEIGHT);
}

/* The last grad_fn made is the first that the gradient reaches: it stands on top, at the height of the lane.
 */
static void
add_backward_items (GbGraphPicture *self, guint index, const GbLayoutNode *at)
{
  GbGraphNode *node = gb_graph_node (self->graph, index);
  double y = at->y + self->backward_dy - backward_above (node);
  guint fns[GB_GRAPH_MOST_STADIUMS];
  for (guint n = gb_graph_stadiums (node, fns, GB_GRAPH_MOST_STADIUMS); n-- > 0;)
    {
      if (has_chip (node, fns[n]))
        {
          add_item (self, GB_GRAPH_ITEM_SAVED, index, fns[n], at->x, y, MIN (at->width, 84), CHIP_HEIGHT);
          y += CHIP_HEIGHT + CHIP_GAP;
        }
      add_item (self, GB_GRAPH_ITEM_GRAD_FN, index, fns[n], at->x, y, at->width, STADIUM_HEIGHT);
      y += STADIUM_HEIGHT + STADIUM_GAP;
    }
  for (guint i = 0; self->shows_accumulate && i < n_leaves_shown (node); i++)
    if (g_array_index (node->leaves, GbGraphLeaf, i).accumulates)
      {
        add_item (self, GB_GRAPH_ITEM_ACCUMULATE, index, i, at->x, y, at->width, ACCUMULATE_HEIGHT);
        y += ACCUMULATE_HEIGHT + STADIUM_GAP;
      }
}

static gboolean
has_backward_edge (const GbGraphPicture *self, guint edge)
{
  const GbGraphEdge *of = &g_array_index (self->graph->edges, GbGraphEdge, edge);
  return gb_graph_node (self->graph, of->from)->grad_fns->len && gb_graph_node (self->graph, of->to)->grad_fns->len;
}

/* How far boxes and leaves (or stadiums and chips) and the edges between them really reach, in the layout's y. */
static void
measure (const GbGraphPicture *self, gboolean backward, double *top, double *bottom)
{
  const GbLayoutNode *nodes = gb_layout_get_nodes (self->layout);
  *top = G_MAXDOUBLE;
  *bottom = -G_MAXDOUBLE;
  for (guint i = 0; i < self->graph->nodes->len; i++)
    {
      GbGraphNode *node = gb_graph_node (self->graph, i);
      double above = backward ? backward_above (node) : forward_above (node);
      double below = backward ? backward_below (self, node) : BOX_HEIGHT / 2;
      if (backward && !node->grad_fns->len)
        continue;
      *top = MIN (*top, nodes[i].y - above);
      *bottom = MAX (*bottom, nodes[i].y + below);
    }
  const GbLayoutEdge *routes = gb_layout_get_edges (self->layout);
  for (guint i = 0; i < self->graph->edges->len; i++)
    for (guint k = 0; k < routes[i].n_points && (!backward || has_backward_edge (self, i)); k++)
      {
        *top = MIN (*top, routes[i].points[2 * k + 1] - LANE_ROOM);
        *bottom = MAX (*bottom, routes[i].points[2 * k + 1] + LANE_ROOM);
      }
}

/* A row of brackets for each depth; those that would lie on another of their row, as of two nets side by side, stand one row
 * lower, and deeper ones below them.  Returns the number of rows. */
static guint
add_bracket_items (GbGraphPicture *self)
{
  const GbLayoutNode *nodes = gb_layout_get_nodes (self->layout);
  guint n = self->graph->brackets->len, n_rows = 0;
  g_autofree guint *order = g_new (guint, n + 1);
  for (guint i = 0; i < n; i++)
    {
      guint k = i;
      const GbGraphBracket *all = (const GbGraphBracket *) (void *) self->graph->brackets->data;
      for (; k > 0 && all[order[k - 1]].depth > all[i].depth; k--)
        order[k] = order[k - 1];
      order[k] = i;
    }
  for (guint at = 0; at < n; at++)
    {
      const GbGraphBracket *bracket = &g_array_index (self->graph->brackets, GbGraphBracket, order[at]);
      double left = G_MAXDOUBLE, right = -G_MAXDOUBLE, y = MARGIN + HEADER;
      for (guint k = bracket->first; k <= bracket->last; k++)
        if (gb_graph_node (self->graph, k)->kind != GB_GRAPH_INPUT)
          {
            left = MIN (left, nodes[k].x - nodes[k].width / 2);
            right = MAX (right, nodes[k].x + nodes[k].width / 2);
          }
      for (guint k = 0; k < self->items->len; k++)
        {
          const GbGraphItem *other = gb_graph_picture_item (self, k);
          if (other->x < right + MARGIN - 1 && other->x + other->width > left + MARGIN + 1)
            y = MAX (y, other->y + BRACKET_HEIGHT);
        }
      GbGraphItem item = { GB_GRAPH_ITEM_BRACKET, order[at], 0, left + MARGIN, y, right - left, BRACKET_HEIGHT };
      g_array_append_val (self->items, item);
      n_rows = MAX (n_rows, (guint) ((y - MARGIN - HEADER) / BRACKET_HEIGHT) + 1);
    }
  return n_rows;
}

/* ---- the plan ---- */

GbGraphPlan *
gb_graph_plan_new (const GbGraphPicture *self, const GbDrawContext *ctx)
{
  GbGraph *graph = self->graph;
  GbGraphPlan *plan = g_new0 (GbGraphPlan, 1);
  plan->n_nodes = graph->nodes->len;
  plan->n_edges = graph->edges->len;
  plan->nodes = g_new0 (GbLayoutNode, plan->n_nodes + 1);
  plan->edges = g_new0 (GbLayoutEdge, plan->n_edges + 1);
  for (guint i = 0; i < plan->n_nodes; i++)
    {
      GbGraphNode *node = gb_graph_node (graph, i);
      plan->nodes[i].width = node_width (self, node, ctx);
      plan->nodes[i].above = MAX (forward_above (node), backward_above (node));
      plan->nodes[i].height = plan->nodes[i].above + MAX (BOX_HEIGHT / 2, backward_below (self, node));
    }
  for (guint i = 0; i < plan->n_edges; i++)
    {
      plan->edges[i].from = g_array_index (graph->edges, GbGraphEdge, i).from;
      plan->edges[i].to = g_array_index (graph->edges, GbGraphEdge, i).to;
    }
  return plan;
}

GbLayout *
gb_graph_plan_lay_out (const GbGraphPlan *self)
{
  static const GbLayoutOptions options = { .layer_gap = LAYER_GAP, .node_gap = NODE_GAP, .lane_gap = 10 };
  return gb_layout_new (self->nodes, self->n_nodes, self->edges, self->n_edges, &options);
}

void
gb_graph_plan_free (GbGraphPlan *self)
{
  g_free (self->nodes);
  g_free (self->edges);
  g_free (self);
}

/* ---- the picture ---- */

GbGraphPicture *
gb_graph_picture_new_unplaced (GbGraph *graph)
{
  GbGraphPicture *self = g_new0 (GbGraphPicture, 1);
  self->n_refs = 1;
  self->graph = graph;
  self->items = g_array_new (FALSE, FALSE, sizeof (GbGraphItem));
  for (guint i = 0; i < graph->nodes->len; i++)
    self->has_backward |= gb_graph_node (graph, i)->grad_fns->len > 0;
  self->shows_accumulate = self->has_backward && graph->nodes->len <= MOST_NODES_WITH_ACCUMULATE
                           && graph->n_ops <= MOST_NODES_WITH_ACCUMULATE / 2;
  return self;
}

gboolean
gb_graph_picture_is_alike (const GbGraphPicture *self, const GbGraphPicture *other)
{
  return self->graph->structure == other->graph->structure && self->graph->nodes->len == other->graph->nodes->len
         && self->shows_accumulate == other->shows_accumulate && self->has_backward == other->has_backward;
}

gboolean
gb_graph_picture_borrow (GbGraphPicture *self, GbGraphPicture *previous, const GbDrawContext *ctx)
{
  if (!previous->layout || !gb_graph_picture_is_alike (self, previous))
    return FALSE;
  gb_graph_picture_place (self, g_steal_pointer (&previous->layout), ctx);
  return TRUE;
}

/* Items of each node together; places: NULL, they have none. */
static void
add_node_items (GbGraphPicture *self, const GbLayoutNode *places, const GbDrawContext *ctx)
{
  g_free (self->first_item);
  self->first_item = g_new (guint, self->graph->nodes->len + 1);
  for (guint i = 0; i < self->graph->nodes->len; i++)
    {
      GbLayoutNode at = places ? places[i] : (GbLayoutNode){ 0 };
      at.x += MARGIN;
      self->first_item[i] = self->items->len;
      add_forward_items (self, i, &at, ctx);
      add_backward_items (self, i, &at);
    }
}

void
gb_graph_picture_list (GbGraphPicture *self, const GbDrawContext *ctx)
{
  for (guint i = 0; i < self->graph->brackets->len; i++)
    add_item (self, GB_GRAPH_ITEM_BRACKET, i, 0, 0, 0, 0, 0);
  add_node_items (self, NULL, ctx);
}

void
gb_graph_picture_place (GbGraphPicture *self, GbLayout *layout, const GbDrawContext *ctx)
{
  self->layout = layout;
  g_array_set_size (self->items, 0);
  guint rows = add_bracket_items (self);
  double top, bottom;
  measure (self, FALSE, &top, &bottom);
  self->label_y[0] = MARGIN + HEADER / 2;
  self->forward_dy =
      MARGIN + HEADER + (rows ? rows * BRACKET_HEIGHT + 6 : 0) - top;
  self->height = self->forward_dy + bottom + MARGIN + 10; /* room for the caption under a box */
  if (self->has_backward)
    {
      double begin = self->height - MARGIN + HALVES_GAP;
      measure (self, TRUE, &top, &bottom);
      self->backward_dy = begin - top;
      self->height = self->backward_dy + bottom + HEADER + MARGIN;
      self->label_y[1] = self->height - MARGIN - HEADER / 2 + 4;
    }
  self->width = gb_layout_get_width (self->layout) + 2 * MARGIN;
  add_node_items (self, gb_layout_get_nodes (self->layout), ctx);
}

GbGraphPicture *
gb_graph_picture_new (GbGraph *graph, GbGraphPicture *previous, const GbDrawContext *ctx)
{
  GbGraphPicture *self = gb_graph_picture_new_unplaced (graph);
  if (!graph->nodes->len || (previous && gb_graph_picture_borrow (self, previous, ctx)))
    return self;
  GbGraphPlan *plan = gb_graph_plan_new (self, ctx);
  gb_graph_picture_place (self, gb_graph_plan_lay_out (plan), ctx);
  gb_graph_plan_free (plan);
  return self;
}

GbGraphPicture *
gb_graph_picture_ref (GbGraphPicture *self)
{
  self->n_refs++;
  return self;
}

void
gb_graph_picture_unref (GbGraphPicture *self)
{
  if (!self || --self->n_refs)
    return;
  gb_graph_free (self->graph);
  gb_layout_free (self->layout);
  g_array_unref (self->items);
  g_free (self->first_item);
  g_free (self);
}

int
gb_graph_picture_pick (const GbGraphPicture *self, double x, double y)
{
  for (guint i = self->items->len; i-- > 0;)
    {
      const GbGraphItem *item = gb_graph_picture_item (self, i);
      if (x >= item->x && x < item->x + item->width && y >= item->y && y < item->y + item->height)
        return (int) i;
    }
  return -1;
}

int
gb_graph_picture_find (const GbGraphPicture *self, GbGraphItemKind kind, guint node, guint sub)
{
  gboolean bracket = kind == GB_GRAPH_ITEM_BRACKET;
  if (!self->first_item || (!bracket && node >= self->graph->nodes->len))
    return -1;
  for (guint i = bracket ? 0 : self->first_item[node]; i < self->items->len; i++)
    {
      const GbGraphItem *item = gb_graph_picture_item (self, i);
      if (!bracket && item->node != node)
        return -1;
      if (item->kind == kind && item->node == node && item->sub == sub)
        return (int) i;
    }
  return -1;
}
