"""Four normalisations do the same arithmetic; they differ in which numbers share a mean.

A block of N pictures with C channels of 2 by 2 goes through batch, layer, instance and
group norm.  Then: what BatchNorm remembers, and what it does with small batches.
"""

import torch
import torch.nn as nn
import torch.nn.functional as F

import gradboard as gb

C, H, W, GROUPS = 4, 2, 2, 2

# What a mean is taken over, of a block that was first seen as `shape`.
SHARES = {
    "batch norm": (lambda n: (n, C, H, W), (0, 2, 3)),
    "layer norm": (lambda n: (n, C, H, W), (1, 2, 3)),
    "instance norm": (lambda n: (n, C, H, W), (2, 3)),
    "group norm": (lambda n: (n, GROUPS, C // GROUPS, H, W), (2, 3, 4)),
}

MODULES = {
    "batch norm": lambda x: F.batch_norm(x, None, None, training=True),
    "layer norm": lambda x: F.layer_norm(x, x.shape[1:]),
    "instance norm": lambda x: F.instance_norm(x),
    "group norm": lambda x: F.group_norm(x, GROUPS),
}


def by_hand(x, name):
    """Normalised values, and for each element the mean that it was measured against."""
    shape, dims = SHARES[name]
    seen = x.reshape(shape(len(x)))
    mean = seen.mean(dims, keepdim=True)
    var = seen.var(dims, unbiased=False, keepdim=True)
    out = (seen - mean) / (var + 1e-5).sqrt()
    return out.reshape(x.shape), mean.expand_as(seen).reshape(x.shape)


def axes():
    n = gb.knob("batch", 3, choices=[2, 3, 4, 6])
    torch.manual_seed(0)
    x = torch.randn(n, C, H, W) + torch.arange(C)[:, None, None]
    gb.ask("batch-means")
    gb.ask("layer-means")
    gb.ask("instance-means")
    gb.ask("group-means")
    counts = {}
    rows = [f"picture {i}" for i in range(n)]
    columns = [f"c{c}" if place == 0 else "" for c in range(C) for place in range(H * W)]
    print(f"x {tuple(x.shape)}, {GROUPS} groups")
    for name in SHARES:
        out, means = by_hand(x, name)
        gb.show(means.reshape(n, -1), view="grid", labels=[rows, columns])    # one colour, one mean
        distinct = means.unique().numel()
        same = torch.allclose(out, MODULES[name](x), atol=1e-5)
        print(f"{name:<14} {distinct:>3} means of {x.numel() // distinct:>2} numbers each")
        counts[name] = distinct
        gb.check(f"{name} by hand is {name} of torch", same)
    gb.tell("batch-means", counts["batch norm"])
    gb.tell("layer-means", counts["layer norm"])
    gb.tell("instance-means", counts["instance norm"])
    gb.tell("group-means", counts["group norm"])


def remembered():
    """Two numbers through BatchNorm1d: what comes out, and what it keeps for eval()."""
    norm = nn.BatchNorm1d(1)
    x = torch.tensor([[4.0], [6.0]])
    gb.watch(norm)
    gb.ask("running-mean")
    gb.ask("running-var")
    out = norm(x)
    print("train:", [round(v, 4) for v in out.flatten().tolist()],
          " running_mean", round(norm.running_mean.item(), 4), " running_var", round(norm.running_var.item(), 4))
    gb.tell("running-mean", norm.running_mean)
    gb.tell("running-var", norm.running_var)
    gb.check("the batch was divided by the biased deviation, 1", torch.allclose(out, torch.tensor([[-1.0], [1.0]]), atol=1e-4))
    gb.check("what is kept is the unbiased variance, 2", abs(norm.running_var.item() - (0.9 * 1 + 0.1 * 2)) < 1e-6)
    norm.eval()
    print("eval: ", [round(v, 4) for v in norm(x).flatten().tolist()])
    for step in range(60):
        norm.train()
        norm(x)
        gb.log("running_mean", norm.running_mean, step + 2, "batches seen")
        gb.log("running_var", norm.running_var, step + 2, "batches seen")
    print("after 61 batches: running_mean", round(norm.running_mean.item(), 3), " running_var", round(norm.running_var.item(), 3))


def one_sample():
    gb.ask("single")
    norm = nn.BatchNorm1d(3)
    try:
        norm(torch.randn(1, 3))
        said = "works"
    except ValueError as error:
        said = "error"
        print("train, batch of 1:", error)
    gb.tell("single", said)
    norm.eval()
    print("eval, batch of 1: ", tuple(norm(torch.randn(1, 3)).shape))
    print("BatchNorm2d, one picture of 4 by 4:", tuple(nn.BatchNorm2d(3)(torch.randn(1, 3, 4, 4)).shape))


def company():
    """The same sample in other company: how far does its output move?"""
    torch.manual_seed(1)
    data = torch.randn(4096, 8) * 2 + 1
    me = data[:1]
    gb.ask("small-batch")
    spreads = {}
    print("batch   batch norm   layer norm      (spread of one sample's outputs)")
    for size in (2, 4, 8, 16, 32, 64, 128, 256):
        outs = {"batch norm": [], "layer norm": []}
        for _ in range(200):
            others = data[torch.randint(1, len(data), (size - 1,))]
            batch = torch.cat([me, others])
            outs["batch norm"].append(F.batch_norm(batch, None, None, training=True)[0])
            outs["layer norm"].append(F.layer_norm(batch, (8,))[0])
        for name, rows in outs.items():
            spreads[name, size] = torch.stack(rows).std(0).mean().item()
            gb.log(f"{name}, spread", spreads[name, size], size, "batch size")
        print(f"{size:>5}   {spreads['batch norm', size]:>10.4f}   {spreads['layer norm', size]:>10.4f}")
    gb.show(torch.stack(outs["batch norm"]), view="hist")
    gb.tell("small-batch", "batch norm" if spreads["batch norm", 4] > 10 * spreads["layer norm", 4] else "neither")
    gb.check("layer norm does not see the others", spreads["layer norm", 2] < 1e-6)


if __name__ == "__main__":
    for tab in (axes, remembered, one_sample, company):
        tab()
        print()
