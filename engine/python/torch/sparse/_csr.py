"""The compressed sparse matrix: where rows begin (crow_indices), columns and values of what is kept, row by row.

As the sparse tensor of coordinates (_coo.py) it is a tensor without memory to the engine, and functions ask it through
__torch_function__.  It is made, looked at, printed, multiplied with dense matrices and changed into the other forms; what more PyTorch
can do with it on a processor without MKL is little."""

import functools
import sys
import warnings

import torch
from torch import Tensor

from ._coo import _CASTS, _LIKE_DENSE, SparseTensor, _about, _text

_PER_VALUE = frozenset("abs neg sin sinh tan tanh asin asinh atan atanh sqrt square sign sgn floor ceil round trunc frac erf erfinv expm1 "
                       "log1p deg2rad rad2deg positive isnan isinf __neg__ __abs__".split())
_ANSWERS = {}
_warned = []


def _answers(*names):
    def keep(function):
        _ANSWERS.update(dict.fromkeys(names, function))
        return function
    return keep


def _refuse(name):
    raise NotImplementedError(f"Could not run 'aten::{name}' with arguments from the 'SparseCsrCPU' backend. This could be because the "
                              "operator doesn't exist for this backend, or was omitted during the selective/custom build process (if "
                              "using custom build).")


class CsrTensor(Tensor):
    """A matrix of layout torch.sparse_csr."""

    @staticmethod
    def _make(crow, columns, values, size):
        if not _warned:
            _warned.append(True)
            level, frame = 2, sys._getframe(1)  # the warning is of the program's line
            while frame.f_back and frame.f_globals.get("__name__", "").split(".")[0] == "torch":
                level, frame = level + 1, frame.f_back
            warnings.warn("Sparse CSR tensor support is in beta state. If you miss a functionality in the sparse tensor support, please "
                          "submit a feature request to https://github.com/pytorch/pytorch/issues.", stacklevel=level)
        self = torch.empty(size, dtype=values.dtype, device="meta").as_subclass(CsrTensor)
        self._crow, self._columns, self._v = crow, columns, values
        return self

    def _like(self, values):
        return self._make(self._crow, self._columns, values, tuple(self.shape))

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
            return args[0]._like(func(args[0]._v, *args[1:], **kwargs))
        return _refuse(name)

    layout = property(lambda self: torch.sparse_csr)
    device = property(lambda self: self._v.device)
    is_sparse = property(lambda self: False)
    is_sparse_csr = property(lambda self: True)
    is_leaf = property(lambda self: self._v.is_leaf)
    grad_fn = property(lambda self: self._v.grad_fn)
    requires_grad = property(lambda self: self._v.requires_grad, lambda self, value: self.requires_grad_(value))
    T = property(lambda self: _refuse("as_strided"))

    def requires_grad_(self, requires_grad=True):
        self._v.requires_grad_(requires_grad)
        return self

    def crow_indices(self):
        return self._crow

    def col_indices(self):
        return self._columns

    def values(self):
        return self._v

    def _nnz(self):
        return self._columns.numel()

    def sparse_dim(self):
        return 2

    def dense_dim(self):
        return 0

    def _rows(self):
        """Each kept element's row."""
        counts = self._crow[1:] - self._crow[:-1]
        return torch.repeat_interleave(torch.arange(self.shape[0]), counts.to(torch.int64))

    def to_sparse(self, *args):
        indices = torch.stack((self._rows(), self._columns.to(torch.int64)))
        return SparseTensor._make(indices, self._v, tuple(self.shape), True)

    to_sparse_coo = to_sparse

    def to_sparse_csr(self):
        return self._like(self._v)

    def to_dense(self, dtype=None):
        if dtype is not None:
            raise RuntimeError("dtype argument is not supported by sparse_csr_to_dense")
        return self.to_sparse().to_dense()

    def to(self, *args, **kwargs):
        values = self._v.to(*args, **kwargs)
        return self if values is self._v else self._like(values)

    def cpu(self):
        return self

    def clone(self, *, memory_format=None):
        return self._make(self._crow.clone(), self._columns.clone(), self._v.clone(), tuple(self.shape))

    def detach(self):
        return self._like(self._v.detach())

    def coalesce(self):
        return _refuse("is_coalesced")

    def indices(self):
        return _refuse("indices")

    def _indices(self):
        return _refuse("_indices")

    def sum(self, *args, **kwargs):
        return self._v.sum() if not args and not kwargs else _refuse("sum.dim_IntList")

    def stride(self, dim=None):
        raise RuntimeError("Sparse CSR tensors do not have strides")

    def is_contiguous(self, *args, **kwargs):
        raise RuntimeError("Sparse CSR tensors do not have is_contiguous")

    def numpy(self, *args, **kwargs):
        raise TypeError("can't convert SparseCsr layout tensor to numpy. Use Tensor.dense() first.")

    def tolist(self):
        raise RuntimeError("Cannot access data pointer of Tensor that doesn't have storage")

    def item(self):
        if self.numel() == 1:
            return self.to_dense().item()
        raise ValueError("only one element tensors can be converted to Python scalars")

    def __getitem__(self, index):
        if isinstance(index, slice) or isinstance(index, tuple) and any(isinstance(k, slice) for k in index):
            raise RuntimeError("Sparse CSR tensors do not have strides")
        return self.to_sparse()[index]

    def __repr__(self, *, tensor_contents=None):
        parts = _about(self)
        lines = [_text(part, name + "=tensor(") for part, name in ((self._crow, "crow_indices"), (self._columns, "col_indices"),
                                                                   (self._v, "values"))]
        text = "tensor(" + ",\n       ".join(lines)
        used = len(text) - text.rindex("\n") + 1
        for part in parts:
            fits = used + len(part) + 2 <= torch._C._print_linewidth()
            used = used + len(part) + 2 if fits else 7 + len(part)
            text += (", " if fits else ",\n       ") + part
        return text + ")"

    __str__ = __repr__

    def __format__(self, spec):
        return object.__format__(self, spec)

    def __hash__(self):
        return id(self)

    def __deepcopy__(self, memo):
        return self._make(self._crow.clone(), self._columns.clone(), self._v.detach().clone().requires_grad_(self.requires_grad),
                          tuple(self.shape))


