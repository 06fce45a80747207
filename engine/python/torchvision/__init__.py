"""A small torchvision: transforms, data sets that are already on the disk, grids of images.

Where torchvision itself is installed it is served instead: its Python files run on this engine, models included.
"""

import os as _os
import sys as _sys
from importlib.machinery import PathFinder as _PathFinder

_own = _os.path.dirname(_os.path.dirname(_os.path.realpath(__file__)))
_installed = _PathFinder.find_spec("torchvision", [path for path in _sys.path if _os.path.realpath(path or ".") != _own])

if _installed is not None and _installed.origin:
    __spec__, __file__, __path__ = _installed, _installed.origin, list(_installed.submodule_search_locations)
    _installed.loader.exec_module(_sys.modules[__name__])
else:
    from torchvision import datasets, models, transforms, utils  # noqa: F401

    __version__ = "0.14.1"
