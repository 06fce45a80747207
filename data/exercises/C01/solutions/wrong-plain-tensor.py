# en: tensors that require gradients are no parameters
# zh: 需要梯度的张量并不是参数
import torch
import torch.nn as nn


class Linear(nn.Module):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__()
        k = in_features ** -0.5
        self.weight = ((torch.rand(out_features, in_features) * 2 - 1) * k).requires_grad_()
        self.bias = ((torch.rand(out_features) * 2 - 1) * k).requires_grad_() if bias else None

    def forward(self, x):
        y = x @ self.weight.t()
        return y if self.bias is None else y + self.bias
