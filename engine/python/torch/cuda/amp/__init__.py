"""Automatic mixed precision on CUDA, which is not there: regions and scalers say so and do nothing."""

from .autocast_mode import autocast, custom_bwd, custom_fwd  # noqa: F401
from .grad_scaler import GradScaler  # noqa: F401
