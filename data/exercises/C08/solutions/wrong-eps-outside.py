# en: eps outside the root: the slope at 0 is infinite
# zh: eps 加在根号外，0 处斜率无穷
import torch
import torch.nn as nn


class RMSNorm(nn.Module):
    def __init__(self, dim, eps=1e-6):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(dim))

    def forward(self, x):
        wide = x.float() if x.dtype in (torch.float16, torch.bfloat16) else x
        scale = 1 / (wide.pow(2).mean(dim=-1, keepdim=True).sqrt() + self.eps)
        return (wide * scale * self.weight).to(x.dtype)
