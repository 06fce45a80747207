#include "common/aligned-shapes.h"

#include <math.h>
#include <string.h>

#include "common/anim.h"
#include "common/i18n.h"
#include "common/number-format.h"

#define HEADER     18
#define ROW        40
#define ROW_STRIDE 52 /* with strides below */
#define COLUMN     72
#define COLUMN_MIN 34
#define MOST_UNITS 12 /* lengths up to it are drawn unit by unit */

void
gb_aligned_shapes_free (GbAlignedShapes *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (self->labels); i++)
    g_free (self->labels[i]);
  g_free (self);
}

/* ---- what the sizes say ---- */

static void
fill_row (GbAlignedShapes *self, guint row, const GbAlignedOperand *operand, int marked)
{
  int lead = self->ndim - operand->ndim;

  for (int axis = 0; axis < self->ndim; axis++)
    {
      GbAlignedCell *cell = &self->cells[row][axis];
      *cell = (GbAlignedCell){ .exists = axis >= lead, .size = 1 };
      if (!cell->exists)
        continue;
      cell->size = operand->sizes[axis - lead];
      cell->has_stride = operand->strides != NULL;
      cell->stride = operand->strides ? operand->strides[axis - lead] : 0;
      cell->fails = marked >= 0 && axis - lead == marked;
    }
}

/* Broadcasting: lengths of an axis are equal or 1. */
static void
apply_rule (GbAlignedShapes *self)
{
  for (int axis = 0; axis < self->ndim; axis++)
    {
      gint64 length = 1;
      for (guint i = 0; i < self->n_rows; i++)
        {
          gint64 size = self->cells[i][axis].size;
          self->fails_at[axis] |= size != 1 && length != 1 && size != length;
          length = size == 1 ? length : length == 1 ? size : MAX (size, length);
        }
      self->result[axis] = length;
      self->fails |= self->fails_at[axis];
      for (guint i = 0; i < self->n_rows; i++)
        {
          GbAlignedCell *cell = &self->cells[i][axis];
          cell->fails = self->fails_at[axis] && cell->exists && cell->size != 1;
          cell->stretched = !self->fails_at[axis] && cell->size == 1 && (length != 1 || !cell->exists);
        }
    }
}

static void
take_marks (GbAlignedShapes *self)
{
  for (int axis = 0; axis < self->ndim; axis++)
    for (guint i = 0; i < self->n_rows; i++)
      if (self->cells[i][axis].fails)
        self->fails_at[axis] = self->fails = TRUE;
}

GbAlignedShapes *
gb_aligned_shapes_new (const GbAlignedOperand *operands,
                       guint n,
                       const GbAlignedMarks *marks,
                       const char *result_label,
                       const GbDrawContext *ctx,
                       double max_width)
{
  GbAlignedShapes *self = g_new0 (GbAlignedShapes, 1);
  double room;

  self->n_rows = MIN (n, GB_ALIGNED_MOST_ROWS);
  for (guint i = 0; i < self->n_rows; i++)
    self->ndim = MAX (self->ndim, MIN (operands[i].ndim, GB_ALIGNED_MOST_AXES));
  for (guint i = 0; i < self->n_rows; i++)
    {
      GbAlignedOperand operand = operands[i];
      if (operand.ndim > self->ndim)
        operand = (GbAlignedOperand){ operand.label, 0, NULL, NULL };
      fill_row (self, i, &operand, marks ? marks->axis[i] : -1);
      self->labels[i] = g_strdup (operand.label);
      self->has_strides |= operand.strides != NULL;
      self->label_width = MAX (self->label_width, gb_draw_text_width (ctx, GB_FACE_MONO_BOLD, operand.label));
    }
  if (marks)
    take_marks (self);
  else
    apply_rule (self);
  self->has_result = result_label != NULL && marks == NULL;
  if (self->has_result)
    {
      self->labels[GB_ALIGNED_MOST_ROWS] = g_strdup (result_label);
      self->label_width = MAX (self->label_width, gb_draw_text_width (ctx, GB_FACE_MONO_BOLD, result_label));
    }
  for (int axis = 0; axis < self->ndim; axis++)
    for (guint i = 0; i < self->n_rows; i++)
      self->longest[axis] = MAX (MAX (self->longest[axis], self->cells[i][axis].size), self->result[axis]);
  self->label_width = MIN (self->label_width, MAX (max_width * 0.35, 40)) + 14;
  room = max_width - self->label_width;
  self->column_width = self->ndim ? CLAMP (floor (room / self->ndim), COLUMN_MIN, COLUMN) : 0;
  self->row_height = self->has_strides ? ROW_STRIDE : ROW;
  self->width = self->label_width + MAX (self->ndim, 1) * self->column_width;
  self->height = HEADER + self->n_rows * self->row_height + (self->has_result ? 40 : 0);
  return self;
}

