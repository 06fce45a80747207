"""The names that PyTorch 1.13.1 has: those the engine lacks exist and say so when they are used."""

import os

from torch import _C

with open(os.path.join(os.path.dirname(__file__), "_names.txt"), encoding="ascii") as _file:
    _names = {line.split(": ", 1)[0]: frozenset(line.split(": ", 1)[1].split()) for line in _file}


def of(module):
    return _names[module]


def modules():
    return tuple(_names)


def missing(module, name, names=None):
    """For a module's __getattr__: a stand-in that raises when used, or AttributeError in Python's words."""
    if name in (names or _names.get(module, ())):
        return _C._missing(f"{module}.{name}")
    raise AttributeError(f"module '{module}' has no attribute '{name}'")
