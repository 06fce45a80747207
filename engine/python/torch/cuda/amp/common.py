"""Whether mixed precision could work on this machine's devices."""


def amp_definitely_not_available():
    return True
