"""Names of reductions and their codes."""

from .functional import _Reduction

get_enum, legacy_get_string = _Reduction.get_enum, _Reduction.legacy_get_string


def legacy_get_enum(size_average, reduce, emit_warning=True):
    return get_enum(legacy_get_string(size_average, reduce, emit_warning))
