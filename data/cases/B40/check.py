import math

import torch

from gradboard_check import check, close, holds, person, value

WIDTH = 32


def table(t):
    place, rate = torch.arange(t).unsqueeze(1), torch.exp(torch.arange(0, WIDTH, 2) * (-math.log(100.0) / WIDTH))
    rows = torch.zeros(t, WIDTH)
    rows[:, 0::2], rows[:, 1::2] = torch.sin(place * rate), torch.cos(place * rate)
    return rows


@check("added")
def added():
    for n, t in ((1, 5), (3, 7), (10, 10), (70, 4), (2, 64)):
        x = torch.randn(n, t, WIDTH)
        close(person.Positions()(x), x + table(t), {"sizes": x.shape}, 1e-5)


@check("place-in-batch")
def place_in_batch():
    model, words = person.Reader(), torch.randint(16, (5, 10))
    alone = torch.cat([value(model(words[i:i + 1])) for i in range(5)])
    close(model(words), alone, {"words": words, "in a batch of": 5, "and": "one by one"}, 1e-4)
    turned = words.flip(0)
    close(value(model(turned)).flip(0), alone, {"words": turned, "the same batch": "from the last to the first"}, 1e-4)


@check("order")
def order():
    model, words = person.Reader(), torch.arange(10).unsqueeze(0)
    moved = words.clone()
    moved[0, 3], moved[0, 7] = words[0, 7], words[0, 3]
    difference = float((value(model(words)) - value(model(moved))).abs().max())
    holds(difference > 1e-5, {"words": words[0], "two of them": "change places"}, "another output", {"difference": difference})


@check("learns")
def learns():
    model = person.Reader()
    person.train(model, *value(person.make_data(768, 61)), 10)
    score = person.accuracy(model, *value(person.make_data(256, 62)))
    holds(score >= 0.85, {"epochs": 10, "new sequences": 256}, "accuracy >= 0.85", score)
