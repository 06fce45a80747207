#include "graph/graph-view.h"

#include <math.h>

#include "common/a11y.h"
#include "common/i18n.h"
#include "common/number-format.h"
#include "graph/graph-draw.h"
#include "graph/graph-later.h"
#include "graph/graph-map.h"
#include "models/program-traits.h"

#define ZOOM_MIN 0.05
#define ZOOM_MAX 4.0
#define AROUND_ACTIVE 40.0 /* pixels between the playhead and the edge of the pane */

struct _GbGraphView
{
  GbView parent_instance;
  GbGraphPicture *picture;
  GbGraphLater *later;
  GHashTable *unfolded, *folded, *unrolled;
  GHashTable *places; /* call or node (guint64) -> Place: where a thing was that has not run yet in this iteration */
  double zoom, x, y; /* screen = picture * zoom + (x, y) */
  gboolean fits;     /* the camera follows the picture's size */
  double width, height, scale; /* of the pane; the window's zoom beside that of the camera */
  double drag_x, drag_y;
  gboolean drags_map;
  GbGraphPaint paint;
  GString *wanted; /* is typed; NULL: nothing is looked for */
  guint nth_found;
};

G_DEFINE_FINAL_TYPE (GbGraphView, gb_graph_view, GB_TYPE_VIEW)

/* ---- shared by the widget and the export ---- */

/* Modules unfold while the picture stays readable: more boxes fit a wider pane. */
static guint
most_nodes_for (double width)
{
  return (guint) CLAMP (width / 40, 12, 60);
}

/* What stands under the accent at the playhead; a stadium has its neighbours there. */
static const char *
caption_for (const GbGraphPicture *picture, int item)
{
  return gb_graph_picture_item (picture, (guint) item)->kind == GB_GRAPH_ITEM_NODE ? _ ("▲ here") : NULL;
}

/* The item at the playhead, or -1. */
static int
active_item (const GbGraphPicture *picture)
{
  for (guint i = 0; i < picture->graph->nodes->len && picture->graph->active_key; i++)
    {
      GbGraphNode *node = gb_graph_node (picture->graph, i);
      if (node->key != picture->graph->active_key)
        continue;
      for (guint k = 0; k < node->grad_fns->len; k++)
        if (g_array_index (node->grad_fns, GbGraphGradFn, k).state == GB_GRAPH_ACTIVE
            && node->kind == GB_GRAPH_OP)
          return gb_graph_picture_find (picture, GB_GRAPH_ITEM_GRAD_FN, i, k);
      return node->state == GB_GRAPH_FAILED ? -1 : gb_graph_picture_find (picture, GB_GRAPH_ITEM_NODE, i, 0);
    }
  return -1;
}

/* The box of a module when it is folded, else its bracket; that of a loop. */
static int
module_item (const GbGraphPicture *picture, const GbPick *pick)
{
  guint32 loop = pick->facets & GB_PICK_PART ? pick->part : 0;
  for (guint i = 0; i < picture->graph->nodes->len; i++)
    {
      const GbGraphNode *node = gb_graph_node (picture->graph, i);
      if (node->kind == GB_GRAPH_MODULE && node->module == pick->module && (guint32) node->loop == loop)
        return gb_graph_picture_find (picture, GB_GRAPH_ITEM_NODE, i, 0);
    }
  for (guint i = 0; i < picture->graph->brackets->len; i++)
    {
      const GbGraphBracket *bracket = &g_array_index (picture->graph->brackets, GbGraphBracket, i);
      if (bracket->module == pick->module && (guint32) bracket->loop == loop)
        return gb_graph_picture_find (picture, GB_GRAPH_ITEM_BRACKET, i, 0);
    }
  return -1;
}

static int
picked_item (const GbGraphPicture *picture, const GbPick *pick)
{
  int node = -1;
  if (pick->facets & GB_PICK_NODE)
    {
      node = gb_graph_find_grad_fn (picture->graph, pick->node);
      GArray *fns = node >= 0 ? gb_graph_node (picture->graph, (guint) node)->grad_fns : NULL;
      for (guint k = 0; fns && k < fns->len; k++)
        if (g_array_index (fns, GbGraphGradFn, k).node == pick->node)
          {
            int item = gb_graph_picture_find (picture, GB_GRAPH_ITEM_GRAD_FN, (guint) node, k);
            if (item >= 0)
              return item;
          }
    }
  if (pick->facets & GB_PICK_OP)
    node = gb_graph_find_call (picture->graph, pick->call);
  else if (pick->facets & GB_PICK_TENSOR)
    node = gb_graph_find_tensor (picture->graph, pick->tensor);
  if (node >= 0)
    return gb_graph_picture_find (picture, GB_GRAPH_ITEM_NODE, (guint) node, 0);
  return pick->facets & GB_PICK_MODULE ? module_item (picture, pick) : -1;
}

