"""Optimizers and learning-rate schedules."""

from .optimizer import Optimizer  # noqa: F401
from .algorithms import SGD, Adadelta, Adagrad, Adam, AdamW, RMSprop  # noqa: F401
from . import lr_scheduler  # noqa: F401


def __getattr__(name):
    if name in ("ASGD", "Adamax", "LBFGS", "NAdam", "RAdam", "Rprop", "SparseAdam"):
        def missing(*args, **kwargs):
            raise NotImplementedError(f"torch.optim.{name}")
        return missing
    raise AttributeError(f"module 'torch.optim' has no attribute '{name}'")
