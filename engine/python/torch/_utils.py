"""How tensors are pickled and put together again."""

import sys

import torch
from torch import _C


def _reduce_tensor(tensor, protocol):
    kind = type(tensor)
    if kind is torch.nn.Parameter:
        return _rebuild_parameter, (tensor.data, tensor.requires_grad, {})
    parts = (tensor.storage(), tensor.storage_offset(), tuple(tensor.size()), tensor.stride(), tensor.requires_grad, {})
    if kind is torch.Tensor:
        return _rebuild_tensor_v2, parts
    return _rebuild_from_type_v2, (_rebuild_tensor_v2, kind, parts, dict(tensor.__dict__))


def _rebuild_from_type_v2(func, new_type, args, state):
    """A tensor of a class of one's own, with its attributes."""
    tensor = func(*args)
    if type(tensor) is not new_type:
        tensor = tensor.as_subclass(new_type)
    if "__setstate__" in dir(new_type):
        tensor.__setstate__(state)
    else:
        tensor.__dict__.update(state)
    return tensor


def _rebuild_tensor(storage, storage_offset, size, stride):
    return _C._view_of_storage(storage._flat, storage_offset, size, stride)


def _rebuild_tensor_v2(storage, storage_offset, size, stride, requires_grad, backward_hooks):
    return _rebuild_tensor(storage, storage_offset, size, stride).requires_grad_(requires_grad)


def _rebuild_parameter(data, requires_grad, backward_hooks):
    return torch.nn.Parameter(data, requires_grad)


def _rebuild_sparse_tensor(layout, data):
    if layout != torch.sparse_coo:
        raise NotImplementedError(f"rebuilding sparse tensor for layout {layout}")
    return torch.sparse_coo_tensor(*data)


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
        import traceback  # here: only workers that fail need it
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
