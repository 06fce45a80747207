"""Operators of shared libraries.  A library is code for PyTorch's own binary, so none is loaded; programs that only
announce one run, and an operator says that it is missing when it is called."""

import os

from torch import _C

loaded_libraries = set()


class _OpNamespace:
    def __init__(self, name):
        self.name = name

    def __getattr__(self, op):
        if not loaded_libraries:
            raise AttributeError(f"'_OpNamespace' '{self.name}' object has no attribute '{op}'")
        return _C._missing(f"torch.ops.{self.name}.{op}")


torchvision = _OpNamespace("torchvision")
torchvision._cuda_version = lambda: -1


def load_library(path):
    if not os.path.exists(path):
        raise OSError(f"{path}: cannot open shared object file: No such file or directory")
    loaded_libraries.add(path)


def __getattr__(name):
    if name[:2] == "__":
        raise AttributeError(name)
    return globals().setdefault(name, _OpNamespace(name))
