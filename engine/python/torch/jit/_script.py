"""script: functions and modules compiled from their source.  The compiler is C (torch._C._jit_compile)."""

import ast
import builtins
import functools
import inspect
import os
import re
import textwrap
import types
import typing
import warnings

import torch
from torch import _C
from torch.nn import Module

ScriptFunction = _C.ScriptFunction
Final = typing.Final


class Error(Exception):
    """What a program raised while the executor ran it."""


class FrontendError(Exception):
    def __init__(self, source_range, msg):
        self.source_range, self.msg = source_range, msg
        super().__init__(f"{msg}:\n{source_range}")


class NotSupportedError(FrontendError):
    pass


class UnsupportedNodeError(NotSupportedError):
    pass


Error.__module__ = "torch.jit"
for _class in (FrontendError, NotSupportedError, UnsupportedNodeError):
    _class.__module__ = "torch.jit.frontend"


def _qualified_name(kind):
    """__torch__.M for a class of the program, with its module otherwise."""
    module = kind.__module__
    return "__torch__." + ("" if module == "__main__" else module + ".") + kind.__name__


# ---- marks on functions ----
def ignore(drop=False, **kwargs):
    """The compiler leaves the function to Python."""
    if callable(drop):
        drop._torchscript_modifier = "ignore"
        return drop

    def mark(function):
        function._torchscript_modifier = "unused" if drop else "ignore"
        return function
    return mark


def unused(fn):
    """The compiler puts an exception in the function's place."""
    if isinstance_(fn, property):
        for part in (fn.fget, fn.fset):
            if part:
                part._torchscript_modifier = "unused"
        return fn
    fn._torchscript_modifier = "unused"
    return fn


def export(fn):
    """The method is compiled although forward does not call it."""
    fn._torchscript_modifier = "export"
    return fn


def script_method(fn):
    fn._torchscript_modifier = "export"
    return fn


def is_scripting():
    return False


def annotate(the_type, the_value):
    return the_value


isinstance_ = builtins.isinstance


def isinstance(obj, target_type):  # noqa: A001
    """Is obj of that type, containers with their parts included?"""
    origin, parts = typing.get_origin(target_type), typing.get_args(target_type)
    if origin is typing.Union:
        return any(isinstance(obj, t) for t in parts)
    if origin is list:
        return isinstance_(obj, list) and all(isinstance(v, parts[0]) for v in obj)
    if origin is tuple:
        return isinstance_(obj, tuple) and len(obj) == len(parts) and all(map(isinstance, obj, parts))
    if origin is dict:
        return isinstance_(obj, dict) and all(isinstance(k, parts[0]) and isinstance(v, parts[1]) for k, v in obj.items())
    if isinstance_(target_type, tuple):
        return any(isinstance(obj, t) for t in target_type)
    return isinstance_(obj, type(None) if target_type is None else target_type)


def interface(obj):
    return _C._missing("torch.jit.interface")(obj)


def strict_fusion(*args):
    return _C._missing("torch.jit.strict_fusion")(*args)


class optimized_execution:
    """Whether passes may run before execution; results are the same."""

    def __init__(self, should_optimize):
        self.should_optimize = should_optimize

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        return False


# ---- source ----
class _Source:
    """A function's definition: its ast, text and place."""

    def __init__(self, function):
        try:
            lines, first = inspect.getsourcelines(function)
            self.file = inspect.getsourcefile(function)
        except (OSError, TypeError) as error:
            raise OSError(f"Can't get source for {function}. TorchScript requires source access in order to carry out "
                          "compilation, make sure original .py files are available.") from error
        self.text = "".join(lines)
        plain = textwrap.dedent(self.text)
        self.indent = len(self.text.split("\n", 1)[0]) - len(plain.split("\n", 1)[0])
        self.line = first - 1
        self.node = ast.parse(plain).body[0]
        if not isinstance_(self.node, ast.FunctionDef):
            raise RuntimeError(f"Expected a single top-level function: {self.file}:{first}")

    def refuse(self, node, message, kind="NotSupportedError", width=0):
        _C._jit_refuse(self.text, self.file, self.line, self.indent, node, kind, message, width)


