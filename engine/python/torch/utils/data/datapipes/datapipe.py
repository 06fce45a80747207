"""What every data pipe has: functional forms, one living iterator at a time, errors that name the pipe."""

import functools
import importlib
import inspect

from torch.utils.data.dataset import Dataset, IterableDataset, T_co

_INVALID = ("This iterator has been invalidated because another iterator has been created from the same IterDataPipe: {}\n"
            "This may be caused multiple references to the same IterDataPipe. We recommend using `.fork()` if that is necessary.\n"
            "For feedback regarding this single iterator per IterDataPipe constraint, feel free to comment on this issue: "
            "https://github.com/pytorch/data/issues/45.")


def describe(pipe):
    """The pipe as it was called: Name(argument=value, …), of the arguments that it keeps."""
    kept = sorted(name for name in inspect.signature(type(pipe).__init__).parameters if name in vars(pipe))
    values = ((name, vars(pipe)[name]) for name in kept)
    return f"{type(pipe).__name__}({', '.join(f'{n}={v.__name__ if inspect.isfunction(v) else repr(v)}' for n, v in values)})"


def _watched(start):
    """__iter__ of a pipe: a new iterator ends those before it, and an exception says whose __iter__ it left."""
    @functools.wraps(start)
    def __iter__(self):
        number = self._iterator_number = getattr(self, "_iterator_number", 0) + 1
        self.reset()
        samples = start(self)
        while True:
            if self._iterator_number != number:
                raise RuntimeError(_INVALID.format(describe(self)))
            try:
                sample = next(samples)
            except StopIteration:
                return
            except Exception as error:
                if error.args and isinstance(error.args[0], str) and "This exception is thrown by __iter__" not in error.args[0]:
                    error.args = (f"{error.args[0]}\nThis exception is thrown by __iter__ of {describe(self)}",) + error.args[1:]
                raise
            yield sample
    return __iter__


class _Functional:
    """Pipes that are registered by a name are methods of every pipe."""

    def __getattr__(self, name):
        importlib.import_module("torch.utils.data.datapipes.iter")  # they register their names
        importlib.import_module("torch.utils.data.datapipes.map")
        if name in type(self).functions:
            return functools.partial(type(self).functions[name], self)
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}")

    @classmethod
    def register_function(cls, function_name, function):
        cls.functions[function_name] = function

    @classmethod
    def register_datapipe_as_function(cls, function_name, cls_to_register, enable_df_api_tracing=False):
        if function_name in cls.functions:
            raise Exception(f"Unable to add DataPipe function name {function_name} as it is already taken")
        cls.functions[function_name] = lambda source, *args, **kwargs: cls_to_register(source, *args, **kwargs)

    def __getstate__(self):
        return {name: value for name, value in vars(self).items() if name != "_iterator_number"}

    def __setstate__(self, state):
        vars(self).update(state)

    def __repr__(self):
        return type(self).__qualname__

    def __str__(self):
        return type(self).__qualname__

    def __dir__(self):
        return [*super().__dir__(), *type(self).functions]


class IterDataPipe(_Functional, IterableDataset[T_co]):
    """A stream of samples; subclass it with __iter__."""

    functions = {}
    _watch = True

    def __init_subclass__(cls, **options):
        super().__init_subclass__(**options)
        if "__iter__" in vars(cls) and cls._watch:
            cls.__iter__ = _watched(cls.__iter__)

    def reset(self):
        """Called before each pass."""


class MapDataPipe(_Functional, Dataset[T_co]):
    """Samples by index; subclass it with __getitem__."""

    functions = {}


class DFIterDataPipe(IterDataPipe):
    """A pipe of data frames."""


class DataChunk(list):
    """A batch."""

    def __init__(self, items):
        super().__init__(items)
        self.items = items

    def as_str(self, indent=""):
        return indent + "[" + ", ".join(str(item) for item in iter(self)) + "]"

    def raw_iterator(self):
        yield from self.items


class functional_datapipe:
    """@functional_datapipe ("name"): the pipe as a method of all pipes."""

    def __init__(self, name, enable_df_api_tracing=False):
        self.name = name

    def __call__(self, cls):
        for kind in (IterDataPipe, MapDataPipe):
            if issubclass(cls, kind):
                kind.register_datapipe_as_function(self.name, cls)
                return cls
        raise TypeError("`functional_datapipe` can only decorate IterDataPipe or MapDataPipe")
