"""Names from the time of two Pythons, which programs still import."""

from math import inf, nan  # noqa: F401

string_classes = (str, bytes)
