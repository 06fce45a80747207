/* torch.Generator, and the functions that seed the default one. */
#include "python/python-private.h"

#include <string.h>
#include <sys/random.h>

typedef struct
{
  PyObject_HEAD TeGenerator *generator;
} TePyGenerator;

PyTypeObject *te_py_generator_type;
static PyObject *default_object;

TeGenerator *
te_py_generator_get (PyObject *object)
{
  return ((TePyGenerator *) object)->generator;
}

static PyObject *
generator_new (PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
  static char *names[] = { "device", NULL };
  PyObject *device = NULL;
  int64_t which;
  if (!PyArg_ParseTupleAndKeywords (args, kwargs, "|O:Generator", names, &device))
    return NULL;
  const char *text = device && PyUnicode_Check (device) ? PyUnicode_AsUTF8 (device) : NULL;
  bool meta = text && strcmp (text, "meta") == 0;
  if (meta || (text && strncmp (text, "cuda", 4) == 0) || (device && te_py_is_int (device)))
    return PyErr_Format (PyExc_RuntimeError, "Device type %s is not supported for torch.Generator() api.",
                         meta ? "META" : "CUDA");
  if (device && te_py_device_get (device, &which) != TE_PY_MATCH)
    return PyErr_Occurred ()
               ? NULL
               : PyErr_Format (PyExc_TypeError,
                               "Generator(): argument 'device' (position 1) must be torch.device, not %s",
                               Py_TYPE (device)->tp_name);
  TePyGenerator *self = (TePyGenerator *) type->tp_alloc (type, 0);
  if (self && !(self->generator = te_generator_new (67280421310721u)))
    {
      Py_DECREF (self);
      return PyErr_NoMemory ();
    }
  return (PyObject *) self;
}

static void
generator_dealloc (PyObject *self)
{
  PyTypeObject *type = Py_TYPE (self);
  TeGenerator *generator = te_py_generator_get (self);
  if (generator && generator != te_generator_default ())
    te_generator_unref (generator);
  type->tp_free (self);
  Py_DECREF (type);
}

/* Negative seeds stand for their remainder by 2^64, as in PyTorch. */
static bool
seed_value (PyObject *object, uint64_t *seed)
{
  if (!PyLong_Check (object))
    {
      if (!PyIndex_Check (object))
        {
          PyErr_Format (PyExc_RuntimeError, "manual_seed expected a long, but got %s",
                        Py_TYPE (object)->tp_name);
          return false;
        }
      PyObject *number = PyNumber_Index (object);
      bool ok = number && seed_value (number, seed);
      Py_XDECREF (number);
      return ok;
    }
  int overflow;
  long long value = PyLong_AsLongLongAndOverflow (object, &overflow);
  if (overflow > 0)
    {
      *seed = PyLong_AsUnsignedLongLong (object);
      if (!PyErr_Occurred ())
        return true;
      PyErr_Clear ();
    }
  if (overflow)
    {
      PyErr_SetString (PyExc_RuntimeError, "Overflow when unpacking long");
      return false;
    }
  *seed = (uint64_t) value;
  return true;
}

static PyObject *
generator_manual_seed (PyObject *self, PyObject *seed)
{
  uint64_t value;
  if (!seed_value (seed, &value))
    return NULL;
  te_generator_seed (te_py_generator_get (self), value);
  return Py_NewRef (self);
}

static PyObject *
generator_initial_seed (PyObject *self, PyObject *ignored)
{
  return PyLong_FromUnsignedLongLong (te_py_generator_get (self)->seed);
}

static PyObject *
generator_seed (PyObject *self, PyObject *ignored)
{
  uint64_t seed = 0;
  if (getrandom (&seed, sizeof seed, 0) != (ssize_t) sizeof seed)
    seed = (uint64_t) (uintptr_t) &seed;
  seed &= 0x1fffffffffffffu; /* 53 bits, so that a double can hold it */
  te_generator_seed (te_py_generator_get (self), seed);
  return PyLong_FromUnsignedLongLong (seed);
}

/* The bytes of PyTorch's CPUGeneratorImplState: the twister as libstdc++-independent legacy layout (5056
 * bytes) with the second value of a single-precision pair behind it. */
#define LEGACY_NBYTES 5048
typedef struct
{
  uint64_t seed;
  int32_t left;
  int32_t seeded;
  uint64_t next;
  uint64_t state[624];
  double normal_x;
  double normal_y;
  double normal_rho;
  int32_t normal_is_valid;
  int32_t padding;
} LegacyState;
typedef struct
{
  LegacyState legacy;
  float next_float_normal;
  bool has_next_float_normal;
} GeneratorState;

static PyObject *
generator_get_state (PyObject *self, PyObject *ignored)
{
  const TeGenerator *generator = te_py_generator_get (self);
  int64_t nbytes = sizeof (GeneratorState);
  TeError err;
  te_error_clear (&err);
  TeTensor *tensor = te_tensor_new (1, &nbytes, TE_UINT8, &err);
  if (!tensor)
    return te_py_raise (&err);
  GeneratorState *state = te_tensor_data (tensor);
  memset (state, 0, sizeof *state);
  state->legacy.seed = generator->seed;
  state->legacy.left = generator->left;
  state->legacy.seeded = 1;
  state->legacy.next = (uint64_t) generator->next;
  for (int i = 0; i < 624; i++)
    state->legacy.state[i] = generator->state[i];
  if (generator->has_next_normal)
    {
      state->legacy.normal_x = 0;
      state->legacy.normal_y = generator->next_normal;
      state->legacy.normal_is_valid = 1;
    }
  state->next_float_normal = generator->next_float_normal;
  state->has_next_float_normal = generator->has_next_float_normal;
  return te_py_wrap (tensor);
}

