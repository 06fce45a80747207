"""A recurrent network remembers the first number of a sequence for sixty steps."""

import torch
import torch.nn as nn
import torch.nn.functional as F

import gradboard as gb

LAG = 60
HIDDEN = 24


def make_data(n, seed):
    """Sequences (n, LAG + 1, 1): a 1 or a -1 first, then noise; which of the two it was, 0 or 1."""
    source = torch.Generator().manual_seed(seed)
    first = torch.randint(2, (n,), generator=source)
    x = 0.1 * torch.randn(n, LAG + 1, 1, generator=source)
    x[:, 0, 0] = 2.0 * first - 1
    return x, first


class Memory(nn.Module):
    """ReLU units whose recurrence begins as the identity."""

    def __init__(self):
        super().__init__()
        self.entry = nn.Linear(1, HIDDEN)
        self.recur = nn.Linear(HIDDEN, HIDDEN, bias=False)
        self.head = nn.Linear(HIDDEN, 2)
        nn.init.eye_(self.recur.weight)

    def forward(self, x):
        entered = self.entry(x)
        state = torch.zeros(len(x), HIDDEN, dtype=x.dtype)
        for t in range(x.shape[1]):
            state = F.relu(entered[:, t] + self.recur(state))
        return self.head(state)


def train(model, batches, lr=0.05):
    """One step for each batch; the losses."""
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for x, y in batches:
        loss = F.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        gb.log("loss", losses[-1])
        gb.show(model.recur.weight, "hist")
    return losses


@torch.no_grad()
def accuracy(model, x, y):
    return (model(x).argmax(dim=1) == y).float().mean().item()


def main():
    torch.manual_seed(0)
    x, y = make_data(640, seed=1)
    model = gb.watch(Memory())
    batches = [(x[i:i + 32], y[i:i + 32]) for epoch in range(5) for i in range(0, len(x), 32)]
    losses = train(model, batches)
    for step in (1, 2, 3, 4, 10, 100):
        print(f"step {step:3d}  loss {losses[step - 1]:.4f}")
    print(f"accuracy on new sequences {accuracy(model, *make_data(400, seed=2)):.3f}")


if __name__ == "__main__":
    main()
