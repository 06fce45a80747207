# en: one maximum for all rows: rows far below it underflow
# zh: 所有行共用一个最大值：远低于它的行会下溢
import torch


def log_softmax(x, dim=-1):
    x = x - x.max()
    return x - x.exp().sum(dim=dim, keepdim=True).log()


def cross_entropy(logits, target, ignore_index=-100):
    kept = target != ignore_index
    return -log_softmax(logits[kept], 1).gather(1, target[kept].unsqueeze(1)).mean()
