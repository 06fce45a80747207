/* What a run left behind as rows of a table: logged values by iteration or by the x that they run over, parameters, ops by place, named
 * tensors.  Columns are arrays of numbers or of texts, so that a hundred thousand rows are sorted and drawn
 * without an object each. */
#pragma once

#include "models/selection.h"
#include "models/trace.h"

G_BEGIN_DECLS

typedef enum
{
  GB_TABLE_LOGS,
  GB_TABLE_PARAMS,
  GB_TABLE_OPS,
  GB_TABLE_TENSORS,
  GB_N_TABLES,
} GbTableKind;

typedef enum
{
  GB_CELL_TEXT,
  GB_CELL_NUMBER, /* any number */
  GB_CELL_COUNT,  /* whole */
  GB_CELL_TIME,   /* nanoseconds */
  GB_CELL_BYTES,
} GbCellKind;

#define GB_TABLE_MAX_COLUMNS 12

typedef struct
{
  const char *title; /* msgid, or a name of the program when is_name */
  gboolean is_name;
  GbCellKind kind;
  GArray *numbers;  /* double; GB_TABLE_NOTHING: an empty cell */
  GPtrArray *texts; /* const char *, owned by the table */
} GbTableColumn;

/* An empty cell is told from a NaN that was computed. */
#define GB_TABLE_NOTHING (-DBL_MAX)

typedef struct
{
  GbTableKind kind;
  GbTableColumn columns[GB_TABLE_MAX_COLUMNS];
  guint n_columns, n_rows;
  GArray *picks;  /* guint64 per row: iteration, tensor, or call */
  GArray *places; /* guint32 per row: place in the source, of ops */
  gboolean is_curve; /* logs by their x instead of by iteration; picks are the seqs of their records */
  guint32 *order; /* rows as sorted; NULL: as they came */
  GStringChunk *chunk;
} GbTable;

GbTable *gb_table_new (GbTrace *trace, guint64 seq, GbTableKind kind);
void gb_table_free (GbTable *self);
/* How many rows there would be, cheaply: an upper bound that is 0 exactly when there are none. */
guint gb_table_count (GbTrace *trace, GbTableKind kind);
/* Equal cells keep their order; empty cells and NaN stand last either way. */
void gb_table_sort (GbTable *self, guint column, gboolean descending);
static inline guint
gb_table_row (const GbTable *self, guint nth)
{
  return self->order ? self->order[nth] : nth;
}
const char *gb_table_text (const GbTable *self, guint row, guint column); /* NULL: a column of numbers */
double gb_table_number (const GbTable *self, guint row, guint column);
void gb_table_pick (const GbTable *self, guint row, GbPick *pick);
int gb_table_find (const GbTable *self, const GbPick *pick); /* place in the order, or -1 */
/* All rows as they are sorted, in RFC 4180's form with a head.  Owned. */
char *gb_table_dup_csv (const GbTable *self, const char *(*translate) (const char *msgid));

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbTable, gb_table_free)

G_END_DECLS
