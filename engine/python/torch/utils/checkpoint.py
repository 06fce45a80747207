"""Checkpointing: keep the inputs of a part, run it again in backward."""

import warnings
import weakref

import torch
from torch.autograd import Function


def detach_variable(inputs):
    return tuple(x.detach().requires_grad_(x.requires_grad) if isinstance(x, torch.Tensor) else x for x in inputs)


def _autocast_now():
    """Autocast as it is now, for when the function runs again."""
    return torch.autocast("cpu", enabled=torch.is_autocast_cpu_enabled(), dtype=torch.get_autocast_cpu_dtype(),
                          cache_enabled=torch.is_autocast_cache_enabled())


def check_backward_validity(inputs):
    if not any(x.requires_grad for x in inputs if isinstance(x, torch.Tensor)):
        warnings.warn("None of the inputs have requires_grad=True. Gradients will be None")


class CheckpointFunction(Function):
    @staticmethod
    def forward(ctx, run_function, preserve_rng_state, *args):
        check_backward_validity(args)
        ctx.run_function, ctx.rng = run_function, torch.get_rng_state() if preserve_rng_state else None
        ctx.autocast = _autocast_now()
        ctx.places = [i for i, x in enumerate(args) if isinstance(x, torch.Tensor)]
        ctx.inputs = [None if isinstance(x, torch.Tensor) else x for x in args]
        ctx.save_for_backward(*[args[i] for i in ctx.places])
        return run_function(*args)

    @staticmethod
    def backward(ctx, *grads):
        if not torch._C._is_checkpoint_valid():
            raise RuntimeError("Checkpointing is not compatible with .grad() or when an `inputs` parameter is passed to "
                               ".backward(). Please use .backward() and do not pass its `inputs` argument.")
        inputs = list(ctx.inputs)
        for i, tensor in zip(ctx.places, ctx.saved_tensors):
            inputs[i] = tensor
        state = torch.get_rng_state()
        if ctx.rng is not None:
            torch.set_rng_state(ctx.rng)
        detached = detach_variable(inputs)
        with torch.enable_grad(), ctx.autocast:
            outputs = ctx.run_function(*detached)
        torch.set_rng_state(state)
        outputs = (outputs,) if isinstance(outputs, torch.Tensor) else outputs
        pairs = [(o, g) for o, g in zip(outputs, grads) if isinstance(o, torch.Tensor) and o.requires_grad]
        if not pairs:
            raise RuntimeError("none of output has requires_grad=True, this checkpoint() is not necessary")
        torch.autograd.backward([o for o, _ in pairs], [g for _, g in pairs])
        return (None, None) + tuple(x.grad if isinstance(x, torch.Tensor) else None for x in detached)


class _Kept:
    """Stands for a saved tensor until the function runs again."""


def _without_reentry(function, preserve_rng_state, *args, **kwargs):
    """The function as it is, with nothing kept of what it saves: backward runs it again and takes what it saves then."""
    autocast = _autocast_now()
    rng, places, found = torch.get_rng_state() if preserve_rng_state else None, [], weakref.WeakKeyDictionary()

    def pack(tensor):
        kept = _Kept()
        places.append(weakref.ref(kept))
        return kept

    def unpack(kept):
        if not found:
            run_again()
        if kept not in found:
            raise RuntimeError("Attempt to retrieve a tensor saved by autograd multiple times without checkpoint recomputation "
                               "being triggered in between, this is not currently supported. Please open an issue with details "
                               "on your use case so that we can prioritize adding this.")
        return found[kept]

    def run_again():
        waiting = iter(places)

        def take(tensor):
            kept = next(waiting)()
            if kept is not None:
                found[kept] = tensor.detach()

        def refuse(packed):
            raise RuntimeError("You are calling backwards on a tensor that is never exposed. Please open an issue.")

        state = torch.get_rng_state()
        if rng is not None:
            torch.set_rng_state(rng)
        with torch.enable_grad(), autocast, torch.autograd.graph.saved_tensors_hooks(take, refuse):
            function(*args, **kwargs)
        torch.set_rng_state(state)

    with torch.autograd.graph.saved_tensors_hooks(pack, unpack):
        return function(*args, **kwargs)


def _no_more(kwargs):
    if kwargs:
        raise ValueError("Unexpected keyword arguments: " + ",".join(kwargs))


def checkpoint(function, *args, use_reentrant=True, **kwargs):
    """function (*args), without keeping what it computes on the way."""
    preserve = kwargs.pop("preserve_rng_state", True)
    if not use_reentrant:
        return _without_reentry(function, preserve, *args, **kwargs)
    _no_more(kwargs)
    return CheckpointFunction.apply(function, preserve, *args)


def checkpoint_sequential(functions, segments, input, **kwargs):
    """A Sequential in segments, each checkpointed but the last."""
    preserve = kwargs.pop("preserve_rng_state", True)
    _no_more(kwargs)
    functions = list(functions.children()) if isinstance(functions, torch.nn.Sequential) else list(functions)
    size = len(functions) // segments

    def run(start, end):
        def forward(x):
            for function in functions[start:end]:
                x = function(x)
            return x
        return forward

    end = 0
    for start in range(0, size * (segments - 1), size):
        end = start + size
        input = checkpoint(run(start, end), input, preserve_rng_state=preserve)
    return run(end, len(functions))(input)
