"""The five lines of a training step, in the order that works and in orders that do not.

A small net learns digits.  A step is a list of phases, so the order is data: it can be
turned with a knob, and each wrong one shows what it breaks, and how quietly.
"""

from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F

import gradboard as gb

DIGITS = Path(__file__).resolve().parents[2] / "datasets" / "digits.bin"
TRAIN = 1437
BATCH = 64

RIGHT = "zero_grad, forward, loss, backward, step"
ORDERS = {
    "right": RIGHT,
    "zero_grad after backward": "forward, loss, backward, zero_grad, step",
    "no zero_grad": "forward, loss, backward, step",
    "zero_grad last": "forward, loss, backward, step, zero_grad",
    "step first": "step, zero_grad, forward, loss, backward",
    "step before backward": "zero_grad, forward, loss, step, backward",
}


def load_digits():
    """Images (N, 64) between 0 and 1, labels (N,): training part, validation part."""
    records = torch.frombuffer(bytearray(DIGITS.read_bytes()), dtype=torch.uint8).reshape(-1, 65)
    images, labels = records[:, :64].float() / 16, records[:, 64].long()
    return (images[:TRAIN], labels[:TRAIN]), (images[TRAIN:], labels[TRAIN:])


class Step:
    """One training step, a method for each phase."""

    def __init__(self, model, optimizer):
        self.model, self.optimizer = model, optimizer

    def zero_grad(self):
        self.optimizer.zero_grad()

    def forward(self):
        self.out = self.model(self.x)

    def loss(self):
        self.value = F.cross_entropy(self.out, self.y)

    def backward(self):
        self.value.backward()

    def step(self):
        self.optimizer.step()

    def run(self, order, x, y):
        self.x, self.y = x, y
        for phase in order.split(", "):
            getattr(self, phase)()
        return self.value.item()


def new_step(lr=0.3):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    return Step(model, torch.optim.SGD(model.parameters(), lr=lr))


def accuracy(model, images, labels):
    model.eval()
    with torch.no_grad():
        right = (model(images).argmax(dim=1) == labels).float().mean().item()
    model.train()
    return right


def loop(epochs=8):
    """The whole of it: epochs, batches, the five phases, a validation after each epoch."""
    (images, labels), (val_images, val_labels) = load_digits()
    chosen = gb.knob("order", "right", choices=list(ORDERS))
    step = new_step()
    gb.watch(step.model)
    generator = torch.Generator().manual_seed(0)
    for epoch in range(epochs):
        total = 0.0
        for rows in torch.randperm(TRAIN, generator=generator).split(BATCH):
            loss = step.run(ORDERS[chosen], images[rows], labels[rows])
            total += loss * len(rows)
            gb.log("loss", loss)
        held = accuracy(step.model, val_images, val_labels)
        print(f"epoch {epoch}: loss {total / TRAIN:.4f}, validation accuracy {held:.3f}")
    if chosen == "right":
        gb.check("nine of ten held digits are read", held > 0.9)


def orders(steps=60):
    """The same 60 batches in each order."""
    (images, labels), _ = load_digits()
    gb.ask("between")
    gb.ask("first-step")
    gb.ask("never")
    ends, moved, raised = {}, {}, {}
    for name, order in ORDERS.items():
        step = new_step()
        start = step.model[0].weight.detach().clone()
        generator = torch.Generator().manual_seed(0)
        losses = []
        for i in range(steps):
            rows = torch.randint(0, TRAIN, (BATCH,), generator=generator)
            try:
                losses.append(step.run(order, images[rows], labels[rows]))
            except RuntimeError as error:
                raised[name] = i + 1
                print(f"{name:<25} step {i + 1}: {str(error).split(':')[0]}")
                break
            gb.log(f"loss, {name}", losses[-1], i, "step")
        moved[name] = (step.model[0].weight - start).norm().item()
        ends[name] = sum(losses[-10:]) / len(losses[-10:])
        if name not in raised:
            print(f"{name:<25} loss of the last ten {ends[name]:.4f}, weights moved by {moved[name]:.4f}")
    gb.tell("between", "no" if moved["zero_grad after backward"] == 0 else "yes")
    gb.tell("first-step", raised.get("step before backward", 0))
    gb.tell("never", "worse" if ends["no zero_grad"] > 1.5 * ends["right"] else "as good")
    gb.check("zero_grad may stand first or last", ends["right"] == ends["zero_grad last"])
    gb.check("step before backward moves nothing", moved["step before backward"] == 0)
    gb.check("step at the head of the loop is one step late and no worse", abs(ends["step first"] - ends["right"]) < 0.1)


def depth(total):
    """How many additions hang behind a sum."""
    found, node = 0, getattr(total, "grad_fn", None)
    while type(node).__name__ == "AddBackward0":
        found, node = found + 1, node.next_functions[0][0]
    return found


def graph_kept(steps=40):
    """A sum of losses: of their numbers, of themselves, and of themselves where nobody calls backward."""
    (images, labels), _ = load_digits()
    gb.ask("kept")
    behind = {}
    for name in ("loss.item()", "loss", "loss, without backward"):
        step, total = new_step(), 0.0
        order = "forward, loss" if name.endswith("backward") else RIGHT
        for i in range(steps):
            rows = torch.arange(i * 32, (i + 1) * 32) % TRAIN
            step.run(order, images[rows], labels[rows])
            total = total + (step.value.item() if name == "loss.item()" else step.value)
        behind[name] = depth(total)
        print(f"total += {name:<22} {behind[name]:>2} additions behind the sum")
    gb.tell("kept", "yes" if behind["loss"] >= steps else "no")
    gb.check("a number has no history", behind["loss.item()"] == 0)
    try:
        total.backward()
        print("the last sum still has all that its backward needs")
    except RuntimeError as error:
        print("the last sum:", str(error).split(",")[0])


if __name__ == "__main__":
    for tab in (loop, orders, graph_kept):
        tab()
        print()
