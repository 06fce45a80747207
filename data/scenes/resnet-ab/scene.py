"""The same deep convolutional net, with and without shortcuts.

A stem, twelve blocks of two convolutions and a linear head read handwritten digits.
Both nets have the same layers, the same numbers to begin with and the same batches;
the only difference is one addition per block.
"""

from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F

import gradboard as gb

DIGITS = Path(__file__).resolve().parents[2] / "datasets" / "digits.bin"
RECORD = 65  # 64 pixels from 0 to 16, then the label
TRAIN = 1437
WIDTH = 16
BATCH = 32
NETS = {"plain": False, "residual": True}


def load_digits():
    """Images (N, 1, 8, 8) between 0 and 1, labels (N,): training part, test part."""
    raw = bytearray(DIGITS.read_bytes())
    records = torch.frombuffer(raw, dtype=torch.uint8).reshape(-1, RECORD)
    images = records[:, :64].reshape(-1, 1, 8, 8).float() / 16
    labels = records[:, 64].long()
    return (images[:TRAIN], labels[:TRAIN]), (images[TRAIN:], labels[TRAIN:])


class Block(nn.Module):
    """Two 3x3 convolutions, each with its norm; with `skip`, x is added before the last ReLU."""

    def __init__(self, skip, norm=nn.BatchNorm2d):
        super().__init__()
        self.conv1 = nn.Conv2d(WIDTH, WIDTH, 3, padding=1, bias=False)
        self.bn1 = norm(WIDTH)
        self.conv2 = nn.Conv2d(WIDTH, WIDTH, 3, padding=1, bias=False)
        self.bn2 = norm(WIDTH)
        self.skip = skip

    def forward(self, x):
        branch = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(x + branch if self.skip else branch)


class DeepNet(nn.Module):
    def __init__(self, skip, blocks, norm=nn.BatchNorm2d):
        super().__init__()
        self.stem = nn.Conv2d(1, WIDTH, 3, stride=2, padding=1, bias=False)
        self.bn = norm(WIDTH)
        self.blocks = nn.Sequential(*[Block(skip, norm) for _ in range(blocks)])
        self.head = nn.Linear(WIDTH, 10)

    def forward(self, x):                            # (N, 1, 8, 8)
        x = F.relu(self.bn(self.stem(x)))            # (N, 16, 4, 4)
        x = self.blocks(x)                           # (N, 16, 4, 4)
        return self.head(x.mean(dim=(2, 3)))         # (N, 10), one score per digit


def build(seed=0, norm=nn.BatchNorm2d):
    """Both nets, with the same first numbers: a shortcut brings none of its own."""
    blocks = gb.knob("blocks", 12, 1, 16)
    pair = nn.ModuleDict()
    for name, skip in NETS.items():
        torch.manual_seed(seed)
        pair[name] = DeepNet(skip, int(blocks), norm)
    return pair


def count(module):
    return sum(p.numel() for p in module.parameters())


def shapes():
    """Before any training: what comes out, how many numbers, and a block that does nothing."""
    (images, _), _ = load_digits()
    nets = gb.watch(build())
    gb.ask("output-shape")
    gb.ask("parameters")
    gb.ask("zero-gamma")
    for name, net in nets.items():
        print(f"{name:<9}{tuple(images[:BATCH].shape)} -> {tuple(net(images[:BATCH]).shape)}   {count(net)} parameters")
    net = nets["residual"]
    print(f"stem {count(net.stem) + count(net.bn)}, {len(net.blocks)} blocks of {count(net.blocks[0])}, "
          f"head {count(net.head)}")
    gb.tell("output-shape", net(images[:BATCH]).shape)
    gb.tell("parameters", count(net))
    gb.check("shortcuts of the same shape add no parameter", count(nets["plain"]) == count(net))

    torch.manual_seed(0)
    x = torch.rand(4, WIDTH, 4, 4)                   # not negative, like all that comes from a ReLU
    for name, net in nets.items():
        block = net.blocks[0]
        nn.init.zeros_(block.bn2.weight)
        y = block(x)
        found = "zeros" if not y.any() else "identity" if torch.equal(y, x) else "other"
        print(f"bn2.weight = 0 in a block of the {name} net: it gives {found}")
    gb.tell("zero-gamma", found)


