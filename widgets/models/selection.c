#include "models/selection.h"

#include <string.h>

struct _GbSelection
{
  GObject parent_instance;
  GbPick hover, pin, compare;
  guint64 tensor;
};

G_DEFINE_FINAL_TYPE (GbSelection, gb_selection, G_TYPE_OBJECT)

static guint changed_signal;

gboolean
gb_pick_equal (const GbPick *a, const GbPick *b)
{
  guint f = a->facets;

  if (f != b->facets)
    return FALSE;
  if ((f & (GB_PICK_TENSOR | GB_PICK_PARAM)) && a->tensor != b->tensor)
    return FALSE;
  if (f & (GB_PICK_ELEMENT | GB_PICK_HEAD))
    {
      if (a->ndim != b->ndim || a->ndim < 0 || a->ndim > GB_PICK_MAX_NDIM)
        return FALSE;
      if (memcmp (a->index, b->index, sizeof (gint64) * a->ndim) != 0)
        return FALSE;
    }
  return (!(f & GB_PICK_ADDRESS) || (a->storage == b->storage && a->address == b->address))
         && (!(f & GB_PICK_OP) || a->call == b->call) && (!(f & GB_PICK_NODE) || a->node == b->node)
         && (!(f & GB_PICK_POSITION) || a->pos == b->pos)
         && (!(f & GB_PICK_ITERATION) || a->iteration == b->iteration)
         && (!(f & GB_PICK_PARAM) || a->param == b->param)
         && (!(f & GB_PICK_SERIES) || a->series == b->series)
         && (!(f & GB_PICK_HEAD) || (a->call_key == b->call_key && a->head == b->head))
         && (!(f & GB_PICK_MODULE) || a->module == b->module)
         && (!(f & GB_PICK_STORAGE) || a->storage == b->storage) && (!(f & GB_PICK_PART) || a->part == b->part)
         && (!(f & GB_PICK_EVENT) || a->event == b->event) && (!(f & GB_PICK_SAMPLE) || a->sample == b->sample);
}

gboolean
gb_pick_same_thing (const GbPick *a, const GbPick *b)
{
  const guint things = GB_PICK_TENSOR | GB_PICK_OP | GB_PICK_NODE | GB_PICK_PARAM | GB_PICK_SERIES | GB_PICK_MODULE
                       | GB_PICK_STORAGE | GB_PICK_EVENT;
  GbPick x = *a, y = *b;

  if ((a->facets | b->facets) & (GB_PICK_ELEMENT | GB_PICK_ADDRESS | GB_PICK_HEAD))
    return FALSE; /* one element is no other */
  x.facets = y.facets = a->facets & b->facets & things;
  return x.facets && gb_pick_equal (&x, &y);
}

static void
gb_selection_class_init (GbSelectionClass *klass)
{
  changed_signal =
      g_signal_new ("changed", GB_TYPE_SELECTION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
gb_selection_init (GbSelection *self)
{
}

GbSelection *
gb_selection_new (void)
{
  return g_object_new (GB_TYPE_SELECTION, NULL);
}

static void
selection_set (GbSelection *self, GbPick *slot, const GbPick *pick)
{
  static const GbPick nothing = { 0 };

  if (pick == NULL)
    pick = &nothing;
  if (gb_pick_equal (slot, pick))
    return;
  *slot = *pick;
  g_signal_emit (self, changed_signal, 0);
}

const GbPick *
gb_selection_get_hover (GbSelection *self)
{
  return &self->hover;
}

const GbPick *
gb_selection_get_pin (GbSelection *self)
{
  return &self->pin;
}

const GbPick *
gb_selection_get_compare (GbSelection *self)
{
  return &self->compare;
}

const GbPick *
gb_selection_get_current (GbSelection *self)
{
  return self->hover.facets ? &self->hover : &self->pin;
}

void
gb_selection_set_hover (GbSelection *self, const GbPick *pick)
{
  g_return_if_fail (GB_IS_SELECTION (self));
  selection_set (self, &self->hover, pick);
}

void
gb_selection_set_pin (GbSelection *self, const GbPick *pick)
{
  g_return_if_fail (GB_IS_SELECTION (self));
  selection_set (self, &self->pin, pick);
}

void
gb_selection_set_compare (GbSelection *self, const GbPick *pick)
{
  g_return_if_fail (GB_IS_SELECTION (self));
  selection_set (self, &self->compare, pick);
}

guint64
gb_selection_get_tensor (GbSelection *self)
{
  return self->tensor;
}

void
gb_selection_set_tensor (GbSelection *self, guint64 tensor)
{
  g_return_if_fail (GB_IS_SELECTION (self));
  if (self->tensor == tensor)
    return;
  self->tensor = tensor;
  g_signal_emit (self, changed_signal, 0);
}
