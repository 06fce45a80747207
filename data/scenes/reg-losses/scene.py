"""Losses for numbers: what each calls the best answer, and what an outlier may do to it.

One constant for five numbers, one line for thirty points with three outliers, and the
subtraction of (N, 1) and (N,) that quietly makes N times N errors.
"""

import torch
import torch.nn as nn
import torch.nn.functional as F

import gradboard as gb

LOSSES = {
    "MSE": lambda p, y: F.mse_loss(p, y),
    "L1": lambda p, y: F.l1_loss(p, y),
    "Huber": lambda p, y: F.huber_loss(p, y, delta=gb.knob("delta", 1.0, 0.1, 10.0, log=True)),
}


def shapes():
    """Loss and slope over the error: what a sample of that error pulls with."""
    gb.ask("huber-3")
    print("error     MSE   slope      L1   slope    Huber   slope")
    for tenth in range(-40, 41):
        error = torch.tensor([tenth / 10], requires_grad=True)
        row = []
        for name, loss in LOSSES.items():
            value = loss(error, torch.zeros(1))
            slope, = torch.autograd.grad(value, error)
            gb.log(name, value, tenth / 10, "error")
            gb.log(f"slope of {name}", slope, tenth / 10, "error ")
            row += [value.item(), slope.item()]
        if tenth in (-40, -10, 0, 5, 10, 30):
            print(f"{tenth / 10:>5.1f}" + "".join(f"{v:>8.2f}" for v in row))
    three = F.huber_loss(torch.tensor([3.0]), torch.zeros(1), delta=1.0)
    gb.tell("huber-3", three)
    gb.check("Huber is 0.5 e^2 up to delta, then a line", abs(three.item() - (3 - 0.5)) < 1e-6)


def best_constant():
    """The one number that all of 1, 2, 3, 4, 100 are nearest to, in the eyes of each loss."""
    y = torch.tensor([1.0, 2.0, 3.0, 4.0, 100.0])
    gb.ask("mse-constant")
    gb.ask("l1-constant")
    candidates = torch.arange(0, 1001) / 10
    best = {}
    for name, loss in LOSSES.items():
        values = torch.stack([loss(c.expand(5), y) for c in candidates])
        best[name] = candidates[values.argmin()].item()
        for c, value in zip(candidates[::10], values[::10]):
            gb.log(f"{name} of a constant", value, c, "constant")
        print(f"{name:<6} best constant {best[name]:.1f}")
    print(f"mean {y.mean():.1f}, median {y.median():.1f}")
    gb.tell("mse-constant", best["MSE"])
    gb.tell("l1-constant", best["L1"])
    gb.check("squares want the mean", abs(best["MSE"] - y.mean()) < 0.05)
    gb.check("absolute values want the median", abs(best["L1"] - y.median()) < 0.05)


def line_data(outliers=True):
    torch.manual_seed(0)
    x = torch.linspace(-1, 1, 30)
    y = 2 * x + 0.5 + 0.1 * torch.randn(30)
    if outliers:                             # three bad measurements
        y[[3, 7, 26]] += torch.tensor([6.0, 6.0, -6.0])
    return x, y


def lines(steps=300):
    """The same line, the same points, three losses."""
    x, y = line_data()
    gb.ask("nearest")
    gb.show(torch.stack([x, y], dim=1), view="plane")
    slopes = {}
    for name, loss in LOSSES.items():
        torch.manual_seed(1)
        model = nn.Linear(1, 1)
        optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
        for step in range(steps):
            value = loss(model(x[:, None]).squeeze(1), y)
            optimizer.zero_grad()
            value.backward()
            optimizer.step()
        slopes[name] = model.weight.item()
        for at in (-1.0, 1.0):
            gb.log(f"fit, {name}", model.weight.item() * at + model.bias.item(), at, "x")
        print(f"{name:<6} y = {model.weight.item():.2f} x + {model.bias.item():.2f}")
    print("truth  y = 2.00 x + 0.50")
    gb.tell("nearest", min(slopes, key=lambda name: abs(slopes[name] - 2)))
    gb.check("the squares were pulled away furthest", max(slopes, key=lambda name: abs(slopes[name] - 2)) == "MSE")


def column_and_row():
    """A prediction (N, 1) against a target (N,): no error, another loss."""
    prediction = torch.tensor([[1.0], [2.0], [3.0]])
    target = torch.tensor([1.0, 2.0, 3.0])
    gb.ask("perfect")
    gb.ask("how-many")
    errors = prediction - target
    gb.show(errors, view="bcast")
    gb.show(errors, view="grid")
    loss = F.mse_loss(prediction, target, reduction="none")
    print("perfect prediction, errors", tuple(errors.shape), "mean of squares", round(loss.mean().item(), 4))
    print("squeezed                  ", F.mse_loss(prediction.squeeze(1), target).item())
    gb.tell("perfect", loss.mean())
    gb.tell("how-many", loss.numel())
    gb.check("squeezed, a perfect prediction costs nothing", F.mse_loss(prediction.squeeze(1), target) == 0)

    x, y = line_data(outliers=False)
    ends = {}
    for squeezed in (True, False):
        torch.manual_seed(1)
        model = nn.Linear(1, 1)
        optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
        for _ in range(200):
            out = model(x[:, None])
            loss = F.mse_loss(out.squeeze(1) if squeezed else out, y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        ends[squeezed] = model.weight.item()
        print(f"trained {'squeezed' if squeezed else 'as (30, 1) and (30,)':<22} slope {model.weight.item():.3f}, mean of y {y.mean():.3f}, bias {model.bias.item():.3f}")
    gb.check("unsqueezed, every x is taught the mean of y", abs(ends[False]) < 0.05)


if __name__ == "__main__":
    for tab in (shapes, best_constant, lines, column_and_row):
        tab()
        print()
