/* A loss over a plane, and the paths that were walked on it.
 *
 * The heights are a matrix that the program shows: gb.show (z, view="surface", x=xs, y=ys), where z[i, j] is
 * the loss at (xs[j], ys[i]).  A path is told place by place, gb.log ("adam", loss, x=…, y=…), or read from
 * the trace: what an optimiser holds that is two numbers in all (a vector of two, or two scalars) is a path
 * by itself. */
#pragma once

#include "models/trace-cursor.h"

G_BEGIN_DECLS

#define GB_SURFACE_MOST_PATHS  8
#define GB_SURFACE_MOST_POINTS 4096 /* of a path: of more the latest */

typedef struct
{
  double x, y, z; /* z NAN: not known */
  guint64 seq, iteration;
} GbSurfacePoint;

typedef struct
{
  char *name;
  guint64 tensor; /* the parameter; 0: told by the program */
  guint n_before; /* points that were let go */
  GArray *points; /* GbSurfacePoint, at least one */
} GbSurfacePath;

typedef struct
{
  guint64 tensor; /* the heights; 0: only paths are known */
  char *label;
  gint64 rows, columns;
  double *z, *xs, *ys;    /* xs and ys ascending */
  gboolean is_flipped[2]; /* rows, columns: the program told them descending */
  double low, high;       /* of finite heights */
  gint64 low_row, low_column;
  guint n_nonfinite;
  gboolean is_unknown; /* the heights were not recorded at this place */
  char *x_name, *y_name;
  GPtrArray *paths; /* GbSurfacePath */
  guint n_hidden;   /* paths beyond those */
} GbSurface;

/* NULL: the program has nothing of this kind at the cursor. */
GbSurface *gb_surface_new (GbTraceCursor *cursor);
void gb_surface_free (GbSurface *self);
/* Heights are known, or 3 places of a path: cheap. */
gboolean gb_surface_peek (GbTraceCursor *cursor);
/* Tensors whose every change is a step of a path, and the shown heights; how many there are. */
guint gb_surface_tensors (GbTraceCursor *cursor, guint64 *tensors, guint most);
const GbSurfacePath *gb_surface_path (const GbSurface *self, guint nth);
/* Between cells: the weighted mean of four.  NAN: outside, or beside what is not finite. */
double gb_surface_height (const GbSurface *self, double x, double y);
/* Index of a row and column in the program's own matrix. */
void gb_surface_index (const GbSurface *self, gint64 row, gint64 column, gint64 index[2]);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbSurface, gb_surface_free)

G_END_DECLS