@_answers("mm", "matmul", "_sparse_mm", "__matmul__")
def _product(a, b):
    if not isinstance(a, CsrTensor):
        return a @ b.to_dense()
    if isinstance(b, CsrTensor):
        if a.shape[1] != b.shape[0]:
            raise RuntimeError(f"mat1 and mat2 shapes cannot be multiplied ({a.shape[0]}x{a.shape[1]} and {b.shape[0]}x{b.shape[1]})")
        raise RuntimeError("addmm: computation on CPU is not implemented for SparseCsr + SparseCsr @ SparseCsr without MKL. PyTorch built "
                           "with MKL has better support for addmm with sparse CPU tensors.")
    if b.dim() == 1:
        return _of_vector(a, b)
    if a.shape[1] != b.shape[0]:
        raise RuntimeError(f"mat1 and mat2 shapes cannot be multiplied ({a.shape[0]}x{a.shape[1]} and {b.shape[0]}x{b.shape[1]})")
    rows = torch.zeros(a.shape[0], b.shape[1], dtype=a._v.dtype)
    return rows.index_add(0, a._rows(), a._v.unsqueeze(1) * b[a._columns.to(torch.int64)])


@_answers("__rmatmul__")
def _reflected_product(a, b):
    return _product(b, a)


@_answers("mv")
def _of_vector(a, b):
    raise RuntimeError("Calling addmv on a sparse CPU tensor requires compiling PyTorch with MKL. Please use PyTorch built MKL support.")


@_answers("addmm")
def _added_product(input, mat1, mat2, *, beta=1, alpha=1):
    return beta * input + alpha * _product(mat1, mat2)


@_answers("sum")
def _total(a, *args, **kwargs):
    return a.sum(*args, **kwargs)


@_answers("add", "__add__", "__radd__")
def _sum(a, b, **kwargs):
    raise RuntimeError("Calling add on a sparse CPU tensor requires compiling PyTorch with MKL. Please use PyTorch built MKL support.")


@_answers("mul", "__mul__", "__rmul__")
def _elementwise_product(a, b):
    if isinstance(a, CsrTensor) and isinstance(b, CsrTensor) and torch.equal(a._crow, b._crow) and torch.equal(a._columns, b._columns):
        return a._like(a._v * b._v)
    if not isinstance(a, Tensor) or not isinstance(b, Tensor) or not a.dim() or not b.dim():
        raise RuntimeError("sparse_mask_sparse_csr expects self to be 2D")
    return _refuse("mul.Tensor")


