#include "table/table-draw.h"

#include <float.h>
#include <math.h>

#include "common/i18n.h"

static const GdkRGBA *
role (const GbDrawContext *ctx, GbRole which)
{
  return gb_theme_role (ctx->theme, which);
}

const char *
gb_table_empty_text (void)
{
  return _ ("Run an op, log a value or train a parameter.");
}

static void
draw_ghost (const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  double w = MIN (ctx->width - 60, 380), h = MIN (ctx->height - 60, 168), x = (ctx->width - w) / 2,
         y = (ctx->height - h) / 2;

  gtk_snapshot_push_opacity (snapshot, 0.3);
  for (int r = 0; r <= 7; r++)
    gb_draw_hline (snapshot, role (ctx, r == 1 ? GB_ROLE_INK : GB_ROLE_RULE_STRONG), x, x + w, y + h * r / 7,
                   1);
  for (int r = 1; r < 7; r++)
    for (int c = 0; c < 4; c++)
      gb_draw_fill (snapshot, role (ctx, GB_ROLE_RULE_STRONG), x + w * (c + 0.15) / 4, y + h * (r + 0.4) / 7,
                    w / 4 * (c ? 0.35 : 0.6), 4);
  gtk_snapshot_pop (snapshot);
  gb_draw_empty (ctx, snapshot, gb_table_empty_text ());
}

static void
draw_tabs (const GbTableLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  char count[32];
  double end = 0;

  for (guint i = 0; i < layout->n_tabs; i++)
    {
      const GbTableTab *tab = &layout->tabs[i];
      gboolean chosen = layout->table->kind == tab->kind;
      if (tab->x + tab->width > layout->width)
        return;
      gb_draw_text (ctx, snapshot, chosen ? GB_FACE_UI_BOLD : GB_FACE_UI,
                    chosen ? GB_ROLE_INK : GB_ROLE_MUTED, gb_table_kind_title (tab->kind), tab->x, 14,
                    GB_ALIGN_LEFT);
      if (chosen)
        gb_draw_fill (snapshot, role (ctx, GB_ROLE_INK), tab->x, 25, tab->width - 4, 2);
      end = tab->x + tab->width;
    }
  gb_number_count (layout->table->n_rows, count, sizeof count);
  g_autofree char *rows = g_strdup_printf (ngettext_ ("%s row", "%s rows", layout->table->n_rows), count);
  if (end + gb_draw_text_width (ctx, GB_FACE_SMALL, rows) + 24 < layout->width)
    gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_MUTED, rows, layout->width - 14, 15, GB_ALIGN_RIGHT);
}

static void
draw_cell (const GbTableLayout *layout,
           guint row,
           guint column,
           double y,
           const GbDrawContext *ctx,
           GtkSnapshot *snapshot)
{
  const GbTable *table = layout->table;
  gboolean is_text = table->columns[column].texts != NULL;
  double value = gb_table_number (table, row, column);
  char buffer[64];

  if (!is_text && value == GB_TABLE_NOTHING)
    return;
  gb_columns_draw_text (ctx, snapshot, &layout->columns[column],
                        !is_text      ? GB_FACE_CELL
                        : column == 0 ? GB_FACE_UI
                                      : GB_FACE_SMALL,
                        !is_text && !isfinite (value) ? GB_ROLE_ERROR
                        : column == 0 || !is_text     ? GB_ROLE_INK
                                                      : GB_ROLE_MUTED,
                        gb_table_layout_text (layout, row, column, buffer, sizeof buffer), y);
}

/* The row where everybody looks: the iteration of the cursor. */
static gboolean
is_now (const GbTableLayout *layout, guint row)
{
  return layout->table->kind == GB_TABLE_LOGS && !layout->table->is_curve
         && g_array_index (layout->table->picks, guint64, row) == layout->iteration;
}

