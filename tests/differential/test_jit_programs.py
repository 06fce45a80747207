"""torch.jit.script over the language: containers, text, numbers, control, refinement, modules, and what refuses.

Errors are compared with their excerpt, without this file's folder."""

import math
import re
from collections import OrderedDict, namedtuple
from typing import Any, Dict, Final, List, NamedTuple, Optional, Tuple, Union

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor

from harness import case, run


def named(name, function):
    """A case whose errors name files without their folders."""
    def run_case():
        try:
            return function()
        except Exception as error:
            text = re.sub(r'File "\S*/', 'File "', str(error))
            return type(error).__name__, re.sub(r"___torch_mangle_\d+\.", "", text)
    run_case.__name__ = name
    case(run_case)


counts = {}


def scripted(function, *inputs):
    name = getattr(function, "__name__", type(function).__name__)
    counts[name] = counts.get(name, 0) + 1
    named(f"{name} {counts[name]}", lambda: torch.jit.script(function)(*inputs))


torch.manual_seed(0)
X = torch.arange(6.).view(2, 3)


class M1(nn.Module):
    K: Final[int]

    def __init__(s):
        super().__init__()
        s.K = 3
        s.l = nn.Linear(3, 3)
        s.d = nn.ModuleDict({"a": nn.Linear(3, 3), "b": nn.ReLU()})
        s.ml = nn.ModuleList([nn.Linear(3, 3) for _ in range(3)])

    def forward(s, x):
        for k, m in s.d.items():
            x = m(x)
        for i, m in enumerate(s.ml):
            x = m(x) * i
        for m in s.ml:
            x = m(x)
        return x * s.K + len(s.ml)


scripted(M1(), X)


class M2(nn.Module):

    def __init__(s):
        super().__init__()
        s.d = nn.ModuleDict({"a": nn.Linear(3, 3), "b": nn.ReLU()})
        s.seq = nn.Sequential(OrderedDict(a=nn.Linear(3, 3), r=nn.ReLU()))

    def forward(s, x):
        if "a" in s.d:
            x = s.d["a"](x)
        for k in s.d.keys():
            x = x + len(k)
        for v in s.d.values():
            x = v(x)
        return s.seq(x)


scripted(M2(), X)


class M3(nn.Module):

    def __init__(s):
        super().__init__()
        s.l = nn.Linear(3, 3)

    def forward(s, x):
        return s.l(x)

    @torch.jit.export
    def f2(s, x, y: int=2):
        return s.forward(x) * y

    @torch.jit.ignore
    def pyonly(s, x):
        import numpy
        return x.numpy()

    @torch.jit.unused
    def no(s, x):
        return {1: x}


named("export", lambda: torch.jit.script(M3()).f2(X, 3))


class M4(nn.Module):

    def __init__(s):
        super().__init__()

    @torch.jit.ignore
    def pyonly(s, x: Tensor) -> Tensor:
        return x * len({1: 2, 3: 4})

    @torch.jit.unused
    def no(s, x: Tensor) -> Tensor:
        return x

    def forward(s, x, b: bool=False):
        if b:
            return s.no(x)
        return s.pyonly(x)


scripted(M4(), X)
named("unused run", lambda: torch.jit.script(M4())(X, True))


@torch.jit.ignore
def helper(x):
    return x + 1


def useign(x):
    return helper(x)


scripted(useign, X)


@torch.jit.unused
def helper2(x: Tensor) -> Tensor:
    return x + 1


def useunused(x):
    return helper2(x)


scripted(useunused, X)


class Pt(NamedTuple):
    x: Tensor
    y: int


def nt(a) -> Pt:
    return Pt(a, 3)


scripted(nt, X)


def nt2(p: Pt):
    return (p.x * p.y, p[1])


scripted(nt2, Pt(X, 3))


def nt3(p: Pt):
    a, b = p
    return a * b


scripted(nt3, Pt(X, 3))


def nt4(a):
    p = Pt(x=a, y=2)
    return p


scripted(nt4, X)
PN = namedtuple("PN", ["u", "v"])


def nt5(a):
    return PN(a, a + 1)


scripted(nt5, X)


def fs(n: int, s: str, f: float, x):
    return f"n={n} s={s} f={f} {x.size()}"


scripted(fs, 3, "a", 2.5, X)


def fs2(n: int):
    return "%d and %s" % (n, "b")


scripted(fs2, 3)


def fs3(n: float):
    return f"{n:.2f}"


scripted(fs3, 3.0)


def asr(x):
    assert x.size(0) == 3, f"got {x.size(0)}"
    return x


scripted(asr, X)


def asr2(x):
    assert x.size(0) == 3
    return x


scripted(asr2, X)


