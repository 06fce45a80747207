"""torch.jit: graphs, code, results, gradients, errors and warnings of traces and scripts.

Traces of functions are compared to the letter, but for the places of constants and of operators that PyTorch has in Python
files of its own.  Where PyTorch numbers values by the order in which its compiler made and threw away others, and where
classes get numbers from one counter for all programs, numbers are given anew here: constants stand where they are used, and
`%12` and `%y.3` become `%1`, `%2` … in order of appearance."""

import io
import re
import warnings
from typing import Dict, List, NamedTuple, Optional, Tuple

import torch
import torch.nn as nn
import torch.nn.functional as F

from harness import case, run


def plain(text):
    """Places in this file without its folder, none elsewhere; addresses and classes without numbers."""
    lines = []
    for line in str(text).split("\n"):
        line = re.sub(r" # \S*test_jit\.py:", " # test_jit.py:", line)
        line = re.sub(r" # (?!test_jit)\S+:\d+:\d+", "", line)
        if re.search(r"prim::Constant|aten::(pow|rsub|floor_divide|unbind|reciprocal)\(", line):
            line = line.split(" # ")[0]
        lines.append(re.sub(r"___torch_mangle_\d+\.", "", line))
    return "\n".join(lines)


def renumbered(text):
    seen, constants, lines = {}, {}, []
    for line in plain(text).split("\n"):
        constant = re.match(r"\s*(%\S+) : \S+ = prim::Constant(?:\[(?:value|name)=(.*)\])?\(\)", line)
        if constant:
            constants[constant[1]] = constant[2] or "None"
        else:
            lines.append(re.sub(r"%[A-Za-z0-9_.]+", lambda m: constants.get(m.group(), m.group()), line))
    return re.sub(r"%[A-Za-z0-9_.]+", lambda m: seen.setdefault(m.group(), f"%{len(seen)}"), "\n".join(lines))


def traced(name, function, *inputs, **options):
    """The graph of a trace, its code and its results."""
    def run_case():
        made = torch.jit.trace(function, inputs, check_trace=False, **options)
        return plain(made.graph), made.code, made(*inputs)
    run_case.__name__ = "trace " + name
    case(run_case)


def scripted(function, *inputs, graph=True):
    def run_case():
        made = torch.jit.script(function)
        out = made(*inputs)
        leaves = [i for i in inputs if isinstance(i, torch.Tensor) and i.requires_grad]
        grads = None
        if leaves and isinstance(out, torch.Tensor):
            grads = torch.autograd.grad(out.sum(), leaves)
        return renumbered(made.graph) if graph else None, made.code, out, grads
    run_case.__name__ = "script " + function.__name__
    case(run_case)
    return function


def fails(function, *inputs):
    """What compiling or running says, without this file's folder."""
    def run_case():
        try:
            return torch.jit.script(function)(*inputs)
        except Exception as error:
            return type(error).__name__, re.sub(r'File "\S*/', 'File "', str(error))
    run_case.__name__ = f"error {function.__name__} {len(inputs)} {type(inputs[-1]).__name__ if inputs else ''}"
    case(run_case)
    return function


X = torch.arange(6.).view(2, 3)

# ---- traces of functions: to the letter ----
traced("arithmetic", lambda x, y: (x + 1) * y - x / 2, X, X + 1)
traced("reflected", lambda x: 1 - x + 2 * x, X)
traced("views", lambda x: x.view(3, 2).t().contiguous().reshape(-1).unsqueeze(0), X)
traced("sizes", lambda x: x.view(x.size(0), -1) + x.shape[1], X)
traced("computed size", lambda x: x.reshape(x.shape[0] * 3), X)
traced("slices", lambda x: x[:, 1:2] + x[0, 0], X)
traced("index", lambda x: x[x > 2], X)
traced("none and ellipsis", lambda x: x[..., None, 0], X)
traced("cat and stack", lambda x: torch.cat([torch.stack([x, x]).sum(0), x], dim=1), X)
traced("reductions", lambda x: (x.sum(), x.mean(dim=1), x.max(dim=0)[0], x.std(), x.argmax(1)), X)
traced("softmax", lambda x: x.softmax(-1).log(), X)
traced("where", lambda x: torch.where(x > 0, x, -x).clamp(min=1), X)
traced("masked_fill", lambda x: x.masked_fill(x == 0, float("-inf")), X)
traced("matmul", lambda x: x @ x.t(), X)
traced("to", lambda x: x.to(torch.float64).float().long(), X)
traced("factories", lambda x: torch.zeros(2, 3) + torch.ones_like(x) + torch.full((3,), 2.), X)
traced("arange", lambda x: torch.arange(3) + x, X)
traced("in place", lambda x: (x + 0).add_(1).mul_(2), X)
traced("split", lambda x: x.split(1)[0] + x.chunk(2)[1], X)
traced("tuple in", lambda p, y: p[0] + p[1] * y, (X, X + 1), X + 2)
traced("pow and neg", lambda x: -(x ** 2), X)
traced("floor", lambda x: x // 2 + x % 2, X)
traced("dict out", lambda x: {"a": x + 1}, X, strict=False)
traced("transposes", lambda x: x.transpose(0, 1).permute(1, 0).flatten(), X)


def assigns(x):
    a = torch.zeros(2, 3)
    a[0] = x[1]
    b = a * 2
    return b


traced("assignment", assigns, X)


# ---- traces of modules ----
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 2, 3)
        self.bn = nn.BatchNorm2d(2)
        self.body = nn.Sequential(nn.Linear(8, 4), nn.ReLU(), nn.Dropout(0.5))
        self.norm = nn.LayerNorm(4)
        self.scale = nn.Parameter(torch.ones(4))
        self.register_buffer("shift", torch.zeros(4))

    def forward(self, x):
        h = torch.relu(self.bn(self.conv(x)))
        h = self.body(h.flatten(1))
        return self.norm(h) * self.scale + self.shift


