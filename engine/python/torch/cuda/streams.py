"""Queues of work on a device: the classes are there for programs that name them, and cannot be made."""


class Stream:
    def __new__(cls, device=None, priority=0, **kwargs):
        return super().__new__(cls, priority=priority, **kwargs)


class ExternalStream(Stream):
    def __new__(cls, stream_ptr, device=None, **kwargs):
        raise AssertionError("Torch not compiled with CUDA enabled")


class Event:
    def __new__(cls, enable_timing=False, blocking=False, interprocess=False):
        return super().__new__(cls, enable_timing=enable_timing, blocking=blocking, interprocess=interprocess)
