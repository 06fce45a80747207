"""trace: a function is run once, its ops become a graph.  The recording itself is C (torch._C._jit_trace)."""

import difflib
import functools
import inspect
import re
import warnings

import torch
from torch import _C
from torch.nn import Module

from ._script import ScriptModule, _qualified_name

__all__ = ["trace", "trace_module", "is_tracing", "TracerWarning", "TracingCheckError", "TracedModule", "TopLevelTracedModule"]

is_tracing = _C._is_tracing


class TracerWarning(Warning):
    @staticmethod
    def ignore_lib_warnings():
        """Warnings that come from library code are the library's affair."""
        warnings.filterwarnings("ignore", category=TracerWarning, module="torch.(?!jit)")


TracerWarning.ignore_lib_warnings()


class TracingCheckError(Exception):
    def __init__(self, graph_diff_error, tensor_compare_error, extra_msg=None):
        self.message = "Tracing failed sanity checks!\n"
        for part in (extra_msg,):
            self.message += part + "\n" if part is not None else ""
        if graph_diff_error is not None:
            self.message += "ERROR: Graphs differed across invocations!\n" + _indent(graph_diff_error) + "\n"
        if tensor_compare_error is not None:
            self.message += ("ERROR: Tensor-valued Constant nodes differed in value across invocations. This often indicates "
                             "that the tracer has encountered untraceable code.\n" + _indent(tensor_compare_error) + "\n")
        super().__init__(self.message)


def _indent(text):
    return "\n".join("\t" + line for line in text.splitlines())


def _argument_names(function):
    """Names of a callable's arguments; none when it takes others than positional ones."""
    function = function.forward if isinstance(function, Module) else function
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return []
    if any(p.kind is not inspect.Parameter.POSITIONAL_OR_KEYWORD for p in parameters):
        return []
    return [p.name for p in parameters]


def _as_inputs(example_inputs):
    if isinstance(example_inputs, (torch.Tensor, dict)):
        return (example_inputs,)
    return example_inputs if isinstance(example_inputs, tuple) else tuple(example_inputs)


def _copied(value):
    """Inputs of their own for a second run."""
    if isinstance(value, torch.Tensor):
        return value.detach().clone().requires_grad_(value.requires_grad) if value.is_floating_point() else value.clone()
    if isinstance(value, (tuple, list)):
        return type(value)(_copied(v) for v in value)
    return {k: _copied(v) for k, v in value.items()} if isinstance(value, dict) else value


def _distinct(inputs):
    """The inputs, copied if one tensor stands in two places: each place is an input of its own."""
    tensors = [id(t) for t in _flat(inputs) if isinstance(t, torch.Tensor)]
    return _copied(inputs) if len(set(tensors)) < len(tensors) else inputs


def _flat(value):
    if isinstance(value, (tuple, list)):
        return [t for v in value for t in _flat(v)]
    return [t for v in value.values() for t in _flat(v)] if isinstance(value, dict) else [value]


# ---- checking a trace ----
def _check_nondeterminism(graph):
    nodes = [str(n) for n in graph.nodes() if _C._jit_node_is_random(n)]
    if nodes:
        warnings.warn("Trace had nondeterministic nodes. Did you forget call .eval() on your model? Nodes:\n"
                      + "\n".join(_indent(n.rstrip("\n")) for n in nodes)
                      + "\nThis may cause errors in trace checking. To disable trace checking, pass check_trace=False to "
                      "torch.jit.trace()", category=TracerWarning, stacklevel=4)
    return bool(nodes)


def _same_outputs(theirs, traced, graph, what, tolerance):
    """Are they close?  If not, warns, and names ops that draw random numbers."""
    same = True
    for i, (mine, other) in enumerate(zip(_flat(theirs), _flat(traced))):
        if not isinstance(mine, torch.Tensor):
            continue
        try:
            torch.testing.assert_close(other.double() if other.dtype != torch.bool else other,
                                       mine.double() if mine.dtype != torch.bool else mine, rtol=tolerance, atol=1e-5,
                                       equal_nan=True)
        except AssertionError as error:
            if same:
                _check_nondeterminism(graph)
            warnings.warn(f"Output nr {i + 1}. of the traced function does not match the corresponding output of the "
                          f"{what}. Detailed error:\n{error}", category=TracerWarning, stacklevel=4)
            same = False
    return same