static void
fill_pick (const GbGraphPicture *picture, const GbGraphItem *item, GbPick *pick)
{
  GbGraphNode *node;
  *pick = (GbPick){ 0 };
  if (item->kind == GB_GRAPH_ITEM_BRACKET)
    {
      const GbGraphBracket *bracket = &g_array_index (picture->graph->brackets, GbGraphBracket, item->node);
      pick->facets = GB_PICK_MODULE | (bracket->loop ? GB_PICK_PART : 0);
      pick->module = bracket->module;
      pick->part = (guint32) bracket->loop;
      return;
    }
  node = gb_graph_node (picture->graph, item->node);
  if (item->kind == GB_GRAPH_ITEM_LEAF || item->kind == GB_GRAPH_ITEM_ACCUMULATE)
    {
      const GbGraphLeaf *leaf = &g_array_index (node->leaves, GbGraphLeaf, item->sub);
      pick->facets = GB_PICK_TENSOR | (leaf->kind == GB_GRAPH_LEAF_PARAMETER ? GB_PICK_PARAM : 0);
      pick->tensor = leaf->tensor;
      return;
    }
  if (item->kind != GB_GRAPH_ITEM_NODE)
    {
      pick->facets = GB_PICK_NODE;
      pick->node = g_array_index (node->grad_fns, GbGraphGradFn, item->sub).node;
    }
  if (node->kind == GB_GRAPH_MODULE)
    {
      pick->facets |= GB_PICK_MODULE | (node->loop ? GB_PICK_PART : 0);
      pick->module = node->module;
      pick->part = (guint32) node->loop;
      return;
    }
  if (node->call)
    {
      pick->facets |= GB_PICK_OP;
      pick->call = node->call;
    }
  if (node->tensor && item->kind == GB_GRAPH_ITEM_NODE)
    {
      pick->facets |= GB_PICK_TENSOR;
      pick->tensor = node->tensor;
    }
  if (node->pos)
    {
      pick->facets |= GB_PICK_POSITION;
      pick->pos = node->pos;
    }
}

/* ---- where a picked thing is ---- */

typedef struct
{
  guint64 key;
  GbGraphItemKind kind;
  guint sub;
} Place;

static int
leaf_item (const GbGraphPicture *picture, guint64 tensor)
{
  for (guint i = 0; i < picture->graph->nodes->len; i++)
    {
      const GArray *leaves = gb_graph_node (picture->graph, i)->leaves;
      for (guint k = 0; k < leaves->len; k++)
        if (g_array_index (leaves, GbGraphLeaf, k).tensor == tensor)
          return gb_graph_picture_find (picture, GB_GRAPH_ITEM_LEAF, i, k);
    }
  return -1;
}

/* Also of what is only a ghost so far: the place that its part had. */
static int
located_item (GbGraphView *self, const GbPick *pick)
{
  const GbGraphPicture *picture = self->picture;
  guint64 id = pick->facets & GB_PICK_NODE ? pick->node : pick->facets & GB_PICK_OP ? pick->call : 0;
  int item = picked_item (picture, pick);
  if (item < 0 && (pick->facets & GB_PICK_TENSOR))
    item = leaf_item (picture, pick->tensor);
  if (id == 0)
    return item;
  if (item >= 0)
    {
      const GbGraphItem *at = gb_graph_picture_item (picture, (guint) item);
      guint64 *key = g_memdup2 (&id, sizeof id);
      Place place = { gb_graph_node (picture->graph, at->node)->key, at->kind, at->sub };
      g_hash_table_replace (self->places, key, g_memdup2 (&place, sizeof place));
      return item;
    }
  const Place *was = g_hash_table_lookup (self->places, &id);
  for (guint i = 0; was && i < picture->graph->nodes->len; i++)
    if (gb_graph_node (picture->graph, i)->key == was->key)
      return gb_graph_picture_find (picture, was->kind, i, was->sub);
  return -1;
}

/* ---- camera ---- */

static void
fit (GbGraphView *self, double width, double height)
{
  if (!self->picture || !self->picture->width || width <= 0 || height <= 0)
    return;
  /* A picture that is larger than the pane stays readable: it begins where its first node is, the pane follows the
   * playhead, and the small map says where that is. */
  self->zoom = gb_graph_fit (self->picture, width, height, self->scale);
  self->x = MAX ((width - self->picture->width * self->zoom) / 2, 0);
  self->y = (height - self->picture->height * self->zoom) / 2;
  int first = self->y < 0 ? gb_graph_picture_find (self->picture, GB_GRAPH_ITEM_NODE, 0, 0) : -1;
  if (first >= 0)
    {
      const GbGraphItem *item = gb_graph_picture_item (self->picture, (guint) first);
      self->y = CLAMP (height / 3 - (item->y + item->height / 2) * self->zoom, 2 * self->y, 0);
    }
}

static void
zoom_at (GbGraphView *self, double factor, double x, double y)
{
  double zoom = CLAMP (self->zoom * factor, ZOOM_MIN, ZOOM_MAX);
  self->x = x - (x - self->x) * zoom / self->zoom;
  self->y = y - (y - self->y) * zoom / self->zoom;
  self->zoom = zoom;
  self->fits = FALSE;
  gb_view_redraw (GB_VIEW (self));
}

