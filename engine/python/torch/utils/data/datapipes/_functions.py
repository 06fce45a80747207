"""How long a pipe is that passes on what another gives."""


def length_of(self, source):
    try:
        return len(source)
    except TypeError:
        raise TypeError(f"{type(self).__name__} instance doesn't have valid length") from None