def _check_trace(inputs, function, traced, tolerance, make_again, is_module, method="forward"):
    """Runs the trace and the original on inputs of their own, and compares; a second trace must be the same graph."""
    again = make_again(_copied(inputs))
    out = traced(*_copied(inputs))
    if _same_outputs(function(*_copied(inputs)), out, traced.graph, "Python function", tolerance):
        _same_outputs(again(*_copied(inputs)), out, traced.graph, "repeated trace", tolerance)
    graphs = [_comparable(t.graph) for t in (traced, again)]
    problems = _graph_difference(*graphs), _constant_difference(*graphs)
    if any(problem is not None for problem in problems):
        raise TracingCheckError(*problems)


def _comparable(graph):
    """A graph with calls in place and without what is known of tensors."""
    graph = torch._C._jit_pass_canonicalize(graph)
    torch._C._jit_pass_inline(graph)
    torch._C._jit_pass_erase_shape_information(graph)
    return graph


def _text(node):
    return re.sub(r"___torch_mangle_\d+\.", "", str(node))


def _ndiff(one, other):
    return _indent("".join(difflib.ndiff(_text(one).splitlines(True), _text(other).splitlines(True))))


def _graph_difference(one, other):
    if _text(one) == _text(other):
        return None
    text = "Graph diff:\n" + _ndiff(one, other) + "\n"
    for mine, theirs in zip(one.nodes(), other.nodes()):
        if _text(mine) != _text(theirs):
            text += "First diverging operator:\nNode diff:\n" + _ndiff(mine, theirs) + "\n"
            for what, node in (("Trace", mine), ("Check", theirs)):
                if node.sourceRange():
                    text += f"{what} source location:\n" + _indent(node.sourceRange()) + "\n"
            break
    return text


def _constant_difference(one, other):
    for mine, theirs in zip(one.nodes(), other.nodes()):
        if mine.kind() != theirs.kind():
            break
        if mine.kind() != "prim::Constant" or not mine.hasAttribute("value") or mine.kindOf("value") != "t":
            continue
        try:
            torch.testing.assert_close(mine.t("value"), theirs.t("value"), equal_nan=True)
        except (RuntimeError, AssertionError) as error:
            text = "Node:\n" + _indent(str(mine)) + "\n"
            if mine.sourceRange():
                text += "Source Location:\n" + _indent(mine.sourceRange()) + "\n"
            return text + "Comparison exception: " + _indent(str(error))
    return None


# ---- modules ----
class TracedModule(ScriptModule):
    """A module inside a traced one."""

    def __init__(self, *args, **kwargs):
        raise RuntimeError("Cannot instantiate a TracedModule")

    def forward(self, *args, **kwargs):
        raise RuntimeError("Trace submodules cannot be called.")

    def _get_name(self):
        return self.original_name


class TopLevelTracedModule(TracedModule):
    """What tracing a module gives."""

    def forward(self, *args, **kwargs):
        return self._method("forward")(*args, **kwargs)


def _paths(module, path="__module", seen=None):
    """Every module below, with its path; one that stands in several places has the first."""
    seen = {} if seen is None else seen
    if module not in seen:
        seen[module] = path
        for name, child in module._modules.items():
            if child is not None:
                _paths(child, f"{path}.{name}", seen)
    return seen


def _children_first(module):
    for child in module._modules.values():
        if child is not None:
            yield from _children_first(child)
    yield module


def _traced_copy(module, classes, paths, kind):
    """The traced twin: the same parameters and buffers, children that are twins, methods from the class."""
    if isinstance(module, ScriptModule):
        return module
    twin = kind.__new__(kind)
    Module.__init__(twin)
    twin.__dict__["training"] = module.training
    for registry in ("_parameters", "_buffers"):
        twin.__dict__[registry].update(getattr(module, registry))
    twin.__dict__["_non_persistent_buffers_set"] = set(module._non_persistent_buffers_set)
    for name, child in module._modules.items():
        twin._modules[name] = child if child is None else _traced_copy(child, classes, paths, TracedModule)
    twin.__dict__["_original_name"] = type(module).__name__
    twin.__dict__["_jit_class"] = classes[paths[module]]
    return twin


