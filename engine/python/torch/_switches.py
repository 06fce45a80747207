"""Switches that programs set: they are remembered, and change nothing here."""

_deterministic = [False, False]  # asked for, warnings only; results never depend on threads here, whatever the mode


def are_deterministic_algorithms_enabled():
    return _deterministic[0]


def is_deterministic_algorithms_warn_only_enabled():
    return _deterministic[1]


def use_deterministic_algorithms(mode, *, warn_only=False):
    for name, value in ("'mode' (position 1)", mode), ("'warn_only'", warn_only):
        if value is not True and value is not False:
            raise TypeError(f"_set_deterministic_algorithms(): argument {name} must be bool, not {type(value).__name__}")
    _deterministic[:] = mode, warn_only


def get_deterministic_debug_mode():
    return 0 if not _deterministic[0] else 1 if _deterministic[1] else 2


def set_deterministic_debug_mode(debug_mode):
    words = {"default": 0, "warn": 1, "error": 2}
    if not isinstance(debug_mode, (str, int)):
        raise TypeError(f"debug_mode must be str or int, but got {type(debug_mode)}")
    if words.get(debug_mode, debug_mode) not in (0, 1, 2):
        expected = "`default`, `warn`, `error`," if isinstance(debug_mode, str) else "0, 1, or 2,"
        kind = "one of " if isinstance(debug_mode, str) else ""
        raise RuntimeError(f"invalid value of debug_mode, expected {kind}{expected} but got {debug_mode}")
    debug_mode = words.get(debug_mode, debug_mode)
    _deterministic[:] = debug_mode > 0, debug_mode == 1


_matmul_precision = ["highest"]


def set_float32_matmul_precision(precision):
    """Remembered; products are always of full precision here."""
    if precision in ("highest", "high", "medium"):
        _matmul_precision[:] = [precision]


def get_float32_matmul_precision():
    return _matmul_precision[0]


__all__ = [name for name in globals() if name[0] != "_"]
