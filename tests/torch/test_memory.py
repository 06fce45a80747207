"""Nothing stays behind: each snippet runs often, and the process must not grow."""
import copy
import gc
import os
import pickle
import sys

import torch

if "libasan" in os.environ.get("LD_PRELOAD", ""):
    print("skipped: the sanitizer keeps what is freed, so that every process grows")
    sys.exit(77)


def resident_kib():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4


class Double(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        y = x * 2
        ctx.save_for_backward(x, y)
        ctx.x = x
        return y

    @staticmethod
    def backward(ctx, grad):
        return grad * ctx.saved_tensors[0]


x = torch.ones(100, 100, requires_grad=True)
layer = torch.nn.Linear(10, 10)


def a_hook_that_holds_its_tensor():
    y = torch.ones(10, 10, requires_grad=True)
    y.register_hook(lambda grad: y)
    (y * 2).sum().backward()


def a_tensor_that_holds_itself():
    y = Double.apply(x)
    y.itself = y


def a_function_that_holds_its_result():
    y = Double.apply(x)
    y.grad_fn.result = y


def failing(function):
    def run():
        try:
            function()
        except (TypeError, RuntimeError, ValueError):
            return
        raise AssertionError("it should have failed")
    return run


SNIPPETS = {
    "add": lambda: x + 1,
    "backward": lambda: (x * 2).exp().sum().backward(),
    "function": lambda: Double.apply(x).sum().backward(),
    "function without backward": lambda: Double.apply(x),
    "wrong type": failing(lambda: x.add("x")),
    "wrong shape": failing(lambda: x @ torch.ones(3, 3)),
    "wrong list": failing(lambda: torch.cat([x, 3])),
    "wrong keyword": failing(lambda: torch.zeros(2, 3, foo=1)),
    "ragged": failing(lambda: torch.tensor([[1., 2.], [3.]])),
    "data": lambda: torch.tensor([[1., 2.], [3., 4.]]),
    "index": lambda: x[0, 1:3, None],
    "gather": lambda: x[[0, 1]],
    "rows": lambda: list(x[:5]),
    "named tuple": lambda: x.max(0),
    "layer": lambda: layer(torch.ones(3, 10)).sum().backward(),
    "copy": lambda: copy.deepcopy(layer),
    "pickle": lambda: pickle.loads(pickle.dumps(x[:3].detach())),
    "double backward": lambda: torch.autograd.grad(torch.autograd.grad((x ** 3).sum(), x, create_graph=True)[0].sum(), x),
    "hook cycle": a_hook_that_holds_its_tensor,
    "tensor cycle": a_tensor_that_holds_itself,
    "function cycle": a_function_that_holds_its_result,
    "generator": lambda: torch.rand(3, generator=torch.Generator()),
    "collate": lambda: torch._C._data.default_collate([(1, torch.ones(100), {"a": 2.})] * 4),
    "assign": lambda: torch.zeros(3, 3).__setitem__((0, slice(None)), 5),
}

for name, snippet in SNIPPETS.items():
    grown = []
    for _ in range(4):  # the first rounds fill caches
        gc.collect()
        before = resident_kib()
        for _ in range(500):
            snippet()
        gc.collect()
        grown.append(resident_kib() - before)
    assert min(grown[1:]) < 200, f"{name}: grew by {grown} KiB in rounds of 500"
print(f"{len(SNIPPETS)} snippets leave nothing behind")
