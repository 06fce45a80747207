# en: the gradient is viewed as contiguous
# zh: 把梯度当成连续的来 view
import torch


class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * torch.sigmoid(x)

    @staticmethod
    def backward(ctx, grad):
        x, = ctx.saved_tensors
        s = torch.sigmoid(x)
        return (grad.view(-1) * (s * (1 + x * (1 - s))).view(-1)).view(x.shape)


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