static PyObject *
generator_set_state (PyObject *self, PyObject *object)
{
  TeGenerator *generator = te_py_generator_get (self);
  if (!te_py_is_tensor (object))
    return PyErr_Format (PyExc_TypeError, "expected a torch.ByteTensor, but got %s", Py_TYPE (object)->tp_name);
  if (te_py_tensor (object)->dtype != TE_UINT8)
    return PyErr_Format (PyExc_TypeError, "RNG state must be a torch.ByteTensor");
  TeTensor *tensor = te_py_tensor (object);
  if (tensor->numel != (int64_t) sizeof (GeneratorState) || !te_tensor_is_contiguous (tensor)
      || te_tensor_is_meta (tensor))
    return PyErr_Format (
        PyExc_RuntimeError,
        "Expected either a CPUGeneratorImplStateLegacy of size %d or a CPUGeneratorImplState of size %d "
        "but found the input RNG state size to be %lld",
        (int) sizeof (LegacyState), (int) sizeof (GeneratorState), (long long) tensor->numel);
  GeneratorState state;
  memcpy (&state, te_tensor_data (tensor), sizeof state);
  if (state.legacy.left < 1 || state.legacy.left > 624 || state.legacy.next > 624)
    return PyErr_Format (PyExc_RuntimeError, "Invalid mt19937 state");
  generator->seed = state.legacy.seed;
  generator->left = state.legacy.left;
  generator->next = (int) state.legacy.next;
  for (int i = 0; i < 624; i++)
    generator->state[i] = (uint32_t) state.legacy.state[i];
  generator->has_next_normal = state.legacy.normal_is_valid;
  generator->next_normal = state.legacy.normal_y;
  generator->has_next_float_normal = state.has_next_float_normal;
  generator->next_float_normal = state.next_float_normal;
  return Py_NewRef (self);
}

static PyObject *
generator_device (PyObject *self, void *closure)
{
  return te_py_device_object (false);
}

static PyMethodDef generator_methods[] = {
  { "manual_seed", generator_manual_seed, METH_O,
    "Starts the sequence that belongs to this number; returns self." },
  { "initial_seed", generator_initial_seed, METH_NOARGS, "The number the sequence started from." },
  { "seed", generator_seed, METH_NOARGS, "Starts from a number of the system's; returns it." },
  { "get_state", generator_get_state, METH_NOARGS, "The state as a ByteTensor." },
  { "set_state", generator_set_state, METH_O, "Takes over a state that get_state gave." },
  { 0 },
};

static PyGetSetDef generator_getset[] = {
  { "device", generator_device, NULL, NULL, NULL },
  { 0 },
};

/* ---- torch.manual_seed and its kin work on the default generator ---- */
static PyObject *
manual_seed (PyObject *module, PyObject *seed)
{
  PyObject *number = PyNumber_Long (seed);
  PyObject *result = number ? generator_manual_seed (default_object, number) : NULL;
  Py_XDECREF (number);
  return result;
}

static PyObject *
initial_seed (PyObject *module, PyObject *ignored)
{
  return generator_initial_seed (default_object, NULL);
}

static PyObject *
seed (PyObject *module, PyObject *ignored)
{
  return generator_seed (default_object, NULL);
}

static PyObject *
get_rng_state (PyObject *module, PyObject *ignored)
{
  return generator_get_state (default_object, NULL);
}

static PyObject *
set_rng_state (PyObject *module, PyObject *state)
{
  PyObject *result = generator_set_state (default_object, state);
  Py_XDECREF (result);
  return result ? Py_NewRef (Py_None) : NULL;
}

static PyMethodDef functions[] = {
  { "manual_seed", manual_seed, METH_O, "Seeds the default generator; returns it." },
  { "initial_seed", initial_seed, METH_NOARGS, "The number the default generator started from." },
  { "seed", seed, METH_NOARGS, "Seeds the default generator from the system; returns the number." },
  { "get_rng_state", get_rng_state, METH_NOARGS, "State of the default generator, a ByteTensor." },
  { "set_rng_state", set_rng_state, METH_O, "Sets the default generator's state." },
  { 0 },
};

bool
te_py_generator_type_init (PyObject *module)
{
  PyType_Slot slots[] = {
    { Py_tp_new, generator_new },
    { Py_tp_dealloc, generator_dealloc },
    { Py_tp_methods, generator_methods },
    { Py_tp_getset, generator_getset },
    { Py_tp_doc, "A source of random numbers (mt19937)." },
    { 0 },
  };
  PyType_Spec spec = { "torch._C.Generator", sizeof (TePyGenerator), 0,
                       Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, slots };
  te_py_generator_type = (PyTypeObject *) PyType_FromSpec (&spec);
  if (!te_py_generator_type)
    return false;
  default_object = te_py_generator_type->tp_alloc (te_py_generator_type, 0);
  if (!default_object)
    return false;
  ((TePyGenerator *) default_object)->generator = te_generator_default ();
  return PyModule_AddObjectRef (module, "Generator", (PyObject *) te_py_generator_type) == 0
         && PyModule_AddObjectRef (module, "default_generator", default_object) == 0
         && PyModule_AddFunctions (module, functions) == 0;
}
