"""torch.distributions: parameters, samples from a seed, densities, moments, gradients, divergences, transforms, errors."""
from harness import case, expressions, run

import torch

# name: arguments (D and t are torch.distributions and torch.tensor), a value inside the support
FAMILIES = {
    "Bernoulli": ("t([0.3, 0.6])", "t([1., 0.])"),
    "Bernoulli ": ("logits=t([0.3, -0.6])", "t([1., 0.])"),
    "Beta": ("t([0.5, 3.]), t([2., 1.5])", "t([0.2, 0.7])"),
    "Binomial": ("10, t([0.3, 0.6])", "t([3., 7.])"),
    "Binomial ": ("t([30., 100.]), logits=t([0.3, 2.])", "t([3., 7.])"),
    "Categorical": ("t([[0.2, 0.3, 0.5], [1., 2., 1.]])", "t([1, 2])"),
    "Categorical ": ("logits=t([[0.2, 0.3, 0.5], [1., 2., 1.]])", "t([1, 2])"),
    "Cauchy": ("t([0., 1.]), t([1., 2.])", "t([0.5, -1.])"),
    "Chi2": ("t([1., 3.5])", "t([0.5, 2.])"),
    "ContinuousBernoulli": ("t([0.2, 0.5])", "t([0.5, 0.25])"),
    "Dirichlet": ("t([[0.5, 1.5, 2.], [3., 1., 1.]])", "t([[0.2, 0.3, 0.5], [0.1, 0.1, 0.8]])"),
    "Exponential": ("t([0.5, 2.])", "t([0.3, 1.])"),
    "FisherSnedecor": ("t([3., 5.]), t([6., 2.])", "t([0.3, 1.])"),
    "Gamma": ("t([0.5, 3.]), t([2., 1.])", "t([0.3, 1.])"),
    "Geometric": ("t([0.3, 0.8])", "t([2., 0.])"),
    "Gumbel": ("t([0., 1.]), t([1., 2.])", "t([0.5, -1.])"),
    "HalfCauchy": ("t([1., 2.])", "t([0.5, 1.])"),
    "HalfNormal": ("t([1., 2.])", "t([0.5, 1.])"),
    "Independent": ("D.Normal(t([[0., 1.], [2., 3.]]), 1.), 1", "t([[0.5, 1.], [0., 0.]])"),
    "Kumaraswamy": ("t([0.5, 3.]), t([2., 1.5])", "t([0.2, 0.7])"),
    "LKJCholesky": ("3, t([0.5, 2.])", "torch.eye(3).expand(2, 3, 3)"),
    "Laplace": ("t([0., 1.]), t([1., 2.])", "t([0.5, -1.])"),
    "LogNormal": ("t([0., 1.]), t([1., 0.5])", "t([0.5, 1.])"),
    "LogisticNormal": ("t([0., 1.]), t([1., 0.5])", "t([0.2, 0.3, 0.5])"),
    "LowRankMultivariateNormal": ("t([0., 1., 2.]), t([[1.], [0.5], [-1.]]), t([1., 2., 0.5])", "t([0.5, -1., 0.])"),
    "MixtureSameFamily": ("D.Categorical(t([0.3, 0.7])), D.Normal(t([0., 3.]), t([1., 0.5]))", "t(0.5)"),
    "Multinomial": ("5, t([0.2, 0.3, 0.5])", "t([1., 2., 2.])"),
    "MultivariateNormal": ("t([0., 1.]), t([[2., 0.5], [0.5, 1.]])", "t([0.5, -1.])"),
    "MultivariateNormal ": ("t([0., 1.]), precision_matrix=t([[2., 0.5], [0.5, 1.]])", "t([0.5, -1.])"),
    "MultivariateNormal  ": ("torch.zeros(3, 2), scale_tril=t([[2., 0.], [0.5, 1.]])", "t([0.5, -1.])"),
    "NegativeBinomial": ("t([3., 5.]), t([0.3, 0.6])", "t([2., 4.])"),
    "Normal": ("t([0., 1.]), t([1., 2.])", "t([0.5, -1.])"),
    "Normal ": ("0, 1", "t([0.5, -1.])"),
    "OneHotCategorical": ("t([0.2, 0.3, 0.5])", "t([0., 1., 0.])"),
    "OneHotCategoricalStraightThrough": ("t([0.2, 0.3, 0.5])", "t([0., 1., 0.])"),
    "Pareto": ("t([1., 2.]), t([3., 1.5])", "t([1.5, 3.])"),
    "Poisson": ("t([0.5, 20.])", "t([1., 15.])"),
    "RelaxedBernoulli": ("t([0.7]), t([0.3, 0.6])", "t([0.4, 0.9])"),
    "RelaxedOneHotCategorical": ("t([0.7]), t([0.2, 0.3, 0.5])", "t([0.2, 0.3, 0.5])"),
    "StudentT": ("t([1., 3.]), t([0., 1.]), t([1., 2.])", "t([0.5, -1.])"),
    "TransformedDistribution": ("D.Normal(t([0., 1.]), 1.), [D.SigmoidTransform(), D.AffineTransform(1., 2.)]", "t([1.5, 2.])"),
    "Uniform": ("t([0., 1.]), t([1., 3.])", "t([0.5, 2.])"),
    "VonMises": ("t([0., 1.]), t([1., 4.])", "t([0.5, -1.])"),
    "Weibull": ("t([1., 2.]), t([0.5, 1.5])", "t([0.5, 1.])"),
    "Wishart": ("t(4.), t([[2., 0.5], [0.5, 1.]])", "t([[2., 0.3], [0.3, 1.]])"),
}
SETUP = "import torch.distributions as D; t = torch.tensor"


