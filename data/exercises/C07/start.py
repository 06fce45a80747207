"""BatchNorm for features, by hand."""

import torch
import torch.nn as nn


class BatchNorm1d(nn.Module):
    """Over (N, C), or (N, C, L): each of the C features has a mean and a variance of its own."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        raise NotImplementedError("your turn")

    def forward(self, x):
        raise NotImplementedError("your turn")


if __name__ == "__main__":
    norm = BatchNorm1d(1)
    print(norm(torch.tensor([[4.0], [6.0]])))
    print(norm.state_dict())
    print(norm.eval()(torch.tensor([[4.0]])))
