#include "flow/flow-layout.h"

#include <math.h>

#include "models/layered-layout.h"

#define PAD        18
#define PACKAGE_H  42
#define BOX_W      104
#define BOX_H      64
#define GAP_X      34
#define GAP_Y      52
#define LANE       20
#define LOOP_BOX   90 /* narrowest box of a loop */
#define LOW_BOX_H  46 /* without the line */
#define LOW_GAP_Y  22
#define LEAST_GAP  18
#define LEAST_ZOOM 0.45
#define ROW_ZOOM   0.75 /* a chain that would be smaller than this in one line is written in rows */
#define ROW_GAP_X  26
#define ROW_GAP_Y  40

void
gb_flow_layout_free (GbFlowLayout *self)
{
  if (self == NULL)
    return;
  gb_flow_free (self->flow);
  g_array_unref (self->boxes);
  g_array_unref (self->arrows);
  g_free (self);
}

static const GbFlowStage *
stage_at (const GbFlowLayout *self, guint nth)
{
  return &g_array_index (self->flow->stages, GbFlowStage, nth);
}

static GbFlowBox *
box_at (const GbFlowLayout *self, guint nth)
{
  return &g_array_index (self->boxes, GbFlowBox, nth);
}

static void
point (GbFlowArrow *arrow, double x, double y)
{
  if (arrow->n_points < G_N_ELEMENTS (arrow->points))
    {
      arrow->points[arrow->n_points][0] = x;
      arrow->points[arrow->n_points][1] = y;
      arrow->n_points++;
    }
}

/* ---- a loop ---- */

/* From the nearest sides of two boxes, with a bend where they do not face each other. */
static void
connect_boxes (GbFlowArrow *arrow, const GbFlowBox *a, const GbFlowBox *b)
{
  double ax = a->x + a->width / 2, ay = a->y + a->height / 2, bx = b->x + b->width / 2,
         by = b->y + b->height / 2;

  if (fabs (ay - by) < 1)
    {
      gboolean right = bx > ax;
      point (arrow, right ? a->x + a->width : a->x, ay);
      point (arrow, right ? b->x : b->x + b->width, by);
    }
  else if (fabs (ax - bx) < 1)
    {
      point (arrow, ax, by > ay ? a->y + a->height : a->y);
      point (arrow, bx, by > ay ? b->y : b->y + b->height);
    }
  else
    {
      double middle = by > ay ? (a->y + a->height + b->y) / 2 : (b->y + b->height + a->y) / 2;
      point (arrow, ax, by > ay ? a->y + a->height : a->y);
      point (arrow, ax, middle);
      point (arrow, bx, middle);
      point (arrow, bx, by > ay ? b->y : b->y + b->height);
    }
  arrow->label_x = (arrow->points[0][0] + arrow->points[arrow->n_points - 1][0]) / 2;
  arrow->label_y = arrow->n_points > 2 ? arrow->points[1][1]
                                       : (arrow->points[0][1] + arrow->points[arrow->n_points - 1][1]) / 2;
}

/* Spread over the width, so that both rows of a loop end where the other does. */
static void
place_row (GbFlowLayout *self,
           guint first,
           guint end,
           double y,
           double width,
           double height,
           double span,
           gboolean leftwards)
{
  guint n = end - first;

  for (guint i = first; i < end; i++)
    {
      double share = n > 1 ? (double) (i - first) / (n - 1) : 0;
      *box_at (self, i) =
          (GbFlowBox){ i, PAD + (span - width) * (leftwards ? 1 - share : share), y, width, height };
    }
}

static void
place_loop (GbFlowLayout *self)
{
  guint n = self->flow->stages->len, n_round = n, back = n, columns;
  double room = self->width - 2 * PAD, gap = GAP_X, width, span, height, total, box = BOX_H, between = GAP_Y;
  for (guint i = n; i-- > 0;)
    {
      if (stage_at (self, i)->is_aside)
        n_round = i;
      if (stage_at (self, i)->stage == GB_STAGE_BACKWARD)
        back = i;
    }
  back = MIN (back, n_round);
  columns = MAX (MAX (back, n_round - back), 1);
  if (columns * LOOP_BOX + (columns - 1) * gap > room)
    gap = LEAST_GAP;
  width = CLAMP ((room - (columns - 1) * gap) / columns, LOOP_BOX, 150);
  span = columns * (width + gap) - gap;
  height = self->height - GB_FLOW_TOP - 6;
  total = (n_round < n ? 3 : 2) * (box + between) - between;
  if (total > height)
    {
      box = LOW_BOX_H;
      between = LOW_GAP_Y;
      total = (n_round < n ? 3 : 2) * (box + between) - between;
    }
  place_row (self, 0, back, 0, width, box, span, FALSE);
  place_row (self, back, n_round, box + between, width, box, span, TRUE);
  for (guint i = n_round; i < n; i++)
    *box_at (self, i) =
        (GbFlowBox){ i, PAD + (i - n_round) * (width + gap), 2 * (box + between), width, box };
  self->zoom = CLAMP (MIN (room / span, height / total), LEAST_ZOOM, 1);
  for (guint i = 0; i < self->flow->edges->len; i++)
    {
      const GbFlowEdge *edge = &g_array_index (self->flow->edges, GbFlowEdge, i);
      GbFlowArrow arrow = { .edge = i };
      connect_boxes (&arrow, box_at (self, edge->from), box_at (self, edge->to));
      g_array_append_val (self->arrows, arrow);
    }
}

