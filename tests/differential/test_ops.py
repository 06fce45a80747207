"""Every op of the engine's table, by the samples in ops/: value, dtype, sizes, strides, gradient, second gradient, in-place
and out= forms, warnings, errors.  An op without samples, error samples or a statement of its derivatives fails.

    test_ops.py [--recorded | --live] [NAME …]     compares; --record writes fixtures/test_ops.json.gz, on PyTorch;
                                                   --known then lists in ops/known.txt what differs
"""
import gzip
import json
import math
import os
import re
import subprocess
import sys
import tempfile
import warnings

import harness
from ops import (ROWS, complexes, creation, indexing, inputs, is_internal, linalg, neural, pointwise, reduce,  # noqa: F401
                 shape, specials, transforms)  # noqa: F401

KNOWN = os.path.join(harness.HERE, "ops", "known.txt")  # cases that differ still
FIXTURE = os.path.join(harness.HERE, "fixtures", "test_ops.json.gz")
CALL = re.compile(r"torch\.(\w+)\((.*)\)$")


# ---- the cases of a row ----
def uses(name, text):
    return re.search(rf"(?<![\w.'])\b{name}\b(?!=)", text)


def forms(row):
    """In-place and out= forms of the first sample."""
    found = CALL.match(row.samples[0])
    if not found or found[1] != row.name:
        return
    name, arguments = found.groups()
    first, _, rest = arguments.partition(", ")
    if first in ("x", "L", "m"):
        for place in (f"{first}.clone()", f"{first}.clone().to(torch.int64)", f"{first}[:1].expand({first}.shape)", f"{first}[0]"):
            yield f"z = {place}; r = z.{name}_({rest}); (r is z, r, z._version)"
    for out in ("torch.empty(0)", "torch.empty(1)", "torch.empty(0, dtype=torch.int64)", "torch.empty(0, dtype=torch.float64)"):
        yield f"o = {out}; r = torch.{name}({arguments}, out=o); (r is o, o)"


def cases(row):
    """(text, layout, dtype, with gradients) for each call of the row."""
    first = row.samples[0]
    if uses("x", first):
        for layout in inputs.LAYOUTS:
            yield first, layout, "float64", True
        for dtype in inputs.DTYPES if row.dtypes else ():
            yield first, "contiguous", dtype, False
        if row.special:
            yield first, "special", "float32", False
    else:
        yield first, "", "float64", True
    yield first, "contiguous", "float32", False
    for text in row.samples[1:]:
        yield text, "contiguous", "float64", True
        yield text, "contiguous", "float32", False
    for text in [*row.errors, *forms(row)]:
        yield text, "contiguous", "float32", False


def names_of_all():
    return [(f"{row.name}: {text} [{layout} {dtype}{' gradients' if grads else ''}]", row, text, layout, dtype, grads)
            for row in ROWS.values() for text, layout, dtype, grads in cases(row)]


# ---- running one ----
def namespace(torch, text, layout, dtype, grads):
    space = {"torch": torch, **inputs.others(torch)}
    own = {}
    for name, leaf in inputs.LEAVES.items():
        if not uses(name, text):
            continue
        value = leaf(torch)
        if layout == "special" and name == "x":
            value = inputs.special(torch)
        if not getattr(torch, dtype).is_floating_point:
            value = value * 3 if dtype != "bool" else value > 0
            value = value.abs() if dtype == "uint8" else value
        own[name] = leaf = value.to(getattr(torch, dtype)).requires_grad_(grads)
        follows = name in ("x", "y", "u") and layout in inputs.LAYOUTS
        space[name] = inputs.LAYOUTS[layout](leaf) if follows else leaf
    return space, own


def numbers(tensor):
    flat = tensor.detach().reshape(-1)
    flat = [part for v in flat.tolist() for part in (v.real, v.imag)] if flat.is_complex() else flat.tolist()
    return [f"{v:.7g}" if isinstance(v, float) else repr(v) for v in flat]


def describe(torch, value):
    if isinstance(value, torch.Tensor):
        node = value.grad_fn
        return {"t": str(value.dtype)[6:], "s": list(value.shape), "r": list(value.stride()), "v": numbers(value),
                "n": node and type(node).__name__}
    if isinstance(value, (tuple, list)):
        return [type(value).__name__] + [describe(torch, v) for v in value]
    return repr(value)


