#include "table/table-layout.h"

#include <float.h>
#include <math.h>

#include "common/i18n.h"

#define PAD     14
#define TABS    30
#define HEADER  56 /* tabs, then titles */
#define FOOTER  6
#define SAMPLED 2048 /* rows that the format of a column is chosen by */

void
gb_table_layout_free (GbTableLayout *self)
{
  if (self == NULL)
    return;
  gb_table_free (self->table);
  for (guint i = 0; i < GB_TABLE_MAX_COLUMNS; i++)
    g_free (self->titles[i]);
  g_free (self);
}

const char *
gb_table_translate (const char *msgid)
{
  return _ (msgid);
}

const char *
gb_table_kind_title (GbTableKind kind)
{
  switch (kind)
    {
    case GB_TABLE_LOGS:
      return _ ("Logged values");
    case GB_TABLE_PARAMS:
      return _ ("Parameters");
    case GB_TABLE_OPS:
      return _ ("Ops");
    case GB_TABLE_TENSORS:
      return _ ("Tensors");
    case GB_N_TABLES:
      break;
    }
  return "";
}

int
gb_table_layout_best (GbTrace *trace)
{
  static const GbTableKind by_interest[] = { GB_TABLE_LOGS, GB_TABLE_PARAMS, GB_TABLE_OPS, GB_TABLE_TENSORS };

  for (guint i = 0; i < G_N_ELEMENTS (by_interest); i++)
    if (gb_table_count (trace, by_interest[i]))
      return by_interest[i];
  return -1;
}

static void
layout_place_tabs (GbTableLayout *self, GbTrace *trace, const GbDrawContext *ctx)
{
  double x = PAD;

  for (int kind = 0; kind < GB_N_TABLES; kind++)
    {
      guint n = gb_table_count (trace, (GbTableKind) kind);
      GbTableTab *tab = &self->tabs[self->n_tabs];
      if (n == 0)
        continue;
      *tab = (GbTableTab){ .x = x, .kind = (GbTableKind) kind, .n_rows = n };
      tab->width = gb_draw_text_width (ctx, GB_FACE_UI_BOLD, gb_table_kind_title ((GbTableKind) kind)) + 4;
      x += tab->width + 16;
      self->n_tabs++;
    }
}

/* Numbers of a column share their decimals, so that points stand below each other. */
static void
layout_choose_format (GbTableLayout *self, guint column)
{
  const GbTableColumn *it = &self->table->columns[column];
  guint n = self->table->n_rows, step = MAX (1, n / SAMPLED);
  g_autoptr (GArray) values = g_array_new (FALSE, FALSE, sizeof (double));
  char exponent[24];

  for (guint i = 0; i < n && it->numbers; i += step)
    if (g_array_index (it->numbers, double, i) != GB_TABLE_NOTHING)
      g_array_append_val (values, g_array_index (it->numbers, double, i));
  self->formats[column] =
      gb_number_format_for ((const double *) values->data, values->len, 4, it->kind != GB_CELL_NUMBER, FALSE);
  gb_number_format_exponent (&self->formats[column], exponent, sizeof exponent);
  self->titles[column] =
      g_strdup_printf ("%s%s%s", it->is_name ? it->title : _ (it->title), exponent[0] ? " " : "", exponent);
}

const char *
gb_table_layout_text (const GbTableLayout *self, guint row, guint column, char *buffer, gsize nbytes)
{
  const char *text = gb_table_text (self->table, row, column);
  double value = gb_table_number (self->table, row, column);

  if (text)
    return text;
  if (value == GB_TABLE_NOTHING)
    return "";
  switch (self->table->columns[column].kind)
    {
    case GB_CELL_TEXT:
      break;
    case GB_CELL_NUMBER:
      return gb_number_format (&self->formats[column], value, buffer, nbytes);
    case GB_CELL_COUNT:
      return gb_number_count ((gint64) value, buffer, nbytes);
    case GB_CELL_TIME:
      return gb_number_duration ((guint64) value, buffer, nbytes);
    case GB_CELL_BYTES:
      return gb_number_bytes ((guint64) value, buffer, nbytes);
    }
  return "";
}

