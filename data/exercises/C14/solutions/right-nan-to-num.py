# en: masked_fill with -inf, NaN rows replaced: its backward puts zeros where it filled
# zh: masked_fill 填 -inf，NaN 行换成 0：它的反向在填过的地方给零
import torch
import torch.nn as nn


def attention(q, k, v, mask=None, causal=False):
    scores = torch.einsum("...td,...sd->...ts", q, k) * q.shape[-1] ** -0.5
    T, S = scores.shape[-2:]
    if causal:
        later = torch.triu(torch.ones(T, S), diagonal=S - T + 1).bool()
        scores = scores.masked_fill(later, float("-inf"))
    if mask is not None:
        scores = scores.masked_fill(mask.logical_not(), float("-inf"))
    weights = torch.softmax(scores, -1).nan_to_num(0.0)
    return torch.einsum("...ts,...se->...te", weights, v), weights


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
        return self.out_proj(out.transpose(1, 2).reshape(x.shape))
