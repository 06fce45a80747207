"""Which layers keep the channels last, in what they give and in the gradients, degenerate sizes among them."""
from harness import case, run

SIZES = [(2, 4, 4, 4), (1, 4, 3, 3), (2, 4, 1, 3), (2, 1, 3, 3), (2, 4, 1, 1), (1, 1, 3, 3)]


def layers(channels):
    import torch
    from torch import nn
    from torch.nn import functional as F
    torch.manual_seed(0)
    last = nn.Conv2d(channels, 3, 1)
    return {"conv": nn.Conv2d(channels, 3, 1), "conv of a weight with channels last": last.to(memory_format=torch.channels_last),
            "transposed": nn.ConvTranspose2d(channels, 2, 2, 2), "norm": nn.BatchNorm2d(channels),
            "norm in eval": nn.BatchNorm2d(channels).eval(), "group norm": nn.GroupNorm(1, channels),
            "nearest": lambda x: F.interpolate(x, scale_factor=2),
            "bilinear": lambda x: F.interpolate(x, scale_factor=2, mode="bilinear"),
            "average": lambda x: F.avg_pool2d(x, 1), "adaptive": nn.AdaptiveAvgPool2d(1),
            "largest": lambda x: F.max_pool2d(x, 1).detach(), "constant": lambda x: F.pad(x, (1, 1, 1, 1)),
            "replicate": lambda x: F.pad(x, (1, 0, 1, 0), "replicate"), "relu": F.relu,
            "to contiguous": lambda x: x.to(memory_format=torch.contiguous_format)}


def strides(size, name):
    def measured():
        import torch
        found = []
        for last in (True, False):
            x = torch.arange(float(torch.Size(size).numel())).view(size) + 1
            x = (x.to(memory_format=torch.channels_last) if last else x).requires_grad_()
            layer = layers(size[1])[name]
            y = layer(x)
            if y.requires_grad:
                y.sum().backward()
            weight = getattr(layer, "weight", None)
            found.append((tuple(y.shape), y.stride(), None if x.grad is None else x.grad.stride(),
                          None if weight is None else weight.grad.stride()))
        return found
    measured.__name__ = f"{name} of {size}"
    return case(measured)


for _size in SIZES:
    for _name in ("conv", "conv of a weight with channels last", "transposed", "norm", "norm in eval", "group norm",
                  "nearest", "bilinear", "average", "adaptive", "largest", "constant", "replicate", "relu",
                  "to contiguous"):
        strides(_size, _name)


@case
def channels_of_volumes():
    import torch
    from torch import nn
    torch.manual_seed(0)
    x = torch.randn(1, 2, 3, 3, 3).to(memory_format=torch.channels_last_3d).requires_grad_()
    found = []
    for layer in (nn.Conv3d(2, 2, 2), nn.Conv3d(2, 2, 2).to(memory_format=torch.channels_last_3d),
                  nn.ConvTranspose3d(2, 2, 2)):
        x.grad = None
        y = layer(x)
        y.sum().backward()
        found.append((y.stride(), x.grad.stride(), layer.weight.grad.stride()))
    return found + [nn.functional.pad(x, (1,) * 6, mode).stride() for mode in ("constant", "reflect", "replicate", "circular")]


run(__file__)
