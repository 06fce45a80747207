"""Helpers around training."""

import importlib as _importlib

from torch import _absent
from torch.utils import hooks  # noqa: F401

_packages = {"_pytree", "backcompat", "data", "checkpoint", "dlpack", "model_zoo"}  # and those of torch._absent


def __getattr__(name):
    if name in _packages or "torch.utils." + name in _absent.names():
        return _importlib.import_module("torch.utils." + name)
    raise AttributeError(f"module 'torch.utils' has no attribute '{name}'")
