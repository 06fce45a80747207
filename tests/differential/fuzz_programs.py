"""Random programs of creation, views, in-place changes, indexed assignment, pointwise ops, reductions, products and backward,
run on the engine and on PyTorch and compared after every statement: values, strides, versions, errors, gradients.

    fuzz_programs.py [--programs N] [--seed N] [--seconds N]

A seed always gives the same programs.  The first program that differs is made as short as it can be and printed.
"""
import json
import os
import random
import subprocess
import sys
import time

import harness

SIZES = [(2, 3), (3,), (3, 2), (2, 3, 2), (1, 3), (2, 1), (), (4,), (0, 3)]


# ---- making programs: lists of statements; names a, b, c … hold tensors ----
class Maker:
    def __init__(self, seed):
        self.random, self.names = random.Random(seed), []

    def pick(self, *choices):
        return self.random.choice(choices)

    def old(self):
        return self.random.choice(self.names)

    def new(self):
        self.names.append(f"t{len(self.names)}")
        return self.names[-1]

    def number(self):
        return self.pick("2", "-1", "0.5", "0", "3")

    def index(self):
        part = lambda: self.pick("0", "-1", ":", "1:", "::2", "None", "...", ":-1", "[0, 1]", "[1, 0]", "torch.tensor([0, 0])")
        return ", ".join(part() for _ in range(self.pick(1, 1, 2)))

    def creation(self):
        sizes = self.random.choice(SIZES)
        n = 1
        for size in sizes:
            n *= size
        text = f"torch.tensor({[round(self.random.uniform(-2, 2), 2) for _ in range(n)]}).reshape({sizes})"
        if self.random.random() < 0.15:
            return f"(torch.arange({n}) - 1).reshape({sizes})"
        return text + self.pick("", ".requires_grad_()", ".double()", ".clone().requires_grad_()", ".to(torch.uint8)", " > 0")

    def view(self):
        x = self.old()
        return self.pick(f"{x}[{self.index()}]", f"{x}.t()", f"{x}.transpose(0, -1)", f"{x}.reshape(-1)", f"{x}.view(-1)", f"{x}.unsqueeze(0)",
                         f"{x}.squeeze()", f"{x}.expand(2, *{x}.shape)", f"{x}.detach()", f"{x}.flatten()", f"{x}.unbind(0)[0]", f"{x}.split(1)[0]",
                         f"{x}.permute(*reversed(range({x}.dim())))", f"{x}.diagonal()", f"{x}.narrow(0, 0, 1)", f"{x}.chunk(2, -1)[-1]", f"{x}.data",
                         f"{x}.movedim(0, -1)", f"{x}.view_as({x})", f"{x}.select(-1, 0)", f"{x}.flip(0)", f"{x}.contiguous()", f"{x}.clone()",
                         f"{x}.as_strided((2,), (1,))", f"{x}.as_strided((2, 2), (1, 0))", f"{x}.unbind(-1)[-1]", f"{x}.split(1, -1)[0]", f"{x}.expand_as({x})",
                         f"{x}.unfold(0, 1, 1)", f"{x}.detach().clone()", f"{x}.swapaxes(0, -1)", f"{x}.diagonal().unsqueeze(-1)", f"{x}.T", f"{x}.tile(2)",
                         f"{x}.roll(1)", f"{x}.reshape({x}.shape)", f"{x}.view({x}.shape)", f"{x}.alias()" if self.random.random() < 0.1 else f"{x}[...]")

    def computed(self):
        x, y = self.old(), self.old()
        return self.pick(f"{x} + {y}", f"{x} * {y}", f"{x} - {y}", f"{x} / 2", f"{x}.exp()", f"{x}.tanh()", f"{x} ** 2", f"{x} * {self.number()}", f"{x}.sum()",
                         f"{x}.mean(0)", f"{x}.sum(-1, keepdim=True)", f"{x}.max()", f"{x}.amax(-1)", f"{x} @ {y}", f"{x}.matmul({y}.transpose(0, -1))",
                         f"torch.cat([{x}, {y}])", f"torch.stack([{x}, {x}])", f"torch.where({x} > 0, {x}, {y})", f"{x}.clamp(-1, 1)", f"{x}.abs()",
                         f"{x}.relu()", f"{x}.softmax(-1)", f"{x}.cumsum(0)", f"{x}.masked_fill({x} > 0, 2)", f"{x}.sigmoid()", f"{x}.sort(-1)[0]", f"{x}.prod()",
                         f"{x}.scatter(0, torch.zeros(1, 1, dtype=torch.long), {y})", f"{x}.gather(0, torch.zeros_like({x}, dtype=torch.long))",
                         f"{x}.masked_select({x} > 0)", f"{x}[{x} > 0]", f"{x}.index_add(0, torch.tensor([0]), {y})", f"{x}.take(torch.tensor([0]))",
                         f"{x}.log_softmax(0)", f"{x}.std()", f"{x}.argmax()", f"{x}.tril()", f"{x}.sqrt()", f"{x}.pow({y})", f"{x}.lerp({y}, 0.5)",
                         f"torch.addcmul({x}, {x}, {y})", f"{x}.cumprod(-1)", f"{x}.logsumexp(-1)", f"{x}.nonzero()", f"{x}.repeat(2, 1)", f"{x} // 2",
                         f"torch.nn.functional.pad({x}, (1, 0))", f"{x}.float()", f"{x}.nan_to_num()", f"{x}.reciprocal()", f"{x}.dot({y})", f"{x}.outer({y})",
                         f"{x}.var(0)", f"torch.maximum({x}, {y})", f"{x}.norm()", f"{x} > {y}", f"{x}.long()", f"{x}.to({y}.dtype)", f"{x}.index_select(0, torch.tensor([0, 0]))")

    # What is not among them: floor_ (makes a last bit a whole one), set_ (PyTorch's keeps counting versions with the memory that
    # was left), and out= of an input that overlaps it by rows (PyTorch's result hangs on the width of its vectors).
    def change(self):
        x, y = self.old(), self.old()
        return self.pick(f"{x}[{self.index()}] = {self.number()}", f"{x}[{self.index()}] = {y}", f"{x}[{x} > 0] = {self.number()}", f"{x} += {y}", f"{x} *= {self.number()}",
                         f"{x}.add_({y})", f"{x}.mul_({y})", f"{x}.zero_()", f"{x}.fill_({self.number()})", f"{x}.copy_({y})", f"{x}.exp_()", f"{x}.clamp_(-1, 1)",
                         f"{x}.sigmoid_()", f"{x}.transpose_(0, -1)", f"{x}.unsqueeze_(0)", f"{x}.t_()", f"{x}.masked_fill_({x} > 0, 1)", f"{x}.detach_()",
                         f"{x}[{self.index()}] += {y}", f"{x}.requires_grad_()", f"{x}.relu_()", f"{x}.index_fill_(0, torch.tensor([0]), 2)", f"{x}.div_(2)",
                         f"{x}.squeeze_()", f"{x}.sub_({y})", f"{x}.data.add_(1)", f"{x}.data = {y}", f"{x}.resize_(0)", f"{x}.swapaxes_(0, -1)",
                         f"{x}.as_strided_((2,), (1,))", f"{x}.scatter_(0, torch.zeros_like({x}, dtype=torch.long), {self.number()})", f"{x}.index_add_(0, torch.tensor([0]), {y})",
                         f"{x}.index_copy_(0, torch.tensor([0]), {y})", f"{x}.masked_scatter_({x} > 0, {y})", f"{x}.cumsum_(0)", f"{x}.tril_()", f"{x}.sqrt_()", f"{x}.neg_()",
                         f"{x}.put_(torch.tensor([0]), {y})", f"{x}.lerp_({y}, 0.5)", f"{x}.addcmul_({x}, {y})", f"{x}.unbind(0)[0].zero_()", f"{x}.split(1)[0].mul_(2)",
                         f"{x}.grad = None", f"{x}.retain_grad()", f"{x}.register_hook(lambda g: g * 2)", f"{x}.requires_grad = False", f"{x}.expand(2, *{x}.shape).zero_()",
                         f"with torch.no_grad(): {x}.mul_({self.number()})", f"with torch.no_grad(): {x}[{self.index()}] = {y}", f"torch.neg({x}.clone(), out={y})",
                         f"{x}.clamp_min_(0)", f"{x}.diagonal().fill_(3)", f"{x}.t().copy_({y})", f"{x}.pow_(2)", f"{x}.bernoulli_(1.0)", f"{x}.tanh_()")

    def gradient(self):
        x, y = self.old(), self.old()
        return self.pick(f"{x}.sum().backward()", f"{x}.sum().backward(retain_graph=True)", f"torch.autograd.grad({x}.sum(), {y}, allow_unused=True)",
                         f"{x}.sum().backward(create_graph=True)", f"{x}.backward(torch.ones_like({x}))", f"({x} * {x}).sum().backward(inputs=[{y}])",
                         f"{x}.backward()", f"{x}.exp().sum().backward()",
                         f"torch.autograd.grad(torch.autograd.grad(({x} * {x}).sum(), {y}, create_graph=True)[0].sum(), {y}, allow_unused=True)")

    def statement(self):
        kind = self.random.random()
        if len(self.names) < 2 or kind < 0.12:
            text = self.creation()
        elif kind < 0.34:
            text = self.view()
            if self.random.random() < 0.06:
                self.new()
                return f"with torch.{self.pick('no_grad', 'enable_grad', 'inference_mode')}(): {self.names[-1]} = {text}"
        elif kind < 0.36:
            text = self.pick("Twice", "Change", "Through", "Alias") + f".apply({self.old()})"
        elif kind < 0.62:
            text = self.computed()
        elif kind < 0.86:
            return self.change()
        else:
            return self.gradient()
        return f"{self.new()} = {text}"

    def program(self):
        return [self.statement() for _ in range(self.random.randint(4, 14))]


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


