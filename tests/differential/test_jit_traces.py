"""torch.jit.trace: checks, warnings, errors, calls between traces and scripts; freezing; what scripts refuse.

Errors are compared with their excerpt, without folders and without the places in torch's own files."""

import io
import re
from typing import Final, List

import torch
import torch.nn as nn
from torch import Tensor

from harness import case, run


def plain(text):
    lines = [line for line in str(text).split("\n") if not re.search(r"/(_trace|grad_mode|harness)\.py\(", line)]
    text = re.sub(r"\S*/test_jit_traces.py", "test_jit_traces.py", "\n".join(lines))
    return re.sub(r"___torch_mangle_\d+\.", "", text)


def named(name, function):
    def run_case():
        try:
            return function()
        except Exception as error:
            return type(error).__name__, plain(error)
    run_case.__name__ = name
    case(run_case)


counts = {}


def scripted(function, *inputs):
    name = getattr(function, "__name__", type(function).__name__)
    counts[name] = counts.get(name, 0) + 1
    named(f"{name} {counts[name]}", lambda: torch.jit.script(function)(*inputs))


torch.manual_seed(0)
X = torch.arange(6.).view(2, 3)


class Net(nn.Module):

    def __init__(s):
        super().__init__()
        s.l = nn.Linear(3, 2)

    def forward(s, x):
        return torch.relu(s.l(x))

    def weighted(s, x):
        return s.l(x) * 2


named("trace_module",
      lambda: (lambda m: (m.code, m.weighted.code, m.weighted(X).shape))(torch.jit.trace_module(Net(), {"forward": X, "weighted": X})))


@torch.jit.script
def inner(x, n: int):
    for i in range(n):
        x = x + i
    return x


def usesinner(x):
    return inner(x * 2, 3)


named("script in trace", lambda: (lambda m: (m.code, m(X)))(torch.jit.trace(usesinner, X)))


class UsesScript(nn.Module):

    def __init__(s):
        super().__init__()
        s.m = torch.jit.script(Net())

    def forward(s, x):
        return s.m(x) + 1


named("script module in trace", lambda: (lambda m: (m.code, m(X).detach()))(torch.jit.trace(UsesScript(), X)))
traced = None


class UsesTrace(nn.Module):

    def __init__(s):
        super().__init__()
        s.m = torch.jit.trace(Net(), X)

    def forward(s, x):
        if x.sum() > 0:
            return s.m(x)
        return x[:, :2]


named("trace in script", lambda: (lambda m: (m.code, m(X)))(torch.jit.script(UsesTrace())))
tf = torch.jit.trace(lambda x: x * 2, X)


def usestf(x):
    return tf(x) + 1


named("traced fn in script", lambda: torch.jit.script(usestf)(X))
st = {"n": 0}


def changing(x):
    st["n"] += 1
    return x * st["n"]


named("changing", lambda: torch.jit.trace(changing, X))


def changing2(x):
    st["n"] += 1
    return x * 2 if st["n"] % 2 else x + 1


