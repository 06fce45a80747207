#include "plane/plane-layout.h"

#include <math.h>
#include <string.h>

#include "common/i18n.h"
#include "common/number-format.h"

#define PAD        16
#define HEADLINE   34
#define LEGEND     26
#define LEFT       54
#define BOTTOM     28
#define MOST_CELLS 3200
#define MOST_COST  4e6 /* products for one surface */
#define NEAR       9

void
gb_plane_layout_free (GbPlaneLayout *self)
{
  if (self == NULL)
    return;
  gb_plane_free (self->model);
  g_free (self->classes);
  g_free (self->sure);
  g_free (self->numbers);
  g_free (self->curve);
  g_free (self->wrong);
  g_free (self);
}

static void
widen (double value, double *low, double *high)
{
  if (!isfinite (value))
    return;
  *low = MIN (*low, value);
  *high = MAX (*high, value);
}

static void
choose_axes (GbPlaneLayout *self)
{
  const GbPlane *m = self->model;
  double x0 = INFINITY, x1 = -INFINITY, y0 = INFINITY, y1 = -INFINITY, margin;

  for (gint64 i = 0; i < m->n; i++)
    {
      widen (m->x[i], &x0, &x1);
      widen (m->y[i], &y0, &y1);
    }
  for (guint i = 0; self->curve && i < self->columns; i++)
    widen (self->curve[i], &y0, &y1);
  if (!(x0 <= x1))
    x0 = -1, x1 = 1;
  if (!(y0 <= y1))
    y0 = -1, y1 = 1;
  margin = 0.06 * (x1 - x0), x0 -= margin, x1 += margin;
  margin = 0.06 * (y1 - y0), y0 -= margin, y1 += margin;
  self->x_axis = gb_axis_linear (x0, x1, (guint) MAX (self->plot_width / 90, 2));
  self->y_axis = gb_axis_linear (y0, y1, (guint) MAX (self->plot_height / 60, 2));
}

/* ---- the model over the plane ---- */

static void
make_surface (GbPlaneLayout *self)
{
  const GbPlane *m = self->model;
  double out[GB_PLANE_MOST_COLUMNS], cells = CLAMP (MOST_COST / gb_plane_cost (m), 300, MOST_CELLS);
  double ratio = self->plot_width / MAX (self->plot_height, 1);
  gboolean by_class = m->n_columns > 1 || m->has_classes || m->is_probability;

  self->columns = (guint) CLAMP (sqrt (cells * ratio), 4, 400);
  self->rows = (guint) CLAMP (cells / self->columns, 4, 400);
  if (by_class)
    {
      self->classes = g_new0 (guint8, self->columns * self->rows);
      self->sure = g_new0 (float, self->columns * self->rows);
    }
  else
    self->numbers = g_new0 (float, self->columns * self->rows);
  for (guint r = 0; r < self->rows; r++)
    for (guint c = 0; c < self->columns; c++)
      {
        double x = gb_axis_value (&self->x_axis, (c + 0.5) / self->columns),
               y = gb_axis_value (&self->y_axis, 1 - (r + 0.5) / self->rows), sure;
        guint cell = r * self->columns + c;
        if (!gb_plane_evaluate (m, x, y, out))
          return;
        if (by_class)
          {
            self->classes[cell] = (guint8) MIN (gb_plane_class (m, out, &sure), 255u);
            self->sure[cell] = (float) sure;
          }
        else
          {
            self->numbers[cell] = (float) out[0];
            self->limit = isfinite (out[0]) ? MAX (self->limit, fabs (out[0])) : self->limit;
          }
      }
}

static void
make_curve (GbPlaneLayout *self)
{
  const GbPlane *m = self->model;
  double out[GB_PLANE_MOST_COLUMNS], x0 = INFINITY, x1 = -INFINITY;

  for (gint64 i = 0; i < m->n; i++)
    widen (m->x[i], &x0, &x1);
  if (!(x0 <= x1) || !gb_plane_evaluate (m, 0, 0, out))
    return;
  self->columns = (guint) CLAMP (self->plot_width / 3, 2, MIN (MOST_COST / gb_plane_cost (m), 600));
  self->curve = g_new (double, self->columns);
  choose_axes (self);
  for (guint c = 0; c < self->columns; c++)
    {
      gb_plane_evaluate (m, gb_axis_value (&self->x_axis, c / (double) (self->columns - 1)), 0, out);
      self->curve[c] = out[0];
    }
}

static void
judge (GbPlaneLayout *self)
{
  const GbPlane *m = self->model;
  double out[GB_PLANE_MOST_COLUMNS], sure, sum = 0;

  self->error = NAN;
  if (m->target == NULL || m->n_columns == 0)
    return;
  if (m->kind == GB_PLANE_SURFACE && m->has_classes)
    self->wrong = g_new0 (guint8, MAX (m->n, 1));
  for (gint64 i = 0; i < m->n; i++)
    {
      gb_plane_evaluate (m, m->x[i], m->y[i], out);
      if (self->wrong)
        {
          self->wrong[i] = gb_plane_class (m, out, &sure) != (guint) m->target[i];
          self->n_wrong += self->wrong[i];
        }
      else
        sum += (out[0] - m->target[i]) * (out[0] - m->target[i]) / (double) m->n;
    }
  if (self->wrong == NULL && m->n)
    self->error = sum;
}