def _declare(module, path, classes):
    handle = classes[path]
    handle.add_field("training", module.training, False, False)
    for registry, parameter in (("_parameters", True), ("_buffers", False)):
        for name, tensor in getattr(module, registry).items():
            handle.add_field(name, tensor, parameter, not parameter)


def trace_module(mod, inputs, optimize=None, check_trace=True, check_inputs=None, check_tolerance=1e-5, strict=True,
                 _force_outplace=False, _module_class=None, _compilation_unit=None):
    """Traces methods of a module: inputs says for each method's name what it is called with."""
    if not isinstance(mod, Module):
        raise AttributeError("expected torch.nn.Module as the first argument")
    if not isinstance(inputs, dict):
        raise AttributeError("expected a dictionary of (method_name, input) pairs")
    paths = _paths(mod)
    classes = {}
    for module in _children_first(mod):
        if isinstance(module, ScriptModule):
            classes[paths[module]] = module.__dict__["_jit_class"]
        elif paths[module] not in classes:
            classes[paths[module]] = _C._jit_new_class(_qualified_name(type(module)))
    own = {module: path for module, path in paths.items() if not isinstance(module, ScriptModule)}
    for module, path in own.items():
        _declare(module, path, classes)
    for name, example in inputs.items():
        example = _as_inputs(example)
        function = mod if name == "forward" else getattr(mod, name)
        _C._jit_trace(function, _distinct(example), _argument_names(function), strict, name, paths, classes)
    top = _traced_copy(mod, classes, paths, TopLevelTracedModule)
    for module, path in own.items():
        for name, child in module._modules.items():
            if child is not None:
                classes[path].add_field(name, top.get_submodule((path + "." + name)[len("__module."):]), False, False)
    if check_trace:
        for name, example in inputs.items():
            function = mod if name == "forward" else getattr(mod, name)
            checks = [example] if check_inputs is None else [c.get(name, example) for c in check_inputs]
            for check in checks:
                _check_trace(_as_inputs(check), function, top if name == "forward" else getattr(top, name), check_tolerance,
                             lambda x: _again(mod, inputs, name, x, strict), True)
    return top


def _again(mod, inputs, name, example, strict):
    result = trace_module(mod, {**inputs, name: example}, check_trace=False, strict=strict)
    return result if name == "forward" else getattr(result, name)


def trace(func, example_inputs, optimize=None, check_trace=True, check_inputs=None, check_tolerance=1e-5, strict=True,
          _force_outplace=False, _module_class=None, _compilation_unit=None):
    """Runs func with example_inputs and returns the graph of what was computed, as a function or module."""
    if isinstance(func, ScriptModule):
        warnings.warn("The input to trace is already a ScriptModule, tracing it is a no-op. Returning the object as is.",
                      stacklevel=2)
        return func
    if isinstance(func, _C.ScriptFunction):
        return func
    if isinstance(func, Module):
        checks = None if check_inputs is None else [{"forward": c} for c in check_inputs]
        return trace_module(func, {"forward": _as_inputs(example_inputs)}, None, check_trace, checks, check_tolerance, strict)
    if isinstance(getattr(func, "__self__", None), Module) and func.__name__ == "forward":
        checks = None if check_inputs is None else [{"forward": c} for c in check_inputs]
        return trace_module(func.__self__, {"forward": _as_inputs(example_inputs)}, None, check_trace, checks, check_tolerance,
                            strict)
    if isinstance(example_inputs, (torch.Tensor, dict)):
        example_inputs = (example_inputs,)
    elif not isinstance(example_inputs, tuple):
        example_inputs = tuple(example_inputs)
    if not callable(func):
        raise RuntimeError("Could not get name of python class object")
    name = getattr(func, "__name__", type(func).__name__)
    if name == "<lambda>":
        name = "_lambda"

    def once(inputs):
        return _C._jit_trace(func, _distinct(inputs), _argument_names(func), strict, name, None, None)

    traced = once(example_inputs)
    if check_trace:
        for inputs in [example_inputs] if check_inputs is None else check_inputs:
            _check_trace(_as_inputs(inputs), func, traced, check_tolerance, once, False)
    if callable(func) and hasattr(func, "__name__"):
        functools.update_wrapper(traced, func, assigned=("__module__", "__doc__"), updated=())
    return traced
