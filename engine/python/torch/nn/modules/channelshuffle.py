from .shape import ChannelShuffle  # noqa: F401
