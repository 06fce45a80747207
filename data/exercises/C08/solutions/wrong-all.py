# en: one mean over the whole batch
# zh: 整批共用一个均值
import torch
import torch.nn as nn


class RMSNorm(nn.Module):
    def __init__(self, dim, eps=1e-6):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(dim))

    def forward(self, x):
        wide = x.float() if x.dtype in (torch.float16, torch.bfloat16) else x
        scale = torch.rsqrt(wide.pow(2).mean() + self.eps)
        return (wide * scale * self.weight).to(x.dtype)
