"""How large is the gradient at the first layer, compared with the last?

A net of many layers, 2 to 40, with the same width all the way.  The activation, the first
values, norms and skips decide whether gradients shrink, keep or grow on the way down.
"""

import torch
import torch.nn as nn
import torch.nn.functional as F

import gradboard as gb

WIDTH = 32
ACTS = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": F.relu}


class Deep(nn.Module):
    """`kind` is plain, layer norm, batch norm, residual (added as it is) or pre-norm residual."""

    def __init__(self, depth, act, kind, scale=None):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(WIDTH, WIDTH, bias=False) for _ in range(depth))
        self.norm = {"batch norm": lambda x: F.batch_norm(x, None, None, training=True), "layer norm": lambda x: F.layer_norm(x, (WIDTH,)),
                     "pre-norm residual": lambda x: F.layer_norm(x, (WIDTH,))}.get(kind)
        self.act, self.kind = ACTS[act], kind
        for layer in self.layers:
            if act == "relu":
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            else:
                nn.init.xavier_normal_(layer.weight, gain=nn.init.calculate_gain(act))
            if scale is not None:
                with torch.no_grad():
                    layer.weight.mul_(scale)

    def forward(self, x):
        for layer in self.layers:
            if self.kind == "pre-norm residual":
                x = x + self.act(layer(self.norm(x)))
            elif self.kind == "residual":
                x = x + self.act(layer(x))
            else:
                x = layer(x)
                x = self.act(self.norm(x) if self.norm else x)
        return x


def gradient_norms(depth, act, kind, scale=None, seed=0):
    """Norm of the weight's gradient, layer by layer, at the start of training."""
    torch.manual_seed(seed)
    net = Deep(depth, act, kind, scale)
    x, target = torch.randn(64, WIDTH), torch.randn(64, WIDTH)
    grads = torch.autograd.grad(F.mse_loss(net(x), target), [layer.weight for layer in net.layers])
    return [grad.double().norm().item() for grad in grads]     # in float64: 1e-25 squared is 0 in float32


def ratio(norms):
    return norms[0] / norms[-1]


