"""Layers, losses and containers: class declarations over the engine's ops."""

import importlib

from torch import _absent, _names

from .modules import *  # noqa: F401,F403
from . import _reduction, common_types, functional, grad, init, modules, parallel, parameter, utils  # noqa: F401
from .modules.module import Module  # noqa: F401
from .parallel import DataParallel  # noqa: F401
from .parameter import Parameter, UninitializedBuffer, UninitializedParameter  # noqa: F401

functional.grad = grad


def factory_kwargs(kwargs):
    """device, dtype and memory_format of a layer's keyword arguments."""
    if kwargs is None:
        return {}
    simple = {"device", "dtype", "memory_format"}
    expected = simple | {"factory_kwargs"}
    if not kwargs.keys() <= expected:
        raise TypeError(f"unexpected kwargs {kwargs.keys() - expected}")
    result = dict(kwargs.get("factory_kwargs", {}))
    for key in simple:
        if key in kwargs:
            if key in result:
                raise TypeError(f"{key} specified twice, in **kwargs and in factory_kwargs")
            result[key] = kwargs[key]
    return result


def __getattr__(name):
    if f"torch.nn.{name}" in _absent.names():
        return importlib.import_module("torch.nn." + name)
    return _names.missing("torch.nn", name)
