"""A classifier with dropout and batch normalisation, validated after each epoch."""

import torch
import torch.nn as nn
import torch.nn.functional as F

import gradboard as gb

CLASSES = 4
PIXELS = 24


def make_data(n, seed):
    """Noisy patterns (n, 24) of four kinds, and which one each is."""
    prototypes = torch.randn(CLASSES, PIXELS, generator=torch.Generator().manual_seed(7))
    source = torch.Generator().manual_seed(seed)
    label = torch.randint(CLASSES, (n,), generator=source)
    return 2 + 3 * (prototypes[label] + 0.8 * torch.randn(n, PIXELS, generator=source)), label


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm1d(PIXELS)
        self.hidden = nn.Linear(PIXELS, 48)
        self.dropout = nn.Dropout(0.5)
        self.head = nn.Linear(48, CLASSES)

    def forward(self, x):
        return self.head(self.dropout(F.relu(self.hidden(self.norm(x)))))


def validate(model, batches):
    """The mean loss and the accuracy over all samples of the batches."""
    loss, right, n = 0.0, 0, 0
    with torch.no_grad():
        for x, y in batches:
            scores = model(x)
            loss += F.cross_entropy(scores, y, reduction="sum").item()
            right += (scores.argmax(dim=1) == y).sum().item()
            n += len(y)
    return loss / n, right / n


def train(model, batches, held_out, epochs, lr=0.01):
    """Adam over all batches in each epoch, then a validation; what the validations gave."""
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    history = []
    for epoch in range(epochs):
        for x, y in batches:
            loss = F.cross_entropy(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            gb.log("loss", loss.item())
        history.append(validate(model, held_out))
        gb.log("validation accuracy", history[-1][1], x=epoch + 1, over="epoch")
    return history


def main():
    torch.manual_seed(0)
    x, y = make_data(512, seed=1)
    model = gb.watch(Net())
    batches = [(x[i:i + 64], y[i:i + 64]) for i in range(0, len(x), 64)]
    x, y = make_data(240, seed=2)
    order = y.argsort()  # held-out samples come class by class, as their folders do
    x, y = x[order], y[order]
    held_out = [(x[i:i + 24], y[i:i + 24]) for i in range(0, len(x), 24)]
    history = train(model, batches, held_out, epochs=12)
    for epoch in (1, 4, 8, 12):
        print("epoch {:2d}  validation loss {:.4f}  accuracy {:.3f}".format(epoch, *history[epoch - 1]))
    print("the last model, validated once more: loss {:.4f}  accuracy {:.3f}".format(*validate(model, held_out)))
    gb.show(gb.watch(model.norm.running_mean), "hist")


if __name__ == "__main__":
    main()
