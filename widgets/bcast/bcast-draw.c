#include "bcast/bcast-draw.h"

#include <math.h>
#include <string.h>

#include "common/anim.h"
#include "common/i18n.h"

static const GdkRGBA *
role (const GbDrawContext *ctx, GbRole which)
{
  return gb_theme_role (ctx->theme, which);
}

/* Along which of the sheet's two axes (0 rows, 1 columns) its operand is read again. */
static void
stretched_axes (const GbBcastLayout *layout, const GbBcastSheet *sheet, gboolean stretched[2])
{
  const GbBroadcast *m = layout->model;
  gboolean missing;

  for (int k = 0; k < 2; k++)
    {
      int axis = m->ndim - 2 + k;
      stretched[k] = sheet->operand != GB_BCAST_RESULT && m->failing_axis < 0 && axis >= 0
                     && gb_broadcast_is_stretched (m, sheet->operand, axis, &missing);
    }
}

static void
draw_number (const GbBcastLayout *layout,
             const GbBcastSheet *sheet,
             double value,
             GbRole ink,
             double x,
             double y,
             const GbDrawContext *ctx,
             GtkSnapshot *snapshot)
{
  char text[48];

  if (isnan (value))
    ink = GB_ROLE_ERROR;
  if (sheet->has_digits)
    gb_draw_text (ctx, snapshot, isfinite (value) ? GB_FACE_CELL : GB_FACE_CELL_BOLD, ink,
                  gb_number_format (&sheet->format, value, text, sizeof text), x + layout->cell_width / 2,
                  y + layout->cell_height / 2, GB_ALIGN_CENTER);
  else if (isnan (value))
    gb_draw_cross (snapshot, role (ctx, GB_ROLE_ERROR), x + 4, y + 4, layout->cell_width - 8,
                   layout->cell_height - 8);
  else if (isinf (value))
    gb_draw_triangle (snapshot, role (ctx, GB_ROLE_INK), x + layout->cell_width / 2 - 4,
                      y + layout->cell_height / 2 - 4, 8, 8, value > 0);
}

/* Cells of one kind: the real ones, or the ghosts at their way out of the real ones. */
static void
draw_cells (const GbBcastLayout *layout,
            const GbBcastSheet *sheet,
            gboolean ghosts,
            double grown,
            const GbDrawContext *ctx,
            GtkSnapshot *snapshot)
{
  gint64 index[GB_VALUES_MAX_NDIM] = { 0 };
  gboolean stretched[2];
  double w = layout->cell_width, h = layout->cell_height, value;

  stretched_axes (layout, sheet, stretched);
  for (gint64 r = sheet->rows - 1; r >= 0; r--)
    for (gint64 c = sheet->columns - 1; c >= 0; c--)
      {
        gboolean is_ghost = (stretched[0] && r > 0) || (stretched[1] && c > 0);
        double x = sheet->x + (stretched[1] ? c * grown : c) * w;
        double y = sheet->y + (stretched[0] ? r * grown : r) * h;

        if (is_ghost != ghosts)
          continue;
        gb_draw_box (snapshot,
                     role (ctx, ghosts                              ? GB_ROLE_PANEL
                                : sheet->operand == GB_BCAST_RESULT ? GB_ROLE_SURFACE
                                                                    : GB_ROLE_SHARED),
                     role (ctx, ghosts ? GB_ROLE_RULE : GB_ROLE_RULE_STRONG), x, y, w + 1, h + 1, 0, 1);
        gb_bcast_layout_index (layout, sheet, r, c, index);
        if (gb_bcast_layout_value (layout, sheet, index, &value))
          draw_number (layout, sheet, value, ghosts ? GB_ROLE_MUTED : GB_ROLE_INK, x, y, ctx, snapshot);
      }
}

/* "stride 0" beside what is read again. */
static void
draw_stretch (const GbBcastLayout *layout,
              const GbBcastSheet *sheet,
              double grown,
              const GbDrawContext *ctx,
              GtkSnapshot *snapshot)
{
  gboolean stretched[2];
  double w = layout->cell_width, h = layout->cell_height, width, height;

  stretched_axes (layout, sheet, stretched);
  if ((!stretched[0] && !stretched[1]) || grown <= 0)
    return;
  width = (stretched[1] ? 1 + (sheet->columns - 1) * grown : sheet->columns) * w;
  height = (stretched[0] ? 1 + (sheet->rows - 1) * grown : sheet->rows) * h;
  gb_draw_dashed_box (snapshot, role (ctx, GB_ROLE_ACCENT), sheet->x - 1, sheet->y - 1, width + 3, height + 3,
                      0, 1.5);
}

