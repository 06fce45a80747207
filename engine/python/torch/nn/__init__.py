"""Layers, losses and containers: class declarations over the engine's ops."""

from . import functional, init, modules, parameter, utils  # noqa: F401
from .modules import *  # noqa: F401,F403
from .modules.module import Module  # noqa: F401
from .parameter import Parameter  # noqa: F401


def __getattr__(name):
    if name in ("AdaptiveLogSoftmaxWithLoss", "DataParallel", "FractionalMaxPool2d", "FractionalMaxPool3d",
                "LazyBatchNorm1d", "LazyBatchNorm2d", "LazyBatchNorm3d", "LazyConv1d", "LazyConv2d", "LazyConv3d",
                "LazyConvTranspose1d", "LazyConvTranspose2d", "LazyConvTranspose3d", "LazyInstanceNorm1d",
                "LazyInstanceNorm2d", "LazyInstanceNorm3d", "LazyLinear", "MaxUnpool1d", "MaxUnpool2d", "MaxUnpool3d",
                "UninitializedBuffer", "UninitializedParameter"):
        def missing(*args, **kwargs):
            raise NotImplementedError(f"torch.nn.{name}")
        return missing
    raise AttributeError(f"module 'torch.nn' has no attribute '{name}'")