def _names_of(function):
    """How names in a function's body are looked up: what it closes over, its module, Python."""
    function = inspect.unwrap(function)
    space = dict(function.__globals__)
    if function.__closure__:
        for name, cell in zip(function.__code__.co_freevars, function.__closure__):
            try:
                space[name] = cell.cell_contents
            except ValueError:
                pass

    def lookup(name):
        if name in space:
            return space[name]
        return vars(builtins)[name]
    return space, lookup


def _hints(function, space):
    """Annotations as objects; comments in the old style are not read."""
    out = {}
    for name, value in getattr(function, "__annotations__", {}).items():
        out[name] = eval(value, space) if isinstance_(value, str) else value
    return out


def _compile(function, name, module=None, handle=None):
    source = _Source(function)
    space, lookup = _names_of(function)
    arguments = source.node.args
    if arguments.vararg or arguments.kwarg:
        bad = arguments.vararg or arguments.kwarg
        bad = ast.copy_location(ast.arg(bad.arg), bad)
        bad.col_offset -= 1
        source.refuse(bad, "Compiled functions can't take variable number of arguments or use keyword-only arguments with "
                           "defaults", width=len(bad.arg) + 1)
    for default in arguments.kw_defaults:
        if default is not None:
            source.refuse(default, "Compiled functions can't take variable number of arguments or use keyword-only arguments "
                                   "with defaults")
    hints, signature = _hints(function, space), inspect.signature(function)
    parameters = [(p.name, hints.get(p.name), Ellipsis if p.default is p.empty else p.default)
                  for p in signature.parameters.values()]
    comment = _type_comment(source, space)
    if comment:
        types_, returns = comment
        offset = len(parameters) - len(types_)
        parameters = [(n, types_[i - offset] if i >= offset else t, d) for i, (n, t, d) in enumerate(parameters)]
    else:
        returns = hints.get("return", Ellipsis)

    def evaluate(node):
        return eval(compile(ast.Expression(node), "<annotation>", "eval"), space)

    return _C._jit_compile(source.node, source.text, source.file, source.line, source.indent, lookup, evaluate, name, parameters,
                           returns, module, handle)


def _type_comment(source, space):
    """# type: (Tensor, int) -> Tensor, below the def."""
    for line in source.text.split("\n"):
        line = line.strip()
        if line.startswith("# type:") and "->" in line:
            arguments, result = line[len("# type:"):].split("->")
            names = {**vars(typing), "Tensor": torch.Tensor, **space}
            value = eval(arguments.strip(), names)
            return (value if isinstance_(value, tuple) else (value,)), eval(result.strip(), names)
    return None


_compiled = {}


def _compile_function(function):
    """The compiled form of a Python function; each is compiled once."""
    from . import _library
    function = _library.functions().get(function, function)
    if isinstance_(function, ScriptFunction):
        return function
    if function in _compiled:
        found = _compiled[function]
        return found  # None: it is being compiled, and calls itself
    if not isinstance_(function, types.FunctionType):
        name = getattr(function, "__name__", type(function).__name__)
        raise RuntimeError(f"Python object {name} of type '{type(function).__name__}' cannot be compiled by torch.jit.script")
    if getattr(function, "_torchscript_modifier", None) in ("ignore", "unused"):
        result = _leave_to_python(function, function, None)
    else:
        _compiled[function] = None
        try:
            module = getattr(function, "_script_module", function.__module__)
            result = _compile(function, "__torch__." + ("" if module == "__main__" else module + ".")
                              + getattr(function, "_script_name", function.__name__))
        finally:
            del _compiled[function]
    _compiled[function] = result
    return result


