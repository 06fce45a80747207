"""ASGD."""

import math

import torch
from torch import _C

from .optimizer import Optimizer, at_least_zero


class ASGD(Optimizer):
    """Gradient descent that also keeps the mean of its positions from step t0 on.  Source: Polyak and Juditsky 1992."""

    _kernel = staticmethod(_C._optim.asgd)
    _late = dict(foreach=None, maximize=False)
    _scalars = ("step", "eta", "mu")

    def __init__(self, params, lr=1e-2, lambd=1e-4, alpha=0.75, t0=1e6, weight_decay=0, foreach=None, maximize=False):
        at_least_zero("learning rate", lr)
        at_least_zero("weight_decay value", weight_decay)
        super().__init__(params, dict(lr=lr, lambd=lambd, alpha=alpha, t0=t0, weight_decay=weight_decay, foreach=foreach,
                                      maximize=maximize))

    def _update(self, p, grad, state, group):
        lr = group["lr"]
        if not state:
            state.update(step=torch.tensor(0.0), eta=torch.tensor(lr), mu=torch.tensor(1.0), ax=torch.zeros_like(p))
        state["step"] += 1
        step, eta, mu = state["step"].item(), state["eta"].item(), state["mu"].item()
        if group["weight_decay"] != 0:
            grad = grad.add(p, alpha=group["weight_decay"])
        p.mul_(1 - group["lambd"] * eta)
        p.add_(grad, alpha=-eta)
        if mu != 1:
            state["ax"].add_(p.sub(state["ax"]).mul(mu))
        else:
            state["ax"].copy_(p)
        state["eta"].copy_(torch.tensor(lr / math.pow(1 + group["lambd"] * lr * step, group["alpha"])))
        state["mu"].copy_(torch.tensor(1 / max(1, step - group["t0"])))
