"""Writing in place: what autograd saved, what it counts, and when it refuses.

Every tensor has a version, raised by each write.  An operation that saves a tensor for
backward notes the version; backward compares.  Only what was saved must not change.
"""

import torch
import torch.nn as nn

import gradboard as gb


def verdict(name, build):
    """Run one snippet with its backward; "raises" or "runs"."""
    torch.manual_seed(0)
    try:
        out = build()
        out.sum().backward()
        said, why = "runs", ""
    except RuntimeError as error:
        said, why = "raises", str(error).split("\n")[0]
    print(f"{name:<22} {said:<7} {why[:110]}")
    return said


def exp_then_add():
    x = torch.ones(3, requires_grad=True)
    y = x.exp()                          # saves its output
    return y.add_(1)


def add_then_mul():
    x = torch.ones(3, requires_grad=True)
    return (x + 1).mul_(3)               # a sum saves nothing, a product with a number neither


def sigmoid_then_relu():
    x = torch.ones(3, requires_grad=True)
    return x.sigmoid().relu_()           # sigmoid saves its output


def linear_then_relu():
    return nn.Linear(3, 3)(torch.ones(2, 3)).relu_()   # linear saves input and weight, not the output


def add_on_leaf():
    x = torch.ones(3, requires_grad=True)
    x.add_(1)                            # nobody could say what x.grad belongs to
    return x * 2


def five():
    """Which of them raise?"""
    gb.ask("exp-add")
    gb.ask("add-mul")
    gb.ask("sigmoid-relu")
    gb.ask("linear-relu")
    gb.ask("leaf-add")
    gb.tell("exp-add", verdict("exp, then add_", exp_then_add))
    gb.tell("add-mul", verdict("x + 1, then mul_", add_then_mul))
    gb.tell("sigmoid-relu", verdict("sigmoid, then relu_", sigmoid_then_relu))
    gb.tell("linear-relu", verdict("linear, then relu_", linear_then_relu))
    gb.tell("leaf-add", verdict("add_ on a leaf", add_on_leaf))
    gb.check("add_ behind exp is refused", verdict("once more", exp_then_add) == "raises")
    y = torch.ones(3, requires_grad=True).exp()
    gb.check("out of place it runs", verdict("exp, then + 1", lambda: y + 1) == "runs")


def versions():
    """The counter, and who shares it."""
    gb.ask("version")
    gb.ask("view-version")
    a = torch.zeros(4)
    view, copy = a[:2], a.clone()
    story = [("new", a._version)]
    a.add_(1)
    story.append(("a.add_(1)", a._version))
    a[0] = 5
    story.append(("a[0] = 5", a._version))
    view.mul_(2)
    story.append(("view.mul_(2)", a._version))
    b = a + 1
    story.append(("b = a + 1", a._version))
    for what, version in story:
        print(f"{what:<14} version of a: {version}")
    print(f"view {view._version}, clone {copy._version}, detach {a.detach()._version}, .data {a.data._version}, b {b._version}")
    gb.tell("version", story[2][1])
    gb.tell("view-version", view._version)
    gb.check("a view shares the counter, a clone does not", view._version == a._version and copy._version == 0)


def silent():
    """.data writes without counting: nothing is refused, and the gradient is wrong."""
    gb.ask("data-gradient")
    x = torch.tensor([1.0], requires_grad=True)
    y = x * x                            # saves x
    x.data.mul_(10)
    y.backward()
    print("y = x * x at 1, then x.data.mul_(10): gradient", x.grad.item(), "instead of 2")
    gb.tell("data-gradient", x.grad.item())
    w = torch.tensor([1.0], requires_grad=True)
    y = w * w
    with torch.no_grad():
        w.mul_(10)
    try:
        y.backward()
        said = "runs"
    except RuntimeError:
        said = "raises"
    print("the same in no_grad:", said)
    gb.check("no_grad counts, .data does not", said == "raises")


def memory():
    """Eight layers: which outputs does backward keep alive?"""
    gb.ask("kept-inplace")
    width, batch, depth = 64, 256, 8
    kept = {}
    for name, act in (("relu", nn.ReLU()), ("relu in place", nn.ReLU(inplace=True)), ("gelu", nn.GELU())):
        torch.manual_seed(0)
        net = nn.Sequential(*[m for _ in range(depth) for m in (nn.Linear(width, width), act)])
        x = torch.randn(batch, width)
        gb.mark(name)
        saved = set()

        def pack(tensor):
            if tensor.shape == (batch, width):
                saved.add(tensor.data_ptr())
            return tensor
        with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
            out = net(x)
        kept[name] = len(saved)
        print(f"{name:<14} {len(saved):>2} buffers kept for backward, {len(saved) * batch * width * 4 // 1024} KB")
        out.sum().backward()
    gb.tell("kept-inplace", "same" if kept["relu in place"] == kept["relu"] else "fewer")
    gb.check("gelu keeps its inputs too", kept["gelu"] > kept["relu"])


def red():
    """Forward fine, backward refused: the saved output is at another version."""
    x = torch.tensor([0.0, 1.0, 2.0], requires_grad=True)
    y = x.exp()
    gb.watch(y)
    print("grad_fn of y:", type(y.grad_fn).__name__, " version", y._version)
    z = y.log()
    y.add_(1)                            # exp and log both saved y
    print("after add_:   version", y._version)
    gb.mark("backward")
    try:
        z.sum().backward()
    except RuntimeError as error:
        print("refused:", str(error).split(". ")[0][:150])
        gb.check("the message names both versions", "version 1" in str(error) and "version 0" in str(error))


if __name__ == "__main__":
    for tab in (five, versions, silent, memory, red):
        tab()
        print()
