"""Fourier transforms."""

from torch import _C
from torch._C import Tensor  # noqa: F401
from torch._names import missing as _missing

globals().update({name[4:]: op for name, op in vars(_C._fft).items() if name.startswith("fft_")})


def __getattr__(name):
    return _missing("torch.fft", name)
