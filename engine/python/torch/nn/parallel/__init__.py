"""Training on several devices: with none but the processor, a wrapper that calls its module."""

from torch import _absent
from torch.nn.modules.module import Module


class DataParallel(Module):
    """module, whose parameters are called module.NAME."""

    def __init__(self, module, device_ids=None, output_device=None, dim=0):
        super().__init__()
        self.module = module
        self.device_ids = []

    def forward(self, *inputs, **kwargs):
        return self.module(*inputs, **kwargs)


def __getattr__(name):
    return _absent.missing("torch.nn.parallel", name)
