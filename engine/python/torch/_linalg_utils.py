"""Linear algebra under its old names: removed, deprecated, or made of other functions."""

import torch
from torch import _C


def _removed(name, *, pair=False):
    texts = ("This function was deprecated since version 1.9 and is now removed.",
             f"Please use the `torch.linalg.{name}` function instead.")

    def removed(*args, **kwargs):
        raise RuntimeError(*(texts if pair else (" ".join(texts),)))

    removed.__name__ = removed.__qualname__ = name
    return removed


eig, solve = _removed("eig"), _removed("solve")
lstsq, matrix_rank = _removed("lstsq", pair=True), _removed("matrix_rank", pair=True)


def lu(A, pivot=True, get_infos=False, out=None):
    """The factors of A in one matrix, and the row exchanges."""
    result = _C._functions["_lu_with_info"](A, pivot, not get_infos)
    if out is not None:
        for given, found in zip(out, result):
            given.resize_as_(found).copy_(found)
        return out
    return result if get_infos else tuple(result[:2])


def nuclear_norm(input, dim=None, keepdim=False, *, out=None):
    """The sum of the singular values."""
    if dim is None and input.dim() != 2:
        raise RuntimeError(f"Expected a tensor with 2 dimensions, but got a tensor with {input.dim()} dimension"
                           f"{'' if input.dim() == 1 else 's'} instead.")
    dim = (0, 1) if dim is None else dim
    if isinstance(dim, int) or len(set(dim)) < len(dim):
        raise RuntimeError("duplicate or invalid dimensions")
    if len(dim) != 2:
        raise RuntimeError("nuclear norm requires a 'dim' argument of size 2")
    result = torch.linalg.matrix_norm(input, "nuc", dim=tuple(dim), keepdim=keepdim)
    return result if out is None else out.resize_(result.shape).copy_(result)


def frobenius_norm(input, dim=(), keepdim=False):
    """The root of the sum of squares."""
    dims = [dim] if isinstance(dim, int) else list(dim)
    if len(dims) > 2:
        raise RuntimeError(f"Expected at most 2 dimensions, but got {len(dims)} dimensions instead.")
    return torch.linalg.vector_norm(input, 2, dims or None, keepdim)


def _as_method(name):
    function = globals()[name]

    def method(self, *args, **kwargs):
        return function(self, *args, **kwargs)

    method.__name__ = method.__qualname__ = name
    return method


for _name in ("eig", "solve", "lstsq", "lu"):
    setattr(_C._TensorBase, _name, _as_method(_name))

__all__ = ["eig", "solve", "lstsq", "matrix_rank", "lu", "nuclear_norm", "frobenius_norm"]