@torch.no_grad()
def accuracy(net, images, labels):
    net.eval()
    right = (net(images).argmax(dim=1) == labels).float().mean().item()
    net.train()
    return right


def train(steps=100):
    """Both nets learn side by side.  They share no number, so one backward serves both."""
    (images, labels), (test_images, test_labels) = load_digits()
    nets = build()
    if gb.knob("zero_gamma", "off", choices=["off", "on"]) == "on":
        for block in nets["residual"].blocks:
            nn.init.zeros_(block.bn2.weight)
    gb.watch(nets)
    optimizer = torch.optim.SGD(nets.parameters(), lr=0.1, momentum=0.9)
    order = torch.Generator().manual_seed(0)
    gb.ask("lower-loss")
    recent = {name: [] for name in nets}
    for step in range(1, steps + 1):
        for group in optimizer.param_groups:
            group["lr"] = gb.knob("lr", 0.1, 0.001, 1.0, log=True) * (1 - (step - 1) / steps)    # calm at the end
        pick = torch.randint(0, TRAIN, (BATCH,), generator=order)
        losses = {name: F.cross_entropy(net(images[pick]), labels[pick]) for name, net in nets.items()}
        optimizer.zero_grad()
        sum(losses.values()).backward()
        optimizer.step()
        for name, loss in losses.items():
            recent[name] = (recent[name] + [loss.item()])[-20:]
            gb.log(f"loss, {name}", loss.item(), step, "step")
            gb.log(f"first gradient, {name}", nets[name].stem.weight.grad.norm().item(), step, "step ")
        if step == 1 or step % 20 == 0:              # rounding grows in so deep a net: later steps differ by machine
            gb.mark(f"step {step}")
            print(f"{'step' if step == 1 else 'after'} {step:3d}  " + "   ".join(
                f"{name}: loss {loss.item():5.2f}, first gradient {nets[name].stem.weight.grad.norm().item():5.2f}"
                for name, loss in losses.items()))
    mean = {name: sum(values) / len(values) for name, values in recent.items()}
    for name, net in nets.items():
        print(f"{name:<9}mean loss of the last 20 steps {mean[name]:.2f}, "
              f"test accuracy {accuracy(net, test_images, test_labels):.3f}")
    low, high = sorted(mean, key=mean.get)
    gb.tell("lower-loss", low if mean[low] < 0.8 * mean[high] else "same")


def first_step():
    """The gradient of every convolution at step 0, with BatchNorm and without."""
    (images, labels), _ = load_digits()
    bare = build(norm=lambda channels: nn.Identity())
    nets = gb.watch(nn.ModuleDict({**build(), "plain, no norm": bare["plain"], "residual, no norm": bare["residual"]}))
    a, b = slice(0, 256), slice(256, 512)
    sum(F.cross_entropy(net(images[a]), labels[a]) for net in nets.values()).backward()
    other = {name: torch.autograd.grad(F.cross_entropy(net(images[b]), labels[b]), net.stem.weight)[0]
             for name, net in nets.items()}

    print("net                   first layer   last layer      ratio   two batches agree (cosine)")
    first, ratio = {}, {}
    for name, net in nets.items():
        grads = [m.weight.grad.double() for m in net.modules() if isinstance(m, nn.Conv2d)]    # front to back
        sizes = [g.norm().item() for g in grads]
        agree = F.cosine_similarity(grads[0].flatten(), other[name].double().flatten(), dim=0).item()
        first[name], ratio[name] = sizes[0], sizes[0] / sizes[-1]
        print(f"{name:<20}{sizes[0]:>13.1e}{sizes[-1]:>13.1e}{ratio[name]:>11.1e}{agree:>12.2f}")
        for i, size in enumerate(sizes):
            gb.log(name, torch.tensor(size).log10(), i, "convolution, log10 of its gradient")

    # Without norms signal and gradient both shrink on their way, so that every layer starves, not the first alone.
    if len(bare["plain"].blocks) >= 8:
        gb.check("without norms and shortcuts the first layer starves", first["plain, no norm"] < 1e-6)
        gb.check("shortcuts alone keep the first layer fed", first["residual, no norm"] > 1e-3)
        gb.check("with both, first and last layer stay within a factor of ten", 0.1 < ratio["residual"] < 10)


if __name__ == "__main__":
    for tab in (shapes, train):
        tab()
        print()
