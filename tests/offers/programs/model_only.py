# What an architecture looks like before anything is trained.
import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.ff = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x):
        return x + self.ff(self.norm(x))


model = nn.Sequential(*[Block(16) for _ in range(4)])
print(sum(p.numel() for p in model.parameters()))
with torch.inference_mode():
    print(model(torch.zeros(2, 16)).shape)
