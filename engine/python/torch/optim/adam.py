"""Adam, and what its kin share."""

import math

import torch
from torch import _C

from .optimizer import Optimizer, at_least_zero, in_parts


def check_settings(lr, betas, eps, weight_decay):
    at_least_zero("learning rate", lr)
    at_least_zero("epsilon value", eps)
    for i in (0, 1):
        if not 0.0 <= betas[i] < 1.0:
            raise ValueError(f"Invalid beta parameter at index {i}: {betas[i]}")
    at_least_zero("weight_decay value", weight_decay)


class Adam(Optimizer):
    """Steps scaled by running means of the gradient and of its square.  Source: Kingma and Ba 2014."""

    _kernel = staticmethod(_C._optim.adam)
    _late = dict(amsgrad=False, maximize=False, foreach=None, capturable=False, differentiable=False, fused=False)
    _scalars = ("step",)

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, amsgrad=False, *, foreach=None,
                 maximize=False, capturable=False, differentiable=False, fused=False):
        check_settings(lr, betas, eps, weight_decay)
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, amsgrad=amsgrad,
                                      maximize=maximize, foreach=foreach, capturable=capturable,
                                      differentiable=differentiable, fused=fused))
        if fused:
            if differentiable:
                raise RuntimeError("`fused` cannot be `differentiable`")
            raise RuntimeError("FusedAdam requires all the params to be CUDA, floating point")

    def _decay_weights(self, p, grad, group):
        return grad.add(p, alpha=group["weight_decay"]) if group["weight_decay"] != 0 else grad

    def _update(self, p, grad, state, group):
        assert not group["capturable"], "If capturable=True, params and state_steps must be CUDA tensors."
        beta1, beta2 = group["betas"]
        if not state:
            state.update(step=torch.tensor(0.0), exp_avg=torch.zeros_like(p), exp_avg_sq=torch.zeros_like(p))
        if group["amsgrad"] and "max_exp_avg_sq" not in state:
            state["max_exp_avg_sq"] = torch.zeros_like(p)
        state["step"] += 1
        step = state["step"].item()
        p, grad, state = in_parts(p, grad, state)
        grad = self._decay_weights(p, grad, group)
        state["exp_avg"].mul_(beta1).add_(grad, alpha=1 - beta1)
        second = state["exp_avg_sq"].mul_(beta2).addcmul_(grad, grad.conj(), value=1 - beta2)
        if group["amsgrad"]:
            second = state["max_exp_avg_sq"].copy_(torch.maximum(state["max_exp_avg_sq"].clone(), second))
        denom = (second.sqrt() / math.sqrt(1 - beta2 ** step)).add_(group["eps"])
        p.addcdiv_(state["exp_avg"], denom, value=-group["lr"] / (1 - beta1 ** step))
