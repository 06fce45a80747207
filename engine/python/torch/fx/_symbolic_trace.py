"""Tracer: runs a module's forward with proxies for its arguments and keeps what it did as a Graph."""

import builtins
import contextlib
import functools
import inspect
import math
import types
import warnings
from typing import Any, Dict

import torch

from .graph import Graph
from .graph_module import GraphModule
from .node import base_types, map_aggregate
from .proxy import ParameterProxy, Proxy, TracerBase

_STARRED = inspect.CO_VARARGS | inspect.CO_VARKEYWORDS
_proxyable_classes: Dict[type, None] = {}
_wrapped: list = []
"""(module's names, function's name) of what wrap() was given."""


class PHBase:
    """In concrete_args: this one stays an argument."""

    def __repr__(self):
        return "PH"


PH = PHBase()


class ProxyableClassMeta(type):
    """Of classes whose construction from proxies is a node of the graph."""

    def __init__(cls, name, bases, attrs):
        _proxyable_classes.setdefault(cls)
        super().__init__(name, bases, attrs)

    def __call__(cls, *args, **kwargs):
        proxy = _find_proxy(args, kwargs)
        if proxy is not None:
            return proxy.tracer.create_proxy("call_function", cls, args, kwargs)
        instance = cls.__new__(cls)
        cls.__init__(instance, *args, **kwargs)
        return instance


def _find_proxy(*where):
    found = []
    map_aggregate(where, lambda a: found.append(a) if isinstance(a, Proxy) else None)
    return found[-1] if found else None


def _leaf_function(function):
    """function, which becomes one node where it meets a proxy."""
    @functools.wraps(function)
    def wrapped(*args, **kwargs):
        proxy = _find_proxy(args, kwargs)
        if proxy is None:
            return function(*args, **kwargs)
        result = proxy.tracer.create_proxy("call_function", function, args, kwargs)
        result.node.meta["is_wrapped"] = True
        return result
    wrapped._is_leaf_function = True
    return wrapped


@contextlib.contextmanager
def _patched():
    """Hands a function that gives a dictionary or class another value for a name; all is as before when it ends."""
    undo = []

    def patch(place, name, value):
        if isinstance(place, dict):
            if name in place:
                if getattr(place[name], "_is_leaf_function", False):
                    return
                undo.append(functools.partial(place.__setitem__, name, place[name]))
            else:
                undo.append(functools.partial(place.__delitem__, name))  # a builtin that the module did not name itself
            place[name] = value
        else:
            undo.append(functools.partial(setattr, place, name, vars(place)[name]) if name in vars(place)
                        else functools.partial(delattr, place, name))
            setattr(place, name, value)
    try:
        yield patch
    finally:
        while undo:
            undo.pop()()


