"""A graph's nodes as the text of a Python function."""

import re
import typing
from dataclasses import dataclass
from typing import Any, Callable, Dict, List, Optional, Tuple

import torch

from .node import Node, _get_qualified_name, _type_repr, map_arg

reflectable_magic_methods = {
    "add": "{} + {}", "sub": "{} - {}", "mul": "{} * {}", "floordiv": "{} // {}", "truediv": "{} / {}", "div": "{} / {}",
    "mod": "{} % {}", "pow": "{} ** {}", "lshift": "{} << {}", "rshift": "{} >> {}", "and_": "{} & {}", "or_": "{} | {}",
    "xor": "{} ^ {}", "getitem": "{}[{}]", "matmul": "{} @ {}",
}
magic_methods = {"eq": "{} == {}", "ne": "{} != {}", "lt": "{} < {}", "gt": "{} > {}", "le": "{} <= {}", "ge": "{} >= {}",
                 "pos": "+{}", "neg": "-{}", "invert": "~{}", **reflectable_magic_methods}
inplace_methods = {
    "iadd": "{} += {}", "iand": "{} &= {}", "ifloordiv": "{} //= {}", "ilshift": "{} <<= {}", "imod": "{} %= {}", "imul": "{} *= {}",
    "imatmul": "{} @= {}", "ior": "{} |= {}", "ipow": "{} **= {}", "irshift": "{} >>= {}", "isub": "{} -= {}", "itruediv": "{} /= {}",
    "ixor": "{} ^= {}", "setitem": "{}[{}] = {}",
}
_TYPING = {list: typing.List, dict: typing.Dict, set: typing.Set, frozenset: typing.FrozenSet, tuple: typing.Tuple}


@dataclass
class PythonCode:
    """The text of a forward function and what it names."""

    src: str
    globals: Dict[str, Any]


def _is_from_torch(obj: Any) -> bool:
    return (getattr(obj, "__module__", None) or "").partition(".")[0] == "torch"


def _format_target(base: str, target: str) -> str:
    """self.a.b, with getattr where a name is no identifier."""
    for name in target.split("."):
        base = f"{base}.{name}" if name.isidentifier() else f'getattr({base}, "{name}")'
    return base


def _last_uses(nodes) -> Dict[Node, List[Node]]:
    """For every node, the nodes whose values are not needed behind it."""
    last: Dict[Node, Node] = {}
    at: Dict[Node, List[Node]] = {}

    def note(used, user):
        if used not in last:
            last[used] = user
            at.setdefault(user, []).append(used)

    for node in reversed(nodes):
        map_arg(node.args, lambda n: note(n, node))
        map_arg(node.kwargs, lambda n: note(n, node))
    return at


