# en: the maximum is subtracted, masked rows are left out before gathering
# zh: 先减最大值；先去掉被忽略的行再 gather
import torch


def log_softmax(x, dim=-1):
    x = x - x.max(dim=dim, keepdim=True).values
    return x - x.exp().sum(dim=dim, keepdim=True).log()


def cross_entropy(logits, target, ignore_index=-100):
    kept = target != ignore_index
    rows = log_softmax(logits[kept], dim=1)
    return -rows.gather(1, target[kept].unsqueeze(1)).mean()
