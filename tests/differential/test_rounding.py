"""Bits: numbers that are rounded in PyTorch's order, so that a seeded run prints its digits also where rounding grows.

Results are compared as the whole numbers that their bits are, or as sums in which 2^30 swallows the ones that it meets
before -2^30: they tell in which order numbers were added."""
import linecache
import warnings

from harness import case, run

import torch
from torch import nn
from torch.nn import functional as F


def bits(*tensors):
    return [t.detach().contiguous().view(torch.int32).flatten().tolist()[:40] for t in tensors]


def order(add, n):
    """What is left of n ones with 2^30 at place i and -2^30 at place k."""
    out = []
    for i in range(0, n, 3):
        for k in range(i + 1, n, 2):
            x = torch.ones(n)
            x[i], x[k] = 2.0**30, -2.0**30
            out.append(round(add(x)))
    return out


@case
def draws():
    torch.manual_seed(3)
    return bits(torch.randn(40), torch.randn(19), torch.empty(20).normal_(1.5, 0.3), torch.empty(20).uniform_(-0.1, 0.1),
                nn.Linear(7, 5).weight, torch.rand(9))


@case
def steps_between():
    return bits(torch.linspace(-3.14159, 3.14159, 2000)[::50], torch.linspace(0, 1, 1000)[::25], torch.linspace(0, 10, 7))


@case
def functions():
    x = torch.linspace(-4, 4, 48)
    return [bits(f(x)) for f in (torch.exp, torch.tanh, torch.sigmoid, torch.erf, F.silu, F.elu, F.logsigmoid, F.softplus)]


@case
def slopes():
    out = []
    for f in (torch.tanh, torch.sigmoid):
        x = torch.linspace(-4, 4, 48).requires_grad_()
        f(x).backward(torch.linspace(1, 2, 48))
        out.append(bits(x.grad))
    return out


@case
def mixtures():
    x, y = torch.linspace(-1, 2, 32), torch.linspace(3, 5, 32)
    return bits(torch.lerp(x, y, 0.3), torch.lerp(x, y, 0.7))


@case
def sums_of_rows():
    return [order(lambda x: x.sum().item(), n) for n in (5, 31, 40, 70)]


@case
def sums_of_columns():
    return [order(lambda x, c=c: x.view(-1, 1).repeat(1, c).sum(0)[c - 1].item(), 40) for c in (7, 9, 33, 64)]


@case
def sums_of_several_dimensions():
    return [order(lambda x: x.view(4, 1, 5).repeat(1, 3, 1).sum((0, 2))[1].item(), 20)]


@case
def losses_of_a_batch():
    return [order(lambda x, n=n: F.nll_loss(-x.view(-1, 1), torch.zeros(n, dtype=torch.long), reduction="sum").item(), n)
            for n in (5, 33, 70)]


@case
def pairs():
    x, t = torch.linspace(0.1, 0.9, 24).requires_grad_(), torch.linspace(0, 1, 24)
    out = []
    for loss in (F.mse_loss, F.smooth_l1_loss, F.huber_loss, F.l1_loss):
        x.grad = None
        loss(x, t).backward()
        out.append(bits(loss(x, t), x.grad))
    return out


@case
def weights_of_attention():
    torch.manual_seed(1)
    x = (torch.rand(6, 24) * 6 - 3).requires_grad_()
    out = []
    for f in (torch.softmax, torch.log_softmax):
        x.grad = None
        y = f(x, -1)
        y.backward(x.detach())
        out.append(bits(y, x.grad))
    return out


@case
def rows_normalised():
    torch.manual_seed(1)
    out = []
    for n in (7, 10, 64, 300):
        x, layer = (torch.rand(3, n) * 4 - 2).requires_grad_(), nn.LayerNorm(n)
        y = layer(x)
        y.backward(torch.rand(3, n) - 0.5)
        out.append(bits(y, x.grad, layer.weight.grad, layer.bias.grad))
    return out


@case
def batches_normalised():
    torch.manual_seed(1)
    x, layer = (torch.rand(32, 16) * 4 - 2).requires_grad_(), nn.BatchNorm1d(16)
    y = layer(x)
    y.backward(torch.rand(32, 16) - 0.5)
    return bits(y, x.grad, layer.weight.grad, layer.bias.grad, layer.running_mean, layer.running_var)


