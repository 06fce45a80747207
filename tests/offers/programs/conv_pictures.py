import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(3)
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
net = nn.Sequential(
    nn.Conv2d(1, 4, kernel_size=3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2),
    nn.Flatten(), nn.Linear(4 * 7 * 7, 10)).to(device)
optimiser = torch.optim.Adam(net.parameters(), lr=2e-3)
images = torch.rand(24, 1, 14, 14)
digits = torch.randint(0, 10, (24,))
net.train()
for step in range(6):
    optimiser.zero_grad(set_to_none=True)
    logits = net(images)
    loss = F.cross_entropy(logits, digits)
    loss.backward()
    optimiser.step()
net.eval()
with torch.no_grad():
    guessed = net(images).argmax(dim=1)
print("right:", (guessed == digits).float().mean().item())
