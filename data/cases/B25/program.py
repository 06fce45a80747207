"""Large batches in small pieces: the gradients of the pieces add up before each step."""

import torch
import torch.nn as nn
import torch.nn.functional as F

import gradboard as gb


def make_data(n, seed):
    """Points (n, 4) and what a fixed smooth function makes of them, (n, 1)."""
    source = torch.Generator().manual_seed(seed)
    x = torch.randn(n, 4, generator=source)
    y = torch.sin(x[:, 0]) + x[:, 1] * x[:, 2] / 2 - x[:, 3]
    return x, y.unsqueeze(1) + 0.05 * torch.randn(n, 1, generator=source)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(4, 48)
        self.head = nn.Linear(48, 1)

    def forward(self, x):
        return self.head(torch.tanh(self.hidden(x)))


def train(model, batches, micro, lr):
    """Plain SGD, one step for each batch (x, y), which is run in pieces of `micro` samples; the mean loss of each batch."""
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for x, y in batches:
        optimizer.zero_grad()
        total = 0.0
        for i in range(0, len(x), micro):
            piece, target = x[i:i + micro], y[i:i + micro]
            loss = F.mse_loss(model(piece), target)
            loss.backward()
            total += loss.item() * len(piece)
        optimizer.step()
        losses.append(total / len(x))
        gb.log("loss", losses[-1])
    return losses


def main():
    x, y = make_data(1200, seed=1)
    batches = [(x[i:i + 150], y[i:i + 150]) for epoch in range(25) for i in range(0, len(x), 150)]
    for micro in (150, 64, 20):
        torch.manual_seed(0)
        model = gb.watch(Net())
        gb.mark(f"pieces of {micro}")
        losses = train(model, batches, micro, lr=0.1)
        print(f"pieces of {micro:3d}  " + "  ".join(f"step {step} {losses[step - 1]:.4g}" for step in (1, 2, 10, 50, 200)))


if __name__ == "__main__":
    main()
