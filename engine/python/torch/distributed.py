"""Training on several ranks is not part of this build."""

from torch._names import missing as _missing

__path__ = []  # what is in it is found by torch._absent


def is_available():
    return False


def is_initialized():
    return False


def _no_process_group(group=None):
    raise RuntimeError("Default process group has not been initialized, please make sure to call init_process_group.")


get_rank = get_world_size = _no_process_group


def __getattr__(name):
    return _missing("torch.distributed", name)
