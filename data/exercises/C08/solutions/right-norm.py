# en: by the length of the vector over the root of its size
# zh: 用向量长度除以维数的平方根
import torch
import torch.nn as nn


class RMSNorm(nn.Module):
    def __init__(self, dim, eps=1e-6):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(dim))

    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.to(torch.float32)
        length = (wide * wide).sum(-1, keepdim=True) / wide.shape[-1]
        return (wide / torch.sqrt(length + self.eps) * self.weight.to(wide.dtype)).type_as(x)
