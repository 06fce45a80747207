"""Tensors that keep only what is not zero, by coordinates, and their products and sums."""

import torch
from torch import Tensor, _names  # noqa: F401

from ._coo import SparseTensor, sparse_coo_tensor

_LEFT_OUT = frozenset(("sampled_addmm",))
_TYPES = {"FloatTensor": "float32", "DoubleTensor": "float64", "HalfTensor": "float16", "BFloat16Tensor": "bfloat16",
          "ByteTensor": "uint8", "CharTensor": "int8", "ShortTensor": "int16", "IntTensor": "int32", "LongTensor": "int64"}


def mm(mat1, mat2):
    """A product of matrices, either of which may be sparse."""
    return torch.mm(mat1, mat2)


def addmm(mat, mat1, mat2, *, beta=1, alpha=1):
    """beta mat + alpha mat1 mat2."""
    return torch.addmm(mat, mat1, mat2, beta=beta, alpha=alpha)


def sum(input, dim=None, dtype=None):
    """The sum of what is kept, over all or over some dimensions."""
    return input._sum(dim, dtype)


def softmax(input, dim, *, dtype=None):
    """Softmax over what is kept; what is not counts as minus infinity."""
    return input._softmax(torch.softmax, dim, dtype)


def log_softmax(input, dim, *, dtype=None):
    return input._softmax(torch.log_softmax, dim, dtype)


def spdiags(diagonals, offsets, shape, layout=None):
    """A sparse matrix with the rows of diagonals on the diagonals of offsets."""
    diagonals, offsets = torch.atleast_2d(diagonals), torch.atleast_1d(offsets)
    at, values = [], []
    for row, offset in zip(diagonals, offsets.tolist()):
        columns = torch.arange(max(0, offset), min(row.numel(), shape[1], shape[0] + offset))
        at.append(torch.stack((columns - offset, columns)))
        values.append(row[columns])
    return sparse_coo_tensor(torch.cat(at, 1), torch.cat(values), shape)


def _old(name):
    """torch.sparse.FloatTensor and its like: classes of old, which make sparse tensors of one dtype."""
    def make(*args):
        dtype = getattr(torch, _TYPES[name])
        if len(args) >= 2 and isinstance(args[1], Tensor) and args[1].dtype != dtype:
            raise TypeError(f"expected {name} (got torch.{args[1].type().split('.')[-1]})")
        return sparse_coo_tensor(*args, dtype=dtype)
    make.__name__ = make.__qualname__ = name
    return make


def __getattr__(name):
    if name in _TYPES:
        globals()[name] = _old(name)
        return globals()[name]
    return _names.missing("torch.sparse", name, _LEFT_OUT)
