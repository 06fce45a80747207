"""Adagrad."""

import torch
from torch import _C

from .optimizer import Optimizer, at_least_zero, in_parts


class Adagrad(Optimizer):
    """Steps divided by the root of the sum of all squared gradients.  Source: Duchi, Hazan, Singer 2011."""

    _kernel = staticmethod(_C._optim.adagrad)
    _late = dict(foreach=None, maximize=False)
    _scalars = ("step",)

    def __init__(self, params, lr=1e-2, lr_decay=0, weight_decay=0, initial_accumulator_value=0, eps=1e-10, foreach=None,
                 *, maximize=False):
        for what, value in (("learning rate", lr), ("lr_decay value", lr_decay), ("weight_decay value", weight_decay),
                            ("initial_accumulator_value value", initial_accumulator_value), ("epsilon value", eps)):
            at_least_zero(what, value)
        super().__init__(params, dict(lr=lr, lr_decay=lr_decay, eps=eps, weight_decay=weight_decay,
                                      initial_accumulator_value=initial_accumulator_value, foreach=foreach,
                                      maximize=maximize))
        for group in self.param_groups:
            for p in group["params"]:
                start = complex(initial_accumulator_value, initial_accumulator_value) if p.is_complex() else initial_accumulator_value
                self.state[p] = {"step": torch.tensor(0.0), "sum": torch.full_like(p, start).detach()}

    def _update(self, p, grad, state, group):
        state["step"] += 1
        p, grad, state = in_parts(p, grad, state)
        if group["weight_decay"] != 0:
            grad = grad.add(p, alpha=group["weight_decay"])
        state["sum"].addcmul_(grad, grad, value=1)
        lr = group["lr"] / (1 + (state["step"].item() - 1) * group["lr_decay"])
        p.addcdiv_(grad, state["sum"].sqrt().add_(group["eps"]), value=-lr)
