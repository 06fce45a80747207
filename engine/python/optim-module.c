/* torch._C._optim: one call steps all parameters of a group.  A group is the dict that learners see in
 * optimizer.param_groups, state the optimizer's dict of dicts; both are read and filled here as PyTorch does.
 */
#include "python/optim-module.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "core/sparse.h"
#include "iter/tensor-iter.h"
#include "optim/optimizer.h"
#include "python/python-private.h"
#include "python/trace-hooks.h"
#include "trace/recorder.h"

/* ---- reading groups and states ---- */
static bool
number (PyObject *group, const char *key, double *out)
{
  PyObject *value = PyDict_GetItemString (group, key);
  if (!value)
    {
      PyErr_Format (PyExc_KeyError, "'%s'", key);
      return false;
    }
  *out = PyFloat_AsDouble (value);
  return *out != -1 || !PyErr_Occurred ();
}

static bool
flag (PyObject *group, const char *key)
{
  PyObject *value = PyDict_GetItemString (group, key);
  return value && PyObject_IsTrue (value) == 1;
}

static bool
pair (PyObject *group, const char *key, double *first, double *second)
{
  PyObject *found = PyDict_GetItemString (group, key);
  if (!found)
    return PyErr_Format (PyExc_KeyError, "'%s'", key) != NULL;
  PyObject *items = PySequence_Fast (found, "a pair of numbers was expected");
  bool ok = items && PySequence_Fast_GET_SIZE (items) == 2;
  if (ok)
    {
      *first = PyFloat_AsDouble (PySequence_Fast_GET_ITEM (items, 0));
      *second = PyFloat_AsDouble (PySequence_Fast_GET_ITEM (items, 1));
    }
  Py_XDECREF (items);
  return ok && !PyErr_Occurred ();
}

/* The parameters of a group that have a gradient. */
typedef struct
{
  TeOptimParam *params;
  PyObject **states; /* borrowed: state[p] */
  int64_t n, room;
} Group;

/* What a kernel returns that has done nothing: the step is then made in tensor operations. */
static PyObject *
not_taken (void)
{
  return PyErr_Occurred () ? NULL : Py_NewRef (Py_False);
}

static void
group_free (Group *g)
{
  te_free_sized (g->params, (size_t) g->room * sizeof *g->params);
  te_free_sized (g->states, (size_t) g->room * sizeof *g->states);
}

/* state[p], made when missing; borrowed. */
static PyObject *
state_of (PyObject *state, PyObject *param)
{
  PyObject *found = PyDict_GetItemWithError (state, param);
  if (found || PyErr_Occurred ())
    return found;
  PyObject *made = PyDict_New ();
  if (!made || PyDict_SetItem (state, param, made) < 0)
    {
      Py_XDECREF (made);
      return NULL;
    }
  Py_DECREF (made);
  return made;
}

/* The parameters to step.  False with an exception, or without one where the kernels do not serve the group:
 * another dtype, or a step that is itself to be differentiated. */
static bool
group_take (Group *g, PyObject *group, PyObject *state)
{
  PyObject *list = PyDict_GetItemString (group, "params");
  if (!list || !PyList_Check (list) || !PyDict_Check (state))
    {
      PyErr_SetString (PyExc_TypeError, "optimizer: param group and state must be dicts, params a list");
      return false;
    }
  *g = (Group){ .room = PyList_GET_SIZE (list) };
  if (flag (group, "differentiable") || flag (group, "capturable"))
    return false;
  if (g->room == 0)
    return true;
  g->params = te_new_sized ((size_t) g->room * sizeof *g->params);
  g->states = te_new_sized ((size_t) g->room * sizeof *g->states);
  if (!g->params || !g->states)
    {
      group_free (g);
      PyErr_NoMemory ();
      return false;
    }
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE (list); i++)
    {
      PyObject *param = PyList_GET_ITEM (list, i);
      TeTensor *grad = te_py_is_tensor (param) ? te_tensor_grad (te_py_tensor (param)) : NULL;
      if (!grad)
        continue;
      TeOptimParam *p = &g->params[g->n];
      p->param = te_py_tensor (param);
      p->grad = grad;
      if (!te_optim_takes (te_tensor_dtype (p->param)) || te_tensor_sparse (grad) || !(g->states[g->n] = state_of (state, param)))
        {
          group_free (g);
          return false;
        }
      g->n++;
    }
  return true;
}

