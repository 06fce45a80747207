"""What the transforms do, as functions.  Images are tensors (…, C, H, W), or PIL's where Pillow is installed."""

import torch
from torch.nn import functional as F


def _is_pil(img):
    return not isinstance(img, torch.Tensor) and hasattr(img, "getbands")


def _mode(interpolation):
    return getattr(interpolation, "value", interpolation)


def get_dimensions(img):
    """Channels, height, width."""
    if _is_pil(img):
        return [len(img.getbands()), img.size[1], img.size[0]]
    return [1 if img.ndim == 2 else img.shape[-3], *img.shape[-2:]]


def get_image_size(img):
    return get_dimensions(img)[:0:-1]


def pil_to_tensor(pic):
    if not _is_pil(pic):
        raise TypeError(f"pic should be PIL Image. Got {type(pic)}")
    import numpy
    data = torch.as_tensor(numpy.array(pic, copy=True))
    return data.view(pic.size[1], pic.size[0], len(pic.getbands())).permute(2, 0, 1)


def to_tensor(pic):
    """A picture of bytes as floats between 0 and 1, channels first."""
    if _is_pil(pic):
        if pic.mode == "1":
            return pil_to_tensor(pic).contiguous().float()
        tensor = pil_to_tensor(pic).contiguous()
    elif type(pic).__module__ == "numpy" and pic.ndim in (2, 3):
        tensor = torch.from_numpy((pic[:, :, None] if pic.ndim == 2 else pic).transpose((2, 0, 1))).contiguous()
    elif type(pic).__module__ == "numpy":
        raise ValueError(f"pic should be 2/3 dimensional. Got {pic.ndim} dimensions.")
    else:
        raise TypeError(f"pic should be PIL Image or ndarray. Got {type(pic)}")
    return tensor.to(dtype=torch.get_default_dtype()).div(255) if tensor.dtype == torch.uint8 else tensor


def to_pil_image(pic, mode=None):
    from PIL import Image
    if isinstance(pic, torch.Tensor):
        if pic.is_floating_point() and mode != "F":
            pic = pic.mul(255).byte()
        pic = (pic.unsqueeze(0) if pic.ndim == 2 else pic).permute(1, 2, 0).numpy()
    if pic.shape[-1] == 1 and pic.ndim == 3:
        pic = pic[:, :, 0]
    return Image.fromarray(pic, mode)


def convert_image_dtype(image, dtype=torch.float):
    """Between bytes and floats: 255 is 1."""
    if image.dtype == dtype:
        return image
    if image.is_floating_point() == dtype.is_floating_point:
        return image.to(dtype)
    if image.is_floating_point():
        return image.mul(torch.iinfo(dtype).max + 1.0 - 1e-3).to(dtype)
    return image.to(dtype) / torch.iinfo(image.dtype).max


def normalize(tensor, mean, std, inplace=False):
    if not isinstance(tensor, torch.Tensor):
        raise TypeError(f"img should be Tensor Image. Got {type(tensor)}")
    if not tensor.is_floating_point():
        raise TypeError(f"Input tensor should be a float tensor. Got {tensor.dtype}.")
    if tensor.ndim < 3:
        raise ValueError("Expected tensor to be a tensor image of size (..., C, H, W). Got tensor.size() = "
                         f"{tensor.size()}")
    mean, std = (torch.as_tensor(values, dtype=tensor.dtype) for values in (mean, std))
    if (std == 0).any():
        raise ValueError(f"std evaluated to zero after conversion to {tensor.dtype}, leading to division by zero.")
    mean, std = (values.view(-1, 1, 1) if values.ndim == 1 else values for values in (mean, std))
    return (tensor if inplace else tensor.clone()).sub_(mean).div_(std)


def _floats(function, img):
    """Runs function on an image of floats with a batch before it, and rounds back to what img is made of."""
    flat = img.reshape((-1,) + tuple(img.shape[-3:])) if img.ndim != 4 else img
    out = function(flat if img.is_floating_point() else flat.float())
    out = out if img.is_floating_point() else out.round().clamp(0, 255).to(img.dtype)
    return out.reshape(tuple(img.shape[:-2]) + tuple(out.shape[-2:]))


