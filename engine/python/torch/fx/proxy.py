"""Proxy: stands for a value while a function is traced, and writes what is done with it into the graph."""

import dis
import inspect
import operator
import traceback
from typing import Any, Iterator

import torch

from .graph import Graph, magic_methods, reflectable_magic_methods
from .node import Node, base_types, map_aggregate

__all__ = ["TracerBase", "GraphAppendingTracer", "TraceError", "Proxy", "Attribute", "ParameterProxy"]


class TraceError(ValueError):
    pass


class TracerBase:
    """Makes nodes and proxies; what a proxy cannot answer is asked here, so that a tracer of one's own may."""

    graph: Graph
    record_stack_traces: bool = False
    check_mutable_operations: bool = False
    trace_asserts: bool = False
    proxy_buffer_attributes: bool = False
    traced_func_name: str = "forward"

    def create_node(self, kind, target, args, kwargs, name=None, type_expr=None) -> Node:
        return self.graph.create_node(kind, target, args, kwargs, name, type_expr)

    def proxy(self, node: Node) -> "Proxy":
        return Proxy(node, self)

    def create_proxy(self, kind, target, args, kwargs, name=None, type_expr=None, proxy_factory_fn=None) -> "Proxy":
        node = self.create_node(kind, target, self.create_arg(args), self.create_arg(kwargs), name, type_expr)
        proxy = (proxy_factory_fn or self.proxy)(node)
        if self.record_stack_traces:
            frame = self._find_user_frame()
            if frame:
                node.stack_trace = "".join(traceback.StackSummary.extract(traceback.walk_stack(frame)).format())
        return proxy

    @staticmethod
    def _find_user_frame():
        frame = inspect.currentframe()
        own = ("torch/fx/proxy.py", "torch/fx/_symbolic_trace.py", "torch/_tensor.py")
        while frame and frame.f_code.co_filename.endswith(own):
            frame = frame.f_back
        return frame

    def create_arg(self, a: Any) -> Any:
        """a as a node's argument: proxies become their nodes."""
        if not isinstance(a, Proxy) and hasattr(a, "__fx_create_arg__"):
            return a.__fx_create_arg__(self)
        if isinstance(a, tuple) and hasattr(a, "_fields"):
            return type(a)(*(self.create_arg(each) for each in a))
        if isinstance(a, (tuple, list)):
            return type(a)(self.create_arg(each) for each in a)
        if isinstance(a, dict):
            return {self._key(key): self.create_arg(value) for key, value in a.items()}
        if isinstance(a, slice):
            return slice(self.create_arg(a.start), self.create_arg(a.stop), self.create_arg(a.step))
        if isinstance(a, range):
            return range(self.create_arg(a.start), self.create_arg(a.stop), self.create_arg(a.step))
        if isinstance(a, Proxy):
            return a.node
        if isinstance(a, base_types) or a is None or a is ...:
            return a
        raise NotImplementedError(f"argument of type: {type(a)}")

    def _key(self, key):
        def no_node(arg):
            if isinstance(arg, Node):
                raise RuntimeError("Keys for dictionaries used as an argument cannot contain a Node. Got key: {k}")
        key = self.create_arg(key)
        map_aggregate(key, no_node)
        return key

    def to_bool(self, obj: "Proxy") -> bool:
        raise TraceError("symbolically traced variables cannot be used as inputs to control flow")

    def iter(self, obj: "Proxy") -> Iterator:
        raise TraceError("Proxy object cannot be iterated. This can be attempted when the Proxy is used in a loop or as a *args or "
                         "**kwargs function argument. See the torch.fx docs on pytorch.org for a more detailed explanation of what "
                         "types of control flow can be traced, and check out the Proxy docstring for help troubleshooting Proxy "
                         "iteration errors")

    def keys(self, obj: "Proxy") -> Any:
        return Attribute(obj, "keys")()


class GraphAppendingTracer(TracerBase):
    """For proxies of nodes that are there already."""

    def __init__(self, graph: Graph):
        super().__init__()
        self.graph = graph


def _instruction(frame):
    return next(i for i in dis.get_instructions(frame.f_code) if i.offset == frame.f_lasti)


