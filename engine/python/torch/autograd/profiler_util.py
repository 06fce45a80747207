"""What a profile is made of: events, their averages, and lists of them that print as tables."""

from collections import defaultdict, namedtuple
from enum import Enum

from torch import _C


class DeviceType(Enum):
    CPU = 0
    CUDA = 1


class ProfilerActivity(Enum):
    CPU = 0
    CUDA = 1


Kernel = namedtuple("Kernel", ["name", "device", "duration"])


def _format_time(time_us):
    for unit, size in (("s", 1000.0 * 1000.0), ("ms", 1000.0)):
        if time_us >= size:
            return f"{time_us / size:.3f}{unit}"
    return f"{time_us:.3f}us"


class Interval:
    def __init__(self, start, end):
        self.start, self.end = start, end

    def elapsed_us(self):
        return round(self.end - self.start, 3)


class FormattedTimesMixin:
    """Times as text, for events and averages; a subclass has *_time_total and count."""

    cpu_time = property(lambda self: 0.0 if self.count == 0 else 1.0 * self.cpu_time_total / self.count)
    cuda_time = property(lambda self: 0.0 if self.count == 0 else 1.0 * self.cuda_time_total / self.count)
    cpu_time_str = property(lambda self: _format_time(self.cpu_time))
    cuda_time_str = property(lambda self: _format_time(self.cuda_time))
    cpu_time_total_str = property(lambda self: _format_time(self.cpu_time_total))
    cuda_time_total_str = property(lambda self: _format_time(self.cuda_time_total))
    self_cpu_time_total_str = property(lambda self: _format_time(self.self_cpu_time_total))
    self_cuda_time_total_str = property(lambda self: _format_time(self.self_cuda_time_total))


class FunctionEvent(FormattedTimesMixin):
    """One thing that ran: an operation, a node of the graph, a labelled block."""

    cuda_time_total = self_cuda_time_total = self_cuda_memory_usage = 0  # there is no CUDA

    def __init__(self, id, name, thread, start_us, end_us, fwd_thread=None, input_shapes=None, stack=None, scope=0,
                 cpu_memory_usage=0, cuda_memory_usage=0, is_async=False, is_remote=False, sequence_nr=-1, node_id=-1,
                 device_type=DeviceType.CPU, device_index=0, is_legacy=False, flops=None, trace_name=None):
        self.id, self.node_id, self.name, self.trace_name = id, node_id, name, trace_name
        self.time_range, self.thread, self.fwd_thread = Interval(start_us, end_us), thread, fwd_thread
        self.kernels, self.count, self.cpu_children, self.cpu_parent = [], 1, [], None
        self.input_shapes, self.stack, self.scope = input_shapes, stack, scope
        self.cpu_memory_usage, self.cuda_memory_usage = cpu_memory_usage, cuda_memory_usage
        self.is_async, self.is_remote, self.sequence_nr = is_async, is_remote, sequence_nr
        self.device_type, self.device_index, self.is_legacy, self.flops = device_type, device_index, is_legacy, flops

    key = property(lambda self: self.name)
    cpu_time_total = property(lambda self: self.time_range.elapsed_us())

    @property
    def self_cpu_time_total(self):
        return round(self.cpu_time_total - sum(child.cpu_time_total for child in self.cpu_children), 3)

    @property
    def self_cpu_memory_usage(self):
        return self.cpu_memory_usage - sum(child.cpu_memory_usage for child in self.cpu_children)

    def __repr__(self):
        return (f"<FunctionEvent id={self.id} name={self.name} device_type={self.device_type} node_id={self.node_id} "
                f"cpu_time={self.cpu_time_str} start_us={self.time_range.start} end_us={self.time_range.end} "
                f"cpu_children={[child.id for child in self.cpu_children]} cuda_time={self.cuda_time_str} "
                f"name={self.name} thread={self.thread} input_shapes={self.input_shapes} "
                f"cpu_memory_usage={self.cpu_memory_usage} cuda_memory_usage={self.cuda_memory_usage} "
                f"is_async={self.is_async} is_remote={self.is_remote} seq_nr={self.sequence_nr} "
                f"is_legacy={self.is_legacy}>")


