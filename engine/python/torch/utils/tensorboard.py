"""Logging for TensorBoard, which is a package of its own."""

import tensorboard  # noqa: F401  (where it is not installed, programs get Python's own words)

from torch import _C

SummaryWriter = _C._missing("torch.utils.tensorboard.SummaryWriter")
