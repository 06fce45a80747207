# The sum of the losses holds every graph that made them.
import torch
import torch.nn as nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(32, 64), nn.ReLU(), nn.Linear(64, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.01)
total = 0
outputs = []
for step in range(8):
    x = torch.randn(128, 32)
    loss = (net(x) - 1).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    total += loss
    outputs.append(x)
print(float(total))