class Shared(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(3, 3)

    def forward(self, x):
        return self.layer(self.layer(x))


class Pair(nn.Module):
    def forward(self, x):
        return x + 1, x * 2


class Outer(nn.Module):
    def __init__(self):
        super().__init__()
        self.pair = Pair()

    def forward(self, x):
        a, b = self.pair(x)
        return a * b


@case
def trace_of_a_network():
    net = Net().eval()
    x = torch.randn(2, 1, 4, 4)
    made = torch.jit.trace(net, x)
    out = made(x)
    out.sum().backward()
    return (renumbered(made.graph), made.code, renumbered(made.body.graph), made.body.code, str(made), out, net.scale.grad,
            net.conv.weight.grad, sorted(made.state_dict()))


@case
def trace_of_a_shared_layer():
    made = torch.jit.trace(Shared(), X)
    return renumbered(made.graph), made.code, made.layer.code, made(X)


@case
def trace_of_two_results():
    made = torch.jit.trace(Outer(), X)
    return renumbered(made.graph), made.code, made.pair.code, renumbered(made.inlined_graph), made(X)


@case
def trace_keeps_one_branch():
    def f(x):
        return 2 * x if x.sum() > 0 else x - 1

    made = torch.jit.trace(f, torch.ones(2))
    return made(torch.full((2,), -3.)), torch.jit.script(branches)(torch.full((2,), -3.))


# ---- warnings ----
def warned(name, function, *inputs):
    def run_case():
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            made = torch.jit.trace(function, inputs)
        return [(w.category.__name__, str(w.message)) for w in caught], renumbered(made.graph)
    run_case.__name__ = "warning " + name
    case(run_case)


warned("bool", lambda x: x * 2 if x.sum() > 0 else x, X)
warned("int", lambda x: x * int(x.sum()), X)
warned("float", lambda x: x * float(x.sum()), X)
warned("item", lambda x: x * x.sum().item(), X)
warned("len", lambda x: x * len(x), X)
warned("iteration", lambda x: sum(row for row in x), X)
warned("constant", lambda x: x + torch.tensor([1., 2., 3.]), X)
warned("list", lambda x: (x, [x + 1]), X)


@case
def trace_errors():
    out = []
    for f, inputs in [(lambda x: 1, (X,)), (lambda x: {"a": x}, (X,)), (lambda x: x, (3,)), (lambda x: "a", (X,))]:
        try:
            torch.jit.trace(f, inputs)
        except Exception as error:
            out.append((type(error).__name__, str(error)))
    return out


# ---- scripts ----
@(lambda f: scripted(f, X))
def branches(x):
    if x.sum() > 0:
        return 2 * x
    else:
        return x - 1


def loops(x: torch.Tensor, n: int):
    y = x
    for i in range(n):
        if i % 2 == 0:
            y = y + i
        else:
            y = y * 2.5
    while bool(y.sum() < 100):
        y = y + 1
    return y


def containers(xs: List[torch.Tensor], d: Dict[str, int], o: Optional[int] = None) -> Tuple[torch.Tensor, int]:
    s = torch.zeros(2)
    for x in xs:
        s = s + x
    k = 0
    for key in d:
        k += d[key]
    if o is not None:
        k = k + o
    l = [a * 2 for a in [1, 2, 3]]
    l.append(4)
    assert k > 0, "bad"
    return s, k + l[0] + len(l)


def early(x: torch.Tensor, y: int):
    if y > 3:
        return x
    z = x + 1
    for i in range(y):
        if i == 2:
            return z
        z = z + i
    return z * 2


def leaves(x: torch.Tensor, n: int):
    total = x
    for i in range(n):
        if i == 1:
            continue
        if i > 3:
            break
        total = total + i
    return total


def forever(x):
    while True:
        x = x + 1
        if bool(x.sum() > 30):
            break
    return x


def mixed(x, flag: bool, s: str = "abc"):
    a, b = x, x + 1
    c = (a, b)
    if flag and x.size(0) > 2 or not flag:
        a = a * 2
    y = a if flag else b
    z = x[0, 1:3]
    return c[0] + y, z, -x, x.shape, s + "x", float(x.sum()), 3 / 2, 7 // 2, 2 ** 3


def numbers(a: int, b: float):
    return a + b, a * 2, a // 2, a % 3, b / 2, -a, abs(-3), min(a, 2), max(b, 1.0), int(b), float(a), round(b), a > 2 and b < 3


def texts(s: str, n: int):
    return s.upper(), s + "!", len(s), s[0], s[1:], "{} and {}".format(s, n), s.split(","), s == "a", str(n), f"{n}"


def lists(xs: List[int]):
    ys = xs + [4]
    ys.append(5)
    ys.extend([6])
    ys.reverse()
    last = ys.pop()
    ys[0] = 9
    return ys, last, ys[1:3], sum(xs), 2 in xs, sorted([3, 1, 2]), ys.index(5)


def dicts(d: Dict[str, torch.Tensor]):
    e = {"k": torch.ones(1)}
    for key, value in d.items():
        e[key] = value * 2
    return e, len(e), "k" in e, list(e.keys())


def zipped(a: List[int], b: List[int]):
    out = 0
    for i, (x, y) in enumerate(zip(a, b)):
        out += x * y + i
    return out


def calls(x):
    return branches(x) + F.relu(x) + torch.sigmoid(x)


def stores(x):
    y = x.clone()
    y[0] = 1.0
    y[:, 1] += 2
    return y


def optional(x: Optional[torch.Tensor], y: torch.Tensor):
    if x is None:
        x = y
    return x + y


def unpacks(x):
    values, places = x.max(dim=1)
    return values, places, x.sort(dim=1)[0]


def refined(x: Optional[int]) -> int:
    if x is not None and x > 2:
        return x
    return 0


Leaf = torch.ones(2, 3, requires_grad=True)


def differentiable(x):
    y = x
    for i in range(3):
        if i == 1:
            y = y * x
        else:
            y = y + x.sin()
    return y.sum()


scripted(loops, torch.ones(2), 3)
scripted(containers, [torch.ones(2)], {"a": 2}, 5)
scripted(early, torch.ones(2), 3)
scripted(leaves, torch.ones(2), 6)
scripted(forever, torch.ones(2))
scripted(mixed, X, True)
scripted(numbers, 5, 2.5)
scripted(texts, "a,b", 3)
scripted(lists, [1, 2, 3])
scripted(dicts, {"a": torch.ones(2)})
scripted(zipped, [1, 2], [3, 4])
scripted(calls, X)
scripted(stores, X)
scripted(optional, None, X)
scripted(unpacks, X)
scripted(refined, 3)
scripted(differentiable, Leaf)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(3, 4)
        self.act = nn.ReLU()
        self.n = 3
        self.rest = nn.Sequential(nn.Linear(4, 4), nn.Tanh())
        self.heads = nn.ModuleList([nn.Linear(4, 2) for _ in range(2)])

    def helper(self, x):
        return x * self.n

    def forward(self, x):
        h = self.act(self.first(x))
        h = self.helper(h)
        for layer in self.rest:
            h = layer(h)
        out = []
        for i, head in enumerate(self.heads):
            out.append(head(h) + i)
        return F.relu(torch.cat(out, dim=1))

    @torch.jit.export
    def twice(self, x: torch.Tensor):
        return self(x) * 2


@case
def script_of_a_module():
    module = Block()
    made = torch.jit.script(module)
    out = made(X)
    out.sum().backward()
    return (renumbered(made.graph), made.code, made.rest.code, made.first.code, str(made), out, module.first.weight.grad,
            made.twice(X), sorted(n for n, _ in made.named_parameters()), made.n, type(made).__name__, made.original_name)


class Counter(nn.Module):
    count: int

    def __init__(self):
        super().__init__()
        self.count = 0
        self.register_buffer("total", torch.zeros(1))

    def forward(self, x):
        self.count += 1
        self.total = self.total + x.sum()
        return x * self.count


@case
def script_changes_attributes():
    made = torch.jit.script(Counter())
    return made(X), made(X), made.count, made.total, made.code


@case
def script_modes():
    made = torch.jit.script(nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3), nn.Dropout(0.5)))
    made.eval()
    out = made(X)
    made.train()
    return out, made.training, made(X).shape, made.state_dict()


