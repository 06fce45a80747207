"""torch.special."""
from . import row

row("special_airy_ai special_bessel_j0 special_bessel_j1 special_bessel_y0 special_bessel_y1 special_modified_bessel_i0 special_modified_bessel_i1 "
    "special_modified_bessel_k0 special_modified_bessel_k1 special_scaled_modified_bessel_k0 special_scaled_modified_bessel_k1 special_spherical_bessel_j0", 0,
    "torch.special.FUNCTION(x.detach())", errors=["torch.special.FUNCTION('a')", "torch.special.FUNCTION()"])
row("special_digamma special_entr special_erf special_erfc special_erfcx special_erfinv special_exp2 special_expit special_expm1 special_gammaln special_i0 "
    "special_i0e special_i1 special_i1e special_log1p special_log_ndtr special_ndtr special_ndtri special_psi special_sinc", 2,
    "torch.special.FUNCTION(x)", errors=["torch.special.FUNCTION('a')", "torch.special.FUNCTION()"])
row("special_logit", 2, "torch.special.logit(u)", errors=["torch.special.logit('a')"])
row("special_round", 2, "torch.special.round(x)", errors=["torch.special.round('a')"])
row("special_chebyshev_polynomial_t special_chebyshev_polynomial_u special_chebyshev_polynomial_v special_chebyshev_polynomial_w special_hermite_polynomial_h "
    "special_hermite_polynomial_he special_laguerre_polynomial_l special_legendre_polynomial_p special_shifted_chebyshev_polynomial_t "
    "special_shifted_chebyshev_polynomial_u special_shifted_chebyshev_polynomial_v special_shifted_chebyshev_polynomial_w", 0,
    "torch.special.FUNCTION(x.detach(), 3)", errors=["torch.special.FUNCTION(x)", "torch.special.FUNCTION(x, 'a')"], special=False)
row("special_xlog1py special_xlogy special_zeta", 0, "torch.special.FUNCTION(u.detach() + 2, y.detach().abs() + 1)", errors=["torch.special.FUNCTION(x)", "torch.special.FUNCTION(x, 'a')"])
row("special_gammainc special_gammaincc", 0, "torch.special.FUNCTION(u.detach(), y.detach().abs())", errors=["torch.special.FUNCTION(x)"])
row("special_polygamma", 2, "torch.special.polygamma(1, u)", errors=["torch.special.polygamma(-1, x)"])
row("special_multigammaln", 2, "torch.special.multigammaln(u + 2, 2)", errors=["torch.special.multigammaln(x, 0)"])
row("special_logsumexp", 2, "torch.special.logsumexp(x, 1)", errors=["torch.special.logsumexp(x)"])
row("special_softmax special_log_softmax", 2, "torch.special.FUNCTION(x, 1)", errors=["torch.special.FUNCTION(x)"])
