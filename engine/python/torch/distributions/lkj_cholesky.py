"""The LKJ distribution of correlation matrices' Cholesky factors."""

import math

import torch
from torch.distributions import Beta, constraints
from torch.distributions.distribution import Distribution
from torch.distributions.utils import broadcast_all

__all__ = ["LKJCholesky"]


class LKJCholesky(Distribution):
    """Lewandowski, Kurowicka and Joe 2009: uniform over correlation matrices at concentration 1, near the identity above;
    samples by their onion method."""

    arg_constraints = {"concentration": constraints.positive}
    support = constraints.corr_cholesky

    def __init__(self, dim, concentration=1., validate_args=None):
        if dim < 2:
            raise ValueError(f"Expected dim to be an integer greater than or equal to 2. Found dim={dim}.")
        self.dim = dim
        self.concentration, = broadcast_all(concentration)
        rising = torch.arange(self.dim - 1, dtype=self.concentration.dtype, device=self.concentration.device)
        rising = torch.cat([rising.new_zeros((1,)), rising])
        marginal = self.concentration + 0.5 * (self.dim - 2)
        self._beta = Beta(rising + 0.5, marginal.unsqueeze(-1) - 0.5 * rising)
        super().__init__(self.concentration.size(), torch.Size((dim, dim)), validate_args)

    def expand(self, batch_shape, _instance=None):
        new = super().expand(batch_shape, self._get_checked_instance(LKJCholesky, _instance))
        new.dim = self.dim
        new._beta = self._beta.expand(torch.Size(batch_shape) + (self.dim,))
        return new

    def sample(self, sample_shape=torch.Size()):
        y = self._beta.sample(sample_shape).unsqueeze(-1)
        normal = torch.randn(self._extended_shape(sample_shape), dtype=y.dtype, device=y.device).tril(-1)
        sphere = normal / normal.norm(dim=-1, keepdim=True)
        sphere[..., 0, :].fill_(0.)  # 0 / 0 above the first row
        w = torch.sqrt(y) * sphere
        w += torch.diag_embed(torch.clamp(1 - torch.sum(w ** 2, dim=-1), min=torch.finfo(w.dtype).tiny).sqrt())
        return w

    def log_prob(self, value):
        self._check(value)
        diagonal = value.diagonal(dim1=-1, dim2=-2)[..., 1:]
        order = torch.arange(2, self.dim + 1)
        order = 2 * (self.concentration - 1).unsqueeze(-1) + self.dim - order
        unnormalised = torch.sum(order * diagonal.log(), dim=-1)
        m = self.dim - 1
        alpha = self.concentration + 0.5 * m
        pi_constant = 0.5 * m * math.log(math.pi)
        normalisation = pi_constant + torch.mvlgamma(alpha - 0.5, m) - torch.lgamma(alpha) * m
        return unnormalised - normalisation
