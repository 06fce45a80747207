"""Layers, losses and containers: class declarations over the engine's ops."""

import importlib

from torch import _absent, _names

from .modules import *  # noqa: F401,F403
from . import functional, init, modules, parameter, utils  # noqa: F401
from .modules.module import Module  # noqa: F401
from .parameter import Parameter  # noqa: F401


def __getattr__(name):
    if name == "parallel" or f"torch.nn.{name}" in _absent.names():
        return importlib.import_module("torch.nn." + name)
    if name == "DataParallel":
        return importlib.import_module("torch.nn.parallel").DataParallel
    return _names.missing("torch.nn", name)
