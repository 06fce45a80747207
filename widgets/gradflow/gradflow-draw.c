#include "gradflow/gradflow-draw.h"

#include <math.h>

#include "common/axis.h"
#include "common/i18n.h"
#include "common/number-format.h"

static const GdkRGBA *
role (const GbDrawContext *ctx, GbRole which)
{
  return gb_theme_role (ctx->theme, which);
}

/* The whole matrix as one small surface, scaled without smoothing. */
static void
draw_matrix (const GbGradflowLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbGradientTable *table = layout->table;
  guint n_rows = table->rows->len;
  const GdkRGBA *surface = role (ctx, GB_ROLE_SURFACE);
  guint32 blank = 0xff000000u | (guint32) lround (surface->red * 255) << 16
                  | (guint32) lround (surface->green * 255) << 8 | (guint32) lround (surface->blue * 255);
  g_autofree guint32 *pixels = g_new (guint32, (gsize) n_rows * table->n_columns);

  for (guint r = 0; r < n_rows; r++)
    for (guint c = 0; c < table->n_columns; c++)
      {
        const GbGradientCell *cell = gb_gradient_table_get (table, r, c);
        double tone = gb_gradflow_layout_tone (layout, cell->value);
        pixels[(gsize) r * table->n_columns + c] =
            cell->state == GB_GRADIENT_VALUE ? gb_theme_map_argb (ctx->theme, GB_MAP_EMBER, tone) : blank;
      }
  gb_draw_pixels (snapshot, pixels, table->n_columns, n_rows, layout->x, layout->y, layout->matrix_width,
                  n_rows * layout->row_height);
  for (guint r = 0; layout->gap > 0 && r < n_rows; r++)
    gb_draw_fill (snapshot, surface, layout->x, layout->y + (r + 1) * layout->row_height - layout->gap,
                  layout->matrix_width, layout->gap);
}

/* A word in the middle of a mark, on a patch of surface so that it can be read. */
static void
draw_mark_word (const char *word,
                GbRole color,
                double x,
                double y,
                double width,
                double height,
                const GbDrawContext *ctx,
                GtkSnapshot *snapshot)
{
  double w = gb_draw_text_width (ctx, GB_FACE_GUTTER, word) + 8;

  if (width < w + 16 || height < 11)
    return;
  gb_draw_fill (snapshot, role (ctx, GB_ROLE_SURFACE), x + (width - w) / 2, y + 1, w, height - 2);
  gb_draw_text (ctx, snapshot, GB_FACE_GUTTER, color, word, x + width / 2, y + height / 2, GB_ALIGN_CENTER);
}

static void
draw_run (GbGradientState state,
          double x,
          double y,
          double width,
          double height,
          const GbDrawContext *ctx,
          GtkSnapshot *snapshot)
{
  switch (state)
    {
    case GB_GRADIENT_VALUE: /* all zero */
      gb_draw_fill (snapshot, role (ctx, GB_ROLE_SURFACE), x, y, width, height);
      gb_draw_text (ctx, snapshot, GB_FACE_CELL, GB_ROLE_MUTED, "0", x + width / 2, y + height / 2,
                    GB_ALIGN_CENTER);
      break;
    case GB_GRADIENT_NONE:
      gb_draw_box (snapshot, NULL, role (ctx, GB_ROLE_RULE_STRONG), x, y, width, height, 0, 1);
      gb_draw_diagonal (snapshot, role (ctx, GB_ROLE_RULE_STRONG), x, y, width, height);
      draw_mark_word ("None", GB_ROLE_MUTED, x, y, width, height, ctx, snapshot);
      break;
    case GB_GRADIENT_NONFINITE:
      gb_draw_box (snapshot, NULL, role (ctx, GB_ROLE_ERROR), x, y, width, height, 0, 1);
      gb_draw_cross (snapshot, role (ctx, GB_ROLE_ERROR), x, y, width, height);
      draw_mark_word ("nan", GB_ROLE_ERROR, x, y, width, height, ctx, snapshot);
      break;
    case GB_GRADIENT_UNKNOWN:
      break;
    }
}

