"""Backward, one product at a time.

z = tanh(w * x + b).  Forward computes values from left to right.  Backward
starts with dz/dz = 1 at the right and multiplies by one local slope per node.
Beside every gradient stands a number found without calculus: move the input a
little both ways and see how far the output moves.
"""

import math

import torch
import torch.nn as nn

import gradboard as gb


def slope_by_nudging(function, tensor, h=1e-4):
    """Central differences: the gradient of function() by every element of `tensor`."""
    slopes = torch.zeros_like(tensor)
    with torch.no_grad():
        for index in range(tensor.numel()):
            flat = tensor.view(-1)
            kept = flat[index].item()
            flat[index] = kept + h
            above = function().item()
            flat[index] = kept - h
            below = function().item()
            flat[index] = kept
            slopes.view(-1)[index] = (above - below) / (2 * h)
    return slopes


def neuron():
    x = torch.tensor(gb.knob("x", 2.0, -3.0, 3.0), dtype=torch.float64, requires_grad=True)
    w = torch.tensor(gb.knob("w", 0.5, -3.0, 3.0), dtype=torch.float64, requires_grad=True)
    b = torch.tensor(gb.knob("b", 0.0, -3.0, 3.0), dtype=torch.float64, requires_grad=True)

    gb.mark("forward")
    p = w * x
    s = p + b
    z = torch.tanh(s)
    for t in (p, s, z):
        t.retain_grad()
    gb.watch(z)
    print(f"p = w * x    {p.item():8.4f}")
    print(f"s = p + b    {s.item():8.4f}")
    print(f"z = tanh(s)  {z.item():8.4f}")

    gb.ask("dz-dw")
    gb.ask("dz-dx")
    gb.mark("backward")
    z.backward()

    gb.mark("the same by hand")
    dz = 1.0
    ds = dz * (1 - math.tanh(s.item()) ** 2)     # tanh's local slope
    dp, db = ds * 1, ds * 1                      # a sum passes the gradient on
    dw, dx = dp * x.item(), dp * w.item()        # a product swaps its factors

    print("\n       by hand  backward  nudging")
    for name, hand, t in [("z", dz, z), ("s", ds, s), ("p", dp, p)]:
        print(f"dz/d{name}  {hand:7.4f}   {t.grad.item():7.4f}")
    for name, hand, t in [("b", db, b), ("w", dw, w), ("x", dx, x)]:
        nudged = slope_by_nudging(lambda: torch.tanh(w * x + b), t).item()
        print(f"dz/d{name}  {hand:7.4f}   {t.grad.item():7.4f}  {nudged:7.4f}")
        gb.check(f"dz/d{name}: hand, backward and nudging agree",
                 abs(hand - t.grad.item()) < 1e-9 and abs(nudged - t.grad.item()) < 1e-6)
    gb.tell("dz-dw", w.grad.item())
    gb.tell("dz-dx", x.grad.item())


def two_layers():
    """The same with matrices: four weights, then three, and one vector at a time."""
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1)).double()
    gb.watch(net)
    x = torch.tensor([[1.0, -2.0]], dtype=torch.float64)
    target = torch.tensor([[0.5]], dtype=torch.float64)

    def loss():
        return (net(x) - target).pow(2).sum()

    gb.ask("grad-shape")
    gb.mark("backward")
    value = loss()
    value.backward()
    print(f"loss {value.item():.4f}")

    gb.mark("the same by hand")
    with torch.no_grad():
        first, _, second = net
        hidden = torch.tanh(first(x))                  # (1, 3)
        d_out = 2 * (net(x) - target)                  # (1, 1)
        d_w2 = d_out.t() @ hidden                      # (1, 3)
        d_hidden = d_out @ second.weight               # (1, 3)
        d_sum = d_hidden * (1 - hidden ** 2)           # (1, 3)
        d_w1 = d_sum.t() @ x                           # (3, 2)
    by_hand = {"0.weight": d_w1, "0.bias": d_sum[0], "2.weight": d_w2, "2.bias": d_out[0]}

    worst = 0.0
    print("parameter  element   by hand  backward   nudging")
    for name, parameter in net.named_parameters():
        gb.show(parameter.grad, view="grid")
        nudged = slope_by_nudging(loss, parameter)
        rows = zip(by_hand[name].flatten(), parameter.grad.flatten(), nudged.flatten())
        for index, (hand, grad, nudge) in enumerate(rows):
            print(f"{name:<10} {index:>7}  {hand.item():8.4f}  {grad.item():8.4f}  {nudge.item():8.4f}")
            worst = max(worst, abs(hand - grad).item(), abs(nudge - grad).item())
    gb.tell("grad-shape", net[0].weight.grad.shape)
    gb.check("all three columns agree", worst < 1e-6)
    print("largest difference below 1e-6:", worst < 1e-6)


if __name__ == "__main__":
    neuron()
    print()
    two_layers()