@_answers("sub", "__sub__", "div", "__truediv__", "exp", "eq", "__eq__", "ne", "__ne__")
def _other_layout(*args, **kwargs):
    raise RuntimeError("unsupported tensor layout: SparseCsr")


for _name in ("__matmul__", "__rmatmul__", "__add__", "__radd__", "__mul__", "__rmul__", "__sub__", "__truediv__", "mm", "matmul", "mv"):
    setattr(CsrTensor, _name, functools.wraps(_ANSWERS[_name])(lambda self, *args, _f=_ANSWERS[_name], **kwargs: _f(self, *args, **kwargs)))
for _name, _dtype in _CASTS.items():
    setattr(CsrTensor, _name, lambda self, dtype=_dtype: self.to(dtype))
CsrTensor.__name__ = CsrTensor.__qualname__ = "Tensor"
CsrTensor.__module__ = "torch"


# ---- how they are made ----
def _check(crow, columns, values, size):
    names = {torch.float32: "Float", torch.float64: "Double", torch.int64: "Long", torch.int32: "Int"}
    if crow.dtype != columns.dtype:
        raise RuntimeError("crow_indices and col_indices must have the same dtype, bot got "
                           f"{names.get(crow.dtype, crow.dtype)} and {names.get(columns.dtype, columns.dtype)}, respectively")
    n_rows, n_columns = size
    if columns.size(-1) != values.size(0):
        raise RuntimeError(f"col_indices.shape[-1] must be equal to nnz (={values.size(0)}) as defined by values.shape[0], but got "
                           f"{columns.size(-1)}")
    if crow.size(-1) != n_rows + 1:
        raise RuntimeError(f"crow_indices.shape[-1] must be equal to the number of rows + 1 (={n_rows + 1}), but got {crow.size(-1)}")
    starts = crow.tolist()
    if starts[0] != 0:
        raise RuntimeError("`crow_indices[..., 0] == 0` is not satisfied.")
    if starts[-1] != columns.numel():
        raise RuntimeError("`crow_indices[..., -1] == nnz` is not satisfied.")
    if any(not 0 <= b - a <= n_columns for a, b in zip(starts, starts[1:])):
        raise RuntimeError("`0 <= crow_indices[..., 1:] - crow_indices[..., :-1] <= ncols` is not satisfied.")
    at = columns.tolist()
    if any(not 0 <= c < n_columns for c in at):
        raise RuntimeError("`0 <= col_indices < ncols` is not satisfied.")
    if any(at[i] >= at[i + 1] for a, b in zip(starts, starts[1:]) for i in range(a, b - 1)):
        raise RuntimeError("`col_indices[..., crow_indices[..., i - 1]:crow_indices[..., i]] for all i = 1, ..., nrows are sorted and "
                           "distinct along the last dimension values` is not satisfied.")


def sparse_csr_tensor(crow_indices, col_indices, values, size=None, *, dtype=None, device=None, requires_grad=False):
    """A sparse matrix of row beginnings, columns and values; as many columns as they need where no size is given."""
    crow, columns = (t if isinstance(t, Tensor) else torch.tensor(t) for t in (crow_indices, col_indices))
    values = values if isinstance(values, Tensor) else torch.tensor(values, dtype=dtype)
    values = values if dtype is None else values.to(dtype)
    if size is None:
        size = (crow.size(-1) - 1, int(columns.max()) + 1 if columns.numel() else 0)
    _check(crow, columns, values, tuple(size))
    made = CsrTensor._make(crow, columns, values, tuple(size))
    return made.requires_grad_() if requires_grad else made


def to_sparse_csr(matrix):
    """What of a matrix is not zero, row by row; of a sparse tensor what it keeps."""
    coo = matrix.coalesce() if isinstance(matrix, SparseTensor) else None
    if coo is None and matrix.dim() != 2:
        raise RuntimeError(f"to_sparse_csr of a tensor of {matrix.dim()} dimensions is not implemented in Gradboard's engine: a matrix has two")
    coo = matrix.to_sparse() if coo is None else coo
    rows, columns = coo._indices()
    counts = torch.bincount(rows, minlength=coo.shape[0])
    crow = torch.cat((torch.zeros(1, dtype=torch.int64), counts.cumsum(0)))
    return CsrTensor._make(crow, columns.clone(), coo._values(), tuple(coo.shape))
