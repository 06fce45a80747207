"""What a static graph is good for, and what it cannot know.

A net is traced, and the traced graph read into a list of nodes, small enough to hold in
the hand.  Four passes then shorten the list: fold constants, merge equal expressions, drop
what nobody reads, fuse linear and relu.  The eager program can do none of them, for it never
sees two lines at once.  Then an input comes that would have taken another branch.
"""

import time
import warnings
from collections import namedtuple

import torch
import torch.nn as nn
import torch.nn.functional as F

import gradboard as gb

Node = namedtuple("Node", "kind inputs output")


class Net(nn.Module):
    """Written as people write: a constant is computed on every call, one expression twice."""

    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.tensor([0.1, 0.2, 0.3, 0.4]))
        self.register_buffer("std", torch.tensor([0.5, 1.0, 2.0, 4.0]))
        self.hidden = nn.Linear(4, 8)
        self.out = nn.Linear(8, 2)

    def forward(self, x):
        x = torch.sub(x, self.mean) * torch.reciprocal(self.std)
        value = torch.relu(self.hidden(x))
        gate = torch.sigmoid(torch.relu(self.hidden(x)))      # hidden(x) again
        logits = self.out(torch.mul(value, gate))
        confidence = torch.softmax(logits, -1).amax(-1)       # for a log; serving reads logits
        return logits, confidence


# ---- from a traced module to a list of nodes ----

def lift(traced):
    """Nodes that compute, in order; the values that do not depend on the input; names of inputs and outputs."""
    graph = traced.inlined_graph
    owner, *inputs = [value.debugName() for value in graph.inputs()]
    constants, nodes, lists, outputs = {owner: traced}, [], {}, []
    for node in graph.nodes():
        name, ins = node.output().debugName(), [value.debugName() for value in node.inputs()]
        if node.kind() == "prim::GetAttr":
            constants[name] = getattr(constants[ins[0]], node.s("name"))
        elif node.kind() == "prim::Constant":
            constants[name] = node.output().toIValue()
        elif node.kind() == "prim::ListConstruct":
            constants[name] = [constants[i] for i in ins]
        elif node.kind() == "prim::TupleConstruct":
            outputs = ins
        else:
            nodes.append(Node(node.kind(), tuple(ins), name))
    return nodes, constants, inputs, outputs


KERNELS = {
    "aten::sub": lambda a, b, alpha: torch.sub(a, b, alpha=alpha),
    "aten::mul": torch.mul,
    "aten::reciprocal": torch.reciprocal,
    "aten::relu": torch.relu,
    "aten::sigmoid": torch.sigmoid,
    "aten::linear": F.linear,
    "aten::softmax": lambda a, dim, dtype: torch.softmax(a, dim),
    "aten::amax": torch.amax,
    "fused::linear_relu": lambda x, w, b: F.linear(x, w, b).relu_(),      # no second tensor
}


def run(nodes, constants, inputs, outputs, *args):
    """The executor: one pass over the list."""
    values = {**constants, **dict(zip(inputs, args))}
    for node in nodes:
        values[node.output] = KERNELS[node.kind](*[values[i] for i in node.inputs])
    return [values[name] for name in outputs]


# ---- four passes: nodes in, nodes out ----

def fold_constants(nodes, constants, outputs):
    """What depends on constants alone is computed now, once."""
    kept = []
    for node in nodes:
        if all(i in constants for i in node.inputs):
            constants[node.output] = KERNELS[node.kind](*[constants[i] for i in node.inputs])
        else:
            kept.append(node)
    return kept


def merge_equal(nodes, constants, outputs):
    """Two nodes of one kind with equal inputs: the first serves for both."""
    renamed, first, kept = {}, {}, []
    for name, value in constants.items():          # two names of one weight, or of one number
        plain = isinstance(value, (int, float, type(None)))
        renamed[name] = first.setdefault((type(value), value) if plain else id(value), name)
    for node in nodes:
        node = node._replace(inputs=tuple(renamed.get(i, i) for i in node.inputs))
        key = node.kind, node.inputs
        if key in first and node.output not in outputs:
            renamed[node.output] = first[key]
        else:
            first.setdefault(key, node.output)
            kept.append(node)
    return kept


def drop_dead(nodes, constants, outputs):
    """From the end to the front: keep what an output needs, or what a kept node needs."""
    needed, kept = set(outputs), []
    for node in reversed(nodes):
        if node.output in needed:
            kept.append(node)
            needed.update(node.inputs)
    return kept[::-1]


def fuse_linear_relu(nodes, constants, outputs):
    """relu(linear(x)), where nobody else reads the linear: one node."""
    readers = [i for node in nodes for i in node.inputs] + list(outputs)
    linear = {n.output: n for n in nodes if n.kind == "aten::linear" and readers.count(n.output) == 1}
    fused, gone = {}, set()
    for node in nodes:
        if node.kind == "aten::relu" and node.inputs[0] in linear:
            fused[node.output] = Node("fused::linear_relu", linear[node.inputs[0]].inputs, node.output)
            gone.add(node.inputs[0])
    return [fused.get(n.output, n) for n in nodes if n.output not in gone]


PASSES = [fold_constants, merge_equal, drop_dead, fuse_linear_relu]


def traced_net():
    torch.manual_seed(0)
    net = Net().eval().requires_grad_(False)
    return net, torch.jit.trace(net, torch.randn(3, 4))


