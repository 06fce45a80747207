#include "file/file-draw.h"

#include <string.h>

#include "common/i18n.h"
#include "common/number-format.h"

static const GdkRGBA *
role (const GbDrawContext *ctx, GbRole which)
{
  return gb_theme_role (ctx->theme, which);
}

static const char *
empty_text (void)
{
  return _ ("No file yet: torch.save, torch.load, or a file that the program reads.");
}

static const GbFileEntry *
entry_at (const GbFile *file, guint row)
{
  return &g_array_index (file->entries, GbFileEntry, row);
}

static const char *
verb_of (const GbFile *file)
{
  return file->verb == GB_FILE_SAVED ? _ ("saved") : file->verb == GB_FILE_LOADED ? _ ("loaded") : _ ("read");
}

static const char *
name_of (const GbFile *file)
{
  return file->path[0] ? gb_file_name (file) : _ ("in memory");
}

/* ---- words ---- */

/* What is remarkable about an entry; owned, NULL: nothing. */
static char *
dup_note (const GbFileEntry *entry)
{
  char bytes[32];

  if (entry->state == GB_KEY_MISSING)
    return g_strdup (_ ("missing in the file"));
  if (entry->state == GB_KEY_UNEXPECTED)
    return g_strdup (_ ("unexpected: not in the net"));
  if (entry->is_far)
    return g_strdup_printf (_ ("▲ was on %s"), entry->place);
  if (entry->is_shared)
    return g_strdup_printf (_ ("shares storage %d"), entry->storage);
  if (entry->shape && entry->storage_nbytes > entry->nbytes)
    return g_strdup_printf (_ ("▲ its whole storage: %s"),
                            gb_number_bytes ((guint64) entry->storage_nbytes, bytes, sizeof bytes));
  return NULL;
}

char *
gb_file_row_text (const GbFile *file, guint row)
{
  const GbFileEntry *entry;
  g_autofree char *note = NULL;
  GString *text;
  char bytes[32];

  if (row >= file->entries->len)
    return g_strdup_printf (_ ("line %u: %s"), row + 1,
                            file->lines && row < g_strv_length (file->lines) ? file->lines[row] : "");
  entry = entry_at (file, row);
  note = dup_note (entry);
  text = g_string_new (entry->key);
  g_string_append_printf (text, ": %s", entry->type);
  if (entry->shape)
    g_string_append_printf (text, ", %s, %s", entry->shape[0] ? entry->shape : _ ("scalar"),
                            gb_number_bytes ((guint64) entry->nbytes, bytes, sizeof bytes));
  else if (entry->value)
    g_string_append_printf (text, ", %s", entry->value);
  if (note)
    g_string_append_printf (text, ", %s", note);
  return g_string_free (text, FALSE);
}

char *
gb_file_sentence (const GbFile *file)
{
  char bytes[32];
  g_autofree char *what = NULL;

  if (file == NULL)
    return g_strdup (empty_text ());
  gb_number_bytes (file->nbytes, bytes, sizeof bytes);
  if (file->verb == GB_FILE_READ)
    what = g_strdup_printf (_ ("%s, %s: %s."), name_of (file), verb_of (file), bytes);
  else
    what = g_strdup_printf (ngettext_ ("%s, %s: %u tensor, %s.", "%s, %s: %u tensors, %s.", file->n_tensors),
                            name_of (file), verb_of (file), file->n_tensors, bytes);
  if (file->n_missing || file->n_unexpected)
    return g_strdup_printf (_ ("%s Beside the net: %u keys missing, %u unexpected."), what, file->n_missing,
                            file->n_unexpected);
  return g_steal_pointer (&what);
}

/* ---- the list ---- */

static void
draw_list (const GbFileLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  static const char *const glyphs[] = { "↓", "↑", "·" };

  gb_draw_text (ctx, snapshot, GB_FACE_SMALL_BOLD, GB_ROLE_MUTED, _ ("files"), 14, 16, GB_ALIGN_LEFT);
  gtk_snapshot_push_clip (snapshot,
                          &GRAPHENE_RECT_INIT (0, (float) layout->list.y, (float) (14 + layout->list_width),
                                               (float) MAX (layout->list.height, 0)));
  for (guint i = 0; i < layout->list.shown; i++)
    {
      guint nth = layout->list.first_row + i;
      const GbFile *file = g_ptr_array_index (layout->files->files, nth);
      double y = gb_row_window_y (&layout->list, nth) + GB_ROW_HEIGHT / 2;
      gboolean chosen = (int) nth == layout->nth;
      char bytes[32];
      double wide;
      if (chosen)
        gb_draw_box (snapshot, role (ctx, GB_ROLE_PANEL), role (ctx, GB_ROLE_RULE_STRONG), 8,
                     y - GB_ROW_HEIGHT / 2 + 1, layout->list_width + 4, GB_ROW_HEIGHT - 2, 4, 1);
      gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_MUTED, glyphs[file->verb], 16, y, GB_ALIGN_LEFT);
      wide = gb_draw_text (ctx, snapshot, GB_FACE_GUTTER, GB_ROLE_MUTED,
                           gb_number_bytes (file->nbytes, bytes, sizeof bytes), layout->list_width + 6, y,
                           GB_ALIGN_RIGHT);
      gb_draw_text_rgba (ctx, snapshot, chosen ? GB_FACE_SMALL_BOLD : GB_FACE_SMALL, role (ctx, GB_ROLE_INK),
                         name_of (file), 32, y, GB_ALIGN_LEFT, MAX (layout->list_width - 36 - wide, 1));
    }
  gtk_snapshot_pop (snapshot);
  gb_draw_vline (snapshot, role (ctx, GB_ROLE_RULE), layout->x - 8, 10, layout->height - 10, 1);
}

