# en: exp(1e4) is infinite
# zh: exp(1e4) 溢出为无穷
import torch


def log_softmax(x, dim=-1):
    return (x.exp() / x.exp().sum(dim, keepdim=True)).log()


def cross_entropy(logits, target, ignore_index=-100):
    kept = target != ignore_index
    return -log_softmax(logits[kept], 1).gather(1, target[kept].unsqueeze(1)).mean()
