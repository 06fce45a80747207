/* einsum: the equation is read, operands are brought to one order of dimensions (output first, summed ones
 * after), then multiplied pair by pair from the left, each pair by one bmm, as PyTorch does it. */
#include <ctype.h>
#include <string.h>

#include "base/mem.h"
#include "ops/dispatch.h"
#include "ops/expr.h"
#include "ops/linalg/families.h"
#include "ops/shape/shape-util.h"

#define MAX_OPERANDS 16
#define N_LABELS     52 /* A-Z, a-z */
#define ELLIPSIS     N_LABELS

typedef struct
{
  TeExpr e;
  int n;
  TeTensor *ops[MAX_OPERANDS]; /* borrowed from the expression or the caller */
  int8_t labels[MAX_OPERANDS][TE_MAX_NDIM + 1];
  int n_labels[MAX_OPERANDS];
  int count[N_LABELS]; /* how often a label stands in the inputs */
  int ellipsis_ndim;
  int missing[MAX_OPERANDS]; /* how many of an ellipsis' dimensions an operand has not */
  int place[N_LABELS]; /* dimension of a label in the common order, -1: none yet */
  int ellipsis_place;
  int n_out, n_dims;     /* dimensions of the output, and of all */
  int uses[TE_MAX_NDIM]; /* operands still to come that have this dimension (size not 1) */
} Einsum;

static bool
label_of (char c, int8_t *label)
{
  if (!isalpha ((unsigned char) c))
    return false;
  *label = (int8_t) (isupper ((unsigned char) c) ? c - 'A' : c - 'a' + 26);
  return true;
}

static char
label_char (int label)
{
  return (char) (label < 26 ? 'A' + label : 'a' + label - 26);
}

static bool
fail (Einsum *s, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  te_error_set_v (s->e.err, TE_ERR_RUNTIME, format, args);
  va_end (args);
  s->e.failed = true;
  return false;
}

/* ---- reading ---- */
static bool
read_inputs (Einsum *s, const char *equation, size_t length)
{
  int op = 0;
  bool dots = false;
  for (size_t i = 0; i < length; i++)
    {
      int8_t label;
      char c = equation[i];
      if (c == ' ')
        continue;
      if (c == '.')
        {
          if (dots)
            return fail (s, "einsum(): found '.' for operand %d for which an ellipsis was already found", op);
          if (i + 2 >= length || equation[i + 1] != '.' || equation[i + 2] != '.')
            return fail (s, "einsum(): found '.' for operand %d that is not part of any ellipsis", op);
          i += 2;
          dots = true;
          label = ELLIPSIS;
        }
      else if (c == ',')
        {
          if (++op >= s->n)
            return fail (s, "einsum(): fewer operands were provided than specified in the equation");
          dots = false;
          continue;
        }
      else if (!label_of (c, &label))
        return fail (s,
                     "einsum(): invalid subscript given at index %zu in the equation string, subscripts must "
                     "be in [a-zA-Z]",
                     i);
      if (s->n_labels[op] > TE_MAX_NDIM)
        return fail (s, "einsum(): too many subscripts for operand %d", op);
      s->labels[op][s->n_labels[op]++] = label;
    }
  return op + 1 == s->n || fail (s, "einsum(): more operands were provided than specified in the equation");
}

static bool
check_ndims (Einsum *s)
{
  for (int i = 0; i < s->n; i++)
    {
      bool dots = false;
      int n = 0, ndim = s->ops[i]->ndim;
      for (int k = 0; k < s->n_labels[i]; k++)
        if (s->labels[i][k] == ELLIPSIS)
          dots = true;
        else
          {
            n++;
            s->count[s->labels[i][k]]++;
          }
      if (dots ? n > ndim : n != ndim)
        return fail (s,
                     dots ? "einsum(): the number of subscripts in the equation (%d) is more than the number "
                            "of dimensions (%d) "
                            "for operand %d"
                          : "einsum(): the number of subscripts in the equation (%d) does not match the "
                            "number of dimensions "
                            "(%d) for operand %d and no ellipsis was given",
                     n, ndim, i);
      if (dots && ndim - n > s->ellipsis_ndim)
        s->ellipsis_ndim = ndim - n;
    }
  return true;
}

