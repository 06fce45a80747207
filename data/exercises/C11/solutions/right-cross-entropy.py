# en: cross-entropy for each row is -log p
# zh: 逐行的交叉熵就是 -log p
import torch
import torch.nn.functional as F
from torch import nn


class FocalLoss(nn.Module):
    def __init__(self, gamma=2.0, alpha=None, reduction="mean"):
        super().__init__()
        self.finish = {"mean": torch.mean, "sum": torch.sum, "none": lambda t: t}.get(reduction)
        if self.finish is None:
            raise ValueError("reduction must be mean, sum or none")
        self.gamma = gamma
        self.register_buffer("alpha", None)
        if alpha is not None:
            self.alpha = torch.tensor([float(a) for a in alpha])

    def forward(self, logits, target):
        ce = F.cross_entropy(logits, target, reduction="none")
        weight = torch.ones_like(ce)
        if self.gamma > 0:
            rest = -torch.expm1(-ce)
            weight = torch.where(rest > 0, rest, rest.new_tensor(1e-20)) ** self.gamma
        if self.alpha is not None:
            weight = weight * self.alpha.index_select(0, target)
        return self.finish(weight * ce)
