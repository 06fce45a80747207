"""A classifier of noisy spirals, with the learning rate cut to a tenth every eight epochs."""

import torch
import torch.nn as nn
import torch.nn.functional as F

import gradboard as gb

ARMS = 3


def make_data(n, seed):
    """Points (n, 2) on three arms of a spiral, and the arm of each."""
    source = torch.Generator().manual_seed(seed)
    arm = torch.randint(ARMS, (n,), generator=source)
    along = torch.rand(n, generator=source)
    angle = 4 * along + arm * 6.2832 / ARMS + 0.1 * torch.randn(n, generator=source)
    return torch.stack([along * angle.cos(), along * angle.sin()], dim=1) * 3, arm


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(2, 64)
        self.head = nn.Linear(64, ARMS)

    def forward(self, x):
        return self.head(torch.relu(self.hidden(x)))


def train(model, batches, epochs, lr, every, factor=0.1):
    """SGD over all batches (x, y) in each epoch; after each `every` epochs the learning rate is times `factor`.

    The loss of each batch and the learning rate of its step.
    """
    optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=every, gamma=factor)
    losses, rates = [], []
    for epoch in range(epochs):
        for x, y in batches:
            loss = F.cross_entropy(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            rates.append(optimizer.param_groups[0]["lr"])
            scheduler.step()
            gb.log("loss", losses[-1])
            gb.log("log10 of the learning rate", torch.tensor(rates[-1]).log10())
    return losses, rates


@torch.no_grad()
def accuracy(model, x, y):
    return (model(x).argmax(dim=1) == y).float().mean().item()


def main():
    torch.manual_seed(0)
    x, y = make_data(1024, seed=1)
    batches = [(x[i:i + 64], y[i:i + 64]) for i in range(0, len(x), 64)]
    model = gb.watch(Net())
    losses, rates = train(model, batches, epochs=24, lr=0.2, every=8)
    for epoch in (1, 2, 4, 8, 9, 16, 24):
        print(f"epoch {epoch:2d}  loss {losses[16 * epoch - 1]:.4f}")
    print(f"accuracy on new points {accuracy(model, *make_data(500, seed=2)):.3f}")


if __name__ == "__main__":
    main()
