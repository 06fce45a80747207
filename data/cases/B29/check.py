import math

import torch

from gradboard_check import check, close, holds, person, put, value


@check("values")
def values():
    for x in (torch.rand(6) * 9, torch.tensor([1e-8, 1e-4, 0.25, 4e6]), torch.tensor([0.0, -1.0, -4e3, 2.25, -0.0])):
        close(person.root(x), x.clamp(min=0).sqrt(), {"x": x}, 1e-6)


@check("finite-gradient")
def finite_gradient():
    for x in (torch.zeros(3), torch.tensor([-2.0, 0.0, 3.0]), torch.tensor([0.0, 1.0, 4.0])):
        leaf = put(x, True)
        person.root(leaf).sum().backward()
        got = value(leaf.grad)
        holds(bool(got.isfinite().all()), {"x": x}, "finite gradients", got)
        close(got[x < 0], torch.zeros(int((x < 0).sum())), {"x": x, "where": "x < 0"}, 1e-6)


@check("slope")
def slope():
    x = torch.cat([torch.rand(5) * 4 + 0.01, torch.zeros(2), torch.tensor([1e-4, 100.0])])
    leaf = put(x, True)
    person.root(leaf).sum().backward()
    positive = x > 0
    close(value(leaf.grad)[positive], 0.5 / x[positive].sqrt(), {"x": x, "where": "x > 0"}, 1e-4)


@check("a-place-with-itself")
def a_place_with_itself():
    model = person.Map()
    pairs = torch.tensor([[0, 1], [2, 2], [3, 0]])
    model(pairs).pow(2).sum().backward()
    got = value(model.places.grad)
    holds(bool(got.isfinite().all()), {"pairs": pairs}, "finite gradients", got[:4])
    close(got[2], torch.zeros(2), {"pairs": pairs, "place": 2}, 1e-6)


@check("learns")
def learns():
    pairs, distances = value(person.make_data(512, 12))
    model = person.Map()
    losses = person.train(model, pairs, distances, 12)
    holds(bool(value(model.places).isfinite().all()), {"epochs": 12}, "places that are numbers", model.places)
    last = sum(losses[-32:]) / 32
    holds(math.isfinite(last) and last < 1.5, {"epochs": 12}, "a loss below 1.5 in the last epoch", last)
