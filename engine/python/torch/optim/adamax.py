"""Adamax."""

import torch
from torch import _C

from .adam import check_settings
from .optimizer import Optimizer, in_parts


class Adamax(Optimizer):
    """Adam with the largest recent gradient in the place of the mean square.  Source: Kingma and Ba 2014, 7.1."""

    _kernel = staticmethod(_C._optim.adamax)
    _late = dict(foreach=None, maximize=False)
    _scalars = ("step",)

    def __init__(self, params, lr=2e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, foreach=None, *, maximize=False):
        check_settings(lr, betas, eps, weight_decay)
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, foreach=foreach,
                                      maximize=maximize))

    def _update(self, p, grad, state, group):
        beta1, beta2 = group["betas"]
        if not state:
            state.update(step=torch.tensor(0.0), exp_avg=torch.zeros_like(p), exp_inf=torch.zeros_like(p))
        state["step"] += 1
        p, grad, state = in_parts(p, grad, state)
        if group["weight_decay"] != 0:
            grad = grad.add(p, alpha=group["weight_decay"])
        state["exp_avg"].mul_(beta1).add_(grad, alpha=1 - beta1)
        largest = state["exp_inf"]
        largest.copy_(torch.maximum(largest.mul_(beta2), grad.abs().add_(group["eps"])))
        p.addcdiv_(state["exp_avg"], largest, value=-group["lr"] / (1 - beta1 ** state["step"].item()))
