"""Functions that pipes are given."""

import functools
import inspect
import warnings


def check_function(function):
    """Warns of functions that cannot be pickled, and refuses what is none."""
    if not callable(function):
        raise TypeError(f"A callable function is expected, but {type(function)} is provided.")
    if isinstance(function, functools.partial):
        function = function.func
    name = getattr(function, "__name__", "")
    if name == "<lambda>":
        kind = "Lambda"
    elif inspect.isfunction(function) and "<locals>" in function.__qualname__:
        kind = "Local"
    else:
        return
    warnings.warn(f"{kind} function is not supported by pickle, please use regular python function or functools.partial instead.",
                  stacklevel=1)  # PyTorch's place, so that it is said once


def length_of(self, source):
    try:
        return len(source)
    except TypeError:
        raise TypeError(f"{type(self).__name__} instance doesn't have valid length") from None