/* Without "->" the output has the ellipsis and the labels that stand once, in alphabetical order. */
static void
implicit_output (Einsum *s)
{
  s->ellipsis_place = 0;
  s->n_out = s->ellipsis_ndim;
  for (int l = 0; l < N_LABELS; l++)
    if (s->count[l] == 1)
      s->place[l] = s->n_out++;
}

static bool
read_output (Einsum *s, const char *text, size_t offset)
{
  bool dots = false;
  s->ellipsis_place = -1;
  for (size_t i = 0; text[i]; i++)
    {
      int8_t label;
      if (text[i] == ' ')
        continue;
      if (text[i] == '.')
        {
          if (dots)
            return fail (s, "einsum(): found '.' for output but an ellipsis (...) was already found");
          if (text[i + 1] != '.' || text[i + 2] != '.')
            return fail (s, "einsum(): found '.' for output that is not part of any ellipsis (...)");
          i += 2;
          dots = true;
          s->ellipsis_place = s->n_out;
          s->n_out += s->ellipsis_ndim;
          continue;
        }
      if (!label_of (text[i], &label))
        return fail (s,
                     "einsum(): invalid subscript given at index %zu in the equation string, subscripts must "
                     "be in [a-zA-Z]",
                     offset + i);
      if (s->count[label] == 0 || s->place[label] >= 0)
        return fail (
            s,
            s->count[label] == 0
                ? "einsum(): output subscript %c does not appear in the equation for any input operand"
                : "einsum(): output subscript %c appears more than once in the output",
            label_char (label));
      s->place[label] = s->n_out++;
    }
  return true;
}

/* ---- one order for all ---- */
/* A label that stands twice in one operand: its diagonal. */
static bool
take_diagonal (Einsum *s, int i, int label, int at, int *dim_of_label)
{
  TeTensor *op = s->ops[i];
  int64_t first = dim_of_label[label];
  if (op->sizes[first] != op->sizes[at])
    return fail (s,
                 "einsum(): subscript %c is repeated for operand %d but the sizes don't match, %lld != %lld",
                 label_char (label), i, (long long) op->sizes[at], (long long) op->sizes[first]);
  const int64_t last = -1;
  TeTensor *line = EX (&s->e, "diagonal", "Tiii", op, (int64_t) 0, first, (int64_t) at);
  TeTensor *moved = EX (&s->e, "movedim.intlist", "TII", line, &last, 1, &first, 1);
  if (moved)
    s->ops[i] = moved;
  return !s->e.failed;
}

static bool
permute_operand (Einsum *s, int i)
{
  int dim_of_label[N_LABELS], at = 0;
  int64_t order[TE_MAX_NDIM];
  int n_given = s->n_labels[i];
  memset (dim_of_label, -1, sizeof dim_of_label);
  for (int d = 0; d < s->n_dims; d++)
    order[d] = -1;
  int missing = s->ellipsis_ndim, own = s->ops[i]->ndim - n_given + 1;
  s->missing[i] = missing - own;
  for (int k = 0; k < n_given; k++)
    {
      int label = s->labels[i][k];
      if (label == ELLIPSIS)
        { /* an operand's ellipsis may have fewer dimensions: they are the last ones */
          for (int64_t d = missing - own; d < missing; d++)
            order[s->ellipsis_place + d] = at++;
          continue;
        }
      if (dim_of_label[label] >= 0)
        {
          if (!take_diagonal (s, i, label, at, dim_of_label))
            return false;
          continue;
        }
      dim_of_label[label] = at;
      order[s->place[label]] = at++;
    }
  for (int d = 0; d < s->n_dims && !s->e.failed; d++)
    if (order[d] < 0)
      {
        TeTensor *wider = EX (&s->e, "unsqueeze", "Ti", s->ops[i], (int64_t) at);
        order[d] = at++;
        s->ops[i] = wider ? wider : s->ops[i];
      }
  TeTensor *permuted = EX (&s->e, "permute", "TI", s->ops[i], order, s->n_dims);
  if (permuted)
    s->ops[i] = permuted;
  return !s->e.failed;
}

