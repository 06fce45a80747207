"""Builds one torchvision model, runs it both ways and takes one step: model.py NAME SIZE.  What it prints is compared."""
import hashlib
import sys
import warnings

import torch
from torchvision import models

# A program prints no warning from importing torchvision; those of single models are its own.
warnings.simplefilter("ignore")


def tensors(value):
    if isinstance(value, torch.Tensor):
        return [value]
    items = value.values() if isinstance(value, dict) else value
    return [tensor for item in items for tensor in tensors(item)]


def total(values):
    return sum(value.detach().double().abs().sum().item() for value in values)


def build(name, size):
    where = next(m for m in (models, models.segmentation, models.detection, models.video) if hasattr(m, name))
    options = {"init_weights": True} if name in ("googlenet", "inception_v3") else {}
    if where is models.segmentation:
        options = {"weights_backbone": None}
    if name.startswith("vit"):
        options = {"image_size": size}
    return getattr(where, name)(**options)


def main(name, size):
    torch.manual_seed(0)
    model = build(name, size)
    state = model.state_dict()
    print("keys", len(state), hashlib.md5(" ".join(state).encode()).hexdigest())
    print("repr", hashlib.md5(repr(model).encode()).hexdigest())
    print(f"weights {total(state.values()):.5g}")
    frames = (4,) if "3d" in name else ()
    x = torch.rand(2, 3, *frames, size, size)
    model.eval()
    with torch.no_grad():
        for out in tensors(model(x)):
            print("eval", tuple(out.shape), out.stride(), " ".join(f"{v:.3f}" for v in out.flatten()[:6].tolist()))
    model.train()
    torch.manual_seed(1)
    outs = tensors(model(x))
    loss = sum((out * out).mean() for out in outs)
    loss.backward()
    gradients = [p.grad for p in model.parameters() if p.grad is not None]
    print(f"train {loss.item():.3g}", outs[0].grad_fn.name(), len(gradients), f"{total(gradients):.2g}")
    torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9).step()
    print(f"buffers {total(model.buffers()):.4g}")


main(sys.argv[1], int(sys.argv[2]))
