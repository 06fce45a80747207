"""Writes engine/python/torch/_signatures.txt: what PyTorch's functions and methods take, as its errors say it.

Needs PyTorch with torchgen (python3-torch).  A line is one overload: where it is, its name, its parameters as the errors
list them ("tuple of ints[2]? stride=": a number stands for two, None passes, there is a default).  The order of overloads is
that in which PyTorch lists them.
"""
import inspect
import os
import re

import torch
import torchgen
from torchgen.api.python import signature
from torchgen.gen import parse_native_yaml
from torchgen.model import Variant

TYPES = {"Scalar": "Number", "int64_t": "int", "double": "float", "IntArrayRef": "tuple of ints", "TensorList": "tuple of Tensors",
         "SymIntArrayRef": "tuple of SymInts", "DimnameList": "tuple of names", "Dimname": "name", "Generator": "torch.Generator",
         "ScalarType": "torch.dtype", "Layout": "torch.layout", "Device": "torch.device", "MemoryFormat": "torch.memory_format",
         "c10::string_view": "str", "Storage": "torch.Storage", "ArrayRef<double>": "tuple of floats",
         "ScalarList": "tuple of Scalars", "ArrayRef<Scalar>": "tuple of Scalars", "Stream": "Stream",
         "c10::List<c10::optional<Tensor>>": "tuple of Tensors"}
SPACES = {"torch": torch._C._VariableFunctions, "Tensor": torch._C._TensorBase, "nn": torch._C._nn, "linalg": torch._C._linalg, "special": torch._C._special,
          "fft": torch._C._fft}
# Rows that PyTorch leaves to the overload with a Tensor, which takes numbers too.
SKIPPED = {f"{name}.Scalar" for name in ("add", "add_", "sub", "sub_", "mul", "mul_", "div", "div_")}
# Written by hand in PyTorch, so that no schema says what they take.
BY_HAND = """
Tensor.nonzero
Tensor.nonzero *, bool as_tuple
Tensor.size int dim
Tensor.size
Tensor.size name dim
Tensor.stride int dim
Tensor.stride
Tensor.stride name dim
Tensor.set_
Tensor.set_ torch.Storage source
Tensor.set_ torch.Storage source, int storage_offset, tuple of ints size, tuple of ints stride=
Tensor.set_ Tensor source
Tensor.set_ Tensor source, SymInt storage_offset, tuple of SymInts size, tuple of SymInts stride=
Tensor.to torch.device? device=, torch.dtype? dtype=, bool non_blocking=, bool copy=, *, torch.memory_format? memory_format=
Tensor.to torch.dtype dtype, bool non_blocking=, bool copy=, *, torch.memory_format? memory_format=
Tensor.to Tensor tensor, bool non_blocking=, bool copy=, *, torch.memory_format? memory_format=
Tensor.type object? dtype=, bool non_blocking=, *, torch.memory_format? memory_format=
Tensor.type -
Tensor.cpu *, torch.memory_format? memory_format=
Tensor.cuda torch.device? device=, bool non_blocking=, *, torch.memory_format? memory_format=
Tensor.cuda -
Tensor.contiguous *, torch.memory_format memory_format=
Tensor.is_contiguous *, torch.memory_format memory_format=
Tensor.requires_grad_ bool requires_grad=
Tensor.map_ Tensor other, object callable
Tensor.map2_ Tensor x, Tensor y, object callable
Tensor.new_tensor object data, *, torch.dtype? dtype=, torch.device? device=, bool requires_grad=
torch.new *, torch.device? device=
torch.new torch.Storage storage
torch.new Tensor other
torch.new tuple of ints size, *, torch.device? device=
torch.new object data, *, torch.device? device=
torch.tensor object data, *, torch.dtype? dtype=, torch.device? device=, bool pin_memory=, bool requires_grad=, tuple of names? names=
torch.as_tensor object data, *, torch.dtype? dtype=, torch.device? device=
torch.asarray object obj, *, torch.dtype? dtype=, torch.device? device=, bool? copy=, bool requires_grad=
torch.frombuffer object buffer, *, torch.dtype dtype, int count=, int offset=, bool requires_grad=
torch.nonzero Tensor input, *, bool as_tuple=, Tensor? out=
torch.Device torch.device device
torch.Device str type, int index=
Tensor.copy_ Tensor other, bool non_blocking=
Tensor.copy_ -
torch.numel Tensor input
torch.get_device Tensor input
torch.range Number start, Number end, Number step=, *, Tensor? out=, torch.dtype? dtype=, torch.layout? layout=, torch.device? device=, bool? pin_memory=, bool? requires_grad=
torch.sparse_coo_tensor object indices, object values, *, torch.dtype? dtype=, torch.device? device=, bool requires_grad=
torch.sparse_coo_tensor object indices, object values, tuple of ints size, *, torch.dtype? dtype=, torch.device? device=, bool requires_grad=
torch.sparse_coo_tensor tuple of ints size, *, torch.dtype? dtype=, torch.device? device=, bool requires_grad=
""" + "".join(f"Tensor.{name} *, torch.memory_format? memory_format=\n" for name in (
    "bfloat16", "bool", "byte", "cdouble", "cfloat", "char", "double", "float", "half", "int", "long", "short"))
