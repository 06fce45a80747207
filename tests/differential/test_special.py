"""torch.special: values over each function's range, first and second gradients, dtypes, errors."""
from harness import case, expressions, run

import torch

UNARY = """airy_ai bessel_j0 bessel_j1 bessel_y0 bessel_y1 digamma entr erf erfc erfcx erfinv exp2 expit expm1 gammaln i0 i0e
i1 i1e log1p log_ndtr logit modified_bessel_i0 modified_bessel_i1 modified_bessel_k0 modified_bessel_k1 ndtr ndtri psi
round scaled_modified_bessel_k0 scaled_modified_bessel_k1 sinc spherical_bessel_j0""".split()
SMOOTH = """digamma entr erf erfc erfcx erfinv exp2 expit expm1 gammaln i0 i0e i1 i1e log1p log_ndtr logit ndtr ndtri psi
sinc""".split()
BINARY = "gammainc gammaincc zeta xlogy xlog1py".split()
POLYNOMIALS = [prefix + name for name in ("chebyshev_polynomial_t", "chebyshev_polynomial_u", "chebyshev_polynomial_v",
                                          "chebyshev_polynomial_w") for prefix in ("", "shifted_")]
POLYNOMIALS += ["hermite_polynomial_h", "hermite_polynomial_he", "laguerre_polynomial_l", "legendre_polynomial_p"]
# PyTorch's own values of these are good to 2e-5 only near some zeros; and it rounds these between steps.
ROUGH, ROUNDED = ("airy_ai", "bessel_j0", "bessel_y1"), ("logit", "sinc")
SPECIAL_VALUES = "torch.tensor([0., -0., 1., -1., inf, -inf, nan], dtype=torch.float64)"


def unary_cases():
    for name in UNARY:
        f = f"torch.special.{name}"
        yield f"{f}(torch.linspace(-12, 12, 97, dtype=torch.float{32 if name in ROUGH else 64}))"
        yield f"{f}(torch.logspace(-6, 2, 33, dtype=torch.float64))"
        yield f"{f}({SPECIAL_VALUES})"
        yield f"{f}(torch.linspace(0.05, 0.95, 10))"
        yield f"{f}(torch.arange(1, 4))"
        yield f"{f}(torch.tensor([True, False]))"
        yield f"{f}(torch.tensor([0.25, 0.5]).half())"
        if name not in ROUNDED:
            yield f"{f}(torch.tensor([0.25, 0.5]).bfloat16())"
        yield f"{f}(torch.rand(3, 4).t())"
        yield f"{f}(torch.tensor([0.25, 0.5]), out=torch.empty(2))"
        if name not in ("round", "ndtr"):
            yield f"{f}(torch.tensor([0.25, 0.5]), out=torch.empty(2).long())"
        yield f"{f}(1.)"


def gradient_cases():
    for name in SMOOTH:
        yield f"x = torch.linspace(0.1, 0.9, 7, dtype=torch.float64, requires_grad=True); y = torch.special.{name}(x); y"
        yield (f"x = torch.linspace(0.1, 0.9, 7, dtype=torch.float64, requires_grad=True); y = torch.special.{name}(x); "
               "g, = torch.autograd.grad(y.sum(), x, create_graph=True); "
               "(g.detach(), torch.autograd.grad(g.sum(), x) if g.requires_grad else None)")


def binary_cases():
    for name in BINARY:
        f = f"torch.special.{name}"
        yield f"{f}(torch.linspace(0.1, 30, 14, dtype=torch.float64)[:, None], torch.linspace(0.05, 40, 15, dtype=torch.float64))"
        yield f"{f}(torch.linspace(0.1, 5, 7)[:, None], torch.linspace(0.05, 6, 8))"
        yield f"{f}({SPECIAL_VALUES}[:, None], {SPECIAL_VALUES})"
        yield f"{f}(torch.tensor([1, 2]), torch.tensor([2, 3]))"
        yield f"{f}(torch.tensor([1., 2]).half(), torch.tensor([2., 3]).half())"
        yield f"{f}(torch.tensor([1., 2]).bfloat16(), torch.tensor([2., 3]).bfloat16())"
        yield f"{f}(torch.tensor([1.5, 2]), torch.tensor([2., 3], dtype=torch.float64))"
        yield f"{f}(torch.tensor([1.5, 2]), torch.tensor([2., 3, 4]))"
        yield f"{f}(torch.tensor([1.5, 2]), 2)"
        yield f"{f}(1.5, torch.tensor([1.5, 2]))"
        yield f"{f}(1.5, 2.)"
        yield (f"a = torch.tensor([1.5, 2], dtype=torch.float64); x = torch.tensor([0.7, 3], dtype=torch.float64, requires_grad=True); "
               f"y = {f}(a, x); g, = torch.autograd.grad(y.sum(), x, create_graph=True); "
               "(y, g.detach(), torch.autograd.grad(g.sum(), x))")
        yield f"a = torch.tensor([1.5, 2.], requires_grad=True); torch.autograd.grad({f}(a, torch.tensor([1., 2.])).sum(), a)"


