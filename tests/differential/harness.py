"""Comparing the engine with PyTorch.

A test file lists cases and ends in run (__file__):

    from harness import case, expressions, run

    expressions('''
    torch.ones(2) + 1
    torch.ones(2).add("x")
    ''', x="torch.arange(6.).view(2, 3)")        # names are made anew for each line

    @case
    def training():
        ...
        return losses

    run(__file__)

Run by itself, a file executes its cases on the engine (build/engine/python, or $GRADBOARD_ENGINE) and compares with
the recording in fixtures/, and also with PyTorch itself where python3-torch is installed; `--recorded` and `--live` compare
with one of them.  `--record` writes the recording, on PyTorch.  Compared are values, dtype, sizes, strides, requires_grad, name of grad_fn, printed text,
errors with their text, and warnings.
"""

import functools
import importlib.util
import json
import math
import os
import re
import subprocess
import sys
import tempfile
import warnings

HERE = os.path.dirname(os.path.abspath(__file__))
PYTHON = "/usr/bin/python3"
TOLERANCE = {"torch.float16": (1e-3, 1e-5), "torch.bfloat16": (1.6e-2, 1e-5), "torch.float32": (1.3e-6, 1e-5),
             "torch.float64": (1e-7, 1e-7), "torch.complex64": (1.3e-6, 1e-5), "torch.complex128": (1e-7, 1e-7)}
_cases = []


def case(function=None, *, rtol=None, atol=None):
    """A function whose result (or exception) is compared."""
    if function is None:
        return lambda f: case(f, rtol=rtol, atol=atol)
    _cases.append((function.__name__, function, {"rtol": rtol, "atol": atol}))
    return function


def expressions(text, *, rtol=None, atol=None, setup="", **names):
    """One case for each line; names are expressions evaluated before it, setup is a statement."""
    for line in text.strip().splitlines():
        line = line.strip()
        if line and not line.startswith("#"):
            _cases.append((line, _evaluate(line, names, setup), {"rtol": rtol, "atol": atol}))


def named_program(text, start=""):
    """A case of several statements; its result is the variable r."""
    def run_program():
        import torch
        space = {"torch": torch, "nan": math.nan, "inf": math.inf, "F": torch.nn.functional, "nn": torch.nn, "__name__": "program"}
        exec(start + text, space)
        return space.get("r")
    _cases.append((text, run_program, {"rtol": None, "atol": None}))


def _evaluate(line, names, setup):
    def run_line():
        import torch
        space = {"torch": torch, "nan": math.nan, "inf": math.inf, "F": torch.nn.functional if "F." in line else None,
                 "nn": torch.nn if "nn." in line else None}
        torch.manual_seed(0)
        exec(setup, space)
        for name, source in names.items():
            if re.search(rf"\b{name}\b", line) or any(re.search(rf"\b{name}\b", other) for other in names.values()):
                space[name] = eval(source, space)
        if ";" in line:
            *statements, line_ = line.split(";")
            exec(";".join(statements), space)
            return eval(line_.strip(), space)
        return eval(line, space)
    return run_line


# ---- results as JSON ----
def _number(value):
    if isinstance(value, float):
        return {"f": repr(value)}
    return value


def describe(value, depth=0):
    import torch
    if isinstance(value, torch.Tensor):
        node = value.grad_fn
        out = {"tensor": str(value.dtype), "size": list(value.shape), "stride": list(value.stride()),
               "requires_grad": value.requires_grad, "node": None if node is None else type(node).__name__,
               "class": type(value).__name__}
        if not value.is_meta:
            flat = value.detach().reshape(-1)
            out["values"] = [repr(v) for v in flat.tolist()]
        return out
    if isinstance(value, (tuple, list)):
        return {type(value).__name__: [describe(v) for v in value]}
    if isinstance(value, dict):
        return {"dict": [[describe(k), describe(v)] for k, v in value.items()]}
    if isinstance(value, float):
        return {"float": repr(value)}
    if isinstance(value, str):
        return {"str": value}
    return {"repr": re.sub(r"0x[0-9a-f]+", "0x", repr(value))}


def outcome(function):
    import torch
    torch.manual_seed(0)
    torch.set_printoptions(profile="default")
    torch.set_grad_enabled(True)
    torch.set_default_dtype(torch.float32)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            out = describe(function())
        except Exception as error:
            out = {"error": type(error).__name__, "text": re.sub(r"0x[0-9a-f]+", "0x", str(error))}
    texts = [re.sub(r" \(Triggered internally at .*|0x[0-9a-f]+", "", str(w.message)) for w in caught]
    if texts:
        out["warnings"] = texts
    return out


# ---- comparing ----
def _close(a, b, dtype, options):
    if a == b:
        return True
    try:
        x, y = complex(a), complex(b)
    except ValueError:
        return False
    if x.imag or y.imag or "j" in b:
        return all(p == q or math.isnan(p) and math.isnan(q) or _within(p, q, abs(y), dtype, options)
                   for p, q in ((x.real, y.real), (x.imag, y.imag)))
    x, y = x.real, y.real
    if math.isnan(x) or math.isnan(y):
        return math.isnan(x) and math.isnan(y)
    return _within(x, y, abs(y), dtype, options)


def _within(x, y, size, dtype, options):
    rtol, atol = TOLERANCE.get(dtype, (0, 0))
    rtol = options["rtol"] if options.get("rtol") is not None else rtol
    atol = options["atol"] if options.get("atol") is not None else atol
    return abs(x - y) <= atol + rtol * size


