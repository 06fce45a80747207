"""A network of twenty layers tells apart the points of two rings."""

import torch
import torch.nn as nn
import torch.nn.functional as F

import gradboard as gb

DEPTH = 20
WIDTH = 32


def make_data(n, seed):
    """Points (n, 2) on one of two noisy rings; which one, 0 or 1."""
    source = torch.Generator().manual_seed(seed)
    ring = torch.randint(2, (n,), generator=source)
    angle = 6.2832 * torch.rand(n, generator=source)
    radius = 0.8 + 0.9 * ring + 0.12 * torch.randn(n, generator=source)
    return torch.stack([radius * angle.cos(), radius * angle.sin()], dim=1), ring


class Net(nn.Module):
    """DEPTH layers of WIDTH units between an entry and a head."""

    def __init__(self):
        super().__init__()
        self.entry = nn.Linear(2, WIDTH)
        self.layers = nn.ModuleList(nn.Linear(WIDTH, WIDTH) for _ in range(DEPTH))
        self.head = nn.Linear(WIDTH, 2)

    def forward(self, x):
        x = self.entry(x)
        for layer in self.layers:
            x = torch.sigmoid(layer(x))
        return self.head(x)


def gradient_norms(model, x, y):
    """The norm of the gradient of each of the DEPTH weights, from the first layer to the last."""
    gradients = torch.autograd.grad(F.cross_entropy(model(x), y), [layer.weight for layer in model.layers])
    return [gradient.double().norm().item() for gradient in gradients]


def train(model, x, y, epochs, lr=0.001):
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
    x, y = make_data(512, seed=1)
    model = gb.watch(Net())
    norms = gradient_norms(model, x, y)
    for nth in (1, 5, 10, 15, 20):
        print(f"layer {nth:2d}  gradient {norms[nth - 1]:.1e}")
    for nth, norm in enumerate(norms, 1):
        gb.log("log10 of the gradient", torch.tensor(norm).log10(), x=nth, over="layer")
    losses = train(model, x, y, epochs=10)
    for epoch in (1, 5, 10):
        print(f"epoch {epoch:2d}  loss {losses[8 * epoch - 1]:.4f}")
    print(f"accuracy on new points {accuracy(model, *make_data(400, seed=2)):.3f}")


if __name__ == "__main__":
    main()
