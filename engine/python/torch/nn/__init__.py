"""Layers, losses and containers: class declarations over the engine's ops."""

from torch import _names

from .modules import *  # noqa: F401,F403
from . import functional, init, modules, parameter, utils  # noqa: F401
from .modules.module import Module  # noqa: F401
from .parameter import Parameter  # noqa: F401


def __getattr__(name):
    return _names.missing("torch.nn", name)
