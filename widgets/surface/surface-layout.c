#include "surface/surface-layout.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/i18n.h"
#include "common/number-format.h"

#define PAD        16
#define HEADLINE   34
#define LEGEND     26
#define LEFT       58
#define BOTTOM     26
#define UP_WIDTH   132 /* the slice at the right */
#define ACROSS     76  /* the one below */
#define SLICE_GAP  10
#define MOST_CELLS 160 /* of a side, for contours: finer ones are read in steps */
#define FIELD      3   /* px of a field of colour */
#define NEAR       9
#define PART_SHIFT 16 /* of a pick: the path above it, the point below */

void
gb_surface_layout_free (GbSurfaceLayout *self)
{
  if (self == NULL)
    return;
  gb_surface_free (self->model);
  g_array_unref (self->lines);
  g_array_unref (self->level_labels);
  g_array_unref (self->path_labels);
  g_array_unref (self->boxes);
  g_array_unref (self->legend);
  g_free (self->bands);
  g_free (self);
}

double
gb_surface_layout_x (const GbSurfaceLayout *self, double x)
{
  return self->x + gb_axis_place (&self->x_axis, x) * self->plot_width;
}

double
gb_surface_layout_y (const GbSurfaceLayout *self, double y)
{
  return self->y + (1 - gb_axis_place (&self->y_axis, y)) * self->plot_height;
}

/* ---- what of the plane is shown ---- */

static void
widen (double value, double *low, double *high)
{
  if (!isfinite (value))
    return;
  *low = MIN (*low, value);
  *high = MAX (*high, value);
}

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;
  return (x > y) - (x < y);
}

/* One that runs away shows where it came from: places much farther off than half of them lie outside. */
static void
widen_by_path (const GArray *points, gboolean across, double *low, double *high)
{
  g_autoptr (GArray) far = g_array_new (FALSE, FALSE, sizeof (double));
  double first = NAN, most;

  for (guint i = 0; i < points->len; i++)
    {
      const GbSurfacePoint *point = &g_array_index (points, GbSurfacePoint, i);
      double at = across ? point->x : point->y, off;
      if (!isfinite (at))
        continue;
      first = isnan (first) ? at : first;
      off = fabs (at - first);
      g_array_append_val (far, off);
    }
  if (far->len == 0)
    return;
  qsort (far->data, far->len, sizeof (double), compare_doubles);
  most = MAX (g_array_index (far, double, far->len / 2) * 30, g_array_index (far, double, far->len / 4));
  for (guint i = 0; i < points->len; i++)
    {
      const GbSurfacePoint *point = &g_array_index (points, GbSurfacePoint, i);
      double at = across ? point->x : point->y;
      if (fabs (at - first) <= most || far->len < 4)
        widen (at, low, high);
    }
}

/* An axis that ends where the heights end; without heights, at round numbers around the paths. */
static GbAxis
axis_for (const GbSurfaceLayout *self, gboolean across, guint n_ticks)
{
  const GbSurface *m = self->model;
  double low = INFINITY, high = -INFINITY, margin;
  GbAxis axis;

  if (m->tensor)
    {
      const double *places = across ? m->xs : m->ys;
      axis = gb_axis_linear (places[0], places[(across ? m->columns : m->rows) - 1], n_ticks);
      axis.low = places[0];
      axis.high = places[(across ? m->columns : m->rows) - 1];
      axis.first = ceil (axis.low / axis.step - 1e-9) * axis.step;
      axis.n_ticks = (guint) CLAMP (floor ((axis.high - axis.first) / axis.step + 1e-9) + 1, 0, 64);
      return axis;
    }
  for (guint p = 0; p < m->paths->len; p++)
    widen_by_path (gb_surface_path (m, p)->points, across, &low, &high);
  if (!(low <= high))
    low = -1, high = 1;
  margin = 0.08 * (high - low);
  return gb_axis_linear (low - margin, high + margin, n_ticks);
}

/* ---- levels ---- */

static double
median_height (const GbSurface *m)
{
  gint64 n = m->rows * m->columns, step = MAX (n / 2048, 1);
  g_autoptr (GArray) some = g_array_new (FALSE, FALSE, sizeof (double));

  for (gint64 i = 0; i < n; i += step)
    if (isfinite (m->z[i]))
      g_array_append_val (some, m->z[i]);
  if (some->len == 0)
    return NAN;
  qsort (some->data, some->len, sizeof (double), compare_doubles);
  return g_array_index (some, double, some->len / 2);
}