def rs(x):
    if x.dim() == 2:
        raise RuntimeError("bad dim {}".format(x.dim()))
    return x


scripted(rs, X)


def rs2(x):
    if x.dim() == 2:
        raise ValueError
    return x


scripted(rs2, X)


def rs3(x):
    raise Exception("a", 1)


scripted(rs3, X)


class MyErr(Exception):
    pass


def rs4(x):
    raise MyErr("a")


scripted(rs4, X)


def wh(x):
    i = 0
    while x.sum() < 100:
        x = x * 2
        i += 1
        if i > 10:
            break
    return (x, i)


scripted(wh, X)


def wh2(n: int):
    s = 0
    while n:
        n -= 1
        if n % 2:
            continue
        s += n
    return s


scripted(wh2, 9)


def lc(xs: List[int]):
    return [x * 2 for x in xs]


scripted(lc, [1, 2, 3])


def lc2(x):
    return [r.sum() for r in x]


scripted(lc2, X)


def lc3(n: int):
    return [float(i) + 0.5 for i in range(n)]


scripted(lc3, 3)


def lc4(a: List[int], b: List[int]):
    return [x + y for x, y in zip(a, b)]


scripted(lc4, [1, 2], [3, 4])


def lc5(d: Dict[str, int]):
    return ([k for k in d], [v for v in d.values()], [k + str(v) for k, v in d.items()])


scripted(lc5, {"a": 1, "b": 2})


def dc(a: List[int]):
    return {x: x * 2 for x in a}


scripted(dc, [1, 2])


def dc2(d: Dict[str, int]):
    return {k: v + 1 for k, v in d.items()}


scripted(dc2, {"a": 1})


def en(xs: List[str]):
    o = ""
    for i, s in enumerate(xs, 1):
        o += s + str(i)
    return o


scripted(en, ["a", "b"])


def rg(n: int):
    a = 0
    for i in range(10, 0, -2):
        a = a * 10 + i
    for i in range(2, n):
        a += i
    return a


scripted(rg, 5)


def nest(n: int, m: int):
    t = 0
    for i in range(n):
        for j in range(m):
            if j > i:
                break
            if (i + j) % 2 == 0:
                continue
            t += i * j
    return t


scripted(nest, 5, 6)


def isi(x: Any):
    if isinstance(x, int):
        return x + 1
    elif isinstance(x, str):
        return len(x)
    return 0


scripted(isi, 3)
scripted(isi, "abc")
scripted(isi, 2.0)


def isi2(x: Optional[Tensor]) -> int:
    if isinstance(x, Tensor):
        return 1
    return 0


scripted(isi2, X)


def isi3(x: Union[int, str]) -> str:
    if isinstance(x, int):
        return "int" + str(x)
    else:
        return "str" + x


scripted(isi3, 3)
scripted(isi3, "q")


def isi4(x: List[int]):
    return (isinstance(x, list), isinstance(x, List[int]))


scripted(isi4, [1])


def strs(s: str):
    return (s.strip(), s.lower(), s.replace("a", "b"), s.find("b"), s.startswith("a"), s.endswith("c"), s.isdigit(),
            s.title(), s.capitalize(), s.count("a"), s.split(" "), "-".join(["a", "b"]), s[::-1], s[1:3], s[-1],
            "a" in s, len(s), s.zfill(10), s.center(10), s.ljust(8), s.swapcase(), s.partition(" "), s.isalpha(),
            s.splitlines(), s.lstrip(), s.rstrip("c"), s.upper(), s.rjust(9), s.index("b"), s.rfind("a"),
            s.expandtabs())


scripted(strs, "ab ac")


def strc(s: str):
    return (s < "b", s == "a", s != "a")


scripted(strc, "a")


def stri(s: str):
    o: List[str] = []
    for c in s:
        o.append(c)
    return o


scripted(stri, "abc")


def casts(x):
    return (int(x.sum()), float(x.sum()), bool(x.sum()), int(3.7), float(2), bool(0), str(3), str(2.5), str(True),
            int("3"), float("2.5"))


scripted(casts, X)


def ann(x):
    l = torch.jit.annotate(List[int], [])
    l.append(1)
    d = torch.jit.annotate(Dict[str, Tensor], {})
    d["a"] = x
    o = torch.jit.annotate(Optional[int], None)
    return (l, d, o)


scripted(ann, X)


def ann2(x):
    l: List[Tensor] = []
    for i in range(3):
        l.append(x * i)
    return torch.stack(l)


scripted(ann2, X)


def opt(x: Optional[Tensor]=None):
    if x is None:
        return torch.zeros(2)
    return x + 1


scripted(opt)
scripted(opt, X)


