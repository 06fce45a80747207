"""Samples over the op table: one file a family, one row an op.

    row("add", 2, "torch.add(x, y)", "torch.add(x, 2, alpha=3)", errors=["torch.add(x, 'a')"])

names the op, says how often it can be differentiated (0, 1, 2), and gives calls; the first one is run over every
layout and dtype, the others as they are.  inputs.py has the names that samples use.  test_ops.py runs all rows on the
engine and on PyTorch and fails for an op of the engine's table that has no row.
"""

ROWS = {}
_MODES = {"reflection": "reflect", "replication": "replicate", "nearest_exact": "nearest-exact", "nearest": "nearest",
          "trilinear": "trilinear", "bilinear": "bilinear", "bicubic": "bicubic", "linear": "linear", "tanh": "tanh",
          "relu": "relu"}


def _spelled(text, name):
    mode = next((mode for part, mode in _MODES.items() if part in name), "")
    return text.replace("NAME", name).replace("FUNCTION", name.partition("_")[2]).replace("MODE", mode)


class Row:
    def __init__(self, name, grad, samples, errors, dtypes, special):
        self.name, self.grad, self.samples, self.errors = name, grad, samples, errors
        self.dtypes, self.special = dtypes, special


def row(names, grad, *samples, errors=(), dtypes=True, special=True):
    """names may be several, separated by blanks.  In samples NAME stands for each, FUNCTION for what follows special_ or
    linalg_, MODE for the mode that the name speaks of."""
    for name in names.split():
        texts = [_spelled(sample, name) for sample in samples]
        wrong = [_spelled(error, name) for error in errors]
        assert name not in ROWS and texts and wrong, name
        ROWS[name] = Row(name, grad, texts, wrong, dtypes, special)


INTERNAL = {}


def internal(names, reason):
    """Rows of the engine's table that PyTorch has not, or not by that name."""
    INTERNAL.update((name, reason) for name in names.split())


def is_internal(name):
    """What only the engine itself calls: backward rules' parts, and names of its own."""
    return name in INTERNAL or name.endswith("_backward") or (name.startswith("_") and name not in ROWS)
