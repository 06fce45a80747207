"""Profiles: what ran between entering and leaving, collected by the engine."""

from contextlib import ContextDecorator
from warnings import warn

from torch import _C

from .profiler_util import DeviceType, EventList, FunctionEvent, FunctionEventAvg, ProfilerActivity  # noqa: F401


def kineto_available():
    return False


def _supported_activities():
    return {ProfilerActivity.CPU}


def kineto_step():
    """A profile's next step; only Kineto has to hear of it."""


class profile:
    """Context manager that collects operations, autograd's nodes and labelled blocks with their times."""

    def __init__(self, enabled=True, *, use_cuda=False, record_shapes=False, with_flops=False, profile_memory=False,
                 with_stack=False, with_modules=False, use_kineto=False, use_cpu=True, experimental_config=None):
        self.enabled = enabled
        if not enabled:
            return
        self.function_events, self.entered = None, False
        self.record_shapes, self.with_flops = record_shapes or with_flops, with_flops
        self.profile_memory, self.with_stack, self.with_modules = profile_memory, with_stack, with_modules
        self.use_cuda, self.use_cpu, self.experimental_config = use_cuda, use_cpu, experimental_config
        if not use_cpu:
            assert use_kineto, "Device-only events supported only with Kineto (use_kineto=True)"
        if use_cuda:
            warn("CUDA is not available, disabling CUDA profiling")
            self.use_cuda = False
        assert use_cpu, "No activities specified for the profiler"

    def __enter__(self):
        if not self.enabled:
            return None
        if self.entered:
            raise RuntimeError("Profiler context manager is not reentrant")
        self._prepare_trace()
        self._start_trace()
        return self

    def _prepare_trace(self):
        self.entered = True

    def _start_trace(self):
        self.entered = True
        _C._profiler.start(self.record_shapes, self.profile_memory, self.with_stack, self.with_flops)

    def __exit__(self, exc_type, exc_val, exc_tb):
        if not self.enabled:
            return None
        self.function_events = EventList(_C._profiler.stop(FunctionEvent), use_cuda=self.use_cuda,
                                         profile_memory=self.profile_memory, with_flops=self.with_flops)
        return False

    def __repr__(self):
        return "<unfinished torch.autograd.profile>" if self.function_events is None else repr(self.function_events)

    def __str__(self):
        return "<unfinished torch.autograd.profile>" if self.function_events is None else str(self.function_events)

    def _events(self):
        if self.function_events is None:
            raise RuntimeError("Profiler didn't finish running")
        return self.function_events

    def table(self, sort_by=None, row_limit=100, max_src_column_width=75, max_name_column_width=55,
              max_shapes_column_width=80, header=None, top_level_events_only=False):
        return self._events().table(sort_by, row_limit, max_src_column_width, max_name_column_width,
                                    max_shapes_column_width, header, top_level_events_only)

    def export_chrome_trace(self, path):
        return self._events().export_chrome_trace(path)

    def export_stacks(self, path, metric="self_cpu_time_total"):
        events = self._events()
        assert self.with_stack, "export_stacks() requires with_stack=True"
        return events.export_stacks(path, metric)

    def key_averages(self, group_by_input_shape=False, group_by_stack_n=0):
        return self._events().key_averages(group_by_input_shape, group_by_stack_n)

    def total_average(self):
        return self._events().total_average()

    @property
    def self_cpu_time_total(self):
        return self._events().self_cpu_time_total


class record_function(ContextDecorator):
    """Labels a block (or a function) in the profile that is being made."""

    def __init__(self, name, args=None):
        self.name, self.args, self.handle = name, args, -1

    def __enter__(self):
        self.handle = _C._profiler.enter(self.name)
        return self

    def __exit__(self, exc_type, exc_value, traceback):
        _C._profiler.leave(self.handle)


class emit_itt:
    """Ranges for Intel's VTune, which this build has not."""

    def __init__(self, enabled=True, record_shapes=False):
        self.enabled, self.entered, self.record_shapes = enabled, False, record_shapes

    def _begin(self):
        raise RuntimeError("Can't use ITT profiler - PyTorch was compiled without ITT")

    def __enter__(self):
        if not self.enabled:
            return None
        self._begin()
        return self

    def __exit__(self, exc_type, exc_val, exc_tb):
        return None


class emit_nvtx(emit_itt):
    """Ranges for NVIDIA's profilers, which need CUDA."""

    def _begin(self):
        raise AssertionError("Torch not compiled with CUDA enabled")
