"""What the program does, in a line."""

import torch
import torch.nn as nn
import torch.nn.functional as F

import gradboard as gb


def make_data(n, seed):
    """Inputs (n, 2) and targets (n, 1)."""
    x = torch.randn(n, 2, generator=torch.Generator().manual_seed(seed))
    return x, x.sum(dim=1, keepdim=True)


def train(model, x, y, steps, lr=0.1):
    """Where something is wrong."""
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    for step in range(steps):
        loss = F.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
        gb.log("loss", loss.item())
    return loss.item()


def main():
    torch.manual_seed(0)
    model = gb.watch(nn.Linear(2, 1))
    print(f"step 100  loss {train(model, *make_data(128, seed=1), steps=100):.4f}")


if __name__ == "__main__":
    main()
