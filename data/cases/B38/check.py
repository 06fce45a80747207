import torch

from gradboard_check import check, close, equal, holds, person, value


def by_steps(model, tokens):
    cache, rows = None, []
    for t in range(tokens.shape[1]):
        scores, cache = person.step(model, tokens[:, t], cache)
        rows.append(value(scores))
    return torch.stack(rows, dim=1), cache


@check("scores")
def scores():
    for n, t in ((1, 1), (2, 5), (3, 12)):
        model, tokens = person.Decoder(), torch.randint(12, (n, t))
        got, _ = by_steps(model, tokens)
        close(got, value(model(tokens)), {"tokens": tokens[0], "step by step": "against the whole sequence"}, 1e-4)


@check("cache")
def cache():
    model, tokens = person.Decoder(), torch.randint(12, (2, 7))
    _, kept = by_steps(model, tokens)
    equal([tuple(value(part).shape) for part in kept], [(2, 7, 48)] * 2, {"tokens": 7, "sizes of": "keys and values"})
    x = value(model.embed(tokens)) + value(model.place.weight)[:7]
    close(kept[0], value(model.key(x)), {"tokens": tokens[0], "cache": "keys"}, 1e-4)
    close(kept[1], value(model.value(x)), {"tokens": tokens[0], "cache": "values"}, 1e-4)


@check("same-words")
def same_words():
    model = person.Decoder()
    person.train(model, value(person.make_data(512, 81)), 10)
    tokens = value(person.make_data(60, 82))
    quick, slow = (value(f(model, tokens[:, :6], 6)) for f in (person.generate, person.generate_slowly))
    equal(quick, slow, {"word": tokens[0, :6], "said": "with a cache, against without"})
    right = float((quick == tokens).float().mean())
    holds(right >= 0.9, {"epochs": 10, "words": 60}, "90 % of the letters are right", right)
