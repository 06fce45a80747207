# en: clamped probabilities are finite and have neither the right value nor a gradient
# zh: 对概率 clamp 虽然有限，值和梯度却都不对
import torch


def log_softmax(x, dim=-1):
    x = x - x.max(dim=dim, keepdim=True).values
    p = x.exp() / x.exp().sum(dim=dim, keepdim=True)
    return p.clamp(min=1e-12).log()


def cross_entropy(logits, target, ignore_index=-100):
    kept = target != ignore_index
    return -log_softmax(logits[kept], 1).gather(1, target[kept].unsqueeze(1)).mean()