static bool
check_broadcast (Einsum *s)
{
  for (int d = 0; d < s->n_dims; d++)
    {
      int64_t size = 1;
      for (int i = 0; i < s->n; i++)
        {
          int64_t has = s->ops[i]->sizes[d];
          if (has == 1)
            continue;
          if (size != 1 && size != has)
            {
              int label = 0;
              while (label < N_LABELS && s->place[label] != d)
                label++;
              if (label == N_LABELS)
                {
                  int before = 0;
                  while (s->labels[i][before] != ELLIPSIS)
                    before++;
                  return fail (
                      s,
                      "einsum(): dimension %d covered by ellipsis in operand %dhas size %lld which does "
                      "not broadcast with previously seen ellipsis with size %lld for the respective "
                      "dimension",
                      before + d - s->ellipsis_place - s->missing[i], i, (long long) has, (long long) size);
                }
              return fail (s,
                           "einsum(): subscript %c has size %lld for operand %d which does not broadcast "
                           "with previously seen "
                           "size %lld",
                           label_char (label), (long long) has, i, (long long) size);
            }
          size = has;
          s->uses[d]++;
        }
    }
  return true;
}

/* ---- multiplying ---- */
typedef struct
{
  int n;
  int64_t dims[TE_MAX_NDIM];
  int64_t product;
} Group;

static void
group_add (Group *g, int dim, int64_t size)
{
  g->dims[g->n++] = dim;
  g->product *= size;
}

static int
append (int64_t *to, int n, const Group *g)
{
  memcpy (to + n, g->dims, (size_t) g->n * sizeof *to);
  return n + g->n;
}

/* left * right summed over `sums` (kept as size 1), by one bmm: dimensions in both and the output are
 * batches, those in one only are rows or columns. */
static TeTensor *
pair_product (TeExpr *e, TeTensor *left, TeTensor *right, const bool *summed)
{
  Group both = { 0, { 0 }, 1 }, lo = { 0, { 0 }, 1 }, ro = { 0, { 0 }, 1 }, sum = { 0, { 0 }, 1 };
  int ndim = left->ndim, n = 0;
  int64_t sizes[TE_MAX_NDIM], lp[TE_MAX_NDIM], rp[TE_MAX_NDIM], back[TE_MAX_NDIM];
  for (int d = 0; d < ndim && !e->failed; d++)
    {
      const int64_t dim = d;
      bool sl = left->sizes[d] != 1, sr = right->sizes[d] != 1;
      if (summed[d])
        {
          group_add (&sum, d, sl && sr ? left->sizes[d] : 1);
          if (sl && !sr)
            left = EX (e, "sum.dim_IntList", "TIb", left, &dim, 1, 1);
          else if (sr && !sl)
            right = EX (e, "sum.dim_IntList", "TIb", right, &dim, 1, 1);
        }
      else if (sl && sr)
        group_add (&both, d, left->sizes[d]);
      else if (sl)
        group_add (&lo, d, left->sizes[d]);
      else
        group_add (&ro, d, right->sizes[d]);
    }
  if (e->failed)
    return NULL;
  for (int i = 0; i < both.n; i++)
    sizes[n++] = left->sizes[both.dims[i]];
  for (int i = 0; i < lo.n; i++)
    sizes[n++] = left->sizes[lo.dims[i]];
  for (int i = 0; i < sum.n; i++)
    sizes[n++] = 1;
  for (int i = 0; i < ro.n; i++)
    sizes[n++] = right->sizes[ro.dims[i]];
  append (lp, append (lp, append (lp, append (lp, 0, &both), &lo), &sum), &ro);
  append (rp, append (rp, append (rp, append (rp, 0, &both), &sum), &ro), &lo);
  for (int i = 0; i < ndim; i++)
    back[lp[i]] = i; /* the output lies in the order both, lo, sum, ro: that of lp */
  const int64_t l3[] = { both.product, lo.product, sum.product },
                r3[] = { both.product, sum.product, ro.product };
  TeTensor *a = EX (e, "reshape", "TI", EX (e, "permute", "TI", left, lp, ndim), l3, 3);
  TeTensor *b = EX (e, "reshape", "TI", EX (e, "permute", "TI", right, rp, ndim), r3, 3);
  TeTensor *out = EX (e, "view", "TI", EX (e, "bmm", "TT", a, b), sizes, n);
  return EX (e, "permute", "TI", out, back, ndim);
}