def us_per_call(function, repeat=200):
    best = float("inf")
    for _ in range(5):
        start = time.perf_counter()
        for _ in range(repeat):
            function()
        best = min(best, (time.perf_counter() - start) / repeat)
    return best * 1e6


def passes():
    """One pass after the other: the count, the result, the time."""
    net, traced = traced_net()
    nodes, constants, inputs, outputs = lift(traced)
    outputs = outputs[:1]                          # serving reads the logits only
    x = torch.randn(3, 4)
    expected = net(x)[0]
    print("the traced net:")
    for node in nodes:
        print("   ", node.kind)
    gb.ask("after-fold")
    gb.ask("after-merge")
    gb.ask("after-dead")
    gb.ask("after-fuse")

    counts, stages, worst = [], [], 0.0
    print(f"\n{'':<18} nodes   us per call   largest change")
    for n, one in enumerate([None] + PASSES):
        if one is not None:
            gb.mark(one.__name__)
            nodes = one(nodes, constants, outputs)
        result = run(nodes, constants, inputs, outputs, x)[0]
        change = (result - expected).abs().max().item()
        worst = max(worst, change)
        took = us_per_call(lambda: run(nodes, constants, inputs, outputs, x))
        counts.append(len(nodes))
        stages.append(nodes)
        gb.log("nodes", len(nodes), n, "passes")
        gb.log("us per call", took, n, "passes")
        print(f"{one.__name__ if one else 'as traced':<18} {len(nodes):>5} {took:>13.1f}   {change:.0e}")
    gb.tell("after-fold", counts[1])
    gb.tell("after-merge", counts[2])
    gb.tell("after-dead", counts[3])
    gb.tell("after-fuse", counts[4])
    gb.check("no pass changed the result", worst < 1e-6)
    gb.check("each pass found something", all(b < a for a, b in zip(counts, counts[1:])))

    shown = gb.knob("shown", 4, choices=[0, 1, 2, 3, 4])
    gb.mark(f"after {shown} passes")
    x = torch.randn(3, 4, requires_grad=True)      # so that the board sees a graph
    gb.watch(run(stages[shown], constants, inputs, outputs, x)[0])
    print(f"\nafter {shown} passes:", " ".join(node.kind.split("::")[1] for node in stages[shown]))


def your_pass():
    """drop_dead on lists made for it.  Rewrite the function above and run this part."""
    gb.ask("dead-first")
    tests = {
        "nothing is dead": ([Node("aten::relu", ("x",), "a")], ["a"], 1),
        "a chain of three is dead": ([Node("aten::relu", ("x",), "a"), Node("aten::relu", ("a",), "b"),
                                      Node("aten::relu", ("b",), "c"), Node("aten::sigmoid", ("x",), "y")], ["y"], 1),
        "read twice, kept once": ([Node("aten::relu", ("x",), "a"), Node("aten::mul", ("a", "a"), "y")], ["y"], 2),
        "an output that others read": ([Node("aten::relu", ("x",), "a"), Node("aten::sigmoid", ("a",), "y")], ["a", "y"], 2),
    }
    x = torch.tensor([-1.0, 2.0])
    for name, (nodes, outputs, left) in tests.items():
        result = drop_dead(nodes, {}, outputs)
        same = all(torch.equal(a, b) for a, b in zip(run(nodes, {}, ["x"], outputs, x), run(result, {}, ["x"], outputs, x)))
        print(f"{name:<28} {len(nodes)} -> {len(result)} nodes, {'same outputs' if same else 'OTHER OUTPUTS'}")
        gb.check(f"{name}: {left} left, same outputs", len(result) == left and same)
    front_to_back = [n for n in tests["a chain of three is dead"][0]
                     if n.output == "y" or any(n.output in m.inputs for m in tests["a chain of three is dead"][0])]
    print("asking only once whether a node has readers leaves", len(front_to_back))
    gb.tell("dead-first", len(front_to_back))


def other_branch():
    """A branch on the data, a graph that saw one side of it, and a guard."""
    def scaled(x):
        if x.abs().max() > 10:                    # large inputs are brought down first
            x = x / 10
        return torch.tanh(x)

    def capture(x):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return torch.jit.trace(scaled, x, check_trace=False)

    gb.ask("static-right")
    gb.ask("captures")
    small, large = torch.tensor([1.0, -2.0]), torch.tensor([4.0, -20.0])
    static = capture(small)
    print("static graph:", [n.kind() for n in static.graph.nodes()])
    for name, x in (("small", small), ("large", large)):
        print(f"{name}: eager {scaled(x)[0].item():.4f}, static {static(x)[0].item():.4f}")
    gb.tell("static-right", "yes" if torch.equal(static(large), scaled(large)) else "no")

    graphs = {}

    def guarded(x):
        """One graph for each answer that the program's questions got."""
        key = tuple(x.shape), bool(x.abs().max() > 10)
        if key not in graphs:
            graphs[key] = capture(x)
        return graphs[key](x)

    calls = [small, large, small * 2, large * 2, torch.ones(3), small / 2]
    right = all(torch.equal(guarded(x), scaled(x)) for x in calls)
    print(f"guarded: {len(calls)} calls, {len(graphs)} captures, {'all right' if right else 'wrong'}")
    gb.tell("captures", len(graphs))
    gb.check("with guards the graphs are right", right)


if __name__ == "__main__":
    for tab in (your_pass, other_branch, passes):
        tab()
        print()
