"""assert_close: whether two things are equal up to rounding, and a text that says where they are not."""

import collections.abc
import warnings

import torch

_tolerances = {torch.float16: (1e-3, 1e-5), torch.bfloat16: (1.6e-2, 1e-5), torch.float32: (1.3e-6, 1e-5),
               torch.float64: (1e-7, 1e-7), torch.complex64: (1.3e-6, 1e-5), torch.complex128: (1e-7, 1e-7)}
_of_numbers = {int: torch.int64, float: torch.float64, complex: torch.complex128}


def _bounds(dtypes, rtol, atol):
    """The tolerances of the wider dtype, unless both are given."""
    if (rtol is None) != (atol is None):
        raise ValueError("Both 'rtol' and 'atol' must be either specified or omitted, but got no "
                         f"{'rtol' if rtol is None else 'atol'}.")
    if rtol is not None:
        return rtol, atol
    pairs = [_tolerances.get(dtype, (0.0, 0.0)) for dtype in dtypes]
    return max(p[0] for p in pairs), max(p[1] for p in pairs)


def _text(kind, differences, rtol, atol, extra=""):
    """differences: the greatest absolute and relative one, each with its index or None."""
    exact = rtol == 0 and atol == 0
    lines = [f"{kind} are not {'equal' if exact else 'close'}!", ""] + ([extra] if extra else [])
    for name, (value, index), allowed in zip(("absolute", "relative"), differences, (atol, rtol)):
        line = f"{name.title()} difference: {value}" if index is None else f"Greatest {name} difference: {value} at index {index}"
        lines.append(line if exact else f"{line} (up to {allowed} allowed)")
    return "\n".join(lines)


def _text_of_numbers(actual, expected, rtol, atol):
    absolute = abs(actual - expected)
    relative = float("inf") if expected == 0 else absolute / abs(expected)
    return _text("Scalars", ((absolute, None), (relative, None)), rtol, atol)


def _greatest(values, wrong, shape):
    values = values.masked_fill(~wrong, 0)
    value, place = torch.max(values, 0)
    place, index = int(place), []
    for size in reversed(shape):
        index.insert(0, place % size)
        place //= size
    return value.item(), tuple(index)


def _text_of_tensors(actual, expected, matches, rtol, atol):
    if actual.shape == torch.Size([]):
        return _text_of_numbers(actual.item(), expected.item(), rtol, atol)
    wrong, total = ~matches.flatten(), matches.numel()
    wide = torch.complex128 if actual.is_complex() else torch.float64 if actual.is_floating_point() else torch.int64
    a, b = actual.flatten().to(wide), expected.flatten().to(wide)
    absolute = (a - b).abs()
    differences = _greatest(absolute, wrong, actual.shape), _greatest(absolute / b.abs(), wrong, actual.shape)
    count = int(wrong.sum())
    return _text("Tensor-likes", differences, rtol, atol, f"Mismatched elements: {count} / {total} ({count / total:.1%})")


def _compare_tensors(a, b, options):
    for name, checked in (("shape", True), ("layout", options["check_layout"]), ("device", options["check_device"]),
                          ("dtype", options["check_dtype"])):
        if checked and getattr(a, name) != getattr(b, name):
            return f"The values for attribute '{name}' do not match: {getattr(a, name)} != {getattr(b, name)}."
    if options["check_stride"] and a.stride() != b.stride():
        return f"The values for attribute 'stride()' do not match: {a.stride()} != {b.stride()}."
    rtol, atol = _bounds((a.dtype, b.dtype), options["rtol"], options["atol"])
    common = torch.promote_types(a.dtype, b.dtype)
    a, b = a.detach().to(common), b.detach().to(common)
    matches = torch.isclose(a, b, rtol=rtol, atol=atol, equal_nan=options["equal_nan"])
    return None if matches.all() else _text_of_tensors(a, b, matches, rtol, atol)


