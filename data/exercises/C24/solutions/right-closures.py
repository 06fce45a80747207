# en: each result has a closure that hands its gradient on; inner gradients are cleared first
# zh: 每个结果带一个闭包往下传导数；开始前先把中间节点清零
import math


class Value:
    def __init__(self, data, parents=()):
        self.data, self.grad = data, 0.0
        self.parents, self.hand_on = parents, lambda: None

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (self, other))

        def hand_on():
            self.grad += out.grad
            other.grad += out.grad
        out.hand_on = hand_on
        return out

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other))

        def hand_on():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad
        out.hand_on = hand_on
        return out

    __radd__, __rmul__ = __add__, __mul__

    def __pow__(self, n):
        out = Value(self.data ** n, (self,))

        def hand_on():
            self.grad += n * self.data ** (n - 1) * out.grad
        out.hand_on = hand_on
        return out

    def tanh(self):
        out = Value(math.tanh(self.data), (self,))

        def hand_on():
            self.grad += (1 - out.data ** 2) * out.grad
        out.hand_on = hand_on
        return out

    def backward(self):
        order, seen, stack = [], set(), [(self, False)]
        while stack:
            node, done = stack.pop()
            if done:
                order.append(node)
            elif id(node) not in seen:
                seen.add(id(node))
                stack.append((node, True))
                stack.extend((parent, False) for parent in node.parents)
        for node in order:
            if node.parents:
                node.grad = 0.0
        self.grad += 1.0
        for node in reversed(order):
            node.hand_on()


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
