# en: one variance for the output, another one for the buffer
# zh: 输出用有偏方差，缓冲区用无偏方差
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
        dims = [0] if x.dim() == 2 else [0, 2]
        column = (1, -1) if x.dim() == 2 else (1, -1, 1)
        if self.training:
            count = x.numel() // x.size(1)
            if count == 1:
                raise ValueError(f"one value for each feature has no variance, got {tuple(x.shape)}")
            mean, var = x.mean(dims), x.var(dims, unbiased=False)
            with torch.no_grad():
                self.num_batches_tracked += 1
                self.running_mean.lerp_(mean, self.momentum)
                self.running_var.lerp_(var * count / (count - 1), self.momentum)
        else:
            mean, var = self.running_mean, self.running_var
        x = (x - mean.view(column)) / (var.view(column) + self.eps).sqrt()
        return x * self.weight.view(column) + self.bias.view(column)
