import torch

batch = torch.randn(8, 20)
weight = torch.randn(30, 10)
bias = torch.zeros(10)
hidden = batch @ weight + bias
print(hidden.shape)