static void
draw_more (const GbBcastLayout *layout,
           const GbBcastSheet *sheet,
           const GbDrawContext *ctx,
           GtkSnapshot *snapshot)
{
  const GbBroadcast *m = layout->model;
  const gint64 *sizes = m->failing_axis >= 0 ? gb_bcast_layout_tensor (layout, sheet)->sizes : m->sizes;
  int ndim = m->failing_axis >= 0 ? gb_bcast_layout_tensor (layout, sheet)->ndim : m->ndim;

  if (ndim >= 1 && sheet->first_column + sheet->columns < sizes[ndim - 1])
    gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_MUTED, "…",
                  sheet->x + sheet->columns * layout->cell_width + 4, sheet->y + layout->cell_height / 2,
                  GB_ALIGN_LEFT);
  if (ndim >= 2 && m->failing_axis < 0 && sheet->first_row + sheet->rows < sizes[ndim - 2])
    gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_MUTED, "⋮", sheet->x + layout->cell_width / 2,
                  sheet->y + sheet->rows * layout->cell_height + 8, GB_ALIGN_CENTER);
}

/* The axis at which the shapes do not meet, along the sheet's own cells. */
static void
draw_failing (const GbBcastLayout *layout,
              const GbBcastSheet *sheet,
              const GbDrawContext *ctx,
              GtkSnapshot *snapshot)
{
  const GbBroadcast *m = layout->model;
  const GbTensor *t = gb_bcast_layout_tensor (layout, sheet);
  int own = m->failing_axis - (m->ndim - t->ndim), from_right = t->ndim - 1 - own;
  const GdkRGBA *error = role (ctx, GB_ROLE_ERROR);
  double w = sheet->columns * layout->cell_width, h = sheet->rows * layout->cell_height;
  char size[32];

  if (m->failing_axis < 0 || own < 0 || from_right > 1)
    return;
  gb_number_count (t->sizes[own], size, sizeof size);
  if (from_right == 0)
    {
      double y = sheet->y + h + 7;
      gb_draw_hline (snapshot, error, sheet->x, sheet->x + w, y, 2);
      gb_draw_vline (snapshot, error, sheet->x + 1, y - 4, y + 4, 2);
      gb_draw_vline (snapshot, error, sheet->x + w - 1, y - 4, y + 4, 2);
      gb_draw_text (ctx, snapshot, GB_FACE_MONO_BOLD, GB_ROLE_ERROR, size, sheet->x + w / 2, y + 13,
                    GB_ALIGN_CENTER);
    }
  else
    {
      double x = sheet->x + w + 7;
      gb_draw_vline (snapshot, error, x, sheet->y, sheet->y + h, 2);
      gb_draw_hline (snapshot, error, x - 4, x + 4, sheet->y + 1, 2);
      gb_draw_hline (snapshot, error, x - 4, x + 4, sheet->y + h - 1, 2);
      gb_draw_text (ctx, snapshot, GB_FACE_MONO_BOLD, GB_ROLE_ERROR, size, x + 6, sheet->y + h / 2,
                    GB_ALIGN_LEFT);
    }
}

static void
draw_sheet (const GbBcastLayout *layout,
            const GbBcastSheet *sheet,
            const GbDrawContext *ctx,
            GtkSnapshot *snapshot)
{
  double grown = gb_ease (layout->t * 3 - 1),
         shown = sheet->operand == GB_BCAST_RESULT ? gb_ease (layout->t * 3 - 2) : 1;

  if (sheet->before && shown > 0)
    gb_draw_text (ctx, snapshot, GB_FACE_FORMULA, GB_ROLE_MUTED, sheet->before, sheet->x - 18,
                  sheet->y + sheet->rows * layout->cell_height / 2, GB_ALIGN_CENTER);
  gb_draw_text_rgba (ctx, snapshot, GB_FACE_MONO_BOLD, role (ctx, GB_ROLE_INK), sheet->title, sheet->x,
                     sheet->y - 24, GB_ALIGN_LEFT, MAX (sheet->columns * layout->cell_width + 20, 60));
  gb_draw_text (ctx, snapshot, GB_FACE_CELL, GB_ROLE_MUTED, sheet->shape, sheet->x, sheet->y - 9,
                GB_ALIGN_LEFT);
  if (shown <= 0)
    return;
  if (shown < 1)
    gtk_snapshot_push_opacity (snapshot, shown);
  if (grown > 0)
    draw_cells (layout, sheet, TRUE, grown, ctx, snapshot);
  draw_cells (layout, sheet, FALSE, grown, ctx, snapshot);
  draw_stretch (layout, sheet, grown, ctx, snapshot);
  draw_more (layout, sheet, ctx, snapshot);
  draw_failing (layout, sheet, ctx, snapshot);
  if (shown < 1)
    gtk_snapshot_pop (snapshot);
}