void
gb_table_draw (const GbTableLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbRowWindow *window = &layout->window;
  const GbTable *table = layout->table;
  double right = 14;
  guint n_shown = 0;

  if (table == NULL)
    {
      draw_ghost (ctx, snapshot);
      return;
    }
  draw_tabs (layout, ctx, snapshot);
  gb_columns_draw_head (ctx, snapshot, layout->columns, table->n_columns, 43, layout->options.sorted,
                        layout->options.descending);
  for (guint c = 0; c < table->n_columns; c++)
    if (layout->columns[c].width > 0)
      {
        right = layout->columns[c].x + layout->columns[c].width;
        n_shown++;
      }
  gtk_snapshot_push_clip (snapshot, &GRAPHENE_RECT_INIT (0, (float) window->y, (float) layout->width,
                                                         (float) MAX (window->height, 0)));
  for (guint i = 0; i < window->shown; i++)
    {
      guint row = gb_table_row (table, window->first_row + i);
      double top = gb_row_window_y (window, window->first_row + i);
      if (is_now (layout, row))
        gb_draw_fill (snapshot, role (ctx, GB_ROLE_ACCENT), 6, top + 3, 3, GB_ROW_HEIGHT - 6);
      for (guint c = 0; c < table->n_columns; c++)
        draw_cell (layout, row, c, top + GB_ROW_HEIGHT / 2.0, ctx, snapshot);
      gb_draw_hline (snapshot, role (ctx, GB_ROLE_RULE), 14, right, top + GB_ROW_HEIGHT, 1);
    }
  gtk_snapshot_pop (snapshot);
  if (n_shown < table->n_columns)
    {
      g_autofree char *more =
          g_strdup_printf (ngettext_ ("%u more column", "%u more columns", table->n_columns - n_shown),
                           table->n_columns - n_shown);
      if (right + gb_draw_text_width (ctx, GB_FACE_SMALL, more) + 24 < layout->width)
        gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_MUTED, more, layout->width - 14, 43,
                      GB_ALIGN_RIGHT);
    }
  gb_row_window_draw_bar (window, ctx, snapshot);
}

char *
gb_table_row_text (const GbTableLayout *layout, guint row)
{
  GString *out = g_string_new (NULL);
  char buffer[64];

  for (guint c = 0; c < layout->table->n_columns; c++)
    {
      const char *text = gb_table_layout_text (layout, row, c, buffer, sizeof buffer);
      if (text[0] == 0)
        continue;
      if (c == 0 && layout->table->columns[0].texts)
        g_string_append (out, text);
      else
        g_string_append_printf (out, "%s%s %s", out->len ? ", " : "", layout->titles[c], text);
    }
  return g_string_free (out, FALSE);
}

/* ---- overlay ---- */
static gboolean
in_sight (const GbTableLayout *layout, int at)
{
  return at >= (int) layout->window.first_row && at < (int) (layout->window.first_row + layout->window.shown);
}

/* The whole row in a tip: also what found no room. */
static void
draw_row_tip (const GbTableLayout *layout, guint at, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  guint row = gb_table_row (layout->table, at);
  char buffer[64];

  for (guint c = 0; c < layout->table->n_columns; c++)
    {
      const char *text = gb_table_layout_text (layout, row, c, buffer, sizeof buffer);
      if (text[0])
        g_ptr_array_add (lines, g_strdup_printf ("%s\t%s", layout->titles[c], text));
    }
  gb_draw_tip (ctx, snapshot, layout->columns[0].x + layout->columns[0].width + 60,
               gb_row_window_y (&layout->window, at) + GB_ROW_HEIGHT / 2.0,
               (const char *const *) lines->pdata, lines->len);
}

void
gb_table_draw_overlay (const GbTableLayout *layout,
                       GbSelection *selection,
                       const GbDrawContext *ctx,
                       GtkSnapshot *snapshot)
{
  int pinned, hovered;

  if (layout->table == NULL)
    return;
  pinned = gb_table_find (layout->table, gb_selection_get_pin (selection));
  hovered = gb_table_find (layout->table, gb_selection_get_hover (selection));
  if (in_sight (layout, pinned))
    gb_draw_box (snapshot, NULL, role (ctx, GB_ROLE_ACCENT), 4,
                 gb_row_window_y (&layout->window, (guint) pinned), layout->width - 14, GB_ROW_HEIGHT, 4, 2);
  if (!in_sight (layout, hovered))
    return;
  gb_draw_box (snapshot, NULL, role (ctx, GB_ROLE_RULE_STRONG), 4,
               gb_row_window_y (&layout->window, (guint) hovered), layout->width - 14, GB_ROW_HEIGHT, 4, 1);
  if (!(ctx->options & GB_DRAW_STATIC) && layout->columns[layout->table->n_columns - 1].width <= 0)
    draw_row_tip (layout, (guint) hovered, ctx, snapshot);
}