/* By keys: in the middle of the pane, without showing what is beyond the picture. */
static void
zoom_in_sight (GbGraphView *self, double factor)
{
  zoom_at (self, factor, self->width / 2, self->height / 2);
  if (!self->picture)
    return;
  double beyond_x = self->width - self->picture->width * self->zoom,
         beyond_y = self->height - self->picture->height * self->zoom;
  self->x = beyond_x > 0 ? beyond_x / 2 : CLAMP (self->x, beyond_x, 0);
  self->y = beyond_y > 0 ? beyond_y / 2 : CLAMP (self->y, beyond_y, 0);
}

/* One axis of the camera: the offset that brings [at, at + size] of the picture into a pane of `room` pixels, with what is
 * written around it. */
static double
follow (double offset, double at, double size, double zoom, double whole, double room)
{
  double begin = at * zoom + offset, end = begin + size * zoom, around = MIN (AROUND_ACTIVE, room / 8);
  if (whole * zoom <= room || (begin >= around && end <= room - around))
    return offset;
  return CLAMP (room / 2 - (at + size / 2) * zoom, room - whole * zoom, 0);
}

/* Keeps the playhead in sight when the picture is larger than the pane. */
static void
follow_active (GbGraphView *self, double width, double height)
{
  int index = active_item (self->picture);
  if (index < 0 || !self->fits)
    return;
  const GbGraphItem *item = gb_graph_picture_item (self->picture, (guint) index);
  self->x = follow (self->x, item->x, item->width, self->zoom, self->picture->width, width);
  self->y = follow (self->y, item->y, item->height, self->zoom, self->picture->height, height);
}

/* ---- GbView ---- */

static void
gb_graph_view_update (GbView *view, const GbDrawContext *ctx, guint changes)
{
  GbGraphView *self = GB_GRAPH_VIEW (view);
  GbGraphOptions options = { .most_nodes = most_nodes_for (ctx->width), .unfolded = self->unfolded, .folded = self->folded,
                             .unrolled = self->unrolled };
  gboolean other = !self->picture || ctx->width != self->width || ctx->height != self->height || ctx->scale != self->scale;
  double old_width = self->picture ? self->picture->width : 0, old_height = self->picture ? self->picture->height : 0;
  if (changes & GB_TRACE_CHANGED_RESET)
    g_hash_table_remove_all (self->places);
  GbGraph *graph = gb_graph_new (gb_view_get_cursor (view), &options);
  self->picture = gb_graph_later_picture (self->later, graph, g_steal_pointer (&self->picture), changes, ctx);
  self->width = ctx->width;
  self->height = ctx->height;
  self->scale = ctx->scale;
  if (self->fits && (other || self->picture->width != old_width || self->picture->height != old_height))
    fit (self, ctx->width, ctx->height);
  follow_active (self, ctx->width, ctx->height);
}

static void
push_camera (GbGraphView *self, GtkSnapshot *snapshot)
{
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((float) self->x, (float) self->y));
  gtk_snapshot_scale (snapshot, (float) self->zoom, (float) self->zoom);
}

static void
gb_graph_view_draw (GbView *view, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  GbGraphView *self = GB_GRAPH_VIEW (view);
  GbTraceCursor *cursor = gb_view_get_cursor (view);
  GbGraphDetail detail = { .zoom = self->zoom };
  double sum;
  if (!self->picture)
    return;
  if (!self->picture->layout && self->picture->graph->nodes->len && (ctx->options & GB_DRAW_STATIC))
    { /* on paper nothing comes later */
      gb_graph_later_settle (self->later, self->picture, ctx);
      if (self->fits)
        fit (self, ctx->width, ctx->height);
    }
  if (!self->picture->layout)
    {
      detail.zoom = 1;
      gb_graph_draw (self->picture, gb_trace_cursor_get_trace (cursor), 0, ctx, &detail, snapshot);
      return;
    }
  detail.paint = self->paint;
  detail.most = gb_graph_paint_most (self->picture, gb_trace_cursor_get_trace (cursor),
                                     gb_trace_cursor_get_position (cursor), self->paint, &sum);
  detail.clip = GRAPHENE_RECT_INIT ((float) (-self->x / self->zoom), (float) (-self->y / self->zoom),
                                    (float) (ctx->width / self->zoom), (float) (ctx->height / self->zoom));
  gtk_snapshot_push_clip (snapshot, &GRAPHENE_RECT_INIT (0, 0, (float) ctx->width, (float) ctx->height));
  push_camera (self, snapshot);
  gb_graph_draw (self->picture, gb_trace_cursor_get_trace (cursor), gb_trace_cursor_get_position (cursor),
                 ctx, &detail, snapshot);
  gtk_snapshot_restore (snapshot);
  gtk_snapshot_pop (snapshot);
}

/* ---- looking for a node ---- */

static GArray *
found_items (GbGraphView *self)
{
  return gb_graph_find_items (self->picture, gb_trace_cursor_get_trace (gb_view_get_cursor (GB_VIEW (self))),
                              self->wanted->str);
}

static void
show_item (GbGraphView *self, guint index)
{
  const GbGraphItem *item = gb_graph_picture_item (self->picture, index);
  GbPick pick;
  self->fits = FALSE;
  self->zoom = MAX (self->zoom, gb_graph_readable (self->scale));
  self->x = follow (self->x, item->x, item->width, self->zoom, self->picture->width, self->width);
  self->y = follow (self->y, item->y, item->height, self->zoom, self->picture->height, self->height);
  fill_pick (self->picture, item, &pick);
  gb_selection_set_pin (gb_view_get_selection (GB_VIEW (self)), &pick);
  gb_view_redraw (GB_VIEW (self));
}

