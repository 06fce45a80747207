"""Switches of libraries below PyTorch: they can be set and have no effect here."""

from types import SimpleNamespace as _Switches


def _absent():
    return False


cudnn = _Switches(enabled=True, benchmark=False, deterministic=False, allow_tf32=True, is_available=_absent,
                  version=lambda: None)
cuda = _Switches(is_built=_absent, matmul=_Switches(allow_tf32=False))
mkl = _Switches(is_available=_absent)
mkldnn = _Switches(is_available=_absent)
mps = _Switches(is_available=_absent, is_built=_absent)
openmp = _Switches(is_available=_absent)
