"""A deep regression network learns a wavy curve; its layers are kept in a list."""

import torch
import torch.nn as nn
import torch.nn.functional as F

import gradboard as gb

WIDTH = 32
DEPTH = 4


def make_data(n, seed):
    """x (n, 1) in [-2, 2] and a wavy curve over it."""
    x = 4 * torch.rand(n, 1, generator=torch.Generator().manual_seed(seed)) - 2
    return x, torch.sin(3 * x) + 0.5 * x


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = [nn.Linear(1, WIDTH)]
        for _ in range(DEPTH - 1):
            self.layers.append(nn.Linear(WIDTH, WIDTH))
        self.head = nn.Linear(WIDTH, 1)

    def forward(self, x):
        for layer in self.layers:
            x = torch.tanh(layer(x))
        return self.head(x)


def train(model, x, y, steps, lr=0.01):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    for step in range(steps):
        optimizer.zero_grad()
        loss = F.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
        gb.log("loss", loss.item())
        if step + 1 in (1, 50, 100, 200, 300):
            print(f"step {step + 1:3d}  loss {loss.item():.4f}")
    return loss.item()


def main():
    torch.manual_seed(0)
    model = gb.watch(Net())
    train(model, *make_data(256, seed=1), steps=300)
    print("parameters", sum(p.numel() for p in model.parameters()))


if __name__ == "__main__":
    main()
