"""How tensors are pickled and put together again."""

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
