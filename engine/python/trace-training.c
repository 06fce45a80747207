/* What a training loop does beside computing: which parameters an optimiser holds, when gradients are zeroed,
 * when a scheduler steps, which mode a module is in, and who read a gradient that is not there.  Told when it
 * happens, so that explanations find the line. */
#include "python/trace-private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_SCHEDULERS 64
#define MOST_NONE_READS 4096 /* of a run: loops that look for gradients in vain tell nothing new */

static uint64_t *told_of_optimizer; /* by id: hash of what it was last told to hold */
static uint32_t n_told;
static void *schedulers[MOST_SCHEDULERS]; /* borrowed addresses, by id - 1: only to tell them apart */
static uint32_t n_schedulers, n_none_reads;
static uint32_t last_mode_pos;
static uint64_t last_mode_call;

/* ---- optimisers ---- */

static uint64_t *
told_slot (uint32_t id)
{
  if (id >= n_told)
    {
      uint32_t n = id + 16;
      uint64_t *grown = realloc (told_of_optimizer, n * sizeof *grown);
      if (!grown)
        return NULL;
      memset (grown + n_told, 0, (n - n_told) * sizeof *grown);
      told_of_optimizer = grown;
      n_told = n;
    }
  return &told_of_optimizer[id];
}

/* Ids of the tensors in all groups, as many as fit; returns how many there are. */
static uint32_t
held_ids (PyObject *groups, uint64_t *ids, uint32_t most, uint64_t *hash)
{
  uint32_t n = 0;
  *hash = UINT64_MAX; /* no id: a hash of 0 is that of an optimiser not told yet */
  for (Py_ssize_t g = 0; PyList_Check (groups) && g < PyList_GET_SIZE (groups); g++)
    {
      PyObject *group = PyList_GET_ITEM (groups, g);
      PyObject *list = PyDict_Check (group) ? PyDict_GetItemString (group, "params") : NULL;
      for (Py_ssize_t i = 0; list && PyList_Check (list) && i < PyList_GET_SIZE (list); i++)
        {
          PyObject *object = PyList_GET_ITEM (list, i);
          if (!te_py_is_tensor (object) || !te_py_tensor (object))
            continue;
          TeTensor *tensor = te_py_tensor (object);
          *hash = (*hash ^ tensor->id) * 0x9e3779b97f4a7c15u;
          if (n < most)
            {
              te_trace_know_tensor (tensor, 0);
              ids[n] = tensor->id;
            }
          n++;
        }
    }
  return n;
}

void
te_trace_optimizer_told (PyObject *optimizer)
{
  TeRecorder *recorder = te_trace_state.recorder;
  if (!te_trace_hears ())
    return;
  PyObject *groups = PyObject_GetAttrString (optimizer, "param_groups");
  uint32_t id = te_trace_optimizer_id (optimizer);
  uint64_t *told = told_slot (id), hash, *ids = NULL;
  uint32_t n = groups && told ? held_ids (groups, NULL, 0, &hash) : 0;
  if (n && *told != hash && (ids = malloc (n * sizeof *ids)))
    {
      held_ids (groups, ids, n, &hash);
      *told = hash;
      uint32_t name = te_recorder_text (recorder, Py_TYPE (optimizer)->tp_name),
               pos = te_trace_where ().caller;
      TeRecordOptimizer *record =
          te_recorder_reserve (recorder, TE_RECORD_OPTIMIZER, sizeof *record + n * sizeof *ids);
      if (record)
        {
          record->optimizer = id;
          record->name = name;
          record->pos = pos;
          record->n_tensors = n;
          memcpy (record + 1, ids, n * sizeof *ids);
          te_recorder_commit (recorder);
        }
    }
  free (ids);
  PyErr_Clear ();
  Py_XDECREF (groups);
}

void
te_trace_step_begins (PyObject *optimizer)
{
  te_trace_optimizer_told (optimizer);
  uint32_t pos = te_trace_where ().caller;
  TeRecordStepBegin *record =
      te_recorder_reserve (te_trace_state.recorder, TE_RECORD_STEP_BEGIN, sizeof *record);
  if (!record)
    return;
  record->optimizer = te_trace_optimizer_id (optimizer);
  record->pos = pos;
  te_recorder_commit (te_trace_state.recorder);
}

void
te_trace_took (unsigned kind, uint64_t start_nsec, double norm, double limit)
{
  if (!te_trace_hears ())
    return;
  uint64_t nsec = te_recorder_clock_nsec () - start_nsec;
  uint32_t pos = te_trace_where ().caller;
  TeFactTook *fact = te_recorder_reserve (te_trace_state.recorder, TE_FACT_TOOK, sizeof *fact);
  if (!fact)
    return;
  fact->nsec = nsec;
  fact->kind = kind;
  fact->pos = pos;
  fact->norm = norm;
  fact->limit = limit;
  te_recorder_commit (te_trace_state.recorder);
}