double
gb_aligned_shapes_column_x (const GbAlignedShapes *self, int axis)
{
  return self->label_width + axis * self->column_width;
}

/* ---- words ---- */

char *
gb_aligned_shapes_axis_text (const GbAlignedShapes *self, int axis)
{
  g_autoptr (GString) who = g_string_new (NULL);
  gint64 sizes[2] = { 0 };
  guint n = 0;
  gboolean missing = FALSE;

  for (guint i = 0; i < self->n_rows; i++)
    {
      const GbAlignedCell *cell = &self->cells[i][axis];
      if (self->fails_at[axis] ? cell->fails : cell->stretched)
        {
          g_string_append_printf (who, "%s%s", who->len ? ", " : "", self->labels[i]);
          if (n < 2)
            sizes[n] = cell->size;
          n++;
          missing |= !cell->exists;
        }
    }
  if (n == 0)
    return NULL;
  if (self->fails_at[axis] && n >= 2)
    return g_strdup_printf (_ ("axis %d: %ld and %ld do not meet, neither is 1"), axis, sizes[0], sizes[1]);
  if (self->fails_at[axis])
    return g_strdup_printf (_ ("axis %d: %ld does not fit"), axis, sizes[0]);
  if (missing)
    return g_strdup_printf (_ ("axis %d: %s has none, it is read %ld times"), axis, who->str,
                            self->result[axis]);
  return g_strdup_printf (_ ("axis %d: 1 of %s stretched to %ld"), axis, who->str, self->result[axis]);
}

char *
gb_aligned_shapes_sentence (const GbAlignedShapes *self)
{
  gboolean stretched = FALSE;

  for (int axis = self->ndim - 1; axis >= 0; axis--)
    {
      gint64 sizes[2] = { 0 };
      guint n = 0;
      for (guint i = 0; i < self->n_rows; i++)
        {
          if (self->cells[i][axis].fails && n < 2)
            sizes[n++] = self->cells[i][axis].size;
          stretched |= self->cells[i][axis].stretched;
        }
      if (!self->fails_at[axis] || n < 2)
        continue;
      if (axis == self->ndim - 1)
        return g_strdup_printf (_ ("These shapes meet at the last axis: %ld and %ld. Neither is 1."),
                                sizes[0], sizes[1]);
      return g_strdup_printf (_ ("These shapes meet at axis %d: %ld and %ld. Neither is 1."), axis, sizes[0],
                              sizes[1]);
    }
  if (stretched)
    return g_strdup (
        _ ("Right-aligned. A 1 (or a missing axis) is read again with stride 0; nothing is copied."));
  return g_strdup (_ ("The shapes are the same: nothing is stretched."));
}

/* ---- the picture ---- */

static const GdkRGBA *
role (const GbDrawContext *ctx, GbRole which)
{
  return gb_theme_role (ctx->theme, which);
}

