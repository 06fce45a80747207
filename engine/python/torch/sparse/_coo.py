"""The sparse tensor: coordinates (sparse dimensions x kept elements) and values (kept elements x dense dimensions).

To the engine it is a tensor without memory, of the right sizes and dtype, whose parts hang on it (engine/core/sparse.h); functions ask it as any class of one's own that has
__torch_function__, and it answers those of _ANSWERS with operations on its coordinates and values, so that gradients flow to both
factors of a product.  Others it refuses by name, as PyTorch's sparse backend does."""

import functools
import re

import torch
from torch import Tensor

_LIKE_DENSE = frozenset("size dim numel nelement ndimension is_floating_point is_complex is_signed element_size __len__ type_as "
                        "shape ndim dtype itemsize is_quantized is_mkldnn is_cuda is_meta names is_inference".split())
_PER_VALUE = frozenset("abs neg sqrt square sin tan sinh tanh asin atan asinh atanh expm1 log1p sign sgn floor ceil round trunc frac erf "
                       "erfinv deg2rad rad2deg positive nan_to_num isnan isinf".split())
_CASTS = {"float": torch.float32, "double": torch.float64, "half": torch.float16, "bfloat16": torch.bfloat16, "int": torch.int32,
          "long": torch.int64, "short": torch.int16, "char": torch.int8, "byte": torch.uint8, "bool": torch.bool}
_ANSWERS = {}


def _answers(*names):
    def keep(function):
        _ANSWERS.update(dict.fromkeys(names, function))
        return function
    return keep


def _text(tensor, prefix):
    """A tensor's elements as they are printed behind prefix, seven columns in."""
    before = torch._C._print_linewidth()
    torch.set_printoptions(linewidth=before - len(prefix))
    try:
        body = re.sub(r",\s*(dtype|size)=[^=]*?(?=$|,\s*dtype)", "", repr(tensor.detach())[len("tensor("):-1])
    finally:
        torch.set_printoptions(linewidth=before)
    body = body.replace("\n", "\n" + " " * len(prefix))
    return prefix + body + (f", size={tuple(tensor.shape)}" if tensor.numel() == 0 else "") + ")"


def _about(tensor):
    """What is printed behind a sparse tensor's parts."""
    parts = [f"size={tuple(tensor.shape)}", f"nnz={tensor._nnz()}"]
    if tensor.dtype not in (torch.get_default_dtype(), torch.int64, torch.bool):
        parts.append(f"dtype={tensor.dtype}")
    parts.append(f"layout={tensor.layout}")
    if tensor.grad_fn is not None:
        parts.append(f"grad_fn=<{tensor.grad_fn.name()}>")
    elif tensor.requires_grad:
        parts.append("requires_grad=True")
    return parts


