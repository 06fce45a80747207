from .shape import PixelShuffle, PixelUnshuffle  # noqa: F401
