import math

import torch
import torch.nn.functional as F

from gradboard_check import check, close, holds, person, torch_there, value

NAMES = ("hidden.weight", "hidden.bias", "head.weight", "head.bias")
SIZES = ((12, 4), (10, 4), (7, 3), (5, 8), (9, 1))


def batch(n):
    return torch.randn(n, 4), torch.randn(n, 1)


def reference(state, steps, lr):
    """Weights after plain SGD on whole batches, and the loss of each."""
    weights, losses = [state[name].clone().requires_grad_() for name in NAMES], []
    for x, y in steps:
        loss = F.mse_loss(F.linear(torch.tanh(F.linear(x, weights[0], weights[1])), weights[2], weights[3]), y)
        gradients = torch.autograd.grad(loss, weights)
        losses.append(loss.item())
        with torch.no_grad():
            for weight, gradient in zip(weights, gradients):
                weight -= lr * gradient
    return [weight.detach() for weight in weights], losses


def same_weights(model, expected, given):
    got = value(model.state_dict())
    for name, weight in zip(NAMES, expected):
        close(got[name], weight, {**given, "weights": name}, 1e-5)


@check("equal-pieces")
def equal_pieces():
    for n, micro in ((12, 12), (12, 4), (12, 3)):
        model, steps = person.Net(), [batch(n)]
        expected, _ = reference(value(model.state_dict()), steps, 0.1)
        person.train(model, steps, micro, 0.1)
        same_weights(model, expected, {"batch": n, "micro": micro, "lr": 0.1, "steps": 1})


@check("ragged-piece")
def ragged_piece():
    for n, micro in SIZES:
        model, steps = person.Net(), [batch(n)]
        expected, _ = reference(value(model.state_dict()), steps, 0.1)
        person.train(model, steps, micro, 0.1)
        same_weights(model, expected, {"batch": n, "micro": micro, "lr": 0.1, "steps": 1})


@check("steps")
def steps():
    model, several = person.Net(), [batch(n) for n in (10, 6, 3)]
    expected, losses = reference(value(model.state_dict()), several, 0.05)
    got = value(person.train(model, several, 4, 0.05))
    same_weights(model, expected, {"batches": [10, 6, 3], "micro": 4, "lr": 0.05})
    close(torch.tensor(got), torch.tensor(losses), {"batches": [10, 6, 3], "micro": 4, "losses": "of each batch"}, 1e-4)


@check("in-pieces")
def in_pieces():
    nn = torch_there().nn
    for n, micro in ((12, 12), (12, 4), (10, 4), (11, 3)):
        counter = nn.BatchNorm1d(4)  # it counts the batches that it has seen
        person.train(nn.Sequential(counter, nn.Linear(4, 1)), [batch(n)], micro, 0.01)
        need, got = math.ceil(n / micro), int(value(counter.num_batches_tracked))
        holds(got >= need, {"batch": n, "micro": micro}, f"{need} forward passes", got)


@check("learns")
def learns():
    x, y = value(person.make_data(900, 41))
    losses = person.train(person.Net(), [(x[i:i + 150], y[i:i + 150]) for _ in range(20) for i in range(0, 900, 150)], 20, 0.1)
    given = {"batch": 150, "micro": 20, "lr": 0.1, "steps": len(losses)}
    holds(losses[-1] < 0.35, given, "loss < 0.35", losses[-1])
