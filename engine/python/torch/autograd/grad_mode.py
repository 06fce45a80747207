"""Whether operations are recorded."""

import functools as _functools
import inspect as _inspect

from torch._C import enable_grad, inference_mode, no_grad, set_grad_enabled  # noqa: F401

class _DecoratorContextManager:
    """A context manager that also decorates functions and generators; each call enters a clone."""

    def __call__(self, func):
        if _inspect.isgeneratorfunction(func):
            @_functools.wraps(func)
            def generator(*args, **kwargs):
                made = func(*args, **kwargs)
                answer = None
                while True:
                    with self.clone():
                        try:
                            value = made.send(answer)
                        except StopIteration as end:
                            return end.value
                    answer = yield value
            return generator

        @_functools.wraps(func)
        def decorated(*args, **kwargs):
            with self.clone():
                return func(*args, **kwargs)
        return decorated

    def __enter__(self):
        raise NotImplementedError

    def __exit__(self, kind, value, traceback):
        raise NotImplementedError

    def clone(self):
        """Another of its kind, in its first state."""
        return type(self)()