/* ---- the right part ---- */

static void
draw_header (const GbFileLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbFile *file = layout->file;
  g_autofree char *note = NULL;
  char bytes[32], storages[32];

  gb_number_bytes (file->nbytes, bytes, sizeof bytes);
  gb_draw_text_rgba (ctx, snapshot, GB_FACE_UI_BOLD, role (ctx, GB_ROLE_INK),
                     file->path[0] ? file->path : _ ("in memory"), layout->x, 14, GB_ALIGN_LEFT,
                     MAX (layout->width - layout->x - 14, 1));
  if (file->why)
    note = g_strdup_printf ("▲ %s", _ (file->why));
  else if (file->verb == GB_FILE_READ)
    note = g_strdup_printf (file->lines ? _ ("%s, %s") : _ ("%s, %s; its content is not kept"),
                            verb_of (file), bytes);
  else
    note = g_strdup_printf (ngettext_ ("%s, %s; %u tensor, storages of %s; %s",
                                       "%s, %s; %u tensors, storages of %s; %s", file->n_tensors),
                            verb_of (file), bytes, file->n_tensors,
                            gb_number_bytes ((guint64) file->tensor_nbytes, storages, sizeof storages),
                            file->format);
  gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL, role (ctx, file->why ? GB_ROLE_WARNING : GB_ROLE_MUTED), note, layout->x,
                     33, GB_ALIGN_LEFT, MAX (layout->width - layout->x - 14, 1));
}

/* The storage as long as it is beside the largest; of it, what the entry itself needs. */
static void
draw_bar (const GbFileLayout *layout,
          const GbFileEntry *entry,
          double y,
          const GbDrawContext *ctx,
          GtkSnapshot *snapshot)
{
  const GbColumn *column = &layout->columns[GB_FILE_NOTE];
  double whole = column->width * (double) entry->storage_nbytes / (double) MAX (layout->most_nbytes, 1);
  double own = column->width * (double) entry->nbytes / (double) MAX (layout->most_nbytes, 1);

  if (column->width <= 0 || entry->is_shared)
    return;
  gb_draw_fill (snapshot, role (ctx, GB_ROLE_SHARED), column->x, y - 4, CLAMP (whole, 1, column->width), 8);
  gb_draw_fill (snapshot, role (ctx, GB_ROLE_FORWARD), column->x, y - 4, CLAMP (own, 1, column->width), 8);
}

static void
draw_entry (const GbFileLayout *layout, guint row, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbFileEntry *entry = entry_at (layout->file, row);
  double y = gb_row_window_y (&layout->rows, row) + GB_ROW_HEIGHT / 2;
  gboolean wrong = entry->state != GB_KEY_PLAIN;
  g_autofree char *note = dup_note (entry);
  g_autofree char *key = g_strconcat (wrong ? "✕ " : "", entry->key, NULL);
  char bytes[32];

  gb_columns_draw_text (ctx, snapshot, &layout->columns[GB_FILE_KEY], GB_FACE_UI,
                        wrong ? GB_ROLE_ERROR : GB_ROLE_INK, key, y);
  gb_columns_draw_text (ctx, snapshot, &layout->columns[GB_FILE_TYPE], GB_FACE_SMALL, GB_ROLE_MUTED,
                        entry->type, y);
  if (entry->shape)
    gb_columns_draw_text (ctx, snapshot, &layout->columns[GB_FILE_SHAPE], GB_FACE_CELL, GB_ROLE_INK,
                          entry->shape[0] ? entry->shape : _ ("scalar"), y);
  else if (entry->value)
    gb_columns_draw_text (ctx, snapshot, &layout->columns[GB_FILE_SHAPE], GB_FACE_CELL, GB_ROLE_INK,
                          entry->value, y);
  if (entry->shape)
    gb_columns_draw_text (ctx, snapshot, &layout->columns[GB_FILE_BYTES], GB_FACE_CELL, GB_ROLE_INK,
                          gb_number_bytes ((guint64) entry->nbytes, bytes, sizeof bytes), y);
  if (note)
    gb_columns_draw_text (ctx, snapshot, &layout->columns[GB_FILE_NOTE], GB_FACE_SMALL,
                          wrong              ? GB_ROLE_ERROR
                          : entry->is_shared ? GB_ROLE_MUTED
                                             : GB_ROLE_WARNING,
                          note, y);
  else if (entry->shape)
    draw_bar (layout, entry, y, ctx, snapshot);
  gb_draw_hline (snapshot, role (ctx, GB_ROLE_RULE), layout->x, layout->width - 14, y + GB_ROW_HEIGHT / 2, 1);
}

