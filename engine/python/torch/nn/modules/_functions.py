"""Autograd functions of modules."""

import torch
from torch.autograd import Function


class BackwardHookFunction(Function):
    """Passes tensors through unchanged: the gradients at a module's edge arrive here together."""

    @staticmethod
    def forward(ctx, *tensors):
        ctx.mark_non_differentiable(*[t for t in tensors if not t.requires_grad])
        return tensors

    @staticmethod
    def backward(ctx, *grads):
        return grads


class CrossMapLRN2d(Function):
    """Local response normalisation across channels.  Source: Krizhevsky et al. 2012."""

    @staticmethod
    def forward(ctx, input, size, alpha=1e-4, beta=0.75, k=1):
        squares, reach = input * input, int((size - 1) / 2 + 1)
        sums = [squares[:, :c + reach].sum(1) - squares[:, 1:max(c - reach, 0) + 1].sum(1)  # channel 0 stays, as in PyTorch
                for c in range(input.size(1))]
        scale = torch.stack(sums, 1) * (alpha / size) + k
        output = input * scale ** -beta
        ctx.save_for_backward(input, output, scale)
        ctx.size, ctx.alpha, ctx.beta = size, alpha, beta
        return output

    @staticmethod
    def backward(ctx, grad_output):
        input, output, scale = ctx.saved_tensors
        ratio, before = grad_output * output / scale, int(ctx.size - (ctx.size - 1) / 2)
        sums = torch.stack([ratio[:, max(c - before, 0):max(c - before + ctx.size, 0)].sum(1) for c in range(input.size(1))], 1)
        grad = grad_output * scale ** -ctx.beta - 2 * ctx.alpha * ctx.beta / ctx.size * input * sums
        return grad, None, None, None, None
