"""Python's multiprocessing.  Tensors that are sent to another process are copied."""

from multiprocessing import *  # noqa: F401,F403
from multiprocessing import __all__ as _all

from torch import _absent

__all__ = [*_all, "set_sharing_strategy", "get_sharing_strategy", "get_all_sharing_strategies"]

_strategy = "file_descriptor"
__path__ = []


def get_all_sharing_strategies():
    return {"file_descriptor", "file_system"}


def get_sharing_strategy():
    return _strategy


def set_sharing_strategy(new_strategy):
    global _strategy
    assert new_strategy in get_all_sharing_strategies()
    _strategy = new_strategy


def __getattr__(name):
    return _absent.missing("torch.multiprocessing", name)
