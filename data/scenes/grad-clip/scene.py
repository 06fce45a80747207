"""Clipping: what is measured, what is scaled, and where it has to stand.

First four numbers and the three ways to cut them.  Then a recurrent net that has to
remember its first symbol for sixty steps: its loss has a cliff, and one step off it
undoes everything.  At last the cliff itself, over a plane of two weights.
"""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F

import gradboard as gb

LAG = 60
SYMBOLS = 4
HIDDEN = 16


def clipped(grad, how, *args):
    w = torch.zeros(len(grad), requires_grad=True)
    w.grad = torch.tensor(grad)
    returned = how(w, *args)
    return w.grad, returned


def numbers():
    """The gradient (3, 4), whose length is 5."""
    gb.ask("returned")
    gb.ask("direction")
    gb.ask("one-inf")
    by_norm, norm = clipped([3.0, 4.0], nn.utils.clip_grad_norm_, 1.0)
    by_value, _ = clipped([3.0, 4.0], nn.utils.clip_grad_value_, 1.0)
    small, small_norm = clipped([0.3, 0.4], nn.utils.clip_grad_norm_, 1.0)
    print(f"clip_grad_norm_(1):  returned {norm.item():.4f}, gradient {by_norm.tolist()}")
    print(f"clip_grad_value_(1): gradient {by_value.tolist()}")
    print(f"within the limit:    returned {small_norm.item():.4f}, gradient {small.tolist()}")
    gb.tell("returned", norm)
    gb.tell("direction", "kept" if torch.allclose(by_value / by_value.norm(), torch.tensor([0.6, 0.8])) else "turned")
    gb.check("the norm of what is left is 1", abs(by_norm.norm().item() - 1) < 1e-5)

    broken, _ = clipped([3.0, 4.0, math.inf], nn.utils.clip_grad_norm_, 1.0)
    print(f"with one inf in it:  gradient {broken.tolist()}")
    gb.tell("one-inf", "zeros and a nan" if broken[:2].tolist() == [0, 0] and broken[2].isnan() else "otherwise")
    try:
        clipped([3.0, 4.0, math.inf], lambda w: nn.utils.clip_grad_norm_(w, 1.0, error_if_nonfinite=True))
    except RuntimeError as error:
        print("error_if_nonfinite:", str(error).split(",")[0])


class Recall(nn.Module):
    """ReLU units whose recurrence begins as the identity; they say at the end what came first."""

    def __init__(self):
        super().__init__()
        self.entry = nn.Linear(SYMBOLS, HIDDEN, bias=False)
        self.recur = nn.Linear(HIDDEN, HIDDEN, bias=False)
        self.head = nn.Linear(HIDDEN, SYMBOLS)
        nn.init.eye_(self.recur.weight)

    def forward(self, x):
        entered = self.entry(x)
        state = torch.zeros(len(x), HIDDEN)
        for t in range(x.shape[1]):
            state = F.relu(entered[:, t] + self.recur(state))
        return self.head(state)


def sequences(n, generator):
    """(n, LAG, SYMBOLS): a symbol, then silence; and the symbols (n,)."""
    symbol = torch.randint(0, SYMBOLS, (n,), generator=generator)
    x = torch.zeros(n, LAG, SYMBOLS)
    x[torch.arange(n), 0, symbol] = 1.0
    return x, symbol


def train(name, lr, max_norm, steps):
    """Losses, norms before clipping, and how many of 256 new sequences are recalled."""
    torch.manual_seed(0)
    model = gb.watch(Recall())
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    generator = torch.Generator().manual_seed(0)
    losses, norms = [], []
    for step in range(steps):
        x, y = sequences(16, generator)
        loss = F.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)
        optimizer.step()
        losses.append(loss.item())
        norms.append(norm.item())
        gb.log(f"log10 of the loss, {name}", loss.clamp(1e-3, 1e6).log10(), step, "step")
        if max_norm < math.inf:
            gb.log("log10 of the norm before the limit", norm.log10(), step, "step")
        if not math.isfinite(losses[-1]):
            break
    x, y = sequences(256, torch.Generator().manual_seed(9))
    with torch.no_grad():
        recalled = (model(x).argmax(dim=1) == y).float().mean().item()
    print(f"{name:<16} lr {lr:g}, loss {losses[0]:.2f}, {losses[1]:.3g}, ... {losses[-1]:.4f} in step {len(losses)}; recalls {recalled:.2f}")
    return losses, norms, recalled


