import torch
import torch.nn as nn
import torch.nn.functional as F

from gradboard_check import check, close, holds, person, value


def batches(n, size=16):
    return [(torch.randn(size, 2), torch.randint(4, (size,))) for _ in range(n)]


def reference(state, steps, lr):
    """Weights after plain SGD on each batch's own gradient."""
    weights = [state[name].clone().requires_grad_() for name in ("hidden.weight", "hidden.bias", "head.weight", "head.bias")]
    for x, y in steps:
        scores = F.linear(torch.tanh(F.linear(x, weights[0], weights[1])), weights[2], weights[3])
        gradients = torch.autograd.grad(F.cross_entropy(scores, y), weights)
        with torch.no_grad():
            for weight, gradient in zip(weights, gradients):
                weight -= lr * gradient
    return weights


@check("one-batch-a-step")
def one_batch_a_step():
    for n in (1, 2, 5):
        model, steps = person.Net(), batches(n)
        state = value(model.state_dict())
        losses = person.train(model, steps, 0.2)
        expected = reference(state, steps, 0.2)
        got = value(model.state_dict())
        holds(len(losses) == n, given={"batches": n}, expected=n, got=len(losses))
        close(got["head.bias"], expected[3].detach(), {"batches": n, "lr": 0.2, "weights": "head.bias"}, 1e-4)
        close(got["hidden.weight"], expected[0].detach(), {"batches": n, "lr": 0.2, "weights": "hidden.weight"}, 1e-4)


@check("any-model")
def any_model():
    model, steps = person.Net(), batches(4)
    first = value(person.train(model, steps, 0.0))
    again = value(person.train(model, steps, 0.0))
    close(torch.tensor(again), torch.tensor(first), {"lr": 0.0, "batches": 4}, 1e-5)


@check("learns")
def learns():
    x, y = value(person.make_data(1024, 71))
    model = person.Net()
    person.train(model, [(x[i:i + 64], y[i:i + 64]) for _ in range(40) for i in range(0, 1024, 64)], 0.3)
    score = person.accuracy(model, *value(person.make_data(500, 72)))
    holds(score >= 0.9, given={"epochs": 40, "new points": 500}, expected="accuracy >= 0.9", got=score)
