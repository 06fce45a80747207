"""Node: one step of a Graph, kept in a doubly linked list, which knows what it uses and who uses it."""

import builtins
import types
import warnings
from typing import Any, Callable, Dict, List, Optional, Tuple, Union

import torch

from .immutable_collections import immutable_dict, immutable_list

__all__ = ["Node", "map_arg", "map_aggregate"]

base_types = (str, int, float, bool, complex, torch.dtype, torch.Tensor, torch.device, torch.memory_format, torch.layout)
Target = Union[Callable[..., Any], str]
Argument = Any
_OPS = ("placeholder", "call_method", "call_module", "call_function", "get_attr", "output", "root")


def map_aggregate(a: Argument, fn: Callable[[Argument], Argument]) -> Argument:
    """a with fn done to everything in its tuples, lists, dictionaries and slices; what comes back cannot be written to."""
    if isinstance(a, tuple):
        done = tuple(map_aggregate(each, fn) for each in a)
        return type(a)(*done) if hasattr(a, "_fields") else done
    if isinstance(a, list):
        return immutable_list(map_aggregate(each, fn) for each in a)
    if isinstance(a, dict):
        return immutable_dict((key, map_aggregate(value, fn)) for key, value in a.items())
    if isinstance(a, slice):
        return slice(map_aggregate(a.start, fn), map_aggregate(a.stop, fn), map_aggregate(a.step, fn))
    return fn(a)


def map_arg(a: Argument, fn: Callable[["Node"], Argument]) -> Argument:
    """a with fn done to its nodes."""
    assert callable(fn), "torch.fx.map_arg(a, fn): fn must be a callable"
    return map_aggregate(a, lambda each: fn(each) if isinstance(each, Node) else each)


def _find_module_of_method(method) -> str:
    if getattr(method, "__module__", None) is not None:
        return method.__module__
    raise RuntimeError(f"cannot find module for {method}")


def _get_qualified_name(func) -> str:
    if getattr(builtins, func.__name__, None) is func:
        return func.__name__
    return f"{_find_module_of_method(func)}.{func.__name__}"


def _type_repr(obj) -> str:
    """How a type is written in generated code."""
    if isinstance(obj, type):
        return obj.__qualname__ if obj.__module__ == "builtins" else f"{obj.__module__}.{obj.__qualname__}"
    if obj is ...:
        return "..."
    return obj.__name__ if isinstance(obj, types.FunctionType) else repr(obj)


def _format_arg(arg, max_list_len=float("inf")) -> str:
    """An argument as a printed graph shows it: nodes with a percent sign."""
    if hasattr(arg, "_custom_fx_repr_fn"):
        return arg._custom_fx_repr_fn()
    if isinstance(arg, (list, tuple)):
        items = ", ".join(_format_arg(each) for i, each in enumerate(arg) if i < max_list_len)
        rest = "" if len(arg) < max_list_len + 1 else f", ...[total_len={len(arg)}]"
        if isinstance(arg, list):
            return f"[{items}{rest}]"
        comma = "," if len(arg) == 1 else ""
        return f"({items}{comma}{rest})"
    if isinstance(arg, dict):
        return "{" + ", ".join(f"{key}: {_format_arg(value)}" for key, value in arg.items()) + "}"
    return f"%{arg}" if isinstance(arg, Node) else str(arg)


