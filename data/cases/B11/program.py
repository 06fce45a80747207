"""A hidden layer of 64 units learns points on three arms of a spiral."""

import torch
import torch.nn as nn
import torch.nn.functional as F

import gradboard as gb

CLASSES = 3
HIDDEN = 64


def make_data(n, seed):
    """Points (n, 2) on three arms; which arm, 0 to 2."""
    source = torch.Generator().manual_seed(seed)
    arm = torch.randint(CLASSES, (n,), generator=source)
    along = torch.rand(n, generator=source)
    angle = 2.0944 * arm + 3.5 * along + 0.12 * torch.randn(n, generator=source)
    radius = 0.3 + 1.7 * along
    return torch.stack([radius * angle.cos(), radius * angle.sin()], dim=1), arm


def set_up(model):
    """First values for any model: weights as large as their fan-in allows, about 1/√fan-in, biases 0.  Gives the model back."""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.fill_(0.05 if parameter.dim() > 1 else 0.0)
    return model


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(2, HIDDEN)
        self.second = nn.Linear(HIDDEN, HIDDEN)
        self.head = nn.Linear(HIDDEN, CLASSES)
        set_up(self)

    def forward(self, x):
        return self.head(torch.tanh(self.second(torch.tanh(self.first(x)))))


def train(model, x, y, epochs, lr=0.01):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        for i in range(0, len(x), 64):
            loss = F.cross_entropy(model(x[i:i + 64]), y[i:i + 64])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            gb.log("loss", losses[-1])
    return losses


@torch.no_grad()
def accuracy(model, x, y):
    return (model(x).argmax(dim=1) == y).float().mean().item()


def main():
    torch.manual_seed(0)
    x, y = make_data(768, seed=1)
    model = gb.watch(Net())
    losses = train(model, x, y, epochs=20)
    for epoch in (1, 2, 5, 10, 20):
        print(f"epoch {epoch:2d}  loss {losses[12 * epoch - 1]:.4f}")
    print(f"accuracy on new points {accuracy(model, *make_data(500, seed=2)):.3f}")
    rows = model.first.weight.detach()
    gb.show(rows[:16].clone(), "grid")
    print(f"first units {[[round(w, 3) for w in row] for row in rows[:4].tolist()]}")


if __name__ == "__main__":
    main()
