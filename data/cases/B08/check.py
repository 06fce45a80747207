import torch

from gradboard_check import check, close, gradients, holds, person, put, value


@check("values")
def values():
    for x in (torch.randn(3, 5), torch.tensor([-20.0, 0.0, 20.0]), torch.randn(4, 6).t()):
        close(person.softplus(x), torch.log1p(x.double().exp()).float(), {"x": x}, 1e-5)


@check("input-untouched")
def input_untouched():
    x = torch.randn(6)
    there = put(x)
    person.softplus(there)
    close(there.clone(), x, {"x": x}, 0)


@check("backward")
def backward():
    x = torch.randn(2, 3, dtype=torch.float64)
    gradients(person.softplus, x)


@check("learns")
def learns():
    x, y = value(person.make_data(200, 61))
    model = person.Net()
    loss = person.train(model, x, y, 250)
    holds(loss < 0.2, given={"steps": 250}, expected="loss < 0.2", got=loss)
