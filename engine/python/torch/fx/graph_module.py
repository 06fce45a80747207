"""GraphModule: a module whose forward function is written from its graph."""

import copy
import itertools
import linecache
import os
import sys
import traceback
import warnings
from pathlib import Path
from typing import Any, Dict, Union

import torch

from ._code import PythonCode, _is_from_torch
from .graph import Graph, _custom_builtins

__all__ = ["GraphModule", "reduce_graph_module"]


class _Sources:
    """The text of generated functions, where linecache and tracebacks find it."""

    def __init__(self):
        self.texts = {}

    def keep(self, src: str, names: Dict[str, Any]) -> str:
        key = f"<eval_with_key>.{len(self.texts)}"
        self.texts[key] = src
        linecache.lazycache(key, {**names, "__file__": key, "__name__": key, "__loader__": self})
        return key

    def get_source(self, module_name):
        return self.texts.get(module_name)


_sources = _Sources()


def _forward_from_src(src: str, names: Dict[str, Any]):
    names = dict(names)
    exec(compile(src, _sources.keep(src, names), "exec"), names)
    return names["forward"]


def _imports(names: Dict[str, Any]) -> str:
    """Statements that bring what generated code names."""
    def one(name, obj):
        if name in _custom_builtins:
            return _custom_builtins[name].import_str
        if _is_from_torch(name):
            return "import torch"
        return f"from {obj.__module__} import {getattr(obj, '__qualname__', obj.__name__)} as {name}"
    return "\n".join(sorted({one(name, obj) for name, obj in names.items()}))


def reduce_graph_module(body: Dict[Any, Any], import_block: str) -> torch.nn.Module:
    """A pickled GraphModule: its function is traced again, without entering modules."""
    from ._symbolic_trace import Tracer

    class CodeOnlyModule(torch.nn.Module):
        forward = _forward_from_src(import_block + body["_code"], {})

        def __init__(self):
            super().__init__()
            self.__dict__ = body

    class KeepModules(body.get("_tracer_cls") or Tracer):
        def is_leaf_module(self, _, __) -> bool:
            return True

    module = CodeOnlyModule()
    graph = KeepModules().trace(module, **body.get("_tracer_extras", {}))
    graph._tracer_cls = body.get("_tracer_cls") or Tracer
    made = GraphModule(module, graph, class_name=body.get("_graphmodule_cls_name", "GraphModule"))
    for key, value in body.items():
        if not hasattr(made, key):
            setattr(made, key, value)
    return made


def _place(value, module, field):
    if isinstance(value, torch.Tensor) and not isinstance(value, torch.nn.Parameter):
        module.register_buffer(field, value)
    else:
        setattr(module, field, value)


def _copy_attr(from_module, to_module, target: str):
    """target's value, with modules on its path where there are none; a module that is there brings what it holds."""
    *path, field = target.split(".")
    for name in path:
        source, there = getattr(from_module, name), getattr(to_module, name, None)
        if source is there:
            return
        if there is None:
            there = torch.nn.Module()
            setattr(to_module, name, there)
        from_module, to_module = source, there
    _place(getattr(from_module, field), to_module, field)


def _assign_attr(value, to_module, target: str):
    *path, field = target.split(".")
    for name in path:
        if getattr(to_module, name, None) is None:
            setattr(to_module, name, torch.nn.Module())
        to_module = getattr(to_module, name)
    _place(value, to_module, field)


class _WrappedCall:
    """Calls a GraphModule and points at the line of generated code where it failed."""

    def __init__(self, cls, cls_call):
        self.cls, self.cls_call = cls, cls_call

    @staticmethod
    def _generate_error_message(frame) -> str:
        lines = linecache.getlines(frame.filename)
        return "\n".join([traceback.format_exc(),
                          f"Call using an FX-traced Module, line {frame.lineno} of the traced Module's generated forward function:",
                          "".join(lines[frame.lineno - 2:frame.lineno]), "~" * len(frame.line) + "~~~ <--- HERE",
                          "\n".join(lines[frame.lineno:frame.lineno + 2])])

    def __call__(self, obj, *args, **kwargs):
        try:
            if self.cls_call is not None:
                return self.cls_call(obj, *args, **kwargs)
            return super(self.cls, obj).__call__(*args, **kwargs)
        except Exception as e:
            last = traceback.StackSummary.extract(traceback.walk_tb(e.__traceback__))[-1]
            if "eval_with_key" not in last.filename:
                raise
            print(self._generate_error_message(last), file=sys.stderr)
            raise e.with_traceback(None)


