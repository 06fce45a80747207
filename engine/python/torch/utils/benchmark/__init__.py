"""Measuring how long statements take."""

from torch import _absent
from torch.utils.benchmark.utils.common import *  # noqa: F401,F403
from torch.utils.benchmark.utils.timer import *  # noqa: F401,F403


def __getattr__(name):
    return _absent.missing("torch.utils.benchmark", name)
