"""Six residual layers learn a curve with many turns."""

import torch
import torch.nn as nn
import torch.nn.functional as F

import gradboard as gb

DEPTH = 6
WIDTH = 24


def make_data(n, seed):
    """Points x (n, 1) in -1 to 1 and a curve over them (n, 1)."""
    x = 2 * torch.rand(n, 1, generator=torch.Generator().manual_seed(seed)) - 1
    return x, torch.sin(9 * x) * torch.cos(4 * x) + 0.5 * torch.sign(x)


class Block(nn.Module):
    """x + a small network of x behind a norm."""

    def __init__(self, width):
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.up = nn.Linear(width, 2 * width)
        self.down = nn.Linear(2 * width, width)

    def forward(self, x):
        return x + self.down(F.gelu(self.up(self.norm(x))))


def stack(depth, width):
    """`depth` blocks, one behind the other."""
    return nn.ModuleList([Block(width)] * depth)


class Net(nn.Module):
    def __init__(self, depth=DEPTH):
        super().__init__()
        self.entry = nn.Linear(1, WIDTH)
        self.blocks = stack(depth, WIDTH)
        self.head = nn.Linear(WIDTH, 1)

    def forward(self, x):
        x = self.entry(x)
        for block in self.blocks:
            x = block(x)
        return self.head(x)


def train(model, x, y, epochs, lr=0.003):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        for i in range(0, len(x), 64):
            loss = F.mse_loss(model(x[i:i + 64]), y[i:i + 64])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            gb.log("loss", losses[-1])
    return losses


@torch.no_grad()
def error(model, x, y):
    return F.mse_loss(model(x), y).item()


def main():
    for depth in (1, 2, 6, 12):
        print(f"{depth:2d} blocks: {sum(p.numel() for p in Net(depth).parameters())} parameters")
    torch.manual_seed(0)
    model = gb.watch(Net())
    losses = train(model, *make_data(512, seed=1), epochs=25)
    for epoch in (1, 10, 25):
        print(f"epoch {epoch:2d}  loss {losses[8 * epoch - 1]:.4f}")
    print(f"error on new points {error(model, *make_data(400, seed=2)):.4f}")
    print(f"first and last block equal after training: {torch.equal(model.blocks[0].up.weight, model.blocks[-1].up.weight)}")


if __name__ == "__main__":
    main()
