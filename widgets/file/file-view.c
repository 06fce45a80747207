#include "file/file-view.h"

#include "common/a11y.h"
#include "common/i18n.h"
#include "file/file-draw.h"

#define MOST_ROWS 2000 /* of the list in words */

struct _GbFileView
{
  GbView parent_instance;
  GbFileLayout *layout;
  GbFileOptions options;
};

G_DEFINE_FINAL_TYPE (GbFileView, gb_file_view, GB_TYPE_VIEW)

/* A pin on a file shows it. */
static void
file_update (GbView *view, const GbDrawContext *ctx, guint changes)
{
  GbFileView *self = GB_FILE_VIEW (view);
  const GbPick *pin = gb_selection_get_pin (gb_view_get_selection (view));
  int file, row;

  if (changes & GB_TRACE_CHANGED_RESET)
    self->options = (GbFileOptions){ .file = -1 };
  if (self->layout && gb_file_layout_find (self->layout, pin, &file, &row) && file != self->options.file)
    self->options = (GbFileOptions){ .file = file };
  gb_file_layout_free (self->layout);
  self->layout = gb_file_layout_new (gb_view_get_cursor (view), &self->options, ctx);
  self->options.first_row = self->layout->rows.first_row;
}

static void
file_draw (GbView *view, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  gb_file_draw (GB_FILE_VIEW (view)->layout, ctx, snapshot);
}

static void
file_draw_overlay (GbView *view, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  if (GB_FILE_VIEW (view)->layout)
    gb_file_draw_overlay (GB_FILE_VIEW (view)->layout, gb_view_get_selection (view), ctx, snapshot);
}

static gboolean
file_pick (GbView *view, double x, double y, GbPick *pick)
{
  const GbFileLayout *layout = GB_FILE_VIEW (view)->layout;
  int file = layout ? gb_file_layout_file_at (layout, x, y) : -1;
  int row = layout ? gb_file_layout_row_at (layout, x, y) : -1;

  if (file < 0 && row < 0)
    return FALSE;
  gb_file_layout_pick (layout, file >= 0 ? file : layout->nth, file >= 0 ? -1 : row, pick);
  return TRUE;
}

/* Up and down: entries; left and right: files. */
static gboolean
file_move (GbView *view, GbMove move, const GbPick *from, GbPick *to)
{
  GbFileView *self = GB_FILE_VIEW (view);
  GbFileLayout *layout = self->layout;
  int file, row;

  if (layout == NULL || layout->file == NULL)
    return FALSE;
  if (!gb_file_layout_find (layout, from, &file, &row))
    file = layout->nth, row = -1;
  if (move == GB_MOVE_LEFT || move == GB_MOVE_RIGHT)
    {
      file = CLAMP (file + (move == GB_MOVE_LEFT ? -1 : 1), 0, (int) layout->files->files->len - 1);
      row = -1;
    }
  else
    row = move == GB_MOVE_HOME  ? 0
          : move == GB_MOVE_END ? (int) layout->rows.n_rows - 1
                                : row + (move == GB_MOVE_UP ? -1 : 1);
  row = CLAMP (row, -1, (int) layout->rows.n_rows - 1);
  if (row >= 0 && gb_row_window_reveal (&layout->rows, (guint) row))
    {
      self->options.first_row = layout->rows.first_row;
      gb_view_invalidate (view);
    }
  gb_file_layout_pick (layout, file, row, to);
  return TRUE;
}

static gboolean
file_scroll (GbView *view, double dx, double dy, double x, double y, GdkModifierType state)
{
  GbFileView *self = GB_FILE_VIEW (view);

  if (self->layout == NULL || self->layout->file == NULL
      || !gb_row_window_scroll (&self->layout->rows, dy * 3))
    return FALSE;
  self->options.first_row = self->layout->rows.first_row;
  gb_view_invalidate (view);
  return TRUE;
}

static void
file_rows (GbView *view, GArray *rows)
{
  const GbFileLayout *layout = GB_FILE_VIEW (view)->layout;

  for (guint i = 0; layout && layout->file && i < MIN (layout->rows.n_rows, MOST_ROWS); i++)
    {
      g_autofree char *text = gb_file_row_text (layout->file, i);
      GbPick pick;
      gb_file_layout_pick (layout, layout->nth, (int) i, &pick);
      gb_view_rows_add (rows, &pick, "%s", text);
    }
}

