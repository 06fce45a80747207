"""Views as copies, and rare tensor functions that are compositions of others."""

import warnings

import torch
from torch import _C

_VIEWS = ("alias", "as_strided", "diagonal", "expand", "permute", "select", "split", "split_with_sizes", "squeeze", "t",
          "transpose", "unbind", "unfold", "unsqueeze", "view")


def _copy_of(name):
    view = torch.Tensor.view_as if name == "alias" else getattr(torch.Tensor, name)

    def copy(input, *args, **kwargs):
        result = view(input, input) if name == "alias" else view(input, *args, **kwargs)
        return result.clone() if isinstance(result, torch.Tensor) else tuple(part.clone() for part in result)

    copy.__name__ = copy.__qualname__ = name + "_copy"
    copy.__doc__ = f"What {name} gives, in memory of its own."
    return copy


for _name in _VIEWS:
    globals()[_name + "_copy"] = _copy_of(_name)


def detach_copy(input):
    """A copy without history."""
    return input.detach().clone()


def slice_copy(input, dim=0, start=None, end=None, step=1):
    """A slice of one dimension, in memory of its own."""
    return input[(slice(None),) * (dim % input.dim()) + (slice(start, end, step),)].clone()


def _along(input, dim, spacing, edge_order):
    """The derivative along one dimension: central differences inside, one-sided ones at the ends; spacing is a step or the
    places of the samples (Fornberg 1988).  Each step is PyTorch's, as its graph shows them."""
    n, by = input.size(dim), _C._by_number
    x = lambda start, length=1: input.narrow(dim, start % n, length)  # noqa: E731
    if not isinstance(spacing, torch.Tensor):
        if edge_order == 1:
            first, last = x(1) - x(0), x(-1) - x(-2)
        else:
            first = by("mul", x(0), -1.5) + by("mul", x(1), 2) - by("mul", x(2), 0.5)
            last = by("mul", x(-3), 0.5) - by("mul", x(-2), 2) + by("mul", x(-1), 1.5)
        inside = x(2, n - 2) - x(0, n - 2)
        return torch.cat([by("div", first, spacing), by("div", by("div", inside, spacing), 2), by("div", last, spacing)], dim)
    shape = [1] * input.dim()
    shape[dim] = -1
    steps = torch.diff(spacing)
    before, after = steps[:-1], steps[1:]
    inside = ((-after / (before * (before + after))).reshape(shape) * x(0, n - 2)
              + ((after - before) / (before * after)).reshape(shape) * x(1, n - 2)
              + (before / (after * (before + after))).reshape(shape) * x(2, n - 2))
    if edge_order == 1:
        return torch.cat([(x(1) - x(0)) / steps[0], inside, (x(-1) - x(-2)) / steps[-1]], dim)
    a, b = steps[0], steps[1]
    first = -(2 * a + b) / a / (a + b) * x(0) + (a + b) / a / b * x(1) + -a / b / (a + b) * x(2)
    a, b = steps[-2], steps[-1]
    last = b / a / (b + a) * x(-3) + -(b + a) / b / a * x(-2) + (2 * b + a) / b / (b + a) * x(-1)
    return torch.cat([first, inside, last], dim)


def gradient(input, *, spacing=1, dim=None, edge_order=1):
    """The derivatives of a sampled function along each dimension."""
    if edge_order not in (1, 2):
        raise RuntimeError("torch.gradient only supports edge_order=1 and edge_order=2.")
    dims = list(range(input.dim())) if dim is None else [dim] if isinstance(dim, int) else list(dim)
    for d in dims:
        if dims.count(d) > 1:
            raise RuntimeError(f"dim {d % max(input.dim(), 1)} appears multiple times in the list of dims")
    if any(input.size(d) < edge_order + 1 for d in dims):
        raise RuntimeError("torch.gradient expected each dimension size to be at least edge_order+1")
    spacing = 1 if spacing is None else spacing
    spacings = list(spacing) if isinstance(spacing, (list, tuple)) else [spacing] * len(dims)
    if len(spacings) != len(dims) and dim is not None:
        raise RuntimeError("torch.gradient expected spacing to be unspecified, a scalar or it's spacing and dim arguments to have "
                           f"the same length, but got a spacing argument of length {len(spacings)} and a dim argument of length "
                           f"{len(dims)}.")
    if len(spacings) != len(dims) and not isinstance(spacings[0], torch.Tensor):
        raise RuntimeError(f"torch.gradient expected spacing to be unspecified, a scalar or a list of length {len(dims)} but got a "
                           f"list of length {len(spacings)}")
    if len(spacings) != len(dims):
        raise RuntimeError("torch.gradient expected spacing to be unspecified, a scalar, or a list of length equal to "
                           f"'self.dim() = {input.dim()}', but got a list of length {len(spacings)}")
    return tuple(_along(input, d, step, edge_order) for d, step in zip(dims, spacings))


def reinforce(self, reward):
    raise RuntimeError("""reinforce() was removed.
Use torch.distributions instead.
See https://pytorch.org/docs/master/distributions.html

Instead of:

probs = policy_network(state)
action = probs.multinomial()
next_state, reward = env.step(action)
action.reinforce(reward)
action.backward()

Use:

probs = policy_network(state)
# NOTE: categorical is equivalent to what used to be called multinomial
m = torch.distributions.Categorical(probs)
action = m.sample()
next_state, reward = env.step(action)
loss = -m.log_prob(action) * reward
loss.backward()
""")


def resize(self, *sizes):
    warnings.warn("non-inplace resize is deprecated")
    return self.clone().resize_(*sizes)


def resize_as(self, tensor):
    warnings.warn("non-inplace resize_as is deprecated")
    return self.clone().resize_(tensor.size())


def conj_physical_(input):
    """The conjugate in place: of real numbers themselves."""
    return input.copy_(input.conj_physical())


def as_strided_(input, size, stride, storage_offset=None):
    """input itself, seen with another geometry of its storage."""
    return input.as_strided_(size, stride, input.storage_offset() if storage_offset is None else storage_offset)


__all__ = [name + "_copy" for name in _VIEWS] + [
    "detach_copy", "slice_copy", "gradient", "as_strided_", "conj_physical_"]
for _name in ("reinforce", "resize", "resize_as"):
    globals()[_name].__qualname__ = f"Tensor.{_name}"
    setattr(_C._TensorBase, _name, globals()[_name])
for _name in __all__:
    globals()[_name] = _C._guarded(globals()[_name], False)
