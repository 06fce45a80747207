#include "file/file-layout.h"

#include "common/i18n.h"

#define PAD          14
#define HEADER       44 /* of the right part: path, size, titles below */
#define TITLES       24
#define LIST         170
#define ROWS_OF_PICK 65536

void
gb_file_layout_free (GbFileLayout *self)
{
  if (self == NULL)
    return;
  gb_files_free (self->files);
  g_free (self);
}

static void
fit_columns (GbFileLayout *self)
{
  const GbColumn columns[GB_N_FILE_COLUMNS] = {
    [GB_FILE_KEY] = { .title = _ ("key"), .least = 90, .grow = 3 },
    [GB_FILE_TYPE] = { .title = _ ("type"), .least = 60, .grow = 0, .drop = 2 },
    [GB_FILE_SHAPE] = { .title = _ ("shape or value"), .least = 84, .grow = 1 },
    [GB_FILE_BYTES] = { .title = _ ("bytes"), .least = 68, .grow = 0, .align = GB_ALIGN_RIGHT },
    [GB_FILE_NOTE] = { .title = "", .least = 160, .grow = 2, .drop = 3 },
  };

  for (guint i = 0; i < GB_N_FILE_COLUMNS; i++)
    self->columns[i] = columns[i];
  gb_columns_fit (self->columns, GB_N_FILE_COLUMNS, self->x, self->width - self->x - PAD);
}

GbFileLayout *
gb_file_layout_new (GbTraceCursor *cursor, const GbFileOptions *options, const GbDrawContext *ctx)
{
  GbFileLayout *self = g_new0 (GbFileLayout, 1);
  gboolean has_titles;
  double top;

  self->files = gb_files_new (cursor, options->file);
  self->width = ctx->width;
  self->height = ctx->height;
  self->nth = -1;
  if (self->files->files->len == 0)
    return self;
  self->nth = options->file >= 0 && options->file < (int) self->files->files->len
                  ? options->file
                  : (int) self->files->files->len - 1;
  self->file = g_ptr_array_index (self->files->files, self->nth);
  self->list_width = self->files->files->len > 1 && ctx->width >= 520 ? LIST : 0;
  self->x = PAD + (self->list_width > 0 ? self->list_width + PAD : 0);
  if (self->list_width > 0)
    {
      gb_row_window_place (&self->list, self->files->files->len, 30, ctx->height - 36);
      gb_row_window_reveal (&self->list, (guint) self->nth);
    }
  has_titles = self->file->entries->len > 0;
  top = HEADER + (has_titles ? TITLES : 6);
  self->rows.first_row = options->first_row;
  gb_row_window_place (&self->rows,
                       has_titles          ? self->file->entries->len
                       : self->file->lines ? g_strv_length (self->file->lines)
                                           : 0,
                       top, ctx->height - top - 8);
  fit_columns (self);
  for (guint i = 0; i < self->file->entries->len; i++)
    self->most_nbytes =
        MAX (self->most_nbytes, g_array_index (self->file->entries, GbFileEntry, i).storage_nbytes);
  return self;
}

int
gb_file_layout_file_at (const GbFileLayout *self, double x, double y)
{
  return self->file && self->list_width > 0 && x < PAD + self->list_width ? gb_row_window_at (&self->list, y)
                                                                          : -1;
}

int
gb_file_layout_row_at (const GbFileLayout *self, double x, double y)
{
  return self->file && x >= self->x ? gb_row_window_at (&self->rows, y) : -1;
}

void
gb_file_layout_pick (const GbFileLayout *self, int file, int row, GbPick *pick)
{
  const GbFile *of = g_ptr_array_index (self->files->files, file);

  *pick = (GbPick){ .facets = GB_PICK_PART | (of->pos ? GB_PICK_POSITION : 0),
                    .part = (guint32) (file * ROWS_OF_PICK + CLAMP (row, -1, ROWS_OF_PICK - 2) + 1),
                    .pos = of->pos };
}

gboolean
gb_file_layout_find (const GbFileLayout *self, const GbPick *pick, int *file, int *row)
{
  if (!(pick->facets & GB_PICK_PART) || (pick->facets & GB_PICK_TENSOR)
      || pick->part / ROWS_OF_PICK >= self->files->files->len)
    return FALSE;
  *file = (int) (pick->part / ROWS_OF_PICK);
  *row = (int) (pick->part % ROWS_OF_PICK) - 1;
  return TRUE;
}