class Tracer(TracerBase):
    """Traces modules; a subclass says which modules are leaves and how attributes become nodes."""

    def __init__(self, autowrap_modules=(math,), autowrap_functions=(), param_shapes_constant: bool = False):
        super().__init__()
        self._autowrap_function_ids = {id(value) for module in autowrap_modules for name, value in vars(module).items()
                                       if not name.startswith("_") and callable(value)}
        self._autowrap_function_ids.update(map(id, autowrap_functions))
        self._autowrap_search = list(autowrap_modules)
        self.param_shapes_constant = param_shapes_constant
        self.submodule_paths = None

    def create_arg(self, a: Any):
        """Parameters, buffers and modules by their names; other tensors are kept as attributes of the root."""
        places = ((torch.nn.Parameter, self.root.named_parameters), (torch.Tensor, self.root.named_buffers),
                  (torch.nn.Module, self.root.named_modules))
        for kind, named in places:
            if isinstance(a, kind):
                for name, value in named():
                    if a is value:
                        return self.create_node("get_attr", name, (), {})
                if kind is torch.nn.Parameter:
                    raise NameError("parameter is not a member of this module")
                break
        if isinstance(a, tuple) and hasattr(a, "_fields"):
            return self.create_node("call_function", type(a), tuple(self.create_arg(each) for each in a), {})
        if isinstance(a, torch.Tensor):
            if a not in self.tensor_attrs:
                self.tensor_attrs[a] = self._keep(a, "_tensor_constant")
            return self.create_node("get_attr", self.tensor_attrs[a], (), {})
        if type(a) in _proxyable_classes:
            return self.create_node("get_attr", self._keep(a, f"_{type(a).__name__}_constant_"), (), {})
        return super().create_arg(a)

    def _keep(self, value, stem):
        i = 0
        while hasattr(self.root, f"{stem}{i}"):
            i += 1
        setattr(self.root, f"{stem}{i}", value)
        return f"{stem}{i}"

    def is_leaf_module(self, m: torch.nn.Module, module_qualified_name: str) -> bool:
        return m.__module__.startswith(("torch.nn", "torch.ao.nn")) and not isinstance(m, torch.nn.Sequential)

    def path_of_module(self, mod: torch.nn.Module) -> str:
        paths = self.submodule_paths or {module: name for name, module in self.root.named_modules()}
        if mod not in paths:
            raise NameError("module is not installed as a submodule")
        return paths[mod]

    def call_module(self, m: torch.nn.Module, forward, args, kwargs) -> Any:
        name = self.path_of_module(m)
        if not self.is_leaf_module(m, name):
            return forward(*args, **kwargs)
        return self.create_proxy("call_module", name, args, kwargs)

    def getattr(self, attr: str, attr_val: Any, parameter_proxy_cache: Dict[str, Any]):
        """What a module's attribute is while tracing: parameters are nodes, each made once."""
        named = ()
        if isinstance(attr_val, torch.nn.Parameter):
            named = self.root.named_parameters()
        elif self.proxy_buffer_attributes and isinstance(attr_val, torch.Tensor):
            named = self.root.named_buffers()
        for name, value in named:
            if attr_val is value:
                if name not in parameter_proxy_cache:
                    shaped = {"proxy_factory_fn": lambda node: ParameterProxy(self, node, name, attr_val)} if self.param_shapes_constant else {}
                    parameter_proxy_cache[name] = self.create_proxy("get_attr", name, (), {}, **shaped)
                return parameter_proxy_cache[name]
        return attr_val

    def _specialized(self, name, value, default):
        """An argument that is given: it stays one, and the graph checks that nothing else comes."""
        if isinstance(value, (tuple, list, dict)):
            raise NotImplementedError("torch.fx: concrete_args that hold containers")
        out = self.create_proxy("placeholder", f"{name}_1", default, {})
        if isinstance(value, PHBase):
            return out
        if isinstance(value, base_types) and not isinstance(value, torch.Tensor):
            torch._assert(out == value, f"{name} has been specialized to have value {value} but got another value")
        elif value is None:
            self.create_proxy("call_function", _assert_is_none,
                              (out, f"{name} has been specialized to have value None but got another value"), {})
        else:
            warnings.warn(f"Was not able to add assertion to guarantee correct input {name} to specialized function. It is up to "
                          "the user to make sure that your inputs match the inputs you specialized the function with.")
        return value

    def create_args_for_root(self, root_fn, is_module, concrete_args=None):
        """Placeholders for a function's parameters; the function, with starred parameters as plain ones."""
        innermost = inspect.unwrap(root_fn)
        code, signature = innermost.__code__, inspect.signature(innermost)
        total = code.co_argcount + code.co_kwonlyargcount
        names, args = list(code.co_varnames), []
        if is_module:
            if total == 0:
                raise RuntimeError("``self`` argument cannot be part of *args expansion!")
            args.append(self.root)
        own = names[len(args):total]
        if isinstance(concrete_args, tuple):
            if len(own) != len(concrete_args):
                raise RuntimeError(f"Tracing expected {len(own)} arguments but got {len(concrete_args)} concrete arguments")
            concrete_args = dict(zip(own, concrete_args))
        for name in own:
            default = signature.parameters[name].default
            default = () if default is inspect.Parameter.empty else (default,)
            if concrete_args is not None and name in concrete_args:
                args.append(self._specialized(name, concrete_args[name], default))
            else:
                args.append(self.create_proxy("placeholder", name, default, {}, type_expr=innermost.__annotations__.get(name)))
        starred = iter(names[total:])
        if code.co_flags & inspect.CO_VARARGS:
            args.append(self.create_proxy("placeholder", "*" + next(starred), (), {}))
        if code.co_flags & inspect.CO_VARKEYWORDS:
            args.append(self.create_proxy("placeholder", "**" + next(starred), (), {}))
        if code.co_kwonlyargcount or code.co_flags & _STARRED:
            plain = root_fn.__code__.replace(co_argcount=len(args), co_posonlyargcount=0, co_kwonlyargcount=0,
                                             co_flags=root_fn.__code__.co_flags & ~_STARRED)
            root_fn = types.FunctionType(plain, root_fn.__globals__, root_fn.__name__, root_fn.__defaults__, root_fn.__closure__)
        return root_fn, args

    def _wrap_functions(self, patch, names, seen):
        """math.sqrt and the like, in a module's names: each becomes one node."""
        if id(names) in seen:
            return
        seen.add(id(names))
        for name, value in list(names.items()):
            if not name.startswith("_") and callable(value) and id(value) in self._autowrap_function_ids:
                patch(names, name, _leaf_function(value))

    def trace(self, root, concrete_args=None) -> Graph:
        """The graph of a module's forward, or of a function."""
        is_module = isinstance(root, torch.nn.Module)
        if is_module:
            assert hasattr(type(root), self.traced_func_name), \
                f"traced_func_name={self.traced_func_name} doesn't exist in {type(root).__name__}"
            self.root, fn = root, getattr(type(root), self.traced_func_name)
            self.submodule_paths = {module: name for name, module in root.named_modules()}
        else:
            self.root, fn = torch.nn.Module(), root
        self.graph = Graph(tracer_cls=type(self))
        self.tensor_attrs = {value: f"{prefix}.{name}" if prefix else name for prefix, module in self.root.named_modules()
                             for name, value in vars(module).items() if isinstance(value, torch.Tensor)}
        assert isinstance(fn, types.FunctionType)
        names = fn.__globals__
        fn, args = self.create_args_for_root(fn, is_module, concrete_args)
        with _patched() as patch:
            seen = set()
            self._patch_modules(patch, seen)
            for place, name in _wrapped:
                patch(place, name, _leaf_function(place[name] if name in place else getattr(builtins, name)))
            for each in [names] + [vars(module) for module in self._autowrap_search]:
                self._wrap_functions(patch, each, seen)
            self.create_node("output", "output", (self.create_arg(fn(*args)),), {}, type_expr=fn.__annotations__.get("return"))
        self.submodule_paths = None
        return self.graph

    def _patch_modules(self, patch, seen):
        """Calls of modules and reads of their parameters go through the tracer."""
        module_call, module_read, parameters = torch.nn.Module.__call__, torch.nn.Module.__getattribute__, {}

        def read(module, attr):
            value = module_read(module, attr)
            return self.getattr(attr, value, parameters) if isinstance(value, torch.Tensor) and attr not in vars_of(module) else value

        def vars_of(module):
            return module_read(module, "__dict__")

        def call(module, *args, **kwargs):
            self._wrap_functions(patch, getattr(getattr(module, "forward", module), "__globals__", {}), seen)
            return self.call_module(module, lambda *a, **k: module_call(module, *a, **k), args, kwargs)
        patch(torch.nn.Module, "__getattribute__", read)
        patch(torch.nn.Module, "__call__", call)


def wrap(fn_or_name):
    """Called at the top of a module: the function becomes one node and is not entered; also a decorator."""
    if not callable(fn_or_name) and not isinstance(fn_or_name, str):
        raise RuntimeError("Unsupported type for global function! Must be either a callable or string name")
    frame = inspect.currentframe().f_back
    if frame.f_code.co_name != "<module>":
        raise NotImplementedError("wrap must be called at the top level of a module")
    _wrapped.append((frame.f_globals, fn_or_name if isinstance(fn_or_name, str) else fn_or_name.__name__))
    return fn_or_name


def symbolic_trace(root, concrete_args=None) -> GraphModule:
    """root's GraphModule."""
    tracer = Tracer()
    graph = tracer.trace(root, concrete_args)
    return GraphModule(tracer.root, graph, type(root).__name__ if isinstance(root, torch.nn.Module) else root.__name__)


@wrap
def _assert_is_none(value, msg):
    assert value is None, msg
