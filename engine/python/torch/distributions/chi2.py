"""The chi-squared distribution."""

from torch.distributions import constraints
from torch.distributions.gamma import Gamma

__all__ = ["Chi2"]


class Chi2(Gamma):
    """The sum of df squared standard normals: gamma of shape df / 2 and rate 1 / 2."""

    arg_constraints = {"df": constraints.positive}

    def __init__(self, df, validate_args=None):
        super().__init__(0.5 * df, 0.5, validate_args=validate_args)

    def expand(self, batch_shape, _instance=None):
        return self._expand_into(self._get_checked_instance(Chi2, _instance), batch_shape, Gamma.arg_constraints)

    @property
    def df(self):
        return self.concentration * 2
