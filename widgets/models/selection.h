/* What is looked at, shared by all panes: the thing under the pointer (hover), the thing that stays lit (pinned),
 * and the tensor that element views show (focus).  A pick names as many facets as its maker knows; others ignore
 * what they cannot show. */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

#define GB_PICK_MAX_NDIM 8

typedef enum
{
  GB_PICK_NONE = 0,
  GB_PICK_TENSOR = 1 << 0,    /* tensor */
  GB_PICK_ELEMENT = 1 << 1,   /* index[ndim] of tensor */
  GB_PICK_ADDRESS = 1 << 2,   /* address in storage, elements */
  GB_PICK_OP = 1 << 3,        /* call */
  GB_PICK_NODE = 1 << 4,      /* node */
  GB_PICK_POSITION = 1 << 5,  /* pos: a place in a source */
  GB_PICK_ITERATION = 1 << 6, /* iteration */
  GB_PICK_PARAM = 1 << 7,     /* tensor is this parameter; param: nth of the trace */
  GB_PICK_SERIES = 1 << 8,    /* series: nth log of the trace */
  GB_PICK_HEAD = 1 << 9,      /* call_key, head; with ELEMENT: index = query, key */
  GB_PICK_MODULE = 1 << 10,   /* module */
  GB_PICK_STORAGE = 1 << 11,  /* storage */
  GB_PICK_PART = 1 << 12,     /* part: a bin of a histogram, a bit of a number */
  GB_PICK_EVENT = 1 << 13,    /* event: seq of what the program told (models/events.h) */
  GB_PICK_SAMPLE = 1 << 14,   /* sample of the batch, with HEAD; without it the first */
} GbPickFacets;

typedef struct
{
  guint facets; /* GbPickFacets */
  guint64 tensor, storage, call, node, iteration, call_key, event;
  gint64 address;
  guint32 pos, param, series, head, module, part, sample;
  int ndim;
  gint64 index[GB_PICK_MAX_NDIM];
} GbPick;

gboolean gb_pick_equal (const GbPick *a, const GbPick *b);
/* Both name one thing, and where both do it is the same: the parameter of a cell and the parameter of a row. */
gboolean gb_pick_same_thing (const GbPick *a, const GbPick *b);

#define GB_TYPE_SELECTION (gb_selection_get_type ())
G_DECLARE_FINAL_TYPE (GbSelection, gb_selection, GB, SELECTION, GObject)

/* "changed": hover, pin or focus is another one. */
GbSelection *gb_selection_new (void);
const GbPick *gb_selection_get_hover (GbSelection *self); /* never NULL; facets 0: nothing */
const GbPick *gb_selection_get_pin (GbSelection *self);
const GbPick *gb_selection_get_current (GbSelection *self); /* hover if there is one, else the pin */
void gb_selection_set_hover (GbSelection *self, const GbPick *pick); /* NULL: nothing */
void gb_selection_set_pin (GbSelection *self, const GbPick *pick);
/* Pin again, with K: the second pin to compare with. */
const GbPick *gb_selection_get_compare (GbSelection *self);
void gb_selection_set_compare (GbSelection *self, const GbPick *pick);
/* Tensor that grid, stride and the inspector show; 0: let the view choose.  Follows iterations (see
 * gb_trace_follow_tensor). */
guint64 gb_selection_get_tensor (GbSelection *self);
void gb_selection_set_tensor (GbSelection *self, guint64 tensor);

G_END_DECLS
