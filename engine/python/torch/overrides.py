"""__torch_function__: how classes answer torch's functions themselves, and what helps in writing them."""

import functools
import inspect
import types
import warnings

import torch
from torch import _C

_has_torch_function = has_torch_function = _C._has_torch_function
has_torch_function_unary = _C._has_torch_function_unary


def has_torch_function_variadic(*args):
    return has_torch_function(args)


def handle_torch_function(public_api, relevant_args, *args, **kwargs):
    """What the first of relevant_args answers that knows public_api."""
    return _C._function_ask(public_api, tuple(relevant_args), args, kwargs)


def wrap_torch_function(dispatcher):
    """A decorator: the function asks those among its arguments that dispatcher names."""
    def decorate(func):
        @functools.wraps(func)
        def wrapped(*args, **kwargs):
            relevant = dispatcher(*args, **kwargs)
            if has_torch_function(relevant):
                return handle_torch_function(wrapped, relevant, *args, **kwargs)
            return func(*args, **kwargs)
        return wrapped
    return decorate


def is_tensor_like(inp):
    return type(inp) is torch.Tensor or hasattr(inp, "__torch_function__")


def _places():
    import torch.nn.functional
    places = {torch: "torch", torch.functional: "torch.functional", torch.nn.functional: "torch.nn.functional",
              torch.nn.init: "torch.nn.init", torch.Tensor: "torch.Tensor", torch.linalg: "torch.linalg",
              torch.special: "torch.special", torch.fft: "torch.fft"}
    return places


def _public_functions():
    for place, name in _places().items():
        for own in dir(place):
            if own[0] != "_" or (place is torch.Tensor and own[:2] == "__"):
                found = getattr(place, own, None)
                if callable(found) and not isinstance(found, (type, _C._Missing)):
                    yield place, name, own, found


_IGNORED = ("tensor", "as_tensor", "from_numpy", "zeros", "ones", "empty", "full", "arange", "rand", "randn", "randint",
            "randperm", "eye", "linspace", "logspace", "save", "load", "manual_seed", "is_tensor", "is_storage",
            "set_default_dtype", "get_default_dtype", "set_grad_enabled", "is_grad_enabled", "typename", "seed",
            "initial_seed", "set_printoptions", "frombuffer", "from_file", "asarray", "promote_types", "result_type")


@functools.lru_cache(None)
def get_ignored_functions():
    """Functions that ask nobody, mostly because they take no tensor."""
    return {getattr(torch, name) for name in _IGNORED if hasattr(torch, name)}


@functools.lru_cache(None)
def get_overridable_functions():
    """Module or class: its functions that ask."""
    found = {}
    for place, _, _, function in _public_functions():
        if function not in get_ignored_functions():
            found.setdefault(place, []).append(function)
    return found


@functools.lru_cache(None)
def _names():
    return {function: f"{name}.{own}" for _, name, own, function in reversed(list(_public_functions()))}


def resolve_name(f):
    """"torch.Tensor.add" of torch.Tensor.add."""
    own = getattr(f, "__self__", None)
    if type(own).__name__ == "getset_descriptor":
        return f"torch.Tensor.{own.__name__}.{f.__name__}"
    functional = getattr(torch.nn.functional, getattr(f, "__name__", ""), None)
    if isinstance(f, type(torch.add)) and f not in _names() and functional is not None:
        return f"torch.nn.functional.{f.__name__}"  # an op that only nn.functional has
    if f in _names():
        return _names()[f]
    return f"{f.__module__}.{f.__name__}" if isinstance(f, types.FunctionType) else None


def get_testing_overrides():
    """For every function that asks, one that takes anything and says -1."""
    return {function: lambda *args, **kwargs: -1 for functions in get_overridable_functions().values() for function in functions}


@functools.lru_cache(None)
def _methods():
    return set(get_overridable_functions().get(torch.Tensor, ()))


