"""Twelve numbers in one row of memory, read in several orders.

A tensor is a storage plus three things: a shape, a stride for every axis and an
offset.  Element (i, j) stands at  offset + i * stride[0] + j * stride[1].
"""

import time

import torch

import gradboard as gb


def describe(name, t):
    print(f"{name:<22} shape {str(tuple(t.shape)):<8} stride {str(t.stride()):<7} "
          f"offset {t.storage_offset()}  contiguous {t.is_contiguous()}")
    gb.show(t, view="stride")


def shares_storage(a, b):
    return a.storage().data_ptr() == b.storage().data_ptr()


def attempt(name, action):
    """Run `action`; print the shape it gives, or the first words of its error."""
    try:
        print(f"{name:<22} ok, shape {tuple(action().shape)}")
        return True
    except RuntimeError as error:
        print(f"{name:<22} fails: {str(error).split(' (')[0]}")
        return False


def views():
    x = torch.arange(12).reshape(3, 4)
    describe("x", x)

    gb.ask("t-stride")
    xt = x.t()
    describe("x.t()", xt)
    gb.tell("t-stride", xt.stride())

    gb.ask("slice-offset")
    middle = x[:, 1:3]
    describe("x[:, 1:3]", middle)
    gb.tell("slice-offset", middle.storage_offset())

    step = gb.knob("step", 2, 1, 4)
    describe(f"x[:, ::{step}]", x[:, ::step])

    column = x[:, :1].expand(3, 4)
    describe("x[:, :1].expand(3, 4)", column)

    own = xt.contiguous()
    describe("x.t().contiguous()", own)

    gb.mark("who shares storage")
    for name, t in [("x.t()", xt), ("x[:, 1:3]", middle), ("expand", column), ("contiguous()", own)]:
        print(f"{name:<22} shares x's storage: {shares_storage(x, t)}")

    gb.mark("one write, many readers")
    middle[0, 0] = 100
    gb.show(x, view="grid")
    print("after x[:, 1:3][0, 0] = 100:", x[0].tolist(), "and x.t()[1, 0] is", xt[1, 0].item())
    gb.check("a view writes into its base", x[0, 1].item() == 100 and xt[1, 0].item() == 100)
    gb.check("a copy keeps its own value", own[1, 0].item() == 1)


def flatten():
    """Which of three ways to twelve in a row works on x.t()?"""
    xt = torch.arange(12).reshape(3, 4).t()
    describe("x.t()", xt)
    gb.ask("who-fails")
    worked = {
        "view": attempt("x.t().view(12)", lambda: xt.view(12)),
        "reshape": attempt("x.t().reshape(12)", lambda: xt.reshape(12)),
        "contiguous": attempt("contiguous().view(12)", lambda: xt.contiguous().view(12)),
    }
    gb.tell("who-fails", [name for name, ok in worked.items() if not ok][0])

    flat = xt.reshape(12)
    print("x.t().reshape(12) copied:", not shares_storage(xt, flat))
    print("in the order of x.t(): ", flat.tolist())
    gb.show(flat, view="stride")


def seconds(action, repeat=5):
    best = float("inf")
    for _ in range(repeat):
        start = time.perf_counter()
        action()
        best = min(best, time.perf_counter() - start)
    return best


def sums():
    """Sum a 2000 x 2000 matrix along rows, along columns, and through its transpose."""
    size = gb.knob("size", 2000, 200, 4000)
    big = torch.ones(size, size)
    gb.ask("same-walk")
    times = {
        "big.sum(dim=1)": seconds(lambda: big.sum(dim=1)),
        "big.sum(dim=0)": seconds(lambda: big.sum(dim=0)),
        "big.t().sum(dim=0)": seconds(lambda: big.t().sum(dim=0)),
        "big.t().contiguous()": seconds(lambda: big.t().contiguous()),
        "big.clone()": seconds(lambda: big.clone()),
    }
    for name, value in times.items():
        print(f"{name:<22} {value * 1000:8.3f} ms")
        gb.log(name, value * 1000)
    rows, same = big.sum(dim=1), big.t().sum(dim=0)
    gb.check("t() changes no sum", torch.equal(rows, same))
    gb.tell("same-walk", "same" if big.t().stride() == (1, size) else "other")


if __name__ == "__main__":
    views()
    print()
    flatten()
