"""The packages of PyTorch that are left for a later round: they can be imported, and what is in them says so when it is used.
So do names that are left out of modules which are there (_left_out.txt)."""

import functools
import os
import sys
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

from torch import _C

_tables = {}
_left_out = {}


def _read(table, file):
    with open(os.path.join(os.path.dirname(__file__), file), encoding="ascii") as lines:
        for line in lines:
            module, _, public = line.partition(":")
            table[module] = frozenset(public.split())
    return table


def names():
    """What is public in each absent module."""
    return _tables or _read(_tables, "_absent.txt")


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


class _Amender:
    """Asked first: gives modules of _left_out.txt the names that they lack."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if not name.startswith("torch.") or name not in _left_out:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None:
            spec.loader.exec_module = functools.partial(_Amender.exec_module, spec.loader.exec_module)
        return spec

    @staticmethod
    def exec_module(run, module):
        run(module)
        own = vars(module).get("__getattr__")

        def __getattr__(name):
            if name in _left_out[module.__name__]:
                try:
                    return (own or _nothing)(name)
                except AttributeError:
                    return _C._missing(f"{module.__name__}.{name}")
            if own is not None:
                return own(name)
            raise AttributeError(f"module '{module.__name__}' has no attribute '{name}'")
        module.__getattr__ = __getattr__


def _nothing(name):
    raise AttributeError(name)


_read(_left_out, "_left_out.txt")
sys.meta_path.insert(0, _Amender)
sys.meta_path.append(_Finder)
