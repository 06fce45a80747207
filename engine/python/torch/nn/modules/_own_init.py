"""Layers that share a constructor name themselves in Python's errors about its arguments."""

from types import FunctionType

_SHARING = """AvgPool2d AvgPool3d MaxUnpool1d MaxUnpool2d MaxUnpool3d FractionalMaxPool2d FractionalMaxPool3d ReflectionPad1d
ReflectionPad2d ReflectionPad3d ReplicationPad1d ReplicationPad2d ReplicationPad3d ConstantPad1d ConstantPad2d ConstantPad3d ELU
CELU Hardshrink Softshrink Hardsigmoid Hardswish ReLU SELU SiLU Mish Softmin Softmax LogSoftmax L1Loss MSELoss BCELoss
MultiLabelMarginLoss SoftMarginLoss MultiLabelSoftMarginLoss Unfold SyncBatchNorm LazyConv1d LazyConv2d LazyConv3d
LazyConvTranspose1d LazyConvTranspose2d LazyConvTranspose3d""".split()


def give(classes):
    """Gives those of the classes that inherit a constructor a copy under their own name."""
    for name in _SHARING:
        cls = classes[name]
        init = cls.__init__
        own = FunctionType(init.__code__, init.__globals__, "__init__", init.__defaults__, init.__closure__)
        own.__kwdefaults__, own.__qualname__ = init.__kwdefaults__, f"{name}.__init__"
        cls.__init__ = own