/* As wide as the widest of its cells, of those that are looked at. */
static double
column_need (const GbTableLayout *self, guint column, const GbDrawContext *ctx)
{
  gboolean is_text = self->table->columns[column].texts != NULL;
  guint n = self->table->n_rows, step = MAX (1, n / 64);
  double width = gb_draw_text_width (ctx, GB_FACE_SMALL_BOLD, self->titles[column]) + 10;
  char buffer[64];

  for (guint i = 0; i < n; i += step)
    width = MAX (width, gb_draw_text_width (ctx, is_text ? GB_FACE_UI : GB_FACE_CELL,
                                            gb_table_layout_text (self, i, column, buffer, sizeof buffer)));
  return CLAMP (width + 4, 34, is_text ? (column ? 110 : 150) : 110);
}

static void
layout_fit_columns (GbTableLayout *self, const GbDrawContext *ctx)
{
  double used = 0;
  const GbTable *table = self->table;

  for (guint c = 0; c < table->n_columns; c++)
    {
      layout_choose_format (self, c);
      self->columns[c] = (GbColumn){ .title = self->titles[c],
                                     .least = column_need (self, c, ctx),
                                     .align = table->columns[c].texts ? GB_ALIGN_LEFT : GB_ALIGN_RIGHT,
                                     .drop = (int) c };
      used += self->columns[c].least + 14;
    }
  /* What is left over stands at the right: numbers far from each other are hard to read across.  Only where
   * names had to be cut does the first column take it. */
  double width = MIN (self->width - 2 * PAD, MAX (used, 240) + 60);
  if (table->n_columns)
    self->columns[0].grow = table->columns[0].texts ? 1 : 0;
  gb_columns_fit (self->columns, table->n_columns, PAD, width);
}

/* The row of the cursor's iteration, or the last before it, comes into sight. */
static void
layout_follow (GbTableLayout *self)
{
  const GArray *iterations = self->table->picks;
  guint at = 0;

  while (at + 1 < iterations->len && g_array_index (iterations, guint64, at + 1) <= self->iteration)
    at++;
  gb_row_window_reveal (&self->window, at);
}

GbTableLayout *
gb_table_layout_new (GbTraceCursor *cursor,
                     GbTable *table,
                     const GbTableOptions *options,
                     const GbDrawContext *ctx)
{
  GbTableLayout *self = g_new0 (GbTableLayout, 1);
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);

  self->width = ctx->width;
  self->height = ctx->height;
  self->options = *options;
  self->iteration = gb_trace_cursor_get_iteration (cursor);
  layout_place_tabs (self, trace, ctx);
  if (self->options.kind < 0 || gb_table_count (trace, (GbTableKind) self->options.kind) == 0)
    {
      self->options.kind = gb_table_layout_best (trace);
      self->options.sorted = -1;
    }
  if (table && (self->options.kind < 0 || table->kind != (GbTableKind) self->options.kind))
    g_clear_pointer (&table, gb_table_free);
  if (self->options.kind < 0)
    return self;
  self->table =
      table ? table
            : gb_table_new (trace, gb_trace_cursor_get_position (cursor), (GbTableKind) self->options.kind);
  if (self->options.sorted >= (int) self->table->n_columns)
    self->options.sorted = -1;
  /* Nobody asks for the first op of a program, but for the one that takes the time. */
  if (self->options.sorted < 0 && self->table->kind == GB_TABLE_OPS)
    {
      self->options.sorted = 3;
      self->options.descending = TRUE;
    }
  if (self->options.sorted >= 0)
    gb_table_sort (self->table, (guint) self->options.sorted, self->options.descending);
  layout_fit_columns (self, ctx);
  self->window.first_row = self->options.first_row;
  gb_row_window_place (&self->window, self->table->n_rows, HEADER, ctx->height - HEADER - FOOTER);
  if (self->table->kind == GB_TABLE_LOGS && !self->table->is_curve && self->options.sorted < 0 && !self->options.stays)
    layout_follow (self);
  self->options.first_row = self->window.first_row;
  return self;
}

int
gb_table_layout_tab_at (const GbTableLayout *self, double x, double y)
{
  if (y < 2 || y > TABS - 2)
    return -1;
  for (guint i = 0; i < self->n_tabs; i++)
    if (x >= self->tabs[i].x - 6 && x < self->tabs[i].x + self->tabs[i].width + 6)
      return (int) self->tabs[i].kind;
  return -1;
}

int
gb_table_layout_title_at (const GbTableLayout *self, double x, double y)
{
  return self->table && y >= TABS && y < HEADER ? gb_columns_at (self->columns, self->table->n_columns, x)
                                                : -1;
}
