/* What a name means: attributes of tensors and modules, values and functions of Python. */
#include "python/jit-frontend.h"

#include <string.h>

/* ---- torch.jit._script's part of the work ---- */
static PyObject *
script_hook (const char *name)
{
  PyObject *module = PyImport_ImportModule ("torch.jit._script");
  PyObject *hook = module ? PyObject_GetAttrString (module, name) : NULL;
  Py_XDECREF (module);
  return hook;
}

TeJitFunction *
te_fe_function (PyObject *function)
{
  TeJitFunction *known = te_py_jit_function_get (function);
  if (known)
    return known;
  PyObject *hook = script_hook ("_compile_function"),
           *compiled = hook ? PyObject_CallOneArg (hook, function) : NULL;
  Py_XDECREF (hook);
  known = compiled ? te_py_jit_function_get (compiled) : NULL;
  Py_XDECREF (compiled);
  return known;
}

TeJitFunction *
te_fe_method (PyObject *module, TeJitClass *class, const char *name)
{
  TeJitFunction *known = te_jit_class_method (class, name);
  if (known)
    {
      if (!known->graph && !known->returns && !known->ignored)
        PyErr_Format (PyExc_RuntimeError,
                      "function '%s' is called recursively. Recursive calls are not supported", name);
      return known->graph || known->returns || known->ignored ? known : NULL;
    }
  PyObject *hook = script_hook ("_compile_method"), *handle = te_py_jit_class (class);
  PyObject *compiled = hook && handle ? PyObject_CallFunction (hook, "OOs", module, handle, name) : NULL;
  Py_XDECREF (hook);
  Py_XDECREF (handle);
  known = compiled ? te_py_jit_function_get (compiled) : NULL;
  Py_XDECREF (compiled);
  return known;
}

/* ---- Python's values ---- */
TeJitVar *
te_fe_python_constant (Frontend *self, PyObject *object, const TeJitRange *range)
{
  TeJitAny value;
  if (PyCallable_Check (object) || PyModule_Check (object))
    return NULL;
  if (PyTuple_Check (object) || PyList_Check (object))
    {
      Py_ssize_t n = PySequence_Fast_GET_SIZE (object);
      TeJitVar **items = te_jit_alloc (self->graph->arena, (size_t) (n + 1) * sizeof *items);
      for (Py_ssize_t i = 0; i < n; i++)
        if (!(items[i] = te_fe_python_constant (self, PySequence_Fast_GET_ITEM (object, i), range)))
          return NULL;
      return PyTuple_Check (object)
                 ? te_fe_tuple (self, items, (int) n)
                 : te_fe_list (self, items, (int) n, n ? items[0]->type : te_jit_type_simple (TE_JIT_TENSOR));
    }
  if (te_py_is_tensor (object) || PyDict_Check (object) || !te_py_jit_from (object, NULL, &value))
    return NULL;
  return te_fe_constant (self, value, value.tag == TE_JIT_V_NONE ? NULL : range);
}

Sugar
te_fe_of_python (Frontend *self, PyObject *object, const TeJitRange *range)
{
  TeJitFunction *function = te_py_jit_function_get (object);
  if (function)
    return (Sugar){ .kind = SUGAR_FUNCTION, .function = function };
  return (Sugar){ .kind = SUGAR_PYTHON, .object = object };
}

/* Is a module, or the one that it was compiled from, of that class of torch.nn? */
bool
te_fe_is_layer (PyObject *object, const char *class_name)
{
  PyObject *module = PyImport_ImportModule ("torch.nn");
  PyObject *class = module ? PyObject_GetAttrString (module, class_name) : NULL;
  PyObject *original = PyObject_GetAttrString (object, "_original_class");
  PyErr_Clear ();
  int result = !class                                ? 0
               : original && PyType_Check (original) ? PyObject_IsSubclass (original, class)
                                                     : PyObject_IsInstance (object, class);
  Py_XDECREF (original);
  Py_XDECREF (class);
  Py_XDECREF (module);
  PyErr_Clear ();
  return result == 1;
}

static TeJitVar *
read_field (Frontend *self, TeJitVar *object, const char *name, const TeJitType *type)
{
  TeJitNode *node = te_jit_node_new (self->graph, "prim::GetAttr");
  node->name = te_jit_intern (name);
  te_jit_node_add_input (node, object);
  te_jit_node_insert (node);
  TeJitVar *value = te_jit_node_add_output (node, type);
  te_jit_var_set_name (value, *name >= '0' && *name <= '9' ? te_jit_intern_format ("_%s", name) : name);
  return value;
}