static void
add_level (GbSurfaceLayout *self, double level)
{
  if (self->n_levels < GB_SURFACE_MOST_LEVELS && level > self->model->low && level < self->model->high)
    self->levels[self->n_levels++] = level;
}

/* 1, 2, 5 of each decade, or fewer where that is too many. */
static void
choose_log_levels (GbSurfaceLayout *self, double base, double least)
{
  static const double digits[3][3] = { { 1, 2, 5 }, { 1, 3 }, { 1 } };
  static const int n_digits[3] = { 3, 2, 1 };
  int first = (int) floor (log10 (least)), last = (int) ceil (log10 (self->model->high - base)), kind = 0;

  while (kind < 2 && (last - first + 1) * n_digits[kind] > GB_SURFACE_MOST_LEVELS - 2)
    kind++;
  first = MAX (first, last - GB_SURFACE_MOST_LEVELS + 2);
  for (int decade = first; decade <= last; decade++)
    for (int i = 0; i < n_digits[kind]; i++)
      add_level (self, base + digits[kind][i] * pow (10, decade));
}

static void
choose_levels (GbSurfaceLayout *self)
{
  const GbSurface *m = self->model;
  double median, base;

  if (m->tensor == 0 || m->is_unknown || !(m->low < m->high))
    return;
  median = median_height (m);
  self->is_log = m->high - m->low > 8 * (median - m->low);
  base = m->low >= 0 ? 0 : m->low;
  if (self->is_log)
    choose_log_levels (self, base, MAX (m->low - base, (m->high - base) * 1e-4));
  else
    {
      GbAxis axis = gb_axis_linear (m->low, m->high, 10);
      for (guint i = 0; i < axis.n_ticks; i++)
        add_level (self, gb_axis_tick (&axis, i));
    }
  self->floor_tone = self->is_log ? log10 ((self->n_levels ? self->levels[0] - base : 1) * 0.3) : m->low;
  self->span_tone = (self->is_log ? log10 (m->high - base) : m->high) - self->floor_tone;
}

double
gb_surface_layout_tone (const GbSurfaceLayout *self, double z)
{
  double base = self->model->low >= 0 ? 0 : self->model->low;

  if (!isfinite (z))
    return NAN;
  if (self->is_log)
    z = z > base ? log10 (z - base) : self->floor_tone;
  return self->span_tone > 0 ? CLAMP ((z - self->floor_tone) / self->span_tone, 0, 1) : 0;
}

/* ---- contours ---- */

typedef struct
{
  GbSurfaceLayout *layout;
  gint64 rows[2], columns[2];
  double z[4]; /* corners, around: low row left, low row right, high row right, high row left */
} Cell;

/* Where an edge of the cell meets the level. */
static gboolean
crossing (const Cell *cell, int edge, double level, double *x, double *y)
{
  static const int row_of[4] = { 0, 0, 1, 1 }, column_of[4] = { 0, 1, 1, 0 };
  const GbSurface *m = cell->layout->model;
  int a = edge, b = (edge + 1) % 4;
  double share;

  if ((cell->z[a] < level) == (cell->z[b] < level))
    return FALSE;
  share = (level - cell->z[a]) / (cell->z[b] - cell->z[a]);
  *x = m->xs[cell->columns[column_of[a]]] * (1 - share) + m->xs[cell->columns[column_of[b]]] * share;
  *y = m->ys[cell->rows[row_of[a]]] * (1 - share) + m->ys[cell->rows[row_of[b]]] * share;
  return TRUE;
}

