"""Windows of a vibration sensor: is the bearing worn?  Trained on forty machines, then taken to forty others."""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F

import gradboard as gb

WINDOW = 32
STRIDE = 2
LENGTH = 160
SHARE = 0.25


def make_machines(n, seed):
    """Recordings (n, LENGTH) and whether the bearing is worn (n,).

    Every machine hums in a tone of its own; a worn bearing adds a faint click every eight samples.
    """
    g = torch.Generator().manual_seed(seed)
    worn = torch.arange(n) % 2
    time = torch.arange(LENGTH)
    tone = 0.05 + 0.4 * torch.rand(n, 2, 1, generator=g)
    phase = 2 * math.pi * torch.rand(n, 2, 1, generator=g)
    hum = torch.sin(2 * math.pi * tone * time + phase).sum(dim=1)
    first = torch.randint(8, (n, 1), generator=g)
    click = ((time + first) % 8 == 0).float() * worn[:, None]
    return hum + 0.8 * click + 0.3 * torch.randn(n, LENGTH, generator=g), worn


def windows_of(recordings, worn):
    """All windows (m, WINDOW) of the recordings, STRIDE samples apart, and their labels (m,)."""
    windows = recordings.unfold(1, WINDOW, STRIDE)
    return windows.flatten(0, 1), worn.repeat_interleave(windows.shape[1])


def split(recordings, worn, seed):
    """((windows, labels) to train, (windows, labels) to validate); about SHARE of all windows to validate."""
    g = torch.Generator().manual_seed(seed)
    windows, labels = windows_of(recordings, worn)
    order = torch.randperm(len(windows), generator=g)
    n = int(SHARE * len(windows))
    held, rest = order[:n], order[n:]
    return (windows[rest], labels[rest]), (windows[held], labels[held])


class Net(nn.Module):
    """Scores (n, 2) for windows (n, WINDOW)."""

    def __init__(self, width=96):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(WINDOW, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 2))

    def forward(self, x):
        return self.layers(x)


@torch.no_grad()
def accuracy(model, windows, labels):
    return (model(windows).argmax(dim=1) == labels).float().mean().item()


def train(model, fit, held, epochs, lr=0.002):
    """Trains on `fit`; the accuracies on `fit` and `held`, epoch by epoch."""
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    history = []
    for epoch in range(epochs):
        for part in torch.randperm(len(fit[0])).split(64):
            loss = F.cross_entropy(model(fit[0][part]), fit[1][part])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        history.append((accuracy(model, *fit), accuracy(model, *held)))
        gb.log("accuracy, training", history[-1][0], epoch, "epoch")
        gb.log("accuracy, validation", history[-1][1], epoch, "epoch")
    return history


def main():
    torch.manual_seed(0)
    recordings, worn = make_machines(40, seed=1)
    fit, held = split(recordings, worn, seed=2)
    print(f"{len(fit[0])} windows to train, {len(held[0])} to validate")
    model = gb.watch(Net())
    history = train(model, fit, held, epochs=16)
    for epoch in (0, 7, 15):
        print(f"epoch {epoch:2d}  training {history[epoch][0]:.3f}  validation {history[epoch][1]:.3f}")
    others = windows_of(*make_machines(40, seed=3))
    print(f"forty other machines: {accuracy(model, *others):.3f}")
    nearest = torch.cdist(held[0], fit[0]).min(dim=1).values
    between = torch.cdist(others[0], fit[0]).min(dim=1).values
    gb.show(torch.stack([nearest[:24], between[:24]]), "grid")
    print(f"distance to the nearest training window: {nearest.mean():.2f} for validation, {between.mean():.2f} for other machines")


if __name__ == "__main__":
    main()
