"""A number that is learned without a gradient: where should a module keep it?

Three modules subtract a running mean and differ in one line.  The mean is a
plain attribute, a buffer, or a buffer with persistent=False.  They agree while
they run.  They differ when the model is saved and loaded, and when it is
converted to another dtype.
"""

import io

import torch
import torch.nn as nn

import gradboard as gb

KINDS = ("attribute", "buffer", "non_persistent")


class Centre(nn.Module):
    """x - mean, where mean follows the batches while training."""

    def __init__(self, size, kind):
        super().__init__()
        if kind == "attribute":
            self.mean = torch.zeros(size)
        else:
            self.register_buffer("mean", torch.zeros(size), persistent=kind == "buffer")

    def forward(self, x):
        if self.training:
            with torch.no_grad():
                self.mean.lerp_(x.mean(dim=0), gb.knob("momentum", 0.2, 0.01, 1.0, log=True))
        return x - self.mean


def build():
    """Three models that start from the same weights."""
    net = nn.ModuleDict()
    for kind in KINDS:
        torch.manual_seed(0)
        net[kind] = nn.Sequential(Centre(3, kind), nn.Linear(3, 1))
    return net


def batch(centre):
    x = centre + torch.randn(64, 3)
    return x, (x - centre).sum(dim=1, keepdim=True)


def losses(net, x, y):
    found = {kind: (net[kind](x) - y).pow(2).mean() for kind in KINDS}
    for kind, loss in found.items():
        gb.log(f"loss, {kind}", loss)
    return found


def survive():
    """Train, save, load into a new model, and look who still knows the mean."""
    net = gb.watch(build())
    centre = torch.tensor([2.0, -1.0, 1.0])
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
    gb.mark("train")
    for step in range(40):
        loss = losses(net, *batch(centre))
        optimizer.zero_grad()
        sum(loss.values()).backward()
        optimizer.step()
    gb.check("while training all three agree",
             all(torch.equal(net[kind][0].mean, net["buffer"][0].mean) for kind in KINDS))

    gb.ask("survivor")
    gb.mark("save and load")
    file = io.BytesIO()
    torch.save(net.state_dict(), file)
    print("means in the file:", [key for key in net.state_dict() if "mean" in key])
    file.seek(0)
    loaded = gb.watch(build())
    print("load_state_dict:  ", loaded.load_state_dict(torch.load(file)))
    net.eval()
    loaded.eval()
    x, y = batch(centre)
    before = {kind: (net[kind](x) - y).pow(2).mean() for kind in KINDS}
    after = losses(loaded, x, y)
    print("\nloss in eval        before     after loading")
    for kind in KINDS:
        print(f"{kind:<16}{before[kind].item():>10.3f}{after[kind].item():>18.3f}")
    gb.tell("survivor", ", ".join(kind for kind in KINDS if torch.equal(before[kind], after[kind])))
    gb.show(torch.stack([loaded[kind][0].mean for kind in KINDS]), view="grid", labels=[KINDS, ("0", "1", "2")])

    gb.ask("converted")
    gb.mark("double")
    loaded.double()
    kinds = {kind: loaded[kind][0].mean.dtype for kind in KINDS}
    print("\nafter .double():", ", ".join(f"{kind} {str(dtype)[6:]}" for kind, dtype in kinds.items()))
    gb.tell("converted", sum(dtype == torch.float64 for dtype in kinds.values()))
    gb.check("no mean is a parameter", not any("mean" in name for name, _ in loaded.named_parameters()))


def batchnorm():
    """Told to give back its input, it learns 3 twice: as bias by gradients, as running_mean by averaging."""
    torch.manual_seed(0)
    layer = gb.watch(nn.BatchNorm1d(4))
    gb.ask("bn-keys")
    keys = list(layer.state_dict())
    print("state_dict keys: ", ", ".join(keys))
    print("parameters:      ", ", ".join(name for name, _ in layer.named_parameters()))
    print("buffers:         ", ", ".join(name for name, _ in layer.named_buffers()))
    gb.tell("bn-keys", len(keys))

    optimizer = torch.optim.SGD(layer.parameters(), lr=0.5)
    for step in range(40):
        x = 3 + 2 * torch.randn(64, 4)
        optimizer.zero_grad()
        (layer(x) - x).pow(2).mean().backward()
        gb.log("running_mean[0]", layer.running_mean[0])
        gb.log("bias[0]", layer.bias[0])
        optimizer.step()
    print(f"\nafter {layer.num_batches_tracked.item()} batches of N(3, 2²):")
    for name in ("running_mean", "bias", "running_var", "weight"):
        tensor = getattr(layer, name)
        print(f"{name:<14}{[round(v, 2) for v in tensor.tolist()]}  requires_grad {tensor.requires_grad}")
    gb.check("both have come near 3",
             abs(layer.running_mean.mean() - 3) < 0.3 and abs(layer.bias.mean() - 3) < 0.3)
    gb.show(torch.stack([layer.running_mean, layer.bias.detach()]), view="grid",
            labels=[("running_mean", "bias"), ("0", "1", "2", "3")])

    layer.half()
    print("\nafter .half():", layer.running_mean.dtype, "but num_batches_tracked", layer.num_batches_tracked.dtype)
    gb.check("half() converts floating buffers and leaves integers", layer.num_batches_tracked.dtype == torch.int64)

    without = nn.BatchNorm1d(4, track_running_stats=False)
    print("track_running_stats=False:", ", ".join(without.state_dict()))
    gb.check("without tracking there are no buffers", all(b is None for b in without._buffers.values()))


if __name__ == "__main__":
    survive()
    print()
    batchnorm()