def _leave_to_python(function, bound, handle):
    """A function that the executor calls in Python, or that only raises."""
    space, _ = _names_of(function)
    hints = _hints(function, space)
    parameters = [(p.name, hints.get(p.name), Ellipsis if p.default is p.empty else p.default)
                  for p in inspect.signature(function).parameters.values()]
    return _C._jit_python_function(function.__name__, parameters, hints.get("return", torch.Tensor), bound, handle,
                                   function._torchscript_modifier == "unused")


def _compile_method(module, handle, name):
    """A method of a scripted module's class."""
    from . import _layers
    pending = module.__dict__.get("_pending", {})
    if name in pending:
        return pending.pop(name)()
    original = module.__dict__.get("_original_class", type(module))
    function = _layers.methods(original).get(name) or getattr(original, name, None)
    function = inspect.unwrap(function) if function is not None else None
    if function is None or not isinstance_(function, types.FunctionType):
        raise RuntimeError(f"module {original.__name__} has no method {name} to compile")
    if getattr(function, "_torchscript_modifier", None) in ("ignore", "unused"):
        return _leave_to_python(function, function, handle)
    return _compile(function, f"{handle.name}.{name}", module, handle)


# ---- modules ----
class ConstMap:
    """The tensors that code names: constants.c0 and so on."""

    def __init__(self, constants):
        for i, tensor in enumerate(constants):
            setattr(self, f"c{i}", tensor)


def _declared(*args):
    raise RuntimeError("this method is being compiled")


class ScriptModule(Module):
    """A module whose methods are graphs."""

    @property
    def original_name(self):
        return self.__dict__.get("_original_name", type(self).__name__)

    def _method(self, name):
        handle = self.__dict__.get("_jit_class")
        return None if handle is None else handle.bind(self, name)

    def __getattr__(self, name):
        try:
            return Module.__getattr__(self, name)
        except AttributeError:
            method = self._method(name) if name[:2] != "__" else None
            if method is not None:
                return method
            if name in self.__dict__.get("_pending", ()):  # of an archive: compiled when it is called
                return types.MethodType(_declared, self)
            from . import _layers
            original = self.__dict__.get("_original_class")
            value = None
            if original is not None and name[:2] != "__":
                value = _layers.methods(original).get(name) or getattr(original, name, None)
            if isinstance_(value, types.FunctionType):
                return types.MethodType(value, self)
            raise AttributeError(f"'RecursiveScriptModule' object has no attribute '{name}'") from None

    def extra_repr(self):
        return "original_name=" + self.original_name

    def save(self, f, _extra_files=None):
        save(self, f, _extra_files)

    def save_to_buffer(self, _extra_files=None):
        return _archive(self, "archive", _extra_files)

    graph = property(lambda self: self._method("forward").graph)
    def graph_for(self, *args, **kwargs):
        """The graph that runs for these arguments: all calls in place."""
        self(*args, **kwargs)
        return self.inlined_graph

    inlined_graph = property(lambda self: self._method("forward").inlined_graph)
    code = property(lambda self: self._method("forward").code)

    @property
    def code_with_constants(self):
        code, constants = self._method("forward")._code_and_constants()
        return code, ConstMap(constants)


class RecursiveScriptModule(ScriptModule):
    """What scripting a module gives."""

    def __init__(self, *args, **kwargs):
        raise RuntimeError("Cannot instantiate RecursiveScriptModule; use torch.jit.script")

    def forward(self, *args, **kwargs):
        method = self._method("forward")
        if method is None:
            raise AttributeError("'RecursiveScriptModule' object has no attribute 'forward'")
        return method(*args, **kwargs)

    def __len__(self):
        return len(self._modules)

    def __iter__(self):
        return iter(self._modules.values())

    def __getitem__(self, index):
        if isinstance_(index, str):
            return self._modules[index]
        return list(self._modules.values())[index]

    def __dir__(self):
        return sorted(set(super().__dir__()) | set(self.__dict__["_jit_class"].methods()))


