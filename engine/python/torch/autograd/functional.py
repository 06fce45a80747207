"""Jacobians, Hessians and their products with vectors."""

import torch

_TWICE = ("While computing the hessian, found that the jacobian of the user-provided function with respect to input {} is "
          "independent of the input. This is not allowed in strict mode. You should ensure that your function is twice "
          "differentiable and that the jacobian depends on the inputs (this would be violated by a linear function for example).")
_GRAD_INPUTS = ("The gradient with respect to input {} is independent of the inputs of the user-provided function. This is not "
                "allowed in strict mode.")
_OUTPUTS = ("Output {} of the user-provided function does not require gradients. The outputs must be computed in a differentiable "
            "manner from the input when running in strict mode.")
_BACK = "The output of the user-provided function is independent of input {}. This is not allowed in strict mode."
_BACK_TRICK = ("The gradient with respect to the input is independent of entry {} in the grad_outputs when using the double "
               "backward trick to compute forward mode gradients. This is not allowed in strict mode.")
_DOUBLE_BACK = "The jacobian of the user-provided function is independent of input {}. This is not allowed in strict mode."


def _as_tuple(value, what, function):
    """(value as a tuple of tensors, whether it was a single one)."""
    single = not isinstance(value, tuple)
    values = (value,) if single else value
    for i, item in enumerate(values):
        if not isinstance(item, torch.Tensor):
            got = f"the given {what} has type {type(item)}" if single else f"the value at index {i} has type {type(item)}"
            raise TypeError(f"The {what} given to {function} must be either a Tensor or a tuple of Tensors but {got}.")
    return values, single


def _outputs(value, function):
    return _as_tuple(value, "outputs of the user-provided function", function)


def _inputs(inputs, create_graph):
    return tuple(x.view_as(x) if create_graph and x.requires_grad else x.detach().requires_grad_() for x in inputs)


def _one(values, single):
    return values[0] if single else values


def _need_grad(values, text, strict):
    for i, value in enumerate(values):
        if strict and not value.requires_grad:
            raise RuntimeError(text.format(i))


def _vector(v, others, single, function):
    """The vector v, which must look like others; None stands for one in front of a single number."""
    if v is None:
        if len(others) != 1 or others[0].numel() != 1:
            what = ("user-provided function returns" if function == "vjp" else "input to the user-provided function is")
            raise RuntimeError(f"The vector v can only be None if the {what} a single Tensor with a single element.")
        return tuple(torch.ones_like(x) for x in others)
    vs, _ = _as_tuple(v, "v", function)
    if len(vs) != len(others):
        raise RuntimeError("The given v should contain a single Tensor." if single else
                           f"v is a tuple of invalid length: should be {len(others)} but got {len(vs)}.")
    for i, (a, b) in enumerate(zip(vs, others)):
        if a.size() != b.size():
            entry = "" if single else f"Entry {i} in "
            raise RuntimeError(f"{entry}v has invalid size: should be {b.size()} but got {a.size()}.")
    return vs


def _grad(outputs, inputs, grads, create_graph):
    """The gradients, None for inputs on which nothing depends."""
    given = [(o, g) for o, g in zip(outputs, grads or (None,) * len(outputs)) if o is not None and o.requires_grad]
    if not given:
        return (None,) * len(inputs)
    return torch.autograd.grad([o for o, _ in given], inputs, [g for _, g in given] if grads else None,
                               retain_graph=True, create_graph=create_graph, allow_unused=True)


def _filled(grads, like, strict, create_graph, text):
    """None becomes zeros, or is an error in strict mode."""
    second = text is _DOUBLE_BACK
    for i, grad in enumerate(grads):
        if strict and grad is None:
            raise RuntimeError(text.format(i))
        if strict and create_graph and not grad.requires_grad:
            which = "hessian" if second else "jacobian"
            raise RuntimeError(f"The {which} of the user-provided function is independent of input {i}. This is not allowed in "
                               "strict mode when create_graph=True.")
    return tuple(torch.zeros_like(x) if g is None else g for g, x in zip(grads, like))


def _detach(values, create_graph):
    return values if create_graph else tuple(v.detach() for v in values)


def vjp(func, inputs, v=None, create_graph=False, strict=False):
    """(func (*inputs), v times the Jacobian)."""
    with torch.enable_grad():
        inputs, single = _as_tuple(inputs, "inputs", "vjp")
        xs = _inputs(inputs, create_graph)
        outputs, single_out = _outputs(func(*xs), "vjp")
        _need_grad(outputs, _OUTPUTS, strict)
        vs = _vector(v, outputs, single_out, "vjp")
        grads = _filled(_grad(outputs, xs, vs, create_graph), xs, strict, create_graph, _BACK)
    return _one(_detach(outputs, create_graph), single_out), _one(_detach(grads, create_graph), single)


def jvp(func, inputs, v=None, create_graph=False, strict=False):
    """(func (*inputs), the Jacobian times v), by differentiating twice backwards."""
    with torch.enable_grad():
        inputs, single = _as_tuple(inputs, "inputs", "jvp")
        xs = _inputs(inputs, create_graph)
        vs = _vector(v, xs, single, "jvp")
        outputs, single_out = _outputs(func(*xs), "jvp")
        _need_grad(outputs, _OUTPUTS, strict)
        dummies = tuple(torch.zeros_like(o, requires_grad=True) for o in outputs)
        grads = _grad(outputs, xs, dummies, True)
        _need_grad([g for g in grads if g is not None], _GRAD_INPUTS, strict)
        products = _filled(_grad(grads, dummies, vs, create_graph), outputs, strict, create_graph, _BACK_TRICK)
    return _one(_detach(outputs, create_graph), single_out), _one(_detach(products, create_graph), single_out)


