"""Fourier transforms: names only."""

from torch._names import missing as _missing


def __getattr__(name):
    return _missing("torch.fft", name)