SIZES = (1, 7, 16, 21, 40)  # vectors go in pairs; what is left over goes through C's functions


@case
def activations_of_odd_sizes():
    out = []
    for f in (F.gelu, F.silu, F.mish, F.softplus, F.elu, lambda x: F.gelu(x, approximate="tanh")):
        for n in SIZES:
            x = torch.linspace(-3, 2.9, n).requires_grad_()
            y = f(x)
            y.backward(torch.linspace(1, 2, n))
            out.append(bits(y, x.grad, f(torch.linspace(-2, 3, 2 * n)[::2])))
    return out


@case
def functions_of_two():
    out = []
    for f in (torch.pow, torch.atan2, torch.hypot, torch.logaddexp, torch.logaddexp2):
        for n in SIZES:
            x, y = torch.linspace(0.1, 3, n), torch.linspace(-2, 2.7, n)
            out.append(bits(f(x, y), f(x[:, None], y[None, :5]), f(x, y[:1])))
    return out


@case
def powers_of_features():
    x = torch.linspace(-3.14159, 3.14159, 200)
    return bits(x.unsqueeze(-1).pow(torch.tensor([1, 2, 3]))[150:])


@case
def grids():
    """Near whole pixels the last bit decides on which side a sample falls."""
    out = []
    for size in ((1, 1, 28, 28), (1, 2, 5, 7)):
        for align in (False, True):
            theta = torch.tensor([[[1.0, 0, 0], [0, 1, 0]]], requires_grad=True)
            grid = F.affine_grid(theta, size, align_corners=align)
            x = torch.linspace(-1, 2, size[1] * size[2] * size[3]).view(size).requires_grad_()
            for padding in ("zeros", "border"):
                y = F.grid_sample(x, grid + 0.01, padding_mode=padding, align_corners=align)
                out.append(bits(grid, y, *torch.autograd.grad(y.pow(2).sum(), [x, grid], retain_graph=True)))
    return out


@case
def norms_and_log_softmax():
    out = []
    torch.manual_seed(5)
    for n in (3, 7, 8, 24, 33):
        x = (torch.randn(20, n) * 2).requires_grad_()
        size = x.norm()
        size.backward()
        out.append(bits(size, x.norm(dim=1), x.grad, x.log_softmax(1)))
        p = torch.sigmoid(x.detach()).requires_grad_()
        F.binary_cross_entropy(p, torch.rand(20, n)).backward()
        out.append(bits(p.grad))
    return out


@case
def lines_of_warnings():
    """The line of the library that is printed below a warning."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], 0.1)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1)
    calls = (scheduler.step, scheduler.get_lr, lambda: nn.LSTM(2, 2, dropout=0.5),
             lambda: F.affine_grid(torch.zeros(1, 2, 3), (1, 1, 2, 2)),
             lambda: F.grid_sample(torch.zeros(1, 1, 2, 2), torch.zeros(1, 2, 2, 2)),
             lambda: F.kl_div(torch.zeros(2), torch.ones(2)), lambda: F.dropout2d(torch.zeros(2, 2, 2)),
             lambda: torch.utils.data.random_split([1], [0.9, 0.1]), lambda: nn.Linear(1, 1).state_dict(None))
    out = []
    for call in calls:
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            call()
        out.append([linecache.getline(w.filename, w.lineno).strip() for w in seen])
    return out


@case
def products():
    """The order of products is that of BLAS for an unknown processor, here on any; PyTorch's depends on the processor."""
    torch.manual_seed(1)
    a, b, total = torch.rand(12, 100) - 0.5, torch.rand(100, 24) - 0.5, torch.zeros(12, 24)
    for k in range(100):
        total = total + a[:, k : k + 1] * b[k : k + 1]
    same = all(torch.equal(x @ y, total) for x in (a, a.t().contiguous().t()) for y in (b, b.t().contiguous().t()))
    edge = order(lambda x: (x.view(1, -1).repeat(3, 1) @ torch.ones(len(x), 5))[2, 4].item(), 20)
    ours = "engine" in torch.__file__
    return [same, edge[:8] == [8, 0, 8, 0, 8, 0, 8, 0]] if ours else [True, True]


run(__file__)