def cliff():
    """The same net, data and rate, without a limit and with one."""
    steps = int(gb.knob("steps", 40, 20, 200))
    max_norm = gb.knob("max_norm", 1.0, 0.1, 100.0, log=True)
    gb.ask("same-rate")
    _, _, stuck = train("no limit", 0.02, math.inf, steps)
    losses, norms, recalled = train("clipped", 0.02, max_norm, steps)
    cut = sum(norm > max_norm for norm in norms)
    print(f"the limit {max_norm:g} was passed in {cut} of {len(norms)} steps, by a norm of up to {max(norms):.0f}")
    gb.tell("same-rate", "only with" if recalled > 0.9 > stuck else "both" if stuck > 0.9 else "neither")
    gb.check("with a limit every loss is finite and all is recalled", all(map(math.isfinite, losses)) and recalled == 1.0)


def too_fast():
    """Ten times the rate, with no limit."""
    gb.ask("unclipped")
    losses, _, _ = train("no limit, lr 0.2", 0.2, math.inf, 40)
    gb.tell("unclipped", "learns" if math.isfinite(losses[-1]) else "breaks")


def unrolled(a, b, steps=30):
    """One unit, state = a * state + b, from 0: how far the last state is from 4, squared."""
    state = torch.zeros_like(a * b)
    for _ in range(steps):
        state = a * state + b
    return (state - 4.0) ** 2


def landscape():
    """The plane of a and b has a cliff where a passes 1."""
    a, b = torch.linspace(0.6, 1.1, 51), torch.linspace(0.0, 0.5, 41)
    log10_of_loss = (unrolled(a[None, :], b[:, None]) + 0.01).log10()
    gb.show(log10_of_loss, view="surface", x=a, y=b)
    farthest = {}
    for name, max_norm in (("no limit", math.inf), ("max_norm 10", 10.0)):
        w = torch.tensor([0.8, 0.02], requires_grad=True)
        optimizer = torch.optim.SGD([w], lr=1e-3)
        norms, steps = [], []
        for _ in range(60):
            before = w.detach().clone()
            loss = unrolled(w[0], w[1])
            gb.log(name, (loss + 0.01).log10(), x=w[0], y=w[1])
            optimizer.zero_grad()
            loss.backward()
            norms.append(nn.utils.clip_grad_norm_([w], max_norm).item())
            optimizer.step()
            steps.append((w.detach() - before).norm().item())
        farthest[name] = max(steps)
        print(f"{name:<12} largest norm {max(norms):>4.0f} in step {norms.index(max(norms)) + 1:>2}, longest step {max(steps):.4f}, loss {loss.item():.3f} at the end")
    gb.check("with a limit no step is longer than lr * max_norm", farthest["max_norm 10"] <= 1e-3 * 10 * 1.001)
    gb.check("without one it was thrown far back", farthest["no limit"] > 0.3)


def order():
    """clip, step and step, clip: how far one step of plain SGD moves the weights."""
    gb.ask("too-late")
    moved = {}
    for name in ("clip, step", "step, clip"):
        w = torch.zeros(2, requires_grad=True)
        optimizer = torch.optim.SGD([w], lr=0.1)
        w.grad = torch.tensor([30.0, 40.0])
        if name == "clip, step":
            nn.utils.clip_grad_norm_([w], 1.0)
        optimizer.step()
        if name == "step, clip":
            nn.utils.clip_grad_norm_([w], 1.0)
        moved[name] = w.detach().norm().item()
        print(f"{name}: moved by {moved[name]:.4f}")
    gb.tell("too-late", moved["step, clip"])
    gb.check("clipped in time it moves by lr * max_norm at most", moved["clip, step"] <= 0.1 * 1.0 + 1e-6)

    gb.ask("adam-clip")
    moved = []
    for max_norm in (math.inf, 0.01):
        w = torch.zeros(2, requires_grad=True)
        optimizer = torch.optim.Adam([w], lr=0.1)
        w.grad = torch.tensor([30.0, 40.0])
        nn.utils.clip_grad_norm_([w], max_norm)
        optimizer.step()
        moved.append(w.detach().norm().item())
    print(f"Adam's first step: {moved[0]:.4f} without a limit, {moved[1]:.4f} with 0.01")
    gb.tell("adam-clip", "the same" if abs(moved[0] - moved[1]) < 1e-4 else "shorter")


if __name__ == "__main__":
    for tab in (numbers, cliff, landscape, order):
        tab()
        print()