/* Marks that need no colour: None, NaN and zero, one mark per run of equal cells. */
static void
draw_marks (const GbGradflowLayout *layout, guint row, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbGradientTable *table = layout->table;
  double y = layout->y + row * layout->row_height, height = layout->row_height - layout->gap;

  for (guint c = 0, end; c < table->n_columns; c = end)
    {
      const GbGradientCell *cell = gb_gradient_table_get (table, row, c);
      gboolean is_zero = cell->state == GB_GRADIENT_VALUE && cell->value == 0;

      end = c + 1;
      if (cell->state == GB_GRADIENT_UNKNOWN || (cell->state == GB_GRADIENT_VALUE && !is_zero))
        continue;
      while (end < table->n_columns && gb_gradient_table_get (table, row, end)->state == cell->state
             && (!is_zero || gb_gradient_table_get (table, row, end)->value == 0))
        end++;
      draw_run (cell->state, gb_gradflow_layout_column_x (layout, c), y, (end - c) * layout->column_width,
                height, ctx, snapshot);
    }
}

static char *
cell_text (const GbGradientCell *cell, char *text, gsize nbytes)
{
  if (cell->state == GB_GRADIENT_VALUE)
    return gb_number_text (cell->value, 3, text, nbytes);
  g_strlcpy (text,
             cell->state == GB_GRADIENT_NONE        ? "None"
             : cell->state == GB_GRADIENT_NONFINITE ? "nan"
                                                    : "",
             nbytes);
  return text;
}

/* Names that find room: alarms always, of the others every so many unless an alarm stands there. */
static gboolean
row_is_named (const GbGradflowLayout *layout, guint r)
{
  const GArray *rows = layout->table->rows;

  if (g_array_index (rows, GbGradientRow, r).alarm != GB_ALARM_NONE)
    return r == 0 || layout->name_stride < 2 || !row_is_named (layout, r - 1);
  if (r % layout->name_stride)
    return FALSE;
  for (guint k = 1; k < layout->name_stride; k++)
    if ((r + k < rows->len && g_array_index (rows, GbGradientRow, r + k).alarm != GB_ALARM_NONE)
        || (r >= k && g_array_index (rows, GbGradientRow, r - k).alarm != GB_ALARM_NONE))
      return FALSE;
  return TRUE;
}

static void
draw_row (const GbGradflowLayout *layout, guint r, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbGradientTable *table = layout->table;
  const GbGradientRow *row = &g_array_index (table->rows, GbGradientRow, r);
  double y = layout->y + r * layout->row_height + (layout->row_height - layout->gap) / 2;
  gboolean alarm = row->alarm != GB_ALARM_NONE;
  GbFace face = alarm ? GB_FACE_SMALL_BOLD : GB_FACE_SMALL;
  double name_width = MIN (gb_draw_text_width (ctx, face, row->name), layout->x - 26);
  char text[32];

  draw_marks (layout, r, ctx, snapshot);
  if (row_is_named (layout, r))
    {
      gb_draw_text_rgba (ctx, snapshot, face, role (ctx, GB_ROLE_INK), row->name, layout->x - 8 - name_width,
                         y, GB_ALIGN_LEFT, name_width + 1);
      gb_draw_text (ctx, snapshot, alarm ? GB_FACE_CELL_BOLD : GB_FACE_CELL, GB_ROLE_INK,
                    cell_text (&row->last, text, sizeof text), layout->value_x, y, GB_ALIGN_RIGHT);
      if (alarm)
        gb_draw_text (ctx, snapshot, GB_FACE_SMALL_BOLD, GB_ROLE_ERROR, "!", layout->x - 14 - name_width, y,
                      GB_ALIGN_CENTER);
    }
  else if (alarm)
    gb_draw_fill (snapshot, role (ctx, GB_ROLE_ERROR), layout->x - 6, y - 1.5, 4, 3);
  for (guint c = 0; layout->has_digits && c < table->n_columns; c++)
    {
      const GbGradientCell *cell = gb_gradient_table_get (table, r, c);
      GdkRGBA color;

      if (cell->state != GB_GRADIENT_VALUE || cell->value == 0)
        continue;
      gb_theme_map (ctx->theme, GB_MAP_EMBER, gb_gradflow_layout_tone (layout, cell->value), &color);
      gb_draw_text_rgba (ctx, snapshot, GB_FACE_CELL, gb_theme_digit_color (&color),
                         cell_text (cell, text, sizeof text), gb_gradflow_layout_column_x (layout, c + 0.5),
                         y, GB_ALIGN_CENTER, 0);
    }
}

