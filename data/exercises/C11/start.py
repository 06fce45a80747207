"""Focal loss: cross-entropy in which sure examples count for little."""

import torch
import torch.nn as nn
import torch.nn.functional as F

import gradboard as gb


class FocalLoss(nn.Module):
    """-alpha[y] (1 - p[y])^gamma log p[y], with p = softmax(logits)."""

    def __init__(self, gamma=2.0, alpha=None, reduction="mean"):
        super().__init__()
        raise NotImplementedError("your turn")

    def forward(self, logits, target):
        """logits (N, C), target (N,)."""
        raise NotImplementedError("your turn")


if __name__ == "__main__":
    p = torch.arange(1, 20) / 20
    logits = torch.stack([p, 1 - p], dim=1).log().requires_grad_()
    target = torch.zeros(len(p), dtype=torch.int64)
    for gamma in (0.0, 0.5, 2.0):
        logits.grad = None
        loss = FocalLoss(gamma, reduction="none")(logits, target)
        loss.sum().backward()
        for x, y, slope in zip(p.tolist(), loss.tolist(), logits.grad[:, 0].tolist()):
            gb.log(f"loss, gamma {gamma}", y, x, "p of the right class")
            gb.log(f"gradient, gamma {gamma}", slope, x, "p of the right class ")
        print(f"gamma {gamma}: at p = 0.9 the loss is {loss[17].item():.5f}, its gradient {logits.grad[17, 0].item():.5f}")