static Sugar
child (Frontend *self, Sugar base, const char *name, const TeJitType *type)
{
  PyObject *object = PyObject_GetAttrString (base.object, name);
  if (!object)
    return NO_SUGAR;
  PyList_Append (self->keep, object);
  Py_DECREF (object);
  return (Sugar){ .kind = SUGAR_MODULE, .var = read_field (self, base.var, name, type), .object = object };
}

/* A ModuleList, a Sequential, or what ModuleDict's methods give, as a tuple. */
Sugar
te_fe_modules (Frontend *self, Sugar modules, const TeJitRange *range)
{
  if (!te_fe_is_layer (modules.object, "ModuleList") && !te_fe_is_layer (modules.object, "Sequential")
      && !te_fe_is_layer (modules.object, "ModuleDict"))
    {
      te_fe_error (
          self, range,
          "Only constant Sequential, ModuleList, ModuleDict, or ParameterList can be used as an iterable");
      return NO_SUGAR;
    }
  PyObject *registry = PyObject_GetAttrString (modules.object, "_modules"),
           *names = registry ? PyMapping_Keys (registry) : NULL;
  Py_XDECREF (registry);
  if (!names)
    return NO_SUGAR;
  int n = (int) PyList_GET_SIZE (names);
  Sugar result = { .kind = SUGAR_TUPLE,
                   .n = n,
                   .items = te_jit_alloc (self->graph->arena, (size_t) (n + 1) * sizeof (Sugar)) };
  const char *part = modules.name ? modules.name : "values";
  for (int i = 0; i < n; i++)
    {
      const char *name = te_jit_intern (PyUnicode_AsUTF8 (PyList_GET_ITEM (names, i)));
      Sugar key = { .kind = SUGAR_VAR }, item = { 0 };
      if (strcmp (part, "values") != 0)
        key.var = te_fe_constant (self, te_jit_str (name, strlen (name)), range);
      if (strcmp (part, "keys") != 0)
        item = te_fe_attribute (
            self, (Sugar){ .kind = SUGAR_MODULE, .var = modules.var, .object = modules.object }, name, range);
      if (strcmp (part, "keys") != 0 && !item.kind)
        {
          Py_DECREF (names);
          return NO_SUGAR;
        }
      if (strcmp (part, "items") == 0)
        {
          Sugar *pair = te_jit_alloc (self->graph->arena, 2 * sizeof *pair);
          pair[0] = key;
          pair[1] = item;
          result.items[i] = (Sugar){ .kind = SUGAR_TUPLE, .n = 2, .items = pair };
        }
      else
        result.items[i] = strcmp (part, "keys") == 0 ? key : item;
    }
  Py_DECREF (names);
  return result;
}

/* What a layer of torch.nn says in its class, as a text or number; NULL: nothing. */
static PyObject *
class_constant (PyObject *module, const char *name)
{
  PyObject *type, *error, *traceback;
  PyErr_Fetch (&type, &error, &traceback);
  PyObject *class = PyObject_GetAttrString (module, "_original_class"), *value = NULL;
  PyObject *place = class ? PyObject_GetAttrString (class, "__module__") : NULL;
  if (place && PyUnicode_Check (place) && strncmp (PyUnicode_AsUTF8 (place), "torch.nn.", 9) == 0)
    value = PyObject_GetAttrString (class, name);
  if (value && !PyUnicode_Check (value) && !PyLong_Check (value) && !PyFloat_Check (value))
    Py_CLEAR (value);
  Py_XDECREF (place);
  Py_XDECREF (class);
  PyErr_Restore (type, error, traceback);
  return value;
}

