"""A small regression network, which ends up giving everybody the mean."""

import torch
import torch.nn as nn

import gradboard as gb

FEATURES = 3


def make_data(n, seed):
    """Features (n, 3) and the targets (n,), a smooth function of them with little noise."""
    source = torch.Generator().manual_seed(seed)
    x = torch.randn(n, FEATURES, generator=source)
    y = 2 * x[:, 0] - x[:, 1] + torch.sin(2 * x[:, 2]) + 3
    return x, y + 0.1 * torch.randn(n, generator=source)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(FEATURES, 32)
        self.head = nn.Linear(32, 1)

    def forward(self, x):
        return self.head(torch.tanh(self.hidden(x)))


def squared_errors(model, x, y):
    """The squared error of each sample."""
    predicted = model(x)
    difference = predicted - y
    return difference ** 2


def train(model, x, y, epochs, lr=0.01):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        for i in range(0, len(x), 64):
            loss = squared_errors(model, x[i:i + 64], y[i:i + 64]).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            gb.log("loss", loss.item())
        losses.append(loss.item())
    return losses


@torch.no_grad()
def r_squared(model, x, y):
    """The share of the targets' variance that the model explains: 1 at best, 0 for their mean."""
    rest = y - model(x).squeeze(1)
    return 1 - ((rest ** 2).mean() / y.var(unbiased=False)).item()


def main():
    torch.manual_seed(0)
    x, y = make_data(512, seed=1)
    model = gb.watch(Net())
    losses = train(model, x, y, epochs=40)
    for epoch in (1, 5, 10, 20, 40):
        print(f"epoch {epoch:2d}  loss {losses[epoch - 1]:.4f}")
    new_x, new_y = make_data(256, seed=2)
    print(f"variance of the targets {y.var():.4f}")
    print(f"five predictions {[round(p, 3) for p in model(new_x[:5]).flatten().tolist()]}")
    print(f"their targets    {[round(t, 3) for t in new_y[:5].tolist()]}")
    print(f"R squared on new samples {r_squared(model, new_x, new_y):.3f}")


if __name__ == "__main__":
    main()
