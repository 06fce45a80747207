"""torch.cpu.amp.autocast(...) is torch.autocast("cpu", ...)."""

import torch

__all__ = ["autocast"]


class autocast(torch.amp.autocast_mode.autocast):
    def __init__(self, enabled=True, dtype=torch.bfloat16, cache_enabled=True):
        super().__init__("cpu", enabled=enabled, dtype=dtype, cache_enabled=cache_enabled)
