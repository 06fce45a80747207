"""A training loop gets a schedule and a limit on its gradients."""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F

import gradboard as gb


def make_batches(n, seed):
    """n batches (x, y) of 32 samples; a few of them are far out."""
    source = torch.Generator().manual_seed(seed)
    batches = []
    for i in range(n):
        x = torch.randn(32, 8, generator=source) * (12.0 if i % 9 == 5 else 1.0)
        batches.append((x, x.sum(dim=1, keepdim=True).tanh() + 0.1 * torch.randn(32, 1, generator=source)))
    return batches


def make_model():
    return nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 1))


def warmup_cosine(step, warmup, total, floor=0.0):
    """The factor for a step, counted from 0: a line up to 1, half a cosine down to `floor`."""
    raise NotImplementedError("your turn")


def train(model, batches, optimizer, warmup, max_norm):
    """One update for each batch with mse_loss; every group's rate follows warmup_cosine over len(batches) steps.

    Returns a list of dicts, one for each step: "lrs" (of each group), "norm" (before clipping), "loss".
    """
    raise NotImplementedError("your turn")


if __name__ == "__main__":
    torch.manual_seed(0)
    model = gb.watch(make_model())
    groups = [{"params": model[0].parameters(), "lr": 0.02}, {"params": model[2].parameters(), "lr": 0.2}]
    history = train(model, make_batches(60, 0), torch.optim.SGD(groups, momentum=0.9), warmup=6, max_norm=1.0)
    for step, row in enumerate(history):
        gb.log("lr of the first group", row["lrs"][0], step, "step")
        gb.log("lr of the second group", row["lrs"][1], step, "step")
        gb.log("norm before clipping", row["norm"], step, "step of training")
    for step in (0, 5, 6, 14, 33, 59):
        row = history[step]
        print(f"step {step:2d}  lrs {', '.join(f'{lr:.5f}' for lr in row['lrs'])}  norm {row['norm']:.3f}  loss {row['loss']:.4f}")
