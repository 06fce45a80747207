import torch

from gradboard_check import check, close, equal, holds, person, value

SIZES = sorted([(32, 1), (32,), (32, 32), (32,), (32, 32), (32,), (32, 32), (32,), (1, 32), (1,)])


@check("registered")
def registered():
    model = person.Net()
    got = sorted(tuple(value(p).shape) for _, p in model.named_parameters())
    equal(got, SIZES, given={"named_parameters": [name for name, _ in model.named_parameters()]})


@check("all-move")
def all_move():
    model = person.Net()
    before = value(model.state_dict())
    person.train(model, *value(person.make_data(64, 31)), 1)
    after = value(model.state_dict())
    still = [name for name in before if torch.equal(before[name], after[name])]
    holds(not still, given={"steps": 1}, expected="every parameter moves", got=still)


@check("round-trip")
def round_trip():
    model, other, x = person.Net(), person.Net(), torch.linspace(-2, 2, 9).reshape(9, 1)
    person.train(model, *value(person.make_data(64, 32)), 5)
    other.load_state_dict(model.state_dict())
    close(other(x), value(model(x)), {"x": x, "state_dict": list(value(model.state_dict()))})


@check("learns")
def learns():
    x, y = value(person.make_data(256, 33))
    model = person.Net()
    loss = person.train(model, x, y, 250)
    holds(loss < 0.02, given={"steps": 250}, expected="loss < 0.02", got=loss)
    x, y = value(person.make_data(128, 34))
    loss = float(((value(model(x)) - y) ** 2).mean())
    holds(loss < 0.05, given={"new points": 128}, expected="loss < 0.05", got=loss)
