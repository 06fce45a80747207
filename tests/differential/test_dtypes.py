"""Every call of the op table in every dtype: taken, with what dtype, sizes and strides, or refused, with what words.
ops/dtypes.txt lists what differs still, with a reason after # where it may."""
import os
import re

import harness
import test_ops
from ops import ROWS, inputs

DTYPES = ["uint8", "int8", "int16", "int32", "int64", "bool", "float16", "bfloat16", "float32", "float64", "complex64", "complex128"]
KNOWN = os.path.join(harness.HERE, "ops", "dtypes.txt")


def shape_of(torch, value):
    if isinstance(value, torch.Tensor):
        return f"{str(value.dtype)[6:]} {list(value.shape)} {list(value.stride())}"
    if isinstance(value, (tuple, list)):
        return "(" + ", ".join(shape_of(torch, part) for part in value) + ")"
    return repr(value)


def outcome_in(torch, text, dtype):
    kind = getattr(torch, dtype)
    space = {"torch": torch, **inputs.others(torch)}
    for name, leaf in inputs.LEAVES.items():
        if test_ops.uses(name, text):
            value = leaf(torch)
            if not kind.is_floating_point and not kind.is_complex:
                value = value > 0 if dtype == "bool" else (value * 3).abs() if dtype == "uint8" else value * 3
            space[name] = value.to(kind)
    torch.manual_seed(0)
    try:
        *statements, last = text.split("; ")
        exec("\n".join(statements), space)
        return shape_of(torch, eval(last, space))
    except Exception as error:
        return f"{type(error).__name__}: {re.sub('0x[0-9a-f]+', '0x', str(error))}"


def known():
    with open(KNOWN) as file:
        return {line.partition("  # ")[0].rstrip("\n") for line in file}


def calls():
    return dict.fromkeys(text for row in ROWS.values() for text in row.samples if any(test_ops.uses(name, text) for name in inputs.LEAVES))


def add(text, dtypes):
    def in_dtypes():
        import torch
        found = {}
        for dtype in dtypes:
            found.setdefault(outcome_in(torch, text, dtype).replace(dtype, "DTYPE"), []).append(dtype)
        return [f"{' '.join(taken)}: {outcome}" for outcome, taken in found.items()]
    in_dtypes.__name__ = text
    harness.case(in_dtypes)


for different in [known()]:
    for call in calls():
        add(call, [dtype for dtype in DTYPES if f"{call} [{dtype}]" not in different])

if __name__ == "__main__":
    harness.run(__file__)
