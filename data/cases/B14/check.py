import torch

from gradboard_check import check, close, equal, holds, person, put, value


def named(model):
    return {name: parameter for name, parameter in model.named_parameters()}


@check("what-it-holds")
def what_it_holds():
    for kinds in (3, 5, 8):
        model = person.Net()
        optimizer = person.adapt(model, kinds, 0.1)
        for number, p in enumerate(named(model).values()):
            p.data.fill_(float(number))
        held = [p for group in optimizer.param_groups for p in group["params"]]
        got = sorted((tuple(p.shape), float(value(p.detach().reshape(-1)[0]))) for p in held)
        expected = sorted((tuple(p.shape), float(number)) for number, p in enumerate(named(model).values()) if p.requires_grad)
        equal(got, expected, {"kinds": kinds, "numbers": "each parameter filled with its own", "parameters": "sizes and number of those in the optimizer"})


@check("frozen-body")
def frozen_body():
    model = person.Net()
    before = value(model.state_dict())
    optimizer = person.adapt(model, 3, 0.1)
    equal([n for n, p in named(model).items() if p.requires_grad], ["head.weight", "head.bias"], {"parameters": "that require a gradient"})
    person.train(model, optimizer, torch.randn(64, 25), torch.randint(3, (64,)), 2)
    for name, p in value(model.state_dict()).items():
        if name.startswith("body"):
            close(p, before[name], {"parameter": name, "then": "four steps of training"}, 0)


@check("steps")
def steps():
    for kinds, lr in ((3, 0.1), (6, 0.02)):
        model = person.Net()
        optimizer = person.adapt(model, kinds, lr)
        for name in ("weight", "bias"):
            equal(tuple(value(getattr(model.head, name)).shape), (kinds, 32)[:2 if name == "weight" else 1], {"kinds": kinds, "head": name})
        before = {name: value(p.detach().clone()) for name, p in named(model).items()}
        moved = 0.0
        for step in range(3):
            for name in ("head.weight", "head.bias"):
                named(model)[name].grad = put(torch.ones(before[name].shape))
            optimizer.step()
            moved += lr * sum(0.9 ** i for i in range(step + 1))
        for name in ("head.weight", "head.bias"):
            given = {"parameter": name, "gradient": 1, "steps": 3, "lr": lr, "momentum": 0.9}
            close(named(model)[name].detach(), before[name] - moved, given, 1e-5)


@check("zeroed")
def zeroed():
    model = person.Net()
    optimizer = person.adapt(model, 3, 0.0)
    x, y = torch.randn(32, 25), torch.randint(3, (32,))
    norms = []
    for _ in range(2):
        person.train(model, optimizer, x, y, 1)
        norms.append(float(value(model.head.weight.grad).norm()))
    close(norms[1], norms[0], {"same batch": "twice", "lr": 0, "norm of": "the head's gradient"}, 1e-4)


@check("learns")
def learns():
    model = person.Net()
    x, y = value(person.make_data(384, 41, True))
    optimizer = person.adapt(model, 3, 0.05)
    person.train(model, optimizer, x, y, 6)
    score = person.accuracy(model, *value(person.make_data(300, 42, True)))
    holds(score >= 0.9, {"body": "at random, frozen", "epochs": 6, "new patterns": 300}, "accuracy >= 0.9", score)
