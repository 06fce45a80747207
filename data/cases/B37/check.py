import torch

from gradboard_check import check, close, holds, person, value

PAD, HEADS = 0, 4


def sequences(lengths, t):
    words = torch.randint(1, 7, (len(lengths), t))
    words[torch.arange(t) >= torch.tensor(lengths).unsqueeze(1)] = PAD
    return words


@check("weights")
def weights():
    for lengths, t in (([3, 5, 8, 4], 8), ([6], 7), ([2, 4], 5), ([3, 3, 5, 1, 4, 2], 5), ([5, 5, 5, 5], 5)):
        words, scores = sequences(lengths, t), 2 * torch.randn(len(lengths), HEADS, t, t)
        e = (scores - scores.amax(dim=-1, keepdim=True)).exp() * (words != PAD).view(len(words), 1, 1, t)
        expected = e / e.sum(dim=-1, keepdim=True)
        close(person.attention_weights(scores, words), expected, {"words": words, "heads": HEADS}, 1e-5)


@check("alone")
def alone():
    reader, words = person.Reader(), sequences([4, 9, 3, 7, 10], 10)
    whole = {n: value(reader(words[:n])) for n in (2, 4, 5)}
    for nth in range(2):
        one = value(reader(words[nth:nth + 1]))[0]
        for n, scores in whole.items():
            close(scores[nth], one, {"words": words[nth], "in a batch of": n, "and": "alone"}, 1e-5)


@check("longer-batch")
def longer_batch():
    reader, words = person.Reader(), sequences([4, 6, 3, 5], 6)
    longer = torch.cat([words, torch.full((4, 3), PAD)], dim=1)
    close(reader(longer), value(reader(words)), {"words": words, "then": "the same with three more PAD each"}, 1e-5)


@check("learns")
def learns():
    reader = person.Reader()
    losses = value(person.train(reader, *value(person.make_data(640, 71)), 2))
    last = sum(losses[-64:]) / 64
    holds(last < 0.5, {"epochs": 2}, "a mean loss below 0.5 in the last 64 steps", last)
    for batch in (4, 50):
        score = person.accuracy(reader, *value(person.make_data(200, 72)), batch)
        holds(score >= 0.9, {"new sequences": 200, "in batches of": batch}, "accuracy >= 0.9", score)
