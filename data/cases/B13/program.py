"""A recurrent network adds the two marked numbers of a sequence; its gradients are clipped, or so it says."""

import torch
import torch.nn as nn
import torch.nn.functional as F

import gradboard as gb

STEPS = 40
HIDDEN = 24


def make_data(n, seed):
    """Sequences (n, STEPS, 2) of a number and a mark; what the two marked numbers sum to, (n, 1)."""
    source = torch.Generator().manual_seed(seed)
    numbers = torch.rand(n, STEPS, generator=source)
    first = torch.randint(STEPS // 2, (n, 1), generator=source)
    second = torch.randint(STEPS // 2, STEPS, (n, 1), generator=source)
    marks = torch.zeros(n, STEPS).scatter(1, first, 1.0).scatter(1, second, 1.0)
    return torch.stack([numbers, marks], dim=2), (numbers * marks).sum(dim=1, keepdim=True)


class Adder(nn.Module):
    """ReLU units whose recurrence begins as the identity."""

    def __init__(self):
        super().__init__()
        self.entry = nn.Linear(2, HIDDEN)
        self.recur = nn.Linear(HIDDEN, HIDDEN, bias=False)
        self.head = nn.Linear(HIDDEN, 1)
        nn.init.eye_(self.recur.weight)

    def forward(self, x):
        entered = self.entry(x)
        state = torch.zeros(len(x), HIDDEN, dtype=x.dtype)
        for t in range(x.shape[1]):
            state = F.relu(entered[:, t] + self.recur(state))
        return self.head(state)


def train(model, batches, lr, max_norm):
    """Plain SGD with clipped gradients, one step for each batch; the losses and the norms before clipping."""
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses, norms = [], []
    for x, y in batches:
        loss = F.mse_loss(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)
        losses.append(loss.item())
        norms.append(float(norm))
        gb.log("loss", losses[-1])
        gb.log("norm before clipping", norms[-1])
    return losses, norms


def main():
    torch.manual_seed(0)
    x, y = make_data(1024, seed=1)
    model = gb.watch(Adder())
    batches = [(x[i:i + 32], y[i:i + 32]) for epoch in range(5) for i in range(0, len(x), 32)]
    losses, norms = train(model, batches, lr=0.01, max_norm=1.0)
    for step in (1, 2, 3, 4, 10, 40, 160):
        print(f"step {step:3d}  loss {losses[step - 1]:.4f}  norm {norms[step - 1]:.2f}")
    print(f"{sum(norm > 1 for norm in norms)} of {len(norms)} steps were clipped")


if __name__ == "__main__":
    main()
