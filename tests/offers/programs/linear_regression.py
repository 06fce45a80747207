# A line through noisy points, by hand.
import torch

torch.manual_seed(1)
xs = torch.linspace(-1, 1, 60).unsqueeze(1)
ys = 3.0 * xs + 0.5 + 0.1 * torch.randn_like(xs)
slope = torch.zeros(1, requires_grad=True)
offset = torch.zeros(1, requires_grad=True)
for epoch in range(40):
    error = ((xs * slope + offset - ys) ** 2).mean()
    error.backward()
    with torch.no_grad():
        slope -= 0.2 * slope.grad
        offset -= 0.2 * offset.grad
    slope.grad.zero_()
    offset.grad.zero_()
print(slope.item(), offset.item())
