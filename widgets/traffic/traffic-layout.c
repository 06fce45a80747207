#include "traffic/traffic-layout.h"

#include <math.h>
#include <stdlib.h>

#include "common/i18n.h"
#include "common/number-format.h"

#define PAD        16
#define LEFT       52
#define RIGHT      104
#define TOP        34
#define TITLE      18 /* above each panel */
#define GAP        6
#define TIME_AXIS  22
#define NOTE       18 /* height of a line */
#define MOST_NOTES 8

void
gb_traffic_layout_free (GbTrafficLayout *self)
{
  if (self == NULL)
    return;
  gb_traffic_free (self->model);
  g_array_unref (self->ends);
  g_free (self);
}

double
gb_traffic_layout_x (const GbTrafficLayout *self, double seconds)
{
  return self->x
         + (seconds - self->model->start) / (self->model->end - self->model->start) * self->plot_width;
}

double
gb_traffic_layout_y (const GbTrafficPanel *panel, double value)
{
  return panel->y + (1 - gb_axis_place (&panel->axis, value)) * panel->height;
}

/* ---- panels ---- */

static double
highest (const GbTraffic *m, GbTrafficPanelKind kind)
{
  double most = 0;

  for (guint i = 0; i < m->spans->len; i++)
    {
      const GbTrafficSpan *span = gb_traffic_span (m, i);
      double value = kind == GB_TRAFFIC_RATE      ? span->sum.n / m->span_seconds
                     : kind == GB_TRAFFIC_LATENCY ? span->sum.p99
                     : kind == GB_TRAFFIC_QUEUE   ? span->queue
                     : span->sum.n ? 100.0 * (span->sum.n_failed + span->sum.n_dropped) / span->sum.n
                                   : 0;
      if (isfinite (value))
        most = MAX (most, value);
    }
  return most;
}

static void
add_panel (GbTrafficLayout *self, GbTrafficPanelKind kind)
{
  self->panels[self->n_panels++] = (GbTrafficPanel){ .kind = kind };
}

/* The first two are always there; the more of them, the flatter. */
static void
place_panels (GbTrafficLayout *self, double bottom)
{
  const GbTraffic *m = self->model;
  static const double shares[GB_N_TRAFFIC_PANELS] = { 1.2, 1.4, 0.7, 0.7 };
  double sum = 0, room, y = self->y_top;

  add_panel (self, GB_TRAFFIC_RATE);
  if (bottom - y >= 140)
    add_panel (self, GB_TRAFFIC_LATENCY);
  if (m->sum.n_failed + m->sum.n_dropped && bottom - y >= 200)
    add_panel (self, GB_TRAFFIC_ERRORS);
  if (!isnan (m->longest_queue) && bottom - y >= 260)
    add_panel (self, GB_TRAFFIC_QUEUE);
  for (guint i = 0; i < self->n_panels; i++)
    sum += shares[self->panels[i].kind];
  room = MAX (bottom - y - self->n_panels * (TITLE + GAP), 10);
  for (guint i = 0; i < self->n_panels; i++)
    {
      GbTrafficPanel *panel = &self->panels[i];
      double most = highest (m, panel->kind);
      panel->y = y + TITLE;
      panel->height = MAX (room * shares[panel->kind] / sum, 4);
      panel->axis = gb_axis_linear (0, most > 0 ? most : 1, (guint) MAX (panel->height / 34, 2));
      panel->axis.low = 0;
      y = panel->y + panel->height + GAP;
    }
}

/* ---- labels at the right ---- */

static int
compare_ends (gconstpointer a, gconstpointer b)
{
  const GbTrafficEnd *x = a, *y = b;
  return (x->y > y->y) - (x->y < y->y);
}

static void
add_end (GbTrafficLayout *self, double y, GbRole role, guint color, const char *name, const char *text)
{
  GbTrafficEnd end = { y, role, color, "" };

  g_snprintf (end.text, sizeof end.text, "%.24s %s", name, text);
  g_array_append_val (self->ends, end);
}

/* From `first` on they are of one panel: apart by a line, within it as far as there is room. */
static void
spread_ends (GbTrafficLayout *self, guint first, const GbTrafficPanel *panel)
{
  guint n = self->ends->len - first, most = (guint) MAX (panel->height / 15 + 1, 1);
  GbTrafficEnd *ends = (GbTrafficEnd *) self->ends->data + first;

  if (n > most)
    g_array_set_size (self->ends, first + most), n = most;
  if (n == 0)
    return;
  qsort (ends, n, sizeof *ends, compare_ends);
  for (guint i = 0; i < n; i++)
    ends[i].y = MAX (ends[i].y, i ? ends[i - 1].y + 15 : panel->y + 4);
  for (guint i = n; i > 0; i--)
    ends[i - 1].y = MIN (ends[i - 1].y, i < n ? ends[i].y - 15 : panel->y + panel->height);
}

