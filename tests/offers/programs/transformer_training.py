import torch
import torch.nn as nn

torch.manual_seed(0)
layer = nn.TransformerEncoderLayer(d_model=16, nhead=2, dim_feedforward=32, batch_first=True)
encoder = nn.TransformerEncoder(layer, num_layers=2)
head = nn.Linear(16, 5)
params = list(encoder.parameters()) + list(head.parameters())
opt = torch.optim.AdamW(params, lr=1e-3)
x, y = torch.randn(4, 7, 16), torch.randint(5, (4, 7))
for it in range(5):
    out = head(encoder(x))
    loss = nn.functional.cross_entropy(out.view(-1, 5), y.view(-1))
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(it, round(loss.item(), 3))
