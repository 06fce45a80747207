"""log-softmax and cross-entropy that stay finite."""

import torch


def log_softmax(x, dim=-1):
    """The logarithm of softmax(x) along dim."""
    raise NotImplementedError("your turn")


def cross_entropy(logits, target, ignore_index=-100):
    """Mean of -log p[target] over the rows whose target is not ignore_index.  logits (N, C), target (N,)."""
    raise NotImplementedError("your turn")


if __name__ == "__main__":
    x = torch.tensor([[1e4, 0.0, -1e4], [1.0, 2.0, 3.0]])
    print(log_softmax(x))
    print(cross_entropy(x, torch.tensor([0, 2])))
