"""Switches of libraries below PyTorch: they can be set and have no effect here."""

import sys as _sys
from contextlib import contextmanager as _contextmanager
from types import ModuleType as _Module, SimpleNamespace as _Switches


def _no():
    return False


def _yes():
    return True


@_contextmanager
def _flags(*args, **kwargs):
    yield


def _library(name, **switches):
    module = _Module("torch.backends." + name, "Switches without effect.")
    vars(module).update(switches)
    globals()[name] = _sys.modules[module.__name__] = module


_frozen = []


def disable_global_flags():
    """From now on switches are set with flags () only."""
    _frozen[:] = [True]


def flags_frozen():
    return bool(_frozen)


_library("cudnn", enabled=True, benchmark=False, benchmark_limit=None, deterministic=False, allow_tf32=True, is_available=_no,
         version=lambda: None, is_acceptable=lambda tensor: False, flags=_flags)
_library("cuda", is_built=_no, flash_sdp_enabled=lambda: True, math_sdp_enabled=lambda: True,
         matmul=_Switches(allow_tf32=True, allow_fp16_reduced_precision_reduction=True))
_library("mkl", is_available=_no, verbose=_flags, VERBOSE_OFF=0, VERBOSE_ON=1)
_library("mkldnn", is_available=_yes, flags=_flags, verbose=_flags)
_library("mps", is_available=_no, is_built=_no)
_library("openmp", is_available=_yes)
_library("quantized", engine="none", supported_engines=["none"])
_library("opt_einsum", enabled=False, strategy=None, is_available=_no)
