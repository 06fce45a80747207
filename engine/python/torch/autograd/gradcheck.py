"""Gradients compared with differences of the function itself."""

import itertools
import warnings

import torch
from torch.autograd import forward_ad


_NOT_REENTRANT = (
    "Backward is not reentrant, i.e., running backward with same input and grad_output multiple times gives different values, "
    "although analytical gradient matches numerical gradient.The tolerance for nondeterminism was {}.\n\n"
    "NOTE: If your op relies on non-deterministic operations i.e., it is listed here:\n"
    "https://pytorch.org/docs/stable/generated/torch.use_deterministic_algorithms.html\n"
    "this failure might be expected.\n\n"
    "If you are adding a new operator, please file an issue and then use one of the\n"
    "workarounds. The workaround depends on how your test invokes gradcheck/gradgradcheck.\n"
    "If the test\n"
    "- manually invokes gradcheck/gradgradcheck, then call gradcheck/gradgradcheck\n"
    "  with `nondet_tol=<tol>` as a keyword argument.\n"
    "- is OpInfo-based (e.g., in test_ops_gradients.py), then modify the OpInfo for the test\n"
    "  to have `gradcheck_nondet_tol=<tol>`.\n"
    "- is a Module test (e.g., in common_nn.py), then modify the corresponding\n"
    "  module_test entry to have `gradcheck_nondet_tol=<tol>`\n")


class GradcheckError(RuntimeError):
    pass


def _tuple(value):
    return value if isinstance(value, tuple) else tuple(value) if isinstance(value, list) else (value,)


def _difference(func, inputs, data, place, step, output_nr):
    """How much the output changes for each unit of one element."""
    saved = data[place].item()
    data[place] = saved + step
    above = _tuple(func(*inputs))[output_nr].detach().clone()
    data[place] = saved - step
    below = _tuple(func(*inputs))[output_nr].detach().clone()
    data[place] = saved
    for what in ("shape", "dtype"):
        a, b = getattr(above, what), getattr(below, what)
        assert a == b, (f"Expected `func` to return outputs with the same {what} when inputs are perturbed by {step}, but got: "
                        f"{what}s {a} and {b}.")
    return ((above - below) / (2 * abs(step))).reshape(-1)


def _numerical(func, inputs, which, output_nr, eps):
    """Differences of one output for each element of one input, in the input's logical order; a complex input has
    two: for its real part and, times 1j, for its imaginary part."""
    x, columns = inputs[which], []
    for place in itertools.product(*map(range, x.shape)):
        column = _difference(func, inputs, x.data, place, eps, output_nr)
        if x.is_complex():
            column = column + 1j * _difference(func, inputs, x.data, place, 1j * eps, output_nr)
        columns.append(column)
    return torch.stack(columns) if columns else torch.empty(0)


def _analytical(output, x, check_grad_dtypes):
    one, rows = torch.zeros(output.shape, dtype=output.dtype), []
    for i in range(output.numel()):
        one.zero_().view(-1)[i] = 1
        row, = torch.autograd.grad(output, x, one, retain_graph=True, allow_unused=True)
        if row is not None and check_grad_dtypes and row.dtype != x.dtype:
            raise GradcheckError("Gradient has dtype mismatch")
        rows.append(torch.zeros_like(x).reshape(-1) if row is None else row.reshape(-1).clone())
    return torch.stack(rows, 1) if rows else torch.empty(0)


def gradcheck(func, inputs, *, eps=1e-6, atol=1e-5, rtol=1e-3, raise_exception=True, check_sparse_nnz=False,
              nondet_tol=0.0, check_undefined_grad=True, check_grad_dtypes=False, check_batched_grad=False,
              check_batched_forward_grad=False, check_forward_ad=False, check_backward_ad=True, fast_mode=False):
    """Whether backward agrees with small differences, for inputs of dtype float64 or complex128 that require gradients."""
    try:
        inputs, ok = _tuple(inputs), True
        if not (check_backward_ad or check_forward_ad):
            raise AssertionError("Expected at least one of check_forward_ad or check_backward_ad to be True")
        if check_forward_ad:
            ok = _check_forward(func, inputs, eps, atol, rtol)
        return (not check_backward_ad or _check(func, inputs, eps, atol, rtol, nondet_tol, check_grad_dtypes)) and ok
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


