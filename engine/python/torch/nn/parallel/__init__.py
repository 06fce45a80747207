"""Several devices: on a CPU alone a module runs as it is."""

from torch import _absent

from .data_parallel import DataParallel, data_parallel  # noqa: F401


def __getattr__(name):
    return _absent.missing("torch.nn.parallel", name)
