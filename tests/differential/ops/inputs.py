"""What samples are made of.  Values depend on nothing but these lines."""
import functools
import math

LAYOUTS = {
    "contiguous": lambda t: t,
    "transposed": lambda t: t.transpose(0, 2),
    "expanded": lambda t: t[:, :1].expand(2, 3, 2),
    "sliced": lambda t: t[:, ::2, 1:],
    "empty": lambda t: t[:0],
    "0-d": lambda t: t[0, 0, 0],
}
DTYPES = ["uint8", "int8", "int16", "int32", "int64", "bool", "float16", "bfloat16", "float64"]


@functools.lru_cache(maxsize=None)
def _waves(n, start, scale, shift):
    return [round(scale * math.sin(1.7 * i + start) + shift, 3) for i in range(n)]


def filled(torch, *sizes, start=0.3, scale=1.0, shift=0.0):
    return torch.tensor(_waves(math.prod(sizes), start, scale, shift), dtype=torch.float64).reshape(sizes)


def _square(torch):
    return filled(torch, 3, 3, start=0.9) + 2 * torch.eye(3, dtype=torch.float64)


# Floating inputs, as float64: the caller casts them.
LEAVES = {
    "x": lambda torch: filled(torch, 2, 3, 2, scale=1.9),
    "y": lambda torch: filled(torch, 2, 3, 2, start=1.1, scale=1.6, shift=0.2),
    "u": lambda torch: filled(torch, 2, 3, 2, start=0.7, scale=0.4, shift=0.5),
    "m": lambda torch: filled(torch, 3, 4, start=0.5, scale=1.3),
    "n": lambda torch: filled(torch, 4, 2, start=0.2),
    "v": lambda torch: filled(torch, 4, scale=1.5),
    "w": lambda torch: filled(torch, 3, start=0.8),
    "s": _square,
    "p": lambda torch: _square(torch) @ _square(torch).t() + torch.eye(3, dtype=torch.float64),
    "b": lambda torch: filled(torch, 2, 3, 4, start=0.4),
    "c": lambda torch: filled(torch, 2, 4, 2, start=1.4),
    "image": lambda torch: filled(torch, 1, 2, 4, 4, scale=1.2),
    "signal": lambda torch: filled(torch, 1, 2, 6, scale=1.2),
    "volume": lambda torch: filled(torch, 1, 2, 3, 3, 4, scale=1.2),
    "k1": lambda torch: filled(torch, 3, 2, 2, start=0.6),
    "k2": lambda torch: filled(torch, 3, 2, 2, 2, start=0.6),
    "k3": lambda torch: filled(torch, 3, 2, 2, 2, 2, start=0.6),
    "t1": lambda torch: filled(torch, 2, 3, 2, start=0.6),
    "t2": lambda torch: filled(torch, 2, 3, 2, 2, start=0.6),
    "t3": lambda torch: filled(torch, 2, 3, 2, 2, 2, start=0.6),
    "scores": lambda torch: filled(torch, 4, 3, start=0.1, scale=2.0),
    "targets": lambda torch: filled(torch, 4, 3, start=0.9, scale=0.4, shift=0.5),
}


def others(torch):
    """Inputs without gradient."""
    return {
        "i": torch.tensor([1, 0, 1]),
        "j": torch.tensor([[[0, 1], [1, 0], [0, 0]]]),
        "labels": torch.tensor([2, 0, 1, 1]),
        "q": filled(torch, 2, 3, 2, start=2.0) > 0,
        "L": torch.arange(12).reshape(2, 3, 2) % 5 - 2,
        "M": torch.arange(12).reshape(2, 3, 2) % 4 + 1,
        "signs": torch.tensor([1.0, -1.0, 1.0, -1.0]),
        "nan": math.nan,
        "inf": math.inf,
        "F": torch.nn.functional,
        "nn": torch.nn,
    }


def special(torch):
    values = [math.nan, math.inf, -math.inf, 0.0, -0.0, 1.0, -1.0, 0.5, 1e-30, -1e30, 2.0, 3.5]
    return torch.tensor(values, dtype=torch.float64).reshape(2, 3, 2)