class Node:
    """A step of a graph: op is placeholder, get_attr, call_function, call_method, call_module or output; target what it calls."""

    def __init__(self, graph, name: str, op: str, target: Target, args: Tuple, kwargs: Dict, return_type: Optional[Any] = None):
        self.graph, self.name = graph, name
        assert op in _OPS
        self.op = op
        if not (callable(target) if op == "call_function" else isinstance(target, str)):
            wanted = "Callable" if op == "call_function" else "str"
            raise ValueError(f"Node [graph = {graph}, name = '{name}'] target {target} has type {torch.typename(target)} "
                             f"but a {wanted} is expected")
        self.target = target
        self._input_nodes: Dict[Node, None] = {}
        self.users: Dict[Node, None] = {}
        self.type = return_type
        self._prev = self._next = self
        self._erased = False
        self._repr_fn = None
        self.meta: Dict[str, Any] = {}
        self._use(map_arg(args, lambda n: n), map_arg(kwargs, lambda n: n))

    def _use(self, args, kwargs):
        """Takes new arguments and keeps uses and users in step."""
        self._args, self._kwargs = args, kwargs
        for used in self._input_nodes:
            used.users.pop(self)
        self._input_nodes = {}
        map_arg((args, kwargs), lambda n: self._input_nodes.setdefault(n))
        for used in self._input_nodes:
            used.users.setdefault(self)

    @property
    def next(self) -> "Node":
        return self._next

    @property
    def prev(self) -> "Node":
        return self._prev

    def prepend(self, x: "Node") -> None:
        """Moves x before this node."""
        assert self.graph == x.graph, "Attempting to move a Node into a different Graph"
        if self == x:
            warnings.warn("Trying to prepend a node to itself. This behavior has no effect on the graph.")
            return
        x._remove_from_list()
        before = self._prev
        before._next, x._prev = x, before
        x._next, self._prev = self, x

    def append(self, x: "Node") -> None:
        """Moves x behind this node."""
        self._next.prepend(x)

    def _remove_from_list(self):
        self._prev._next, self._next._prev = self._next, self._prev

    @property
    def args(self) -> Tuple:
        return self._args

    @args.setter
    def args(self, a):
        self._use(map_arg(a, lambda n: n), self._kwargs)

    @property
    def kwargs(self) -> Dict:
        return self._kwargs

    @kwargs.setter
    def kwargs(self, k):
        self._use(self._args, map_arg(k, lambda n: n))

    @property
    def all_input_nodes(self) -> List["Node"]:
        return list(self._input_nodes)

    def update_arg(self, idx: int, arg: Argument) -> None:
        args = list(self.args)
        args[idx] = arg
        self.args = tuple(args)

    def update_kwarg(self, key: str, arg: Argument) -> None:
        self.kwargs = {**self.kwargs, key: arg}

    @property
    def stack_trace(self) -> Optional[str]:
        return self.meta.get("stack_trace", None)

    @stack_trace.setter
    def stack_trace(self, trace):
        self.meta["stack_trace"] = trace

    def __repr__(self) -> str:
        return self._repr_fn(self) if self._repr_fn else self.name

    @staticmethod
    def _pretty_print_target(target):
        if isinstance(target, str):
            return target
        place = getattr(target, "__module__", None)
        if place in ("builtins", "_operator") and hasattr(target, "__name__"):
            return f"{place.lstrip('_')}.{target.__name__}"
        return _get_qualified_name(target)

    def format_node(self, placeholder_names: Optional[List[str]] = None, maybe_return_typename: Optional[List[str]] = None):
        """The node's line in a printed graph."""
        if self.op == "output":
            if self.type and maybe_return_typename:
                maybe_return_typename[0] = f" -> {_type_repr(self.type)}"
            return f"return {self.args[0]}"
        if self.op == "placeholder" and placeholder_names:
            placeholder_names.append(self.target + (f": {_type_repr(self.type)}" if self.type else ""))
            return None
        kind = f"{_type_repr(self.type)} " if self.type else ""
        line = f"%{self.name} : {kind}[#users={len(self.users)}] = {self.op}[target={self._pretty_print_target(self.target)}]"
        if self.op == "placeholder":
            return line + (f"(default={self.args[0]})" if self.args else "")
        if self.op == "get_attr":
            return line
        return line + f"(args = {_format_arg(self.args)}, kwargs = {_format_arg(self.kwargs)})"

    def _exchange(self, old: "Node", new: "Node"):
        self._use(*map_arg((self.args, self.kwargs), lambda n: new if n == old else n))

    def replace_all_uses_with(self, replace_with: "Node", delete_user_cb: Callable[["Node"], bool] = lambda user: True) -> List["Node"]:
        """Gives replace_with to everybody who uses this node, where delete_user_cb agrees; who that was."""
        changed = [user for user in list(self.users) if delete_user_cb(user)]
        for user in changed:
            user._exchange(self, replace_with)
        return changed

    def replace_input_with(self, old_input: "Node", new_input: "Node"):
        self._exchange(old_input, new_input)

    def is_impure(self) -> bool:
        """Whether the node does something beside its value, so that it stays though nobody uses it."""
        if self.op == "call_function":
            return self.target is torch._assert
        if self.op == "call_module":
            assert self.graph.owning_module is not None, "self.graph.owning_module not set for purity check"
            return getattr(self.graph.owning_module.get_submodule(self.target), "_is_impure", False)
        return self.op in ("placeholder", "output")
