"""Linear algebra."""

from torch import _C
from torch._C import _LinAlgError as LinAlgError  # noqa: F401
from torch._names import missing as _missing

globals().update({name[7:] if name.startswith("linalg_") else name: op for name, op in vars(_C._linalg).items()
                  if name[0] != "_"})


def __getattr__(name):
    return _missing("torch.linalg", name)
