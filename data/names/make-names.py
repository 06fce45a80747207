"""make-names.py OUTPUT: what the editor knows of the torch package, for completion and help.

{"torch.nn": {"Linear": ["class", "in_features, out_features, bias=True, …", "y = x A^T + b."], …}, "torch.Tensor": {…}}
Names that are not built (they raise NotImplementedError) and private ones are left out."""
import importlib
import inspect
import json
import re
import sys

import torch

MODULES = ["torch", "torch.nn", "torch.nn.functional", "torch.nn.init", "torch.nn.utils", "torch.nn.utils.rnn",
           "torch.nn.utils.parametrize", "torch.nn.utils.prune", "torch.optim", "torch.optim.lr_scheduler", "torch.utils.data",
           "torch.utils.checkpoint", "torch.autograd", "torch.autograd.functional", "torch.linalg", "torch.fft", "torch.special",
           "torch.distributions", "torch.jit", "torch.random", "torch.profiler", "torch.cuda.amp", "torch.fx"]
CLASSES = {"torch.Tensor": torch.Tensor, "torch.nn.Module": torch.nn.Module, "torch.optim.Optimizer": torch.optim.Optimizer,
           "torch.utils.data.DataLoader": torch.utils.data.DataLoader, "torch.autograd.Function": torch.autograd.Function,
           "torch.Generator": torch.Generator, "torch.Size": torch.Size}


def kind_of(value):
    if inspect.ismodule(value):
        return "module"
    if inspect.isclass(value):
        return "class"
    return "function" if callable(value) else "value"


def signature_of(value, name, document):
    """The arguments as one writes them, without self; "" when nothing tells them."""
    first = document.split("\n", 1)[0]
    match = re.match(re.escape(name) + r"\((.*)\)$", first)
    if match:
        return re.sub(r"\b(Tensor|Number|int|bool|float|str|tuple of \w+|torch\.\w+)\?? (?=\w)", "", match.group(1))
    try:
        parameters = list(inspect.signature(value).parameters.values())
    except (TypeError, ValueError):
        return ""
    if parameters and parameters[0].name in ("self", "input_", "cls"):
        parameters = parameters[1:]
    return str(inspect.Signature([p.replace(annotation=inspect.Parameter.empty) for p in parameters]))[1:-1]


def text_of(name, document):
    """What it does, without the line of its arguments."""
    lines = document.strip().split("\n")
    while lines and (lines[0].startswith(name + "(") or not lines[0].strip()):
        lines.pop(0)
    return re.sub(r"\s+", " ", " ".join(lines)).strip()


def members(owner):
    found = {}
    for name in dir(owner):
        if name.startswith("_"):
            continue
        try:
            value = getattr(owner, name)
        except Exception:  # a name that is not built says so when it is asked for
            continue
        if inspect.ismodule(value) and not value.__name__.startswith("torch"):
            continue
        if type(value).__name__ == "_Missing":
            continue
        document = inspect.getdoc(value) if callable(value) else ""
        if inspect.isclass(value) and document and document == inspect.getdoc(object):
            document = ""
        found[name] = [kind_of(value), signature_of(value, name, document or "") if callable(value) else "",
                       text_of(name, document or "")]
    return found


def lend_documents(layers, functions):
    """A function that says nothing of itself does what its layer does: cross_entropy, CrossEntropyLoss."""
    texts = {re.sub("loss$", "", name.lower()): row[2] for name, row in layers.items() if row[0] == "class"}
    for name, row in functions.items():
        row[2] = row[2] or texts.get(re.sub("loss$", "", name.replace("_", "")), "")


def main(output):
    index = {}
    for path in MODULES:
        try:
            index[path] = members(importlib.import_module(path))
        except (ImportError, NotImplementedError):
            continue
    for path, owner in CLASSES.items():
        index[path] = members(owner)
    lend_documents(index["torch.nn"], index["torch.nn.functional"])
    with open(output, "w", encoding="utf-8") as file:
        json.dump(index, file, ensure_ascii=False, indent=0, sort_keys=True)


main(sys.argv[1])
