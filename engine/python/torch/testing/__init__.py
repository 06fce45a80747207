"""Comparing tensors, and tensors to test with."""

from torch import _names, rand, randn  # noqa: F401

from torch.testing._comparison import assert_allclose, assert_close  # noqa: F401
from torch.testing._creation import make_tensor  # noqa: F401
from torch.testing._legacy import *  # noqa: F401,F403


def __getattr__(name):
    return _names.missing("torch.testing", name, ("FileCheck",))
