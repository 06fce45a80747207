"""Builds torchvision models, runs each both ways and takes one step: model.py FOLDER NAME SIZE…  What it prints is compared.

Each model has a process of its own, forked when torch and torchvision are there, and FOLDER/NAME is what it printed.
"""
import hashlib
import os
import signal
import sys
import traceback
import warnings

import torch
from torchvision import models

SECONDS = 240

# A program prints no warning from importing torchvision; those of single models are its own.
warnings.simplefilter("ignore")


def tensors(value):
    if isinstance(value, torch.Tensor):
        return [value]
    items = value.values() if isinstance(value, dict) else value
    return [tensor for item in items for tensor in tensors(item)]


def total(values):
    """In pieces: a copy of the largest weights in float64 takes the machine longer to find memory for than to add up."""
    return sum(piece.double().abs().sum().item() for value in values for piece in value.detach().reshape(-1).split(1 << 18))


def build(name, size):
    where = next(m for m in (models, models.segmentation, models.detection, models.video) if hasattr(m, name))
    options = {"init_weights": True} if name in ("googlenet", "inception_v3") else {}
    if where is models.segmentation:
        options = {"weights_backbone": None}
    if name.startswith("vit"):
        options = {"image_size": size}
    return getattr(where, name)(**options)


def run(name, size):
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


def main(folder, *wanted):
    for name, size in zip(wanted[::2], wanted[1::2]):
        child = os.fork()
        if child == 0:
            status = 1
            try:
                file = os.open(os.path.join(folder, name), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
                os.dup2(file, 1)
                os.dup2(file, 2)
                signal.alarm(SECONDS)
                run(name, int(size))
                status = 0
            except Exception as error:
                print(*traceback.format_exception_only(error))
            finally:
                sys.stdout.flush()
                os._exit(status)
        os.waitpid(child, 0)


main(*sys.argv[1:])
