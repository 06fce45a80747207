"""How tensors are pickled and put together again."""

import sys
import traceback

import torch
from torch import _C


def _reduce_tensor(tensor, protocol):
    if getattr(tensor, "_is_param", False):
        return _rebuild_parameter, (tensor.data, tensor.requires_grad, {})
    return _rebuild_tensor_v2, (tensor.storage(), tensor.storage_offset(), tuple(tensor.size()), tensor.stride(),
                                tensor.requires_grad, {})


def _rebuild_tensor(storage, storage_offset, size, stride):
    return _C._view_of_storage(storage._flat, storage_offset, size, stride)


def _rebuild_tensor_v2(storage, storage_offset, size, stride, requires_grad, backward_hooks):
    return _rebuild_tensor(storage, storage_offset, size, stride).requires_grad_(requires_grad)


def _rebuild_parameter(data, requires_grad, backward_hooks):
    return torch.nn.Parameter(data, requires_grad)


def _get_all_device_indices():
    return []


class KeyErrorMessage(str):
    """A KeyError shows the repr of its text; this one's repr keeps the lines."""

    def __repr__(self):
        return self


class ExceptionWrapper:
    """The exception that is being handled, in a form that can be sent to another process."""

    def __init__(self, exc_info=None, where="in background"):
        exc_info = exc_info or sys.exc_info()
        self.exc_type, self.where = exc_info[0], where
        self.exc_msg = "".join(traceback.format_exception(*exc_info))

    def reraise(self):
        message = f"Caught {self.exc_type.__name__} {self.where}.\nOriginal {self.exc_msg}"
        if self.exc_type is KeyError:
            message = KeyErrorMessage(message)
        elif getattr(self.exc_type, "message", None):
            raise self.exc_type(message=message)
        try:
            exception = self.exc_type(message)
        except TypeError:  # an exception that is not made from one text
            raise RuntimeError(message) from None
        raise exception