/* ---- columns ---- */

/* The person's files on the left, the library on the right. */
static void
place_columns (GbFlowLayout *self, const GbDrawContext *ctx)
{
  guint n = self->flow->stages->len, n_files = 0, at[2] = { 0 };
  double wide[2] = { BOX_W, BOX_W }, rows, step, x;

  for (guint i = 0; i < n; i++)
    {
      double width = gb_draw_text_width (ctx, GB_FACE_UI_BOLD, stage_at (self, i)->name) + 34;
      guint column = stage_at (self, i)->is_aside ? 0 : 1;
      n_files += stage_at (self, i)->is_aside;
      wide[column] = MIN (MAX (wide[column], width), 260);
    }
  rows = MAX (n - n_files, n_files);
  step = PACKAGE_H + 10;
  x = PAD + wide[0] + MAX (self->width - 2 * PAD - wide[0] - wide[1], 90) * 0.5;
  for (guint i = 0; i < n; i++)
    {
      guint column = stage_at (self, i)->is_aside ? 0 : 1;
      double first = column ? (rows - (n - n_files)) / 2 : (rows - n_files) / 2;
      *box_at (self, i) =
          (GbFlowBox){ i, column ? x : PAD, (first + at[column]++) * step, wide[column], PACKAGE_H };
    }
  for (guint i = 0; i < self->flow->edges->len; i++)
    {
      const GbFlowEdge *edge = &g_array_index (self->flow->edges, GbFlowEdge, i);
      const GbFlowBox *a = box_at (self, edge->from), *b = box_at (self, edge->to);
      GbFlowArrow arrow = { .edge = i };
      double middle = (a->x + a->width + b->x) / 2;
      point (&arrow, a->x + a->width, a->y + a->height / 2);
      point (&arrow, middle, a->y + a->height / 2);
      point (&arrow, middle, b->y + b->height / 2);
      point (&arrow, b->x, b->y + b->height / 2);
      arrow.label_x = (middle + b->x) / 2;
      arrow.label_y = b->y + b->height / 2;
      g_array_append_val (self->arrows, arrow);
    }
  self->zoom = CLAMP (MIN ((self->height - GB_FLOW_TOP) / (rows * step), self->width / (x + wide[1] + PAD)),
                      LEAST_ZOOM, 1);
}

/* ---- layers ---- */

/* Below all boxes, back to where it began. */
static void
lead_back (GbFlowArrow *arrow, const GbFlowBox *a, const GbFlowBox *b, double y)
{
  double ax = a->x + a->width * 0.6, bx = b->x + b->width * 0.4;

  point (arrow, ax, a->y + a->height);
  point (arrow, ax, y);
  point (arrow, bx, y);
  point (arrow, bx, b->y + b->height);
  arrow->label_x = (ax + bx) / 2;
  arrow->label_y = y;
}

/* In rows, as a text: below a's row, along the gap between the columns before b where rows lie between them, and into b
 * from the side that it comes from.  lane: apart from others in the same gap. */
static void
lead_over (GbFlowArrow *arrow, const GbFlowBox *a, const GbFlowBox *b, double lane)
{
  double ax = a->x + a->width * 0.6, bx = b->x + b->width * 0.4;
  double below = a->y + a->height + 10 + lane, beside = b->x - ROW_GAP_X / 2 - lane / 3;
  gboolean next = b->y > a->y + a->height && b->y < a->y + a->height + ROW_GAP_Y + 1;
  gboolean down = b->y > a->y + 1, same = fabs (a->y - b->y) < 1;
  double near_b = down ? b->y - ROW_GAP_Y + 10 + lane : b->y + b->height + 10 + lane;

  point (arrow, ax, a->y + a->height);
  point (arrow, ax, below);
  if (!next && !same)
    {
      point (arrow, beside, below);
      point (arrow, beside, near_b);
    }
  point (arrow, bx, next || same ? below : near_b);
  point (arrow, bx, down ? b->y : b->y + b->height);
  arrow->label_x = (ax + (next || same ? bx : beside)) / 2;
  arrow->label_y = below;
}

