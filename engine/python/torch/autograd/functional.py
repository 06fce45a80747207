"""Jacobians, Hessians and their products with vectors."""

import torch


def _as_tuple(value):
    return (value, False) if isinstance(value, tuple) else (tuple(value), False) if isinstance(value, list) else ((value,), True)


def _inputs(inputs, create_graph):
    return tuple(x.view_as(x) if create_graph and x.requires_grad else x.detach().requires_grad_() for x in inputs)


def _one(values, single):
    return values[0] if single else values


def _grad(outputs, inputs, grads, create_graph, strict):
    given = [(o, g) for o, g in zip(outputs, grads or (None,) * len(outputs)) if o.requires_grad]
    if not given:
        results = (None,) * len(inputs)
    else:
        results = torch.autograd.grad([o for o, _ in given], inputs, [g for _, g in given] if grads else None,
                                      retain_graph=True, create_graph=create_graph, allow_unused=True)
    if strict and None in results:
        raise RuntimeError(f"The output of the user-provided function is independent of input {results.index(None)}. This is "
                           "not allowed in strict mode.")
    return tuple(torch.zeros_like(x) if r is None else r for r, x in zip(results, inputs))


def _detach(values, create_graph):
    return values if create_graph else tuple(v.detach() for v in values)


def vjp(func, inputs, v=None, create_graph=False, strict=False):
    """(func (*inputs), v times the Jacobian)."""
    inputs, single = _as_tuple(inputs)
    with torch.enable_grad():
        xs = _inputs(inputs, create_graph)
        outputs, single_out = _as_tuple(func(*xs))
        vs = None if v is None else _as_tuple(v)[0]
        if vs is None and any(o.numel() != 1 for o in outputs):
            raise RuntimeError("The vector v can only be None if the user-provided function returns a single Tensor with a "
                               "single element.")
        grads = _grad(outputs, xs, vs or tuple(torch.ones_like(o) for o in outputs), create_graph, strict)
    return _one(_detach(outputs, create_graph), single_out), _one(_detach(grads, create_graph), single)


def jvp(func, inputs, v=None, create_graph=False, strict=False):
    """(func (*inputs), the Jacobian times v), by differentiating twice backwards."""
    inputs, single = _as_tuple(inputs)
    with torch.enable_grad():
        xs = _inputs(inputs, create_graph)
        vs = tuple(torch.ones_like(x) for x in xs) if v is None else _as_tuple(v)[0]
        outputs, single_out = _as_tuple(func(*xs))
        dummies = tuple(torch.zeros_like(o, requires_grad=True) for o in outputs)
        grads = _grad(outputs, xs, dummies, True, strict)
        products = _grad(grads, dummies, vs, create_graph, strict)
    return _one(_detach(outputs, create_graph), single_out), _one(_detach(products, create_graph), single_out)


def jacobian(func, inputs, create_graph=False, strict=False, vectorize=False, strategy="reverse-mode"):
    """The matrix of all partial derivatives, output's sizes first."""
    inputs, single = _as_tuple(inputs)
    with torch.enable_grad():
        xs = _inputs(inputs, create_graph)
        outputs, single_out = _as_tuple(func(*xs))
        rows = []
        for output in outputs:
            flat = output.reshape(-1)
            parts = [_grad((flat[i],), xs, None, create_graph, strict) for i in range(flat.numel())]
            rows.append(tuple(torch.stack([part[k] for part in parts]).view(output.shape + x.shape) if parts
                              else torch.empty(output.shape + x.shape, dtype=x.dtype) for k, x in enumerate(xs)))
    rows = [_one(_detach(row, create_graph), single) for row in rows]
    return rows[0] if single_out else tuple(rows)


def hessian(func, inputs, create_graph=False, strict=False, vectorize=False, outer_jacobian_strategy="reverse-mode"):
    """The matrix of all second derivatives of a function with one number as its result."""
    xs, single = _as_tuple(inputs)

    def gradient(*args):
        output = func(*args)
        if not isinstance(output, torch.Tensor) or output.numel() != 1:
            raise RuntimeError("The Tensor returned by the function given to hessian should contain a single element")
        return _one(_grad((output.reshape(()),), args, None, True, strict), single)

    return jacobian(gradient, inputs, create_graph, strict)


def vhp(func, inputs, v=None, create_graph=False, strict=False):
    """(func (*inputs), v times the Hessian)."""
    xs, single = _as_tuple(inputs)
    with torch.enable_grad():
        args = tuple(x.detach().requires_grad_() for x in xs)
        output = func(*args)
        first = _grad((output,), args, None, True, strict)
        vs = tuple(torch.ones_like(x) for x in args) if v is None else _as_tuple(v)[0]
        products = _grad(first, args, vs, create_graph, strict)
    return output if create_graph else output.detach(), _one(_detach(products, create_graph), single)


hvp = vhp
