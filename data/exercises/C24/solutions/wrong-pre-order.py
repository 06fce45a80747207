# en: each node once, in the order in which it is met: some hand on before all has arrived
# zh: 每个节点一次，但按遇到的先后：有的还没收齐就往下传了
import math


class Value:
    def __init__(self, data, parents=()):
        self.data = data
        self.grad = 0.0
        self.parents = parents          # pairs (parent, derivative by it)

    def __add__(self, other):
        if not isinstance(other, Value):
            return Value(self.data + other, ((self, 1.0),))
        return Value(self.data + other.data, ((self, 1.0), (other, 1.0)))

    def __mul__(self, other):
        if not isinstance(other, Value):
            return Value(self.data * other, ((self, other),))
        return Value(self.data * other.data, ((self, other.data), (other, self.data)))

    __radd__ = __add__
    __rmul__ = __mul__

    def __pow__(self, n):
        return Value(self.data ** n, ((self, n * self.data ** (n - 1)),))

    def tanh(self):
        t = math.tanh(self.data)
        return Value(t, ((self, 1 - t * t),))

    def backward(self):
        slope, seen, queue = {self: 1.0}, {self}, [self]
        for node in queue:
            for parent, derivative in node.parents:
                slope[parent] = slope.get(parent, 0.0) + derivative * slope[node]
                if parent not in seen:
                    seen.add(parent)
                    queue.append(parent)
            if not node.parents:
                node.grad += slope[node]


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