/* A tensor of a parameter's sizes, on its device and in its layout where that is dense; all elements are
 * value. */
static TeTensor *
filled_like (const TeTensor *like, double value, TeError *err)
{
  bool dense = te_shape_is_non_overlapping_and_dense (like->ndim, like->sizes, like->strides);
  const int64_t *strides = dense ? like->strides : NULL;
  TeDtype dtype = te_tensor_dtype (like);
  if (te_tensor_is_meta (like))
    return te_tensor_new_meta (like->ndim, like->sizes, strides, dtype, err);
  TeTensor *tensor = dense ? te_tensor_new_strided (like->ndim, like->sizes, strides, dtype, err)
                           : te_tensor_new (like->ndim, like->sizes, dtype, err);
  if (!tensor)
    return NULL;
  size_t nbytes = te_dtype_nbytes (dtype);
  memset (te_tensor_data (tensor), 0, (size_t) tensor->numel * nbytes);
  for (int64_t i = 0; value != 0 && i < tensor->numel; i++)
    te_scalar_store (te_scalar_float (value), dtype, (char *) te_tensor_data (tensor) + (size_t) i * nbytes);
  return tensor;
}

/* A tensor of a parameter's state; made of zeros (or `value`) when missing and `make`.  NULL with an
 * exception, or where it is None or missing. */
static TeTensor *
state_tensor (PyObject *state, const char *key, const TeTensor *like, bool make, double value)
{
  PyObject *found = PyDict_GetItemString (state, key);
  if (found && te_py_is_tensor (found))
    return te_py_tensor (found);
  if (!make)
    return NULL;
  TeError err;
  te_error_clear (&err);
  TeTensor *tensor = filled_like (like, value, &err);
  if (!tensor)
    {
      te_py_raise (&err);
      return NULL;
    }
  PyObject *wrapped = te_py_wrap (tensor);
  if (!wrapped || PyDict_SetItemString (state, key, wrapped) < 0)
    tensor = NULL;
  Py_XDECREF (wrapped);
  return tensor;
}

/* Counts state['step'] up by one: a 0-dim float tensor or an int, as each algorithm of PyTorch keeps it. */
static bool
count_step (PyObject *state, bool as_int, double *step)
{
  PyObject *found = PyDict_GetItemString (state, "step"), *count;
  if (found && te_py_is_tensor (found) && te_py_tensor (found)->numel == 1)
    {
      TeTensor *t = te_py_tensor (found);
      *step = te_scalar_to_double (te_scalar_load (te_tensor_dtype (t), te_tensor_data (t))) + 1;
      te_scalar_store (te_scalar_float (*step), te_tensor_dtype (t), te_tensor_data (t));
      te_tensor_bump_version (t);
      return true;
    }
  double before = found ? PyFloat_AsDouble (found) : 0;
  if (before == -1 && PyErr_Occurred ())
    return false;
  *step = before + 1;
  if (as_int || (found && PyLong_Check (found)))
    count = PyLong_FromDouble (*step);
  else if (found)
    count = PyFloat_FromDouble (*step);
  else
    {
      TeError err;
      te_error_clear (&err);
      count = te_py_wrap_error (te_tensor_new_scalar (te_scalar_float (*step), TE_FLOAT32, &err), &err);
    }
  bool ok = count && PyDict_SetItemString (state, "step", count) == 0;
  Py_XDECREF (count);
  return ok;
}