class SparseTensor(Tensor):
    """A tensor of layout torch.sparse_coo."""

    @staticmethod
    def _make(indices, values, size, coalesced=False):
        self = torch.empty(size, dtype=values.dtype, device="meta").as_subclass(SparseTensor)
        torch._C._set_sparse_parts(self, indices, values, coalesced)
        return self

    _i = property(lambda self: torch._C._sparse_parts(self)[0])
    _v = property(lambda self: torch._C._sparse_parts(self)[1])
    _coalesced = property(lambda self: torch._C._sparse_parts(self)[2])

    def _like(self, values, indices=None, size=None, coalesced=None):
        return self._make(self._i if indices is None else indices, values, tuple(self.shape) if size is None else size,
                          self._coalesced if coalesced is None else coalesced)

    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        kwargs, name = kwargs or {}, getattr(func, "__name__", "")
        if name in ("__get__", "__set__"):
            name = func.__self__.__name__
        if name in _LIKE_DENSE:
            with torch._C.DisableTorchFunction():
                return func(*args, **kwargs)
        if name in _ANSWERS:
            return _ANSWERS[name](*args, **kwargs)
        if name in _PER_VALUE:
            only = args[0] if name in ("neg", "positive") else args[0].coalesce()
            return only._like(func(only._v, *args[1:], **kwargs))
        raise NotImplementedError(f"Could not run 'aten::{name}' with arguments from the 'SparseCPU' backend. This could be because the "
                                  "operator doesn't exist for this backend, or was omitted during the selective/custom build process "
                                  "(if using custom build).")

    # ---- what it is ----
    layout = property(lambda self: torch.sparse_coo)
    device = property(lambda self: self._v.device)
    is_sparse = property(lambda self: True)
    is_sparse_csr = property(lambda self: False)
    is_leaf = property(lambda self: self._v.is_leaf)
    grad_fn = property(lambda self: self._v.grad_fn)
    data = property(lambda self: self.detach())
    T = property(lambda self: self.t())

    @property
    def requires_grad(self):
        return self._v.requires_grad

    @requires_grad.setter
    def requires_grad(self, value):
        self.requires_grad_(value)

    @property
    def grad(self):
        return None if self._v.grad is None else self._like(self._v.grad)

    @grad.setter
    def grad(self, value):
        self._v.grad = None if value is None else value._v

    def requires_grad_(self, requires_grad=True):
        self._v.requires_grad_(requires_grad)
        return self

    def _indices(self):
        return self._i

    def _values(self):
        return self._v

    def _nnz(self):
        return self._i.size(1)

    def is_coalesced(self):
        return self._coalesced

    def sparse_dim(self):
        return self._i.size(0)

    def dense_dim(self):
        return self._v.dim() - 1

    def _kept(self, what, part):
        if not self._coalesced:
            raise RuntimeError(f"Cannot get {what} on an uncoalesced tensor, please call .coalesce() first")
        return part.detach() if what == "indices" else part

    def indices(self):
        return self._kept("indices", self._i)

    def values(self):
        return self._kept("values", self._v)

    def stride(self, dim=None):
        steps = torch.empty(tuple(self.shape), device="meta").stride()
        return steps if dim is None else steps[dim]

    def storage(self):
        raise NotImplementedError("Cannot access storage of SparseTensorImpl")

    data_ptr = untyped_storage = storage

    def numpy(self, *args, **kwargs):
        raise TypeError("can't convert Sparse layout tensor to numpy. Use Tensor.dense() first.")

    def __repr__(self, *, tensor_contents=None):
        parts = _about(self)
        text = "tensor(" + _text(self._i, "indices=tensor(") + ",\n       " + _text(self._v, "values=tensor(") + ",\n       " + parts[0]
        for part in parts[1:]:
            room = len(text) - text.rindex("\n") - 1 + len(part) + 2 <= torch._C._print_linewidth()
            text += (", " if room else ",\n       ") + part
        return text + ")"

    __str__ = __repr__

    def __format__(self, spec):
        return object.__format__(self, spec)

    def __hash__(self):
        return id(self)

    def __deepcopy__(self, memo):
        return self._like(self._v.detach().clone().requires_grad_(self.requires_grad), self._i.clone())

    def __reduce_ex__(self, protocol):
        from torch._utils import _rebuild_sparse_tensor
        return _rebuild_sparse_tensor, (torch.sparse_coo, (self._i, self._v, self.shape))

    # ---- other forms ----
    def _flat(self):
        """Each kept element's place among all of the sparse dimensions."""
        place = torch.zeros(self._nnz(), dtype=torch.int64)
        for row, size in zip(self._i, self.shape):
            place = place * size + row
        return place

    def _at(self, places):
        rows = []
        for size in reversed(tuple(self.shape)[:self.sparse_dim()]):
            rows.append(places % size)
            places = torch.div(places, size, rounding_mode="floor")
        return torch.stack(rows[::-1]) if rows else self._i[:, :1]

    def coalesce(self):
        """With coordinates in order, each once; values of the same place are added."""
        if self._coalesced:
            return self
        places, inverse = torch.unique(self._flat(), return_inverse=True)
        values = self._v.new_zeros((places.numel(),) + tuple(self._v.shape[1:])).index_add(0, inverse, self._v)
        return self._like(values, self._at(places), coalesced=True)

    def to_dense(self, dtype=None):
        n = self.sparse_dim()
        flat = self._v.new_zeros((self.shape[:n].numel(),) + tuple(self.shape[n:]))
        dense = flat.index_add(0, self._flat(), self._v).view(tuple(self.shape))
        return dense if dtype is None else dense.to(dtype)

    def to_sparse(self, *args):
        raise NotImplementedError("Could not run 'aten::to_sparse' with arguments from the 'SparseCPU' backend.")

    def to_sparse_csr(self):
        from torch.sparse._csr import to_sparse_csr as make
        return make(self)

    def to(self, *args, **kwargs):
        values = self._v.to(*args, **kwargs)
        return self if values is self._v else self._like(values)

    def type(self, dtype=None, *args):
        return "torch.sparse." + self._v.type().split(".")[-1] if dtype is None else self._like(self._v.type(dtype))

    def cpu(self):
        return self

    def cuda(self, *args, **kwargs):
        return self._v.cuda(*args, **kwargs)

    def clone(self, *, memory_format=None):
        return self._like(self._v.clone(), self._i.clone())

    def detach(self):
        return self._like(self._v.detach())

    def contiguous(self, *args, **kwargs):
        return self

    def is_contiguous(self, *args, **kwargs):
        return False

    def copy_(self, other, non_blocking=False):
        if self.shape != other.shape:
            raise NotImplementedError("copy_ from a sparse tensor of another size is not implemented in Gradboard's engine")
        torch._C._set_sparse_parts(self, other._i.clone(), other._v.to(self._v.dtype).clone(), other._coalesced)
        return self

    def zero_(self):
        torch._C._set_sparse_parts(self, torch.empty(self.dim(), 0, dtype=torch.int64), self._v.new_empty(0), False)
        return self

    def item(self):
        return self.to_dense().item()

    def backward(self, *args, **kwargs):
        raise NotImplementedError("backward of a sparse tensor is not implemented in Gradboard's engine")

    def __iter__(self):
        return (self[i] for i in range(self.shape[0]))

    def __getitem__(self, index):
        result = self
        for k in index if isinstance(index, tuple) else (index,):
            if not isinstance(k, int) or isinstance(k, bool):
                raise NotImplementedError("an index of a sparse tensor that is not an integer is not implemented in Gradboard's engine")
            result = result._select(k) if isinstance(result, SparseTensor) else result[k]
        return result

    def _select(self, k):
        size = self.shape[0]
        if not -size <= k < size:
            raise IndexError(f"select(): index {k} out of range for tensor of size {list(self.shape)} at dimension 0")
        here = self._i[0] == k % size
        if self.sparse_dim() == 1:
            return self._v[here].sum(0)
        return self._like(self._v[here], self._i[1:, here], tuple(self.shape)[1:])

    # ---- sums ----
    def _sum(self, dim, dtype):
        values = self._v if dtype is None else self._v.to(dtype)
        if dim is None:
            return values.sum()
        dims = [d % self.dim() for d in (dim if isinstance(dim, (tuple, list)) else (dim,))]
        n = self.sparse_dim()
        inner = [d - n + 1 for d in dims if d >= n]
        values = values.sum(inner) if inner else values
        kept = [d for d in range(n) if d not in dims]
        if not kept:
            return values.sum(0)
        size = tuple(s for d, s in enumerate(self.shape) if d not in dims)
        return self._like(values, self._i[kept], size, len(kept) == n and self._coalesced).coalesce()

    def _softmax(self, function, dim, dtype):
        only = self.coalesce()
        values = only._v if dtype is None else only._v.to(dtype)
        full = values.new_full(tuple(self.shape), float("-inf")).index_put(tuple(only._i), values)
        return only._like(function(full, dim)[tuple(only._i)])


