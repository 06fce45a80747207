"""Attention: for each query a mean of values, weighed by how well keys fit."""

import math

import torch
import torch.nn as nn

import gradboard as gb


def attention(q, k, v, mask=None, causal=False):
    """softmax(q k^T / sqrt(d)) v, and the weights.  q (..., T, d), k (..., S, d), v (..., S, e); mask: True may be seen."""
    raise NotImplementedError("your turn")


class MultiHead(nn.Module):
    """Attention of a sequence to itself, in `heads` runs of channels."""

    def __init__(self, d_model, heads):
        super().__init__()
        raise NotImplementedError("your turn")

    def forward(self, x, mask=None, causal=False):
        """x (N, T, d_model), mask (N, T): True for real tokens.  Returns (N, T, d_model)."""
        raise NotImplementedError("your turn")


if __name__ == "__main__":
    torch.manual_seed(0)
    q, k, v = torch.randn(3, 4, 8)
    out, weights = attention(q, k, v, causal=True)
    print(gb.show(weights, "attn"))
    layer = gb.watch(MultiHead(64, 4))
    out = layer(torch.randn(2, 5, 64), causal=True)
    print(out.shape, sum(p.numel() for p in layer.parameters()), "parameters")
    out.pow(2).mean().backward()
