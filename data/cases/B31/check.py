import torch

from gradboard_check import check, close, holds, person, value

PAD, START = 0, 1


def sequences(lengths, t):
    words = torch.randint(2, 20, (len(lengths), t))
    words[:, 0] = START
    words[torch.arange(t) >= torch.tensor(lengths).unsqueeze(1)] = PAD
    return words


def softmax_over_real(scores, words):
    e = (scores - scores.max()).exp() * (words != PAD).unsqueeze(1)
    return e / e.sum(dim=-1, keepdim=True)


@check("pads-get-nothing")
def pads_get_nothing():
    words = sequences([5, 3, 7], 8)
    scores = 2 * torch.randn(3, 8, 8)
    weights = value(person.attention_weights(scores, words))
    real = words != PAD
    for n in range(3):
        rows = weights[n][real[n]]
        given = {"words": words[n], "scores of START": scores[n, 0]}
        close(rows[:, ~real[n]], torch.zeros(int(real[n].sum()), int((~real[n]).sum())), given, 1e-6)
        close(rows.sum(dim=1), torch.ones(len(rows)), given, 1e-5)


@check("among-words")
def among_words():
    for lengths, t in (([4, 6], 6), ([2, 9, 5], 9)):
        words, scores = sequences(lengths, t), 2 * torch.randn(len(lengths), t, t)
        weights = value(person.attention_weights(scores, words))
        expected = softmax_over_real(scores, words)
        for n in range(len(lengths)):
            real = words[n] != PAD
            close(weights[n][real], expected[n][real], {"words": words[n], "scores": scores[n]}, 1e-5)


@check("no-padding")
def no_padding():
    words, scores = sequences([6, 6], 6), torch.randn(2, 6, 6)
    close(person.attention_weights(scores, words), scores.softmax(dim=-1), {"words": words, "padding": "none"}, 1e-5)


@check("longer-batch")
def longer_batch():
    model, words = person.Reader(), sequences([5, 8, 2], 8)
    longer = torch.cat([words, torch.full((3, 4), PAD)], dim=1)
    expected = value(model(words))
    close(model(longer), expected, {"words": words, "then": "the same with four more PAD each"}, 1e-5)


@check("learns")
def learns():
    model = person.Reader()
    person.train(model, *value(person.make_data(384, 61)), 8)
    score = person.accuracy(model, *value(person.make_data(300, 62)))
    holds(score >= 0.95, {"epochs": 8, "new sequences": 300}, "accuracy >= 0.95", score)
