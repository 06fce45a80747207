import math

import torch

from gradboard_check import check, close, holds, person, put, value

PAD = 0


def notes(lengths, t=6):
    words = torch.randint(1, 30, (len(lengths), t))
    words[torch.arange(t) >= torch.tensor(lengths).unsqueeze(1)] = PAD
    return words


def expected_weights(scores, words):
    e = (scores - scores.amax(dim=1, keepdim=True)).exp() * (words != PAD)
    return e / e.sum(dim=1, keepdim=True).clamp(min=1e-30)


@check("weights")
def weights():
    for lengths in ([3, 6, 1], [0, 4, 0, 6], [0]):
        words = notes(lengths)
        for scale in (1.0, 30.0):
            scores = scale * torch.randn(words.shape)
            close(person.word_weights(scores, words), expected_weights(scores, words), {"words": words, "scores": scores}, 1e-5)


@check("gradient")
def gradient():
    for lengths in ([0, 3, 6], [0]):
        words = notes(lengths)
        scores, factors = torch.randn(words.shape), torch.randn(words.shape)
        leaf = put(scores, True)
        person.word_weights(leaf, words).mul(factors).sum().backward()
        p = expected_weights(scores, words)
        expected = p * (factors - (p * factors).sum(dim=1, keepdim=True))
        close(leaf.grad, expected, {"words": words, "scores": scores, "gradient of": "the scores"}, 1e-5)


@check("model")
def model():
    judge, words = person.Judge(), notes([0, 4, 6, 0])
    out = judge(words)
    close(value(out)[0], value(out)[3], {"notes": "two empty ones", "words": words}, 1e-6)
    out.pow(2).sum().backward()
    for name, p in judge.named_parameters():
        grad = value(p.grad)
        holds(grad is not None and bool(grad.isfinite().all()), {"words": words, "gradient of": name}, "finite", grad)


@check("learns")
def learns():
    judge = person.Judge()
    losses = value(person.train(judge, *value(person.make_data(512, 91, 0.1)), 6))
    holds(all(math.isfinite(loss) for loss in losses), {"empty notes": "10 %", "epochs": 6}, "finite losses", losses[:8])
    score = person.accuracy(judge, *value(person.make_data(300, 92, 0.1)))
    holds(score >= 0.85, {"empty notes": "10 %", "epochs": 6, "new notes": 300}, "accuracy >= 0.85", score)
