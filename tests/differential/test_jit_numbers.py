"""The numbers and names of values in scripted graphs, which tell what the compiler did on the way: casts, bounds of ranges,
reads of variables that branches and loops change, constants that nobody wrote, copies of graphs, what passes say."""
import re

import torch
from torch import Tensor
from typing import Optional

from harness import case, run


def default(x):
    return x + x


def default_beside_a_written_one(x):
    y = x * 2
    return y + x


def defaults(x):
    return x.flatten().sum(0)


def comparison(x):
    if x.sum() > 0:
        x = x + x
    return x


def cast(x):
    if bool(x.sum() > 0):
        x = x + x
    y = float(x.sum())
    return x * y


def both_branches(x):
    if x.dim() > 2:
        x = x * 2
    else:
        x = x.relu()
    return x


def either_returns(x: Tensor, flag: bool):
    if flag:
        return x + 1
    else:
        return x - 1


def choice(x: Tensor):
    y = x if x.sum() > 0 else -x
    return y


def number_as_condition(x: Tensor, n: int):
    if n:
        x = x + 1
    return x


def questions(x: Tensor, y: int):
    a = not y > 3
    b = y > 3 or y < 1
    if x.dim() == 2 and y > 3:
        x = x * 2
    return a, b, x


def optional(x: Tensor, y: Optional[Tensor] = None):
    if y is not None:
        x = x + y
    return x


def counted(x, n: int):
    for i in range(n):
        x = x + i
    return x


def counted_from(x, n: int):
    for i in range(1, n):
        x = x + i
    return x


def counted_and_asked(x, n: int):
    for i in range(n):
        if i % 2 == 0:
            x = x + i
        else:
            x = x - 1
    return x


def after_a_loop(x, n: int):
    y = x
    for i in range(n):
        y = x.relu()
    y = y.relu()
    y = y.relu()
    return y


def while_positive(x, n: int):
    while n > 0:
        x = x * x
        n = n - 1
    return x


def while_small(x):
    while x.sum() < 10:
        x = x * 2
    return x


def folded(x, n: int):
    y = x + 3 * 2
    for i in range(n):
        y = y + 5 * 7
    return y + 2 * 2


def constants_by_name(n: int):
    a = 0
    b = 1
    if n > 3:
        a = b
    return a


def twice(a):
    b = a + a
    c = a + a
    return b + c


class Branches(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.l = torch.nn.Linear(2, 3)

    def forward(self, x):
        if bool(x.sum() > 0):
            return self.l(x)
        else:
            return self.l(x) + 1


def without_folders(graph):
    return re.sub(r"# \S*/", "# ", str(graph))


def shown(program):
    def run_case():
        scripted = torch.jit.script(program() if isinstance(program, type) else program)
        return without_folders(scripted.graph), without_folders(scripted.graph.copy()), scripted.code
    run_case.__name__ = program.__name__
    case(run_case)


for program in (default, default_beside_a_written_one, defaults, comparison, cast, both_branches, either_returns, choice, number_as_condition,
                questions, optional, counted, counted_from, counted_and_asked, after_a_loop, while_positive, while_small, folded,
                constants_by_name, twice, Branches):
    shown(program)


@case
def passes():
    said = []
    for program in (twice, folded):
        graph = torch.jit.script(program).graph.copy()
        for name in ("cse", "constant_propagation", "constant_propagation_immutable_types", "dce"):
            said += [getattr(torch._C, "_jit_pass_" + name)(graph), without_folders(graph)]
    return said


run(__file__)
