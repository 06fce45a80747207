# en: the weight is (in, out): values fit, names of sizes do not, and no state_dict can be exchanged
# zh: 权重存成 (in, out)：数值对，形状不对，state_dict 无法互换
import torch
import torch.nn as nn


class Linear(nn.Module):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__()
        k = in_features ** -0.5
        self.weight = nn.Parameter((torch.rand(in_features, out_features) * 2 - 1) * k)
        self.bias = nn.Parameter((torch.rand(out_features) * 2 - 1) * k) if bias else None

    def forward(self, x):
        y = x @ self.weight
        return y if self.bias is None else y + self.bias