def _dimensions(names, a, b):
    if a.size(-1) != b.size(0):
        raise RuntimeError(f"addmm: Argument #3 (dense): Expected dim 0 size {a.size(-1)}, got {b.size(0)}")


@_answers("mm", "matmul", "spmm", "smm", "mv", "__matmul__", "_sparse_mm")
def _product(a, b):
    if not isinstance(a, SparseTensor):  # dense times sparse is the transpose of sparse times dense
        return _product(b.t(), a.t()).t() if a.dim() == 2 else _product(b.t(), a)
    if isinstance(b, SparseTensor):
        return to_sparse(a.to_dense() @ b.to_dense())
    _dimensions("addmm", a, b)
    rows, columns = a._i
    values = a._v if b.dim() == 1 else a._v.unsqueeze(1)
    return torch.zeros((a.size(0),) + tuple(b.shape[1:]), dtype=a._v.dtype).index_add(0, rows, values * b[columns])


@_answers("__rmatmul__")
def _reflected_product(a, b):
    return _product(b, a)


@_answers("addmm", "sspaddmm")
def _added_product(input, mat1, mat2, *, beta=1, alpha=1):
    product = _product(mat1, mat2)
    return input * beta + (product * alpha if alpha != 1 else product)


@_answers("__radd__")
def _reflected_sum(a, b):
    return _sum_of(b, a)