static void
add_lines (const Cell *cell, guint nth)
{
  GbSurfaceLayout *self = cell->layout;
  double x[4], y[4], level = self->levels[nth];
  int n = 0, turn;

  for (int edge = 0; edge < 4; edge++)
    n += crossing (cell, edge, level, &x[n], &y[n]);
  /* A saddle: the middle says which corners belong together. */
  turn = n == 4 && ((cell->z[0] + cell->z[1] + cell->z[2] + cell->z[3]) / 4 < level) == (cell->z[0] < level);
  for (int i = 0; i + 1 < n; i += 2)
    {
      int a = (i + turn) % 4, b = (i + 1 + turn) % 4;
      GbSurfaceLine line = { nth, (float) gb_surface_layout_x (self, x[a]),
                             (float) gb_surface_layout_y (self, y[a]),
                             (float) gb_surface_layout_x (self, x[b]),
                             (float) gb_surface_layout_y (self, y[b]) };
      g_array_append_val (self->lines, line);
    }
}

static void
make_cell (GbSurfaceLayout *self, Cell *cell)
{
  const GbSurface *m = self->model;
  double low, high;

  for (int i = 0; i < 4; i++)
    {
      cell->z[i] = m->z[cell->rows[i / 2] * m->columns + cell->columns[i == 1 || i == 2]];
      if (!isfinite (cell->z[i]))
        return;
    }
  low = MIN (MIN (cell->z[0], cell->z[1]), MIN (cell->z[2], cell->z[3]));
  high = MAX (MAX (cell->z[0], cell->z[1]), MAX (cell->z[2], cell->z[3]));
  for (guint i = 0; i < self->n_levels; i++)
    if (self->levels[i] > low && self->levels[i] <= high)
      add_lines (cell, i);
}

static void
make_contours (GbSurfaceLayout *self)
{
  const GbSurface *m = self->model;
  gint64 step_r, step_c;

  if (self->n_levels == 0)
    return;
  step_r = (m->rows + MOST_CELLS - 1) / MOST_CELLS;
  step_c = (m->columns + MOST_CELLS - 1) / MOST_CELLS;
  for (gint64 r = 0; r + 1 < m->rows; r += step_r)
    for (gint64 c = 0; c + 1 < m->columns; c += step_c)
      make_cell (self, &(Cell){ .layout = self,
                                .rows = { r, MIN (r + step_r, m->rows - 1) },
                                .columns = { c, MIN (c + step_c, m->columns - 1) } });
}

/* ---- fields of colour ---- */

typedef struct
{
  gint64 before;
  double share;
} Between;

static Between *
between_of (const double *places, gint64 n, const GbAxis *axis, guint count, gboolean falls)
{
  Between *between = g_new0 (Between, count);
  gint64 at = 0;

  for (guint i = 0; i < count; i++)
    {
      double value = gb_axis_value (axis, (i + 0.5) / count);
      while (at + 2 < n && places[at + 1] <= value)
        at++;
      between[falls ? count - 1 - i : i] =
          (Between){ at, CLAMP ((value - places[at]) / (places[at + 1] - places[at]), 0, 1) };
    }
  return between;
}

static void
make_bands (GbSurfaceLayout *self)
{
  const GbSurface *m = self->model;
  g_autofree Between *across = NULL, *down = NULL;

  if (m->tensor == 0 || m->is_unknown)
    return;
  self->columns = (guint) CLAMP (self->plot_width / FIELD, 2, 640);
  self->rows = (guint) CLAMP (self->plot_height / FIELD, 2, 400);
  self->bands = g_new (guint8, self->columns * self->rows);
  across = between_of (m->xs, m->columns, &self->x_axis, self->columns, FALSE);
  down = between_of (m->ys, m->rows, &self->y_axis, self->rows, TRUE);
  for (guint r = 0; r < self->rows; r++)
    for (guint c = 0; c < self->columns; c++)
      {
        const double *z = m->z + down[r].before * m->columns + across[c].before;
        double a = across[c].share, d = down[r].share;
        double height =
            (z[0] * (1 - a) + z[1] * a) * (1 - d) + (z[m->columns] * (1 - a) + z[m->columns + 1] * a) * d;
        guint8 band = 0;
        if (!isfinite (height))
          band = 255;
        else
          while (band < self->n_levels && self->levels[band] < height)
            band++;
        self->bands[r * self->columns + c] = band;
      }
}

/* ---- labels ---- */

