#include "jit/function.h"

#include <string.h>

#include "jit/number-text.h"

TeJitFunction *
te_jit_function_new (const char *qualified)
{
  TeJitFunction *function = te_jit_alloc (NULL, sizeof *function);
  const char *dot = strrchr (qualified, '.');
  function->qualified = te_jit_intern (qualified);
  function->name = te_jit_intern (dot ? dot + 1 : qualified);
  return function;
}

static void
add_default (TeJitText *text, TeJitAny value)
{
  if (value.tag == TE_JIT_V_STR)
    te_jit_text_quoted (text, value.data->text, (size_t) value.data->n);
  else
    te_jit_text_value (text, value);
}

const char *
te_jit_function_declaration (const TeJitFunction *function)
{
  TeJitText text = { 0 };
  te_jit_text_format (&text, "%s(", function->name);
  for (int i = 0; i < function->n_params; i++)
    {
      const TeJitParam *param = &function->params[i];
      const char *type = te_jit_type_plain (param->type)->text;
      te_jit_text_format (&text, "%s%.*s", i ? ", " : "", (int) strlen (type) - (param->list_size ? 1 : 0),
                          type);
      if (param->list_size)
        te_jit_text_format (&text, "%d]", param->list_size);
      te_jit_text_format (&text, " %s", param->name);
      if (!param->has_default)
        continue;
      te_jit_text_add (&text, "=");
      add_default (&text, param->default_value);
    }
  const TeJitType *returns = te_jit_type_plain (function->returns);
  bool several = returns->kind == TE_JIT_TUPLE && !returns->name; /* one result: a tuple */
  te_jit_text_format (&text, several ? ") -> (%s)" : ") -> %s", returns->text);
  const char *result = te_jit_intern (te_jit_text_get (&text));
  te_jit_text_clear (&text);
  return result;
}

/* ---- classes ---- */
static const char **taken;
static int n_taken, taken_room;

static bool
is_taken (const char *name)
{
  for (int i = 0; i < n_taken; i++)
    if (taken[i] == name)
      return true;
  return false;
}

static const char *
free_name (const char *qualified)
{
  static int mangle;
  const char *name = te_jit_intern (qualified), *dot = strrchr (qualified, '.');
  while (is_taken (name) && dot)
    name =
        te_jit_intern_format ("%.*s.___torch_mangle_%d%s", (int) (dot - qualified), qualified, mangle++, dot);
  TE_JIT_PUSH (NULL, taken, n_taken, taken_room, name);
  return name;
}

TeJitClass *
te_jit_class_new (const char *qualified)
{
  TeJitClass *class = te_jit_alloc (NULL, sizeof *class);
  class->type = te_jit_type_class (free_name (qualified), class);
  return class;
}

const TeJitField *
te_jit_class_field (const TeJitClass *class, const char *name)
{
  for (int i = 0; i < class->n_fields; i++)
    if (strcmp (class->fields[i].name, name) == 0)
      return &class->fields[i];
  return NULL;
}

void
te_jit_class_add_field (
    TeJitClass *class, const char *name, const TeJitType *type, bool parameter, bool buffer)
{
  TeJitField field = { te_jit_intern (name), type, parameter, buffer };
  TE_JIT_PUSH (NULL, class->fields, class->n_fields, class->fields_room, field);
}

TeJitFunction *
te_jit_class_method (const TeJitClass *class, const char *name)
{
  for (int i = 0; i < class->n_methods; i++)
    if (strcmp (class->methods[i]->name, name) == 0)
      return class->methods[i];
  return NULL;
}
