"""Gradients compared with differences of the function itself."""

import itertools
import warnings

import torch


class GradcheckError(RuntimeError):
    pass


def _tuple(value):
    return value if isinstance(value, tuple) else tuple(value) if isinstance(value, list) else (value,)


def _difference(func, inputs, data, place, step, output_nr):
    """How much the output changes for each unit of one element."""
    saved = data[place].item()
    data[place] = saved + step
    above = _tuple(func(*inputs))[output_nr].clone()
    data[place] = saved - step
    below = _tuple(func(*inputs))[output_nr].clone()
    data[place] = saved
    return ((above - below) / (2 * abs(step))).reshape(-1)


def _numerical(func, inputs, which, output_nr, eps):
    """Differences of one output for each element of one input, in the input's logical order; a complex input has
    two: for its real part and, times 1j, for its imaginary part."""
    x, columns = inputs[which], []
    with torch.no_grad():
        for place in itertools.product(*map(range, x.shape)):
            column = _difference(func, inputs, x.data, place, eps, output_nr)
            if x.is_complex():
                column = column + 1j * _difference(func, inputs, x.data, place, 1j * eps, output_nr)
            columns.append(column)
    return torch.stack(columns) if columns else torch.empty(0)


def _analytical(output, x):
    flat, rows = output.reshape(-1), []
    for i in range(flat.numel()):
        row, = torch.autograd.grad(flat[i], x, retain_graph=True, allow_unused=True)
        rows.append(torch.zeros_like(x).reshape(-1) if row is None else row.reshape(-1))
    return torch.stack(rows, 1) if rows else torch.empty(0)


def gradcheck(func, inputs, *, eps=1e-6, atol=1e-5, rtol=1e-3, raise_exception=True, check_sparse_nnz=False,
              nondet_tol=0.0, check_undefined_grad=True, check_grad_dtypes=False, check_batched_grad=False,
              check_batched_forward_grad=False, check_forward_ad=False, check_backward_ad=True, fast_mode=False):
    """Whether backward agrees with small differences, for inputs of dtype float64 or complex128 that require gradients."""
    try:
        return _check(func, _tuple(inputs), eps, atol, rtol)
    except GradcheckError:
        if raise_exception:
            raise
        return False


def _check_inputs(inputs):
    checked = [i for i, x in enumerate(inputs) if isinstance(x, torch.Tensor) and x.requires_grad]
    for i in checked:
        if inputs[i].dtype not in (torch.float64, torch.complex128):
            warnings.warn(f"Input #{i} requires gradient and is not a double precision floating point or complex. This check "
                          "will likely fail if all the inputs are not of double precision floating point or complex. ")
        if any(stride == 0 and size > 1 for stride, size in zip(inputs[i].stride(), inputs[i].shape)):
            raise RuntimeError(f"The {i}th input has a dimension with stride 0. gradcheck only supports inputs that are "
                               "non-overlapping to be able to compute the numerical gradients correctly. You should call "
                               ".contiguous on the input before passing it to gradcheck.")
    if not checked:
        raise ValueError("gradcheck expects at least one input tensor to require gradient, but none of the them have "
                         "requires_grad=True.")
    return checked


def _check(func, inputs, eps, atol, rtol):
    checked = _check_inputs(inputs)
    results = _tuple(func(*inputs))
    outputs = [o for o in results if o.requires_grad]
    if not outputs:
        for i in checked:
            for nr in range(len(results)):
                if torch.ne(_numerical(func, inputs, i, nr, eps), 0).sum() > 0:
                    raise GradcheckError("Numerical gradient for function expected to be zero")
        return True
    if any(o.is_complex() for o in outputs):
        _compare(func, inputs, checked, torch.imag, "imaginary", eps, atol, rtol)
        _compare(func, inputs, checked, torch.real, "real", eps, atol, rtol)
    else:
        _compare(func, inputs, checked, None, "", eps, atol, rtol)
    for grad in torch.autograd.grad(outputs, [inputs[i] for i in checked], [torch.zeros_like(o) for o in outputs],
                                    allow_unused=True):
        if grad is not None and not grad.eq(0).all():
            raise GradcheckError("backward not multiplied by grad_output")
    return True


def _compare(func, inputs, checked, part, word, eps, atol, rtol):
    """The Jacobians of what part takes of each complex output, and of the real outputs."""
    def function(*args):
        return tuple(part(o) if o.is_complex() else o for o in _tuple(func(*args)))

    results = _tuple(func(*inputs))
    outputs = [(place, o) for place, o in enumerate(function(*inputs)) if o.requires_grad]
    for nr, (place, output) in enumerate(outputs):
        for i in checked:
            numerical, analytical = _numerical(function, inputs, i, place, eps), _analytical(output, inputs[i])
            if not torch.allclose(analytical, numerical.to(analytical.dtype), rtol=rtol, atol=atol):
                where = f"While considering the {word} part of complex outputs only, " if results[place].is_complex() else ""
                raise GradcheckError(f"{where}Jacobian mismatch for output {nr} with respect to input {i},\n"
                                     f"numerical:{numerical}\nanalytical:{analytical}\n")


def gradgradcheck(func, inputs, grad_outputs=None, *, eps=1e-6, atol=1e-5, rtol=1e-3, gen_non_contig_grad_outputs=False,
                  raise_exception=True, nondet_tol=0.0, **options):
    """The same for second derivatives."""
    inputs = _tuple(inputs)
    outputs = [o for o in _tuple(func(*inputs)) if o.requires_grad]
    grads = _tuple(grad_outputs) if grad_outputs is not None else tuple(
        torch.testing.make_tensor(o.shape, dtype=o.dtype, device="cpu", low=-1, high=1, requires_grad=True) for o in outputs)

    def first(*args):
        with torch.enable_grad():
            return gradients(args[:len(inputs)], args[len(inputs):])

    def gradients(xs, gs):
        wanted = [x for x in xs if isinstance(x, torch.Tensor) and x.requires_grad]
        results = [o for o in _tuple(func(*xs)) if isinstance(o, torch.Tensor) and o.requires_grad]
        return torch.autograd.grad(results, wanted, gs, create_graph=True, allow_unused=True)

    return gradcheck(first, inputs + grads, eps=eps, atol=atol, rtol=rtol, raise_exception=raise_exception)
