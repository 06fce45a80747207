import torch

from gradboard_check import check, close, holds, person, value


@check("among-k")
def among_k():
    for n, k, shift in ((3, 3, 0.0), (2, 5, -8.0), (4, 1, 5.0), (1, 40, 0.0), (2, 2, -30.0)):
        scores = 3 * torch.randn(n, 40) + shift
        best = scores.topk(k, dim=1)
        expected = torch.zeros(n, 40).scatter(1, best.indices, best.values.softmax(dim=1))
        close(person.probabilities(scores, k, 1.0), expected, {"scores": scores[0], "k": k, "temperature": 1}, 1e-5)


@check("temperature")
def temperature():
    for k, heat in ((3, 0.5), (4, 2.0), (6, 5.0)):
        scores = 2 * torch.randn(3, 40) - 4
        best = scores.topk(k, dim=1)
        expected = torch.zeros(3, 40).scatter(1, best.indices, (best.values / heat).softmax(dim=1))
        close(person.probabilities(scores, k, heat), expected, {"scores": scores[0], "k": k, "temperature": heat}, 1e-5)


@check("speaks")
def speaks():
    model = person.Decoder()
    person.train(model, value(person.make_data(512, 51)), 9)
    start = torch.randint(40, (200, 1))
    said = value(person.speak(model, start, 11, 3, 1.0))
    step = (said[:, 1:] - 3 * said[:, :-1]) % 40
    share = float(((step >= 1) & (step <= 3)).float().mean())
    holds(share >= 0.985, {"epochs": 9, "k": 3, "sentences": 200}, "98.5 % of the words may follow the one before", share)
    used = [int((step == way).sum()) for way in (1, 2, 3)]
    holds(min(used) > 100, {"k": 3, "sentences": 200}, "all three ways to go on are used", used)
