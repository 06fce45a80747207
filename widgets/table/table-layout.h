/* table: what the run left behind as rows: logged values, parameters, ops by time or count, tensors. */
#pragma once

#include "common/columns.h"
#include "common/number-format.h"
#include "models/table-model.h"
#include "models/trace-cursor.h"

G_BEGIN_DECLS

typedef struct
{
  int kind;   /* GbTableKind, -1: the one with most to say */
  int sorted; /* column, -1: as it came */
  gboolean descending;
  gboolean stays; /* somebody scrolled: the rows do not follow the cursor */
  guint first_row;
} GbTableOptions;

typedef struct
{
  double x, width;
  GbTableKind kind;
  guint n_rows;
} GbTableTab;

typedef struct
{
  GbTable *table;
  GbTableTab tabs[GB_N_TABLES];
  guint n_tabs;
  GbTableOptions options;
  GbColumn columns[GB_TABLE_MAX_COLUMNS];
  GbNumberFormat formats[GB_TABLE_MAX_COLUMNS];
  char *titles[GB_TABLE_MAX_COLUMNS];
  GbRowWindow window;
  double width, height;
  guint64 iteration; /* of the cursor */
} GbTableLayout;

/* table: one made before for the same trace and position, taken over; NULL: make it. */
GbTableLayout *gb_table_layout_new (GbTraceCursor *cursor,
                                    GbTable *table,
                                    const GbTableOptions *options,
                                    const GbDrawContext *ctx);
void gb_table_layout_free (GbTableLayout *self);
/* The kind that is shown when nobody chose, -1: no table has a row. */
int gb_table_layout_best (GbTrace *trace);
/* A cell as it is drawn; returns buffer or the text itself. */
const char *
gb_table_layout_text (const GbTableLayout *self, guint row, guint column, char *buffer, gsize nbytes);
/* Tab at a point, or -1; column whose title is there, or -1. */
int gb_table_layout_tab_at (const GbTableLayout *self, double x, double y);
int gb_table_layout_title_at (const GbTableLayout *self, double x, double y);
const char *gb_table_kind_title (GbTableKind kind); /* translated */
const char *gb_table_translate (const char *msgid);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbTableLayout, gb_table_layout_free)

G_END_DECLS
