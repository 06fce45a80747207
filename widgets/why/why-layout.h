/* Cards, one per finding, with a row per line of evidence: who stands where.  Texts are made here, since their height
 * decides. */
#pragma once

#include "common/draw.h"
#include "models/explain.h"

G_BEGIN_DECLS

typedef struct
{
  const GbEvidence *evidence;
  char *text, *number, *source; /* number and source NULL: no line */
  double x, y, width, height;   /* of the row, before scrolling */
  double text_height;
} GbWhyRow;

typedef struct
{
  const GbFinding *finding;
  char *title;
  double x, y, width, height;
  GArray *rows; /* GbWhyRow */
} GbWhyCard;

typedef struct
{
  GArray *cards; /* GbWhyCard */
  double height; /* of all cards */
  double text_x; /* of sentences, from the left of a row */
} GbWhyLayout;

GbWhyLayout *gb_why_layout_new (GbTrace *trace, const GPtrArray *findings, const GbDrawContext *ctx, double width);
void gb_why_layout_free (GbWhyLayout *self);
/* Rows with a line, in order; NULL: no nth. */
const GbWhyRow *gb_why_layout_nth (const GbWhyLayout *self, guint nth);
const GbWhyRow *gb_why_layout_at (const GbWhyLayout *self, double x, double y);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbWhyLayout, gb_why_layout_free)

G_END_DECLS
