"""The learning rate over a run: which curve, stepped in which unit, and how to find its height.

Schedules are drawn first, then used on the digits.  The last part looks for a good rate
with a range test and lets ReduceLROnPlateau watch a loss that no longer falls.
"""

import math
import warnings
from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.optim import lr_scheduler

import gradboard as gb

DIGITS = Path(__file__).resolve().parents[2] / "datasets" / "digits.bin"
TRAIN = 1437
BATCH = 96                                   # 15 steps make an epoch


def load_digits():
    """Images (N, 64) between 0 and 1, labels (N,): training part, validation part."""
    records = torch.frombuffer(bytearray(DIGITS.read_bytes()), dtype=torch.uint8).reshape(-1, 65)
    images, labels = records[:, :64].float() / 16, records[:, 64].long()
    return (images[:TRAIN], labels[:TRAIN]), (images[TRAIN:], labels[TRAIN:])


def new_model():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))


def warmup_cosine(epoch, warmup=5, total=40):
    """A factor for LambdaLR: up in a line, down in half a cosine."""
    if epoch < warmup:
        return (epoch + 1) / warmup
    return 0.5 * (1 + math.cos(math.pi * (epoch - warmup) / (total - warmup)))


SCHEDULES = {
    "StepLR": lambda o, n: lr_scheduler.StepLR(o, step_size=10, gamma=0.1),
    "CosineAnnealingLR": lambda o, n: lr_scheduler.CosineAnnealingLR(o, T_max=n),
    "OneCycleLR": lambda o, n: lr_scheduler.OneCycleLR(o, max_lr=0.1, total_steps=n),
    "warm-up, cosine": lambda o, n: lr_scheduler.LambdaLR(o, lambda epoch: warmup_cosine(epoch, total=n)),
}


