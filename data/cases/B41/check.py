import math

import torch

from gradboard_check import check, close, equal, holds, person, value


def batches(n, size=4):
    return [(torch.randint(20, (size, 10)), torch.randint(4, (size,))) for _ in range(n)]


def planned(n, lr, warmup):
    return torch.tensor([lr * min(k / warmup, math.sqrt(warmup / k)) for k in range(1, n + 1)])


@check("rates")
def rates():
    for epochs, n, lr, warmup in ((2, 5, 0.01, 4), (3, 1, 0.002, 10), (1, 12, 0.005, 6), (4, 3, 0.01, 1)):
        given = {"epochs": epochs, "batches": n, "lr": lr, "warmup": warmup}
        losses, got = value(person.train(person.Reader(), batches(n), epochs, lr, warmup))
        equal((len(losses), len(got)), (epochs * n, epochs * n), given)
        close(torch.tensor(got) / lr, planned(epochs * n, lr, warmup) / lr, given, 1e-4)


@check("first-steps")
def first_steps():
    for warmup in (2, 20):
        model = person.Reader()
        before = value(model.state_dict())
        person.train(model, batches(1), 2, 0.01, warmup)
        after = value(model.state_dict())
        moved = float((after["head.weight"] - before["head.weight"]).abs().max())
        bound = float(planned(2, 0.01, warmup).sum())
        given = {"batches": 1, "epochs": 2, "lr": 0.01, "warmup": warmup}
        holds(0.4 * bound < moved < 1.2 * bound, given, f"Adam moves weights by up to {bound:.4f}", moved)


@check("learns")
def learns():
    words, key = value(person.make_data(512, 71))
    model = person.Reader()
    person.train(model, [(words[i:i + 32], key[i:i + 32]) for i in range(0, 512, 32)], 10, 0.005, 80)
    score = person.accuracy(model, *value(person.make_data(300, 72)))
    holds(score >= 0.95, {"steps": 160, "warmup": 80, "new sequences": 300}, "accuracy >= 0.95", score)
