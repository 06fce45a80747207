"""The same number in several dtypes, bit by bit, and where tensors live.

A float is a sign, an exponent and a mantissa.  The exponent says between which
powers of two the number lies, the mantissa where in between.  float16 spends its
16 bits on the mantissa, bfloat16 on the exponent.
"""

import math

import torch
import torch.nn.functional as F

import gradboard as gb

# dtype: integers of the same width, bits of the exponent, bits of the mantissa
FLOATS = {
    torch.float32: (torch.int32, 8, 23),
    torch.float16: (torch.int16, 5, 10),
    torch.bfloat16: (torch.int16, 8, 7),
}


def short(dtype):
    return str(dtype).split(".")[1]


def bits_of(values, dtype):
    """One row of zeros and ones per value, the sign first."""
    integer, exponent, mantissa = FLOATS[dtype]
    raw = torch.tensor(values, dtype=dtype).view(integer).long()
    width = 1 + exponent + mantissa
    return (raw[:, None] >> torch.arange(width - 1, -1, -1)) & 1


def bits():
    value = gb.knob("value", 0.1, -8.0, 8.0)
    values = [1.0, 2.0, 3.0, -0.5, value]
    for dtype, (_, exponent, mantissa) in FLOATS.items():
        rows = bits_of(values, dtype)
        columns = ["s"] + [f"e{i}" for i in reversed(range(exponent))] + [f"m{i}" for i in reversed(range(mantissa))]
        gb.show(rows, view="grid", labels=([f"{v:.4g}" for v in values], columns))
        print(f"{short(dtype):<9} sign exponent mantissa")
        for v, row in zip(values, rows.tolist()):
            text = "".join(map(str, row))
            print(f"{v:>9.4g} {text[0]} {text[1:1 + exponent]} {text[1 + exponent:]}   "
                  f"holds {torch.tensor(v, dtype=dtype).double().item():.10g}")
    gb.check("a power of two has an empty mantissa", bits_of([2.0], torch.float32)[0, 9:].sum() == 0)
    gb.check("bfloat16 is the upper half of float32",
             torch.equal(bits_of([3.0], torch.bfloat16)[0], bits_of([3.0], torch.float32)[0, :16]))

    gb.show(torch.tensor(values, dtype=torch.float32), view="stride")
    gb.show(torch.tensor(values, dtype=torch.bfloat16), view="stride")

    gb.ask("int8-wrap")
    wrapped = torch.tensor([127], dtype=torch.int8) + 1
    print("\nint8: 127 + 1 =", wrapped.item(), "  float16: 65504 + 32 =",
          (torch.tensor([65504.0], dtype=torch.float16) + 32).item())
    gb.tell("int8-wrap", wrapped.item())


def gap(value, dtype):
    """Distance from a positive value to the next larger one, or None if it is 0 or infinite in this dtype."""
    here = torch.tensor([value], dtype=dtype)
    if here.item() == 0 or here.isinf().item():
        return None
    above = (here.view(FLOATS[dtype][0]) + 1).view(dtype)
    distance = (above.double() - here.double()).item()
    return distance if math.isfinite(distance) else None


def spacing():
    """Floats are dense near zero and sparse far out; the gap doubles at every power of two."""
    print("from      " + "".join(f"{short(dtype):>16}" for dtype in FLOATS))
    for exponent in (-24, -10, 0, 8, 11, 15, 20):
        gaps = [gap(2.0 ** exponent, dtype) for dtype in FLOATS]
        cells = ["-" if d is None else f"{d:.7g}" for d in gaps]
        print(f"2^{exponent:<8}" + "".join(f"{cell:>16}" for cell in cells))
    powers = range(16)
    log2_gaps = torch.tensor([[math.log2(gap(2.0 ** p, dtype)) for p in powers] for dtype in FLOATS])
    gb.show(log2_gaps, view="grid", labels=([short(dtype) for dtype in FLOATS], [f"2^{p}" for p in powers]))
    gb.check("one power further, twice the gap", (log2_gaps.diff(dim=1) == 1).all())

    gb.ask("half-2048")
    half = torch.tensor([2048.0], dtype=torch.float16) + 1
    gb.tell("half-2048", half.item())
    gb.ask("bf16-256")
    brain = torch.tensor([256.0], dtype=torch.bfloat16) + 1
    gb.tell("bf16-256", brain.item())
    print(f"\nfloat16 2048 + 1 = {half.item():.0f}, bfloat16 256 + 1 = {brain.item():.0f}")

    total = torch.zeros((), dtype=torch.float16)
    for _ in range(3000):
        total = total + torch.tensor(0.1, dtype=torch.float16)
    tenths = torch.full((3000,), 0.1, dtype=torch.float16)
    summed = tenths.sum()
    print(f"3000 times 0.1 in float16: one after the other {total.item():.1f}, with sum() {summed.item():.1f}")
    gb.check("the running total is stuck where the gap is 0.25", total.item() == 256)
    gb.check("sum() adds up in float32 and rounds once", abs(summed.item() - 300) < 1)


