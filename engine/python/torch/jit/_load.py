"""load: an archive that torch.jit.save wrote, here or in PyTorch.  Its code is compiled again; nothing of it runs meanwhile."""

import ast
import io
import pickle
import typing
import zipfile
from collections import OrderedDict

import torch
from torch import _C
from torch.nn import Module

_dtypes = {"Byte": torch.uint8, "Char": torch.int8, "Short": torch.int16, "Int": torch.int32, "Long": torch.int64,
           "Half": torch.float16, "Float": torch.float32, "Double": torch.float64, "Bool": torch.bool, "BFloat16": torch.bfloat16}


class _Ops:
    """torch or ops.prim as code in an archive means them: every name is an op."""

    def __init__(self, space):
        self.__dict__["_space"] = space

    def __getattr__(self, name):
        if name[:2] == "__" and name[-2:] == "__" and not _C._jit_has_op(f"{self._space}::{name}"):
            raise AttributeError(name)
        return _Op(f"{self._space}::{name}")


class _Op:
    def __init__(self, kind):
        self._jit_kind, self.__name__ = kind, kind

    def __call__(self, *args):
        raise RuntimeError(f"{self._jit_kind} is for the compiler")


class _Space:
    """A module of an archive: its classes and functions by name."""


class _Object:
    """A module's values before its class is compiled."""

    def __new__(cls, *args):
        return object.__new__(cls)

    def __setstate__(self, state):
        self.state = state


class _Unpickler(pickle.Unpickler):
    def __init__(self, archive, folder, part):
        super().__init__(io.BytesIO(archive.read(f"{folder}/{part}.pkl")))
        self.archive, self.folder, self.part, self.storages, self.tensors = archive, folder, part, {}, {}

    def find_class(self, module, name):
        if module.split(".")[0] == "__torch__":
            return type(name, (_Object,), {"qualified": f"{module}.{name}"})
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return self.rebuild
        if module == "torch" and name.endswith("Storage"):
            return name
        if module == "torch.jit._pickle":
            return lambda value, *rest: list(value) if name != "restore_type_tag" else value
        raise pickle.UnpicklingError(f"{module}.{name} does not belong in a TorchScript archive")

    def persistent_load(self, pid):
        _, kind, key, _, numel = pid
        if key not in self.storages:
            dtype = _dtypes[kind[:-len("Storage")]]
            raw = bytearray(self.archive.read(f"{self.folder}/{self.part}/{key}"))
            self.storages[key] = torch.frombuffer(raw, dtype=dtype) if raw else torch.empty(0, dtype=dtype)
        return self.storages[key]

    def rebuild(self, storage, offset, size, stride, requires_grad, hooks):
        """A tensor; what was one is one again, a parameter that a list holds too."""
        key = id(storage), offset, tuple(size), tuple(stride), requires_grad
        if key not in self.tensors:
            self.tensors[key] = storage.as_strided(key[2], key[3], offset).detach().requires_grad_(requires_grad)
        return self.tensors[key]


class _Recording(ast.NodeTransformer):
    """with torch.no_grad(): as PyTorch writes it: an object of a class no_grad is made, initialised and entered."""

    def __init__(self):
        self.names = set()

    def visit_Assign(self, node):
        text = ast.unparse(node.value)
        if text.startswith("__torch__.torch.autograd.grad_mode.no_grad.__new__("):
            self.names.add(node.targets[0].id)
            return ast.copy_location(ast.Pass(), node)
        if any(text == f"{name}.__init__()" for name in self.names):
            return ast.copy_location(ast.Pass(), node)
        return node

    def visit_With(self, node):
        self.generic_visit(node)
        context = node.items[0].context_expr
        if isinstance(context, ast.Name) and context.id in self.names:
            call = ast.parse("no_grad()", mode="eval").body
            for part in ast.walk(call):
                ast.copy_location(part, context)
            node.items[0].context_expr = call
        return node