/* A length to scale within its axis: what exists solid, what is read again as a ghost that grows. */
static void
draw_bar (const GbAlignedShapes *self,
          const GbAlignedCell *cell,
          int axis,
          double grown,
          const GbDrawContext *ctx,
          GtkSnapshot *snapshot,
          double x,
          double y)
{
  double full = self->column_width - 14, longest = (double) MAX (self->longest[axis], 1);
  double unit = full / longest, solid = cell->exists ? MAX (cell->size * unit, cell->size ? 3 : 0) : 0;
  const GdkRGBA *line = role (ctx, cell->fails ? GB_ROLE_ERROR : GB_ROLE_RULE_STRONG);

  if (solid > 0)
    gb_draw_box (snapshot, role (ctx, cell->fails ? GB_ROLE_SURFACE : GB_ROLE_SHARED), line, x, y, solid, 8,
                 0, cell->fails ? 1.5 : 1);
  if (cell->size > 1 && cell->size <= MOST_UNITS && unit >= 4)
    for (gint64 i = 1; i < cell->size; i++)
      gb_draw_vline (snapshot, line, x + i * unit, y, y + 8, 1);
  if (cell->stretched && grown > 0 && full * grown > solid + 2)
    {
      gb_draw_dashed_box (snapshot, role (ctx, GB_ROLE_ACCENT), x + solid, y, full * grown - solid, 8, 0, 1);
      if (self->result[axis] <= MOST_UNITS && unit >= 4)
        for (gint64 i = 1; i * unit < full * grown - 1; i++)
          if (i * unit > solid + 1)
            gb_draw_dashed_line (snapshot, role (ctx, GB_ROLE_ACCENT), x + i * unit, y, x + i * unit, y + 8,
                                 1, 2, 2);
    }
}

static void
draw_cell (const GbAlignedShapes *self,
           const GbAlignedCell *cell,
           int axis,
           double grown,
           const GbDrawContext *ctx,
           GtkSnapshot *snapshot,
           double x,
           double y)
{
  char size[32], text[64];
  double middle = x + self->column_width / 2 - 3;

  if (!cell->exists && (!cell->stretched || grown <= 0))
    return;
  gb_number_count (cell->size, size, sizeof size);
  if (cell->fails)
    {
      double width = gb_draw_text_width (ctx, GB_FACE_MONO_BOLD, size);
      gb_draw_text (ctx, snapshot, GB_FACE_MONO_BOLD, GB_ROLE_ERROR, size, middle, y + 10, GB_ALIGN_CENTER);
      gb_draw_cross (snapshot, role (ctx, GB_ROLE_ERROR), middle + width / 2 + 6, y + 6, 8, 8);
    }
  else
    {
      g_snprintf (text, sizeof text, cell->exists ? "%s" : "(%s)", size);
      gb_draw_text (ctx, snapshot, cell->exists ? GB_FACE_MONO_BOLD : GB_FACE_MONO,
                    !cell->exists                  ? GB_ROLE_MUTED
                    : cell->stretched && grown > 0 ? GB_ROLE_ACCENT
                                                   : GB_ROLE_INK,
                    text, middle, y + 10, GB_ALIGN_CENTER);
    }
  draw_bar (self, cell, axis, grown, ctx, snapshot, x + 4, y + 20);
  if (!self->has_strides)
    return;
  if (cell->stretched && grown > 0.5)
    g_strlcpy (text, self->column_width >= 60 ? "stride 0" : "0", sizeof text);
  else if (!cell->exists || !cell->has_stride)
    return;
  else
    g_snprintf (text, sizeof text, self->column_width >= 60 ? "stride %ld" : "%ld", cell->stride);
  gb_draw_text (ctx, snapshot, GB_FACE_GUTTER,
                cell->stretched && grown > 0.5 ? GB_ROLE_ACCENT : GB_ROLE_MUTED, text, middle, y + 36,
                GB_ALIGN_CENTER);
}

