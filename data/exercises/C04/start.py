"""Noisy pictures of ten kinds, a small net with Dropout, and the loop that trains it: yours."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

import gradboard as gb


def make_data(n, seed):
    """Noisy pictures of 8x8, each made from one of ten patterns: images (n, 64), labels (n,)."""
    patterns = torch.rand(10, 64, generator=torch.Generator().manual_seed(7)).round()
    source = torch.Generator().manual_seed(seed)
    labels = torch.randint(0, 10, (n,), generator=source)
    return patterns[labels] + 0.7 * torch.randn(n, 64, generator=source), labels


def make_model():
    return nn.Sequential(nn.Linear(64, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 10))


def train_epoch(model, loader, optimizer):
    """One pass over the loader with updates; mean cross-entropy per sample."""
    raise NotImplementedError("your turn")


def evaluate(model, loader):
    """(mean cross-entropy per sample, accuracy) in eval mode, without a graph; the model's mode is put back."""
    raise NotImplementedError("your turn")


def fit(model, train_loader, val_loader, optimizer, epochs):
    """Train and validate in each epoch; in the end the model has the weights of its lowest validation loss.

    Returns the history: a list of dicts with "train_loss", "val_loss", "val_accuracy", one for each epoch.
    """
    raise NotImplementedError("your turn")


if __name__ == "__main__":
    torch.manual_seed(0)
    train_loader = DataLoader(TensorDataset(*make_data(600, 0)), batch_size=32, shuffle=True)
    val_loader = DataLoader(TensorDataset(*make_data(193, 1)), batch_size=64)
    model = gb.watch(make_model())
    history = fit(model, train_loader, val_loader, torch.optim.Adam(model.parameters(), lr=0.01), epochs=8)
    for epoch, row in enumerate(history):
        print(epoch, {name: round(number, 4) for name, number in row.items()})
        for name, number in row.items():
            gb.log(name, number, epoch, "epoch")
    print("restored:", evaluate(model, val_loader))
