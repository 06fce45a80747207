"""NAdam."""

import torch
from torch import _C

from .adam import check_settings
from .optimizer import Optimizer, at_least_zero


class NAdam(Optimizer):
    """Adam that looks ahead as Nesterov's momentum does.  Source: Dozat 2016."""

    _kernel = staticmethod(_C._optim.nadam)
    _late = dict(foreach=None)
    _scalars = ("step", "mu_product")

    def __init__(self, params, lr=2e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, momentum_decay=4e-3, foreach=None):
        check_settings(lr, betas, eps, weight_decay)
        at_least_zero("momentum_decay value", momentum_decay)
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay,
                                      momentum_decay=momentum_decay, foreach=foreach))

    def _update(self, p, grad, state, group):
        (beta1, beta2), lr = group["betas"], group["lr"]
        if not state:
            state.update(step=torch.tensor(0.0), mu_product=torch.tensor(1.0), exp_avg=torch.zeros_like(p),
                         exp_avg_sq=torch.zeros_like(p))
        state["step"] += 1
        step = state["step"].item()
        if group["weight_decay"] != 0:
            grad = grad.add(p, alpha=group["weight_decay"])
        mu, ahead = (beta1 * (1.0 - 0.5 * 0.96 ** (t * group["momentum_decay"])) for t in (step, step + 1))
        state["mu_product"] *= mu
        product, product_ahead = state["mu_product"].item(), (state["mu_product"] * mu * ahead).item()
        state["exp_avg"].mul_(beta1).add_(grad, alpha=1 - beta1)
        state["exp_avg_sq"].mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
        denom = state["exp_avg_sq"].div(1 - beta2 ** step).sqrt().add_(group["eps"])
        p.addcdiv_(grad, denom, value=-lr * (1.0 - mu) / (1.0 - product))
        p.addcdiv_(state["exp_avg"], denom, value=-lr * ahead / (1.0 - product_ahead))
