"""Helpers around training."""

import importlib as _importlib

from torch.utils import hooks  # noqa: F401

_packages = {"data", "checkpoint", "dlpack"}


def __getattr__(name):
    if name in _packages:
        return _importlib.import_module("torch.utils." + name)
    raise AttributeError(f"module 'torch.utils' has no attribute '{name}'")
