"""The texts of scripted and traced programs as a textbook has them: graphs with their numbers, code, warnings and errors.

Each program is a text of its own: its graphs name its lines."""
import contextlib
import io
import linecache
import re

from harness import case, run

START = """import math
import torch
import torch.nn as nn
import torch.nn.functional as F
from typing import Any, Dict, List, NamedTuple, Optional, Tuple, Union
"""

PROGRAMS = r'''
# -- indices after an ellipsis
@torch.jit.script
def f(x):
    return x[..., None], x[..., None, 0], x[..., 0, None], x[0, ..., None], x[..., 1:, :], x[:, 0, None], x[None], x[-1, -1]
print(f.graph); print(f.code); print([y.shape for y in f(torch.ones(2, 3, 4))])
# -- indices of several kinds
@torch.jit.script
def f(x, i):
    return x[i, None], x[0, i], x[[0, 1]], x[::2], x[1:, :2], x[1:-1:2, 0], x[:, :, 0]
print(f.graph); print(f.code)
# -- what no index may be
for source in ("x[...]", "x[..., i]", "x[..., ...]", "x['a']"):
    try:
        g = {"torch": torch, "__name__": "g"}
        linecache.cache["<g>"] = (0, None, ["def f(x, i):\n", f"    return {source}\n"], "<g>")
        exec(compile(f"def f(x, i):\n    return {source}\n", "<g>", "exec"), g)
        torch.jit.script(g["f"])
    except Exception as error:
        print(type(error).__name__, error)
# -- assignments through masks
@torch.jit.script
def f(x):
    x[0] = 1
    x[..., 1] += 2
    x[x > 1] = 0
    x[x == 0] += 5
    x[1, x[0] > 2] *= 3
    return x
print(f.graph); print(f.code); print(f(torch.arange(6.).view(2, 3)))
# -- a number out of a tensor that is returned
@torch.jit.script
def f(x) -> int:
    return x.sum()
print(f.graph); print(f.code); print(f(torch.ones(3, dtype=torch.long)))
# -- tuples joined, slices of lists, named results, attributes of the library
@torch.jit.script
def f(x, n: Tuple[int, float]):
    a = [1, 2, 3]
    return (1, 2) + n, a[0:2], x.max(dim=0), x.T, x.H, x.mT, x.ndim
print(f.graph); print(f.code); print(f(torch.arange(6.).view(2, 3), (1, 2.)))
# -- comparisons in a row and in brackets
@torch.jit.script
def f(x: int, y: int):
    return 0 < x < 5 and y != 3 or x == 9, (x > 1) and (y < 2)
print(f.graph); print(f.code); print(f(4, 1))
# -- calls that do not fit
for source in ("torch.nn.functional.relu(x, 1)", "torch.nn.functional.relu()", "torch.nn.functional.relu(x, foo=1)"):
    try:
        g = {"torch": torch, "__name__": "g"}
        linecache.cache["<g>"] = (0, None, ["def f(x):\n", f"    return {source}\n"], "<g>")
        exec(compile(f"def f(x):\n    return {source}\n", "<g>", "exec"), g)
        torch.jit.script(g["f"])
    except Exception as error:
        print(type(error).__name__, error)
# -- an item of another type
@torch.jit.script
def f(n: int):
    l = []
    for i in range(n):
        l.append(i)
    return l
# -- a body that fails before its defaults do
@torch.jit.script
def f(x, k=3):
    return x * missing
# -- an attribute of a tensor
@torch.jit.script
def f(x):
    x.y = 3
    return x
# -- items of what a call gives
@torch.jit.script
def f(a: List[int], x):
    return x.shape[1], x.size()[0], [1, 2][0], a[a[0]]
print(f.code)
# -- an else of a loop
@torch.jit.script
def f(x):
    for i in range(3):
        x = x + i
    else:
        x = x * 2
    return x
# -- a name that torch lacks
@torch.jit.script
def f(x):
    return torch.unknown_function(x)
# -- an annotation that does not hold
@torch.jit.script
def f(x):
    y: int = 3.5
    return y
# -- conversions that change nothing are traced: other inputs may need them
f = torch.jit.trace(lambda x: x.float() * 2, torch.ones(2))
print(f.graph); print(f(torch.ones(2).double()).dtype)
print(torch.jit.trace(lambda x: x.long().to(x.dtype) * x.to(torch.float), torch.ones(2)).graph)
# -- T of a traced program
print(torch.jit.trace(lambda x, y: x @ y.T, (torch.ones(2, 3), torch.ones(2, 3))).graph)
# -- early return
@torch.jit.script
def f(x, y: int):
    if y > 0:
        return x + 1
    return x - 1
print(f.graph); print(f.code); print(f(torch.ones(2), 1))
# -- early return 2
@torch.jit.script
def f(x, y: int):
    if y > 0:
        z = x * 2
        if y > 5:
            return z
        z = z + 3
    else:
        return x
    w = z * z
    return w
print(f.graph); print(f.code); print(f(torch.ones(2), 1), f(torch.ones(2), 9), f(torch.ones(2),-1))
# -- return in loop
@torch.jit.script
def f(x, n: int):
    for i in range(n):
        x = x * 2
        if i == 3:
            return x
    return x - 1
print(f.graph); print(f.code); print(f(torch.ones(2), 1), f(torch.ones(2), 9))
# -- break
@torch.jit.script
def f(x, n: int):
    for i in range(n):
        if i == 3:
            break
        x = x + i
    return x
print(f.graph); print(f.code); print(f(torch.ones(2), 10))
# -- continue
@torch.jit.script
def f(x, n: int):
    for i in range(n):
        if i % 2 == 0:
            continue
        x = x + i
    return x
print(f.graph); print(f.code); print(f(torch.ones(2), 10))
# -- while break continue
@torch.jit.script
def f(n: int):
    i = 0
    s = 0
    while True:
        i += 1
        if i > n:
            break
        if i % 3 == 0:
            continue
        s += i
    return s
print(f.graph); print(f.code); print(f(10))
# -- while else raise
@torch.jit.script
def f(n: int) -> int:
    if n < 0:
        raise ValueError("negative")
    elif n == 0:
        return 0
    else:
        k = n
    return k * 2
print(f.graph); print(f.code); print(f(10))
try: f(-1)
except Exception as e: print(type(e).__name__, e)
# -- nested loops with return
@torch.jit.script
def f(x, n: int, m: int):
    for i in range(n):
        for j in range(m):
            if i * j == 6:
                return x * i
            x = x + j
    return x
print(f.graph); print(f.code); print(f(torch.ones(2), 4, 4), f(torch.ones(2), 2, 2))
# -- search list
@torch.jit.script
def find(xs: List[int], k: int) -> int:
    for i, x in enumerate(xs):
        if x == k:
            return i
    return -1
print(find.graph); print(find.code); print(find([1,2,3],3), find([1],5))
# -- optional return
@torch.jit.script
def f(x: Optional[torch.Tensor], d: int = 3) -> torch.Tensor:
    if x is None:
        return torch.zeros(d)
    return x + 1
print(f.graph); print(f.code); print(f(None), f(torch.ones(1)), f.schema)
# -- assert
@torch.jit.script
def f(x, n: int):
    assert n > 0, "n must be positive"
    assert x.dim() == 1
    return x.sum() / n
print(f.graph); print(f.code); print(f(torch.ones(4), 2))
try: f(torch.ones(4), -2)
except Exception as e: print(type(e).__name__, e)
# -- break in while with tensor cond
@torch.jit.script
def f(x):
    i = 0
    while bool(x.sum() < 100):
        x = x * 2
        i += 1
        if i > 3:
            break
    return x, i
print(f.graph); print(f.code); print(f(torch.ones(4)))
# -- traced gate warns
class MyDecisionGate(torch.nn.Module):
    def forward(self, x):
        if x.sum() > 0:
            return x
        else:
            return -x
t = torch.jit.trace(MyDecisionGate(), torch.rand(3,4))
print(t.graph, t.code)
# -- one linear
m = nn.Sequential(nn.Linear(2,3))
t = torch.jit.trace(m, torch.rand(1, 2)); print(t.graph)
# -- one relu
m = nn.Sequential(nn.ReLU())
t = torch.jit.trace(m, torch.rand(1, 2)); print(t.graph)
# -- two relu
m = nn.Sequential(nn.ReLU(), nn.ReLU())
t = torch.jit.trace(m, torch.rand(1, 2)); print(t.graph)
# -- linear alone
t = torch.jit.trace(nn.Linear(2,3), torch.rand(1, 2)); print(t.graph)
# -- two linears
m = nn.Sequential(nn.Linear(2,3), nn.Linear(3,2))
t = torch.jit.trace(m, torch.rand(1, 2)); print(t.graph)
for c in t.children(): print(c.graph)
# -- nested
m = nn.Sequential(nn.Sequential(nn.Linear(2,3), nn.ReLU()), nn.Linear(3,2))
t = torch.jit.trace(m, torch.rand(1, 2)); print(t.graph)
for c in t.children(): print(c.graph)
for c in t[0].children(): print(c.graph)
# -- functional
class M(nn.Module):
    def __init__(s):
        super().__init__(); s.l = nn.Linear(2,3); s.w = nn.Parameter(torch.rand(3)); s.register_buffer("b", torch.ones(3)); s.k = 3
    def forward(s, x):
        y = s.l(x)
        return y * s.w + s.b, F.relu(y)
t = torch.jit.trace(M(), torch.rand(1, 2)); print(t.graph); print(t.l.graph)
# -- shared use
class M(nn.Module):
    def __init__(s):
        super().__init__(); s.a = nn.Linear(2,2); s.b = nn.Linear(2, 2)
    def forward(s, x):
        return s.a(s.b(s.a(x)))
t = torch.jit.trace(M(), torch.rand(1, 2)); print(t.graph); print(t.a.graph); print(t.code)
# -- two outputs in a submodule
class I(nn.Module):
    def forward(s, x, y): return x + y, x - y
class M(nn.Module):
    def __init__(s):
        super().__init__(); s.i = I()
    def forward(s, x):
        a, b = s.i(x, x * 2)
        return a * b
t = torch.jit.trace(M(), torch.rand(1, 2)); print(t.graph); print(t.i.graph); print(t.code)
# -- function trace
def f(x, y):
    z = x @ y
    return torch.relu(z).sum(), z.size(0) * z
t = torch.jit.trace(f, (torch.rand(2,3), torch.rand(3,2))); print(t.graph); print(t.code)
# -- select in call
class L(nn.Module):
    def __init__(s):
        super().__init__(); s.cell = nn.Linear(3, 3)
    def forward(s, xs):
        for i in range(xs.size(0)):
            y = s.cell(xs[i])
        return xs
print(torch.jit.script(L()).graph)
# -- select plain
@torch.jit.script
def f(xs, i: int):
    y = xs[i]
    z = torch.relu(xs[i])
    return y + z
print(f.graph)
# -- unpack call
class C(nn.Module):
    def forward(s, x, h):
        return x, h
class L(nn.Module):
    def __init__(s):
        super().__init__(); s.cell = C()
    def forward(s, x, h):
        y, h = s.cell(x, h)
        y, h = s.cell(y, h)
        return y + h
print(torch.jit.script(L()).graph)
# -- loop self
class L(nn.Module):
    def __init__(s):
        super().__init__(); s.cell = nn.Linear(3,3)
    def forward(s, x):
        for i in range(3):
            x = s.cell(x)
        return x
print(torch.jit.script(L()).graph)
# -- loop two names
@torch.jit.script
def f(xs, n: int):
    y = xs + 1
    h = xs + 2
    for i in range(n):
        y, h = h * i, y * i
    return y, h
print(f.graph, f.code)
# -- dict word count
@torch.jit.script
def count(words: List[str]) -> Dict[str, int]:
    d: Dict[str, int] = {}
    for w in words:
        if w in d:
            d[w] += 1
        else:
            d[w] = 1
    return d
print(count(["a", "b", "a"])); print(count.graph); print(count.code)
# -- list comprehension
@torch.jit.script
def f(xs: List[int]) -> List[int]:
    ys = [x * 2 for x in xs]
    ys.append(7)
    ys.extend([1, 2])
    ys.sort()
    ys.reverse()
    k = ys.pop()
    ys.insert(0, k)
    del ys[1]
    return ys
print(f([3, 1, 2])); print(f.graph); print(f.code)
# -- tuple return and unpack
@torch.jit.script
def g(x: Tuple[torch.Tensor, int]) -> Tuple[int, torch.Tensor]:
    a, b = x
    return b + 1, a * b
print(g((torch.ones(2), 3))); print(g.graph); print(g.code); print(g.schema)
# -- optional refinement
@torch.jit.script
def f(x: Optional[int], y: Optional[torch.Tensor] = None) -> int:
    if x is not None and x > 2:
        r = x
    else:
        r = 0
    if y is not None:
        r += int(y.sum())
    return r
print(f(3), f(None), f(5, torch.ones(3))); print(f.graph); print(f.code)
# -- assert optional
@torch.jit.script
def f(x: Optional[torch.Tensor]):
    assert x is not None
    return x + 1
print(f(torch.ones(1))); print(f.graph); print(f.code)
# -- named tuple
class P(NamedTuple):
    x: torch.Tensor
    y: int
@torch.jit.script
def f(p: P) -> torch.Tensor:
    return p.x * p.y
print(f(P(torch.ones(2), 3))); print(f.graph); print(f.code)
@torch.jit.script
def mk(x) -> P:
    return P(x, 3)
print(mk(torch.ones(1))); print(mk.graph); print(mk.code)
# -- mutating attribute
class Counter(nn.Module):
    def __init__(s):
        super().__init__()
        s.count = 0
        s.register_buffer("total", torch.zeros(2))
    def forward(s, x):
        s.count += 1
        s.total += x
        return s.total / s.count
m = torch.jit.script(Counter()); print(m(torch.ones(2)), m(torch.ones(2)), m.count, m.total); print(m.graph, m.code)
# -- recursion error
try:
    @torch.jit.script
    def fact(n: int) -> int:
        if n <= 1:
            return 1
        return n * fact(n - 1)
except Exception as e: print(type(e).__name__, e)
# -- type error
try:
    @torch.jit.script
    def f(x, y: int):
        if y > 0:
            z = x
        else:
            z = y
        return z
except Exception as e: print(type(e).__name__, e)
# -- not all paths
try:
    @torch.jit.script
    def f(x, y: int):
        if y > 0:
            return x
except Exception as e: print(type(e).__name__, e)
# -- undefined in branch
try:
    @torch.jit.script
    def f(x, y: int):
        if y > 0:
            z = x
        return z
except Exception as e: print(type(e).__name__, e)
# -- break undefined
try:
    @torch.jit.script
    def f(n: int):
        for i in range(n):
            if i > 3:
                break
            else:
                z = i
            n += z
        return n
    print(f.graph)
except Exception as e: print(type(e).__name__, e)
# -- rnn from scratch
class RNN(nn.Module):
    def __init__(s, i, h):
        super().__init__()
        s.h = h
        s.wx = nn.Linear(i, h); s.wh = nn.Linear(h, h)
    def forward(s, x, state: Optional[torch.Tensor] = None) -> Tuple[torch.Tensor, torch.Tensor]:
        if state is None:
            state = torch.zeros(x.size(1), s.h)
        outs: List[torch.Tensor] = []
        for t in range(x.size(0)):
            state = torch.tanh(s.wx(x[t]) + s.wh(state))
            outs.append(state)
        return torch.stack(outs), state
torch.manual_seed(0)
m = torch.jit.script(RNN(3, 4)); print(m.graph, m.code); print(m(torch.ones(2, 1, 3)))
# -- beam search
@torch.jit.script
def greedy(logits, max_len: int, eos: int) -> List[int]:
    out = torch.jit.annotate(List[int], [])
    t = 0
    while t < max_len:
        k = int(logits[t].argmax())
        if k == eos:
            break
        out.append(k)
        t += 1
    return out
torch.manual_seed(0)
print(greedy(torch.rand(5, 4), 5, 3)); print(greedy.graph, greedy.code)
# -- fibonacci
@torch.jit.script
def fib(n: int) -> int:
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a
print(fib(10)); print(fib.graph, fib.code)
# -- is prime
@torch.jit.script
def is_prime(n: int) -> bool:
    if n < 2:
        return False
    i = 2
    while i * i <= n:
        if n % i == 0:
            return False
        i += 1
    return True
print([is_prime(i) for i in range(12)]); print(is_prime.graph, is_prime.code)
# -- collatz with continue
@torch.jit.script
def f(xs: List[int]) -> int:
    best = 0
    for x in xs:
        if x < 0:
            continue
        if x > 1000:
            break
        n = 0
        while x != 1:
            x = x // 2 if x % 2 == 0 else 3 * x + 1
            n += 1
        if n > best:
            best = n
    return best
print(f([7, -3, 27, 2000, 97])); print(f.graph, f.code)
# -- sequential in module
class M(nn.Module):
    def __init__(s):
        super().__init__()
        s.net = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
    def forward(s, x):
        return torch.sigmoid(s.net(x))
m = torch.jit.script(M()); print(m.graph, m.net.graph, m.net.code)
# -- mod of call
@torch.jit.script
def g(x: int) -> int:
    return x * 3
@torch.jit.script
def f(x: int) -> int:
    return g(x) % 2
print(f.graph)
# -- math
@torch.jit.script
def f(x: float, n: int):
    a = math.sqrt(x) + math.pi
    b = math.log(x)
    c = n // 2
    d = n ** 2
    e = n / 3
    g = float(n)
    h = int(x)
    i = abs(-n)
    j = min(n, 3)
    k = max([1, 2, n])
    l = round(x)
    return a, b, c, d, e, g, h, i, j, k, l
print(f.graph, f.code); print(f(2.5, 7))
# -- print
@torch.jit.script
def f(x, n: int):
    print("x", x, n, [1, 2], 2.5)
    return x
f(torch.ones(2), 3); print(f.graph, f.code)
# -- type comments
def f(x, n):
    # type: (Tensor, int) -> Tensor
    return x * n
s = torch.jit.script(f); print(s.graph, s.code, s(torch.ones(1), 3))
# -- tracing data dependent
def f(x):
    if x.sum() > 0: return x
    return -x
t = torch.jit.trace(f, torch.ones(2)); print(t.graph, t(-torch.ones(2)))
# -- tracing loops over shape
def f(x):
    r = []
    for i in range(x.shape[0]):
        r.append(x[i] * i)
    return torch.stack(r)
t = torch.jit.trace(f, torch.ones(2, 2)); print(t.graph, t.code)
# -- tracing item
def f(x):
    n = x.sum().item()
    m = int(x.max())
    return x * n + m
t = torch.jit.trace(f, torch.ones(2)); print(t.graph)
# -- tracing nondeterministic
t = torch.jit.trace(lambda x: x + torch.rand(2), torch.ones(2)); print(t.graph)
# -- tracing dropout
m = nn.Sequential(nn.Linear(2, 2), nn.Dropout(0.5))
t = torch.jit.trace(m, torch.ones(1, 2)); print(t.code)
# -- tracing tuple input
t = torch.jit.trace(lambda p: p[0] * p[1], ((torch.ones(2), torch.ones(2)),)); print(t.graph, t.code)
# -- size compare
def f(x):
    n = x.size()[0]
    n *= x.size()[1]
    if n == 1:
        pass
    return x + 1
t = torch.jit.trace(f, torch.ones(2,2)); print(t.graph)
# -- size compare 2
def f(x):
    n = x.size(0)
    if n > 1:
        x = x * 2
    for i in range(x.shape[1]):
        x = x + i
    return x.view(x.size(0), -1)
t = torch.jit.trace(f, torch.ones(2,2)); print(t.graph)
# -- bn eval
m = nn.Sequential(nn.Conv2d(1,2,3), nn.BatchNorm2d(2), nn.ReLU()).eval()
t = torch.jit.trace(m, torch.rand(2,1,5,5)); print(t.graph, t.inlined_graph)
for c in t.children(): print(c.graph, c.code)
# -- layernorm dropout gelu
m = nn.Sequential(nn.LayerNorm(4), nn.Dropout(0.1), nn.GELU(), nn.Linear(4, 2), nn.LogSoftmax(1)).eval()
t = torch.jit.trace(m, torch.rand(2,4)); print(t.graph, t.inlined_graph)
# -- none attribute
class M(nn.Module):
    def __init__(s):
        super().__init__(); s.a = None; s.l = nn.Linear(2, 2)
    def forward(s, x, y: Optional[int] = None):
        if s.a is not None:
            x = x + s.a
        if s.l is not None:
            x = s.l(x)
        if x is None:
            return x
        return x + x
print(torch.jit.script(M()).graph)
'''


def plain(text):
    """Without places in the library, which are the library's own, and with classes of one name counted from 0."""
    seen = {}
    text = re.sub(r"___torch_mangle_\d+", lambda found: f"class{seen.setdefault(found[0], len(seen))}", text)
    return re.sub(r"# (?!program\.py)\S+:\d+:\d+", "#", text)


def says(text):
    import __main__
    linecache.cache["program.py"] = (len(text), None, text.splitlines(True), "program.py")
    kept, output = dict(vars(__main__)), io.StringIO()
    try:
        with contextlib.redirect_stdout(output):
            exec(compile(text, "program.py", "exec"), vars(__main__))
    finally:
        vars(__main__).clear()
        vars(__main__).update(kept)
    return plain(output.getvalue())


for title, program in re.findall(r"^# -- (.*)\n((?:(?!# -- ).*\n)+)", PROGRAMS, flags=re.M):
    def run_program(program=program):
        return says(START + program)
    run_program.__name__ = title
    case(run_program)


run(__file__)
