"""Interpreter: runs a graph node by node, each by a method of its own; Transformer: makes another graph in the same way."""

import inspect
from typing import Any, Dict, Tuple

from ._code import _last_uses
from ._symbolic_trace import Tracer
from .graph import Graph
from .graph_module import GraphModule
from .node import Node, map_aggregate, map_arg
from .proxy import Proxy

__all__ = ["Interpreter", "Transformer"]


class Interpreter:
    """Runs a GraphModule's graph; a subclass may do its own in a node's place."""

    def __init__(self, module: GraphModule, garbage_collect_values: bool = True):
        assert isinstance(module, GraphModule)
        self.module = module
        self.submodules = dict(module.named_modules())
        self.env: Dict[Node, Any] = {}
        self.garbage_collect_values = garbage_collect_values
        if garbage_collect_values:
            self.user_to_last_uses = _last_uses(module.graph.nodes)

    def run(self, *args, initial_env=None, enable_io_processing: bool = True) -> Any:
        self.env = initial_env if initial_env else {}
        self.args_iter = iter(self.module.graph.process_inputs(*args) if enable_io_processing else args)
        for node in self.module.graph.nodes:
            if node in self.env:
                continue
            try:
                self.env[node] = self.run_node(node)
            except Exception as e:
                where = f"While executing {node.format_node()}"
                text = (f"{e.args[0]}\n\n{where}" if e.args else where) + f"\nOriginal traceback:\n{node.stack_trace}"
                e.args = (text,) + e.args[1:]
                if isinstance(e, KeyError):
                    raise RuntimeError(*e.args)
                raise
            if self.garbage_collect_values:
                for dead in self.user_to_last_uses.get(node, []):
                    del self.env[dead]
            if node.op == "output":
                result = self.env[node]
                return self.module.graph.process_outputs(result) if enable_io_processing else result

    def run_node(self, n: Node) -> Any:
        args, kwargs = self.fetch_args_kwargs_from_env(n)
        return getattr(self, n.op)(n.target, args, kwargs)

    def placeholder(self, target, args: Tuple, kwargs: Dict) -> Any:
        if target.startswith("*"):
            return list(self.args_iter)
        try:
            return next(self.args_iter)
        except StopIteration:
            if args:
                return args[0]
            raise RuntimeError(f"Expected positional argument for parameter {target}, but one was not passed in!")

    def get_attr(self, target, args: Tuple, kwargs: Dict) -> Any:
        return self.fetch_attr(target)

    def call_function(self, target, args: Tuple, kwargs: Dict) -> Any:
        return target(*args, **kwargs)

    def call_method(self, target, args: Tuple, kwargs: Dict) -> Any:
        return getattr(args[0], target)(*args[1:], **kwargs)

    def call_module(self, target, args: Tuple, kwargs: Dict) -> Any:
        return self.fetch_attr(target)(*args, **kwargs)

    def output(self, target, args: Tuple, kwargs: Dict) -> Any:
        return args[0]

    def fetch_attr(self, target: str):
        value, atoms = self.module, target.split(".")
        for i, atom in enumerate(atoms):
            if not hasattr(value, atom):
                raise RuntimeError(f"Node referenced nonexistent target {'.'.join(atoms[:i])}")
            value = getattr(value, atom)
        return value

    def fetch_args_kwargs_from_env(self, n: Node) -> Tuple[Tuple, Dict]:
        return self.map_nodes_to_values(n.args, n), self.map_nodes_to_values(n.kwargs, n)

    def map_nodes_to_values(self, args, n: Node):
        def value(used):
            if used not in self.env:
                raise RuntimeError(f"Node {n} referenced nonexistent value {used}! Run Graph.lint() to diagnose such issues")
            return self.env[used]
        return map_arg(args, value)


class Transformer(Interpreter):
    """Runs a graph with proxies, so that what its methods do becomes a new graph."""

    def __init__(self, module):
        super().__init__(module)
        self.new_graph = Graph()
        self.new_graph.set_codegen(module.graph._codegen)

        class TransformerTracer(Tracer):
            def __init__(self, graph: Graph):
                super().__init__()
                self.graph = graph
                self.tensor_attrs = {}

            def is_leaf_module(self, _, __) -> bool:
                return True

        self.tracer = TransformerTracer(self.new_graph)
        self.tracer.root = module

    def placeholder(self, target, args: Tuple, kwargs: Dict) -> Proxy:
        default = args[0] if args else inspect.Signature.empty
        return Proxy(self.new_graph.placeholder(target, default_value=default), self.tracer)

    def get_attr(self, target, args: Tuple, kwargs: Dict) -> Proxy:
        return Proxy(self.new_graph.get_attr(target), self.tracer)

    def call_module(self, target, args: Tuple, kwargs: Dict) -> Any:
        module = self.fetch_attr(target)
        return self.tracer.call_module(module, module.forward, args, kwargs)

    def call_function(self, target, args: Tuple, kwargs: Dict) -> Any:
        return self.tracer.create_proxy("call_function", target, args, kwargs)

    def transform(self) -> GraphModule:
        result = super().run(enable_io_processing=False)
        if result is not None:
            self.new_graph.output(map_aggregate(result, lambda a: a.node if isinstance(a, Proxy) else a))
        return GraphModule(self.module, self.new_graph)