class Proxy:
    """The value of a node while a function is traced."""

    def __init__(self, node: Node, tracer: "TracerBase" = None):
        self.tracer = tracer if tracer is not None else GraphAppendingTracer(node.graph)
        self.node = node

    def __repr__(self) -> str:
        return f"Proxy({self.node.name})"

    def __getattr__(self, k) -> "Attribute":
        return Attribute(self, k)

    def __call__(self, *args, **kwargs) -> "Proxy":
        return self.tracer.create_proxy("call_method", "__call__", (self,) + args, kwargs)

    def __iter__(self):
        instruction = _instruction(inspect.currentframe().f_back)
        if instruction.opname == "UNPACK_SEQUENCE":
            return (self[i] for i in range(instruction.argval))
        return self.tracer.iter(self)

    def __bool__(self) -> bool:
        if self.tracer.trace_asserts:
            frame = inspect.currentframe().f_back
            code = list(dis.get_instructions(frame.f_code))
            at = next(i for i, each in enumerate(code) if each.offset == frame.f_lasti)
            if code[at].opname.startswith("POP_JUMP") and code[at].opname.endswith("IF_TRUE") and code[at + 1].opname == "LOAD_ASSERTION_ERROR":
                self.tracer.create_proxy("call_function", assert_fn, (self,), {})
                return True
        return self.tracer.to_bool(self)

    def keys(self):
        return self.tracer.keys(self)

    def __len__(self):
        raise RuntimeError("'len' is not supported in symbolic tracing by default. If you want this call to be recorded, please call "
                           "torch.fx.wrap('len') at module scope")

    @classmethod
    def __torch_function__(cls, orig_method, types, args=None, kwargs=None):
        args, kwargs = args or (), kwargs or {}
        tracers = {}

        def find(a):
            if isinstance(a, cls):
                tracers[a.tracer] = None
        map_aggregate(args, find)
        map_aggregate(kwargs, find)
        if len(tracers) > 1:
            raise RuntimeError(f"Found multiple different tracers {list(tracers)} while trying to trace operations {orig_method}")
        tracer = next(iter(tracers))
        if torch.overrides.is_tensor_method_or_property(orig_method):
            return tracer.create_proxy("call_method", orig_method.__name__, args, kwargs)
        return tracer.create_proxy("call_function", orig_method, args, kwargs, name=tracer.graph._target_to_str(orig_method.__name__))


class Attribute(Proxy):
    """What stands behind a dot: a method when it is called, else an attribute whose node is made when it is needed."""

    def __init__(self, root: Proxy, attr: str):
        self.root, self.attr, self.tracer = root, attr, root.tracer
        self._node = None

    @property
    def node(self):
        if self._node is None:
            self._node = self.tracer.create_proxy("call_function", getattr, (self.root, self.attr), {}).node
        return self._node

    def __call__(self, *args, **kwargs):
        return self.tracer.create_proxy("call_method", self.attr, (self.root,) + args, kwargs)


class ParameterProxy(Proxy):
    """Of a parameter whose shape may be looked at while tracing."""

    def __init__(self, tracer: TracerBase, node: Node, name, param):
        super().__init__(node, tracer)
        assert isinstance(param, torch.nn.Parameter)
        self.param, self.name = param, name

    def __repr__(self) -> str:
        return f"ParameterProxy({self.name})"

    @property
    def shape(self):
        return self.param.shape

    @property
    def ndim(self):
        return self.param.ndim

    def size(self):
        return self.param.size()

    def dim(self):
        return self.param.dim()

    def numel(self):
        return self.param.numel()

    def nelement(self):
        return self.param.nelement()


def assert_fn(x):
    assert x


def _magic(name, reflected=False):
    def method(self, *args, **kwargs):
        operands = args + (self,) if reflected else (self,) + args
        return self.tracer.create_proxy("call_function", getattr(operator, name), operands, kwargs)
    method.__name__ = method.__qualname__ = f"__{'r' if reflected else ''}{name.strip('_')}__"
    setattr(Proxy, method.__name__, method)


for _name in magic_methods:
    if hasattr(operator, _name):
        _magic(_name)
for _name in reflectable_magic_methods:
    if hasattr(operator, _name):
        _magic(_name, reflected=True)
