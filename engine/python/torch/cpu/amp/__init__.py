"""Automatic mixed precision on the CPU."""

from .autocast_mode import autocast  # noqa: F401