def family_cases():
    for name, (arguments, value) in FAMILIES.items():
        d = f"D.{name.strip()}({arguments})"
        for what in ("sample()", "sample((3,))", "sample((2, 3))", "rsample((3,))", f"log_prob({value})",
                     f"log_prob({value})", "mean", "mode", "variance", "stddev", "entropy()", f"cdf({value})",
                     "icdf(t([0.25, 0.75]))", "batch_shape", "event_shape", "has_rsample", "has_enumerate_support", "support",
                     "arg_constraints", "enumerate_support()", "enumerate_support(False)", "perplexity()",
                     "expand((4, 2)).sample()", "expand((2,)).batch_shape", "expand((2,)).mean", "log_prob(t(-7.5))",
                     "log_prob(1.)", "log_prob(torch.ones(3, 5))", "log_prob(t(float('nan')))", "sample((20,)).mean(0)"):
            yield f"{d}.{what}"
        yield f"repr({d})"
        yield f"d = {d}; x = d.sample((2,)); (d.log_prob(x), torch.rand(2))"
        yield f"D.{name.strip()}({arguments.replace('t([', 't([-')})"


expressions("\n".join(family_cases()), setup=SETUP, rtol=1e-4, atol=1e-5)


PAIRS = {
    "Bernoulli": "t([0.3, 0.6])", "Beta": "t([0.5, 3.]), t([2., 1.5])", "Binomial": "10, t([0.3, 0.6])",
    "Categorical": "t([0.3, 0.7])", "Cauchy": "t([0., 1.]), t([1., 2.])", "ContinuousBernoulli": "t([0.2, 0.7])",
    "Dirichlet": "t([0.3, 0.7])", "Exponential": "t([0.5, 2.])", "Gamma": "t([0.5, 3.]), t([2., 1.])",
    "Geometric": "t([0.3, 0.8])", "Gumbel": "t([0., 1.]), t([1., 2.])", "HalfNormal": "t([1., 2.])",
    "Laplace": "t([0., 1.]), t([1., 2.])", "LowRankMultivariateNormal": "t([0., 1.]), t([[1.], [0.5]]), t([1., 2.])",
    "MultivariateNormal": "t([0., 1.]), t([[2., 0.5], [0.5, 1.]])", "Normal": "t([0., 1.]), t([1., 2.])",
    "OneHotCategorical": "t([0.3, 0.7])", "Pareto": "t([0.5, 2.]), t([3., 1.5])", "Poisson": "t([0.5, 20.])",
    "Uniform": "t([0.1, 0.3]), t([0.7, 0.9])", "LogNormal": "t([0., 1.]), t([1., 2.])",
    "Independent": "D.Normal(t([0., 1.]), 1.), 1", "Chi2": "t([1., 3.])", "StudentT": "t([1., 3.])",
}
expressions("\n".join(f"D.kl_divergence(D.{p}({PAIRS[p]}), D.{q}({PAIRS[q]}))" for p in PAIRS for q in PAIRS), setup=SETUP,
            rtol=1e-4, atol=1e-5)

