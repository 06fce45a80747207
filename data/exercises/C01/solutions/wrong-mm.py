# en: mm takes two dimensions only
# zh: mm 只接受二维
import torch
import torch.nn as nn


class Linear(nn.Module):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__()
        k = in_features ** -0.5
        self.weight = nn.Parameter((torch.rand(out_features, in_features) * 2 - 1) * k)
        self.bias = nn.Parameter((torch.rand(out_features) * 2 - 1) * k) if bias else None

    def forward(self, x):
        y = x.mm(self.weight.t())
        return y if self.bias is None else y + self.bias
