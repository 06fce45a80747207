/* Names of ops in tables of exceptions: a row means an op ("clamp") or one overload of it ("clamp.Tensor"). */
#pragma once

#include <stddef.h>
#include <string.h>

typedef enum
{
  TE_OP_NAME_OTHER,
  TE_OP_NAME_FAMILY, /* the row names the op without the overload */
  TE_OP_NAME_EXACT,
} TeOpNameMatch;

/* How a row's name fits `op`, of which the first `length` bytes come before its overload.  Thousands of ops are
 * looked up at start-up, so that most rows must be told apart by their first byte. */
static inline TeOpNameMatch
te_op_name_match (const char *row, const char *op, size_t length)
{
  if (row[0] != op[0] || strncmp (row, op, length) != 0)
    return TE_OP_NAME_OTHER;
  if (strcmp (row + length, op + length) == 0)
    return TE_OP_NAME_EXACT;
  return row[length] ? TE_OP_NAME_OTHER : TE_OP_NAME_FAMILY;
}

static inline size_t
te_op_name_length (const char *op)
{
  return strcspn (op, ".");
}