def promotion():
    """Bool < integer < float.  Within a kind, a tensor with dimensions outvotes one without, and a Python number."""
    half, whole = torch.ones(3, dtype=torch.float16), torch.ones(3, dtype=torch.int64)
    pairs = [
        ("int64 vector + 2", whole + 2),
        ("int64 vector + 2.5", whole + 2.5),
        ("int64 vector / 1", whole / 1),
        ("int64 vector // 1", whole // 1),
        ("uint8 vector + int8 vector", torch.ones(3, dtype=torch.uint8) + torch.ones(3, dtype=torch.int8)),
        ("float16 vector + 2.5", half + 2.5),
        ("float16 vector + float32 vector", half + torch.ones(3)),
        ("float16 vector + bfloat16 vector", half + torch.ones(3, dtype=torch.bfloat16)),
        ("float16 vector + int64 vector", half + whole),
    ]
    for name, result in pairs:
        print(f"{name:<34} {short(result.dtype)}")
    gb.ask("zero-dim")
    result = half + torch.tensor(1.0)
    print(f"{'float16 vector + float32 0-dim':<34} {short(result.dtype)}")
    gb.tell("zero-dim", short(result.dtype))
    try:
        whole += 0.5
    except RuntimeError as error:
        print("int64 += 0.5:", error)
    gb.check("an in-place operation keeps its dtype", whole.dtype == torch.int64)


def devices():
    """A meta tensor has a shape and a dtype, and no memory."""
    gb.ask("cpu-meta")
    try:
        outcome = (torch.ones(2) + torch.ones(2, device="meta")).device.type
    except RuntimeError as error:
        print("RuntimeError:", error)
        outcome = type(error).__name__
    gb.tell("cpu-meta", outcome)

    layer = torch.nn.Linear(50000, 50000, device="meta")
    nbytes = sum(p.numel() * p.element_size() for p in layer.parameters())
    shape = tuple(layer(torch.empty(8, 50000, device="meta")).shape)
    print(f"Linear(50000, 50000) on meta: {nbytes / 1e9:.1f} GB on paper, output shape {shape}")
    gb.check("a shape can be worked out without memory", shape == (8, 50000))


def labels():
    """Class indices have to be int64; floats of the logits' shape mean something else."""
    logits = torch.tensor([[2.0, 1.0, 0.0], [0.0, 1.0, 2.0]])
    targets = {
        "int64 indices": torch.tensor([0, 2]),
        "float indices": torch.tensor([0.0, 2.0]),
        "float one-hot": torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]),
    }
    losses = {}
    for name, target in targets.items():
        try:
            losses[name] = F.cross_entropy(logits, target)
            print(f"{name:<14} {tuple(target.shape)}  loss {losses[name].item():.4f}")
        except RuntimeError as error:
            print(f"{name:<14} {tuple(target.shape)}  RuntimeError: {error}")
    gb.check("indices and one-hot mean the same", torch.allclose(losses["int64 indices"], losses["float one-hot"]))
    gb.check("float indices are refused", "float indices" not in losses)


if __name__ == "__main__":
    for tab in (bits, spacing, promotion, devices, labels):
        tab()
        print()