def _same_size(a, b):
    if tuple(a.shape) != tuple(b.shape):
        raise RuntimeError(f"add: expected 'self' and 'other' to have same size, but self has size {list(a.shape)} while other has "
                           f"size {list(b.shape)} (FYI: dense-sparse addition does not currently support broadcasting)")


@_answers("add", "__add__")
def _sum_of(a, b, *, alpha=1):
    if not isinstance(a, Tensor):
        a, b = b, a
    if not isinstance(b, Tensor):
        raise NotImplementedError("Could not run 'aten::add' of a number with arguments from the 'SparseCPU' backend.")
    dtype = torch.promote_types(a.dtype, b.dtype)
    if not isinstance(a, SparseTensor):
        _same_size(a, b)
        rows = a.to(dtype).reshape((-1,) + tuple(a.shape[b.sparse_dim():]))
        return rows.index_add(0, b._flat(), b._v.to(dtype) * alpha).view(a.shape)
    if not isinstance(b, SparseTensor):
        raise RuntimeError("add(sparse, dense) is not supported. Use add(dense, sparse) instead.")
    if a.shape != b.shape:
        raise RuntimeError(f"add: expected sizes of 'self' and 'other' to match, but {list(a.shape)} != {list(b.shape)}")
    a, b = a.to(dtype), b.to(dtype)
    if a._v.requires_grad or b._v.requires_grad:
        both = a._like(torch.cat((a._v, b._v * alpha)), torch.cat((a._i, b._i), 1), coalesced=False).coalesce()
        return both._like(both._v, coalesced=a._coalesced and b._coalesced)
    return torch._C._sparse_sum(a, b if alpha == 1 else b._like(b._v * alpha))


@_answers("sub", "__sub__")
def _difference(a, b, *, alpha=1):
    return _sum_of(a, b, alpha=-alpha)


@_answers("__rsub__", "rsub")
def _reflected_difference(a, b):
    return _sum_of(b, a, alpha=-1)


@_answers("mul", "__mul__", "__rmul__", "multiply")
def _elementwise_product(a, b):
    if not isinstance(a, SparseTensor):
        a, b = b, a
    if not isinstance(b, Tensor) or b.dim() == 0:
        return a._like(a._v * b)
    if not isinstance(b, SparseTensor):
        a = a.coalesce()
        return a._like(a._v * b.expand(tuple(a.shape))[tuple(a._i)])
    a, b = a.coalesce(), b.coalesce()
    mine, its = a._flat(), b._flat()
    here, there = torch.isin(mine, its), torch.isin(its, mine)
    return a._like(a._v[here] * b._v[there], a._i[:, here])


