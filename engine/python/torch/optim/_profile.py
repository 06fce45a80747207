"""The rows that PyTorch's profile lists inside an optimizer's step: the engine does all of it at once, so that the step bears the time and
these, which say what is computed for each parameter, none."""

import torch
from torch import _C

_NUMBER = "(to(_to_copy(empty_strided copy_)))"  # a number becomes a tensor of the parameter's dtype
_ADAM_STATE = "empty to lift_fresh detach_(=detach_) " + 2 * "zeros_like(empty_like(empty_strided) zero_) "


def _sgd(group, state, number):
    text = ""
    if group["weight_decay"]:
        text += "add "
    if group["momentum"]:
        if state.get("momentum_buffer") is None:
            text += "clone(empty_strided copy_) detach(=detach) "
        else:
            text += f"mul_{number} add_ "
        if group["nesterov"]:
            text += "add "
    return text + "add_ "


def _adam(group, state, number, decoupled=False):
    decay = "" if not group["weight_decay"] else f"mul_{number} " if decoupled else "add "
    largest = "maximum " if group["amsgrad"] else ""
    return (f"add_{number} {decay}mul_{number} add_ mul_{number} addcmul_ item(_local_scalar_dense) {largest}sqrt div{number} add_{number} "
            "addcdiv_ ")


def _adamw(group, state, number):
    return _adam(group, state, number, True)


def rows_of_step(optimizer):
    """Lists them in the event that is open; for optimizers whose steps are known, with dense gradients."""
    from . import SGD, Adam, AdamW
    rule = {SGD: _sgd, Adam: _adam, AdamW: _adamw}.get(type(optimizer))
    if rule is None:
        return
    for group in optimizer.param_groups:
        params = [p for p in group["params"] if p.grad is not None]
        if group.get("foreach") or group.get("capturable") or any(p.grad.is_sparse or p.is_complex() for p in params):
            continue
        states = [optimizer.state.get(p, {}) for p in params]
        if rule is not _sgd:
            _C._profiler.rows("".join((_ADAM_STATE + "zeros_like(empty_like(empty_strided) zero_) " * group["amsgrad"]) for s in states if not s))
        for p, state in zip(params, states):
            number = "" if p.dtype == torch.float64 else _NUMBER
            _C._profiler.rows(("neg " if group["maximize"] else "") + rule(group, state, number))


def rows_of_zero_grad(optimizer, set_to_none):
    grads = 0 if set_to_none else sum(p.grad is not None for group in optimizer.param_groups for p in group["params"])
    _C._profiler.rows("zero_ " * grads)
