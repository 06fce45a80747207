"""Profiling: tables and traces of what a program's operations cost."""

from torch.autograd.profiler import kineto_available, record_function
from torch.autograd.profiler_util import DeviceType, ProfilerActivity

from .profiler import (
    ProfilerAction,
    _KinetoProfile,  # noqa: F401
    profile,
    schedule,
    supported_activities,
    tensorboard_trace_handler,
)

__all__ = ["profile", "schedule", "supported_activities", "tensorboard_trace_handler", "ProfilerAction",
           "ProfilerActivity", "kineto_available", "DeviceType", "record_function"]