typedef struct
{
  const char *names[TE_OPTIM_MAX_STATE];
  double first[TE_OPTIM_MAX_STATE]; /* what new state is filled with */
  const char *scalars[TE_OPTIM_MAX_SCALAR];
  double first_scalar[TE_OPTIM_MAX_SCALAR];
  bool counts, counts_int; /* keeps 'step', as a tensor or an int */
} StateSpec;

/* A 0-dim float tensor of a parameter's state, made when missing. */
static TeTensor *
state_scalar (PyObject *state, const char *key, double first)
{
  PyObject *found = PyDict_GetItemString (state, key);
  if (found && te_py_is_tensor (found) && te_py_tensor (found)->numel == 1
      && te_optim_takes (te_tensor_dtype (te_py_tensor (found))))
    return te_py_tensor (found);
  TeError err;
  te_error_clear (&err);
  double value = found ? PyFloat_AsDouble (found) : first;
  if (value == -1 && PyErr_Occurred ())
    return NULL;
  TeTensor *tensor = te_tensor_new_scalar (te_scalar_float (value), TE_FLOAT32, &err);
  PyObject *wrapped = te_py_wrap_error (tensor, &err);
  if (!wrapped || PyDict_SetItemString (state, key, wrapped) < 0)
    tensor = NULL;
  Py_XDECREF (wrapped);
  return tensor;
}

static bool
take_states (Group *g, const StateSpec *spec)
{
  for (int64_t i = 0; i < g->n; i++)
    {
      TeOptimParam *p = &g->params[i];
      if ((spec->counts || spec->counts_int) && !count_step (g->states[i], spec->counts_int, &p->step))
        return false;
      for (int s = 0; s < TE_OPTIM_MAX_SCALAR; s++)
        if (spec->scalars[s]
            && !(p->scalar[s] = state_scalar (g->states[i], spec->scalars[s], spec->first_scalar[s])))
          return false;
      for (int s = 0; s < TE_OPTIM_MAX_STATE; s++)
        if (spec->names[s]
            && !(p->state[s] = state_tensor (g->states[i], spec->names[s], p->param, true, spec->first[s])))
          return false;
    }
  return true;
}

/* ---- the algorithms ---- */
static PyObject *
finish (Group *g, bool ok, const TeError *err)
{
  group_free (g);
  if (PyErr_Occurred ())
    return NULL;
  if (!ok)
    return te_py_raise (err);
  Py_RETURN_TRUE;
}

#define BEGIN                                                                                                \
  PyObject *group, *state;                                                                                   \
  Group g;                                                                                                   \
  TeError err;                                                                                               \
  te_error_clear (&err);                                                                                     \
  if (!PyArg_ParseTuple (args, "O!O", &PyDict_Type, &group, &state))                                         \
    return NULL;

static PyObject *
optim_sgd (PyObject *module, PyObject *args)
{
  BEGIN
  TeSgdConfig c = { .nesterov = flag (group, "nesterov"), .maximize = flag (group, "maximize") };
  if (!number (group, "lr", &c.lr) || !number (group, "momentum", &c.momentum)
      || !number (group, "dampening", &c.dampening) || !number (group, "weight_decay", &c.weight_decay)
      || !group_take (&g, group, state))
    return not_taken ();
  bool ok = true;
  for (int64_t i = 0; i < g.n && ok; i++)
    {
      TeOptimParam *p = &g.params[i];
      if (c.momentum == 0)
        {
          PyObject *none = PyDict_GetItemString (g.states[i], "momentum_buffer");
          ok = none || PyDict_SetItemString (g.states[i], "momentum_buffer", Py_None) == 0;
          continue;
        }
      p->fresh = !state_tensor (g.states[i], "momentum_buffer", p->param, false, 0);
      p->state[0] = state_tensor (g.states[i], "momentum_buffer", p->param, true, 0);
      ok = p->state[0] != NULL;
    }
  return finish (&g, ok && te_optim_sgd (&c, g.params, g.n, &err), &err);
}

