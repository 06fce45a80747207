"""Calls what a file of samples names, with whichever torch is on the path: perform.py

Lines on its input name files, FROM TO or `make NAME FROM`; each is done in a forked process and answered by a line.  What is kept of a call
is its result, its gradients and second gradients, its graph, what the in-place and out= forms do, its exception and its warnings.
"""
import os
import pickle
import re
import resource
import signal
import sys
import warnings

import torch

import carry

SECONDS, BYTES = 240, 6 << 30
NODES = 40


def plain(text):
    text = re.sub(r"0x[0-9a-f]+", "0x", text)
    return re.sub(r" \(Triggered internally at .*", "", text, flags=re.S)


def leaves(value):
    if isinstance(value, torch.Tensor):
        return [value]
    items = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
    return [leaf for item in items for leaf in leaves(item)]


def kept(value, given=(), unfilled=False):
    """A result as plain values; of memory that nobody filled only the layout."""
    if isinstance(value, torch.Tensor):
        if value.layout is not torch.strided:
            return ("other", str(value.layout))
        if value.device.type != "cpu":
            return ("tensor", str(value.dtype), tuple(value.size()), value.stride(), None, (), b"")
        at = {t.storage().data_ptr() for t in given}
        flags = tuple(word for word, is_so in (("requires_grad", value.requires_grad), ("view of an argument", at and value.numel() and value.storage().data_ptr() in at),
                                               ("conj", value.is_conj()), ("neg", value.is_neg())) if is_so)
        return ("tensor", str(value.dtype), tuple(value.size()), value.stride(), value.storage_offset(), flags,
                b"" if unfilled else carry.content(value))
    if isinstance(value, (list, tuple)) and not isinstance(value, torch.Size):
        return (type(value).__name__, [kept(item, given, unfilled) for item in value])
    if isinstance(value, dict):
        return ("dict", [(str(key), kept(item, given, unfilled)) for key, item in value.items()])
    return ("text", type(value).__name__, repr(value))


def graph(node, left):
    """The names of a graph's nodes as nested text."""
    if node is None:
        return "None"
    if left[0] <= 0:
        return "…"
    left[0] -= 1
    return node.name() + "(" + ", ".join(graph(child, left) for child, _ in node.next_functions) + ")"


def weights(t, shift):
    """A gradient to begin with: small numbers that every dtype holds exactly."""
    count = torch.arange(t.numel())
    numbers = ((count * 7 + shift) % 11 - 5).double() / 4
    if t.is_complex():
        numbers = torch.complex(numbers, ((count * 5 + shift) % 7 - 3).double() / 4)
    return numbers.to(t.dtype).reshape(t.size())


