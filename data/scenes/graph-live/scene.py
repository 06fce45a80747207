"""A graph that grows as you compute, and is walked back once.

Each operation on a tensor that needs a gradient leaves a node.  The node knows the
nodes of its inputs and keeps the numbers its own slope will need.  Nothing is
compiled: the graph is whatever ran.
"""

import warnings

import torch

import gradboard as gb


def nodes_behind(tensor):
    """Every node of the backward graph, each once, nearest first."""
    found, queue = [], [tensor.grad_fn]
    while queue:
        node = queue.pop(0)
        if node is None or node in found:
            continue
        found.append(node)
        queue += [following for following, _ in node.next_functions]
    return found


def build():
    x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    y = torch.tensor([0.5, 0.5, 0.5], requires_grad=True)
    gb.ask("node-count")
    gb.mark("forward")
    p = x * y                                # keeps x and y: each is the slope of the other
    s = p + y                                # keeps nothing: both slopes are 1
    t = torch.sin(s)                         # keeps s: the slope is cos(s)
    z = t.sum()                              # keeps a shape
    gb.watch(z)
    for name, tensor in (("p", p), ("s", s), ("t", t), ("z", z)):
        print(f"{name} has grad_fn {type(tensor.grad_fn).__name__}")

    print("\nfrom z, nearest first")
    nodes = nodes_behind(z)
    for node in nodes:
        names = [type(following).__name__ for following, _ in node.next_functions]
        print(f"  {type(node).__name__:<14} -> {', '.join(names) or 'adds into .grad of a leaf'}")
    gb.tell("node-count", len(nodes))
    gb.check("y is used twice and has one AccumulateGrad", len(nodes) == 6)
    gb.check("sin keeps its input", torch.equal(t.grad_fn._saved_self, s))

    gb.mark("backward")
    z.backward()
    with torch.no_grad():
        slope = torch.cos(x * y + y)
        print(f"\nx.grad {[round(v, 4) for v in x.grad.tolist()]}")
        print(f"y.grad {[round(v, 4) for v in y.grad.tolist()]}")
        gb.check("dz/dx = cos(s) y", torch.allclose(x.grad, slope * y))
        gb.check("dz/dy = cos(s) (x + 1): two paths added", torch.allclose(y.grad, slope * (x + 1)))
    try:
        t.grad_fn._saved_self
    except RuntimeError as error:
        print("what sin kept, after the walk:", str(error).split(" (")[0])


def walks(value, times=2):
    """Goes backward several times; "works", or "fails" with the first words of the error."""
    for _ in range(times):
        try:
            value.backward()
        except RuntimeError as error:
            print("  RuntimeError:", str(error).split(" (")[0])
            return "fails"
    return "works"


def twice():
    """A second walk fails exactly where a node has given away what it kept."""
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    gb.ask("square-again")
    gb.ask("plus-again")
    print("(a * a).sum(), twice")
    square = walks((a * a).sum())
    gb.tell("square-again", square)
    print("(a + 1).sum(), twice")
    plus = walks((a + 1).sum())
    gb.tell("plus-again", plus)
    print(f"  {plus}; the slopes of + are 1, so nothing was kept")

    a.grad = None
    kept = (a * a).sum()
    kept.backward(retain_graph=True)
    kept.backward()
    print("with retain_graph=True the first time: a.grad", a.grad.tolist(), "= twice 2a")
    gb.check("gradients of both walks were added", torch.equal(a.grad, 4 * a.detach()))


def memory():
    """The longer the chain, the more is kept until backward comes by."""
    depth = gb.knob("depth", 12, 1, 40)
    x = torch.ones(64, 1024, requires_grad=True)
    gb.mark("forward, nothing kept")
    with torch.no_grad():
        h = x
        for _ in range(depth):
            h = torch.tanh(h)
    gb.mark("forward, results kept")
    h = x
    for _ in range(depth):
        h = torch.tanh(h)                    # keeps its result: the slope is 1 - h * h
    loss = h.mean()
    nbytes = sum(node._saved_result.numel() * 4 for node in nodes_behind(loss) if hasattr(node, "_saved_result"))
    print(f"{depth} times tanh on {x.numel()} numbers keep {nbytes} bytes")
    gb.check("one result per tanh is kept", nbytes == depth * x.numel() * 4)
    gb.mark("backward, freed on the way")
    loss.backward()
    print("h itself is still there:", tuple(h.shape), "; what the nodes kept is gone")


def flags():
    """requires_grad is asked for at a leaf and inherited by everything after it."""
    x = torch.tensor([1.0, 2.0], requires_grad=bool(gb.knob("x needs grad", 1, choices=[0, 1])))
    y = torch.tensor([3.0, 4.0], requires_grad=bool(gb.knob("y needs grad", 0, choices=[0, 1])))
    s = x * y
    t = s.detach() + y
    print(f"{'':<22}requires_grad  is_leaf  grad_fn")
    for name, tensor in (("x", x), ("y", y), ("x * y", s), ("(x * y).detach() + y", t)):
        function = type(tensor.grad_fn).__name__ if tensor.grad_fn is not None else None
        print(f"{name:<22}{tensor.requires_grad!s:<15}{tensor.is_leaf!s:<9}{function}")
        gb.check(f"{name}: a node exactly where it is no leaf", (tensor.grad_fn is None) == tensor.is_leaf)
    gb.check("one input that needs a gradient is enough", s.requires_grad == (x.requires_grad or y.requires_grad))

    a = torch.tensor([1.0, 2.0], requires_grad=True)
    gb.ask("middle-grad")
    h, k = a * 2, a * 2
    k.retain_grad()
    gb.watch(k)
    (h + k).sum().backward()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")                   # reading it warns that it stays None
        plain = h.grad
    gb.tell("middle-grad", "None" if plain is None else "ones")
    print("\nh.grad", plain, "  k.grad after retain_grad()", k.grad.tolist(), "  a.grad", a.grad.tolist())

    gb.ask("scaled-parameter")
    torch.manual_seed(0)
    w = torch.randn(3, requires_grad=True) * 0.1          # w is the product, not the leaf
    try:
        torch.optim.SGD([w], lr=0.1)
        outcome = "trains"
    except ValueError as error:
        print("ValueError:", error)
        outcome = "ValueError"
    gb.tell("scaled-parameter", outcome)
    v = (torch.randn(3) * 0.1).requires_grad_()           # scale first, then ask for gradients
    torch.optim.SGD([v], lr=0.1)
    gb.check("scaled first it is a leaf", v.is_leaf and not w.is_leaf)


if __name__ == "__main__":
    for tab in (build, twice, memory, flags):
        tab()
        print()