/* A long chain, row by row from left to right. */
static void
place_rows (GbFlowLayout *self, double width)
{
  guint n = self->flow->stages->len, columns = 1, rows = n;
  double room = self->width - 2 * PAD, high = self->height - GB_FLOW_TOP, pitch = width + ROW_GAP_X;

  /* The fewest columns at which height is not what makes it small. */
  for (columns = 1; columns < n; columns++)
    {
      rows = (n + columns - 1) / columns;
      if (high / (rows * (BOX_H + ROW_GAP_Y)) >= MIN (room / (columns * pitch), 1))
        break;
    }
  rows = (n + columns - 1) / columns;
  for (guint i = 0; i < n; i++)
    *box_at (self, i) = (GbFlowBox){ i, PAD + (i % columns) * pitch, (i / columns) * (BOX_H + ROW_GAP_Y), width, BOX_H };
  for (guint i = 0; i < self->flow->edges->len; i++)
    {
      const GbFlowEdge *edge = &g_array_index (self->flow->edges, GbFlowEdge, i);
      GbFlowArrow arrow = { .edge = i };
      const GbFlowBox *a = box_at (self, edge->from), *b = box_at (self, edge->to);
      if (edge->to == edge->from + 1 && edge->to % columns)
        connect_boxes (&arrow, a, b);
      else
        lead_over (&arrow, a, b, (i % 4) * 6);
      g_array_append_val (self->arrows, arrow);
    }
  self->zoom = CLAMP (MIN (self->width / (columns * pitch + 2 * PAD), high / (rows * (BOX_H + ROW_GAP_Y))), 0.2, 1);
}

static void
place_layers (GbFlowLayout *self, const GbDrawContext *ctx)
{
  guint n = self->flow->stages->len, n_edges = self->flow->edges->len, n_back = 0;
  g_autofree GbLayoutNode *nodes = g_new0 (GbLayoutNode, MAX (n, 1));
  g_autofree GbLayoutEdge *edges = g_new0 (GbLayoutEdge, MAX (n_edges, 1));
  GbLayoutOptions options = { .layer_gap = 34, .node_gap = 16, .lane_gap = 14 };
  const GbLayoutNode *placed;
  double total, bottom, height;
  GbLayout *layout;

  for (guint i = 0; i < n; i++)
    nodes[i] = (GbLayoutNode){
      .width = CLAMP (gb_draw_text_width (ctx, GB_FACE_UI_BOLD, stage_at (self, i)->name) + 34, BOX_W, 220),
      .height = BOX_H
    };
  for (guint i = 0; i < n_edges; i++)
    {
      const GbFlowEdge *edge = &g_array_index (self->flow->edges, GbFlowEdge, i);
      edges[i] = (GbLayoutEdge){ .from = edge->from, .to = edge->to };
      n_back += edge->from >= edge->to;
    }
  layout = gb_layout_new (nodes, n, edges, n_edges, &options);
  if (self->width / (gb_layout_get_width (layout) + 2 * PAD) < ROW_ZOOM)
    {
      double widest = BOX_W;
      for (guint i = 0; i < n; i++)
        widest = MAX (widest, nodes[i].width);
      gb_layout_free (layout);
      place_rows (self, MIN (widest, 150));
      return;
    }
  placed = gb_layout_get_nodes (layout);
  bottom = gb_layout_get_height (layout);
  for (guint i = 0; i < n; i++)
    *box_at (self, i) = (GbFlowBox){ i, PAD + placed[i].x - placed[i].width / 2,
                                     placed[i].y - placed[i].height / 2, placed[i].width, placed[i].height };
  for (guint i = 0, lane = 0; i < n_edges; i++)
    {
      const GbFlowEdge *edge = &g_array_index (self->flow->edges, GbFlowEdge, i);
      const GbLayoutEdge *run = &gb_layout_get_edges (layout)[i];
      GbFlowArrow arrow = { .edge = i };
      if (edge->from >= edge->to)
        lead_back (&arrow, box_at (self, edge->from), box_at (self, edge->to), bottom + LANE * ++lane);
      else
        {
          for (guint k = 0; k < MIN (run->n_points, 8); k++)
            point (&arrow, PAD + run->points[2 * k], run->points[2 * k + 1]);
          if (run->n_points > 8) /* the end counts */
            {
              arrow.points[7][0] = PAD + run->points[2 * run->n_points - 2];
              arrow.points[7][1] = run->points[2 * run->n_points - 1];
            }
          if (arrow.n_points)
            {
              guint middle = arrow.n_points / 2;
              arrow.label_x = (arrow.points[middle - 1][0] + arrow.points[middle][0]) / 2;
              arrow.label_y = (arrow.points[middle - 1][1] + arrow.points[middle][1]) / 2;
            }
        }
      g_array_append_val (self->arrows, arrow);
    }
  total = gb_layout_get_width (layout) + 2 * PAD;
  height = bottom + LANE * (n_back + 1);
  self->zoom = MAX (MIN (MIN (self->width / total, (self->height - GB_FLOW_TOP) / height), 1), LEAST_ZOOM);
  gb_layout_free (layout);
}

