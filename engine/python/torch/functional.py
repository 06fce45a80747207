"""Functions whose arguments come in any number: they gather them and call the engine."""

from types import SimpleNamespace

import torch
from torch import _C
from torch._C import Tensor  # noqa: F401

__all__ = ["einsum", "meshgrid", "broadcast_tensors", "block_diag", "cartesian_prod", "atleast_1d", "atleast_2d",
           "atleast_3d", "split", "broadcast_shapes", "chain_matmul", "norm", "nonzero",
           "tensordot", "unique", "unique_consecutive"]

_ops = _C._functions
_VF = SimpleNamespace(meshgrid=_ops["meshgrid"])  # so called that a warning shows the line that PyTorch's shows


def _gather(tensors):
    return tensors[0] if len(tensors) == 1 and isinstance(tensors[0], (list, tuple)) else tensors


def _op(name):
    return _ops.get(name) or _C._missing("torch." + name)


def _subscripts(numbers):
    """[0, 1, ...] as letters: einsum's other notation."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    if any(n is not Ellipsis and not 0 <= n < 52 for n in numbers):
        raise ValueError("einsum(): subscript in subscript list is not within the valid range [0, 52)")
    return "".join("..." if n is Ellipsis else letters[n] for n in numbers)


def einsum(*args):
    """einsum('ij,jk->ik', a, b): sums of products, in Einstein's notation."""
    if len(args) < 2:
        raise ValueError("einsum(): must specify the equation string and at least one operand, "
                         "or at least one operand and its subscripts list")
    if isinstance(args[0], torch.Tensor):  # operand, subscripts, operand, subscripts, ... [, subscripts of the result]
        equation = ",".join(_subscripts(numbers) for numbers in args[1::2])
        if len(args) % 2:
            equation += "->" + _subscripts(args[-1])
        return _op("einsum")(equation, args[:len(args) // 2 * 2:2])
    operands = _gather(args[1:])
    if not len(operands):
        raise ValueError("einsum(): must specify the equation string and at least one operand, "
                         "or at least one operand and its subscripts list")
    return _op("einsum")(args[0], operands)


def meshgrid(*tensors, indexing=None):
    """Grids of coordinates from 1-dimensional tensors."""
    return _meshgrid(*tensors, indexing=indexing)


def _meshgrid(*tensors, **kwargs):
    kwargs = {key: value for key, value in kwargs.items() if value is not None}
    tensors = _gather(tensors)
    return _VF.meshgrid(tensors, **kwargs)  # type: ignore[attr-defined]


def broadcast_tensors(*tensors):
    """Views of all tensors in their common shape."""
    return tuple(_op("broadcast_tensors")(tensors))


def block_diag(*tensors):
    return _op("block_diag")(_gather(tensors))


def cartesian_prod(*tensors):
    return _op("cartesian_prod")(_gather(tensors))


def chain_matmul(*matrices, out=None):
    return _op("chain_matmul")(_gather(matrices), out=out)


def _atleast(n):
    def atleast(*tensors):
        items = _gather(tensors)
        if len(tensors) == 1 and items is tensors:
            return _op(f"atleast_{n}d")(tensors[0])
        return tuple(_op(f"atleast_{n}d")(item) for item in items)

    atleast.__name__ = atleast.__qualname__ = f"atleast_{n}d"
    return atleast


atleast_1d, atleast_2d, atleast_3d = _atleast(1), _atleast(2), _atleast(3)


def split(tensor, split_size_or_sections, dim=0):
    """Views of at most that many rows each, or of the given numbers of rows."""
    return tensor.split(split_size_or_sections, dim)


def broadcast_shapes(*shapes):
    """The shape that tensors of these shapes broadcast to."""
    for shape in shapes:
        if not isinstance(shape, (int, tuple, list)):
            raise RuntimeError("Input shapes should be of type ints, a tuple of ints, or a list of ints, got ", shape)
    sizes = [(shape,) if isinstance(shape, int) else tuple(shape) for shape in shapes]
    result = [1] * max(map(len, sizes), default=0)
    for shape in sizes:
        for i in range(-1, -1 - len(shape), -1):
            if shape[i] < 0:
                raise RuntimeError(f"Trying to create tensor with negative dimension ({shape[i]}): ({shape[i]})")
            if shape[i] not in (1, result[i]):
                if result[i] != 1:
                    raise RuntimeError("Shape mismatch: objects cannot be broadcast to a single shape")
                result[i] = shape[i]
    return torch.Size(result)


_norm = _C._functions["norm"]


def norm(input, p="fro", dim=None, keepdim=False, out=None, dtype=None):
    """The p-norm over dim, or over all elements."""
    if p == "nuc":
        if dtype is not None:
            raise ValueError("dtype argument is not supported in nuclear norm")
        return torch.nuclear_norm(input, dim, keepdim) if out is None else out.copy_(torch.nuclear_norm(input, dim, keepdim))
    if isinstance(p, str) and p != "fro":
        raise RuntimeError(f"only valid string values are 'fro' and 'nuc', found {p}")
    if p == "fro" and dtype is not None:
        raise ValueError("dtype argument is not supported in frobenius norm")
    dims = list(range(input.dim())) if dim is None else dim
    options = {} if dtype is None else {"dtype": dtype}
    result = _norm(input, 2 if p in ("fro", None) else p, dims, keepdim, **options)
    return result if out is None else out.resize_(result.shape).copy_(result)


def _tensor_norm(self, p="fro", dim=None, keepdim=False, dtype=None):
    """The p-norm over dim, or over all elements."""
    return norm(self, p, dim, keepdim, dtype=dtype)


_tensor_norm.__name__ = "norm"
_C._TensorBase.norm = _tensor_norm

def nonzero(input, *, out=None, as_tuple=False):
    """The coordinates of what is not zero: one row each, or with as_tuple one vector per dimension."""
    if as_tuple and out is not None:
        raise RuntimeError("nonzero does not support the out kwarg when as_tuple is True")
    if not isinstance(as_tuple, bool):
        raise TypeError(f"nonzero(): argument 'as_tuple' must be bool, not {type(as_tuple).__name__}")
    if as_tuple:
        return _op("nonzero_numpy")(input)
    return _nonzero(input) if out is None else _nonzero(input, out=out)


def tensordot(a, b, dims=2, out=None):
    """Sums products over the last dims dimensions of a and the first of b, or over pairs of dimensions."""
    if isinstance(dims, torch.Tensor):
        dims = dims.tolist()
    if isinstance(dims, (list, tuple)):
        dims_a, dims_b = ([n] if isinstance(n, int) else list(n) for n in dims)
    else:
        if dims < 0:
            raise RuntimeError(f"tensordot expects dims >= 0, but got dims={dims}")
        dims_a, dims_b = list(range(-dims, 0)), list(range(dims))
    options = {} if out is None else {"out": out}
    return _op("tensordot")(a, b, dims_a, dims_b, **options)


def _wanted(results, return_inverse, return_counts):
    output, inverse, counts = results
    wanted = (output,) + (inverse,) * return_inverse + (counts,) * return_counts
    return wanted if len(wanted) > 1 else output


def unique(input, sorted=True, return_inverse=False, return_counts=False, dim=None):
    """The distinct elements, or the distinct slices along dim, in ascending order."""
    if dim is None:
        results = _op("_unique2")(input, sorted=sorted, return_inverse=return_inverse, return_counts=return_counts)
    else:
        results = _op("unique_dim")(input, dim, sorted=sorted, return_inverse=return_inverse, return_counts=return_counts)
    return _wanted(results, return_inverse, return_counts)


def unique_consecutive(input, return_inverse=False, return_counts=False, dim=None):
    """The first of each run of equal elements, or of equal slices along dim."""
    return _wanted(_unique_consecutive(input, return_inverse, return_counts, dim), return_inverse, return_counts)


_nonzero, _unique_consecutive = _C._functions["nonzero"], _C._functions["unique_consecutive"]


def _tensor_nonzero(self, *, as_tuple=False):
    return nonzero(self, as_tuple=as_tuple)


def _tensor_unique(self, sorted=True, return_inverse=False, return_counts=False, dim=None):
    return unique(self, sorted, return_inverse, return_counts, dim)


def _tensor_unique_consecutive(self, return_inverse=False, return_counts=False, dim=None):
    return unique_consecutive(self, return_inverse, return_counts, dim)


for _method in (_tensor_nonzero, _tensor_unique, _tensor_unique_consecutive):
    _method.__name__ = _method.__name__[len("_tensor_"):]
    setattr(_C._TensorBase, _method.__name__, _method)
_C._TensorBase.nonzero = _C._guarded(_tensor_nonzero, True)

for _name in list(__all__):
    globals()[_name].__module__ = "torch.functional"
nonzero = _C._guarded(nonzero, False)


def __getattr__(name):
    if name in ("align_tensors", "cdist", "istft", "lu", "pca_lowrank", "stft", "svd_lowrank"):
        return getattr(torch, name)
    if name in ("has_torch_function", "has_torch_function_unary", "has_torch_function_variadic", "handle_torch_function"):
        from torch import overrides
        return getattr(overrides, name)
    raise AttributeError(f"module 'torch.functional' has no attribute '{name}'")
