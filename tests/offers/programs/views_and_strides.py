import torch

t = torch.arange(12).view(3, 4)
print(t.stride(), t.T.stride())
flipped = t.t()
print(flipped.is_contiguous())
every_other = t[:, ::2]
wide = torch.ones(3, 1).expand(3, 5)
print(every_other, wide.stride())
packed = flipped.contiguous().view(-1)
print(packed)
