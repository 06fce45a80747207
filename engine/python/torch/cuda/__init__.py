"""There is no CUDA here; programs that ask get PyTorch's answer on such a machine."""

import torch
from torch import _C

from .memory import *  # noqa: F401,F403
from .random import *  # noqa: F401,F403
from .streams import Event, ExternalStream, Stream  # noqa: F401

has_half = has_magma = False


class OutOfMemoryError(RuntimeError):
    pass


def is_available():
    return False


def device_count():
    return 0


def is_initialized():
    return False


def get_arch_list():
    return []


def get_gencode_flags():
    return ""


def _absent(*args, **kwargs):
    raise AssertionError("Torch not compiled with CUDA enabled")


current_device = get_device_name = get_device_properties = get_device_capability = synchronize = init = _absent
is_bf16_supported = can_device_access_peer = ipc_collect = current_stream = default_stream = cudart = _absent
current_blas_handle = set_sync_debug_mode = get_sync_debug_mode = _absent


def _device_index(device, optional=False):
    index = device if isinstance(device, int) else None
    if isinstance(device, (str, torch.device)):
        device = torch.device(device)
        if device.type != "cuda":
            raise ValueError(f"Expected a cuda device, but got: {device}")
        index = device.index
    if index is None and not optional:
        raise ValueError(f"Expected a torch.device with a specified index or an integer, but got:{device}")
    return index


def set_device(device):
    if _device_index(device) >= 0:
        _C._cuda_setDevice(device)


def utilization(device=None):
    """Percent of time in which the device was busy."""
    try:
        import pynvml  # noqa: F401
    except ModuleNotFoundError:
        raise ModuleNotFoundError("pynvml module not found, please install pynvml") from None
    return _absent()


memory_usage = utilization


class device:
    """Makes a device the current one within a with-statement; -1 and None change nothing."""

    def __init__(self, device):
        self.idx = _device_index(device, optional=True)
        self.prev_idx = -1

    def __enter__(self):
        if self.idx is not None and self.idx >= 0:
            self.prev_idx = current_device()

    def __exit__(self, type, value, traceback):
        return False


class device_of(device):
    """The device of a tensor; nothing happens for one of the CPU."""

    def __init__(self, obj):
        super().__init__(obj.get_device() if obj.is_cuda else -1)


class StreamContext:
    """Makes a stream the current one within a with-statement; None changes nothing."""

    def __init__(self, stream):
        self.stream = stream

    def __enter__(self):
        pass

    def __exit__(self, type, value, traceback):
        pass


def stream(stream):
    return StreamContext(stream)


class _TensorType(type(torch.FloatTensor)):
    def __call__(cls, *args, **kwargs):
        raise TypeError(f"type torch.cuda.{cls.__name__} not available. Torch not compiled with CUDA enabled.")

    def __instancecheck__(cls, obj):
        return False


for _type in torch._tensor.__all__[:-1]:
    globals()[_type] = _TensorType(_type, (), {"dtype": getattr(torch, _type).dtype, "is_cuda": True, "__module__": "torch.cuda"})

from . import amp, memory, nvtx, random, streams  # noqa: E402,F401
