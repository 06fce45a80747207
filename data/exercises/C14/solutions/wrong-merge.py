# en: heads are put together without moving them back
# zh: 合并时没有先把维度转回来
import math

import torch
import torch.nn as nn


def attention(q, k, v, mask=None, causal=False):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.size(-1))
    T, S = scores.shape[-2:]
    seen = torch.ones(T, S, dtype=torch.bool)
    if causal:
        seen = seen.tril(S - T)
    if mask is not None:
        seen = seen & mask
    nothing = ~seen.any(dim=-1, keepdim=True)
    weights = scores.masked_fill(~(seen | nothing), float("-inf")).softmax(dim=-1)
    weights = weights.masked_fill(nothing, 0.0)
    return weights @ v, weights


class MultiHead(nn.Module):
    def __init__(self, d_model, heads):
        super().__init__()
        if d_model % heads:
            raise ValueError("heads must divide d_model")
        self.heads = heads
        self.q_proj = nn.Linear(d_model, d_model)
        self.k_proj = nn.Linear(d_model, d_model)
        self.v_proj = nn.Linear(d_model, d_model)
        self.out_proj = nn.Linear(d_model, d_model)

    def split(self, x):
        N, T, d = x.shape
        return x.view(N, T, self.heads, d // self.heads).transpose(1, 2)

    def forward(self, x, mask=None, causal=False):
        q, k, v = (self.split(layer(x)) for layer in (self.q_proj, self.k_proj, self.v_proj))
        if mask is not None:
            mask = mask[:, None, None, :]
        out, _ = attention(q, k, v, mask, causal)
        return self.out_proj(out.reshape(x.shape))
