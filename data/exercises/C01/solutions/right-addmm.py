# en: flattened to two dimensions, multiplied and added in one call, and back
# zh: 展平成二维，用一次 addmm 完成乘加，再变回原形
import torch
import torch.nn as nn


class Linear(nn.Module):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__()
        k = in_features ** -0.5
        self.weight = nn.Parameter((torch.rand(out_features, in_features) * 2 - 1) * k)
        if bias:
            self.bias = nn.Parameter((torch.rand(out_features) * 2 - 1) * k)

    def forward(self, x):
        flat = x.reshape(-1, x.size(-1))
        if hasattr(self, "bias"):
            flat = torch.addmm(self.bias, flat, self.weight.t())
        else:
            flat = flat.mm(self.weight.t())
        return flat.reshape(x.shape[:-1] + (self.weight.size(0),))