GbFlowLayout *
gb_flow_layout_new (GbTraceCursor *cursor, const GbFlowOptions *options, const GbDrawContext *ctx)
{
  GbFlowLayout *self = g_new0 (GbFlowLayout, 1);

  self->trace = gb_trace_cursor_get_trace (cursor);
  self->flow = gb_flow_new (cursor, options->kind);
  self->width = ctx->width;
  self->height = ctx->height;
  self->zoom = 1;
  self->boxes = g_array_new (FALSE, TRUE, sizeof (GbFlowBox));
  self->arrows = g_array_new (FALSE, TRUE, sizeof (GbFlowArrow));
  g_array_set_size (self->boxes, self->flow->stages->len);
  for (guint i = 0; i < self->flow->stages->len; i++)
    {
      const GbFlowStage *stage = stage_at (self, i);
      double each =
          self->flow->kind == GB_FLOW_TRAINING ? (double) stage->nsec / MAX (stage->count, 1) : stage->nsec;
      self->most = MAX (self->most, each);
    }
  if (self->flow->kind == GB_FLOW_TRAINING)
    place_loop (self);
  else if (self->flow->kind == GB_FLOW_PACKAGES)
    place_columns (self, ctx);
  else if (self->flow->kind == GB_FLOW_MARKS)
    place_layers (self, ctx);
  return self;
}

int
gb_flow_layout_at (const GbFlowLayout *self, double x, double y)
{
  x /= self->zoom;
  y = (y - GB_FLOW_TOP) / self->zoom;
  for (guint i = 0; i < self->boxes->len; i++)
    {
      const GbFlowBox *box = box_at (self, i);
      if (x >= box->x && y >= box->y && x < box->x + box->width && y < box->y + box->height)
        return (int) i;
    }
  return -1;
}

void
gb_flow_layout_pick (const GbFlowLayout *self, guint stage, GbPick *pick)
{
  guint32 pos = stage_at (self, stage)->pos;
  *pick = (GbPick){ .facets = GB_PICK_PART | (pos ? GB_PICK_POSITION : 0), .part = stage, .pos = pos };
}

int
gb_flow_layout_find (const GbFlowLayout *self, const GbPick *pick)
{
  GbOp op;

  if ((pick->facets & GB_PICK_PART) && !(pick->facets & GB_PICK_TENSOR))
    return pick->part < self->boxes->len ? (int) pick->part : -1;
  if ((pick->facets & GB_PICK_OP) && self->flow->kind == GB_FLOW_TRAINING
      && gb_trace_get_op (self->trace, pick->call, &op))
    return gb_flow_stage_at (self->flow, op.record->head.seq);
  return -1;
}

void
gb_flow_natural_size (GbTraceCursor *cursor, double *width, double *height)
{
  g_autoptr (GbFlow) flow = gb_flow_new (cursor, GB_FLOW_NONE);

  *width = 640;
  *height = 240;
  if (flow->kind == GB_FLOW_PACKAGES)
    *height = 390;
  else if (flow->kind == GB_FLOW_TRAINING)
    *height = GB_FLOW_TOP + 14 + 2 * BOX_H + GAP_Y;
  else if (flow->kind == GB_FLOW_MARKS && flow->stages->len > 5)
    {
      *width = 840;
      *height = GB_FLOW_TOP + 14 + ((flow->stages->len + 5) / 6) * (BOX_H + ROW_GAP_Y);
    }
  for (guint i = 0; flow->kind == GB_FLOW_TRAINING && i < flow->stages->len; i++)
    if (g_array_index (flow->stages, GbFlowStage, i).is_aside)
      *height = GB_FLOW_TOP + 14 + 3 * BOX_H + 2 * GAP_Y;
}