static PyObject *
adam (PyObject *args, bool decoupled)
{
  BEGIN
  TeAdamConfig c = { .amsgrad = flag (group, "amsgrad"),
                     .maximize = flag (group, "maximize"),
                     .decoupled = decoupled };
  if (!number (group, "lr", &c.lr) || !pair (group, "betas", &c.beta1, &c.beta2)
      || !number (group, "eps", &c.eps) || !number (group, "weight_decay", &c.weight_decay)
      || !group_take (&g, group, state))
    return not_taken ();
  const StateSpec spec = { .names = { "exp_avg", "exp_avg_sq", c.amsgrad ? "max_exp_avg_sq" : NULL },
                           .counts = true };
  return finish (&g, take_states (&g, &spec) && te_optim_adam (&c, g.params, g.n, &err), &err);
}
static PyObject *
optim_adam (PyObject *module, PyObject *args)
{
  return adam (args, false);
}
static PyObject *
optim_adamw (PyObject *module, PyObject *args)
{
  return adam (args, true);
}

static PyObject *
optim_rmsprop (PyObject *module, PyObject *args)
{
  BEGIN
  TeRmspropConfig c = { .centered = flag (group, "centered"), .maximize = flag (group, "maximize") };
  if (!number (group, "lr", &c.lr) || !number (group, "alpha", &c.alpha) || !number (group, "eps", &c.eps)
      || !number (group, "weight_decay", &c.weight_decay) || !number (group, "momentum", &c.momentum)
      || !group_take (&g, group, state))
    return not_taken ();
  const StateSpec spec = { .names = { "square_avg", c.momentum > 0 ? "momentum_buffer" : NULL,
                                      c.centered ? "grad_avg" : NULL },
                           .counts_int = true };
  return finish (&g, take_states (&g, &spec) && te_optim_rmsprop (&c, g.params, g.n, &err), &err);
}

static PyObject *
optim_adagrad (PyObject *module, PyObject *args)
{
  BEGIN
  TeAdagradConfig c = { .maximize = flag (group, "maximize") };
  double first = 0;
  if (!number (group, "lr", &c.lr) || !number (group, "lr_decay", &c.lr_decay)
      || !number (group, "eps", &c.eps) || !number (group, "weight_decay", &c.weight_decay)
      || !number (group, "initial_accumulator_value", &first) || !group_take (&g, group, state))
    return not_taken ();
  const StateSpec spec = { .names = { "sum" }, .first = { first }, .counts = true };
  return finish (&g, take_states (&g, &spec) && te_optim_adagrad (&c, g.params, g.n, &err), &err);
}

static PyObject *
optim_adadelta (PyObject *module, PyObject *args)
{
  BEGIN
  TeAdadeltaConfig c = { .maximize = flag (group, "maximize") };
  if (!number (group, "lr", &c.lr) || !number (group, "rho", &c.rho) || !number (group, "eps", &c.eps)
      || !number (group, "weight_decay", &c.weight_decay) || !group_take (&g, group, state))
    return not_taken ();
  const StateSpec spec = { .names = { "square_avg", "acc_delta" }, .counts_int = true };
  return finish (&g, take_states (&g, &spec) && te_optim_adadelta (&c, g.params, g.n, &err), &err);
}

