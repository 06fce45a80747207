"""What is kept for backward, and keeping something else in its place."""

import contextlib

from torch import _C


class saved_tensors_hooks:
    """Within it pack_hook (tensor) says what to keep of each saved tensor, and unpack_hook (kept) gives the tensor back."""

    def __init__(self, pack_hook, unpack_hook):
        self.pack_hook, self.unpack_hook = pack_hook, unpack_hook

    def __enter__(self):
        _C._push_saved_tensors_hooks(self.pack_hook, self.unpack_hook)

    def __exit__(self, *args):
        _C._pop_saved_tensors_hooks()


class save_on_cpu(saved_tensors_hooks):
    """Keeps copies in the CPU's memory; there is no other here."""

    def __init__(self, pin_memory=False):
        super().__init__(lambda tensor: (tensor.device, tensor.cpu()), lambda packed: packed[1].to(packed[0]))


@contextlib.contextmanager
def disable_saved_tensors_hooks(error_message):
    """Within it saved_tensors_hooks raises error_message."""
    before = _C._disable_saved_tensors_hooks(error_message)
    try:
        yield
    finally:
        _C._disable_saved_tensors_hooks(before)
