"""A seed gives PyTorch's numbers."""
from harness import case, expressions, run

# The interpreter starts each case with torch.manual_seed (0).
expressions('''
torch.rand(5)
torch.rand(3, 700)[2, -5:]
torch.rand(5, dtype=torch.float64)
torch.rand(5, dtype=torch.bfloat16)
torch.rand(2, 3).t().contiguous()
torch.rand(5, generator=torch.Generator().manual_seed(7))
torch.rand_like(torch.ones(2, 3).t())
torch.rand_like(torch.ones(4, dtype=torch.float64))
torch.randn(1)
torch.randn(15)
torch.randn(16)
torch.randn(17)
torch.randn(31)
torch.randn(40)
torch.randn(3, 333)[:, -4:]
torch.randn(5, dtype=torch.float64)
torch.randn(20, dtype=torch.float64)
torch.randn(3); torch.randn(2)
torch.randn(3); torch.randn(20); torch.randn(2)
torch.randn(1); torch.manual_seed(3); torch.randn(2)
torch.randn_like(torch.ones(4, 5).t())
torch.randint(10, (6,))
torch.randint(-5, 5, (6,))
torch.randint(0, 2**40, (6,))
torch.randint(0, 2**32, (4,))
torch.randint(0, 2**32 - 1, (4,))
torch.randint(3, (2, 2), dtype=torch.float32)
torch.randint(5, 5, (2,))
torch.randint_like(torch.ones(4), 10)
torch.randint_like(torch.ones(4), 3, 10)
torch.randperm(10)
torch.randperm(1)
torch.randperm(0)
torch.randperm(3, dtype=torch.int32)
torch.randperm(1000)[:8]
torch.empty(5).uniform_()
torch.empty(5).uniform_(-2, 3)
torch.empty(5, dtype=torch.float64).uniform_(-2, 3)
torch.empty(5).uniform_(3, 2)
torch.empty(5, dtype=torch.int64).uniform_()
torch.empty(3, 4).t().uniform_()
torch.empty(4, 6)[:, ::2].uniform_()
torch.empty(5).normal_(2, 3)
torch.empty(20).normal_(2, 3)
torch.empty(4, 5).t().normal_()
torch.empty(4, 10)[:, ::2].normal_()
torch.empty(5).normal_(2, -3)
torch.empty(5, dtype=torch.int64).normal_()
torch.empty(6).bernoulli_()
torch.empty(6).bernoulli_(0.3)
torch.empty(6, dtype=torch.bool).bernoulli_(0.3)
torch.empty(6, dtype=torch.float64).bernoulli_(0.3)
torch.empty(4, 3).t().bernoulli_(0.3)
torch.empty(6).bernoulli_(1.5)
torch.empty(6).bernoulli_(torch.linspace(0, 1, 6))
torch.bernoulli(torch.linspace(0, 1, 6))
torch.bernoulli(torch.linspace(0, 1, 6, dtype=torch.float64))
torch.bernoulli(torch.ones(3), 0.5)
torch.bernoulli(torch.full((3,), 0.5, requires_grad=True))
torch.bernoulli(torch.tensor([1, 0]))
torch.empty(6).exponential_()
torch.empty(6).exponential_(2.)
torch.empty(6, dtype=torch.float64).exponential_()
torch.empty(6).cauchy_()
torch.empty(6).log_normal_()
torch.empty(6).geometric_(0.3)
torch.empty(6, dtype=torch.int64).geometric_(0.3)
torch.empty(6).geometric_(1.5)
torch.empty(6).random_()
torch.empty(6, dtype=torch.float64).random_()
torch.empty(6, dtype=torch.int64).random_()
torch.empty(6, dtype=torch.int32).random_()
torch.empty(6, dtype=torch.uint8).random_()
torch.empty(6, dtype=torch.bool).random_()
torch.empty(6).random_(10)
torch.empty(6, dtype=torch.int64).random_(5, 10)
torch.empty(6, dtype=torch.int64).random_(5, None)
torch.empty(6).random_(5, 5)
torch.normal(0., 1., (5,))
torch.normal(torch.arange(5.), 0.1)
torch.normal(2., torch.arange(1., 6.))
torch.normal(torch.arange(20.), torch.arange(1., 21.))
torch.normal(torch.arange(2.), torch.ones(3, 1))
torch.multinomial(torch.tensor([0.1, 0.2, 0.7]), 1)
torch.multinomial(torch.tensor([0.1, 0.2, 0.7]), 2)
torch.multinomial(torch.tensor([[0.1, 0.2, 0.7], [0.5, 0.5, 0.]]), 2)
torch.multinomial(torch.tensor([0.1, 0.2, 0.7]), 10, replacement=True)
torch.multinomial(torch.tensor([[0.1, 0.2, 0.7], [0.5, 0.5, 0.]]), 6, replacement=True)
torch.multinomial(torch.tensor([0.1, 0.2, 0.7], dtype=torch.float64), 6, replacement=True)
torch.multinomial(torch.tensor([0.1, 0.2]), 3)
torch.multinomial(torch.tensor([-0.1, 0.2]), 1)
torch.multinomial(torch.tensor([0., 0.]), 1)
torch.multinomial(torch.tensor([1, 2]), 1)
torch.multinomial(torch.ones(2, 2, 2), 1)
torch.multinomial(torch.ones(2), 0)
torch.initial_seed()
torch.manual_seed(2**40 + 3); torch.rand(3)
torch.manual_seed(-1); torch.rand(3)
torch.rand(3, device="meta")
torch.rand(2, requires_grad=True)
torch.rand(2, -1)
torch.randn(3, out=torch.empty(3))
torch.rand(3).normal_().add_(1).dtype
F.dropout(torch.ones(8))
F.dropout(torch.ones(8), 0.2)
F.dropout(torch.ones(2, 4).t(), 0.5)
F.dropout(torch.ones(8, dtype=torch.float64), 0.5)
F.dropout(torch.ones(3), 1.)
F.dropout(torch.ones(3), 0.5, training=False)
''', rtol=2e-5, atol=2e-6)


@case
def a_long_walk():
    """Draws of all kinds one after the other: where one takes a word too many, the rest differs."""
    import torch
    torch.manual_seed(42)
    out = []
    for n in (1, 3, 15, 16, 17, 100, 700):
        out += [torch.rand(n)[-1], torch.randn(n)[-1].round(decimals=4), torch.randperm(n)[:2], torch.randint(9, (n,))[-1],
                torch.empty(n).bernoulli_(0.4).sum(), torch.empty(n, dtype=torch.float64).uniform_()[-1],
                torch.empty(n).exponential_()[-1]]
    return out


@case
def states():
    import torch
    torch.rand(3)
    state = torch.get_rng_state()
    first = torch.randn(5), torch.rand(2)
    torch.set_rng_state(state)
    return state.dtype, state.shape, first, torch.randn(5), torch.rand(2)


run(__file__)
