"""Arguments, functions and results as plain values that one torch writes and another reads.

A tensor is its storage's bytes and how it lies in them, so that views of one storage stay views of one.  A function of torch is its
name; one that a test file defines is its code with what it closes over and the globals that it names.
"""
import builtins
import ctypes
import functools
import importlib
import marshal
import sys
import types

import torch

# Where torch's functions are looked for by name, the plainest place first.
PLACES = ("torch", "torch.nn.functional", "torch.linalg", "torch.special", "torch.fft", "torch.Tensor", "torch.nn", "torch.nn.init",
          "torch.nn.utils.rnn", "torch.masked", "torch.random", "torch._C._nn", "torch._C", "torch.autograd")
LARGEST = 1 << 21
DTYPES = "bool uint8 int8 int16 int32 int64 float16 bfloat16 float32 float64 complex32 complex64 complex128".split()


class Unfit(Exception):
    """What no file can hold."""


def found(path):
    """The object of a dotted name."""
    names = path.split(".")
    for end in range(len(names), 0, -1):
        name = ".".join(names[:end])
        if name in sys.modules:
            value = sys.modules[name]
            for rest in names[end:]:
                value = getattr(value, rest)
            return value
    raise AttributeError(path)


def names_of_functions():
    table = {}
    for place in reversed(PLACES):
        space = found(place)
        for name in dir(space):
            value = getattr(space, name, None)
            if callable(value):
                table[id(value)] = f"{place}.{name}"
    return table


class Writer:
    """Makes plain values of one sample; `storages` are its tensors' bytes."""

    names = None

    def __init__(self):
        if Writer.names is None:
            Writer.names = names_of_functions()
        self.storages, self.places, self.functions = [], {}, {}

    def tensor(self, t):
        if t.layout != torch.strided:
            raise Unfit(str(t.layout))
        if t.device.type == "meta":
            return ("meta", str(t.dtype)[6:], tuple(t.size()), t.stride())
        if t.device.type != "cpu":
            raise Unfit(str(t.device))
        storage = t.storage()._untyped() if hasattr(t.storage(), "_untyped") else t.storage().untyped()
        at, size = storage.data_ptr(), storage.nbytes()
        if size > LARGEST:
            raise Unfit(f"{size} bytes")
        index = self.places.get((at, size))
        if index is None:
            index = self.places[at, size] = len(self.storages)
            self.storages.append(ctypes.string_at(at, size) if size else b"")
        return ("tensor", index, str(t.dtype)[6:], tuple(t.size()), t.stride(), t.storage_offset(), t.requires_grad and t.is_leaf,
                t.is_conj(), t.is_neg(), type(t) is torch.nn.Parameter)

    def function(self, f):
        if id(f) in self.names:
            return ("name", self.names[id(f)])
        if id(f) in self.functions:
            return ("again", self.functions[id(f)])
        module = getattr(f, "__module__", None) or ""
        if getattr(f, "__name__", "") == "freeze_rng_state":  # seeds are set before every call
            return ("standard", "contextlib", "nullcontext")
        if isinstance(f, type) or not isinstance(f, types.FunctionType):
            owner = getattr(f, "__self__", None)
            if isinstance(owner, torch._C.Generator):
                raise Unfit("a generator")
            if isinstance(f, functools.partial):
                return ("partial", self.value(f.func), [self.value(item) for item in f.args], self.value(f.keywords))
            if not hasattr(f, "__qualname__"):
                raise Unfit(f"a {type(f).__name__}")
            if module == "builtins" or module.split(".")[0] in sys.stdlib_module_names:
                return ("standard", module, f.__qualname__)
            if hasattr(f, "__objclass__") and f.__objclass__ in (torch.Tensor, torch._C._TensorBase):
                return ("name", f"torch.Tensor.{f.__name__}")
            raise Unfit(f"a {type(f).__name__}")
        if module.split(".")[0] in sys.stdlib_module_names:
            return ("standard", module, f.__qualname__)
        number = self.functions[id(f)] = len(self.functions)
        spoken, codes = set(), [f.__code__]
        while codes:
            code = codes.pop()
            spoken.update(code.co_names)
            codes += [constant for constant in code.co_consts if isinstance(constant, types.CodeType)]
        space = {name: self.value(f.__globals__[name]) for name in sorted(spoken) if name in f.__globals__}
        cells = [self.value(cell.cell_contents) for cell in f.__closure__ or ()]
        return ("code", number, marshal.dumps(f.__code__), f.__name__, space, cells, self.value(f.__defaults__), self.value(f.__kwdefaults__))

    def value(self, v):
        if v is None or isinstance(v, (bool, int, float, complex, str, bytes)) and type(v).__module__ == "builtins":
            return v
        if isinstance(v, torch.Tensor):
            return self.tensor(v)
        if isinstance(v, torch.Size):
            return ("size", list(v))
        if type(v) in (list, tuple, set):
            return (type(v).__name__, [self.value(item) for item in v])
        if isinstance(v, tuple):
            return ("tuple", [self.value(item) for item in v])
        if isinstance(v, dict):
            return ("dict", [(self.value(key), self.value(item)) for key, item in v.items()])
        if isinstance(v, slice):
            return ("slice", [self.value(item) for item in (v.start, v.stop, v.step)])
        if v is Ellipsis:
            return ("ellipsis",)
        if isinstance(v, torch.dtype):
            return ("dtype", str(v)[6:])
        if isinstance(v, (torch.layout, torch.memory_format)):
            return ("constant", str(v)[6:])
        if isinstance(v, torch.device):
            return ("device", str(v))
        if isinstance(v, types.ModuleType):
            return ("module", v.__name__)
        if type(v).__module__ == "numpy" and getattr(v, "ndim", None) == 0:
            return self.value(v.item())
        if type(v).__module__ == "numpy" and type(v).__name__ == "ndarray":
            return ("array", str(v.dtype), v.shape, v.tobytes())
        if callable(v):
            return self.function(v)
        raise Unfit(f"a {type(v).__name__}")