/* Paths are in the way of labels. */
static void
block_paths (GbSurfaceLayout *self, GArray *blocked)
{
  const GbSurface *m = self->model;

  for (guint p = 0; p < m->paths->len; p++)
    {
      const GbSurfacePath *path = gb_surface_path (m, p);
      double last_x = NAN, last_y = NAN;
      for (guint i = 0; i < path->points->len; i++)
        {
          const GbSurfacePoint *point = &g_array_index (path->points, GbSurfacePoint, i);
          double x = gb_surface_layout_x (self, point->x), y = gb_surface_layout_y (self, point->y);
          GbBox box = { x - 3, y - 3, 6, 6 };
          if (!isfinite (x) || !isfinite (y))
            continue;
          self->n_outside +=
              x < self->x || y < self->y || x > self->x + self->plot_width || y > self->y + self->plot_height;
          if (fabs (x - last_x) < 4 && fabs (y - last_y) < 4)
            continue;
          last_x = x, last_y = y;
          if (blocked->len < 1024)
            g_array_append_val (blocked, box);
        }
    }
}

static gboolean
take_label (GbSurfaceLayout *self,
            GArray *blocked,
            GArray *labels,
            GbSurfaceLabel *label,
            double cx,
            double cy,
            double gap)
{
  GbBox within = { self->x + 2, self->y + 2, self->plot_width - 4, self->plot_height - 4 };

  label->box.x = cx - label->box.width / 2;
  label->box.y = cy - label->box.height / 2;
  if (!gb_boxes_take (blocked, label->box, gap, &within))
    return FALSE;
  g_array_append_val (labels, *label);
  g_array_append_val (self->boxes, label->box);
  return TRUE;
}

static void
label_levels (GbSurfaceLayout *self, GArray *blocked, const GbDrawContext *ctx)
{
  for (guint nth = 0, first = 0; nth < self->n_levels; nth++)
    {
      GbSurfaceLabel label = { .nth = nth };
      guint n = 0;
      while (first + n < self->lines->len
             && g_array_index (self->lines, GbSurfaceLine, first + n).level == nth)
        n++;
      gb_number_text (self->levels[nth], 3, label.text, sizeof label.text);
      label.box.width = gb_draw_text_width (ctx, GB_FACE_GUTTER, label.text) + 6;
      label.box.height = 13;
      /* Spread over the line: hops of the golden section. */
      for (guint hop = 0; hop < 24 && n; hop++)
        {
          const GbSurfaceLine *line = &g_array_index (self->lines, GbSurfaceLine,
                                                      first + (guint) (fmod (0.31 + hop * 0.618034, 1) * n));
          if (take_label (self, blocked, self->level_labels, &label, (line->x0 + line->x1) / 2,
                          (line->y0 + line->y1) / 2, 6))
            break;
        }
      first += n;
    }
}

static void
label_paths (GbSurfaceLayout *self, GArray *blocked, const GbDrawContext *ctx)
{
  static const double around[][2] = { { 1, -1 }, { 1, 1 },  { -1, -1 }, { -1, 1 },
                                      { 1, 0 },  { -1, 0 }, { 0, -1 },  { 0, 1 } };

  for (guint p = 0; p < self->model->paths->len; p++)
    {
      const GbSurfacePath *path = gb_surface_path (self->model, p);
      const GbSurfacePoint *last = &g_array_index (path->points, GbSurfacePoint, path->points->len - 1);
      double x = gb_surface_layout_x (self, last->x), y = gb_surface_layout_y (self, last->y);
      GbSurfaceLabel label = { .nth = p };
      g_strlcpy (label.text, path->name, sizeof label.text);
      label.box.width = gb_draw_text_width (ctx, GB_FACE_SMALL_BOLD, path->name) + 6;
      label.box.height = 17;
      for (guint i = 0; i < 3 * G_N_ELEMENTS (around) && isfinite (x) && isfinite (y); i++)
        {
          const double *way = around[i % G_N_ELEMENTS (around)];
          double far = 1 + i / G_N_ELEMENTS (around);
          if (take_label (self, blocked, self->path_labels, &label,
                          x + way[0] * (label.box.width / 2 + 8 * far), y + way[1] * 14 * far, 1))
            break;
        }
    }
}