def _check(func, inputs, *options):
    checked = _check_inputs(inputs)
    results = _tuple(func(*inputs))
    outputs = [o for o in results if isinstance(o, torch.Tensor) and o.requires_grad]
    if any(o.is_sparse for o in outputs):
        raise ValueError("Sparse output is not supported at gradcheck yet. Please call to_dense() on the output of fn for "
                         "gradcheck.")
    if not outputs:
        for i in checked:
            for nr in range(len(results)):
                if torch.ne(_numerical(func, inputs, i, nr, options[0]), 0).sum() > 0:
                    raise GradcheckError("Numerical gradient for function expected to be zero")
        return True
    if any(o.is_complex() for o in outputs):
        _compare(func, inputs, checked, torch.imag, "imaginary", *options)
        _compare(func, inputs, checked, torch.real, "real", *options)
    else:
        _compare(func, inputs, checked, None, "", *options)
    for grad in torch.autograd.grad(outputs, [inputs[i] for i in checked], [torch.zeros_like(o) for o in outputs],
                                    allow_unused=True):
        if grad is not None and not grad.eq(0).all():
            raise GradcheckError("backward not multiplied by grad_output")
    return True


def _pushed_columns(func, inputs, which, output_nr):
    """One output's Jacobian with respect to one input by forward mode, a row for each element of the input."""
    rows, x = [], inputs[which]
    for i in range(x.numel()):
        one = torch.zeros(x.shape, dtype=x.dtype)
        one.view(-1)[i] = 1
        with forward_ad.dual_level():
            dual = [forward_ad.make_dual(v.detach(), one) if k == which else v for k, v in enumerate(inputs)]
            value, tangent = forward_ad.unpack_dual(_tuple(func(*dual))[output_nr])
        rows.append((torch.zeros_like(value) if tangent is None else tangent).detach().reshape(-1))
    return torch.stack(rows) if rows else torch.empty(0)


def _check_forward(func, inputs, eps, atol, rtol):
    for nr, output in enumerate(_tuple(func(*inputs))):
        if not isinstance(output, torch.Tensor) or not (output.is_floating_point() or output.is_complex()):
            continue
        for i in _check_inputs(inputs):
            if output.is_complex() or inputs[i].is_complex():
                raise NotImplementedError("gradcheck: check_forward_ad of complex functions")
            numerical, analytical = _numerical(func, inputs, i, nr, eps), _pushed_columns(func, inputs, i, nr)
            if not torch.allclose(analytical, numerical.to(analytical.dtype), rtol=rtol, atol=atol):
                raise GradcheckError(f"Jacobian computed with forward mode mismatch for output {nr} with respect to input {i},\n"
                                     f"numerical:{numerical}\nanalytical:{analytical}\n")
    return True


def _compare(func, inputs, checked, part, word, eps, atol, rtol, nondet_tol, check_grad_dtypes):
    """The Jacobians of what part takes of each complex output, and of the real outputs."""
    def function(*args):
        return tuple(part(o) if part and o.is_complex() else o for o in _tuple(func(*args)) if isinstance(o, torch.Tensor))

    results = [o for o in _tuple(func(*inputs)) if isinstance(o, torch.Tensor)]
    outputs = [(place, o) for place, o in enumerate(function(*inputs)) if o.requires_grad]
    for nr, (place, output) in enumerate(outputs):
        for i in checked:
            numerical, analytical = _numerical(function, inputs, i, place, eps), _analytical(output, inputs[i], check_grad_dtypes)
            again = _analytical(output, inputs[i], False)
            if analytical.numel() and (analytical - again).abs().max() > nondet_tol:
                raise GradcheckError(_NOT_REENTRANT.format(nondet_tol))
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

    return gradcheck(first, inputs + grads, eps=eps, atol=atol, rtol=rtol, raise_exception=raise_exception,
                     nondet_tol=nondet_tol)
