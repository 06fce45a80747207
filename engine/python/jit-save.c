/* torch.jit.save and load: PyTorch's archive of a program: the module as a pickle, its classes and functions
 * as code. */
#include "python/jit-private.h"

#include <string.h>

#include "io/checkpoint.h"
#include "jit/code-text.h"

/* ---- what a program consists of ---- */
typedef struct
{
  TeJitClass *class;       /* or */
  TeJitFunction *function; /* one of the two */
} Part;

typedef struct
{
  TeIoDocument *doc;
  Part *parts; /* what others need stands before them */
  int n, room;
  TeJitConstants constants;
  TeJitArena *arena;
  const TeJitNode *python; /* a call of a function that stays Python's, or NULL */
  const char *python_name;
} Program;

static bool
has_part (const Program *self, const void *what)
{
  for (int i = 0; i < self->n; i++)
    if (self->parts[i].class == what || self->parts[i].function == what)
      return true;
  return false;
}

/* What a node calls, or NULL. */
static const TeJitFunction *
called_function (const TeJitNode *node)
{
  TeJitAny callee;
  if (te_jit_node_is (node, "prim::CallMethod") && node->inputs[0]->type->class)
    return te_jit_class_method (node->inputs[0]->type->class, node->name);
  if (te_jit_node_is (node, "prim::CallFunction") && te_jit_var_constant (node->inputs[0], &callee)
      && callee.tag == TE_JIT_V_FUNCTION)
    return callee.function;
  return NULL;
}

static void
refuse_python (const Program *self)
{
  TeJitText text = { 0 };
  te_jit_text_format (
      &text,
      "\nCould not export Python function call '%s'. Remove calls to Python functions before export. Did "
      "you forget to add @script or @script_method annotation? If this is a nn.ModuleList, add it to "
      "__constants__:\n",
      self->python_name);
  te_jit_range_text (&text, self->python->range);
  PyErr_SetString (PyExc_RuntimeError, te_jit_text_get (&text));
  te_jit_text_clear (&text);
}

static void add_class (Program *self, TeJitClass *class);
static void add_function (Program *self, TeJitFunction *function);

static void
add_needs (Program *self, const TeJitBlock *block)
{
  for (const TeJitNode *node = te_jit_block_first (block); node != block->ret; node = node->next)
    {
      const TeJitFunction *called = called_function (node);
      if (called && called->ignored)
        {
          self->python = node;
          self->python_name = called->name;
        }
      if (node->has_value && node->value.tag == TE_JIT_V_FUNCTION)
        add_function (self, node->value.function);
      for (int i = 0; i < node->n_outputs; i++)
        if (node->outputs[i]->type->kind == TE_JIT_CLASS)
          add_class (self, node->outputs[i]->type->class);
      for (int i = 0; i < node->n_blocks; i++)
        add_needs (self, node->blocks[i]);
    }
}

static void
add_function (Program *self, TeJitFunction *function)
{
  if (has_part (self, function) || function->ignored || !function->graph)
    return;
  add_needs (self, function->graph->top);
  TE_JIT_PUSH (self->arena, self->parts, self->n, self->room, ((Part){ .function = function }));
}

static void
add_class (Program *self, TeJitClass *class)
{
  if (has_part (self, class))
    return;
  TE_JIT_PUSH (self->arena, self->parts, self->n, self->room, ((Part){ .class = class }));
  int at = self->n - 1;
  for (int i = 0; i < class->n_fields; i++)
    if (class->fields[i].type->kind == TE_JIT_CLASS)
      add_class (self, class->fields[i].type->class);
  for (int i = 0; i < class->n_methods; i++)
    if (class->methods[i]->graph)
      add_needs (self, class->methods[i]->graph->top);
  Part own = self->parts[at];
  memmove (self->parts + at, self->parts + at + 1, (size_t) (self->n - 1 - at) * sizeof *self->parts);
  self->parts[self->n - 1] = own;
}

/* ---- code ---- */
static const char *
file_of (const char *qualified)
{
  const char *dot = strrchr (qualified, '.');
  char path[512];
  size_t n = dot && (size_t) (dot - qualified) < sizeof path ? (size_t) (dot - qualified) : 0;
  for (size_t i = 0; i < n; i++)
    path[i] = qualified[i] == '.' ? '/' : qualified[i];
  return te_jit_intern_format ("code/%.*s.py", (int) n, path);
}

static void
add_indented (TeJitText *text, const char *code, int by)
{
  while (*code)
    {
      size_t n = strcspn (code, "\n");
      te_jit_text_spaces (text, n ? by : 0);
      te_jit_text_add_n (text, code, n);
      te_jit_text_add (text, "\n");
      code += n + (code[n] == '\n');
    }
}

static void
add_names (TeJitText *text, const TeJitClass *class, const char *list, bool parameters)
{
  te_jit_text_format (text, "  %s = [", list);
  for (int i = 0; i < class->n_fields; i++)
    if (parameters ? class->fields[i].parameter : class->fields[i].buffer)
      te_jit_text_format (text, "\"%s\", ", class->fields[i].name);
  te_jit_text_add (text, "]\n");
}

