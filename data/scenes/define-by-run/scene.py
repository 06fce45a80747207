"""Define by run, and define and then run: the same arithmetic, described at different times.

PyTorch computes while Python walks through the lines.  TensorFlow 1 had Python describe a
graph first, and a session computed it later.  The sixty lines at the top are such a
framework, a toy whose kernels are torch's own; below, both run the same programs.
"""

import time
import traceback

import torch

import gradboard as gb


# ---- a define-and-run toy ----

class Symbol:
    """A node that promises a value.  No arithmetic happens when one is made."""

    def __init__(self, op, *inputs, compute=None):
        self.op, self.inputs, self.compute = op, inputs, compute

    def __mul__(self, other):
        return Symbol("Mul", self, other, compute=torch.mul)

    def __matmul__(self, other):
        return Symbol("MatMul", self, other, compute=torch.matmul)

    def __lt__(self, other):
        return Symbol("Less", self, other, compute=torch.lt)

    def norm(self):
        return Symbol("Norm", self, compute=torch.norm)

    def relu(self):
        return Symbol("Relu", self, compute=torch.relu)

    def __bool__(self):
        raise TypeError(f"a Symbol ({self.op}) has no truth value while the graph is being defined")


def placeholder(name):
    return Symbol(name)


def while_loop(condition, body, start):
    """Two small graphs and a node that repeats them: control flow has to be data as well."""
    state = placeholder("State")
    test, step = condition(state), body(state)

    def compute(value):
        session = Session()
        while session.run(test, {state: value}):
            value = session.run(step, {state: value})
        return value
    return Symbol("While", start, compute=compute)


class Session:
    kernels = 0                                               # how many have run

    def run(self, target, feed):
        """Computes what `target` needs, inputs first, each node once."""
        values = dict(feed)

        def value_of(node):
            if not isinstance(node, Symbol):
                return node                                   # a number, a weight
            if node not in values:
                values[node] = node.compute(*[value_of(i) for i in node.inputs])
                self.kernels += 1
            return values[node]
        return value_of(target)


def count_symbols(node):
    found, todo = set(), [node]
    while todo:
        symbol = todo.pop()
        if isinstance(symbol, Symbol) and symbol not in found:
            found.add(symbol)
            todo.extend(symbol.inputs)
    return len(found)


# ---- both ways ----

def count_backward_nodes(tensor, name=None):
    found, todo = set(), [tensor.grad_fn]
    while todo:
        node = todo.pop()
        if node is not None and node not in found:
            found.add(node)
            todo.extend(parent for parent, _ in node.next_functions)
    return sum(1 for node in found if name is None or node.name().startswith(name))


def doubling():
    """while the norm is below 10: x = x * 2.  How long is the graph?"""
    start = gb.knob("start", 1.0, choices=[0.5, 1.0, 3.0, 20.0])
    gb.ask("mul-nodes")
    gb.ask("while-nodes")

    gb.mark("eager")
    x = torch.full((1,), start, requires_grad=True)
    y = x
    while y.norm() < 10:                  # Python's own while, decided by a number that exists
        y = y * 2
    gb.watch(y)
    y.sum().backward()
    muls = count_backward_nodes(y, "MulBackward0")
    print(f"eager:  from {start:g} to {y.item():g}, {muls} Mul nodes recorded, dy/dx = {x.grad.item():g}")

    gb.mark("define")
    inp = placeholder("Input")
    try:
        while inp.norm() < 10:
            inp = inp * 2
    except TypeError as error:
        print("define: while inp.norm() < 10 raises TypeError:", error)
    out = while_loop(lambda s: s.norm() < 10, lambda s: s * 2, inp)
    print(f"define: the graph of while_loop has {count_symbols(out)} nodes, whatever will be fed")
    gb.mark("run")
    with torch.no_grad():
        for value in (1.0, 3.0, 20.0):
            print(f"run:    {value:g} -> {Session().run(out, {inp: torch.tensor([value])}).item():g}")
    gb.tell("mul-nodes", muls)
    gb.tell("while-nodes", count_symbols(out))
    with torch.no_grad():
        gb.check("both ways give the same number",
                 Session().run(out, {inp: torch.tensor([start])}).item() == y.item())


def three_layers():
    """A net of three layers: when are its kernels called?"""
    torch.manual_seed(0)
    x = torch.randn(4, 8)
    weights = [torch.randn(8, 16), torch.randn(16, 16), torch.randn(16, 2)]
    gb.ask("define-ops")

    gb.mark("eager")
    h1 = torch.relu(x @ weights[0])
    h2 = torch.relu(h1 @ weights[1])
    eager = h2 @ weights[2]
    print("eager:  after its first line h1 is", tuple(h1.shape), "and holds", int((h1 == 0).sum()), "zeros")

    gb.mark("define")
    session, before = Session(), time.perf_counter()
    inp = placeholder("Input")
    s1 = (inp @ weights[0]).relu()
    s2 = (s1 @ weights[1]).relu()
    out = s2 @ weights[2]
    took = time.perf_counter() - before
    print("define: after the same line s1 is a", type(s1).__name__, "with the op", s1.op)
    print("        it has a shape:", hasattr(s1, "shape"))
    gb.tell("define-ops", session.kernels)

    gb.mark("run")
    result = session.run(out, {inp: x})
    gb.check("one run, five kernels", session.kernels == 5)
    again = session.run(out, {inp: 2 * x})          # the graph is there: only numbers change
    print(f"run:    {count_symbols(out)} nodes, defined in {took * 1e6:.0f} us, {session.kernels} kernels in two runs")
    gb.check("eager and the session agree", torch.equal(result, eager))
    gb.check("without biases, twice the input gives twice the output", torch.allclose(again, 2 * result, atol=1e-4))


