import torch

scores = torch.randn(4, 3)
offsets = torch.arange(4.0)
print(scores + offsets)
