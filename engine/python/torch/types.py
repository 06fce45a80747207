"""Names for annotations."""

import builtins
from typing import Any, List, Sequence, Tuple, Union  # noqa: F401

from torch._C import Generator, Size, Tensor, device as Device, dtype as _dtype, layout as _layout  # noqa: F401

_int, _float, _bool = builtins.int, builtins.float, builtins.bool
Number = Union[builtins.int, builtins.float, builtins.bool]
_TensorOrTensors = Union[Tensor, Sequence[Tensor]]
_size = Union[Size, List[builtins.int], Tuple[builtins.int, ...]]
_device = Union[Device, str, builtins.int, None]
