"""Data pipes: datasets that are made of each other."""

import importlib as _importlib


def __getattr__(name):
    if name in ("iter", "map", "utils"):
        return _importlib.import_module("torch.utils.data.datapipes." + name)
    raise AttributeError(f"module 'torch.utils.data.datapipes' has no attribute '{name}'")
