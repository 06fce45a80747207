/* Who holds old graphs alive.  While the number of nodes grows from iteration to iteration, or when after 16,
 * 32 … iterations it is twice what it was (a validation now and then), the person's variables are searched
 * for tensors whose graph is older than the iteration before last; a program whose graphs die costs one
 * comparison an iteration. */
#include "python/trace-private.h"

#include <stdio.h>
#include <string.h>

#define FIRST_SEARCH     4  /* iterations of growth; again at 8, 16 … */
#define FIRST_COMPARISON 16 /* iterations; again at 32, 64 … */
#define LEAST_OLD        3  /* old tensors in a collection */
#define MOST_DEPTH       4
#define MOST_ITEMS       100000
#define MOST_NODES       8192 /* of one chain */
#define PATH_NBYTES      128

static uint64_t last_count, first_count, first_node[3]; /* newest node when the last iterations ended */
static uint64_t lowest_count;
static uint32_t n_growing, n_iterations;

typedef struct
{
  char path[PATH_NBYTES];
  TeTensor *tensor; /* the oldest */
  uint32_t kind, n;
  uint64_t age; /* id of its node */
} Holder;

typedef struct
{
  Holder best;
  uint64_t old; /* nodes up to this id are old */
  bool
      freed; /* and only if a backward() has freed them: without an optimiser iterations may be inner steps */
  const char *path;
  uint32_t n_items;
  /* of the collection under way */
  uint32_t n_old;
  TeTensor *oldest;
} Search;

static TeNode *
node_of (PyObject *value)
{
  TeTensor *tensor = te_py_is_tensor (value) ? te_py_tensor (value) : NULL;
  return tensor && tensor->autograd ? tensor->autograd->grad_fn : NULL;
}

static bool
is_old (const Search *search, const TeNode *node)
{
  return node->id <= search->old && (!search->freed || node->saved_released);
}

/* ---- collections ---- */

static void count_old (Search *search, PyObject *value, int depth);

static void
count_items (Search *search, PyObject *value, int depth)
{
  PyObject *name, *item;
  Py_ssize_t at = 0;
  if (PyList_CheckExact (value) || PyTuple_Check (value))
    for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE (value); i++)
      count_old (search, PySequence_Fast_GET_ITEM (value, i), depth + 1);
  else if (PyDict_Check (value))
    while (PyDict_Next (value, &at, &name, &item))
      count_old (search, item, depth + 1);
  else if (strcmp (Py_TYPE (value)->tp_name, "collections.deque") == 0)
    {
      PyObject *list = PySequence_List (value);
      if (list)
        count_items (search, list, depth);
      PyErr_Clear ();
      Py_XDECREF (list);
    }
}

static void
count_old (Search *search, PyObject *value, int depth)
{
  if (depth > MOST_DEPTH || ++search->n_items > MOST_ITEMS)
    return;
  TeNode *node = node_of (value);
  if (node && is_old (search, node))
    {
      search->n_old++;
      if (!search->oldest || search->oldest->autograd->grad_fn->id > node->id)
        search->oldest = te_py_tensor (value);
    }
  else if (!te_py_is_tensor (value))
    count_items (search, value, depth);
}

static bool
is_collection (PyObject *value)
{
  return PyList_CheckExact (value) || PyTuple_Check (value) || PyDict_Check (value)
         || strcmp (Py_TYPE (value)->tp_name, "collections.deque") == 0;
}

static void
keep_best (Search *search, const char *path, TeTensor *tensor, uint32_t kind, uint32_t n, uint64_t age)
{
  Holder *best = &search->best;
  if (best->tensor && (best->n > n || (best->n == n && best->age <= age)))
    return;
  snprintf (best->path, sizeof best->path, "%s", path);
  best->tensor = tensor;
  best->kind = kind;
  best->n = n;
  best->age = age;
}

/* ---- chains: one tensor whose graph reaches back ---- */

static bool
see (const TeNode **table, const TeNode *node)
{
  size_t at = ((uintptr_t) node >> 5) % (2 * MOST_NODES);
  while (table[at] && table[at] != node)
    at = (at + 1) % (2 * MOST_NODES);
  bool news = !table[at];
  table[at] = node;
  return news;
}

