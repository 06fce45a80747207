"""Forward-mode differentiation, which the engine lacks: its names say so when they are used."""

from torch._names import missing

_FORWARD = {"UnpackedDualTensor", "dual_level", "enter_dual_level", "exit_dual_level", "make_dual", "unpack_dual"}


def __getattr__(name):
    return missing("torch.autograd.forward_ad", name, _FORWARD)
