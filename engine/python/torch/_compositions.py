"""Functions that are short compositions of others; each is a function of torch, and a method where PyTorch has one."""

import math
import warnings

import torch
from torch import _C

_METHODS = ("angle", "cov", "dist",
            "resize_as_", "conj_physical")
_ALIASES = {"arccosh": "acosh", "arcsinh": "asinh", "arctanh": "atanh", "arccosh_": "acosh_", "arcsinh_": "asinh_",
            "arctanh_": "atanh_", "concatenate": "cat"}


def angle(input):
    """0 for positive numbers, pi for negative ones."""
    result = torch.where(input < 0, math.pi, 0.).to(input.dtype if input.is_floating_point() else torch.get_default_dtype())
    return torch.where(input != input, input, result) if input.is_floating_point() else result


def conj_physical(input):
    return input


def resize_as_(input, other, *, memory_format=None):
    if memory_format == torch.preserve_format:
        memory_format = torch.channels_last if other.is_contiguous(memory_format=torch.channels_last) else None
    return input.resize_(other.shape, **({"memory_format": memory_format} if memory_format else {}))


def _check_weights(name, weights, observations):
    kind, fits = ("integral", not weights.is_floating_point() and weights.dtype != torch.bool) if name == "fweights" else (
        "floating point", weights.is_floating_point())
    got = torch.ones(0, dtype=weights.dtype).type().split(".")[-1].removesuffix("Tensor")
    if weights.dim() > 1:
        raise RuntimeError(f"cov(): expected {name} to have one or fewer dimensions but got {name} with {weights.dim()} dimensions")
    if not fits:
        raise RuntimeError(f"cov(): expected {name} to have {kind} dtype but got {name} with {got} dtype")
    if weights.numel() != observations:
        raise RuntimeError(f"cov(): expected {name} to have the same numel as there are observations in the input but got "
                           f"{weights.numel()} != {observations}")
    if observations and not weights.is_meta and weights.min() < 0:
        raise RuntimeError(f"cov(): {name} cannot be negative")


def cov(input, *, correction=1, fweights=None, aweights=None):
    """Covariances of the rows."""
    if input.dim() > 2:
        raise RuntimeError(f"cov(): expected input to have two or fewer dimensions but got an input with {input.dim()} dimensions")
    if input.dtype == torch.bool:
        raise RuntimeError("cov(): bool dtype is not supported for input")
    x = input.view(1, -1) if input.dim() < 2 else input
    x = x if x.is_floating_point() or x.is_complex() else x.to(torch.get_default_dtype())
    for name, given in ("fweights", fweights), ("aweights", aweights):
        if given is not None:
            _check_weights(name, given, x.size(1))
    weights = fweights if aweights is None else aweights if fweights is None else fweights * aweights
    total = torch.tensor(x.size(1)) if weights is None else weights.sum()
    mean = (x if weights is None else x * weights).sum(1) / total
    divisor = total - correction * ((weights * aweights).sum() / total if aweights is not None else 1)
    if divisor <= 0:
        warnings.warn("cov(): degrees of freedom is <= 0")
        divisor = torch.zeros_like(divisor)
    centered = x - mean.unsqueeze(1)
    return torch.true_divide(centered.mm((centered if weights is None else centered * weights).t().conj()), divisor).squeeze()


def vander(x, N=None, increasing=False):
    """Powers of x as columns."""
    if x.dim() != 1:
        raise RuntimeError("x must be a one-dimensional tensor.")
    if N is not None and N < 0:
        raise RuntimeError("N must be non-negative.")
    powers = torch.arange(x.numel() if N is None else N)
    return x[:, None] ** (powers if increasing else powers.flip(0))


def _borrowed(obj, dtype):
    """A tensor over obj's memory, or None where it has none to lend."""
    if isinstance(obj, torch.Tensor):
        return obj
    if type(obj).__module__ == "numpy":
        return torch.as_tensor(obj) if hasattr(obj, "shape") and obj.shape else torch.as_tensor(obj).reshape(1)
    if hasattr(obj, "__dlpack__") or type(obj).__name__ == "PyCapsule":
        return torch.from_dlpack(obj)
    try:
        memoryview(obj)
    except TypeError:
        return None
    return torch.frombuffer(obj, dtype=dtype or torch.get_default_dtype())


def asarray(obj, *, dtype=None, device=None, copy=None, requires_grad=False):
    """A tensor that shares obj's memory where it can (copy=False: or else an error)."""
    tensor = _borrowed(obj, dtype)
    if tensor is None:
        if copy is False:
            raise ValueError("can't alias arbitrary sequence into a tensor.")
        return torch.tensor(obj, dtype=dtype, device=device, requires_grad=requires_grad)
    wanted, place = dtype or tensor.dtype, tensor.device if device is None else torch.device(device)
    if copy is False and place != tensor.device:
        raise ValueError(f"can't alias tensor from device '{tensor.device}' to '{place}'.")
    if copy is False and wanted != tensor.dtype:
        names = [torch.empty(0, dtype=d).type()[6:-6] for d in (tensor.dtype, wanted)]  # "Float" of "torch.FloatTensor"
        raise ValueError(f"can't alias tensor with dtype '{names[0]}' into dtype '{names[1]}'.")
    result = tensor.to(place, wanted, copy=True) if copy else tensor.to(place, wanted)
    if not requires_grad:
        return result.detach() if result.requires_grad else result
    if not (result.is_floating_point() or result.is_complex()):
        raise RuntimeError("Only Tensors of floating point and complex dtype can require gradients")
    return result if result.requires_grad else result.requires_grad_()


def unflatten(input, dim, sizes):
    """One dimension as several."""
    return input.unflatten(dim, sizes)


def get_device(input):
    return -1


def detach_(input):
    return input.detach_()


# What the op table has, it has better; but cov takes weights only here.
__all__ = [name for name, value in list(globals().items())
           if callable(value) and name[0] != "_" and (name not in _C._functions or name == "cov")]

for _name in _METHODS:
    if _name in __all__ and not hasattr(_C._TensorBase, _name):
        setattr(_C._TensorBase, _name, _C._guarded(globals()[_name], True))
for _name in __all__:
    globals()[_name].__name__ = _name
    globals()[_name] = _C._guarded(globals()[_name], False)
for _name, _target in _ALIASES.items():
    if _target in _C._functions and _name not in _C._functions:
        globals()[_name] = _C._functions[_target]
        __all__.append(_name)
    if hasattr(_C._TensorBase, _target) and not hasattr(_C._TensorBase, _name):
        setattr(_C._TensorBase, _name, getattr(_C._TensorBase, _target))
