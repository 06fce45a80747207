"""The von Mises distribution."""

import math

import torch
from torch.distributions import constraints
from torch.distributions.distribution import Distribution
from torch.distributions.utils import broadcast_all, lazy_property

__all__ = ["VonMises"]


def _log_modified_bessel(x, order):
    """log I_order(x), through the scaled function so that it does not overflow."""
    return x + torch.log(torch.special.i1e(x) if order else torch.special.i0e(x))


class VonMises(Distribution):
    """The normal distribution's likeness on a circle: density exp(concentration cos(x - loc)) / (2 pi I0)."""

    arg_constraints = {"loc": constraints.real, "concentration": constraints.positive}
    support = constraints.real
    has_rsample = False

    def __init__(self, loc, concentration, validate_args=None):
        self.loc, self.concentration = broadcast_all(loc, concentration)
        super().__init__(self.loc.shape, torch.Size(), validate_args)

    @lazy_property
    def _proposal_r(self):
        kappa = self.concentration.double()
        tau = 1 + (1 + 4 * kappa ** 2).sqrt()
        rho = (tau - (2 * tau).sqrt()) / (2 * kappa)
        r = (1 + rho ** 2) / (2 * rho)
        return torch.where(kappa < 1e-5, 1 / kappa + kappa, r).to(self.loc.dtype)  # its series where r would be 0 / 0

    @torch.no_grad()
    def sample(self, sample_shape=torch.Size()):
        """By rejection from a wrapped Cauchy distribution (Best and Fisher 1979)."""
        shape = self._extended_shape(sample_shape)
        x = torch.empty(shape, dtype=self.loc.dtype, device=self.loc.device)
        loc, concentration, r = self.loc, self.concentration.expand(shape), self._proposal_r.expand(shape)
        done = torch.zeros(shape, dtype=torch.bool, device=self.loc.device)
        while not done.all():
            u1, u2, u3 = torch.rand((3,) + shape, dtype=loc.dtype, device=loc.device).unbind()
            z = torch.cos(math.pi * u1)
            f = (1 + r * z) / (r + z)
            c = concentration * (r - f)
            accept = ((c * (2 - c) - u2) > 0) | ((c / u2).log() + 1 - c >= 0)
            if accept.any():
                x = torch.where(accept, (u3 - 0.5).sign() * f.acos(), x)
                done = done | accept
        return (x + math.pi + loc) % (2 * math.pi) - math.pi

    def expand(self, batch_shape):
        return type(self)(self.loc.expand(batch_shape), self.concentration.expand(batch_shape),
                          validate_args=self.__dict__.get("_validate_args"))

    def log_prob(self, value):
        self._check(value)
        return (self.concentration * torch.cos(value - self.loc) - math.log(2 * math.pi)
                - _log_modified_bessel(self.concentration, order=0))

    @property
    def mean(self):
        return self.loc

    @property
    def mode(self):
        return self.loc

    @lazy_property
    def variance(self):
        """Circular: 1 - I1 / I0."""
        return 1 - (_log_modified_bessel(self.concentration, 1) - _log_modified_bessel(self.concentration, 0)).exp()
