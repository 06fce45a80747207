import math

import torch
import torch.nn.functional as F

from gradboard_check import check, close, equal, holds, person, taken, tape, torch_there, value


def factor(step, warmup, total, floor=0.0):
    if step < warmup:
        return (step + 1) / warmup
    along = min(1.0, (step - warmup) / max(1, total - warmup))
    return floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * along))


def batches(n, scale=1.0):
    return [(torch.randn(6, 3) * scale, torch.randn(6, 2)) for _ in range(n)]


def made(lrs=(0.1, 0.02), momentum=0.0):
    """A model of one layer over there, its weight in the first group and its bias in the second, and its optimizer."""
    model = torch_there().nn.Linear(3, 2)
    groups = [{"params": [model.weight], "lr": lrs[0]}, {"params": [model.bias], "lr": lrs[1]}]
    return model, torch_there().optim.SGD(groups, lr=1.0, momentum=momentum)


def reference(state, several, lrs, warmup, max_norm, momentum=0.0):
    """Weights, and the rows of the history."""
    weights, buffers, rows = [state["weight"].clone(), state["bias"].clone()], [0.0, 0.0], []
    for step, (x, y) in enumerate(several):
        leaves = [w.clone().requires_grad_() for w in weights]
        loss = F.mse_loss(F.linear(x, *leaves), y)
        grads = torch.autograd.grad(loss, leaves)
        norm = math.sqrt(sum(float(g.double().pow(2).sum()) for g in grads))
        rates = [lr * factor(step, warmup, len(several)) for lr in lrs]
        for nth, g in enumerate(grads):
            buffers[nth] = momentum * buffers[nth] + g * min(1.0, max_norm / norm)
            weights[nth] = weights[nth] - rates[nth] * buffers[nth]
        rows.append({"lrs": rates, "norm": norm, "loss": loss.item()})
    return {"weight": weights[0], "bias": weights[1]}, rows


def near(got, expected, given, tolerance=1e-4):
    close(torch.tensor(value(got), dtype=torch.float64), torch.tensor(expected, dtype=torch.float64), given, tolerance)


@check("factor")
def factors():
    for warmup, total, floor in ((4, 20, 0.0), (5, 25, 0.1), (0, 10, 0.0), (1, 8, 0.5)):
        for step in sorted({0, max(0, warmup - 1), warmup, (warmup + total) // 2, max(0, total - 1), total, total + 7}):
            got = person.warmup_cosine(step, warmup, total, floor)
            near(got, factor(step, warmup, total, floor), {"step": step, "warmup": warmup, "total": total, "floor": floor}, 1e-6)
    near(person.warmup_cosine(7, 2, 10), factor(7, 2, 10), {"step": 7, "warmup": 2, "total": 10, "floor": "not given"}, 1e-6)


@check("rates")
def rates():
    for warmup, n, lrs in ((3, 10, (0.1, 0.02)), (0, 4, (0.01, 0.5))):
        model, optimizer = made(lrs)
        history = value(person.train(model, batches(n), optimizer, warmup, 1e9))
        equal(len(history), n, {"batches": n, "what": "rows of the history"})
        for step in range(n):
            expected = [lr * factor(step, warmup, n) for lr in lrs]
            near(history[step]["lrs"], expected, {"batches": n, "warmup": warmup, "rates of the groups": lrs, "step": step, "what": "lrs"}, 1e-6)


@check("bound")
def bound():
    for lr, max_norm in ((0.5, 0.1), (0.02, 2.0)):
        model, optimizer = made((lr, lr))
        before = value(model.state_dict())
        person.train(model, batches(1, scale=30.0), optimizer, 0, max_norm)
        after = value(model.state_dict())
        length = math.sqrt(sum(float((after[name] - before[name]).pow(2).sum()) for name in before))
        holds(length <= lr * max_norm * 1.01, {"steps": 1, "lr": lr, "max_norm": max_norm}, f"the weights move by {lr * max_norm:g} at most", length)


@check("updates")
def updates():
    for warmup, n, max_norm, momentum in ((2, 6, 1e9, 0.0), (0, 3, 0.3, 0.0), (3, 8, 0.5, 0.9)):
        lrs = (0.1, 0.02)
        model, optimizer = made(lrs, momentum)
        several = batches(n, scale=2.0)
        model(torch.ones(1, 3)).sum().backward()            # what an earlier backward left
        expected, _ = reference(value(model.state_dict()), several, lrs, warmup, max_norm, momentum)
        person.train(model, several, optimizer, warmup, max_norm)
        state = value(model.state_dict())
        given = {"model": "Linear(3, 2)", "batches": n, "warmup": warmup, "max_norm": max_norm, "momentum": momentum}
        for name in expected:
            close(state[name], expected[name], {**given, "at the end": name}, 1e-4)


@check("recorded")
def recorded():
    model, optimizer = made()
    several = batches(5, scale=5.0)
    _, expected = reference(value(model.state_dict()), several, (0.1, 0.02), 2, 0.5)
    history = value(person.train(model, several, optimizer, 2, 0.5))
    for step, row in enumerate(expected):
        given = {"batches": 5, "max_norm": 0.5, "step": step}
        near(history[step]["norm"], row["norm"], {**given, "what": "norm before clipping, of all parameters"}, 1e-3)
        near(history[step]["loss"], row["loss"], {**given, "what": "loss"}, 1e-3)


@check("unused")
def unused():
    nn = torch_there().nn
    model, optimizer = made()
    optimizer.add_param_group({"params": [nn.Parameter(torch.ones(3))], "lr": 0.3})
    history = value(person.train(model, batches(2), optimizer, 0, 1.0))
    near(history[0]["lrs"], [0.1, 0.02, 0.3], {"groups": "a third one, whose parameter never has a gradient", "what": "lrs"}, 1e-6)


@check("learns")
def learns():
    def loss_of(model):
        """On ordinary batches: every ninth is far out."""
        pairs = [pair for nth, pair in enumerate(person.make_batches(40, 78)) if nth % 9 != 5]
        return sum(float(F.mse_loss(value(model(x)), value(y))) for x, y in pairs) / len(pairs)

    model = person.make_model()
    groups = [{"params": model[0].parameters(), "lr": 0.02}, {"params": model[2].parameters(), "lr": 0.2}]
    before = loss_of(model)
    history = value(person.train(model, person.make_batches(120, 77), torch_there().optim.SGD(groups, lr=1.0, momentum=0.9), 12, 1.0))
    given = {"make_batches": "other seeds", "batches": 120}
    holds(all(math.isfinite(row["loss"]) for row in history), given, "finite losses", [row["loss"] for row in history if not math.isfinite(row["loss"])][:3])
    after = loss_of(model)
    holds(after < 0.5 * before, given, f"a loss on ordinary batches below half of {before:.4f}", after)
