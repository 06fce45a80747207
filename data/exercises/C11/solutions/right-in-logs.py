# en: the weight as exp(gamma log(1 - p)), with 1 - p as the sum of the others
# zh: 权重写成 exp(γ·log(1-p))，1-p 是其余各类之和
import torch
import torch.nn as nn


class FocalLoss(nn.Module):
    def __init__(self, gamma=2.0, alpha=None, reduction="mean"):
        super().__init__()
        if reduction not in {"mean", "sum", "none"}:
            raise ValueError("reduction")
        self.gamma = float(gamma)
        self.reduction = reduction
        if alpha is not None:
            self.register_buffer("weights", torch.as_tensor(alpha).clone())

    def forward(self, logits, target):
        log_p = logits - torch.logsumexp(logits, 1, keepdim=True)
        mine = torch.zeros_like(logits, dtype=torch.bool).scatter_(1, target[:, None], True)
        log_rest = torch.logsumexp(log_p.masked_fill(mine, -1e30), 1)
        loss = -torch.exp(self.gamma * log_rest) * log_p[mine]
        if hasattr(self, "weights"):
            loss = self.weights[target] * loss
        return loss if self.reduction == "none" else getattr(loss, self.reduction)()