named("changing2", lambda: torch.jit.trace(changing2, X))
named("shape cond", lambda: torch.jit.trace(lambda x: x if x.shape[0] > 1 else x + 1, X).code)
named("shape cond2", lambda: torch.jit.trace(lambda x: x if x.shape[0] == 2 else x + 1, X).code)
named("shape view", lambda: torch.jit.trace(lambda x: x.view(x.shape[0], x.size(1) // 3), X))
named("list out", lambda: torch.jit.trace(lambda x: [x, x + 1], X).code)
named("dict out", lambda: torch.jit.trace(lambda x: {"a": x}, X))
named("dict out nonstrict", lambda: torch.jit.trace(lambda x: {"a": x}, X, strict=False).code)
named("none out", lambda: torch.jit.trace(lambda x: None, X))
named("two", lambda: torch.jit.trace(lambda x, y: x + y, (X, X)).code)
named("dict in", lambda: torch.jit.trace(lambda d: d["a"] + d["b"], ({"a": X, "b": X},)).code)
named("list in", lambda: torch.jit.trace(lambda l: l[0] + l[1], ([X, X],)).code)
named("too many inputs", lambda: torch.jit.trace(Net(), (X, X)))
named("int input", lambda: torch.jit.trace(Net(), 3))
named("int input2", lambda: torch.jit.trace(Net(), (3,)))
named("call too many", lambda: torch.jit.trace(Net(), X)(X, X))
named("call none", lambda: torch.jit.trace(Net(), X)())
named("call int", lambda: torch.jit.trace(Net(), X)(3))
named("traced missing attr", lambda: torch.jit.trace(Net(), X).foo)
named("traced param", lambda: torch.jit.trace(Net(), X).l.weight.shape)
named("traced str", lambda: str(torch.jit.trace(Net(), X)))
named("script str", lambda: repr(torch.jit.script(Net())))
named("training", lambda: torch.jit.trace(Net().eval(), X).training)
named("train set", lambda: (lambda m: (m.train(False), m.training, m.l.training))(torch.jit.trace(Net(), X))[1:])
named("named_modules", lambda: [n for n, _ in torch.jit.trace(Net(), X).named_modules()])
named("state", lambda: list(torch.jit.script(Net()).state_dict()))
named("load bad", lambda: torch.jit.script(Net()).load_state_dict({}))


@torch.jit.script_if_tracing
def sit(x, n: int):
    for i in range(n):
        x = x + i
    return x


named("script_if_tracing", lambda: torch.jit.trace(lambda x: sit(x, 2), X).code)
named("is_tracing", lambda: torch.jit.is_tracing())
named("is_tracing2", lambda: torch.jit.trace(lambda x: x + 1 if torch.jit.is_tracing() else x, X).code)
named("code_with_constants", lambda: torch.jit.script(Net()).code_with_constants[0])
named("freeze code", lambda: torch.jit.freeze(torch.jit.script(Net().eval())).code)
named("freeze train", lambda: torch.jit.freeze(torch.jit.script(Net())))
named("ofi", lambda: torch.jit.optimize_for_inference(torch.jit.script(Net().eval()))(X).shape)
named("ofi train", lambda: torch.jit.optimize_for_inference(torch.jit.script(Net()))(X).shape)
named("freeze attrs", lambda: hasattr(torch.jit.freeze(torch.jit.script(Net().eval())), "l"))


class Keep(nn.Module):

    def __init__(s):
        super().__init__()
        s.l = nn.Linear(3, 2)
        s.ver = 5

    def forward(s, x):
        return s.l(x)

    @torch.jit.export
    def extra(s, x):
        return s.l(x) * s.ver


named("freeze preserve",
      lambda: (lambda m: (m.ver, m(X).shape))(torch.jit.freeze(torch.jit.script(Keep().eval()), preserved_attrs=["ver"])))
named("freeze preserve method",
      lambda: (lambda m: (m.extra(X).shape, m.extra.code))(torch.jit.freeze(torch.jit.script(Keep().eval()), preserved_attrs=["extra"])))
named("freeze preserve bad", lambda: torch.jit.freeze(torch.jit.script(Keep().eval()), preserved_attrs=["zz"]))


def slow(x):
    return x * 2


def fk(x):
    f = torch.jit.fork(slow, x)
    y = x + 1
    return torch.jit.wait(f) + y


scripted(fk, X)
named("fork eager", lambda: torch.jit.wait(torch.jit.fork(slow, X)))


def fk2(x):
    fs: List[torch.jit.Future[Tensor]] = []
    for i in range(3):
        fs.append(torch.jit.fork(slow, x + i))
    return torch.stack([torch.jit.wait(f) for f in fs])


scripted(fk2, X)
cu = torch.jit.CompilationUnit("\ndef foo(x):\n    return x + 1\ndef bar(x, n: int):\n    return foo(x) * n\n")
named("cu", lambda: (cu.foo(X), cu.bar(X, 2), cu.foo.code))
named("cu missing", lambda: cu.zz)
G = 3
GL = [1, 2]
GT = torch.ones(2)
GS = "a"
GD = {"a": 1}


def ug(x):
    return x * G


scripted(ug, X)


def ug2(x):
    return GL


scripted(ug2, X)


def ug3(x):
    return GT


scripted(ug3, X)


def ug4(x):
    return GS


scripted(ug4, X)


def ug5(x):
    return GD


scripted(ug5, X)
G2: Final[int] = 4


def ug6(x):
    return x * G2


scripted(ug6, X)


def recur(n: int) -> int:
    if n <= 1:
        return 1
    return n * recur(n - 1)


scripted(recur, 4)


def kw(x, *, n: int=3):
    return x * n


named("kwonly", lambda: torch.jit.script(kw)(X, n=2))


def kw2(x, *, n):
    return x * n


named("kwonly2", lambda: torch.jit.script(kw2)(X, n=X))


def lam(x):
    f = lambda y: y + 1
    return f(x)


scripted(lam, X)


def nested(x):

    def g(y):
        return y
    return g(x)


scripted(nested, X)


def yld(x):
    yield x


scripted(yld, X)


def st2(x):
    return {1, 2}


scripted(st2, X)


def wl(x):
    if (n := x.size(0)) > 1:
        return n
    return 0


scripted(wl, X)


def mat(x):
    x @= x.t()
    return x


scripted(mat, X)


def delv(x):
    y = x
    del y
    return x


scripted(delv, X)


def dely(x):
    y = x
    del y
    return y


scripted(dely, X)


def glob(x):
    global G
    return x


scripted(glob, X)


def asy(x):
    with open("a") as f:
        pass
    return x


scripted(asy, X)


def strfmt(x: int):
    return "a{0}b{1}".format(x, 2)


scripted(strfmt, 3)


def printing(x, n: int, s: str, l: List[int]):
    print(x)
    print(n, s, l)
    print("a", 2.5, True, None)
    print()


scripted(printing, X, 3, "z", [1])


def typed(x: "Tensor", n: "int"=2) -> "Tensor":
    return x * n


scripted(typed, X)


class Gate(torch.nn.Module):
    def forward(self, x):
        if x.sum() > 0:
            return x
        return -x


class Cell(torch.nn.Module):
    def __init__(self, gate):
        super().__init__()
        self.gate, self.linear = gate, torch.nn.Linear(4, 4)

    def forward(self, x, h):
        new = torch.tanh(self.gate(self.linear(x)) + h)
        return new, new


class Unrolled(torch.nn.Module):
    def __init__(self, cell):
        super().__init__()
        self.cell = cell

    def forward(self, xs):
        h, y = torch.zeros(3, 4), torch.zeros(3, 4)
        for i in range(xs.size(0)):
            y, h = self.cell(xs[i], h)
        return y, h


class Around(torch.nn.Module):
    def __init__(self, loop):
        super().__init__()
        self.loop = loop

    def forward(self, xs):
        y, h = self.loop(xs)
        return torch.relu(y)


class Scaled(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = torch.nn.Linear(2, 2)

    def forward(self, x, scale: float = 2.0):
        return self.linear(x) * scale


@case
def a_scripted_module_is_one_call_of_a_trace():
    torch.manual_seed(0)
    cell = torch.jit.trace(Cell(torch.jit.script(Gate())), (torch.rand(3, 4), torch.rand(3, 4)))
    traced = torch.jit.trace(Around(torch.jit.script(Unrolled(cell))), torch.rand(10, 3, 4))
    file = io.BytesIO()
    torch.jit.save(traced, file)
    file.seek(0)
    loaded, xs = torch.jit.load(file), torch.rand(5, 3, 4)
    return cell.code, traced.code, traced(xs), torch.equal(loaded(xs), traced(xs)), loaded.code, repr(loaded)


@case
def freezing_keeps_defaults_and_numbers_constants_by_use():
    torch.manual_seed(0)
    frozen, x = torch.jit.freeze(torch.jit.script(Scaled()).eval()), torch.ones(1, 2)
    return frozen(x), frozen(x, 3.0), frozen.code


run(__file__)
