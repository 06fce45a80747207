import torch

row = torch.arange(4)
column = torch.arange(3).reshape(3, 1)
table = row + 10 * column
print(table)
mean = table.float().mean(dim=0, keepdim=True)
centred = table - mean
print(centred)