/* Goes to the nth that was found, round and round. */
static void
show_found (GbGraphView *self, int step)
{
  g_autoptr (GArray) found = found_items (self);
  if (found->len)
    {
      self->nth_found = (guint) (((int) self->nth_found + step + (int) found->len) % (int) found->len);
      show_item (self, g_array_index (found, guint, self->nth_found));
    }
  gb_view_invalidate_overlay (GB_VIEW (self));
}

static void
stop_looking (GbGraphView *self)
{
  if (self->wanted)
    g_string_free (self->wanted, TRUE);
  self->wanted = NULL;
  gb_view_invalidate_overlay (GB_VIEW (self));
}

static gboolean
gb_graph_view_type (GbView *view, guint keyval)
{
  GbGraphView *self = GB_GRAPH_VIEW (view);
  gunichar typed = gdk_keyval_to_unicode (keyval);
  if (self->wanted == NULL || self->picture == NULL)
    return FALSE;
  if (keyval == GDK_KEY_Escape)
    stop_looking (self);
  else if (keyval == GDK_KEY_Return || keyval == GDK_KEY_KP_Enter || keyval == GDK_KEY_Down)
    show_found (self, 1);
  else if (keyval == GDK_KEY_Up)
    show_found (self, -1);
  else if (keyval == GDK_KEY_BackSpace && self->wanted->len)
    {
      g_string_truncate (self->wanted, (gsize) (g_utf8_find_prev_char (self->wanted->str, self->wanted->str + self->wanted->len)
                                                - self->wanted->str));
      self->nth_found = 0;
      show_found (self, 0);
    }
  else if (typed && g_unichar_isprint (typed))
    {
      g_string_append_unichar (self->wanted, typed);
      self->nth_found = 0;
      show_found (self, 0);
    }
  else
    return FALSE;
  return TRUE;
}

/* "/relu  2 of 7" above the picture. */
static void
draw_wanted (GbGraphView *self, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  g_autoptr (GArray) found = found_items (self);
  g_autofree char *count = self->wanted->len == 0 ? g_strdup (_ ("a name, an op, a module"))
                           : found->len           ? g_strdup_printf (_ ("%u of %u"), self->nth_found + 1, found->len)
                                                  : g_strdup (_ ("nothing of that name"));
  g_autofree char *text = g_strdup_printf ("/ %s", self->wanted->str);
  double wide = gb_draw_text_width (ctx, GB_FACE_MONO, text), more = gb_draw_text_width (ctx, GB_FACE_SMALL, count);
  gb_draw_box (snapshot, gb_theme_role (ctx->theme, GB_ROLE_SURFACE), gb_theme_role (ctx->theme, GB_ROLE_ACCENT), 10, 8,
               wide + more + 36, 26, 4, 1.5);
  gb_draw_text (ctx, snapshot, GB_FACE_MONO, GB_ROLE_INK, text, 20, 21, GB_ALIGN_LEFT);
  gb_draw_vline (snapshot, gb_theme_role (ctx->theme, GB_ROLE_ACCENT), 22 + wide, 14, 28, 1.5);
  gb_draw_text (ctx, snapshot, GB_FACE_SMALL, self->wanted->len && !found->len ? GB_ROLE_ERROR : GB_ROLE_MUTED, count,
                32 + wide, 21, GB_ALIGN_LEFT);
}

static void
gb_graph_view_draw_overlay (GbView *view, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  GbGraphView *self = GB_GRAPH_VIEW (view);
  const GbPick *hover = gb_selection_get_hover (gb_view_get_selection (view));
  const GbPick *pin = gb_selection_get_pin (gb_view_get_selection (view));
  int active, hovered, pinned;
  if (!self->picture || !self->picture->graph->nodes->len)
    return;
  if (!self->picture->layout)
    {
      if (self->wanted)
        draw_wanted (self, ctx, snapshot);
      return;
    }
  active = active_item (self->picture);
  hovered = hover->facets ? picked_item (self->picture, hover) : -1;
  pinned = pin->facets ? picked_item (self->picture, pin) : -1;
  gtk_snapshot_push_clip (snapshot, &GRAPHENE_RECT_INIT (0, 0, (float) ctx->width, (float) ctx->height));
  push_camera (self, snapshot);
  /* one accent: what is pinned, else the playhead */
  if (pinned >= 0)
    gb_graph_draw_mark (self->picture, ctx, snapshot, (guint) pinned, TRUE, NULL);
  else if (active >= 0)
    gb_graph_draw_mark (self->picture, ctx, snapshot, (guint) active, TRUE,
                        caption_for (self->picture, active));
  if (hovered >= 0 && hovered != pinned)
    gb_graph_draw_mark (self->picture, ctx, snapshot, (guint) hovered, FALSE, NULL);
  gtk_snapshot_restore (snapshot);
  GbGraphMap map = gb_graph_map_place (self->picture, self->zoom, ctx);
  gb_graph_map_draw (&map, self->picture, self->zoom, self->x, self->y, ctx, snapshot);
  if (self->wanted)
    draw_wanted (self, ctx, snapshot);
  if (hovered >= 0)
    {
      const GbGraphItem *item = gb_graph_picture_item (self->picture, (guint) hovered);
      GbTraceCursor *cursor = gb_view_get_cursor (view);
      g_autofree char *text = gb_graph_item_text (self->picture, gb_trace_cursor_get_trace (cursor),
                                                  gb_trace_cursor_get_position (cursor), (guint) hovered);
      g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
      gb_draw_tip (ctx, snapshot, (item->x + item->width / 2) * self->zoom + self->x,
                   (item->y + item->height) * self->zoom + self->y, (const char *const *) lines,
                   g_strv_length (lines));
    }
  gtk_snapshot_pop (snapshot);
}

