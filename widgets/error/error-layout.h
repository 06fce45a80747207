/* The picture of an error: operands as rows of dimensions, to scale, those that meet below each other; the
 * memory strip where that is the reason; sentences.  Pure geometry; texts are made here, since their height
 * decides. */
#pragma once

#include "common/draw.h"
#include "error/error-text.h"

G_BEGIN_DECLS

typedef enum
{
  GB_ERROR_PARTS_PICTURE = 0, /* operands, memory, rule: what a card needs between its own texts */
  GB_ERROR_PARTS_WHOLE = 1,   /* with the sentence, the text as raised, the line and the ways out */
} GbErrorParts;

typedef struct
{
  double x, y, width; /* top left; width 0: one line, not wrapped */
  double height;
  GbFace face;
  GbRole role;
  char *text;
} GbErrorText;

typedef struct
{
  double x, y, width, height;
  gint64 size;
  int row, dim;
  gboolean marked; /* this dimension offends */
  gboolean asked;  /* no tensor has it */
} GbErrorBox;

typedef struct
{
  double x, y, width, height;
  gint64 address;
  char *text;    /* the element */
  gint64 order;  /* when it is read, -1: not at all, or later than shown */
  gboolean jump; /* one end of the step that breaks the run */
} GbErrorCell;

typedef struct
{
  double x0, x1, y;
  gboolean above, jump;
  char *label; /* "+4" */
} GbErrorArc;

typedef struct
{
  double width, height;
  GArray *texts;                                    /* GbErrorText */
  GArray *boxes;                                    /* GbErrorBox */
  GArray *cells;                                    /* GbErrorCell */
  GArray *arcs;                                     /* GbErrorArc */
  double mark_x, mark_top, mark_bottom, mark_width; /* of the slot that offends; mark_width 0: none */
  double wave_x, wave_y, wave_width;                /* under the expression; 0: the line is not shown */
} GbErrorLayout;

/* exception may be NULL when parts is GB_ERROR_PARTS_PICTURE. */
GbErrorLayout *gb_error_layout_new (const GbLesson *lesson,
                                    GbTrace *trace,
                                    const GbException *exception,
                                    const GbDrawContext *ctx,
                                    double width,
                                    GbErrorParts parts);
void gb_error_layout_free (GbErrorLayout *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbErrorLayout, gb_error_layout_free)

G_END_DECLS
