"""safetensors: files of tensors that hold nothing else.  The names of the package of that name, on Gradboard's engine."""

import os

from torch import _C


class SafetensorError(Exception):
    """A file is no safetensors file."""


def _read(data, filename=None):
    try:
        return _C._safetensors_load(data, None if filename is None else os.fsdecode(filename))
    except RuntimeError as error:
        raise SafetensorError(str(error)) from None


class safe_open:
    """with safe_open(path, framework="pt") as f: f.keys(), f.get_tensor(name), f.metadata()"""

    def __init__(self, filename, framework, device="cpu"):
        if framework not in ("pt", "torch", "pytorch"):
            raise SafetensorError(f"framework {framework} is invalid")
        with open(filename, "rb") as file:
            self._tensors, self._metadata = _read(file.read(), filename)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self._tensors = {}

    def keys(self):
        return sorted(self._tensors)

    def metadata(self):
        return self._metadata or None

    def get_tensor(self, name):
        if name not in self._tensors:
            raise SafetensorError(f"File does not contain tensor {name}")
        return self._tensors[name]

    def get_slice(self, name):
        return self.get_tensor(name)