# ---- files ----
class Saved(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(3, 2)
        self.rest = nn.Sequential(nn.Conv1d(1, 1, 2), nn.ReLU())
        self.n = 3
        self.register_buffer("scale", torch.ones(2))

    def helper(self, x, k: int):
        return x * k

    def forward(self, x):
        h = F.relu(self.first(x)) * self.scale
        for i in range(self.n):
            if i == 1:
                h = self.helper(h, 2)
        return h + self.rest(x.unsqueeze(1)).squeeze(1)


def reloaded(made, **options):
    file = io.BytesIO()
    torch.jit.save(made, file, **options)
    file.seek(0)
    return torch.jit.load(file)


@case
def save_and_load():
    script, trace = torch.jit.script(Saved()), torch.jit.trace(Saved(), X, check_trace=False)
    again, traced_again = reloaded(script), reloaded(trace)
    again(X).sum().backward()
    return (again(X).detach(), again.code, sorted(again.state_dict()), again.n, type(again).__name__, str(again), again.first.weight.grad,
            traced_again(X).shape, traced_again.code, reloaded(torch.jit.trace(lambda x: x + 1, X)).code, script(X).detach())


@case
def load_errors():
    out = []
    for f in (lambda: torch.jit.load("/nonexistent.pt"), lambda: torch.jit.freeze(torch.jit.script(Saved()))):
        try:
            f()
        except Exception as error:
            out.append((type(error).__name__, str(error)))
    return out


@case
def frozen():
    made = torch.jit.script(Saved()).eval()
    result = torch.jit.freeze(made)
    return result(X), made(X).detach(), len(list(result.parameters())), torch.jit.optimize_for_inference(made)(X).detach()


def without_recording(x):
    with torch.no_grad():
        y = x * 2
    return y + x


@case
def script_without_recording():
    made = torch.jit.script(without_recording)
    return torch.autograd.grad(made(Leaf).sum(), Leaf), torch.is_grad_enabled()


# ---- errors ----
@fails
def unknown_name(x):
    return foo(x)  # noqa: F821


@fails
def one_branch(x):
    if x.sum() > 0:
        z = x
    return z


@fails
def no_method(x):
    return x.foo()


@fails
def tries(x):
    try:
        return x
    except Exception:
        pass


@fails
def imports(x):
    import os
    return x


@fails
def wrong_result(x: int) -> str:
    return x


@fails
def two_results(x):
    if x.sum() > 0:
        return x
    else:
        return 1


@fails
def varargs(x, *args):
    return x


def raises(x):
    raise ValueError("bad thing")


def asserts(x):
    assert x.sum() < 0, "neg"
    return x


def multiplies(x, y):
    return torch.mm(x, y)


fails(raises, X)
fails(asserts, X)
fails(multiplies, X, X)
fails(multiplies, X, 1)
fails(multiplies, X)


# ---- the graph's parts ----
@case
def walking_the_graph():
    made = torch.jit.script(branches)
    graph = made.graph
    node = graph.findNode("prim::If")
    return ([n.kind() for n in graph.nodes()], [v.debugName() for v in graph.inputs()], str(next(graph.inputs()).type()),
            [b.__class__.__name__ for b in node.blocks()], [n.kind() for b in node.blocks() for n in b.nodes()],
            len(graph.findAllNodes("prim::Constant")), str(made.schema).replace("(", "(", 1))


@case
def passes_one_at_a_time():
    def f(x):
        a = x * 2
        b = x * 2
        c = x + 3
        return a + b

    graph = torch.jit.trace(f, torch.ones(2)).graph.copy()
    counts = [len(list(graph.nodes()))]
    for name in ("cse", "constant_pooling", "dce"):
        getattr(torch._C, "_jit_pass_" + name)(graph)
        counts.append(len(list(graph.nodes())))
    torch._C._jit_pass_lint(graph)
    return counts, [n.kind() for n in graph.nodes()]


@case
def who_takes_a_value():
    import torch
    traced = torch.jit.trace(lambda x: (x * 2).relu() + x, torch.ones(2))
    return [[(type(use).__name__, use.user.kind(), use.offset) for use in value.uses()]
            for node in traced.graph.nodes() for value in node.outputs()]


@case
def what_is_frozen_is_constant_and_dropouts_are_gone():
    import torch
    from torch import nn
    texts = []
    for layers in ((nn.Linear(2, 2), nn.BatchNorm1d(2), nn.Dropout()), (nn.Linear(2, 2), nn.ReLU(), nn.Dropout(0.1), nn.Linear(2, 1))):
        frozen = torch.jit.freeze(torch.jit.script(nn.Sequential(*layers).eval()))
        texts.append(frozen.code)
        texts.append([value.debugName() for node in frozen.graph.nodes() for value in node.outputs()
                      if node.kind() == "prim::Constant" and value.type().kind() == "TensorType"])
    return texts


run(__file__)
