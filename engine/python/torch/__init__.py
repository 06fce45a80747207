"""Tensors, automatic differentiation and neural networks: the names of PyTorch on Gradboard's engine."""

from torch import _C
from torch._C import *  # noqa: F401,F403

__version__ = "1.13.1"
globals().update(_C._functions)