expressions("""
D.kl_divergence(D.Normal(0., 1.), D.Normal(t([1., 2.]), 3.))
D.kl_divergence(D.Normal(t(0.).requires_grad_(), t(2.).requires_grad_()), D.Normal(1., 2.))
m = t([0.5, -0.5]).requires_grad_(); s = t([1., 2.]).requires_grad_(); torch.autograd.grad(D.kl_divergence(D.Normal(m, s), D.Normal(0., 1.)).sum(), [m, s])
m = t([0.5, -0.5]).requires_grad_(); s = t([1., 2.]).requires_grad_(); torch.autograd.grad(D.Normal(m, s).rsample((4,)).sum(), [m, s])
m = t([0.5, -0.5]).requires_grad_(); torch.autograd.grad(D.Normal(m, 1.).log_prob(t([1., 2.])).sum(), m)
a = t([0.5, 3., 20.]).requires_grad_(); b = t([1., 2., 3.]).requires_grad_(); torch.autograd.grad(D.Gamma(a, b).rsample((5,)).sum(), [a, b])
a = t([1.5, 3.]).requires_grad_(); torch.autograd.grad(D.StudentT(a).rsample((2,)).sum(), a)
l = t([0.5, 3., 1.]).requires_grad_(); torch.autograd.grad(D.Categorical(logits=l).log_prob(t(1)), l)
l = t([0.5, 3., 1.]).requires_grad_(); torch.autograd.grad(D.Categorical(logits=l).entropy(), l)
l = t([0.5, 3., 1.]).requires_grad_(); torch.autograd.grad(D.RelaxedOneHotCategorical(t(0.5), logits=l).rsample()[0], l)
l = t([0.5, 3., 1.]).requires_grad_(); torch.autograd.grad((D.OneHotCategoricalStraightThrough(logits=l).rsample() * t([1., 2., 3.])).sum(), l)
p = t([0.5, 0.3]).requires_grad_(); torch.autograd.grad(D.Bernoulli(p).log_prob(t([1., 0.])).sum(), p)
L = t([[1., 0.], [0.5, 2.]]).requires_grad_(); torch.autograd.grad(D.MultivariateNormal(torch.zeros(2), scale_tril=L).log_prob(t([1., 2.])), L)
L = t([[1., 0.5], [0.5, 2.]]).requires_grad_(); torch.autograd.grad(D.MultivariateNormal(torch.zeros(2), L).log_prob(t([1., 2.])), L)
D.Normal(t([0.]).requires_grad_(), 1.).rsample()
D.Normal(t([0.]).requires_grad_(), 1.).sample()
D.Normal(0., 1.).log_prob(t([0.5], requires_grad=True))
D.Normal("a", 1.)
D.Normal(0., -1.)
D.Normal(t([0., float('nan')]), 1.)
D.Normal(0., -1., validate_args=False)
D.Normal(t([0., 1.]), t([1., 2., 3.]))
D.Normal(0., 1.).log_prob("a")
D.Normal(0., 1.).sample_n(3)
D.Normal(0., 1.).sample(3)
D.Normal(0., 1.).sample([3])
D.Normal(torch.zeros(2, 3), 1.).expand((4, 2, 3)).rsample((2,)).shape
D.Bernoulli()
D.Bernoulli(t(0.5), t(0.5))
D.Bernoulli(0.5).sample((4,))
D.Bernoulli(t([0.2, 1.2]))
D.Bernoulli(t([0.2])).log_prob(t([0.5]))
D.Bernoulli(t([0.2])).logits
D.Bernoulli(logits=t([0.2])).probs
D.Categorical(t(0.5))
D.Categorical(t([-0.5, 1.]))
D.Categorical(t([0.5, 0.5])).log_prob(t([2]))
D.Categorical(t([0.5, 0.5])).param_shape
D.Categorical(torch.ones(4)).sample((10,))
D.Categorical(torch.ones(2, 4)).sample((10,)).shape
D.Categorical(logits=torch.zeros(2, 4)).probs
D.Uniform(1., 0.)
D.Uniform(0., 1.).log_prob(t(1.5))
D.Uniform(0., 1., validate_args=False).log_prob(t(1.5))
D.Beta(0.5, 0.5).sample()
D.Beta(0.5, 0.5).concentration1
D.Dirichlet(t(1.))
D.Dirichlet(t([1., 2.])).log_prob(t([0.5, 0.6]))
D.Multinomial(t(3), t([0.5, 0.5]))
D.MultivariateNormal(t(0.), torch.eye(2))
D.MultivariateNormal(torch.zeros(2))
D.MultivariateNormal(torch.zeros(2), torch.eye(2), torch.eye(2))
D.MultivariateNormal(torch.zeros(2), -torch.eye(2))
D.MultivariateNormal(torch.zeros(2), t([[1., 2.], [0., 1.]]))
D.MultivariateNormal(torch.zeros(2), torch.ones(2))
D.MultivariateNormal(torch.zeros(2), torch.eye(2)).precision_matrix
D.MultivariateNormal(torch.zeros(2), torch.eye(2)).scale_tril
D.MultivariateNormal(torch.zeros(3), torch.eye(2))
D.LowRankMultivariateNormal(torch.zeros(2), torch.ones(2, 1), torch.ones(2)).covariance_matrix
D.LowRankMultivariateNormal(torch.zeros(2), torch.ones(2, 1), torch.ones(2)).precision_matrix
D.LowRankMultivariateNormal(torch.zeros(2), torch.ones(2, 1), torch.ones(2)).scale_tril
D.LowRankMultivariateNormal(torch.zeros(2), torch.ones(3, 1), torch.ones(2))
D.Independent(D.Normal(0., 1.), 1)
D.Independent(D.Bernoulli(torch.full((3, 2), 0.3)), 2).log_prob(torch.ones(3, 2))
D.MixtureSameFamily(D.Normal(0., 1.), D.Normal(0., 1.))
D.MixtureSameFamily(D.Categorical(torch.ones(2)), D.Normal(torch.zeros(3), 1.))
D.MixtureSameFamily(D.Categorical(torch.ones(5)), D.Independent(D.Normal(torch.randn(5, 2), torch.rand(5, 2)), 1)).sample((3,))
D.MixtureSameFamily(D.Categorical(torch.ones(3, 5)), D.Independent(D.Normal(torch.randn(3, 5, 2), torch.rand(3, 5, 2)), 1)).log_prob(torch.ones(3, 2))
D.TransformedDistribution(D.Normal(0., 1.), D.ExpTransform()).log_prob(t([1., 2.]))
D.TransformedDistribution(D.Normal(0., 1.), 3)
D.TransformedDistribution(D.Uniform(0., 1.), [D.SigmoidTransform().inv, D.AffineTransform(loc=1., scale=2.)]).sample((3,))
D.TransformedDistribution(D.Normal(torch.zeros(3), 1.), D.StickBreakingTransform()).sample()
D.kl_divergence(D.Normal(0., 1.), D.Poisson(1.))
D.kl_divergence(D.Gamma(1., 1.), D.Normal(t([0.5]), 1.))
D.Poisson(t([-1.]))
D.Poisson(4.).sample((10,))
D.Geometric(t([0.]))
D.Wishart(t(1.), torch.eye(3))
D.Wishart(5., torch.eye(3)).sample((2,))
D.LKJCholesky(1)
D.constraints.positive.check(t([-1., 1.]))
D.constraints.simplex.check(t([0.5, 0.5]))
D.constraints.interval(0, 1).check(t([0.5, 1.5]))
D.constraints.integer_interval(0, 3).check(t([0.5, 1., 4.]))
D.constraints.lower_cholesky.check(torch.eye(2))
D.constraints.positive_definite.check(torch.eye(2))
D.constraints.positive_semidefinite.check(torch.ones(2, 2))
D.constraints.corr_cholesky.check(torch.eye(2))
D.constraints.one_hot.check(t([[0., 1.], [1., 1.]]))
D.constraints.square.check(torch.ones(2, 3))
D.constraints.symmetric.check(torch.ones(2, 2))
D.constraints.multinomial(3).check(t([1., 2.]))
D.constraints.dependent.check(1)
D.constraints.cat([D.constraints.positive, D.constraints.real]).check(t([-1., 1.]))
D.constraints.stack([D.constraints.positive, D.constraints.real]).check(t([-1., 1.]))
[repr(c) for c in (D.constraints.real, D.constraints.real_vector, D.constraints.simplex, D.constraints.unit_interval, D.constraints.less_than(3), D.constraints.nonnegative_integer, D.constraints.half_open_interval(0, 1), D.constraints.dependent)]
(D.constraints.real_vector.event_dim, D.constraints.simplex.event_dim, D.constraints.boolean.is_discrete)
D.constraints.dependent.event_dim
D.utils.tril_matrix_to_vec(torch.arange(9.).view(3, 3))
D.utils.vec_to_tril_matrix(torch.arange(6.))
D.utils.probs_to_logits(t([0.2, 0.8]))
D.utils.logits_to_probs(t([0.2, 0.8]), True)
D.utils.broadcast_all(1, t([1., 2.]))
D.biject_to(D.constraints.dependent)
D.transform_to(D.constraints.lower_cholesky)(torch.ones(2, 2))
D.biject_to(D.constraints.lower_cholesky)
D.biject_to(D.constraints.positive_definite)
D.Distribution().sample()
D.Distribution(validate_args=False).log_prob(1)
D.Distribution.set_default_validate_args(3)
D.__all__
D.Normal.__module__
torch.distributions.normal.Normal(0., 1.)
torch.distributions.kl.kl_divergence.__name__
isinstance(D.Normal(0., 1.), torch.distributions.Distribution)
D.ExponentialFamily.entropy(D.Normal(t([0., 1.]), t([1., 2.])))
D.ExponentialFamily.entropy(D.Gamma(t([0.5, 3.]), t([1., 2.])))
D.Normal(0., 1.).foo
""", setup=SETUP, rtol=1e-4, atol=1e-5)

