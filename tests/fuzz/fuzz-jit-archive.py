"""Damaged TorchScript archives: reading ends with an exception or with a module, and never crashes.

The parts of an archive are changed inside the zip, so that its checksums do not stand before the readers of code and
pickles; the zip itself is cut short and changed too.  A child process reads them: if it dies, the round is named.  Damaged code
may well run for ever or take ever more memory when it is called: that ends after a while, and is no failure."""

import io
import os
import random
import resource
import signal
import sys
import zipfile

import torch
from torch import nn


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(3, 3), nn.Linear(3, 3)])
        self.scale = 2

    def forward(self, x, flag: bool = False):
        parts = [x]
        for i, layer in enumerate(self.layers):
            x = layer(x) * i
            parts.append(x)
        if flag:
            raise ValueError("bad {}".format(len(parts)))
        y = torch.cat(parts, dim=1)
        while bool(y.sum() < 0):
            y = y + self.scale
        return y, {"a": x}, (parts[0], "text"[1:3])


def archive():
    file = io.BytesIO()
    torch.jit.save(torch.jit.script(Model()), file)
    return file.getvalue()


def rebuilt(data, change):
    """The archive with one part changed."""
    source, out = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
    names = source.namelist()
    chosen = random.choice([n for n in names if n.endswith((".py", ".pkl"))])
    with zipfile.ZipFile(out, "w") as target:
        for name in names:
            part = source.read(name)
            target.writestr(name, change(part) if name == chosen else part)
    return out.getvalue()


def changed_bytes(part):
    part = bytearray(part)
    for _ in range(random.randint(1, 4)):
        part[random.randrange(len(part))] = random.choice((0, 10, 32, 40, 41, 44, 46, 91, 93, 128, 255, random.randrange(256)))
    return bytes(part)


def changed_words(part):
    """Two words of code change places, one goes or is doubled: the grammar often holds, the types do not."""
    words = part.split(b" ")
    i, j = random.randrange(len(words)), random.randrange(len(words))
    words[i], words[j] = random.choice(((words[j], words[i]), (words[j], words[j]), (b"", words[j]), (b"None", words[j])))
    return b" ".join(words)


def damaged(data):
    kind = random.randrange(4)
    if kind == 0:
        return data[:random.randrange(len(data))]
    if kind == 1:
        return changed_bytes(data)
    return rebuilt(data, changed_bytes if kind == 2 else changed_words)


def runs_nothing(data):
    """Types and constants of an archive's code are read, not run."""
    source = zipfile.ZipFile(io.BytesIO(data))
    code = next(n for n in source.namelist() if n.endswith(".py") and b"flag: bool=False" in source.read(n))
    text = source.read(code).decode()
    for place in "x: Tensor", "bool=False":
        assert place in text
        for bad in "__import__('sys').exit(3)", "[exit(3) for i in 'a'][0]", "(lambda: exit(3))()", "().__class__.__base__":
            out = io.BytesIO()
            with zipfile.ZipFile(out, "w") as target:
                for name in source.namelist():
                    changed = text.replace(place, ("bool=" if "=" in place else "x: ") + bad)
                    target.writestr(name, changed if name == code else source.read(name))
            try:
                torch.jit.load(io.BytesIO(out.getvalue()))
            except RuntimeError as error:
                if "does not belong in a TorchScript archive" in str(error):
                    continue
                raise
            sys.exit(f"{bad} was read as a type or a constant")


MOST_NBYTES = 2 << 30
MOST_SECONDS = 10


def read(data):
    try:
        module = torch.jit.load(io.BytesIO(data))
        module.code
        signal.alarm(MOST_SECONDS)
        module(torch.ones(2, 3))
    except Exception:
        pass
    finally:
        signal.alarm(0)


def main():
    rounds = 60 * int(os.environ.get("FUZZ_ROUNDS", "1"))
    seed = int(os.environ.get("FUZZ_SEED", "20261128"))
    data = archive()
    runs_nothing(data)
    for i in range(rounds):
        child = os.fork()
        if child == 0:
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, 1)
            if "asan" not in os.environ.get("LD_PRELOAD", ""):  # whose shadow is larger than any limit
                resource.setrlimit(resource.RLIMIT_AS, (MOST_NBYTES, MOST_NBYTES))
            for k in range(10):
                random.seed(seed + i * 10 + k)
                read(damaged(data))
            os._exit(0)
        status = os.waitpid(child, 0)[1]
        if status and not (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGALRM):
            sys.exit(f"FUZZ_SEED={seed}: round {i} ended with status {status}")
    print(f"{rounds * 10} damaged archives")


main()