def outcome(torch, program):
    space, out, versions = {"torch": torch, **functions(torch)}, [], True
    for statement in program:
        try:
            exec(statement, space)
            said = None
        except Exception as error:
            said = f"{type(error).__name__}: {error}"
            if "out of bounds for dimension" in said:  # of an index: PyTorch has written by then, as far as it came
                out.append([said, {}])
                break
        tensors = {k: v for k, v in space.items() if isinstance(v, torch.Tensor)}
        # What PyTorch computes from an inference tensor elsewhere counts the writes of its kernels: no versions then.
        versions = versions and not any(v.is_inference() for v in tensors.values())
        out.append([said, {k: look(torch, v, versions) for k, v in tensors.items()}])
        if said and statement[0] == "t" and " = " in statement and statement.split(" = ")[0].isidentifier():
            break  # the name is missing from here on
    return out


def serve():
    import warnings

    import torch
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
def same(a, b):
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if a == b:
        return True
    try:
        x, y = float(a), float(b)
    except (TypeError, ValueError):
        return False
    return x != x and y != y or abs(x - y) <= 1e-5 + 1e-4 * abs(y)


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
            if shorter and differs(shorter):
                program, again = shorter, True
    return program


def option(name, fallback):
    return int(sys.argv[sys.argv.index(name) + 1]) if name in sys.argv else fallback


def main():
    if "--serve" in sys.argv:
        return serve()
    if not harness._pytorch_is_installed():
        print("PyTorch is not installed (python3-torch)")
        raise SystemExit(77)
    first, count, seconds = option("--seed", 0), option("--programs", 20000), option("--seconds", 600)
    ours, pytorch, until, most = Child(True), Child(False), time.monotonic() + seconds, option("--most", 1)
    done = failed = 0
    for seed in range(first, first + count):
        if time.monotonic() > until:
            break
        program = Maker(seed).program()
        differs = lambda text: first_difference(ours.run(text), pytorch.run(text))
        done += 1
        if not differs(program):
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