/* Adamax and RAdam are set as Adam is. */
static PyObject *
like_adam (PyObject *args,
           const StateSpec *spec,
           bool (*step) (const TeAdamConfig *, TeOptimParam *, int64_t, TeError *))
{
  BEGIN
  TeAdamConfig c = { .maximize = flag (group, "maximize") };
  if (!number (group, "lr", &c.lr) || !pair (group, "betas", &c.beta1, &c.beta2)
      || !number (group, "eps", &c.eps) || !number (group, "weight_decay", &c.weight_decay)
      || !group_take (&g, group, state))
    return not_taken ();
  return finish (&g, take_states (&g, spec) && step (&c, g.params, g.n, &err), &err);
}
static PyObject *
optim_adamax (PyObject *module, PyObject *args)
{
  static const StateSpec spec = { .names = { "exp_avg", "exp_inf" }, .counts = true };
  return like_adam (args, &spec, te_optim_adamax);
}
static PyObject *
optim_radam (PyObject *module, PyObject *args)
{
  static const StateSpec spec = { .names = { "exp_avg", "exp_avg_sq" }, .counts = true };
  return like_adam (args, &spec, te_optim_radam);
}

static PyObject *
optim_nadam (PyObject *module, PyObject *args)
{
  BEGIN
  static const StateSpec spec = {
    .names = { "exp_avg", "exp_avg_sq" }, .scalars = { "mu_product" }, .first_scalar = { 1 }, .counts = true
  };
  TeNadamConfig c = { .foreach = flag (group, "foreach") };
  if (!number (group, "lr", &c.lr) || !pair (group, "betas", &c.beta1, &c.beta2)
      || !number (group, "eps", &c.eps) || !number (group, "weight_decay", &c.weight_decay)
      || !number (group, "momentum_decay", &c.momentum_decay) || !group_take (&g, group, state))
    return not_taken ();
  return finish (&g, take_states (&g, &spec) && te_optim_nadam (&c, g.params, g.n, &err), &err);
}

static PyObject *
optim_asgd (PyObject *module, PyObject *args)
{
  BEGIN
  TeAsgdConfig c = { .maximize = flag (group, "maximize") };
  if (!number (group, "lr", &c.lr) || !number (group, "lambd", &c.lambd) || !number (group, "alpha", &c.alpha)
      || !number (group, "t0", &c.t0) || !number (group, "weight_decay", &c.weight_decay)
      || !group_take (&g, group, state))
    return not_taken ();
  const StateSpec spec = {
    .names = { "ax" }, .scalars = { "eta", "mu" }, .first_scalar = { c.lr, 1 }, .counts = true
  };
  return finish (&g, take_states (&g, &spec) && te_optim_asgd (&c, g.params, g.n, &err), &err);
}

static PyObject *
optim_rprop (PyObject *module, PyObject *args)
{
  BEGIN
  TeRpropConfig c = { .maximize = flag (group, "maximize") };
  double lr = 0;
  if (!number (group, "lr", &lr) || !pair (group, "etas", &c.eta_minus, &c.eta_plus)
      || !pair (group, "step_sizes", &c.size_min, &c.size_max) || !group_take (&g, group, state))
    return not_taken ();
  const StateSpec spec = { .names = { "prev", "step_size" }, .first = { 0, lr }, .counts_int = true };
  return finish (&g, take_states (&g, &spec) && te_optim_rprop (&c, g.params, g.n, &err), &err);
}

/* ---- gradients of a list of parameters ---- */
typedef struct
{
  TeTensor **grads;
  int64_t n, room;
  PyObject *fast; /* keeps the parameters */
} Grads;

/* parameters: a tensor or an iterable of tensors; those without a gradient are left out. */
static bool
grads_take (Grads *g, PyObject *parameters)
{
  *g = (Grads){ 0 };
  g->fast = te_py_is_tensor (parameters) ? PyList_New (0) : PySequence_List (parameters);
  if (!g->fast || (te_py_is_tensor (parameters) && PyList_Append (g->fast, parameters) < 0))
    return false;
  g->room = PyList_GET_SIZE (g->fast) + 1;
  g->grads = te_new_sized ((size_t) g->room * sizeof *g->grads);
  for (Py_ssize_t i = 0; g->grads && i < PyList_GET_SIZE (g->fast); i++)
    {
      PyObject *param = PyList_GET_ITEM (g->fast, i);
      TeTensor *grad = te_py_is_tensor (param) ? te_tensor_grad (te_py_tensor (param)) : NULL;
      if (grad)
        g->grads[g->n++] = grad;
    }
  if (!g->grads)
    PyErr_NoMemory ();
  return g->grads != NULL;
}

