# en: squares summed by einsum, and a helper for the dtype
# zh: 用 einsum 求平方和，另写一个辅助函数管类型
import torch
import torch.nn as nn


def root_mean_square(x, eps):
    return (torch.einsum("...d,...d->...", x, x) / x.size(-1) + eps).sqrt().unsqueeze(-1)


class RMSNorm(nn.Module):
    def __init__(self, dim, eps=1e-6):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(dim))

    def forward(self, x):
        dtype = x.dtype
        x = x.to(torch.promote_types(dtype, torch.float32))
        return torch.mul(x / root_mean_square(x, self.eps), self.weight).to(dtype)