static void
draw_axis (const GbGradflowLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbGradientTable *table = layout->table;
  double y = layout->y + table->rows->len * layout->row_height + 8, last_x = -1000;
  GbAxis axis =
      gb_axis_whole ((double) table->first, (double) table->last, (guint) MAX (1, layout->matrix_width / 70));
  char text[32];

  gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_MUTED, _ ("iteration"), layout->x - 8, y,
                GB_ALIGN_RIGHT);
  for (guint i = 0; i <= axis.n_ticks; i++)
    {
      double iteration = i == 0 ? (double) table->first : gb_axis_tick (&axis, i - 1), x;

      if (iteration > table->last || iteration < table->first)
        continue;
      x = gb_gradflow_layout_column_x (layout, (iteration - table->first + 0.5) / table->per_column);
      if (x - last_x < 30)
        continue;
      last_x = x;
      gb_draw_text (ctx, snapshot, GB_FACE_GUTTER, GB_ROLE_MUTED,
                    gb_axis_label (&axis, iteration, text, sizeof text), x, y, GB_ALIGN_CENTER);
    }
}

static void
draw_legend (const GbGradflowLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbAxis axis = { .is_log = TRUE };
  int decades = layout->high_decade - layout->low_decade;
  double width = CLAMP (layout->matrix_width * 0.62, 120, 260), x = layout->x, ticks[16], note_x;
  char texts[16][16];
  const char *labels[16];
  guint n = 0, stride = 1;

  /* As many decades are named as have room. */
  while (stride < (guint) decades && width * stride / decades < 30)
    stride++;
  for (int d = 0; d <= decades && n < 16; d += stride, n++)
    {
      ticks[n] = (double) d / decades;
      labels[n] = gb_axis_label (&axis, pow (10, layout->low_decade + d), texts[n], sizeof texts[n]);
    }
  gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL, role (ctx, GB_ROLE_MUTED),
                     layout->table->what == GB_GRADIENT_NORM ? _ ("norm of grad") : _ ("update / weight"),
                     x - 8, layout->legend_y + 6, GB_ALIGN_RIGHT, 0);
  gb_draw_map_legend (ctx, snapshot, GB_MAP_EMBER, x, layout->legend_y, width, ticks, labels, n);
  note_x = x + width + 22;
  if (note_x + 24 + gb_draw_text_width (ctx, GB_FACE_SMALL, _ ("no grad")) > layout->width)
    return;
  gb_draw_box (snapshot, NULL, role (ctx, GB_ROLE_RULE_STRONG), note_x, layout->legend_y, 14, 12, 0, 1);
  gb_draw_diagonal (snapshot, role (ctx, GB_ROLE_RULE_STRONG), note_x, layout->legend_y, 14, 12);
  note_x += 20
            + gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_MUTED, _ ("no grad"), note_x + 20,
                            layout->legend_y + 6, GB_ALIGN_LEFT);
  if (layout->table->per_column > 1)
    {
      g_autofree char *text =
          g_strdup_printf (_ ("each column: the largest of %lu steps"), layout->table->per_column);
      if (x + width + 26 + gb_draw_text_width (ctx, GB_FACE_SMALL, text) < layout->width)
        gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_MUTED, text, x + width + 22,
                      layout->legend_y + 23, GB_ALIGN_LEFT);
    }
}

const char *
gb_gradflow_empty_text (gboolean has_iterations)
{
  return has_iterations ? _ ("No parameter of a module has had a gradient yet.")
                        : _ ("Call backward() once.");
}

