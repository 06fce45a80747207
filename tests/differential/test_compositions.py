"""Functions that are compositions of others."""
from harness import expressions, run

expressions('''
torch.angle(a), torch.angle(torch.tensor([1, -1])), torch.isreal(a), a.ldexp(torch.tensor([1, 2, 3]))
torch.diff(a), torch.diff(a, dim=0), torch.diff(a, n=2), torch.diff(torch.tensor([True, False])), torch.diff(torch.arange(4), prepend=torch.tensor([9]))
torch.diff(torch.tensor(1))
torch.cov(a), torch.cov(a, correction=0), torch.cov(a[0]), torch.corrcoef(a), torch.cov(a, fweights=torch.tensor([1, 2, 3]))
torch.quantile(a, 0.4), torch.quantile(a, torch.tensor([0.1, 0.9])), torch.quantile(a, 0.5, dim=1), a.quantile(0.3, dim=0, keepdim=True)
torch.quantile(a, torch.tensor([0.25, 0.5]), dim=1).contiguous(), torch.quantile(a, 0.4, interpolation="lower"), torch.quantile(a, 0.4, interpolation="higher")
torch.quantile(a, 0.4, interpolation="midpoint"), torch.quantile(a, 0.4, interpolation="nearest"), torch.quantile(torch.tensor([1., nan]), 0.5)
torch.nanquantile(torch.tensor([1., nan, 3.]), 0.5)
torch.quantile(a, 1.5)
torch.quantile(torch.arange(3), 0.5)
a.sum_to_size(1, 3), a.sum_to_size((3,)), a.sum_to_size(2, 1)
torch.dist(a, a + 1), a.dist(a + 1, 1)
torch.diagonal_scatter(torch.zeros(3, 3), torch.ones(3)), a.select_scatter(torch.ones(3), 0, 1)
torch.trapezoid(a), torch.trapz(a, dx=2), torch.trapezoid(a, torch.tensor([0., 1., 3.])), torch.cumulative_trapezoid(a)
torch.vander(torch.tensor([1., 2., 3.])), torch.vander(torch.tensor([1, 2, 3]), 2, increasing=True)
torch.hann_window(5), torch.hamming_window(4, periodic=False), torch.blackman_window(6), torch.bartlett_window(5), torch.hann_window(1)
torch.asarray([1, 2]), torch.asarray(a) is a
torch.arccosh(a + 1), a.arcsinh(), torch.arctanh(a / 10), torch.concatenate([a, a])
a.unflatten(1, (3, 1)).shape, torch.get_device(a) if False else -1
a.angle().requires_grad, a.resize_as_(torch.ones(6))
''', a="torch.tensor([[1., -2., 4.], [0., 7., 2.5]])", rtol=1e-5, atol=1e-6)

run(__file__)
