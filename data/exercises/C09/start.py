"""Two functions with a backward of their own: swish, and a sign that lets gradients through."""

import torch


class Swish(torch.autograd.Function):
    """x * sigmoid(x)."""

    @staticmethod
    def forward(ctx, x):
        raise NotImplementedError("your turn")

    @staticmethod
    def backward(ctx, grad):
        raise NotImplementedError("your turn")


class Sign(torch.autograd.Function):
    """The sign of x; backward lets the gradient through where |x| <= 1, and nothing elsewhere."""

    @staticmethod
    def forward(ctx, x):
        raise NotImplementedError("your turn")

    @staticmethod
    def backward(ctx, grad):
        raise NotImplementedError("your turn")


def swish(x):
    return Swish.apply(x)


def sign(x):
    return Sign.apply(x)


if __name__ == "__main__":
    x = torch.tensor([-2.0, -0.5, 0.0, 1.0], dtype=torch.float64, requires_grad=True)
    print(swish(x), torch.autograd.gradcheck(swish, x))
    sign(x).sum().backward()
    print(sign(x), x.grad)
