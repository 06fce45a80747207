import torch

x = torch.linspace(0.0, 1.0, 5, requires_grad=True)
y = x.exp()
y.add_(1)
y.sum().backward()
