import torch

from gradboard_check import Raised, check, close, equal, gradients, holds, person, put, source, value


def saved(result):
    """What backward of a result keeps: sizes of the tensors that were saved."""
    return [value(t) for t in result.grad_fn.saved_tensors]


@check("own")
def own():
    used = {n for n in source.uses() if n.split(".")[-1].lower() in ("silu", "silu_", "hardtanh", "swish") and n.startswith("torch")}
    holds(not used, got=used, expected="none of these")
    x = put(torch.randn(3), True)
    for name, kind in (("swish", "SwishBackward"), ("sign", "SignBackward")):
        result = getattr(person, name)(x)
        got = result.grad_fn._value if result.grad_fn is not None else None
        equal(got, kind, {"call": f"{name}(x).grad_fn", "what": "its type"})


@check("values")
def values():
    for sizes in ((5,), (2, 3), ()):
        x = torch.randn(sizes) * 3
        close(person.swish(x), x * x.sigmoid(), {"x": x, "call": "swish"}, 1e-6)
        close(person.sign(x), x.sign(), {"x": x, "call": "sign"}, 0)
    x = torch.tensor([-1.0, -0.0, 0.0, 1.0, 100.0, -100.0])
    close(person.swish(x), x * x.sigmoid(), {"x": x, "call": "swish"}, 1e-6)
    close(person.sign(x), x.sign(), {"x": x, "call": "sign"}, 0)
    kept = put(x)
    person.swish(kept), person.sign(kept)
    close(kept, x, {"x": x, "what": "x itself, afterwards"}, 0)


@check("swish")
def swish_slope():
    gradients(person.swish, torch.randn(6, dtype=torch.float64) * 2)
    x, above = torch.randn(3, 4, dtype=torch.float64) * 3, torch.randn(3, 4, dtype=torch.float64)
    leaf = put(x, True)
    person.swish(leaf).backward(put(above))
    s = x.sigmoid()
    close(leaf.grad, above * s * (1 + x * (1 - s)), {"x": x, "gradient from above": above}, 1e-8)


@check("straight-through")
def straight_through():
    x = torch.tensor([-3.0, -1.0, -0.4, 0.0, 0.7, 1.0, 1.0001, 20.0])
    above = torch.arange(1.0, 9.0)
    leaf = put(x, True)
    person.sign(leaf).backward(put(above))
    close(leaf.grad, above * (x.abs() <= 1), {"x": x, "gradient from above": above, "call": "sign"}, 0)


@check("saved")
def what_is_saved():
    x = put(torch.randn(4, 5), True)
    for name in ("swish", "sign"):
        kept = saved(getattr(person, name)(x))
        equal([tuple(t.shape) for t in kept], [(4, 5)], {"call": name, "x": "(4, 5)", "what": "sizes of what was saved for backward"})
    x = put(torch.randn(3), True)
    inner = x.mul(1.0)
    result = person.swish(inner)
    inner.add_(1.0)
    given = {"done": "y = swish(t); t.add_(1); y.sum().backward()", "gradient of": "t, as it was in forward"}
    try:
        result.sum().backward()
    except Raised as error:
        holds("RuntimeError" in error.kinds, given, "RuntimeError, or the right gradient", str(error))
    else:
        t = value(x)
        close(x.grad, t.sigmoid() * (1 + t * (1 - t.sigmoid())), given, 1e-5)


@check("twice")
def twice():
    x = torch.randn(3, dtype=torch.float64)
    gradients(lambda t: person.swish(t).add(person.swish(person.swish(t.mul(2.0)))), x)
    x = torch.tensor([0.3, -0.8, 2.0])
    leaf = put(x, True)
    person.sign(leaf).add(person.sign(leaf.mul(0.1)).mul(3.0)).sum().backward()
    close(leaf.grad, (x.abs() <= 1) * 1.0 + 0.3, {"x": x, "of": "sign(x) + 3 * sign(x / 10)"}, 1e-6)


@check("strides")
def strides():
    x, above = torch.randn(4, 3), torch.randn(4, 3)
    s = x.t().sigmoid()
    for name, slope in (("swish", s * (1 + x.t() * (1 - s))), ("sign", (x.t().abs() <= 1).float())):
        leaf = put(x, True)
        result = getattr(person, name)(leaf.t())
        result.backward(put(above).t())
        close(leaf.grad, (above.t() * slope).t(), {"x": "the transpose of", "of": x, "call": name, "gradient from above": above.t()}, 1e-6)
    leaf = put(torch.randn(5), True)
    person.swish(leaf).sum().backward()                # a gradient that is one number, expanded
    plain = person.swish(torch.randn(3))
    holds(not plain.requires_grad, {"x": "without requires_grad", "what": "requires_grad of the result"}, False, True)
