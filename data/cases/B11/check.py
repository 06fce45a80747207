import torch

from gradboard_check import check, close, equal, holds, person, torch_there, value


def least_distance(rows):
    distance = (rows.unsqueeze(0) - rows.unsqueeze(1)).norm(dim=2)
    return float((distance + 1e9 * torch.eye(len(rows))).min())


def several():
    """Fresh models: the program's, and others that set_up is to serve as well."""
    nn = torch_there().nn
    return (person.Net(), person.set_up(nn.Sequential(nn.Linear(400, 30), nn.Tanh(), nn.Linear(30, 5))), person.set_up(nn.Linear(16, 100)))


@check("no-two-alike")
def no_two_alike():
    for model in several():
        for name, p in model.named_parameters():
            weight = value(p)
            if weight.dim() > 1:
                given = {"weight": name, "sizes": weight.shape, "rows": weight[:4]}
                least = least_distance(weight)
                holds(least > 1e-4, given, "no two rows alike", {"least distance of two": least})
                spread = float((weight.std(dim=0) * weight.shape[1] ** 0.5).mean())
                holds(spread > 0.12, given, "within a column values are spread by about 1/√fan-in", {"spread times √fan-in": spread})


@check("scale")
def scale():
    for model in several():
        for name, p in model.named_parameters():
            weight = value(p)
            if weight.dim() > 1:
                rms = float((weight ** 2).mean().sqrt() * weight.shape[1] ** 0.5)
                holds(0.2 <= rms <= 2.0, {"weight": name, "sizes": weight.shape}, "a root mean square of 0.2 to 2 times 1/√fan-in", rms)
            else:
                close(weight, torch.zeros(weight.shape), {"bias": name}, 0)


@check("another-every-time")
def another_every_time():
    first, second = (value(person.Net().state_dict())["second.weight"] for _ in range(2))
    holds(float((first - second).abs().max()) > 1e-3, {"models": "two, one after the other"}, "different first values", first[:2])


@check("learns")
def learns():
    model = person.Net()
    person.train(model, *value(person.make_data(640, 61)), 12)
    rows = value(model.first.weight.detach().clone())
    holds(least_distance(rows) > 1e-4, {"epochs": 12}, "64 different units", {"least distance of two": least_distance(rows)})
    score = person.accuracy(model, *value(person.make_data(400, 62)))
    holds(score >= 0.93, {"epochs": 12, "new points": 400}, "accuracy >= 0.93", score)
