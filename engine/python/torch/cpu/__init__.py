"""What is about the CPU alone."""

from . import amp  # noqa: F401
