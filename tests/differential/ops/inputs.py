"""What samples are made of.  Values depend on nothing but these lines."""
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


def filled(torch, *sizes, start=0.3, scale=1.0, shift=0.0):
    n = math.prod(sizes)
    flat = [round(scale * math.sin(1.7 * i + start) + shift, 3) for i in range(n)]
    return torch.tensor(flat, dtype=torch.float64).reshape(sizes)


def leaves(torch):
    """Floating inputs, as float64: the caller casts them."""
    square = filled(torch, 3, 3, start=0.9) + 2 * torch.eye(3, dtype=torch.float64)
    return {
        "x": filled(torch, 2, 3, 2, scale=1.9),
        "y": filled(torch, 2, 3, 2, start=1.1, scale=1.6, shift=0.2),
        "u": filled(torch, 2, 3, 2, start=0.7, scale=0.4, shift=0.5),
        "m": filled(torch, 3, 4, start=0.5, scale=1.3),
        "n": filled(torch, 4, 2, start=0.2),
        "v": filled(torch, 4, scale=1.5),
        "w": filled(torch, 3, start=0.8),
        "s": square,
        "p": square @ square.t() + torch.eye(3, dtype=torch.float64),
        "b": filled(torch, 2, 3, 4, start=0.4),
        "c": filled(torch, 2, 4, 2, start=1.4),
        "image": filled(torch, 1, 2, 4, 4, scale=1.2),
        "signal": filled(torch, 1, 2, 6, scale=1.2),
        "volume": filled(torch, 1, 2, 3, 3, 4, scale=1.2),
        "k1": filled(torch, 3, 2, 2, start=0.6),
        "k2": filled(torch, 3, 2, 2, 2, start=0.6),
        "k3": filled(torch, 3, 2, 2, 2, 2, start=0.6),
        "t1": filled(torch, 2, 3, 2, start=0.6),
        "t2": filled(torch, 2, 3, 2, 2, start=0.6),
        "t3": filled(torch, 2, 3, 2, 2, 2, start=0.6),
        "scores": filled(torch, 4, 3, start=0.1, scale=2.0),
        "targets": filled(torch, 4, 3, start=0.9, scale=0.4, shift=0.5),
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
