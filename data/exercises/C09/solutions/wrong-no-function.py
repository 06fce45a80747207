# en: no Function: autograd's own backward
# zh: 没有写 Function，用的是 autograd 自己的反向
import torch


def swish(x):
    return x * x.sigmoid()


def sign(x):
    inside = x.clamp(-1, 1)
    return inside + (x.sign() - inside).detach()
