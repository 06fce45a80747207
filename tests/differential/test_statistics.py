"""Statistics and differences written in other ops."""
from harness import case, expressions, run

expressions('''
torch.diff(v)
torch.diff(m, dim=0)
torch.diff(m, n=2)
torch.diff(v, n=0)
torch.diff(v, prepend=torch.zeros(1), append=torch.ones(2))
torch.diff(torch.tensor([True, False, False]))
torch.diff(torch.tensor(1.))
torch.diff(v, n=-1)
torch.cov(m)
torch.cov(v)
torch.cov(m, correction=0)
torch.corrcoef(m)
torch.cov(torch.ones(2, 2, 2))
torch.dist(v, v + 1)
torch.dist(v, v + 1, 1)
m.sum_to_size(1, 3)
m.sum_to_size(3)
m.sum_to_size(2)
torch.quantile(v, 0.3)
torch.quantile(v, torch.tensor([0.1, 0.5, 1.]))
torch.quantile(m, 0.5, dim=1)
torch.quantile(m, 0.5, dim=1, keepdim=True)
torch.quantile(m, 0.5, keepdim=True)
torch.quantile(m, torch.tensor([0.25, 0.75]), dim=0)
torch.quantile(v, 0.3, interpolation="lower")
torch.quantile(v, 0.3, interpolation="higher")
torch.quantile(v, 0.3, interpolation="nearest")
torch.quantile(v, 0.3, interpolation="midpoint")
torch.quantile(torch.tensor([1., nan]), 0.5)
torch.quantile(torch.arange(3), 0.5)
torch.trapezoid(v)
torch.trapezoid(m, dx=2)
torch.trapezoid(m, dim=0)
torch.trapezoid(v, torch.tensor([0., 1., 3., 4.]))
torch.trapz(m, torch.tensor([0., 1., 3.]))
torch.hann_window(5)
torch.hann_window(5, periodic=False)
torch.hann_window(1)
torch.hamming_window(6)
torch.blackman_window(6)
torch.bartlett_window(6)
torch.bartlett_window(7, False)
torch.hann_window(-1)
torch.arccosh(v.abs() + 1)
torch.arcsinh(v)
torch.arctanh(v / 10)
torch.isreal(v)
v.double().float_power_(2)
''', v="torch.tensor([0.5, -0.25, 3., 1.])", m="torch.tensor([[0.5, -0.25, 0.75], [1.5, 0.25, -2.]])")


@case
def gradients():
    import torch
    out = []
    for f in (lambda a: a.diff().square().sum(), lambda a: torch.cov(a).sum(), lambda a: torch.quantile(a, 0.4),
              lambda a: torch.trapezoid(a).sum(), lambda a: torch.dist(a, a * 2)):
        x = torch.tensor([[0.5, -0.25, 0.75], [1.5, 0.25, -2.]], requires_grad=True)
        f(x).backward()
        out.append(x.grad)
    return out


run(__file__)
