"""The packages of PyTorch that are left for a later round: they can be imported, and what is in them says so when it is used."""

import os
import sys
from importlib.machinery import ModuleSpec
from types import ModuleType

from torch import _C

_tables = {}


def names():
    """What is public in each absent module."""
    if not _tables:
        with open(os.path.join(os.path.dirname(__file__), "_absent.txt"), encoding="ascii") as file:
            for line in file:
                module, _, public = line.partition(":")
                _tables[module] = frozenset(public.split())
    return _tables


def missing(module, name):
    """A stand-in for what is public in module, or AttributeError in Python's words."""
    if name in names()[module]:
        return _C._missing(f"{module}.{name}")
    raise AttributeError(f"module '{module}' has no attribute '{name}'")


class _Absent(ModuleType):
    def __getattr__(self, name):
        return missing(self.__name__, name)


class _Finder:
    """Asked last, so a module that is there is found before."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.startswith("torch.") and name in names():
            return ModuleSpec(name, _Finder, is_package=True)
        return None

    @staticmethod
    def create_module(spec):
        return _Absent(spec.name)

    @staticmethod
    def exec_module(module):
        module.__doc__ = "Not part of this build."


sys.meta_path.append(_Finder)
