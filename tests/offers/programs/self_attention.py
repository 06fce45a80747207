import math
import torch
import torch.nn as nn


class SelfAttention(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.q, self.k, self.v = (nn.Linear(dim, dim, bias=False) for _ in range(3))

    def forward(self, x):
        scores = self.q(x) @ self.k(x).transpose(-2, -1) / math.sqrt(x.size(-1))
        causal = torch.tril(torch.ones(x.size(1), x.size(1))).bool()
        weights = torch.softmax(scores.masked_fill(~causal, float("-inf")), dim=-1)
        return weights @ self.v(x)


torch.manual_seed(0)
words = torch.randn(1, 6, 8)
print(SelfAttention(8)(words).shape)
