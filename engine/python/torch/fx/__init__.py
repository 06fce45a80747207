"""Symbolic tracing of modules is not part of this build; files that only prepare for it run."""

from torch import _absent


def wrap(fn_or_name):
    """Marks a function as one that a symbolic trace does not enter."""
    return fn_or_name


def __getattr__(name):
    return _absent.missing("torch.fx", name)