static Sugar
module_attribute (Frontend *self, Sugar base, const char *name, const TeJitRange *range)
{
  TeJitClass *class = base.var->type->class;
  const TeJitField *field = class ? te_jit_class_field (class, name) : NULL;
  if (te_fe_is_layer (base.object, "ModuleDict")
      && (strcmp (name, "items") == 0 || strcmp (name, "values") == 0 || strcmp (name, "keys") == 0))
    return (Sugar){ .kind = SUGAR_MODULES, .object = base.object, .var = base.var, .name = name };
  if (field && field->type->kind == TE_JIT_CLASS)
    return child (self, base, name, field->type);
  if (field)
    return (Sugar){ .kind = SUGAR_VAR, .var = read_field (self, base.var, name, field->type) };
  for (int i = 0; class && i < class->n_constants; i++)
    if (strcmp (class->constants[i].name, name) == 0)
      {
        TeJitAny value = class->constant_values[i];
        if (value.tag != TE_JIT_V_LIST && value.tag != TE_JIT_V_TUPLE)
          return (Sugar){ .kind = SUGAR_VAR,
                          .var = te_fe_constant (self, te_jit_ref (value),
                                                 value.tag == TE_JIT_V_NONE ? NULL : range) };
        PyObject *object = te_py_jit_to (value, NULL);
        TeJitVar *var = object ? te_fe_python_constant (self, object, range) : NULL;
        Py_XDECREF (object);
        return var ? (Sugar){ .kind = SUGAR_VAR, .var = var } : NO_SUGAR;
      }
  PyObject *value = PyObject_GetAttrString (base.object, name);
  if (!value && (value = class_constant (base.object, name)))
    PyErr_Clear ();
  if (!value)
    {
      PyErr_Clear ();
      PyObject *original = PyObject_GetAttrString (base.object, "original_name");
      te_fe_error (self, range, "Module '%s' has no attribute '%s' ",
                   original ? PyUnicode_AsUTF8 (original) : Py_TYPE (base.object)->tp_name, name);
      Py_XDECREF (original);
      return NO_SUGAR;
    }
  PyList_Append (self->keep, value);
  Py_DECREF (value);
  if (value == Py_None)
    return (Sugar){ .kind = SUGAR_VAR, .var = te_fe_constant (self, te_jit_none (), NULL) };
  if (PyUnicode_Check (value) || PyLong_Check (value) || PyFloat_Check (value))
    {
      PyObject *constant = class_constant (base.object, name);
      TeJitVar *var = constant ? te_fe_python_constant (self, constant, range) : NULL;
      Py_XDECREF (constant);
      if (var)
        return (Sugar){ .kind = SUGAR_VAR, .var = var };
    }
  if (PyMethod_Check (value) || (te_py_jit_function_get (value) && te_jit_class_method (class, name)))
    return (Sugar){ .kind = SUGAR_MODULE_METHOD, .object = base.object, .var = base.var, .name = name };
  if (PyCallable_Check (value))
    return te_fe_of_python (self, value, range);
  te_fe_error (self, range,
               "Module '%s' has no attribute '%s' (This attribute exists on the Python module, but we failed "
               "to convert Python type: '%s' to a TorchScript type.)",
               Py_TYPE (base.object)->tp_name, name, Py_TYPE (value)->tp_name);
  return NO_SUGAR;
}

/* x.dtype and its like. */
static TeJitVar *
tensor_attribute (Frontend *self, TeJitVar *value, const char *name, const TeJitRange *range)
{
  static const struct
  {
    const char *name, *kind;
  } attributes[] = { { "dtype", "prim::dtype" },
                     { "device", "prim::device" },
                     { "layout", "prim::layout" },
                     { "shape", "aten::size" },
                     { "is_cuda", "prim::is_cuda" },
                     { "requires_grad", "prim::requires_grad" },
                     { "data", "prim::data" },
                     { "T", "aten::numpy_T" },
                     { "ndim", "aten::dim" },
                     { "mT", "aten::mT" },
                     { "H", "aten::matrix_H" },
                     { "mH", "aten::mH" },
                     { "is_sparse", "prim::is_sparse" },
                     { "is_quantized", "prim::is_quantized" },
                     { "real", "aten::real" } };
  static const TeJitRange library = { .file = "<string>", .line = 13, .column = 9 },
                          library_T = { .file = "<string>", .line = 5, .column = 9 },
                          library_H = { .file = "<string>", .line = 7, .column = 9 },
                          library_ndim = { .file = "<string>", .line = 3, .column = 9 };
  for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++)
    if (strcmp (attributes[i].name, name) == 0)
      {
        bool attribute = attributes[i].kind[0] == 'p';
        return te_fe_op (self,
                         attribute                     ? NULL
                         : strcmp (name, "shape") == 0 ? &library
                         : strcmp (name, "T") == 0     ? &library_T
                         : strcmp (name, "H") == 0     ? &library_H
                         : strcmp (name, "ndim") == 0  ? &library_ndim
                         : name[0] == 'm'              ? NULL
                                                       : range,
                         attributes[i].kind, 1, &value);
      }
  return NULL;
}

