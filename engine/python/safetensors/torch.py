"""save_file and load_file for torch's tensors."""

import os

from torch import _C

from safetensors import _read


def _sharing(tensors):
    """Names of tensors that lie in one storage."""
    by_storage = {}
    for name, tensor in tensors.items():
        if getattr(tensor, "numel", lambda: 0)():
            by_storage.setdefault(tensor.storage().data_ptr(), set()).add(name)
    return [names for names in by_storage.values() if len(names) > 1]


def _path(filename):
    return os.fsdecode(filename)


def _save(tensors, metadata, path):
    if not isinstance(tensors, dict):
        raise ValueError(f"Expected a dict of [str, torch.Tensor] but received {type(tensors)}")
    shared = _sharing(tensors)
    if shared:
        raise RuntimeError("Some tensors share memory, this will lead to duplicate memory on disk and potential differences "
                           f"when loading them again: {shared}.")
    return _C._safetensors_save(dict(tensors), metadata, path)


def save(tensors, metadata=None):
    """The bytes of a file with these tensors (name: tensor) and texts about them."""
    return _save(tensors, metadata, None)


def save_file(tensors, filename, metadata=None):
    data = _save(tensors, metadata, _path(filename))
    with open(filename, "wb") as file:
        file.write(data)


def load(data):
    """name: tensor, out of the bytes of a file."""
    return _read(data)[0]


def load_file(filename, device="cpu"):
    with open(os.fspath(filename), "rb") as file:
        tensors = _read(file.read(), filename)[0]
    return {name: tensor.to(device) for name, tensor in tensors.items()}


def save_model(model, filename, metadata=None, force_contiguous=True):
    """A module's state_dict; tensors that share memory are written once."""
    tensors, seen = {}, set()
    for name, tensor in model.state_dict().items():
        place = tensor.data_ptr()
        if not tensor.numel() or place not in seen:
            seen.add(place)
            tensors[name] = tensor.contiguous() if force_contiguous else tensor
    data = _C._safetensors_save(tensors, metadata, _path(filename))
    with open(filename, "wb") as file:
        file.write(data)


def load_model(model, filename, strict=True, device="cpu"):
    result = model.load_state_dict(load_file(filename, device), strict=False)
    return result.missing_keys, result.unexpected_keys