class Calls:
    """The calls of one case and what came of them."""

    def __init__(self, case):
        self.case, self.results = case, []

    def arguments(self):
        reader = carry.Reader(self.case["storages"])
        f = reader.value(self.case["f"])
        first, args, kwargs = (reader.value(self.case[key]) for key in ("input", "args", "kwargs"))
        pick = reader.value(self.case["pick"])
        if "constructor" in self.case:
            made = carry.Reader([])
            positional, named = map(made.value, self.case["constructor"])
            torch.manual_seed(0)
            module = f(*positional, **named)
            module.train(self.case["training"])
            self.parameters = list(module.parameters())
            return module, args, kwargs, None
        self.parameters = []
        return f, (first, *args), kwargs, pick

    def attempt(self, kind, call):
        """What a call gives, kept; the result itself, or None where it failed."""
        result, value = {}, None
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            torch.manual_seed(0)
            try:
                value = call()
                result["value"] = kept(value, self.given, self.case.get("unfilled")) if kind != "graph" else value
            except Exception as error:
                result["error"] = (type(error).__name__, plain(str(error)))
        result["warnings"] = sorted({f"{w.category.__name__}: {plain(str(w.message))}" for w in caught})
        self.results.append((kind, result))
        return value

    def forward(self):
        f, args, kwargs, pick = self.arguments()
        inputs = [t for t in [*self.parameters, *leaves(args), *leaves(kwargs)] if t.requires_grad]
        self.given = [*leaves(args), *leaves(kwargs)]
        result = self.attempt("value", lambda: f(*args, **kwargs))
        if result is None or not self.case.get("gradient"):
            return result
        outputs = [t for t in leaves(pick(result) if pick else result) if t.grad_fn is not None]
        if outputs and inputs:
            self.attempt("graph", lambda: [graph(t.grad_fn, [NODES]) for t in outputs])
            self.gradients(outputs, inputs)
        return result

    def gradients(self, outputs, inputs):
        second, self.given = self.case.get("second", False), []
        first = self.attempt("gradient", lambda: torch.autograd.grad(
            outputs, inputs, [weights(t, 0) for t in outputs], create_graph=second, allow_unused=True))
        outputs = [t for t in first or () if second and t is not None and t.requires_grad]
        if outputs:
            self.attempt("second", lambda: torch.autograd.grad(outputs, inputs, [weights(t, 3) for t in outputs], allow_unused=True))

    def in_place(self):
        f = carry.Reader([]).value(self.case["inplace"])
        _, args, kwargs, _ = self.arguments()
        if not isinstance(args[0], torch.Tensor):
            return
        first = args[0].detach().clone().requires_grad_(args[0].requires_grad)
        self.given = [first]
        target = first.clone() if first.requires_grad else first
        if self.attempt("in-place", lambda: f(target, *args[1:], **kwargs)) is not None and first.requires_grad:
            self.attempt("in-place graph", lambda: [graph(target.grad_fn, [NODES])] if target.grad_fn else None)

    def into(self, way, result):
        """out= with room that is right or wrong in one regard."""
        f, args, kwargs, _ = self.arguments()
        args, kwargs = without_gradients(args), without_gradients(kwargs)
        if not all(isinstance(t, torch.Tensor) for t in (result if isinstance(result, tuple) else [result])):
            return
        room = [place(t, way) for t in leaves(result)]
        self.given = [*leaves(args), *room]
        self.attempt(f"out= {way}", lambda: f(*args, **kwargs, out=tuple(room) if isinstance(result, tuple) else room[0]))

    def all(self):
        result = self.forward()
        if result is not None and self.case.get("out"):
            for way in self.case["out"]:
                self.into(way, result)
        if self.case.get("inplace") is not None:
            self.in_place()
        return self.results


def without_gradients(value):
    if isinstance(value, torch.Tensor):
        return value.detach()
    if isinstance(value, (list, tuple)) and not isinstance(value, torch.Size):
        return type(value)(map(without_gradients, value))
    return {key: without_gradients(item) for key, item in value.items()} if isinstance(value, dict) else value


def place(t, way):
    if way == "dtype":
        wrong = torch.int64 if t.is_floating_point() or t.is_complex() else torch.float32 if t.dtype == torch.bool else torch.bool
        return torch.zeros(t.size(), dtype=wrong)
    if way == "size":
        return torch.zeros((*t.size(), 2), dtype=t.dtype)
    if way == "gradient" and (t.is_floating_point() or t.is_complex()):
        return torch.zeros(t.size(), dtype=t.dtype, requires_grad=True)
    return torch.zeros_like(t.detach())


def perform(source, destination):
    with open(source, "rb") as file:
        rows, _ = pickle.load(file)
    with open(destination, "wb") as file:
        for case in rows:
            try:
                results = Calls(case).all()
            except Exception as error:
                results = [("setting up", {"error": (type(error).__name__, plain(str(error))), "warnings": []})]
            pickle.dump(results, file)
            file.flush()


def make(name, destination):
    import samples
    with open(destination, "wb") as file:
        pickle.dump(samples.cases_of(name), file)


def apart(job, *arguments):
    """Does it in a forked process; how that ended."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            if "LD_PRELOAD" not in os.environ:
                resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
            job(*arguments)
            status = 0
        except BaseException as error:
            print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        finally:
            os._exit(status)
    status = os.waitpid(child, 0)[1]
    return signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else str(status)


def main():
    for line in sys.stdin:
        words = line.split()
        if words == ["names"]:
            import samples
            print(*samples.names(), flush=True)
        else:
            print(apart(make, *words[1:]) if words[0] == "make" else apart(perform, *words), flush=True)


if __name__ == "__main__":
    main()