class GraphModule(torch.nn.Module):
    """A module made of a graph and of the parameters and modules that it names."""

    def __new__(cls, *args, **kwargs):
        base = next((t for t in cls.__mro__ if t.__qualname__.split(".")[-1] != "GraphModuleImpl"), cls)

        class GraphModuleImpl(base):  # a class of its own for every instance, which holds its forward
            pass
        return super().__new__(GraphModuleImpl)

    def __init__(self, root: Union[torch.nn.Module, Dict[str, Any]], graph: Graph, class_name: str = "GraphModule"):
        super().__init__()
        self.__class__.__name__ = class_name
        named = [node for node in graph.nodes if node.op in ("get_attr", "call_module")]
        if isinstance(root, torch.nn.Module):
            if hasattr(root, "training"):
                self.training = root.training
            for node in named:
                _copy_attr(root, self, node.target)
        elif isinstance(root, dict):
            for node in named:
                if node.target not in root:
                    raise RuntimeError(f"Node {node} referenced target {node.target} but that target was not provided in ``root``!")
            for target in sorted((node.target for node in named), key=lambda t: t.count(".")):
                _assign_attr(root[target], self, target)
        else:
            raise RuntimeError(f"Unsupported type {root} passed for root!")
        self.graph = graph
        self._tracer_cls = None
        if graph._tracer_cls and "<locals>" not in graph._tracer_cls.__qualname__:
            self._tracer_cls = graph._tracer_cls
        self._tracer_extras = graph._tracer_extras or {}
        self.meta: Dict[str, Any] = {}

    __jit_unused_properties__ = ["graph"]

    @property
    def graph(self) -> Graph:
        return self._graph

    @graph.setter
    def graph(self, g: Graph) -> None:
        assert isinstance(g, Graph), f"Expected a Graph instance, but got {type(g)}"
        self._graph = g
        g.owning_module = self
        self.recompile()

    @property
    def code(self) -> str:
        if not hasattr(self, "_code"):
            raise RuntimeError("Code has not been generated! Please report a bug to PyTorch")
        return self._code

    def recompile(self) -> PythonCode:
        """Writes forward anew from the graph."""
        written = self._graph.python_code(root_module="self")
        self._code = written.src
        cls = type(self)
        cls.forward = _forward_from_src(self._code, written.globals)
        if "_wrapped_call" not in vars(cls):
            cls._wrapped_call = _WrappedCall(cls, vars(cls).get("__call__"))

        def call_wrapped(self, *args, **kwargs):
            return self._wrapped_call(self, *args, **kwargs)
        cls.__call__ = call_wrapped
        return written

    def to_folder(self, folder: Union[str, os.PathLike], module_name: str = "FxModule"):
        """Writes the module as a package that can be imported."""
        folder = Path(folder)
        folder.mkdir(exist_ok=True)
        torch.save(self.state_dict(), folder / "state_dict.pt")
        lines = ["", "import torch", *(each.import_str for each in _custom_builtins.values()), "", "from torch.nn import *",
                 f"class {module_name}(torch.nn.Module):", "    def __init__(self):", "        super().__init__()"]
        pickled, plain = [], tuple(getattr(torch.nn, n) for n in ("Linear", "Conv1d", "Conv2d", "Conv3d", "BatchNorm1d", "BatchNorm2d", "BatchNorm3d"))
        for name, module in self.named_children():
            text = repr(module)
            if type(module) not in plain:
                torch.save(module, folder / f"{name}.pt")
                pickled.append(name)
                text = f"torch.load(r'{folder / name}.pt') # " + text.replace("\r", " ").replace("\n", " ")
            lines.append(f"        self.{name} = {text}")
        for name, buffer in self._buffers.items():
            if buffer is not None:
                lines.append(f"        self.register_buffer('{name}', torch.empty({list(buffer.shape)}, dtype={buffer.dtype}))")
        for name, p in self._parameters.items():
            if p is not None:
                lines.append(f"        self.{name} = torch.nn.Parameter(torch.empty({list(p.shape)}, dtype={p.dtype}))")
        lines.append(f"        self.load_state_dict(torch.load(r'{folder}/state_dict.pt'))")
        (folder / "module.py").write_text("\n".join(lines) + "\n" + self.code.replace("\n", "\n    ") + "\n")
        (folder / "__init__.py").write_text("from .module import *")
        if pickled:
            warnings.warn(f"Was not able to save the following children modules as reprs -saved as pickled files instead: {pickled}")

    def add_submodule(self, target: str, m: torch.nn.Module) -> bool:
        """Installs m under a path, with modules on it where there are none."""
        *path, field = target.split(".")
        module = self
        for name in path:
            if getattr(module, name, None) is None:
                setattr(module, name, torch.nn.Module())
            module = getattr(module, name)
            if not isinstance(module, torch.nn.Module):
                return False
        module.add_module(field, m)
        return True

    def delete_submodule(self, target: str) -> bool:
        *path, field = target.split(".")
        module = self
        for name in path:
            module = getattr(module, name, None)
            if not isinstance(module, torch.nn.Module):
                return False
        if not isinstance(getattr(module, field, None), torch.nn.Module):
            return False
        delattr(module, field)
        return True

    def delete_all_unused_submodules(self) -> None:
        """Drops the modules that no node names."""
        used = set()
        for node in self.graph.nodes:
            if node.op in ("call_module", "get_attr"):
                used.update(itertools.accumulate(node.target.split("."), "{}.{}".format))
                if node.op == "call_module":
                    try:
                        used.update(f"{node.target}.{name}" for name, _ in self.get_submodule(node.target).named_modules() if name)
                    except AttributeError:
                        pass  # a node may name what is not there yet
        for name in [name for name, _ in self.named_modules() if name not in used]:
            self.delete_submodule(name)

    def __reduce__(self):
        body = dict(self.__dict__)
        written = self.recompile()
        del body["_graph"]
        return reduce_graph_module, (body, _imports(written.globals))

    def __deepcopy__(self, memo):
        fake = torch.nn.Module()
        fake.__dict__ = copy.deepcopy(self.__dict__)
        return GraphModule(fake, fake.__dict__["_graph"])

    def __copy__(self):
        return GraphModule(self, self.graph)

    def _readable(self) -> str:
        """The module as a class, with those that it holds inside it."""
        code = self._graph.python_code(root_module="self", verbose=True).src.lstrip("\n")
        code = _indent(f"class {self._get_name()}(torch.nn.Module):\n" + code)
        inner = "\n".join([""] + [child._readable() for child in self.children() if isinstance(child, GraphModule)])
        return code + _indent(inner)

    def print_readable(self):
        print(self._readable())

    def __str__(self) -> str:
        return "\n".join([super().__str__(), self._code, "# To see more debug info, please use `graph_module.print_readable()`"])


def _indent(text: str) -> str:
    """All lines but the first by four columns."""
    return text.replace("\n", "\n    ")
