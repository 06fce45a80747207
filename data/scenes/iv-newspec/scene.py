"""An optimizer that the library does not have, from its specification.

Lion (Chen et al. 2023): a step goes by the sign of a blend of the momentum and the
gradient, so that every weight moves equally far; the momentum is updated afterwards.

    update = sign(beta1 * m + (1 - beta1) * g)
    w      = w - lr * (update + weight_decay * w)
    m      = beta2 * m + (1 - beta2) * g
"""

import torch

import gradboard as gb

BETAS = (0.9, 0.99)


class Lion(torch.optim.Optimizer):
    """As the specification has it; one buffer per parameter."""

    def __init__(self, params, lr=0.1, betas=BETAS, weight_decay=0.0):
        super().__init__(params, dict(lr=lr, betas=betas, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            beta1, beta2 = group["betas"]
            for p in group["params"]:
                if p.grad is None:
                    continue
                m = self.state[p].setdefault("momentum", torch.zeros_like(p))
                update = (beta1 * m + (1 - beta1) * p.grad).sign()
                p.sub_(group["lr"] * (update + group["weight_decay"] * p))
                m.mul_(beta2).add_(p.grad, alpha=1 - beta2)


def bowl(x, y):
    """A narrow valley with its lowest point at (0, 0)."""
    return 0.5 * x * x + 5 * y * y


def reference(x, y, lr, steps, weight_decay):
    """The same arithmetic with plain numbers: what a candidate's class is compared with."""
    mx = my = 0.0
    path = []
    for _ in range(steps):
        gx, gy = x, 10 * y
        bx, by = BETAS[0] * mx + (1 - BETAS[0]) * gx, BETAS[0] * my + (1 - BETAS[0]) * gy
        x -= lr * (((bx > 0) - (bx < 0)) + weight_decay * x)
        y -= lr * (((by > 0) - (by < 0)) + weight_decay * y)
        mx, my = BETAS[1] * mx + (1 - BETAS[1]) * gx, BETAS[1] * my + (1 - BETAS[1]) * gy
        path.append((x, y))
    return path


def first():
    """The first update by hand."""
    gb.ask("first-update")
    w = torch.tensor([2.0], dtype=torch.float64, requires_grad=True)
    optimizer = Lion([w], lr=0.1)
    (0.5 * w * w).sum().backward()
    optimizer.step()
    print(f"2.0 -> {w.item():.2f}")
    gb.tell("first-update", w.item())
    gb.ask("tiny-gradient")
    v = torch.tensor([2.0], dtype=torch.float64, requires_grad=True)
    optimizer = Lion([v], lr=0.1)
    (1e-6 * v).sum().backward()
    optimizer.step()
    gb.tell("tiny-gradient", v.item())
    gb.check("a step is as long as the rate, whatever the gradient", abs(w.item() - 1.9) < 1e-12 and abs(v.item() - 1.9) < 1e-12)


def trajectory():
    """Forty steps, compared with the reference at each."""
    lr, decay = gb.knob("lr", 0.1, 0.01, 0.5), 0.01
    w = torch.tensor([2.0, 0.7], dtype=torch.float64, requires_grad=True)
    optimizer = Lion([w], lr=lr, weight_decay=decay)
    gb.ask("settles")
    worst = 0.0
    for wanted in reference(2.0, 0.7, lr, 40, decay):
        optimizer.zero_grad()
        loss = bowl(w[0], w[1])
        gb.log("lion", loss.item(), x=w[0].item(), y=w[1].item())
        gb.log("loss", loss.item())
        loss.backward()
        optimizer.step()
        worst = max(worst, abs(w[0].item() - wanted[0]), abs(w[1].item() - wanted[1]))
    print(f"at ({w[0].item():.3f}, {w[1].item():.3f}) after 40 steps, off the reference by {worst:.1e}")
    gb.tell("settles", "circles" if bowl(w[0], w[1]).item() > 1e-6 else "still")
    gb.check("the path is the reference's", worst < 1e-6)


if __name__ == "__main__":
    first()
    trajectory()
