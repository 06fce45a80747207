"""Linear algebra."""

import torch
from torch import _C
from torch._C import Tensor  # noqa: F401
from torch._C import _LinAlgError as LinAlgError  # noqa: F401
from torch._names import missing as _missing

globals().update({name[7:] if name.startswith("linalg_") else name: op for name, op in vars(_C._linalg).items()
                  if name[0] != "_"})


def _give(result, out):
    return result if out is None else out.resize_(result.shape).copy_(result)


def tensorinv(A, ind=2, *, out=None):
    """The inverse of the map that A is, from its last dimensions to its first ind."""
    if ind <= 0:
        raise RuntimeError(f"Expected a strictly positive integer for 'ind', but got {ind}")
    first, last = A.shape[:ind], A.shape[ind:]
    if first.numel() != last.numel():
        raise RuntimeError("Expected self to satisfy the requirement prod(self.shape[ind:]) == prod(self.shape[:ind]), but got "
                           f"{last.numel()} != {first.numel()}")
    return _give(inv(A.reshape(first.numel(), last.numel())).reshape(last + first), out)  # noqa: F821


def tensorsolve(A, B, dims=None, *, out=None):
    """X with tensordot(A, X, X.dim()) equal to B."""
    if dims is not None:
        A = A.movedim(tuple(dims), tuple(range(-len(dims), 0)))
    shape = A.shape[B.dim():]
    rows = B.numel()
    if rows != shape.numel():
        raise RuntimeError("Expected self to satisfy the requirement prod(self.shape[other.ndim:]) == "
                           f"prod(self.shape[:other.ndim]), but got {shape.numel()} != {rows}")
    return _give(solve(A.reshape(rows, shape.numel()), B.flatten()).reshape(shape), out)  # noqa: F821


def vander(x, N=None):
    """Powers 0 … N - 1 of x as columns."""
    x = torch.atleast_1d(x)
    n = x.shape[-1] if N is None else N
    if n <= 1:
        raise RuntimeError("N must be greater than 1.")
    x = x if x.is_floating_point() or x.is_complex() else x.long()
    powers = x.unsqueeze(-1).expand(tuple(x.shape) + (n - 1,)).cumprod(-1)
    return torch.cat([torch.ones_like(x).unsqueeze(-1), powers], -1)


def __getattr__(name):
    return _missing("torch.linalg", name)
