# en: ignored rows still count in the divisor
# zh: 被忽略的行仍算进了分母
import torch


def log_softmax(x, dim=-1):
    return x - torch.logsumexp(x, dim, keepdim=True)


def cross_entropy(logits, target, ignore_index=-100):
    kept = target != ignore_index
    return -log_softmax(logits, 1)[kept, target[kept]].sum() / len(target)
