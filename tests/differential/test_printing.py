"""Tensors as text, from random contents of every dtype."""
import math
import random

from harness import case, run


def value(kind):
    if kind == "small":
        return random.choice([0., 1., -1., 0.5, 2.25, 100., -3.])
    if kind == "int":
        return float(random.randint(-1000, 1000))
    if kind == "large":
        return float(random.randint(-10**9, 10**9))
    if kind == "wide":
        return random.choice([-1, 1]) * 10**random.uniform(-8, 8)
    if kind == "special":
        return random.choice([math.nan, math.inf, -math.inf, 1., 2.5, 0., -0.0])
    if kind == "zero":
        return random.choice([0., -0.])
    return random.uniform(-10, 10) * (1e-5 if kind == "tiny" else 1)


def make(torch):
    ndim = random.choice([0, 1, 1, 2, 2, 3, 4])
    shape = [random.choice([0, 1, 2, 3, 5, 7, 8, 20] if ndim < 3 else [1, 2, 3, 7]) for _ in range(ndim)]
    if random.random() < .06:
        shape = random.choice([[1001], [40, 30], [2, 8, 70]])
    dtype = random.choice([torch.float32, torch.float64, torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int64,
                           torch.int32, torch.uint8, torch.int8, torch.bool, torch.int16])
    kind = random.choice(["small", "int", "large", "wide", "special", "zero", "middle", "tiny"])
    values = [value(kind) for _ in range(math.prod(shape))]
    if dtype == torch.bool:
        values = [v == v and v != 0 for v in values]
    elif not dtype.is_floating_point:
        values = [int(v) % 100 if math.isfinite(v) else 1 for v in values]
    tensor = torch.tensor(values, dtype=dtype).reshape(shape)
    if random.random() < .2 and dtype.is_floating_point:
        tensor.requires_grad_()
    if random.random() < .1 and tensor.dim() > 1:
        tensor = tensor.transpose(0, 1)
    return tensor


def printed(seed):
    def function():
        import torch
        random.seed(seed)
        if random.random() < .2:
            torch.set_printoptions(precision=random.choice([1, 2, 4, 8]), threshold=random.choice([5, 50, 1000]),
                                   edgeitems=random.choice([1, 2, 3, 5]), linewidth=random.choice([20, 40, 80, 120]),
                                   sci_mode=random.choice([None, True, False]))
        return [str(make(torch)) for _ in range(10)]
    function.__name__ = f"seed {seed}"
    return function


for number in range(30):
    case(printed(number))


@case
def suffixes():
    import torch
    x = torch.ones(2, requires_grad=True)
    parameter = torch.nn.Parameter(torch.arange(3.))
    return [repr(t) for t in (x, x * 2, torch.zeros(0), torch.zeros(0, 3), torch.zeros(2, 0, dtype=torch.int), parameter,
                              torch.ones(2, device="meta"), torch.ones(30, requires_grad=True).exp(), torch.ones(2).half(),
                              torch.max(torch.eye(2), 0), torch.Size([1, 2]), torch.tensor(True), torch.tensor(2.))]


run(__file__)