# An old form is tried too, but not shown.
WITH_OLD_FORMS = ("add", "addbmm", "addcdiv", "addcmul", "addmm", "addmv", "addr", "baddbmm", "sub")


def parameter(text):
    if text == "*":
        return text
    match = re.fullmatch(r"(.+?)(\[\d+\])?(\?)? (\w+)(=.*)?", text)
    kind, size, optional, name, default = match.groups()
    if default and default[1:] in ("None",) or optional:
        optional = "?"
    return f"{TYPES.get(kind, kind)}{size or ''}{optional or ''} {name}{'=' if default else ''}"


def parameters(sig):
    text = sig.signature_str()
    inner = text[text.index("(") + 1:text.rindex(")")]
    return ", ".join(parameter(p) for p in inner.split(", ")) if inner else ""


def shown(line):
    return re.sub(r"(\[\d+\])?\??( \w+)=?", r"\2", line)


def listed(space, name):
    """The overloads in PyTorch's order, from its own words; none when there is only one."""
    function, rows = getattr(SPACES[space], name, None), []
    for count in (1, 2, 60):  # texts are cut after 1023 characters: the shortest call shows most
        try:
            function(*([torch.ones(())] if space == "Tensor" else []), **{f"_{i}": 1 for i in range(count)})
        except Exception as error:
            found = re.findall(r"^ \* \((.*)\)$", str(error), re.M)
            rows = found if len(found) > len(rows) else rows
    return rows


def overloads():
    root = os.path.join(os.path.dirname(torchgen.__file__), "packaged", "ATen", "native")
    table = {}
    for f in parse_native_yaml(root + "/native_functions.yaml", root + "/tags.yaml").native_functions:
        if "generated" in f.tags or str(f.func.name) in SKIPPED:
            continue
        name = str(f.func.name.name)
        spaces = []
        if Variant.method in f.variants:
            spaces.append("Tensor")
        if Variant.function in f.variants:
            spaces.append(f.python_module or "torch")
        for space in spaces:
            if space not in SPACES or not hasattr(SPACES[space], name) or name == "requires_grad_":
                continue
            sig = signature(f, method=space == "Tensor")
            table.setdefault((space, name), {}).setdefault(sig.signature_str(skip_outputs=True), []).append(sig)
    return table


def python_functions():
    """What PyTorch writes in Python, whose errors are Python's: "def-torch.NAME object a, object b="."""
    for space, module in (("torch", torch), ("torch", torch.functional), ("nn", torch.nn.functional)):
        for name, function in sorted(vars(module).items()):
            if inspect.isfunction(function) and name[0] != "_" and function.__name__ == name and not function.__closure__ \
                    and (space == "nn" or getattr(torch, name, None) is function):
                if module is torch and function.__module__ != "torch":
                    continue
                names, star = [], False
                for p in inspect.signature(function).parameters.values():
                    if p.kind is p.VAR_POSITIONAL or p.kind is p.VAR_KEYWORD:
                        break
                    if p.kind is p.KEYWORD_ONLY and not star:
                        names.append("*")
                        star = True
                    names.append("object " + p.name + ("" if p.default is p.empty else "="))
                else:
                    yield f"def-{space}.{name} {', '.join(names)}"


def main(to):
    lines = []
    hand = {}
    for line in BY_HAND.strip().splitlines():
        head, _, rest = line.partition(" ")
        hand.setdefault(tuple(head.split(".", 1)), []).append(rest)
    table = {k: [max((parameters(s) for s in group), key=len) for group in v.values()] for k, v in overloads().items()}
    table.update(hand)
    for space, name in table:
        if name.rstrip("_") in WITH_OLD_FORMS and space in ("torch", "Tensor"):
            table[space, name].append("-")
    for (space, name), rows in sorted(table.items()):
        order = listed(space, name)
        if len(rows) > 1 or order:
            def rank(row):
                return order.index(shown(row)) if shown(row) in order else 99
            if [row for row in order if row not in map(shown, rows)]:
                print("other rows are listed for", space, name, rows, order)
            rows = sorted(rows, key=rank)
        lines += [f"{space}.{name} {row}".rstrip() for row in rows]
    lines += python_functions()
    with open(to, "w", encoding="ascii") as file:
        file.write("# PyTorch's overloads, recorded by tests/differential/record_signatures.py\n")
        file.write("\n".join(lines) + "\n")
    print(len(lines), "overloads")


main(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "engine", "python", "torch", "_signatures.txt"))