static Sugar
value_attribute (Frontend *self, TeJitVar *value, const char *name, const TeJitRange *range)
{
  int n;
  for (int i = 0; value->type->kind == TE_JIT_TUPLE && value->type->fields && i < value->type->n; i++)
    if (strcmp (value->type->fields[i], name) == 0)
      {
        TeJitVar *in[] = { value, te_fe_constant (self, te_jit_int (i), NULL) };
        return (Sugar){ .kind = SUGAR_VAR,
                        .var = te_fe_emit (self, NULL, "prim::TupleIndex", value->type->items[i], 2, in) };
      }
  if (value->type->kind == TE_JIT_TENSOR)
    {
      TeJitVar *attribute = tensor_attribute (self, value, name, range);
      if (attribute || PyErr_Occurred ())
        return attribute ? (Sugar){ .kind = SUGAR_VAR, .var = attribute } : NO_SUGAR;
    }
  te_jit_schemas_find (te_jit_intern_format ("aten::%s", name), &n);
  if (n || strcmp (name, "format") == 0 || strcmp (name, "tolist") == 0 || strcmp (name, "type_as") == 0
      || (value->type->kind == TE_JIT_TENSOR && te_fe_is_cast (name)))
    return (Sugar){ .kind = SUGAR_METHOD, .var = value, .name = name };
  te_fe_error (self, range, "'%s' object has no attribute or method '%s'.",
               te_jit_type_error_text (value->type), name);
  return NO_SUGAR;
}

Sugar
te_fe_attribute (Frontend *self, Sugar base, const char *name, const TeJitRange *range)
{
  if (base.kind == SUGAR_MODULE)
    return module_attribute (self, base, name, range);
  if (base.kind == SUGAR_VAR)
    return base.var ? value_attribute (self, base.var, name, range) : NO_SUGAR;
  if (base.kind == SUGAR_TUPLE)
    {
      TeJitVar *value = te_fe_as_var (self, base, range);
      return value ? value_attribute (self, value, name, range) : NO_SUGAR;
    }
  if (base.kind != SUGAR_PYTHON)
    {
      te_fe_error (self, range, "attribute lookup is not defined on this: %s", name);
      return NO_SUGAR;
    }
  PyObject *value = PyObject_GetAttrString (base.object, name);
  if (!value)
    {
      if (PyErr_ExceptionMatches (PyExc_AttributeError))
        {
          PyErr_Clear ();
          te_fe_error (self, range, "object has no attribute %s", name);
        }
      return NO_SUGAR;
    }
  PyList_Append (self->keep, value);
  Py_DECREF (value);
  if (te_py_is_tensor (value) && PyObject_HasAttrString (base.object, "_jit_constants")) /* CONSTANTS.c0 */
    return (Sugar){ .kind = SUGAR_VAR,
                    .var = te_fe_constant (self, te_jit_take_tensor (te_tensor_ref (te_py_tensor (value))),
                                           range) };
  Sugar result = te_fe_of_python (self, value, range);
  result.name = result.kind == SUGAR_PYTHON ? name : NULL;
  return result;
}

bool
te_fe_set_attribute (Frontend *self, Sugar base, const char *name, TeJitVar *value, const TeJitRange *range)
{
  if (base.kind != SUGAR_MODULE)
    return base.kind
           && te_fe_error (self, range, "Tried to set an attribute: %s on a non-class: %s", name,
                           base.var ? te_jit_type_error_text (base.var->type) : "this");
  const TeJitField *field = te_jit_class_field (base.var->type->class, name);
  if (!field)
    return te_fe_error (
        self, range, "Tried to set nonexistent attribute: %s. Did you forget to initialize it in __init__()?",
        name);
  TeJitVar *fitted = te_fe_convert (self, value, te_jit_type_plain (field->type), 0, false, range);
  if (!fitted)
    return te_fe_error (self, range, "Wrong type for attribute assignment. Expected %s but got %s",
                        field->type->annotation, te_jit_type_error_text (value->type));
  TeJitNode *node = te_jit_node_new (self->graph, "prim::SetAttr");
  node->name = name;
  te_jit_node_add_input (node, base.var);
  te_jit_node_add_input (node, fitted);
  te_jit_node_insert (node);
  return true;
}

/* ---- annotations ---- */
static PyObject *
type_args (PyObject *object, const char *name)
{
  PyObject *value = PyObject_GetAttrString (object, name);
  if (!value)
    PyErr_Clear ();
  return value;
}

