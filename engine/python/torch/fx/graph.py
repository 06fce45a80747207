"""Graph: a function as a list of nodes, which can be changed, checked, printed and written as Python."""

import builtins
import contextlib
import copy
import inspect
import keyword
import math
import re
import warnings
from typing import Any, Callable, Dict, List, NamedTuple, Optional

import torch

from .node import Argument, Node, Target, map_arg

__all__ = ["PythonCode", "CodeGen", "Graph"]


class _CustomBuiltin(NamedTuple):
    import_str: str
    obj: Any


_custom_builtins: Dict[str, _CustomBuiltin] = {
    "inf": _CustomBuiltin("from math import inf", math.inf),
    "nan": _CustomBuiltin("from math import nan", math.nan),
    "NoneType": _CustomBuiltin("NoneType = type(None)", type(None)),
    "torch": _CustomBuiltin("import torch", torch),
    "device": _CustomBuiltin("from torch import device", torch.device),
}
"""What generated code may name without an import of its own."""


def _snake_case(text: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", text).lower()


class _Namespace:
    """Names that are each given once, and shadow neither keywords nor builtins."""

    def __init__(self):
        self._of: Dict[Any, str] = {}
        self._used = set()

    def create_name(self, candidate: str, obj: Optional[Any]) -> str:
        if obj is not None and obj in self._of:
            return self._of[obj]
        candidate = re.sub("[^0-9a-zA-Z_]+", "_", candidate)
        if candidate[0].isdigit():
            candidate = "_" + candidate
        numbered = re.match(r"(.*)_(\d+)$", candidate)
        base, number = (numbered[1], int(numbered[2])) if numbered else (candidate, 0)
        candidate = f"{base}_{number}" if numbered else base
        while candidate in self._used or self._is_taken(candidate, obj):
            number += 1
            candidate = f"{base}_{number}"
        self._used.add(candidate)
        if obj is not None:
            self._of[obj] = candidate
        return candidate

    def associate_name_with_obj(self, name: str, obj: Any):
        self._of[obj] = name

    @staticmethod
    def _is_taken(name, obj) -> bool:
        if name in keyword.kwlist:
            return True
        if name in vars(builtins):
            return obj is not vars(builtins)[name]
        return name in _custom_builtins and obj is not _custom_builtins[name].obj


class _InsertPoint:
    def __init__(self, graph, insert):
        self.graph, self.before = graph, graph._insert
        graph._insert = insert

    def __enter__(self):
        pass

    def __exit__(self, *_):
        self.graph._insert = self.before


class _node_list:
    """A graph's nodes in order; nodes may be erased while one walks."""

    def __init__(self, graph: "Graph", direction: str = "_next"):
        assert direction in ("_next", "_prev")
        self.graph, self.direction = graph, direction

    def __len__(self):
        return self.graph._len

    def __iter__(self):
        at = getattr(self.graph._root, self.direction)
        while at is not self.graph._root:
            if not at._erased:
                yield at
            at = getattr(at, self.direction)

    def __reversed__(self):
        return _node_list(self.graph, "_prev" if self.direction == "_next" else "_next")


class Graph:
    """The steps of a function, from its placeholders to its output."""

    def __init__(self, owning_module=None, tracer_cls=None, tracer_extras=None):
        self._root = Node(self, "", "root", "", (), {})
        self._insert = self._root.prepend
        self._len = 0
        self._graph_namespace = _Namespace()
        self._owners = 0
        self._owning_module, self._tracer_cls, self._tracer_extras = owning_module, tracer_cls, tracer_extras
        self._codegen = CodeGen()

    @property
    def owning_module(self):
        return self._owning_module

    @owning_module.setter
    def owning_module(self, mod):
        if mod:
            self._owning_module = mod if not self._owners else None  # two owners: neither is the one
            self._owners += 1

    @property
    def nodes(self) -> _node_list:
        return _node_list(self)

    def graph_copy(self, g: "Graph", val_map: Dict[Node, Node], return_output_node=False):
        """Appends g's nodes, with val_map saying what stands for which; what g's output hands back."""
        for node in g.nodes:
            if node in val_map:
                continue
            if node.op == "output":
                result = map_arg(node.args[0], lambda n: val_map[n])
                return (result, node) if return_output_node else result
            val_map[node] = self.node_copy(node, lambda n: val_map[n])
        return None

    def __deepcopy__(self, memo=None) -> "Graph":
        g = Graph(tracer_cls=self._tracer_cls)
        result, old = g.graph_copy(self, val_map=memo or {}, return_output_node=True)
        g._codegen = copy.deepcopy(self._codegen)
        g.output(result, type_expr=getattr(old, "type", None))
        return g

    def create_node(self, op: str, target: Target, args=None, kwargs=None, name: Optional[str] = None, type_expr=None) -> Node:
        assert op in ("call_function", "call_method", "get_attr", "call_module", "placeholder", "output")
        args = () if args is None else args
        kwargs = {} if kwargs is None else kwargs
        assert isinstance(args, tuple), "args must be a tuple"
        assert isinstance(kwargs, dict), "kwargs must be a dict"
        name = self._graph_namespace.create_name(name if name is not None else self._target_to_str(target), None)
        node = Node(self, name, op, target, args, kwargs, type_expr)
        self._graph_namespace.associate_name_with_obj(name, node)
        self._insert(node)
        self._len += 1
        return node

    def process_inputs(self, *args):
        return self._codegen.process_inputs(*args)

    def process_outputs(self, out):
        return self._codegen.process_outputs(out)

    def erase_node(self, to_erase: Node) -> None:
        if len(to_erase.users) > 0:
            raise RuntimeError(f"Tried to erase Node {to_erase} but it still had {len(to_erase.users)} "
                               f"users in the graph: {to_erase.users}!")
        to_erase._remove_from_list()
        to_erase._erased = True
        self._len -= 1
        to_erase.args, to_erase.kwargs = map_arg((to_erase.args, to_erase.kwargs), lambda n: None)

    def inserting_before(self, n: Optional[Node] = None):
        """New nodes come before n: for good, or within a with statement."""
        if n is None:
            return self.inserting_after(self._root)
        assert n.graph == self, "Node to insert before is not in graph."
        return _InsertPoint(self, n.prepend)

    def inserting_after(self, n: Optional[Node] = None):
        """New nodes come behind n: for good, or within a with statement."""
        if n is None:
            return self.inserting_before(self._root)
        assert n.graph == self, "Node to insert after is not in graph."
        return _InsertPoint(self, n.append)

    def placeholder(self, name: str, type_expr=None, default_value: Any = inspect.Signature.empty) -> Node:
        args = () if default_value is inspect.Signature.empty else (default_value,)
        return self.create_node("placeholder", name, args=args, type_expr=type_expr)

    def get_attr(self, qualified_name: str, type_expr=None) -> Node:
        if self.owning_module and not _is_there(self.owning_module, qualified_name):
            warnings.warn("Attempted to insert a get_attr Node with no underlying reference in the owning GraphModule! Call "
                          "GraphModule.add_submodule to add the necessary submodule, GraphModule.add_parameter to add the "
                          "necessary Parameter, or nn.Module.register_buffer to add the necessary buffer", stacklevel=2)
        return self.create_node("get_attr", qualified_name, type_expr=type_expr)

    def call_module(self, module_name: str, args=None, kwargs=None, type_expr=None) -> Node:
        if self.owning_module and self.owning_module.get_submodule(module_name) is None:
            warnings.warn("Attempted to insert a call_module Node with no underlying reference in the owning GraphModule! Call "
                          "GraphModule.add_submodule to add the necessary submodule")
        return self.create_node("call_module", module_name, args, kwargs, type_expr=type_expr)

    def call_method(self, method_name: str, args=None, kwargs=None, type_expr=None) -> Node:
        return self.create_node("call_method", method_name, args, kwargs, type_expr=type_expr)

    def call_function(self, the_function: Callable[..., Any], args=None, kwargs=None, type_expr=None) -> Node:
        return self.create_node("call_function", the_function, args, kwargs, type_expr=type_expr)

    def node_copy(self, node: Node, arg_transform: Callable[[Node], Argument] = lambda x: x) -> Node:
        args, kwargs = map_arg((node.args, node.kwargs), arg_transform)
        made = self.create_node(node.op, node.target, args, kwargs, node.name, node.type)
        made.meta = copy.copy(node.meta)
        return made

    def output(self, result: Argument, type_expr=None):
        return self.create_node("output", "output", args=(result,), type_expr=type_expr)

    @staticmethod
    def _target_to_str(target: Target) -> str:
        if callable(target):
            return _snake_case(target.__name__)
        magic = target.startswith("__") and target.endswith("__")
        return _snake_case(target[2:-2] if magic else target)

    def python_code(self, root_module: str, *, verbose: bool = False) -> "PythonCode":
        """The graph as Python; names of values and of what is outside are of one namespace."""
        namespace = _Namespace()
        before = {node: node._repr_fn for node in self.nodes}
        try:
            for node in self.nodes:
                node._repr_fn = lambda n: namespace.create_name(n.name, n)
            return self._codegen._gen_python_code(self.nodes, root_module, namespace, verbose=verbose)
        finally:
            for node in self.nodes:
                node._repr_fn = before[node]

    def __str__(self) -> str:
        return "\n    ".join(["graph():"] + [node.format_node() for node in self.nodes])

    def print_tabular(self):
        """The nodes as a table, drawn by the library tabulate where it is there."""
        try:
            from tabulate import tabulate
        except ImportError:
            print("`print_tabular` relies on the library `tabulate`, which could not be found on this machine. Run `pip "
                  "install tabulate` to install the library.")
        rows = [[n.op, n.name, n.target, n.args, n.kwargs] for n in self.nodes]
        print(tabulate(rows, headers=["opcode", "name", "target", "args", "kwargs"]))

    def lint(self):
        """Raises where the graph is not well formed: order, names, targets that its module lacks."""
        names, seen = set(), set()

        def check(arg, n):
            if arg.graph is not self:
                raise RuntimeError(f"Argument '{arg}' of Node '{n}' does not belong to this Graph, but was used as an argument! "
                                   "If you are copying nodes from another graph, make sure to use ``arg_transform`` on "
                                   f"node_copy() to remap values\n{self}")
            if arg not in seen:
                raise RuntimeError(f"Argument '{arg}' of Node '{n}' was used before it has been defined! Please check that Nodes "
                                   f"in the graph are topologically ordered\n{self}")

        for node in self.nodes:
            if node.graph is not self:
                raise RuntimeError(f"Node '{node}' does not belong to this Graph!")
            map_arg((node.args, node.kwargs), lambda arg: check(arg, node))
            seen.add(node)
            if node.name in names:
                raise RuntimeError(f"Node redefined name {node.name}!")
            names.add(node.name)
        if self.owning_module:
            for node in self.nodes:
                if node.op in ("get_attr", "call_module"):
                    self._lint_target(node)

    def _lint_target(self, node):
        place, atoms = self.owning_module, node.target.split(".")
        for i, atom in enumerate(atoms):
            found, path = getattr(place, atom, None), ".".join(atoms[:i])
            if found is None:
                raise RuntimeError(f"Node {node} target {node.target} references nonexistent attribute {atom} of {path}")
            if node.op == "call_module" and not isinstance(found, torch.nn.Module):
                raise RuntimeError(f"Node {node} target {node.target} {atom} of {path} does not reference an nn.Module")
            if not isinstance(found, (torch.nn.Module, torch.nn.Parameter)) and atom not in place._buffers:
                warnings.warn(f"Node {node} target {node.target} {atom} of {path} does not reference an nn.Module, nn.Parameter, "
                              "or buffer, which is what 'get_attr' Nodes typically target")
            else:
                place = found

    def eliminate_dead_code(self) -> bool:
        """Erases what nobody uses; whether there was any."""
        self.lint()
        dead = False
        for node in reversed(self.nodes):
            if not node.is_impure() and len(node.users) == 0:
                self.erase_node(node)
                dead = True
        return dead

    def set_codegen(self, codegen: "CodeGen"):
        self._codegen = codegen

    def on_generate_code(self, make_transformer):
        """Lets a function change the lines of generated code: for good, or within a with statement."""
        before = self._codegen._body_transformer
        self._codegen._body_transformer = make_transformer(before)

        @contextlib.contextmanager
        def while_entered():
            try:
                yield
            finally:
                self._codegen._body_transformer = before

        return while_entered()


def _is_there(mod, qualified_name: str) -> bool:
    path, _, name = qualified_name.rpartition(".")
    try:
        owner = mod.get_submodule(path)
    except AttributeError:
        warnings.warn(f"Failed to fetch module {path}!")
        return False
    return isinstance(getattr(owner, name, None), (torch.nn.Module, torch.nn.Parameter)) or name in owner._buffers


from ._code import CodeGen, PythonCode, inplace_methods, magic_methods, reflectable_magic_methods  # noqa: E402, F401
