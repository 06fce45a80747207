#include "stride/stride-play.h"

#include <string.h>

#include "common/i18n.h"
#include "common/number-format.h"

void
gb_stride_play_take (GbStridePlay *self, const GbTensor *tensor)
{
  int first = MAX (tensor->ndim - GB_PLAY_MOST_AXES, 0);

  self->tensor = tensor->tensor;
  self->ndim = tensor->ndim - first;
  self->offset = tensor->offset;
  for (int d = 0; d < self->ndim; d++)
    {
      self->sizes[d] = MAX (tensor->sizes[first + d], 1);
      self->strides[d] = tensor->strides[first + d];
    }
  self->chosen = 0;
}

int
gb_stride_play_n_sliders (const GbStridePlay *self)
{
  return 1 + 2 * self->ndim;
}

gint64
gb_stride_play_get (const GbStridePlay *self, int slider)
{
  int axis = (slider - 1) / 2;
  return slider == 0 ? self->offset : slider % 2 ? self->sizes[axis] : self->strides[axis];
}

gint64
gb_stride_play_last_address (const GbStridePlay *self)
{
  gint64 last = self->offset;
  for (int d = 0; d < self->ndim; d++)
    last += (self->sizes[d] - 1) * self->strides[d];
  return last;
}

void
gb_stride_play_limits (const GbStridePlay *self, gint64 extent, int slider, gint64 *least, gint64 *most)
{
  int axis = (slider - 1) / 2;
  gint64 room = MAX (extent - 1 - gb_stride_play_last_address (self), 0);

  *least = slider && slider % 2 ? 1 : 0;
  if (slider == 0)
    *most = self->offset + room;
  else if (slider % 2)
    *most = self->strides[axis] == 0 ? GB_PLAY_MOST_SIZE : self->sizes[axis] + room / self->strides[axis];
  else
    *most = self->sizes[axis] > 1 ? self->strides[axis] + room / (self->sizes[axis] - 1) : MAX (extent, 1);
}

void
gb_stride_play_set (GbStridePlay *self, gint64 extent, int slider, gint64 value)
{
  gint64 least, most;
  int axis = (slider - 1) / 2;

  gb_stride_play_limits (self, extent, slider, &least, &most);
  value = CLAMP (value, least, most);
  if (slider == 0)
    self->offset = value;
  else if (slider % 2)
    self->sizes[axis] = value;
  else
    self->strides[axis] = value;
}

gboolean
gb_stride_play_add_axis (GbStridePlay *self)
{
  if (self->ndim == GB_PLAY_MOST_AXES)
    return FALSE;
  self->sizes[self->ndim] = 1;
  self->strides[self->ndim] = 1;
  self->ndim++;
  return TRUE;
}

gboolean
gb_stride_play_remove_axis (GbStridePlay *self)
{
  if (self->ndim == 0)
    return FALSE;
  self->ndim--;
  self->chosen = MIN (self->chosen, gb_stride_play_n_sliders (self) - 1);
  return TRUE;
}

char *
gb_stride_play_name (int slider)
{
  return slider == 0 ? g_strdup ("offset")
                     : g_strdup_printf (slider % 2 ? "size[%d]" : "stride[%d]", (slider - 1) / 2);
}

char *
gb_stride_play_call (const GbStridePlay *self, const char *label)
{
  char sizes[96], strides[96];
  return g_strdup_printf ("torch.as_strided(%s, %s, %s, %ld)", label,
                          gb_shape_tuple (self->ndim, self->sizes, sizes, sizeof sizes),
                          gb_shape_tuple (self->ndim, self->strides, strides, sizeof strides),
                          (long) self->offset);
}

const char *
gb_stride_play_meaning (const GbStridePlay *self)
{
  GbTensor t = { .ndim = self->ndim, .offset = self->offset, .sizes = self->sizes, .strides = self->strides };
  gint64 reach = 1, index[GB_PLAY_MOST_AXES];

  for (int d = 0; d < self->ndim; d++)
    if (self->strides[d] == 0 && self->sizes[d] > 1)
      return N_ ("A stride of 0 reads the same cell again: nothing is copied.");
  if (gb_tensor_is_contiguous (&t))
    return N_ ("One run of memory, row after row: contiguous.");
  /* Axes from the smallest stride on: when one steps less far than those before it reach, cells are read
   * twice. */
  for (int d = 0; d < self->ndim; d++)
    index[d] = d;
  for (int i = 0; i < self->ndim; i++)
    for (int k = i + 1; k < self->ndim; k++)
      if (self->strides[index[k]] < self->strides[index[i]])
        {
          gint64 other = index[i];
          index[i] = index[k];
          index[k] = other;
        }
  for (int i = 0; i < self->ndim; i++)
    {
      if (self->sizes[index[i]] > 1 && self->strides[index[i]] < reach)
        return N_ ("Windows overlap: some cells are read more than once.");
      reach += (self->sizes[index[i]] - 1) * self->strides[index[i]];
    }
  for (int d = 1; d < self->ndim; d++)
    if (self->strides[d - 1] < self->strides[d])
      return N_ ("The first axis steps less far than the last: rows and columns have changed places.");
  return N_ ("Neighbours here are not neighbours in memory: it is read in jumps.");
}
