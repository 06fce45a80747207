"""SparseAdam, whose gradients are sparse."""

import math

import torch

from .optimizer import Optimizer


class SparseAdam(Optimizer):
    """Adam whose means move only in the rows that a gradient has; dense gradients it refuses."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, maximize=False):
        if not 0.0 < lr:
            raise ValueError(f"Invalid learning rate: {lr}")
        if not 0.0 < eps:
            raise ValueError(f"Invalid epsilon value: {eps}")
        for i in (0, 1):
            if not 0.0 <= betas[i] < 1.0:
                raise ValueError(f"Invalid beta parameter at index {i}: {betas[i]}")
        params = list(params)
        sparse = []
        for i, entry in enumerate(params):
            if isinstance(entry, dict):
                sparse += [[i, k] for k, p in enumerate(entry.get("params", [])) if p.is_sparse]
            elif getattr(entry, "is_sparse", False):
                sparse.append(i)
        if sparse:
            raise ValueError(f"Sparse params at indices {sparse}: SparseAdam requires dense parameter tensors")
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps, maximize=maximize))

    def step(self, closure=None):
        loss = self._closure(closure)
        for group in self.param_groups:
            with torch.no_grad():
                self._step_group(group)
        return loss

    def _step_group(self, group):
        """All are looked at before the first is changed."""
        changed = []
        for p in group["params"]:
            if p.grad is None:
                continue
            if not p.grad.is_sparse:
                raise RuntimeError("SparseAdam does not support dense gradients, please consider Adam instead")
            state = self.state[p]
            if not state:
                state.update(step=0, exp_avg=torch.zeros_like(p), exp_avg_sq=torch.zeros_like(p))
            state["step"] += 1
            changed.append((p, -p.grad if group["maximize"] else p.grad, state))
        for p, grad, state in changed:
            self._update(p, grad.coalesce(), state, group)

    def _update(self, p, grad, state, group):
        (beta1, beta2), step = group["betas"], state["step"]
        rows, values, size = grad._indices(), grad._values(), grad.size()
        means = []
        for name, new, beta in ("exp_avg", values, beta1), ("exp_avg_sq", values.pow(2), beta2):
            old = state[name].sparse_mask(grad)._values()
            change = new.sub(old).mul_(1 - beta)
            state[name].add_(torch.sparse_coo_tensor(rows, change, size))
            means.append(change.add_(old))
        mean, square = means
        step_size = group["lr"] * math.sqrt(1 - beta2 ** step) / (1 - beta1 ** step)
        p.add_(torch.sparse_coo_tensor(rows, -step_size * mean.div_(square.sqrt_().add_(group["eps"])), size))
