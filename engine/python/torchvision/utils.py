"""Images side by side."""

import math

import torch

from torchvision.transforms.functional import to_pil_image

__all__ = ["make_grid", "save_image"]


def _scaled(tensor, value_range):
    low, high = value_range or (float(tensor.min()), float(tensor.max()))
    return tensor.clamp(low, high).sub(low).div(max(high - low, 1e-5))


@torch.no_grad()
def make_grid(tensor, nrow=8, padding=2, normalize=False, value_range=None, scale_each=False, pad_value=0.0):
    """Images (B, C, H, W), or a list of them, as one image with nrow in a row."""
    if isinstance(tensor, list):
        tensor = torch.stack(tensor, dim=0)
    if not isinstance(tensor, torch.Tensor):
        raise TypeError(f"tensor or list of tensors expected, got {type(tensor)}")
    if tensor.dim() == 2:
        tensor = tensor.unsqueeze(0)
    if tensor.dim() == 3:
        tensor = tensor.unsqueeze(0)
    if tensor.size(1) == 1:
        tensor = torch.cat((tensor, tensor, tensor), 1)
    if normalize:
        tensor = torch.stack([_scaled(t, value_range) for t in tensor]) if scale_each else _scaled(tensor, value_range)
    if tensor.size(0) == 1:
        return tensor.squeeze(0)
    columns = min(nrow, tensor.size(0))
    rows = math.ceil(tensor.size(0) / columns)
    height, width = tensor.size(2) + padding, tensor.size(3) + padding
    grid = tensor.new_full((tensor.size(1), height * rows + padding, width * columns + padding), pad_value)
    for k, image in enumerate(tensor):
        top, left = k // columns * height + padding, k % columns * width + padding
        grid[:, top:top + height - padding, left:left + width - padding] = image
    return grid


@torch.no_grad()
def save_image(tensor, fp, format=None, **kwargs):
    """A grid of images as a file."""
    grid = make_grid(tensor, **kwargs)
    to_pil_image(grid.mul(255).add(0.5).clamp(0, 255).to(torch.uint8)).save(fp, format=format)