static TeTensor *
multiply_next (Einsum *s, TeTensor *a, TeTensor *b)
{
  int64_t only_a[TE_MAX_NDIM], only_b[TE_MAX_NDIM];
  int na = 0, nb = 0, n = 0;
  bool summed[TE_MAX_NDIM] = { false };
  for (int d = s->n_out; d < s->n_dims; d++)
    if (a->sizes[d] != 1 && b->sizes[d] != 1)
      {
        if (--s->uses[d] == 1)
          {
            summed[d] = true;
            n++;
            s->uses[d] = 0;
          }
      }
    else if (s->uses[d] == 1)
      {
        if (a->sizes[d] != 1)
          only_a[na++] = d;
        else if (b->sizes[d] != 1)
          only_b[nb++] = d;
        if (a->sizes[d] != 1 || b->sizes[d] != 1)
          s->uses[d] = 0;
      }
  if (na)
    a = EX (&s->e, "sum.dim_IntList", "TIb", a, only_a, na, 1);
  if (nb)
    b = EX (&s->e, "sum.dim_IntList", "TIb", b, only_b, nb, 1);
  if (s->e.failed)
    return NULL;
  return n ? pair_product (&s->e, a, b, summed) : ex_mul (&s->e, a, b);
}

static TeTensor *
contract (Einsum *s)
{
  TeTensor *result = s->ops[0];
  /* a product of many operands makes many intermediates: each pair ends the ones before */
  for (int i = 1; i < s->n && !s->e.failed; i++)
    result = multiply_next (s, result, s->ops[i]);
  if (s->e.failed || s->n_dims == s->n_out)
    return result;
  if (s->n > 1)
    return EX (&s->e, "view", "TI", result, result->sizes, s->n_out);
  int64_t dims[TE_MAX_NDIM];
  for (int d = s->n_out; d < s->n_dims; d++)
    dims[d - s->n_out] = d;
  return EX (&s->e, "sum.dim_IntList", "TIb", result, dims, s->n_dims - s->n_out, 0);
}

static bool
arrange (Einsum *s, const char *equation)
{
  const char *arrow = strstr (equation, "->");
  memset (s->place, -1, sizeof s->place);
  if (!read_inputs (s, equation, arrow ? (size_t) (arrow - equation) : strlen (equation)) || !check_ndims (s))
    return false;
  if (!arrow)
    implicit_output (s);
  else if (!read_output (s, arrow + 2, (size_t) (arrow + 2 - equation)))
    return false;
  s->n_dims = s->n_out;
  if (s->ellipsis_place < 0)
    {
      s->ellipsis_place = s->n_dims;
      s->n_dims += s->ellipsis_ndim;
    }
  for (int l = 0; l < N_LABELS; l++)
    if (s->count[l] > 0 && s->place[l] < 0)
      s->place[l] = s->n_dims++;
  if (s->n_dims > TE_MAX_NDIM)
    return fail (s, "tensors of more than %d dimensions are not supported", TE_MAX_NDIM);
  for (int i = 0; i < s->n; i++)
    if (!permute_operand (s, i))
      return false;
  return check_broadcast (s);
}

static bool
einsum_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *list = &call->args[1];
  Einsum *s = te_new (Einsum);
  TeTensor *result = NULL;
  if (!s)
    return te_error_no_memory (err);
  s->e.err = err;
  s->n = list->count;
  bool ok = true;
  if (list->count == 0)
    ok = te_error_set (err, TE_ERR_RUNTIME, "einsum(): must provide at least one operand");
  else if (list->count > MAX_OPERANDS)
    ok = te_error_set (err, TE_ERR_NOT_IMPLEMENTED, "einsum(): more than %d operands are not implemented",
                       MAX_OPERANDS);
  for (int i = 0; ok && i < s->n; i++)
    s->ops[i] = list->tensors[i];
  if (!ok)
    s->e.failed = true;
  TeTensor *out = ok && arrange (s, call->args[0].string) ? contract (s) : NULL;
  ok = te_expr_end (&s->e, out, &result) && ok;
  te_free (s);
  return ok && te_result_give (call, 0, result, err);
}

static const TeOpDef rows[] = {
  { "einsum(str equation, Tensor[] tensors, *, int[]? path=None) -> Tensor", TE_OP_FUNCTION | TE_OP_COMPOSITE,
    einsum_kernel,
    .doc = "Sums of products over the dimensions that the equation names, e.g. 'bij,bjk->bik'." },
};

TE_OP_FAMILY (te_family_linalg_einsum, rows);
