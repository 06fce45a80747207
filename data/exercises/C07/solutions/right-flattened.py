# en: features last, everything else in rows
# zh: 把特征换到最后一维，其余展平成行
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

    def forward(self, x):
        rows = x.transpose(1, -1).reshape(-1, x.shape[1])
        if self.training:
            if len(rows) < 2:
                raise ValueError("two rows at least")
            mean = rows.mean(0)
            centred = rows - mean
            var = (centred ** 2).mean(0)
            m, n = self.momentum, len(rows)
            self.running_mean = (1 - m) * self.running_mean + m * mean.detach()
            self.running_var = (1 - m) * self.running_var + m * var.detach() * n / (n - 1)
            self.num_batches_tracked = self.num_batches_tracked + 1
        else:
            centred, var = rows - self.running_mean, self.running_var
        out = centred * torch.rsqrt(var + self.eps) * self.weight + self.bias
        return out.reshape(x.transpose(1, -1).shape).transpose(1, -1)
