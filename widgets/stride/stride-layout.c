#include "stride/stride-layout.h"

#include <math.h>
#include <string.h>

#include "common/i18n.h"
#include "core/dtype.h"
#include "core/shape.h"
#include "models/shown-tensor.h"

#define PAD      18
#define TITLE    44 /* of a grid: name, strides, column numbers */
#define GRID_GAP 30
#define ARCS     46
#define ROW_STEP 74
#define BRACKET  19
#define CELL_MAX 100
#define CELL_MIN 27
#define MAX_ROWS 3
#define SLIDER   GB_STRIDE_SLIDER

void
gb_stride_layout_free (GbStrideLayout *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < self->n_owners; i++)
    g_free (self->owners[i].label);
  gb_storage_image_free (self->image);
  g_free (self->call);
  g_free (self);
}

/* The element to explain: the picked one; else one that shows a step along every axis. */
static void
choose_element (GbStrideLayout *self, GbTrace *trace, GbSelection *selection)
{
  const GbPick *pick = gb_selection_get_current (selection);
  const GbTensor *t = &self->tensor;

  for (int d = 0; d < t->ndim; d++)
    self->index[d] = MIN (d == 0 ? 2 : 1, MAX (t->sizes[d] - 1, 0));
  if ((pick->facets & GB_PICK_ELEMENT) && pick->tensor == t->tensor && pick->ndim == t->ndim)
    {
      gboolean inside = TRUE;
      for (int d = 0; d < t->ndim; d++)
        inside = inside && pick->index[d] >= 0 && pick->index[d] < t->sizes[d];
      if (inside)
        memcpy (self->index, pick->index, sizeof (gint64) * t->ndim);
    }
  else if ((pick->facets & GB_PICK_ADDRESS) && pick->storage == t->storage)
    gb_tensor_find_address (t, pick->address, self->index);
  else if (pick->facets & GB_PICK_ELEMENT)
    {
      GbTensor other;
      if (gb_trace_get_tensor (trace, pick->tensor, G_MAXUINT64, &other) && other.storage == t->storage
          && other.ndim == pick->ndim)
        gb_tensor_find_address (t, gb_tensor_address (&other, pick->index), self->index);
    }
  self->address = gb_tensor_address (t, self->index);
}

static void
owner_fill (GbStrideLayout *self, GbStrideOwner *owner, GbTrace *trace, guint64 tensor, guint64 seq)
{
  const GbTensor *t = &owner->tensor;
  gint64 step = 0;

  owner->label = gb_trace_dup_tensor_label (trace, tensor, seq);
  owner->is_contiguous = gb_tensor_is_contiguous (t);
  owner->first_address = t->offset;
  owner->last_address = gb_tensor_last_address (t);
  owner->n_rows = t->ndim >= 2 ? t->sizes[t->ndim - 2] : 1;
  owner->n_columns = t->ndim >= 1 ? t->sizes[t->ndim - 1] : 1;
  for (int d = 0; d < t->ndim; d++)
    if (t->sizes[d] > 1 && t->strides[d] > 0 && (step == 0 || t->strides[d] < step))
      step = t->strides[d];
  owner->step = MAX (step, 1);
  owner->reaches = gb_tensor_find_address (t, self->address, owner->index);
  if (owner == &self->owners[0])
    {
      owner->reaches = TRUE;
      memcpy (owner->index, self->index, sizeof self->index);
    }
}

/* A tensor that was never named and reads what a named one reads says nothing new. */
static gboolean
owner_is_worth_showing (GbTrace *trace, const GbTensor *t, guint64 seq)
{
  const char *name = gb_trace_get_tensor_name (trace, t->tensor, seq);
  return name && name[0];
}

static void
collect_owners (GbStrideLayout *self, GbTrace *trace, guint64 seq)
{
  g_autoptr (GArray) ids = gb_trace_storage_owners (trace, self->tensor.storage, seq);

  self->owners[0].tensor = self->tensor;
  owner_fill (self, &self->owners[self->n_owners++], trace, self->tensor.tensor, seq);
  if (self->play.on)
    {
      self->call = gb_stride_play_call (&self->play, self->owners[0].label);
      g_free (self->owners[0].label);
      self->owners[0].label = g_strdup ("as_strided");
    }
  for (guint i = 0; i < ids->len; i++)
    {
      guint64 id = g_array_index (ids, guint64, i);
      GbTensor t;

      if ((id == self->tensor.tensor && !self->play.on) || !gb_trace_get_tensor (trace, id, seq, &t)
          || t.ndim > GB_VALUES_MAX_NDIM || !owner_is_worth_showing (trace, &t, seq))
        continue;
      if (self->n_owners == GB_STRIDE_MAX_OWNERS)
        {
          self->n_more_owners++;
          continue;
        }
      self->owners[self->n_owners].tensor = t;
      owner_fill (self, &self->owners[self->n_owners++], trace, id, seq);
    }
}

