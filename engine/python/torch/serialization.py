"""save and load: PyTorch's zip files."""

from torch import _C


def save(obj, f, pickle_module=None, pickle_protocol=2, _use_new_zipfile_serialization=True):
    """Writes obj (tensors, state_dicts, plain Python) to a file or file-like object."""
    return _C._missing("torch.save")()


def load(f, map_location=None, pickle_module=None, *, weights_only=False, **pickle_load_args):
    """Reads what save wrote."""
    return _C._missing("torch.load")()