static gboolean
gb_graph_view_pick (GbView *view, double x, double y, GbPick *pick)
{
  GbGraphView *self = GB_GRAPH_VIEW (view);
  int item =
      self->picture && self->zoom > 0
          ? gb_graph_picture_pick (self->picture, (x - self->x) / self->zoom, (y - self->y) / self->zoom)
          : -1;
  if (item >= 0)
    {
      GbDrawContext ctx;
      gb_view_get_context (view, &ctx);
      GbGraphMap map = gb_graph_map_place (self->picture, self->zoom, &ctx);
      item = gb_graph_map_contains (&map, x, y) ? -1 : item;
    }
  if (item < 0)
    return FALSE;
  fill_pick (self->picture, gb_graph_picture_item (self->picture, (guint) item), pick);
  return pick->facets != 0;
}

static gboolean
gb_graph_view_locate (GbView *view, const GbPick *pick, graphene_rect_t *box)
{
  GbGraphView *self = GB_GRAPH_VIEW (view);
  int index = self->picture && self->picture->layout ? located_item (self, pick) : -1;
  if (index < 0)
    return FALSE;
  const GbGraphItem *item = gb_graph_picture_item (self->picture, (guint) index);
  graphene_rect_init (box, (float) (item->x * self->zoom + self->x), (float) (item->y * self->zoom + self->y),
                      (float) (item->width * self->zoom), (float) (item->height * self->zoom));
  return TRUE;
}

/* Keys go beyond the edge of the pane: the camera comes along. */
static void
keep_in_sight (GbGraphView *self, const GbGraphItem *item)
{
  double x = follow (self->x, item->x, item->width, self->zoom, self->picture->width, self->width),
         y = follow (self->y, item->y, item->height, self->zoom, self->picture->height, self->height);
  if (x == self->x && y == self->y)
    return;
  self->x = x;
  self->y = y;
  self->fits = FALSE;
  gb_view_redraw (GB_VIEW (self));
}

/* Nearest item in the direction of an arrow key, or -1. */
static int
nearest_item (const GbGraphPicture *picture, guint start, GbMove move)
{
  const GbGraphItem *a = gb_graph_picture_item (picture, start);
  gboolean horizontal = move == GB_MOVE_LEFT || move == GB_MOVE_RIGHT;
  double nearest = G_MAXDOUBLE;
  int best = -1;
  if (!picture->layout)
    { /* as long as nothing has a place: the one before or after it in the list */
      best = (int) start + (move == GB_MOVE_LEFT || move == GB_MOVE_UP ? -1 : 1);
      return best < (int) picture->items->len ? best : -1;
    }
  for (guint i = 0; i < picture->items->len; i++)
    {
      const GbGraphItem *b = gb_graph_picture_item (picture, i);
      double dx = b->x + b->width / 2 - a->x - a->width / 2, dy = b->y + b->height / 2 - a->y - a->height / 2;
      double along = move == GB_MOVE_LEFT ? -dx : move == GB_MOVE_RIGHT ? dx : move == GB_MOVE_UP ? -dy : dy;
      double cost = along + 3 * (horizontal ? fabs (dy) : fabs (dx));
      if (b->kind != GB_GRAPH_ITEM_BRACKET && along >= 4 && cost < nearest)
        {
          nearest = cost;
          best = (int) i;
        }
    }
  return best;
}

static gboolean
gb_graph_view_move (GbView *view, GbMove move, const GbPick *from, GbPick *to)
{
  GbGraphView *self = GB_GRAPH_VIEW (view);
  int start, best;
  if (!self->picture || !self->picture->graph->nodes->len)
    return FALSE;
  start = picked_item (self->picture, from);
  if (start < 0 || move == GB_MOVE_HOME)
    best = gb_graph_picture_find (self->picture, GB_GRAPH_ITEM_NODE, 0, 0);
  else if (move == GB_MOVE_END)
    best = gb_graph_picture_find (self->picture, GB_GRAPH_ITEM_NODE, self->picture->graph->nodes->len - 1, 0);
  else
    best = nearest_item (self->picture, (guint) start, move);
  if (best < 0)
    return FALSE;
  fill_pick (self->picture, gb_graph_picture_item (self->picture, (guint) best), to);
  keep_in_sight (self, gb_graph_picture_item (self->picture, (guint) best));
  return to->facets != 0;
}