def _check_strategy(strategy, vectorize):
    if strategy not in ("forward-mode", "reverse-mode"):
        raise AssertionError('Expected strategy to be either "forward-mode" or "reverse-mode". Hint: If your function has more '
                             'outputs than inputs, "forward-mode" tends to be more performant. Otherwise, prefer to use '
                             '"reverse-mode".')
    if strategy == "forward-mode" and not vectorize:
        raise NotImplementedError("Computing Jacobian using forward-AD or forward-over-reverse Hessian isonly implemented for "
                                  "`vectorize=True`.")


def _jacobian_rows(output, nr, xs, create_graph, strict):
    flat, parts = output.reshape(-1), []
    for i in range(flat.numel()):
        grads = _grad((flat[i],), xs, None, create_graph)
        for k, grad in enumerate(grads):
            if strict and grad is None:
                raise RuntimeError(f"Output {nr} of the user-provided function is independent of input {k}. This is not allowed "
                                   "in strict mode.")
            if strict and create_graph and not grad.requires_grad:
                raise RuntimeError(f"The jacobian of the user-provided function is independent of input {nr}. This is not "
                                   "allowed in strict mode when create_graph=True.")
        parts.append([torch.zeros_like(x) if g is None else g for g, x in zip(grads, xs)])
    return tuple(torch.stack([part[k] for part in parts]).view(output.shape + x.shape) for k, x in enumerate(xs))


def _pushed(part, output, x):
    """Laid out as forward mode makes it: one input element after the other."""
    columns = part.detach().reshape(output.shape + (x.numel(),)).movedim(-1, 0).contiguous()
    return columns.movedim(0, -1).reshape(output.shape + x.shape)


def jacobian(func, inputs, create_graph=False, strict=False, vectorize=False, strategy="reverse-mode"):
    """The matrix of all partial derivatives, output's sizes first."""
    _check_strategy(strategy, True)
    if strategy == "forward-mode" and create_graph:
        raise NotImplementedError("torch.autograd.functional.jacobian: `create_graph=True` and `strategy=\"forward-mode\"` are "
                                  "not supported together (yet). Please either set `create_graph=False` or "
                                  "`strategy=\"reverse-mode\"`.")
    if strategy == "forward-mode" and strict:
        raise RuntimeError("torch.autograd.functional.jacobian: `strict=True` and `strategy=\"forward-mode\"` are not supported "
                           "together (yet). Please either set `strict=False` or `strategy=\"reverse-mode\"`.")
    _check_strategy(strategy, vectorize)
    with torch.enable_grad():
        inputs, single = _as_tuple(inputs, "inputs", "jacobian")
        xs = _inputs(inputs, create_graph)
        outputs, single_out = _outputs(func(*xs), "jacobian")
        _need_grad(outputs, _OUTPUTS, strict)
        if strict and vectorize:
            raise RuntimeError("torch.autograd.functional.jacobian: `strict=True` and `vectorized=True` are not supported "
                               "together. Please either set `strict=False` or `vectorize=False`.")
        rows = [_jacobian_rows(output, nr, xs, create_graph, strict) for nr, output in enumerate(outputs)]
    if strategy == "forward-mode":
        rows = [tuple(_pushed(part, output, x) for part, x in zip(row, xs)) for row, output in zip(rows, outputs)]
    rows = tuple(_one(_detach(row, create_graph), single) for row in rows)
    return _one(rows, single_out)


def _single_number(value, function, strict):
    """The result of a function whose second derivatives are wanted."""
    values, single = _outputs(value, function)
    _need_grad(values, _OUTPUTS, strict)
    if not single:
        raise RuntimeError(f"The function given to {function} should return a single Tensor")
    if value.numel() != 1:
        raise RuntimeError(f"The Tensor returned by the function given to {function} should contain a single element")
    return value.squeeze()


def hessian(func, inputs, create_graph=False, strict=False, vectorize=False, outer_jacobian_strategy="reverse-mode"):
    """The matrix of all second derivatives of a function with one number as its result."""
    inputs, single = _as_tuple(inputs, "inputs", "hessian")
    _check_strategy(outer_jacobian_strategy, True)

    def gradient(*args):
        rows = jacobian(lambda *xs: _single_number(func(*xs), "hessian", strict), args, create_graph=True)
        _need_grad(rows, _TWICE, strict)
        return rows

    _check_strategy(outer_jacobian_strategy, vectorize)
    rows = jacobian(gradient, inputs, create_graph, strict, vectorize, outer_jacobian_strategy)
    return rows[0][0] if single else rows


def _second(function, func, inputs, v, create_graph, strict):
    with torch.enable_grad():
        inputs, single = _as_tuple(inputs, "inputs", function)
        xs = _inputs(inputs, create_graph)
        vs = _vector(v, xs, single, function)
        output = func(*xs)
        number = _single_number(output, function, strict)
        first = _grad((number,), xs, None, True)
        _need_grad([g for g in first if g is not None], _TWICE, strict)
        products = _filled(_grad(first, xs, vs, create_graph), xs, strict, create_graph, _DOUBLE_BACK)
    return output if create_graph else output.detach(), _one(_detach(products, create_graph), single)


def vhp(func, inputs, v=None, create_graph=False, strict=False):
    """(func (*inputs), v times the Hessian)."""
    return _second("vhp", func, inputs, v, create_graph, strict)


def hvp(func, inputs, v=None, create_graph=False, strict=False):
    """(func (*inputs), the Hessian times v); the Hessian is symmetric."""
    return _second("hvp", func, inputs, v, create_graph, strict)
