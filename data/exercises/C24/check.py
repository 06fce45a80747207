import math
import time

import torch

from gradboard_check import check, close, holds, person, source, value


def numbers(data, steps):
    """Values of a graph, and the derivatives of each by every leaf, carried forwards."""
    values = list(data)
    slopes = [[float(i == j) for j in range(len(data))] for i in range(len(data))]
    for name, *operands in steps:
        if name == "pow":
            a, n = operands
            value_, by = values[a] ** n, [(a, n * values[a] ** (n - 1) if n != 0 else 0.0)]
        elif name == "tanh":
            value_ = math.tanh(values[operands[0]])
            by = [(operands[0], 1 - value_ ** 2)]
        else:
            x, y = [values[o] if isinstance(o, int) else o for o in operands]
            value_ = x + y if name == "add" else x * y
            by = [(o, 1.0 if name == "add" else other) for o, other in zip(operands, (y, x)) if isinstance(o, int)]
        values.append(value_)
        slopes.append([sum(slopes[a][j] * d for a, d in by) for j in range(len(data))])
    return values, slopes


def made(data, steps):
    nodes = person.build(data, steps)
    return nodes[:len(data)], nodes


def shown(data, steps):
    """Step by step, as one would write it."""
    def name(o):
        return (f"x{o}" if o < len(data) else f"t{o}") if isinstance(o, int) else str(o)
    signs = {"add": " + ", "mul": " * ", "pow": " ** "}
    lines = [f"x{i} = {x}" for i, x in enumerate(data)]
    for nth, (kind, *operands) in enumerate(steps, len(data)):
        words = [name(o) for o in operands]
        lines.append(f"t{nth} = " + (f"{words[0]}.tanh()" if kind == "tanh" else signs[kind].join(words)))
    return lines


def derivatives(data, steps):
    """The last value and its derivatives, compared with what is right."""
    last, slopes = person.solve(data, steps)
    expected_values, expected_slopes = numbers(data, steps)
    same([last], [expected_values[-1]], {"graph": shown(data, steps), "what": "value of the last"})
    given = {"graph": shown(data, steps), "what": "derivative of the last by " + ", ".join(f"x{i}" for i in range(len(data)))}
    same(slopes, expected_slopes[-1], given)


def same(got, expected, given):
    """Lists of numbers: equal to nine digits."""
    got = [value(x) for x in got]
    right = len(got) == len(expected) and all(
        isinstance(x, (int, float)) and abs(x - y) <= 1e-9 * max(1.0, abs(y)) for x, y in zip(got, expected))
    holds(right, given, expected, got)


def some(n, low, high):
    return [round(x, 3) for x in (torch.rand(n, dtype=torch.float64) * (high - low) + low).tolist()]


@check("own")
def own():
    used = {name for name in source.uses() if name.split(".")[0] in ("torch", "numpy", "autograd", "jax")}
    holds(not used, expected="plain Python", got=used)


@check("values")
def values():
    a, b = some(2, 0.5, 2)
    for steps in ([("add", 0, 1)], [("mul", 0, 1)], [("add", 2.5, 0)], [("add", 0, 2.5)], [("mul", -3.0, 0)], [("mul", 0, -3.0)],
                  [("pow", 0, 3.0)], [("pow", 0, -1.0)], [("pow", 0, 0.5)], [("tanh", 0)]):
        leaves, nodes = made([a, b], steps)
        same([nodes[2].data], [numbers([a, b], steps)[0][2]], {"graph": shown([a, b], steps)})
        same([leaf.grad for leaf in leaves], [0.0, 0.0], {"graph": shown([a, b], steps), "what": "grad, before any backward"})
    for x in (1000.0, -1000.0):
        _, nodes = made([x], [("tanh", 0)])
        same([nodes[1].data], [math.tanh(x)], {"graph": shown([x], [("tanh", 0)])})


@check("rules")
def rules():
    a, b = some(2, 0.5, 2)
    for steps in ([("add", 0, 1)], [("mul", 0, 1)], [("add", 2.5, 0)], [("add", 0, 2.5)], [("mul", -3.0, 0)], [("mul", 0, -3.0)],
                  [("pow", 0, 3.0)], [("pow", 0, -1.0)], [("pow", 0, 0.5)], [("tanh", 0)]):
        derivatives([a, b], steps)
    derivatives([0.0], [("pow", 0, 2.0)])
    derivatives([-a], [("pow", 0, 3.0)])
    derivatives([1000.0], [("tanh", 0)])
    derivatives([a], [])