static void
grads_free (Grads *g)
{
  te_free_sized (g->grads, (size_t) g->room * sizeof *g->grads);
  Py_XDECREF (g->fast);
}

/* clip_grad_norm (parameters, max_norm, norm_type, error_if_nonfinite) -> total norm, a 0-dim tensor */
static PyObject *
clip_grad_norm (PyObject *module, PyObject *args)
{
  PyObject *parameters, *result = NULL;
  double max_norm, norm_type, norm = 0;
  int strict;
  Grads g;
  TeError err;
  te_error_clear (&err);
  if (!PyArg_ParseTuple (args, "Oddp", &parameters, &max_norm, &norm_type, &strict))
    return NULL;
  if (!grads_take (&g, parameters))
    {
      grads_free (&g);
      return NULL;
    }
  uint64_t start = te_recorder_clock_nsec ();
  bool ok = te_optim_total_norm (g.grads, g.n, norm_type, &norm, &err);
  TeDtype dtype = g.n ? te_tensor_dtype (g.grads[0]) : TE_FLOAT32;
  if (ok && strict && !isfinite (norm))
    PyErr_Format (PyExc_RuntimeError,
                  "The total norm of order %S for gradients from `parameters` is non-finite, so it cannot be "
                  "clipped. To disable this error and scale the gradients by the non-finite norm anyway, set "
                  "`error_if_nonfinite=False`",
                  PyTuple_GET_ITEM (args, 2));
  else if (ok)
    {
      /* The coefficient is rounded to the gradients' dtype at each step, as tensor arithmetic would. */
      double total = dtype == TE_FLOAT64 ? norm : (double) (float) norm;
      double factor = dtype == TE_FLOAT64 ? max_norm / (total + 1e-6)
                                          : (double) ((float) max_norm / ((float) total + 1e-6f));
      ok = te_optim_scale (g.grads, g.n, factor > 1 ? 1 : factor, &err);
      te_trace_took (TE_TOOK_CLIP, start, norm, max_norm);
      result = ok ? te_py_wrap_error (te_tensor_new_scalar (te_scalar_float (norm), dtype, &err), &err)
                  : te_py_raise (&err);
    }
  else
    te_py_raise (&err);
  grads_free (&g);
  return result;
}

static PyObject *
clip_grad_value (PyObject *module, PyObject *args)
{
  PyObject *parameters;
  double limit;
  Grads g;
  TeError err;
  te_error_clear (&err);
  if (!PyArg_ParseTuple (args, "Od", &parameters, &limit))
    return NULL;
  uint64_t start = te_recorder_clock_nsec ();
  bool ok = grads_take (&g, parameters);
  bool done = ok && te_optim_clamp (g.grads, g.n, limit, &err);
  if (done)
    te_trace_took (TE_TOOK_CLIP, start, NAN, limit);
  grads_free (&g);
  if (!ok)
    return NULL;
  if (!done)
    return te_py_raise (&err);
  Py_RETURN_NONE;
}

/* A sparse gradient that is zeroed keeps no elements, and all of its dimensions are sparse from then on. */
static bool
forget_elements (TeTensor *grad, TeError *err)
{
  TeTensor *indices = te_tensor_new (2, (int64_t[]){ grad->ndim, 0 }, TE_INT64, err);
  TeTensor *values = indices ? te_tensor_new (1, (int64_t[]){ 0 }, te_tensor_dtype (grad), err) : NULL;
  bool ok = values && te_tensor_set_sparse (grad, indices, values, false, err);
  te_tensor_unref (indices);
  te_tensor_unref (values);
  return ok;
}

