"""Six curves and their causes.

Six short trainings on the digits, each with one thing wrong or nothing at all, appear as
A to F.  Their shapes are read before the causes are named; then the two habits that
deceive: smoothing with a late start, and the gap between two losses measured differently.
"""

import math
from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F

import gradboard as gb

DIGITS = Path(__file__).resolve().parents[2] / "datasets" / "digits.bin"
TRAIN = 1437
EPOCHS = 18


def load_digits():
    """Images (N, 64) between 0 and 1, labels (N,): training part, validation part."""
    records = torch.frombuffer(bytearray(DIGITS.read_bytes()), dtype=torch.uint8).reshape(-1, 65)
    images, labels = records[:, :64].float() / 16, records[:, 64].long()
    return (images[:TRAIN], labels[:TRAIN]), (images[TRAIN:], labels[TRAIN:])


def run(letter, lr=0.3, samples=TRAIN, shuffled=False, batch=32, momentum=0.0, broken_from=None):
    """Training and validation losses, epoch by epoch."""
    (images, labels), (val_images, val_labels) = load_digits()
    generator = torch.Generator().manual_seed(0)
    images, labels = images[:samples].clone(), labels[:samples]
    if shuffled:
        labels = labels[torch.randperm(samples, generator=generator)]
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=momentum)
    pair = "A, B" if letter in "AB" else "C, D" if letter in "CD" else "E, F"
    curves = []
    for epoch in range(EPOCHS):
        if epoch == broken_from:
            images[17, 30] = math.inf            # one pixel of one record
        total = 0.0
        for rows in torch.randperm(samples, generator=generator).split(batch):
            loss = F.cross_entropy(model(images[rows]), labels[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(rows)
        with torch.no_grad():
            held = F.cross_entropy(model(val_images), val_labels).item()
        curves.append((total / samples, held))
        gb.log(f"{letter} train", curves[-1][0], epoch, f"epoch ({pair})")
        gb.log(f"{letter} val", held, epoch, f"epoch ({pair})")
    return curves


CAUSES = {
    "rate too low": dict(lr=0.002),
    "overfits": dict(samples=30, batch=8, lr=0.1, momentum=0.9),
    "healthy": dict(lr=0.3),
    "broken record": dict(lr=0.4, broken_from=9),
    "shuffled labels": dict(shuffled=True, samples=200, batch=10, lr=0.05, momentum=0.9),
    "rate too high": dict(lr=1.7),
}


def six():
    """A to F; the order is drawn with a fixed seed."""
    order = torch.randperm(len(CAUSES), generator=torch.Generator().manual_seed(2)).tolist()
    names = [list(CAUSES)[i] for i in order]
    found = {}
    print("     epoch 0         epoch 5         epoch 17        (training, validation)")
    for letter, name in zip("ABCDEF", names):
        curves = run(letter, **CAUSES[name])
        found[name] = curves
        print(f"{letter}   " + "  ".join(f"{train:6.3f} {held:6.3f} " for train, held in (curves[0], curves[5], curves[-1])))
    gb.ask("run-a")
    gb.ask("run-b")
    gb.ask("run-c")
    gb.ask("run-d")
    gb.ask("run-e")
    gb.ask("run-f")
    gb.ask("chance")
    print("  ".join(f"{letter}: {name}" for letter, name in zip("ABCDEF", names)))
    gb.tell("run-a", names[0])
    gb.tell("run-b", names[1])
    gb.tell("run-c", names[2])
    gb.tell("run-d", names[3])
    gb.tell("run-e", names[4])
    gb.tell("run-f", names[5])
    last = {name: curves[-1] for name, curves in found.items()}
    lowest = min(held for _, held in found["overfits"])
    print(f"overfits: validation was at {lowest:.3f} and is at {last['overfits'][1]:.3f}; ln 10 is {math.log(10):.4f}")
    gb.tell("chance", "above" if last["shuffled labels"][1] > math.log(10) else "below")
    gb.check("the healthy one ends low in both", max(last["healthy"]) < 0.15)
    gb.check("too low a rate has hardly begun", last["rate too low"][0] > 2)
    gb.check("overfitting: validation turns up while training goes to 0", last["overfits"][0] < 0.02 and last["overfits"][1] > 1.1 * lowest)
    gb.check("shuffled labels are learned by heart only", last["shuffled labels"][0] < 2 and last["shuffled labels"][1] > math.log(10))
    gb.check("one broken record ends it", math.isnan(last["broken record"][0]))
    gb.check("too high a rate stays up", last["rate too high"][0] > 0.5)


def smoothing():
    """A moving average hides the start, unless it is corrected."""
    beta = gb.knob("beta", 0.95, 0.0, 0.99)
    gb.ask("uncorrected")
    generator = torch.Generator().manual_seed(0)
    average, first, worst = 0.0, None, 0.0
    for step in range(1, 121):
        true = 0.3 + 2.0 * math.exp(-step / 30)
        noisy = true + 0.25 * torch.randn(1, generator=generator).item()
        average = beta * average + (1 - beta) * noisy
        corrected = average / (1 - beta ** step)
        first = average if first is None else first
        worst = max(worst, corrected - true) if step > 20 else worst
        gb.log("noisy loss", noisy, step, "step")
        gb.log("moving average", average, step, "step")
        gb.log("moving average, corrected", corrected, step, "step")
    print(f"beta {beta:g}: the first point is drawn at {first:.3f}, where the loss is {0.3 + 2.0 * math.exp(-1 / 30):.3f}")
    print(f"later the corrected one lags above the true curve by up to {worst:.3f}")
    gb.tell("uncorrected", "near 0" if first < 0.5 else "near the loss")


def offset():
    """Training loss is a mean over the epoch, validation loss is taken at its end."""
    (images, labels), (val_images, val_labels) = load_digits()
    gb.ask("below")
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Dropout(0.5), nn.Linear(64, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.3)
    generator = torch.Generator().manual_seed(0)
    below = 0
    for epoch in range(8):
        model.train()
        total = 0.0
        for rows in torch.randperm(TRAIN, generator=generator).split(32):
            loss = F.cross_entropy(model(images[rows]), labels[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(rows)
        model.eval()
        with torch.no_grad():
            held = F.cross_entropy(model(val_images), val_labels).item()
            again = F.cross_entropy(model(images), labels).item()
        below += held < total / TRAIN
        gb.log("training loss, as reported", total / TRAIN, epoch, "epoch of training")
        gb.log("training loss, measured like validation", again, epoch, "epoch of training")
        gb.log("validation loss", held, epoch, "epoch of training")
        print(f"epoch {epoch}: training as reported {total / TRAIN:.4f}, measured like validation {again:.4f}, validation {held:.4f}")
    print(f"validation lay below the reported training loss in {below} of 8 epochs")
    gb.tell("below", "yes" if below >= 4 else "no")


if __name__ == "__main__":
    six()
