"""torch.cuda.amp.autocast(...) is torch.autocast("cuda", ...); decorators for autograd functions of one's own."""

import functools

import torch

__all__ = ["autocast", "custom_fwd", "custom_bwd"]


class autocast(torch.amp.autocast_mode.autocast):
    def __init__(self, enabled=True, dtype=torch.float16, cache_enabled=True):
        super().__init__("cuda", enabled=enabled, dtype=dtype, cache_enabled=cache_enabled)


def custom_fwd(fwd=None, *, cast_inputs=None):
    """For a Function's forward: remembers whether autocast was on.  cast_inputs casts CUDA tensors only: none here."""
    if fwd is None:
        return functools.partial(custom_fwd, cast_inputs=cast_inputs)

    @functools.wraps(fwd)
    def decorate_fwd(*args, **kwargs):
        on = torch.is_autocast_enabled()
        args[0]._fwd_used_autocast = on and cast_inputs is None
        if cast_inputs is None or not on:
            return fwd(*args, **kwargs)
        with autocast(enabled=False):
            return fwd(*args, **kwargs)
    return decorate_fwd


def custom_bwd(bwd):
    """For a Function's backward: runs with the autocast state of its forward."""
    @functools.wraps(bwd)
    def decorate_bwd(*args, **kwargs):
        with autocast(args[0]._fwd_used_autocast):
            return bwd(*args, **kwargs)
    return decorate_bwd