def _compare_numbers(a, b, options):
    rtol, atol = _bounds((_of_numbers[type(a)], _of_numbers[type(b)]), options["rtol"], options["atol"])
    if options["check_dtype"] and type(a) is not type(b):
        return f"The (d)types do not match: {type(a)} != {type(b)}."
    if options["equal_nan"] and a != a and b != b or a == b:
        return None
    difference = abs(a - b)
    return None if difference < float("inf") and difference <= atol + rtol * abs(b) else _text_of_numbers(a, b, rtol, atol)


def _compare_leaves(a, b, options):
    """A text about the difference, or None."""
    if a is None or b is None:
        return None if a is b else f"None mismatch: {a} is not {b}"
    if isinstance(a, bool) and isinstance(b, bool):
        return None if a is b else f"Booleans mismatch: {a} is not {b}"
    if type(a) in _of_numbers and type(b) in _of_numbers:
        return _compare_numbers(a, b, options)
    related = type(a) is type(b) or options["allow_subclasses"] and (isinstance(a, type(b)) or isinstance(b, type(a)))
    try:
        tensors = [x if isinstance(x, torch.Tensor) else torch.as_tensor(x) for x in (a, b)] if related else None
    except Exception:
        tensors = None
    if tensors is None:
        raise TypeError(f"No comparison pair was able to handle inputs of type {type(a)} and {type(b)}.")
    return _compare_tensors(*tensors, options)


def _pairs(actual, expected, place=()):
    """What is compared with what, and the way to it."""
    sequences = all(isinstance(x, collections.abc.Sequence) and not isinstance(x, str) for x in (actual, expected))
    mappings = all(isinstance(x, collections.abc.Mapping) for x in (actual, expected))
    if sequences:
        if len(actual) != len(expected):
            yield place, f"The length of the sequences mismatch: {len(actual)} != {len(expected)}"
            return
        keys = range(len(actual))
    elif mappings:
        if actual.keys() != expected.keys():
            yield place, ("The keys of the mappings do not match:\n"
                          f"Missing keys in the actual mapping: {sorted(expected.keys() - actual.keys())}\n"
                          f"Additional keys in the actual mapping: {sorted(actual.keys() - expected.keys())}")
            return
        try:
            keys = sorted(actual)
        except TypeError:
            keys = list(actual)
    else:
        yield place, (actual, expected)
        return
    for key in keys:
        yield from _pairs(actual[key], expected[key], place + (key,))


def assert_close(actual, expected, *, allow_subclasses=True, rtol=None, atol=None, equal_nan=False, check_device=True,
                 check_dtype=True, check_layout=True, check_stride=False, msg=None):
    """Raises AssertionError unless both are close; tolerances by dtype."""
    options = dict(allow_subclasses=allow_subclasses, rtol=rtol, atol=atol, equal_nan=equal_nan, check_device=check_device,
                   check_dtype=check_dtype, check_layout=check_layout, check_stride=check_stride)
    first = None
    for place, pair in _pairs(actual, expected):
        text = pair if isinstance(pair, str) else _compare_leaves(*pair, options)
        if text and not first:
            first = text + (f"\n\nThe failure occurred for item {''.join(str([key]) for key in place)}" if place else "")
    if first:
        raise AssertionError(msg(first) if callable(msg) else msg or first)


_old_tolerances = {torch.float16: (1e-3, 1e-3), torch.float32: (1e-4, 1e-5), torch.float64: (1e-5, 1e-8)}


def assert_allclose(actual, expected, rtol=None, atol=None, equal_nan=True, msg=""):
    actual, expected = (x if isinstance(x, torch.Tensor) else torch.tensor(x) for x in (actual, expected))
    if rtol is None and atol is None:
        pairs = [_old_tolerances.get(t.dtype, (0, 0)) for t in (actual, expected)]
        rtol, atol = max(p[0] for p in pairs), max(p[1] for p in pairs)
    assert_close(actual, expected, rtol=rtol, atol=atol, equal_nan=equal_nan, check_dtype=False, msg=msg or None)
    warnings.warn("torch.testing.assert_allclose() is deprecated since 1.12 and will be removed in 1.14. Use "
                  "torch.testing.assert_close() instead. For detailed upgrade instructions see "
                  "https://github.com/pytorch/pytorch/issues/61844.", FutureWarning, stacklevel=2)
