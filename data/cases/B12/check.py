import torch
import torch.nn.functional as F

from gradboard_check import check, close, equal, holds, person, value

NAMES = ("hidden.weight", "hidden.bias", "head.weight", "head.bias")


def batches(n, size=8):
    return [(torch.randn(size, 2), torch.randint(3, (size,))) for _ in range(n)]


def declared(epochs, n, lr, every, factor):
    return [lr * factor ** (epoch // every) for epoch in range(epochs) for _ in range(n)]


def reference(state, steps, rates):
    """Weights after SGD with momentum 0.9 and the learning rate of each step."""
    weights = [state[name].clone().requires_grad_() for name in NAMES]
    speeds = [torch.zeros_like(weight) for weight in weights]
    for (x, y), rate in zip(steps, rates):
        scores = F.linear(F.relu(F.linear(x, weights[0], weights[1])), weights[2], weights[3])
        gradients = torch.autograd.grad(F.cross_entropy(scores, y), weights)
        with torch.no_grad():
            for weight, speed, gradient in zip(weights, speeds, gradients):
                speed.mul_(0.9).add_(gradient)
                weight -= rate * speed
    return [weight.detach() for weight in weights]


@check("rates")
def rates():
    for epochs, n, every, factor in ((6, 5, 2, 0.1), (4, 3, 1, 0.5), (5, 1, 3, 0.1)):
        given = {"epochs": epochs, "batches": n, "lr": 0.2, "every": every, "factor": factor}
        _, got = value(person.train(person.Net(), batches(n), epochs, 0.2, every, factor))
        equal(len(got), epochs * n, given)
        close(torch.tensor(got).log10(), torch.tensor(declared(epochs, n, 0.2, every, factor)).log10(), given, 1e-3)


@check("steps")
def steps():
    for epochs, n, every, factor in ((3, 4, 1, 0.5), (4, 2, 2, 0.1), (2, 3, 5, 0.1)):
        model, several = person.Net(), batches(n)
        expected = reference(value(model.state_dict()), several * epochs, declared(epochs, n, 0.1, every, factor))
        person.train(model, several, epochs, 0.1, every, factor)
        got = value(model.state_dict())
        for name, weight in zip(NAMES, expected):
            given = {"epochs": epochs, "batches": n, "lr": 0.1, "every": every, "factor": factor, "weights": name}
            close(got[name], weight, given, 1e-4)


@check("learns")
def learns():
    x, y = value(person.make_data(768, 31))
    model = person.Net()
    person.train(model, [(x[i:i + 64], y[i:i + 64]) for i in range(0, 768, 64)], 18, 0.2, 8)
    score = person.accuracy(model, *value(person.make_data(500, 32)))
    holds(score >= 0.93, {"epochs": 18, "new points": 500}, "accuracy >= 0.93", score)