def tensors_of(torch, value):
    if isinstance(value, torch.Tensor):
        return [value]
    return [t for v in value for t in tensors_of(torch, v)] if isinstance(value, (tuple, list)) else []


def weighted(torch, tensors, start):
    total = 0
    for t in tensors:
        weight = torch.tensor([math.cos(0.9 * i + start) for i in range(t.numel())], dtype=t.dtype).reshape(t.shape)
        product = (t * weight).sum()
        total = total + (product.real + product.imag if product.is_complex() else product)
    return total


def gradients(torch, result, own, order):
    """Of a weighted sum of the results; then of a weighted sum of those.  Zeros and no gradient are the same."""
    found, tensors = [], [t for t in tensors_of(torch, result) if t.requires_grad]
    for k in range(order):
        tensors = [t for t in tensors if t.requires_grad]
        if not tensors:
            break
        grads = torch.autograd.grad(weighted(torch, tensors, k), list(own.values()), create_graph=k + 1 < order, allow_unused=True)
        tensors = [g for g in grads if g is not None]
        found.append({name: [list(g.shape), numbers(g)] for name, g in zip(own, grads) if g is not None and g.ne(0).any()})
    while found and not found[-1]:
        found.pop()
    return found


def run_one(torch, row, text, layout, dtype, grads):
    space, own = namespace(torch, text, layout, dtype, grads)
    torch.manual_seed(0)
    record = {}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            *statements, last = text.split("; ")
            exec("\n".join(statements), space)
            result = eval(last, space)
            record["result"] = describe(torch, result)
            if grads:
                record["requires_grad"] = any(t.requires_grad for t in tensors_of(torch, result))
                record["gradients"] = []
                record["gradients"] = gradients(torch, result, own, row.grad)
        except Exception as error:
            record["error"] = f"{type(error).__name__}: {re.sub('0x[0-9a-f]+', '0x', str(error))}"
    said = sorted({str(w.message).split(" (Triggered internally")[0] for w in caught})
    if said:
        record["warnings"] = said
    return record


def dump(to, wanted):
    try:
        import torch
    except ModuleNotFoundError:
        raise SystemExit(77)
    records = {}
    with open(to, "w") as file:
        for name, row, *call in names_of_all():
            if not wanted or row.name in wanted:
                file.write("\0" + name)
                file.flush()
                records[name] = run_one(torch, row, *call)
    table = {}
    if hasattr(torch._C, "_op_table"):
        for name, order in torch._C._op_table():  # overloads of one name: the most that one of them can
            table[name] = max(order, table.get(name, 0))
    with open(to, "w") as file:
        json.dump({"records": records, "table": table}, file)


# ---- comparing ----
CLOSE = {"float16": (2e-3, 2e-3), "bfloat16": (2e-2, 2e-2), "float32": (2e-5, 2e-6), "float64": (1e-6, 1e-7), "complex64": (2e-5, 2e-6),
         "complex128": (1e-6, 1e-7)}


def close(a, b, dtype):
    if a == b:
        return True
    try:
        x, y = float(a), float(b)
    except ValueError:
        return False
    rtol, atol = CLOSE.get(dtype, (0, 0))
    return (math.isnan(x) and math.isnan(y)) or abs(x - y) <= atol + rtol * abs(y)


def difference(a, b, path=""):
    """None, or where a differs from b."""
    if isinstance(a, dict) and isinstance(b, dict):
        for key in sorted(set(a) | set(b)):
            if key == "v" and "t" in b and "v" in a and len(a["v"]) == len(b["v"]) and all(close(p, q, b["t"]) for p, q in zip(a["v"], b["v"])):
                continue
            found = difference(a.get(key), b.get(key), f"{path}.{key}")
            if found:
                return found
        return None
    if isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        if ".gradients" in path and all(close(p, q, "float64") for p, q in zip(a, b) if isinstance(p, str) and isinstance(q, str)):
            if all(isinstance(p, str) and isinstance(q, str) for p, q in zip(a, b)):
                return None
        return next(filter(None, (difference(p, q, f"{path}[{i}]") for i, (p, q) in enumerate(zip(a, b)))), None)
    return None if a == b else f"{path}: {a!r}\n      instead of {b!r}"