def difference(mine, theirs, options, path=""):
    """None, or what is different."""
    if isinstance(mine, dict) and isinstance(theirs, dict):
        if "values" in mine and "values" in theirs:
            for i, (a, b) in enumerate(zip(mine["values"], theirs["values"])):
                if not _close(a, b, theirs["tensor"], options):
                    return f"{path}[{i}]: {a} instead of {b}"
        if "float" in mine and "float" in theirs:
            return None if _close(mine["float"], theirs["float"], "torch.float32", options) else \
                f"{path}: {mine['float']} instead of {theirs['float']}"
        for key in sorted(set(mine) | set(theirs)):
            if key == "values":
                continue
            if key not in mine or key not in theirs:
                return f"{path}.{key}: {mine.get(key)!r} instead of {theirs.get(key)!r}"
            found = difference(mine[key], theirs[key], options, f"{path}.{key}")
            if found:
                return found
        return None
    if isinstance(mine, list) and isinstance(theirs, list):
        if len(mine) != len(theirs):
            return f"{path}: {mine} instead of {theirs}"
        for i, (a, b) in enumerate(zip(mine, theirs)):
            found = difference(a, b, options, f"{path}[{i}]")
            if found:
                return found
        return None
    return None if mine == theirs else f"{path}: {mine!r}\n      instead of {theirs!r}"


# ---- running ----
def engine_path():
    return os.environ.get("GRADBOARD_ENGINE") or os.path.join(HERE, "..", "..", "build", "engine", "python")


# A test file imports torch at its top, after this module; the process that only compares takes any torch for that.
if "--dump" not in sys.argv and importlib.util.find_spec("torch") is None:
    sys.path.append(engine_path())


def environment(on_engine):
    """Of a process in which the engine, or PyTorch, is `torch`."""
    settings = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "GRADBOARD_ENGINE")}
    settings.update(OPENBLAS_NUM_THREADS="1", ATEN_CPU_CAPABILITY="avx2", PYTHONDONTWRITEBYTECODE="1")
    quick = os.path.join(engine_path(), "..", "..", "tests", "differential", "no-backtraces.so")
    if on_engine:
        settings["PYTHONPATH"] = os.path.abspath(engine_path())
    elif os.path.exists(quick):
        settings["LD_PRELOAD"] = " ".join(filter(None, [settings.get("LD_PRELOAD"), os.path.abspath(quick)]))
    return settings


def _execute(path, on_engine):
    """The outcomes of a file's cases, in a process of their own; None when that torch is not there."""
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        done = subprocess.run([PYTHON, path, "--dump", file.name], env=environment(on_engine), stderr=subprocess.PIPE, text=True)
        if done.returncode == 77:
            return None
        if done.returncode:
            with open(file.name) as partial:
                last = partial.read().split("\0")[-1]
            raise SystemExit(f"{os.path.basename(path)}: ended with {done.returncode} in case {last[:200]}\n{done.stderr[-2000:]}")
        with open(file.name) as result:
            return json.load(result)


@functools.lru_cache(maxsize=None)
def pytorch_is_installed():
    return subprocess.run([PYTHON, "-c", "import importlib.util as u, sys; sys.exit(not u.find_spec('torch'))"],
                          env=environment(False)).returncode == 0


def _dump(to):
    try:
        import torch  # noqa: F401
    except ModuleNotFoundError:
        raise SystemExit(77)
    out = []
    # Should a case end the process, the last name that stands in the file is its.
    with open(to, "w") as file:
        for name, function, options in _cases:
            file.write("\0" + name)
            file.flush()
            out.append([name, outcome(function), options])
    with open(to, "w") as file:
        json.dump(out, file)


def _compare(mine, theirs, what):
    expected = {name: (result, options) for name, result, options in theirs}
    failed = 0
    for name, result, options in mine:
        if name not in expected:
            print(f"  {name}\n      is not in the {what}: record again")
            failed += 1
            continue
        found = difference(result, expected[name][0], options)
        if found:
            print(f"  {name}\n      {found}  ({what})")
            failed += 1
    return failed


def run(path):
    name = os.path.splitext(os.path.basename(path))[0]
    fixture = os.path.join(HERE, "fixtures", name + ".json")
    if "--dump" in sys.argv:
        return _dump(sys.argv[sys.argv.index("--dump") + 1])
    if "--record" in sys.argv:
        theirs = _execute(path, False)
        if theirs is None:
            raise SystemExit("python3-torch is not installed")
        with open(fixture, "w") as file:
            file.write('{"recorder": "tests/differential/harness.py --record", "torch": "1.13.1", "seed": 0, "cases": [\n')
            file.write(",\n".join(json.dumps([n, r], separators=(",", ":")) for n, r, o in theirs) + "\n]}\n")
        return None
    if "--live" in sys.argv and not pytorch_is_installed():
        print("PyTorch is not installed (python3-torch)")
        raise SystemExit(77)
    mine, failed = _execute(path, True), 0
    if os.path.exists(fixture) and "--live" not in sys.argv:
        with open(fixture) as file:
            failed += _compare(mine, [[n, r, {}] for n, r in json.load(file)["cases"]], "recording")
    live = _execute(path, False) if "--recorded" not in sys.argv and pytorch_is_installed() else None
    if live is not None:
        failed += _compare(mine, live, "live")
    print(f"{name}: {len(mine)} cases, {failed} different" + ("" if live is not None else ", with the recording only"))
    raise SystemExit(1 if failed else 0)
