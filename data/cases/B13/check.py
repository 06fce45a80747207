import math

import torch
import torch.nn.functional as F

from gradboard_check import check, close, holds, person, value

NAMES = ("entry.weight", "entry.bias", "recur.weight", "head.weight", "head.bias")


def batches(n, size=8, steps=12):
    return [(torch.rand(size, steps, 2), torch.rand(size, 1)) for _ in range(n)]


def reference(state, steps, lr, max_norm):
    """Weights after SGD with each batch's clipped gradient, and the norms before clipping."""
    weights, norms = [state[name].clone().requires_grad_() for name in NAMES], []
    for x, y in steps:
        hidden, entered = torch.zeros(len(x), len(weights[1])), F.linear(x, weights[0], weights[1])
        for t in range(x.shape[1]):
            hidden = F.relu(entered[:, t] + F.linear(hidden, weights[2]))
        loss = F.mse_loss(F.linear(hidden, weights[3], weights[4]), y)
        gradients = torch.autograd.grad(loss, weights)
        norms.append(math.sqrt(sum(float((g ** 2).sum()) for g in gradients)))
        scale = min(1.0, max_norm / norms[-1])
        with torch.no_grad():
            for weight, gradient in zip(weights, gradients):
                weight -= lr * scale * gradient
    return [weight.detach() for weight in weights], norms


def moved(before, after):
    return math.sqrt(sum(float(((after[name] - before[name]) ** 2).sum()) for name in NAMES))


@check("update-bound")
def update_bound():
    for lr, max_norm in ((0.1, 0.5), (0.02, 2.0), (0.5, 0.01)):
        model = person.Adder()
        for batch in batches(3):
            before = value(model.state_dict())
            person.train(model, [(10 * batch[0], batch[1])], lr, max_norm)
            length = moved(before, value(model.state_dict()))
            given = {"lr": lr, "max_norm": max_norm, "steps": 1}
            holds(length <= 1.01 * lr * max_norm, given, f"the weights move by {lr * max_norm:g} at most", length)


@check("direction")
def direction():
    for n in (1, 3):
        for max_norm in (0.05, 1e6):
            model, steps = person.Adder(), batches(n)
            expected, _ = reference(value(model.state_dict()), steps, 0.02, max_norm)
            person.train(model, steps, 0.02, max_norm)
            got = value(model.state_dict())
            for name, weight in zip(NAMES, expected):
                close(got[name], weight, {"batches": n, "lr": 0.02, "max_norm": max_norm, "weights": name}, 1e-4)


@check("norms")
def norms():
    model, steps = person.Adder(), batches(3)
    _, expected = reference(value(model.state_dict()), steps, 0.02, 0.1)
    _, got = value(person.train(model, steps, 0.02, 0.1))
    close(torch.tensor(got), torch.tensor(expected), {"batches": 3, "max_norm": 0.1}, 1e-3)


@check("learns")
def learns():
    x, y = value(person.make_data(512, 81))
    model = person.Adder()
    steps = [(x[i:i + 32], y[i:i + 32]) for _ in range(5) for i in range(0, 512, 32)]
    losses = value(person.train(model, steps, 0.01, 1.0)[0])
    given = {"lr": 0.01, "max_norm": 1.0, "steps": len(steps)}
    holds(all(math.isfinite(loss) for loss in losses), given, "finite losses", losses)
    first, last = sum(losses[:16]) / 16, sum(losses[-16:]) / 16
    holds(last < 0.5 * first, {**given, "mean loss of the first 16": first}, "less than half of it in the last 16", last)