class Reader:
    """Makes objects of the torch at hand; every reading has storages of its own."""

    def __init__(self, storages):
        self.bytes, self.storages, self.functions = storages, {}, {}

    def tensor(self, index, dtype, size, stride, offset, gradient, conj, neg, parameter):
        dtype = getattr(torch, dtype)
        if not self.bytes[index]:
            t = torch.empty_strided(size, stride, dtype=dtype)
        else:
            if index not in self.storages:
                # 64 bytes apart as PyTorch's own memory, or other loops would run.
                source = torch.frombuffer(bytearray(self.bytes[index]), dtype=torch.uint8)
                self.storages[index] = torch.empty(len(self.bytes[index]), dtype=torch.uint8).copy_(source)
            base = self.storages[index]
            t = torch.empty(0, dtype=dtype).set_(base.view(dtype).storage(), offset, size, stride)
        if neg:
            t = torch._neg_view(t)
        if conj:
            t = t.conj()
        if parameter:
            return torch.nn.Parameter(t, requires_grad=gradient)
        return t.requires_grad_() if gradient else t

    def function(self, number, code, name, space, cells, defaults, named):
        spoken = {"__builtins__": builtins, "__name__": "samples"}
        f = types.FunctionType(marshal.loads(code), spoken, name, None, tuple(types.CellType() for _ in cells))
        self.functions[number] = f
        spoken.update({key: self.value(item) for key, item in space.items()})
        for cell, item in zip(f.__closure__ or (), cells):
            cell.cell_contents = self.value(item)
        f.__defaults__, f.__kwdefaults__ = self.value(defaults), self.value(named)
        return f

    def value(self, v):
        if not isinstance(v, tuple):
            return v
        kind, *rest = v
        if kind == "tensor":
            return self.tensor(*rest)
        if kind == "meta":
            return torch.empty_strided(rest[1], rest[2], dtype=getattr(torch, rest[0]), device="meta")
        if kind in ("list", "tuple", "set"):
            return {"list": list, "tuple": tuple, "set": set}[kind](self.value(item) for item in rest[0])
        if kind == "dict":
            return {self.value(key): self.value(item) for key, item in rest[0]}
        if kind == "code":
            return self.function(*rest)
        if kind == "partial":
            return functools.partial(self.value(rest[0]), *map(self.value, rest[1]), **self.value(rest[2]))
        if kind == "array":
            import numpy
            return numpy.frombuffer(bytearray(rest[2]), dtype=rest[0]).reshape(rest[1])
        return {"size": lambda: torch.Size(rest[0]), "slice": lambda: slice(*map(self.value, rest[0])), "ellipsis": lambda: Ellipsis,
                "dtype": lambda: getattr(torch, rest[0]), "constant": lambda: getattr(torch, rest[0]),
                "device": lambda: torch.device(rest[0]), "module": lambda: importlib.import_module(rest[0]),
                "name": lambda: found(rest[0]), "again": lambda: self.functions[rest[0]],
                "standard": lambda: standard(*rest)}[kind]()


def standard(module, name):
    value = importlib.import_module(module)
    for part in name.split("."):
        value = getattr(value, part)
    return value


def content(t):
    """The bytes of a tensor's elements in order."""
    if getattr(t, "_is_zerotensor", bool)():
        return bytes(t.numel() * t.element_size())
    plain = t.detach().resolve_conj().resolve_neg().contiguous()
    size = plain.numel() * plain.element_size()
    return ctypes.string_at(plain.data_ptr(), size) if size else b""