def profile():
    """One net, chosen with the knobs: the gradient of every layer."""
    depth = gb.knob("depth", 20, choices=[2, 5, 10, 20, 40])
    act = gb.knob("activation", "sigmoid", choices=["sigmoid", "tanh", "relu"])
    kind = gb.knob("kind", "plain", choices=["plain", "layer norm", "batch norm", "residual", "pre-norm residual"])
    gb.ask("bound")
    norms = gradient_norms(depth, act, kind)
    print(f"{depth} layers, {act}, {kind}")
    for i, norm in enumerate(norms):
        gb.log("log10 of the gradient", torch.tensor(norm).log10(), i + 1, "layer")
    for i in sorted({0, depth // 4, depth // 2, depth - 1}):
        print(f"layer {i + 1:>2}: gradient norm {norms[i]:.1e}")
    print(f"first to last {ratio(norms):.1e}")
    gb.tell("bound", torch.tensor(0.25).pow(20).log10())
    print(f"20 slopes of a sigmoid multiply to {0.25 ** 20:.1e} at most")
    if (act, kind) == ("sigmoid", "plain") and depth == 20:
        gb.check("twenty sigmoids starve the first layer", ratio(norms) < 1e-6)

    torch.manual_seed(0)
    net = gb.watch(Deep(depth, act, kind))
    x = torch.randn(64, WIDTH)
    target = 0.5 + 0.3 * torch.sin(3 * x)                      # an answer within the reach of every activation
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    first = net.layers[0].weight.detach().clone()
    losses = []
    for step in range(40):
        loss = F.mse_loss(net(x), target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    moved = (net.layers[0].weight.detach() - first).abs().max().item()
    print(f"40 steps of SGD: loss {losses[0]:.4f} to {losses[-1]:.4f}, largest move of a weight in layer 1: {moved:.1e}")


def remedies():
    """Which ones bring the ratio of 20 layers into 0.1 to 10?"""
    gb.ask("relu-plain")
    gb.ask("relu-norm")
    gb.ask("pre-norm")
    gb.ask("sigmoid-norm")
    gb.ask("sigmoid-residual")
    kept = {}
    print("net of 20 layers                first/last over 3 seeds        within 0.1..10")
    for act, kind in [("sigmoid", "plain"), ("tanh", "plain"), ("relu", "plain"), ("relu", "layer norm"), ("relu", "pre-norm residual"),
                      ("relu", "batch norm"), ("sigmoid", "layer norm"), ("sigmoid", "batch norm"), ("sigmoid", "residual")]:
        runs = [ratio(gradient_norms(20, act, kind, seed=seed)) for seed in range(3)]
        kept[act, kind] = all(0.1 <= r <= 10 for r in runs)
        print(f"{act + ', ' + kind:<28}  {'  '.join(f'{r:8.1e}' for r in runs)}   {'yes' if kept[act, kind] else 'no'}")
    says = {True: "yes", False: "no"}
    gb.tell("relu-plain", says[kept["relu", "plain"]])
    gb.tell("relu-norm", says[kept["relu", "layer norm"]])
    gb.tell("pre-norm", says[kept["relu", "pre-norm residual"]])
    gb.tell("sigmoid-norm", says[kept["sigmoid", "layer norm"]])
    gb.tell("sigmoid-residual", says[kept["sigmoid", "residual"]])


def depths():
    """The ratio over the depth: a straight line on a log scale is a product of equal factors."""
    nets = [("sigmoid", "plain"), ("tanh", "plain"), ("relu", "plain"), ("relu", "pre-norm residual")]
    print("depth" + "".join(f"{act + ', ' + kind:>26}" for act, kind in nets))
    for depth in (2, 5, 10, 20, 40):
        row = []
        for act, kind in nets:
            row.append(ratio(gradient_norms(depth, act, kind)))
            gb.log(f"log10 first/last, {act} {kind}", torch.tensor(row[-1]).log10(), depth, "depth")
        print(f"{depth:>5}" + "".join(f"{r:>26.1e}" for r in row))


def explode():
    """ReLU layers with weights a little too small or too large: a factor per layer."""
    gb.ask("explode-factor")
    norms = {}
    for scale in (0.8, 1.0, 1.25, 1.5):
        norms[scale] = gradient_norms(20, "relu", "plain", scale)
        for i, norm in enumerate(norms[scale]):
            gb.log(f"log10 of the gradient, weights x {scale}", torch.tensor(norm).log10(), i + 1, "layer  ")
        torch.manual_seed(0)
        x = torch.randn(64, WIDTH)
        net = Deep(20, "relu", "plain", scale)
        print(f"weights x {scale:<4}: output rms {net(x).pow(2).mean().sqrt().item():9.2e}, gradient of layer 1 {norms[scale][0]:9.2e}")
    torch.manual_seed(0)
    x = torch.randn(64, WIDTH)
    torch.manual_seed(1)
    one = Deep(20, "relu", "plain")
    torch.manual_seed(1)
    two = Deep(20, "relu", "plain", 2.0)
    factor = (two(x).pow(2).mean().sqrt() / one(x).pow(2).mean().sqrt()).log2().item()
    print(f"all weights doubled: output times 2^{factor:.1f}")
    gb.tell("explode-factor", factor)

    torch.manual_seed(0)
    net = Deep(20, "relu", "plain", 1.5)
    F.mse_loss(net(x), torch.randn(64, WIDTH)).backward()
    before = torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    after = torch.stack([p.grad.norm() for p in net.parameters()]).norm()
    print(f"clip_grad_norm_: {before.item():.1e} before, {after.item():.2f} after")
    gb.check("clipping brings the norm of all gradients to 1", abs(after.item() - 1) < 1e-3)


if __name__ == "__main__":
    for tab in (profile, remedies, depths, explode):
        tab()
        print()
