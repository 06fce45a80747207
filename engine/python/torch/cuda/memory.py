"""The allocator of CUDA: it holds nothing."""

import collections
import warnings

from torch import _C

__all__ = ["empty_cache", "list_gpu_processes", "max_memory_allocated", "max_memory_cached", "max_memory_reserved", "mem_get_info",
           "memory_allocated", "memory_cached", "memory_reserved", "memory_snapshot", "memory_stats",
           "memory_stats_as_nested_dict", "memory_summary", "reset_accumulated_memory_stats", "reset_max_memory_allocated",
           "reset_max_memory_cached", "reset_peak_memory_stats", "set_per_process_memory_fraction"]


def empty_cache():
    pass


def memory_stats_as_nested_dict(device=None):
    return {}


def memory_stats(device=None):
    return collections.OrderedDict()


def memory_allocated(device=None):
    return memory_stats(device).get("allocated_bytes.all.current", 0)


max_memory_allocated = memory_reserved = max_memory_reserved = memory_allocated


def memory_summary(device=None, abbreviated=False):
    return memory_stats(device)["allocated_bytes.all.current"]


def memory_snapshot():
    return _C._cuda_memorySnapshot()


def _renamed(old, new, function):
    def call(device=None):
        warnings.warn(f"torch.cuda.{old} has been renamed to torch.cuda.{new}", FutureWarning)
        return function(device)
    call.__name__ = old
    return call


memory_cached = _renamed("memory_cached", "memory_reserved", memory_reserved)
max_memory_cached = _renamed("max_memory_cached", "max_memory_reserved", max_memory_reserved)


def reset_accumulated_memory_stats(device=None):
    return _C._cuda_resetAccumulatedMemoryStats(device)


def reset_peak_memory_stats(device=None):
    return _C._cuda_resetPeakMemoryStats(device)


def _resets_all(name):
    def call(device=None):
        warnings.warn(f"torch.cuda.{name} now calls torch.cuda.reset_peak_memory_stats, which resets /all/ peak memory stats.",
                      FutureWarning)
        return reset_peak_memory_stats(device)
    call.__name__ = name
    return call


reset_max_memory_allocated = _resets_all("reset_max_memory_allocated")
reset_max_memory_cached = _resets_all("reset_max_memory_cached")


def set_per_process_memory_fraction(fraction, device=None):
    raise AssertionError("Torch not compiled with CUDA enabled")


def mem_get_info(device=None):
    raise AssertionError("Torch not compiled with CUDA enabled")


def list_gpu_processes(device=None):
    try:
        import pynvml  # noqa: F401
    except ModuleNotFoundError:
        return "pynvml module not found, please install pynvml"
    return mem_get_info(device)
