"""Numbers that remember how they came about."""

import math

import gradboard as gb


class Value:
    """A number in a graph of +, *, ** and tanh, with the derivative of a result by it."""

    def __init__(self, data):
        raise NotImplementedError("your turn")

    def __add__(self, other):
        raise NotImplementedError("your turn")

    def __mul__(self, other):
        raise NotImplementedError("your turn")

    def __pow__(self, n):
        raise NotImplementedError("your turn")

    def tanh(self):
        raise NotImplementedError("your turn")

    def backward(self):
        """Adds the derivative of this number by each leaf to the leaf's grad."""
        raise NotImplementedError("your turn")


def build(numbers, steps):
    """All Values of a graph: a leaf for each number, then the result of each step.

    A step is ("add", a, b), ("mul", a, b), ("pow", a, n) or ("tanh", a); a and b are places in the list so far,
    given as int, or ordinary numbers, given as float.
    """
    nodes = [Value(number) for number in numbers]
    for name, *operands in steps:
        a, b = [nodes[x] if isinstance(x, int) else x for x in (*operands, 0.0)[:2]]
        if name == "add":
            nodes.append(a + b)
        elif name == "mul":
            nodes.append(a * b)
        elif name == "pow":
            nodes.append(a ** b)
        else:
            nodes.append(a.tanh())
    return nodes


def solve(numbers, steps):
    """The last result of a graph, and its derivatives by the leaves."""
    nodes = build(numbers, steps)
    nodes[-1].backward()
    return nodes[-1].data, [leaf.grad for leaf in nodes[:len(numbers)]]


if __name__ == "__main__":
    x, y = Value(1.5), Value(-0.5)
    z = (x * y + y).tanh()
    z.backward()
    print(z.data, x.grad, y.grad)

    for nth in range(-30, 31):
        y, (slope,) = solve([nth / 10], [("mul", 2.0, 0), ("tanh", 1), ("mul", 2, 0), ("add", 3, -1.0)])
        gb.log("y = x tanh(2x) - 1", y, nth / 10, "x")
        gb.log("its derivative", slope, nth / 10, "x")