/* Turn by turn, or rolled up again. */
static void
toggle_loop (GbGraphView *self, guint32 part)
{
  for (guint i = 0; self->picture && i < self->picture->graph->brackets->len; i++)
    {
      guint64 loop = g_array_index (self->picture->graph->brackets, GbGraphBracket, i).loop;
      gpointer key = (gpointer) (guintptr) loop;
      if (!loop || (guint32) loop != part)
        continue;
      if (!g_hash_table_remove (self->unrolled, key))
        g_hash_table_add (self->unrolled, key);
      gb_view_invalidate (GB_VIEW (self));
      return;
    }
}

/* Enter or a double click unfolds a module, on a bracket folds it again; elsewhere it pins. */
static void
gb_graph_view_activate (GbView *view, const GbPick *pick)
{
  GbGraphView *self = GB_GRAPH_VIEW (view);
  gpointer module = GUINT_TO_POINTER (pick->module);
  if (!(pick->facets & GB_PICK_MODULE))
    {
      gb_selection_set_pin (gb_view_get_selection (view), pick);
      if (pick->facets & GB_PICK_TENSOR)
        gb_selection_set_tensor (gb_view_get_selection (view), pick->tensor);
      return;
    }
  if (pick->facets & GB_PICK_PART)
    {
      toggle_loop (self, pick->part);
      return;
    }
  gboolean is_open = FALSE;
  for (guint i = 0; i < self->picture->graph->brackets->len; i++)
    is_open |= g_array_index (self->picture->graph->brackets, GbGraphBracket, i).module == pick->module;
  g_hash_table_remove (is_open ? self->unfolded : self->folded, module);
  g_hash_table_add (is_open ? self->folded : self->unfolded, module);
  gb_view_invalidate (view);
}

static const char *const paints[GB_GRAPH_N_PAINTS] = { "numbers", "time", "memory" };

static void
set_paint (GbGraphView *self, GbGraphPaint paint)
{
  GAction *action = g_action_map_lookup_action (gb_view_get_actions (GB_VIEW (self)), "paint");
  self->paint = paint;
  g_simple_action_set_state (G_SIMPLE_ACTION (action), g_variant_new_string (paints[paint]));
  gb_view_invalidate (GB_VIEW (self));
}

static void
look_for (GbGraphView *self)
{
  if (self->wanted == NULL)
    self->wanted = g_string_new (NULL);
  self->nth_found = 0;
  gtk_widget_grab_focus (gb_view_get_canvas (GB_VIEW (self)));
  gb_view_invalidate_overlay (GB_VIEW (self));
}

static gboolean
gb_graph_view_key (GbView *view, guint keyval, GdkModifierType state)
{
  GbGraphView *self = GB_GRAPH_VIEW (view);
  (void) state;
  switch (keyval)
    {
    case GDK_KEY_0:
    case GDK_KEY_KP_0:
      self->fits = TRUE;
      fit (self, self->width, self->height);
      gb_view_redraw (view);
      return TRUE;
    case GDK_KEY_plus:
    case GDK_KEY_equal:
    case GDK_KEY_KP_Add:
      zoom_in_sight (self, 1.25);
      return TRUE;
    case GDK_KEY_minus:
    case GDK_KEY_KP_Subtract:
      zoom_in_sight (self, 0.8);
      return TRUE;
    case GDK_KEY_slash:
    case GDK_KEY_KP_Divide:
      look_for (self);
      return TRUE;
    case GDK_KEY_t:
    case GDK_KEY_T:
      set_paint (self, (self->paint + 1) % GB_GRAPH_N_PAINTS);
      return TRUE;
    default:
      return FALSE;
    }
}

static gboolean
gb_graph_view_scroll (GbView *view, double dx, double dy, double x, double y, GdkModifierType state)
{
  GbGraphView *self = GB_GRAPH_VIEW (view);
  if (state & GDK_CONTROL_MASK)
    {
      zoom_at (self, pow (1.15, -dy), x, y);
      return TRUE;
    }
  self->x -= (state & GDK_SHIFT_MASK ? dy : dx) * 40;
  self->y -= (state & GDK_SHIFT_MASK ? 0 : dy) * 40;
  self->fits = FALSE;
  gb_view_redraw (view);
  return TRUE;
}

/* The middle of the pane goes to what is at (x, y) of the map. */
static void
go_on_map (GbGraphView *self, const GbGraphMap *map, double x, double y)
{
  self->x = self->width / 2 - (x - map->x) / map->zoom * self->zoom;
  self->y = self->picture->height * self->zoom <= self->height
                ? self->y
                : self->height / 2 - (y - map->y) / map->zoom * self->zoom;
  self->fits = FALSE;
  gb_view_redraw (GB_VIEW (self));
}

