"""Automatic differentiation: gradients by walking the recorded graph backwards."""

from importlib import import_module as _import_module

import torch
from torch import _C
from torch._C import Tensor
from torch._names import missing as _missing
from torch.autograd import function, functional, grad_mode  # noqa: F401
from torch.autograd.anomaly_mode import detect_anomaly, set_detect_anomaly  # noqa: F401
from torch.autograd.function import Function, NestedIOFunction  # noqa: F401
from torch.autograd.grad_mode import enable_grad, inference_mode, no_grad, set_grad_enabled  # noqa: F401
from torch.autograd.gradcheck import gradcheck, gradgradcheck  # noqa: F401
from torch.autograd.variable import Variable  # noqa: F401


def _tuple(tensors):
    return (tensors,) if isinstance(tensors, Tensor) else tuple(tensors)


def _gradients(grads, n):
    return (None,) * n if grads is None else _tuple(grads)


def backward(tensors, grad_tensors=None, retain_graph=None, create_graph=False, grad_variables=None, inputs=None):
    """Adds the gradients of tensors with respect to the leaves to their .grad."""
    tensors = _tuple(tensors)
    if inputs is not None and not isinstance(inputs, Tensor) and len(inputs) == 0:
        raise RuntimeError("'inputs' argument to backward() cannot be empty.")
    grads = _gradients(grad_variables if grad_tensors is None else grad_tensors, len(tensors))
    inputs = None if inputs is None else _tuple(inputs)
    _C._run_backward(tensors, grads, create_graph if retain_graph is None else retain_graph, create_graph, inputs, True,
                     True)


def grad(outputs, inputs, grad_outputs=None, retain_graph=None, create_graph=False, only_inputs=True,
         allow_unused=False, is_grads_batched=False):
    """The gradients of outputs with respect to inputs, as a tuple."""
    outputs, inputs = _tuple(outputs), _tuple(inputs)
    if is_grads_batched:
        columns = [grad(outputs, inputs, rows, True, create_graph, True, allow_unused) for rows in zip(*grad_outputs)]
        return tuple(None if column[0] is None else torch.stack(column) for column in zip(*columns))
    return _C._run_backward(outputs, _gradients(grad_outputs, len(outputs)),
                            create_graph if retain_graph is None else retain_graph, create_graph, inputs, allow_unused,
                            False)


def __getattr__(name):
    if name in ("profiler", "profiler_util"):
        return _import_module("torch.autograd." + name)
    if name in ("DeviceType", "ProfilerActivity", "kineto_available", "_supported_activities"):
        return getattr(_import_module("torch.autograd.profiler"), name)
    return _missing("torch.autograd", name)