void
te_trace_grads_zeroed (PyObject *parameters)
{
  TeRecorder *recorder = te_trace_state.recorder;
  if (!te_trace_hears ())
    return;
  PyObject **items = PySequence_Fast_ITEMS (parameters);
  Py_ssize_t n_items = PySequence_Fast_GET_SIZE (parameters);
  uint32_t n = 0, k = 0, pos = te_trace_where ().caller;
  for (Py_ssize_t i = 0; i < n_items; i++)
    n += te_py_is_tensor (items[i]) && te_py_tensor (items[i]);
  TeRecordZeroGrad *record =
      te_recorder_reserve (recorder, TE_RECORD_ZERO_GRAD, sizeof *record + n * sizeof (uint64_t));
  if (!record)
    return;
  record->pos = pos;
  record->n_tensors = n;
  for (Py_ssize_t i = 0; i < n_items; i++)
    if (te_py_is_tensor (items[i]) && te_py_tensor (items[i]))
      ((uint64_t *) (record + 1))[k++] = te_py_tensor (items[i])->id;
  te_recorder_commit (recorder);
}

/* ---- schedulers ---- */

static bool
get_number (PyObject *object, const char *name, double *value)
{
  PyObject *attribute = PyObject_GetAttrString (object, name);
  double number = attribute && !PyBool_Check (attribute) ? PyFloat_AsDouble (attribute) : NAN;
  bool ok = attribute && !PyErr_Occurred () && isfinite (number);
  PyErr_Clear ();
  Py_XDECREF (attribute);
  if (ok)
    *value = number;
  return ok;
}

static uint32_t
scheduler_id (PyObject *scheduler)
{
  for (uint32_t i = 0; i < n_schedulers; i++)
    if (schedulers[i] == scheduler)
      return i + 1;
  if (n_schedulers < MOST_SCHEDULERS)
    schedulers[n_schedulers++] = scheduler;
  return n_schedulers;
}

/* The rate of the first group, as the scheduler just left it. */
static double
rate_of (PyObject *optimizer)
{
  PyObject *groups = optimizer ? PyObject_GetAttrString (optimizer, "param_groups") : NULL;
  PyObject *group =
      groups && PyList_Check (groups) && PyList_GET_SIZE (groups) ? PyList_GET_ITEM (groups, 0) : NULL;
  PyObject *value = group && PyDict_Check (group) ? PyDict_GetItemString (group, "lr") : NULL;
  double rate = value && PyFloat_Check (value) ? PyFloat_AS_DOUBLE (value) : NAN;
  PyErr_Clear ();
  Py_XDECREF (groups);
  return rate;
}

void
te_trace_scheduler_stepped (PyObject *scheduler)
{
  static const char *const spans[] = { "T_max", "total_steps", "step_size", NULL };
  TeRecorder *recorder = te_trace_state.recorder;
  if (!te_trace_hears ())
    return;
  PyObject *optimizer = PyObject_GetAttrString (scheduler, "optimizer");
  double step = -1, span = -1;
  int which = 0;
  PyErr_Clear ();
  get_number (scheduler, "last_epoch", &step);
  while (spans[which] && !get_number (scheduler, spans[which], &span))
    which++;
  uint32_t name = te_recorder_text (recorder, Py_TYPE (scheduler)->tp_name);
  uint32_t span_name = te_recorder_text (recorder, spans[which]), pos = te_trace_where ().caller;
  TeRecordScheduler *record = te_recorder_reserve (recorder, TE_RECORD_SCHEDULER, sizeof *record);
  if (record)
    {
      record->scheduler = scheduler_id (scheduler);
      record->optimizer = optimizer ? te_trace_optimizer_id (optimizer) : 0;
      record->name = name;
      record->pos = pos;
      record->step = (int64_t) step;
      record->span = (int64_t) span;
      record->lr = rate_of (optimizer);
      record->span_name = span_name;
      record->pad = 0;
      te_recorder_commit (recorder);
    }
  Py_XDECREF (optimizer);
}

/* ---- modules and gradients ---- */

/* A call reaches all modules below: the first of them is the one that the person named. */
void
te_trace_mode_set (PyObject *module, bool training)
{
  TeTraceState *s = &te_trace_state;
  if (!te_trace_hears ())
    return;
  uint32_t pos = te_trace_where ().caller;
  if (pos == last_mode_pos && s->last_call == last_mode_call)
    return;
  last_mode_pos = pos;
  last_mode_call = s->last_call;
  uint32_t *slot = te_module_trace_slot ? te_module_trace_slot (module) : NULL;
  uint32_t name = te_recorder_text (s->recorder, Py_TYPE (module)->tp_name);
  TeRecordMode *record = te_recorder_reserve (s->recorder, TE_RECORD_MODE, sizeof *record);
  if (!record)
    return;
  record->module = slot ? *slot : 0;
  record->class_name = name;
  record->pos = pos;
  record->training = training;
  te_recorder_commit (s->recorder);
}

void
te_trace_grad_none_read (TeTensor *tensor)
{
  TeRecorder *recorder = te_trace_state.recorder;
  if (!te_trace_hears () || !te_trace_state.program || n_none_reads >= MOST_NONE_READS)
    return;
  TeWhere where = te_trace_where ();
  if (!where.pos || where.pos != where.caller)
    return;
  n_none_reads++;
  te_trace_know_tensor (tensor, where.caller);
  TeRecordGradNone *record = te_recorder_reserve (recorder, TE_RECORD_GRAD_NONE, sizeof *record);
  if (!record)
    return;
  record->tensor = tensor->id;
  record->pos = where.caller;
  record->pad = 0;
  te_recorder_commit (recorder);
}

void
te_trace_training_reset (void)
{
  if (told_of_optimizer)
    memset (told_of_optimizer, 0, n_told * sizeof *told_of_optimizer);
  n_schedulers = n_none_reads = 0;
  last_mode_pos = 0;
  last_mode_call = 0;
}