static void
make_legend (GbSurfaceLayout *self, const GbDrawContext *ctx)
{
  double x = self->x, y = self->height - LEGEND;

  for (guint p = 0; p < self->model->paths->len && self->height >= 200; p++)
    {
      const GbSurfacePath *path = gb_surface_path (self->model, p);
      const GbSurfacePoint *last = &g_array_index (path->points, GbSurfacePoint, path->points->len - 1);
      GbSurfaceLabel label = { .nth = p };
      char number[32];
      g_snprintf (label.text, sizeof label.text, isnan (last->z) ? "%.24s" : "%.24s  %s", path->name,
                  gb_number_text (last->z, 3, number, sizeof number));
      label.box = (GbBox){ x, y, 24 + gb_draw_text_width (ctx, GB_FACE_SMALL, label.text), 20 };
      if (x + label.box.width > self->width - PAD)
        return;
      g_array_append_val (self->legend, label);
      x += label.box.width + 16;
    }
}

/* ---- all of it ---- */

static void
place_plot (GbSurfaceLayout *self)
{
  gboolean has_heights = self->model->tensor && !self->model->is_unknown;
  double legend = self->height >= 200 ? LEGEND : 0;

  self->x = self->width >= 220 ? LEFT : 8;
  self->y = self->height >= 140 ? HEADLINE : 8;
  self->up_width = has_heights && self->width >= 560 ? UP_WIDTH : 0;
  self->across_height = has_heights && self->height >= 380 ? ACROSS : 0;
  self->plot_width =
      MAX (self->width - self->x - PAD - (self->up_width > 0 ? self->up_width + SLICE_GAP : 0), 10);
  self->plot_height = MAX (self->height - self->y - BOTTOM - legend
                               - (self->across_height > 0 ? self->across_height + SLICE_GAP : 0),
                           10);
  self->x_axis = axis_for (self, TRUE, (guint) MAX (self->plot_width / 90, 2));
  self->y_axis = axis_for (self, FALSE, (guint) MAX (self->plot_height / 60, 2));
}

static int
compare_levels (gconstpointer a, gconstpointer b)
{
  return (int) ((const GbSurfaceLine *) a)->level - (int) ((const GbSurfaceLine *) b)->level;
}

GbSurfaceLayout *
gb_surface_layout_new (GbTraceCursor *cursor, const GbDrawContext *ctx)
{
  GbSurfaceLayout *self = g_new0 (GbSurfaceLayout, 1);

  self->width = ctx->width;
  self->height = ctx->height;
  self->model = gb_surface_new (cursor);
  self->lines = g_array_new (FALSE, FALSE, sizeof (GbSurfaceLine));
  self->level_labels = g_array_new (FALSE, FALSE, sizeof (GbSurfaceLabel));
  self->path_labels = g_array_new (FALSE, FALSE, sizeof (GbSurfaceLabel));
  self->legend = g_array_new (FALSE, FALSE, sizeof (GbSurfaceLabel));
  self->boxes = g_array_new (FALSE, FALSE, sizeof (GbBox));
  if (self->model == NULL)
    return self;
  place_plot (self);
  choose_levels (self);
  if (ctx->text == NULL) /* only words are asked for */
    return self;
  make_contours (self);
  g_array_sort (self->lines, compare_levels);
  make_bands (self);
  g_autoptr (GArray) blocked = g_array_new (FALSE, FALSE, sizeof (GbBox));
  block_paths (self, blocked);
  label_paths (self, blocked, ctx);
  if (self->plot_width >= 120 && self->plot_height >= 80)
    label_levels (self, blocked, ctx);
  make_legend (self, ctx);
  return self;
}

/* ---- places ---- */

static gint64
nearest (const double *places, gint64 n, double at)
{
  gint64 best = 0;

  for (gint64 i = 1; i < n; i++)
    if (fabs (places[i] - at) < fabs (places[best] - at))
      best = i;
  return best;
}

void
gb_surface_layout_set_point (const GbSurfaceLayout *self, guint path, guint point, GbSurfacePlace *place)
{
  const GbSurface *m = self->model;
  const GbSurfacePoint *at = &g_array_index (gb_surface_path (m, path)->points, GbSurfacePoint, point);

  *place = (GbSurfacePlace){ (int) path, point, -1, -1, at->x, at->y };
  if (m->tensor && isfinite (at->x) && isfinite (at->y))
    {
      place->row = nearest (m->ys, m->rows, at->y);
      place->column = nearest (m->xs, m->columns, at->x);
    }
}