static void
add_field (TeJitText *text, const char *name, const char *type)
{
  if (te_jit_is_identifier (name))
    te_jit_text_format (text, "  %s : %s\n", name, type);
  else
    te_jit_text_format (text, "  __annotations__[\"%s\"] = %s\n", name, type);
}

/* def f (self, … of a class says whose self it is. */
static void
add_method (Program *self, TeJitText *text, const TeJitFunction *method)
{
  TeJitText code = { 0 };
  te_jit_code_text (&code, method, &self->constants);
  const char *shown = te_jit_text_get (&code);
  size_t head = strcspn (shown, ",)");
  TeJitText whole = { 0 };
  te_jit_text_add_n (&whole, shown, head);
  te_jit_text_format (&whole, ": %s%s", method->class->type->name, shown + head);
  add_indented (text, te_jit_text_get (&whole), 2);
  te_jit_text_clear (&whole);
  te_jit_text_clear (&code);
}

static void
add_class_text (Program *self, TeJitText *text, const TeJitClass *class)
{
  bool annotations = false;
  te_jit_text_format (text, "class %s(Module):\n", strrchr (class->type->name, '.') + 1);
  add_names (text, class, "__parameters__", true);
  add_names (text, class, "__buffers__", false);
  for (int i = 0; i < class->n_fields; i++)
    annotations = annotations || !te_jit_is_identifier (class->fields[i].name);
  if (annotations)
    te_jit_text_add (text, "  __annotations__ = []\n");
  for (int i = 0; i < class->n_fields; i++)
    add_field (text, class->fields[i].name, te_jit_type_plain (class->fields[i].type)->annotation);
  for (int i = 0; i < class->n_methods; i++)
    if (class->methods[i]->graph)
      add_method (self, text, class->methods[i]);
}

static const char *
part_name (const Part *part)
{
  return part->class ? part->class->type->name : part->function->qualified;
}

/* All files of code, in files; the number of them. */
static int
write_code (Program *self, TeCheckpointFile *files, TeJitText *texts, int most)
{
  int n = 0;
  for (int i = 0; i < self->n; i++)
    {
      const char *path = file_of (part_name (&self->parts[i]));
      int at = 0;
      while (at < n && files[at].name != path)
        at++;
      if (at == most)
        continue;
      if (at == n)
        files[n++].name = path;
      if (self->parts[i].class)
        add_class_text (self, &texts[at], self->parts[i].class);
      else
        te_jit_code_text (&texts[at], self->parts[i].function, &self->constants);
    }
  for (int i = 0; i < n; i++)
    {
      files[i].data = te_jit_text_get (&texts[i]);
      files[i].n = texts[i].n;
    }
  return n;
}

/* ---- values ---- */
static TeIoValue *value_of (Program *self, PyObject *object, const TeJitType *type);

static TeIoValue *
module_value (Program *self, PyObject *module, TeJitClass *class)
{
  const char *name = class->type->name, *dot = strrchr (name, '.');
  char place[512];
  snprintf (place, sizeof place, "%.*s", (int) (dot - name), name);
  TeIoValue *made = te_io_object (self->doc, te_io_global (self->doc, place, dot + 1),
                                  te_io_container (self->doc, TE_IO_TUPLE));
  TeIoValue *state = te_io_container (self->doc, TE_IO_DICT);
  if (!made || !state)
    return NULL;
  made->is_new = true;
  made->object.state = state;
  for (int i = 0; i < class->n_fields; i++)
    {
      const TeJitField *field = &class->fields[i];
      PyObject *object = PyObject_GetAttrString (module, field->name);
      TeIoValue *value = object ? value_of (self, object, field->type) : NULL;
      Py_XDECREF (object);
      if (!value
          || !te_io_append (self->doc, &state->items,
                            te_io_bytes (self->doc, TE_IO_STR, field->name, strlen (field->name)))
          || !te_io_append (self->doc, &state->items, value))
        return NULL;
    }
  return made;
}

/* A container that says what it holds, as readers of later versions expect. */
static TeIoValue *
with_type (Program *self, TeIoValue *made, const TeJitType *type)
{
  TeIoValue *args = te_io_container (self->doc, TE_IO_TUPLE);
  TeIoValue *text = te_io_bytes (self->doc, TE_IO_STR, type->annotation, strlen (type->annotation));
  if (!made || !args || !text || !te_io_append (self->doc, &args->items, made)
      || !te_io_append (self->doc, &args->items, text))
    return NULL;
  return te_io_object (self->doc, te_io_global (self->doc, "torch.jit._pickle", "restore_type_tag"), args);
}