static gboolean
gb_graph_view_drag (GbView *view, int phase, double x, double y, double dx, double dy)
{
  GbGraphView *self = GB_GRAPH_VIEW (view);
  GbDrawContext ctx;
  gb_view_get_context (view, &ctx);
  if (phase == 0)
    {
      GbGraphMap map = { 0 };
      if (self->picture)
        map = gb_graph_map_place (self->picture, self->zoom, &ctx);
      self->drags_map = gb_graph_map_contains (&map, x, y);
      self->drag_x = self->x;
      self->drag_y = self->y;
      if (self->drags_map)
        go_on_map (self, &map, x, y);
      return TRUE;
    }
  if (self->drags_map && self->picture)
    {
      GbGraphMap map = gb_graph_map_place (self->picture, self->zoom, &ctx);
      if (map.width > 0)
        go_on_map (self, &map, x, y);
      return TRUE;
    }
  if (fabs (dx) + fabs (dy) < 3)
    return TRUE;
  self->x = self->drag_x + dx;
  self->y = self->drag_y + dy;
  self->fits = FALSE;
  gb_view_redraw (view);
  return TRUE;
}

static void
gb_graph_view_rows (GbView *view, GArray *rows)
{
  GbGraphView *self = GB_GRAPH_VIEW (view);
  GbTraceCursor *cursor = gb_view_get_cursor (view);
  for (guint i = 0; self->picture && i < self->picture->items->len; i++)
    {
      const GbGraphItem *item = gb_graph_picture_item (self->picture, i);
      GbViewRow row = { 0 };
      if (item->kind == GB_GRAPH_ITEM_SAVED)
        continue;
      g_autofree char *text = gb_graph_item_text (self->picture, gb_trace_cursor_get_trace (cursor),
                                                  gb_trace_cursor_get_position (cursor), i);
      row.text = g_strdelimit (g_steal_pointer (&text), "\t\n", ' ');
      fill_pick (self->picture, item, &row.pick);
      g_array_append_val (rows, row);
    }
}

static char *
gb_graph_view_describe (GbView *view)
{
  GbGraphView *self = GB_GRAPH_VIEW (view);
  GbTraceCursor *cursor = gb_view_get_cursor (view);
  g_autofree char *state = gb_graph_describe (self->picture->graph);
  char most[48], all[48];
  double sum, largest = gb_graph_paint_most (self->picture, gb_trace_cursor_get_trace (cursor),
                                             gb_trace_cursor_get_position (cursor), self->paint, &sum);
  if (largest <= 0)
    return g_steal_pointer (&state);
  gb_graph_paint_text (self->paint, largest, most, sizeof most);
  gb_graph_paint_text (self->paint, sum, all, sizeof all);
  return g_strdup_printf (self->paint == GB_GRAPH_PAINT_TIME ? _ ("%s; painted: time, at most %s of %s in all")
                                                             : _ ("%s; painted: memory, at most %s of %s in all"),
                          state, most, all);
}

static void
gb_graph_view_dispose (GObject *object)
{
  g_clear_pointer (&GB_GRAPH_VIEW (object)->later, gb_graph_later_free);
  G_OBJECT_CLASS (gb_graph_view_parent_class)->dispose (object);
}

static void
gb_graph_view_finalize (GObject *object)
{
  GbGraphView *self = GB_GRAPH_VIEW (object);
  gb_graph_picture_unref (self->picture);
  g_hash_table_unref (self->unfolded);
  g_hash_table_unref (self->folded);
  g_hash_table_unref (self->unrolled);
  g_hash_table_unref (self->places);
  if (self->wanted)
    g_string_free (self->wanted, TRUE);
  G_OBJECT_CLASS (gb_graph_view_parent_class)->finalize (object);
}

static void
gb_graph_view_class_init (GbGraphViewClass *klass)
{
  GbViewClass *view_class = GB_VIEW_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = gb_graph_view_dispose;
  G_OBJECT_CLASS (klass)->finalize = gb_graph_view_finalize;
  view_class->update = gb_graph_view_update;
  view_class->draw = gb_graph_view_draw;
  view_class->draw_overlay = gb_graph_view_draw_overlay;
  view_class->pick = gb_graph_view_pick;
  view_class->locate = gb_graph_view_locate;
  view_class->move = gb_graph_view_move;
  view_class->activate = gb_graph_view_activate;
  view_class->key = gb_graph_view_key;
  view_class->type = gb_graph_view_type;
  view_class->scroll = gb_graph_view_scroll;
  view_class->drag = gb_graph_view_drag;
  view_class->rows = gb_graph_view_rows;
  view_class->describe = gb_graph_view_describe;
}

static void
find_activated (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  look_for (data);
}

static void
paint_activated (GSimpleAction *action, GVariant *value, gpointer data)
{
  for (guint i = 0; i < GB_GRAPH_N_PAINTS; i++)
    if (g_str_equal (paints[i], g_variant_get_string (value, NULL)))
      set_paint (data, (GbGraphPaint) i);
}

static void
fill_menu (GbGraphView *self)
{
  g_autoptr (GMenu) menu = g_menu_new ();
  g_autoptr (GMenu) paint = g_menu_new ();
  g_menu_append (menu, _ ("Find a node (/)"), "view.find");
  g_menu_append (paint, _ ("Numbers"), "view.paint::numbers");
  g_menu_append (paint, _ ("Time"), "view.paint::time");
  g_menu_append (paint, _ ("Memory"), "view.paint::memory");
  g_menu_append_section (menu, _ ("On the nodes (T)"), G_MENU_MODEL (paint));
  g_menu_append (menu, _ ("Where the pinned number came from (D)"), "view.card");
  g_menu_append (menu, _ ("List in words (L)"), "view.list");
  gb_view_set_menu (GB_VIEW (self), G_MENU_MODEL (menu));
}