static void
draw_scrub (const GbBcastLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  static const char *const phases[] = { N_ ("align"), N_ ("stretch"), N_ ("combine") };
  double x = layout->scrub_x, y = layout->scrub_y, third = layout->scrub_width / 3;

  if (layout->scrub_width <= 0 || (ctx->options & GB_DRAW_STATIC))
    return;
  gb_draw_hline (snapshot, role (ctx, GB_ROLE_RULE_STRONG), x, x + 3 * third, y, 2);
  gb_draw_hline (snapshot, role (ctx, GB_ROLE_ACCENT), x, x + layout->t * 3 * third, y, 3);
  for (int k = 0; k <= 3; k++)
    gb_draw_vline (snapshot, role (ctx, GB_ROLE_RULE_STRONG), x + k * third, y - 4, y + 4, 1);
  for (int k = 0; k < 3; k++)
    gb_draw_text (ctx, snapshot, GB_FACE_SMALL, layout->t * 3 > k ? GB_ROLE_INK : GB_ROLE_MUTED,
                  _ (phases[k]), x + (k + 0.5) * third, y - 10, GB_ALIGN_CENTER);
  gb_draw_box (snapshot, role (ctx, GB_ROLE_SURFACE), role (ctx, GB_ROLE_ACCENT),
               x + layout->t * 3 * third - 6, y - 6, 12, 12, 6, 2.5);
}

/* Two operands and a result as they will look, faintly. */
static void
draw_ghost (const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  double cell = CLAMP (ctx->width / 22, 12, 30), x = ctx->width / 2 - cell * 7,
         y = ctx->height / 2 - cell * 1.5;

  gtk_snapshot_push_opacity (snapshot, 0.3);
  for (int k = 0; k < 3; k++)
    for (int r = 0; r < 3; r++)
      for (int c = 0; c < 4; c++)
        {
          gboolean real = k == 2 || (k == 0 ? c == 0 : r == 0);
          gb_draw_box (snapshot, role (ctx, real ? GB_ROLE_SHARED : GB_ROLE_SURFACE),
                       role (ctx, GB_ROLE_RULE_STRONG), x + k * cell * 5 + c * cell, y + r * cell, cell + 1,
                       cell + 1, 0, real ? 1 : 0.5f);
        }
  gtk_snapshot_pop (snapshot);
  gb_draw_empty (ctx, snapshot, _ ("Add two tensors."));
}

void
gb_bcast_draw (const GbBcastLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  double y;

  if (layout->model == NULL)
    {
      draw_ghost (ctx, snapshot);
      return;
    }
  gb_draw_text_rgba (ctx, snapshot, GB_FACE_MONO_BOLD, role (ctx, GB_ROLE_INK), layout->headline,
                     layout->shapes_x, 14, GB_ALIGN_LEFT, layout->width - 2 * layout->shapes_x);
  gb_aligned_shapes_draw (layout->shapes, layout->t, ctx, snapshot, layout->shapes_x, layout->shapes_y);
  y = layout->text_y;
  if (layout->text_width > 0)
    y += gb_draw_paragraph (ctx, snapshot, GB_FACE_SMALL, layout->shapes->fails ? GB_ROLE_ERROR : GB_ROLE_MUTED,
                            layout->sentence, layout->text_x, y, layout->text_width);
  if (!layout->has_elements && layout->text_width > 0)
    gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_INK,
                  _ ("The result has no elements: one of its sizes is 0."), layout->text_x, y + 12,
                  GB_ALIGN_LEFT);
  for (guint i = 0; i < layout->n_sheets; i++)
    draw_sheet (layout, &layout->sheets[i], ctx, snapshot);
  draw_scrub (layout, ctx, snapshot);
}

/* ---- overlay ---- */

