"""What pipes share: the check of a function that one is given, and an open file that is closed when nobody holds it any longer."""

import functools
import inspect
import warnings


def _check_unpickable_fn(function):
    """Warns of functions that cannot be pickled, and refuses what is none."""
    if not callable(function):
        raise TypeError(f"A callable function is expected, but {type(function)} is provided.")
    if isinstance(function, functools.partial):
        function = function.func
    if inspect.isfunction(function) and "<locals>" in function.__qualname__:
        kind = "Local"  # a lambda too
    elif getattr(function, "__name__", "") == "<lambda>":
        kind = "Lambda"
    else:
        return
    warnings.warn(f"{kind} function is not supported by pickle, please use regular python function or functools.partial instead.",
                  stacklevel=1)  # PyTorch's place, so that it is said once


class StreamWrapper:
    def __init__(self, file_obj):
        self.file_obj = file_obj

    def __getattr__(self, name):
        return getattr(self.__dict__["file_obj"], name)

    def __iter__(self):
        return iter(self.file_obj)

    def __next__(self):
        return next(self.file_obj)

    def __del__(self):
        try:
            self.file_obj.close()
        except Exception:
            pass

    def __repr__(self):
        return f"StreamWrapper<{self.file_obj!r}>"
