"""Automatic differentiation: gradients by walking the recorded graph backwards."""

import warnings
from importlib import import_module as _import_module

import torch
from torch import _C
from torch._C import Tensor
from torch._names import missing as _missing
from torch.autograd import function, functional, grad_mode, graph  # noqa: F401
from torch.autograd.anomaly_mode import detect_anomaly, set_detect_anomaly  # noqa: F401
from torch.autograd.function import Function, NestedIOFunction  # noqa: F401
from torch.autograd.grad_mode import enable_grad, inference_mode, no_grad, set_grad_enabled  # noqa: F401
from torch.autograd.gradcheck import gradcheck, gradgradcheck  # noqa: F401
from torch.autograd.variable import Variable  # noqa: F401


def _tuple(tensors):
    return (tensors,) if isinstance(tensors, Tensor) else tuple(tensors)


def _gradients(grads, n):
    return (None,) * n if grads is None else _tuple(grads)


def variable(*args, **kwargs):
    raise RuntimeError("torch.autograd.variable(...) is deprecated, use torch.tensor(...) instead")


def backward(tensors, grad_tensors=None, retain_graph=None, create_graph=False, grad_variables=None, inputs=None):
    """Adds the gradients of tensors with respect to the leaves to their .grad."""
    if grad_variables is not None:
        warnings.warn("'grad_variables' is deprecated. Use 'grad_tensors' instead.")
        if grad_tensors is not None:
            raise RuntimeError("'grad_tensors' and 'grad_variables' (deprecated) arguments both passed to backward(). Please "
                               "only use 'grad_tensors'.")
        grad_tensors = grad_variables
    if inputs is not None and not isinstance(inputs, Tensor) and len(inputs) == 0:
        raise RuntimeError("'inputs' argument to backward() cannot be empty.")
    tensors = _tuple(tensors)
    inputs = None if inputs is None else _tuple(inputs)
    _C._run_backward(tensors, _gradients(grad_tensors, len(tensors)), create_graph if retain_graph is None else retain_graph,
                     create_graph, inputs, True, True)


def grad(outputs, inputs, grad_outputs=None, retain_graph=None, create_graph=False, only_inputs=True,
         allow_unused=False, is_grads_batched=False):
    """The gradients of outputs with respect to inputs, as a tuple."""
    outputs, inputs = _tuple(outputs), _tuple(inputs)
    if not only_inputs:
        warnings.warn("only_inputs argument is deprecated and is ignored now (defaults to True). To accumulate gradient for "
                      "other parts of the graph, please use torch.autograd.backward.")
    if not inputs:
        raise ValueError("grad requires non-empty inputs.")
    grads = _gradients(grad_outputs, len(outputs))
    if is_grads_batched:
        for k, (output, batch) in enumerate(zip(outputs, grads)):
            if batch is not None and batch.shape[1:] != output.shape:
                raise RuntimeError(
                    "If `is_grads_batched=True`, we interpret the first dimension of each grad_output as the batch dimension. "
                    "The sizes of the remaining dimensions are expected to match the shape of corresponding output, but a "
                    f"mismatch was detected: grad_output[{k}] has a shape of {batch.shape[1:] if k else batch.shape[2:]} and "
                    f"output[{k}] has a shape of {output.shape}. If you only want some tensors in `grad_output` to be "
                    "considered batched, consider using vmap.")
        columns = [grad(outputs, inputs, rows, True, create_graph, True, allow_unused) for rows in zip(*grads)]
        return tuple(None if column[0] is None else torch.stack(column) for column in zip(*columns))
    return _C._run_backward(outputs, grads, create_graph if retain_graph is None else retain_graph, create_graph, inputs,
                            allow_unused, False)


def __getattr__(name):
    if name in ("forward_ad", "profiler", "profiler_util"):
        return _import_module("torch.autograd." + name)
    if name in ("DeviceType", "ProfilerActivity", "kineto_available", "_supported_activities"):
        return getattr(_import_module("torch.autograd.profiler"), name)
    if name in ("handle_torch_function", "has_torch_function", "is_tensor_like"):
        return getattr(_import_module("torch.overrides"), name)
    return _missing("torch.autograd", name)