char *
gb_bcast_arithmetic (const GbBcastLayout *layout, const gint64 *index)
{
  const GbBroadcast *m = layout->model;
  g_autoptr (GString) text = g_string_new (NULL);
  const GbBcastSheet *result = layout->n_sheets ? &layout->sheets[layout->n_sheets - 1] : NULL;
  double value;
  char digits[48];

  if (result == NULL || !m->has_output || m->failing_axis >= 0)
    return NULL;
  g_autofree char *name = gb_bcast_layout_element (layout, result, index);
  const char *sign =
      m->n_operands == 2 && strcmp (result->before, "=") == 0 ? layout->sheets[1].before : NULL;
  g_autoptr (GString) numbers = g_string_new (NULL);
  gboolean known = sign != NULL;

  g_string_append_printf (text, "%s = ", name);
  if (sign == NULL && m->n_operands > 1)
    g_string_append_printf (text, "%s (", m->op_name);
  for (guint i = 0; i < m->n_operands; i++)
    {
      g_autofree char *element = gb_bcast_layout_element (layout, &layout->sheets[i], index);
      const char *before = i == 0 ? "" : sign ? sign : ",";
      g_string_append_printf (text, "%s%s%s%s", i && sign ? " " : "", before, i ? " " : "", element);
      known = known && gb_bcast_layout_value (layout, &layout->sheets[i], index, &value);
      if (known)
        {
          const char *form = i == 0 ? "%s%s" : value < 0 ? " %s (%s)" : " %s %s";
          gb_number_text (value, 4, digits, sizeof digits);
          g_string_append_printf (numbers, form, before, digits);
        }
    }
  if (sign == NULL && m->n_operands > 1)
    g_string_append_c (text, ')');
  if (known)
    g_string_append_printf (text, " = %s", numbers->str);
  if (gb_bcast_layout_value (layout, result, index, &value))
    g_string_append_printf (text, " = %s", gb_number_text (value, 4, digits, sizeof digits));
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* Whether the cell of the sheet is what a pick speaks of. */
static gboolean
is_lit (const GbBcastLayout *layout, const GbBcastSheet *sheet, const gint64 *index, const GbPick *pick)
{
  const GbBroadcast *m = layout->model;
  gint64 own[GB_VALUES_MAX_NDIM] = { 0 };

  if (!(pick->facets & GB_PICK_ELEMENT))
    return FALSE;
  if (m->failing_axis >= 0)
    {
      const GbTensor *t = gb_bcast_layout_tensor (layout, sheet);
      return pick->tensor == t->tensor && memcmp (pick->index, index, sizeof (gint64) * (gsize) t->ndim) == 0;
    }
  if (m->has_output && pick->tensor == m->output.tensor && pick->ndim == m->ndim)
    return memcmp (pick->index, index, sizeof (gint64) * (gsize) m->ndim) == 0;
  for (guint i = 0; i < m->n_operands; i++)
    if (pick->tensor == m->operands[i].tensor.tensor && pick->ndim == m->operands[i].tensor.ndim)
      {
        gb_broadcast_source (m, i, index, own);
        if (memcmp (own, pick->index, sizeof (gint64) * (gsize) pick->ndim) == 0)
          return sheet->operand == i || sheet->operand == GB_BCAST_RESULT;
      }
  return FALSE;
}

void
gb_bcast_draw_overlay (const GbBcastLayout *layout,
                       GbSelection *selection,
                       const GbDrawContext *ctx,
                       GtkSnapshot *snapshot)
{
  const GbPick *pick = gb_selection_get_current (selection);
  gint64 index[GB_VALUES_MAX_NDIM] = { 0 };
  g_autofree char *line = NULL;

  if (layout->model == NULL || layout->n_sheets == 0)
    return;
  if (layout->t >= 1)
    for (guint i = 0; i < layout->n_sheets; i++)
      for (gint64 r = 0; r < layout->sheets[i].rows; r++)
        for (gint64 c = 0; c < layout->sheets[i].columns; c++)
          {
            const GbBcastSheet *sheet = &layout->sheets[i];
            gb_bcast_layout_index (layout, sheet, r, c, index);
            if (is_lit (layout, sheet, index, pick))
              gb_draw_selection (ctx, snapshot, sheet->x + c * layout->cell_width,
                                 sheet->y + r * layout->cell_height, layout->cell_width + 1,
                                 layout->cell_height + 1);
          }
  if (layout->line_y <= 0)
    return;
  if (!gb_bcast_layout_picked (layout, pick, index))
    memcpy (index, layout->index, sizeof index);
  line = gb_bcast_arithmetic (layout, index);
  if (line)
    gb_draw_text_rgba (ctx, snapshot, GB_FACE_MONO, role (ctx, GB_ROLE_INK), line, layout->shapes_x,
                       layout->line_y, GB_ALIGN_LEFT, layout->width - 2 * layout->shapes_x);
}
