# Weights that are saved and meet a smaller net.
import torch
from torch import nn

net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
torch.save(net.state_dict(), "net.pt")
smaller = nn.Sequential(nn.Linear(4, 8))
print(smaller.load_state_dict(torch.load("net.pt"), strict=False))
