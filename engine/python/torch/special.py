"""Special functions."""

from torch import _C
from torch._C import Tensor  # noqa: F401
from torch._names import missing as _missing

globals().update({name[8:] if name.startswith("special_") else name: op for name, op in vars(_C._special).items()
                  if name[0] != "_"})


def __getattr__(name):
    return _missing("torch.special", name)
