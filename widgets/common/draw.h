/* The shared hand: everything views put on a canvas goes through these, so that one thing looks the same everywhere.
 * All functions append render nodes in the coordinates of the snapshot; sizes are pixels at scale 1 (a view draws at
 * scale 1 and its host scales the snapshot, so text stays vector). */
#pragma once

#include <gtk/gtk.h>

#include "common/theme.h"

G_BEGIN_DECLS

typedef struct _GbTextCache GbTextCache;

typedef enum
{
  GB_DRAW_SIGNS = 1 << 0,   /* + and - drawn in cells of signed maps */
  GB_DRAW_STATIC = 1 << 1,  /* for export: no hover hints, no playhead handles */
} GbDrawOptions;

/* What drawing needs to know besides its model. */
typedef struct
{
  const GbTheme *theme;
  const char *language;  /* "zh" or "en" */
  double scale;          /* already applied to the snapshot; only for the 9 px floor and hairlines */
  double width, height;  /* of the canvas at scale 1 */
  PangoContext *pango;
  GbTextCache *text;
  guint options;         /* GbDrawOptions */
  double t;              /* phase of an animation in [0, 1]; 1: at rest */
} GbDrawContext;

typedef enum
{
  GB_FACE_UI,      /* 13 px */
  GB_FACE_UI_BOLD,
  GB_FACE_SMALL,   /* 11 px */
  GB_FACE_SMALL_BOLD,
  GB_FACE_MONO,    /* 14 px */
  GB_FACE_MONO_BOLD,
  GB_FACE_CELL,    /* mono 11 px */
  GB_FACE_CELL_BOLD,
  GB_FACE_GUTTER,  /* mono 10 px */
  GB_FACE_HEADING, /* 15 px bold */
  GB_FACE_MATH,
  GB_FACE_FORMULA, /* mono 20 px bold */
  GB_N_FACES,
} GbFace;

typedef enum
{
  GB_ALIGN_LEFT = 0,
  GB_ALIGN_CENTER = 1,
  GB_ALIGN_RIGHT = 2,
} GbAlign;

GbTextCache *gb_text_cache_new (PangoContext *context);
void gb_text_cache_free (GbTextCache *self);
void gb_text_cache_set_scale (GbTextCache *self, double scale); /* no face but that of cells comes out under 9 px */
void gb_text_cache_clear (GbTextCache *self); /* after the context's fonts, language or resolution changed */
/* A layout for text, borrowed until the next clear.  max_width <= 0: unlimited, else ellipsized at the end. */
PangoLayout *gb_text_cache_get (GbTextCache *self, GbFace face, const char *text, double max_width);

/* A context for drawing without a display, with fixed font settings. */
PangoContext *gb_draw_create_pango_context (const char *language);

/* Text at (x, y); y is the middle of the line.  Digits of cells are left out when they would come out under 9 px.
 * Returns its width. */
double gb_draw_text (const GbDrawContext *ctx, GtkSnapshot *snapshot, GbFace face, GbRole role, const char *text,
                     double x, double y, GbAlign align);
/* A name that the program gave, ellipsized at most pixels: what stands behind it keeps its room. */
double gb_draw_name (const GbDrawContext *ctx, GtkSnapshot *snapshot, GbFace face, const char *name, double x, double y,
                     double most);
double gb_draw_text_rgba (const GbDrawContext *ctx, GtkSnapshot *snapshot, GbFace face, const GdkRGBA *color,
                          const char *text, double x, double y, GbAlign align, double max_width);
/* Wrapped text with its top at y; returns its height.  snapshot NULL: only measures. */
double gb_draw_paragraph (const GbDrawContext *ctx, GtkSnapshot *snapshot, GbFace face, GbRole role,
                          const char *text, double x, double y, double width);
double gb_draw_text_width (const GbDrawContext *ctx, GbFace face, const char *text);
double gb_draw_line_height (const GbDrawContext *ctx, GbFace face);
gboolean gb_draw_face_visible (const GbDrawContext *ctx, GbFace face);

/* gtk_snapshot_append_cairo that also holds under a scale with a translation, where GTK 4.8 multiplies in the wrong
 * order.  Destroy the context before anything else is appended. */
cairo_t *gb_draw_cairo (GtkSnapshot *snapshot, double x, double y, double width, double height);
/* The same in a snapshot that is shown at that zoom, recorded in its pixels: a recording that is scaled afterwards is drawn
 * up to some pixels beside its place at most scales (cairo 1.16). */
cairo_t *gb_draw_cairo_zoomed (GtkSnapshot *snapshot, double zoom, double x, double y, double width, double height);
void gb_draw_fill (GtkSnapshot *snapshot, const GdkRGBA *color, double x, double y, double width, double height);
void gb_draw_hline (GtkSnapshot *snapshot, const GdkRGBA *color, double x0, double x1, double y, double width);
void gb_draw_vline (GtkSnapshot *snapshot, const GdkRGBA *color, double x, double y0, double y1, double width);
void gb_draw_dashed_line (GtkSnapshot *snapshot, const GdkRGBA *color, double x0, double y0, double x1, double y1,
                          double width, double dash, double gap);
/* A rounded box: fill and border may be NULL. */
void gb_draw_box (GtkSnapshot *snapshot, const GdkRGBA *fill, const GdkRGBA *border, double x, double y,
                  double width, double height, double radius, double line);
void gb_draw_dashed_box (GtkSnapshot *snapshot, const GdkRGBA *border, double x, double y, double width,
                         double height, double radius, double line);
/* Selection of a cell: 2 px accent with 1 px surface inside. */
void gb_draw_selection (const GbDrawContext *ctx, GtkSnapshot *snapshot, double x, double y, double width,
                        double height);
/* Arrow head of the given size at (x, y), pointing along angle (radians). */
void gb_draw_arrow_head (GtkSnapshot *snapshot, const GdkRGBA *color, double x, double y, double angle, double size);
/* Small marks: */
void gb_draw_diagonal (GtkSnapshot *snapshot, const GdkRGBA *color, double x, double y, double width, double height); /* None */
void gb_draw_cross (GtkSnapshot *snapshot, const GdkRGBA *color, double x, double y, double width, double height);    /* NaN */
void gb_draw_triangle (GtkSnapshot *snapshot, const GdkRGBA *color, double x, double y, double width, double height,
                       gboolean up); /* Inf */
void gb_draw_hatch (GtkSnapshot *snapshot, const GdkRGBA *color, double x, double y, double width, double height);    /* masked */
void gb_draw_corner (GtkSnapshot *snapshot, const GdkRGBA *color, double x, double y, double size); /* clipped, changed */

/* Pixels (0xffrrggbb, row after row) scaled without smoothing. */
void gb_draw_pixels (GtkSnapshot *snapshot, const guint32 *pixels, int columns, int rows, double x, double y,
                     double width, double height);

/* A tip box near (x, y), kept inside the canvas: n lines of text, each "left\tright". */
void gb_draw_tip (const GbDrawContext *ctx, GtkSnapshot *snapshot, double x, double y, const char *const *lines,
                  guint n_lines);
/* Empty state: one sentence in the middle. */
void gb_draw_empty (const GbDrawContext *ctx, GtkSnapshot *snapshot, const char *sentence);
/* Legend of a map: a bar of width × 12 px with tick labels below.  ticks in [0, 1]. */
void gb_draw_map_legend (const GbDrawContext *ctx, GtkSnapshot *snapshot, GbMap map, double x, double y,
                         double width, const double *ticks, const char *const *labels, guint n_ticks);

G_END_DECLS