def polynomial_cases():
    for name in POLYNOMIALS:
        f = f"torch.special.{name}"
        yield f"{f}(torch.linspace(-2, 2, 17, dtype=torch.float64)[:, None], torch.arange(-1, 12))"
        yield f"{f}(torch.tensor([-1., 0., 0.5, 1.]), 3)"
        yield f"{f}(0.5, torch.arange(5.))"
        yield f"{f}(torch.tensor([1, 2]), torch.tensor([2, 3]))"
        yield f"{f}(torch.tensor([0.5]).half(), 2)"
        yield f"{f}(torch.tensor([0.5, 0.25], requires_grad=True), 2)"
        yield f"{f}(1., 2)"


expressions("\n".join(unary_cases()), rtol=3e-6)
expressions("\n".join(gradient_cases()), rtol=1e-6)
expressions("\n".join(binary_cases()), rtol=3e-6)
expressions("\n".join(polynomial_cases()), rtol=3e-6)

expressions("""
torch.i0(x)
x.i0()
x.clone().i0_()
torch.igamma(x, x + 1)
x.igamma(x + 1)
x.clone().igamma_(x + 1)
torch.igammac(x, x + 1)
x.clone().igammac_(x + 1)
torch.igamma(torch.tensor([100., 1000., 1e4], dtype=torch.float64)[:, None], torch.tensor([90., 100., 1010., 1e4], dtype=torch.float64))
torch.igammac(torch.tensor([1e-8, 1e-3, .5], dtype=torch.float64)[:, None], torch.tensor([1e-9, 1e-3, .5, .9, 1.2], dtype=torch.float64))
torch.polygamma(0, x)
torch.polygamma(1, x)
torch.polygamma(2, -x)
torch.polygamma(5, torch.linspace(-3.5, 20, 11, dtype=torch.float64))
torch.polygamma(-1, x)
torch.polygamma(1, torch.arange(1, 4))
torch.polygamma(1, x.half())
torch.polygamma(1.5, x)
x.polygamma(2)
x.clone().polygamma_(2)
torch.polygamma(2, x, out=torch.empty(0))
torch.polygamma(n=1, input=x)
torch.polygamma(1, x.double().requires_grad_())
z = x.double().requires_grad_(); g, = torch.autograd.grad(torch.polygamma(1, z).sum(), z, create_graph=True); torch.autograd.grad(g.sum(), z)
torch.digamma(torch.linspace(-4.75, 30, 50, dtype=torch.float64))
torch.digamma(torch.tensor([0., -0., -1., 10., inf, nan]))
torch.mvlgamma(x + 2, 3)
x.mvlgamma(1)
(x + 2).mvlgamma_(2)
torch.mvlgamma(x, 0)
torch.mvlgamma(torch.tensor([3, 4]), 2)
torch.mvlgamma((x + 2).requires_grad_(), 3)
z = (x + 2).requires_grad_(); torch.autograd.grad(torch.mvlgamma(z, 3).sum(), z)
torch.special.multigammaln(x + 2, 2)
torch.special.polygamma(1, x)
torch.special.round(x, decimals=1)
torch.special.round(x * 1000, decimals=-2)
torch.special.softmax(x, 0)
torch.special.log_softmax(x, 0, dtype=torch.float64)
torch.special.logsumexp(x, 0)
torch.special.ndtri(torch.tensor([1e-300, 1e-30, 1e-10, 1e-3, 0.5, 0.999, 1 - 1e-10], dtype=torch.float64))
torch.special.log_ndtr(torch.tensor([-1e5, -100., -40., -10., -1., 0., 5., 20.], dtype=torch.float64))
torch.special.erfcx(torch.tensor([-30., -26., -5., 0., 10., 19.9, 20.1, 100., 1e10], dtype=torch.float64))
torch.special.modified_bessel_i0(torch.tensor([24.9, 25.1, 100., 700., 712., 1000.], dtype=torch.float64))
torch.special.i1(torch.tensor([24.9, 25.1, -100., 700., 712., 1000.], dtype=torch.float64))
torch.special.modified_bessel_k1(torch.tensor([1e-10, 1e-3, 2., 50., 700., 1000.], dtype=torch.float64))
torch.special.scaled_modified_bessel_k0(torch.tensor([1e-10, 1e-3, 2., 50., 700., 1e6], dtype=torch.float64))
torch.special.airy_ai(torch.tensor([-40., -8.1, -7.9, 1.9, 2.1, 50., 104.], dtype=torch.float64))
torch.special.chebyshev_polynomial_t(torch.tensor([0.3, 0.99, 1.01], dtype=torch.float64), 200)
torch.special.legendre_polynomial_p(torch.tensor([0.3, 0.99, 1.01], dtype=torch.float64), 50)
torch.special.zeta(2, 1)
torch.special.nothing
torch.special.i0.__name__
""", x="torch.linspace(0.2, 3.1, 6)", rtol=3e-6)

run(__file__)
