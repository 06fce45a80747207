/* The variables of a program, at any position of a trace: tensors, and plain values as far as they were seen. */
#pragma once

#include "models/trace.h"

G_BEGIN_DECLS

#define GB_TYPE_VARIABLE (gb_variable_get_type ())
G_DECLARE_FINAL_TYPE (GbVariable, gb_variable, GB, VARIABLE, GObject)

typedef enum
{
  GB_VARIABLE_NAME,
  GB_VARIABLE_SHAPE,
  GB_VARIABLE_DTYPE,
  GB_VARIABLE_VALUE,
  GB_VARIABLE_GRAD,
  GB_N_VARIABLE_COLUMNS,
} GbVariableColumn;

const char *gb_variable_get_text (GbVariable *self, GbVariableColumn column);
guint64 gb_variable_get_tensor (GbVariable *self); /* 0: it is a plain value */
/* When it changed last, in words; NULL: that was not recorded.  Owned. */
char *gb_variable_describe_change (GbVariable *self, GbTrace *trace, guint64 seq);

/* GbVariables remembers the bindings as they arrive; a name that is bound in every iteration keeps its latest
 * ones. */
typedef struct _GbVariables GbVariables;

GbVariables *gb_variables_new (GbTrace *trace);
void gb_variables_free (GbVariables *self);
/* Reads what is new in the trace; reset: forgets everything first. */
void gb_variables_update (GbVariables *self, gboolean reset);
/* Variables and then parameters as they are at seq (element-type GbVariable); owned. */
GPtrArray *gb_variables_list (GbVariables *self, guint64 seq);

/* What a plain variable was before and after seq, a line each with its iteration; owned. */
char *gb_variables_history (GbVariables *self, const char *name, guint64 seq);
/* One tensor in words, a line per fact; owned. */
char *gb_variables_describe (GbTrace *trace, guint64 tensor, guint64 seq);

G_END_DECLS