static const TeJitType *
generic_type (PyObject *object, PyObject *origin, PyObject *args)
{
  const TeJitType *items[64];
  Py_ssize_t n = args && PyTuple_Check (args) ? PyTuple_GET_SIZE (args) : 0;
  const char *name = PyType_Check (origin) ? ((PyTypeObject *) origin)->tp_name : NULL;
  int count = 0;
  for (Py_ssize_t i = 0; i < n && count < 64; i++)
    {
      PyObject *arg = PyTuple_GET_ITEM (args, i);
      if (arg == (PyObject *) Py_TYPE (Py_None))
        items[count++] = te_jit_type_simple (TE_JIT_NONE);
      else if (PyTuple_Check (arg) && !PyTuple_GET_SIZE (arg))
        continue;
      else if (!(items[count++] = te_py_jit_annotation (arg)))
        return NULL;
    }
  if (!name) /* Union */
    return count ? te_jit_type_union (count, items) : NULL;
  if (strcmp (name, "Future") == 0 && count == 1) /* tasks are done at once */
    return items[0];
  if (strcmp (name, "list") == 0 && count == 1)
    return te_jit_type_list (items[0]);
  if (strcmp (name, "dict") == 0 && count == 2)
    return te_jit_type_dict (items[0], items[1]);
  if (strcmp (name, "tuple") == 0)
    return te_jit_type_tuple (count, items, NULL, NULL);
  return NULL;
}

static const TeJitType *
named_tuple_type (PyObject *class)
{
  PyObject *fields = type_args (class, "_fields"), *annotations = type_args (class, "__annotations__");
  const TeJitType *items[64], *type = NULL;
  const char *names[64];
  Py_ssize_t n = fields && PyTuple_Check (fields) ? PyTuple_GET_SIZE (fields) : -1;
  bool ok = n >= 0 && n <= 64;
  for (Py_ssize_t i = 0; ok && i < n; i++)
    {
      PyObject *name = PyTuple_GET_ITEM (fields, i), *annotation = annotations && PyDict_Check (annotations)
                                                                       ? PyDict_GetItem (annotations, name)
                                                                       : NULL;
      names[i] = te_jit_intern (PyUnicode_AsUTF8 (name));
      items[i] = annotation ? te_py_jit_annotation (annotation) : te_jit_type_simple (TE_JIT_TENSOR);
      ok = items[i] != NULL;
    }
  if (ok)
    {
      PyObject *module = type_args (class, "__module__");
      const char *place = module && PyUnicode_Check (module) ? PyUnicode_AsUTF8 (module) : "__main__";
      type = te_jit_type_tuple (
          (int) n, items,
          strcmp (place, "__main__") == 0
              ? te_jit_intern_format ("__torch__.%s", ((PyTypeObject *) class)->tp_name)
              : te_jit_intern_format ("__torch__.%s.%s", place, ((PyTypeObject *) class)->tp_name),
          names);
      Py_XDECREF (module);
    }
  Py_XDECREF (fields);
  Py_XDECREF (annotations);
  return type;
}

const TeJitType *
te_py_jit_annotation (PyObject *object)
{
  static const struct
  {
    const char *name;
    TeJitKind kind;
  } names[] = { { "int", TE_JIT_INT },
                { "float", TE_JIT_FLOAT },
                { "bool", TE_JIT_BOOL },
                { "str", TE_JIT_STR },
                { "NoneType", TE_JIT_NONE } };
  if (object == Py_None)
    return te_jit_type_simple (TE_JIT_NONE);
  PyObject *origin = type_args (object, "__origin__");
  if (origin)
    {
      PyObject *args = type_args (object, "__args__");
      const TeJitType *type = generic_type (object, origin, args);
      Py_XDECREF (args);
      Py_DECREF (origin);
      return type;
    }
  if (PyType_Check (object))
    {
      PyTypeObject *class = (PyTypeObject *) object;
      if (strcmp (class->tp_name, "Any") == 0) /* typing's is a class */
        return te_jit_type_simple (TE_JIT_ANY);
      for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp (class->tp_name, names[i].name) == 0)
          return te_jit_type_simple (names[i].kind);
      if (class == te_py_tensor_class || PyType_IsSubtype (class, te_py_tensor_base_type))
        return te_jit_type_simple (TE_JIT_TENSOR);
      if (class == te_py_device_type)
        return te_jit_type_simple (TE_JIT_DEVICE);
      if (class == te_py_dtype_type || class == te_py_layout_type || class == te_py_memory_format_type)
        return te_jit_type_simple (TE_JIT_INT);
      if (PyType_IsSubtype (class, &PyTuple_Type))
        return named_tuple_type (object);
      if (class == te_py_size_type)
        return te_jit_type_list (te_jit_type_simple (TE_JIT_INT));
      return NULL;
    }
  PyObject *text = PyObject_Str (object);
  const TeJitType *type =
      text && strcmp (PyUnicode_AsUTF8 (text), "typing.Any") == 0 ? te_jit_type_simple (TE_JIT_ANY) : NULL;
  if (!type && text && strncmp (PyUnicode_AsUTF8 (text), "typing.List", 11) == 0)
    type = te_jit_type_list (te_jit_type_simple (TE_JIT_TENSOR));
  Py_XDECREF (text);
  return type;
}
