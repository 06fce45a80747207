"""Adagrad."""

import torch
from torch import _C

from .optimizer import Optimizer, at_least_zero, in_parts


class Adagrad(Optimizer):
    """Steps divided by the root of the sum of all squared gradients.  Source: Duchi, Hazan, Singer 2011."""

    _kernel = staticmethod(_C._optim.adagrad)
    _takes_sparse = True
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
        if grad.is_sparse:
            return self._update_rows(p, grad, state, group)
        p, grad, state = in_parts(p, grad, state)
        if group["weight_decay"] != 0:
            grad = grad.add(p, alpha=group["weight_decay"])
        state["sum"].addcmul_(grad, grad, value=1)
        lr = group["lr"] / (1 + (state["step"].item() - 1) * group["lr_decay"])
        p.addcdiv_(grad, state["sum"].sqrt().add_(group["eps"]), value=-lr)

    def _update_rows(self, p, grad, state, group):
        """Of a sparse gradient: only the rows that it has."""
        if group["weight_decay"] != 0:
            raise RuntimeError("weight_decay option is not compatible with sparse gradients")
        lr = group["lr"] / (1 + (state["step"].item() - 1) * group["lr_decay"])
        grad = grad.coalesce()
        rows, values = grad._indices(), grad._values()
        state["sum"].add_(torch.sparse_coo_tensor(rows, values.pow(2), grad.size()))
        std = state["sum"].sparse_mask(grad)._values().sqrt_().add_(group["eps"])
        p.add_(torch.sparse_coo_tensor(rows, values / std, grad.size()), alpha=-lr)
