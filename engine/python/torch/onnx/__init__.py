"""Export to ONNX is left for a later round; files that only register symbols for it run."""

from torch import _absent


def is_in_onnx_export():
    return False


def register_custom_op_symbolic(symbolic_name, symbolic_fn, opset_version):
    """Says how an op would be exported."""


def __getattr__(name):
    return _absent.missing("torch.onnx", name)
