import torch

from gradboard_check import check, close, holds, person, put, torch_there, value


def named(model):
    return {name: parameter for name, parameter in model.named_parameters()}


def stepped(model, lr, decay, gradient):
    """The parameters before and after one step with this gradient everywhere."""
    optimizer, parameters = person.make_optimizer(model, lr, decay), named(model)
    before = {name: value(p.detach().clone()) for name, p in parameters.items()}
    for name, p in parameters.items():
        p.grad = put(torch.full(before[name].shape, gradient))
    optimizer.step()
    return before, {name: value(p.detach().clone()) for name, p in parameters.items()}


def spread(model):
    """Biases and gains away from 0, so that decay would be seen."""
    for p in model.parameters():
        if len(value(p).shape) < 2:
            p.data.add_(1.5)
    return model


def plain():
    nn = torch_there().nn
    return nn.Sequential(nn.Conv1d(3, 4, 3), nn.BatchNorm1d(4), nn.Flatten(), nn.Linear(8, 6), nn.LayerNorm(6), nn.Linear(6, 2))


@check("biases-and-gains")
def biases_and_gains():
    for model in (person.Forecaster(), plain()):
        before, after = stepped(spread(model), 0.1, 0.5, 0.0)
        for name, old in before.items():
            if old.dim() < 2:
                close(after[name], old, {"parameter": name, "gradient": 0, "lr": 0.1, "decay": 0.5}, 1e-6)


@check("weights")
def weights():
    for model in (person.Forecaster(), plain()):
        for decay in (0.5, 0.1):
            before, after = stepped(model, 0.1, decay, 0.0)
            for name, old in before.items():
                if old.dim() > 1:
                    close(after[name], (1 - 0.1 * decay) * old, {"parameter": name, "gradient": 0, "lr": 0.1, "decay": decay}, 1e-6)


@check("all-move")
def all_move():
    for model in (person.Forecaster(), plain()):
        before, after = stepped(model, 0.01, 0.0, 1.0)
        for name, old in before.items():
            close(after[name], old - 0.01, {"parameter": name, "gradient": 1, "lr": 0.01, "decay": 0}, 1e-4)


@check("learns")
def learns():
    model = person.Forecaster()
    person.train(model, *value(person.make_data(512, 91)), 24)
    error = person.error(model, *value(person.make_data(200, 92)))
    holds(error < 2.5, {"epochs": 24, "DECAY": 2.0}, "a mean absolute error below 2.5 degrees", error)
