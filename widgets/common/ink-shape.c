#include "common/ink-shape.h"

#include <math.h>

#define NEAREST  240 /* pixels in which a mark looks for something to hang on */
#define RING     12
#define N_ANGLES 16
#define SPACING  1.5 /* pixels between two points of a stroke */

static const GbInkPoint *
point_at (const GArray *pixels, guint nth)
{
  return &g_array_index (pixels, GbInkPoint, nth);
}

/* ---- from pixels to anchors ---- */
static gboolean
same_anchor (const GbInkAnchor *a, const GbInkAnchor *b)
{
  return a->kind == b->kind
         && (a->kind == GB_INK_ON_LINE ? a->line == b->line : gb_pick_equal (&a->pick, &b->pick));
}

/* What is at the place, or in growing rings around it. */
static gboolean
pick_near (
    GbInkPick pick, gpointer surface, double x, double y, double most, GbInkAnchor *anchor, GbInkPlace *place)
{
  if (pick (surface, x, y, anchor, place))
    return TRUE;
  for (double radius = RING; radius <= most; radius += RING)
    for (int i = 0; i < N_ANGLES; i++)
      if (pick (surface, x + radius * cos (i * 2 * G_PI / N_ANGLES),
                y + radius * sin (i * 2 * G_PI / N_ANGLES), anchor, place))
        return TRUE;
  return FALSE;
}

static void
get_bounds (const GArray *pixels, double *x, double *y, double *width, double *height)
{
  double x1, y1;
  *x = x1 = point_at (pixels, 0)->x;
  *y = y1 = point_at (pixels, 0)->y;
  for (guint i = 1; i < pixels->len; i++)
    {
      *x = MIN (*x, point_at (pixels, i)->x);
      *y = MIN (*y, point_at (pixels, i)->y);
      x1 = MAX (x1, point_at (pixels, i)->x);
      y1 = MAX (y1, point_at (pixels, i)->y);
    }
  *width = x1 - *x;
  *height = y1 - *y;
}

/* A ring ends where it began, for a hand. */
static gboolean
is_closed (const GArray *pixels)
{
  double x, y, width, height;
  const GbInkPoint *first = point_at (pixels, 0), *last = point_at (pixels, pixels->len - 1);
  get_bounds (pixels, &x, &y, &width, &height);
  return hypot (last->x - first->x, last->y - first->y) < 0.35 * MAX (width, height);
}

/* One thing for the whole mark: in its middle, under it, or the nearest. */
static gboolean
pick_middle (const GArray *pixels, GbInkPick pick, gpointer surface, GbInkAnchor *anchor, GbInkPlace *place)
{
  double x, y, width, height;
  get_bounds (pixels, &x, &y, &width, &height);
  if (pick (surface, x + width / 2, y + height / 2, anchor, place))
    return TRUE;
  for (guint i = 0; i < 9; i++)
    {
      const GbInkPoint *point = point_at (pixels, i * (pixels->len - 1) / 8);
      if (pick (surface, point->x, point->y, anchor, place))
        return TRUE;
    }
  return pick_near (pick, surface, x + width / 2, y + height / 2, NEAREST, anchor, place);
}

static guint
choose (const GbInkMark *mark,
        const GArray *pixels,
        GbInkPick pick,
        gpointer surface,
        GbInkAnchor *anchors,
        GbInkPlace *places)
{
  const GbInkPoint *first = point_at (pixels, 0), *last = point_at (pixels, pixels->len - 1);
  double reach =
      mark->kind == GB_INK_ARROW ? 2 * RING : RING; /* an arrow points at what is beside its head */
  if (pixels->len > 1 && (mark->kind == GB_INK_ARROW || !is_closed (pixels)))
    {
      gboolean at_first = pick_near (pick, surface, first->x, first->y, reach, &anchors[0], &places[0]);
      gboolean at_last =
          pick_near (pick, surface, last->x, last->y, reach, &anchors[at_first], &places[at_first]);
      if (at_first && at_last && same_anchor (&anchors[0], &anchors[1]))
        {
          g_free (anchors[1].text);
          at_last = FALSE;
        }
      if (at_first || at_last)
        return (guint) at_first + (guint) at_last;
    }
  if (pick_middle (pixels, pick, surface, &anchors[0], &places[0]))
    return 1;
  anchors[0] = (GbInkAnchor){ .kind = GB_INK_ON_WHOLE };
  places[0] = (GbInkPlace){ 0, 0, 1 };
  return 1;
}

