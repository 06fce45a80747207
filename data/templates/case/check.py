import torch

from gradboard_check import check, close, holds, person, torch_there, value


@check("learns")
def learns():
    x, y = value(person.make_data(100, 21))
    loss = person.train(torch_there().nn.Linear(2, 1), x, y, 100)
    holds(loss < 1e-3, given={"steps": 100}, expected="loss < 0.001", got=loss)
