"""Comparing tensors."""

import torch

_tolerances = {torch.float16: (1e-3, 1e-5), torch.bfloat16: (1.6e-2, 1e-5), torch.float32: (1.3e-6, 1e-5),
               torch.float64: (1e-7, 1e-7)}


def _bounds(actual, expected, rtol, atol):
    if (rtol is None) != (atol is None):
        raise ValueError("Both 'rtol' and 'atol' must be either specified or unspecified, but got "
                         f"{'no rtol' if rtol is None else f'rtol={rtol}'} and {'no atol' if atol is None else f'atol={atol}'}.")
    if rtol is not None:
        return rtol, atol
    pairs = [_tolerances.get(t.dtype, (0.0, 0.0)) for t in (actual, expected)]
    return max(p[0] for p in pairs), max(p[1] for p in pairs)


def _message(actual, expected, rtol, atol, equal_nan):
    wrong = ~torch.isclose(actual, expected, rtol=rtol, atol=atol, equal_nan=equal_nan)
    count, total = int(wrong.sum()), wrong.numel()
    difference = (actual - expected).abs().to(torch.float64)
    relative = difference / expected.abs().to(torch.float64)
    places = []
    for values, allowed in ((difference, atol), (relative, rtol)):
        flat = torch.where(wrong, values, torch.zeros_like(values)).reshape(-1)
        where = int(flat.argmax())
        index = []
        for size in reversed(actual.shape):
            index.insert(0, where % size)
            where //= size
        places.append((flat.max().item(), tuple(index), allowed))
    kind = "Scalars" if total == 1 and actual.dim() == 0 else "Tensor-likes"
    if kind == "Scalars":
        return (f"Scalars are not close!\n\nAbsolute difference: {places[0][0]} (up to {atol} allowed)\n"
                f"Relative difference: {places[1][0]} (up to {rtol} allowed)")
    return (f"Tensor-likes are not close!\n\nMismatched elements: {count} / {total} ({count / total:.1%})\n"
            f"Greatest absolute difference: {places[0][0]} at index {places[0][1]} (up to {atol} allowed)\n"
            f"Greatest relative difference: {places[1][0]} at index {places[1][1]} (up to {rtol} allowed)")


def assert_close(actual, expected, *, allow_subclasses=True, rtol=None, atol=None, equal_nan=False, check_device=True,
                 check_dtype=True, check_layout=True, check_stride=False, check_is_coalesced=None, msg=None):
    """Raises AssertionError unless both are close; tolerances by dtype."""
    if isinstance(actual, (list, tuple)) and isinstance(expected, (list, tuple)):
        if len(actual) != len(expected):
            raise AssertionError(f"The length of the sequences mismatch: {len(actual)} != {len(expected)}")
        for a, b in zip(actual, expected):
            assert_close(a, b, rtol=rtol, atol=atol, equal_nan=equal_nan, check_dtype=check_dtype, check_stride=check_stride,
                         msg=msg)
        return
    if isinstance(actual, dict) and isinstance(expected, dict):
        if actual.keys() != expected.keys():
            raise AssertionError("The keys of the mappings do not match")
        for key in actual:
            assert_close(actual[key], expected[key], rtol=rtol, atol=atol, equal_nan=equal_nan, check_dtype=check_dtype, msg=msg)
        return
    a, b = torch.as_tensor(actual), torch.as_tensor(expected)
    text = None
    if a.shape != b.shape:
        text = f"The values for attribute 'shape' do not match: {a.shape} != {b.shape}."
    elif check_dtype and a.dtype != b.dtype:
        text = f"The values for attribute 'dtype' do not match: {a.dtype} != {b.dtype}."
    elif check_stride and a.stride() != b.stride():
        text = f"The values for attribute 'stride()' do not match: {a.stride()} != {b.stride()}."
    else:
        rtol, atol = _bounds(a, b, rtol, atol)
        common = torch.promote_types(a.dtype, b.dtype)
        a, b = a.detach().to(common), b.detach().to(common)
        if not torch.isclose(a, b, rtol=rtol, atol=atol, equal_nan=equal_nan).all():
            text = _message(a, b, rtol, atol, equal_nan)
    if text:
        raise AssertionError(msg(text) if callable(msg) else msg or text)


def assert_allclose(actual, expected, rtol=None, atol=None, equal_nan=True, msg=""):
    assert_close(actual, torch.as_tensor(expected), rtol=rtol, atol=atol, equal_nan=equal_nan, check_dtype=False,
                 msg=msg or None)
