"""Tensors, automatic differentiation and neural networks: the names of PyTorch on Gradboard's engine."""

import importlib as _importlib

from math import e, inf, nan, pi  # noqa: F401

from torch import _blas  # noqa: F401  (before _C, which loads OpenBLAS)
from torch import _C, _absent, _names
from torch._C import *  # noqa: F401,F403

from torch._C import _to_dlpack as to_dlpack  # noqa: F401
from torch.torch_version import __version__  # noqa: F401


_public = _names.of("torch")
globals().update((name, op) for name, op in _C._functions.items() if name in _public or name[0] == "_")

from torch._tensor import *  # noqa: E402,F401,F403
from torch._compositions import *  # noqa: E402,F401,F403
from torch.functional import *  # noqa: E402,F401,F403
from torch._copies import *  # noqa: E402,F401,F403
from torch._facts import *  # noqa: E402,F401,F403
from torch._linalg_utils import *  # noqa: E402,F401,F403
from torch._switches import *  # noqa: E402,F401,F403
from torch._lowrank import pca_lowrank, svd_lowrank  # noqa: E402,F401
from torch import _utils, autograd, storage, version  # noqa: E402,F401
from torch.storage import TypedStorage, UntypedStorage  # noqa: E402,F401
from torch.serialization import load, save  # noqa: E402,F401
from torch.amp import autocast  # noqa: E402,F401

has_cuda = has_cudnn = has_mkl = has_mps = False
has_lapack = has_mkldnn = has_openmp = has_spectral = True

_C._add_missing(_names.of("torch.Tensor"))

# Loaded when they are first named, so that `import torch` stays quick.
_packages = {"nn", "optim", "utils", "linalg", "special", "cuda", "backends", "testing", "return_types", "distributed",
             "fft", "random", "types", "cpu", "_six", "fx", "hub", "jit", "multiprocessing", "ops",
             "profiler", "distributions", "overrides", "__config__", "futures", "sparse"}


def __getattr__(name):
    if name in _packages or "torch." + name in _absent.names():
        try:
            return _importlib.import_module("torch." + name)
        except ModuleNotFoundError as missing:
            if missing.name != "torch." + name:
                raise
    return _names.missing("torch", name, _public)


def is_storage(obj):
    return isinstance(obj, (TypedStorage, UntypedStorage))


def typename(o):
    """The name of an object's type, with its module."""
    if isinstance(o, Tensor):
        return o.type()
    module = getattr(o, "__module__", None)
    name = getattr(o, "__qualname__", None) or getattr(o, "__name__", None) or type(o).__name__
    return name if module in (None, "builtins", "__builtin__") else f"{module}.{name}"


def set_default_tensor_type(t):
    if not isinstance(t, (str, type)):
        raise TypeError("invalid type object: only floating-point types are supported as the default type")
    name = t if isinstance(t, str) else f"{t.__module__}.{t.__name__}"
    if name.startswith("torch.cuda."):
        raise TypeError(f"type {name} not available. Torch not compiled with CUDA enabled.")
    if name not in _tensor_types:
        module, _, attribute = name.rpartition(".")
        getattr(_importlib.import_module(module or name), attribute)  # PyTorch's error when there is no such type
        raise TypeError("invalid type object: only floating-point types are supported as the default type")
    if not _tensor_types[name].is_floating_point:
        raise TypeError("only floating-point types are supported as the default type")
    set_default_dtype(_tensor_types[name])


def _assert(condition, message):
    """assert as a function, so that a symbolic trace can see it."""
    if type(condition) is not Tensor and _C._has_torch_function((condition,)):
        return _C._function_ask(_assert, (condition,), (condition, message), {})
    assert condition, message


def sparse_coo_tensor(indices, values=None, size=None, *, dtype=None, device=None, requires_grad=False):
    """A tensor that keeps coordinates and values of what is not zero."""
    from torch.sparse import sparse_coo_tensor as make
    return make(indices, values, size, dtype=dtype, device=device, requires_grad=requires_grad)


def sparse_csr_tensor(crow_indices, col_indices, values, size=None, *, dtype=None, device=None, requires_grad=False):
    """A matrix that keeps, row by row, columns and values of what is not zero."""
    from torch.sparse._csr import sparse_csr_tensor as make
    return make(crow_indices, col_indices, values, size, dtype=dtype, device=device, requires_grad=requires_grad)


def compiled_with_cxx11_abi():
    return True


def get_num_interop_threads():
    return 1


def set_num_interop_threads(n):
    pass


