import torch

torch.manual_seed(0)
sample = torch.randn(10000)
print(sample.mean(), sample.std())
print(torch.quantile(sample, torch.tensor([0.25, 0.5, 0.75])))
counts = torch.histc(sample, bins=20, min=-4, max=4)
print(counts.long())
