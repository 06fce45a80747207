"""What is left of Tensor for Python: the types that carry a dtype in their name, and rarely used methods."""

import warnings

import torch
from torch import _C
from torch._C import Tensor

_tensor_types = {}


class _TensorType(type):
    """torch.FloatTensor and its kin: calling one makes a tensor of that dtype."""

    def __call__(cls, *args, device=None):
        if device is not None and torch.device(device).type != "cpu":
            raise RuntimeError(f"legacy constructor expects device type: cpu but device type: {torch.device(device).type} was passed")
        return _C._legacy_new(cls.dtype, *args)

    def __instancecheck__(cls, obj):
        return isinstance(obj, Tensor) and obj.dtype == cls.dtype


for _name, _dtype in {"Float": _C.float32, "Double": _C.float64, "Half": _C.float16, "BFloat16": _C.bfloat16,
                      "Byte": _C.uint8, "Char": _C.int8, "Short": _C.int16, "Int": _C.int32, "Long": _C.int64,
                      "Bool": _C.bool}.items():
    globals()[_name + "Tensor"] = _TensorType(_name + "Tensor", (), {"dtype": _dtype, "__module__": "torch"})
    _tensor_types[f"torch.{_name}Tensor"] = _dtype

__all__ = [_name for _name in globals() if _name.endswith("Tensor") and _name[0] != "_"] + ["_tensor_types"]


def _method(function):
    setattr(_C._TensorBase, function.__name__, function)
    return function


def _refuse_grad(tensor, name):
    if tensor.requires_grad:
        raise RuntimeError(f"Can't call {name}() on Variable that requires grad. Use var.detach().{name}() instead.")


@_method
def storage(self):
    """The memory that this tensor looks at."""
    return torch.storage.TypedStorage._of(self)


@_method
def storage_type(self):
    return torch.storage.storage_classes[self.dtype]


@_method
def _storage(self):
    return torch.storage.UntypedStorage._of(self)


@_method
def apply_(self, callable):
    """Replaces each element by callable (element)."""
    _refuse_grad(self, "apply_")
    flat = [callable(value) for value in self.reshape(-1).tolist()]
    return self.copy_(torch.tensor(flat, dtype=self.dtype).reshape(self.shape))


@_method
def map_(self, other, callable):
    _refuse_grad(self, "map_")
    flat = [callable(a, b) for a, b in zip(self.reshape(-1).tolist(), other.expand_as(self).reshape(-1).tolist())]
    return self.copy_(torch.tensor(flat, dtype=self.dtype).reshape(self.shape))


_C._TensorBase.map_ = _C._guarded(map_, True)


@_method
def map2_(self, x, y, callable):
    """Replaces each element by callable of it and of those of x and y in its place."""
    _refuse_grad(self, "map2_")
    for name, other in (("x", x), ("y", y)):
        if other.dtype != self.dtype:
            raise TypeError(f"map2_: expected {self.type()} for argument '{name}' (got {other.type()})")
    columns = (t.reshape(-1).tolist() for t in (self, x.expand(self.shape), y.expand(self.shape)))
    flat = [callable(a, b, c) for a, b, c in zip(*columns)]
    return self.copy_(torch.tensor(flat, dtype=self.dtype).reshape(self.shape))


@_method
def to_dense(self, dtype=None):
    """self, as every tensor is dense here."""
    return self if dtype is None else self.to(dtype)


@_method
def rename(self, *names, **rename_map):
    """The same elements; names of dimensions, other than none, are not there."""
    if names != (None,) or rename_map:
        return _C._missing("torch.Tensor.rename")()
    return self.view_as(self)


@_method
def is_distributed(self):
    return False


@_method
def ipu(self, *args, **kwargs):
    raise RuntimeError("PyTorch is not linked with support for ipu devices")


@_method
def xpu(self, *args, **kwargs):
    raise RuntimeError("PyTorch is not linked with support for xpu devices")


@_method
def split(self, split_size, dim=0):
    """Views of at most split_size rows each, or of the given numbers of rows."""
    return tuple(_C._functions["split" if isinstance(split_size, int) else "split_with_sizes"](self, split_size, dim=dim))


@_method
def __reversed__(self):
    """The rows from the last to the first."""
    return self.flip(0) if self.dim() else self


@_method
def get_device(self):
    return -1


_C._TensorBase.get_device = _C._guarded(get_device, True)


@_method
def __dlpack_device__(self):
    from torch.utils.dlpack import DLDeviceType
    if self.is_meta:
        raise ValueError(f"Unknown device type {self.device.type} for Dlpack")
    return DLDeviceType.kDLCPU, 0


@_method
def __reversed__(self):
    """The rows from the last to the first."""
    return self.flip(0) if self.dim() else self


class DisableTorchFunction:
    """Inside it no __torch_function__ is asked."""

    def __enter__(self):
        _C._disable_torch_function(True)

    def __exit__(self, *exception):
        _C._disable_torch_function(False)


_C.DisableTorchFunction = DisableTorchFunction
_C._TensorBase.__array_priority__ = 1000


def _volatile(self):
    warnings.warn("volatile was removed (Variable.volatile is always False)", stacklevel=2)
    return False


_C._TensorBase.volatile = property(_volatile)


@_method
def to_sparse(self, sparse_dim=None):
    """The elements that are not zero, with their coordinates."""
    return torch.sparse._coo.to_sparse(self, sparse_dim)


_C._TensorBase.to_sparse_coo = to_sparse


@_method
def to_sparse_csr(self):
    """The elements of a matrix that are not zero, row by row."""
    from torch.sparse._csr import to_sparse_csr as make
    return make(self)


@_method
def sparse_mask(self, mask):
    """The elements at the places that mask keeps."""
    return torch.sparse._coo.sparse_mask(self, mask)


del _method

for _alias, _name in {"div": "truediv", "rdiv": "rtruediv", "idiv": "itruediv", "nonzero": "bool", "long": "int"}.items():
    setattr(_C._TensorBase, f"__{_alias}__", getattr(_C._TensorBase, f"__{_name}__"))  # Python 2's names of them
