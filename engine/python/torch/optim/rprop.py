"""Rprop."""

import torch
from torch import _C

from .optimizer import Optimizer, at_least_zero, in_parts


class Rprop(Optimizer):
    """Each element has a step size of its own; only the gradient's sign counts.  Source: Riedmiller and Braun 1993."""

    _kernel = staticmethod(_C._optim.rprop)
    _late = dict(foreach=None, maximize=False)

    def __init__(self, params, lr=1e-2, etas=(0.5, 1.2), step_sizes=(1e-6, 50), foreach=None, maximize=False):
        at_least_zero("learning rate", lr)
        if not 0.0 < etas[0] < 1.0 < etas[1]:
            raise ValueError(f"Invalid eta values: {etas[0]}, {etas[1]}")
        super().__init__(params, dict(lr=lr, etas=etas, step_sizes=step_sizes, foreach=foreach, maximize=maximize))

    def _update(self, p, grad, state, group):
        (shrink, grow), (low, high), lr = group["etas"], group["step_sizes"], group["lr"]
        if not state:
            state.update(step=0, prev=torch.zeros_like(p), step_size=torch.full_like(grad, complex(lr, lr) if p.is_complex() else lr))
        state["step"] += 1
        p, grad, state = in_parts(p, grad, state)
        both = grad.mul(state["prev"])
        flipped = both < 0
        factor = torch.ones_like(grad).masked_fill_(both > 0, grow).masked_fill_(flipped, shrink)
        state["step_size"].mul_(factor).clamp_(low, high)
        grad = grad.masked_fill(flipped, 0)
        p.addcmul_(grad.sign(), state["step_size"], value=-1)
        state["prev"].copy_(grad)
