"""Tensors lent to and borrowed from other libraries, without a copy."""

import enum

from torch._C import _to_dlpack as to_dlpack  # noqa: F401
from torch._C import from_dlpack  # noqa: F401


class DLDeviceType(enum.IntEnum):
    """The kinds of device that the protocol numbers."""

    kDLCPU = 1
    kDLGPU = 2
    kDLCPUPinned = 3
    kDLOpenCL = 4
    kDLVulkan = 7
    kDLMetal = 8
    kDLVPI = 9
    kDLROCM = 10
    kDLExtDev = 12