class _Writer:
    """One writing of one graph."""

    def __init__(self, codegen, root_module, namespace):
        self.codegen, self.root_module, self.namespace = codegen, root_module, namespace
        self.free, self.body, self.globals, self.wrapped, self.returns = [], [], {}, {}, ""
        self.trace = None

    def add_global(self, hint: str, obj: Any) -> str:
        if _is_from_torch(obj) and obj != torch.device:
            return _get_qualified_name(obj)
        name = self.namespace.create_name(hint, obj)
        self.globals.setdefault(name, obj)
        return name

    def type_text(self, o) -> str:
        if o == ():
            return "()"
        if not hasattr(o, "__origin__"):
            return self.add_global(_type_repr(o), o)
        origin = _TYPING.get(o.__origin__, o.__origin__)
        name = self.add_global(_type_repr(origin), origin)
        inner = [self.type_text(arg) for arg in getattr(o, "__args__", ())]
        return f"{name}[{','.join(inner)}]" if inner else name

    def argument(self, arg) -> str:
        if isinstance(arg, tuple) and hasattr(arg, "_fields"):
            return self.add_global(_get_qualified_name(type(arg)), type(arg)) + repr(tuple(arg))
        return repr(arg)

    def arguments(self, args, kwargs) -> str:
        return ", ".join([self.argument(a) for a in args] + [f"{key} = {self.argument(value)}" for key, value in kwargs.items()])

    def source(self, node):
        """A remark on where the node's line stood, once for a run of nodes."""
        if node.op in ("placeholder", "output"):
            return
        if not node.stack_trace:
            if self.trace != "":
                self.trace = ""
                self.body.append("\n# No stacktrace found for following nodes \n")
            return
        if node.stack_trace == self.trace:
            return
        self.trace = node.stack_trace
        lines = [line.strip() for line in node.stack_trace.strip().split("\n")]
        first = next((i for i, line in enumerate(lines) if line.startswith("File ")), len(lines))
        parts = [", ".join(lines[:first])] if first else []
        if first + 1 < len(lines):
            place = re.match(r"^File \"(.+)\", line (\d+), in (.+)$", lines[first])
            parts += [f"File: {place[1]}:{place[2]}"] if place else []
            parts.append(f"code: {lines[first + 1]}")
        self.body.append(f"\n# {', '.join(parts)}\n")

    def call_function(self, node, start) -> str:
        operator = node.target.__module__ == "_operator" and node.target.__name__
        if operator in magic_methods:
            return start + magic_methods[operator].format(*map(repr, node.args))
        if operator in inplace_methods:
            return f"{inplace_methods[operator].format(*map(repr, node.args))};  {start}{node.args[0]!r}"
        name = self.add_global(_get_qualified_name(node.target), node.target)
        if name == "getattr" and len(node.args) == 2 and isinstance(node.args[1], str) and node.args[1].isidentifier():
            return start + _format_target(repr(node.args[0]), node.args[1])
        if node.meta.get("is_wrapped", False):
            self.wrapped.setdefault(name)
        return f"{start}{name}({self.arguments(node.args, node.kwargs)})"

    def statement(self, node) -> Optional[str]:
        kind = "" if node.type is None else f" : {self.type_text(node.type)}"
        start = f"{node!r}{kind} = "
        if node.op == "placeholder":
            default = f" = {node.args[0]!r}" if node.args else ""
            self.free.append(f"{node.target}{kind}{default}")
            bare = node.target.replace("*", "")
            return f"{node!r} = {bare}\n" if bare != repr(node) else None
        if node.op == "output":
            if node.type is not None:
                self.returns = f" -> {self.type_text(node.type)}"
            return self.codegen.generate_output(node.args[0])
        if node.op == "get_attr":
            return start + _format_target(self.root_module, node.target)
        if node.op == "call_module":
            return f"{start}{_format_target(self.root_module, node.target)}({self.arguments(node.args, node.kwargs)})"
        if node.op == "call_method":
            return f"{start}{_format_target(repr(node.args[0]), node.target)}({self.arguments(node.args[1:], node.kwargs)})"
        return self.call_function(node, start)

    def write(self, nodes, verbose):
        unused = _last_uses(nodes)
        for node in nodes:
            if verbose:
                self.source(node)
            line = self.statement(node)
            if line is not None:
                self.body.append(line)
            if node.op != "placeholder":
                dead = unused.get(node, []) if node.op != "output" else []
                self.body.append(";  " + " = ".join([repr(n) for n in dead] + ["None"]) + "\n" if dead else "\n")
        if not self.body:
            self.body.append("pass\n")


class CodeGen:
    """How a graph's function is written; a subclass may write another head or another end."""

    def __init__(self):
        self._body_transformer: Optional[Callable[[List[str]], List[str]]] = None

    def gen_fn_def(self, free_vars: List[str], maybe_return_annotation: str) -> str:
        if not free_vars or free_vars[0] != "self":
            free_vars.insert(0, "self")
        return f"def forward({', '.join(free_vars)}){maybe_return_annotation}:"

    def generate_output(self, output_args) -> str:
        return f"return {output_args!r}"

    def process_inputs(self, *args: Any) -> Any:
        return args

    def process_outputs(self, outputs: Any) -> Any:
        return outputs

    def additional_globals(self) -> List[Tuple[str, Any]]:
        return []

    def _gen_python_code(self, nodes, root_module: str, namespace, *, verbose: bool = False) -> PythonCode:
        from .graph import _custom_builtins
        writer = _Writer(self, root_module, namespace)
        for name, (_, obj) in _custom_builtins.items():
            writer.add_global(name, obj)
        writer.write(nodes, verbose)
        wraps = ""
        if writer.wrapped:
            wrap = writer.add_global("wrap", torch.fx.wrap)
            wraps = "\n".join(f'{wrap}("{name}")' for name in writer.wrapped)
        body = self._body_transformer(writer.body) if self._body_transformer else writer.body
        for name, value in self.additional_globals():
            writer.add_global(name, value)
        head = self.gen_fn_def(writer.free, writer.returns)
        code = "\n".join("    " + line for line in "".join(body).split("\n"))
        return PythonCode(f"\n{wraps}\n\n{head}\n{code}", writer.globals)
