/* All ops by name. */
#pragma once

#include "ops/op-def.h"

typedef struct
{
  const TeOpDef *rows;
  int count;
} TeOpFamily;

/* A family's file ends in its rows: `TE_OP_FAMILY (te_family_x, rows);`.  Its folder's meson.build says
 * `te_op_families += 'te_family_x'`; registry.c joins what is named there. */
#define TE_OP_FAMILY(name, rows_array) \
  const TeOpFamily name = { rows_array, (int) (sizeof (rows_array) / sizeof (rows_array)[0]) }

/* Parses one row; op is cleared by te_op_parse_clear, also after a failure. */
bool te_op_parse (const TeOpDef *def, TeOp *op, TeError *err);
void te_op_parse_clear (TeOp *op);

bool te_registry_init (TeError *err); /* parses all schemas; idempotent; RuntimeError naming a malformed row */
int te_registry_count (void);
const TeOp *te_registry_get (int index);
/* First overload of that name, or the exact "name.overload"; NULL when there is none. */
const TeOp *te_registry_find (const char *name);
/* Overloads of one name follow each other in order of registration; *count gets their number. */
const TeOp *const *te_registry_overloads (const char *name, int *count);