void
gb_surface_layout_set_cell (const GbSurfaceLayout *self, gint64 row, gint64 column, GbSurfacePlace *place)
{
  const GbSurface *m = self->model;

  row = CLAMP (row, 0, m->rows - 1);
  column = CLAMP (column, 0, m->columns - 1);
  *place = (GbSurfacePlace){ -1, 0, row, column, m->xs[column], m->ys[row] };
}

void
gb_surface_layout_rest (const GbSurfaceLayout *self, GbSurfacePlace *place)
{
  const GbSurface *m = self->model;

  if (m->paths->len)
    gb_surface_layout_set_point (self, 0, gb_surface_path (m, 0)->points->len - 1, place);
  else
    gb_surface_layout_set_cell (self, m->low_row, m->low_column, place);
}

static gboolean
point_at (const GbSurfaceLayout *self, double x, double y, GbSurfacePlace *place)
{
  double best = NEAR * NEAR;
  int path = -1;
  guint point = 0;

  for (guint p = 0; p < self->model->paths->len; p++)
    {
      const GArray *points = gb_surface_path (self->model, p)->points;
      for (guint i = 0; i < points->len; i++)
        {
          const GbSurfacePoint *at = &g_array_index (points, GbSurfacePoint, i);
          double dx = gb_surface_layout_x (self, at->x) - x, dy = gb_surface_layout_y (self, at->y) - y;
          if (dx * dx + dy * dy < best)
            best = dx * dx + dy * dy, path = (int) p, point = i;
        }
    }
  if (path >= 0)
    gb_surface_layout_set_point (self, (guint) path, point, place);
  return path >= 0;
}

gboolean
gb_surface_layout_at (const GbSurfaceLayout *self, double x, double y, GbSurfacePlace *place)
{
  const GbSurface *m = self->model;

  if (m == NULL || x < self->x || y < self->y || x > self->x + self->plot_width
      || y > self->y + self->plot_height)
    return FALSE;
  if (point_at (self, x, y, place))
    return TRUE;
  if (m->tensor == 0 || m->is_unknown)
    return FALSE;
  gb_surface_layout_set_cell (
      self, nearest (m->ys, m->rows, gb_axis_value (&self->y_axis, 1 - (y - self->y) / self->plot_height)),
      nearest (m->xs, m->columns, gb_axis_value (&self->x_axis, (x - self->x) / self->plot_width)), place);
  return TRUE;
}

void
gb_surface_layout_pick (const GbSurfaceLayout *self, const GbSurfacePlace *place, GbPick *pick)
{
  const GbSurface *m = self->model;

  if (place->path >= 0)
    {
      const GbSurfacePath *path = gb_surface_path (m, (guint) place->path);
      const GbSurfacePoint *point = &g_array_index (path->points, GbSurfacePoint, place->point);
      *pick = (GbPick){ .facets = GB_PICK_ITERATION | GB_PICK_PART | (path->tensor ? GB_PICK_TENSOR : 0),
                        .tensor = path->tensor,
                        .iteration = point->iteration,
                        .part = (guint32) place->path << PART_SHIFT | place->point };
      return;
    }
  *pick = (GbPick){ .facets = GB_PICK_TENSOR | GB_PICK_ELEMENT, .tensor = m->tensor, .ndim = 2 };
  gb_surface_index (m, place->row, place->column, pick->index);
}

gboolean
gb_surface_layout_picked (const GbSurfaceLayout *self, const GbPick *pick, GbSurfacePlace *place)
{
  const GbSurface *m = self->model;
  guint path = pick->part >> PART_SHIFT, point = pick->part & ((1u << PART_SHIFT) - 1);
  gint64 index[2];

  if (m == NULL)
    return FALSE;
  if ((pick->facets & GB_PICK_PART) && (pick->facets & GB_PICK_ITERATION) && path < m->paths->len
      && point < gb_surface_path (m, path)->points->len && gb_surface_path (m, path)->tensor == pick->tensor)
    {
      gb_surface_layout_set_point (self, path, point, place);
      return TRUE;
    }
  if (m->tensor == 0 || m->is_unknown || !(pick->facets & GB_PICK_ELEMENT) || pick->tensor != m->tensor
      || pick->ndim != 2 || pick->index[0] < 0 || pick->index[0] >= m->rows || pick->index[1] < 0
      || pick->index[1] >= m->columns)
    return FALSE;
  gb_surface_index (m, pick->index[0], pick->index[1], index);
  gb_surface_layout_set_cell (self, index[0], index[1], place);
  return TRUE;
}

