/* All ops by name. */
#pragma once

#include "ops/op-def.h"

typedef struct
{
  const TeOpDef *rows;
  int count;
} TeOpFamily;

/* A family's file ends in its rows; its header declares `extern const TeOpFamily te_family_x`, and registry.c lists it. */
#define TE_OP_FAMILY(name, rows_array) \
  const TeOpFamily name = { rows_array, (int) (sizeof (rows_array) / sizeof (rows_array)[0]) }

bool te_registry_init (TeError *err); /* parses all schemas; idempotent; RuntimeError naming a malformed row */
int te_registry_count (void);
const TeOp *te_registry_get (int index);
/* First overload of that name, or the exact "name.overload"; NULL when there is none. */
const TeOp *te_registry_find (const char *name);
/* Overloads of one name follow each other in order of registration; *count gets their number. */
const TeOp *const *te_registry_overloads (const char *name, int *count);