_skipped = set(Module().__dict__) | {"_jit_class", "_original_name", "_original_class", "_parameters", "_buffers", "_modules"}
_shared = {}


def _annotated(kind):
    """Types of attributes from a class's annotations, and the names of its constants."""
    hints, constants = {}, set(getattr(kind, "__constants__", ()))
    for base in reversed(kind.__mro__):
        for name, hint in base.__dict__.get("__annotations__", {}).items():
            if base is Module or (isinstance_(base, type) and base.__module__.startswith("torch.")):
                continue
            if isinstance_(hint, str):
                try:
                    hint = eval(hint, {**vars(typing), **vars(inspect.getmodule(base) or typing)})
                except Exception:
                    continue
            if hint is Final or typing.get_origin(hint) is Final:
                constants.add(name)
            else:
                hints[name] = hint
    return hints, constants


def _attributes(module):
    """The attributes that graphs can have: name, value, annotation, is it a constant?"""
    hints, constants = _annotated(type(module))
    library = type(module).__module__.startswith("torch.nn")  # layers do not change what they were made with
    for name, value in module.__dict__.items():
        if name not in _skipped and not callable(value):
            yield name, value, hints.get(name), name in constants or library
    for name in sorted(constants):
        if name not in module.__dict__ and name not in module._modules and name not in module._parameters and hasattr(module, name):
            yield name, getattr(module, name), None, True
    if isinstance_(module, torch.nn.RNNBase):
        yield "_flat_weights", module._flat_weights, typing.List[torch.Tensor], False


def _key_of(module, children):
    attributes = tuple((n, repr(v) if c else repr(_C._jit_type_of(v)), repr(h), c) for n, v, h, c in _attributes(module))
    functions = tuple((n, v) for n, v in module.__dict__.items() if isinstance_(v, types.FunctionType))
    return (type(module), attributes, functions, tuple((n, p is None) for n, p in module._parameters.items()),
            tuple((n, b is None) for n, b in module._buffers.items()), tuple((n, None if c is None else c.__dict__["_jit_class"].name) for n, c in children.items()))


def _declare(handle, module, children):
    for name, tensor in module._parameters.items():
        handle.add_field(name, tensor, True, False) if tensor is not None else handle.add_constant(name, None)
    for name, tensor in module._buffers.items():
        handle.add_field(name, tensor, False, True) if tensor is not None else handle.add_constant(name, None)
    handle.add_field("training", module.training, False, False)
    for name, value, hint, constant in _attributes(module):
        if value is None and hint is None or constant:
            handle.add_constant(name, value)
        elif hint is not None:
            handle.add_typed_field(name, hint)
        else:
            handle.add_field(name, value, False, False)
    for name, child in children.items():
        handle.add_field(name, child, False, False) if child is not None else handle.add_constant(name, None)


