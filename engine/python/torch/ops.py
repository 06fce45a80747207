"""Operators of shared libraries, none of which can be loaded here."""

loaded_libraries = set()


class _OpNamespace:
    def __init__(self, name):
        self.name = name

    def __getattr__(self, op):
        raise AttributeError(f"'_OpNamespace' '{self.name}' object has no attribute '{op}'")


def load_library(path):
    raise OSError(f"{path}: libraries of operators for PyTorch cannot be loaded into this engine")


def __getattr__(name):
    if name[:2] == "__":
        raise AttributeError(name)
    return globals().setdefault(name, _OpNamespace(name))
