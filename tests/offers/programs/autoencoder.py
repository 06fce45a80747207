import torch
import torch.nn as nn

torch.manual_seed(7)


class AutoEncoder(nn.Module):
    def __init__(self):
        super(AutoEncoder, self).__init__()
        self.encoder = nn.Sequential(nn.Linear(64, 16), nn.Tanh(), nn.Linear(16, 3))
        self.decoder = nn.Sequential(nn.Linear(3, 16), nn.Tanh(), nn.Linear(16, 64), nn.Sigmoid())

    def forward(self, x):
        return self.decoder(self.encoder(x))


data = torch.rand(32, 64)
net = AutoEncoder()
loss_fn = nn.MSELoss(reduction="mean")
optimizer = torch.optim.RMSprop(net.parameters(), lr=1e-3)
losses = []
for _ in range(8):
    decoded = net(data)
    loss = loss_fn(decoded, data)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
print(losses[0] > losses[-1])
