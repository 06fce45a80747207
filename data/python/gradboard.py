"""What a scene needs beyond PyTorch: knobs, marks, predictions and checks.

A scene is an ordinary PyTorch program.  On the board these functions reach the
window through ``torch._C._board``; anywhere else (real PyTorch, or no torch at
all) they return their defaults and change nothing, so the same file runs there.

The board is an object with the methods
    knob(name, default, low, high, log, choices) -> value
    watch(obj)    log(name, value, x, over)    show(tensor, view, labels)    mark(label)
    ask(id)       tell(id, json)      check(name, holds)    event(name, json)
"""

import json
import math

__all__ = ["knob", "watch", "log", "show", "mark", "ask", "tell", "check"]

try:
    from torch._C import _board
except ImportError:
    _board = None


def knob(name, default, low=None, high=None, log=False, choices=None):
    """The current value of a knob: `default` until somebody turns it.

    Call it where the value is used, inside the loop, so that turning the knob
    takes effect at the next step.  `log=True` makes the scale logarithmic;
    `choices` is a list to pick from, in place of a range.
    """
    if choices is None and (low is None or high is None):
        raise ValueError(f"knob {name!r} needs a range or choices")
    if _board is None:
        return default
    return _board.knob(name, default, low, high, log, choices)


def watch(obj):
    """Keep a module or tensor in view; returns it, so it can wrap an expression."""
    if _board is not None:
        _board.watch(obj)
    return obj


def log(name, value, x=None, over="x", **fields):
    """Add one point to the curve `name`; a one-element tensor counts as its number.

    The curve runs over iterations, or over `x` where that is given; `over` is
    what the axis is called then.  Drawn again from its first x, it starts anew.

    With more fields it is an event instead, and no curve, for the views that tell events:
    surface  log("adam", loss, x=w0, y=w1): the next place of a path
    ranks    log("all_reduce", seconds, rank=0, at=start, bytes=n): what a rank did;
             "send" and "recv" name their peer=
    traffic  log("request", ms, at=seconds, version="v1", ok=True); also "queue" (its
             length), "alert" and "line", which have text=
    """
    if _board is None:
        return
    if fields:
        told = {"value": float(value), "x": x, **fields}
        _board.event(name, json.dumps({key: _as_plain(item) for key, item in told.items() if item is not None}))
    elif x is None:
        _board.log(name, float(value))
    else:
        _board.log(name, float(value), float(x), over)


def show(tensor, view=None, labels=None, x=None, y=None):
    """Point a view at a tensor; returns the tensor.

    `view` is a view id such as "stride" or "attn"; None leaves the choice to the
    board.  `labels` names the entries of the last axis (a list of str) or of the
    last two (a pair of such lists: rows, columns).  `x` and `y` are numbers in
    their place: where the columns and the rows of a matrix lie.
    """
    if _board is not None:
        if x is not None and y is not None:
            labels = (_as_plain(y), _as_plain(x))
        _board.show(tensor, view, _as_label_lists(labels))
    return tensor


def mark(label):
    """Put a named mark on the timeline here."""
    if _board is not None:
        _board.mark(str(label))


def ask(id):
    """Pause for a prediction.  The question's words are in scene.json."""
    if _board is not None:
        _board.ask(id)


def tell(id, value):
    """Give the computed truth for the prediction `id`, after it was asked.

    Numbers, strings, bools, None, shapes, lists and tensors are understood.
    """
    if _board is not None:
        _board.tell(id, json.dumps(_as_plain(value), ensure_ascii=False))


def check(name, condition):
    """State a fact that must hold.

    The board records the result and goes on, since a turned knob may break a
    fact and that is worth seeing.  Without a board a fact that does not hold
    raises AssertionError with its name.
    """
    holds = bool(condition)
    if _board is not None:
        _board.check(name, holds)
    elif not holds:
        raise AssertionError(name)
    return holds


def _as_plain(value):
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, (list, tuple)):
        return [_as_plain(item) for item in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return str(value)


def _as_label_lists(labels):
    if labels is None:
        return None
    labels = list(labels)
    if labels and not isinstance(labels[0], str):
        return [[str(item) for item in axis] for axis in labels]
    return [[str(item) for item in labels]]