static void
draw_ghost (gboolean has_iterations, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  guint32 pixels[6 * 24];

  for (int r = 0; r < 6; r++)
    for (int c = 0; c < 24; c++)
      pixels[r * 24 + c] = gb_theme_map_argb (ctx->theme, GB_MAP_EMBER,
                                              0.15 + 0.5 * exp (-pow ((c - 14) / 6.0, 2)) - 0.04 * r);
  gtk_snapshot_push_opacity (snapshot, 0.3);
  gb_draw_pixels (snapshot, pixels, 24, 6, 90, 12, MAX (ctx->width - 150, 20), MAX (ctx->height - 80, 20));
  gtk_snapshot_pop (snapshot);
  gb_draw_empty (ctx, snapshot, gb_gradflow_empty_text (has_iterations));
}

void
gb_gradflow_draw (const GbGradflowLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  if (layout->table->rows->len == 0)
    {
      draw_ghost (layout->has_iterations, ctx, snapshot);
      return;
    }
  draw_matrix (layout, ctx, snapshot);
  for (guint r = 0; r < layout->table->rows->len; r++)
    draw_row (layout, r, ctx, snapshot);
  draw_axis (layout, ctx, snapshot);
  if (layout->has_legend)
    draw_legend (layout, ctx, snapshot);
}

char *
gb_gradflow_alarm_text (const GbGradientRow *row)
{
  char text[32];

  gb_number_text (row->last.value, 2, text, sizeof text);
  switch (row->alarm)
    {
    case GB_ALARM_NONE:
      return NULL;
    case GB_ALARM_NONFINITE:
      return g_strdup_printf (_ ("The gradient of %s is not a number."), row->name);
    case GB_ALARM_NO_GRAD:
      return g_strdup_printf (_ ("No gradient has reached %s for %lu steps."), row->name, row->alarm_steps);
    case GB_ALARM_VANISHING:
      return g_strdup_printf (_ ("The gradient of %s is next to nothing: norm %s."), row->name, text);
    case GB_ALARM_EXPLODING:
      return g_strdup_printf (_ ("The gradient of %s has grown to norm %s."), row->name, text);
    }
  return NULL;
}

/* ---- overlay ---- */
static int
row_of_pick (const GbGradflowLayout *layout, const GbPick *pick)
{
  for (guint r = 0; r < layout->table->rows->len; r++)
    {
      const GbGradientRow *row = &g_array_index (layout->table->rows, GbGradientRow, r);
      if (((pick->facets & GB_PICK_PARAM) && row->param == pick->param)
          || (!(pick->facets & GB_PICK_PARAM) && (pick->facets & GB_PICK_TENSOR)
              && row->tensor == pick->tensor))
        return r;
    }
  return -1;
}

/* All layers' numbers of a column, those around the row when there are too many; compare: a pinned column, or
 * -1. */
static GPtrArray *
column_table (const GbGradflowLayout *layout, int column, int row, int compare, guint room)
{
  GPtrArray *lines = g_ptr_array_new_with_free_func (g_free);
  const GbGradientTable *table = layout->table;
  guint n = table->rows->len, first = 0;
  guint64 last = gb_gradflow_layout_iteration (layout, column);
  char text[32];

  if (table->per_column == 1)
    g_ptr_array_add (lines, g_strdup_printf (_ ("iteration %lu"), last));
  else
    g_ptr_array_add (lines, g_strdup_printf (_ ("largest of iterations %lu to %lu"),
                                             table->first + (guint64) column * table->per_column, last));
  if (n > room)
    first = (guint) CLAMP (row - (int) room / 2, 0, (int) (n - room));
  for (guint r = first; r < MIN (n, first + room); r++)
    {
      const char *name = g_array_index (table->rows, GbGradientRow, r).name;
      const GbGradientCell *cell = gb_gradient_table_get (table, r, column);
      const GbGradientCell *other =
          compare >= 0 && compare != column ? gb_gradient_table_get (table, r, compare) : NULL;

      cell_text (cell, text, sizeof text);
      if (other && other->state == GB_GRADIENT_VALUE && cell->state == GB_GRADIENT_VALUE && other->value > 0)
        g_ptr_array_add (lines, g_strdup_printf ("%s\t%s ×%.2g", name, text, cell->value / other->value));
      else
        g_ptr_array_add (lines, g_strdup_printf ("%s\t%s", name, text));
    }
  return lines;
}

