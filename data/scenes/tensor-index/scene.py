"""Twenty-four numbers, picked out in several ways.

Slices, None and single indices give a view: another way to read the same storage.
A list, an index tensor or a mask names elements that no stride can reach, so they
are copied.  On the left of `=` each of them writes into the tensor itself.
"""

import torch

import gradboard as gb


def table():
    return torch.arange(24).reshape(4, 6)


def shares_storage(a, b):
    return a.storage().data_ptr() == b.storage().data_ptr()


def pick():
    x = table()
    gb.show(x, view="grid")
    gb.ask("slice-shape")
    gb.ask("none-shape")
    even = x > 15
    ways = [
        ("x[1]", x[1]),                            # one index removes its axis
        ("x[1:2]", x[1:2]),                        # a slice of length 1 keeps it
        ("x[1:3, ::2]", x[1:3, ::2]),
        ("x[..., -1]", x[..., -1]),                # ... stands for all axes not named
        ("x[:, None]", x[:, None]),                # None adds an axis of length 1
        ("x[[0, 2]]", x[[0, 2]]),                  # a list picks rows, in its own order
        ("x[[0, 2], [1, 5]]", x[[0, 2], [1, 5]]),  # two lists are read in pairs
        ("x[x > 15]", x[even]),                    # a mask gives one axis, of unknown length
    ]
    print(f"{'':<19}shape       stride      offset  reads the storage of x")
    for name, t in ways:
        print(f"{name:<19}{str(tuple(t.shape)):<12}{str(t.stride()):<12}{t.storage_offset():<8}{shares_storage(x, t)}")
        gb.show(t, view="stride" if shares_storage(x, t) else "grid")
    gb.show(x[1:3, ::2], view="stride")
    gb.tell("slice-shape", x[1:3, ::2].shape)
    gb.tell("none-shape", x[:, None].shape)
    gb.check("x[1] and x[1:2] hold the same numbers", torch.equal(x[1], x[1:2][0]))
    gb.check("pairs: (0, 1) and (2, 5)", x[[0, 2], [1, 5]].tolist() == [x[0, 1].item(), x[2, 5].item()])


def share():
    """One cell changes.  Who changes with it?"""
    x = table()
    taken = {
        "x[0]": x[0],
        "x[:, 1:3]": x[:, 1:3],
        "x.t()": x.t(),
        "x[[0, 2]]": x[[0, 2]],
        "x[x < 12]": x[x < 12],
        "x.clone()": x.clone(),
    }
    before = {name: t.clone() for name, t in taken.items()}
    gb.ask("list-shares")
    row, column = gb.knob("row", 0, 0, 3), gb.knob("column", 1, 0, 5)
    gb.mark("the write")
    x[row, column] = 100
    gb.show(x, view="grid")
    print(f"after x[{row}, {column}] = 100")
    for name, t in taken.items():
        cells = (t != before[name]).sum().item()
        print(f"  {name:<12} {'changed' if cells else 'did not change'}")
        gb.check(f"{name}: only what shares storage may change", not cells or shares_storage(x, t))
    gb.show(taken["x[:, 1:3]"], view="stride")
    gb.show(taken["x[[0, 2]]"], view="grid")
    gb.tell("list-shares", "yes" if shares_storage(x, taken["x[[0, 2]]"]) else "no")


def build():
    """torch.tensor copies what it is given; frombuffer reads it where it lies."""
    raw = bytearray(range(6))
    gb.ask("buffer-shares")
    borrowed = torch.frombuffer(raw, dtype=torch.uint8)
    copied = torch.tensor(list(raw), dtype=torch.uint8)
    raw[0] = 99
    print("after raw[0] = 99:  frombuffer", borrowed.tolist(), " tensor", copied.tolist())
    gb.tell("buffer-shares", "yes" if borrowed[0].item() == 99 else "no")
    borrowed[5] = 7
    gb.show(borrowed, view="stride")
    print("after borrowed[5] = 7:  raw", list(raw))
    gb.check("writes go both ways", raw[0] == borrowed[0].item() and raw[5] == 7)
    gb.check("torch.tensor keeps its own numbers", copied.tolist() == [0, 1, 2, 3, 4, 5])


def lost():
    """x[rows][0] = 5 reads a copy, then writes into the copy."""
    x = table()
    gb.ask("lost-value")
    x[[0, 2]][0] = 5
    print("x[[0, 2]][0] = 5      row 0 is", x[0].tolist())
    gb.tell("lost-value", x[0, 1].item())
    gb.check("a chained list index writes nothing", torch.equal(x, table()))

    x[0:3:2][0] = 5
    print("x[0:3:2][0] = 5       row 0 is", x[0].tolist())
    gb.check("a chained slice writes", x[0].tolist() == [5] * 6)

    x[[0, 2], 1:] = -1
    print("x[[0, 2], 1:] = -1    row 0 is", x[0].tolist(), "and row 2 is", x[2].tolist())
    x[x < 0] = 0
    gb.show(x, view="grid")
    print("x[x < 0] = 0          row 0 is", x[0].tolist(), "and row 2 is", x[2].tolist())
    gb.check("one bracket on the left writes", x[2].tolist() == [12, 0, 0, 0, 0, 0])

    x[[1, 1, 1], 0] += 10
    print("x[[1, 1, 1], 0] += 10 x[1, 0] is", x[1, 0].item())
    x.index_put_((torch.tensor([1, 1, 1]), torch.tensor(0)), torch.tensor(10), accumulate=True)
    print("index_put_ accumulate x[1, 0] is", x[1, 0].item())
    gb.check("a repeated index counts once with +=", x[1, 0].item() == 6 + 10 + 30)


if __name__ == "__main__":
    pick()
    print()
    share()
    print()
    build()
    print()
    lost()
