"""RAdam."""

import math

import torch
from torch import _C

from .adam import check_settings
from .optimizer import Optimizer


class RAdam(Optimizer):
    """Adam whose adaptive part sets in when enough steps have been seen.  Source: Liu et al. 2019."""

    _kernel = staticmethod(_C._optim.radam)
    _late = dict(foreach=None)
    _scalars = ("step",)

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, foreach=None):
        check_settings(lr, betas, eps, weight_decay)
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, foreach=foreach))

    def _update(self, p, grad, state, group):
        beta1, beta2 = group["betas"]
        if not state:
            state.update(step=torch.tensor(0.0), exp_avg=torch.zeros_like(p), exp_avg_sq=torch.zeros_like(p))
        state["step"] += 1
        step = state["step"].item()
        if group["weight_decay"] != 0:
            grad = grad.add(p, alpha=group["weight_decay"])
        state["exp_avg"].mul_(beta1).add_(grad, alpha=1 - beta1)
        state["exp_avg_sq"].mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
        move = state["exp_avg"] / (1 - beta1 ** step) * group["lr"]
        bias = 1 - beta2 ** step
        limit = 2 / (1 - beta2) - 1
        rho = limit - 2 * step * beta2 ** step / bias
        if rho > 5:
            rect = math.sqrt((rho - 4) * (rho - 2) * limit / ((limit - 4) * (limit - 2) * rho))
            move = move * (math.sqrt(bias) / state["exp_avg_sq"].sqrt().add_(group["eps"])) * rect
        p.sub_(move)
