"""make_tensor: random tensors of any dtype."""

import collections.abc
import math

import torch

_integral = (torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64)
_floating = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
_complex = (torch.complex64, torch.complex128)


def _limits(low, high, lowest, highest, default):
    """low and high, or their defaults, within what the dtype holds."""
    low, high = (given if given is not None else usual for given, usual in zip((low, high), default))
    if any(isinstance(value, float) and math.isnan(value) for value in (low, high)):
        raise ValueError("make_tensor: one of low or high was NaN!")
    if low > high:
        raise ValueError("make_tensor: low must be weakly less than high!")
    return min(max(low, lowest), highest), min(max(high, lowest), highest)


def _between(shape, low, high, dtype, device):
    place = torch.rand(shape, dtype=dtype, device=device)
    return high * place + low * (1 - place)


def make_tensor(*shape, dtype, device, low=None, high=None, requires_grad=False, noncontiguous=False, exclude_zero=False):
    """A tensor of that shape with random numbers from low up to high."""
    if len(shape) == 1 and isinstance(shape[0], collections.abc.Sequence):
        shape = shape[0]
    shape = tuple(shape)
    if dtype is torch.bool:
        result = torch.randint(0, 2, shape, device=device, dtype=dtype)
    elif dtype in _integral:
        info = torch.iinfo(dtype)
        low, high = _limits(low, high, info.min, info.max, (0, 10) if dtype is torch.uint8 else (-9, 10))
        result = torch.randint(math.floor(low), math.ceil(high), shape, device=device, dtype=dtype)
    elif dtype in _floating or dtype in _complex:
        info = torch.finfo(dtype)
        low, high = _limits(low, high, info.min, info.max, (-9, 9))
        if dtype in _complex:
            part = torch.float32 if dtype is torch.complex64 else torch.float64
            result = torch.complex(_between(shape, low, high, part, device), _between(shape, low, high, part, device))
        else:
            result = _between(shape, low, high, dtype, device)
    else:
        raise TypeError(f"The requested dtype '{dtype}' is not supported by torch.testing.make_tensor(). To request support, "
                        "file an issue at: https://github.com/pytorch/pytorch/issues")
    if noncontiguous and result.numel() > 1:
        result = torch.repeat_interleave(result, 2, dim=-1)[..., ::2]
    if exclude_zero:
        least = 1 if dtype in _integral or dtype is torch.bool else torch.finfo(dtype).tiny
        result[result == 0] = torch.tensor(least, dtype=dtype)
    if dtype in _floating or dtype in _complex:
        result.requires_grad = requires_grad
    elif requires_grad:
        raise ValueError("make_tensor: requires_grad must be False for integral dtype")
    return result
