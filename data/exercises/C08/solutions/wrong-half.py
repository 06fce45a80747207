# en: squares in the dtype of x: 300 squared is inf in float16
# zh: 直接在 x 的类型里平方：float16 下 300 的平方是 inf
import torch
import torch.nn as nn


class RMSNorm(nn.Module):
    def __init__(self, dim, eps=1e-6):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(dim))

    def forward(self, x):
        squares = (x * x).to(torch.promote_types(x.dtype, torch.float32)).mean(dim=-1, keepdim=True)
        return (x.to(squares.dtype) * torch.rsqrt(squares + self.eps) * self.weight).to(x.dtype)
