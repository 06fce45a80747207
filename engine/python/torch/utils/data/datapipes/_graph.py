"""The pipes that a pipe is made of, and what a loader sets in all of them."""

import warnings

import torch
from torch.utils.data.datapipes.datapipe import IterDataPipe, MapDataPipe


def pipes_of(root):
    """root and every pipe behind it, each once."""
    found, waiting = {}, [root]
    while waiting:
        item = waiting.pop()
        if isinstance(item, (IterDataPipe, MapDataPipe)):
            if id(item) not in found:
                found[id(item)] = item
                waiting.extend(reversed(list(vars(item).values())))
        elif isinstance(item, (list, tuple)):
            waiting.extend(reversed(item))
        elif isinstance(item, dict):
            waiting.extend(reversed(list(item.values())))
    return list(found.values())


def _call(root, method, *args):
    for pipe in pipes_of(root):
        if callable(getattr(type(pipe), method, None)):
            getattr(pipe, method)(*args)


def apply_sharding(root, count, number):
    """Sample i goes to the reader with number i % count."""
    _call(root, "apply_sharding", count, number)


def apply_shuffle_settings(root, shuffle=None):
    if shuffle and not any(callable(getattr(type(pipe), "set_shuffle", None)) for pipe in pipes_of(root)):
        # PyTorch says so and then reads the pipe as it is
        warnings.warn("`shuffle=True` was set, but the datapipe does not contain a `Shuffler`. Adding one at the end. Be aware that "
                      "the default buffer size might not be sufficient for your task.", stacklevel=3)
    if shuffle is not None:
        _call(root, "set_shuffle", bool(shuffle))


def apply_random_seed(root, generator):
    for pipe in pipes_of(root):
        if callable(getattr(type(pipe), "set_seed", None)):
            pipe.set_seed(int(torch.empty((), dtype=torch.int64).random_(generator=generator).item()))
