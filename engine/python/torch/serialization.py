"""save and load: PyTorch's zip files, and the form that they had before PyTorch 1.6."""

import io
import os

from torch import _C

__all__ = ["save", "load", "default_restore_location", "location_tag", "normalize_storage_type", "register_package",
           "SourceChangeWarning"]

DEFAULT_PROTOCOL = 2
_UNSAFE = ("Weights only load failed. Re-running `torch.load` with `weights_only` set to `False` will likely succeed, but it "
           "can result in arbitrary code execution.Do it only if you get the file from a trusted source. WeightsUnpickler "
           "error: ")
_SEEKABLE = (". You can only torch.load from a file that is seekable. Please pre-load the data into a buffer like io.BytesIO "
             "and try to load from it instead.")


class SourceChangeWarning(Warning):
    """A class has changed since a module of it was saved."""


def save(obj, f, pickle_module=None, pickle_protocol=DEFAULT_PROTOCOL, _use_new_zipfile_serialization=True):
    """Writes obj (tensors, state_dicts, plain Python, modules) to a file or file-like object."""
    legacy = not _use_new_zipfile_serialization
    if isinstance(f, (str, os.PathLike)):
        path = os.fspath(f)
        folder = os.path.dirname(path)
        if folder and not os.path.isdir(folder):
            if legacy:
                open(path, "wb")
            raise RuntimeError(f"Parent directory {folder} does not exist.")
        data = _C._save(obj, os.path.splitext(os.path.basename(path))[0] or "archive", legacy, str(path))
        with open(path, "wb") as file:
            file.write(data)
    elif hasattr(f, "write"):
        f.write(_C._save(obj, "archive", legacy))
    else:
        raise AttributeError(f"expected 'f' to be string, path, or a file-like object with a 'write' attribute, got {type(f)}")


def location_tag(storage):
    return "meta" if storage.device.type == "meta" else "cpu"


_packages = []  # (priority, what names a storage's device, what brings a storage there)


def register_package(priority, tagger, deserializer):
    _packages.append((priority, tagger, deserializer))
    _packages.sort(key=lambda package: package[0])


def _to_cpu(storage, location):
    return storage if location == "cpu" else None


def _to_meta(storage, location):
    if location == "meta":
        from torch.storage import UntypedStorage
        return UntypedStorage(storage.nbytes(), device="meta")


def _to_cuda(storage, location):
    if location.startswith("cuda"):
        raise RuntimeError("Attempting to deserialize object on a CUDA device but torch.cuda.is_available() is False. If you "
                           "are running on a CPU-only machine, please use torch.load with "
                           "map_location=torch.device('cpu') to map your storages to the CPU.")


register_package(10, location_tag, _to_cpu)
register_package(20, lambda storage: None, _to_cuda)
register_package(22, lambda storage: "meta" if storage.device.type == "meta" else None, _to_meta)


def default_restore_location(storage, location):
    """The storage where the file says that it was."""
    for _, _, bring in _packages:
        result = bring(storage, location)
        if result is not None:
            return result
    kind = type(storage)
    raise RuntimeError(f"don't know how to restore data location of {kind.__module__}.{kind.__name__} (tagged with {location})")


def normalize_storage_type(storage_type):
    return storage_type


def _restore_of(map_location):
    """What is asked of every storage of a file, with the name of its device."""
    if map_location is None:
        return default_restore_location
    if isinstance(map_location, dict):
        return lambda storage, location: default_restore_location(storage, map_location.get(location, location))
    if callable(map_location):
        def restore(storage, location):
            result = map_location(storage, location)
            return default_restore_location(storage, location) if result is None else result
        return restore
    place = str(map_location)
    return None if place == "cpu" else lambda storage, location: default_restore_location(storage, place)


def _read_whole(f):
    """The bytes from where f stands, and where that is."""
    try:
        start = f.tell()
        f.seek(start)
    except (io.UnsupportedOperation, AttributeError) as error:
        missing = "seek" if isinstance(error, AttributeError) else None
        text = f"{type(f).__name__!r} object has no attribute 'seek'" if missing else str(error)
        raise type(error)(text + _SEEKABLE) from None
    return f.read(), start


def _path_of(f):
    name = getattr(f, "name", None)
    return name if isinstance(name, str) else None


def _load_legacy(data, restore, weights_only, path):
    if not weights_only:
        import pickle  # here: it takes longer to load than all the rest of this module
        stream = io.BytesIO(data)
        if pickle.Unpickler(stream).load() != 0x1950a86a20f9469cfc6c:
            raise RuntimeError("Invalid magic number; corrupt file?")
        version = pickle.Unpickler(stream).load()
        if version != 1001:
            raise RuntimeError(f"Invalid protocol version: {version}")
    return _C._load(data, weights_only, restore, True, path)


def load(f, map_location=None, pickle_module=None, *, weights_only=False, **pickle_load_args):
    """Reads what save wrote: whatever it names is made, as pickle does; weights_only makes nothing but tensors and plain
    containers."""
    if os.environ.get("TORCH_FORCE_WEIGHTS_ONLY_LOAD", "0").lower() in ("1", "y", "yes", "true"):
        weights_only = True
    if weights_only and pickle_module is not None:
        raise RuntimeError("Can not safely load weights when expiclit picke_module is specified")
    if isinstance(f, (str, os.PathLike)):
        with open(f, "rb") as file:
            return load(file, map_location, pickle_module, weights_only=weights_only, **pickle_load_args)
    for name in pickle_load_args:
        if name not in ("encoding", "errors", "fix_imports"):
            raise TypeError(f"'{name}' is an invalid keyword argument for Unpickler()")
    data, start = _read_whole(f)
    if not data:
        raise EOFError("Ran out of input")
    restore = _restore_of(map_location)
    try:
        if data[:4] == b"PK\x03\x04":
            return _C._load(data, weights_only, restore, False, _path_of(f))[0]
        result, used = _load_legacy(data, restore, weights_only, _path_of(f))
        f.seek(start + used)
        return result
    except RuntimeError as error:
        if weights_only:
            import pickle
            raise pickle.UnpicklingError(_UNSAFE + str(error)) from None
        raise
