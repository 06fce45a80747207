# en: the weight is detached: values are right, gradients are not
# zh: 权重被 detach：值对，梯度不对
import torch
import torch.nn as nn
import torch.nn.functional as F


class FocalLoss(nn.Module):
    def __init__(self, gamma=2.0, alpha=None, reduction="mean"):
        super().__init__()
        if reduction not in ("mean", "sum", "none"):
            raise ValueError(f"no such reduction: {reduction}")
        self.gamma, self.reduction = gamma, reduction
        self.register_buffer("alpha", None if alpha is None else torch.as_tensor(alpha))

    def forward(self, logits, target):
        log_p = F.log_softmax(logits, dim=1).gather(1, target.unsqueeze(1)).squeeze(1)
        rest = (1 - log_p.exp()).clamp(min=1e-12)
        loss = -(rest ** self.gamma).detach() * log_p
        if self.alpha is not None:
            loss = loss * self.alpha[target]
        if self.reduction == "none":
            return loss
        return loss.mean() if self.reduction == "mean" else loss.sum()