static uint32_t
old_nodes_behind (const Search *search, TeNode *root)
{
  static const TeNode *seen[2 * MOST_NODES];
  static TeNode *todo[MOST_NODES];
  uint32_t n_todo = 1, n_seen = 1, n_old = 0;
  memset (seen, 0, sizeof seen);
  todo[0] = root;
  see (seen, root);
  while (n_todo)
    {
      TeNode *node = todo[--n_todo];
      n_old += is_old (search, node);
      for (int i = 0; i < node->n_edges; i++)
        {
          TeNode *next = node->edges[i].node;
          if (!next || te_node_is_accumulate_grad (next) || n_seen == MOST_NODES || !see (seen, next))
            continue;
          n_seen++;
          todo[n_todo++] = next;
        }
    }
  return n_old;
}

/* ---- variables ---- */

static void
look_at (Search *search, const char *path, PyObject *value, int depth)
{
  TeNode *node = node_of (value);
  if (node)
    {
      uint32_t n = node->id > search->old ? old_nodes_behind (search, node) : 0;
      if (n >= LEAST_OLD)
        keep_best (search, path, te_py_tensor (value), 0, n, node->id);
      return;
    }
  if (te_py_is_tensor (value) || PyType_Check (value) || PyModule_Check (value) || PyFunction_Check (value))
    return;
  if (is_collection (value))
    {
      search->n_old = 0;
      search->oldest = NULL;
      count_old (search, value, 0);
      if (search->n_old >= LEAST_OLD)
        keep_best (search, path, search->oldest, 1, search->n_old, search->oldest->autograd->grad_fn->id);
      return;
    }
  PyObject **dict = depth < 2 ? _PyObject_GetDictPtr (value) : NULL, *name, *item;
  if (!dict || !*dict || !PyDict_Check (*dict))
    return;
  for (Py_ssize_t at = 0; PyDict_Next (*dict, &at, &name, &item);)
    {
      char longer[PATH_NBYTES];
      const char *text = PyUnicode_Check (name) ? PyUnicode_AsUTF8 (name) : NULL;
      if (text && snprintf (longer, sizeof longer, "%s.%s", path, text) < PATH_NBYTES)
        look_at (search, longer, item, depth + 1);
    }
}

static void
visit (PyObject *name, PyObject *value, void *data)
{
  Search *search = data;
  const char *text = PyUnicode_Check (name) ? PyUnicode_AsUTF8 (name) : NULL;
  if (text && strncmp (text, "__", 2) != 0)
    look_at (search, text, value, 0);
  PyErr_Clear ();
}

static void
search_holder (uint64_t n_nodes, uint64_t n_before, uint32_t n_since)
{
  TeTraceState *s = &te_trace_state;
  Search search = { .old = first_node[2], .freed = !s->has_optimizer };
  te_trace_visit_all_names (visit, &search);
  if (!search.best.tensor)
    return;
  te_trace_know_tensor (search.best.tensor, 0);
  uint32_t name = te_recorder_text (s->recorder, search.best.path);
  TeRecordGraphHeld *record = te_recorder_reserve (s->recorder, TE_RECORD_GRAPH_HELD, sizeof *record);
  if (!record)
    return;
  record->tensor = search.best.tensor->id;
  record->iteration = s->iteration - 1;
  record->n_nodes = n_nodes;
  record->n_before = n_before;
  record->name = name;
  record->kind = search.best.kind;
  record->n_tensors = search.best.kind ? search.best.n : 1;
  record->n_iterations = n_since;
  te_recorder_commit (s->recorder);
}

static bool
is_power (uint32_t n)
{
  return !(n & (n - 1));
}

void
te_trace_held_iteration (void)
{
  uint64_t n = te_node_count ();
  if (n > last_count)
    {
      if (!n_growing++)
        first_count = n;
    }
  else
    n_growing = 0;
  last_count = n;
  n_iterations++;
  if (!lowest_count || n < lowest_count)
    lowest_count = n;
  if (n_growing >= FIRST_SEARCH && is_power (n_growing))
    search_holder (n, first_count, n_growing);
  else if (n_iterations >= FIRST_COMPARISON && is_power (n_iterations) && n >= 2 * lowest_count + 8)
    search_holder (n, lowest_count, n_iterations);
  first_node[2] = first_node[1];
  first_node[1] = first_node[0];
  first_node[0] = te_node_last_id ();
}

void
te_trace_held_reset (void)
{
  last_count = first_count = lowest_count = 0;
  n_growing = n_iterations = 0;
  memset (first_node, 0, sizeof first_node);
}
