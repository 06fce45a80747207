"""Reductions, softmax and scans: values, gradients, strides, dtypes and complaints."""
from harness import case, expressions, run
from layouts import DTYPES, LAYOUTS, named_case, tensor, with_gradients

WHOLE = ["sum", "mean", "prod", "max", "min", "amax", "amin", "argmax", "argmin", "all", "any", "std", "var", "nansum",
         "count_nonzero", "norm", "std_mean", "var_mean", "aminmax"]
DIM = ["sum", "mean", "prod", "max", "min", "amax", "amin", "argmax", "argmin", "all", "any", "std", "var", "nansum",
       "logsumexp", "std_mean", "var_mean"]
ALONG = ["softmax", "log_softmax", "cumsum", "cumprod", "cummax", "cummin", "logcumsumexp"]


def whole(name, layout):
    import torch
    return with_gradients(lambda a: getattr(torch, name)(LAYOUTS[layout](a)), tensor(2, 3, 4, grad=True))


def along(name, layout, dim, **how):
    import torch
    return with_gradients(lambda a: getattr(torch, name)(LAYOUTS[layout](a), dim, **how), tensor(2, 3, 4, grad=True))


def dtype_case(name, dtype, *rest):
    import torch
    return getattr(torch, name)(tensor(6, dtype=dtype), *rest)


def special(name, *rest):
    import torch
    nan, inf = float("nan"), float("inf")
    x = torch.tensor([[1., nan, 2.], [inf, -inf, 1.], [inf, 1., 2.], [-inf, -inf, -inf], [0., -0., 0.], [3., 3., 1.]])
    return getattr(torch, name)(x, *rest), getattr(torch, name)(x.double(), *rest)


def twice(name, *rest):
    import torch
    x = tensor(2, 3, dtype="float64", grad=True)
    out = getattr(torch, name)(x, *rest)
    out = out if isinstance(out, torch.Tensor) else out[0]
    (first,) = torch.autograd.grad((out * out).sum(), x, create_graph=True)
    return first.detach(), torch.autograd.grad((first * first).sum(), x)


for name in WHOLE:
    for layout in LAYOUTS:
        named_case(f"{name} {layout}", lambda name=name, layout=layout: whole(name, layout))
    for dtype in DTYPES:
        if dtype == "bfloat16" and name == "prod" or dtype == "float16" and name not in ("any", "all", "max", "min", "argmax", "argmin", "count_nonzero", "amax", "amin"):
            continue
        named_case(f"{name} {dtype}", lambda name=name, dtype=dtype: dtype_case(name, dtype))
for name in DIM:
    for layout in LAYOUTS:
        for dim in (0, 1, -1):
            named_case(f"{name} {layout} {dim}", lambda name=name, l=layout, d=dim: along(name, l, d))
        named_case(f"{name} {layout} keepdim", lambda name=name, l=layout: along(name, l, -1, keepdim=True))
    if name not in ("prod", "max", "min", "argmax", "argmin", "all", "any"):
        named_case(f"{name} dims", lambda name=name: along(name, "contiguous", (0, 2)))
        named_case(f"{name} dims keepdim", lambda name=name: along(name, "transposed", (0, -1), keepdim=True))
        named_case(f"{name} dims twice", lambda name=name: along(name, "contiguous", (0, 0)))
        if name != "logsumexp":
            named_case(f"{name} no dims", lambda name=name: along(name, "contiguous", ()))
    named_case(f"{name} out of range", lambda name=name: along(name, "contiguous", 3))
    named_case(f"{name} out of range 0-dim", lambda name=name: along(name, "scalar", 1))
    named_case(f"{name} special", lambda name=name: special(name, 1))
for name in ALONG:
    for layout in LAYOUTS:
        for dim in (0, -1):
            named_case(f"{name} {layout} {dim}", lambda name=name, l=layout, d=dim: along(name, l, d))
    for dtype in DTYPES:
        if dtype != "float16":
            named_case(f"{name} {dtype}", lambda name=name, dtype=dtype: dtype_case(name, dtype, 0))
    named_case(f"{name} out of range", lambda name=name: along(name, "contiguous", 3))
    named_case(f"{name} special", lambda name=name: special(name, 1))
for name in ("sum", "mean", "prod", "max", "amax", "std", "var", "logsumexp", "softmax", "log_softmax", "cumsum", "norm"):
    named_case(f"{name} second gradient", lambda name=name: twice(name, *([1] if name not in ("norm",) else [2])))

