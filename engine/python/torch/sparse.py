"""Products that PyTorch also takes sparse matrices for; here every tensor is dense, and what makes a sparse one says so."""

import torch
from torch import Tensor, _names  # noqa: F401

_LEFT_OUT = frozenset(("BFloat16Tensor ByteTensor CharTensor DoubleTensor FloatTensor HalfTensor IntTensor LongTensor ShortTensor "
                       "sampled_addmm spdiags sum log_softmax softmax").split())


def mm(mat1, mat2):
    """A product of matrices."""
    return torch.mm(mat1, mat2)


def addmm(mat, mat1, mat2, *, beta=1, alpha=1):
    """beta mat + alpha mat1 mat2."""
    return torch.addmm(mat, mat1, mat2, beta=beta, alpha=alpha)


def __getattr__(name):
    return _names.missing("torch.sparse", name, _LEFT_OUT)
