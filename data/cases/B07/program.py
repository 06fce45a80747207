"""A trained network is judged on a long stream of batches, and every batch costs memory for good."""

import torch
import torch.nn as nn
import torch.nn.functional as F

import gradboard as gb


def make_data(n, seed):
    """Points (n, 8) and which side of a curved surface each lies on (n,)."""
    x = torch.randn(n, 8, generator=torch.Generator().manual_seed(seed))
    return x, (x[:, 0] * x[:, 1] + x[:, 2] > 0).long()


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(8, 256)
        self.head = nn.Linear(256, 2)

    def forward(self, x):
        return self.head(F.relu(self.hidden(x)))


def train(model, batches, lr=0.01):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    for x, y in batches:
        loss = F.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def evaluate(model, batches):
    """The mean loss over all samples of the batches (x, y), as a number."""
    total, n = 0.0, 0
    for x, y in batches:
        loss = F.cross_entropy(model(x), y, reduction="sum")
        total += loss
        n += len(y)
        gb.log("batches so far", n / len(y))
    return float(total / n)


def main():
    torch.manual_seed(0)
    model = gb.watch(Net())
    x, y = make_data(1024, seed=1)
    train(model, [(x[i:i + 128], y[i:i + 128]) for epoch in range(8) for i in range(0, len(x), 128)])
    gb.mark("evaluation")
    x, y = make_data(128, seed=2)
    mean = evaluate(model, [(x, y)] * 200)
    kept = 200 * 128 * 256 * 4
    print(f"mean loss over 200 batches {mean:.4f}")
    print(f"hidden activations of one batch: {kept // 200 // 1024} KB; of 200 batches: {kept // 1024 // 1024} MB")


if __name__ == "__main__":
    main()
