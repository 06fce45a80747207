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
        ctx.size, ctx.alpha, ctx.beta, ctx.k = size, alpha, beta, k
        with torch.enable_grad():
            ctx.input = input.detach().requires_grad_()
            ctx.output = torch.nn.functional.local_response_norm(ctx.input, size, alpha, beta, k)
        return ctx.output.detach()

    @staticmethod
    def backward(ctx, grad_output):
        return (*torch.autograd.grad(ctx.output, ctx.input, grad_output), None, None, None, None)