static void
file_fill_menu (GbFileView *self)
{
  g_autoptr (GMenu) menu = g_menu_new ();
  g_menu_append (menu, _ ("List in words (L)"), "view.list");
  gb_view_set_menu (GB_VIEW (self), G_MENU_MODEL (menu));
}

/* What is pinned may be another file: the picture is made anew. */
static void
on_selection_changed (GbFileView *self)
{
  const GbPick *pin = gb_selection_get_pin (gb_view_get_selection (GB_VIEW (self)));
  int file, row;

  if (self->layout && self->layout->file && gb_file_layout_find (self->layout, pin, &file, &row)
      && file != self->layout->nth)
    gb_view_invalidate (GB_VIEW (self));
}

static void
gb_file_view_finalize (GObject *object)
{
  gb_file_layout_free (GB_FILE_VIEW (object)->layout);
  G_OBJECT_CLASS (gb_file_view_parent_class)->finalize (object);
}

static void
gb_file_view_class_init (GbFileViewClass *klass)
{
  GbViewClass *view_class = GB_VIEW_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = gb_file_view_finalize;
  view_class->update = file_update;
  view_class->draw = file_draw;
  view_class->draw_overlay = file_draw_overlay;
  view_class->pick = file_pick;
  view_class->move = file_move;
  view_class->scroll = file_scroll;
  view_class->rows = file_rows;
}

static void
gb_file_view_init (GbFileView *self)
{
  self->options.file = -1;
  file_fill_menu (self);
  g_signal_connect_object (gb_i18n_get_default (), "changed", G_CALLBACK (file_fill_menu), self,
                           G_CONNECT_SWAPPED);
}

/* ---- definition ---- */
static int
file_relevance (GbTraceCursor *cursor)
{
  guint n_archives, n = gb_files_count (cursor, &n_archives);

  return n_archives ? 50 : n ? 24 : 0;
}

static GtkWidget *
file_new_widget (GbTraceCursor *cursor, GbSelection *selection)
{
  GtkWidget *widget = gb_view_new (GB_TYPE_FILE_VIEW, &gb_file_view_def, cursor, selection);

  g_signal_connect_object (selection, "changed", G_CALLBACK (on_selection_changed), widget,
                           G_CONNECT_SWAPPED);
  return widget;
}

static void
file_natural_size (
    GbTraceCursor *cursor, GbSelection *selection, const GbDrawContext *ctx, double *width, double *height)
{
  g_autoptr (GbFiles) files = gb_files_new (cursor, -1);
  const GbFile *last = files->files->len ? g_ptr_array_index (files->files, files->files->len - 1) : NULL;

  *width = 760;
  *height =
      last ? CLAMP (80.0 + GB_ROW_HEIGHT * (last->entries->len ? last->entries->len : 12), 220, 460) : 240;
}

static void
file_draw_static (GbTraceCursor *cursor,
                  GbSelection *selection,
                  const GbDrawContext *ctx,
                  GtkSnapshot *snapshot)
{
  GbFileOptions options = { .file = -1 };
  g_autoptr (GbFileLayout) layout = gb_file_layout_new (cursor, &options, ctx);

  gb_file_draw (layout, ctx, snapshot);
  gb_file_draw_overlay (layout, selection, ctx, snapshot);
}

static char *
file_describe (GbTraceCursor *cursor, GbSelection *selection)
{
  g_autoptr (GbFiles) files = gb_files_new (cursor, -1);
  return gb_file_sentence (files->files->len ? g_ptr_array_index (files->files, files->files->len - 1)
                                             : NULL);
}

const GbViewDef gb_file_view_def = {
  .id = "file",
  .title = N_ ("Files"),
  .summary = N_ (
      "What the program saved, loaded and read: keys, types, shapes, bytes, devices, and what a net misses."),
  .icon_name = "text-x-generic-symbolic",
  .missing = N_ ("No file yet: torch.save, torch.load, or a file that the program reads."),
  .relevance = file_relevance,
  .new_widget = file_new_widget,
  .natural_size = file_natural_size,
  .draw = file_draw_static,
  .describe = file_describe,
};
