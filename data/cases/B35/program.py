"""A small transformer reads half a day of temperatures and tells the next one; AdamW keeps its weights small."""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F

import gradboard as gb

HOURS = 12
WIDTH = 24
DECAY = 2.0


def make_data(n, seed):
    """Temperatures (n, HOURS, 1), in tens of degrees from their mean, and the next one in degrees (n,)."""
    source = torch.Generator().manual_seed(seed)
    phase = 6.2832 * torch.rand(n, 1, generator=source)
    swing = 2 + 4 * torch.rand(n, 1, generator=source)
    hours = torch.arange(HOURS + 1)
    degrees = 18 + swing * torch.sin(phase + 6.2832 * hours / 24) + 0.1 * torch.randn(n, HOURS + 1, generator=source)
    return ((degrees[:, :HOURS] - 18) / 10).unsqueeze(2), degrees[:, HOURS]


class Forecaster(nn.Module):
    """One block of attention over the hours, read at the last of them."""

    def __init__(self):
        super().__init__()
        self.entry = nn.Linear(2, WIDTH)
        self.query = nn.Linear(WIDTH, WIDTH)
        self.key = nn.Linear(WIDTH, WIDTH)
        self.value = nn.Linear(WIDTH, WIDTH)
        self.first = nn.LayerNorm(WIDTH)
        self.second = nn.LayerNorm(WIDTH)
        self.feed = nn.Sequential(nn.Linear(WIDTH, 2 * WIDTH), nn.GELU(), nn.Linear(2 * WIDTH, WIDTH))
        self.head = nn.Linear(WIDTH, 1)

    def forward(self, x):
        hour = torch.linspace(-1, 1, x.shape[1]).expand(len(x), -1).unsqueeze(2)
        x = self.entry(torch.cat([x, hour], dim=2))
        y = self.first(x)
        weights = (self.query(y) @ self.key(y).transpose(1, 2) / math.sqrt(WIDTH)).softmax(dim=-1)
        x = (x + weights @ self.value(y))[:, -1]
        return self.head(self.second(x + self.feed(x))).squeeze(1)


def make_optimizer(model, lr, decay):
    """AdamW for any model."""
    return torch.optim.AdamW(model.parameters(), lr=lr, weight_decay=decay)


def train(model, x, y, epochs, lr=0.03):
    optimizer = make_optimizer(model, lr, DECAY)
    losses = []
    for epoch in range(epochs):
        for i in range(0, len(x), 64):
            loss = F.mse_loss(model(x[i:i + 64]), y[i:i + 64])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            gb.log("loss", losses[-1])
        gb.log("bias of the head", model.head.bias.item(), x=epoch + 1, over="epoch")
    return losses


@torch.no_grad()
def error(model, x, y):
    """The mean absolute error in degrees."""
    return (model(x) - y).abs().mean().item()


def main():
    torch.manual_seed(0)
    x, y = make_data(512, seed=1)
    model = gb.watch(Forecaster())
    losses = train(model, x, y, epochs=40)
    for epoch in (1, 10, 20, 40):
        print(f"epoch {epoch:2d}  loss {losses[8 * epoch - 1]:.4f}")
    new_x, new_y = make_data(300, seed=2)
    with torch.no_grad():
        print(f"forecast {model(new_x).mean():.2f} in the mean, measured {new_y.mean():.2f}")
    print(f"mean absolute error {error(model, new_x, new_y):.3f} degrees")
    print(f"bias of the head {model.head.bias.item():.2f}, gains of the second norm {model.second.weight.mean():.2f} in the mean")


if __name__ == "__main__":
    main()
