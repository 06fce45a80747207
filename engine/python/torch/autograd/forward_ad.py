"""Forward-mode differentiation: tangents that travel with values while a level is open.

    with dual_level():
        out = f(make_dual(x, t))
        value, tangent = unpack_dual(out)     # tangent: the Jacobian of f at x times t
"""

from collections import namedtuple

from torch import _C
from torch.autograd.grad_mode import _DecoratorContextManager

__all__ = ["UnpackedDualTensor", "enter_dual_level", "exit_dual_level", "make_dual", "unpack_dual", "dual_level"]
_current_level = -1


def enter_dual_level():
    """Opens a level, of which there is one at a time, and gives its number."""
    global _current_level
    _current_level = _C._enter_dual_level()
    return _current_level


def exit_dual_level(*, level=None):
    """Closes the level: its tangents are gone."""
    global _current_level
    if (_current_level if level is None else level) != _current_level:
        raise RuntimeError("Trying to exit a forward AD level that was not the last one that was created. This is not supported.")
    _C._exit_dual_level()
    _current_level = -1


def make_dual(tensor, tangent, *, level=None):
    """tensor under another name, with tangent at its side."""
    if (_current_level if level is None else level) < 0:
        raise RuntimeError("Trying to create a dual Tensor for forward AD but no level exists, make sure to enter_dual_level() "
                           "first.")
    for what, value in (("primal", tensor), ("tangent", tangent)):
        if not (value.is_floating_point() or value.is_complex()):
            raise ValueError(f"Expected {what} to be floating point or complex, but got: {value.dtype}")
    return _C._make_dual(tensor, tangent)


_UnpackedDualTensor = namedtuple("_UnpackedDualTensor", ["primal", "tangent"])


class UnpackedDualTensor(_UnpackedDualTensor):
    """What unpack_dual gives: the value, and its tangent or None."""


def unpack_dual(tensor, *, level=None):
    """The value and the tangent of a dual tensor."""
    if (_current_level if level is None else level) < 0:
        return UnpackedDualTensor(tensor, None)
    return UnpackedDualTensor(*_C._unpack_dual(tensor))


class dual_level(_DecoratorContextManager):
    """The level inside which tangents travel."""

    def __enter__(self):
        return enter_dual_level()

    def __exit__(self, kind, value, traceback):
        exit_dual_level()
