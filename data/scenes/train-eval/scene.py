"""One flag, two behaviours: the same net in train() and in eval().

Dropout drops in training only, and scales what is left by 1 / (1 - p).
BatchNorm uses the statistics of the batch in training, and gathers running
ones; in eval it uses those and gathers nothing.  All other layers here do not
look at the flag.
"""

import copy
from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F

import gradboard as gb


def build():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(64, 64), nn.BatchNorm1d(64), nn.ReLU(),
                         nn.Dropout(gb.knob("p", 0.5, 0.0, 0.9)), nn.Linear(64, 10))


def modes():
    """The same input twice in each mode."""
    torch.manual_seed(0)
    drop = nn.Dropout(gb.knob("p", 0.5, 0.0, 0.9))
    ones = torch.ones(8, 16)
    gb.ask("kept-value")
    gb.mark("dropout on ones")
    dropped = drop(ones)
    gb.show(dropped, view="grid")
    print("Dropout on ones, train:", [round(v, 4) for v in dropped.unique().tolist()], f"mean {dropped.mean().item():.2f}")
    gb.tell("kept-value", dropped.max().item())
    drop.eval()
    print("Dropout on ones, eval: ", drop(ones).unique().tolist())
    gb.check("in eval dropout is the identity", torch.equal(drop(ones), ones))
    many = F.dropout(torch.ones(100000), 0.5)
    gb.check("on average dropout keeps the mean", abs(many.mean().item() - 1) < 0.02)

    net = gb.watch(build())
    x = torch.randn(32, 64)
    gb.ask("eval-same")
    rows = {}
    for mode in (True, False):
        net.train(mode)
        gb.mark("train mode" if mode else "eval mode")
        first, second = net(x), net(x)
        name = "train" if mode else "eval"
        rows[name] = torch.equal(first, second)
        print(f"\n{name}: two passes of one batch are equal: {rows[name]}, largest difference"
              f" {(first - second).abs().max().item():.3f}")
        alone = torch.equal(net[1](x[:4]), net[1](x)[:4])
        print(f"{name}: BatchNorm gives four rows the same, alone or among 32: {alone}")
    gb.tell("eval-same", "yes" if rows["eval"] else "no")
    gb.check("two training passes differ", not rows["train"] or net[3].p == 0)

    net.train()
    try:
        net(x[:1])
    except ValueError as error:
        print("\na batch of one, train:", error)
    net.eval()
    print("a batch of one, eval: ", tuple(net(x[:1]).shape))


def load_digits():
    path = Path(__file__).resolve().parents[2] / "datasets" / "digits.bin"
    records = torch.frombuffer(bytearray(path.read_bytes()), dtype=torch.uint8).reshape(-1, 65)
    pixels = records[:, :64].float() / 8 - 1
    return (pixels[:1437], records[:1437, 64].long()), (pixels[1437:], records[1437:, 64].long())


@torch.no_grad()
def right(net, x, y, size):
    """Share of right answers, asked in batches of `size`.  The mode is left as it is."""
    pairs = zip(x.split(size), y.split(size))
    return sum((net(a).argmax(dim=1) == b).sum().item() for a, b in pairs) / len(y)


def validation():
    """Validate every ten steps: once in eval mode, once in the mode that training left behind."""
    (x, y), (x_val, y_val) = load_digits()
    net = gb.watch(build())
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    size = gb.knob("batch", 4, 2, 64)
    for step in range(100):
        batch = torch.randint(len(x), (64,))
        optimizer.zero_grad()
        F.cross_entropy(net(x[batch]), y[batch]).backward()
        optimizer.step()
        if step % 10 == 9:
            kept = copy.deepcopy(net.state_dict())          # looking must not change the net
            gb.log("right, eval() forgotten", right(net, x_val, y_val, size))
            net.load_state_dict(kept)
            net.eval()
            gb.log("right, eval()", right(net, x_val, y_val, size))
            net.train()

    gb.ask("stats-move")
    net.eval()
    before = net[1].running_mean.clone()
    passes = [right(net, x_val, y_val, n) for n in (size, 32, 360)]
    print(f"eval(), in batches of {size}, 32 and 360:", ", ".join(f"{share:.3f}" for share in passes))
    gb.check("in eval the batch size does not matter", max(passes) - min(passes) < 0.006)
    gb.check("in eval nothing moves", torch.equal(before, net[1].running_mean))

    gb.mark("eval() forgotten")
    net.train()
    passes = [right(net, x_val, y_val, size) for _ in range(3)]
    shift = (net[1].running_mean - before).abs().max().item()
    print(f"eval() forgotten, three times in batches of {size}:", ", ".join(f"{share:.3f}" for share in passes))
    print(f"running_mean has moved by up to {shift:.3f}, under no_grad")
    gb.tell("stats-move", "yes" if shift > 0 else "no")
    gb.show(torch.stack([before, net[1].running_mean]), view="grid")


if __name__ == "__main__":
    modes()
    print()
    validation()