def _script_module(module):
    if isinstance_(module, ScriptModule):
        return module
    if not isinstance_(module, Module):
        raise TypeError(f"{module} is not a Module")
    for hook in (*module._forward_pre_hooks.values(), *module._forward_hooks.values()):
        hook.__name__  # what has none cannot be compiled
        _C._missing("torch.jit.script of a module with hooks")()
    children = {name: None if child is None else _script_module(child) for name, child in module._modules.items()}
    library = type(module).__module__.startswith("torch.nn")
    twin = RecursiveScriptModule.__new__(RecursiveScriptModule)
    Module.__init__(twin)
    for registry in ("_parameters", "_buffers"):
        twin.__dict__[registry].update(getattr(module, registry))
    twin.__dict__["_non_persistent_buffers_set"] = set(module._non_persistent_buffers_set)
    twin.__dict__.update((n, v) for n, v in module.__dict__.items() if n not in _skipped)
    twin.__dict__["training"] = module.training
    if isinstance_(module, torch.nn.RNNBase):
        twin.__dict__["_flat_weights"] = module._flat_weights
    twin._modules.update(children)
    twin.__dict__.update(_original_name=type(module).__name__, _original_class=type(module))
    for name in getattr(type(module), "__constants__", ()):
        if name in module._modules and not library:
            warnings.warn(f"'{name}' was found in ScriptModule constants,  but it is a non-constant submodule. Consider removing it.")
        elif not hasattr(module, name) and not library:
            warnings.warn(f"'{name}' was found in ScriptModule constants, but was not actually set in __init__. "
                          "Consider removing it.")
        if name not in twin.__dict__ and hasattr(module, name) and name not in module._modules and name not in module._parameters:
            twin.__dict__[name] = getattr(module, name)
    key = _key_of(module, children)
    handle = _shared.get(key)
    fresh = handle is None
    if fresh:
        handle = _C._jit_new_class(_qualified_name(type(module)))
        _declare(handle, module, children)
    twin.__dict__["_jit_class"] = handle
    if fresh:
        for name in _methods_to_compile(type(module)):
            if name not in handle.methods():
                _compile_method(twin, handle, name)
        _shared[key] = handle
    return twin


_containers = ("ModuleList", "ModuleDict", "ParameterList", "ParameterDict")


def _methods_to_compile(kind):
    names = []
    if kind.__name__ not in _containers and kind.forward is not Module.forward:
        if getattr(kind.forward, "_torchscript_modifier", None) not in ("ignore", "unused"):
            names.append("forward")
    for name in dir(kind):
        if getattr(inspect.getattr_static(kind, name, None), "_torchscript_modifier", None) == "export":
            names.append(name)
    return names


def script(obj, optimize=None, _frames_up=0, _rcb=None, example_inputs=None):
    """Compiles a function or module."""
    if optimize is not None:
        warnings.warn("`optimize` is deprecated and has no effect. Use `with torch.jit.optimized_execution() instead",
                      stacklevel=2)
    if isinstance_(obj, (ScriptModule, ScriptFunction)):
        return obj
    if isinstance_(obj, Module):
        return _script_module(obj)
    if isinstance_(obj, type):
        if issubclass(obj, Module):
            raise RuntimeError(f"Type '{obj}' cannot be compiled since it inherits from nn.Module, consider passing an "
                               "instance instead")
        return _C._missing("torch.jit.script of a class")()
    if isinstance_(obj, types.MethodType):
        obj = obj.__func__
    if not callable(obj):
        raise AttributeError("'wrapper_descriptor' object has no attribute '__globals__'")
    result = _compile_function(obj)
    if isinstance_(obj, types.FunctionType):
        functools.update_wrapper(result, obj, assigned=("__module__", "__doc__"), updated=())
    return result


def script_if_tracing(fn):
    """Compiled when it is called while a trace is recorded."""
    @functools.wraps(fn)
    def wrapper(*args, **kwargs):
        return (script(fn) if _C._is_tracing() else fn)(*args, **kwargs)
    wrapper.__original_fn = fn
    return wrapper


# ---- files ----
def save(m, f, _extra_files=None):
    """Writes a program to a file or file-like object."""
    if isinstance_(f, (str, os.PathLike)):
        path = os.fspath(f)
        data = _archive(m, os.path.splitext(os.path.basename(path))[0] or "archive", _extra_files)
        with open(path, "wb") as file:
            file.write(data)
    else:
        f.write(_archive(m, "archive", _extra_files))


def load(f, map_location=None, _extra_files=None):
    """Reads what save wrote, here or in PyTorch."""
    from . import _load
    if isinstance_(f, (str, os.PathLike)):
        if not os.path.exists(f):
            raise ValueError(f"The provided filename {f} does not exist")
        if os.path.isdir(f):
            raise ValueError(f"The provided filename {f} is a directory")
        with open(f, "rb") as file:
            data = file.read()
    else:
        data = f.read()
    return _load.load_bytes(data, _extra_files)


