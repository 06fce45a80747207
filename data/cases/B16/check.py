import torch
import torch.nn.functional as F

from gradboard_check import check, close, equal, holds, person, value


def fed(layer, n=6):
    """The layer after n batches in training, and the mean and mean square that it should have."""
    size = 3
    mean, square = torch.zeros(size), torch.ones(size)
    layer.train()
    for _ in range(n):
        x = 4 + 2 * torch.randn(16, size)
        layer(x)
        mean, square = mean + 0.1 * (x.mean(dim=0) - mean), square + 0.1 * ((x ** 2).mean(dim=0) - square)
    layer.eval()
    return layer, mean, (square - mean ** 2).clamp(min=1e-4).sqrt()


@check("values")
def values():
    layer, mean, deviation = fed(person.Standardise(3))
    x = 4 + 2 * torch.randn(5, 3)
    close(layer(x), (x - mean) / deviation, {"x": x, "batches before": 6}, 1e-4)
    close(layer(x[:1]), (x[:1] - mean) / deviation, {"x": x[:1], "batches before": 6, "alone": True}, 1e-4)
    again = value(layer(x))
    close(layer(x), again, {"x": x, "in": "evaluation, twice"}, 0)


@check("saved")
def saved():
    layer, mean, deviation = fed(person.Standardise(3))
    state = value(layer.state_dict())
    other = person.Standardise(3)
    other.load_state_dict(state)
    other.eval()
    x = 4 + 2 * torch.randn(5, 3)
    close(other(x), value(layer(x)), {"x": x, "state_dict": sorted(state), "loaded into": "a new one"}, 1e-6)
    layer.train()
    layer(9 + torch.randn(16, 3))
    close(other(x), (x - mean) / deviation, {"x": x, "then": "the first one trained on"}, 1e-4)


@check("no-parameter")
def no_parameter():
    layer = person.Standardise(3)
    equal(sorted(name for name, _ in layer.named_parameters()), [], {"parameters": "of Standardise"})
    equal(len([p for p in person.make_model().parameters()]), 4, {"parameters": "of the model"})


@check("converted")
def converted():
    layer, mean, deviation = fed(person.Standardise(3))
    layer.double()
    x = 4 + 2 * torch.randn(5, 3, dtype=torch.float64)
    y = value(layer(x))
    equal(str(y.dtype), "torch.float64", {"call": ".double()", "x": "float64"})
    close(y, (x - mean) / deviation, {"x": x, "call": ".double()"}, 1e-4)
    kinds = {str(t.dtype) for t in value(layer.state_dict()).values() if isinstance(t, torch.Tensor) and t.is_floating_point()}
    equal(sorted(kinds), ["torch.float64"], {"call": ".double()", "dtypes": "in the state_dict"})


@check("whole")
def whole():
    model = person.make_model()
    person.train(model, *value(person.make_data(512, 51)), 6)
    x, y = value(person.make_data(200, 52))
    before = person.error(model, x, y)
    loaded = person.load(person.save(model))
    close(person.error(loaded, x, y), before, {"epochs": 6, "error": "of the loaded model"}, 1e-5)
