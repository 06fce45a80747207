"""A small network with a home-made softplus, log(1 + exp(x)), as its activation."""

import torch
import torch.nn as nn
import torch.nn.functional as F

import gradboard as gb


def make_data(n, seed):
    """Points (n, 2) and the distance of each from the origin."""
    x = 2 * torch.randn(n, 2, generator=torch.Generator().manual_seed(seed))
    return x, x.norm(dim=1, keepdim=True)


def softplus(x):
    """log(1 + exp(x)), element by element."""
    y = x.exp()
    y.add_(1)
    return y.log()


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(2, 24)
        self.head = nn.Linear(24, 1)

    def forward(self, x):
        return self.head(softplus(self.hidden(x)))


def train(model, x, y, steps, lr=0.02):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    for step in range(steps):
        optimizer.zero_grad()
        loss = F.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
        gb.log("loss", loss.item())
        if step + 1 in (1, 50, 100, 200):
            print(f"step {step + 1:3d}  loss {loss.item():.4f}")
    return loss.item()


def main():
    torch.manual_seed(0)
    model = gb.watch(Net())
    x, y = make_data(256, seed=1)
    with torch.no_grad():
        print(f"before training  loss {F.mse_loss(model(x), y).item():.4f}")
    train(model, x, y, steps=200)


if __name__ == "__main__":
    main()
