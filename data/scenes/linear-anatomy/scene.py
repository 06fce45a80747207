"""A Linear layer taken apart:  y = x W^T + b.

The weight has a row per output.  Output j of sample i is the sum of the products of
sample i with row j, plus b[j].  Backward runs the same two matrices the other way.
"""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F

import gradboard as gb


def small_layer():
    """Linear(3, 2) with numbers that are easy to follow."""
    layer = nn.Linear(3, 2)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[1.0, 2.0, 0.0], [0.0, -1.0, 3.0]]))
        layer.bias.copy_(torch.tensor([0.5, -0.5]))
    x = torch.tensor([[1.0, 0.0, 2.0], [3.0, 1.0, 0.0], [0.0, 2.0, 1.0], [1.0, 1.0, 1.0]])
    return layer, x


def products():
    layer, x = small_layer()
    gb.watch(layer)
    w, b = layer.weight.detach(), layer.bias.detach()
    every = x[:, None, :] * w                         # (4, 2, 3): sample, output, input
    i, j = gb.knob("row", 1, 0, 3), gb.knob("unit", 0, 0, 1)
    of_one = every[i]                                 # (2, 3): both outputs of one sample
    gb.show(of_one, view="grid")
    terms = " + ".join(f"{a:g}·{c:g}" for a, c in zip(x[i].tolist(), w[j].tolist()))
    y = layer(x)
    rows = y.tolist()
    print(f"y[{i}, {j}] = {terms} + {b[j].item():g} = {rows[i][j]:g}")
    gb.show(y, view="grid")
    print("y =", rows)
    gb.check("sums of products, plus the bias", torch.equal(every.sum(dim=2) + b, y))
    gb.check("the same as x @ W.t() + b", torch.equal(x @ w.t() + b, y))
    gb.check("and as F.linear", torch.equal(F.linear(x, w, b), y))


def gradients():
    """dW = dy^T x,  db = the column sums of dy,  dx = dy W."""
    layer, x = small_layer()
    x.requires_grad_()
    gb.ask("bias-grad")
    y = layer(x)
    y.retain_grad()
    gb.watch(y)
    y.sum().backward()
    gb.tell("bias-grad", layer.bias.grad[0])
    print("loss = y.sum(): dy is all ones, so")
    print("  W.grad", layer.weight.grad.tolist(), " each row the sum of the samples")
    print("  b.grad", layer.bias.grad.tolist(), " the number of samples")
    print("  x.grad[0]", x.grad[0].tolist(), " the sum of the rows of W")

    layer.zero_grad()
    x.grad = None
    y = layer(x)
    y.retain_grad()
    (y ** 2).mean().backward()
    dy, w = y.grad, layer.weight.detach()
    gb.show(dy, view="grid")
    gb.show(layer.weight.grad, view="grid")
    print("loss = (y * y).mean():")
    print("  dy     ", dy.tolist())
    print("  dy^T x ", (dy.t() @ x.detach()).tolist())
    print("  W.grad ", layer.weight.grad.tolist())
    gb.check("dW = dy^T x", torch.allclose(layer.weight.grad, dy.t() @ x.detach()))
    gb.check("db = sum over samples", torch.allclose(layer.bias.grad, dy.sum(dim=0)))
    gb.check("dx = dy W", torch.allclose(x.grad, dy @ w))


def sizes():
    inputs, outputs = gb.knob("in", 20, 2, 64), gb.knob("out", 30, 2, 64)
    torch.manual_seed(0)
    layer = gb.watch(nn.Linear(inputs, outputs))
    gb.ask("weight-shape")
    gb.ask("parameters")
    gb.ask("three-axes")
    count = sum(p.numel() for p in layer.parameters())
    out = layer(torch.randn(5, 7, inputs))
    print(f"Linear({inputs}, {outputs}): weight {tuple(layer.weight.shape)}, bias {tuple(layer.bias.shape)}, {count} parameters")
    print(f"input (5, 7, {inputs}) gives {tuple(out.shape)}: only the last axis takes part")
    gb.tell("weight-shape", layer.weight.shape)
    gb.tell("parameters", count)
    gb.tell("three-axes", out.shape)
    gb.show(layer.weight, view="grid")

    bound = 1 / math.sqrt(inputs)
    widest = layer.weight.abs().max().item()
    print(f"initialised between -{bound:.4f} and {bound:.4f}; the largest weight is {widest:.4f}")
    gb.check("weights lie within 1 / sqrt(in)", widest <= bound)

    x = torch.randn(2000, inputs)
    y = layer(x)
    print(f"unit inputs leave with variance {y.var().item():.2f}: about a third, plus the bias")
    y.sum().backward()
    try:
        layer(torch.randn(inputs + 1))
    except RuntimeError as error:
        print("RuntimeError:", error)


def collapse():
    """Without something bent in between, two layers are one product of matrices."""
    torch.manual_seed(0)
    first, second = nn.Linear(20, 64), nn.Linear(64, 30)
    x = torch.randn(8, 20)
    gb.ask("one-layer")
    one = nn.Linear(20, 30)
    with torch.no_grad():
        one.weight.copy_(second.weight @ first.weight)
        one.bias.copy_(second.weight @ first.bias + second.bias)
        gap = (second(first(x)) - one(x)).abs().max().item()
        bent = (second(torch.relu(first(x))) - one(x)).abs().max().item()
    two_count = sum(p.numel() for layer in (first, second) for p in layer.parameters())
    one_count = sum(p.numel() for p in one.parameters())
    print(f"two layers: {two_count} parameters; one layer: {one_count}")
    print("largest difference below 1e-5:", gap < 1e-5)
    print(f"with a ReLU in between it is {bent:.2f}")
    gb.tell("one-layer", "yes" if gap < 1e-5 else "no")
    narrow = nn.Linear(4, 30).weight @ nn.Linear(20, 4).weight
    rank = torch.linalg.matrix_rank(narrow.detach()).item()
    print(f"through 4 numbers the 30 x 20 product has rank {rank}: fewer parameters, fewer maps")
    gb.check("a bottleneck limits the rank", rank == 4)


if __name__ == "__main__":
    for tab in (products, gradients, sizes, collapse):
        tab()
        print()
