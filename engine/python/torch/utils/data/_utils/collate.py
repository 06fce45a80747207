"""Samples put together into a batch, and numpy's things as tensors."""

import collections.abc

import torch
from torch import _C

default_collate_err_msg_format = ("default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; "
                                  "found {}")


def default_collate(batch):
    """One batch out of a list of samples: tensors are stacked, numbers become a tensor, containers are walked."""
    return _C._data.default_collate(batch)


def _rebuild(kind, content):
    try:
        return kind(content)
    except TypeError:  # a container that is not made from one argument
        return content


def default_convert(data):
    """numpy's arrays as tensors, inside containers too; everything else as it is."""
    kind = type(data)
    if isinstance(data, (torch.Tensor, str, bytes)):
        return data
    if kind.__module__ == "numpy" and kind.__name__ not in ("str_", "bytes_"):
        return data if kind.__name__ == "ndarray" and data.dtype.kind in "SUO" else torch.as_tensor(data)
    if isinstance(data, collections.abc.Mapping):
        return _rebuild(kind, {key: default_convert(value) for key, value in data.items()})
    if isinstance(data, tuple) and hasattr(data, "_fields"):
        return kind(*(default_convert(value) for value in data))
    if isinstance(data, tuple):
        return [default_convert(value) for value in data]
    if isinstance(data, collections.abc.Sequence):
        return _rebuild(kind, [default_convert(value) for value in data])
    return data