/* From the offset along each axis in turn; single steps while there are few, else one long one. */
static void
make_hops (GbStrideLayout *self)
{
  const GbTensor *t = &self->tensor;
  gint64 at = t->offset, n_single = 0;

  for (int d = 0; d < t->ndim; d++)
    n_single += t->strides[d] ? self->index[d] : 0;
  for (int d = 0; d < t->ndim; d++)
    {
      gboolean single = n_single <= 5;
      gint64 left = t->strides[d] ? self->index[d] : 0;
      while (left > 0 && self->n_hops < GB_STRIDE_MAX_HOPS)
        {
          gint64 count = single ? 1 : left;
          self->hops[self->n_hops++] =
              (GbStrideHop){ at, at + count * t->strides[d], d, count, t->strides[d] };
          at += count * t->strides[d];
          left -= count;
        }
    }
}

/* The window of a grid that holds the element. */
static void
owner_window (GbStrideOwner *owner, gint64 rows, gint64 columns)
{
  const GbTensor *t = &owner->tensor;
  gint64 row = t->ndim >= 2 ? owner->index[t->ndim - 2] : 0,
         column = t->ndim >= 1 ? owner->index[t->ndim - 1] : 0;

  owner->shown_rows = MIN (owner->n_rows, rows);
  owner->shown_columns = MIN (owner->n_columns, columns);
  owner->first_row = CLAMP (row - owner->shown_rows / 2, 0, owner->n_rows - owner->shown_rows);
  owner->first_column = CLAMP (column - owner->shown_columns / 2, 0, owner->n_columns - owner->shown_columns);
}

char *
gb_stride_layout_text (const GbStrideLayout *self, double value, char *text, gsize size)
{
  char digits[48];

  gb_number_format (&self->format, value, digits, sizeof digits);
  g_snprintf (text, size, self->is_complex ? "|%s|" : "%s", digits);
  return text;
}

static double
number_width (const GbStrideLayout *self, const GbDrawContext *ctx)
{
  gsize longest = 1;
  char text[48];

  for (gint64 i = 0; i < MIN (self->image->count, 1024); i++)
    {
      double value;
      if (gb_storage_image_get (self->image, self->image->first + i, &value))
        longest = MAX (longest, strlen (gb_stride_layout_text (self, value, text, sizeof text)));
    }
  memset (text, '0', MIN (longest, 20));
  text[MIN (longest, 20)] = 0;
  return gb_draw_text_width (ctx, GB_FACE_CELL, text) + 12;
}

static double
title_width (const GbStrideOwner *owner, const GbDrawContext *ctx)
{
  char shape[96], strides[96];
  g_autofree char *title = gb_stride_owner_title (owner), *below = NULL;
  double first =
      gb_draw_text_width (ctx, GB_FACE_MONO_BOLD, title) + 14
      + gb_draw_text_width (ctx, GB_FACE_CELL,
                            gb_shape_tuple (owner->tensor.ndim, owner->tensor.sizes, shape, sizeof shape));

  below =
      g_strdup_printf ("%s %s", _ ("strides"),
                       gb_shape_tuple (owner->tensor.ndim, owner->tensor.strides, strides, sizeof strides));
  return MAX (first, gb_draw_text_width (ctx, GB_FACE_CELL, below) + 10
                         + gb_draw_text_width (ctx, GB_FACE_SMALL,
                                               owner->is_contiguous ? _ ("contiguous") : _ ("jumps")));
}

/* "w", or "w[2, 1, :, :]" when the grid shows one sheet of several. */
char *
gb_stride_owner_title (const GbStrideOwner *owner)
{
  GString *text = g_string_new (owner->label);

  if (owner->tensor.ndim > 2)
    {
      g_string_append_c (text, '[');
      for (int d = 0; d < owner->tensor.ndim - 2; d++)
        g_string_append_printf (text, "%ld, ", owner->index[d]);
      g_string_append (text, ":, :]");
    }
  return g_string_free (text, FALSE);
}

