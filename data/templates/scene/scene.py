"""What this program shows, in one or two sentences.

What to look at while it runs.
"""

import torch

import gradboard as gb


def first():
    """One part that can be run alone: a tab."""
    torch.manual_seed(0)
    n = gb.knob("n", 4, 1, 8)                # read where it is used: turning it acts at once
    gb.ask("how-many")                       # the board asks before the answer is there
    gb.mark("build")
    x = torch.ones(int(n), 3)
    gb.watch(x)                              # stays in view
    gb.tell("how-many", x.numel())           # the computed truth: it is nowhere stored
    gb.check("every element is one", bool((x == 1).all()))
    print("elements:", x.numel())


if __name__ == "__main__":
    first()
