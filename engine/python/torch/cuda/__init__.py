"""There is no CUDA here; programs that ask get an answer."""


def is_available():
    return False


def device_count():
    return 0


def is_initialized():
    return False


def manual_seed(seed):
    pass


def manual_seed_all(seed):
    pass


def empty_cache():
    pass


def _absent(*args, **kwargs):
    raise AssertionError("Torch not compiled with CUDA enabled")


current_device = get_device_name = get_device_properties = set_device = synchronize = memory_allocated = _absent
max_memory_allocated = init = get_rng_state = is_bf16_supported = _absent


class OutOfMemoryError(RuntimeError):
    pass


from . import amp  # noqa: E402,F401