TRANSFORMS = {
    "AbsTransform()": "x", "AffineTransform(1., 2.)": "x", "AffineTransform(t(1.), -t([1., 2., 3., 4.]), event_dim=1)": "x",
    "CatTransform([D.ExpTransform(), D.TanhTransform()], dim=-1, lengths=[1, 3])": "x",
    "ComposeTransform([D.ExpTransform(), D.AffineTransform(0., 3.)])": "x", "CorrCholeskyTransform()": "x[:, :3]",
    "CumulativeDistributionTransform(D.Normal(0., 1.))": "x", "ExpTransform()": "x",
    "IndependentTransform(D.ExpTransform(), 1)": "x", "LowerCholeskyTransform()": "x[:, :3]", "PowerTransform(2.)": "x.abs()",
    "ReshapeTransform((4,), (2, 2))": "x", "SigmoidTransform()": "x", "SoftplusTransform()": "x", "TanhTransform()": "x",
    "SoftmaxTransform()": "x", "StackTransform([D.ExpTransform(), D.TanhTransform(), D.SigmoidTransform()], dim=0)": "x",
    "StickBreakingTransform()": "x", "identity_transform": "x",
}


def transform_cases():
    for transform, x in TRANSFORMS.items():
        s = f"f = D.{transform}; x = torch.linspace(-1, 1.3, 12).view(3, 4); x = {x}; y = f(x); "
        yield s + "y"
        yield s + "f.inv(y)"
        yield s + "f.log_abs_det_jacobian(x, y)"
        yield s + "f.inv.log_abs_det_jacobian(y, x)"
        yield s + "(repr(f), repr(f.inv), f.bijective)"
        yield s + "(repr(f.domain), repr(f.codomain), f.domain.event_dim, f.codomain.event_dim)"
        yield s + "f.sign"
        yield s + "(f.forward_shape(x.shape), f.inverse_shape(y.shape))"
        yield s + "f.with_cache()(x)"
        yield s + "(f == f, f.inv.inv == f, f == D.ExpTransform())"
        yield s + "f.event_dim"
    for constraint in ("real", "positive", "greater_than(2.)", "less_than(2.)", "interval(-1., 3.)", "unit_interval", "simplex",
                       "corr_cholesky", "real_vector", "nonnegative", "half_open_interval(0., 2.)", "boolean"):
        for how in ("biject_to", "transform_to"):
            yield f"D.{how}(D.constraints.{constraint})(torch.linspace(-1, 1, 3))"
            yield f"repr(D.{how}(D.constraints.{constraint}))"


