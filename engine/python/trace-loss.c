/* The value that a walk starts from, told as a log of its own: a program that logs nothing has a curve as well.  It is named as
 * the person's variable is; each place that walks has a series, and each iteration one value of it. */
#include "python/trace-private.h"

#include <stdio.h>
#include <string.h>

#define MOST_PLACES 16

typedef struct
{
  uint32_t pos;
  uint32_t name;      /* string id */
  uint64_t iteration; /* that was told last */
} Place;

static Place places[MOST_PLACES];
static int n_places;

typedef struct
{
  const TeTensor *root;
  const char *found;
} Search;

static void
visit (PyObject *name, PyObject *value, void *data)
{
  Search *search = data;
  if (!search->found && te_py_is_tensor (value) && te_py_tensor (value) == search->root)
    search->found = PyUnicode_AsUTF8 (name);
}

static uint32_t
name_of (const TeTensor *root)
{
  Search search = { .root = root };
  te_trace_visit_person_frame (visit, &search);
  PyErr_Clear ();
  uint32_t id = te_recorder_text (te_trace_state.recorder, search.found ? search.found : "loss");
  for (int i = 0; i < n_places; i++)
    if (places[i].name == id)
      {
        char text[128];
        snprintf (text, sizeof text, "%.100s #%d", search.found ? search.found : "loss", n_places + 1);
        return te_recorder_text (te_trace_state.recorder, text);
      }
  return id;
}

static Place *
place_at (uint32_t pos, const TeTensor *root)
{
  for (int i = 0; i < n_places; i++)
    if (places[i].pos == pos)
      return &places[i];
  if (n_places == MOST_PLACES)
    return NULL;
  places[n_places] = (Place){ .pos = pos, .name = name_of (root) };
  return &places[n_places++];
}

void
te_trace_loss (const TeTensor *root)
{
  TeTraceState *s = &te_trace_state;
  if (!te_trace_hears () || !s->program || root->numel != 1 || te_tensor_is_meta (root)
      || te_dtype_info[te_tensor_dtype (root)].category != TE_CATEGORY_FLOAT)
    return;
  uint32_t pos = te_trace_person_position ();
  Place *place = place_at (pos, root);
  if (!place || place->iteration == s->iteration)
    return;
  place->iteration = s->iteration;
  TeRecordLog *record = te_recorder_reserve (s->recorder, TE_RECORD_LOG, sizeof *record);
  if (!record)
    return;
  record->head.flags = TE_WIRE_LOG_UNASKED;
  record->iteration = s->iteration;
  record->value = te_trace_load_element (te_tensor_dtype (root), te_tensor_data (root));
  record->name = place->name;
  record->pos = pos;
  record->x = 0;
  record->over = record->pad = 0;
  te_recorder_commit (s->recorder);
}

void
te_trace_loss_reset (void)
{
  n_places = 0;
}
