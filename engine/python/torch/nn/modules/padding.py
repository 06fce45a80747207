from torch import Tensor
from .. import functional as F
from .module import Module
from .utils import _ntuple, _pair, _quadruple

__all__ = ["ConstantPad1d", "ConstantPad2d", "ConstantPad3d", "ReflectionPad1d", "ReflectionPad2d", "ReflectionPad3d",
           "ReplicationPad1d", "ReplicationPad2d", "ReplicationPad3d", "ZeroPad2d"]


class _Pad(Module):
    def __init__(self, padding):
        super().__init__()
        self.padding = self._tuple_of(padding)

    def forward(self, input: Tensor) -> Tensor:
        return F.pad(input, self.padding, self._mode)

    def extra_repr(self):
        return f"{self.padding}"


class _ConstantPad(_Pad):
    def __init__(self, padding, value):
        super().__init__(padding)
        self.value = value

    def forward(self, input: Tensor) -> Tensor:
        return F.pad(input, self.padding, "constant", self.value)

    def extra_repr(self):
        return f"padding={self.padding}, value={self.value}"


class ConstantPad1d(_ConstantPad):
    _tuple_of = staticmethod(_pair)


class ConstantPad2d(_ConstantPad):
    _tuple_of = staticmethod(_quadruple)


class ConstantPad3d(_ConstantPad):
    _tuple_of = staticmethod(_ntuple(6))


class ZeroPad2d(ConstantPad2d):
    def __init__(self, padding):
        super().__init__(padding, 0.0)

    def extra_repr(self):
        return f"{self.padding}"


class ReflectionPad1d(_Pad):
    _tuple_of, _mode = staticmethod(_pair), "reflect"


class ReflectionPad2d(_Pad):
    _tuple_of, _mode = staticmethod(_quadruple), "reflect"


class ReflectionPad3d(_Pad):
    _tuple_of, _mode = staticmethod(_ntuple(6)), "reflect"


class ReplicationPad1d(_Pad):
    _tuple_of, _mode = staticmethod(_pair), "replicate"


class ReplicationPad2d(_Pad):
    _tuple_of, _mode = staticmethod(_quadruple), "replicate"


class ReplicationPad3d(_Pad):
    _tuple_of, _mode = staticmethod(_ntuple(6)), "replicate"
