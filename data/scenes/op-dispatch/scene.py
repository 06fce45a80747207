"""From nn.Linear down to the kernel, and the table in between.

One call goes through layers: a Python module, a Python function, the binding, the
dispatcher with its keys, a kernel, and for a matrix product a BLAS.  The layers can be
weighed from outside, by calling at different heights and subtracting.  What the dispatcher
does is shown by a small one of our own, and by what the real one lets us see.
"""

import time

import torch
import torch.nn as nn
import torch.nn.functional as F

import gradboard as gb


def us(function, repeat=200):
    """Microseconds per call, the least disturbed of five."""
    best = float("inf")
    for _ in range(5):
        start = time.perf_counter()
        for _ in range(repeat):
            function()
        best = min(best, (time.perf_counter() - start) / repeat)
    return best * 1e6


def layers():
    """The same product called at four heights, small and large."""
    gb.ask("dominates-small")
    gb.ask("dominates-large")
    gb.mark("weighing")
    heights, sizes = {}, [2, 8, 32, 128, 512]
    for n in sizes:
        torch.manual_seed(0)
        module, x = nn.Linear(n, n), torch.randn(n, n)
        weight, bias, out = module.weight, module.bias, torch.empty(n, n)
        repeat = 100 if n <= 32 else 10 if n <= 128 else 1
        calls = {
            "nn.Linear": lambda: module(x),
            "F.linear": lambda: F.linear(x, weight, bias),
        }
        quiet = {
            "no_grad": lambda: F.linear(x, weight, bias),
            "into out=": lambda: torch.addmm(bias, x, weight.t(), out=out),
        }
        heights[n] = {name: us(call, repeat) for name, call in calls.items()}
        with torch.no_grad():
            heights[n].update({name: us(call, repeat) for name, call in quiet.items()})
        gb.log("log10 us, nn.Linear", torch.tensor(heights[n]["nn.Linear"]).log10(), torch.tensor(float(n)).log2(), "log2 of the size")
    print("us per call     " + "".join(f"{name:>11}" for name in heights[2]))
    for n in sizes:
        print(f"{n:>4} x {n:<4}     " + "".join(f"{value:>11.2f}" for value in heights[n].values()))

    small, large = heights[2]["nn.Linear"], heights[512]["nn.Linear"]
    per_flop = (large - small) / (2 * 512 ** 3)
    print("\nsize   arithmetic   everything else   (us; the arithmetic at the rate of 512 x 512)")
    shares = {}
    for n in sizes:
        arithmetic = 2 * n ** 3 * per_flop
        shares[n] = arithmetic / (arithmetic + small)
        gb.log("share of the arithmetic", shares[n], torch.tensor(float(n)).log2(), "log2 of the size")
        print(f"{n:>4}   {arithmetic:>10.3f}   {small:>15.2f}")
    gb.tell("dominates-small", "BLAS" if shares[2] > 0.5 else "overhead")
    gb.tell("dominates-large", "BLAS" if shares[512] > 0.5 else "overhead")
    gb.check("the share of the arithmetic grows with the size", shares[2] < shares[32] < shares[512])

    module, x = nn.Linear(256, 256), torch.randn(256, 256)
    for _ in range(2):                            # for the board: what runs inside what
        gb.mark("one call")
        module(x).sum().backward()


# ---- a dispatcher ----

class Dispatcher:
    """Rows are operators, columns are keys; the first key of the set that has a kernel is called."""

    ORDER = ["Autograd", "Meta", "CPU"]           # from the top; PyTorch has some sixty

    def __init__(self):
        self.table, self.path, self.excluded, self.grad_mode = {}, [], set(), True

    def register(self, op, key):
        def keep(kernel):
            self.table[op, key] = kernel
            return kernel
        return keep

    def call(self, op, *args):
        keys = {"Autograd"} | {"Meta" if a.device.type == "meta" else "CPU" for a in args}
        for key in self.ORDER:
            if key in keys and key not in self.excluded and (op, key) in self.table:
                self.path.append(key)
                gb.mark(key)
                return self.table[op, key](*args)
        raise NotImplementedError(f"Could not run '{op}' with arguments from {sorted(keys)}")


toy = Dispatcher()


