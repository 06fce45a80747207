from .shape import Fold, Unfold  # noqa: F401
