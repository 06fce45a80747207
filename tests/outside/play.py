"""Executes the programs of a JSON file one by one, each in a process of its own: play.py FROM TO

Whichever torch is on the path runs.  A program is a list of statements; what is written down for each is its output, its
exception and its warnings.
"""
import contextlib
import gc
import io
import json
import os
import random
import re
import select
import signal
import sys
import tempfile
import time
import warnings

SECONDS = 60
# What the docs take for granted; each line is left out where it fails.
GIVEN = """
import math, os, collections, functools, itertools
import numpy as np
from torch import nn, optim, Tensor
import torch.nn.functional as F
import torch.utils.data
from torch.utils.data import *
from torch.autograd import *
from torch.optim import *
from torch.optim.lr_scheduler import *
from torch.nn.utils import *
from torch.nn import *
from torch.distributions import *
from typing import *
model, module = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2)), nn.Linear(3, 2)
optimizer = optim.SGD(model.parameters(), lr=0.1)
input, target = torch.linspace(-1, 1, 12).view(4, 3), torch.linspace(0, 1, 8).view(4, 2)
loss_fn = criterion = nn.MSELoss()
train = validate = lambda *args, **kwargs: 0.5
dataset = TensorDataset(input, target)
data_loader = loader = dataloader = DataLoader(dataset, batch_size=2)
""".strip().splitlines()


def quietly(source, space):
    with contextlib.suppress(Exception):
        exec(source, space)


def given(program):
    import torch
    space = {"__name__": "__main__", "torch": torch}
    for line in GIVEN:
        quietly(line, space)
    if program["module"].startswith("torch.") and not program["module"].startswith("torch.nn.functional"):
        quietly(f"from {program['module']} import *", space)
        quietly(f"from {program['module']} import {program['name'][len(program['module']) + 1:].split('.')[0]}", space)
    return space


def plain(text):
    """Without addresses, paths and places in C++."""
    text = re.sub(r"0x[0-9a-f]+", "0x", text)
    text = re.sub(r" \(Triggered internally at .*", "", text)
    text = re.sub(r"(?:/[\w.+-]+)+/(?=[\w-]+\.py)", "", text)
    return re.sub(r"(?:/tmp|/var/tmp)/[\w./-]+", "/tmp/", text)


def play(program):
    import torch
    space, results = given(program), []
    random.seed(0)
    torch.manual_seed(0)
    quietly("np.random.seed(0)", space)
    for statement in program["statements"]:
        out, result = io.StringIO(), {}
        with contextlib.redirect_stdout(out), warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                exec(compile(statement, "<example>", "single"), space)
            except (Exception, SystemExit) as error:
                result["error"] = [type(error).__name__, plain(str(error))]
        result["text"] = plain(out.getvalue())
        result["warnings"] = sorted({f"{w.category.__name__}: {plain(str(w.message))}" for w in caught})
        results.append(result)
    return results


def apart(program):
    """The results of a program in a forked process; the name of its end if it did not come to one."""
    get, put = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(get)
        status = 1
        try:
            with tempfile.TemporaryDirectory() as folder, open(put, "wb") as file, open(os.devnull, "r+b") as null:
                for stream in 0, 1, 2:
                    os.dup2(null.fileno(), stream)
                os.chdir(folder)
                file.write(json.dumps(play(program)).encode())
                os.chdir("/")
            status = 0
        finally:
            os._exit(status)
    os.close(put)
    parts, end = [], time.monotonic() + SECONDS
    while select.select([get], [], [], max(0, end - time.monotonic()))[0]:
        part = os.read(get, 1 << 16)
        if not part:
            break
        parts.append(part)
    else:
        os.kill(child, signal.SIGKILL)
        parts = [b'"time is up"']
    os.close(get)
    status = os.waitpid(child, 0)[1]
    if parts:
        return json.loads(b"".join(parts))
    return f"ended with {signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else status}"


def main(source, destination):
    with open(source, encoding="utf-8") as file:
        programs = json.load(file)
    for module in {program["module"] for program in programs}:
        given({"module": module, "name": module})  # imports what the forked processes need
    gc.freeze()  # else each child's collector writes to all that it shares with its parent, which copies it
    results = [apart(program) for program in programs]
    with open(destination, "w", encoding="utf-8") as file:
        json.dump(results, file)


main(*sys.argv[1:])