@check("shared")
def shared():
    for x in some(2, -1.5, 1.5):
        derivatives([x], [("add", 0, 0)])
        derivatives([x], [("mul", 0, 0)])
        derivatives([x], [("mul", 0, 0), ("mul", 1, 0), ("add", 2, 1)])
        derivatives([x, 0.5], [("tanh", 0), ("mul", 2, 1), ("mul", 2, 3), ("add", 4, 2), ("add", 5, 0)])


@check("order")
def order():
    # The first operand is used far above and far below: from either side it is met too early.
    for a, b in ((0, 4), (4, 0)):
        x = some(1, -1, 1)[0]
        derivatives([x], [("mul", 0, 2.0), ("tanh", 1), ("mul", 2, 1), ("mul", 3, 3), ("add", a, b)])
    for first, second in ((1, 3), (3, 1)):
        derivatives(some(1, -1, 1), [("mul", 0, 3.0), ("tanh", 1), ("mul", 2, 2), ("mul", first, second), ("mul", 4, second)])
    derivatives(some(2, -1, 1), [("tanh", 0), ("mul", 2, 1), ("add", 3, 2), ("mul", 4, 3), ("add", 2, 5)])


@check("again")
def again():
    data, steps = some(2, 0.5, 1.5), [("mul", 0, 1), ("tanh", 2), ("mul", 3, 0), ("mul", 4, 1)]
    _, slopes = numbers(data, steps)
    leaves, nodes = made(data, steps)
    total = [0.0, 0.0]
    for nth, root in enumerate((5, 5, 3, 4)):
        nodes[root].backward()
        total = [a + b for a, b in zip(total, slopes[root])]
        backwards = [f"t{r}.backward()" for r in (5, 5, 3, 4)[:nth + 1]]
        same([leaf.grad for leaf in leaves], total, {"graph": shown(data, steps), "done": backwards, "what": "grad of x0, x1"})
    for leaf in leaves:
        leaf.grad = 0.0
    nodes[5].backward()
    same([leaf.grad for leaf in leaves], slopes[5], {"graph": shown(data, steps), "done": "grads put to 0.0, then t5.backward()"})


@check("large")
def large():
    doublings = [("add", n, n) for n in range(21)]
    fastest = math.inf
    for _ in range(3):
        leaves, nodes = made([0.5], doublings)
        begin = time.monotonic()
        nodes[-1].backward()
        fastest = min(fastest, time.monotonic() - begin)
        if fastest < 0.1:
            break
    same([leaves[0].grad], [2.0 ** 21], {"graph": "21 times x = x + x"})
    holds(fastest < 0.1, {"graph": "21 times x = x + x"}, "21 operations: far below 0.1 s", f"{fastest:.2f} s")

    n = 5000
    _, slopes = person.solve([0.5], [("add", place, 0.001) if place % 2 else ("mul", place, 1.0001) for place in range(n)])
    same(slopes, [1.0001 ** (n // 2)], {"graph": "a chain of 5,000 operations, + 0.001 and * 1.0001 in turn"})


def random_graph():
    """Three leaves and twelve steps that keep numbers small and powers defined."""
    data = some(3, -1.5, 1.5)
    steps, values_ = [], list(data)
    for pick, first, second in torch.randint(0, 1000, (12, 3)).tolist():
        a, b = first % len(values_), len(values_) - 1 - second % min(3, len(values_))
        kind = ("add", "mul", "tanh", "pow", "add", "mul", "number")[pick % 7]
        if kind == "number":
            step = (("add", 0.75, b), ("mul", b, -1.25), ("mul", 0.5, b))[second % 3]
        elif kind == "pow":
            step = ("pow", b, (2.0, 3.0)[second % 2] if values_[b] < 0.3 else (-1.0, 0.5, 2.0, 1.5)[second % 4])
        else:
            step = (kind, b) if kind == "tanh" else (kind, a, b)
        if abs(numbers(data, steps + [step])[0][-1]) > 4:
            step = ("tanh", b)
        steps.append(step)
        values_ = numbers(data, steps)[0]
    return data, steps


@check("random")
def random():
    for _ in range(50):
        data, steps = random_graph()
        derivatives(data, steps)
