import math

import torch

from gradboard_check import check, holds, person, value

NAMES = ("entry.weight", "entry.bias", "recur.weight", "head.weight", "head.bias")


def batches_of(seed, epochs):
    x, y = value(person.make_data(640, seed))
    return [(x[i:i + 32], y[i:i + 32]) for _ in range(epochs) for i in range(0, 640, 32)]


def trained(seed, epochs):
    model = person.Memory()
    return model, value(person.train(model, batches_of(seed, epochs)))


@check("finite")
def finite():
    model, losses = trained(int(torch.randint(1000, (1,))) + 100, epochs=2)
    bad = [nth for nth, loss in enumerate(losses, 1) if not math.isfinite(loss)]
    holds(not bad and len(losses) == 40, {"steps": 40}, "40 finite losses", {"not finite at step": bad[:5], "losses": len(losses)})
    for name, weight in value(model.state_dict()).items():
        holds(bool(weight.isfinite().all()), {"steps": 40, "weights": name}, "finite", weight)


@check("bounded-step")
def bounded_step():
    for scale in (1, 10, 100):
        model = person.Memory()
        x, y = value(person.make_data(32, 200 + scale))
        before = value(model.state_dict())
        person.train(model, [(scale * x, y)])
        after = value(model.state_dict())
        length = math.sqrt(sum(float(((after[name] - before[name]) ** 2).sum()) for name in NAMES))
        holds(length <= 0.1, {"steps": 1, "inputs": f"{scale} times as large"}, "all weights together move by 0.1 at most", length)


@check("remembers")
def remembers():
    # One net in six has not got there after 100 steps, so there are three tries.
    scores = []
    while len(scores) < 3 and max(scores, default=0) < 0.9:
        model, losses = trained(300, epochs=5)
        if not math.isfinite(losses[-1]):
            holds(False, {"steps": 100}, "finite losses", losses[:5])
        scores.append(person.accuracy(model, *value(person.make_data(300, 301))))
    holds(max(scores) >= 0.9, {"steps": 100, "new sequences": 300, "nets": 3}, "accuracy >= 0.9 of the best", scores)