static void
place_strip (GbStrideLayout *self, const GbDrawContext *ctx)
{
  double room = self->width - 2 * PAD, wanted = number_width (self, ctx), rows_room, cell;
  gint64 extent = MAX (self->image->extent, 1), fit, rows;

  cell = CLAMP (room / extent, MAX (CELL_MIN, MIN (wanted, 76)), CELL_MAX);
  fit = MAX (1, (gint64) floor (room / cell));
  rows_room = self->height - self->grids_height - ARCS - 30 - BRACKET * MIN (self->n_owners, 4u);
  rows = CLAMP ((gint64) floor (rows_room / ROW_STEP), 1, MAX_ROWS);
  self->per_row = MIN (fit, extent);
  self->cell_width = cell;
  self->cell_height = 32;
  self->row_step = ROW_STEP;
  rows = MIN (rows, (extent + self->per_row - 1) / self->per_row);
  self->n_shown = MIN (extent, rows * self->per_row);
  /* A long storage is shown around the element, its start included when it is near. */
  self->first_address = CLAMP (self->address - self->n_shown / 2, 0, extent - self->n_shown);
  if (self->tensor.offset < self->first_address && self->address - self->tensor.offset < self->n_shown)
    self->first_address = self->tensor.offset;
  self->strip_x =
      PAD + MAX (0, (room - self->per_row * cell) / 2) * (self->per_row * cell < room * 0.6 ? 0 : 1);
  self->strip_y = self->grids_height + ARCS;
  self->brackets_y = self->strip_y + self->cell_height + (rows - 1) * self->row_step + 22;
}

static void
place_grids (GbStrideLayout *self, const GbDrawContext *ctx)
{
  double x = PAD + 22, room, cell = MAX (CELL_MIN, MIN (number_width (self, ctx), 64)), tallest = 0;
  double brackets = BRACKET * MIN (self->n_owners, 4u);
  gint64 rows;

  cell = MAX (cell, 30);
  self->formula_x = self->width >= 560 ? self->width * 0.56 : self->width;
  if (self->play.on && self->width < 560)
    self->formula_x = self->width * 0.45;
  room = self->formula_x < self->width ? self->formula_x - 12 : self->width - PAD;
  rows = (gint64) CLAMP (floor ((self->height - ARCS - ROW_STEP - brackets - TITLE - 10) / 28), 1, 10);
  for (guint i = 0; i < MIN (self->n_owners, GB_STRIDE_MAX_GRIDS); i++)
    {
      GbStrideOwner *owner = &self->owners[i];
      gint64 columns = (gint64) floor ((room - x) / cell);
      double width;

      if (i > 0 && (columns < MIN (owner->n_columns, 3) || x + title_width (owner, ctx) > room))
        break;
      owner_window (owner, rows, CLAMP (columns, 1, 12));
      owner->has_grid = TRUE;
      owner->x = x;
      owner->y = TITLE + 14;
      owner->cell = cell;
      width = MAX (owner->shown_columns * cell, title_width (owner, ctx));
      x += width + GRID_GAP;
      tallest = MAX (tallest, owner->shown_rows * 28.0);
    }
  if (self->play.on)
    {
      self->sliders_x = self->formula_x + 74;
      self->slider_width = MAX (self->width - self->sliders_x - 74, 20);
      self->sliders_y = 84;
      tallest = MAX (tallest, self->sliders_y + gb_stride_play_n_sliders (&self->play) * SLIDER - TITLE - 22);
    }
  self->grids_height = TITLE + 14 + tallest + 8;
}

/* The sliders' view of the shown tensor's storage. */
static void
take_play (GbStrideLayout *self, GbStridePlay *play)
{
  if (play->tensor != self->tensor.tensor)
    gb_stride_play_take (play, &self->tensor);
  self->play = *play;
  self->tensor.ndim = self->play.ndim;
  self->tensor.sizes = self->play.sizes;
  self->tensor.strides = self->play.strides;
  self->tensor.offset = self->play.offset;
}

GbStrideLayout *
gb_stride_layout_new (GbTraceCursor *cursor, GbSelection *selection, const GbDrawContext *ctx)
{
  return gb_stride_layout_new_play (cursor, selection, NULL, ctx);
}

GbStrideLayout *
gb_stride_layout_new_play (GbTraceCursor *cursor, GbSelection *selection, GbStridePlay *play, const GbDrawContext *ctx)
{
  GbStrideLayout *self = g_new0 (GbStrideLayout, 1);
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  guint64 seq = gb_trace_cursor_get_position (cursor), tensor = gb_shown_tensor (cursor, selection);

  self->width = ctx->width;
  self->height = ctx->height;
  self->is_empty = TRUE;
  if (tensor == 0 || !gb_trace_get_tensor (trace, tensor, seq, &self->tensor)
      || self->tensor.ndim > GB_VALUES_MAX_NDIM || gb_tensor_last_address (&self->tensor) < 0)
    return self;
  self->is_empty = FALSE;
  if (play && play->on)
    take_play (self, play);
  self->is_complex = te_dtype_info[self->tensor.dtype].category == TE_CATEGORY_COMPLEX;
  self->is_float = te_dtype_is_floating (self->tensor.dtype) || self->is_complex;
  self->is_bool = self->tensor.dtype == TE_BOOL;
  self->element_nbytes = (guint) te_dtype_nbytes (self->tensor.dtype);
  choose_element (self, trace, selection);
  self->image = gb_storage_image_new (trace, self->tensor.storage, seq, self->address);
  self->format = gb_number_format_for (self->image->values, (gsize) MIN (self->image->count, 4096), 3,
                                       !self->is_float, self->is_bool);
  collect_owners (self, trace, seq);
  make_hops (self);
  place_grids (self, ctx);
  place_strip (self, ctx);
  return self;
}

