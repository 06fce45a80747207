"""Random programs of creation, views, in-place changes, indexed assignment, pointwise ops, reductions, products and backward,
run on the engine and on PyTorch and compared after every statement: values, strides, versions, errors, gradients.

    fuzz_programs.py [--programs N] [--seed N] [--seconds N]

A seed always gives the same programs.  The first program that differs is made as short as it can be and printed.
"""
import copy
import json
import os
import pickle
import re
import subprocess
import sys
import time

import harness
from fuzz_vocabulary import Maker

# ---- running them: a child for each library reads programs and answers with outcomes, line by line ----
def look(torch, value, versions=True):
    if value is None:
        return None
    state = [str(value.dtype), list(value.shape), list(value.stride()), value.storage_offset(), versions and not value.is_inference() and value._version,
             [repr(v) for v in value.detach().reshape(-1).tolist()]]
    try:
        node = value.grad_fn
        state += [value.requires_grad, value.is_leaf, node and node.name(), look(torch, value.grad, versions) if value.is_leaf else None]
    except RuntimeError as error:
        state.append(str(error))
    return state


def functions(torch):
    """Functions of one's own that compute, change their input in place, hand it through, or return a view of it."""
    class Twice(torch.autograd.Function):
        forward = staticmethod(lambda ctx, x: x * 2)
        backward = staticmethod(lambda ctx, g: g * 2)

    class Change(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.mark_dirty(x)
            return x.mul_(2)
        backward = staticmethod(lambda ctx, g: g * 2)

    class Through(torch.autograd.Function):
        forward = staticmethod(lambda ctx, x: x)
        backward = staticmethod(lambda ctx, g: g)

    class Alias(torch.autograd.Function):
        forward = staticmethod(lambda ctx, x: x.view(-1))
        backward = staticmethod(lambda ctx, g: g)
    return {"Twice": Twice, "Change": Change, "Through": Through, "Alias": Alias}


POINTWISE = ("torch.add", "torch.mul", "torch.exp", "torch.neg", "torch.sub", "torch.abs", "torch.clamp", "torch.gt", "torch.where")


def open_to_chance(torch, statement, space):
    """Whether what is written by index or by rows lies in the memory that is read: the order of PyTorch's writes is its own."""
    out = re.search(r"(torch\.\w+)\((.*), out=(.*)\)", statement)
    if out and out[1] not in POINTWISE:
        parts = [[space.get(name) for name in re.findall(r"t\d+", text)] for text in out.groups()[1:]]
        places = [[t.storage().data_ptr() for t in part if isinstance(t, torch.Tensor)] for part in parts]
        return any(place in places[0] or places[1].count(place) > 1 for place in places[1])
    found = re.search(r"\b(t\d+)\b.*?(?:\] = |_\()(?:.*\b(t\d+)\b)?", statement)
    if not found or not found[2] or not re.search(r"\[\[|\[0, 1\]|\[1, 0\]|\[-1\]|tensor\(|> 0|zeros_like|True", statement):
        return False
    a, b = space.get(found[1]), space.get(found[2])
    return a is not b and isinstance(a, torch.Tensor) and isinstance(b, torch.Tensor) and a.numel() and a.storage().data_ptr() == b.storage().data_ptr()


def outcome(torch, program):
    space, out, versions = {"torch": torch, "F": torch.nn.functional, "copy": copy, "pickle": pickle, **functions(torch)}, [], True
    for statement in program:
        if open_to_chance(torch, statement, space):
            break
        try:
            exec(statement, space)
            said = None
        except Exception as error:
            said = f"{type(error).__name__}: {error}"
            if "out of bounds for dimension" in said or "ZeroDivisionError" in said:  # PyTorch has written by then, as far as it came
                out.append([said, {}])
                break
        name = statement.split(" = ")[0].split(": ")[-1]
        if name[0] == "t" and name[1:].isdigit() and not isinstance(space.get(name), torch.Tensor):  # what follows has something to work on
            space[name] = torch.tensor([[1., -2., 3.], [0.5, 2., -1.]]).requires_grad_()
        tensors = {k: v for k, v in space.items() if isinstance(v, torch.Tensor)}
        # What PyTorch computes from an inference tensor elsewhere counts the writes of its kernels: no versions then.
        versions = versions and not any(v.is_inference() for v in tensors.values())
        out.append([said, {k: look(torch, v, versions) for k, v in tensors.items()}])
    return out


def serve():
    import warnings

    import torch
    import torch.utils.checkpoint
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        print(json.dumps(outcome(torch, json.loads(line))), flush=True)


class Child:
    def __init__(self, on_engine):
        self.on_engine = on_engine
        self.start()

    def start(self):
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
        environment.update(OPENBLAS_NUM_THREADS="1", ATEN_CPU_CAPABILITY="avx2", PYTHONDONTWRITEBYTECODE="1")
        if self.on_engine:
            environment["PYTHONPATH"] = harness.engine_path()
        self.process = subprocess.Popen([harness.PYTHON, __file__, "--serve"], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, program):
        self.process.stdin.write(json.dumps(program) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if line:
            return json.loads(line)
        self.start()
        return "died"


# ---- comparing ----
CLOSE = {"['torch.bfloat16']": 3e-2, "['torch.float16']": 4e-3}


def same(a, b, rtol=1e-4):
    if isinstance(a, list) and isinstance(b, list):
        rtol = CLOSE.get(str(b[:1]), rtol)
        return len(a) == len(b) and all(same(p, q, rtol) for p, q in zip(a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if a == b:
        return True
    try:
        x, y = complex(a), complex(b)
    except (TypeError, ValueError):
        return False
    return all(p == q or p != p and q != q or abs(p - q) <= rtol / 10 + rtol * abs(y) for p, q in ((x.real, y.real), (x.imag, y.imag)))


# What is known to differ: a statement and what PyTorch has after it, and why.
KNOWN = re.compile("|".join((
    r"F\.smooth_l1_loss\(.*None$",  # of float16 and float32: ours wants one dtype
    r"F\.layer_norm\(.*bfloat16",  # PyTorch rounds mean and deviation to bfloat16 between its steps
    r"F\.silu\(.*None$",  # of complex numbers
    r"\.(eq|ne|gt|ge|lt|le)_\(t\d+\)",  # with a part of itself: an element may be read after it was written
    r"torch\.cumsum\(.*, out=.*float16",  # PyTorch leaves what was in memory
)))


def first_difference(mine, theirs):
    if mine == "died" or theirs == "died":
        return None if mine == theirs else (0, mine if mine == "died" else "lives", theirs if theirs == "died" else "lives")
    for at, (a, b) in enumerate(zip(mine, theirs)):
        if "INTERNAL ASSERT FAILED" in str(b):  # PyTorch has lost itself: there is nothing to be like
            return None
        if not same(a[0], b[0]):
            return at, a[0], b[0]
        for name in b[1]:
            if not same(a[1].get(name), b[1][name]):
                return at, f"{name} {a[1].get(name)}", f"{name} {b[1][name]}"
    return None


def shortened(program, differs):
    """Leaves statements out for as long as what is left still differs."""
    again = True
    while again:
        again = False
        for at in range(len(program) - 1, -1, -1):
            shorter = program[:at] + program[at + 1:]
            if shorter and differs(shorter, True):
                program, again = shorter, True
    return program


def option(name, fallback):
    return int(sys.argv[sys.argv.index(name) + 1]) if name in sys.argv else fallback


def main():
    if "--serve" in sys.argv:
        return serve()
    if not harness.pytorch_is_installed():
        print("PyTorch is not installed (python3-torch)")
        raise SystemExit(77)
    first, count, seconds = option("--seed", 0), option("--programs", 20000), option("--seconds", 600)
    ours, pytorch, until, most = Child(True), Child(False), time.monotonic() + seconds, option("--most", 1)
    done = failed = 0
    for seed in range(first, first + count):
        if time.monotonic() > until:
            break
        program = Maker(seed).program()

        def differs(text, whole=False):  # whole: no name is missing in it
            theirs = pytorch.run(text)
            return not (whole and "NameError" in str(theirs)) and first_difference(ours.run(text), theirs)
        done += 1
        found = differs(program)
        if not found or KNOWN.search(f"{program[found[0]]} {found[2]}"):
            continue
        failed += 1
        program = shortened(program, differs)
        at, mine, theirs = differs(program)
        print(f"seed {seed}, after statement {at + 1}:")
        print("".join(f"    {statement}\n" for statement in program) + f"  ours    {mine}\n  PyTorch {theirs}"[:1800], flush=True)
        if failed >= most:
            break
    print(f"{done} programs, {failed} different")
    raise SystemExit(1 if failed else 0)


main()
