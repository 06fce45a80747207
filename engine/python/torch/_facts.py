"""What the build says of itself, and names that PyTorch keeps beside its functions."""

import torch

legacy_contiguous_format = torch.contiguous_format
PRIVATE_OPS = ("unique_dim",)


def is_distributed(input):
    return False


def is_vulkan_available():
    return False


def init_num_threads():
    """The number of threads is set with set_num_threads."""


def vitals_enabled():
    return False


def set_vital(vital, attr, value):
    return False


def read_vitals():
    return ""


def get_file_path(*path_components):
    """A path below the folder that torch stands in."""
    import os
    return os.path.join(os.path.dirname(os.path.dirname(__file__)), *path_components)


def align_tensors(*tensors):
    raise RuntimeError("`align_tensors` not yet implemented.")


def spmm(input, mat2):
    """A product of matrices."""
    return torch.mm(input, mat2)


dsmm = spmm


def view_as_real_copy(input):
    return torch.view_as_real(input).clone()


def view_as_complex_copy(input):
    return torch.view_as_complex(input).clone()


def histogramdd(input, bins, *, range=None, weight=None, density=False):
    """A histogram of points in several dimensions."""
    from torch._histogramdd import histogramdd as function
    return function(input, bins, range=range, weight=weight, density=density)
