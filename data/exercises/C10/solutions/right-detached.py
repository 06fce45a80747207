# en: the maximum as a constant: the gradient is the same
# zh: 把最大值当作常数，梯度相同
import torch


def log_softmax(x, dim=-1):
    shifted = x - x.detach().amax(dim, keepdim=True)
    return shifted - torch.log(torch.sum(torch.exp(shifted), dim, keepdim=True))


def cross_entropy(logits, target, ignore_index=-100):
    weight = (target != ignore_index).to(logits.dtype)
    safe = target.clamp(min=0)
    picked = log_softmax(logits, 1)[torch.arange(len(target)), safe]
    return -(picked * weight).sum() / weight.sum()
