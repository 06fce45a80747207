"""Eight activations: their values, their slopes, and one small net trained with each.

A slope is what backward multiplies by: largest 0.25 for a sigmoid, 0 or 1 for a ReLU.
A ReLU that gives 0 for every sample has slope 0 for every sample, and stays as it is.
"""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F

import gradboard as gb

ACTIVATIONS = {
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": F.relu,
    "leaky relu": lambda x: F.leaky_relu(x, 0.1),
    "elu": F.elu,
    "softplus": F.softplus,
    "silu": F.silu,
    "gelu": F.gelu,
}

DRAWN = ("sigmoid", "tanh", "relu", "gelu")        # the others look like one of these


def shapes():
    """Value and slope from -4 to 4."""
    gb.ask("sigmoid-slope")
    gb.ask("gelu-monotone")
    x = torch.linspace(-4, 4, 161, requires_grad=True)
    values, largest = {}, {}
    print("activation   lowest  highest slope   slope at -3   slope at 3")
    for name, act in ACTIVATIONS.items():
        y = act(x)
        slope, = torch.autograd.grad(y.sum(), x)
        values[name], largest[name] = y.detach(), slope.max().item()
        for i in range(0, 161 if name in DRAWN else 0, 4):
            gb.log(name, y[i], x[i], "input")
            gb.log(f"slope of {name}", slope[i], x[i], "input ")
        print(f"{name:<11} {y.min().item():>7.3f} {largest[name]:>14.4f} {slope[20].item():>13.4f} {slope[140].item():>12.4f}")
    gb.tell("sigmoid-slope", largest["sigmoid"])
    rising = (values["gelu"].diff() >= 0).all().item()
    gb.tell("gelu-monotone", "rises" if rising else "dips")
    gb.check("a sigmoid's slope is s (1 - s)", abs(largest["sigmoid"] - 0.25) < 1e-6)
    gb.check("silu is x times sigmoid", torch.allclose(values["silu"], x.detach() * values["sigmoid"], atol=1e-6))


def moons(n=200):
    """Two half circles that reach into each other: points (n, 2), labels (n,)."""
    generator = torch.Generator().manual_seed(0)
    angle = math.pi * torch.rand(n, generator=generator)
    label = torch.arange(n) % 2
    x = torch.where(label == 0, angle.cos(), 1 - angle.cos())
    y = torch.where(label == 0, angle.sin(), 0.5 - angle.sin())
    return torch.stack([x, y], dim=1) + 0.1 * torch.randn(n, 2, generator=generator), label


class Net(nn.Module):
    def __init__(self, act, width=16):
        super().__init__()
        self.one, self.two, self.out = nn.Linear(2, width), nn.Linear(width, width), nn.Linear(width, 2)
        self.act = act

    def forward(self, x):
        return self.out(self.act(self.two(self.act(self.one(x)))))


def train(act, x, label, lr, steps=100, seed=0, name=None):
    torch.manual_seed(seed)
    net = Net(act)
    optimizer = torch.optim.SGD(net.parameters(), lr=lr, momentum=0.9)
    for step in range(steps):
        loss = F.cross_entropy(net(x), label)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if name and step % 5 == 0:
            gb.log(name, loss, step, "step")
    return net, loss.item()


def paint(net, x, label):
    """Weights, labels and one more forward pass: the plane asks the net about every place."""
    for parameter in net.parameters():
        gb.show(parameter, view="plane")
    gb.show(label, view="plane")
    points = x.clone()
    gb.show(points, view="plane")
    return F.cross_entropy(net(points), label)


def race():
    """The same net, the same moons, eight activations."""
    x, label = moons()
    lr = gb.knob("lr", 0.1, 0.01, 1.0, log=True)
    gb.ask("slowest")
    ends = {}
    print(f"loss after 100 steps at lr {lr}, and share of points that are right")
    for name, act in ACTIVATIONS.items():
        net, ends[name] = train(act, x, label, lr, name=f"loss, {name}")
        with torch.no_grad():
            right = (net(x).argmax(1) == label).float().mean().item()
        print(f"{name:<11} {ends[name]:.3f}   {right:.2f}")
    net, _ = train(F.relu, x, label, lr)
    paint(net, x, label)
    gb.tell("slowest", max(ends, key=ends.get))
    gb.check("the sigmoid is slower than every other", max(ends, key=ends.get) == "sigmoid")


def dead_share(net, x):
    """Share of hidden units that give 0 for every sample, and the values of the second layer."""
    with torch.no_grad():
        one = F.relu(net.one(x))
        two = F.relu(net.two(one))
    silent = torch.cat([(one == 0).all(0), (two == 0).all(0)])
    return silent.float().mean().item(), two


def dead():
    """A step too large throws a ReLU to where no sample reaches it any more."""
    x, label = moons()
    gb.ask("dead-units")
    shares = {}
    print("lr      dead units in 3 runs     mean")
    fresh = []
    for seed in range(3):
        torch.manual_seed(seed)
        fresh.append(dead_share(Net(F.relu), x)[0])
    print(f"before  {'  '.join(f'{r:.3f}' for r in fresh)}    {sum(fresh) / 3:.3f}")
    for lr in (0.01, 0.1, 0.3, 1.0):
        runs = []
        for seed in range(3):
            net, _ = train(F.relu, x, label, lr, seed=seed)
            share, hidden = dead_share(net, x)
            runs.append(share)
        shares[lr] = sum(runs) / 3
        gb.log("share of dead ReLUs", shares[lr], lr, "learning rate")
        print(f"{lr:<6}  {'  '.join(f'{r:.3f}' for r in runs)}    {shares[lr]:.3f}")
    paint(net, x, label)
    gb.show(hidden, view="hist")
    gb.tell("dead-units", "more" if shares[1.0] > shares[0.01] else "not more")
    unit = torch.tensor([-2.0], requires_grad=True)
    F.relu(unit).backward()
    leaky = torch.tensor([-2.0], requires_grad=True)
    F.leaky_relu(leaky, 0.1).backward()
    print("gradient at -2: relu", unit.grad.item(), " leaky relu", round(leaky.grad.item(), 2))
    gb.check("no slope, no way back", unit.grad.item() == 0)


def relu_on_logits():
    """A ReLU behind the last layer: scores below zero are gone, and so is their gradient."""
    gb.ask("clipped-loss")
    gb.ask("clipped-gradient")
    logits = torch.tensor([[-2.0, -1.0, -3.0]], requires_grad=True)
    target = torch.tensor([1])
    plain = F.cross_entropy(logits, target)
    grad, = torch.autograd.grad(plain, logits)
    print(f"scores {logits.tolist()[0]}: loss {plain.item():.4f}, gradient {[round(v, 3) for v in grad[0].tolist()]}")
    clipped = F.cross_entropy(F.relu(logits), target)
    gone, = torch.autograd.grad(clipped, logits)
    print(f"behind a ReLU: loss {clipped.item():.4f}, gradient {[round(v, 3) for v in gone[0].tolist()]}")
    gb.tell("clipped-loss", clipped.item())
    gb.tell("clipped-gradient", gone.abs().sum().item())
    gb.check("all scores equal: the loss is ln 3", abs(clipped.item() - math.log(3)) < 1e-6)


if __name__ == "__main__":
    for tab in (shapes, race, dead, relu_on_logits):
        tab()
        print()
