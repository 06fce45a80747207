"""Whether operations are recorded."""

from torch._C import enable_grad, inference_mode, no_grad, set_grad_enabled  # noqa: F401