static void
draw_line (const GbFileLayout *layout, guint row, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  double y = gb_row_window_y (&layout->rows, row) + GB_ROW_HEIGHT / 2;
  char number[16];

  g_snprintf (number, sizeof number, "%u", row + 1);
  gb_draw_text (ctx, snapshot, GB_FACE_GUTTER, GB_ROLE_MUTED, number, layout->x + 30, y, GB_ALIGN_RIGHT);
  gb_draw_text_rgba (ctx, snapshot, GB_FACE_CELL, role (ctx, GB_ROLE_INK), layout->file->lines[row],
                     layout->x + 40, y, GB_ALIGN_LEFT, MAX (layout->width - layout->x - 54, 1));
}

static void
draw_ghost (const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  double w = MIN (ctx->width - 60, 340), x = (ctx->width - w) / 2, y = MAX (ctx->height / 2 - 84, 6);

  gtk_snapshot_push_opacity (snapshot, 0.3);
  for (int i = 0; i < 4; i++)
    {
      double top = y + i * 20;
      gb_draw_fill (snapshot, role (ctx, GB_ROLE_RULE_STRONG), x, top, 70 + 20 * (i % 3), 5);
      gb_draw_fill (snapshot, role (ctx, GB_ROLE_RULE), x + w * 0.6, top, w * 0.4 * (0.9 - 0.25 * (i % 3)),
                    5);
    }
  gtk_snapshot_pop (snapshot);
  gb_draw_empty (ctx, snapshot, empty_text ());
}

void
gb_file_draw (const GbFileLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  if (layout->file == NULL)
    {
      draw_ghost (ctx, snapshot);
      return;
    }
  if (layout->list_width > 0)
    draw_list (layout, ctx, snapshot);
  draw_header (layout, ctx, snapshot);
  if (layout->file->entries->len)
    gb_columns_draw_head (ctx, snapshot, layout->columns, GB_N_FILE_COLUMNS, 56, -1, FALSE);
  gtk_snapshot_push_clip (snapshot, &GRAPHENE_RECT_INIT ((float) layout->x - 4, (float) layout->rows.y,
                                                         (float) (layout->width - layout->x + 4),
                                                         (float) MAX (layout->rows.height, 0)));
  for (guint i = 0; i < layout->rows.shown; i++)
    if (layout->file->entries->len)
      draw_entry (layout, layout->rows.first_row + i, ctx, snapshot);
    else
      draw_line (layout, layout->rows.first_row + i, ctx, snapshot);
  gtk_snapshot_pop (snapshot);
  gb_row_window_draw_bar (&layout->rows, ctx, snapshot);
}

/* ---- overlay ---- */

static void
draw_frame (const GbFileLayout *layout,
            const GbPick *pick,
            GbRole color,
            double line,
            const GbDrawContext *ctx,
            GtkSnapshot *snapshot)
{
  int file, row;

  if (!gb_file_layout_find (layout, pick, &file, &row) || file != layout->nth
      || row < (int) layout->rows.first_row || row >= (int) (layout->rows.first_row + layout->rows.shown))
    return;
  gb_draw_box (snapshot, NULL, role (ctx, color), layout->x - 4,
               gb_row_window_y (&layout->rows, (guint) row) + 1, layout->width - layout->x - 6,
               GB_ROW_HEIGHT - 2, 3, line);
}

void
gb_file_draw_overlay (const GbFileLayout *layout,
                      GbSelection *selection,
                      const GbDrawContext *ctx,
                      GtkSnapshot *snapshot)
{
  const GbPick *hover = gb_selection_get_hover (selection);
  int file, row;

  if (layout->file == NULL)
    return;
  draw_frame (layout, gb_selection_get_pin (selection), GB_ROLE_ACCENT, 2, ctx, snapshot);
  draw_frame (layout, hover, GB_ROLE_RULE_STRONG, 1, ctx, snapshot);
  if ((ctx->options & GB_DRAW_STATIC) || !gb_file_layout_find (layout, hover, &file, &row)
      || file != layout->nth || row < 0 || row >= (int) layout->rows.n_rows)
    return;
  g_autofree char *text = gb_file_row_text (layout->file, (guint) row);
  const char *lines[] = { text };
  gb_draw_tip (ctx, snapshot, layout->x + 30, gb_row_window_y (&layout->rows, (guint) row) + GB_ROW_HEIGHT,
               lines, 1);
}
