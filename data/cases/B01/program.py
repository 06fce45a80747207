"""A two-layer classifier learns which of four rings a point in the plane lies on."""

import torch
import torch.nn as nn
import torch.nn.functional as F

import gradboard as gb

RINGS = 4


def make_data(n, seed):
    """Points (n, 2) on rings of radius 1 to 4, with some noise, and the ring of each."""
    source = torch.Generator().manual_seed(seed)
    ring = torch.randint(RINGS, (n,), generator=source)
    angle = torch.rand(n, generator=source) * 6.2832
    radius = ring + 1 + 0.15 * torch.randn(n, generator=source)
    return torch.stack([radius * angle.cos(), radius * angle.sin()], dim=1), ring


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(2, 64)
        self.head = nn.Linear(64, RINGS)

    def forward(self, x):
        return self.head(torch.tanh(self.hidden(x)))


def train(model, batches, lr):
    """Plain SGD, one step for each batch (x, y); the losses as they were."""
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for x, y in batches:
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        gb.log("loss", loss.item())
    return losses


@torch.no_grad()
def accuracy(model, x, y):
    return (model(x).argmax(dim=1) == y).float().mean().item()


def main():
    torch.manual_seed(0)
    x, y = make_data(2048, seed=1)
    model = gb.watch(Net())
    batches = [(x[i:i + 64], y[i:i + 64]) for epoch in range(25) for i in range(0, len(x), 64)]
    losses = train(model, batches, lr=0.3)
    for step in (1, 25, 50, 100, 200, 400, 800):
        print(f"step {step:3d}  loss {losses[step - 1]:.4f}")
    print(f"accuracy on new points {accuracy(model, *make_data(1000, seed=2)):.3f}")


if __name__ == "__main__":
    main()