expressions('''
x.sum(dtype=torch.float64)
i.sum(dtype=torch.float32)
i.sum(dtype=torch.bool)
x.sum(0, dtype=torch.int64)
x.mean(0, dtype=torch.float64)
i.mean()
i.mean(dtype=torch.float32)
i.prod()
i.prod(dtype=torch.float32)
x.sum(dim=None)
x.sum(())
x.sum([])
torch.sum(x, 0, out=torch.empty(3))
torch.sum(x, 0, out=torch.empty(2))
torch.sum(i, 0, out=torch.empty(3, dtype=torch.float32))
torch.mean(x, 0, out=torch.empty(0))
torch.max(x, 1)
torch.max(x, 1).indices
torch.max(x, 1, True)
torch.min(x, dim=1, keepdim=True)
torch.max(x, x + 1)
torch.max(x, 0, out=(torch.empty(3), torch.empty(3, dtype=torch.long)))[1]
torch.max(torch.tensor([]))
torch.max(torch.empty(0, 3), 0)
torch.max(torch.empty(0, 3), 1)
torch.argmax(torch.empty(0, 3), 0)
torch.argmax(torch.tensor([]))
torch.amax(torch.tensor([]))
torch.amax(torch.empty(2, 0), 1)
torch.sum(torch.empty(0, 3), 0)
torch.mean(torch.empty(0, 3), 0)
torch.prod(torch.tensor([]))
torch.std(torch.tensor([]))
torch.var(torch.tensor([1.]))
torch.logsumexp(torch.empty(0, 3), 0)
torch.all(torch.tensor([]))
torch.any(torch.tensor([]))
torch.all(torch.tensor([1, 2], dtype=torch.uint8))
x.std(unbiased=False)
x.std(0, unbiased=False)
x.std(0, False)
x.std(dim=0, correction=2, keepdim=True)
x.std(correction=0, dim=None)
x.var(1)
x.var((0, 1))
i.std()
torch.std_mean(x, 0)
torch.var_mean(x, dim=1, unbiased=False)
x.norm()
x.norm(1)
x.norm(3)
x.norm(inf)
x.norm(-inf)
x.norm(0)
x.norm(2, 1)
x.norm(2, dim=1, keepdim=True)
x.norm(dim=(0, 1))
x.norm("fro")
torch.norm(x, 1.5, 0)
torch.norm(x, dtype=torch.float64)
i.norm()
torch.linalg.vector_norm(x)
torch.linalg.vector_norm(x, 1, dim=0)
x.softmax(-1)
x.softmax(0)
x.softmax(dim=1, dtype=torch.float64)
x.t().softmax(0)
x.t().softmax(0).stride()
torch.softmax(i, 0)
torch.softmax(i, 0, dtype=torch.float32)
torch.log_softmax(i, 0)
torch.softmax(torch.tensor(2.), 0)
torch.softmax(torch.empty(0, 3), 1)
F.softmax(x, dim=1)
F.log_softmax(x, dim=1)
F.softmin(x, dim=1)
F.softmax(x)
torch.softmax(x, 5)
torch.special.softmax(x, 0)
torch.special.log_softmax(x, 0)
torch.special.logsumexp(x, 0)
torch.logsumexp(x, (0, 1))
torch.logsumexp(x, -1, keepdim=True)
torch.logsumexp(i, 0)
torch.cumsum(i, 0)
torch.cumsum(x, 1, dtype=torch.float64)
x.cumsum_(0)
torch.cumprod(i, 1)
torch.cummax(x, 1)
torch.cummin(torch.tensor([3, 1, 1, 2]), 0)
torch.cumsum(torch.tensor(2.), 0)
torch.count_nonzero(x)
torch.count_nonzero(x, 0)
torch.count_nonzero(x, (0, 1))
torch.aminmax(x)
torch.aminmax(x, dim=0)
torch.nansum(torch.tensor([1., nan]))
torch.nanmean(torch.tensor([1., nan, 3.]))
torch.sum(torch.ones(3, device="meta"))
torch.max(torch.ones(3, 2, device="meta"), 1)
torch.sum(x.t().contiguous().t(), 1)
torch.arange(24.).view(2, 3, 4).sum((0, 2))
torch.arange(24.).view(2, 3, 4).permute(2, 0, 1).sum(1)
torch.arange(24.).view(2, 3, 4).permute(2, 0, 1).max(1)
torch.arange(24.).view(2, 3, 4).permute(2, 0, 1).argmax()
torch.ones(3, 4).expand(5, 3, 4).sum(0)
torch.prod(torch.tensor([1., 0., 3.], requires_grad=True)).backward()
''', x="torch.tensor([[0.5, -0.25, 0.75], [1.5, 0.25, -2.]])", i="torch.tensor([[1, -2, 3], [4, 0, 6]])")


@case
def gradients_with_zeros():
    import torch
    out = []
    for data in ([1., 2., 3.], [1., 0., 3.], [0., 2., 0.]):
        for f in (lambda a: a.prod(), lambda a: a.cumprod(0).sum(), lambda a: a.norm(), lambda a: a.norm(1), lambda a: a.std(),
                  lambda a: a.max(), lambda a: (a * 0).amax(), lambda a: a.logcumsumexp(0).sum()):
            x = torch.tensor(data, requires_grad=True)
            f(x).backward()
            out.append(x.grad)
    return out


@case(rtol=1e-5, atol=1e-3)
def large():
    """Long enough for chunks, columns and threads."""
    import torch
    x = torch.randn(500, 700)
    return [x.sum(), x.mean(), x.sum(0)[:5], x.sum(1)[:5], x.t().sum(0)[:5], x.std(), x.var(1)[:5], x.max(1)[1][:5], x.argmax(),
            x.max(0)[1][:5], x.argmin(0)[:5], x.softmax(1)[3, :5], x.softmax(0)[:5, 3], x.logsumexp(1)[:5], x.norm(), x.amax(0)[:5],
            x.cumsum(1)[:3, -1], x[:, ::2].sum(1)[:5], x[::2].sum(0)[:5], x.view(50, 10, 700).sum((0, 2)), (x > 0).sum(),
            x.long().sum(0)[:5], x.prod(), x[:20].prod(0)[:5]]


run(__file__)
