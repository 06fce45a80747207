"""Gradients compared with differences of the function itself."""

import torch


class GradcheckError(RuntimeError):
    pass


def _tuple(value):
    return value if isinstance(value, tuple) else tuple(value) if isinstance(value, list) else (value,)


def _numerical(func, inputs, which, output_nr, eps):
    x = inputs[which]
    flat = x.data.reshape(-1) if x.is_contiguous() else None
    if flat is None:
        raise ValueError("gradcheck expects contiguous inputs")
    columns = []
    with torch.no_grad():
        for i in range(flat.numel()):
            saved = flat[i].item()
            flat[i] = saved + eps
            above = _tuple(func(*inputs))[output_nr].clone()
            flat[i] = saved - eps
            below = _tuple(func(*inputs))[output_nr].clone()
            flat[i] = saved
            columns.append(((above - below) / (2 * eps)).reshape(-1))
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
    """Whether backward agrees with small differences, for inputs of dtype float64 that require gradients."""
    inputs = _tuple(inputs)
    checked = [i for i, x in enumerate(inputs) if isinstance(x, torch.Tensor) and x.requires_grad]
    if not checked:
        raise ValueError("gradcheck expects at least one input tensor to require gradient, but none of the them have "
                         "requires_grad=True.")
    outputs = [o for o in _tuple(func(*inputs)) if isinstance(o, torch.Tensor)]
    for nr, output in enumerate(outputs):
        if not output.requires_grad:
            continue
        for i in checked:
            numerical, analytical = _numerical(func, inputs, i, nr, eps), _analytical(output, inputs[i])
            if not torch.allclose(analytical, numerical.to(analytical.dtype), rtol=rtol, atol=atol):
                if raise_exception:
                    raise GradcheckError(f"Jacobian mismatch for output {nr} with respect to input {i},\nnumerical:"
                                         f"{numerical}\nanalytical:{analytical}\n")
                return False
    return True


def gradgradcheck(func, inputs, grad_outputs=None, *, eps=1e-6, atol=1e-5, rtol=1e-3, gen_non_contig_grad_outputs=False,
                  raise_exception=True, nondet_tol=0.0, **options):
    """The same for second derivatives."""
    inputs = _tuple(inputs)
    outputs = [o for o in _tuple(func(*inputs)) if isinstance(o, torch.Tensor) and o.requires_grad]
    grads = _tuple(grad_outputs) if grad_outputs is not None else tuple(
        torch.randn_like(o).requires_grad_() for o in outputs)

    def first(*args):
        with torch.enable_grad():
            return gradients(args[:len(inputs)], args[len(inputs):])

    def gradients(xs, gs):
        wanted = [x for x in xs if isinstance(x, torch.Tensor) and x.requires_grad]
        results = [o for o in _tuple(func(*xs)) if isinstance(o, torch.Tensor) and o.requires_grad]
        return torch.autograd.grad(results, wanted, gs, create_graph=True, allow_unused=True)

    return gradcheck(first, inputs + grads, eps=eps, atol=atol, rtol=rtol, raise_exception=raise_exception)