static void
draw_column (const GbGradflowLayout *layout,
             int column,
             GbRole which,
             double line,
             const GbDrawContext *ctx,
             GtkSnapshot *snapshot)
{
  gb_draw_box (snapshot, NULL, role (ctx, which), gb_gradflow_layout_column_x (layout, column) - line,
               layout->y - line, MAX (layout->column_width, 3) + 2 * line,
               layout->table->rows->len * layout->row_height - layout->gap + 2 * line, 0, line);
}

static void
draw_row_frame (const GbGradflowLayout *layout,
                int row,
                gboolean with_alarm,
                const GbDrawContext *ctx,
                GtkSnapshot *snapshot)
{
  g_autofree char *alarm = gb_gradflow_alarm_text (&g_array_index (layout->table->rows, GbGradientRow, row));
  const char *lines[] = { alarm };

  gb_draw_box (snapshot, NULL, role (ctx, GB_ROLE_INK), layout->x - 1,
               layout->y + row * layout->row_height - 1, layout->matrix_width + 2,
               layout->row_height - layout->gap + 2, 0, 1);
  if (alarm && with_alarm)
    gb_draw_tip (ctx, snapshot, layout->x, layout->y + (row + 1.2) * layout->row_height, lines, 1);
}

void
gb_gradflow_draw_overlay (const GbGradflowLayout *layout,
                          GbTraceCursor *cursor,
                          GbSelection *selection,
                          const GbDrawContext *ctx,
                          GtkSnapshot *snapshot)
{
  const GbPick *hover = gb_selection_get_hover (selection), *pin = gb_selection_get_pin (selection);
  const GbGradientTable *table = layout->table;
  const GdkRGBA *accent = role (ctx, GB_ROLE_ACCENT);
  guint room = (guint) CLAMP ((ctx->height - 30) / 17, 3, 12);
  int pinned, hovered, shown, row;
  double x;

  if (table->rows->len == 0)
    return;
  pinned = pin->facets & GB_PICK_ITERATION ? gb_gradient_table_column (table, pin->iteration) : -1;
  hovered = hover->facets & GB_PICK_ITERATION ? gb_gradient_table_column (table, hover->iteration) : -1;
  row = row_of_pick (layout, gb_selection_get_current (selection));
  x = ((double) gb_trace_cursor_get_iteration (cursor) - (double) table->first + 1) / table->per_column;
  x = gb_gradflow_layout_column_x (layout, CLAMP (x, 0, (double) table->n_columns));
  gb_draw_vline (snapshot, accent, x + 1, layout->y - 4, layout->y + table->rows->len * layout->row_height,
                 2);
  gb_draw_triangle (snapshot, accent, x - 4, layout->y - 10, 10, 7, FALSE);
  if (row >= 0)
    draw_row_frame (layout, row, hovered < 0 && pinned < 0, ctx, snapshot);
  if (pinned >= 0)
    draw_column (layout, pinned, GB_ROLE_ACCENT, 1.5, ctx, snapshot);
  if (hovered >= 0)
    draw_column (layout, hovered, GB_ROLE_INK, 1, ctx, snapshot);
  shown = hovered >= 0 ? hovered : ctx->options & GB_DRAW_STATIC ? -1 : pinned;
  if (shown >= 0)
    {
      g_autoptr (GPtrArray) lines =
          column_table (layout, shown, MAX (row, 0), hovered >= 0 ? pinned : -1, room);
      gb_draw_tip (ctx, snapshot, gb_gradflow_layout_column_x (layout, shown) + layout->column_width,
                   layout->y + layout->row_height * (MAX (row, 0) + 0.5), (const char *const *) lines->pdata,
                   lines->len);
    }
}