gboolean
gb_stride_layout_address_place (const GbStrideLayout *self, gint64 address, double *x, double *y)
{
  gint64 at = address - self->first_address;

  if (at < 0 || at >= self->n_shown)
    return FALSE;
  *x = self->strip_x + (at % self->per_row) * self->cell_width;
  *y = self->strip_y + (at / self->per_row) * self->row_step;
  return TRUE;
}

gboolean
gb_stride_layout_cell_place (const GbStrideOwner *owner, gint64 row, gint64 column, double *x, double *y)
{
  row -= owner->first_row;
  column -= owner->first_column;
  if (!owner->has_grid || row < 0 || column < 0 || row >= owner->shown_rows || column >= owner->shown_columns)
    return FALSE;
  *x = owner->x + column * owner->cell;
  *y = owner->y + row * 28;
  return TRUE;
}

gboolean
gb_stride_owner_index (const GbStrideOwner *owner, gint64 row, gint64 column, gint64 *index)
{
  const GbTensor *t = &owner->tensor;

  if (row < 0 || column < 0 || row >= owner->n_rows || column >= owner->n_columns)
    return FALSE;
  memcpy (index, owner->index, sizeof owner->index);
  if (t->ndim >= 2)
    index[t->ndim - 2] = row;
  if (t->ndim >= 1)
    index[t->ndim - 1] = column;
  return TRUE;
}

gboolean
gb_stride_layout_at (const GbStrideLayout *self, double x, double y, GbPick *pick)
{
  gint64 row, column;

  if (self->is_empty)
    return FALSE;
  for (guint i = 0; i < self->n_owners; i++)
    {
      const GbStrideOwner *owner = &self->owners[i];
      if (!owner->has_grid || x < owner->x || y < owner->y)
        continue;
      row = (gint64) ((y - owner->y) / 28);
      column = (gint64) ((x - owner->x) / owner->cell);
      if (row >= owner->shown_rows || column >= owner->shown_columns)
        continue;
      *pick = (GbPick){ .facets = GB_PICK_TENSOR | GB_PICK_ELEMENT | GB_PICK_ADDRESS,
                        .tensor = owner->tensor.tensor,
                        .storage = owner->tensor.storage,
                        .ndim = owner->tensor.ndim };
      gb_stride_owner_index (owner, row + owner->first_row, column + owner->first_column, pick->index);
      pick->address = gb_tensor_address (&owner->tensor, pick->index);
      /* No tensor of the program has this index. */
      if (self->play.on && i == 0)
        pick->facets = GB_PICK_ADDRESS;
      return TRUE;
    }
  if (y < self->strip_y || x < self->strip_x)
    return FALSE;
  row = (gint64) ((y - self->strip_y) / self->row_step);
  column = (gint64) ((x - self->strip_x) / self->cell_width);
  if (column >= self->per_row || row * self->per_row + column >= self->n_shown
      || y - self->strip_y - row * self->row_step > self->cell_height)
    return FALSE;
  *pick = (GbPick){ .facets = GB_PICK_ADDRESS,
                    .storage = self->tensor.storage,
                    .address = self->first_address + row * self->per_row + column };
  return TRUE;
}

int
gb_stride_layout_slider_at (const GbStrideLayout *self, double x, double y)
{
  int slider = (int) floor ((y - self->sliders_y) / SLIDER + 0.5);

  if (self->is_empty || !self->play.on || x < self->sliders_x - 12 || x > self->sliders_x + self->slider_width + 12)
    return -1;
  return slider >= 0 && slider < gb_stride_play_n_sliders (&self->play) ? slider : -1;
}

gint64
gb_stride_layout_slider_value (const GbStrideLayout *self, int slider, double x)
{
  gint64 least, most;
  gb_stride_play_limits (&self->play, self->image->extent, slider, &least, &most);
  return least + (gint64) lround (CLAMP ((x - self->sliders_x) / self->slider_width, 0, 1) * (double) (most - least));
}
