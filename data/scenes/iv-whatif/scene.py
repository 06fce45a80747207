"""Cause and effect: say what an intervention does before it is run, then see it over three seeds.

A small net learns to tell two rings of points from each other.
"""

import torch
import torch.nn as nn
import torch.nn.functional as F

import gradboard as gb

SEEDS = 3


def rings(n, generator):
    """Points (n, 2) on two noisy circles, and which one each is on."""
    inside = torch.rand(n, generator=generator) < 0.5
    angle = 6.2832 * torch.rand(n, generator=generator)
    radius = torch.where(inside, 1.0, 2.0) + 0.15 * torch.randn(n, generator=generator)
    return torch.stack([radius * angle.cos(), radius * angle.sin()], 1), inside.long()


def train(seed, name, lr=0.1, hidden=16, scale=1.0, momentum=0.9, adam=False, steps=60):
    """The loss after the last step, on all points."""
    generator = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    points, labels = rings(256, generator)
    net = nn.Sequential(nn.Linear(2, hidden), nn.Tanh(), nn.Linear(hidden, 2))
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.mul_(scale)
    optimizer = torch.optim.Adam(net.parameters(), lr=lr) if adam else torch.optim.SGD(net.parameters(), lr=lr, momentum=momentum)
    for step in range(steps):
        optimizer.zero_grad()
        loss = F.cross_entropy(net(points), labels)
        loss.backward()
        optimizer.step()
        if seed == 0:
            gb.log(name, loss.item(), step + 1, "step")
    return F.cross_entropy(net(points), labels).item()


def compare(name, **change):
    """Mean loss as it is, and changed; how many seeds agree on the direction."""
    plain = [train(seed, "as it is") for seed in range(SEEDS)]
    other = [train(seed, name, **change) for seed in range(SEEDS)]
    agree = sum((b > a) == (sum(other) > sum(plain)) for a, b in zip(plain, other))
    print(f"{name}: {sum(plain) / SEEDS:.3f} -> {sum(other) / SEEDS:.3f}, {agree} of {SEEDS} seeds agree")
    return "higher" if sum(other) > sum(plain) else "lower", agree


def interventions():
    """Three changes, one at a time."""
    gb.ask("lower-rate")
    said, agree_rate = compare("a hundredth of the rate", lr=0.001)
    gb.tell("lower-rate", said)
    gb.ask("zero-start")
    said, agree_zero = compare("all weights zero", scale=0.0)
    gb.tell("zero-start", said)
    gb.ask("no-momentum")
    said, agree_momentum = compare("no momentum", momentum=0.0)
    gb.tell("no-momentum", said)
    gb.check("every seed agrees on each direction", agree_rate == agree_zero == agree_momentum == SEEDS)


def pair():
    """A sentence of theory beside the run that shows it."""
    gb.ask("symmetry")
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 2))
    with torch.no_grad():
        for layer in (net[0], net[2]):
            layer.weight.fill_(0.5)
            layer.bias.fill_(0.0)
    points, labels = rings(64, torch.Generator().manual_seed(0))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.5)
    for _ in range(20):
        optimizer.zero_grad()
        F.cross_entropy(net(points), labels).backward()
        optimizer.step()
    rows = net[0].weight.detach()
    gb.show(rows, view="grid", labels=[["unit 1", "unit 2", "unit 3", "unit 4"], ["x", "y"]])
    same = bool(torch.allclose(rows, rows[:1].expand_as(rows), atol=1e-6))
    gb.tell("symmetry", "true" if same else "false")
    gb.check("units that begin equal stay equal", same)
    gb.ask("adam-on-this")
    slow = sum(train(seed, "SGD 0.01", lr=0.01) for seed in range(SEEDS))
    fast = sum(train(seed, "Adam 0.01", lr=0.01, adam=True) for seed in range(SEEDS))
    usual = sum(train(seed, "SGD 0.1") for seed in range(SEEDS))
    print(f"after 60 steps at 0.01: SGD {slow / SEEDS:.3f}, Adam {fast / SEEDS:.3f}; SGD at 0.1: {usual / SEEDS:.3f}")
    gb.tell("adam-on-this", "true" if fast < slow else "false")


if __name__ == "__main__":
    interventions()
    pair()