void
gb_ink_hang (GbInkMark *mark, const GArray *pixels, GbInkPick pick, gpointer surface)
{
  GbInkAnchor anchors[2];
  GbInkPlace places[2];
  guint n = choose (mark, pixels, pick, surface, anchors, places);
  double unit = places[0].unit;
  for (guint i = 0; i < n; i++)
    {
      anchors[i].x = (places[i].x - places[0].x) / unit;
      anchors[i].y = (places[i].y - places[0].y) / unit;
      anchors[i].unit = i ? places[i].unit / unit : unit;
      gb_ink_mark_take_anchor (mark, &anchors[i]);
    }
  for (guint i = 0; i < pixels->len; i++)
    gb_ink_mark_add_point (mark, (point_at (pixels, i)->x - places[0].x) / unit,
                           (point_at (pixels, i)->y - places[0].y) / unit, point_at (pixels, i)->pressure);
}

/* ---- and back ---- */
static double
step_of (const GbInkMark *mark, guint i)
{
  const GbInkPoint *a = gb_ink_mark_point (mark, i - 1), *b = gb_ink_mark_point (mark, i);
  return hypot (b->x - a->x, b->y - a->y);
}

gboolean
gb_ink_place (
    const GbInkMark *mark, const GbInkPlace *places, const gboolean *found, GArray *pixels, double *ratio)
{
  gboolean second = mark->n_anchors > 1 && found[1];
  const GbInkAnchor *b = &mark->anchors[1];
  double whole = 0, walked = 0;

  if (!found[0] && !second)
    return FALSE;
  *ratio =
      found[0] ? places[0].unit / mark->anchors[0].unit : places[1].unit / (b->unit * mark->anchors[0].unit);
  for (guint i = 1; i < mark->points->len; i++)
    whole += step_of (mark, i);
  for (guint i = 0; i < mark->points->len; i++)
    {
      GbInkPoint point = *gb_ink_mark_point (mark, i);
      walked += i ? step_of (mark, i) : 0;
      /* Each end goes with its own anchor, what is between with both. */
      double share = !second ? 0 : !found[0] ? 1 : whole > 0 ? walked / whole : 0.5, x = 0, y = 0;
      if (share < 1)
        {
          x += (1 - share) * (places[0].x + point.x * places[0].unit);
          y += (1 - share) * (places[0].y + point.y * places[0].unit);
        }
      if (share > 0)
        {
          x += share * (places[1].x + (point.x - b->x) / b->unit * places[1].unit);
          y += share * (places[1].y + (point.y - b->y) / b->unit * places[1].unit);
        }
      point.x = x;
      point.y = y;
      g_array_append_val (pixels, point);
    }
  return TRUE;
}

double
gb_ink_distance (const GArray *pixels, double x, double y)
{
  double least = G_MAXDOUBLE;
  for (guint i = 0; i < pixels->len; i++)
    {
      const GbInkPoint *a = point_at (pixels, i ? i - 1 : 0), *b = point_at (pixels, i);
      double dx = b->x - a->x, dy = b->y - a->y, length = dx * dx + dy * dy;
      double t = length > 0 ? CLAMP (((x - a->x) * dx + (y - a->y) * dy) / length, 0, 1) : 0;
      least = MIN (least, hypot (a->x + t * dx - x, a->y + t * dy - y));
    }
  return least;
}

void
gb_ink_extend (GArray *pixels, double x, double y, double pressure)
{
  GbInkPoint point = { x, y, pressure };
  const GbInkPoint *last = pixels->len ? point_at (pixels, pixels->len - 1) : NULL;
  if (pixels->len < GB_INK_MOST_POINTS && (last == NULL || hypot (x - last->x, y - last->y) >= SPACING))
    g_array_append_val (pixels, point);
}
