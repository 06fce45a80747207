# en: exp in place of sigmoid, where for sign
# zh: 用 exp 代替 sigmoid，sign 用 where
import torch


class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x / (1 + torch.exp(-x))

    @staticmethod
    def backward(ctx, grad):
        x, = ctx.saved_tensors
        s = torch.sigmoid(x)
        return (s + x * s * (1 - s)) * grad


class Sign(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.where(x > 0, torch.ones_like(x), torch.where(x < 0, -torch.ones_like(x), torch.zeros_like(x)))

    @staticmethod
    def backward(ctx, grad):
        x, = ctx.saved_tensors
        return torch.where(x.abs() > 1, torch.zeros_like(grad), grad)


def swish(x):
    return Swish.apply(x)


def sign(x):
    return Sign.apply(x)