GbPlaneLayout *
gb_plane_layout_new (GbTraceCursor *cursor, GbSelection *selection, const GbDrawContext *ctx)
{
  GbPlaneLayout *self = g_new0 (GbPlaneLayout, 1);

  self->width = ctx->width;
  self->height = ctx->height;
  self->error = NAN;
  self->model = gb_plane_new (cursor, selection);
  if (self->model == NULL)
    return self;
  self->x = ctx->width >= 220 ? LEFT : 8;
  self->y = ctx->height >= 140 ? HEADLINE : 8;
  self->plot_width = MAX (ctx->width - self->x - PAD, 10);
  self->plot_height = MAX (ctx->height - self->y - BOTTOM - (ctx->height >= 220 ? LEGEND : 0), 10);
  choose_axes (self);
  if (self->model->kind == GB_PLANE_SURFACE && self->model->n_columns)
    make_surface (self);
  else if (self->model->kind == GB_PLANE_CURVE && self->model->n_columns == 1)
    {
      make_curve (self);
      choose_axes (self);
    }
  judge (self);
  return self;
}

void
gb_plane_layout_place (const GbPlaneLayout *self, gint64 nth, double *x, double *y)
{
  *x = self->x + gb_axis_place (&self->x_axis, self->model->x[nth]) * self->plot_width;
  *y = self->y + (1 - gb_axis_place (&self->y_axis, self->model->y[nth])) * self->plot_height;
}

gint64
gb_plane_layout_at (const GbPlaneLayout *self, double x, double y)
{
  gint64 nearest = -1;
  double best = NEAR * NEAR;

  for (gint64 i = 0; self->model && i < self->model->n; i++)
    {
      double px, py, distance;
      gb_plane_layout_place (self, i, &px, &py);
      distance = (px - x) * (px - x) + (py - y) * (py - y);
      if (distance < best)
        best = distance, nearest = i;
    }
  return nearest;
}

int
gb_plane_layout_class (const GbPlaneLayout *self, gint64 nth)
{
  return self->model->has_classes ? (int) self->model->target[nth] : -1;
}

void
gb_plane_layout_pick (const GbPlaneLayout *self, gint64 nth, GbPick *pick)
{
  *pick = (GbPick){
    .facets = GB_PICK_TENSOR | GB_PICK_ELEMENT, .tensor = self->model->tensor, .ndim = 2, .index = { nth }
  };
}

gint64
gb_plane_layout_picked (const GbPlaneLayout *self, const GbPick *pick)
{
  const GbPlane *m = self->model;
  gboolean of_points = m && (pick->facets & GB_PICK_ELEMENT) && pick->ndim >= 1 && pick->index[0] >= 0
                       && pick->index[0] < m->n;
  return of_points && (pick->tensor == m->tensor || (m->target_tensor && pick->tensor == m->target_tensor))
             ? pick->index[0]
             : -1;
}

/* ---- words ---- */

char *
gb_plane_layout_sentence (const GbPlaneLayout *self)
{
  const GbPlane *m = self->model;
  char a[32], b[32];

  gb_number_count (m->n_all, a, sizeof a);
  if (m->n == 0)
    return g_strdup (_ ("Its numbers were not recorded here. Pause or step to see them."));
  if (m->untold)
    return g_strdup_printf (
        _ ("%s points of %s. %s is not in the arithmetic of this picture, so the model is not drawn."), a,
        m->label, m->untold);
  if (m->kind == GB_PLANE_AXES)
    return g_strdup_printf (_ ("%s along its two largest principal axes: %.0f%% and %.0f%% of the variance."),
                            m->label, m->shares[0] * 100, m->shares[1] * 100);
  if (self->wrong)
    return g_strdup_printf (_ ("%s points of %s; the model puts %u of them on the wrong side."), a, m->label,
                            self->n_wrong);
  if (isfinite (self->error))
    return g_strdup_printf (_ ("%s points of %s; mean square distance from %s: %s."), a, m->label,
                            m->target_label, gb_number_text (self->error, 3, b, sizeof b));
  return g_strdup_printf (_ ("%s points of %s."), a, m->label);
}

char *
gb_plane_layout_point_text (const GbPlaneLayout *self, gint64 nth)
{
  const GbPlane *m = self->model;
  double out[GB_PLANE_MOST_COLUMNS], sure;
  char a[32], b[32];
  GString *text = g_string_new (NULL);

  gb_number_text (m->x[nth], 3, a, sizeof a);
  gb_number_text (m->y[nth], 3, b, sizeof b);
  if (m->kind == GB_PLANE_CURVE)
    g_string_append_printf (text, "%s[%ld] = %s", m->label, (long) nth, a);
  else
    g_string_append_printf (text, m->kind == GB_PLANE_AXES ? "%s[%ld]: (%s, %s)" : "%s[%ld] = (%s, %s)",
                            m->label, (long) nth, a, b);
  if (m->target)
    g_string_append_printf (text, ", %s %s", m->target_label,
                            gb_number_text (m->target[nth], 3, a, sizeof a));
  if (m->n_columns && gb_plane_evaluate (m, m->x[nth], m->y[nth], out))
    {
      if (m->n_columns > 1 || self->wrong)
        g_string_append_printf (text, _ (", the model says %u"), gb_plane_class (m, out, &sure));
      else
        g_string_append_printf (text, _ (", the model says %s"), gb_number_text (out[0], 3, a, sizeof a));
    }
  return g_string_free (text, FALSE);
}