class FunctionEventAvg(FormattedTimesMixin):
    """Events of one key together."""

    _taken = ("key", "node_id", "is_async", "is_remote", "cpu_parent", "cpu_children", "input_shapes", "stack", "scope",
              "device_type", "is_legacy")
    _added = ("cpu_time_total", "cuda_time_total", "self_cpu_time_total", "self_cuda_time_total", "cpu_memory_usage",
              "cuda_memory_usage", "self_cpu_memory_usage", "self_cuda_memory_usage", "count")

    def __init__(self):
        self.key = self.input_shapes = self.stack = self.scope = self.cpu_children = self.cpu_parent = None
        self.node_id, self.is_async, self.is_remote, self.is_legacy, self.flops = 0, False, False, False, 0
        self.device_type = DeviceType.CPU
        for name in self._added:
            setattr(self, name, 0)

    def add(self, other):
        if self.key is None:
            for name in self._taken:
                setattr(self, name, getattr(other, name))
        assert isinstance(other, (FunctionEvent, FunctionEventAvg))
        assert other.key == self.key
        for name in self._added:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.flops = other.flops if self.flops is None else self.flops + (other.flops or 0)
        return self

    __iadd__ = add

    def __repr__(self):
        return (f"<FunctionEventAvg key={self.key} self_cpu_time={self.self_cpu_time_total_str} "
                f"cpu_time={self.cpu_time_str}  self_cuda_time={self.self_cuda_time_total_str} "
                f"cuda_time={self.cuda_time_str} input_shapes={self.input_shapes} "
                f"cpu_memory_usage={self.cpu_memory_usage} cuda_memory_usage={self.cuda_memory_usage}>")


class EventList(list):
    """Events, or averages of events."""

    def __init__(self, *args, use_cuda=True, profile_memory=False, with_flops=False):
        super().__init__(*args)
        self._use_cuda, self._profile_memory, self._with_flops = use_cuda, profile_memory, with_flops

    def __str__(self):
        return self.table()

    @property
    def self_cpu_time_total(self):
        return round(sum(event.self_cpu_time_total for event in self), 3)

    def table(self, sort_by=None, row_limit=100, max_src_column_width=75, max_name_column_width=55,
              max_shapes_column_width=80, header=None, top_level_events_only=False):
        """The events as a text table, the largest sort_by first."""
        events = self if sort_by is None else sorted(self, key=lambda event: getattr(event, sort_by), reverse=True)
        return _C._profiler.table(list(events), row_limit, max_src_column_width, max_name_column_width,
                                  max_shapes_column_width, header, self._profile_memory, self._with_flops,
                                  top_level_events_only)

    def export_chrome_trace(self, path):
        _C._profiler.chrome_trace(list(self), path)

    def supported_export_stacks_metrics(self):
        return ["self_cpu_time_total", "self_cuda_time_total"]

    def export_stacks(self, path, metric):
        """One line an event, "outermost;...;innermost time", as flame graphs are made of."""
        if metric not in self.supported_export_stacks_metrics():
            raise ValueError("metric should be one of: " + str(self.supported_export_stacks_metrics()))
        clean = str.maketrans(" ;\t\n", "____")
        with open(path, "w") as file:
            for event in self:
                value = int(getattr(event, metric))
                if event.stack and value > 0:
                    file.write(";".join(entry.translate(clean) for entry in reversed(event.stack)) + f" {value}\n")

    def key_averages(self, group_by_input_shapes=False, group_by_stack_n=0):
        """Events of the same name together (and of the same input shapes, and of the same callers)."""
        groups = defaultdict(FunctionEventAvg)
        for event in self:
            key = (event.key, event.node_id, event.device_type, event.is_legacy)
            shapes = (str(event.input_shapes),) if group_by_input_shapes else ()
            groups[key + shapes + tuple(event.stack[:group_by_stack_n])].add(event)
        averages = EventList(groups.values(), use_cuda=self._use_cuda, profile_memory=self._profile_memory,
                             with_flops=self._with_flops)
        for event in averages:
            event.stack = event.stack[:group_by_stack_n]
            if not group_by_input_shapes:
                event.input_shapes = ""
        return averages

    def total_average(self):
        total = FunctionEventAvg()
        for event in self:
            total.add(event)
            total.key = None
        total.key = "Total"
        return total