def opt2(x: Optional[int], y: Optional[int]) -> int:
    if x is not None and y is not None:
        return x + y
    if x is None or x > 3:
        return -1
    return x


scripted(opt2, 2, 3)
scripted(opt2, None, 2)
scripted(opt2, 2, None)
scripted(opt2, 5, None)


def opt3(x: Optional[int]) -> int:
    y = x if x is not None else 5
    return y


scripted(opt3, None)


def opt4(x: Optional[List[int]]):
    assert x is not None
    return x[0]


scripted(opt4, [4])
scripted(opt4, None)


def opt5(x: Optional[int]):
    while x is None:
        x = 3
    return x


scripted(opt5, None)


def tup(x: Tuple[int, Tensor, Tuple[str, float]]):
    a, b, (c, d) = x
    return (c, d, b * a, x[2][0], x[-1])


scripted(tup, (1, X, ("s", 2.0)))


def swap(a: int, b: int):
    a, b = (b, a)
    c, d = (a + 1, b + 1)
    return (a, b, c, d)


scripted(swap, 1, 2)


def star(x: List[int]):
    a, *b = (1, 2, 3)
    return (a, b)


scripted(star, [1])


def mults(x):
    a = b = x + 1
    return (a, b)


scripted(mults, X)


def chain(a: int, b: int):
    return 0 < a < b


scripted(chain, 1, 2)


def tern(x, b: bool):
    return x + 1 if b else x - 1


scripted(tern, X, True)


def logic(a: bool, b: bool, n: int):
    return (a and b, a or b, not a, a and n > 2, a ^ b, a | b, a & b)


scripted(logic, True, False, 3)


def arith(a: int, b: int, c: float):
    return (a + b, a - b, a * b, a / b, a // b, a % b, a ** b, -a, abs(-a), a / c, a // c, a % c, a ** c, c ** 2,
            a << 2, a >> 1, a & b, a | b, a ^ b, divmod(a, b), a < b, a == c)


scripted(arith, 7, 3, 2.5)


def ma(x: float):
    return (math.sqrt(x), math.pi, math.floor(x), math.ceil(x), math.log(x), math.exp(x), math.pow(x, 2),
            math.sin(x), math.inf, math.isnan(x), math.factorial(4), math.gcd(8, 12), math.log10(x), math.fabs(-x),
            math.fmod(x, 2), math.atan2(x, 1.0), math.tanh(x), math.e, math.log1p(x), math.copysign(x, -1.0),
            math.radians(x), math.isinf(x), math.modf(x), math.erf(x), math.gamma(x))


scripted(ma, 2.5)


def lists2(a: List[int]):
    a = a.copy()
    a.insert(1, 9)
    a.remove(9)
    b = a * 2
    c = a + b
    del a[0]
    a.sort()
    a.sort(reverse=True)
    c.clear()
    return (a, b, c, a.count(2), a == b, max(b), min(b), any([True]), all([False]), len(a), list(range(3)), a[::2],
            a[-1], [1] * 3, sorted(b))


scripted(lists2, [3, 1, 2])


def lists3(a: List[float], s: List[str], b: List[bool]):
    s.sort()
    a.sort()
    return (max(a), sum(a), s, any(b), all(b), "x" in s, s.index("b"), len(a))


scripted(lists3, [2.0, 1.0], ["b", "a"], [True, False])


def lists4(xs: List[Tensor]):
    xs[0] = xs[0] + 1
    xs += [xs[0]]
    xs.pop(0)
    return (xs, len(xs), torch.cat(xs))


scripted(lists4, [X, X])


def ll(n: int):
    r: List[List[int]] = []
    for i in range(n):
        r.append([j for j in range(i)])
    return r


scripted(ll, 3)


def ll2():
    m = [[1, 2], [3, 4]]
    m[0][1] = 7
    return (m, m[1][0], [[0] * 3 for _ in range(2)])


scripted(ll2)


def dicts2(d: Dict[int, str]):
    d[3] = "c"
    v = d.pop(1)
    g = d.get(7, "zz")
    g2 = d.get(2)
    s = d.setdefault(9, "n")
    e = d.copy()
    e.update({4: "q"})
    del e[3]
    return (d, v, g, g2, s, e, 3 in d, 5 not in d, len(d), list(d.values()), list(d.items()), d.keys())


scripted(dicts2, {1: "a", 2: "b"})


def dicts3():
    d = {"a": 1, "b": 2}
    t = 0
    for k in d:
        t += d[k]
    d.clear()
    return (t, d, bool(len(d)))


scripted(dicts3)


def dk(d: Dict[str, int]):
    return d["zz"]


scripted(dk, {"a": 1})


