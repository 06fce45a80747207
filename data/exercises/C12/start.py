"""Two optimizers."""

import torch

import gradboard as gb


class SGD(torch.optim.Optimizer):
    """Gradient descent with momentum and weight decay."""

    def __init__(self, params, lr, momentum=0.0, weight_decay=0.0):
        raise NotImplementedError("your turn")

    def step(self):
        raise NotImplementedError("your turn")


class AdamW(torch.optim.Optimizer):
    """Adam with weight decay apart from the gradient."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        raise NotImplementedError("your turn")

    def step(self):
        raise NotImplementedError("your turn")


if __name__ == "__main__":
    for make in (lambda p: SGD([p], lr=2e-4, momentum=0.9), lambda p: AdamW([p], lr=0.05)):
        p = torch.tensor([-1.0, 1.5], requires_grad=True)
        optimizer = make(p)
        for step in range(201):
            loss = (1 - p[0]) ** 2 + 100 * (p[1] - p[0] ** 2) ** 2
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            gb.log(f"loss, {type(optimizer).__name__}", loss, step, "step")
            if step % 50 == 0:
                print(f"{type(optimizer).__name__:5} step {step:3}: loss {loss.item():.4f} at {p.tolist()}")
