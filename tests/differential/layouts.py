"""Inputs that differ in everything an elementwise loop or a reduction could get wrong: order of memory, gaps,
stretched and missing dimensions, dtypes, NaN and infinities."""
import math

from harness import case

DTYPES = ["uint8", "int8", "int16", "int32", "int64", "float16", "bfloat16", "float32", "float64", "bool"]


def values(n, scale=1.0, offset=0.0, start=0.3):
    return [round(scale * math.sin(1.7 * i + start) + offset, 3) for i in range(n)]


def tensor(*sizes, dtype="float32", grad=False, **how):
    import torch
    flat = torch.tensor(values(math.prod(sizes), **how)).reshape(sizes)
    if not getattr(torch, dtype).is_floating_point:
        flat = flat * 3 if dtype != "bool" else flat > 0
        if dtype == "uint8":
            flat = flat.abs()
    flat = flat.to(getattr(torch, dtype))
    return flat.requires_grad_() if grad else flat


LAYOUTS = {
    "contiguous": lambda a: a,
    "transposed": lambda a: a.transpose(0, 2),
    "expanded": lambda a: a[:, :1].expand(2, 3, 4),
    "sliced": lambda a: a[:, ::2, 1:],
    "empty": lambda a: a[:0],
    "scalar": lambda a: a[0, 0, 0],
    "single": lambda a: a[:1, :1].transpose(0, 2),
}


def with_gradients(function, *leaves, weight=None):
    """The result, and the gradients of the leaves under a weighted sum of it."""
    import torch
    out = function(*leaves)
    first = out if isinstance(out, torch.Tensor) else out[0]
    gradients = None
    if first.requires_grad:
        seed = torch.tensor(values(first.numel(), start=1.1), dtype=first.dtype).reshape(first.shape)
        gradients = torch.autograd.grad(first, [leaf for leaf in leaves if leaf.requires_grad], seed, allow_unused=True)
    return out, gradients


def named_case(name, function, **options):
    function.__name__ = name
    case(function, **options)
