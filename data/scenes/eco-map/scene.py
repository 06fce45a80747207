"""Which package does which job: a small pipeline with a counter at every door.

Digits are read, batched, learned, profiled, saved, captured and served.  Every call into
the library goes through `use`, which finds out where the called thing lives and counts it.
Then the same digits are only served, and most of the map stays dark.
"""

import os
from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.profiler import ProfilerActivity, profile
from torch.utils.data import DataLoader, Dataset

import gradboard as gb

DIGITS = Path(__file__).resolve().parents[2] / "datasets" / "digits.bin"
PACKAGES = ["torch.utils.data", "torch.nn", "torch.nn.functional", "torch.autograd", "torch.optim",
            "torch.profiler", "torch.serialization", "torch.jit"]


class Digits(Dataset):
    """A dataset is a length and an item; the transform is any callable (torchvision has them ready)."""

    def __init__(self, first, last, transform=None):
        raw = bytearray(DIGITS.read_bytes())
        records = torch.frombuffer(raw, dtype=torch.uint8).reshape(-1, 65)[first:last]
        self.images, self.labels = records[:, :64].float(), records[:, 64].long()
        self.transform = transform

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        image = self.images[index]
        return (self.transform(image) if self.transform else image), self.labels[index]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))

    def forward(self, x):
        return self.layers(x)


def package_of(thing):
    """The package in which a function, or the class behind a method or object, was written."""
    owner = getattr(thing, "__self__", thing)
    for candidate in (thing, *type(owner).__mro__):
        module = getattr(candidate, "__module__", None) or ""
        for package in sorted(PACKAGES, key=len, reverse=True):
            if module == package or module.startswith(package + "."):
                return package
    return "other"


class Map:
    def __init__(self):
        self.counts = dict.fromkeys(PACKAGES, 0)

    def use(self, function, *args, **named):
        self.counts[package_of(function)] += 1
        return function(*args, **named)

    def batches(self, loader):
        self.counts[package_of(loader)] += len(loader)
        return loader

    def lit(self):
        return [package for package, count in self.counts.items() if count]


def scaled(image):
    return image / 16


def train(here):
    """All stages.  Returns the accuracy on 360 digits that were kept aside."""
    torch.manual_seed(0)
    gb.mark("data")
    loader = DataLoader(Digits(0, 1437, scaled), batch_size=64, shuffle=True)
    net = gb.watch(Net())
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    for epoch in range(5):
        for images, labels in here.batches(loader):
            gb.mark("forward")
            loss = here.use(F.cross_entropy, here.use(net, images), labels)
            gb.log("loss", loss)
            gb.mark("backward")
            here.use(torch.autograd.backward, loss)      # what loss.backward() calls
            gb.mark("step")
            here.use(optimizer.step)
            optimizer.zero_grad()

    gb.mark("profile")
    with profile(activities=[ProfilerActivity.CPU]) as prof, torch.no_grad():
        here.use(net, images)
    here.counts[package_of(prof)] += 1
    print("the profiler names:", sorted(e.key for e in prof.key_averages() if e.key in ("aten::linear", "aten::addmm", "aten::relu")))

    gb.mark("save")
    here.use(torch.save, net.state_dict(), "weights.pt")
    gb.mark("capture")
    captured = here.use(torch.jit.trace, net.eval(), images)
    here.use(torch.jit.save, captured, "net.pt")
    return serve(here, net)


def serve(here, net):
    """Right answers among the digits kept aside."""
    gb.mark("serve")
    right = 0
    with torch.inference_mode():
        for images, labels in here.batches(DataLoader(Digits(1437, 1797, scaled), batch_size=120)):
            right += int((here.use(F.softmax, here.use(net, images), dim=-1).argmax(-1) == labels).sum())
    return right / 360


def whole_pipeline():
    """Training, then two ways of serving: from weights, and from an archive with code."""
    gb.ask("lit-weights")
    gb.ask("lit-archive")
    maps = {"train": Map(), "weights": Map(), "archive": Map()}
    accuracy = {"train": train(maps["train"])}

    here = maps["weights"]
    net = Net()                                          # the class has to be at hand
    net.load_state_dict(here.use(torch.load, "weights.pt"))
    accuracy["weights"] = serve(here, net.eval())

    here = maps["archive"]
    accuracy["archive"] = serve(here, here.use(torch.jit.load, "net.pt"))
    os.remove("weights.pt")
    os.remove("net.pt")

    print(f"\n{'calls into':<22}" + "".join(f"{name:>9}" for name in maps))
    for package in PACKAGES:
        print(f"{package:<22}" + "".join(f"{here.counts[package] or '-':>9}" for here in maps.values()))
    print(f"{'accuracy':<22}" + "".join(f"{value:>9.3f}" for value in accuracy.values()))
    table = torch.tensor([list(here.counts.values()) for here in maps.values()])
    gb.show(table, view="grid", labels=(list(maps), [p.replace("torch.", "") for p in PACKAGES]))
    gb.tell("lit-weights", len(maps["weights"].lit()))
    gb.tell("lit-archive", len(maps["archive"].lit()))
    gb.check("training lights all of them", len(maps["train"].lit()) == len(PACKAGES))
    gb.check("no optimizer and no backward in serving",
             all(maps[m].counts[p] == 0 for m in ("weights", "archive") for p in ("torch.optim", "torch.autograd")))
    gb.check("three times the same accuracy", len(set(accuracy.values())) == 1 and accuracy["train"] > 0.8)


def who_does_what():
    """Eight jobs, eight packages; the key is read off the things themselves."""
    gb.ask("match")
    letters = dict(zip(sorted(PACKAGES), "ABCDEFGH"))
    jobs = [("shuffles, batches, loads in parallel", DataLoader), ("holds layers, finds their parameters", nn.Linear),
            ("computes a loss without any state", F.cross_entropy), ("walks the graph backwards", torch.autograd.backward),
            ("turns gradients into new parameters", torch.optim.SGD), ("says which operator took how long", profile),
            ("writes tensors under their names", torch.save), ("runs a model without its Python class", torch.jit.load)]
    answer = ""
    for number, (job, thing) in enumerate(jobs, 1):
        package = package_of(thing)
        answer += letters[package]
        print(f"{number}  {job:<40} {letters[package]}  {package}")
    gb.tell("match", answer)
    gb.check("each package once", sorted(answer) == list("ABCDEFGH"))


if __name__ == "__main__":
    for tab in (who_does_what, whole_pipeline):
        tab()
        print()