/* zero_grad (parameters, set_to_none) */
static PyObject *
zero_grad (PyObject *module, PyObject *args)
{
  PyObject *parameters;
  int set_to_none;
  Grads g;
  TeError err;
  te_error_clear (&err);
  if (!PyArg_ParseTuple (args, "Op", &parameters, &set_to_none))
    return NULL;
  uint64_t start = te_recorder_clock_nsec ();
  bool ok = grads_take (&g, parameters);
  for (Py_ssize_t i = 0; ok && i < PyList_GET_SIZE (g.fast); i++)
    {
      TeTensor *param =
          te_py_is_tensor (PyList_GET_ITEM (g.fast, i)) ? te_py_tensor (PyList_GET_ITEM (g.fast, i)) : NULL;
      TeTensor *grad = param ? te_tensor_grad (param) : NULL;
      if (!grad)
        continue;
      if (set_to_none)
        ok = te_tensor_set_grad (param, NULL, &err);
      else
        {
          ok = !grad->autograd || !grad->autograd->grad_fn ? te_tensor_set_requires_grad (grad, false, &err)
                                                           : te_tensor_detach_inplace (grad, &err);
          ok = ok && (te_tensor_sparse (grad) ? forget_elements (grad, &err) : te_fill (grad, te_scalar_int (0), &err));
          te_tensor_bump_version (grad);
        }
      if (!ok)
        te_py_raise (&err);
    }
  if (ok)
    {
      te_trace_grads_zeroed (g.fast);
      te_trace_took (TE_TOOK_ZERO_GRAD, start, NAN, NAN);
    }
  grads_free (&g);
  if (!ok)
    return NULL;
  Py_RETURN_NONE;
}

/* Is a line tracer at work (a debugger, or the board's stepping)? */
static PyObject *
is_stepped_through (PyObject *module, PyObject *unused)
{
  return PyBool_FromLong (PyThreadState_Get ()->c_tracefunc != NULL);
}

#define STEPS "Steps all parameters of a group; False: they are none of its own, and nothing was done."

static PyMethodDef functions[] = {
  { "is_stepped_through", is_stepped_through, METH_NOARGS, "True while lines are traced." },
  { "sgd", optim_sgd, METH_VARARGS, STEPS },
  { "adam", optim_adam, METH_VARARGS, STEPS },
  { "adamw", optim_adamw, METH_VARARGS, STEPS },
  { "rmsprop", optim_rmsprop, METH_VARARGS, STEPS },
  { "adagrad", optim_adagrad, METH_VARARGS, STEPS },
  { "adadelta", optim_adadelta, METH_VARARGS, STEPS },
  { "adamax", optim_adamax, METH_VARARGS, STEPS },
  { "nadam", optim_nadam, METH_VARARGS, STEPS },
  { "radam", optim_radam, METH_VARARGS, STEPS },
  { "asgd", optim_asgd, METH_VARARGS, STEPS },
  { "rprop", optim_rprop, METH_VARARGS, STEPS },
  { "clip_grad_norm", clip_grad_norm, METH_VARARGS, "Scales gradients down to a total norm." },
  { "clip_grad_value", clip_grad_value, METH_VARARGS, "Clamps gradients." },
  { "zero_grad", zero_grad, METH_VARARGS, "Zeroes or drops gradients." },
  { 0 },
};

static struct PyModuleDef definition = { PyModuleDef_HEAD_INIT, .m_name = "torch._C._optim", .m_size = -1,
                                         .m_methods = functions };

bool
te_py_optim_init (PyObject *module)
{
  PyObject *optim = PyModule_Create (&definition);
  if (!optim)
    return false;
  bool ok = PyModule_AddObjectRef (module, "_optim", optim) == 0
            && PyDict_SetItemString (PyImport_GetModuleDict (), "torch._C._optim", optim) == 0;
  Py_DECREF (optim);
  return ok;
}
