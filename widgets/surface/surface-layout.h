/* surface: contours of a loss over two directions, the paths that optimisers walked on it, and the two slices
 * through the place that is looked at. */
#pragma once

#include "common/axis.h"
#include "common/boxes.h"
#include "common/draw.h"
#include "models/selection.h"
#include "models/surface-model.h"

G_BEGIN_DECLS

#define GB_SURFACE_MOST_LEVELS 16

typedef struct
{
  guint level;
  float x0, y0, x1, y1; /* pixels */
} GbSurfaceLine;

typedef struct
{
  guint nth; /* level, or path */
  GbBox box;
  char text[48];
} GbSurfaceLabel;

/* What is looked at: a point of a path (path >= 0), a cell, or neither. */
typedef struct
{
  int path;
  guint point;
  gint64 row, column; /* nearest cell; -1: there are none */
  double x, y;
} GbSurfacePlace;

typedef struct
{
  double width, height;
  GbSurface *model; /* NULL: nothing to show */
  double x, y, plot_width, plot_height;
  GbAxis x_axis, y_axis;
  double across_height, up_width; /* of the slices below and at the right; 0: no room, or no heights */
  double levels[GB_SURFACE_MOST_LEVELS];
  guint n_levels;
  gboolean is_log;
  double floor_tone, span_tone; /* of slices: see gb_surface_layout_tone */
  GArray *lines;                /* GbSurfaceLine, by level */
  GArray *level_labels;         /* GbSurfaceLabel */
  GArray *path_labels;          /* GbSurfaceLabel, at the ends of paths */
  GArray *boxes;                /* GbBox of all labels in the plot */
  GArray *legend;               /* GbSurfaceLabel: paths below the plot, as far as there is room */
  guint columns, rows;          /* of the fields of colour */
  guint8 *bands;                /* per field: how many levels lie below it; 255: no height */
  guint n_outside;              /* points that lie beyond the plot */
} GbSurfaceLayout;

GbSurfaceLayout *gb_surface_layout_new (GbTraceCursor *cursor, const GbDrawContext *ctx);
void gb_surface_layout_free (GbSurfaceLayout *self);
double gb_surface_layout_x (const GbSurfaceLayout *self, double x);
double gb_surface_layout_y (const GbSurfaceLayout *self, double y);
/* A height in a slice: 0 lowest to 1 highest. */
double gb_surface_layout_tone (const GbSurfaceLayout *self, double z);
/* The point or cell at (x, y); FALSE: neither. */
gboolean gb_surface_layout_at (const GbSurfaceLayout *self, double x, double y, GbSurfacePlace *place);
void
gb_surface_layout_set_point (const GbSurfaceLayout *self, guint path, guint point, GbSurfacePlace *place);
void
gb_surface_layout_set_cell (const GbSurfaceLayout *self, gint64 row, gint64 column, GbSurfacePlace *place);
void gb_surface_layout_pick (const GbSurfaceLayout *self, const GbSurfacePlace *place, GbPick *pick);
gboolean gb_surface_layout_picked (const GbSurfaceLayout *self, const GbPick *pick, GbSurfacePlace *place);
/* Where one looks when nothing is chosen: at the end of the first path, else at the lowest cell. */
void gb_surface_layout_rest (const GbSurfaceLayout *self, GbSurfacePlace *place);

/* ---- words, all owned ---- */
char *gb_surface_layout_sentence (const GbSurfaceLayout *self);
char *gb_surface_layout_place_text (const GbSurfaceLayout *self, const GbSurfacePlace *place);
char *gb_surface_layout_path_text (const GbSurfaceLayout *self, guint path);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbSurfaceLayout, gb_surface_layout_free)

G_END_DECLS