def resize(img, size, interpolation="bilinear", max_size=None, antialias=None):
    """To size (height, width), or with one number so that the shorter edge has it."""
    _, height, width = get_dimensions(img)
    if isinstance(size, int) or len(size) == 1:
        edge = size if isinstance(size, int) else size[0]
        short, long = sorted((width, height))
        longer = int(edge * long / short)
        if max_size is not None and longer > max_size:
            edge, longer = int(max_size * edge / longer), max_size
        size = (longer, edge) if width <= height else (edge, longer)
    if (height, width) == tuple(size):
        return img
    mode = _mode(interpolation)
    if _is_pil(img):
        from PIL import Image
        return img.resize(tuple(size)[::-1], getattr(Image, mode.upper()))
    options = {} if mode == "nearest" else {"align_corners": False, "antialias": bool(antialias)}
    return _floats(lambda x: F.interpolate(x, size=list(size), mode=mode, **options), img)


def pad(img, padding, fill=0, padding_mode="constant"):
    """padding: one number, (left and right, top and bottom), or (left, top, right, bottom)."""
    sides = [padding] * 4 if isinstance(padding, int) else list(padding) * (4 // len(padding))
    left, top, right, bottom = sides
    if _is_pil(img):
        from PIL import Image, ImageOps
        if padding_mode == "constant":
            return ImageOps.expand(img, border=tuple(sides), fill=fill)
        return Image.fromarray(pad(pil_to_tensor(img), padding, fill, padding_mode).permute(1, 2, 0).squeeze(-1).numpy())
    if padding_mode == "constant":
        return F.pad(img, [left, right, top, bottom], value=float(fill))
    mode = "replicate" if padding_mode == "edge" else padding_mode
    return _floats(lambda x: F.pad(x, [left, right, top, bottom], mode=mode), img)


def crop(img, top, left, height, width):
    """A window; what lies outside the image is 0."""
    if _is_pil(img):
        return img.crop((left, top, left + width, top + height))
    _, h, w = get_dimensions(img)
    inside = img[..., max(top, 0):max(top + height, 0), max(left, 0):max(left + width, 0)]
    missing = [max(min(left + width, 0) - left if left + width < 0 else -left, 0), max(left + width - w, 0),
               max(-top, 0), max(top + height - h, 0)]
    return F.pad(inside, missing) if any(missing) else inside


def center_crop(img, output_size):
    height, width = (output_size,) * 2 if isinstance(output_size, int) else (tuple(output_size) * 2)[:2]
    _, h, w = get_dimensions(img)
    if width > w or height > h:
        sides = [(width - w) // 2 if width > w else 0, (height - h) // 2 if height > h else 0,
                 (width - w + 1) // 2 if width > w else 0, (height - h + 1) // 2 if height > h else 0]
        img = pad(img, sides)
        _, h, w = get_dimensions(img)
    return crop(img, int(round((h - height) / 2.0)), int(round((w - width) / 2.0)), height, width)


def resized_crop(img, top, left, height, width, size, interpolation="bilinear", antialias=None):
    return resize(crop(img, top, left, height, width), size, interpolation, antialias=antialias)


def hflip(img):
    return img.transpose(0) if _is_pil(img) else img.flip(-1)


def vflip(img):
    return img.transpose(1) if _is_pil(img) else img.flip(-2)


def rgb_to_grayscale(img, num_output_channels=1):
    if _is_pil(img):
        gray = img.convert("L")
        return gray if num_output_channels == 1 else gray.convert("RGB")
    r, g, b = img.unbind(dim=-3)
    gray = (0.2989 * r + 0.587 * g + 0.114 * b).to(img.dtype).unsqueeze(dim=-3)
    return gray.expand(img.shape) if num_output_channels == 3 else gray


to_grayscale = rgb_to_grayscale
