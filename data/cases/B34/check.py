import torch

from gradboard_check import check, close, holds, person, value


def row_softmax(scores):
    t = scores.shape[-1]
    e = (scores - scores.amax(dim=-1, keepdim=True)).exp() * torch.ones(t, t).tril()
    return e / e.sum(dim=-1, keepdim=True)


@check("rows")
def rows():
    for n, t in ((1, 4), (2, 6), (3, 3), (1, 1)):
        scores = 2 * torch.randn(n, t, t)
        weights = value(person.causal_weights(scores))
        close(weights.sum(dim=-1), torch.ones(n, t), {"scores": scores[0], "sums": "of the rows"}, 1e-5)
        close(weights.triu(1), torch.zeros(n, t, t), {"scores": scores[0], "weights": "of later positions"}, 1e-6)


@check("values")
def values():
    for n, t, scale in ((1, 3, 1.0), (2, 5, 3.0), (4, 4, 30.0)):
        scores = scale * torch.randn(n, t, t)
        close(person.causal_weights(scores), row_softmax(scores), {"scores": scores[0]}, 1e-5)


@check("no-future")
def no_future():
    model, tokens = person.Decoder(), torch.randint(10, (2, 9))
    whole = value(model(tokens))
    for t in (1, 4, 8):
        changed = tokens.clone()
        changed[:, t:] = (changed[:, t:] + 3) % 10
        given = {"tokens": tokens[0], "changed from position": t, "scores": "of the positions before"}
        close(value(model(changed))[:, :t], whole[:, :t], given, 1e-4)
        close(model(tokens[:, :t]), whole[:, :t], {**given, "changed from position": "cut off there"}, 1e-4)


@check("no-other-sequence")
def no_other_sequence():
    model, tokens = person.Decoder(), torch.randint(10, (3, 7))
    close(value(model(tokens))[1:2], value(model(tokens[1:2])), {"tokens": tokens, "sequence": 1, "then": "alone"}, 1e-4)


@check("in-use")
def in_use():
    model = person.Decoder()
    person.train(model, value(person.make_data(1024, 81)), 12)
    new = value(person.make_data(100, 82))
    said = value(person.generate(model, new[:, :5], 5))
    right = (said[:, 5:] == new[:, 5:]).float().mean().item()
    holds(right >= 0.9, {"epochs": 12, "word": new[0, :5]}, "90 % of the letters of 100 new words said backwards", {"share": right, "said": said[0, 5:]})