_PLAIN = (ast.Name, ast.Attribute, ast.Subscript, ast.Tuple, ast.List, ast.Dict, ast.Constant, ast.UnaryOp, ast.unaryop, ast.expr_context)
_PYTHON = {kind.__name__: kind for kind in (int, float, bool, complex, str, list, dict, tuple)}


def _value(node, space):
    """What a type or a constant in an archive's code says.  A file is not trusted: names, their members and literals may stand
    there, and nothing is called."""
    for part in ast.walk(node):
        if not isinstance(part, _PLAIN) or isinstance(part, ast.Attribute) and part.attr[:2] == part.attr[-2:] == "__" \
                and part.attr != "__main__":
            raise RuntimeError(f"{ast.unparse(node)[:200]!r} is neither a type nor a constant, and does not belong in a TorchScript archive")
    return eval(compile(ast.Expression(node), "<archive>", "eval"), {"__builtins__": _PYTHON}, space)


class _Archive:
    def __init__(self, data):
        self.zip = zipfile.ZipFile(io.BytesIO(data))
        self.folder = self.zip.namelist()[0].split("/")[0]
        self.root, self.classes, self.trees, self.parameters = _Space(), {}, {}, {}
        names = [n[len(self.folder) + 1:] for n in self.zip.namelist()]
        if "constants.pkl" not in names:
            raise RuntimeError("PytorchStreamReader failed locating file constants.pkl: file not found")
        self.constants = _Space()
        self.constants._jit_constants = True
        for i, tensor in enumerate(_Unpickler(self.zip, self.folder, "constants").load()):
            setattr(self.constants, f"c{i}", tensor)
        for name in names:
            if name.startswith("code/") and name.endswith(".py"):
                text = self.zip.read(f"{self.folder}/{name}").decode()
                self.trees[name[5:-3].replace("/", ".")] = text, ast.parse(text)

    # ---- names in code ----
    def names(self):
        return {"torch": _Ops("aten"), "ops": self._ops(), "CONSTANTS": self.constants, "__torch__": self.space("__torch__"),
                "Tensor": torch.Tensor, "Device": torch.device, "number": float, "NoneType": type(None), "inf": float("inf"),
                "nan": float("nan"), "List": typing.List, "Dict": typing.Dict, "Tuple": typing.Tuple,
                "Optional": typing.Optional, "Union": typing.Union, "Any": typing.Any, "Final": typing.Final}

    def _ops(self):
        space = _Space()
        space.prim, space.aten = _Ops("prim"), _Ops("aten")
        return space

    def space(self, path):
        here = self.root
        for name in path.split("."):
            here.__dict__.setdefault(name, _Space())
            here = here.__dict__[name]
        return here

    def definitions(self, path):
        text, tree = self.trees[path]
        return text, {node.name: node for node in tree.body}

    def compile(self, node, text, name, module, handle):
        space = self.names()
        builtins = {**vars(__import__("builtins"))}

        def evaluate(annotation):
            return _value(annotation, space)

        def lookup(wanted):
            return space[wanted] if wanted in space else builtins[wanted]

        arguments = node.args
        defaults = [Ellipsis] * (len(arguments.args) - len(arguments.defaults)) + [evaluate(d) for d in arguments.defaults]
        parameters = [(a.arg, None if i == 0 and handle is not None else evaluate(a.annotation), d)
                      for i, (a, d) in enumerate(zip(arguments.args, defaults))]
        node = _Recording().visit(node)
        return _C._jit_compile(node, text, None, 0, 0, lookup, evaluate, name, parameters, evaluate(node.returns), module, handle)

    def named_tuples(self):
        space = self.names()
        for path in self.trees:
            for node in self.trees[path][1].body:
                if isinstance(node, ast.ClassDef) and any(isinstance(b, ast.Name) and b.id == "NamedTuple" for b in node.bases):
                    fields = [(f.target.id, _value(f.annotation, space))
                              for f in node.body if isinstance(f, ast.AnnAssign)]
                    kind = typing.NamedTuple(node.name, fields)
                    kind.__module__ = path[len("__torch__."):] or "__main__"
                    setattr(self.space(path), node.name, kind)

    def functions(self):
        """Every function; one that needs another of a later file waits for it."""
        waiting = [(path, self.trees[path][0], node) for path in self.trees for node in self.trees[path][1].body
                   if isinstance(node, ast.FunctionDef)]
        while waiting:
            later = []
            for path, text, node in waiting:
                try:
                    setattr(self.space(path), node.name, self.compile(node, text, f"{path}.{node.name}", None, None))
                except RuntimeError as error:
                    later.append((path, text, node))
                    why = error
            if len(later) == len(waiting):
                raise why
            waiting = later

    # ---- modules ----
    def module(self, value):
        from ._script import RecursiveScriptModule
        qualified = value.qualified
        path, _, name = qualified.rpartition(".")
        text, found = self.definitions(path)
        node, fresh = found[name], qualified not in self.classes
        twin = RecursiveScriptModule.__new__(RecursiveScriptModule)
        Module.__init__(twin)
        lists, fields, constants = self.declarations(node)
        handle = self.classes.get(qualified) or _C._jit_new_class(".".join(
            p for p in qualified.split(".") if not p.startswith("___torch_mangle_")))
        self.classes[qualified] = handle
        twin.__dict__.update(_original_name=name, _original_class=None, training=value.state.get("training", True))
        twin.__dict__["_jit_class"] = handle
        for field, item in value.state.items():
            self.fill(twin, handle, field, item, lists, fields.get(field), fresh)
        for constant, item in constants.items():
            twin.__dict__[constant] = item
            fresh and handle.add_constant(constant, item)
        if fresh:
            pending = twin.__dict__["_pending"] = {  # a method that calls another compiles it first
                m.name: lambda m=m: self.compile(m, text, f"{handle.name}.{m.name}", twin, handle)
                for m in node.body if isinstance(m, ast.FunctionDef)}
            while pending:
                pending.pop(next(iter(pending)))()
            del twin.__dict__["_pending"]
        return twin

    def fill(self, twin, handle, field, item, lists, annotation, fresh):
        if isinstance(item, _Object):
            item = twin._modules[field] = self.module(item)
        elif field in lists["__parameters__"]:
            tensor = item
            if tensor is not None and id(tensor) not in self.parameters:
                self.parameters[id(tensor)] = torch.nn.Parameter(tensor, tensor.requires_grad)
            item = twin._parameters[field] = None if tensor is None else self.parameters[id(tensor)]
        elif field in lists["__buffers__"]:
            twin._buffers[field] = item
        else:
            twin.__dict__[field] = item
            if isinstance(item, list):
                item[:] = [self.parameters.get(id(part), part) for part in item]
        if not fresh:
            return
        if annotation is None or isinstance(item, Module):
            handle.add_field(field, item, field in lists["__parameters__"], field in lists["__buffers__"])
        else:
            handle.add_typed_field(field, annotation) or handle.add_constant(field, item)

    def declarations(self, node):
        lists, fields, constants, space = {"__parameters__": [], "__buffers__": []}, {}, {}, self.names()
        for line in node.body:
            if isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name) and line.targets[0].id in lists:
                lists[line.targets[0].id] = ast.literal_eval(line.value)
            elif isinstance(line, ast.AnnAssign) and line.value is not None:
                constants[line.target.id] = _value(line.value, space)
            elif isinstance(line, ast.AnnAssign):
                try:
                    fields[line.target.id] = _value(line.annotation, space)
                except AttributeError:
                    pass
        return lists, fields, constants


def load_bytes(data, extra_files):
    try:
        archive = _Archive(data)
    except zipfile.BadZipFile:
        raise RuntimeError("PytorchStreamReader failed reading zip archive: failed finding central directory") from None
    archive.named_tuples()
    archive.functions()
    module = archive.module(_Unpickler(archive.zip, archive.folder, "data").load())
    for name in list(extra_files or {}):
        path = f"{archive.folder}/extra/{name}"
        if path in archive.zip.namelist():
            extra_files[name] = archive.zip.read(path)
    return module
