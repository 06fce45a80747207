# en: var_mean, and one factor and one shift for each feature
# zh: 用 var_mean，再合并成每个特征一个倍数、一个平移
import torch
import torch.nn as nn


class BatchNorm1d(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def statistics(self, x):
        dims = [d for d in range(x.dim()) if d != 1]
        if x[:, 0].numel() < 2:
            raise ValueError(f"cannot normalise over one value: {list(x.shape)}")
        unbiased, mean = torch.var_mean(x, dims, unbiased=True)
        self.num_batches_tracked.add_(1)
        self.running_mean.mul_(1 - self.momentum).add_(mean.detach(), alpha=self.momentum)
        self.running_var.mul_(1 - self.momentum).add_(unbiased.detach(), alpha=self.momentum)
        n = x[:, 0].numel()
        return mean, unbiased * (n - 1) / n

    def forward(self, x):
        mean, var = self.statistics(x) if self.training else (self.running_mean, self.running_var)
        factor = self.weight / torch.sqrt(var + self.eps)
        shift = self.bias - mean * factor
        if x.dim() == 3:
            factor, shift = factor[:, None], shift[:, None]
        return x * factor + shift
