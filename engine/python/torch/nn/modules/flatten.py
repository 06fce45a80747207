from .shape import Flatten, Unflatten  # noqa: F401
