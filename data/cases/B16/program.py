"""Sensor readings are standardised by what was measured in training; the model is saved and loaded elsewhere."""

import io

import torch
import torch.nn as nn
import torch.nn.functional as F

import gradboard as gb

SENSORS = 4
OFFSET = torch.tensor([20.0, -5.0, 100.0, 3.0])
SCALE = torch.tensor([2.0, 0.5, 10.0, 1.0])


def make_data(n, seed):
    """Readings (n, 4), each sensor on a scale of its own, and what is to be told from them (n, 1)."""
    z = torch.randn(n, SENSORS, generator=torch.Generator().manual_seed(seed))
    return OFFSET + SCALE * z, torch.sin(2 * z[:, :1]) + z[:, 1:2] * z[:, 2:3]


class Standardise(nn.Module):
    """(x - mean) / deviation, with running values of both that follow the batches in training."""

    def __init__(self, size, momentum=0.1):
        super().__init__()
        self.momentum = momentum
        self.mean = torch.zeros(size)
        self.square = torch.ones(size)

    def forward(self, x):
        if self.training:
            with torch.no_grad():
                self.mean += self.momentum * (x.mean(dim=0) - self.mean)
                self.square += self.momentum * ((x ** 2).mean(dim=0) - self.square)
        deviation = (self.square - self.mean ** 2).clamp(min=1e-4).sqrt()
        return (x - self.mean) / deviation


def make_model():
    return nn.Sequential(Standardise(SENSORS), nn.Linear(SENSORS, 48), nn.Tanh(), nn.Linear(48, 1))


def train(model, x, y, epochs, lr=0.01):
    model.train()
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
    model.eval()
    return F.mse_loss(model(x), y).item()


def save(model):
    """The bytes of a file."""
    file = io.BytesIO()
    torch.save(model.state_dict(), file)
    return file.getvalue()


def load(saved):
    """A new model with what the file has."""
    model = make_model()
    model.load_state_dict(torch.load(io.BytesIO(saved)))
    return model


def main():
    torch.manual_seed(0)
    model = gb.watch(make_model())
    losses = train(model, *make_data(1024, seed=1), epochs=20)
    for epoch in (1, 5, 20):
        print(f"epoch {epoch:2d}  loss {losses[16 * epoch - 1]:.4f}")
    x, y = make_data(300, seed=2)
    print(f"error on new readings {error(model, x, y):.4f}")
    gb.mark("saved and loaded")
    loaded = gb.watch(load(save(model)))
    print("all keys matched")
    print(f"error of the loaded model {error(loaded, x, y):.4f}")
    with torch.no_grad():
        gb.show(torch.cat([model(x[:4]), loaded(x[:4])], dim=1), "grid", labels=[["0", "1", "2", "3"], ["before", "loaded"]])


if __name__ == "__main__":
    main()
