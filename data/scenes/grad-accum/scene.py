""".grad is an accumulator: backward() adds into it and never clears it.

That is what lets a tensor be used twice, and a large batch be cut into small ones.
It is also why a training loop has to clear it, every step, itself.
"""

import torch
import torch.nn.functional as F

import gradboard as gb


def three_times():
    w = torch.ones(2, requires_grad=True)
    x = torch.tensor([1.0, 2.0])
    gb.ask("after-three")
    print("backward  w.grad")
    for time in (1, 2, 3):
        (w * x).sum().backward()             # the gradient of this walk is x, every time
        gb.show(w.grad, view="grid")
        gb.log("w.grad[0]", w.grad[0])
        gb.log("w.grad[1]", w.grad[1])
        print(f"{time:>8}  {w.grad.tolist()}")
    gb.tell("after-three", w.grad[1])
    gb.check("three walks, three times x", torch.equal(w.grad, 3 * x))

    first = w.grad
    (w * x).sum().backward()
    print("the same tensor was added into:", first is w.grad, first.tolist())


def clear():
    """Zeros still count as a gradient; None does not."""
    x = torch.tensor([1.0, 2.0])
    for to_none in (False, True):
        w = torch.ones(2, requires_grad=True)
        optimizer = torch.optim.SGD([w], lr=0.1, momentum=0.9)
        (w * x).sum().backward()
        optimizer.step()
        before = w.detach().clone()
        if to_none:
            gb.ask("cleared")
        optimizer.zero_grad(set_to_none=to_none)
        if to_none:
            gb.tell("cleared", "None" if w.grad is None else "zeros")
        gb.show(w, view="grid")
        optimizer.step()                     # no backward in between
        moved = not torch.equal(w, before)
        print(f"set_to_none={to_none!s:<5}  w.grad {w.grad}  a step without backward moves w: {moved}")
        gb.check(f"set_to_none={to_none}: momentum goes on for zeros, None is skipped", moved == (not to_none))


def line_data():
    x = torch.linspace(-1, 1, 32)[:, None]
    return x, 3 * x + 1


def swing(steps=60):
    """Never cleared, .grad is the sum of all gradients so far: momentum without friction."""
    x, y = line_data()
    lr = gb.knob("lr", 0.05, 0.005, 0.5, log=True)
    ways = {"cleared": (0.0, True), "never cleared": (0.0, False), "momentum 1, cleared": (1.0, True)}
    gb.ask("without-clearing")
    losses, weights = {}, {}
    for name, (momentum, clears) in ways.items():
        torch.manual_seed(0)
        model = torch.nn.Linear(1, 1)
        optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=momentum)
        losses[name], weights[name] = [], []
        for _ in range(steps):
            if clears:
                optimizer.zero_grad()
            loss = F.mse_loss(model(x), y)
            loss.backward()
            optimizer.step()
            losses[name].append(loss.item())
            weights[name].append(model.weight.item())
            gb.log(f"loss, {name}", loss.item())

    print("step   " + "".join(f"{name:>22}" for name in ways))
    for step in (1, 5, 10, 20, 30, 40, 50, 60):
        print(f"{step:>4}   " + "".join(f"{losses[name][step - 1]:>22.4f}" for name in ways))
    wild = losses["never cleared"]
    turns = sum((wild[i] - wild[i - 1]) * (wild[i + 1] - wild[i]) < 0 for i in range(1, steps - 1))
    print(f"never cleared, the loss turned round {turns} times")
    finite = torch.tensor(wild).isfinite().all().item()
    gb.tell("without-clearing", "nan" if not finite else "swings" if turns >= 3 else "faster")
    same = max(abs(a - b) for a, b in zip(weights["never cleared"], weights["momentum 1, cleared"]))
    print("same path as momentum 1:", same < 1e-3)
    gb.check("never clearing is momentum 1", same < 1e-3)


