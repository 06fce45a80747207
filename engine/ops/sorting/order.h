/* Putting (key, index) pairs in order.  Which of several equal keys comes first is part of what a program
 * sees (topk's indices), so besides the stable sort the selection algorithms follow libstdc++'s, step by
 * step, which is what PyTorch's kernels call.  Source: Musser 1997, "Introspective sorting and selection
 * algorithms". */
#pragma once

#include "core/tensor.h"

typedef struct
{
  union
  {
    double f;
    int64_t i;
  };
  int64_t index;
} TeItem;

/* Ascending puts NaN last, descending puts it first. */
typedef enum
{
  TE_ORDER_FLOAT_UP,
  TE_ORDER_FLOAT_DOWN,
  TE_ORDER_INT_UP,
  TE_ORDER_INT_DOWN,
} TeOrder;

TeOrder te_order_of (TeDtype dtype, bool descending);
void
te_order_stable_sort (TeOrder order, TeItem *items, int64_t n, TeItem *scratch);  /* scratch: room for n */
void te_order_sort (TeOrder order, TeItem *items, int64_t n);                     /* as std::sort */
void te_order_partial_sort (TeOrder order, TeItem *items, int64_t k, int64_t n);  /* as std::partial_sort */
void te_order_nth_element (TeOrder order, TeItem *items, int64_t nth, int64_t n); /* as std::nth_element */
void
te_order_quick_select (TeOrder order, TeItem *items, int64_t k, int64_t n); /* ascending, as kthvalue's */

/* n elements at a stride (in elements) as items, and back. */
void te_items_read (TeItem *items, TeDtype dtype, const void *data, int64_t stride, int64_t n);
void te_item_write (const TeItem *item, TeDtype dtype, void *element);
