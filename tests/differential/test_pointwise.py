"""Elementwise ops: values, strides, dtypes, gradients and complaints over layouts and dtypes."""
from harness import expressions, run
from layouts import DTYPES, LAYOUTS, named_case, tensor, with_gradients

# name: how its inputs are spread (scale, offset)
UNARY = {
    "exp": {}, "exp2": {}, "expm1": {}, "log": dict(offset=1.5), "log2": dict(offset=1.5), "log10": dict(offset=1.5),
    "log1p": dict(scale=.7), "sin": dict(scale=4), "cos": dict(scale=4), "tan": {}, "asin": dict(scale=.9),
    "acos": dict(scale=.9), "atan": dict(scale=3), "sinh": {}, "cosh": {}, "tanh": dict(scale=2), "asinh": dict(scale=3),
    "acosh": dict(offset=2.5), "atanh": dict(scale=.9), "erf": dict(scale=2), "erfc": dict(scale=2),
    "erfinv": dict(scale=.9), "lgamma": dict(offset=2), "digamma": dict(offset=2), "sigmoid": dict(scale=5),
    "sqrt": dict(offset=1.5), "rsqrt": dict(offset=1.5), "reciprocal": dict(offset=2), "deg2rad": dict(scale=90),
    "rad2deg": {}, "sinc": {}, "neg": {}, "abs": {}, "sign": {}, "square": {}, "floor": dict(scale=3),
    "ceil": dict(scale=3), "round": dict(scale=3), "trunc": dict(scale=3), "frac": dict(scale=3), "relu": {},
    "nan_to_num": {}, "logit": dict(scale=.4, offset=.5), "positive": {}, "clone": {}, "isnan": {}, "isfinite": {},
    "logical_not": {}, "signbit": {}, "negative": {}, "absolute": {}, "fix": dict(scale=3), "isinf": {},
    "bitwise_not": {},
}
HALF = ("neg", "abs", "sign", "isnan", "isfinite", "isinf", "logical_not", "clone", "negative", "absolute", "positive")
NO_HALF_BINARY = ("atan2", "hypot", "logaddexp", "logaddexp2", "nextafter")
BINARY = ["add", "sub", "mul", "div", "true_divide", "remainder", "fmod", "atan2", "maximum", "minimum", "fmax", "fmin",
          "eq", "ne", "lt", "le", "gt", "ge", "logical_and", "logical_or", "logical_xor", "floor_divide", "pow", "hypot",
          "logaddexp", "logaddexp2", "copysign", "xlogy", "max", "min", "isclose", "nextafter", "float_power", "rsub"]
ACTIVATIONS = ["leaky_relu", "elu", "selu", "celu", "silu", "gelu", "softplus", "hardtanh", "hardsigmoid", "hardswish",
               "mish", "logsigmoid", "relu", "relu6", "hardshrink", "softshrink", "tanhshrink", "softsign"]


def unary_case(name, layout, how):
    import torch
    return with_gradients(lambda a: getattr(torch, name)(LAYOUTS[layout](a)), tensor(2, 3, 4, grad=name != "bitwise_not", **how))


def unary_dtype(name, dtype, how):
    import torch
    return getattr(torch, name)(tensor(5, dtype=dtype, **how))


def unary_special(name):
    import torch
    x = torch.tensor([float("nan"), float("inf"), -float("inf"), 0., -0., 1., -1., 1e-30, -1e30, 100., 0.5, 2.5, 3.5])
    return getattr(torch, name)(x), getattr(torch, name)(x.double())


def binary_case(name, left, right):
    import torch
    return with_gradients(lambda a, b: getattr(torch, name)(LAYOUTS[left](a), LAYOUTS[right](b)),
                          tensor(2, 3, 4, grad=True, offset=1.2), tensor(2, 3, 4, grad=True, offset=1.3, start=2.))


def binary_broadcast(name, a_sizes, b_sizes):
    import torch
    return with_gradients(lambda a, b: getattr(torch, name)(a, b), tensor(*a_sizes, grad=True, offset=1.2),
                          tensor(*b_sizes, grad=True, offset=1.3, start=2.))


def binary_dtypes(name, a, b):
    import torch
    return getattr(torch, name)(tensor(4, dtype=a, start=1.), tensor(4, dtype=b, start=1.2, scale=2))