def execute(on_engine, wanted):
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        done = subprocess.run([harness.PYTHON, __file__, "--dump", file.name, *wanted], env=harness.environment(on_engine), stderr=subprocess.PIPE, text=True)
        with open(file.name) as result:
            text = result.read()
    if done.returncode:
        raise SystemExit(f"test_ops: ended with {done.returncode} in {text.rpartition(chr(0))[2][:200]}\n{done.stderr[-2000:]}")
    return json.loads(text)


def check_table(table):
    """What the engine's table and the rows say of each other."""
    failed = 0
    for name, order in table.items():
        problem = None
        if is_internal(name):
            continue
        if name not in ROWS:
            problem = "has no row in ops/"
        elif ROWS[name].grad > order:
            problem = f"is said to be differentiable {ROWS[name].grad} times, the table knows {order}"
        if problem:
            print(f"  {name} {problem}")
            failed += 1
    for name in ROWS:
        if name not in table and name.partition("_")[2] not in table:
            print(f"  {name} is no op of the table")
            failed += 1
    return failed


def check_statements(records):
    """On PyTorch's own results: an op that is said to be differentiable is, the others are not."""
    failed = 0
    for row in ROWS.values():
        seen = [record for name, record in records.items() if name.startswith(f"{row.name}: ") and "requires_grad" in record]
        if not seen or any(record["requires_grad"] for record in seen) != (row.grad > 0):
            print(f"  {row.name}: said to be differentiable {row.grad} times")
            failed += 1
    return failed


def known():
    """Names of the cases that differ, each with the reason why it may, or ""."""
    with open(KNOWN) as file:
        return dict(line.rstrip("\n").partition("  # ")[::2] for line in file)


def compare(mine, theirs, what):
    failed, listed = 0, known()
    for name, record in mine.items():
        found = difference(record, theirs[name]) if name in theirs else ": not recorded, record again"
        if name in listed:
            if not found and what == "live":
                print(f"  {name}\n      agrees now: --known takes it out of {os.path.basename(KNOWN)}")
        elif found:
            print(f"  {name}\n      {found}  ({what})"[:1500])
            failed += 1
    return failed


def main():
    wanted = [a for a in sys.argv[1:] if not a.startswith("--")]
    if "--dump" in sys.argv:
        return dump(wanted[0], wanted[1:])
    if "--record" in sys.argv:
        with gzip.GzipFile(FIXTURE, "wb", mtime=0) as file:
            file.write(json.dumps({"recorder": "tests/differential/test_ops.py --record", "torch": "1.13.1", "seed": 0,
                                   "records": execute(False, [])["records"]}, separators=(",", ":")).encode())
        return None
    if "--live" in sys.argv and not harness.pytorch_is_installed():
        print("PyTorch is not installed (python3-torch)")
        raise SystemExit(77)
    mine, failed = execute(True, wanted), 0
    if "--known" in sys.argv:
        with gzip.open(FIXTURE) as file:
            recorded = json.load(file)["records"]
        reasons = known()
        with open(KNOWN, "w") as file:
            for name, record in mine["records"].items():
                if difference(record, recorded[name]):
                    file.write(f"{name}  # {reasons[name]}\n" if reasons.get(name) else f"{name}\n")
        return None
    if not wanted:
        failed += check_table(mine["table"])
    if "--live" not in sys.argv:
        with gzip.open(FIXTURE) as file:
            recorded = json.load(file)["records"]
        failed += check_statements(recorded) + compare(mine["records"], recorded, "recording")
    if "--recorded" not in sys.argv and harness.pytorch_is_installed():
        failed += compare(mine["records"], execute(False, wanted)["records"], "live")
    print(f"test_ops: {len(ROWS)} ops, {len(mine['records'])} cases, {failed} different, {len(known())} known to differ")
    raise SystemExit(1 if failed else 0)


if __name__ == "__main__":
    main()
