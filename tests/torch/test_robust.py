"""Whatever a program hands to a function, it returns or raises: random arguments to every callable of the package."""
import contextlib
import faulthandler
import os
import random
import re
import resource
import sys
import tempfile
import warnings

import torch

faulthandler.enable()
LOG = open(sys.argv[3], "wb") if len(sys.argv) > 3 else None
os.chdir(tempfile.mkdtemp())  # torch.save writes where it is told
if "libasan" not in os.environ.get("LD_PRELOAD", ""):  # whose own mappings are larger than any limit
    resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30))
warnings.simplefilter("ignore")
KEYWORDS = ["dim", "keepdim", "dtype", "out", "alpha", "p", "size", "other", "input", "value", "index", "src", "reduction", "weight",
            "bias", "stride", "padding", "descending", "rounding_mode", "min", "max", "memory_format", "requires_grad", "device"]
# They end the process, wait for input, or change what the other calls see.
SKIPPED = {"set_printoptions", "set_default_dtype", "set_num_threads", "set_anomaly_enabled", "__class__", "__init_subclass__",
           "__subclasshook__", "__new__", "__init__", "__getattribute__"}
HUGE = [2**33, 2**40, 2**62, 2**63 - 1, -2**33, -2**62, -2**63]
chance = random.random


def huge():
    return torch.tensor(random.choice([-2**31] + HUGE))  # which wraps in narrow dtypes


def tensor():
    shape = random.choice([(), (0,), (1,), (3,), (2, 3), (3, 3), (2, 3, 4), (0, 3), (1, 1, 2, 2), (2, 2, 2, 2, 2, 2)])
    dtype = random.choice([torch.float32, torch.float32, torch.float64, torch.int64, torch.bool, torch.float16, torch.uint8,
                           torch.bfloat16, torch.int32])
    t = torch.ones(shape, dtype=dtype)
    if dtype.is_floating_point:
        t = t * random.choice([1, -2.5, float("nan"), 1e30])
    elif dtype != torch.bool:
        t = t * random.choice([0, 1, 2, -1, 100])
        if chance() < .2:  # what an index, a length or a pivot should not be
            t.view(-1)[random.randrange(t.numel() + 1):].copy_(huge())
    if chance() < .3 and t.dim() > 1:
        t = t.transpose(0, -1)
    if chance() < .1 and t.dim():
        t = t[::2]
    if chance() < .1:
        t = t.expand((2,) + tuple(t.shape))
    if chance() < .3 and dtype.is_floating_point:
        t = t.clone().requires_grad_()
    return torch.ones(shape, dtype=dtype, device="meta") if chance() < .05 else t


def anything(depth=0):
    kind = chance()
    if kind < .45:
        return tensor()
    if kind < .6:
        return random.choice([0, 1, -1, 2, 3, -5, 100, 1000, -70])
    if kind < .7:
        return random.choice([0.5, -1.5, float("nan"), float("inf"), 1e300, 0.0, True, False])
    if kind < .8:
        return random.choice([None, "mean", "x", "sum", "ij,jk->ik", "", "constant", torch.float32, torch.int64])
    if kind < .85 or depth > 1:
        return random.choice([torch.channels_last, torch.device("cpu"), slice(None), ..., object(), {}, torch.Size([2])])
    if chance() < .3:
        return [tensor() for _ in range(random.randint(0, 3))]
    return random.choice([tuple, list])([anything(depth + 1) if chance() < .3 else random.choice([0, 1, 2, 3, -1])
                                         for _ in range(random.randint(0, 4))])


def fitting(kind):
    """A value of the type that a signature names."""
    if chance() < .06:
        return anything()
    if kind.startswith("tuple of Tensor"):
        return [tensor() for _ in range(random.randint(0, 4))]
    if kind.startswith("tuple of"):
        return [random.choice(HUGE) if chance() < .03 else random.choice([0, 1, 2, 3, -1, -2, 5, -5]) for _ in range(random.randint(0, 4))]
    if kind in ("Number", "int") and chance() < .05:
        return random.choice(HUGE)
    choices = {"Number": [0, 1, 2, -1, 3, 0.5, -2.5, True, float("nan")], "int": [0, 1, 2, -1, 3, -2, 5, 7, -7, 100],
               "float": [0., 1., 0.5, -1., 2., 1e-5, float("nan")], "bool": [True, False],
               "torch.dtype": [torch.float32, torch.float64, torch.int64, torch.bool, torch.float16, torch.uint8],
               "str": ["mean", "sum", "none", "ij,jk->ik", "ij->ji", "ij", "constant", "reflect", "fro", "trunc", "x"],
               "torch.Generator": [None, torch.Generator()], "torch.device": ["cpu"],
               "torch.memory_format": [torch.contiguous_format, torch.channels_last, torch.preserve_format]}
    return tensor() if kind == "Tensor" else random.choice(choices[kind]) if kind in choices else anything()