/* ---- words ---- */

char *
gb_surface_layout_path_text (const GbSurfaceLayout *self, guint nth)
{
  const GbSurfacePath *path = gb_surface_path (self->model, nth);
  const GbSurfacePoint *last = &g_array_index (path->points, GbSurfacePoint, path->points->len - 1);
  double before = NAN, after = NAN; /* where it is known: the loss of the last place is computed by nobody */
  char x[32], y[32], from[32], to[32];
  guint n = path->n_before + path->points->len;

  for (guint i = 0; i < path->points->len; i++)
    {
      double z = g_array_index (path->points, GbSurfacePoint, i).z;
      before = isnan (before) ? z : before;
      after = isnan (z) ? after : z;
    }

  gb_number_text (last->x, 3, x, sizeof x);
  gb_number_text (last->y, 3, y, sizeof y);
  if (isnan (before))
    return g_strdup_printf (
        ngettext_ ("%s: %u place, the last (%s, %s)", "%s: %u places, the last (%s, %s)", n), path->name, n,
        x, y);
  return g_strdup_printf (ngettext_ ("%s: %u place, the last (%s, %s); the loss went from %s to %s",
                                     "%s: %u places, the last (%s, %s); the loss went from %s to %s", n),
                          path->name, n, x, y, gb_number_text (before, 3, from, sizeof from),
                          gb_number_text (after, 3, to, sizeof to));
}

static char *
heights_text (const GbSurface *m)
{
  char low[32], high[32], x[32], y[32];

  return g_strdup_printf (_ ("%s lies between %s and %s, lowest at (%s, %s)."), m->label,
                          gb_number_text (m->low, 3, low, sizeof low),
                          gb_number_text (m->high, 3, high, sizeof high),
                          gb_number_text (m->xs[m->low_column], 3, x, sizeof x),
                          gb_number_text (m->ys[m->low_row], 3, y, sizeof y));
}

char *
gb_surface_layout_sentence (const GbSurfaceLayout *self)
{
  const GbSurface *m = self->model;
  g_autofree char *heights = NULL, *path = NULL;

  if (m->is_unknown)
    return g_strdup (_ ("Its numbers were not recorded here. Pause or step to see them."));
  if (m->tensor && !(m->low <= m->high))
    return g_strdup_printf (_ ("No height of %s is finite."), m->label);
  heights = m->tensor ? heights_text (m) : NULL;
  path = m->paths->len ? gb_surface_layout_path_text (self, 0) : NULL;
  if (heights && path)
    return g_strdup_printf (_ ("%s %s."), heights, path);
  return path ? g_strdup_printf (_ ("%s."), path) : g_steal_pointer (&heights);
}

char *
gb_surface_layout_place_text (const GbSurfaceLayout *self, const GbSurfacePlace *place)
{
  const GbSurface *m = self->model;
  char x[32], y[32], z[32];

  gb_number_text (place->x, 4, x, sizeof x);
  gb_number_text (place->y, 4, y, sizeof y);
  if (place->path >= 0)
    {
      const GbSurfacePath *path = gb_surface_path (m, (guint) place->path);
      const GbSurfacePoint *point = &g_array_index (path->points, GbSurfacePoint, place->point);
      guint nth = path->n_before + place->point;
      if (isnan (point->z))
        return g_strdup_printf (_ ("%s, step %u: (%s, %s)"), path->name, nth, x, y);
      return g_strdup_printf (_ ("%s, step %u: (%s, %s), loss %s"), path->name, nth, x, y,
                              gb_number_text (point->z, 4, z, sizeof z));
    }
  gint64 index[2];
  gb_surface_index (m, place->row, place->column, index);
  return g_strdup_printf ("%s[%ld, %ld] = %s, %s %s, %s %s", m->label, (long) index[0], (long) index[1],
                          gb_number_text (m->z[place->row * m->columns + place->column], 4, z, sizeof z),
                          m->x_name, x, m->y_name, y);
}
