"""AdamW."""

from torch import _C

from .adam import Adam, check_settings
from .optimizer import Optimizer


class AdamW(Optimizer):
    """Adam whose weight decay acts on the parameter itself.  Source: Loshchilov and Hutter 2017."""

    _kernel = staticmethod(_C._optim.adamw)
    _late = dict(amsgrad=False, maximize=False, foreach=None, capturable=False)
    _scalars = ("step",)

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2, amsgrad=False, *, maximize=False,
                 foreach=None, capturable=False):
        check_settings(lr, betas, eps, weight_decay)
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, amsgrad=amsgrad,
                                      foreach=foreach, maximize=maximize, capturable=capturable))

    def _decay_weights(self, p, grad, group):
        p.mul_(1 - group["lr"] * group["weight_decay"])
        return grad

    _update = Adam._update