@_answers("div", "__truediv__", "true_divide")
def _quotient(a, b, **kwargs):
    if isinstance(b, SparseTensor) or (isinstance(b, Tensor) and b.dim()):
        raise RuntimeError("Sparse division requires a scalar or zero-dim dense tensor divisor (got shape "
                           f"{list(b.shape)} for divisor)")
    return a._like(torch.div(a._v, b, **kwargs))


@_answers("pow", "__pow__")
def _power(a, exponent):
    only = a.coalesce()
    return only._like(only._v ** exponent)


_UNCAST = {"add": "Can't convert result type {0} to output {1} in add operation", "mul": "dtype of values ({0}) must match dtype of sparse tensor ({1})",
           "div": "result type {0} can't be cast to the desired output type {1}"}


def _fitting(values, dtype, kind):
    """Values as a tensor of dtype keeps them."""
    if not torch.can_cast(values.dtype, dtype):
        raise RuntimeError(_UNCAST[kind].format(*(torch.empty(0, dtype=each).type()[6:-6] for each in (values.dtype, dtype))))
    return values.to(dtype)


def _in_place(function, kind):
    def change(self, *args, **kwargs):
        made = function(self, *args, **kwargs)
        torch._C._set_sparse_parts(self, made._i, _fitting(made._v, self.dtype, kind), made._coalesced)
        return self
    return change


def _added(self, other, *, alpha=1):
    if isinstance(self, SparseTensor):
        return _in_place(_sum_of, "add")(self, other, alpha=alpha)
    _same_size(self, other)
    return self.index_put_(tuple(other._i), _fitting(other._v * alpha, self.dtype, "add"), accumulate=True)


def _subtracted(self, other, *, alpha=1):
    return _added(self, other, alpha=-alpha)


_ANSWERS.update(add_=_added, __iadd__=_added, sub_=_subtracted, __isub__=_subtracted)
for _name, _function in ("mul", _elementwise_product), ("div", _quotient):
    _ANSWERS[f"{_name}_"] = _ANSWERS["__imul__" if _name == "mul" else "__itruediv__"] = _in_place(_function, _name)


@_answers("t", "transpose", "transpose_", "swapaxes")
def _transposed(a, dim0=0, dim1=1):
    order, size = list(range(a.sparse_dim())), list(a.shape)
    dim0, dim1 = dim0 % a.dim(), dim1 % a.dim()
    if max(dim0, dim1) >= len(order):
        raise RuntimeError("sparse transpose: transposed dimensions must be sparse")
    order[dim0], order[dim1] = order[dim1], order[dim0]
    size[dim0], size[dim1] = size[dim1], size[dim0]
    return a._like(a._v, a._i[order], tuple(size), coalesced=False)


@_answers("cat", "concat")
def _joined(tensors, dim=0):
    first, at, parts = tensors[0], 0, []
    dim %= first.dim()
    for each in tensors:
        if not isinstance(each, SparseTensor):
            raise RuntimeError("Concatenating sparse tensors, but a dense tensor was found at position 1.")
        moved = each._i.clone()
        moved[dim] += at
        at += each.size(dim)
        parts.append(moved)
    size = list(first.shape)
    size[dim] = at
    return first._like(torch.cat([each._v for each in tensors]), torch.cat(parts, 1), tuple(size), coalesced=False)


@_answers("index_select")
def _selected(a, dim, index):
    dense = a.to_dense().index_select(dim, index)
    return to_sparse(dense)


@_answers("zeros_like", "empty_like")
def _nothing_like(a, dtype=None, **kwargs):
    return a._like(a._v[:0] if dtype is None else a._v[:0].to(dtype), a._i[:, :0])


@_answers("clone")
def _clone(a, *, memory_format=None):
    return a.clone()


@_answers("detach")
def _detach(a):
    return a.detach()


