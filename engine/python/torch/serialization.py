"""save and load: PyTorch's zip files."""

import os

from torch import _C

__all__ = ["save", "load", "default_restore_location"]


def save(obj, f, pickle_module=None, pickle_protocol=2, _use_new_zipfile_serialization=True):
    """Writes obj (tensors, state_dicts, plain Python, modules) to a file or file-like object."""
    if isinstance(f, (str, os.PathLike)):
        path = os.fspath(f)
        folder = os.path.dirname(path)
        if folder and not os.path.isdir(folder):
            raise RuntimeError(f"Parent directory {folder} does not exist.")
        name = os.path.splitext(os.path.basename(path))[0] or "archive"
        data = _C._save(obj, name)
        with open(path, "wb") as file:
            file.write(data)
    elif hasattr(f, "write"):
        f.write(_C._save(obj, "archive"))
    else:
        raise AttributeError(f"expected 'f' to be string, path, or a file-like object with a 'write' attribute, got {type(f)}")


def load(f, map_location=None, pickle_module=None, *, weights_only=False, **pickle_load_args):
    """Reads what save wrote.  Every tensor comes to the processor, whatever map_location says."""
    if isinstance(f, (str, os.PathLike)):
        with open(f, "rb") as file:
            data = file.read()
    else:
        data = f.read()
    if not data:
        raise EOFError("Ran out of input")
    if data[:2] != b"PK":
        if data[:1] == b"\x80":
            return _C._missing("torch.load of a file that is no zip archive (written before PyTorch 1.6)")()
        import pickle
        raise pickle.UnpicklingError(f"invalid load key, {chr(data[0])!r}.")
    return _C._load(data, weights_only)


def default_restore_location(storage, location):
    return storage
