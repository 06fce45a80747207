#include "conv/conv-draw.h"

#include <math.h>
#include <string.h>

#include "common/i18n.h"
#include "models/index-map/derivation.h"

#define MOST_TERMS   6
#define MOST_READERS 4096

static const GdkRGBA *
role (const GbDrawContext *ctx, GbRole which)
{
  return gb_theme_role (ctx->theme, which);
}

/* ---- words ---- */

static char *
element_text (const char *label, int ndim, const gint64 *index)
{
  GString *text = g_string_new (label);
  for (int d = 0; d < ndim; d++)
    g_string_append_printf (text, "%s%ld", d ? ", " : "[", index[d]);
  return g_string_free (ndim ? g_string_append_c (text, ']') : text, FALSE);
}

char *
gb_conv_place_text (const GbConvLayout *layout, GbTrace *trace, const gint64 *index)
{
  const GbWindow *w = &layout->window;
  g_autofree char *name = element_text (layout->labels[GB_CONV_OUTPUT], w->output.ndim, index);
  g_autofree char *arithmetic = NULL, *from = NULL;
  gint64 winner[GB_VALUES_MAX_NDIM];
  double value = 0;
  char digits[48];
  const char *why;

  if (gb_conv_winner (layout, index, winner, &value))
    {
      from = element_text (layout->labels[GB_CONV_INPUT], w->input.ndim, winner);
      return g_strdup_printf (_ ("%s = %s, the largest of its window, from %s"), name,
                              gb_number_text (value, 4, digits, sizeof digits), from);
    }
  g_autoptr (GbDerivation) derivation =
      gb_derivation_new (trace, w->output.tensor, w->output.seq, index, &why);
  if (derivation)
    arithmetic = gb_derivation_arithmetic (derivation, trace, MOST_TERMS);
  return arithmetic ? g_strdup_printf ("%s = %s", name, arithmetic) : g_strdup (name);
}

/* Calls func for every place of the result whose window reads an element of the input, in the shown channel.
 */
typedef void (*ReaderFunc) (const GbConvLayout *layout, const gint64 *place, gboolean won, gpointer data);

static void
each_reader (const GbConvLayout *layout, const gint64 *at, ReaderFunc func, gpointer data)
{
  const GbWindow *w = &layout->window;
  gint64 place[GB_VALUES_MAX_NDIM], winner[GB_VALUES_MAX_NDIM];
  guint n = 0;
  double value;

  memcpy (place, layout->index, sizeof place);
  if (w->lead == 2)
    place[0] = at[0];
  if (!w->has_weight && w->lead)
    place[w->lead - 1] = at[w->lead - 1];
  memset (place + w->lead, 0, sizeof (gint64) * (gsize) w->n);
  for (gboolean more = TRUE; more && n < MOST_READERS; n++)
    {
      gboolean reads = TRUE;
      int axis;
      for (axis = 0; axis < w->n && reads; axis++)
        reads = gb_window_reads (w, axis, place[w->lead + axis], at[w->lead + axis]);
      if (reads)
        {
          gboolean won = gb_conv_winner (layout, place, winner, &value)
                         && memcmp (winner, at, sizeof (gint64) * (gsize) w->input.ndim) == 0;
          func (layout, place, won, data);
        }
      /* A place along whose first axis nothing is read has no readers in its whole row. */
      for (axis = w->n - 1; axis >= 0; axis--)
        {
          gint64 next = place[w->lead + axis] + 1, size = w->output.sizes[w->lead + axis];
          while (next < size && !gb_window_reads (w, axis, next, at[w->lead + axis]))
            next++;
          place[w->lead + axis] = next;
          if (next < size)
            break;
          place[w->lead + axis] = 0;
        }
      more = axis >= 0;
    }
}

typedef struct
{
  guint n, won;
} Count;

static void
count_reader (const GbConvLayout *layout, const gint64 *place, gboolean won, gpointer data)
{
  Count *count = data;
  count->n++;
  count->won += won;
}

char *
gb_conv_source_text (const GbConvLayout *layout, const gint64 *index)
{
  g_autofree char *name = element_text (layout->labels[GB_CONV_INPUT], layout->window.input.ndim, index);
  Count count = { 0 };

  each_reader (layout, index, count_reader, &count);
  if (layout->window.kind == GB_WINDOW_LARGEST && layout->values[GB_CONV_INPUT])
    return g_strdup_printf (
        ngettext_ ("%s is read by %u window and is the largest of %u: its gradient comes from there.",
                   "%s is read by %u windows and is the largest of %u: its gradient comes from there.",
                   count.n),
        name, count.n, count.won);
  return g_strdup_printf (
      ngettext_ ("%s is read by %u window of a channel: its gradient comes from there.",
                 "%s is read by %u windows of a channel: its gradient is the sum over them.", count.n),
      name, count.n);
}