def _archive(m, name, extra_files):
    if isinstance_(m, ScriptFunction):
        m = _as_module(m)
    if not isinstance_(m, ScriptModule):
        raise AttributeError(f"'{type(m).__name__}' object has no attribute 'save'")
    return _C._jit_save(m, name, dict(extra_files or {}))


def _as_module(function):
    """A function as the forward of a module: archives hold modules."""
    twin = RecursiveScriptModule.__new__(RecursiveScriptModule)
    Module.__init__(twin)
    twin.__dict__.update(_original_name="PlaceholderModule", _original_class=None, training=True)
    twin.__dict__["_jit_class"] = handle = _C._jit_new_class("__torch__.PlaceholderModule")
    handle.add_field("training", True, False, False)
    handle.add_function("forward", function)
    return twin


# ---- optimisation ----
def freeze(mod, preserved_attrs=None, optimize_numerics=True):
    """A module whose parameters are constants of its graph."""
    if not isinstance_(mod, ScriptModule):
        raise RuntimeError("Freezing expects a ScriptModule as input. Please use torch.jit.script or torch.jit.trace to script "
                           "your 'nn.Module'.")
    if mod.training:
        raise RuntimeError("Freezing is currently only implemented for modules in eval mode. Please call .eval() on your module "
                           "before freezing.")
    twin = RecursiveScriptModule.__new__(RecursiveScriptModule)
    Module.__init__(twin)
    twin.__dict__["training"] = False
    twin.__dict__.update(_original_name=mod.original_name, _original_class=None)
    methods = ["forward"] if mod._method("forward") else []
    for name in preserved_attrs or ():
        if mod._method(name):
            methods.append(name)
        elif not hasattr(mod, name):
            raise RuntimeError(f"Unknown name: {name}")
        else:
            setattr(twin, name, getattr(mod, name))
    twin.__dict__["_jit_class"] = _C._jit_freeze(mod, re.sub(r"___torch_mangle_\d+\.", "", mod.__dict__["_jit_class"].name), methods)
    return twin


def run_frozen_optimizations(mod, optimize_numerics=True, preserved_methods=None):
    """Nothing more is done to a frozen module than freeze did."""


def optimize_for_inference(mod, other_methods=None):
    """The same function, frozen where it is not yet."""
    if not isinstance_(mod, ScriptModule):
        raise RuntimeError("optimize_for_inference expects a ScriptModule as input. Please use torch.jit.script or "
                           "torch.jit.trace to script your 'nn.Module'.")
    return mod if not list(mod.parameters()) or mod.training else freeze(mod)


class CompilationUnit:
    """Functions compiled from a text."""

    def __init__(self, lang=None, _frames_up=0):
        self._functions = {}
        if lang is not None:
            self.define(lang)

    def define(self, lang, rcb=None, _frames_up=0):
        text = textwrap.dedent(lang)
        space = {"torch": torch, "Tensor": torch.Tensor, **vars(typing)}
        for node in ast.parse(text).body:
            exec(compile(ast.Module([node], []), "<string>", "exec"), space)
            function = space[node.name]
            hints = _hints(function, space)
            parameters = [(p.name, hints.get(p.name), Ellipsis if p.default is p.empty else p.default)
                          for p in inspect.signature(function).parameters.values()]
            self._functions[node.name] = space[node.name] = _C._jit_compile(
                node, text, None, 0, 0, lambda name: space[name] if name in space else vars(builtins)[name],
                lambda a: eval(compile(ast.Expression(a), "<annotation>", "eval"), space), "__torch__." + node.name, parameters,
                hints.get("return", Ellipsis), None, None)

    def __getattr__(self, name):
        if name not in self.__dict__.get("_functions", {}):
            raise AttributeError(f"'CompilationUnit' has no attribute '{name}'")
        return self._functions[name]
