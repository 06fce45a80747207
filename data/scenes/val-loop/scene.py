"""Validation: measuring without teaching, averaging without cheating, keeping the best.

A net learns the digits while 360 of them are only looked at.  What each line of the
validation loop is for is shown by leaving it out.
"""

import copy
from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F

import gradboard as gb

DIGITS = Path(__file__).resolve().parents[2] / "datasets" / "digits.bin"
TRAIN = 1437


def load_digits():
    """Images (N, 64) between 0 and 1, labels (N,): training part, validation part."""
    records = torch.frombuffer(bytearray(DIGITS.read_bytes()), dtype=torch.uint8).reshape(-1, 65)
    images, labels = records[:, :64].float() / 16, records[:, 64].long()
    return (images[:TRAIN], labels[:TRAIN]), (images[TRAIN:], labels[TRAIN:])


def new_model(dropout=0.3):
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(64, 48), nn.BatchNorm1d(48), nn.ReLU(), nn.Dropout(dropout), nn.Linear(48, 10))


def validate(model, images, labels, batch=64):
    """Mean loss per sample and accuracy; the model's mode is put back."""
    was_training = model.training
    model.eval()
    total, right = 0.0, 0
    with torch.no_grad():
        for x, y in zip(images.split(batch), labels.split(batch)):
            out = model(x)
            total += F.cross_entropy(out, y, reduction="sum").item()
            right += (out.argmax(dim=1) == y).sum().item()
    model.train(was_training)
    return total / len(images), right / len(images)


def loop(epochs=25):
    """The whole loop: train, validate, keep the best, restore it."""
    (images, labels), (val_images, val_labels) = load_digits()
    few = gb.knob("training samples", 300, choices=[100, 300, 1437])
    images, labels = images[:few], labels[:few]
    model = new_model(dropout=0.0)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.3)
    gb.ask("lowest")
    best, best_epoch, best_state, history = float("inf"), 0, None, []
    for epoch in range(epochs):
        gb.mark(f"train {epoch}")
        for rows in torch.randperm(few).split(32):
            optimizer.zero_grad()
            F.cross_entropy(model(images[rows]), labels[rows]).backward()
            optimizer.step()
        gb.mark(f"validate {epoch}")
        loss, accuracy = validate(model, val_images, val_labels)
        train_loss, _ = validate(model, images, labels)
        history.append(loss)
        gb.log("training loss", train_loss, epoch, "epoch")
        gb.log("validation loss", loss, epoch, "epoch")
        gb.log("validation accuracy", accuracy, epoch, "epoch")
        if loss < best:
            best, best_epoch, best_state = loss, epoch, copy.deepcopy(model.state_dict())
    print(f"lowest validation loss {best:.4f} in epoch {best_epoch} of {epochs}; the last one {history[-1]:.4f}")
    model.load_state_dict(best_state)
    again, accuracy = validate(model, val_images, val_labels)
    print(f"restored: {again:.4f}, accuracy {accuracy:.3f}")
    gb.tell("lowest", "last" if best_epoch == epochs - 1 else "before")
    gb.check("the restored model repeats its best loss", abs(again - best) < 1e-6)


def average():
    """Three batches, the last of one sample: which mean is the mean?"""
    losses, sizes = [0.5, 0.5, 3.5], [64, 64, 1]
    gb.ask("mean-of-means")
    gb.ask("sample-mean")
    mean_of_means = sum(losses) / 3
    sample_mean = sum(l * n for l, n in zip(losses, sizes)) / sum(sizes)
    print("batches of", sizes, "with losses", losses)
    print(f"mean of the means {mean_of_means:.4f}, mean over samples {sample_mean:.4f}")
    gb.tell("mean-of-means", mean_of_means)
    gb.tell("sample-mean", sample_mean)

    _, (images, labels) = load_digits()
    torch.manual_seed(3)
    model = new_model().eval()
    with torch.no_grad():
        whole = F.cross_entropy(model(images), labels).item()
        print("batch size   mean of means   mean over samples   all at once")
        for batch in (7, 32, 64, 100, 350):
            means = [F.cross_entropy(model(x), y).item() for x, y in zip(images.split(batch), labels.split(batch))]
            naive, (right, _) = sum(means) / len(means), validate(model, images, labels, batch)
            gb.log("mean of means, error", naive - whole, batch, "batch size")
            gb.log("mean over samples, error", right - whole, batch, "batch size")
            print(f"{batch:>10}   {naive:>13.5f}   {right:>17.5f}   {whole:>11.5f}")
            gb.check(f"batch {batch}: weighed by samples it is exact", abs(right - whole) < 1e-5)


def forgotten():
    """The same validation with one line left out."""
    (images, labels), (val_images, val_labels) = load_digits()
    model = new_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.3)
    generator = torch.Generator().manual_seed(0)
    for rows in torch.randint(0, TRAIN, (200, 64), generator=generator):
        optimizer.zero_grad()
        F.cross_entropy(model(images[rows]), labels[rows]).backward()
        optimizer.step()

    gb.ask("twice")
    gb.ask("statistics")
    gb.ask("graph")
    before = model[1].running_mean.clone()
    with torch.no_grad():                        # no eval()
        first, second = (F.cross_entropy(model(val_images), val_labels).item() for _ in range(2))
    moved = (model[1].running_mean - before).abs().max().item()
    print(f"without eval(): {first:.4f}, once more {second:.4f}; running_mean moved by up to {moved:.4f}")
    gb.tell("twice", "differ" if first != second else "equal")
    gb.tell("statistics", "yes" if moved > 0 else "no")

    model.eval()
    out = model(val_images)                      # no no_grad()
    print("without no_grad(): loss.grad_fn is", type(F.cross_entropy(out, val_labels).grad_fn).__name__)
    gb.tell("graph", "yes" if out.requires_grad else "no")
    with torch.no_grad():
        a, b = (F.cross_entropy(model(val_images), val_labels).item() for _ in range(2))
    print(f"with both: {a:.4f}, once more {b:.4f}")
    gb.check("with eval() two passes are one and the same", a == b)
    model.train()
    gb.check("and training goes on in training mode", all(m.training for m in model.modules()))


if __name__ == "__main__":
    for tab in (loop, average, forgotten):
        tab()
        print()
