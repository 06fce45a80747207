"""Calling a module with other tensors in the places of its parameters and buffers."""

import contextlib
import warnings


__all__ = ["functional_call"]


def _swapped_class(cls, tensors, paths):
    """A subclass whose instances read and write `tensors` where paths names an attribute."""

    def __getattribute__(self, name):
        return tensors[paths[name]] if name in paths else cls.__getattribute__(self, name)

    def __setattr__(self, name, value):
        if name in paths:
            tensors[paths[name]] = value
        else:
            cls.__setattr__(self, name, value)
    return type(f"StatelessReplacer{cls.__name__}", (cls,),
                {"__getattribute__": __getattribute__, "__setattr__": __setattr__})


@contextlib.contextmanager
def _reparametrize_module(module, parameters_and_buffers):
    replaced, changed = {}, {}
    try:
        for path, tensor in parameters_and_buffers.items():
            owner_path, _, name = path.rpartition(".")
            owner = module
            for part in owner_path.split(".") if owner_path else ():
                owner = getattr(owner, part)
            if hasattr(owner, name):
                old = getattr(owner, name)
                if replaced.setdefault(old, tensor) is not tensor:
                    warnings.warn("functional_call was passed multiple values for tied weights. "
                                  "This behavior is deprecated and will be an error in future versions")
            if id(owner) not in changed:
                paths = {}
                changed[id(owner)] = owner, type(owner), paths
                owner.__class__ = _swapped_class(type(owner), parameters_and_buffers, paths)
            changed[id(owner)][2][name] = path
        yield
    finally:
        for owner, cls, _ in changed.values():
            owner.__class__ = cls


def functional_call(module, parameters_and_buffers, args, kwargs=None):
    with _reparametrize_module(module, parameters_and_buffers):
        args = args if isinstance(args, tuple) else (args,)
        return module(*args, **({} if kwargs is None else kwargs))
