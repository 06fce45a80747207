#include "common/view.h"
#include "models/shown-tensor.h"
#include "models/values-text.h"

/* The numbers that a view is about, as a text to take along. */

static char *
tensor_values (GbView *self, GbValuesForm form, char **name)
{
  GbTraceCursor *cursor = gb_view_get_cursor (self);
  GbSelection *selection = gb_view_get_selection (self);
  const GbPick *pin = gb_selection_get_pin (selection);
  guint64 tensor = pin->facets & GB_PICK_TENSOR ? pin->tensor : gb_shown_tensor (cursor, selection);
  g_autoptr (GbTensorValues) values = tensor
                                          ? gb_tensor_values_new (gb_trace_cursor_get_trace (cursor), tensor,
                                                                  gb_trace_cursor_get_position (cursor))
                                          : NULL;
  if (values)
    *name = g_strdup (values->label);
  return gb_values_text_of_tensor (values, form);
}

char *
gb_view_dup_values (GbView *self, GbValuesForm form, char **name)
{
  *name = NULL;
  if (GB_VIEW_GET_CLASS (self)->values)
    return GB_VIEW_GET_CLASS (self)->values (self, form, name);
  return tensor_values (self, form, name);
}
