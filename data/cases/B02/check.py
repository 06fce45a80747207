import torch
import torch.nn.functional as F

from gradboard_check import check, close, holds, person, value

NAMES = ("hidden.weight", "hidden.bias", "head.weight", "head.bias")


def predictions(weights, x):
    return F.linear(torch.tanh(F.linear(x, weights[0], weights[1])), weights[2], weights[3]).squeeze(1)


def weights_of(model):
    state = value(model.state_dict())
    return [state[name].clone().requires_grad_() for name in NAMES]


@check("one-error-a-sample")
def one_error_a_sample():
    for n in (1, 2, 7):
        model, x, y = person.Net(), torch.randn(n, 3), torch.randn(n)
        expected = (predictions(weights_of(model), x) - y).detach() ** 2
        got = value(person.squared_errors(model, x, y))
        given = {"predictions": predictions(weights_of(model), x).detach(), "targets": y}
        holds(got.numel() == n, given, f"{n} squared errors", list(got.shape))
        close(got.flatten(), expected, given, 1e-4)


@check("perfect")
def perfect():
    model, x = person.Net(), 2 * torch.randn(6, 3)
    right = predictions(weights_of(model), x).detach()
    got = value(person.squared_errors(model, x, right).mean())
    holds(float(got) < 1e-8, {"predictions": right, "targets": right}, 0.0, got)


@check("gradient")
def gradient():
    model, x, y = person.Net(), torch.randn(5, 3), torch.randn(5)
    weights = weights_of(model)
    expected = torch.autograd.grad(((predictions(weights, x) - y) ** 2).mean(), weights)
    person.squared_errors(model, x, y).mean().backward()
    close(model.head.weight.grad, expected[2], {"samples": 5, "gradient of": "head.weight"}, 1e-4)
    close(model.hidden.weight.grad, expected[0], {"samples": 5, "gradient of": "hidden.weight"}, 1e-4)


@check("learns")
def learns():
    model = person.Net()
    person.train(model, *value(person.make_data(512, 51)), 40)
    score = person.r_squared(model, *value(person.make_data(256, 52)))
    holds(score >= 0.95, given={"epochs": 40, "new samples": 256}, expected="R squared >= 0.95", got=score)
