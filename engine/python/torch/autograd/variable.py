"""Variable is the old name of Tensor."""

from torch._C import Tensor


class _VariableMeta(type):
    def __instancecheck__(cls, obj):
        return isinstance(obj, Tensor)

    def __call__(cls, data, requires_grad=False, volatile=False):
        return data.detach().requires_grad_(requires_grad)


class Variable(metaclass=_VariableMeta):
    pass
