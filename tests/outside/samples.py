"""PyTorch's own operator and module samples as files: for operators.py, on PyTorch alone."""
import itertools
import sys
import types
import unittest

import torch

import carry

# What the test files of PyTorch import and Debian does not have: only its name and one setting are used.
sys.modules.setdefault("expecttest", types.SimpleNamespace(TestCase=unittest.TestCase, ACCEPT=True, __spec__=None))
DTYPES = [getattr(torch, name) for name in "float32 float64 complex64 int64 bool bfloat16 float16".split()]
# How many samples of a kind for a dtype; the first ones and others evenly among the rest.
MOST = {"sample": 8, "reference": 6, "error": 40, "refused": 2, "module": 4}
# Nothing that PyTorch on a CPU can do, or that is left for a later round (see examples.py); complex numbers of half precision.
ASIDE = ("jiterator", "sparse.", "to_sparse", "masked.", "chalf")
# Python never calls these with a tensor on the left, which has a method of its own.
REFLECTED = ("__radd__", "__rand__", "__rdiv__", "__rmod__", "__rmul__", "__ror__", "__rpow__", "__rsub__", "__rxor__")


def full_name(op):
    return f"{op.name}.{op.variant_test_name}" if op.variant_test_name else op.name


def op_table():
    from torch.testing._internal.common_methods_invocations import op_db
    return {full_name(op): op for op in op_db if not op.name.startswith(ASIDE)}


def module_table():
    from torch.testing._internal.common_modules import module_db
    return {info.name: info for info in module_db}


def spread(items, most):
    items = list(itertools.islice(items, 400))
    if len(items) <= most:
        return items
    first = most // 2
    step = (len(items) - first) / (most - first)
    return items[:first] + [items[first + int(i * step)] for i in range(most - first)]


def grown(make, *args, **kwargs):
    """The samples that a generator gives before it fails."""
    try:
        yield from make(*args, **kwargs)
    except Exception:
        return


class Cases:
    """The cases of one operator, each of them plain values."""

    def __init__(self, name):
        self.name, self.rows, self.aside = name, [], 0
        self.unfilled = name in ("empty", "empty_like", "new_empty", "new_empty_strided")

    def add(self, kind, dtype, f, sample, **more):
        writer = carry.Writer()
        if self.name in REFLECTED and (not isinstance(sample.input, torch.Tensor) or isinstance(sample.args[0], torch.Tensor)):
            self.aside += 1
            return
        try:
            self.rows.append(dict(more, name=f"{self.name} {kind} {dtype}", kind=kind, unfilled=self.unfilled, f=writer.value(f), input=writer.value(sample.input),
                                  args=writer.value(tuple(sample.args)), kwargs=writer.value(dict(sample.kwargs)),
                                  pick=writer.value(sample.output_process_fn_grad), storages=writer.storages))
        except carry.Unfit:
            self.aside += 1


def cast(sample, dtype):
    return sample.transform(lambda t: t.to(dtype) if isinstance(t, torch.Tensor) and t.dtype == torch.float32 else
                            dtype if t is torch.float32 else t)


def operator_cases(op):
    cases, writer = Cases(full_name(op)), carry.Writer()
    try:
        inplace = writer.value(op.get_inplace())
    except carry.Unfit:
        inplace = None
    for dtype in DTYPES:
        short = str(dtype)[6:]
        if not op.supports_dtype(dtype, "cpu"):
            for sample in spread(grown(op.sample_inputs, "cpu", torch.float32), MOST["refused"]):
                try:
                    cases.add("refused", short, op.op, cast(sample, dtype))
                except Exception:
                    continue
            continue
        gradient = op.supports_autograd and dtype in op.supported_backward_dtypes("cpu")
        second = gradient and op.supports_gradgrad and dtype in (torch.float64, torch.complex64)
        for kind, make in ("sample", op.sample_inputs), ("reference", op.reference_inputs):
            if kind == "reference" and op.reference_inputs_func is None:
                continue
            torch.manual_seed(0)
            for i, sample in enumerate(spread(grown(make, "cpu", dtype, requires_grad=gradient), MOST[kind])):
                cases.add(kind, short, op.op, sample, gradient=gradient, second=second and kind == "sample",
                          inplace=inplace if kind == "sample" else None,
                          out=("right",) + (("dtype", "size", "gradient") if i == 0 else ()) if op.supports_out and kind == "sample" else ())
    if op.error_inputs_func is not None:
        for error in spread(grown(op.error_inputs, "cpu"), MOST["error"]):
            cases.add("error", "any", op.op, error.sample_input)
    return cases


def module_cases(info):
    cases = Cases(info.name)
    for dtype in torch.float32, torch.float64:
        for training in (True, False) if info.train_and_eval_differ else (True,):
            torch.manual_seed(0)
            inputs = spread(grown(info.module_inputs_func, info, device="cpu", dtype=dtype, requires_grad=True, training=training), MOST["module"])
            for sample in inputs:
                made, given = sample.constructor_input, sample.forward_input
                if given is None:
                    continue
                whole = types.SimpleNamespace(input=info.module_cls, args=given.args, kwargs=given.kwargs, output_process_fn_grad=None)
                writer = carry.Writer()
                try:
                    constructor = [writer.value(tuple(made.args)), writer.value(dict(made.kwargs, dtype=dtype, device="cpu"))]
                except carry.Unfit:
                    cases.aside += 1
                    continue
                if writer.storages:
                    cases.aside += 1
                    continue
                cases.add("module", str(dtype)[6:] + (" training" if training else ""), info.module_cls, whole, gradient=True,
                          constructor=constructor, training=training)
    return cases


def cases_of(name):
    """(rows, how many were put aside) of an operator or module."""
    ops = op_table()
    made = operator_cases(ops[name]) if name in ops else module_cases(module_table()[name])
    return made.rows, made.aside


def names():
    return [*op_table(), *module_table()]
