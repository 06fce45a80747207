/* mem: bytes over the run, stacked by what they are for, with the peak and the line that made it; and who
 * holds how much at the position. */
#pragma once

#include "common/axis.h"
#include "common/columns.h"
#include "models/memory-model.h"
#include "models/selection.h"
#include "models/trace-cursor.h"

G_BEGIN_DECLS

typedef struct
{
  gboolean only_iteration; /* the time axis: this iteration alone */
  guint first_row;
} GbMemOptions;

typedef enum
{
  GB_MEM_NAME,
  GB_MEM_KIND,
  GB_MEM_BYTES,
  GB_MEM_LINE,
  GB_MEM_N_COLUMNS,
} GbMemColumn;

typedef struct
{
  guint64 seq; /* of the greatest sum in the column of pixels */
  double nbytes[GB_N_MEMORY_KINDS];
} GbMemPixel;

typedef struct
{
  const GbMemory *memory;
  GbTrace *trace;
  guint64 seq;         /* of the cursor */
  guint64 first, last; /* seq: ends of the time axis */
  double width, height;
  double x, y, plot_width, plot_height;
  GbAxis axis; /* of bytes, in `unit` */
  double unit;
  const char *unit_name;
  GbMemPixel *pixels; /* one per column of the plot */
  guint n_pixels;
  GbMemorySample now;
  guint64 peak_nbytes, peak_seq;
  const GbPosition *peak_position;
  GbMemoryGrowth growth; /* as of the position */
  GArray *list;          /* guint: blocks alive at the position */
  GbColumn columns[GB_MEM_N_COLUMNS];
  GbRowWindow window;
} GbMemLayout;

GbMemLayout *gb_mem_layout_new (GbTraceCursor *cursor, const GbMemOptions *options, const GbDrawContext *ctx);
void gb_mem_layout_free (GbMemLayout *self);
double gb_mem_layout_x (const GbMemLayout *self, guint64 seq);
double gb_mem_layout_y (const GbMemLayout *self, double nbytes);
guint64 gb_mem_layout_seq_at (const GbMemLayout *self, double x, double y); /* 0: outside the plot */
const GbMemoryBlock *gb_mem_layout_block (const GbMemLayout *self, guint row);
void gb_mem_layout_pick (const GbMemLayout *self, guint row, GbPick *pick);
int gb_mem_layout_find (const GbMemLayout *self, const GbPick *pick); /* row, or -1 */
const char *gb_mem_kind_title (GbMemoryKind kind);                    /* translated */

/* The time of an op on top of the stack, or the row of a block in sight; FALSE: it names neither. */
gboolean gb_mem_layout_locate (const GbMemLayout *self, const GbPick *pick, graphene_rect_t *box);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbMemLayout, gb_mem_layout_free)

G_END_DECLS
