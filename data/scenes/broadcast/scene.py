"""Two shapes meet.  Write them one under the other, aligned on the right.

Each pair of lengths must be equal, or one of them must be 1 (or missing).
The 1 is then read again and again: its stride becomes 0, nothing is copied.
"""

import torch

import gradboard as gb


def align(*shapes):
    """The shapes as columns of text, right-aligned, and the rule applied per column."""
    width = max(len(shape) for shape in shapes)
    rows = [["-"] * (width - len(shape)) + list(shape) for shape in shapes]
    result = []
    for lengths in zip(*rows):
        sizes = {length for length in lengths if length not in ("-", 1)}
        result.append("x" if len(sizes) > 1 else max(sizes, default=1))
    for row in rows:
        print("   ", *(f"{length:>3}" for length in row))
    print("   ", "=" * (4 * width - 1))
    print("   ", *(f"{length:>3}" for length in result))
    return None if "x" in result else tuple(result)


def stretch():
    a = torch.arange(3).reshape(3, 1)
    b = torch.arange(4)
    gb.ask("expand-stride")
    wide = torch.ones(3, 1).expand(3, 4)
    gb.show(wide, view="stride")
    print("ones(3, 1).expand(3, 4): stride", wide.stride(), "on a storage of", len(wide.storage()), "numbers")
    gb.tell("expand-stride", wide.stride())

    print("\na is", tuple(a.shape), "and b is", tuple(b.shape))
    predicted = align(a.shape, b.shape)
    total = 10 * a + b
    gb.show(total, view="grid")
    print(total)
    gb.check("the columns told the shape", total.shape == predicted)

    left, right = torch.broadcast_tensors(a, b)
    print("a was read with stride", left.stride(), "and b with stride", right.stride())


def meet():
    """Shapes to try; the knobs change the second one."""
    a = torch.ones(5, 1, 4)
    b = torch.ones(gb.knob("rows", 3, 1, 6), gb.knob("columns", 1, 1, 4))
    gb.ask("sum-shape")
    print("shapes", tuple(a.shape), "and", tuple(b.shape))
    predicted = align(a.shape, b.shape)
    try:
        total = a + b
    except RuntimeError as error:
        print("RuntimeError:", error)
        gb.tell("sum-shape", "error")
        return
    gb.show(total, view="grid")
    print("a + b has shape", tuple(total.shape))
    gb.tell("sum-shape", total.shape)
    gb.check("the columns told the shape", total.shape == predicted)


def clash():
    """A pair that cannot meet, and the smallest change that lets it."""
    a, b = torch.ones(3), torch.ones(4)
    gb.ask("clash-dim")
    print("shapes (3,) and (4,)")
    align(a.shape, b.shape)
    try:
        a + b
    except RuntimeError as error:
        print("RuntimeError:", error)
        gb.tell("clash-dim", int(str(error).split()[-1]))
    table = a[:, None] + b
    print("a[:, None] + b has shape", tuple(table.shape))
    gb.show(table, view="grid")


def silent():
    """The dangerous case: it runs, and means something else."""
    prediction = torch.tensor([[1.0], [2.0], [3.0]])
    target = torch.tensor([1.0, 2.0, 3.0])
    gb.ask("silent-loss")
    difference = prediction - target
    gb.show(difference, view="grid")
    loss = difference.pow(2).mean()
    print("prediction (3, 1) - target (3,) has shape", tuple(difference.shape))
    print(f"loss of a perfect prediction: {loss.item():.4f}")
    gb.tell("silent-loss", loss.item())
    fixed = (prediction.squeeze(1) - target).pow(2).mean()
    print(f"with squeeze(1):              {fixed.item():.4f}")
    gb.check("aligned shapes give loss 0", fixed.item() == 0)


if __name__ == "__main__":
    stretch()
    print()
    meet()
    print()
    clash()
    print()
    silent()
