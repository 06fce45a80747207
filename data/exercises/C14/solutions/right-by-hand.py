# en: softmax by hand over what is seen; heads as an axis of einsum
# zh: 手写只对看得见的部分做的 softmax；头是 einsum 的一个轴
import torch
from torch import nn


def attention(q, k, v, mask=None, causal=False):
    T, S, d = q.size(-2), k.size(-2), q.size(-1)
    scores = q.matmul(k.transpose(-1, -2)) / d ** 0.5
    seen = torch.ones_like(scores, dtype=torch.bool)
    if causal:
        seen = seen & (torch.arange(S)[None, :] <= torch.arange(T)[:, None] + (S - T))
    if mask is not None:
        seen = seen & mask
    lowest = torch.finfo(scores.dtype).min
    top = torch.where(seen, scores, torch.full_like(scores, lowest)).amax(dim=-1, keepdim=True).detach()
    e = torch.where(seen, scores - top, torch.zeros_like(scores)).exp() * seen
    weights = e / e.sum(dim=-1, keepdim=True).clamp(min=torch.finfo(scores.dtype).tiny)
    return weights.matmul(v), weights


class MultiHead(nn.Module):
    def __init__(self, d_model, heads):
        super().__init__()
        if heads < 1 or d_model % heads != 0:
            raise ValueError(f"{heads} heads do not divide {d_model} channels")
        self.d_model, self.size = d_model, d_model // heads
        for name in ("q_proj", "k_proj", "v_proj", "out_proj"):
            self.add_module(name, nn.Linear(d_model, d_model))

    def forward(self, x, mask=None, causal=False):
        outs = []
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        for a in range(0, self.d_model, self.size):
            part = slice(a, a + self.size)
            outs.append(attention(q[..., part], k[..., part], v[..., part], None if mask is None else mask.unsqueeze(1), causal)[0])
        return self.out_proj(torch.cat(outs, dim=-1))