/* ---- picture ---- */

static void
draw_padding (const GbConvLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbConvSheet *sheet = &layout->sheets[GB_CONV_INPUT];
  const GbWindow *w = &layout->window;
  int lead = w->lead, n = w->n;
  gint64 rows = n >= 2 ? w->input.sizes[lead + n - 2] : 1, columns = w->input.sizes[lead + n - 1];

  if (sheet->first_row < 0 || sheet->first_column < 0 || sheet->first_row + sheet->cells.rows > rows
      || sheet->first_column + sheet->cells.columns > columns)
    gb_cell_matrix_mark (&sheet->cells, -sheet->first_row, -sheet->first_column, rows, columns,
                         role (ctx, GB_ROLE_INK), 1.5, snapshot);
}

static void
draw_sheet (const GbConvLayout *layout,
            const GbConvSheet *sheet,
            const GbDrawContext *ctx,
            GtkSnapshot *snapshot)
{
  double width = MIN (MAX (sheet->cells.columns * sheet->cells.cell, ctx->width / 3), ctx->width - sheet->cells.x - 4);
  const GbCellMatrix *m = &sheet->cells;
  const char *sign = sheet->part == GB_CONV_OUTPUT ? "=" : sheet->part == GB_CONV_WEIGHT ? "∗" : NULL;

  if (sheet->layout == NULL)
    return;
  if (width < 24)
    return;
  gb_draw_text_rgba (ctx, snapshot, GB_FACE_MONO_BOLD, role (ctx, GB_ROLE_INK), sheet->title, m->x, m->y - 24,
                     GB_ALIGN_LEFT, width);
  gb_draw_text_rgba (ctx, snapshot, GB_FACE_CELL, role (ctx, GB_ROLE_MUTED), sheet->shape, m->x, m->y - 9, GB_ALIGN_LEFT,
                     width);
  if (sign)
    gb_draw_text (ctx, snapshot, GB_FACE_FORMULA, GB_ROLE_MUTED, sign, m->x - 20,
                  m->y + MIN (m->rows * m->cell, 120) / 2, GB_ALIGN_CENTER);
  gtk_snapshot_push_clip (snapshot, &GRAPHENE_RECT_INIT (0, 0, (float) ctx->width, (float) ctx->height));
  gb_cell_matrix_draw (m, ctx, snapshot);
  gtk_snapshot_pop (snapshot);
}

static void
draw_ghost (const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  double cell = CLAMP (ctx->width / 30, 8, 24), x = ctx->width / 2 - cell * 9, y = ctx->height / 2 - cell * 4;

  gtk_snapshot_push_opacity (snapshot, 0.3);
  for (int r = 0; r < 8; r++)
    for (int c = 0; c < 8; c++)
      gb_draw_box (snapshot, role (ctx, r < 3 && c < 3 ? GB_ROLE_SHARED : GB_ROLE_SURFACE),
                   role (ctx, GB_ROLE_RULE_STRONG), x + c * cell, y + r * cell, cell + 1, cell + 1, 0, 1);
  for (int r = 0; r < 6; r++)
    for (int c = 0; c < 6; c++)
      gb_draw_box (snapshot, role (ctx, r == 0 && c == 0 ? GB_ROLE_SHARED : GB_ROLE_SURFACE),
                   role (ctx, GB_ROLE_RULE_STRONG), x + (c + 12) * cell, y + (r + 1) * cell, cell + 1,
                   cell + 1, 0, 1);
  gtk_snapshot_pop (snapshot);
  gb_draw_empty (ctx, snapshot, _ ("Run a convolution or a pool."));
}

void
gb_conv_draw (const GbConvLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  if (layout->is_empty)
    {
      draw_ghost (ctx, snapshot);
      return;
    }
  gb_draw_text_rgba (ctx, snapshot, GB_FACE_MONO_BOLD, role (ctx, GB_ROLE_INK), layout->headline, 16, 14,
                     GB_ALIGN_LEFT, layout->width - 32);
  for (guint i = 0; i < GB_CONV_N_PARTS; i++)
    draw_sheet (layout, &layout->sheets[i], ctx, snapshot);
  draw_padding (layout, ctx, snapshot);
  for (guint i = 0; i < layout->n_lines; i++)
    gb_draw_text_rgba (ctx, snapshot, i < (guint) layout->window.n ? GB_FACE_CELL : GB_FACE_SMALL,
                       role (ctx, i < (guint) layout->window.n ? GB_ROLE_INK : GB_ROLE_MUTED),
                       layout->lines[i], 16, layout->lines_y + i * 17, GB_ALIGN_LEFT, layout->width - 32);
}