def binary_scalar(name, dtype, number):
    import torch
    return getattr(torch, name)(tensor(4, dtype=dtype, start=1.), number)


def binary_zero_dim(name, a, b):
    import torch
    return getattr(torch, name)(tensor(4, dtype=a, start=1.), tensor(1, dtype=b, start=1.2, scale=2)[0])


def binary_special(name):
    import torch
    special = torch.tensor([float("nan"), float("inf"), -float("inf"), 0., -0., 1., -2., 3.])
    return getattr(torch, name)(special[:, None], special)


def activation_case(name, layout):
    import torch.nn.functional as F
    return with_gradients(lambda a: getattr(F, name)(LAYOUTS[layout](a)), tensor(2, 3, 4, grad=True, scale=4))


def second_gradient(name, module, how):
    import torch
    source = torch if module == "torch" else torch.nn.functional
    x = tensor(6, dtype="float64", grad=True, **how)
    (first,) = torch.autograd.grad(getattr(source, name)(x).sum(), x, create_graph=True)
    if not first.requires_grad:
        return first
    return first.detach(), torch.autograd.grad(first.sum(), x, allow_unused=True)


def inplace_case(name, dtype, *rest):
    import torch
    x = tensor(2, 3, dtype=dtype, offset=.5)
    out = getattr(x, name + "_")(*[tensor(3, dtype=dtype, offset=1.5) if r == "T" else r for r in rest])
    return out is x, x, x._version


for name, how in UNARY.items():
    for layout in LAYOUTS:
        named_case(f"{name} {layout}", lambda name=name, layout=layout, how=how: unary_case(name, layout, how))
    for dtype in DTYPES:
        if dtype == "float16" and name not in HALF:
            continue  # PyTorch 1.13 has no such kernels on the CPU; the engine has
        named_case(f"{name} {dtype}", lambda name=name, dtype=dtype, how=how: unary_dtype(name, dtype, how))
    named_case(f"{name} special", lambda name=name: unary_special(name))
    if name not in ("isnan", "isfinite", "isinf", "logical_not", "signbit", "bitwise_not", "digamma", "positive", "sgn", "abs", "absolute"):
        named_case(f"{name} twice", lambda name=name, how=how: second_gradient(name, "torch", how))
    if name not in ("isnan", "isfinite", "isinf", "signbit", "positive", "clone", "bitwise_not"):
        for dtype in ("float32", "int64"):
            named_case(f"{name}_ {dtype}", lambda name=name, dtype=dtype: inplace_case(name, dtype))

for name in BINARY:
    for left, right in (("contiguous", "contiguous"), ("transposed", "transposed"), ("contiguous", "expanded"),
                        ("expanded", "contiguous"), ("sliced", "sliced"), ("scalar", "contiguous"), ("contiguous", "scalar"),
                        ("transposed", "scalar"), ("empty", "empty"), ("single", "single"), ("scalar", "scalar")):
        named_case(f"{name} {left} {right}", lambda name=name, l=left, r=right: binary_case(name, l, r))
    for a, b in (((3, 1), (1, 4)), ((2, 3), (3,)), ((1,), (2, 2)), ((2, 3), (2, 4)), ((2, 0), (1, 0)), ((), (3,))):
        named_case(f"{name} {a} {b}", lambda name=name, a=a, b=b: binary_broadcast(name, a, b))
    for a in DTYPES:
        if a == "float16" and name in NO_HALF_BINARY:
            continue
        named_case(f"{name} {a} {a}", lambda name=name, a=a: binary_dtypes(name, a, a))
        if a != "float32":
            named_case(f"{name} {a} float32", lambda name=name, a=a: binary_dtypes(name, a, "float32"))
            named_case(f"{name} uint8 {a}", lambda name=name, a=a: binary_dtypes(name, "uint8", a))
            named_case(f"{name} {a} int32 0-dim", lambda name=name, a=a: binary_zero_dim(name, a, "int32"))
            named_case(f"{name} {a} float64 0-dim", lambda name=name, a=a: binary_zero_dim(name, a, "float64"))
    for dtype in ("bool", "uint8", "int64", "float16", "float32"):
        if name in ("max", "min"):
            continue
        for number in (2, -1, 1.5, True):
            named_case(f"{name} {dtype} {number}", lambda name=name, d=dtype, n=number: binary_scalar(name, d, n))
    if name not in ("isclose", "nextafter"):
        named_case(f"{name} special", lambda name=name: binary_special(name))
    if name in ("add", "sub", "mul", "div", "eq", "lt", "remainder", "fmod", "pow", "atan2", "floor_divide", "copysign"):
        for dtype in ("float32", "int64", "bool"):
            for rest in ("T", 2, 1.5):
                named_case(f"{name}_ {dtype} {rest}", lambda name=name, d=dtype, r=rest: inplace_case(name, d, r))