static void
draw_result (const GbAlignedShapes *self,
             double shown,
             const GbDrawContext *ctx,
             GtkSnapshot *snapshot,
             double x,
             double y)
{
  char size[32];

  gb_draw_hline (snapshot, role (ctx, GB_ROLE_RULE_STRONG), x, x + self->width - 6, y, 1.5);
  if (shown <= 0)
    return;
  gtk_snapshot_push_opacity (snapshot, shown);
  gb_draw_text_rgba (ctx, snapshot, GB_FACE_MONO_BOLD, role (ctx, GB_ROLE_INK),
                     self->labels[GB_ALIGNED_MOST_ROWS], x, y + 16, GB_ALIGN_LEFT, self->label_width - 10);
  for (int axis = 0; axis < self->ndim; axis++)
    {
      double middle = x + gb_aligned_shapes_column_x (self, axis) + self->column_width / 2 - 3;
      gb_number_count (self->result[axis], size, sizeof size);
      if (self->fails_at[axis])
        {
          gb_draw_box (snapshot, NULL, role (ctx, GB_ROLE_ERROR), middle - 11, y + 5, 22, 22, 3, 1.5);
          gb_draw_cross (snapshot, role (ctx, GB_ROLE_ERROR), middle - 5, y + 11, 10, 10);
        }
      else
        gb_draw_text (ctx, snapshot, GB_FACE_MONO_BOLD, self->fails ? GB_ROLE_MUTED : GB_ROLE_INK, size,
                      middle, y + 16, GB_ALIGN_CENTER);
    }
  if (self->ndim == 0)
    gb_draw_text (ctx, snapshot, GB_FACE_UI, GB_ROLE_INK, _ ("scalar"), x + self->label_width, y + 16,
                  GB_ALIGN_LEFT);
  gtk_snapshot_pop (snapshot);
}

void
gb_aligned_shapes_draw (const GbAlignedShapes *self,
                        double t,
                        const GbDrawContext *ctx,
                        GtkSnapshot *snapshot,
                        double x,
                        double y)
{
  double aligned = gb_ease (t * 3), grown = gb_ease (t * 3 - 1), shown = gb_ease (t * 3 - 2);
  char text[32];

  for (int axis = 0; axis < self->ndim; axis++)
    {
      double left = x + gb_aligned_shapes_column_x (self, axis);
      if (self->fails_at[axis])
        gb_draw_box (snapshot, NULL, role (ctx, GB_ROLE_ERROR), left, y + HEADER - 2, self->column_width - 6,
                     self->n_rows * self->row_height, 4, 1.5);
      g_snprintf (text, sizeof text, self->column_width >= 50 ? _ ("axis %d") : "%d", axis);
      gb_draw_text (ctx, snapshot, GB_FACE_SMALL, self->fails_at[axis] ? GB_ROLE_ERROR : GB_ROLE_MUTED, text,
                    left + self->column_width / 2 - 3, y + 7, GB_ALIGN_CENTER);
    }
  for (guint i = 0; i < self->n_rows; i++)
    {
      double top = y + HEADER + i * self->row_height, left = 0;
      for (int axis = 0; axis < self->ndim && !self->cells[i][axis].exists; axis++)
        left += self->column_width;
      gb_draw_text_rgba (ctx, snapshot, GB_FACE_MONO_BOLD, role (ctx, GB_ROLE_INK), self->labels[i], x,
                         top + 10, GB_ALIGN_LEFT, self->label_width - 10);
      for (int axis = 0; axis < self->ndim; axis++)
        draw_cell (self, &self->cells[i][axis], axis, grown, ctx, snapshot,
                   x + gb_aligned_shapes_column_x (self, axis)
                       - (self->cells[i][axis].exists ? left * (1 - aligned) : 0),
                   top);
      if (self->ndim == 0)
        gb_draw_text (ctx, snapshot, GB_FACE_UI, GB_ROLE_MUTED, _ ("scalar"), x + self->label_width, top + 10,
                      GB_ALIGN_LEFT);
    }
  if (self->has_result)
    draw_result (self, shown, ctx, snapshot, x, y + HEADER + self->n_rows * self->row_height);
}