/* ---- overlay ---- */

/* The window that a place of the result reads: its frame, its taps, and the one that won. */
static void
draw_window (const GbConvLayout *layout, const gint64 *place, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbWindow *w = &layout->window;
  const GbConvSheet *in = &layout->sheets[GB_CONV_INPUT];
  gint64 first[2] = { 0 }, count[2] = { 1, 1 }, step[2] = { 1, 1 }, winner[GB_VALUES_MAX_NDIM], row, column;
  const GdkRGBA *accent = role (ctx, GB_ROLE_ACCENT);
  double value;

  for (int k = 0; k < 2; k++)
    {
      int axis = w->n - 2 + k;
      if (axis >= 0)
        gb_window_span (w, axis, place[w->lead + axis], &first[k], &count[k], &step[k]);
    }
  row = first[0] - in->first_row;
  column = first[1] - in->first_column;
  if (step[0] > 1 || step[1] > 1)
    for (gint64 r = 0; r < MIN (count[0], 16); r++)
      for (gint64 c = 0; c < MIN (count[1], 16); c++)
        gb_cell_matrix_mark (&in->cells, row + r * step[0], column + c * step[1], 1, 1, accent, 1.5,
                             snapshot);
  gb_cell_matrix_mark (&in->cells, row, column, (count[0] - 1) * step[0] + 1, (count[1] - 1) * step[1] + 1,
                       accent, 2.5, snapshot);
  if (gb_conv_winner (layout, place, winner, &value) && gb_conv_sheet_cell (in, winner, &row, &column))
    gb_cell_matrix_select (&in->cells, row, column, ctx, snapshot);
  if (gb_conv_sheet_cell (&layout->sheets[GB_CONV_OUTPUT], place, &row, &column))
    gb_cell_matrix_select (&layout->sheets[GB_CONV_OUTPUT].cells, row, column, ctx, snapshot);
}

typedef struct
{
  const GbDrawContext *ctx;
  GtkSnapshot *snapshot;
} Canvas;

static void
draw_reader (const GbConvLayout *layout, const gint64 *place, gboolean won, gpointer data)
{
  const GbConvSheet *out = &layout->sheets[GB_CONV_OUTPUT];
  Canvas *canvas = data;
  gint64 row, column;

  if (!gb_conv_sheet_cell (out, place, &row, &column))
    return;
  if (won)
    gb_cell_matrix_select (&out->cells, row, column, canvas->ctx, canvas->snapshot);
  else
    gb_cell_matrix_mark (&out->cells, row, column, 1, 1, role (canvas->ctx, GB_ROLE_BACKWARD), 2,
                         canvas->snapshot);
}

void
gb_conv_draw_overlay (const GbConvLayout *layout,
                      GbTraceCursor *cursor,
                      GbSelection *selection,
                      const GbDrawContext *ctx,
                      GtkSnapshot *snapshot)
{
  const GbPick *pick = gb_selection_get_current (selection);
  gint64 index[GB_VALUES_MAX_NDIM] = { 0 }, row, column;
  g_autofree char *text = NULL;

  if (layout->is_empty)
    return;
  if (gb_conv_layout_source (layout, pick, index))
    {
      Canvas canvas = { ctx, snapshot };
      const GbConvSheet *in = &layout->sheets[GB_CONV_INPUT];
      if (gb_conv_sheet_cell (in, index, &row, &column))
        gb_cell_matrix_select (&in->cells, row, column, ctx, snapshot);
      each_reader (layout, index, draw_reader, &canvas);
      text = gb_conv_source_text (layout, index);
    }
  else
    {
      if (!gb_conv_layout_place (layout, pick, index))
        memcpy (index, layout->index, sizeof index);
      draw_window (layout, index, ctx, snapshot);
      text = gb_conv_place_text (layout, gb_trace_cursor_get_trace (cursor), index);
    }
  gb_draw_text_rgba (ctx, snapshot, GB_FACE_CELL_BOLD, role (ctx, GB_ROLE_INK), text, 16, layout->line_y,
                     GB_ALIGN_LEFT, layout->width - 32);
}
