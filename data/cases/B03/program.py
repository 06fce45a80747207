"""A classifier of small noisy patterns, whose loss stops well above zero."""

import torch
import torch.nn as nn
import torch.nn.functional as F

import gradboard as gb

CLASSES = 10
PIXELS = 36


def make_data(n, seed):
    """Patterns (n, 36): one of ten fixed prototypes with noise, and which one it is."""
    prototypes = torch.randn(CLASSES, PIXELS, generator=torch.Generator().manual_seed(1000))
    source = torch.Generator().manual_seed(seed)
    label = torch.randint(CLASSES, (n,), generator=source)
    return prototypes[label] + 0.6 * torch.randn(n, PIXELS, generator=source), label


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(PIXELS, 48)
        self.head = nn.Linear(48, CLASSES)

    def forward(self, x):
        return F.softmax(self.head(F.relu(self.hidden(x))), dim=1)


def loss_of(model, x, y):
    """The mean loss of a batch, as training minimises it."""
    return nn.CrossEntropyLoss()(model(x), y)


def train(model, x, y, epochs, lr=0.1):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)
    losses = []
    for epoch in range(epochs):
        for i in range(0, len(x), 64):
            optimizer.zero_grad()
            loss = loss_of(model, x[i:i + 64], y[i:i + 64])
            loss.backward()
            optimizer.step()
            gb.log("loss", loss.item())
        losses.append(loss.item())
    return losses


@torch.no_grad()
def accuracy(model, x, y):
    return (model(x).argmax(dim=1) == y).float().mean().item()


def main():
    torch.manual_seed(0)
    x, y = make_data(1024, seed=1)
    model = gb.watch(Net())
    for epoch, loss in enumerate(train(model, x, y, epochs=20), 1):
        if epoch % 4 == 0:
            print(f"step {16 * epoch:3d}  loss {loss:.4f}")
    print(f"accuracy on new patterns {accuracy(model, *make_data(500, seed=2)):.3f}")


if __name__ == "__main__":
    main()
