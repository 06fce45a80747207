"""A network that knows eight shapes gets a new head, for three kinds of them; only the head is to be trained."""

import torch
import torch.nn as nn
import torch.nn.functional as F

import gradboard as gb

SHAPES = 8
KINDS = 3
PIXELS = 25


def make_data(n, seed, kinds=False):
    """Noisy patterns (n, 25) and which of eight shapes each is, or which of three kinds."""
    prototypes = torch.randn(SHAPES, PIXELS, generator=torch.Generator().manual_seed(500))
    source = torch.Generator().manual_seed(seed)
    shape = torch.randint(SHAPES, (n,), generator=source)
    return prototypes[shape] + 0.5 * torch.randn(n, PIXELS, generator=source), shape % KINDS if kinds else shape


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(PIXELS, 32), nn.ReLU())
        self.head = nn.Linear(32, SHAPES)

    def forward(self, x):
        return self.head(self.body(x))


def train(model, optimizer, x, y, epochs):
    losses = []
    for epoch in range(epochs):
        for i in range(0, len(x), 32):
            loss = F.cross_entropy(model(x[i:i + 32]), y[i:i + 32])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            gb.log("loss", losses[-1])
    return losses


def adapt(model, kinds, lr):
    """The model with a frozen body and a new head for `kinds` kinds; SGD with momentum 0.9 for what is to be trained."""
    optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)
    for parameter in model.body.parameters():
        parameter.requires_grad_(False)
    model.head = nn.Linear(model.head.in_features, kinds)
    return optimizer


@torch.no_grad()
def accuracy(model, x, y):
    return (model(x).argmax(dim=1) == y).float().mean().item()


def main():
    torch.manual_seed(0)
    model = gb.watch(Net())
    gb.mark("eight shapes")
    train(model, torch.optim.SGD(model.parameters(), lr=0.1), *make_data(512, seed=1), epochs=6)
    print(f"eight shapes: accuracy {accuracy(model, *make_data(400, seed=2)):.3f}")
    gb.mark("three kinds")
    optimizer = adapt(model, KINDS, lr=0.05)
    first = model.head.weight.detach().clone()
    losses = train(model, optimizer, *make_data(512, seed=3, kinds=True), epochs=8)
    for epoch in (1, 4, 8):
        print(f"epoch {epoch}  loss {losses[16 * epoch - 1]:.4f}")
    print(f"three kinds: accuracy {accuracy(model, *make_data(400, seed=4, kinds=True)):.3f}")
    print(f"norm of the head's gradient {model.head.weight.grad.norm():.3f}, of its move {(model.head.weight.detach() - first).norm():.3f}")


if __name__ == "__main__":
    main()