@_answers("norm")
def _norm(a, p=2, **kwargs):
    return torch.norm(a.coalesce()._v, 2 if p == "fro" else p)


@_answers("is_same_size")
def _is_same_size(a, b):
    return tuple(a.shape) == tuple(b.shape)


@_answers("sparse_mask")
def sparse_mask(dense, mask):
    return mask._like(dense[tuple(mask._i)])


@_answers("is_nonzero")
def _is_nonzero(a):
    return bool(a.to_dense())


def _method(name):
    function = _ANSWERS[name]

    @functools.wraps(function)
    def method(self, *args, **kwargs):
        return function(self, *args, **kwargs)
    method.__name__ = name
    return method


# Operators of the class itself, so that a dense left side hands them over.
for _name in ("__matmul__", "__rmatmul__", "__mul__", "__rmul__", "__add__", "__radd__", "__sub__", "__rsub__", "__truediv__", "__pow__", "__iadd__", "__isub__",
              "__imul__", "__itruediv__", "t", "transpose", "mm", "matmul", "mv", "index_select"):
    setattr(SparseTensor, _name, _method(_name))
for _name, _dtype in _CASTS.items():
    setattr(SparseTensor, _name, lambda self, dtype=_dtype: self.to(dtype))
SparseTensor.__name__ = SparseTensor.__qualname__ = "Tensor"
SparseTensor.__module__ = "torch"


# ---- how they are made ----
def _check(indices, values, size):
    if indices.dtype != torch.int64:
        indices = indices.to(torch.int64)
    if indices.dim() != 2:
        raise RuntimeError(f"indices must be sparse_dim x nnz, but got: {list(indices.shape)}")
    if indices.size(1) != values.size(0) if values.dim() else True:
        raise RuntimeError(f"indices and values must have same nnz, but got nnz from indices: {indices.size(1)}, nnz from values: "
                           f"{values.size(0) if values.dim() else 0}")
    n = indices.size(0)
    low = indices.min(1)[0].tolist() if indices.size(1) else [0] * n
    for d, least in enumerate(low):
        if least < 0:
            raise RuntimeError(f"found negative index {least} for dim {d}")
    high = indices.max(1)[0].tolist() if indices.size(1) else [-1] * n
    if size is None:
        size = tuple(most + 1 for most in high) + tuple(values.shape[1:])
    size = tuple(size)
    if len(size) != n + values.dim() - 1:
        raise RuntimeError(f"number of dimensions must be sparse_dim ({n}) + dense_dim ({values.dim() - 1}), but got {len(size)}")
    for d, most in enumerate(high):
        if most >= size[d]:
            raise RuntimeError(f"size is inconsistent with indices: for dim {d}, size is {size[d]} but found index {most}")
    return indices, size


def sparse_coo_tensor(indices, values=None, size=None, *, dtype=None, device=None, requires_grad=False):
    """A sparse tensor of coordinates and values; sizes are as large as the coordinates need where none are given."""
    if values is None:
        size = tuple(indices)
        return SparseTensor._make(torch.zeros(len(size), 0, dtype=torch.int64), torch.zeros(0, dtype=dtype), size)
    indices = indices if isinstance(indices, Tensor) else torch.tensor(indices)
    values = values if isinstance(values, Tensor) else torch.tensor(values, dtype=dtype)
    values = values if dtype is None else values.to(dtype)
    indices, size = _check(indices, values, size)
    made = SparseTensor._make(indices, values, size)
    return made.requires_grad_() if requires_grad else made


def to_sparse(dense, sparse_dim=None):
    """A dense tensor's elements that are not zero."""
    n = dense.dim() if sparse_dim is None else sparse_dim
    seen = dense.detach() != 0
    if n < dense.dim():
        seen = seen.flatten(n).any(-1)
    indices = seen.nonzero().t().contiguous()
    return SparseTensor._make(indices, dense[tuple(indices)], tuple(dense.shape), True)