@toy.register("mul", "Autograd")
def mul_autograd(a, b):
    """Notes what backward will need, then goes on below itself."""
    toy.excluded.add("Autograd")
    try:
        result = toy.call("mul", a, b)
    finally:
        toy.excluded.discard("Autograd")
    if toy.grad_mode and (a.requires_grad or b.requires_grad):
        toy.path.append("recorded")
    return result


@toy.register("mul", "CPU")
def mul_cpu(a, b):
    return torch.mul(a.detach(), b.detach())


@toy.register("mul", "Meta")
def mul_meta(a, b):
    return torch.empty(torch.broadcast_shapes(a.shape, b.shape), device="meta")


def path_of(*args, grad_mode=True, inference=False):
    toy.path, toy.grad_mode = [], grad_mode
    toy.excluded = {"Autograd"} if inference else set()
    gb.mark("call")
    toy.call("mul", *args)
    gb.mark("result")
    return toy.path


def keys():
    """Which kernels one mul visits, in the toy; and what the real one shows of the same."""
    gb.ask("path-grad")
    gb.ask("skipped")
    x = torch.ones(2, requires_grad=True)
    paths = {
        "grad needed": path_of(x, x),
        "under no_grad": path_of(x, x, grad_mode=False),
        "in inference_mode": path_of(x, x, inference=True),
        "on meta": path_of(torch.ones(2, device="meta"), torch.ones(2, device="meta")),
    }
    for name, path in paths.items():
        print(f"{name:<18} {' > '.join(path)}")
    try:
        toy.call("sin", x)
    except NotImplementedError as error:
        print("sin:", error)
    gb.tell("path-grad", sum(1 for step in paths["grad needed"] if step in toy.ORDER))

    print("\nthe real one:      requires_grad   counts versions   may be saved for backward")
    seen = {}
    for name, mode in (("no_grad", torch.no_grad), ("inference_mode", torch.inference_mode)):
        with mode():
            y = x.detach() * 2
        try:
            versions = y._version >= 0
        except RuntimeError:
            versions = False
        try:
            (x * y).sum().backward()
            usable = True
        except RuntimeError:
            usable = False
        seen[name] = versions, usable
        print(f"{name:<18} {str(y.requires_grad):<15} {str(versions):<17} {usable}")
    gb.tell("skipped", "Autograd" if seen["no_grad"] == (True, True) and seen["inference_mode"] == (False, False) else "CPU")


def table():
    """One operator, many rows: dtype, layout, view or not."""
    gb.ask("div-dtype")
    gb.ask("floor-dtype")
    gb.ask("view-count")
    gb.mark("rows")
    ints, halves = torch.ones(3, dtype=torch.int64), torch.tensor([0.1, 1.0, 60000.0], dtype=torch.float16)
    print("expression                     result")
    rows = {
        "ones(3, int64) / 2": ints / 2,
        "tensor([7]) // 2": torch.tensor([7]) // 2,
        "int64 + int64": ints + ints,
        "int64 + float16": ints + halves,
        "float16 + float16": halves + halves,
        "float32 + float64": torch.ones(1) + torch.ones(1, dtype=torch.float64),
        "int64 < int64": ints < ints,
    }
    for name, value in rows.items():
        print(f"{name:<30} {str(value.dtype)[6:]:<10} {value.tolist()}")
    gb.show(halves, view="bits")
    gb.tell("div-dtype", str(rows["ones(3, int64) / 2"].dtype)[6:])
    gb.tell("floor-dtype", str(rows["tensor([7]) // 2"].dtype)[6:])

    x = torch.arange(12.0, requires_grad=True).reshape(3, 4)
    ops = {
        "x.t()": x.t(), "x[1:]": x[1:], "x[[0, 2]]": x[[0, 2]], "x.expand(2, 3, 4)": x.expand(2, 3, 4),
        "x.view(12)": x.view(12), "x.t().reshape(12)": x.t().reshape(12), "x.contiguous()": x.contiguous(),
        "x + 0": x + 0,
    }
    print("\nexpression           new memory   grad_fn")
    views = 0
    first, last = x.data_ptr(), x.data_ptr() + x.numel() * x.element_size()
    for name, value in ops.items():
        shares = first <= value.data_ptr() < last
        views += shares
        print(f"{name:<20} {'no' if shares else 'yes':<12} {value.grad_fn.name()}")
    gb.tell("view-count", views)
    gb.check("a view has its backward too", x.t().grad_fn is not None)


if __name__ == "__main__":
    for tab in (keys, table, layers):
        tab()
        print()
