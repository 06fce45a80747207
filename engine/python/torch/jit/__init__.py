"""Programs as static graphs: recorded by running them once (trace) or compiled from their source (script)."""

from torch import _C
from torch.futures import Future  # noqa: F401

from ._script import (CompilationUnit, Error, Final, FrontendError, NotSupportedError, RecursiveScriptModule,  # noqa: F401
                      ScriptFunction, ScriptModule, UnsupportedNodeError, annotate, export, freeze, ignore, interface,
                      is_scripting, isinstance, load, optimize_for_inference, optimized_execution, run_frozen_optimizations,
                      save, script, script_if_tracing, script_method, strict_fusion, unused)
from ._trace import (TopLevelTracedModule, TracedModule, TracerWarning, TracingCheckError, is_tracing, trace,  # noqa: F401
                     trace_module)

from . import _script as frontend  # noqa: F401  torch.jit.frontend.NotSupportedError and the like
from . import annotations  # noqa: F401

_script_if_tracing = script_if_tracing  # what torchvision calls it


def _overload_method(func):
    """Marks a declaration of one of several signatures; the definition that follows it is what runs."""
    return func

class Attribute:
    """A value and its type, for attributes of a ScriptModule."""

    def __init__(self, value, type):
        self.value, self.type = value, type


def fork(func, *args, **kwargs):
    """func, as a task; here it runs at once."""
    future = Future()
    future.set_result(func(*args, **kwargs))
    return future


def wait(future):
    return future.wait()


def enable_onednn_fusion(enabled):
    """Fusion is this engine's own affair."""


def onednn_fusion_enabled():
    return False


def set_fusion_strategy(strategy):
    return [("STATIC", 2), ("DYNAMIC", 10)]


def last_executed_optimized_graph():
    return _C._missing("torch.jit.last_executed_optimized_graph")()
