# en: logsumexp is stable by itself
# zh: logsumexp 本身就是稳定的
import torch


def log_softmax(x, dim=-1):
    return x - torch.logsumexp(x, dim, keepdim=True)


def cross_entropy(logits, target, ignore_index=-100):
    kept = (target != ignore_index).nonzero().squeeze(1)
    return -log_softmax(logits, 1)[kept, target[kept]].sum() / len(kept)