def lr_trace(name, epochs=40, lr=0.1):
    """The rate in each epoch; no gradient is needed for that."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr)
    scheduler = SCHEDULES[name](optimizer, epochs)
    trace = []
    for _ in range(epochs):
        trace.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return trace


def draw():
    gb.ask("step-25")
    gb.ask("cosine-half")
    traces = {name: lr_trace(name) for name in SCHEDULES}
    for name, trace in traces.items():
        for epoch, lr in enumerate(trace):
            gb.log(name, lr, epoch, "epoch")
    print("epoch  " + "".join(f"{name:>20}" for name in traces))
    for epoch in (0, 4, 5, 10, 20, 25, 30, 39):
        print(f"{epoch:>5}  " + "".join(f"{trace[epoch]:>20.6f}" for trace in traces.values()))
    gb.tell("step-25", traces["StepLR"][25])
    gb.tell("cosine-half", traces["CosineAnnealingLR"][20])
    gb.check("StepLR has dropped twice by epoch 25", abs(traces["StepLR"][25] - 0.001) < 1e-9)
    gb.check("the cosine is at half height half way", abs(traces["CosineAnnealingLR"][20] - 0.05) < 1e-9)


def train(model, optimizer, epochs, after_step=None, after_epoch=None, name=None):
    """Mean training loss of each epoch."""
    (images, labels), _ = load_digits()
    generator = torch.Generator().manual_seed(0)
    losses = []
    for epoch in range(epochs):
        total = 0.0
        for rows in torch.randperm(TRAIN, generator=generator).split(BATCH):
            loss = F.cross_entropy(model(images[rows]), labels[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(rows)
            if after_step:
                after_step()
        losses.append(total / TRAIN)
        if name:
            gb.log(f"loss, {name}", losses[-1], epoch, "epoch of training")
            gb.log(f"lr, {name}", optimizer.param_groups[0]["lr"], epoch, "epoch of training")
        if after_epoch:
            after_epoch(losses[-1])
    return losses


def use(epochs=20):
    """The same net, the same order of batches, the same highest rate."""
    high = gb.knob("highest lr", 0.5, 0.05, 2.0, log=True)
    gb.ask("quietest")
    ends = {}
    for name in ("constant", "StepLR", "CosineAnnealingLR"):
        model = new_model()
        optimizer = torch.optim.SGD(model.parameters(), lr=high, momentum=0.9)
        scheduler = SCHEDULES[name](optimizer, epochs) if name in SCHEDULES else None
        losses = train(model, optimizer, epochs, name=name,
                       after_epoch=(lambda loss: scheduler.step()) if scheduler else None)
        ends[name] = losses[-1]
        print(f"{name:<20} loss of the last epoch {losses[-1]:.4f}")
    gb.tell("quietest", min(ends, key=ends.get))


def unit(epochs=10):
    """scheduler.step() after every batch, with a schedule that was written in epochs."""
    gb.ask("wrong-unit")
    ends, traces = {}, {}
    for where in ("per epoch", "per batch"):
        model = new_model()
        optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
        scheduler = lr_scheduler.StepLR(optimizer, step_size=4, gamma=0.1)
        trace = []

        def note_and_step(loss=None):
            trace.append(optimizer.param_groups[0]["lr"])
            scheduler.step()

        losses = train(model, optimizer, epochs, **{"after_epoch" if where == "per epoch" else "after_step": note_and_step})
        ends[where], traces[where] = losses[-1], trace
        for call, lr in enumerate(trace[:30]):
            gb.log(f"lr, {where}", lr, call, "call of scheduler.step()")
        left = optimizer.param_groups[0]["lr"]
        print(f"{where:<10} {len(trace):>4} calls, lr at the end {left:.1e}, loss of the last epoch {losses[-1]:.4f}")
    gb.tell("wrong-unit", "stands still" if ends["per batch"] > 2 * ends["per epoch"] else "learns")
    gb.check("called per batch, the rate is gone within the first epoch", traces["per batch"][15] < 0.01)

    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
        scheduler = lr_scheduler.StepLR(optimizer, step_size=1)
        scheduler.step()                     # before any optimizer.step(): the first value is skipped
        optimizer.step()
    print("scheduler before optimizer:", str(heard[0].message).split(". ")[0])
    gb.check("PyTorch warns about the order", len(heard) == 1)


def finder(steps=90):
    """One short run whose rate grows at every step; then whole runs to see who was right."""
    (images, labels), _ = load_digits()
    model = new_model()
    low, high = 1e-3, 10.0
    optimizer = torch.optim.SGD(model.parameters(), lr=low)
    scheduler = lr_scheduler.ExponentialLR(optimizer, gamma=(high / low) ** (1 / (steps - 1)))
    generator = torch.Generator().manual_seed(1)
    gb.ask("pick")
    smooth, rates, curve = None, [], []
    for _ in range(steps):
        rows = torch.randint(0, TRAIN, (BATCH,), generator=generator)
        loss = F.cross_entropy(model(images[rows]), labels[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        smooth = loss.item() if smooth is None else 0.8 * smooth + 0.2 * loss.item()
        if curve and smooth > 3 * min(curve):    # it has blown up: nothing more to learn from it
            break
        rates.append(optimizer.param_groups[0]["lr"])
        curve.append(smooth)
        gb.log("smoothed loss", smooth, rates[-1], "learning rate")
        scheduler.step()
    lowest = rates[curve.index(min(curve))]
    steepest = rates[min(range(1, curve.index(min(curve)) + 1), key=lambda i: curve[i] - curve[i - 1])]
    print(f"range test: steepest at {steepest:.2f}, lowest at {lowest:.2f}")

    ends = {}
    for lr in (0.01, 0.1, 1.0, 10.0):
        model = new_model()
        ends[lr] = train(model, torch.optim.SGD(model.parameters(), lr=lr), 8)[-1]
        gb.log("loss after 8 epochs", ends[lr], lr, "learning rate")
        print(f"lr {lr:<6g} loss after 8 epochs {ends[lr]:.4f}")
    best = min(ends, key=lambda lr: ends[lr] if math.isfinite(ends[lr]) else math.inf)
    gb.tell("pick", f"{best:g}")
    gb.check("the best of the sweep lies where the test still falls", low < best <= lowest)


def plateau():
    gb.ask("which-call")
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    scheduler = lr_scheduler.ReduceLROnPlateau(optimizer, patience=2, factor=0.5)
    dropped = None
    for call in range(1, 9):
        scheduler.step(1.0)                  # a metric that stays where it is
        lr = optimizer.param_groups[0]["lr"]
        gb.log("lr, flat metric", lr, call, "call of scheduler.step(metric)")
        print(f"call {call}: {scheduler.num_bad_epochs} without improvement, lr {lr:g}")
        if lr < 0.1 and dropped is None:
            dropped = call
    gb.tell("which-call", dropped)
    gb.check("patience 2 lets two bad ones pass", dropped == 4)


if __name__ == "__main__":
    for tab in (draw, use, unit, finder, plateau):
        tab()
        print()
