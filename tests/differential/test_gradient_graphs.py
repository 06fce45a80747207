"""What a gradient under create_graph hangs on: for every op of the table, the names of the nodes behind the gradient of
each input, three steps deep.  ops/graphs.txt lists the calls whose graphs agree less deep, with the depth: our formula
takes other steps there than PyTorch's (0: only the gradient's own node is the same; -1: not that either)."""
import os

import harness
import test_ops

DEPTH = 3
LESS = os.path.join(harness.HERE, "ops", "graphs.txt")


def tree(node, depth):
    if node is None:
        return "None"
    name = type(node).__name__
    edges = [] if depth == 0 or name == "AccumulateGrad" else node.next_functions
    return name + ("(" + ", ".join(tree(edge, depth - 1) for edge, _ in edges) + ")" if edges else "")


def gradients_of(text, depth):
    import torch
    space, own = test_ops.namespace(torch, text, "contiguous", "float64", True)
    *statements, last = text.split("; ")
    exec("\n".join(statements), space)
    found = []
    for result in test_ops.tensors_of(torch, eval(last, space))[:2]:
        if result.requires_grad:
            start = torch.full(result.shape, 0.5, dtype=result.dtype).requires_grad_()
            grads = torch.autograd.grad(result, list(own.values()), start, create_graph=True, allow_unused=True)
            found.append([f"{name}: {'none' if g is None else f'{tree(g.grad_fn, depth)} {list(g.stride())}'}"
                          for name, g in zip(own, grads)])
    return found


def calls():
    """Each call of the table that may have gradients, once."""
    return dict.fromkeys(text for _, row, text, layout, _, grads in test_ops.names_of_all()
                         if grads and text not in row.errors and layout in ("contiguous", ""))


def less_deep():
    with open(LESS) as file:
        return {text: int(depth) for depth, text in (line.rstrip("\n").split(" ", 1) for line in file)}


def add(text, depth):
    def graph():
        return gradients_of(text, depth)
    graph.__name__ = text
    harness.case(graph)


for known in [less_deep()]:
    for call in calls():
        if known.get(call, DEPTH) >= 0:
            add(call, known.get(call, DEPTH))

if __name__ == "__main__":
    harness.run(__file__)
