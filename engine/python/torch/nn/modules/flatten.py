"""Joining dimensions and splitting them."""

from torch import Tensor
from .module import Module

__all__ = ["Flatten", "Unflatten"]


class Flatten(Module):
    """Joins dimensions start_dim to end_dim."""

    def __init__(self, start_dim=1, end_dim=-1):
        super().__init__()
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, input: Tensor) -> Tensor:
        return input.flatten(self.start_dim, self.end_dim)

    def extra_repr(self):
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Unflatten(Module):
    """Splits one dimension into several."""

    def __init__(self, dim, unflattened_size):
        super().__init__()
        if not isinstance(dim, (int, str)):
            raise TypeError("invalid argument type for dim parameter")
        element, what = (int, "ints") if isinstance(dim, int) else (tuple, "tuples")
        if not isinstance(unflattened_size, (tuple, list) if isinstance(dim, int) else tuple):
            raise TypeError(f"unflattened_size must be a tuple of {what}, but found type "
                            + type(unflattened_size).__name__)
        for i, size in enumerate(unflattened_size):
            if not isinstance(size, element):
                raise TypeError(f"unflattened_size must be tuple of {what}, but found element of type "
                                f"{type(size).__name__} at pos {i}")
        self.dim, self.unflattened_size = dim, unflattened_size

    def forward(self, input: Tensor) -> Tensor:
        return input.unflatten(self.dim, self.unflattened_size)

    def extra_repr(self):
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"
