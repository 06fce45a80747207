"""All distances between two sets of points, written in four ways and timed.

A Python loop, a broadcast, one matrix product, and torch.cdist: the same numbers, other
times, other temporaries.  Times differ from machine to machine; the order hardly does.
"""

import time

import torch

import gradboard as gb


def by_loop(a, b):
    rows = []
    for x in a:                                          # one Python step per point of a
        for y in b:                                      # and per point of b
            rows.append((x - y).pow(2).sum().sqrt())
    return torch.stack(rows).reshape(len(a), len(b))


def by_broadcast(a, b):
    difference = a[:, None] - b[None]                    # (n, m, d): every difference at once
    return difference.pow(2).sum(-1).sqrt()


def by_product(a, b):
    """|x - y|^2 = |x|^2 - 2 x.y + |y|^2, and x.y for all pairs is a matrix product."""
    squares = a.pow(2).sum(1)[:, None] - 2 * (a @ b.t()) + b.pow(2).sum(1)
    return squares.clamp(min=0).sqrt()                   # rounding may dip below zero


def by_cdist(a, b):
    return torch.cdist(a, b)


WAYS = {"loop": by_loop, "broadcast": by_broadcast, "product": by_product, "cdist": by_cdist}


def milliseconds(function, a, b, repeat=5):
    function(a, b)                                       # warm up: allocations, caches
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        function(a, b)
        times.append(time.perf_counter() - start)
    return min(times) * 1000                             # the least disturbed run


def points(n, m, d=64, seed=0):
    torch.manual_seed(seed)
    return torch.randn(n, d), torch.randn(m, d)


def four_ways():
    """The same answer four times; the loop over 16 by 16 points, the others too."""
    gb.ask("slowest")
    a, b = points(16, 16)
    reference, took = by_broadcast(a, b), {}
    print("16 x 16 points of 64 numbers     ms   largest difference")
    with torch.no_grad():
        for name, way in WAYS.items():
            gb.mark(name)
            off = (way(a, b) - reference).abs().max().item()
            took[name] = milliseconds(way, a, b, repeat=1 if name == "loop" else 5)
            print(f"{name:<28} {took[name]:>8.3f}   {off:.0e}")
            gb.check(f"{name}: the same to 1e-4", off < 1e-4)
    difference = a[:, None] - b[None]
    gb.show(difference, view="bcast")
    gb.tell("slowest", max(took, key=took.get))
    print(f"the broadcast is {took['loop'] / took['broadcast']:.0f} times as fast as the loop")


def temporaries():
    """What stands in memory in between."""
    n = gb.knob("points", 500, choices=[100, 200, 500, 1000])
    gb.ask("temporary")
    a, b = points(n, n)
    with torch.no_grad():
        gb.mark("broadcast")
        difference = a[:, None] - b[None]
        size = difference.numel() * difference.element_size()
        print(f"{n} x {n} x 64 float32: the difference alone takes {size / 1e6:.1f} MB")
        del difference
        gb.mark("product")
        small = (a @ b.t()).numel() * 4
        print(f"the product and the result take {small / 1e6:.1f} MB each, {size // small} times less")
    five = torch.empty(500, 500, 64, device="meta")
    gb.tell("temporary", five.numel() * five.element_size() / 1e6)
    gb.check("a factor of d", size == small * 64)


def sizes():
    """Time over the number of points: who wins changes with the size."""
    gb.ask("fastest")
    print("points    broadcast    product      cdist      (ms)")
    with torch.no_grad():
        for n in (8, 32, 128, 512):
            a, b = points(n, n)
            row = {name: milliseconds(way, a, b, 3) for name, way in WAYS.items() if name != "loop"}
            for name, ms in row.items():
                gb.log(f"log10 ms, {name}", torch.tensor(ms).log10(), torch.tensor(float(n)).log2(), "log2 of the points")
            print(f"{n:>6}" + "".join(f"{ms:>12.3f}" for ms in row.values()))
    gb.tell("fastest", "broadcast" if row["broadcast"] < min(row["product"], row["cdist"]) else "no broadcast")


def cancelling():
    """The price of the identity: near points far from the origin."""
    gb.ask("cancels")
    print("shift      true    broadcast   product (float32)   product (centred)")
    worst = 0
    for shift in (0.0, 10.0, 100.0, 1000.0):
        a, b = torch.full((1, 64), shift), torch.full((1, 64), shift)
        b[0, 0] += 0.25
        centre = a.mean(0)
        values = [by_broadcast(a, b).item(), by_product(a, b).item(), by_product(a - centre, b - centre).item()]
        print(f"{shift:>6.0f}      0.25   " + "   ".join(f"{v:>12.4f}" for v in values))
        worst = abs(values[1] - 0.25)
        gb.check(f"the broadcast is right at {shift:.0f}", abs(values[0] - 0.25) < 1e-3)
        gb.check(f"centred, the product is right at {shift:.0f}", abs(values[2] - 0.25) < 1e-3)
    gb.tell("cancels", "wrong" if worst > 0.02 else "right")


if __name__ == "__main__":
    for tab in (sizes, cancelling, temporaries, four_ways):
        tab()
        print()
