/* file: the files of a program on the left, what is in the chosen one on the right: entries of an archive, or
 * lines of text. */
#pragma once

#include "common/columns.h"
#include "models/file-model.h"
#include "models/selection.h"

G_BEGIN_DECLS

typedef enum
{
  GB_FILE_KEY,
  GB_FILE_TYPE,
  GB_FILE_SHAPE,
  GB_FILE_BYTES,
  GB_FILE_NOTE,
  GB_N_FILE_COLUMNS,
} GbFileColumn;

typedef struct
{
  int file; /* -1: the latest */
  guint first_row;
} GbFileOptions;

typedef struct
{
  GbFiles *files;
  const GbFile *file; /* that is shown; NULL: there is none */
  int nth;            /* of it */
  double width, height;
  double list_width; /* 0: no room for the list */
  GbRowWindow list, rows;
  GbColumn columns[GB_N_FILE_COLUMNS];
  double x; /* where the right part begins */
  gint64 most_nbytes;
} GbFileLayout;

GbFileLayout *
gb_file_layout_new (GbTraceCursor *cursor, const GbFileOptions *options, const GbDrawContext *ctx);
void gb_file_layout_free (GbFileLayout *self);
/* A file of the list at a point, -1: none. */
int gb_file_layout_file_at (const GbFileLayout *self, double x, double y);
/* A row of the right part, -1: none. */
int gb_file_layout_row_at (const GbFileLayout *self, double x, double y);
/* row -1: the file itself. */
void gb_file_layout_pick (const GbFileLayout *self, int file, int row, GbPick *pick);
/* FALSE: it means no file. */
gboolean gb_file_layout_find (const GbFileLayout *self, const GbPick *pick, int *file, int *row);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbFileLayout, gb_file_layout_free)

G_END_DECLS
