"""Five rules for one step, on a ravine and on Rosenbrock's bent valley.

What differs is what an optimizer remembers of earlier gradients, what it divides by,
and where the weight decay enters.  Each of these is looked at alone before they race.
"""

import torch

import gradboard as gb

RULES = {
    "SGD": lambda w, lr: torch.optim.SGD([w], lr=lr),
    "momentum": lambda w, lr: torch.optim.SGD([w], lr=lr, momentum=0.9),
    "RMSprop": lambda w, lr: torch.optim.RMSprop([w], lr=lr),
    "Adam": lambda w, lr: torch.optim.Adam([w], lr=lr),
    "AdamW": lambda w, lr: torch.optim.AdamW([w], lr=lr, weight_decay=0.01),
}


def ravine(x, y):
    """A bowl twenty times as steep across as along; its lowest point is (0, 0)."""
    return 0.5 * (x ** 2 + 20 * y ** 2)


def rosenbrock(x, y):
    """A bent valley, its lowest point (1, 1)."""
    return (1 - x) ** 2 + 10 * (y - x ** 2) ** 2


def draw(function, xs, ys):
    """The heights of the plane, for the contours below the paths."""
    gb.show(function(xs[None, :], ys[:, None]), view="surface", x=xs, y=ys)


def descend(name, function, start, lr, steps):
    """The loss after each step, and where the path ends."""
    w = torch.tensor(start, requires_grad=True)
    optimizer = RULES[name](w, lr)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = function(w[0], w[1])
        gb.log(name, loss, x=w[0], y=w[1])
        loss.backward()
        optimizer.step()
        losses.append(function(*w.detach()).item())
        gb.log(f"loss, {name}", max(losses[-1], 1e-9), len(losses), "step")
        if not losses[-1] < 1e6:
            break
    return losses, w.detach()


def race():
    """The ravine, each rule with a rate that suits it, then SGD beyond its edge."""
    draw(ravine, torch.linspace(-5, 1.5, 53), torch.linspace(-1.6, 1.6, 41))
    steps = gb.knob("steps", 60, 10, 200)
    gb.ask("edge")
    rates = {"SGD": gb.knob("lr of SGD", 0.09, 0.01, 0.12), "momentum": 0.03, "RMSprop": 0.1, "Adam": 0.3, "AdamW": 0.3}
    for name, lr in rates.items():
        losses, w = descend(name, ravine, [-4.5, 1.2], lr, int(steps))
        print(f"{name:<9} lr {lr:<5g} loss {losses[-1]:.6f} after {len(losses)} steps, at ({w[0]:+.4f}, {w[1]:+.4f})")

    print("one direction of curvature 20, SGD from w = 1, forty steps:")
    grows = []
    for lr in (0.05, 0.09, 0.099, 0.1, 0.101, 0.11):
        w = torch.ones(1, requires_grad=True)
        optimizer = torch.optim.SGD([w], lr=lr)
        for _ in range(40):
            optimizer.zero_grad()
            (10 * w ** 2).sum().backward()
            optimizer.step()
        print(f"  lr {lr:<5g} |w| = {abs(w.item()):.3g}")
        if abs(w.item()) > 1.01:
            grows.append(lr)
    gb.tell("edge", 2 / 20)
    gb.check("it grows above 2 / curvature and at no lower rate", grows == [0.101, 0.11])


def valley():
    """Rosenbrock: 300 steps from the far side of the bend."""
    draw(rosenbrock, torch.linspace(-1.8, 1.8, 49), torch.linspace(-1.0, 2.6, 49))
    rates = {"SGD": 0.006, "momentum": 0.003, "RMSprop": 0.02, "Adam": 0.1}
    gb.ask("nearest")
    ends = {}
    for name, lr in rates.items():
        losses, w = descend(name, rosenbrock, [-1.4, 1.6], lr, 300)
        ends[name] = (w - 1).norm().item()
        print(f"{name:<9} lr {lr:<5g} loss {losses[-1]:.6f}, {ends[name]:.4f} from (1, 1)")
    gb.tell("nearest", min(ends, key=ends.get))


def first_step():
    """How far one step goes when the gradient is a thousandth, one, a thousand."""
    gb.ask("adam-first")
    moved, rows = {}, []
    print("gradient " + "".join(f"{name:>12}" for name in RULES))
    for g in (1e-3, 1.0, 1e3):
        row = []
        for name, make in RULES.items():
            w = torch.zeros(1, requires_grad=True)
            optimizer = make(w, 0.01)
            w.grad = torch.full((1,), g)
            optimizer.step()
            row.append(abs(w.item()))
            moved[name, g] = row[-1]
            if name in ("SGD", "RMSprop", "Adam"):
                gb.log(f"first step, {name}", torch.tensor(row[-1]).log10(), torch.tensor(g).log10(), "log10 of the gradient")
        rows.append(row)
        print(f"{g:<9g}" + "".join(f"{step:>12.6f}" for step in row))
    log10_of_step = torch.tensor(rows).log10()          # a row per gradient, a column per rule
    gb.show(log10_of_step, view="grid", labels=(["g = 0.001", "g = 1", "g = 1000"], list(RULES)))
    gb.tell("adam-first", moved["Adam", 1e3])
    gb.check("Adam's first step is lr, whatever the gradient",
             all(abs(moved["Adam", g] - 0.01) < 1e-6 for g in (1e-3, 1.0, 1e3)))
    gb.check("SGD's step grows with the gradient", moved["SGD", 1e3] > 9)


def decay():
    """w = 1, gradient 0, weight decay 0.1, lr 0.1: only the decay acts."""
    gb.ask("adamw-decay")
    gb.ask("adam-decay")
    after = {}
    for name, make in (("SGD", torch.optim.SGD), ("Adam", torch.optim.Adam), ("AdamW", torch.optim.AdamW)):
        w = torch.ones(1, requires_grad=True)
        optimizer = make([w], lr=0.1, weight_decay=0.1)
        for step in range(1, 21):
            w.grad = torch.zeros(1)
            optimizer.step()
            after.setdefault(name, w.item())
            gb.log(f"w under decay, {name}", w, step, "step with gradient 0")
        print(f"{name:<6} w = {after[name]:.4f} after one step, {w.item():.4f} after twenty")
    gb.tell("adamw-decay", after["AdamW"])
    gb.tell("adam-decay", after["Adam"])


def memory():
    """What each rule keeps beside a weight of 1000 x 100, and how many bytes that is."""
    gb.ask("state-bytes")
    bytes_of = {}
    for name, make in RULES.items():
        w = torch.zeros(1000, 100, requires_grad=True)
        optimizer = make(w, 0.01)
        w.grad = torch.ones_like(w)
        optimizer.step()
        kept = {key: t for key, t in optimizer.state[w].items() if torch.is_tensor(t) and t.numel() > 1}
        bytes_of[name] = sum(t.numel() * t.element_size() for t in kept.values())
        print(f"{name:<9} {bytes_of[name]:>7} bytes beside {w.numel() * w.element_size()}: {', '.join(kept) or 'nothing'}")
    gb.tell("state-bytes", bytes_of["Adam"])
    gb.check("Adam keeps two numbers for each weight", bytes_of["Adam"] == 2 * 4 * 100000)


if __name__ == "__main__":
    for tab in (race, first_step, decay, memory):
        tab()
        print()