def micro_batches():
    """Several small walks make one large one, if the means are weighted right."""
    x, y = line_data()
    torch.manual_seed(0)
    model = torch.nn.Linear(1, 1)
    F.mse_loss(model(x), y).backward()
    whole = model.weight.grad.clone()

    parts = gb.knob("parts", 4, choices=[1, 2, 4, 8])
    gb.ask("too-large")
    sums = {}
    for divided in (False, True):
        model.zero_grad()
        running = []
        for part_x, part_y in zip(x.chunk(parts), y.chunk(parts)):
            loss = F.mse_loss(model(part_x), part_y)
            (loss / parts if divided else loss).backward()
            running.append(torch.stack([model.weight.grad[0, 0], model.bias.grad[0]]))
        after_each = torch.stack(running)        # one row per micro-batch: weight.grad, bias.grad so far
        gb.show(after_each, view="grid")
        sums[divided] = model.weight.grad.clone()
    times = (sums[False] / whole).item()
    print(f"one batch of {len(x)}            weight.grad {whole.item():.4f}")
    print(f"{parts} of {len(x) // parts}, as they are      weight.grad {sums[False].item():.4f}, {times:.4f} times as large")
    print(f"{parts} of {len(x) // parts}, divided by {parts}    weight.grad {sums[True].item():.4f}")
    gb.tell("too-large", times)
    gb.check("divided, the parts add up to the whole", torch.allclose(sums[True], whole, atol=1e-5))


def timing():
    """Where zero_grad stands in the loop, and what the choice of None or zeros does to momentum."""
    x, y = line_data()
    torch.manual_seed(0)
    model = torch.nn.Linear(1, 1)
    walks = gb.knob("walks", 5, 1, 20)
    gb.ask("norm-times")
    norms = []
    for _ in range(walks):
        F.mse_loss(model(x), y).backward()       # the same batch, nothing cleared
        norms.append(model.weight.grad.norm().item())
        gb.log("norm of weight.grad", norms[-1])
    print("norm of weight.grad after each walk:", ", ".join(f"{norm:.3f}" for norm in norms))
    gb.tell("norm-times", norms[-1] / norms[0])
    gb.check("k walks, k times the norm", abs(norms[-1] / norms[0] - walks) < 1e-3)

    gb.ask("wrong-place")
    last = {}
    for place in ("first in the loop", "before backward", "after step", "between backward and step"):
        torch.manual_seed(0)
        model = torch.nn.Linear(1, 1)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.2)
        for _ in range(30):
            if place == "first in the loop":
                optimizer.zero_grad()
            loss = F.mse_loss(model(x), y)
            if place == "before backward":
                optimizer.zero_grad()
            loss.backward()
            if place == "between backward and step":
                optimizer.zero_grad()
            optimizer.step()
            if place == "after step":
                optimizer.zero_grad()
            gb.log(f"loss, {place}", loss)
        last[place] = loss.item()
    print("\nzero_grad stands            loss after 30 steps")
    for place, loss in last.items():
        print(f"{place:<28}{loss:.6f}")
    gb.tell("wrong-place", max(last, key=last.get))
    good = [loss for place, loss in last.items() if place != "between backward and step"]
    gb.check("the other three places are one and the same", max(good) == min(good))

    gb.ask("after-none")
    gb.ask("after-zeros")
    values = {}
    for to_none in (True, False):
        w = torch.ones(1, requires_grad=True)
        optimizer = torch.optim.SGD([w], lr=0.1, momentum=0.9)
        w.sum().backward()                       # a gradient of 1
        optimizer.step()
        optimizer.zero_grad(set_to_none=to_none)
        optimizer.step()                         # and a step without a backward
        values[to_none] = w.item()
        print(f"set_to_none={to_none!s:<5}  w is {w.item():.2f}")
    gb.tell("after-none", values[True])
    gb.tell("after-zeros", values[False])


if __name__ == "__main__":
    for tab in (three_times, clear, swing, micro_batches, timing):
        tab()
        print()