def where_it_breaks():
    """The second weight has a wrong shape: which line of ours does the traceback end in?"""
    x, w1, w2 = torch.ones(4, 8), torch.ones(8, 16), torch.ones(8, 2)
    gb.ask("eager-line")
    gb.ask("session-line")

    def eager_net():
        h = torch.relu(x @ w1)
        return h @ w2                                         # the faulty line

    def symbolic_net(inp):
        h = (inp @ w1).relu()
        return h @ w2                                         # the same fault: nothing happens here

    def ends_in(error, *ours):
        names = [frame.name for frame in traceback.extract_tb(error.__traceback__)]
        print("   frames:", " > ".join(names))
        return next(name for name in reversed(names) if name in ours)

    told = {}
    gb.mark("eager")
    try:
        eager_net()
    except RuntimeError as error:
        print("eager:", error)
        told["eager-line"] = "the faulty line" if ends_in(error, "eager_net", "run") == "eager_net" else "session.run"
    gb.mark("define")
    inp = placeholder("Input")
    out = symbolic_net(inp)
    print("define: no complaint,", count_symbols(out), "nodes")
    gb.mark("run")
    try:
        Session().run(out, {inp: x})
    except RuntimeError as error:
        print("run:", error)
        told["session-line"] = "session.run" if ends_in(error, "symbolic_net", "run") == "run" else "the faulty line"
    gb.tell("eager-line", told["eager-line"])
    gb.tell("session-line", told["session-line"])
    gb.check("one message, two places", told == {"eager-line": "the faulty line", "session-line": "session.run"})


# ---- what eager gives, and what it costs ----

def stepping():
    """Each line leaves a value: look at it, branch on it, stop where it goes wrong."""
    value = gb.knob("value", -3.0, choices=[-3.0, -0.5, 2.0])
    gb.ask("branch-nodes")

    def f(x):
        total = x.sum()
        print(f"   total = {total.item():g}, so the", "first" if total > 0 else "second", "branch runs")
        if total > 0:                     # a breakpoint here would stop with total and x in hand
            return (2 * x).sum()
        return ((x - 1) ** 2).sum()

    x = torch.full((2,), value, requires_grad=True)
    out = f(x)
    out.backward()
    gb.watch(out)
    gb.show(x.grad, view="grid")
    print(f"f = {out.item():g}, grad = {x.grad.tolist()}, {count_backward_nodes(out)} nodes in this run's graph")
    gb.tell("branch-nodes", count_backward_nodes(out))

    z = torch.tensor([0.5, 0.0, -0.5])
    steps = [("square", lambda t: t * t), ("minus 0.1", lambda t: t - 0.1), ("sqrt", torch.sqrt), ("mean", torch.mean)]
    first = None
    for name, step in steps:
        z = step(z)
        bad = int((~torch.isfinite(z)).sum())
        print(f"   {name:<10} {z.tolist() if z.dim() else z.item()}")
        if bad and first is None:
            first = name
    print("the first step with a value that is not finite:", first)
    gb.check("found where it arose, not where it ended", first == "sqrt")


def overhead():
    """Adds of n numbers: below which n does time no longer depend on n?"""
    gb.ask("flat")
    print("        n   us per add   ns per number")
    took = {}
    with torch.no_grad():
        for power in range(7):
            n = 10 ** power
            a, b = torch.ones(n), torch.ones(n)
            repeat = 1000 if n <= 1000 else 200 if n <= 10_000 else 20
            best = float("inf")
            for _ in range(5):                     # the least disturbed of five
                start = time.perf_counter()
                for _ in range(repeat // 5):
                    a + b
                best = min(best, (time.perf_counter() - start) / (repeat // 5))
            took[n] = best
            gb.log("log10 us per add", torch.tensor(best * 1e6).log10(), power, "log10 n")
            gb.log("log10 ns per number", torch.tensor(best * 1e9 / n).log10(), power, "log10 n")
            print(f"{n:>9}   {best * 1e6:>10.2f}   {best * 1e9 / n:>13.2f}")
    knee = next((n for n in took if took[n] > 2 * took[1]), None)
    print("twice the time of a single number is first needed at n =", knee)
    gb.tell("flat", "yes" if took[1000] < 3 * took[1] and took[1] < 3 * took[1000] else "no")
    gb.check("a million numbers cost more than one", took[10 ** 6] > 5 * took[1])


if __name__ == "__main__":
    for tab in (overhead, three_layers, where_it_breaks, stepping, doubling):
        tab()
        print()
