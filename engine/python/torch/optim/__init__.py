"""Optimizers and learning-rate schedules."""

from torch import _names

from .optimizer import Optimizer  # noqa: F401
from .algorithms import SGD, Adadelta, Adagrad, Adam, AdamW, RMSprop  # noqa: F401
from . import lr_scheduler  # noqa: F401


def __getattr__(name):
    return _names.missing("torch.optim", name)
