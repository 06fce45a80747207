"""replace_pattern: finds where a small graph occurs in a larger one and puts another in its place."""

import copy
from typing import Callable, Dict, List, NamedTuple

import torch

from ._symbolic_trace import symbolic_trace
from .graph_module import GraphModule
from .node import Node, map_aggregate

__all__ = ["Match", "replace_pattern"]


class Match(NamedTuple):
    """A place where the pattern was: its last node, and which node stands for which."""

    anchor: Node
    nodes_map: Dict[Node, Node]


def _flat(node) -> list:
    found = []
    map_aggregate((node.args, node.kwargs), found.append)
    return found


def _fits(pattern, node, found) -> bool:
    """Whether node is what pattern says, and all that it is made of; found says what stands for what."""
    if not isinstance(pattern, Node) or not isinstance(node, Node):
        if isinstance(pattern, Node) and pattern.op == "placeholder" and not isinstance(node, Node):
            return found.setdefault(pattern, node) == node
        return type(pattern) is type(node) and pattern == node
    if pattern in found:
        return found[pattern] == node
    if node in found.values():
        return False
    if pattern.op != "placeholder" and (pattern.op, pattern.target) != (node.op, node.target):
        return False
    found[pattern] = node
    if pattern.op == "placeholder":
        return True
    mine, its = _flat(pattern), _flat(node)
    return pattern.kwargs.keys() == node.kwargs.keys() and len(mine) == len(its) and all(_fits(p, n, found) for p, n in zip(mine, its))


def _is_closed(found, results) -> bool:
    """Whether nobody outside uses what is inside, save what the pattern hands back."""
    inside = set(n for n in found.values() if isinstance(n, Node))
    return all(user in inside for pattern, node in found.items() if pattern.op != "placeholder" and pattern not in results
               for user in node.users)


def _matches(graph, pattern) -> List[Match]:
    output = next(iter(reversed(pattern.nodes)))
    results, taken, matches = output.all_input_nodes, set(), []
    anchors = [n for n in results if len(n.users) == 1]

    def extend(i, found):
        if i == len(anchors):
            inside = {n for p, n in found.items() if p.op not in ("placeholder", "output")}
            if _is_closed(found, results) and not inside & taken:
                taken.update(inside)
                matches.append(Match(anchors[0], found))
            return
        for node in graph.nodes:
            trial = dict(found)
            if _fits(anchors[i], node, trial):
                extend(i + 1, trial)
    extend(0, {})
    return matches


def _take_modules(gm: GraphModule, replacement: torch.nn.Module) -> None:
    gm.delete_all_unused_submodules()
    for node in gm.graph.nodes:
        if node.op in ("call_module", "get_attr"):
            for place in (gm, replacement):
                try:
                    found = place.get_submodule(node.target)
                except AttributeError:
                    continue
                if place is replacement:
                    gm.add_submodule(node.target, copy.deepcopy(found))
                break
    gm.graph.lint()


def replace_pattern(gm: GraphModule, pattern: Callable, replacement: Callable) -> List[Match]:
    """Puts replacement where pattern is in gm's graph; the places."""
    graph = gm.graph
    pattern_graph, new = symbolic_trace(pattern).graph, symbolic_trace(replacement).graph
    inputs = [n for n in new.nodes if n.op == "placeholder"]
    pattern_inputs = [n for n in pattern_graph.nodes if n.op == "placeholder"]
    results = next(iter(reversed(pattern_graph.nodes))).all_input_nodes
    matches, changed = _matches(graph, pattern_graph), {}
    for match in matches:
        given = [match.nodes_map[n] for n in pattern_inputs]
        assert len(given) == len(inputs)
        values = {n: changed.get(value, value) for n, value in zip(inputs, given)}
        olds = [match.nodes_map[n] for n in results]
        users = {user for old in olds for user in old.users}
        assert users, "The returning_nodes should have at least one user node"
        with graph.inserting_before(next(n for n in graph.nodes if n in users)):
            made = graph.graph_copy(new, values)
        made = (made,) if isinstance(made, Node) else made
        assert len(olds) == len(made)
        for old, fresh in zip(olds, made):
            old.replace_all_uses_with(fresh)
            changed[old] = fresh
        for node in reversed(pattern_graph.nodes):
            if node.op not in ("placeholder", "output"):
                graph.erase_node(match.nodes_map[node])
    gm.recompile()
    if isinstance(replacement, torch.nn.Module):
        _take_modules(gm, replacement)
    return matches
