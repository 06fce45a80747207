"""A monitor for gradients: hooks on every layer, an alarm, and the operation to blame.

A net is trained on digits and all is well, until at step 40 a distance of zero goes
through a square root.  The loss is fine in that step.  The hooks see which layer is
touched first, and anomaly mode tells which operation began it.
"""

import warnings
from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F

import gradboard as gb

DIGITS = Path(__file__).resolve().parents[2] / "datasets" / "digits.bin"
TRAIN = 1437


def load_digits():
    """Training images (N, 64) between 0 and 1, and labels (N,)."""
    records = torch.frombuffer(bytearray(DIGITS.read_bytes()), dtype=torch.uint8).reshape(-1, 65)
    return records[:TRAIN, :64].float() / 16, records[:TRAIN, 64].long()


class Net(nn.Module):
    """Two layers that make an embedding, and a head that reads it."""

    def __init__(self):
        super().__init__()
        self.first = nn.Linear(64, 48)
        self.second = nn.Linear(48, 16)
        self.head = nn.Linear(16, 10)

    def embed(self, x):
        return self.second(F.relu(self.first(x)))

    def forward(self, x):
        return self.head(F.relu(self.embed(x)))


def distance(a, b, eps=0.0):
    return ((a - b).pow(2).sum(dim=1) + eps).sqrt()


def loss_of(model, x, y, partner, eps=0.0):
    """Cross-entropy, and a little of the distance between each sample and its partner of the same class."""
    return F.cross_entropy(model(x), y) + 0.01 * distance(model.embed(x), model.embed(partner), eps).mean()


class Monitor:
    """Keeps norms of gradients that arrive at each layer, in the order in which backward reaches them."""

    def __init__(self, model):
        self.arrived = []
        for name, module in model.named_children():
            module.register_full_backward_hook(self.hook(name))

    def hook(self, name):
        def look(module, grad_input, grad_output):
            self.arrived.append((name, grad_output[0].norm().item()))
        return look

    def first_bad(self):
        return next((name for name, norm in self.arrived if not torch.tensor(norm).isfinite()), None)


def batches(steps):
    """Images, labels, partners: another picture of the same class; at step 40 one meets itself."""
    images, labels = load_digits()
    generator = torch.Generator().manual_seed(0)
    by_class = [(labels == c).nonzero().flatten() for c in range(10)]
    for step in range(steps):
        rows = torch.randint(0, TRAIN, (32,), generator=generator)
        partner = torch.stack([rows_of[torch.randint(0, len(rows_of), (1,), generator=generator)][0]
                               for rows_of in (by_class[c] for c in labels[rows].tolist())])
        partner = torch.where(partner == rows, (partner + 1) % TRAIN, partner)
        if step == 40:
            partner[5] = rows[5]
        yield images[rows], labels[rows], images[partner]


def train(eps, stop_on_alarm, steps=60):
    torch.manual_seed(0)
    model = gb.watch(Net())
    monitor = Monitor(model)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.2)
    alarm = None
    for step, (x, y, partner) in enumerate(batches(steps)):
        monitor.arrived.clear()
        loss = loss_of(model, x, y, partner, eps)
        optimizer.zero_grad()
        loss.backward()
        norm = torch.stack([p.grad.norm() for p in model.parameters()]).norm()
        gb.log("loss", loss)
        gb.log("gradient norm", norm)
        if alarm is None and not norm.isfinite():
            alarm = step
            print(f"step {step}: loss {loss.item():.4f}, gradient norm {norm.item()}; arrived, in order:")
            for name, arrived in monitor.arrived:
                print(f"    {name:<7} {arrived:.4g}")
            if stop_on_alarm:
                optimizer.zero_grad()            # leave this step out
                continue
        optimizer.step()
    bad = sum(not p.isfinite().all() for p in model.parameters())
    print(f"after {steps} steps {bad} of 6 parameters are no longer finite; last loss {loss.item():.4f}")
    return model, monitor, alarm, bad, loss.item()


