# en: x on the class: a second call overwrites it
# zh: x 存在类上：第二次调用就覆盖了
import torch


class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        Swish.x = x
        return x * torch.sigmoid(x)

    @staticmethod
    def backward(ctx, grad):
        x = Swish.x
        s = torch.sigmoid(x)
        return grad * s * (1 + x * (1 - s))


class Sign(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.sign()

    @staticmethod
    def backward(ctx, grad):
        x, = ctx.saved_tensors
        return grad * (x.abs() <= 1)


def swish(x):
    return Swish.apply(x)


def sign(x):
    return Sign.apply(x)
