#include "ops/sorting/order.h"

#include <string.h>

#define SWAP(a, b)                                                                                           \
  do                                                                                                         \
    {                                                                                                        \
      TeItem swap_ = (a);                                                                                    \
      (a) = (b);                                                                                             \
      (b) = swap_;                                                                                           \
    }                                                                                                        \
  while (0)

static int
log2_floor (int64_t n)
{
  return 63 - __builtin_clzll ((unsigned long long) n);
}

/* All algorithms for one order; `less` is an expression over items *x and *y. */
#define ORDER(NAME, LESS)                                                                                    \
  static inline bool NAME##_less (const TeItem *x, const TeItem *y)                                          \
  {                                                                                                          \
    return LESS;                                                                                             \
  }                                                                                                          \
                                                                                                             \
  static void NAME##_linear_insert (TeItem *last)                                                            \
  {                                                                                                          \
    TeItem value = *last;                                                                                    \
    for (; NAME##_less (&value, last - 1); last--)                                                           \
      *last = last[-1];                                                                                      \
    *last = value;                                                                                           \
  }                                                                                                          \
                                                                                                             \
  static void NAME##_insertion_sort (TeItem *first, TeItem *last)                                            \
  {                                                                                                          \
    for (TeItem *i = first + 1; first < last && i < last; i++)                                               \
      if (NAME##_less (i, first))                                                                            \
        {                                                                                                    \
          TeItem value = *i;                                                                                 \
          memmove (first + 1, first, (size_t) (i - first) * sizeof *i);                                      \
          *first = value;                                                                                    \
        }                                                                                                    \
      else                                                                                                   \
        NAME##_linear_insert (i);                                                                            \
  }                                                                                                          \
                                                                                                             \
  static void NAME##_stable (TeItem *items, int64_t n, TeItem *scratch)                                      \
  {                                                                                                          \
    enum                                                                                                     \
    {                                                                                                        \
      RUN = 16                                                                                               \
    };                                                                                                       \
    for (int64_t i = 0; i < n; i += RUN)                                                                     \
      NAME##_insertion_sort (items + i, items + (i + RUN < n ? i + RUN : n));                                \
    for (int64_t width = RUN; width < n; width *= 2)                                                         \
      {                                                                                                      \
        for (int64_t i = 0; i < n; i += 2 * width)                                                           \
          {                                                                                                  \
            int64_t mid = i + width < n ? i + width : n, end = i + 2 * width < n ? i + 2 * width : n;        \
            int64_t a = i, b = mid, to = i;                                                                  \
            while (a < mid && b < end)                                                                       \
              scratch[to++] = NAME##_less (&items[b], &items[a]) ? items[b++] : items[a++];                  \
            memcpy (scratch + to, items + a, (size_t) (mid - a) * sizeof *items);                            \
            memcpy (scratch + to + (mid - a), items + b, (size_t) (end - b) * sizeof *items);                \
          }                                                                                                  \
        memcpy (items, scratch, (size_t) n * sizeof *items);                                                 \
      }                                                                                                      \
  }                                                                                                          \
                                                                                                             \
  static void NAME##_push_heap (TeItem *first, int64_t hole, int64_t top, TeItem value)                      \
  {                                                                                                          \
    for (int64_t parent = (hole - 1) / 2; hole > top && NAME##_less (&first[parent], &value);                \
         parent = (hole - 1) / 2)                                                                            \
      {                                                                                                      \
        first[hole] = first[parent];                                                                         \
        hole = parent;                                                                                       \
      }                                                                                                      \
    first[hole] = value;                                                                                     \
  }                                                                                                          \
                                                                                                             \
  static void NAME##_adjust_heap (TeItem *first, int64_t hole, int64_t n, TeItem value)                      \
  {                                                                                                          \
    int64_t top = hole, child = hole;                                                                        \
    while (child < (n - 1) / 2)                                                                              \
      {                                                                                                      \
        child = 2 * (child + 1);                                                                             \
        if (NAME##_less (&first[child], &first[child - 1]))                                                  \
          child--;                                                                                           \
        first[hole] = first[child];                                                                          \
        hole = child;                                                                                        \
      }                                                                                                      \
    if ((n & 1) == 0 && child == (n - 2) / 2)                                                                \
      {                                                                                                      \
        child = 2 * (child + 1);                                                                             \
        first[hole] = first[child - 1];                                                                      \
        hole = child - 1;                                                                                    \
      }                                                                                                      \
    NAME##_push_heap (first, hole, top, value);                                                              \
  }                                                                                                          \
                                                                                                             \
  static void NAME##_pop_heap (TeItem *first, TeItem *last, TeItem *result)                                  \
  {                                                                                                          \
    TeItem value = *result;                                                                                  \
    *result = *first;                                                                                        \
    NAME##_adjust_heap (first, 0, last - first, value);                                                      \
  }                                                                                                          \
                                                                                                             \
  static void NAME##_heap_select (TeItem *first, TeItem *middle, TeItem *last)                               \
  {                                                                                                          \
    int64_t n = middle - first;                                                                              \
    for (int64_t parent = (n - 2) / 2; n >= 2 && parent >= 0; parent--)                                      \
      NAME##_adjust_heap (first, parent, n, first[parent]);                                                  \
    for (TeItem *i = middle; i < last; i++)                                                                  \
      if (NAME##_less (i, first))                                                                            \
        NAME##_pop_heap (first, middle, i);                                                                  \
  }                                                                                                          \
                                                                                                             \
  static void NAME##_partial (TeItem *first, TeItem *middle, TeItem *last)                                   \
  {                                                                                                          \
    NAME##_heap_select (first, middle, last);                                                                \
    while (middle - first > 1)                                                                               \
      {                                                                                                      \
        middle--;                                                                                            \
        NAME##_pop_heap (first, middle, middle);                                                             \
      }                                                                                                      \
  }                                                                                                          \
                                                                                                             \
  static TeItem *NAME##_partition (TeItem *first, TeItem *last)                                              \
  {                                                                                                          \
    TeItem *a = first + 1, *b = first + (last - first) / 2, *c = last - 1, *pivot = first;                   \
    if (NAME##_less (a, b))                                                                                  \
      {                                                                                                      \
        TeItem *median = NAME##_less (b, c) ? b : NAME##_less (a, c) ? c : a;                                \
        SWAP (*first, *median);                                                                              \
      }                                                                                                      \
    else                                                                                                     \
      {                                                                                                      \
        TeItem *median = NAME##_less (a, c) ? a : NAME##_less (b, c) ? c : b;                                \
        SWAP (*first, *median);                                                                              \
      }                                                                                                      \
    for (first++;; first++)                                                                                  \
      {                                                                                                      \
        while (NAME##_less (first, pivot))                                                                   \
          first++;                                                                                           \
        last--;                                                                                              \
        while (NAME##_less (pivot, last))                                                                    \
          last--;                                                                                            \
        if (first >= last)                                                                                   \
          return first;                                                                                      \
        SWAP (*first, *last);                                                                                \
      }                                                                                                      \
  }                                                                                                          \
                                                                                                             \
  static void NAME##_introsort (TeItem *first, TeItem *last, int depth)                                      \
  {                                                                                                          \
    while (last - first > 16)                                                                                \
      {                                                                                                      \
        if (depth-- == 0)                                                                                    \
          {                                                                                                  \
            NAME##_partial (first, last, last);                                                              \
            return;                                                                                          \
          }                                                                                                  \
        TeItem *cut = NAME##_partition (first, last);                                                        \
        NAME##_introsort (cut, last, depth);                                                                 \
        last = cut;                                                                                          \
      }                                                                                                      \
  }                                                                                                          \
                                                                                                             \
  static void NAME##_sort (TeItem *first, int64_t n)                                                         \
  {                                                                                                          \
    if (n < 2)                                                                                               \
      return;                                                                                                \
    NAME##_introsort (first, first + n, 2 * log2_floor (n));                                                 \
    NAME##_insertion_sort (first, first + (n < 16 ? n : 16));                                                \
    for (int64_t i = 16; i < n; i++)                                                                         \
      NAME##_linear_insert (first + i);                                                                      \
  }                                                                                                          \
                                                                                                             \
  static void NAME##_nth (TeItem *first, TeItem *nth, TeItem *last)                                          \
  {                                                                                                          \
    if (first == last || nth == last)                                                                        \
      return;                                                                                                \
    for (int depth = 2 * log2_floor (last - first); last - first > 3;)                                       \
      {                                                                                                      \
        if (depth-- == 0)                                                                                    \
          {                                                                                                  \
            NAME##_heap_select (first, nth + 1, last);                                                       \
            SWAP (*first, *nth);                                                                             \
            return;                                                                                          \
          }                                                                                                  \
        TeItem *cut = NAME##_partition (first, last);                                                        \
        if (cut <= nth)                                                                                      \
          first = cut;                                                                                       \
        else                                                                                                 \
          last = cut;                                                                                        \
      }                                                                                                      \
    NAME##_insertion_sort (first, last);                                                                     \
  }                                                                                                          \
                                                                                                             \
  /* Source: Press et al., "Numerical Recipes", select; the form that kthvalue uses. */                      \
  static void NAME##_select (TeItem *a, int64_t k, int64_t n)                                                \
  {                                                                                                          \
    int64_t left = 0, right = n - 1;                                                                         \
    while (right > left)                                                                                     \
      {                                                                                                      \
        if (right == left + 1)                                                                               \
          {                                                                                                  \
            if (NAME##_less (&a[right], &a[left]))                                                           \
              SWAP (a[left], a[right]);                                                                      \
            return;                                                                                          \
          }                                                                                                  \
        int64_t p = left + (right - left) / 2, i = left + 1, j = right;                                      \
        SWAP (a[p], a[left + 1]);                                                                            \
        if (NAME##_less (&a[right], &a[left + 1]))                                                           \
          SWAP (a[left + 1], a[right]);                                                                      \
        if (NAME##_less (&a[right], &a[left]))                                                               \
          SWAP (a[left], a[right]);                                                                          \
        if (NAME##_less (&a[left], &a[left + 1]))                                                            \
          SWAP (a[left + 1], a[left]);                                                                       \
        TeItem pivot = a[left];                                                                              \
        for (;;)                                                                                             \
          {                                                                                                  \
            do                                                                                               \
              i++;                                                                                           \
            while (NAME##_less (&a[i], &pivot));                                                             \
            do                                                                                               \
              j--;                                                                                           \
            while (NAME##_less (&pivot, &a[j]));                                                             \
            if (j < i)                                                                                       \
              break;                                                                                         \
            SWAP (a[i], a[j]);                                                                               \
          }                                                                                                  \
        SWAP (a[left], a[j]);                                                                                \
        if (j <= k)                                                                                          \
          left = i;                                                                                          \
        if (j >= k)                                                                                          \
          right = j - 1;                                                                                     \
      }                                                                                                      \
  }

ORDER (float_up, x->f < y->f || (x->f == x->f && y->f != y->f))
ORDER (float_down, x->f > y->f || (x->f != x->f && y->f == y->f))
ORDER (int_up, x->i < y->i)
ORDER (int_down, x->i > y->i)

#define BY_ORDER(order, ALGORITHM, ...)                                                                      \
  switch (order)                                                                                             \
    {                                                                                                        \
    case TE_ORDER_FLOAT_UP:                                                                                  \
      float_up_##ALGORITHM (__VA_ARGS__);                                                                    \
      break;                                                                                                 \
    case TE_ORDER_FLOAT_DOWN:                                                                                \
      float_down_##ALGORITHM (__VA_ARGS__);                                                                  \
      break;                                                                                                 \
    case TE_ORDER_INT_UP:                                                                                    \
      int_up_##ALGORITHM (__VA_ARGS__);                                                                      \
      break;                                                                                                 \
    case TE_ORDER_INT_DOWN:                                                                                  \
      int_down_##ALGORITHM (__VA_ARGS__);                                                                    \
      break;                                                                                                 \
    }

TeOrder
te_order_of (TeDtype dtype, bool descending)
{
  if (te_dtype_is_floating (dtype))
    return descending ? TE_ORDER_FLOAT_DOWN : TE_ORDER_FLOAT_UP;
  return descending ? TE_ORDER_INT_DOWN : TE_ORDER_INT_UP;
}

void
te_order_stable_sort (TeOrder order, TeItem *items, int64_t n, TeItem *scratch)
{
  BY_ORDER (order, stable, items, n, scratch)
}

void
te_order_sort (TeOrder order, TeItem *items, int64_t n)
{
  BY_ORDER (order, sort, items, n)
}

void
te_order_partial_sort (TeOrder order, TeItem *items, int64_t k, int64_t n)
{
  BY_ORDER (order, partial, items, items + k, items + n)
}

void
te_order_nth_element (TeOrder order, TeItem *items, int64_t nth, int64_t n)
{
  BY_ORDER (order, nth, items, items + nth, items + n)
}

void
te_order_quick_select (TeOrder order, TeItem *items, int64_t k, int64_t n)
{
  BY_ORDER (order, select, items, k, n)
}

void
te_items_read (TeItem *items, TeDtype dtype, const void *data, int64_t stride, int64_t n)
{
  size_t nbytes = te_dtype_nbytes (dtype);
  for (int64_t i = 0; i < n; i++)
    {
      items[i].index = i;
      if (dtype == TE_FLOAT32)
        items[i].f = (double) ((const float *) data)[i * stride];
      else
        {
          TeScalar value = te_scalar_load (dtype, (const char *) data + i * stride * (int64_t) nbytes);
          if (value.category == TE_CATEGORY_FLOAT)
            items[i].f = value.f;
          else
            items[i].i = value.i;
        }
    }
}

void
te_item_write (const TeItem *item, TeDtype dtype, void *element)
{
  if (dtype == TE_FLOAT32)
    *(float *) element = (float) item->f;
  else
    te_scalar_store (te_dtype_is_floating (dtype) ? te_scalar_float (item->f) : te_scalar_int (item->i),
                     dtype, element);
}