def idx(x: List[int]):
    return x[5]


scripted(idx, [1])


def shape(x):
    b, c = x.shape
    h = x.size()
    return (b * c, h[0], x.shape[-1], x.numel(), x.ndim, x.dtype == torch.float32, x.device, x.is_cuda,
            x.requires_grad, x.layout)


scripted(shape, X)


def tensidx(x):
    return (x[0], x[:, 1], x[..., 0], x[None], x[:, None, 1:], x[x > 2], x[[0, 1]], x[torch.tensor([1, 0])],
            x[-1, -1], x[1:2, ::2], x[:, [0, 2]], x[0][1])


scripted(tensidx, X)


def tensset(x):
    x = x.clone()
    x[0, 0] = 5
    x[1] = torch.zeros(3)
    x[x > 4] = -1
    x[:, 2] *= 2
    x[0] += 1
    x[..., 1] = x[..., 0]
    x[torch.tensor([0]), torch.tensor([1])] = 9.0
    return x


scripted(tensset, X)


def inpl(x):
    x = x.clone()
    x += 1
    x *= 2
    x -= 1
    x /= 2
    x.add_(1)
    x **= 2
    return x


scripted(inpl, X)


def fact(x):
    return (torch.zeros(2, 3), torch.ones([2]), torch.arange(5), torch.arange(1, 5, 2), torch.arange(0.0, 1.0, 0.5),
            torch.full((2,), 3.0), torch.tensor([1, 2]), torch.tensor(2.5), torch.tensor([[1.0, 2.0], [3.0, 4.0]]),
            torch.zeros_like(x), torch.eye(2), torch.linspace(0, 1, 3), torch.empty(2, 0), torch.randn(2).shape,
            torch.zeros(2, dtype=torch.long), torch.tensor([1], dtype=torch.float64), torch.tensor(True),
            torch.randint(0, 5, (2,)).shape)


scripted(fact, X)


def tmeth(x):
    return (x.view(-1), x.view(3, -1), x.reshape([6]), x.permute(1, 0), x.permute([1, 0]), x.transpose(0, 1), x.t(),
            x.T, x.sum(), x.sum(0), x.sum(dim=1, keepdim=True), x.mean([0, 1]), x.max(), x.max(0), x.argmax(-1),
            x.topk(2), x.sort(descending=True), x.unsqueeze(0), x.squeeze(), x.repeat(2, 1), x.expand(2, 2, 3),
            x.flatten(), x.chunk(2), x.split(1, dim=1), x.unbind(0), x.to(torch.int64), x.float(), x.long(),
            x.half(), x.clamp(0, 2), x.clamp(min=1), x.abs(), x.pow(2), x.norm(), x.std(), x.masked_fill(x > 2, 0.0),
            x.gather(1, torch.zeros(2, 1, dtype=torch.long)), x.cumsum(0), x.detach(), x.contiguous(),
            x.new_zeros(2), x.new_zeros((2, 3)), x.dim(), x.size(0), x.is_floating_point(), x.eq(x).all(),
            x.exp().log(), x.softmax(-1), x.index_select(0, torch.tensor([1])), x.fill_(2.0))


scripted(tmeth, X.clone())


def func(x):
    return (F.relu(x), F.softmax(x, dim=-1), F.log_softmax(x, 1), F.dropout(x, 0.5, False),
            F.linear(x, torch.ones(2, 3)), F.mse_loss(x, x + 1), F.cross_entropy(x, torch.tensor([0, 1])),
            F.pad(x, (1, 1)), F.pad(x, [1, 1], "constant", 2.0), F.one_hot(torch.tensor([0, 1]), 3), F.gelu(x),
            F.normalize(x, dim=1), F.softplus(x), F.layer_norm(x, [3]), F.leaky_relu(x, 0.1), F.elu(x), F.sigmoid(x),
            F.tanh(x), F.silu(x), F.interpolate(x[None, None], scale_factor=2.0),
            F.binary_cross_entropy_with_logits(x, x), F.nll_loss(x, torch.tensor([0, 1])),
            F.smooth_l1_loss(x, x + 2), F.cosine_similarity(x, x), F.hardtanh(x), F.logsigmoid(x),
            F.embedding(torch.tensor([0]), x), F.avg_pool2d(x[None, None], 2), F.max_pool2d(x[None, None], 2),
            F.adaptive_avg_pool2d(x[None, None], (1, 1)), F.softmin(x, 0), F.kl_div(x, x),
            F.unfold(x[None, None], 2), F.relu6(x), F.prelu(x, torch.tensor([0.1])), F.l1_loss(x, x + 1),
            F.huber_loss(x, x + 1))


scripted(func, X)


run(__file__)