for name in ACTIVATIONS:
    for layout in LAYOUTS:
        named_case(f"F.{name} {layout}", lambda name=name, layout=layout: activation_case(name, layout))
    if name == "hardsigmoid":
        continue  # has no second gradient in PyTorch 1.13
    named_case(f"F.{name} twice", lambda name=name: second_gradient(name, "F", dict(scale=2.5)))

expressions('''
i // 0
i % 0
torch.fmod(i, 0)
i ** -1
i ** torch.tensor([-1, 2, 3])
i.add(i, alpha=1.5)
b.add(b, alpha=1.5)
b.add(b, alpha=2)
b - b
1 - b
b - 1
-b
~x
x & x
i << x
i << 1
i >> 1
i & 3
i | 4
i ^ 5
3 & i
b & b
b | b
b ^ b
torch.clamp(x, 0)
torch.clamp(x, 0, 1)
torch.clamp(x, max=0.5)
torch.clamp(x)
torch.clamp(i, 0.5)
torch.clamp(i, 0, 2)
torch.clamp(b, 0, 1)
torch.clamp(x, nan)
torch.clamp(x, 1, 0)
torch.clamp(x, y)
torch.clamp(x, y, y + 1)
torch.clamp(x, max=y)
x.clamp_min(0.1)
x.clamp_max(y)
x.clamp_(0, 1)
i.clamp_(0.5)
torch.where(x > 0, x, y)
torch.where(x > 0, x, 0.)
torch.where(x > 0, 1, x)
torch.where(x > 0, 1, 0)
torch.where(x > 0, 1., 0)
torch.where(x > 0, i, x)
torch.where(i, x, y)
torch.where((x > 0).byte(), x, y)
torch.where(x > 0, x, torch.ones(4))
x.where(x > 0, y)
x.masked_fill(x > 0, 2)
x.masked_fill(x > 0, torch.tensor(2.))
x.masked_fill(x > 0, torch.ones(2))
x.masked_fill(x.t() > 0, 2)
m.masked_fill(m > 0, 2)
m.t().masked_fill(m.t() > 0, 2)
m.masked_fill(x > 0, -inf)
x.masked_fill(m > 0, -inf)
i.masked_fill(x > 0, 1.5)
x.masked_fill_(x > 0, 2)
x.masked_fill_(m > 0, 2)
x.masked_fill((x > 0).byte(), 2)
torch.lerp(x, y, 0.3)
torch.lerp(x, y, 0.7)
torch.lerp(x, y, y)
torch.lerp(x, y.double(), 0.5)
torch.lerp(i, i, 0.5)
torch.addcmul(x, x, y, value=2)
torch.addcdiv(x, x, y, value=0.5)
torch.addcmul(i, i, i, value=1.5)
torch.addcdiv(i, i, i)
x.addcmul_(y, y, value=-1)
torch.round(x * 10, decimals=1)
torch.round(x * 100, decimals=-1)
torch.round(i, decimals=1)
torch.nan_to_num(torch.tensor([nan, inf, -inf, 1.]), nan=1., posinf=2.)
torch.div(x, y, rounding_mode="floor")
torch.div(x, y, rounding_mode="trunc")
torch.div(i, 2, rounding_mode="floor")
torch.div(-i, 2, rounding_mode="trunc")
torch.div(i, 2, rounding_mode="x")
x.div_(2, rounding_mode="floor")
i.div_(2)
i.add_(1.5)
i.mul_(1.5)
x.add_(m)
x[0:2].add_(x[1:3])
torch.ones(1).expand(3).add_(1)
torch.add(x, y, out=torch.empty(3))
torch.add(x, y, out=torch.empty(0))
torch.add(x, y, out=torch.empty(2))
torch.add(x, y, out=torch.empty(3, dtype=torch.int64))
torch.add(x, y, out=torch.empty(3, dtype=torch.float64))
torch.eq(x, y, out=torch.empty(0))
torch.logical_not(x, out=torch.empty(0))
torch.add(m, m.t().contiguous().t(), out=torch.empty(3, 2).t())
torch.ones(3) + torch.ones(4)
torch.ones(2, 3) * torch.ones(2, 1, 4)
x + "a"
x + None
x + [1]
2 ** x
x ** 0.5
x ** 2
x ** 3
x ** -1
x ** 0
0 ** x
2 ** i
i ** 2
i ** 0.5
torch.pow(2, x)
i.pow_(0.5)
2 - x
2 / x
2 // x
5 % x
5 // i
5 % i
x.rsub(1)
torch.heaviside(x, y)
torch.heaviside(x, i)
torch.isclose(x, x + 1e-9)
torch.isclose(x, i)
torch.gcd(i, i + 2)
torch.lcm(i, i + 2)
torch.xlogy(x, 2.)
torch.logit(x.sigmoid(), eps=0.3)
x.fill_(2)
x.fill_(torch.tensor(3.))
x.fill_(torch.ones(2))
x.zero_()
x.copy_(y)
x.copy_(i)
i.copy_(x)
x.copy_(torch.tensor(2.))
x.copy_(torch.ones(2))
m.t().copy_(torch.arange(6.).view(3, 2))
x.to(torch.float64)
x.to(torch.float32)
x.to(torch.float32, copy=True)
x.double()
x.long()
x.half()
x.bool()
x.byte()
(x * 300).to(torch.int8)
(x * -300).to(torch.uint8)
x.type_as(i)
x.to(i)
m.t().clone()
m.t().clone(memory_format=torch.contiguous_format)
m.expand(2, 2, 3).clone()
m.t().to(torch.float64)
m[:, ::2].clone()
m.t() + m.t()
m.t() + x[:, None]
m + m.t().contiguous().t()
torch.ones(2, 1, 3).transpose(0, 1) + 1
torch.ones(2, 3, 4, 5).to(memory_format=torch.channels_last) + 1
torch.ones(2, 3, 4, 5).to(memory_format=torch.channels_last) + torch.ones(3, 1, 1)
torch.ones(2, 3, 4, 5).permute(2, 0, 3, 1) * torch.ones(2, 5, 1)
torch.ones(2, 3, 4, 5).to(memory_format=torch.channels_last).exp()
torch.ones(3, 1).expand(3, 4) * 2
torch.ones(4).expand(3, 4).exp()
torch.ones(1, 3).t() + torch.ones(3, 1)
torch.empty(2, 0, 3) + torch.ones(3)
torch.ones(3, device="meta") + 1
torch.ones(3, device="meta") * torch.ones(2, 1, device="meta")
torch.ones(3, device="meta").exp().sum()
F.gelu(x, approximate="tanh")
F.gelu(x, approximate="x")
F.leaky_relu(x, 0.2)
F.elu(x, 0.5)
F.celu(x, 0.5)
F.softplus(x, 2, 0.1)
F.hardtanh(x, -0.1, 0.2)
F.threshold(x, 0.1, 20)
F.prelu(m, torch.tensor([0.25]))
F.prelu(m, torch.tensor([0.25, 0.5, 0.75]))
F.prelu(m, torch.tensor([0.25, 0.5]))
F.glu(torch.arange(4.))
F.relu(x.clone(), inplace=True)
F.leaky_relu(x.clone(), 0.1, inplace=True)
F.elu(x.clone(), inplace=True)
F.relu(i)
F.relu(b)
F.gelu(i)
F.silu(i)
torch.sigmoid(i)
torch.special.expit(x)
torch.special.erf(x)
torch.special.log1p(x)
torch.special.xlog1py(x, y)
torch.result_type(i, 1.5)
torch.can_cast(torch.float32, torch.int32)
torch.promote_types(torch.uint8, torch.int8)
''', x="torch.tensor([0.5, -0.25, 0.75])", y="torch.tensor([0.3, 1.25, -0.5])", i="torch.tensor([1, -2, 3])",
            b="torch.tensor([True, False, True])", m="torch.arange(-2., 4.).view(2, 3)")

run(__file__)
