"""A window slides over a digit: convolution multiplies and adds, pooling picks or averages.

How large the output is, what groups save, why a convolution is one matrix product in
disguise, and where the gradient goes that comes back through a pool.
"""

from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F

import gradboard as gb

DIGITS = Path(__file__).resolve().parents[2] / "datasets" / "digits.bin"


def digit(number=3):
    """One picture, (1, 1, 8, 8), values from 0 to 1."""
    records = torch.frombuffer(bytearray(DIGITS.read_bytes()), dtype=torch.uint8).reshape(-1, 65)
    return records[number, :64].reshape(1, 1, 8, 8).float() / 16


def out_size(n, kernel, stride=1, padding=0, dilation=1):
    reach = dilation * (kernel - 1) + 1                 # what the window spans
    return (n + 2 * padding - reach) // stride + 1


def window():
    """One kernel over one digit: dark left and bright right gives a large number."""
    x = digit()
    k = gb.knob("kernel", 3, choices=[1, 2, 3, 4, 5])
    stride = gb.knob("stride", 2, choices=[1, 2, 3])
    padding = gb.knob("padding", 1, choices=[0, 1, 2])
    dilation = gb.knob("dilation", 1, choices=[1, 2])
    if dilation * (k - 1) + 1 > 8 + 2 * padding:
        print(f"a window of {dilation * (k - 1) + 1} does not fit into {8 + 2 * padding}; dilation 1 is used")
        dilation = 1
    gb.ask("stride-shape")
    gb.ask("dilated-shape")
    weight = torch.linspace(-1, 1, k).expand(1, 1, k, k) / k if k > 1 else torch.ones(1, 1, 1, 1)
    gb.show(x[0, 0], view="grid")
    dilated = F.conv2d(x, torch.ones(1, 1, 3, 3), dilation=2)
    y = F.conv2d(x, weight, stride=stride, padding=padding, dilation=dilation)
    gb.show(y, view="conv")

    padded = F.pad(x, (padding,) * 4)[0, 0]
    by_hand = torch.zeros(y.shape[2:])
    for i in range(by_hand.shape[0]):
        for j in range(by_hand.shape[1]):
            top, left, reach = i * stride, j * stride, dilation * (k - 1) + 1
            patch = padded[top:top + reach:dilation, left:left + reach:dilation]
            by_hand[i, j] = (patch * weight[0, 0]).sum()
    gb.show(by_hand, view="grid")

    print(f"8x8, kernel {k}, stride {stride}, padding {padding}, dilation {dilation} -> {tuple(y.shape[2:])}")
    for row in by_hand.tolist():
        print("  ".join(f"{v:6.2f}" for v in row))
    gb.tell("stride-shape", F.conv2d(x, torch.ones(1, 1, 3, 3), stride=2, padding=1).shape[2:])
    gb.tell("dilated-shape", dilated.shape[2:])
    gb.check("the formula gives the size", y.shape[2] == out_size(8, k, stride, padding, dilation))
    gb.check("by hand and conv2d agree", torch.allclose(by_hand, y[0, 0], atol=1e-6))


def sizes():
    """Settings that one meets, and the size that each makes of 8."""
    rows = []
    print("kernel stride padding dilation   8 ->")
    for k, s, p, d in [(3, 1, 1, 1), (3, 1, 0, 1), (3, 2, 1, 1), (2, 2, 0, 1), (5, 1, 2, 1), (3, 1, 0, 2), (3, 1, 2, 2)]:
        y = nn.Conv2d(1, 1, k, stride=s, padding=p, dilation=d)(digit())
        rows.append([k, s, p, d, y.shape[-1]])
        print(f"{k:>6} {s:>6} {p:>7} {d:>8}   {y.shape[-1]:>4}")
        gb.check(f"size for kernel {k}, stride {s}, padding {p}, dilation {d}", y.shape[-1] == out_size(8, k, s, p, d))
    table = torch.tensor(rows)
    gb.show(table, view="grid",
            labels=[[f"layer {i}" for i in range(len(rows))], ["kernel", "stride", "padding", "dilation", "8 becomes"]])
    x, y = digit(), digit().roll(1, dims=3)
    same = nn.Conv2d(1, 1, 3, padding=1, bias=False)
    inner = slice(2, 6)
    moved = same(x).roll(1, dims=3)[..., inner, inner]
    gb.check("a digit moved by one is an output moved by one", torch.allclose(same(y)[..., inner, inner], moved, atol=1e-6))


