# en: in place as far as it goes, the correction inside the rate and the divisor
# zh: 尽量原地，校正并入学习率和分母
import math

import torch
from torch.optim import Optimizer


class SGD(Optimizer):
    def __init__(self, params, lr, momentum=0.0, weight_decay=0.0):
        defaults = {"lr": lr, "momentum": momentum, "weight_decay": weight_decay}
        Optimizer.__init__(self, params, defaults)

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    self.move(p, p.grad, **{name: group[name] for name in ("lr", "momentum", "weight_decay")})

    def move(self, p, g, lr, momentum, weight_decay):
        if weight_decay:
            g = g.add(p, alpha=weight_decay)
        if momentum:
            buffer = self.state[p].get("buffer")
            if buffer is None:
                buffer = self.state[p]["buffer"] = g.clone()
            else:
                buffer.mul_(momentum).add_(g)
            g = buffer
        p.add_(g, alpha=-lr)


class AdamW(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        Optimizer.__init__(self, params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            lr, (b1, b2) = group["lr"], group["betas"]
            for p in filter(lambda p: p.grad is not None, group["params"]):
                s = self.state[p]
                t = s["step"] = s.get("step", 0) + 1
                m = s.setdefault("mean", torch.zeros_like(p)).lerp_(p.grad, 1 - b1)
                v = s.setdefault("square", torch.zeros_like(p)).mul_(b2).add_((1 - b2) * p.grad.square())
                divisor = (v.sqrt() / math.sqrt(1 - b2 ** t)).add_(group["eps"])
                p.mul_(1 - lr * group["weight_decay"]).addcdiv_(m, divisor, value=-lr / (1 - b1 ** t))