def signatures(function):
    found = []
    for line in (getattr(function, "__doc__", None) or "").split("\n"):
        if re.match(r"\w+\(.*\)$", line) and " name " not in line:
            positional, star, keywords = line[line.index("(") + 1:-1].partition("*")
            found.append([[p.rsplit(" ", 1) for p in part.split(", ") if " " in p.strip(", ")] for part in (positional, keywords)])
    return found


def arguments(method, known):
    if known and chance() < .9:
        positional, keywords = random.choice(known)
        n = len(positional) if chance() < .6 else random.randint(0, len(positional))
        args = [fitting(kind) for kind, _ in positional[:n]]
        return ([tensor()] if method else []) + args, {name: fitting(kind) for kind, name in keywords if chance() < .15}
    args = [anything() for _ in range(random.choice([0, 1, 1, 2, 2, 3, 4]))]
    if method and chance() < .95:
        args[:1] = [tensor()]
    return args, {random.choice(KEYWORDS): anything() for _ in range(random.choice([0, 0, 0, 1, 1, 2]))}


def aliased(args, kwargs):
    """out= that is an argument, a part of one, or one element seen many times."""
    tensors = [a for a in args if isinstance(a, torch.Tensor)]
    if "out" in kwargs and tensors and chance() < .5:
        t = random.choice(tensors).detach()
        kwargs["out"] = random.choice([lambda: t, lambda: t.narrow(-1, 0, min(1, t.size(-1))) if t.dim() else t,
                                       lambda: t.transpose(0, -1) if t.dim() else t, lambda: t.new_ones(()).expand(t.shape)])()


def takes_steps(name, args):
    """A polynomial of order n is n steps, in PyTorch as well: 2^62 of them are nobody's fault."""
    numbers = [torch.as_tensor(a) for a in args if isinstance(a, (torch.Tensor, int, float))] if "_polynomial_" in name else []
    return any(n.device.type == "cpu" and bool((n.detach().double().abs() > 1e6).any()) for n in numbers)


def hooks():
    """Saved tensors come back as something else."""
    return torch.autograd.graph.saved_tensors_hooks(
        lambda t: t, lambda t: random.choice([tensor, lambda: t.detach().copy_(huge()), lambda: t[:1], lambda: t.double()])())


def spoil(args):
    """Puts other numbers and other memory where backward has kept a tensor, unseen by its version."""
    for t in args:
        if isinstance(t, torch.Tensor) and t.device.type == "cpu":
            if not t.is_floating_point() and t.dtype not in (torch.bool, torch.complex64) and t.numel():
                t.data.copy_(huge())
            elif chance() < .5:
                t.data = torch.ones(random.choice([(), (0,), (1,), (2, 2)]), dtype=t.dtype)


def functions():
    spaces = {"torch": vars(torch), "Tensor": {n: getattr(torch.Tensor, n) for n in dir(torch.Tensor)}, "nn": vars(torch._C._nn),
              "linalg": vars(torch._C._linalg), "special": vars(torch._C._special), "op": torch._C._functions}
    return [(f"{space}.{name}", f, space == "Tensor", signatures(f)) for space, names in spaces.items() for name, f in names.items()
            if callable(f) and name not in SKIPPED and type(f).__name__ not in ("_Missing", "type")]


def describe(value):
    if isinstance(value, torch.Tensor):
        return f"{tuple(value.shape)} {value.dtype} {value.stride()} {value.requires_grad} {value.device}"
    return [describe(v) for v in value] if isinstance(value, (list, tuple)) else repr(value)


def main(seed, rounds, log=None):
    """log: a file that names the call under way."""
    random.seed(seed)
    torch.manual_seed(seed)
    calls = returned = 0
    everything = functions()
    for _ in range(rounds):
        for name, function, method, known in everything:
            args, kwargs = arguments(method, known)
            aliased(args, kwargs)
            if takes_steps(name, args):
                continue
            calls += 1
            if log:  # what a crash leaves behind
                os.ftruncate(log.fileno(), 0)
                os.pwrite(log.fileno(), f"{name} {[describe(a) for a in args]} { {k: describe(a) for k, a in kwargs.items()} }".encode(), 0)
            try:
                with hooks() if chance() < .03 else contextlib.nullcontext():
                    result = function(*args, **kwargs)
            except SystemError as error:  # a function broke CPython's rules
                raise SystemExit(f"{name}{args}{kwargs}: {error}")
            except (Exception, SystemExit):
                continue
            returned += 1
            if isinstance(result, torch.Tensor) and result.numel() < 10000:
                repr(result)
                if result.grad_fn is not None:
                    try:
                        if chance() < .1:
                            spoil(args)
                        result.sum().backward()
                    except Exception:
                        pass
    assert returned > calls / 10, "hardly anything fits: the generator is broken"
    print(f"{calls} calls, {returned} returned, {calls - returned} raised")


main(int(sys.argv[1]) if len(sys.argv) > 1 else 1, int(sys.argv[2]) if len(sys.argv) > 2 else 2,
     LOG)