def groups():
    """16 channels to 32: every filter reads all of them, or only those of its group."""
    gb.ask("group-params")
    x = torch.randn(1, 16, 8, 8)
    counts = {}
    print("groups  weight           numbers   multiplications on 8x8")
    for g in (1, 2, 4, 8, 16):
        layer = nn.Conv2d(16, 32, 3, padding=1, groups=g)
        y = layer(x)
        counts[g] = sum(p.numel() for p in layer.parameters())
        work = layer.weight.numel() * y.shape[2] * y.shape[3]
        print(f"{g:>6}  {str(tuple(layer.weight.shape)):<16} {counts[g]:>7}   {work:>10}")
    light = nn.Sequential(nn.Conv2d(16, 16, 3, padding=1, groups=16), nn.Conv2d(16, 32, 1))
    print("depthwise 3x3, then 1x1:", sum(p.numel() for p in light.parameters()), "numbers")
    gb.tell("group-params", counts[4])
    gb.check("groups divide the weights, not the biases", (counts[1] - 32) == 4 * (counts[4] - 32))


def unfolded():
    """Every window becomes a column; then the convolution is one matrix product."""
    torch.manual_seed(0)
    x = digit()
    layer = nn.Conv2d(1, 4, 3, stride=2, padding=1)
    columns = F.unfold(x, 3, stride=2, padding=1)          # (1, 9, 16)
    gb.show(columns[0], view="grid")
    with torch.no_grad():
        product = layer.weight.reshape(4, 9) @ columns[0] + layer.bias[:, None]
        y = layer(x)
    print("windows as columns", tuple(columns.shape), "from", x.numel(), "pixels")
    print("weights as rows   ", tuple(layer.weight.reshape(4, 9).shape))
    gb.check("one matrix product is the convolution", torch.allclose(product.reshape(4, 4, 4), y[0], atol=1e-6))
    back = F.fold(torch.ones_like(columns), 8, 3, stride=2, padding=1)
    gb.show(back[0, 0], view="grid")
    print("windows that read a pixel: from", int(back.min()), "to", int(back.max()))


def pool():
    """Largest or average of each window, and the way back of the gradient."""
    gb.ask("pool-gradient")
    gb.ask("pool-stride")
    tie = torch.tensor([[1.0, 3.0], [2.0, 3.0]], requires_grad=True)
    F.max_pool2d(tie[None], 2).sum().backward()
    print("max of [[1, 3], [2, 3]]: gradient", [int(v) for v in tie.grad.flatten()])

    for name in ("max", "average"):
        x = digit().requires_grad_()
        y = F.max_pool2d(x, 2) if name == "max" else F.avg_pool2d(x, 2)
        y.sum().backward()
        gb.show(y, view="conv")
        gb.show(x.grad[0, 0], view="grid")
        cells = x.grad.unique().tolist()
        print(f"{name:<8} {tuple(x.shape[2:])} -> {tuple(y.shape[2:])}   gradient cells hold {cells}")
        gb.check(f"{name}: the gradient is shared out, none is lost", abs(x.grad.sum().item() - y.numel()) < 1e-5)
    gb.tell("pool-gradient", tie.grad.flatten().long())
    gb.tell("pool-stride", nn.MaxPool2d(3).stride)
    below = -torch.ones(1, 1, 2, 2)
    gb.check("a padded max pool pads with minus infinity", F.max_pool2d(below, 2, padding=1).eq(-1).all())
    print("average of -1, padded:", F.avg_pool2d(below, 2, padding=1).flatten().tolist(), "(the zeros count)")


def adaptive():
    """The size of the output is given; the windows follow, and may overlap."""
    size = gb.knob("output", 3, choices=[1, 2, 3, 4, 5])
    gb.ask("global-shape")
    x = digit().requires_grad_()
    y = F.adaptive_avg_pool2d(x, size)
    y.sum().backward()
    gb.show(y, view="conv")
    gb.show(x.grad[0, 0], view="grid")
    spans = [(i * 8 // size, -(-(i + 1) * 8 // size)) for i in range(size)]
    print(f"8 -> {size}: windows", ", ".join(f"{a}..{b - 1}" for a, b in spans))
    first = x.detach()[0, 0, spans[0][0]:spans[0][1], spans[-1][0]:spans[-1][1]].mean()
    gb.check("a window goes from floor to ceiling", torch.allclose(y[0, 0, 0, -1], first))

    pooled = nn.AdaptiveAvgPool2d(1)(torch.randn(4, 64, 7, 5))
    gb.tell("global-shape", pooled.shape)
    for h, w in ((7, 5), (16, 16), (33, 20)):
        x = torch.randn(4, 64, h, w)
        print(f"(4, 64, {h}, {w}) -> {tuple(nn.AdaptiveAvgPool2d(1)(x).flatten(1).shape)}")
        gb.check(f"global average is the mean over both axes, {h} by {w}", torch.allclose(F.adaptive_avg_pool2d(x, 1).flatten(), x.mean((2, 3)).flatten(), atol=1e-5))


if __name__ == "__main__":
    for tab in (window, sizes, groups, unfolded, pool, adaptive):
        tab()
        print()
