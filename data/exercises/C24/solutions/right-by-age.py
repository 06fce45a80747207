# en: youngest first: whoever uses a node was made after it
# zh: 从最新的开始：用到一个节点的，一定比它后造出来
import heapq
import itertools
import math


class Value:
    numbers = itertools.count()

    def __init__(self, data, parents=()):
        self.data = data
        self.grad = 0.0
        self.number = next(Value.numbers)
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
        slope, waiting = {self: 1.0}, [(-self.number, self)]
        while waiting:
            node = heapq.heappop(waiting)[1]
            for parent, derivative in node.parents:
                if parent not in slope:
                    slope[parent] = 0.0
                    heapq.heappush(waiting, (-parent.number, parent))
                slope[parent] += derivative * slope[node]
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
