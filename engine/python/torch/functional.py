"""Functions whose arguments come in any number: they gather them and call the engine."""

import torch
from torch import _C

__all__ = ["einsum", "meshgrid", "broadcast_tensors", "block_diag", "cartesian_prod", "atleast_1d", "atleast_2d",
           "atleast_3d", "split", "broadcast_shapes", "chain_matmul", "norm"]

_ops = _C._functions


def _gather(tensors):
    return tensors[0] if len(tensors) == 1 and isinstance(tensors[0], (list, tuple)) else tensors


def _op(name):
    return _ops.get(name) or _C._missing("torch." + name)


def einsum(equation, *operands):
    """einsum('ij,jk->ik', a, b): sums of products, in Einstein's notation."""
    return _op("einsum")(equation, _gather(operands))


def meshgrid(*tensors, indexing=None):
    """Grids of coordinates from 1-dimensional tensors."""
    if indexing is None:
        return tuple(_op("meshgrid")(_gather(tensors)))
    return tuple(_op("meshgrid")(_gather(tensors), indexing=indexing))


def broadcast_tensors(*tensors):
    """Views of all tensors in their common shape."""
    return tuple(_op("broadcast_tensors")(_gather(tensors)))


def block_diag(*tensors):
    return _op("block_diag")(_gather(tensors))


def cartesian_prod(*tensors):
    return _op("cartesian_prod")(_gather(tensors))


def chain_matmul(*matrices, out=None):
    result = _op("linalg_multi_dot")(_gather(matrices))
    return result if out is None else out.copy_(result)


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
    if isinstance(split_size_or_sections, (list, tuple)):
        return tuple(_op("split_with_sizes")(tensor, split_size_or_sections, dim))
    return tuple(_op("split")(tensor, split_size_or_sections, dim))


def broadcast_shapes(*shapes):
    """The shape that tensors of these shapes broadcast to."""
    sizes = [(shape,) if isinstance(shape, int) else tuple(shape) for shape in shapes]
    with torch.no_grad():
        empties = [torch.empty(size, device="meta") for size in sizes]
        return torch.Size(broadcast_tensors(*empties)[0].shape) if empties else torch.Size([])


_norm = _C._functions["norm"]


def norm(input, p="fro", dim=None, keepdim=False, out=None, dtype=None):
    """The p-norm over dim, or over all elements."""
    if p == "nuc":
        raise NotImplementedError("torch.norm(p='nuc')")
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

for _name in list(__all__):
    globals()[_name].__module__ = "torch.functional"
