"""Lists of dtypes under their old names."""

import functools
import warnings

import torch

__all__ = ["make_non_contiguous", "floating_types_and_half", "all_types_and_half", "complex_types", "double_types", "empty_types",
           "get_all_dtypes", "get_all_math_dtypes", "get_all_complex_dtypes", "get_all_int_dtypes", "get_all_fp_dtypes",
           "get_all_device_types"]

_floating = (torch.float32, torch.float64)
_integral = (torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64)
_complex = (torch.complex64, torch.complex128)


def _deprecated(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        result = function(*args, **kwargs)
        warnings.warn(f"torch.testing.{function.__name__}() is deprecated since 1.12 and will be removed in 1.14. This call can "
                      f"be replaced with {result}.", FutureWarning, stacklevel=2)
        return result
    return wrapper


def _list(name, dtypes, more=False):
    """A function that gives those dtypes, and with more also what it is given."""
    def function(*others):
        return dtypes + others

    def plain():
        return dtypes
    made = function if more else plain
    made.__name__ = made.__qualname__ = name
    return _deprecated(made)


for _name, _dtypes in {"floating_types": _floating, "integral_types": _integral, "all_types": _floating + _integral,
                       "floating_and_complex_types": _floating + _complex,
                       "all_types_and_complex": _floating + _integral + _complex}.items():
    globals()[_name] = _list(_name, _dtypes)
    globals()[_name + "_and"] = _list(_name + "_and", _dtypes, more=True)
    __all__ += [_name, _name + "_and"]
floating_types_and_half = _list("floating_types_and_half", _floating + (torch.float16,))
all_types_and_half = _list("all_types_and_half", _floating + _integral + (torch.float16,))
complex_types = _list("complex_types", _complex)
double_types = _list("double_types", (torch.float64, torch.complex128))
empty_types = _list("empty_types", ())


@_deprecated
def get_all_dtypes(include_half=True, include_bfloat16=True, include_bool=True, include_complex=True, include_complex32=False,
                   include_qint=False):
    return (list(_integral) + list(_floating) + [torch.float16] * include_half + [torch.bfloat16] * include_bfloat16
            + [torch.bool] * include_bool + list(_complex) * include_complex)


@_deprecated
def get_all_math_dtypes(device):
    return list(_integral) + list(_floating) + list(_complex)


@_deprecated
def get_all_complex_dtypes(include_complex32=False):
    return list(_complex)


@_deprecated
def get_all_int_dtypes():
    return list(_integral)


@_deprecated
def get_all_fp_dtypes(include_half=True, include_bfloat16=True):
    return list(_floating) + [torch.float16] * include_half + [torch.bfloat16] * include_bfloat16


@_deprecated
def get_all_device_types():
    return ["cpu"]


def make_non_contiguous(tensor):
    """The same numbers in memory with gaps."""
    if tensor.numel() <= 1:
        return tensor.clone()
    wide = torch.empty(tuple(size + 2 for size in tensor.shape[:-1]) + (2 * tensor.shape[-1] + 2,), dtype=tensor.dtype)
    view = wide
    for dim, size in enumerate(tensor.shape):
        view = view.narrow(dim, 1, size) if dim < tensor.dim() - 1 else view[..., 1:2 * size + 1:2]
    return view.copy_(tensor)