expressions("\n".join(transform_cases()), setup=SETUP, rtol=1e-4, atol=1e-5)


@case
def custom_distribution_and_kl():
    import torch.distributions as D

    class Mine(D.Normal):
        def __init__(self, loc):
            super().__init__(loc, torch.ones_like(loc))

    @D.register_kl(Mine, Mine)
    def kl(p, q):
        return (p.loc - q.loc) ** 2

    p = Mine(torch.tensor([1., 2.]))
    try:
        p.expand((3, 2))
    except NotImplementedError as error:
        text = str(error)
    return repr(p), text, D.kl_divergence(p, Mine(torch.zeros(2))), p.log_prob(torch.zeros(2)), p.sample()


@case
def policy_gradient():
    import torch.distributions as D
    policy = torch.nn.Linear(4, 2)
    optimizer = torch.optim.Adam(policy.parameters(), lr=0.1)
    losses = []
    for step in range(5):
        d = D.Categorical(logits=policy(torch.ones(3, 4) * step / 5))
        action = d.sample()
        loss = -(d.log_prob(action) * (action.float() - 0.5)).mean() - 0.01 * d.entropy().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append((loss.item(), action))
    return losses


@case
def variational_autoencoder():
    import torch.distributions as D
    encoder, decoder = torch.nn.Linear(6, 4), torch.nn.Linear(2, 6)
    optimizer = torch.optim.SGD([*encoder.parameters(), *decoder.parameters()], lr=0.1)
    x, losses = torch.rand(5, 6).round(), []
    for _ in range(4):
        mean, log_scale = encoder(x).chunk(2, -1)
        q = D.Independent(D.Normal(mean, log_scale.exp()), 1)
        z = q.rsample()
        p = D.Independent(D.Bernoulli(logits=decoder(z)), 1)
        prior = D.Independent(D.Normal(torch.zeros(2), torch.ones(2)), 1)
        loss = -(p.log_prob(x) - D.kl_divergence(q, prior.expand(q.batch_shape))).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


run(__file__)