static void
label_ends (GbTrafficLayout *self)
{
  const GbTraffic *m = self->model;
  char number[32];

  for (guint p = 0; p < self->n_panels && self->right > 0; p++)
    {
      const GbTrafficPanel *panel = &self->panels[p];
      guint first = self->ends->len;
      double bottom = panel->y + panel->height;
      if (panel->kind == GB_TRAFFIC_RATE)
        for (guint i = 0; i < m->n_versions; i++)
          {
            g_snprintf (number, sizeof number, "%.1f%%", 100.0 * m->versions[i].sum.n / m->sum.n);
            add_end (self, bottom - 8 - 15.0 * i, GB_ROLE_INK, i, m->versions[i].name, number);
          }
      if (panel->kind == GB_TRAFFIC_LATENCY && !isnan (m->sum.p50))
        {
          add_end (self, gb_traffic_layout_y (panel, MIN (m->sum.p50, panel->axis.high)), GB_ROLE_INK,
                   G_MAXUINT, "p50", gb_number_text (m->sum.p50, 3, number, sizeof number));
          add_end (self, gb_traffic_layout_y (panel, MIN (m->sum.p95, panel->axis.high)), GB_ROLE_INK,
                   G_MAXUINT, "p95", gb_number_text (m->sum.p95, 3, number, sizeof number));
          add_end (self, gb_traffic_layout_y (panel, MIN (m->sum.p99, panel->axis.high)), GB_ROLE_INK,
                   G_MAXUINT, "p99", gb_number_text (m->sum.p99, 3, number, sizeof number));
        }
      if (panel->kind == GB_TRAFFIC_ERRORS)
        for (guint i = 0; i < m->n_versions; i++)
          if (m->versions[i].sum.n_failed + m->versions[i].sum.n_dropped)
            {
              g_snprintf (number, sizeof number, "%u",
                          m->versions[i].sum.n_failed + m->versions[i].sum.n_dropped);
              add_end (self, panel->y + 8 + 15.0 * i, GB_ROLE_ERROR, G_MAXUINT, m->versions[i].name, number);
            }
      spread_ends (self, first, panel);
    }
}

/* ---- all of it ---- */

GbTrafficLayout *
gb_traffic_layout_new (GbTraceCursor *cursor, const GbDrawContext *ctx)
{
  GbTrafficLayout *self = g_new0 (GbTrafficLayout, 1);
  double bottom;

  self->width = ctx->width;
  self->height = ctx->height;
  self->ends = g_array_new (FALSE, FALSE, sizeof (GbTrafficEnd));
  self->model = gb_traffic_new (cursor);
  if (self->model == NULL)
    return self;
  self->x = ctx->width >= 260 ? LEFT : 8;
  self->right = ctx->width >= 480 ? RIGHT : 0;
  self->plot_width = MAX (ctx->width - self->x - PAD - self->right, 10);
  self->y_top = ctx->height >= 140 ? TOP : 4;
  if (ctx->height >= 300)
    self->n_notes = MIN (MIN (self->model->notes->len, MOST_NOTES), (guint) (ctx->height / 4 / NOTE));
  self->first_note = self->model->notes->len - self->n_notes;
  self->notes_height = self->n_notes ? self->n_notes * NOTE + 12 : 0;
  self->notes_y = ctx->height - self->notes_height;
  bottom = self->notes_y - (ctx->height >= 140 ? TIME_AXIS : 2);
  place_panels (self, bottom);
  self->time = gb_axis_whole (self->model->start, self->model->end, (guint) MAX (self->plot_width / 80, 2));
  if (self->model->span_seconds < 0.5)
    self->time =
        gb_axis_linear (self->model->start, self->model->end, (guint) MAX (self->plot_width / 80, 2));
  label_ends (self);
  return self;
}

void
gb_traffic_layout_note (const GbTrafficLayout *self, guint note, GbBox *box)
{
  *box = (GbBox){ PAD - 4, self->notes_y + 6 + (note - self->first_note) * (double) NOTE,
                  self->width - 2 * PAD + 8, NOTE };
}

guint64
gb_traffic_layout_at (const GbTrafficLayout *self, double x, double y)
{
  if (self->model == NULL)
    return 0;
  if (self->n_notes && y >= self->notes_y + 6)
    {
      guint nth = (guint) ((y - self->notes_y - 6) / NOTE);
      return nth < self->n_notes ? gb_traffic_note (self->model, self->first_note + nth)->seq : 0;
    }
  if (x < self->x || x >= self->x + self->plot_width || y < self->y_top)
    return 0;
  return gb_traffic_span (self->model, gb_traffic_span_at (
                                           self->model, self->model->start
                                                            + (x - self->x) / self->plot_width
                                                                  * (self->model->end - self->model->start)))
      ->seq;
}