def is_tensor_method_or_property(func):
    return func in _methods() or getattr(func, "__name__", "") == "__get__"


class TorchFunctionMode:
    """While it is entered, every function of torch asks it first."""

    def __init__(self):
        pass

    def __torch_function__(self, func, types, args=(), kwargs=None):
        raise NotImplementedError

    def __enter__(self):
        _C._push_function_mode(self)
        return self

    def __exit__(self, exc_type, exc_val, exc_tb):
        _C._pop_function_mode()

    @classmethod
    def push(cls, *args, **kwargs):
        return cls(*args, **kwargs)


class BaseTorchFunctionMode(TorchFunctionMode):
    def __torch_function__(self, func, types, args=(), kwargs=None):
        return func(*args, **(kwargs or {}))


# ---- functions that are written in Python ----
def _as_called(signature, args, kwargs):
    """Parameters without a default by position, the others by name: as PyTorch hands them on."""
    bound = signature.bind(*args, **kwargs)
    bound.apply_defaults()
    by_position, by_name = [], {}
    for name, value in bound.arguments.items():
        parameter = signature.parameters[name]
        if parameter.kind is parameter.VAR_POSITIONAL:
            by_position.extend(value)
        elif parameter.kind is parameter.VAR_KEYWORD:
            by_name.update(value)
        elif parameter.default is parameter.empty:
            by_position.append(value)
        else:
            by_name[name] = value
    return tuple(by_position), by_name


_originals = {}  # public function: the same with its own code


def _asking(function, args, kwargs):
    original, signature = _originals[function]
    relevant = [v for a in (*args, *kwargs.values()) for v in (a if isinstance(a, (tuple, list)) else (a,))]
    if not has_torch_function(relevant):
        return original(*args, **kwargs)
    try:
        args, kwargs = _as_called(signature, args, kwargs)
    except TypeError:
        return original(*args, **kwargs)
    return _C._function_ask(function, tuple(relevant), args, kwargs)


def _stand_in():
    """The code of a function that calls its constant 10001 with its constant 10002 and what it was given."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a number is no function
        space = {}
        exec("def ask(*args, **kwargs):\n return (10001)(10002, args, kwargs)\n", space)
    return space["ask"].__code__


def _signature(function):
    """A function's parameters, also where it hands all that it is given to another or keeps its defaults in a table."""
    function = getattr(function, "_like", function)
    if function in _originals:
        return _originals[function][1]
    defaults = getattr(function, "_defaults", None)
    if defaults is None:
        return inspect.signature(function)
    either = inspect.Parameter.POSITIONAL_OR_KEYWORD
    return inspect.Signature([inspect.Parameter("input", either)]
                             + [inspect.Parameter(name, either, default=value) for name, value in defaults.items()])


def _watch(function, code):
    """The function stays who it is and asks first.  Its code is exchanged, so that who holds it already is served too, and
    programs without __torch_function__ pay nothing."""
    original = types.FunctionType(function.__code__, function.__globals__, function.__name__, function.__defaults__,
                                  function.__closure__)
    original.__kwdefaults__ = function.__kwdefaults__
    _originals[function] = original, _signature(function)
    constants = tuple({10001: _asking, 10002: function}.get(constant, constant) for constant in code.co_consts)
    function.__code__ = code.replace(co_consts=constants, co_name=function.__name__, co_qualname=function.__qualname__,
                                     co_filename=original.__code__.co_filename, co_freevars=original.__code__.co_freevars)


def _watch_functions():
    """From now on functions of the package that are written in Python ask too."""
    code = _stand_in()
    for place in (torch.functional, torch._compositions, torch.nn.functional, torch.nn.init):
        for name, function in list(vars(place).items()):
            if name[0] != "_" and isinstance(function, types.FunctionType) and function.__module__.startswith("torch.") \
                    and function not in _originals and name not in ("sigmoid", "tanh"):  # old names, which ask no one
                _watch(function, code)