static void
on_laid_out (gpointer data)
{
  gb_view_invalidate (data);
}

static void
gb_graph_view_init (GbGraphView *self)
{
  self->unfolded = g_hash_table_new (NULL, NULL);
  self->folded = g_hash_table_new (NULL, NULL);
  self->unrolled = g_hash_table_new (NULL, NULL);
  self->places = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  self->zoom = self->scale = 1;
  self->fits = TRUE;
  self->later = gb_graph_later_new (on_laid_out, self);
  static const GActionEntry entries[] = {
    { .name = "find", .activate = find_activated },
    { "paint", NULL, "s", "'numbers'", paint_activated },
  };
  g_action_map_add_action_entries (gb_view_get_actions (GB_VIEW (self)), entries, G_N_ELEMENTS (entries), self);
  fill_menu (self);
  g_signal_connect_object (gb_i18n_get_default (), "changed", G_CALLBACK (fill_menu), self, G_CONNECT_SWAPPED);
}

/* ---- the row of the registry ---- */

static GtkWidget *
new_widget (GbTraceCursor *cursor, GbSelection *selection)
{
  return gb_view_new (GB_TYPE_GRAPH_VIEW, &gb_graph_view_def, cursor, selection);
}

static int
relevance (GbTraceCursor *cursor)
{
  if (!gb_graph_exists (cursor))
    return 0;
  if (gb_trace_get_n_params (gb_trace_cursor_get_trace (cursor)))
    return 90;
  /* Of numbers that nobody derives the graph is a list of calls. */
  return gb_program_traits_of (gb_trace_cursor_get_trace (cursor))->n_nodes ? 70 : 40;
}

static void
natural_size (
    GbTraceCursor *cursor, GbSelection *selection, const GbDrawContext *ctx, double *width, double *height)
{
  GbDrawContext wide = *ctx;
  g_autoptr (GbGraphPicture) picture = NULL;
  (void) selection;
  wide.width = ctx->width > 0 ? ctx->width : 960;
  picture = gb_graph_picture_new (gb_graph_new (cursor, NULL), NULL, &wide);
  *width = MAX (picture->width, 320);
  *height = MAX (picture->height, 160);
}

static void
draw (GbTraceCursor *cursor, GbSelection *selection, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  GbGraphDetail detail = { .zoom = 1 };
  g_autoptr (GbGraphPicture) picture = gb_graph_picture_new (gb_graph_new (cursor, NULL), NULL, ctx);
  const GbPick *pin = selection ? gb_selection_get_pin (selection) : NULL;
  int active = active_item (picture), pinned = pin && pin->facets ? picked_item (picture, pin) : -1;
  double zoom =
      picture->width > 0 ? MIN (1, MIN (ctx->width / picture->width, ctx->height / picture->height)) : 1;
  detail.zoom = zoom;
  detail.clip = GRAPHENE_RECT_INIT (0, 0, (float) MAX (picture->width, ctx->width),
                                    (float) MAX (picture->height, ctx->height));
  gtk_snapshot_save (snapshot);
  if (picture->graph->nodes->len)
    {
      gtk_snapshot_translate (
          snapshot, &GRAPHENE_POINT_INIT ((float) MAX (0, (ctx->width - picture->width * zoom) / 2),
                                          (float) MAX (0, (ctx->height - picture->height * zoom) / 2)));
      gtk_snapshot_scale (snapshot, (float) zoom, (float) zoom);
    }
  gb_graph_draw (picture, gb_trace_cursor_get_trace (cursor), gb_trace_cursor_get_position (cursor), ctx,
                 &detail, snapshot);
  if (pinned >= 0)
    gb_graph_draw_mark (picture, ctx, snapshot, (guint) pinned, TRUE, NULL);
  else if (active >= 0)
    gb_graph_draw_mark (picture, ctx, snapshot, (guint) active, TRUE, caption_for (picture, active));
  gtk_snapshot_restore (snapshot);
}

static char *
describe (GbTraceCursor *cursor, GbSelection *selection)
{
  g_autoptr (GbGraph) graph = gb_graph_new (cursor, NULL);
  (void) selection;
  return gb_graph_describe (graph);
}

static void
watches (GbTraceCursor *cursor, GbSelection *selection, GArray *list)
{
  TeWatch stats = { .kind = TE_WATCH_STATS, .period_msec = 100 };
  (void) cursor;
  (void) selection;
  g_array_append_val (list, stats);
}

const GbViewDef gb_graph_view_def = {
  .id = "graph",
  .title = N_ ("Graph"),
  .summary = N_ ("The computation graph: forward ops, what they save, and the gradient's way back."),
  .icon_name = "gb-graph-symbolic",
  .missing = N_ ("Run a line that makes a tensor."),
  .relevance = relevance,
  .new_widget = new_widget,
  .natural_size = natural_size,
  .draw = draw,
  .describe = describe,
  .watches = watches,
};