static TeIoValue *
any_value (Program *self, TeJitAny value)
{
  TeIoValue *made;
  switch (value.tag)
    {
    case TE_JIT_V_NONE:
    case TE_JIT_V_DEVICE:
    case TE_JIT_V_OBJECT:
    case TE_JIT_V_FUNCTION:
      return te_io_none (self->doc);
    case TE_JIT_V_TENSOR:
      return te_io_tensor (self->doc, value.tensor, false, te_tensor_requires_grad (value.tensor));
    case TE_JIT_V_INT:
      return te_io_int (self->doc, value.i);
    case TE_JIT_V_FLOAT:
      return te_io_float (self->doc, value.f);
    case TE_JIT_V_BOOL:
      return te_io_bool (self->doc, value.b);
    case TE_JIT_V_STR:
      return te_io_bytes (self->doc, TE_IO_STR, value.data->text, (size_t) value.data->n);
    case TE_JIT_V_LIST:
    case TE_JIT_V_TUPLE:
    case TE_JIT_V_DICT:
      made = te_io_container (self->doc, value.tag == TE_JIT_V_LIST    ? TE_IO_LIST
                                         : value.tag == TE_JIT_V_TUPLE ? TE_IO_TUPLE
                                                                       : TE_IO_DICT);
      for (int i = 0; made && i < value.data->n; i++)
        {
          TeIoValue *item = any_value (self, value.data->items[i]);
          if (!item || !te_io_append (self->doc, &made->items, item))
            return NULL;
        }
      return value.tag == TE_JIT_V_TUPLE ? made : with_type (self, made, te_jit_type_of (value));
    }
  return NULL;
}

static TeIoValue *
value_of (Program *self, PyObject *object, const TeJitType *type)
{
  TeJitClass *class = te_py_jit_class_of_module (object);
  TeJitAny value;
  if (class)
    return module_value (self, object, class);
  if (!te_py_jit_from (object, type, &value))
    return NULL;
  TeIoValue *made = any_value (self, value);
  te_jit_unref (value);
  return made;
}

static TeIoValue *
constants_value (Program *self)
{
  TeIoValue *tuple = te_io_container (self->doc, TE_IO_TUPLE);
  for (int i = 0; tuple && i < self->constants.n; i++)
    if (!te_io_append (self->doc, &tuple->items,
                       te_io_tensor (self->doc, self->constants.tensors[i], false, false)))
      return NULL;
  return tuple;
}

#define MOST_FILES 256

/* _jit_save (module, name, extra files) -> bytes */
static PyObject *
save (PyObject *module, PyObject *args)
{
  PyObject *object, *extra, *key, *item;
  const char *name;
  TeError err;
  te_error_clear (&err);
  if (!PyArg_ParseTuple (args, "OsO!", &object, &name, &PyDict_Type, &extra))
    return NULL;
  TeJitClass *class = te_py_jit_class_of_module (object);
  if (!class)
    return PyErr_Format (PyExc_TypeError, "a script module is wanted");
  Program program = { .doc = te_io_document_new (&err), .arena = te_jit_arena_new () };
  TeCheckpointFile files[MOST_FILES] = { { 0 } };
  TeJitText texts[MOST_FILES] = { { 0 } };
  TeIoBuffer out = { NULL };
  add_class (&program, class);
  int n = write_code (&program, files, texts, MOST_FILES - 1);
  for (Py_ssize_t at = 0; n < MOST_FILES && PyDict_Next (extra, &at, &key, &item);)
    {
      char *data = NULL;
      Py_ssize_t size = 0;
      if (PyUnicode_Check (item))
        data = (char *) PyUnicode_AsUTF8AndSize (item, &size);
      else if (PyBytes_Check (item))
        PyBytes_AsStringAndSize (item, &data, &size);
      files[n++] = (TeCheckpointFile){ te_jit_intern_format ("extra/%s", PyUnicode_AsUTF8 (key)),
                                       data ? data : "", (size_t) size };
    }
  if (program.python)
    refuse_python (&program);
  TeIoValue *root = program.doc && !program.python ? module_value (&program, object, class) : NULL,
            *constants = root ? constants_value (&program) : NULL;
  bool ok = constants && te_checkpoint_write_program (&out, root, constants, files, n, name, &err);
  PyObject *bytes = ok ? PyBytes_FromStringAndSize (out.data, (Py_ssize_t) out.n) : NULL;
  if (!ok && !PyErr_Occurred ())
    {
      if (err.kind)
        te_py_raise (&err);
      else
        PyErr_NoMemory ();
    }
  for (int i = 0; i < MOST_FILES; i++)
    te_jit_text_clear (&texts[i]);
  te_io_buffer_clear (&out);
  te_io_document_free (program.doc);
  te_jit_constants_clear (&program.constants);
  te_jit_arena_free (program.arena);
  return bytes;
}

static PyMethodDef functions[] = {
  { "_jit_save", save, METH_VARARGS, "A module's program as an archive." },
  { 0 },
};

bool
te_py_jit_save_init (PyObject *module)
{
  return PyModule_AddFunctions (module, functions) == 0;
}