def monitor():
    """Sixty steps with hooks on; what is done when the alarm rings."""
    gb.ask("loss-then")
    gb.ask("after")
    skip = gb.knob("on alarm", "go on", choices=["go on", "skip the step"]) == "skip the step"
    model, _, alarm, bad, last = train(0.0, skip)
    gb.tell("loss-then", "finite" if alarm is not None else "no alarm")
    gb.tell("after", bad)
    gb.check("the alarm rings at step 40", alarm == 40)


def blame():
    """The same distance alone: every gradient on its way back."""
    gb.ask("first-op")
    gb.ask("times-zero")
    a = torch.tensor([[1.0, 2.0], [3.0, 1.0]], requires_grad=True)
    b = torch.tensor([[1.0, 2.0], [0.0, 5.0]])
    difference = a - b
    squares = difference.pow(2)
    sums = squares.sum(dim=1)
    root = sums.sqrt()
    kept = {"sqrt": root, "sum": sums, "pow": squares, "difference": difference}
    for t in kept.values():
        t.retain_grad()
    gb.watch(root)
    root.sum().backward()
    for name, t in kept.items():
        print(f"gradient at the output of {name:<11} {t.grad.tolist()}")
    print(f"a.grad {a.grad.tolist()}")
    bad = [name for name, t in kept.items() if not t.grad.isfinite().all()]
    gb.tell("first-op", "sqrt" if bad[0] == "sum" else bad[0])           # what sqrt's backward sent to the sums
    gb.tell("times-zero", "nan" if difference.grad[0].isnan().all() else "0")
    gb.check("the other row is untouched", a.grad[1].isfinite().all())


def anomaly():
    """Anomaly mode: an error at the operation whose backward made a nan, and where that was called."""
    gb.ask("named")
    a = torch.tensor([[1.0, 2.0], [3.0, 1.0]], requires_grad=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with torch.autograd.detect_anomaly():
                distance(a, torch.tensor([[1.0, 2.0], [0.0, 5.0]])).sum().backward()
        except RuntimeError as error:
            said = str(error)
            print(said)
    gb.tell("named", "pow" if "PowBackward" in said else "sqrt" if "SqrtBackward" in said else "other")
    gb.check("it looks for nan, and an inf does not count", "SqrtBackward" not in said)


def cure():
    """eps inside the root, or a root that is never taken of 0."""
    a = torch.tensor([[1.0, 2.0], [3.0, 1.0]])
    b = torch.tensor([[1.0, 2.0], [0.0, 5.0]])

    def outside(a, b):
        return distance(a, b) + 1e-8

    def where_after(a, b):
        square = (a - b).pow(2).sum(dim=1)
        return torch.where(square > 0, square.sqrt(), torch.zeros_like(square))

    def where_before(a, b):
        square = (a - b).pow(2).sum(dim=1)
        safe = torch.where(square > 0, square, torch.ones_like(square))
        return torch.where(square > 0, safe.sqrt(), torch.zeros_like(square))

    gb.ask("which-cure")
    good = []
    for name, function in (("eps inside", lambda a, b: distance(a, b, 1e-8)), ("eps outside", outside),
                           ("where after", where_after), ("where before", where_before)):
        leaf = a.clone().requires_grad_()
        function(leaf, b).sum().backward()
        fine = bool(leaf.grad.isfinite().all())
        good += [name] * fine
        print(f"{name:<12} gradient {[round(v, 4) for v in leaf.grad.flatten().tolist()]}")
    gb.tell("which-cure", "only inside or before" if good == ["eps inside", "where before"] else ", ".join(good))
    print()
    _, _, alarm, bad, last = train(1e-8, False)
    gb.check("with eps inside no alarm rings", alarm is None and bad == 0)


if __name__ == "__main__":
    for tab in (monitor, cure, anomaly, blame):
        tab()
        print()
