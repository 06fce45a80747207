"""Exponential families: p(x) = exp(t(x) . theta - F(theta) + k(x))."""

import torch
from torch.distributions.distribution import Distribution

__all__ = ["ExponentialFamily"]


class ExponentialFamily(Distribution):
    """A subclass says its natural parameters theta, the log normalizer F and the mean of k."""

    @property
    def _natural_params(self):
        raise NotImplementedError

    def _log_normalizer(self, *natural_params):
        raise NotImplementedError

    @property
    def _mean_carrier_measure(self):
        raise NotImplementedError

    def entropy(self):
        """F(theta) - theta . grad F(theta) - E[k], the gradient by autograd (Nielsen and Nock 2010)."""
        result = -self._mean_carrier_measure
        theta = [p.detach().requires_grad_() for p in self._natural_params]
        log_normalizer = self._log_normalizer(*theta)
        slopes = torch.autograd.grad(log_normalizer.sum(), theta, create_graph=True)
        result += log_normalizer
        for parameter, slope in zip(theta, slopes):
            result -= (parameter * slope).reshape(self._batch_shape + (-1,)).sum(-1)
        return result
